//! One line of the collected log in full, beside the ledger rows that it describes: the record and the row are compared
//! field by field.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::draw::style;
use super::evidence::field;
use super::filter::{Same, show_only};
use super::lists::severity;
use crate::audit::events::Event;
use crate::audit::reconcile::line_status::{InspectedRow, Inspection, LineStatus, RowState, Stated};
use crate::domain::{MovementId, Sku};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::ledger::posting::PostingView;
use crate::tui::text::audit::{self, AuditText};
use crate::tui::text::ledger;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View, fit, sign};
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::table::{Cell, Column, Rows, table};
use crate::tui::widgets::{Fetched, Scroll, lines_wrapped, steps};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// The width from which on the record and the rows are side by side; below it, they are one above the other.
const WIDE_MIN: u16 = 110;
/// The minimum height of the rows: a heading, the columns, and some fields.
const ROWS_LINES: u16 = 12;

/// One line of the log in full, as a layer over the audit.
#[derive(Debug)]
pub(in crate::tui::screens) struct RecordView {
    line_no: u64,
    shown: Fetched<Option<Box<Inspection>>>,
    /// The position of the row that is compared.
    row: usize,
    scroll: Scroll,
}

impl RecordView {
    /// The view of a line.
    pub fn new(line_no: u64) -> Self {
        Self { line_no, shown: Fetched::default(), row: 0, scroll: Scroll::default() }
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.shown.ask(query::Inspection { line_no: self.line_no }, context);
    }

    fn inspection(&self) -> Option<&Inspection> {
        self.shown.value.as_deref()
    }

    fn selected(&self) -> Option<&InspectedRow> {
        self.inspection()?.rows.get(self.row)
    }

    fn step(&mut self, rows: isize) {
        let last = self.inspection().map_or(0, |shown| shown.rows.len().saturating_sub(1));
        self.row = self.row.saturating_add_signed(rows).min(last);
    }

    /// Shows the posting of the compared row.
    fn open(&self, context: &mut Context<'_>) {
        let booked =
            self.selected().filter(|row| row.booked.as_ref().is_some_and(|stated| stated.kind.is_some()));
        match booked.and_then(|row| MovementId::try_from(row.id).ok()) {
            Some(id) => context.request(Action::Open(Box::new(PostingView::new(id)))),
            None => context.ring(),
        }
    }

    /// Shows the movements of the product of the compared row.
    fn show_movements(&self, context: &mut Context<'_>) {
        let stated = self.selected().and_then(|row| row.booked.as_ref().or(row.recorded.as_ref()));
        match stated.and_then(|stated| stated.product.parse().ok()) {
            Some(sku) => context.request(Action::Show(Command::ShowLedger, Picked::new::<Sku>(sku))),
            None => context.ring(),
        }
    }

    /// Lists what the person or the session of this line did.
    fn narrow(&self, same: Same, context: &mut Context<'_>) {
        let event = self.inspection().map(|shown| &shown.seen.event);
        show_only(event.and_then(|event| same.part(event.login.as_ref(), event.session.as_ref())), context);
    }
}

impl Bound for RecordView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::PersonOfThis, |view, context| view.narrow(Same::Person, context)),
        Binding::One(Command::SessionOfThis, |view, context| view.narrow(Same::Session, context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::Copy, |view, context| {
            let event = view.inspection().map(|shown| &shown.seen.event);
            context.copy(event.and_then(|event| event.statement.clone().or_else(|| event.message.clone())));
        }),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        // The keys step through the rows; the record, which can be longer, is scrolled.
        Binding::Several(&[Command::PageUp, Command::PageDown], |view, command, _| {
            view.scroll.command(command);
        }),
        Binding::Several(Command::LIST, |view, command, _| view.step(steps(command, 1).unwrap_or_default())),
    ]];
}

