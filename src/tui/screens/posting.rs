//! One posting in full: who, when and why, all its lines, and which of them another movement undoes.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::MovementId;
use crate::tui::app::{Canvas, Context, Hit, View, Wish};
use crate::tui::command::{Command, Scope};
use crate::tui::screens::ledger::draw::{ends, mark, moment_of, signed_quantity};
use crate::tui::screens::reverse::ReverseDialog;
use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::text::ledger::{self, LedgerText};
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::table::{Cell, Column, Rows, lines_in, table};
use crate::tui::widgets::{Window, steps};
use crate::worker::message::{Answer, Failure, LedgerRow, Question, Strand, Ticket};

/// The lines above the table: what all lines have in common.
const HEAD_LINES: u16 = 4;
/// The lines below it: what only the selected line has.
const DETAIL_LINES: u16 = 4;

/// One posting, over the ledger.
#[derive(Debug)]
pub struct PostingView {
    /// What is asked for: the posting, or one of its movements as long as nothing else is known.
    id: MovementId,
    /// The movement that the cursor goes to when the lines are there.
    movement: Uuid,
    lines: Window<LedgerRow>,
    asked: Option<Ticket>,
    failure: Option<Failure>,
    /// How many rows the last drawing had room for.
    room: usize,
}

impl PostingView {
    /// The view of a posting, or of the posting of a movement.
    #[must_use]
    pub fn new(id: MovementId) -> Self {
        let movement = id.uuid();
        Self { id, movement, lines: Window::default(), asked: None, failure: None, room: 0 }
    }

    /// The view of the posting of a movement, with the cursor on it.
    #[must_use]
    pub fn of_row(row: &LedgerRow) -> Option<Self> {
        let id = MovementId::try_from(row.posting_id).ok()?;
        Some(Self { movement: row.id, ..Self::new(id) })
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        self.asked = Some(context.ask(Strand::Posting, Question::Posting(self.id)));
    }

    fn took(&mut self, rows: &[LedgerRow], context: &mut Context<'_>) {
        let posting = rows.first().and_then(|row| MovementId::try_from(row.posting_id).ok());
        if let Some(posting) = posting
            && posting != self.id
        {
            // A movement was asked for; now that its posting is known, all lines are.
            self.id = posting;
            self.ask(context);
            return;
        }
        self.failure = None;
        let fresh = self.lines.rows().is_empty();
        self.lines.replace(rows.to_vec(), false, |old, new| old.id == new.id);
        if fresh && let Some(position) = rows.iter().position(|row| row.id == self.movement) {
            self.lines.select(position);
        }
    }

    /// Shows the posting that undoes the selected line, or that it undoes.
    fn follow(&self, context: &mut Context<'_>) {
        let other = self.lines.selected().and_then(|row| row.reversed_by.or(row.reverses));
        match other.and_then(|id| MovementId::try_from(id).ok()) {
            Some(id) => context.wish(Wish::Open(Box::new(Self::new(id)))),
            None => context.ring(),
        }
    }
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

