//! Choosing the orders of a walk, one or several.

use super::walk::Walk;
use super::{ORDERS_MAX, Phase, PickScreen};
use crate::domain::{OrderKind, OrderNumber};
use crate::tui::text::pick::PickText;
use crate::tui::view::{Context, Severity};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

impl PickScreen {
    pub(super) fn ask_list_of_orders(&mut self, context: &mut Context<'_>) {
        self.orders.ask(query::OrdersToPick { limit: ORDERS_MAX }, context);
    }

    pub(super) fn orders_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let marked = &mut self.marked;
        let received =
            self.orders.answered::<query::OrdersToPick>(ticket, answer, context.now, |list, orders| {
                marked.retain(|number| orders.iter().any(|row| row.number == *number));
                list.replace(orders.clone(), |old, new| old.order_id == new.order_id);
            });
        received.is_own()
    }

    /// Selects or deselects the order under the cursor.
    pub(super) fn mark(&mut self) {
        let Some(number) = self.orders.value.selected().map(|row| row.number.clone()) else { return };
        if !self.marked.remove(&number) {
            self.marked.insert(number);
        }
    }

    /// Enter: chooses the order that was scanned or typed; with nothing typed, starts.
    pub(super) fn accept_order(&mut self, context: &mut Context<'_>) {
        let text = self.field.text().trim().to_owned();
        if text.is_empty() {
            return self.start_chosen(context);
        }
        let number =
            text.parse().or_else(|_| format!("{}{text}", OrderKind::Sales.prefix()).parse::<OrderNumber>());
        let rows = self.orders.value.rows();
        let listed = rows.iter().position(|row| number.as_ref() == Ok(&row.number));
        if let (Some(position), Ok(number)) = (listed, number) {
            self.orders.value.select(position);
            self.marked.insert(number);
            self.field.take();
        } else {
            self.fault = Some(context.words.fill(PickText::NotListed, &[("text", &text)]));
            self.field.preselect();
            context.ring();
        }
    }

    fn start_chosen(&mut self, context: &mut Context<'_>) {
        // In the order of the list, so that the most urgent is shipped first.
        let marked = self.orders.value.rows().iter().filter(|row| self.marked.contains(&row.number));
        let mut chosen: Vec<OrderNumber> = marked.map(|row| row.number.clone()).collect();
        if chosen.is_empty() {
            chosen.extend(self.orders.value.selected().map(|row| row.number.clone()));
        }
        if chosen.is_empty() {
            return context.ring();
        }
        self.start(chosen, context);
    }

    fn start(&mut self, chosen: Vec<OrderNumber>, context: &mut Context<'_>) {
        self.chosen = chosen;
        self.marked.clear();
        self.walk.forget();
        (self.listed, self.fault) = (false, None);
        self.docked.clear();
        self.field.take();
        self.phase = Phase::Walking;
        self.ask_pick_list(context);
    }

    /// Picks an order that was chosen on another screen, unless something else was begun.
    pub(super) fn begin_with(&mut self, number: OrderNumber, context: &mut Context<'_>) {
        let begun = self.phase != Phase::Choosing && self.walk.picked().next().is_some();
        if self.phase == Phase::Posting || begun {
            if !self.chosen.contains(&number) {
                let orders = self.chosen_words();
                context.tell(
                    Severity::Warning,
                    context.words.fill(PickText::OthersOpen, &[("orders", &orders)]),
                );
                context.ring();
            }
            return;
        }
        self.leave_review();
        self.start(vec![number], context);
    }

    /// Goes back to the list of orders.
    pub(super) fn choose_again(&mut self, context: &mut Context<'_>) {
        self.phase = Phase::Choosing;
        self.chosen.clear();
        self.walk = Walk::default();
        self.docked.clear();
        self.listed = false;
        self.fault = None;
        self.submission.forget();
        self.ask_list_of_orders(context);
    }

    /// The orders of the walk, in words.
    pub(super) fn chosen_words(&self) -> String {
        self.chosen.iter().map(OrderNumber::as_str).collect::<Vec<_>>().join(", ")
    }
}
