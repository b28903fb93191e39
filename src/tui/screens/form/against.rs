//! The purchase order that goods are received against: its number, the quantities still expected, and goods that it
//! cannot receive.

use rust_decimal::Decimal;

use super::line::{Goods, LineKey};
use super::post::Trouble;
use super::{Focus, FormScreen};
use crate::domain::display::safe_line;
use crate::domain::{
    Arrival, BasketLine, MovementKind, Order, OrderKind, OrderLine, OrderNumber, OrderRow, OrderState,
    Quantity, Sku, Suggestion,
};
use crate::tui::text::form::FormText;
use crate::tui::text::receive_order::ReceiveOrderText;
use crate::tui::text::{Words, failure, orders};
use crate::tui::view::{Context, Severity};
use crate::tui::widgets::completion::OFFERED_MAX;
use crate::tui::widgets::{Completion, Field};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// The most open orders that are suggested. The number of any other one can be typed or scanned.
const ORDERS_MAX: u32 = 500;
/// The most items of the order that a message names.
const ITEMS_SAID_MAX: usize = 5;

/// What is known about the order that was typed or scanned.
#[derive(Debug, Default)]
pub(super) enum State {
    /// No order has been named yet.
    #[default]
    Open,
    Asked,
    Known(Box<Order>),
    /// No goods can be received for it, and why.
    Wrong(String),
    /// Reading it failed; it is read again.
    Failed,
}

/// The order of a form that receives against one.
#[derive(Debug, Default)]
pub(super) struct Against {
    pub(super) field: Field,
    pub(super) state: State,
    /// The suggestions: open orders that match the typed text.
    pub(super) offers: Completion,
    asked: Option<Ticket>,
    open: Vec<OrderRow>,
    asked_open: Option<Ticket>,
}

impl Against {
    pub(super) fn order(&self) -> Option<&Order> {
        match &self.state {
            State::Known(order) => Some(order),
            _ => None,
        }
    }

    /// The number of the order, once it was named.
    pub(super) fn number(&self) -> Option<OrderNumber> {
        match &self.state {
            State::Known(order) => Some(order.row.number.clone()),
            State::Asked | State::Failed => self.named(self.field.text().trim()),
            State::Open | State::Wrong(_) => None,
        }
    }

    /// Whether no order has been named yet.
    pub(super) fn is_missing(&self) -> bool {
        !matches!(self.state, State::Known(_) | State::Asked)
    }

    /// Suggests the open orders whose number, partner or reference contains the typed text.
    fn offer(&mut self, words: Words) {
        let typed = self.field.text().trim().to_lowercase();
        let known = self.order().is_some_and(|order| order.row.number.as_str() == self.field.text());
        let fits = |row: &&OrderRow| {
            let texts = [
                Some(row.number.as_str()),
                row.partner.as_ref().map(|partner| partner.as_str()),
                row.partner_reference.as_ref().map(|reference| reference.as_str()),
            ];
            texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&typed))
        };
        let found = self.open.iter().filter(|_| !known).filter(fits).take(usize::from(OFFERED_MAX));
        self.offers.offer(found.map(|row| suggestion(row, words)).collect());
    }

    /// The order with this number, with or without its prefix, or with this reference of the supplier.
    fn named(&self, text: &str) -> Option<OrderNumber> {
        let theirs = |row: &&OrderRow| {
            row.partner_reference.as_ref().is_some_and(|theirs| theirs.as_str().eq_ignore_ascii_case(text))
        };
        let number = text.parse().or_else(|_| format!("{}{text}", OrderKind::Purchase.prefix()).parse());
        number.ok().or_else(|| self.open.iter().find(theirs).map(|row| row.number.clone()))
    }
}

fn suggestion(row: &OrderRow, words: Words) -> Suggestion {
    let partner = row.partner.as_ref().map(|partner| safe_line(partner.as_str()).into_owned());
    let due = row.due_on.map(|day| words.language.day(day));
    let late = row.late.then(|| words.say(orders::OrdersText::Late).to_owned());
    let note: Vec<String> = [partner, due, late].into_iter().flatten().collect();
    Suggestion { code: row.number.to_string(), note: note.join(" · ") }
}

impl FormScreen {
    /// The form that receives goods against a purchase order.
    #[must_use]
    pub fn against_order() -> Self {
        let against = Some(Against::default());
        Self { against, focus: Focus::Order, ..Self::new(MovementKind::Receipt) }
    }

    /// The order that goods are received against, once it is known.
    pub(super) fn order(&self) -> Option<&Order> {
        self.against.as_ref()?.order()
    }

    /// Whether the order is being looked up.
    pub(super) fn awaits_order(&self) -> bool {
        self.against.as_ref().is_some_and(|against| matches!(against.state, State::Asked))
    }

