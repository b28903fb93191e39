//! Scans of the walk: each is looked up and counted, or refused at once with what would have been right.

use rust_decimal::Decimal;

use super::walk::Asks;
use super::{Phase, PickScreen};
use crate::domain::entry::quantity_in;
use crate::domain::{Scanned, ScannedLot};
use crate::tui::text::failure;
use crate::tui::text::pick::PickText;
use crate::tui::view::Context;
use crate::tui::widgets::LookedUp;
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Ticket};

impl PickScreen {
    /// Enter during the walk: looks up what was scanned; with nothing typed, shows what can be posted.
    pub(super) fn accept_scan(&mut self, context: &mut Context<'_>) {
        let text = self.field.take().trim().to_owned();
        self.fault = None;
        if text.is_empty() {
            self.review_next(context);
        } else if self.walk.is_lot(&text) {
            // It may be a code of something else too.
            self.lot_scanned(&text, context);
        } else {
            self.queue.ask((), &text, context);
        }
    }

    pub(super) fn scan_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if !self.queue.answered(ticket, answer) {
            return false;
        }
        while let Some(looked_up) = self.queue.next(|_| true) {
            self.scanned(looked_up, context);
        }
        true
    }

    fn scanned(&mut self, looked_up: LookedUp<()>, context: &mut Context<'_>) {
        let LookedUp { text, found, times, .. } = looked_up;
        let words = context.words;
        let counted = match found {
            Ok(Scanned::Location { code, .. }) if self.docks.contains(&code) => {
                self.dock = Some(code);
                return self.review_next(context);
            }
            Ok(Scanned::Location { code, .. }) => self.walk.arrive(&code),
            Ok(Scanned::Product { row, pack_quantity }) => {
                let units = times.saturating_mul(pack_quantity).normalize();
                self.walk.take(&row.sku, &row.name, units, u32::from(row.decimals))
            }
            Ok(Scanned::Lots(lots)) => return self.lots_scanned(&text, &lots, context),
            Ok(Scanned::Nothing) => return self.lot_scanned(&text, context),
            Err(error) => {
                let why = failure::words(words, &error);
                let places = [("text", &*text), ("why", &*why)];
                return self.refuse(words.fill(PickText::NotLookedUp, &places), context);
            }
        };
        if let Err(wrong) = counted {
            self.refuse(wrong.words(words), context);
        }
    }

    /// A lot or serial number: it brings its product where none is asked for.
    fn lots_scanned(&mut self, text: &str, lots: &[ScannedLot], context: &mut Context<'_>) {
        if matches!(self.walk.asks(), Asks::Lot(_)) {
            return self.lot_scanned(text, context);
        }
        let needed = |lot: &&ScannedLot| self.walk.open().any(|stop| stop.allocation.sku == lot.row.sku);
        let found = lots.iter().find(needed).or(lots.first());
        if let Some(ScannedLot { row, .. }) = found
            && let Err(wrong) = self.walk.take_lot(&row.sku, &row.name, text, u32::from(row.decimals))
        {
            self.refuse(wrong.words(context.words), context);
        }
    }

    /// A text that is no code, or the lot that is asked for.
    fn lot_scanned(&mut self, text: &str, context: &mut Context<'_>) {
        let words = context.words;
        match self.walk.name_lot(text) {
            Some(Ok(())) => {}
            Some(Err(wrong)) => self.refuse(wrong.words(words), context),
            None => {
                let next = self.next_words(context.keymap, words);
                self.refuse(words.fill(PickText::Unknown, &[("text", text), ("next", &next)]), context);
            }
        }
    }

    pub(super) fn refuse(&mut self, why: String, context: &mut Context<'_>) {
        self.fault = Some(why);
        context.ring();
    }

    /// Goes to the quantity of the current stop.
    pub(super) fn edit_quantity(&mut self, context: &mut Context<'_>) {
        let Some(stop) = self.walk.current().filter(|_| self.phase == Phase::Walking) else {
            return context.ring();
        };
        if stop.picked.is_zero() {
            return self.refuse(context.words.say(PickText::ScanFirst).to_owned(), context);
        }
        self.fault = None;
        self.field.take();
        self.phase = Phase::Quantity;
    }

    pub(super) fn accept_quantity(&mut self, context: &mut Context<'_>) {
        let words = context.words;
        let Some(stop) = self.walk.current() else { return };
        let unit = stop.allocation.unit.clone();
        let text = self.field.text().trim().to_owned();
        if text.is_empty() {
            self.phase = Phase::Walking;
            return;
        }
        let read = quantity_in(&text, &unit, words.mark);
        let set = read.map_err(|error| failure::entry(words, &error)).and_then(|picked| {
            if picked < Decimal::ZERO {
                return Err(words.fill(PickText::Unknown, &[("text", &text), ("next", "")]));
            }
            self.walk.set(picked).map_err(|wrong| wrong.words(words))
        });
        match set {
            Ok(()) => {
                self.field.take();
                self.fault = None;
                self.phase = Phase::Walking;
            }
            Err(why) => {
                self.field.preselect();
                self.refuse(why, context);
            }
        }
    }
}
