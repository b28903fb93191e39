//! Posting the count: reviewed, sent once, and what came of it.

use rust_decimal::Decimal;

use super::draft::CountLine;
use super::{Phase, SheetScreen};
use crate::domain::{LocationCode, Refusal};
use crate::tui::app::{Context, Weight};
use crate::tui::command::Command;
use crate::tui::text::failure;
use crate::tui::text::sheet::SheetText;
use crate::tui::typed_ahead::Behind;
use crate::tui::widgets::Scroll;
use crate::worker::message::{CountSheet, Details, Failure, Question, SheetCounted, Strand, Write};

/// The most products of which the cost is asked for a review: more than anybody checks by eye.
const COSTS_MAX: usize = 100;

/// A difference that was posted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posted {
    pub(super) line: CountLine,
    /// What is on hand there after it, as far as it is known.
    pub(super) on_hand: Option<Decimal>,
}

/// What came of the sheet that was posted last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) place: LocationCode,
    pub(super) counted: usize,
    pub(super) differences: Vec<Posted>,
}

impl SheetScreen {
    /// Shows what would be posted.
    pub(super) fn review(&mut self, context: &mut Context<'_>) {
        if !self.typed().is_empty() {
            self.say_phrase(Weight::Bad, SheetText::TakeFirst, context);
            return;
        }
        if let Some(question) = &self.lot_question {
            let places = [("item", question.product.sku.as_str())];
            let text = context.words.fill(SheetText::WhichLot, &places);
            self.say(Weight::Bad, text, context);
            return;
        }
        let Some(draft) = &self.draft else { return };
        if draft.counted().next().is_none() {
            self.say_phrase(Weight::Bad, SheetText::NothingCounted, context);
            return;
        }
        let mut unpriced: Vec<&str> = draft
            .differing()
            .map(|line| line.line.sku.as_str())
            .filter(|sku| !self.costs.contains_key(*sku))
            .collect();
        unpriced.dedup();
        for sku in unpriced.into_iter().take(COSTS_MAX) {
            if let Ok(sku) = sku.parse() {
                // Asked on a strand of which every question is answered.
                self.costing.insert(context.ask(Strand::OnHand, Question::Item(sku)));
            }
        }
        self.scroll = Scroll::default();
        self.phase = Phase::Review;
    }

    /// Posts what was reviewed. A second Enter comes too late: the phase is another then.
    pub(super) fn post(&mut self, context: &mut Context<'_>) {
        let Some(draft) = &mut self.draft else { return };
        if let Some(position) = draft.first_moved() {
            draft.lines.select(position);
            self.phase = Phase::Counting;
            context.ring();
            return;
        }
        let figures = match draft.figures() {
            Ok(figures) => figures,
            Err(error) => {
                self.phase = Phase::Counting;
                self.say(Weight::Bad, error.to_string(), context);
                return;
            }
        };
        let location = draft.location.clone();
        let id = match &self.tried {
            Some((id, tried)) if *tried == figures => *id,
            _ => context.new_id(),
        };
        self.tried = Some((id, figures.clone()));
        self.note = None;
        self.phase = Phase::Posting(id);
        let details = Details { id: Some(id), ..Details::default() };
        context.write(id, Write::Sheet(CountSheet { location, lines: figures, details }));
    }

    pub(super) fn succeeded(&mut self, counted: Option<&SheetCounted>, context: &mut Context<'_>) {
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
        context.tell(Weight::Good, context.words.fill(SheetText::Posted, &places));
        self.reset();
        self.outcome = Some(outcome);
        self.keys.posted();
    }

    pub(super) fn refused(&mut self, error: &Failure, context: &mut Context<'_>) {
        self.phase = Phase::Counting;
        if let Failure::Refused(refusal) = error {
            self.find_moved = refusal.rule() == "moved_since_counted";
            self.go_to_fault(refusal);
        }
        let text = failure::words(context.words, error);
        self.say(Weight::Bad, text, context);
        // In full among the messages too, because it may be long.
        context.fail(error);
        self.tell_of_keys(context);
        // What the books hold now tells what to count again.
        self.asked = None;
        self.refresh(context);
    }

    /// Puts the cursor on the line that was refused, where that can be told.
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

    pub(super) fn not_posted(&mut self, context: &mut Context<'_>) {
        self.phase = Phase::Counting;
        self.say_phrase(Weight::Warning, SheetText::WasNotPosted, context);
        self.tell_of_keys(context);
        self.refresh(context);
    }

    /// Says that keys wait, so that nobody wonders where they went.
    fn tell_of_keys(&self, context: &mut Context<'_>) {
        let waiting = self.keys.count(Behind::Posting);
        if waiting > 0 {
            let key = context.keymap.keys(Command::Discard).first().map(ToString::to_string);
            let places = [("n", &*waiting.to_string()), ("key", &*key.unwrap_or_default())];
            context.tell(Weight::Warning, context.words.fill(SheetText::KeysWait, &places));
        }
    }

    /// What the differences are worth, and of how many the cost is not known.
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

/// What is on hand after the posting where a line was counted.
fn level(all: &SheetCounted, line: &CountLine) -> Option<Decimal> {
    let line = &line.line;
    let level = all
        .levels
        .iter()
        .find(|level| level.sku == line.sku && level.location == line.location && level.lot == line.lot);
    level.map(|level| level.on_hand)
}
