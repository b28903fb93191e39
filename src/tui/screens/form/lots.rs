//! Lots and serial numbers in a form: those on hand at the source are suggested, a scanned one adds its product, and
//! one that is not on hand at the source is reported with its location.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::asked::{Asked, What};
use super::edit::LineField;
use super::line::{Goods, Line, LineKey, Step};
use super::place::End;
use super::{Focus, FormScreen};
use crate::domain::{Level, LotCode, ScannedLot, Sku, Suggestion, Tracking};
use crate::tui::text::Words;
use crate::tui::text::form::FormText;
use crate::tui::view::Context;
use crate::tui::widgets::lots_offered;

/// The most missing serial numbers that a review names.
const MISSING_TOLD_MAX: usize = 5;

impl FormScreen {
    /// Suggests lots or serial numbers for the focused field, as far as they are known.
    pub(super) fn offer_lots(&mut self, words: Words) {
        match self.lots_to_offer(words) {
            Some(offers) => self.offers.offer(offers),
            None if self.awaits_scan() => self.offers.close(),
            None => {}
        }
    }

    /// The suggestions for the focused field; `None` if it is not for lots.
    fn lots_to_offer(&self, words: Words) -> Option<Vec<Suggestion>> {
        let asked = self.asked.filter(|_| self.focus == Focus::Scan && !self.takes_new_lots());
        let goods = match (self.focus, asked) {
            (Focus::Line(LineField::Lot | LineField::Serials), _) => self.lines.selected()?.goods()?,
            (Focus::Scan, Some(Asked { key, what: What::Serials, .. })) => self.lines.goods_of(key)?,
            // A lot need not be named; what expires first is taken. So it is offered only to whoever begins to name one.
            (Focus::Scan, Some(Asked { key, what: What::Lot, .. })) if !self.scan.is_empty() => {
                self.lines.goods_of(key)?
            }
            _ => return None,
        };
        let place = self.place(if self.takes_new_lots() { End::To } else { End::From }).code()?;
        let levels = self.levels.at(&goods.sku, place)?;
        let text = self.typed();
        let (before, typed) = last_named(text);
        let mut named = if goods.tracking == Tracking::Serial { self.named(&goods.sku) } else { Vec::new() };
        if matches!(self.focus, Focus::Line(_)) {
            // What stands in the field is typed anew there.
            named.retain(|serial| !goods.serials.contains(serial));
            named.extend(before.split(',').filter_map(|serial| serial.trim().parse().ok()));
            let whole = goods.lot.as_ref().is_some_and(|lot| lot.as_str() == text);
            return Some(lots_offered(levels, if whole { "" } else { typed }, &named, words));
        }
        Some(lots_offered(levels, typed, &named, words))
    }

    /// The serial numbers of a product in the lines of the form.
    fn named(&self, sku: &Sku) -> Vec<LotCode> {
        let goods = self.lines.goods().filter(|(_, goods)| goods.sku == *sku);
        goods.flat_map(|(_, goods)| goods.serials.iter().cloned()).collect()
    }

    /// Puts the chosen suggestion into the field of a line. Returns whether the field can hold more.
    pub(super) fn take_offered_lot(&mut self, field: LineField, words: Words) -> bool {
        if !matches!(field, LineField::Lot | LineField::Serials) {
            return false;
        }
        let Some(chosen) = self.take_suggestion() else { return false };
        if field == LineField::Lot {
            self.editor.set(&chosen);
            return false;
        }
        let (before, _) = last_named(self.editor.text());
        let text = if before.is_empty() { chosen } else { format!("{before}, {chosen}") };
        self.editor.set(&format!("{text}, "));
        self.offer_lots(words);
        true
    }

    /// Handles a scanned code of lots: it names a lot of the product scanned before it, or else adds the only product
    /// with such a lot.
    pub(super) fn lots_found(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        text: &str,
        found: &[ScannedLot],
        number: Decimal,
        context: &mut Context<'_>,
    ) {
        let asked = self.asked.and_then(|asked| self.lines.goods_of(asked.key).map(|goods| (asked, goods)));
        if let Some((asked, goods)) = asked {
            let own = found.iter().find(|lot| lot.row.sku == goods.sku);
            // A new lot may have the code of another product's, and a day may look like a lot.
            if self.takes_new_lots() || asked.what == What::Expiry {
                return self.unknown(key, before, text, context);
            }
            if let Some(own) = own {
                return match self.not_there(own, context.words) {
                    Some(why) => self.wrong(key, before, why, context),
                    None => self.unknown(key, before, text, context),
                };
            }
        }
        let from = self.from.code().filter(|_| End::of(self.kind).contains(&End::From));
        let here: Vec<&ScannedLot> =
            found.iter().filter(|lot| from.is_some_and(|from| lot.held_at.contains(from))).collect();
        let candidates: Vec<&ScannedLot> = if here.is_empty() { found.iter().collect() } else { here };
        let words = context.words;
        match candidates.as_slice() {
            [lot] => {
                let lot = (*lot).clone();
                match self.not_there(&lot, words).or_else(|| self.named_twice(&lot, words)) {
                    Some(why) => self.wrong(key, before, why, context),
                    None => self.count_lot(key, before, &lot, number, context),
                }
            }
            several => {
                let skus: Vec<String> = several.iter().map(|lot| lot.row.sku.to_string()).collect();
                let places = [("lot", text), ("skus", &*skus.join(", "))];
                self.wrong(key, before, words.fill(FormText::LotOfSeveral, &places), context);
            }
        }
    }

