//! The lists of the audit, with their columns and rows.

use std::collections::HashMap;

use jiff::Timestamp;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::draw::style;
use super::findings::{Group, Row};
use crate::audit::events::Event;
use crate::audit::findings::causes::Cause;
use crate::audit::findings::{Severity, Verdict};
use crate::audit::reconcile::line_status::{LineStatus, RowState, Seen};
use crate::domain::display::safe_line;
use crate::domain::{CheckFinding, CheckSeverity, DaySum};
use crate::tui::text::audit::{self, AuditText};
use crate::tui::view::{Canvas, Severity as Sign, sign};
use crate::tui::widgets::List;
use crate::tui::widgets::table::{Cell, Column, lines_in};

/// The width from which on names have more room.
const WIDE_MIN: u16 = 120;
/// How the message about a successful login begins, in the server's words.
const AUTHORIZED: [&str; 2] = ["connection authorized: ", "replication connection authorized: "];
/// How the message about the end of a session begins.
const DISCONNECTION: &str = "disconnection: session time: ";
/// The most characters of a text in a cell; no screen is wider, and statements can be long.
const CELL_CHARS_MAX: usize = 400;

/// The findings of the last verification about single lines.
#[derive(Clone, Copy)]
pub(super) struct Analysed<'a>(pub &'a HashMap<u64, (Severity, Verdict)>);

/// The sign for the severity of a finding.
pub(super) fn severity_of(severity: Severity) -> Sign {
    match severity {
        Severity::Alarm => Sign::Bad,
        Severity::Accepted => Sign::Note,
        Severity::Notice => Sign::Warning,
    }
}

/// The sign for the status of a line.
pub(super) fn severity(line_status: &LineStatus) -> Sign {
    match line_status {
        LineStatus::Posted(RowState::Agrees) => Sign::Good,
        LineStatus::Posted(RowState::Differs) => Sign::Bad,
        LineStatus::Posted(RowState::Missing) => Sign::Warning,
        LineStatus::Finding(finding) => severity_of(finding.severity),
        LineStatus::Refused => Sign::Warning,
        LineStatus::Posted(RowState::Open | RowState::RolledBack)
        | LineStatus::Message
        | LineStatus::Recorded
        | LineStatus::Redacted
        | LineStatus::Own => Sign::Note,
    }
}

/// The time to the second if it is today, otherwise date and time.
pub(super) fn moment(time: Option<Timestamp>, canvas: &Canvas<'_, '_>) -> String {
    let Some(time) = time else { return String::new() };
    let local = canvas.zone.to_datetime(time);
    if local.date() == canvas.today() {
        local.strftime("%H:%M:%S").to_string()
    } else {
        canvas.words.language.moment_short(time, canvas.now, canvas.zone)
    }
}

/// A text in one line, as much of it as fits into any cell.
fn one_line(text: &str) -> String {
    safe_line(text).chars().take(CELL_CHARS_MAX).collect()
}

/// A description of the event: the statement of a record, or a message.
fn what(event: &Event) -> String {
    if let Some(message) = &event.message {
        let text = match event.severity.as_deref() {
            Some(severity @ ("ERROR" | "FATAL" | "PANIC" | "WARNING")) => format!("{severity}: {message}"),
            _ => message.clone(),
        };
        return one_line(&text);
    }
    let command = event.command.as_deref().unwrap_or_default();
    match (&event.object, event.rows.filter(|_| event.class.as_deref() == Some("WRITE"))) {
        (Some(object), Some(rows)) => format!("{command} {object} ({rows})"),
        (Some(object), None) => format!("{command} {object}"),
        // If pgaudit names no object, the statement does.
        (None, _) => one_line(event.statement.as_deref().unwrap_or(command)),
    }
}

fn verdict_cell(seen: &Seen, judged: Analysed<'_>, canvas: &Canvas<'_, '_>) -> Cell {
    let found = judged.0.get(&seen.event.line_no);
    let (severity, text) = match found {
        Some((severity, verdict)) => (severity_of(*severity), canvas.words.say(audit::verdict(*verdict))),
        None => (severity(&seen.line_status), audit::line_status(canvas.words, &seen.line_status)),
    };
    if text.is_empty() {
        return Cell::default();
    }
    Cell::styled(format!("{} {text}", sign(severity)), style(severity, canvas.theme))
}

