//! The lists of the audit: their columns and rows.

use std::collections::HashMap;

use jiff::Timestamp;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::draw::style;
use crate::tui::app::{Canvas, Weight as Sign, sign};
use crate::tui::text::audit::{self, AuditText};
use crate::tui::widgets::Window;
use crate::tui::widgets::table::{Cell, Column, Rows, table};
use crate::worker::message::{
    CheckFinding, CheckWeight, DaySum, Event, Finding, Glance, RowState, Seen, Verdict, Weight,
};

/// From this width on there is room for longer names.
const WIDE_MIN: u16 = 120;
/// What a line of a login that was let in begins with, in the server's own words.
const AUTHORIZED: [&str; 2] = ["connection authorized: ", "replication connection authorized: "];
/// What a line of the end of a session begins with.
const DISCONNECTION: &str = "disconnection: session time: ";
/// How much of a text goes into a cell; no screen is wider, and statements can be long.
const CELL_CHARS_MAX: usize = 400;

/// What the last verification found about lines.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a>(pub &'a HashMap<u64, (Weight, Verdict)>);

/// How grave a finding is.
pub(super) fn gravity_of(weight: Weight) -> Sign {
    match weight {
        Weight::Alarm => Sign::Bad,
        Weight::Accepted => Sign::Note,
        Weight::Notice => Sign::Warning,
    }
}

/// How grave what a line shows is.
pub(super) fn gravity(glance: &Glance) -> Sign {
    match glance {
        Glance::Posted(RowState::Agrees) => Sign::Good,
        Glance::Posted(RowState::Differs) => Sign::Bad,
        Glance::Posted(RowState::Missing) => Sign::Warning,
        Glance::Finding(finding) => gravity_of(finding.weight),
        Glance::Refused => Sign::Warning,
        Glance::Posted(RowState::Open | RowState::RolledBack)
        | Glance::Message
        | Glance::Recorded
        | Glance::Own => Sign::Note,
    }
}

/// The time to the second for what happened today, else day and time.
pub(super) fn moment(time: Option<Timestamp>, canvas: &Canvas<'_, '_>) -> String {
    let Some(time) = time else { return String::new() };
    let local = canvas.zone.to_datetime(time);
    if local.date() == canvas.today() {
        local.strftime("%H:%M:%S").to_string()
    } else {
        canvas.words.language.moment_short(time, canvas.now, canvas.zone)
    }
}

/// A text in one line, as much as fits into any cell.
fn one_line(text: &str) -> String {
    text.chars().take(CELL_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What a record did, or a message says.
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
        // Where pgaudit names no object, the statement does.
        (None, _) => one_line(event.statement.as_deref().unwrap_or(command)),
    }
}

fn verdict_cell(seen: &Seen, judged: Judged<'_>, canvas: &Canvas<'_, '_>) -> Cell {
    let found = judged.0.get(&seen.event.line_no);
    let (gravity, text) = match found {
        Some((weight, verdict)) => (gravity_of(*weight), canvas.words.say(audit::verdict(*verdict))),
        None => (gravity(&seen.glance), audit::glance(canvas.words, &seen.glance)),
    };
    if text.is_empty() {
        return Cell::default();
    }
    Cell::styled(format!("{} {text}", sign(gravity)), style(gravity, canvas.theme))
}

/// The width of the column of moments: most of what is looked at is of today, and short.
fn when_width<'a>(mut in_view: impl Iterator<Item = &'a Seen>, canvas: &Canvas<'_, '_>) -> u16 {
    let is_older = |seen: &Seen| {
        seen.event.logged_at.is_some_and(|time| canvas.zone.to_datetime(time).date() != canvas.today())
    };
    if in_view.any(is_older) { 12 } else { 8 }
}

/// The stream of lines.
pub(super) fn records(
    list: &[Seen],
    judged: Judged<'_>,
    area: Rect,
    rows: Rows,
    lines: usize,
    canvas: &mut Canvas<'_, '_>,
) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let more = if area.width >= WIDE_MIN { 8 } else { 0 };
    let verdict = if area.width >= WIDE_MIN { 23 } else { 14 + area.width.saturating_sub(80).min(20) / 4 };
    let in_view = list.iter().skip(rows.first).take(lines);
    let columns = [
        Column::text(say(AuditText::When), when_width(in_view.clone(), canvas), 0),
        Column::text(say(AuditText::Person), 10 + more, 1),
        Column::text(say(AuditText::Host), 11 + more / 2, 3),
        Column::text(say(AuditText::Class), 5, 4),
        Column::fill(say(AuditText::What), 14),
        Column::text(say(AuditText::Shows), verdict, 0),
    ];
    let theme = canvas.theme;
    let dim = |text: &Option<String>| Cell::styled(text.clone().unwrap_or_default(), theme.dim);
    let cells: Vec<Vec<Cell>> = in_view
        .map(|seen| {
            let event = &seen.event;
            vec![
                Cell::styled(moment(event.logged_at, canvas), theme.dim),
                Cell::new(event.login.clone().unwrap_or_default()),
                dim(&event.host),
                dim(&event.class),
                Cell::new(what(event)),
                verdict_cell(seen, judged, canvas),
            ]
        })
        .collect();
    let first = rows.first;
    table(canvas, area, &columns, rows, |position| cells.get(position.checked_sub(first)?).cloned());
}

