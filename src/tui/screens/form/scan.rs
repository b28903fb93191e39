//! Scans: every text with Enter becomes a line at once, is looked up, and counts in the order in which it was scanned,
//! in whatever order the answers come.
//!
//! The meaning of a text depends on the texts before it and never on how fast the database answers: it is a product or
//! a location if one has that code; only a text that is not a code can be the lot, date or serial number that the
//! preceding product requires.

use rust_decimal::Decimal;

use super::asked::{Asked, What};
use super::line::{Entry, Goods, Line, LineKey, Step};
use super::place::{End, State};
use super::{Focus, FormScreen};
use crate::domain::{LINES_MAX, Quantity, Scanned, StockRow, Tracking};
use crate::tui::text::form::FormText;
use crate::tui::view::{Context, Severity};
use crate::tui::widgets::LookedUp;
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Ticket};

/// What a looked-up text is for.
#[derive(Debug, Clone)]
pub(super) enum Aim {
    /// A line, with its state before it was looked up, if it existed.
    Line(LineKey, Option<Box<Line>>),
    Place(End),
}

impl FormScreen {
    /// Takes a text into the list of items, whatever it is.
    pub(super) fn scanned(&mut self, text: &str, context: &mut Context<'_>) {
        self.outcome = None;
        if self.lines.all().len() >= LINES_MAX {
            context.ring();
            let most = context.words.language.number(Decimal::from(LINES_MAX));
            let text = context.words.fill(FormText::Full, &[("n", &most), ("text", text)]);
            context.tell(Severity::Bad, text);
            return;
        }
        let key = self.lines.add(text, Entry::Looking, None);
        self.lines.select_key(key);
        self.queue.ask(Aim::Line(key, None), text, context);
    }

    /// Takes a known product, as if it had been scanned.
    pub(super) fn scanned_product(&mut self, row: &StockRow, context: &mut Context<'_>) {
        self.outcome = None;
        let key = self.lines.add(&row.sku, Entry::Looking, None);
        self.lines.select_key(key);
        let found = Scanned::Product { row: row.clone(), pack_quantity: Decimal::ONE };
        self.queue.put(Aim::Line(key, None), &row.sku, found);
        self.settle(context);
    }

    /// Looks up a location that was typed or scanned where one is required.
    pub(super) fn scanned_place(&mut self, end: End, context: &mut Context<'_>) {
        self.outcome = None;
        let place = self.place_mut(end);
        place.state = State::Asked;
        let text = place.picker.text().to_owned();
        self.queue.ask(Aim::Place(end), &text, context);
    }

    /// Looks up a line again, perhaps with another text.
    pub(super) fn look_up(&mut self, key: LineKey, text: &str, context: &mut Context<'_>) {
        let Some(line) = self.lines.get(key) else { return };
        let before = matches!(line.entry, Entry::Wrong { .. }).then(|| Box::new(line.clone()));
        self.lines.set_text(key, text);
        self.lines.set(key, Entry::Looking);
        self.queue.ask(Aim::Line(key, before), text, context);
    }

    /// Repeats the queries that failed.
    pub(super) fn ask_again(&mut self, context: &mut Context<'_>) {
        for end in End::of(self.kind) {
            if self.place(*end).state == State::Failed {
                self.scanned_place(*end, context);
            }
        }
        let failed: Vec<(LineKey, String)> = (self.lines.all().iter())
            .filter(|line| line.entry == Entry::Failed)
            .map(|line| (line.key, line.text.clone()))
            .collect();
        for (key, text) in failed {
            self.look_up(key, &text, context);
        }
    }

