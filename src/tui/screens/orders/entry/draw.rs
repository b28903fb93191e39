//! How the form of an order is drawn.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;

use super::OrderForm;
use super::head::Position;
use super::lines::FormLine;
use crate::domain::display::safe_line;
use crate::domain::{LineChanges, NewOrder};
use crate::tui::screens::orders::progress::progress;
use crate::tui::text::Words;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::{Canvas, Hit};
use crate::tui::widgets::panel::panel;
use crate::tui::widgets::table::{Cell, Column};

/// The most lines that a fault takes.
const FAULT_LINES: u16 = 2;
/// How many removed lines the review names.
const REMOVED_TOLD_MAX: usize = 8;

impl OrderForm {
    pub(super) fn draw_form(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let title = match &self.editing {
            Some(edited) => words.fill(OrdersText::EditTitle, &[("number", edited.number.as_str())]),
            None => words.say(OrdersText::NewTitle).to_owned(),
        };
        let inside = panel(canvas, area, &title, canvas.focus);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
        let fault = if self.fault.is_some() || self.submission.is_under_way() { FAULT_LINES } else { 0 };
        let fields = u16::try_from(self.head.form.count()).unwrap_or(u16::MAX);
        let [head, scan, list, state] = Layout::vertical([
            Constraint::Length(if self.review.is_some() { 0 } else { fields }),
            Constraint::Length(u16::from(self.review.is_none())),
            Constraint::Min(1),
            Constraint::Length(fault),
        ])
        .areas(inside);
        self.draw_state(state, canvas);
        if let Some(order) = &self.review {
            let lines = self.in_words(order, canvas);
            canvas.frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), list);
            return;
        }
        let focus = canvas.focus;
        canvas.focus = focus && !self.scanning;
        let kind = self.head.kind();
        let focused = self.head.form.draw(head, canvas, |position, canvas| {
            let is_of = Position::ALL.get(position).is_none_or(|position| position.is_of(kind));
            if is_of { "" } else { canvas.words.say(OrdersText::NotOfKind) }
        });
        canvas.focus = focus;
        self.scan.show_as_search(scan, canvas, focus && self.scanning, words.say(OrdersText::ScanHint));
        canvas.hit(scan, Hit::Field(self.head.form.count()));
        self.draw_lines(list, canvas);
        if let Some(spot) = if self.scanning { Some(Rect { x: scan.x + 3, ..scan }) } else { focused } {
            self.completion.draw_below(spot, area, canvas);
        }
    }

    fn draw_state(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let text = progress(&self.submission, self.fault.as_deref(), canvas);
        canvas.frame.render_widget(Paragraph::new(Line::from(text)).wrap(Wrap { trim: true }), area);
    }

    fn draw_lines(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let say = |phrase: OrdersText| canvas.words.say(phrase);
        let columns = [
            Column::text(say(OrdersText::Item), 14, 0),
            Column::fill(say(OrdersText::Name), 10),
            Column::figure(say(OrdersText::QuantityField), 9, 0),
            Column::text("", 6, 3),
            Column::figure(say(OrdersText::PriceField), 13, 2),
            Column::figure(say(OrdersText::OverField), 15, 4),
            Column::figure(say(OrdersText::Amount), 12, 5),
        ];
        self.lines.draw(area, &columns, canvas, |_, line, canvas| cells(line, canvas));
        if self.lines.is_empty() {
            let spot = Rect {
                x: area.x + 2,
                y: area.y + 1.min(area.height),
                width: area.width.saturating_sub(2),
                height: area.height.saturating_sub(1),
            };
            let text = Paragraph::new(canvas.words.say(OrdersText::EntryHelp)).style(canvas.theme.dim);
            canvas.frame.render_widget(text.wrap(Wrap { trim: true }), spot);
        }
    }

    /// What will be saved.
    fn in_words(&self, order: &NewOrder, canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let (words, theme) = (canvas.words, canvas.theme);
        let mut lines = Vec::new();
        let mut say = |label: OrdersText, value: Option<String>| {
            if let Some(value) = value {
                let label = words.fill(OrdersText::Labelled, &[("label", words.say(label))]);
                let value = safe_line(&value).into_owned();
                lines.push(Line::from(vec![Span::styled(label, theme.dim), Span::raw(format!(" {value}"))]));
            }
        };
        say(OrdersText::Kind, Some(words.say(orders::kind(order.kind)).to_owned()));
        say(OrdersText::Partner, order.partner.as_ref().map(ToString::to_string));
        say(OrdersText::TheirReference, order.partner_reference.as_ref().map(ToString::to_string));
        say(OrdersText::Due, order.due_on.map(|day| words.language.day(day)));
        say(OrdersText::ShipToField, order.ship_to.as_ref().map(ToString::to_string));
        say(OrdersText::ToField, order.to.as_ref().map(ToString::to_string));
        say(OrdersText::NoteField, order.note.as_ref().map(ToString::to_string));
        let count = words.language.number(Decimal::from(order.lines.len()));
        say(OrdersText::Lines, Some(count));
        // Without a price for each line a sum would say too little.
        let amounts: Option<Vec<Decimal>> = self.lines.rows().iter().map(FormLine::amount).collect();
        say(OrdersText::Amount, amounts.map(|amounts| words.language.money(amounts.into_iter().sum())));
        if let Some(edited) = &self.editing {
            say(OrdersText::Removed, removed(&edited.shown, order, words));
        }
        lines.push(Line::default());
        let phrase = match (&self.editing, canvas.rights.administers) {
            (Some(_), _) => OrdersText::ReviewEdit,
            (None, true) => OrdersText::ReviewAdmin,
            (None, false) => OrdersText::ReviewClerk,
        };
        lines.push(Line::from(Span::styled(words.say(phrase), theme.warning)));
        lines
    }
}

/// The lines that a draft loses, in words.
fn removed(shown: &NewOrder, wanted: &NewOrder, words: Words) -> Option<String> {
    let lines = LineChanges::of(&shown.lines, &wanted.lines).removed;
    let one = |at: &usize| {
        let line = &shown.lines[*at];
        let n = words.language.number(line.quantity.value());
        words.fill(OrdersText::RemovedLine, &[("item", line.sku.as_str()), ("n", &n)])
    };
    let mut told: Vec<String> = lines.iter().take(REMOVED_TOLD_MAX).map(one).collect();
    let more = lines.len().saturating_sub(REMOVED_TOLD_MAX);
    if more > 0 {
        let n = words.language.number(Decimal::from(more));
        told.push(words.fill(OrdersText::AndMore, &[("n", &n)]));
    }
    (!told.is_empty()).then(|| told.join(", "))
}

fn cells(line: &FormLine, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    let money =
        |amount: Option<Decimal>| amount.map(|amount| words.language.money(amount)).unwrap_or_default();
    let over =
        if line.over_percent.is_zero() { String::new() } else { words.language.number(line.over_percent) };
    vec![
        Cell::new(line.sku.to_string()),
        Cell::styled(safe_line(&line.name).into_owned(), theme.dim),
        Cell::new(words.language.number(line.quantity.value())),
        Cell::styled(safe_line(&line.unit).into_owned(), theme.dim),
        Cell::new(money(line.unit_price.map(|price| price.value()))),
        Cell::new(over),
        Cell::styled(money(line.amount()), theme.dim),
    ]
}
