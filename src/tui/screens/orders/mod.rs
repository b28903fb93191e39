//! The orders: a list, the most urgent first, and one of them in full.
//!
//! Boundary: an order is taken further as a whole. Single lines, receipts and drafts are the business of
//! `stockroom order`.

pub mod order;
#[cfg(test)]
mod tests;

use ratatui::layout::Rect;
use ratatui::style::Style;
use rust_decimal::Decimal;

use self::order::OrderView;
use crate::domain::display::safe_line;
use crate::domain::{OrderRow, OrderState};
use crate::tui::command::{Command, Scope};
use crate::tui::text::orders::{self, OrdersText};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, View};
use crate::tui::widgets::empty::draw_empty;
use crate::tui::widgets::panel::cover;
use crate::tui::widgets::table::{Cell, Column};
use crate::tui::widgets::{Fetched, List};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// How many orders are listed; whoever needs more has `stockroom order list`.
const ORDERS_MAX: u32 = 500;

/// The list of orders, over a screen.
#[derive(Debug, Default)]
pub struct OrdersView {
    orders: Fetched<List<OrderRow>>,
    /// What is done or cancelled is listed too.
    all: bool,
}

impl OrdersView {
    fn ask(&mut self, context: &mut Context<'_>) {
        self.orders.ask(query::Orders { unfinished: !self.all, limit: ORDERS_MAX }, context);
    }

    fn switch(&mut self, context: &mut Context<'_>) {
        self.all = !self.all;
        self.ask(context);
    }

    fn open(&self, context: &mut Context<'_>) {
        match self.orders.value.selected() {
            Some(row) => {
                let view = OrderView::new(row.number.clone(), context);
                context.request(Action::Open(Box::new(view)));
            }
            None => context.ring(),
        }
    }
}

impl Bound for OrdersView {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::Filter, |view, context| view.switch(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.orders.value.selected().map(|row| row.number.to_string()));
        }),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        // The key that has opened it closes it too.
        Binding::Several(&[Command::Close, Command::Orders], |_, _, context| {
            context.request(Action::Close);
        }),
        Binding::Several(Command::LIST, |view, command, _| {
            view.orders.value.command(command);
        }),
    ]];
}

impl View for OrdersView {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Orders, Scope::List, Scope::Dialog]
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Close, Command::Open, Command::Filter, Command::Copy]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if let Hit::Row(position) = hit
            && self.orders.value.click(position)
        {
            self.open(context);
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let received = self.orders.answered::<query::Orders>(ticket, answer, context.now, |list, orders| {
            list.replace(orders.clone(), |old, new| old.order_id == new.order_id);
        });
        received.is_own()
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let (title, nothing) = match self.all {
            true => (OrdersText::TitleAll, OrdersText::NothingAtAll),
            false => (OrdersText::TitleOpen, OrdersText::Nothing),
        };
        let inside = cover(canvas, area, words.say(title));
        let say = |phrase: OrdersText| words.say(phrase);
        let columns = [
            Column::text(say(OrdersText::Number), 10, 0),
            Column::text(say(OrdersText::Kind), 9, 3),
            Column::fill(say(OrdersText::Partner), 10),
            Column::text(say(OrdersText::Due), 12, 0),
            Column::text("", 9, 2),
            Column::text(say(OrdersText::State), 18, 0),
            Column::figure(say(OrdersText::Done), 5, 1),
            Column::figure(say(OrdersText::Lines), 6, 4),
        ];
        self.orders.value.draw(inside, &columns, canvas, |_, row, canvas| cells(row, canvas));
        if self.orders.value.is_empty() {
            draw_empty(self.orders.is_asked(), self.orders.failure(), say(nothing), inside, canvas);
        }
    }
}

fn cells(row: &OrderRow, canvas: &Canvas<'_, '_>) -> Vec<Cell> {
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
fn share(moved: Decimal, ordered: Decimal) -> String {
    let percent = (moved * Decimal::ONE_HUNDRED).checked_div(ordered).unwrap_or_default();
    format!("{} %", percent.floor().normalize())
}