/// The width of the column of times: most entries are of today, and narrow.
fn when_width(list: &mut List<Seen>, area: Rect, canvas: &Canvas<'_, '_>) -> u16 {
    let is_older = |seen: &Seen| {
        seen.event.logged_at.is_some_and(|time| canvas.zone.to_datetime(time).date() != canvas.today())
    };
    list.view(lines_in(area), canvas.focus);
    if list.in_view().iter().any(is_older) { 12 } else { 8 }
}

/// Draws the list of log entries with their verdicts.
pub(super) fn records(list: &mut List<Seen>, judged: Analysed<'_>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let more = if area.width >= WIDE_MIN { 8 } else { 0 };
    let verdict = if area.width >= WIDE_MIN { 23 } else { 14 + area.width.saturating_sub(80).min(20) / 4 };
    let columns = [
        Column::text(say(AuditText::When), when_width(list, area, canvas), 0),
        Column::text(say(AuditText::Person), 10 + more, 1),
        Column::text(say(AuditText::Host), 11 + more / 2, 3),
        Column::text(say(AuditText::Class), 5, 4),
        Column::fill(say(AuditText::What), 14),
        Column::text(say(AuditText::Shows), verdict, 0),
    ];
    list.draw(area, &columns, canvas, |_, seen, canvas| {
        let (event, dim) = (&seen.event, canvas.theme.dim);
        vec![
            Cell::styled(moment(event.logged_at, canvas), dim),
            Cell::new(canvas.people.shown(event.login.as_deref().unwrap_or_default())),
            Cell::styled(event.host.clone().unwrap_or_default(), dim),
            Cell::styled(event.class.clone().unwrap_or_default(), dim),
            Cell::new(what(event)),
            verdict_cell(seen, judged, canvas),
        ]
    });
}

/// Draws the list of logins, failed logins and ends of sessions.
pub(super) fn logins(list: &mut List<Seen>, judged: Analysed<'_>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let columns = [
        Column::text(say(AuditText::When), when_width(list, area, canvas), 0),
        Column::text(say(AuditText::Person), 14, 0),
        Column::text(say(AuditText::Host), 15, 1),
        Column::text(say(AuditText::Program), 18, 2),
        Column::fill(say(AuditText::What), 24),
        Column::text(say(AuditText::Shows), 15, 3),
    ];
    list.draw(area, &columns, canvas, |_, seen, canvas| {
        let (event, theme) = (&seen.event, canvas.theme);
        let what = login_words(event, canvas);
        vec![
            Cell::styled(moment(event.logged_at, canvas), theme.dim),
            Cell::new(canvas.people.shown(event.login.as_deref().unwrap_or_default())),
            Cell::styled(event.host.clone().unwrap_or_default(), theme.dim),
            Cell::styled(event.program.clone().unwrap_or_default(), theme.dim),
            match seen.line_status {
                LineStatus::Refused => Cell::styled(what, theme.warning),
                _ => Cell::new(what),
            },
            verdict_cell(seen, judged, canvas),
        ]
    });
}

fn login_words(event: &Event, canvas: &Canvas<'_, '_>) -> String {
    let message = event.message.as_deref().unwrap_or_default();
    if AUTHORIZED.iter().any(|start| message.starts_with(start)) {
        return canvas.words.say(AuditText::LoggedIn).to_owned();
    }
    match message.strip_prefix(DISCONNECTION).and_then(|rest| rest.split_whitespace().next()) {
        Some(time) => {
            let whole = time.split('.').next().unwrap_or(time);
            canvas.words.fill(AuditText::LeftAfter, &[("time", whole)])
        }
        None => one_line(message),
    }
}

