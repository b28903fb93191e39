//! A short pick: less is there than is reserved. What is missing is released with a reason, and reserved where else it
//! is available.

use rust_decimal::Decimal;

use super::post::Act;
use super::walk::{Asks, StopKey};
use super::{Phase, PickScreen};
use crate::domain::{Allocation, Note, Proposal, ReservationChange};
use crate::tui::screens::choice::Choice;
use crate::tui::text::pick::PickText;
use crate::tui::view::{Action, Context};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// Why goods were not picked at a stop.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ShortChosen {
    stop: StopKey,
    reason: PickText,
}

/// The reasons that can be chosen.
const REASONS: [PickText; 4] =
    [PickText::ShortLess, PickText::ShortDamaged, PickText::ShortBlocked, PickText::ShortOther];

/// Goods that are missing, while another place is looked for.
#[derive(Debug)]
pub(super) struct Short {
    allocation: Allocation,
    missing: Decimal,
    reason: Note,
    asked: Option<Ticket>,
}

/// What is released and where it is reserved instead, as it is reviewed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shortage {
    pub(super) allocation: Allocation,
    pub(super) missing: Decimal,
    pub(super) reason: Note,
    /// Where it would be reserved instead.
    pub(super) instead: Vec<ReservationChange>,
}

impl Shortage {
    pub(super) fn key(&self) -> StopKey {
        let at = &self.allocation;
        (at.order_line_id, at.location.clone(), at.lot.clone())
    }

    /// How many are available nowhere.
    pub(super) fn nowhere(&self) -> Decimal {
        self.missing - self.instead.iter().map(|change| change.change).sum::<Decimal>()
    }
}

impl PickScreen {
    /// Asks why what is still to be picked at the current stop is missing.
    pub(super) fn ask_why_short(&mut self, context: &mut Context<'_>) {
        let words = context.words;
        let stop = match self.walk.asks() {
            Asks::Item(stop) | Asks::Lot(stop) if !stop.is_done() => stop,
            Asks::Place(stop) => {
                let places = [("place", stop.allocation.location.as_str())];
                return self.refuse(words.fill(PickText::GoTo, &places), context);
            }
            Asks::Item(_) | Asks::Lot(_) | Asks::Nothing => {
                return self.refuse(words.say(PickText::NothingLeft).to_owned(), context);
            }
        };
        let n = words.language.number(stop.left());
        let at = &stop.allocation;
        let places = [("n", &*n), ("sku", at.sku.as_str()), ("place", at.location.as_str())];
        let title = words.fill(PickText::ShortTitle, &places);
        let chosen = |reason: PickText| ShortChosen { stop: stop.key(), reason };
        let options = REASONS.iter().map(|reason| (words.say(*reason).to_owned(), chosen(*reason))).collect();
        let first = chosen(REASONS[0]);
        self.fault = None;
        context.request(Action::Open(Box::new(Choice::new(&title, options, &first))));
    }

    /// The reason was chosen: another place is looked for.
    pub(super) fn short_because(&mut self, chosen: ShortChosen, context: &mut Context<'_>) {
        // The list may have changed while the reason was chosen.
        let stop = self.walk.open().find(|stop| stop.key() == chosen.stop);
        let Some(stop) = stop else { return context.ring() };
        // The reasons are short enough for a note in every language.
        let Ok(reason) = context.words.say(chosen.reason).parse() else { return };
        let Allocation { number, sku, .. } = &stop.allocation;
        let asked = Some(context.ask(query::ToReserve { number: number.clone(), sku: sku.clone() }));
        let (allocation, missing) = (stop.allocation.clone(), stop.left());
        self.short = Some(Short { allocation, missing, reason, asked });
    }

    /// Shows what would be released, and where it would be picked instead.
    pub(super) fn places_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(short) = self.short.take_if(|short| short.asked == Some(ticket)) else { return false };
        let levels = match answer {
            Ok(Answer::ToReserve(levels)) => levels,
            Ok(_) => return true,
            Err(failure) => {
                context.fail(failure);
                context.ring();
                return true;
            }
        };
        if !matches!(self.phase, Phase::Walking | Phase::Quantity) {
            return true;
        }
        let Short { allocation, missing, reason, .. } = short;
        let instead = Proposal::elsewhere(&allocation, missing, levels).changes;
        self.show_review(Act::Short(Box::new(Shortage { allocation, missing, reason, instead })));
        true
    }
}
