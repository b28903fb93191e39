//! Postings of the pick screen: picked goods, a shortage, a shipment. Each is reviewed, posted once, and its outcome
//! shown.

use rust_decimal::Decimal;

use super::kept::Resuming;
use super::short::Shortage;
use super::words::goods_words;
use super::{Phase, PickScreen};
use crate::domain::{Allocation, LocationCode, OrderNumber, PickedGoods};
use crate::tui::screens::choice::Choice;
use crate::tui::text::pick::PickText;
use crate::tui::text::{Words, failure};
use crate::tui::view::{Action, Context, Ended, Review, Severity};
use crate::tui::widgets::Scroll;
use crate::worker::message::{OrderStep, ShortPick, Write, Written};

/// The dock that was chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DockChosen(pub(super) LocationCode);

/// A posting of the pick screen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    /// Moves the picked goods to a dock.
    Pick {
        goods: Vec<PickedGoods>,
        to: LocationCode,
    },
    Short(Box<Shortage>),
    /// Ships the goods of an order that are at docks.
    Ship {
        number: OrderNumber,
        goods: Vec<Allocation>,
    },
}

impl PickScreen {
    /// Reviews the next posting: the picked goods, or else the shipment of the first order with goods at a dock.
    pub(super) fn review_next(&mut self, context: &mut Context<'_>) {
        let words = context.words;
        if self.submission.is_under_way() || !matches!(self.phase, Phase::Walking | Phase::Quantity) {
            return context.ring();
        }
        self.field.take();
        self.phase = Phase::Walking;
        if let Some(gone) = self.walk.stops().iter().position(|stop| !stop.excess().is_zero()) {
            self.walk.go_to(gone);
            let why = self.gone_words(gone, context);
            return self.refuse(why, context);
        }
        let goods = self.walk.goods();
        if goods.is_empty() {
            let Some(number) = self.orders_at_docks().into_iter().next() else {
                return self.refuse(words.say(PickText::NothingPicked).to_owned(), context);
            };
            return self.show_review(self.shipment(number));
        }
        match (&self.dock, self.docks.as_slice()) {
            (Some(to), _) | (None, [to]) => {
                let to = to.clone();
                self.show_review(Act::Pick { goods, to });
            }
            (None, []) => self.refuse(words.say(PickText::NoDock).to_owned(), context),
            (None, docks) => {
                let options = docks.iter().map(|dock| (dock.to_string(), DockChosen(dock.clone()))).collect();
                let first = DockChosen(docks[0].clone());
                let choice = Choice::new(words.say(PickText::WhichDock), options, &first);
                context.request(Action::Open(Box::new(choice)));
            }
        }
    }

    /// The shipment of an order.
    fn shipment(&self, number: OrderNumber) -> Act {
        let goods = self.docked.iter().filter(|at| at.number == number).cloned().collect();
        Act::Ship { number, goods }
    }

    /// Updates the shipment under review after the list has changed.
    pub(super) fn review_again(&mut self) {
        let Some(Act::Ship { number, .. }) = self.act.as_ref().filter(|_| self.phase == Phase::Review) else {
            return;
        };
        match self.shipment(number.clone()) {
            Act::Ship { goods, .. } if goods.is_empty() => self.leave_review(),
            shipment if self.act.as_ref() != Some(&shipment) => self.show_review(shipment),
            _ => {}
        }
    }

    fn gone_words(&self, position: usize, context: &Context<'_>) -> String {
        let Some(stop) = self.walk.stops().get(position) else { return String::new() };
        let key = context.keymap.keys(crate::tui::command::Command::EditQuantity);
        let (n, at) = (context.words.language.number(stop.excess()), &stop.allocation);
        let places = [
            ("n", &*n),
            ("sku", at.sku.as_str()),
            ("place", at.location.as_str()),
            ("order", at.number.as_str()),
            ("key", &*key.first().map(ToString::to_string).unwrap_or_default()),
        ];
        let one = stop.excess() == Decimal::ONE;
        context.words.fill(if one { PickText::GoneOne } else { PickText::Gone }, &places)
    }

    /// The orders with goods at docks, in the order in which they were chosen.
    pub(super) fn orders_at_docks(&self) -> Vec<OrderNumber> {
        let waits = |number: &&OrderNumber| self.docked.iter().any(|at| at.number == **number);
        self.chosen.iter().filter(waits).cloned().collect()
    }

    pub(super) fn show_review(&mut self, act: Act) {
        self.fault = None;
        self.review = Scroll::default();
        self.reviewing.open(act.clone());
        self.act = Some(act);
        self.phase = Phase::Review;
    }

    /// Returns to the walk.
    pub(super) fn leave_review(&mut self) {
        if matches!(self.phase, Phase::Review | Phase::Discarding | Phase::Quantity) {
            self.phase = Phase::Walking;
        }
        self.act = None;
        self.reviewing = Review::default();
    }