    fn command(&mut self, command: Command, context: &mut Context<'_>) -> bool {
        match command {
            Command::Open => self.follow(context),
            Command::Reverse => ReverseDialog::offer(self.lines.selected(), context),
            Command::Refresh => self.ask(context),
            Command::LedgerOfThis => {
                if let Some(sku) = self.lines.selected().and_then(|row| row.sku.parse().ok()) {
                    context.wish(Wish::LedgerOf(sku));
                }
            }
            Command::AuditOfThis => match self.lines.selected() {
                Some(row) => context.wish(Wish::EventsOf(row.id.to_string())),
                None => context.ring(),
            },
            Command::Close => context.wish(Wish::Close),
            _ => match steps(command, self.room) {
                Some(rows) => self.lines.step(rows),
                None => return false,
            },
        }
        true
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit {
            if position == self.lines.cursor() {
                self.follow(context);
            } else {
                self.lines.select(position);
            }
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        match answer {
            Ok(Answer::Posting(rows)) => self.took(rows, context),
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure.clone()),
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        canvas.frame.render_widget(Clear, area);
        canvas.frame.buffer_mut().set_style(area, canvas.theme.text);
        let title = canvas.words.fill(LedgerText::PostingTitle, &[("id", &self.id.to_string())]);
        let inside = panel(canvas, area, &title, true);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let Some(first) = self.lines.rows().first() else {
            let text = match &self.failure {
                Some(failure) => format!("✗ {}", failure::words(canvas.words, failure)),
                None => canvas.words.say(CommonText::Loading).to_owned(),
            };
            canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), inside);
            return;
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
        if let Some(row) = self.lines.selected() {
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
        self.room = lines_in(area);
        self.lines.drawn(self.room);
        let rows = Rows {
            first: self.lines.first_drawn(self.room),
            cursor: Some(self.lines.cursor()),
            focus: canvas.focus,
        };
        let (words, lines) = (canvas.words, self.lines.rows());
        let dim = canvas.theme.dim;
        table(canvas, area, &columns, rows, |position| {
            let row = lines.get(position)?;
            let money = |value: Option<Decimal>| {
                Cell::styled(value.map(|value| words.language.money(value)).unwrap_or_default(), dim)
            };
            Some(vec![
                Cell::new(mark(row)),
                Cell::new(row.sku.clone()),
                Cell::new(signed_quantity(row, words)),
                Cell::new(ends(row)),
                Cell::styled(row.lot.clone().unwrap_or_default(), dim),
                money(row.unit_price),
                money(value(row)),
            ])
        });
        if let Some(total) = self.total() {
            let lines = words.language.number(Decimal::from(self.lines.rows().len()));
            let places = [("lines", &*lines), ("value", &*words.language.money(total))];
            let text = words.fill(LedgerText::Total, &places);
            let line = Line::from(Span::styled(format!("{text} "), dim)).right_aligned();
            // Below the last line, as on an invoice, while there is room.
            let used = u16::try_from(self.lines.rows().len() + 1).unwrap_or(u16::MAX);
            if used < area.height {
                canvas.frame.render_widget(line, Rect { y: area.y + used, height: 1, ..area });
            }
        }
    }

    /// What the lines are worth together, if there are several and all have prices.
    fn total(&self) -> Option<Decimal> {
        if self.lines.rows().len() < 2 {
            return None;
        }
        self.lines.rows().iter().map(value).try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))
    }
}

fn value(row: &LedgerRow) -> Option<Decimal> {
    row.unit_price.and_then(|price| price.checked_mul(row.quantity))
}

/// What all lines have in common.
fn head(row: &LedgerRow, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
    let (words, theme) = (canvas.words, canvas.theme);
    let said = |phrase: LedgerText| Span::styled(format!("{} ", words.say(phrase)), theme.dim);
    let moment = |moment| Span::raw(format!("{}  ", words.language.moment(moment, canvas.zone)));
    let mut first = vec![
        Span::styled(format!("{}  ", words.say(ledger::kind(&row.kind))), theme.title),
        said(LedgerText::By),
        Span::raw(format!("{}  ", row.posted_by)),
    ];
    if let Some(reference) = &row.reference {
        first.push(said(LedgerText::Reference));
        first.push(Span::raw(format!("{reference}  ")));
    }
    let happened = vec![said(LedgerText::Happened), moment(row.occurred_at)];
    let mut posted = vec![said(LedgerText::PostedAt), moment(row.posted_at)];
    if let Some(partner) = &row.partner {
        posted.push(said(LedgerText::Partner));
        posted.push(Span::raw(partner.clone()));
    }
    let mut lines = vec![Line::from(first), Line::from(happened), Line::from(posted)];
    if let Some(reason) = &row.reason {
        lines.push(Line::from(vec![said(LedgerText::Reason), Span::raw(reason.clone())]));
    }
    lines
}

/// What only one line has.
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
    let link = |phrase: LedgerText, id: Uuid| {
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
