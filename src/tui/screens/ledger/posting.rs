//! One posting in full: who, when and why, all its lines, and which of them were reversed.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use rust_decimal::Decimal;

use super::draw::{ends, mark, moment_of, signed_quantity};
use crate::domain::{LedgerRow, ListedTable, MovementId, UnitPrice};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::export::ExportDialog;
use crate::tui::screens::reverse::ReverseDialog;
use crate::tui::text::ledger::{self, LedgerText};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::tui::widgets::panel::{cover, padded};
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, Ticket};

/// The lines above the table: what all lines have in common.
const HEAD_LINES: u16 = 4;
/// The lines below it: the details of the selected line.
const DETAIL_LINES: u16 = 4;

/// One posting in full, as a layer over the ledger.
#[derive(Debug)]
pub struct PostingView {
    /// The id that is queried: the posting's, or that of one of its movements until the posting is known.
    id: MovementId,
    /// The movement that the cursor goes to when the lines have been fetched.
    movement: MovementId,
    lines: Fetched<List<LedgerRow>>,
}

impl PostingView {
    /// The view of a posting, or of the posting of a movement.
    #[must_use]
    pub fn new(id: MovementId) -> Self {
        Self { id, movement: id, lines: Fetched::default() }
    }

    /// The view of the posting of a movement, with the cursor on it.
    #[must_use]
    pub fn of_row(row: &LedgerRow) -> Self {
        Self { movement: row.id, ..Self::new(row.posting_id.line(0)) }
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.lines.ask(query::Posting { id: self.id }, context);
    }

    fn selected(&self) -> Option<&LedgerRow> {
        self.lines.value.selected()
    }

    fn export(&self, context: &mut Context<'_>) {
        let table = ListedTable::of(self.lines.value.rows());
        ExportDialog::open("posting", ExportWhat::Table(table), context);
    }

    fn show_movements(&self, context: &mut Context<'_>) {
        if let Some(row) = self.selected() {
            context.request(Action::Show(Command::ShowLedger, Picked::new(row.sku.clone())));
        }
    }

    /// Shows the posting that reverses the selected line, or that it reverses.
    fn follow(&self, context: &mut Context<'_>) {
        let other = self.selected().and_then(|row| row.reversed_by.or(row.reverses));
        match other {
            Some(id) => context.request(Action::Open(Box::new(Self::new(id)))),
            None => context.ring(),
        }
    }
}

/// Lists the audit records of a movement, on the audit screen.
pub(super) fn show_records(row: Option<&LedgerRow>, context: &mut Context<'_>) {
    match row {
        Some(row) => context.request(Action::Show(Command::ShowAudit, Picked::new(row.id.uuid()))),
        None => context.ring(),
    }
}

impl Bound for PostingView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.follow(context)),
        Binding::One(Command::Reverse, |view, context| ReverseDialog::offer(view.selected(), context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.selected().map(|row| row.id.to_string()));
        }),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::LedgerOfThis, |view, context| view.show_movements(context)),
        Binding::One(Command::AuditOfThis, |view, context| show_records(view.selected(), context)),
        Binding::One(Command::Close, |_, context| context.request(Action::Close)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.lines.value.command(command);
        }),
    ]];
}

impl View for PostingView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Posting, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::Reverse, Command::Open, Command::LedgerOfThis, Command::AuditOfThis]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit
            && self.lines.value.click(position)
        {
            self.follow(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let (id, movement) = (self.id, self.movement);
        let mut of_posting = id;
        let received = self.lines.answered::<query::Posting>(ticket, answer, context.now, |lines, rows| {
            of_posting = rows.first().map_or(id, |row| row.posting_id.line(0));
            if of_posting != id {
                return;
            }
            let at = rows.iter().position(|row| row.id == movement).filter(|_| lines.is_empty());
            lines.replace(rows.clone(), |old, new| old.id == new.id);
            if let Some(at) = at {
                lines.select(at);
            }
        });
        if of_posting != id {
            // A movement was queried; its posting is known now, so all lines can be.
            self.id = of_posting;
            self.ask(context);
        }
        received.is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let title = canvas.words.fill(LedgerText::PostingTitle, &[("id", &self.id.to_string())]);
        let inside = padded(cover(canvas, area, &title));
        let Some(first) = self.lines.value.rows().first() else {
            return self.lines.draw_missing(inside, canvas);
        };
        let head = head(first, canvas);
        let [top, middle, bottom] = Layout::vertical([
            Constraint::Length(HEAD_LINES),
            Constraint::Min(3),
            Constraint::Length(DETAIL_LINES),
        ])
        .areas(inside);
        canvas.frame.render_widget(Paragraph::new(head), top);
        self.draw_lines(middle, canvas);
        if let Some(row) = self.selected() {
            canvas.frame.render_widget(Paragraph::new(detail(row, canvas)), bottom);
        }
    }
}

