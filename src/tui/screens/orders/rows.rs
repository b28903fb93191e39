//! Orders as rows of a list: in the list of orders, and in that of a partner.

use ratatui::style::Style;
use rust_decimal::Decimal;

use crate::domain::display::safe_line;
use crate::domain::{OrderRow, OrderState};
use crate::tui::text::Words;
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::Canvas;
use crate::tui::widgets::table::{Cell, Column};

/// How many orders are listed at most. Nobody reads on; a filter or `stockroom order list` shows others.
pub(super) const ORDERS_MAX: u32 = 500;

/// The columns of a list of orders.
pub(super) fn columns(words: Words) -> [Column; 8] {
    let say = |phrase: OrdersText| words.say(phrase);
    [
        Column::text(say(OrdersText::Number), 10, 0),
        Column::text(say(OrdersText::Kind), 9, 3),
        Column::fill(say(OrdersText::Partner), 10),
        Column::text(say(OrdersText::Due), 12, 0),
        Column::text("", 9, 2),
        Column::text(say(OrdersText::State), 18, 0),
        Column::figure(say(OrdersText::Done), 5, 1),
        Column::figure(say(OrdersText::Lines), 6, 4),
    ]
}

/// The cells of an order.
pub(super) fn cells(row: &OrderRow, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
    let (words, theme) = (canvas.words, canvas.theme);
    // A transfer order has no partner, but a destination.
    let partner = row.partner.as_ref().map(ToString::to_string);
    let partner = partner.or_else(|| row.to.as_ref().map(|to| format!("→ {to}")));
    vec![
        Cell::new(row.number.to_string()),
        Cell::styled(words.say(orders::kind(row.kind)), theme.dim),
        Cell::new(safe_line(&partner.unwrap_or_default())),
        Cell::new(row.due_on.map(|day| words.language.day(day)).unwrap_or_default()),
        Cell::styled(if row.late { words.say(OrdersText::Late) } else { "" }, theme.warning),
        Cell::styled(words.say(orders::state(row.state)), state_style(row.state, canvas)),
        Cell::new(share(row.moved, row.ordered)),
        Cell::styled(words.language.number(Decimal::from(row.line_count)), theme.dim),
    ]
}

fn state_style(state: OrderState, canvas: &Canvas<'_, '_>) -> Style {
    match state {
        OrderState::Done => canvas.theme.good,
        OrderState::Draft | OrderState::Cancelled => canvas.theme.dim,
        OrderState::Confirmed
        | OrderState::PartlyReserved
        | OrderState::Reserved
        | OrderState::Picking
        | OrderState::PartlyDone => canvas.theme.text,
    }
}

/// How much of the units ordered has moved, in whole percent, rounded down so that 100 means all.
pub(super) fn share(moved: Decimal, ordered: Decimal) -> String {
    let percent = (moved * Decimal::ONE_HUNDRED).checked_div(ordered).unwrap_or_default();
    format!("{} %", percent.floor().normalize())
}