    /// Sends the reviewed posting.
    pub(super) fn post(&mut self, context: &mut Context<'_>) {
        let Some(act) = self.act.clone() else { return context.ring() };
        let Some(confirmed) = self.reviewing.confirm(&act) else { return context.ring() };
        self.adopt_resumed(&act);
        let write = |id, act: &Act| match act {
            Act::Pick { goods, to } => Write::Pick { goods: goods.clone(), to: to.clone(), id },
            Act::Short(short) => {
                let Shortage { allocation, missing, reason, .. } = short.as_ref().clone();
                Write::ShortPick(ShortPick { allocation, missing, reason, id })
            }
            Act::Ship { number, goods } => {
                let goods = PickedGoods::to_ship(goods).unwrap_or_default();
                Write::Order { number: number.clone(), step: OrderStep::Ship, goods, id }
            }
        };
        if self.submission.send(act, confirmed, context, write) {
            self.fault = None;
            self.phase = Phase::Posting;
        }
    }

    /// Handles the outcome of the posting.
    pub(super) fn post_ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        match ended {
            Ended::Posted(written) => self.succeeded(*written, context),
            Ended::Unknown(failure) => {
                context.fail(failure);
                context.ring();
            }
            Ended::Refused(error) => self.refused(failure::words(context.words, error), context),
            Ended::NotPosted => {
                self.refused(context.words.say(PickText::WasNotPosted).to_owned(), context);
            }
        }
    }

    /// Handles a refusal. The list is read again, because somebody else may have picked or released something.
    fn refused(&mut self, why: String, context: &mut Context<'_>) {
        self.phase = Phase::Review;
        self.leave_review();
        context.tell(Severity::Bad, why.clone());
        self.refuse(why, context);
        self.ask_pick_list(context);
    }

    fn succeeded(&mut self, written: Option<&Written>, context: &mut Context<'_>) {
        let words = context.words;
        self.phase = Phase::Walking;
        match self.act.take() {
            Some(Act::Pick { goods, to }) => {
                let places = [("lines", &*lines(goods.len(), words)), ("dock", to.as_str())];
                context.tell(Severity::Good, words.fill(PickText::DonePick, &places));
                self.walk.posted();
            }
            Some(Act::Short(short)) => {
                let (severity, text) = short_done(&short, written, words);
                context.tell(severity, text);
                self.walk.released(&short.key(), short.missing);
            }
            Some(Act::Ship { number, .. }) => {
                context.tell(Severity::Good, words.fill(PickText::DoneShip, &[("order", number.as_str())]));
                self.docked.retain(|at| at.number != number);
            }
            None => {}
        }
        self.reviewing = Review::default();
        self.resuming = None::<Resuming>;
        self.ask_pick_list(context);
    }

    /// Discards what was picked and not posted.
    pub(super) fn discard(&mut self, context: &mut Context<'_>) {
        self.choose_again(context);
    }

    /// Handles Esc: goes back one step. What was picked is kept until it is posted or discarded.
    pub(super) fn back(&mut self, context: &mut Context<'_>) {
        match self.phase {
            Phase::Review | Phase::Discarding | Phase::Quantity => {
                self.field.take();
                self.leave_review();
            }
            _ if !self.field.is_empty() || self.fault.is_some() => {
                self.field.take();
                self.fault = None;
            }
            Phase::Walking if self.walk.picked().next().is_none() => self.choose_again(context),
            Phase::Walking => {
                let key = |command| {
                    context.keymap.keys(command).first().map(ToString::to_string).unwrap_or_default()
                };
                let post = key(crate::tui::command::Command::Post);
                let discard = key(crate::tui::command::Command::Discard);
                let places = [("post", &*post), ("discard", &*discard)];
                let text = context.words.fill(PickText::Kept, &places);
                context.tell(Severity::Note, text);
            }
            Phase::Choosing if !self.marked.is_empty() => self.marked.clear(),
            Phase::Choosing => context.request(Action::Back),
            Phase::Posting => context.ring(),
        }
    }
}

/// A number of lines, as text.
pub(super) fn lines(number: usize, words: Words) -> String {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    words.count(number, PickText::LineOne, PickText::LineMany)
}

/// Where goods are reserved instead, in words.
pub(super) fn instead_words<'a>(
    places: impl Iterator<Item = (&'a LocationCode, Option<&'a str>, Decimal)>,
    words: Words,
) -> String {
    let one = |(place, lot, n): (&LocationCode, Option<&str>, Decimal)| {
        let phrase = if lot.is_some() { PickText::ShortInsteadLot } else { PickText::ShortInstead };
        let n = words.language.number(n);
        words.fill(phrase, &[("n", &*n), ("place", place.as_str()), ("lot", lot.unwrap_or_default())])
    };
    places.map(one).collect::<Vec<_>>().join(", ")
}

fn short_done(short: &Shortage, written: Option<&Written>, words: Words) -> (Severity, String) {
    let what =
        goods_words(&short.allocation, short.missing, (PickText::ShipLine, PickText::ShipLineLot), words);
    let Some(Written::ShortPicked { instead, missing }) = written else {
        return (Severity::Warning, format!("{what}: {}", words.say(PickText::DoneShortUnknown)));
    };
    let said = instead.iter().map(|(place, lot, n)| (place, lot.as_ref().map(|lot| lot.as_str()), *n));
    let said = instead_words(said, words);
    let places = [("instead", &*said), ("n", &*words.language.number(*missing))];
    let (severity, phrase) = match (instead.is_empty(), missing.is_zero()) {
        (_, true) => (Severity::Good, PickText::DoneShort),
        (false, false) => (Severity::Warning, PickText::DoneShortPart),
        (true, false) => (Severity::Warning, PickText::DoneShortNone),
    };
    (severity, format!("{what}: {}", words.fill(phrase, &places)))
}