    /// Takes an answer, if the question was one of this form.
    pub(super) fn scan_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if !self.queue.answered(ticket, answer) {
            return false;
        }
        self.settle(context);
        true
    }

    /// Counts what has been answered, in the order of the scans.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        while self.can_judge() {
            let awaits_lots = self.awaits_asked_lots();
            let ready = |found: &Result<Scanned, Failure>| {
                !awaits_lots || !matches!(found, Ok(Scanned::Nothing | Scanned::Lots(_)))
            };
            let Some(LookedUp { aim, text, found, times }) = self.queue.next(ready) else { return };
            match aim {
                Aim::Line(key, before) => self.line_found(key, before, &text, found, times, context),
                Aim::Place(end) => self.place_found(end, &text, found, times, context),
            }
        }
    }

    /// Whether a location is being looked up.
    pub(super) fn awaits_place(&self) -> bool {
        self.queue.aims().any(|aim| matches!(aim, Aim::Place(_)))
    }

    /// Whether a lot or serial number is asked for, and those that stand there are not known yet. Until then a text that is no code
    /// cannot be told from a lot.
    fn awaits_asked_lots(&self) -> bool {
        let is_named = |asked: &Asked| matches!(asked.what, What::Lot | What::Serials);
        let lot = self.asked.filter(|asked| is_named(asked) && !self.takes_new_lots());
        lot.is_some_and(|asked| self.awaits_lots(asked.key))
    }

    pub(super) fn line_found(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        text: &str,
        found: Result<Scanned, Failure>,
        number: Decimal,
        context: &mut Context<'_>,
    ) {
        if self.lines.get(key).is_none() {
            return;
        }
        match found {
            Ok(Scanned::Product { row, pack_quantity }) => {
                self.offered = None;
                let units = number.saturating_mul(pack_quantity).normalize();
                if self.count(key, before, &row, units, context) {
                    self.offer_lots(context.words);
                }
            }
            Ok(Scanned::Location { code, name, archived }) => {
                self.lines.remove(key);
                if let Some(line) = before {
                    let why = context.words.fill(FormText::IsAPlace, &[("code", code.as_str())]);
                    let back = self.lines.add(&line.text, Entry::Wrong { why }, None);
                    self.lines.select_key(back);
                    context.ring();
                } else {
                    self.lines.select_latest();
                    self.located(code, name, archived, context);
                }
            }
            Ok(Scanned::Lots(found)) => {
                self.offered = None;
                self.lots_found(key, before, text, &found, number, context);
            }
            Ok(Scanned::Nothing) => {
                self.offered = None;
                self.unknown(key, before, text, context);
            }
            Err(_) => self.lines.set(key, Entry::Failed),
        }
    }

    /// Adds goods: to the line of the product, if there is one, or as a new line. Returns whether they were added.
    pub(super) fn count(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        row: &StockRow,
        units: Decimal,
        context: &mut Context<'_>,
    ) -> bool {
        let goods = Goods::new(row, units);
        if let Some(why) = super::edit::not_countable(context.words, &goods, units) {
            self.wrong(key, before, why, context);
            return false;
        }
        let (sku, tracking) = (goods.sku.clone(), goods.tracking);
        // Serial numbers count once they are scanned.
        let added = if tracking == Tracking::Serial { Decimal::ZERO } else { units };
        if let Some(why) = self.not_taken(&goods, added, context.words) {
            self.wrong(key, before, why, context);
            return false;
        }
        let same = self.lines.latest(&sku, |_| true).filter(|same| *same != key);
        let mut step = Step { asked: self.asked, ..Step::default() };
        let counted =
            match same.and_then(|same| self.lines.goods_of(same).cloned().map(|goods| (same, goods))) {
                Some((same, mut there)) => {
                    let sum = there.quantity.saturating_add(units);
                    if Quantity::new(sum).is_err() {
                        let why = context.words.say(FormText::TooMuch).to_owned();
                        self.wrong(key, before, why, context);
                        return false;
                    }
                    step.lines.push(self.lines.image(same));
                    step.lines.push(self.lines.image_before(key, before));
                    there.quantity = sum;
                    self.lines.set(same, Entry::Goods(there));
                    self.lines.remove(key);
                    same
                }
                None => {
                    step.lines.push(self.lines.image_before(key, before));
                    self.lines.set(key, Entry::Goods(goods));
                    key
                }
            };
        self.lines.select_key(counted);
        self.lines.remember(step);
        self.changed_line(counted);
        let what = match tracking {
            Tracking::None => None,
            Tracking::Lot => Some(What::Lot),
            Tracking::Serial => Some(What::Serials),
        };
        self.asked = what.map(|what| Asked { key: counted, what, units });
        if let Some(goods) = self.lines.goods_of(counted).cloned() {
            self.warn_of_more(&goods, context);
        }
        self.ask_on_hand(&sku, context);
        true
    }

    /// Keeps a text that cannot be posted visible.
    pub(super) fn wrong(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        why: String,
        context: &mut Context<'_>,
    ) {
        let lines = vec![self.lines.image_before(key, before)];
        self.lines.set(key, Entry::Wrong { why });
        self.lines.select_key(key);
        self.lines.remember(Step::of(lines, self.asked));
        context.ring();
    }

    /// Undoes the latest scan or change.
    pub(super) fn undo(&mut self, context: &mut Context<'_>) {
        self.trouble = None;
        self.offered = None;
        match self.queue.take_back() {
            Some(Aim::Line(key, Some(line))) => {
                self.lines.set_text(key, &line.text);
                self.lines.set(key, line.entry);
            }
            Some(Aim::Line(key, None)) => self.lines.remove(key),
            Some(Aim::Place(end)) => {
                self.place_mut(end).state = State::Open;
                self.focus_on(Focus::Place(end));
            }
            None => self.undo_answered(context),
        }
        match self.queue.aims().next_back() {
            Some(Aim::Line(key, _)) => self.lines.select_key(*key),
            _ => self.lines.select_latest(),
        }
        self.offer_lots(context.words);
    }

    fn undo_answered(&mut self, context: &mut Context<'_>) {
        let failed = self.lines.all().last().filter(|line| line.entry == Entry::Failed).map(|line| line.key);
        if let Some(key) = failed {
            self.lines.remove(key);
        } else if let Some(step) = self.lines.take_back() {
            self.asked = step.asked.filter(|asked| self.lines.goods_of(asked.key).is_some());
            if let Some(filled) = step.place {
                *self.place_mut(filled.end) = filled.before;
                if filled.in_its_field {
                    self.focus_on(Focus::Place(filled.end));
                }
            }
        } else {
            context.ring();
        }
    }
}
