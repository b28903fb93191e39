//! How the proposal and its review are drawn.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_decimal::Decimal;

use super::{ReorderView, Row};
use crate::domain::NewOrder;
use crate::domain::display::safe_line;
use crate::tui::screens::orders::progress::progress;
use crate::tui::text::orders::OrdersText;
use crate::tui::text::stock::StockText;
use crate::tui::view::Canvas;
use crate::tui::widgets::panel::cover;
use crate::tui::widgets::table::{Cell, Column};

/// The most lines that a fault takes.
const FAULT_LINES: u16 = 2;

impl ReorderView {
    pub(super) fn draw_view(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let inside = cover(canvas, area, words.say(OrdersText::ReorderTitle));
        let state = progress(&self.submission, self.fault.as_deref(), canvas);
        let lines = if state.content.is_empty() { 0 } else { FAULT_LINES };
        let [body, foot] = Layout::vertical([Constraint::Min(1), Constraint::Length(lines)]).areas(inside);
        let foot = Rect { x: foot.x + 1, width: foot.width.saturating_sub(2), ..foot };
        canvas.frame.render_widget(Paragraph::new(Line::from(state)).wrap(Wrap { trim: true }), foot);
        if let Some(orders) = &self.review {
            let body = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
            let lines = self.in_words(orders, canvas);
            canvas.frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), body);
            return;
        }
        let say = |phrase: OrdersText| words.say(phrase);
        let columns = [
            Column::text(say(OrdersText::Supplier), 11, 0),
            Column::text(say(OrdersText::Item), 14, 0),
            Column::fill(say(OrdersText::Name), 10),
            Column::figure(words.say(StockText::Available), 10, 1),
            Column::figure(say(OrdersText::OnOrder), 9, 3),
            Column::figure(words.say(StockText::Reorder), 11, 5),
            Column::figure(say(OrdersText::Demand), 9, 2),
            Column::figure(say(OrdersText::Pack), 6, 6),
            Column::figure(say(OrdersText::ToOrder), 11, 0),
            Column::figure(say(OrdersText::PriceField), 13, 4),
        ];
        let nothing = say(OrdersText::NothingLow);
        self.rows.draw(body, &columns, canvas, |_, row, canvas| cells(row, canvas), nothing);
    }

    /// What will be ordered from whom, and what will not.
    fn in_words(&self, orders: &[NewOrder], canvas: &Canvas<'_, '_>) -> Vec<Line<'static>> {
        let (words, theme) = (canvas.words, canvas.theme);
        let mut lines = Vec::new();
        for order in orders {
            let count = u64::try_from(order.lines.len()).unwrap_or(u64::MAX);
            let amount = |line: &crate::domain::NewOrderLine| {
                line.unit_price.map(|price| price.value().saturating_mul(line.quantity.value()))
            };
            // Without a price for each line a sum would say too little.
            let amounts: Option<Vec<Decimal>> = order.lines.iter().map(amount).collect();
            let amount = amounts.map(|amounts| words.language.money(amounts.into_iter().sum()));
            let mut parts = vec![
                order.partner.as_ref().map(ToString::to_string).unwrap_or_default(),
                words.count(count, OrdersText::LinesOne, OrdersText::LinesMany),
            ];
            parts.extend(amount);
            parts.extend(
                order.due_on.map(|day| words.fill(OrdersText::DueOn, &[("day", &words.language.day(day))])),
            );
            lines.push(Line::from(parts.join(" · ")));
        }
        let without = self
            .rows
            .value
            .rows()
            .iter()
            .filter(|row| row.supplier.is_none() && row.quantity > Decimal::ZERO);
        let without = u64::try_from(without.count()).unwrap_or(u64::MAX);
        if without > 0 {
            let text = words.count(without, OrdersText::NoSupplierOne, OrdersText::NoSupplierMany);
            lines.push(Line::from(Span::styled(text, theme.dim)));
        }
        lines.push(Line::default());
        lines.push(Line::from(Span::styled(words.say(OrdersText::ReviewReorder), theme.warning)));
        lines
    }
}

fn cells(row: &Row, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    let number = |figure: Decimal| words.language.number(figure);
    let proposal = &row.proposal;
    let supplier = match &row.supplier {
        Some(supplier) => Cell::new(safe_line(supplier.as_str()).into_owned()),
        None => Cell::styled(words.say(OrdersText::NoSupplier), theme.warning),
    };
    let quantity = match (row.is_ordered(), row.edited) {
        (false, _) => Cell::styled(
            if row.quantity.is_zero() { "–".to_owned() } else { number(row.quantity) },
            theme.dim,
        ),
        (true, true) => Cell::styled(number(row.quantity), theme.title),
        (true, false) => Cell::new(number(row.quantity)),
    };
    vec![
        supplier,
        Cell::new(proposal.sku.to_string()),
        Cell::styled(safe_line(&proposal.name).into_owned(), theme.dim),
        Cell::new(number(proposal.available)),
        Cell::new(number(proposal.on_order)),
        Cell::styled(number(proposal.reorder_point), theme.dim),
        Cell::new(number(proposal.demand)),
        Cell::styled(number(proposal.pack), theme.dim),
        quantity,
        Cell::styled(
            proposal.price.map(|price| words.language.money(price.value())).unwrap_or_default(),
            theme.dim,
        ),
    ]
}