    /// Whether scans can be judged: the order, if there is one, has been looked up.
    pub(super) fn can_judge(&self) -> bool {
        let state = self.against.as_ref().map(|against| &against.state);
        !matches!(state, Some(State::Asked | State::Failed))
    }

    /// Suggests open orders for the text in the order field.
    pub(super) fn offer_orders(&mut self, words: Words) {
        if let Some(against) = self.against.as_mut().filter(|_| self.focus == Focus::Order) {
            against.offer(words);
        }
    }

    /// Handles a change of the text in the order field.
    pub(super) fn order_typed(&mut self, words: Words) {
        if let Some(against) = &mut self.against {
            against.state = State::Open;
            against.asked = None;
        }
        self.trouble = None;
        self.offer_orders(words);
    }

    /// Handles Enter in the order field.
    pub(super) fn accept_order(&mut self, context: &mut Context<'_>) {
        let Some(against) = &self.against else { return };
        let text = against.field.text().trim().to_owned();
        let chosen = against.offers.picked().and_then(|chosen| chosen.code.parse().ok());
        let named = chosen.or_else(|| against.named(&text));
        match named {
            _ if text.is_empty() && named.is_none() => context.ring(),
            Some(number) if self.order().is_none_or(|order| order.row.number != number) => {
                self.take_order(number, context);
            }
            Some(_) => self.focus_on(self.next_asked()),
            None => {
                self.fault = Some(context.words.fill(ReceiveOrderText::NoNumber, &[("text", &text)]));
                context.ring();
            }
        }
    }

    /// Makes this the order that goods are received against, unless there are lines for another one.
    pub(super) fn take_order(&mut self, number: OrderNumber, context: &mut Context<'_>) {
        let words = context.words;
        let other = self.order().map(|order| order.row.number.clone()).filter(|other| *other != number);
        if let Some(other) = other.filter(|_| !self.lines.is_empty()) {
            let n = words.language.number(Decimal::from(self.lines.all().len()));
            let places = [("n", &*n), ("order", other.as_str())];
            context.tell(Severity::Warning, words.fill(ReceiveOrderText::OrderInUse, &places));
            context.ring();
            return;
        }
        let Some(against) = &mut self.against else { return };
        against.field.set(number.as_str());
        against.offers.close();
        against.state = State::Asked;
        against.asked = Some(context.ask(query::OrderToReceive { number }));
        self.outcome = None;
        self.focus_on(self.next_asked());
    }

    /// Takes a text from the item field as an order number, if it is one, because the label of an order may be scanned
    /// at any time, and no item has such a code.
    pub(super) fn is_order(&mut self, text: &str, context: &mut Context<'_>) -> bool {
        let number = text.parse::<OrderNumber>().ok().filter(|_| self.against.is_some());
        let found = number.is_some();
        if let Some(number) = number {
            self.take_order(number, context);
        }
        found
    }

    /// Queries the order and the open orders.
    pub(super) fn ask_orders(&mut self, context: &mut Context<'_>) {
        let focus = self.focus == Focus::Order;
        let Some(against) = &mut self.against else { return };
        match &against.state {
            State::Known(order) => {
                let number = order.row.number.clone();
                against.asked = Some(context.ask(query::OrderToReceive { number }));
            }
            State::Failed => {
                if let Some(number) = against.named(against.field.text().trim()) {
                    against.state = State::Asked;
                    against.asked = Some(context.ask(query::OrderToReceive { number }));
                }
            }
            State::Open | State::Asked | State::Wrong(_) => {}
        }
        if focus {
            against.asked_open = Some(context.ask(query::OrdersToReceive { limit: ORDERS_MAX }));
        }
    }

