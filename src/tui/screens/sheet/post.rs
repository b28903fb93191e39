//! Posting the count: reviewed, sent once, and its outcome.

use rust_decimal::Decimal;

use super::draft::CountLine;
use super::{Figures, Phase, SheetScreen};
use crate::domain::{CountSheet, Details, LocationCode, Refusal, SheetCounted, Sku};
use crate::tui::command::Command;
use crate::tui::text::failure;
use crate::tui::text::sheet::SheetText;
use crate::tui::typed_ahead::WaitingFor;
use crate::tui::view::{Context, Ended, Severity};
use crate::tui::widgets::Scroll;
use crate::worker::message::{Failure, Write, Written};
use crate::worker::query;

/// For how many products the cost is queried for a review: more than anybody checks by eye.
const COSTS_MAX: usize = 100;

/// A difference that was posted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posted {
    pub(super) line: CountLine,
    /// The quantity there after the posting, as far as it is known.
    pub(super) on_hand: Option<Decimal>,
}

/// The outcome of the sheet that was posted last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) place: LocationCode,
    pub(super) counted: usize,
    pub(super) differences: Vec<Posted>,
}

impl SheetScreen {
    /// Shows the counts to be posted.
    pub(super) fn review(&mut self, context: &mut Context<'_>) {
        if !self.typed().is_empty() {
            self.say_phrase(Severity::Bad, SheetText::TakeFirst, context);
            return;
        }
        if let Some(question) = &self.lot_question {
            let places = [("item", question.product.sku.as_str())];
            let text = context.words.fill(SheetText::WhichLot, &places);
            self.say(Severity::Bad, text, context);
            return;
        }
        let Some(draft) = &self.draft else { return };
        if draft.counted().next().is_none() {
            self.say_phrase(Severity::Bad, SheetText::NothingCounted, context);
            return;
        }
        let figures = (draft.location.clone(), draft.figures());
        let mut unpriced: Vec<&Sku> = draft
            .differing()
            .map(|line| &line.line.sku)
            .filter(|sku| !self.costs.contains_key(*sku))
            .collect();
        unpriced.dedup();
        for sku in unpriced.into_iter().take(COSTS_MAX) {
            self.costing.insert(context.ask(query::Cost { sku: sku.clone() }));
        }
        self.scroll = Scroll::default();
        self.reviewing.open(figures);
        self.phase = Phase::Review;
    }

    /// Posts the reviewed counts. A second Enter has no effect: the phase has changed by then.
    pub(super) fn post(&mut self, context: &mut Context<'_>) {
        let Some(draft) = &mut self.draft else { return };
        if let Some(position) = draft.first_moved() {
            draft.lines.select(position);
            self.phase = Phase::Counting;
            context.ring();
            return;
        }
        let figures = (draft.location.clone(), draft.figures());
        let Some(confirmed) = self.reviewing.confirm(&figures) else {
            // The review was not on the screen when the key was typed: it stays open, and the following keys are kept.
            self.keys.wait_for_posting();
            self.tell_of_keys(context);
            context.ring();
            return;
        };
        let write = |id, (location, lines): &Figures| {
            let details = Details { id: Some(id), ..Details::default() };
            Write::Sheet(CountSheet { location: location.clone(), lines: lines.clone(), details })
        };
        if self.submission.send(figures, confirmed, context, write) {
            self.note = None;
            self.phase = Phase::Posting;
        }
    }

