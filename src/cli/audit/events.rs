//! `audit events`, `audit summary` and `audit export`.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::args::audit::{EventsArgs, ExportEventsArgs, ExportFormat};
use super::super::context::Context;
use super::super::exit::{CliError, Exit};
use super::super::streams::open_output;
use crate::audit::AuditError;
use crate::audit::events::{Event, Format, Writer};
use crate::audit::reconcile::line_status::{
    InspectedRow, Inspection, RowState, Stated, inspect, line_status,
};
use crate::audit::seal::SealError;
use crate::cli::input::Moment;
use crate::domain::display::{safe_line, safe_text};
use crate::domain::{EventFilter, PeopleNames};
use crate::store::audit::EVENTS_PER_PAGE;

/// The most characters of an event in a table.
const WORDS_CHARS_MAX: usize = 100;

pub(super) async fn events(context: &Context, args: EventsArgs) -> Result<Exit, CliError> {
    let filter = EventFilter {
        login: args.login,
        classes: args.class.iter().map(|class| class.to_uppercase()).collect(),
        object: args.object,
        host: args.host,
        session: args.session,
        text: args.text,
        since: args.since.and_then(Moment::start),
        until: args.until.and_then(Moment::end),
        logins_only: args.logins,
        errors_only: args.errors,
        limit: Some(args.limit),
        ..EventFilter::default()
    };
    let store = context.store()?;
    let rows = store.audit_events(&filter).await?;
    let events = line_status(&store, &rows).await.map_err(AuditError::from)?;
    let people = context.people().await?;
    let headers = ["line", "logged at", "login", "host", "database", "class", "what", "verdict"];
    context.output.list(&events, &headers, |seen| {
        let event = &seen.event;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![
            event.line_no.to_string(),
            event
                .logged_at
                .map(|time| time.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string())
                .unwrap_or_default(),
            event.login.as_ref().map(|login| people.with_login(login)).unwrap_or_default(),
            text(&event.host),
            text(&event.database),
            text(&event.class),
            event.words().chars().take(WORDS_CHARS_MAX).collect(),
            seen.line_status.words().to_owned(),
        ]
    })?;
    Ok(Exit::Done)
}

pub(super) async fn record(context: &Context, line_no: u64) -> Result<Exit, CliError> {
    let Some(shown) = inspect(&context.store()?, line_no).await.map_err(AuditError::from)? else {
        let missing = format!("log entry {line_no} does not exist, or its month was pruned");
        return Err(AuditError::from(SealError::Missing(missing)).into());
    };
    let people = context.people().await?;
    context.output.result(&shown, || record_words(&shown, &people))?;
    Ok(Exit::Done)
}

fn record_words(shown: &Inspection, people: &PeopleNames) -> String {
    let event = &shown.seen.event;
    let moment = |time: Timestamp| time.to_string();
    let numbered = |(place, value): (usize, &String)| format!("${} {value}", place + 1);
    let values = event
        .parameters
        .as_ref()
        .map(|all| all.iter().enumerate().map(numbered).collect::<Vec<_>>().join("\n"));
    let fields = [
        ("verdict", Some(shown.seen.line_status.words().to_owned()).filter(|words| !words.is_empty())),
        ("logged at", event.logged_at.map(moment)),
        ("login", event.login.as_ref().map(|login| people.with_login(login))),
        ("host", event.host.clone()),
        ("program", event.program.clone()),
        ("database", event.database.clone()),
        ("session", event.session.clone()),
        ("severity", event.severity.clone()),
        ("class", event.class.clone()),
        ("command", event.command.clone()),
        ("object", event.object.clone()),
        ("message", event.message.clone()),
        ("statement", event.statement.clone()),
        ("values", values),
        ("collected", Some(moment(event.collected_at))),
    ];
    let mut lines: Vec<String> = fields
        .into_iter()
        .filter_map(|(name, value)| {
            // A line break within a value is indented, so that it cannot pass for a line of the program's output.
            Some(format!("{name:<12}{}", safe_text(&value?).replace('\n', &format!("\n{:12}", ""))))
        })
        .collect();
    lines.extend(shown.rows.iter().flat_map(row_words));
    lines.join("\n")
}

/// Compares a record with its row, field by field; differences are marked.
fn row_words(row: &InspectedRow) -> Vec<String> {
    let state = row.state.map_or("the record cannot be read", RowState::words);
    let mut lines = vec![String::new(), format!("movement {}: {state}", row.id)];
    let fields = |stated: &Option<Stated>| match serde_json::to_value(stated) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (recorded, booked) = (fields(&row.recorded), fields(&row.booked));
    lines.push(format!("  {:<12}  {:<38}  ledger", "", "audit record"));
    let known = if recorded.is_empty() { &booked } else { &recorded };
    for name in known.keys() {
        let text = |side: &serde_json::Map<String, serde_json::Value>| match side.get(name) {
            None => "-".to_owned(),
            Some(serde_json::Value::Null) => String::new(),
            Some(serde_json::Value::String(text)) => safe_line(text).into_owned(),
            Some(other) => other.to_string(),
        };
        let (left, right) = (text(&recorded), text(&booked));
        if !left.is_empty() || !right.is_empty() {
            let mark = if left == right { ' ' } else { '≠' };
            lines.push(format!("{mark} {name:<12}  {left:<38}  {right}"));
        }
    }
    lines
}

pub(super) async fn summary(context: &Context, since: Option<Moment>) -> Result<Exit, CliError> {
    let sums = context.store()?.audit_summary(since.and_then(Moment::start), &TimeZone::system()).await?;
    let people = context.people().await?;
    let headers = ["day", "login", "class", "command", "object", "records"];
    context.output.list(&sums, &headers, |sum| {
        vec![
            sum.day.to_string(),
            people.with_login(&sum.login),
            sum.class.clone(),
            sum.command.clone(),
            sum.object.clone(),
            sum.records.to_string(),
        ]
    })?;
    Ok(Exit::Done)
}

pub(super) async fn export(context: &Context, args: ExportEventsArgs) -> Result<Exit, CliError> {
    let format = match (args.format, args.file.as_deref().and_then(Path::extension)) {
        (Some(ExportFormat::Csv), _) => Format::Csv,
        (None, Some(ending)) if ending == "csv" => Format::Csv,
        _ => Format::JsonLines,
    };
    let mut writer = Writer::new(format, args.raw, open_output(args.file.as_deref())?)?;
    let store = context.store()?;
    let since = args.since.and_then(Moment::start);
    let (mut from, mut written) = (0, 0_u64);
    loop {
        let rows = store.audit_page(from, since).await?;
        for row in &rows {
            writer.write(&Event::of(row))?;
            from = row.line_no + 1;
        }
        written += rows.len() as u64;
        if rows.len() < EVENTS_PER_PAGE {
            break;
        }
    }
    match writer.finish() {
        // The reader has closed the pipe, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        outcome => outcome?,
    }
    context.output.notice(&format!("exported {written} log entries"));
    Ok(Exit::Done)
}