impl PostingView {
    fn draw_lines(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let say = |phrase: LedgerText| canvas.words.say(phrase);
        let columns = [
            Column::text("", 1, 0),
            Column::text(say(LedgerText::Sku), 14, 0),
            Column::figure(say(LedgerText::Quantity), 11, 0),
            Column::fill(say(LedgerText::Ends), 14),
            Column::text(say(LedgerText::Lot), 12, 1),
            Column::figure(say(LedgerText::Price), 10, 3),
            Column::figure(say(LedgerText::Value), 12, 2),
        ];
        let dim = canvas.theme.dim;
        self.lines.value.draw(area, &columns, canvas, |_, row, canvas| {
            let words = canvas.words;
            let money = |value: Option<Decimal>| {
                Cell::styled(value.map(|value| words.language.money(value)).unwrap_or_default(), dim)
            };
            vec![
                Cell::new(mark(row)),
                Cell::new(row.sku.clone()),
                Cell::new(signed_quantity(row, words)),
                Cell::new(ends(row)),
                Cell::styled(row.lot.as_deref().unwrap_or_default(), dim),
                money(row.unit_price.map(UnitPrice::value)),
                money(value(row)),
            ]
        });
        let (words, rows) = (canvas.words, self.lines.value.rows());
        if let Some(total) = self.total() {
            let lines = words.language.number(Decimal::from(rows.len()));
            let places = [("lines", &*lines), ("value", &*words.language.money(total))];
            let text = words.fill(LedgerText::Total, &places);
            let line = Line::from(Span::styled(format!("{text} "), dim)).right_aligned();
            // Below the last line, as on an invoice, if there is room.
            let used = u16::try_from(rows.len() + 1).unwrap_or(u16::MAX);
            if used < area.height {
                canvas.frame.render_widget(line, Rect { y: area.y + used, height: 1, ..area });
            }
        }
    }

    /// The total value of the lines, if there are several and all have prices.
    fn total(&self) -> Option<Decimal> {
        let rows = self.lines.value.rows();
        if rows.len() < 2 {
            return None;
        }
        rows.iter().map(value).try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))
    }
}

fn value(row: &LedgerRow) -> Option<Decimal> {
    row.unit_price.and_then(|price| price.value().checked_mul(row.quantity.value()))
}

/// The details that all lines have in common.
fn head(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme) = (canvas.words, canvas.theme);
    let said = |phrase: LedgerText| Span::styled(format!("{} ", words.say(phrase)), theme.dim);
    let moment = |moment| Span::raw(format!("{}  ", words.language.moment(moment, canvas.zone)));
    let mut first = vec![
        Span::styled(format!("{}  ", words.say(ledger::kind(row.kind))), theme.title),
        said(LedgerText::By),
        Span::raw(format!("{}  ", canvas.people.with_login(&row.posted_by))),
    ];
    if let Some(reference) = &row.reference {
        first.push(said(LedgerText::Reference));
        first.push(Span::raw(format!("{reference}  ")));
    }
    let happened = vec![said(LedgerText::Happened), moment(row.occurred_at)];
    let mut posted = vec![said(LedgerText::PostedAt), moment(row.posted_at)];
    if let Some(partner) = &row.partner {
        posted.push(said(LedgerText::Partner));
        posted.push(Span::raw(partner.to_string()));
    }
    let mut lines = vec![Line::from(first), Line::from(happened), Line::from(posted)];
    if let Some(reason) = &row.reason {
        lines.push(Line::from(vec![said(LedgerText::Reason), Span::raw(reason.to_string())]));
    }
    lines
}

/// The details of one line.
fn detail(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme) = (canvas.words, canvas.theme);
    let id = words.fill(LedgerText::MovementId, &[("id", &row.id.to_string())]);
    let mut goods = vec![Span::raw(format!("{} {} {}", signed_quantity(row, words), row.unit, row.sku))];
    if let Some(lot) = &row.lot {
        goods.push(Span::styled(format!("  {} {lot}", words.say(LedgerText::Lot)), theme.dim));
    }
    if let Some(day) = row.lot_expires_on {
        let text = words.fill(LedgerText::Expires, &[("day", &words.language.day(day))]);
        goods.push(Span::styled(format!("  {text}"), theme.dim));
    }
    let link = |phrase: LedgerText, id: MovementId| {
        words.fill(phrase, &[("when", &moment_of(id, canvas)), ("id", &id.to_string())])
    };
    let state = match (row.reversed_by, row.reverses) {
        (Some(by), _) => Span::styled(format!("↺ {}", link(LedgerText::ReversedBy, by)), theme.warning),
        (None, Some(of)) => Span::styled(format!("↩ {}", link(LedgerText::ReversesThat, of)), theme.text),
        (None, None) => Span::styled(format!("✓ {}", words.say(LedgerText::NotReversed)), theme.good),
    };
    let mut lines = vec![Line::from(goods), Line::from(Span::styled(id, theme.dim)), Line::from(state)];
    if (row.reversed_by.is_some() || row.reverses.is_some())
        && let Some(key) = canvas.key(Command::Open)
    {
        let text = words.fill(LedgerText::OpenOther, &[("key", &key)]);
        lines.push(Line::from(Span::styled(text, theme.dim)));
    }
    lines
}
