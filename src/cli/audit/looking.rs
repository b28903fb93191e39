//! `audit events`, `audit summary` and `audit export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::tz::TimeZone;

use super::super::{CliError, Context, Exit};
use super::args::{EventsArgs, ExportEventsArgs, ExportFormat};
use crate::audit::AuditError;
use crate::audit::events::{Event, Format, Writer};
use crate::audit::reconcile::glance::glance;
use crate::cli::input::Moment;
use crate::store::audit::{EVENTS_PER_PAGE, EventFilter};

/// How much of an event is shown in a table.
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
    let events = glance(&store, &rows).await.map_err(AuditError::from)?;
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
            text(&event.login),
            text(&event.host),
            text(&event.database),
            text(&event.class),
            event.words().replace('\n', " ").chars().take(WORDS_CHARS_MAX).collect(),
            seen.glance.words().to_owned(),
        ]
    })?;
    Ok(Exit::Done)
}

pub(super) async fn summary(context: &Context, since: Option<Moment>) -> Result<Exit, CliError> {
    let sums = context.store()?.audit_summary(since.and_then(Moment::start), &TimeZone::system()).await?;
    let headers = ["day", "login", "class", "command", "object", "records"];
    context.output.list(&sums, &headers, |sum| {
        vec![
            sum.day.to_string(),
            sum.login.clone(),
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
    let to: Box<dyn Write> = match &args.file {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout())),
    };
    let mut writer = Writer::new(format, to)?;
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
        // The reader has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        outcome => outcome?,
    }
    context.output.notice(&format!("exported {written} lines of the log"));
    Ok(Exit::Done)
}