/// Draws the list of changes per person and day.
pub(super) fn people(list: &mut List<DaySum>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let columns = [
        Column::text(say(AuditText::Day), 11, 0),
        Column::text(say(AuditText::Person), 16, 0),
        Column::fill(say(AuditText::What), 16),
        Column::figure(say(AuditText::Lines), 9, 0),
    ];
    list.draw(area, &columns, canvas, |above, sum, canvas| {
        let same_day = above.is_some_and(|above| above.day == sum.day);
        let same = same_day && above.is_some_and(|above| above.login == sum.login);
        let day = if same_day { String::new() } else { canvas.words.language.day(sum.day) };
        vec![
            Cell::styled(day, canvas.theme.dim),
            Cell::new(if same { "" } else { canvas.people.shown(&sum.login) }),
            Cell::new(format!("{} {}", sum.command, sum.object).trim().to_owned()),
            Cell::new(canvas.words.language.number(Decimal::from(sum.records))),
        ]
    });
}

/// Draws the list of findings of the last verification.
pub(super) fn findings(list: &mut List<Row>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let columns = [
        Column::text(say(AuditText::Severity), 10, 0),
        Column::text(say(AuditText::Shows), 21, 1),
        Column::text(say(AuditText::Person), 11, 2),
        Column::fill(say(AuditText::What), 24),
    ];
    list.draw(area, &columns, canvas, |_, row, canvas| {
        let gravest = row.findings().first().map_or(Severity::Notice, |finding| finding.severity);
        let mark = severity_of(gravest);
        let severity = canvas.words.say(audit::severity(gravest));
        let words = canvas.words;
        let (verdict, what) = match row {
            Row::Group(group) => (
                words.count(group.findings.len() as u64, AuditText::GroupSizeOne, AuditText::GroupSize),
                format!("{} {}", if group.is_open { "▾" } else { "▸" }, group_words(group, canvas)),
            ),
            Row::Finding { finding, nested, .. } => (
                format!("{}{}", if *nested { "  " } else { "" }, words.say(audit::verdict(finding.verdict))),
                one_line(&finding.what),
            ),
        };
        // Who posted a row that was altered since is not who altered it.
        let who = Some(row.deed()).filter(|deed| !deed.by_poster).and_then(|deed| deed.who.as_deref());
        vec![
            Cell::styled(format!("{} {severity}", sign(mark)), style(mark, canvas.theme)),
            Cell::new(verdict),
            Cell::styled(canvas.people.shown(who.unwrap_or_default()), canvas.theme.dim),
            Cell::new(what),
        ]
    });
}

/// The text of the line of a group: what its findings have in common.
pub(super) fn group_words(group: &Group, canvas: &Canvas<'_, '_>) -> String {
    match &group.cause {
        Cause::Session(id) => {
            let what = one_line(&group.deed.what);
            canvas.words.fill(AuditText::GroupSession, &[("session", id), ("what", &what)])
        }
        Cause::Untold(verdict) => {
            let verdict = canvas.words.say(audit::verdict(*verdict));
            canvas.words.fill(AuditText::GroupUntold, &[("verdict", verdict)])
        }
        Cause::Own(_) => one_line(&group.deed.what),
    }
}

/// The sign for the severity of a finding about the configuration.
pub(super) fn check_sign(severity: CheckSeverity) -> Sign {
    match severity {
        CheckSeverity::Unsafe => Sign::Bad,
        CheckSeverity::Unchecked | CheckSeverity::Advice => Sign::Warning,
    }
}

/// Draws the list of findings about the configuration.
pub(super) fn configuration(list: &mut List<CheckFinding>, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let wide = if area.width >= WIDE_MIN { 12 } else { 0 };
    let columns = [
        Column::text(say(AuditText::Severity), 13, 0),
        Column::text(say(AuditText::Subject), 24 + wide, 0),
        Column::fill(say(AuditText::Found), 16),
    ];
    list.draw(area, &columns, canvas, |_, finding, canvas| {
        let mark = check_sign(finding.severity);
        let severity = canvas.words.say(audit::check_severity(finding.severity));
        vec![
            Cell::styled(format!("{} {severity}", sign(mark)), style(mark, canvas.theme)),
            Cell::new(finding.subject.clone()),
            Cell::styled(one_line(&finding.found), canvas.theme.dim),
        ]
    });
}