impl View for RecordView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Record, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Close,
            Command::Open,
            Command::PersonOfThis,
            Command::SessionOfThis,
            Command::LedgerOfThis,
            Command::PageDown,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        let open = |shown: &Inspection| shown.seen.line_status == LineStatus::Posted(RowState::Open);
        // A line never changes, but the outcome of its transaction may become known.
        if !self.shown.is_asked() && self.inspection().is_none_or(open) {
            self.ask(context);
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if matches!(hit, Hit::Row(_)) {
            self.open(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        self.shown.answered::<query::Inspection>(ticket, answer, context.now, Option::clone_from).is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let number = canvas.words.language.number(rust_decimal::Decimal::from(self.line_no));
        let title = canvas.words.fill(AuditText::LineTitle, &[("n", &number)]);
        let inside = padded(cover(canvas, area, &title));
        if self.inspection().is_some() {
            self.draw_shown(inside, canvas);
        } else if self.shown.came_at().is_some() {
            let gone = canvas.words.say(AuditText::LineGone);
            canvas.frame.render_widget(Paragraph::new(gone).wrap(Wrap { trim: true }), inside);
        } else {
            self.shown.draw_missing(inside, canvas);
        }
    }
}

impl RecordView {
    fn draw_shown(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let Some(shown) = self.inspection() else { return };
        let lines = record_lines(shown, canvas);
        let (record, rows) = if area.width >= WIDE_MIN {
            let [left, _, right] =
                Layout::horizontal([Constraint::Percentage(46), Constraint::Length(2), Constraint::Min(40)])
                    .areas(area);
            (left, right)
        } else {
            // For a line that describes no row the record uses all the space.
            let least = if shown.rows.is_empty() { 2 } else { ROWS_LINES };
            let wanted = u16::try_from(lines_wrapped(&lines, area.width)).unwrap_or(u16::MAX);
            let [top, bottom] =
                Layout::vertical([Constraint::Max(wanted.saturating_add(1)), Constraint::Min(least)])
                    .areas(area);
            (top, bottom)
        };
        self.scroll.draw(lines, record, canvas);
        self.draw_rows(rows, canvas);
    }

    fn draw_rows(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let Some(shown) = self.inspection() else { return };
        let Some(row) = self.selected() else {
            let text = canvas.words.say(AuditText::NothingBooked);
            let text = Paragraph::new(Span::styled(text, canvas.theme.dim)).wrap(Wrap { trim: true });
            canvas.frame.render_widget(text, area);
            return;
        };
        let missing = row.state == Some(RowState::Missing);
        let [head, body, foot] = Layout::vertical([
            Constraint::Length(2),
            Constraint::Min(1),
            Constraint::Length(if missing { 3 } else { 0 }),
        ])
        .areas(area);
        let words = canvas.words;
        let state = match row.state {
            Some(state) => LineStatus::Posted(state),
            None => shown.seen.line_status.clone(),
        };
        let severity = severity(&state);
        let state = format!("{} {}", sign(severity), audit::line_status(words, &state));
        let places =
            [("n", (self.row + 1).to_string()), ("of", shown.rows.len().to_string()), ("state", state)];
        let places = places.each_ref().map(|(name, value)| (*name, value.as_str()));
        let text = words.fill(AuditText::RowOf, &places);
        let id = format!("{} {}", words.say(AuditText::FieldMovement), row.id);
        let head_lines = vec![
            Line::from(Span::styled(text, style(severity, canvas.theme))),
            Line::from(Span::styled(id, canvas.theme.dim)),
        ];
        canvas.frame.render_widget(Paragraph::new(head_lines), head);
        draw_comparison(row, body, canvas);
        if missing {
            let hint = Span::styled(words.say(AuditText::MissingHint), canvas.theme.dim);
            canvas.frame.render_widget(Paragraph::new(hint).wrap(Wrap { trim: true }), foot);
        }
    }
}

/// The lines of the record: who, when, from where, and what.
fn record_lines(shown: &Inspection, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let event = &shown.seen.event;
    let severity = severity(&shown.seen.line_status);
    let mut lines = Vec::new();
    let verdict = audit::line_status(canvas.words, &shown.seen.line_status);
    if !verdict.is_empty() {
        let text = format!("{} {verdict}", sign(severity));
        lines.push(Line::from(Span::styled(text, style(severity, canvas.theme))));
    }
    if let LineStatus::Finding(finding) = &shown.seen.line_status {
        lines.push(Line::from(finding.what.clone()));
    }
    for (label, value) in fields_of(event, canvas) {
        if let Some(text) = value {
            lines.extend(field(label, &text, canvas));
        }
    }
    if let Some(values) = &event.parameters {
        lines.push(Line::from(Span::styled(canvas.words.say(AuditText::Parameters), canvas.theme.dim)));
        for (number, value) in values.iter().enumerate() {
            let value = if value.is_empty() { canvas.words.say(AuditText::Null) } else { value.as_str() };
            let place = format!("  ${:<3} ", number + 1);
            let value = value.replace(['\n', '\t'], " ");
            lines.push(Line::from(vec![Span::styled(place, canvas.theme.dim), Span::raw(value)]));
        }
    }
    lines
}

fn fields_of(event: &Event, canvas: &Canvas<'_, '_>) -> [(AuditText, Option<String>); 13] {
    let moment = |time: jiff::Timestamp| canvas.words.language.moment(time, canvas.zone);
    let what = match (&event.class, &event.command) {
        (Some(class), Some(command)) => Some(format!("{class} {command}")),
        (class, None) => class.clone(),
        (None, Some(command)) => Some(command.clone()),
    };
    [
        (AuditText::Logged, event.logged_at.map(moment)),
        (AuditText::Person, event.login.as_ref().map(|login| canvas.people.with_login(login))),
        (AuditText::Host, event.host.clone()),
        (AuditText::Program, event.program.clone()),
        (AuditText::Database, event.database.clone()),
        (AuditText::Session, event.session.clone()),
        (AuditText::Severity, event.severity.clone()),
        (AuditText::What, what),
        (AuditText::Object, event.object.clone()),
        (AuditText::Rows, event.rows.map(|rows| rows.to_string())),
        (AuditText::Message, event.message.clone()),
        (AuditText::Statement, event.statement.clone()),
        (AuditText::Collected, Some(moment(event.collected_at))),
    ]
}

/// Draws the comparison of record and row, field by field; differences are marked.
fn draw_comparison(row: &InspectedRow, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let say = |phrase: AuditText| canvas.words.say(phrase);
    let half = area.width.saturating_sub(21) / 2;
    let columns = [
        Column::text("", 12, 0),
        Column::text("", 1, 0),
        Column::text(say(AuditText::RecordSays), half.saturating_sub(1), 0),
        Column::fill(say(AuditText::LedgerSays), half.saturating_sub(2)),
    ];
    let recorded = row.recorded.as_ref().map(|stated| stated_fields(stated, canvas));
    let booked = row.booked.as_ref().map(|stated| stated_fields(stated, canvas));
    let missing = [
        if row.state.is_none() { say(AuditText::NotReadable) } else { say(AuditText::NotThere) },
        say(AuditText::NotThere),
    ];
    let theme = canvas.theme;
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    let count = recorded.as_ref().or(booked.as_ref()).map_or(0, Vec::len);
    for at in 0..count {
        let pick = |side: &Option<Vec<(AuditText, String)>>| side.as_ref().map(|fields| fields[at].1.clone());
        let (left, right) = (pick(&recorded), pick(&booked));
        let label = recorded.as_ref().or(booked.as_ref()).map_or(AuditText::FieldKind, |fields| fields[at].0);
        if left.as_deref().unwrap_or_default().is_empty() && right.as_deref().unwrap_or_default().is_empty() {
            continue;
        }
        let differs = left != right;
        let both = left.is_some() && right.is_some();
        let absent = |value: Option<String>, word: &str| {
            value.unwrap_or_else(|| if cells.is_empty() { word.to_owned() } else { String::new() })
        };
        let text = |value: String| {
            if differs && both { Cell::styled(value, theme.bad) } else { Cell::new(value) }
        };
        let (left, right) = (absent(left, missing[0]), absent(right, missing[1]));
        cells.push(vec![
            Cell::styled(say(label), theme.dim),
            Cell::styled(if differs && both { "≠" } else { "" }, theme.bad),
            text(fit(&left, usize::from(area.width))),
            text(fit(&right, usize::from(area.width))),
        ]);
    }
    let rows = Rows { first: 0, cursor: None, focus: false };
    table(canvas, area, &columns, rows, |position| cells.get(position).cloned());
}

/// The fields of one side, always the same ones in the same order.
fn stated_fields(stated: &Stated, canvas: &Canvas<'_, '_>) -> Vec<(AuditText, String)> {
    let words = canvas.words;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let kind = match stated.kind {
        Some(kind) => words.say(ledger::kind(kind)),
        None => words.say(AuditText::FieldCount),
    };
    let from = if stated.kind.is_some() { AuditText::FieldFrom } else { AuditText::FieldPlace };
    vec![
        (AuditText::FieldKind, kind.to_owned()),
        (AuditText::FieldProduct, stated.product.clone()),
        (AuditText::FieldQuantity, words.language.number(stated.quantity)),
        (AuditText::FieldLot, text(&stated.lot)),
        (from, text(&stated.from)),
        (AuditText::FieldTo, text(&stated.to)),
        (AuditText::FieldPartner, text(&stated.partner)),
        (
            AuditText::FieldPrice,
            stated.unit_price.map(|price| words.language.money(price)).unwrap_or_default(),
        ),
        (AuditText::FieldReference, text(&stated.reference)),
        (AuditText::FieldReason, text(&stated.reason)),
        (AuditText::FieldReverses, stated.reverses.map(|id| id.to_string()).unwrap_or_default()),
        (AuditText::FieldHappened, words.language.moment(stated.occurred_at, canvas.zone)),
        (AuditText::FieldPostedBy, canvas.people.with_login(&stated.posted_by)),
        (AuditText::FieldTransaction, stated.txid.to_string()),
    ]
}