    /// Handles the answer to a query about orders.
    pub(super) fn orders_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let words = context.words;
        let Some(against) = &mut self.against else { return false };
        if against.asked_open.take_if(|asked| *asked == ticket).is_some() {
            if let Ok(Answer::OrdersToReceive(open)) = answer {
                let open = open.iter().filter(|row| row.state != OrderState::Draft);
                against.open = open.cloned().collect();
                if against.offers.cursor().is_none() {
                    self.offer_orders(words);
                }
            }
            return true;
        }
        if against.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        let first = matches!(against.state, State::Asked);
        match answer {
            Ok(Answer::OrderToReceive(order)) => match not_receivable(order, words) {
                None => against.state = State::Known(order.clone()),
                Some(why) => against.state = State::Wrong(why),
            },
            Err(Failure::Refused(refusal)) => {
                let refused = Failure::Refused(refusal.clone());
                against.state = State::Wrong(failure::words(words, &refused));
            }
            // What is known already says enough.
            _ if !first => {}
            _ => against.state = State::Failed,
        }
        let partner = against.order().and_then(|order| order.row.partner.as_ref()).map(ToString::to_string);
        if matches!(against.state, State::Wrong(_)) && first {
            context.ring();
            self.focus_on(Focus::Order);
        } else if self.focus == Focus::Order && first {
            self.focus_on(self.next_asked());
        }
        if let Some(partner) = partner {
            self.partner.set(&partner);
        }
        self.settle(context);
        true
    }

    /// Why goods cannot be added: they are not on the order, or more than it can receive. `None` if they can.
    pub(super) fn not_taken(&self, goods: &Goods, added: Decimal, words: Words) -> Option<String> {
        let against = self.against.as_ref()?;
        let Some(order) = against.order() else {
            return Some(words.say(ReceiveOrderText::OrderFirst).to_owned());
        };
        if !order.lines.iter().any(|line| line.sku == goods.sku) {
            let expected = still_expected(self.left(order), words);
            let expected =
                expected.unwrap_or_else(|| words.say(ReceiveOrderText::NothingExpected).to_owned());
            let places = [
                ("sku", goods.sku.as_str()),
                ("name", &*safe_line(&goods.name)),
                ("order", order.row.number.as_str()),
                ("expected", &expected),
            ];
            return Some(words.fill(ReceiveOrderText::NotOnOrder, &places));
        }
        let need = self.sums().of(&goods.sku) + added;
        let room = Arrival::of(&order.lines).room(&goods.sku, goods.decimals);
        (need > room).then(|| too_much(order, &goods.sku, room, need, words))
    }

    /// Warns if more of a product was scanned than is expected.
    pub(super) fn warn_of_more(&self, goods: &Goods, context: &mut Context<'_>) {
        let Some(order) = self.order() else { return };
        let words = context.words;
        let open: Decimal = of_product(order, &goods.sku).map(|line| line.open).sum();
        let more = self.sums().of(&goods.sku) - open;
        if more > Decimal::ZERO {
            let most = Arrival::of(&order.lines).room(&goods.sku, goods.decimals) - open;
            let (more, most) = (words.language.number(more), words.language.number(most));
            let places = [
                ("sku", goods.sku.as_str()),
                ("n", &*more),
                ("order", order.row.number.as_str()),
                ("most", &*most),
            ];
            context.tell(Severity::Warning, words.fill(ReceiveOrderText::Beyond, &places));
        }
    }

    /// Distributes the lines of the form over the lines of the order.
    pub(super) fn share(&self, lines: Vec<BasketLine>, words: Words) -> Result<Vec<BasketLine>, Trouble> {
        let Some(against) = &self.against else { return Ok(lines) };
        let Some(order) = against.order() else {
            let why = match &against.state {
                State::Wrong(why) => why.clone(),
                _ => words.say(ReceiveOrderText::NoOrder).to_owned(),
            };
            return Err(Trouble::new(Some(Focus::Order), why));
        };
        let mut arrival = Arrival::of(&order.lines);
        let mut shared = Vec::with_capacity(lines.len());
        for line in lines {
            let key = self.line_of(line.sku.as_str(), None);
            let goods = key.and_then(|key| self.lines.goods_of(key));
            let decimals = goods.map_or(0, |goods| goods.decimals);
            let Some(parts) = arrival.take(&line.sku, line.quantity.value(), decimals) else {
                let why = goods.and_then(|goods| self.not_taken(goods, Decimal::ZERO, words));
                return Err(Trouble { line: key, ..Trouble::new(None, why.unwrap_or_default()) });
            };
            for (of, part) in parts {
                // Each part is a quantity of the product, as the whole is.
                let Ok(quantity) = Quantity::new(part) else { continue };
                let unit_price = line.unit_price.or(of.price);
                let order_line = Some(of.order_line_id);
                shared.push(BasketLine { quantity, unit_price, order_line, ..line.clone() });
            }
        }
        Ok(shared)
    }

    /// What each line of the order still expects once the form is posted.
    pub(super) fn left<'a>(&self, order: &'a Order) -> Vec<(&'a OrderLine, Decimal)> {
        let sums = self.sums();
        let mut arrival = Arrival::of(&order.lines);
        let mut now: Vec<(&OrderLine, Decimal)> = Vec::new();
        for (_, goods) in self.lines.goods().filter(|(key, goods)| self.is_first(*key, &goods.sku)) {
            now.extend(arrival.take(&goods.sku, sums.of(&goods.sku), goods.decimals).unwrap_or_default());
        }
        let of_line = |line: &OrderLine| {
            let taken = now.iter().filter(|(of, _)| of.order_line_id == line.order_line_id);
            line.open - taken.map(|(_, units)| *units).sum::<Decimal>()
        };
        order.lines.iter().map(|line| (line, of_line(line))).collect()
    }

    /// Whether a line is the first of its product.
    fn is_first(&self, key: LineKey, sku: &Sku) -> bool {
        self.lines.goods().find(|(_, goods)| goods.sku == *sku).is_some_and(|(first, _)| first == key)
    }

    /// Text that says what stays open on the order once the form is posted.
    pub(super) fn stays_open(&self, words: Words) -> Option<String> {
        let order = self.order()?;
        let number = [("order", order.row.number.as_str())];
        Some(match still_expected(self.left(order), words) {
            Some(items) => words.fill(ReceiveOrderText::StaysOpen, &[number[0], ("items", &items)]),
            None => words.fill(ReceiveOrderText::NothingStaysOpen, &number),
        })
    }

    /// The question before posting, or the message after it, for a form that receives against an order.
    pub(super) fn for_order(&self, phrase: ReceiveOrderText, words: Words) -> Option<String> {
        let order = self.order()?;
        let to = self.to.code().map(ToString::to_string).unwrap_or_default();
        let places = [("total", &*self.total(words)), ("order", order.row.number.as_str()), ("to", &*to)];
        Some(words.fill(phrase, &places))
    }

    /// Removes the order from the form.
    pub(super) fn forget_order(&mut self) {
        if let Some(against) = &mut self.against {
            against.field.take();
            (against.state, against.asked) = (State::Open, None);
        }
    }

    /// The hint for an empty form.
    pub(super) fn how_to_begin(&self, words: Words) -> &'static str {
        match &self.against {
            Some(against) if against.is_missing() => words.say(ReceiveOrderText::Start),
            _ if self.missing_end().is_some() => words.say(FormText::StartPlace),
            _ => words.say(FormText::StartItems),
        }
    }
}

