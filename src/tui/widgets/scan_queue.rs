//! Scanned or typed texts that are looked up: each is queried at once and taken in the order of the scans, in whatever
//! order the answers come.
//!
//! Boundary: determines what a text is and how often it counts. Its purpose is known to the screen; `A` is what the
//! screen records with a scan until the answer has come.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use crate::domain::Scanned;
use crate::domain::entry::multiple;
use crate::tui::view::Context;
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

#[derive(Debug)]
enum Slot {
    Asked(Ticket),
    Answered(Result<Scanned, Failure>),
}

impl Slot {
    fn ask(text: &str, context: &mut Context<'_>) -> Self {
        Self::Asked(context.ask(query::Scan { text: text.to_owned() }))
    }

    fn is(&self, ticket: Ticket) -> bool {
        matches!(self, Self::Asked(asked) if *asked == ticket)
    }

    fn answer(&self) -> Option<&Result<Scanned, Failure>> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Asked(_) => None,
        }
    }
}

/// A text that is being looked up.
#[derive(Debug)]
struct Pending<A> {
    aim: A,
    text: String,
    whole: Slot,
    /// The number before a code, as in `12*CODE`; it counts if the whole text is not a code.
    multiple: Option<(Decimal, Slot)>,
}

impl<A> Pending<A> {
    /// What the text is, and how often it counts, once that is known.
    fn found(&self) -> Option<(&Result<Scanned, Failure>, Decimal)> {
        let whole = self.whole.answer()?;
        let Some((times, slot)) = &self.multiple else { return Some((whole, Decimal::ONE)) };
        let code = slot.answer()?;
        Some(match (whole, code) {
            (Ok(Scanned::Nothing), Ok(Scanned::Product { .. } | Scanned::Lots(_))) => (code, *times),
            (Ok(Scanned::Nothing), Err(_)) => (code, Decimal::ONE),
            _ => (whole, Decimal::ONE),
        })
    }
}

/// The result of looking a text up.
#[derive(Debug)]
pub struct LookedUp<A> {
    pub aim: A,
    pub text: String,
    pub found: Result<Scanned, Failure>,
    /// How often it counts: 12 for a product in `12*CODE`.
    pub times: Decimal,
}

/// The texts that are being looked up, in the order of the scans.
#[derive(Debug)]
pub struct ScanQueue<A> {
    pending: VecDeque<Pending<A>>,
}

impl<A> Default for ScanQueue<A> {
    fn default() -> Self {
        Self { pending: VecDeque::new() }
    }
}

impl<A> ScanQueue<A> {
    /// Looks up a text: a code, or a number and a code.
    pub fn ask(&mut self, aim: A, text: &str, context: &mut Context<'_>) {
        let whole = Slot::ask(text, context);
        // Both are queried at once, so that the second query does not add a delay.
        let multiple =
            multiple(text, context.words.mark).map(|(times, code)| (times, Slot::ask(code, context)));
        self.pending.push_back(Pending { aim, text: text.to_owned(), whole, multiple });
    }

    /// Looks up a text that can only be a code.
    pub fn ask_code(&mut self, aim: A, text: &str, context: &mut Context<'_>) {
        let whole = Slot::ask(text, context);
        self.pending.push_back(Pending { aim, text: text.to_owned(), whole, multiple: None });
    }

    /// Adds a text that is known already.
    pub fn put(&mut self, aim: A, text: &str, found: Scanned) {
        let whole = Slot::Answered(Ok(found));
        self.pending.push_back(Pending { aim, text: text.to_owned(), whole, multiple: None });
    }

    /// Takes an answer, if the question was one of this queue.
    pub fn answered(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>) -> bool {
        let slot = self.pending.iter_mut().find_map(|pending| {
            let multiple = pending.multiple.as_mut().map(|(_, slot)| slot);
            [Some(&mut pending.whole), multiple].into_iter().flatten().find(|slot| slot.is(ticket))
        });
        let Some(slot) = slot else { return false };
        *slot = Slot::Answered(match answer {
            Ok(Answer::Scan(scanned)) => Ok(scanned.as_ref().clone()),
            // A scan has no other answer.
            Ok(_) => Err(Failure::Other(String::new())),
            Err(failure) => Err(failure.clone()),
        });
        true
    }

    /// Removes and returns the first text, if its meaning is known and the screen is ready for it.
    pub fn next(&mut self, ready: impl Fn(&Result<Scanned, Failure>) -> bool) -> Option<LookedUp<A>> {
        let (found, times) = self.pending.front()?.found()?;
        if !ready(found) {
            return None;
        }
        let found = found.clone();
        let Pending { aim, text, .. } = self.pending.pop_front()?;
        Some(LookedUp { aim, text, found, times })
    }