    /// Why a lot cannot be taken from the source of the form: it is on hand elsewhere, or nowhere.
    fn not_there(&self, lot: &ScannedLot, words: Words) -> Option<String> {
        if !End::of(self.kind).contains(&End::From) {
            return None;
        }
        let code = lot.lot.as_str();
        let sku = lot.row.sku.as_str();
        if lot.held_at.is_empty() {
            return Some(words.fill(FormText::LotNowhere, &[("lot", code), ("sku", sku)]));
        }
        let from = self.from.code()?;
        if lot.held_at.contains(from) {
            return None;
        }
        let held_at: Vec<String> = lot.held_at.iter().map(ToString::to_string).collect();
        let places = [("lot", code), ("sku", sku), ("places", &*held_at.join(", ")), ("from", from.as_str())];
        Some(words.fill(FormText::LotElsewhere, &places))
    }

    fn named_twice(&self, lot: &ScannedLot, words: Words) -> Option<String> {
        let twice = lot.row.tracking == Tracking::Serial && self.named(&lot.row.sku).contains(&lot.lot);
        twice.then(|| words.fill(FormText::SerialTwice, &[("serial", lot.lot.as_str())]))
    }

    /// Adds the product of a lot and names the lot, as one step of undo.
    fn count_lot(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        lot: &ScannedLot,
        number: Decimal,
        context: &mut Context<'_>,
    ) {
        if !self.count(key, before, &lot.row, number, context) {
            return;
        }
        let Some(asked) = self.asked else { return };
        let named = match asked.what {
            What::Lot => self.name_lot(asked, lot.lot.clone()),
            What::Serials => self.add_serials(asked, std::slice::from_ref(&lot.lot), context.words).ok(),
            What::Expiry => None,
        };
        let Some(Step { lines, .. }) = named else { return };
        self.lines.extend_latest(lines);
        if self.asked.is_some_and(|asked| asked.what == What::Expiry)
            && let Some(expires) = lot.expires_on
            && let Some(asked) = self.asked
            && let Some(Step { lines, .. }) = self.name_expiry(asked, expires)
        {
            self.lines.extend_latest(lines);
        }
        self.offer_lots(context.words);
    }

    /// The serial numbers of goods that are not on hand at the source, as far as that is known.
    pub(super) fn serials_missing(&self, goods: &Goods) -> Vec<LotCode> {
        if goods.tracking != Tracking::Serial || !End::of(self.kind).contains(&End::From) {
            return Vec::new();
        }
        let Some(levels) = self.from.code().and_then(|from| self.levels.at(&goods.sku, from)) else {
            return Vec::new();
        };
        not_in(levels, &goods.serials)
    }

    /// Text for the review that names the serial numbers not on hand at the source.
    pub(super) fn missing_words(&self, goods: &Goods, words: Words) -> Option<String> {
        let missing = self.serials_missing(goods);
        let from = self.from.code()?;
        let told: Vec<&str> = missing.iter().take(MISSING_TOLD_MAX).map(LotCode::as_str).collect();
        let more = if missing.len() > told.len() { ", …" } else { "" };
        let serials = format!("{}{more}", told.join(", "));
        (!missing.is_empty()).then(|| {
            words.fill(FormText::SerialsNotThere, &[("serials", &serials), ("place", from.as_str())])
        })
    }
}

/// The serial numbers that are in none of these levels.
pub(super) fn not_in(levels: &[Level], serials: &[LotCode]) -> Vec<LotCode> {
    let there: HashSet<&LotCode> = (levels.iter())
        .filter(|level| level.on_hand > Decimal::ZERO)
        .filter_map(|level| level.lot.as_ref())
        .collect();
    serials.iter().filter(|serial| !there.contains(serial)).cloned().collect()
}

/// Splits a list of serial numbers into the text before the last one and the last one.
fn last_named(text: &str) -> (&str, &str) {
    match text.rsplit_once(',') {
        Some((before, last)) => (before.trim_end(), last.trim_start()),
        None => ("", text),
    }
}