/// The lines of a product.
fn of_product<'a>(order: &'a Order, sku: &Sku) -> impl Iterator<Item = &'a OrderLine> {
    order.lines.iter().filter(move |line| line.sku == *sku)
}

/// Why no goods can be received for an order; `None` if they can.
fn not_receivable(order: &Order, words: Words) -> Option<String> {
    let number = ("order", order.row.number.as_str());
    match (order.row.kind, order.row.state) {
        (OrderKind::Sales | OrderKind::Transfer, _) => {
            Some(words.fill(ReceiveOrderText::NotAPurchase, &[number]))
        }
        (OrderKind::Purchase, state @ (OrderState::Draft | OrderState::Done | OrderState::Cancelled)) => {
            let state = words.say(orders::state(state));
            Some(words.fill(ReceiveOrderText::NotOpen, &[number, ("state", state)]))
        }
        (OrderKind::Purchase, _) => None,
    }
}

/// Text that names the first items still expected; `None` if nothing is.
fn still_expected(left: Vec<(&OrderLine, Decimal)>, words: Words) -> Option<String> {
    let open: Vec<_> = left.into_iter().filter(|(_, left)| *left > Decimal::ZERO).collect();
    let item = |(line, left): &(&OrderLine, Decimal)| {
        let n = words.language.number(*left);
        words.fill(ReceiveOrderText::OfItem, &[("n", &n), ("sku", line.sku.as_str())])
    };
    let said: Vec<String> = open.iter().take(ITEMS_SAID_MAX).map(item).collect();
    let items = said.join(", ");
    match open.len().saturating_sub(ITEMS_SAID_MAX) {
        0 if open.is_empty() => None,
        0 => Some(items),
        more => {
            let n = words.language.number(Decimal::from(more));
            Some(words.fill(ReceiveOrderText::AndMore, &[("items", &items), ("n", &n)]))
        }
    }
}

fn too_much(order: &Order, sku: &Sku, room: Decimal, need: Decimal, words: Words) -> String {
    let sum = |of: fn(&OrderLine) -> Decimal| words.language.number(of_product(order, sku).map(of).sum());
    let over = of_product(order, sku).map(|line| line.over_percent).max().unwrap_or_default();
    let (ordered, moved) = (sum(|line| line.quantity), sum(|line| line.moved));
    let phrase = if over.is_zero() { ReceiveOrderText::TooMuch } else { ReceiveOrderText::TooMuchOver };
    let places = [
        ("order", order.row.number.as_str()),
        ("sku", sku.as_str()),
        ("room", &words.language.number(room)),
        ("ordered", &ordered),
        ("over", &words.language.number(over)),
        ("moved", &moved),
        ("need", &words.language.number(need)),
    ];
    words.fill(phrase, &places)
}