    /// Removes the latest text, whatever it would have been.
    pub fn take_back(&mut self) -> Option<A> {
        self.pending.pop_back().map(|pending| pending.aim)
    }

    /// What was recorded with each text, in the order of the scans.
    pub fn aims(&self) -> impl DoubleEndedIterator<Item = &A> {
        self.pending.iter().map(|pending| &pending.aim)
    }

    /// The text that was scanned first.
    #[must_use]
    pub fn first_text(&self) -> Option<&str> {
        self.pending.front().map(|pending| pending.text.as_str())
    }

    /// Whether no text is being looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Drops every text; answers that are still to come are ignored.
    pub fn clear(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::stock_row;
    use crate::tui::view::Effect;
    use crate::tui::view::testing::Fixture;
    use crate::worker::message::Order;
    use crate::worker::query::Question;

    /// The questions that were asked, with their texts.
    fn asked(fixture: &mut Fixture) -> Vec<(Ticket, String)> {
        let effects = std::mem::take(&mut fixture.effects);
        let question = |effect| match effect {
            Effect::Send(Order::Ask(ticket, Question::Scan(scan))) => (ticket, scan.text),
            other => panic!("{other:?}"),
        };
        effects.into_iter().map(question).collect()
    }

    fn product(sku: &str) -> Result<Answer, Failure> {
        let row = stock_row(sku, "Lantern");
        Ok(Answer::Scan(Box::new(Scanned::Product { row, pack_quantity: Decimal::ONE })))
    }

    fn nothing() -> Result<Answer, Failure> {
        Ok(Answer::Scan(Box::new(Scanned::Nothing)))
    }

    /// What is removed: the record, whether it is a product, and how often it counts.
    fn taken(queue: &mut ScanQueue<u8>) -> Option<(u8, bool, Decimal)> {
        let looked_up = queue.next(|_| true)?;
        Some((looked_up.aim, matches!(looked_up.found, Ok(Scanned::Product { .. })), looked_up.times))
    }

    #[test]
    fn answers_are_taken_in_the_order_of_the_scans() {
        let (mut fixture, mut queue) = (Fixture::new(), ScanQueue::default());
        queue.ask(1, "A", &mut fixture.context());
        queue.ask(2, "B", &mut fixture.context());
        queue.put(3, "C", Scanned::Nothing);
        let asked = asked(&mut fixture);
        assert!(queue.answered(asked[1].0, &product("B")));
        assert!(!queue.answered(asked[1].0, &product("B")), "each question is answered once");
        assert_eq!((taken(&mut queue), queue.first_text()), (None, Some("A")));
        assert!(queue.answered(asked[0].0, &nothing()));
        assert!(queue.next(Result::is_err).is_none(), "the screen is not ready for it");
        assert_eq!(taken(&mut queue), Some((1, false, Decimal::ONE)));
        assert_eq!(taken(&mut queue), Some((2, true, Decimal::ONE)));
        assert_eq!(queue.aims().copied().collect::<Vec<_>>(), [3]);
        assert_eq!((queue.take_back(), queue.take_back()), (Some(3), None));
        assert!(queue.is_empty());
    }

    #[test]
    fn a_number_and_a_code_count_if_the_whole_text_means_nothing() {
        let twelve = Decimal::from(12);
        for (whole, code, expected) in [
            (nothing(), product("W1"), (1, true, twelve)),
            (product("BOX"), product("W1"), (1, true, Decimal::ONE)),
            (nothing(), nothing(), (1, false, Decimal::ONE)),
        ] {
            let (mut fixture, mut queue) = (Fixture::new(), ScanQueue::default());
            queue.ask(1, "12*W1", &mut fixture.context());
            let asked = asked(&mut fixture);
            assert_eq!(asked.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["12*W1", "W1"]);
            assert!(queue.answered(asked[0].0, &whole));
            assert_eq!(taken(&mut queue), None, "the second question is open");
            assert!(queue.answered(asked[1].0, &code));
            assert_eq!(taken(&mut queue), Some(expected));
        }
    }

    #[test]
    fn a_failed_lookup_is_reported() {
        let (mut fixture, mut queue) = (Fixture::new(), ScanQueue::default());
        queue.ask(1, "2*W1", &mut fixture.context());
        queue.ask_code(2, "2*W1", &mut fixture.context());
        let asked = asked(&mut fixture);
        assert_eq!(asked.len(), 3, "a code alone is asked for once");
        let failure = Failure::Unavailable("the line is down".to_owned());
        assert!(queue.answered(asked[0].0, &nothing()) && queue.answered(asked[1].0, &Err(failure.clone())));
        assert_eq!(queue.next(|_| true).map(|looked_up| looked_up.found), Some(Err(failure)));
    }
}