/// The logins, failed logins and ends of sessions.
pub(super) fn logins(
    list: &[Seen],
    judged: Judged<'_>,
    area: Rect,
    rows: Rows,
    lines: usize,
    canvas: &mut Canvas<'_, '_>,
) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let in_view = list.iter().skip(rows.first).take(lines);
    let columns = [
        Column::text(say(AuditText::When), when_width(in_view.clone(), canvas), 0),
        Column::text(say(AuditText::Person), 14, 0),
        Column::text(say(AuditText::Host), 15, 1),
        Column::text(say(AuditText::Program), 18, 2),
        Column::fill(say(AuditText::What), 24),
        Column::text(say(AuditText::Shows), 15, 3),
    ];
    let theme = canvas.theme;
    let dim = |text: &Option<String>| Cell::styled(text.clone().unwrap_or_default(), theme.dim);
    let cells: Vec<Vec<Cell>> = in_view
        .map(|seen| {
            let event = &seen.event;
            let refused = seen.glance == Glance::Refused;
            let text = login_words(event, canvas);
            vec![
                Cell::styled(moment(event.logged_at, canvas), theme.dim),
                Cell::new(event.login.clone().unwrap_or_default()),
                dim(&event.host),
                dim(&event.program),
                if refused { Cell::styled(text, theme.warning) } else { Cell::new(text) },
                verdict_cell(seen, judged, canvas),
            ]
        })
        .collect();
    let first = rows.first;
    table(canvas, area, &columns, rows, |position| cells.get(position.checked_sub(first)?).cloned());
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

/// Draws the rows of a window in view.
fn windowed<T>(
    list: &mut Window<T>,
    area: Rect,
    lines: usize,
    columns: &[Column],
    canvas: &mut Canvas<'_, '_>,
    cells: impl Fn(Option<&T>, &T, &Canvas<'_, '_>) -> Vec<Cell>,
) {
    list.drawn(lines);
    let rows = Rows {
        first: list.first_drawn(lines),
        cursor: (!list.rows().is_empty()).then(|| list.cursor()),
        focus: canvas.focus,
    };
    let all = list.rows();
    let drawn: Vec<Vec<Cell>> = (rows.first..all.len().min(rows.first + lines))
        .filter_map(|at| {
            // The first row in view is told in full, whatever stands above it.
            let above =
                at.checked_sub(1).filter(|above| *above >= rows.first).and_then(|above| all.get(above));
            Some(cells(above, all.get(at)?, canvas))
        })
        .collect();
    let first = rows.first;
    table(canvas, area, columns, rows, |position| drawn.get(position.checked_sub(first)?).cloned());
}

/// Who changed what, per person and day.
pub(super) fn people(list: &mut Window<DaySum>, area: Rect, lines: usize, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let columns = [
        Column::text(say(AuditText::Day), 11, 0),
        Column::text(say(AuditText::Person), 16, 0),
        Column::fill(say(AuditText::What), 16),
        Column::figure(say(AuditText::Lines), 9, 0),
    ];
    windowed(list, area, lines, &columns, canvas, |above, sum, canvas| {
        let same_day = above.is_some_and(|above| above.day == sum.day);
        let same = same_day && above.is_some_and(|above| above.login == sum.login);
        let day = if same_day { String::new() } else { canvas.words.language.day(sum.day) };
        vec![
            Cell::styled(day, canvas.theme.dim),
            Cell::new(if same { String::new() } else { sum.login.clone() }),
            Cell::new(format!("{} {}", sum.command, sum.object).trim().to_owned()),
            Cell::new(canvas.words.language.number(Decimal::from(sum.records))),
        ]
    });
}

/// What the last verification found.
pub(super) fn findings(list: &mut Window<Finding>, area: Rect, lines: usize, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let columns = [
        Column::text(say(AuditText::Weight), 10, 0),
        Column::text(say(AuditText::Shows), 21, 1),
        Column::text(say(AuditText::Person), 11, 2),
        Column::fill(say(AuditText::What), 24),
    ];
    windowed(list, area, lines, &columns, canvas, |_, finding, canvas| {
        let gravity = gravity_of(finding.weight);
        let weight = canvas.words.say(audit::weight(finding.weight));
        vec![
            Cell::styled(format!("{} {weight}", sign(gravity)), style(gravity, canvas.theme)),
            Cell::new(canvas.words.say(audit::verdict(finding.verdict))),
            Cell::styled(finding.who.clone().unwrap_or_default(), canvas.theme.dim),
            Cell::new(one_line(&finding.what)),
        ]
    });
}

/// What is wrong with the configuration.
pub(super) fn configuration(
    list: &mut Window<CheckFinding>,
    area: Rect,
    lines: usize,
    canvas: &mut Canvas<'_, '_>,
) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let wide = if area.width >= WIDE_MIN { 12 } else { 0 };
    let columns = [
        Column::text(say(AuditText::Weight), 11, 0),
        Column::text(say(AuditText::Subject), 24 + wide, 0),
        Column::fill(say(AuditText::Found), 16),
    ];
    windowed(list, area, lines, &columns, canvas, |_, finding, canvas| {
        let gravity = if finding.weight == CheckWeight::Unsafe { Sign::Bad } else { Sign::Warning };
        let weight = canvas.words.say(audit::check_weight(finding.weight));
        vec![
            Cell::styled(format!("{} {weight}", sign(gravity)), style(gravity, canvas.theme)),
            Cell::new(finding.subject.clone()),
            Cell::styled(one_line(&finding.found), canvas.theme.dim),
        ]
    });
}