    /// Handles the outcome of the posting.
    pub(super) fn post_ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        match ended {
            Ended::Posted(Some(Written::Counted(counted))) => self.succeeded(Some(counted), context),
            Ended::Posted(_) => self.succeeded(None, context),
            // The review shows it.
            Ended::Unknown(_) => {}
            Ended::Refused(failure) => self.refused(failure, context),
            Ended::NotPosted => self.not_posted(context),
        }
    }

    fn succeeded(&mut self, counted: Option<&SheetCounted>, context: &mut Context<'_>) {
        let Some(draft) = &self.draft else { return };
        let differences: Vec<Posted> = draft
            .differing()
            .map(|line| Posted { line: line.clone(), on_hand: counted.and_then(|all| level(all, line)) })
            .collect();
        let outcome =
            Outcome { place: draft.location.clone(), counted: draft.counted().count(), differences };
        let places = [
            ("place", outcome.place.as_str()),
            ("counted", &*outcome.counted.to_string()),
            ("differing", &*outcome.differences.len().to_string()),
        ];
        context.tell(Severity::Good, context.words.fill(SheetText::Posted, &places));
        self.reset();
        self.outcome = Some(outcome);
        self.keys.posted();
    }

    fn refused(&mut self, error: &Failure, context: &mut Context<'_>) {
        self.phase = Phase::Counting;
        if let Failure::Refused(refusal) = error {
            self.find_moved = refusal.rule() == "moved_since_counted";
            self.go_to_fault(refusal);
        }
        let text = failure::words(context.words, error);
        self.say(Severity::Bad, text, context);
        // In full in the list of messages too, because it may be long.
        context.fail(error);
        self.tell_of_keys(context);
        // The present recorded quantities show what to count again.
        self.asked = None;
        self.refresh(context);
    }

    /// Moves the cursor to the refused line, if that can be determined.
    fn go_to_fault(&mut self, refusal: &Refusal) {
        let (sku, lot) = match refusal {
            Refusal::UnknownLot { sku, lot } | Refusal::LotExpired { sku, lot, .. } => (sku, Some(lot)),
            Refusal::InsufficientStock { sku, lot, .. } => (sku, lot.as_ref()),
            _ => return,
        };
        let Some(draft) = &mut self.draft else { return };
        let fits = |row: &CountLine| {
            row.tally.is_some()
                && row.line.sku == sku.as_str()
                && lot.is_none_or(|lot| row.line.lot.as_deref() == Some(lot.as_str()))
        };
        if let Some(position) = draft.lines.rows().iter().position(fits) {
            draft.lines.select(position);
        }
    }

    fn not_posted(&mut self, context: &mut Context<'_>) {
        self.phase = Phase::Counting;
        self.say_phrase(Severity::Warning, SheetText::WasNotPosted, context);
        self.tell_of_keys(context);
        self.refresh(context);
    }

    /// Says that keys are waiting, so that nobody wonders where they went.
    fn tell_of_keys(&self, context: &mut Context<'_>) {
        let waiting = self.keys.count(WaitingFor::Posting);
        if waiting > 0 {
            let key = context.keymap.keys(Command::Discard).first().map(ToString::to_string);
            let places = [("n", &*waiting.to_string()), ("key", &*key.unwrap_or_default())];
            context.tell(Severity::Warning, context.words.fill(SheetText::KeysWait, &places));
        }
    }

    /// The value of the differences, and for how many products the cost is unknown.
    pub(super) fn value(&self) -> (Decimal, usize) {
        let Some(draft) = &self.draft else { return (Decimal::ZERO, 0) };
        draft.differing().fold((Decimal::ZERO, 0), |(sum, without), line| {
            match self.value_of(line).and_then(|value| sum.checked_add(value)) {
                Some(sum) => (sum, without),
                None => (sum, without + 1),
            }
        })
    }

    pub(super) fn value_of(&self, line: &CountLine) -> Option<Decimal> {
        let cost = self.costs.get(&line.line.sku).copied().flatten()?;
        line.difference()?.checked_mul(cost)
    }
}

/// The stock level after the posting where a line was counted.
fn level(all: &SheetCounted, line: &CountLine) -> Option<Decimal> {
    let line = &line.line;
    let level = all
        .levels
        .iter()
        .find(|level| level.sku == line.sku && level.location == line.location && level.lot == line.lot);
    level.map(|level| level.on_hand)
}
