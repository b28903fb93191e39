//! What a product requires after it is scanned: its lot, its expiry date, its serial numbers. They are scanned or typed
//! where items are, and are recognised by not being codes of anything.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::FormScreen;
use super::line::{Entry, Goods, Line, LineKey, Step};
use crate::domain::entry::{day, serials};
use crate::domain::{Barcode, LotCode, Quantity};
use crate::tui::text::form::FormText;
use crate::tui::text::{Words, failure};
use crate::tui::view::Context;

/// From this length on, digits with a correct check digit are taken for the barcode of an unknown product, never for a
/// lot or serial number: a misread label must not become one.
const BARCODE_DIGITS_MIN: usize = 12;

/// What a product that was just scanned requires, in addition to its quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Asked {
    pub(super) key: LineKey,
    pub(super) what: What,
    /// How many units the latest scan added, to which the lot applies.
    pub(super) units: Decimal,
}

/// Which detail of the product is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Lot,
    Expiry,
    Serials,
}

impl FormScreen {
    /// Handles a code that does not exist: it is what the preceding product requires, or unknown.
    pub(super) fn unknown(
        &mut self,
        key: LineKey,
        before: Option<Box<Line>>,
        text: &str,
        context: &mut Context<'_>,
    ) {
        let words = context.words;
        let nothing = || words.fill(FormText::UnknownCode, &[("text", text)]);
        let Some(asked) = self.asked.filter(|asked| self.lines.goods_of(asked.key).is_some()) else {
            return self.wrong(key, before, nothing(), context);
        };
        let taken = match asked.what {
            What::Lot if self.takes_new_lots() => {
                if looks_like_a_barcode(text) {
                    Err(nothing())
                } else {
                    self.lot_scanned(asked, text, &nothing)
                }
            }
            What::Lot => {
                let lot = self.lot_on_hand(asked, text);
                lot.and_then(|lot| self.name_lot(asked, lot)).ok_or_else(nothing)
            }
            What::Expiry => match day(text, context.today()) {
                Ok(day) => self.name_expiry(asked, day).ok_or_else(nothing),
                Err(error) => Err(failure::entry(words, &error)),
            },
            What::Serials if looks_like_a_barcode(text) => Err(nothing()),
            What::Serials => match serials(text) {
                Ok(found) => self.add_serials(asked, &found, words),
                Err(error) => Err(failure::entry(words, &error)),
            },
        };
        match taken {
            Ok(mut step) => {
                step.lines.push(self.lines.image_before(key, before));
                self.lines.remove(key);
                self.lines.remember(step);
                self.offer_lots(words);
            }
            Err(why) => self.wrong(key, before, why, context),
        }
    }

    fn lot_scanned(
        &mut self,
        asked: Asked,
        text: &str,
        nothing: &impl Fn() -> String,
    ) -> Result<Step, String> {
        let lot: LotCode = text.parse().map_err(|_| nothing())?;
        self.name_lot(asked, lot).ok_or_else(nothing)
    }

    /// Sets the lot of the units that were scanned last.
    pub(super) fn name_lot(&mut self, asked: Asked, lot: LotCode) -> Option<Step> {
        let mut goods = self.lines.goods_of(asked.key)?.clone();
        let (sku, same) = (goods.sku.clone(), goods.lot.as_ref() == Some(&lot));
        let target = self
            .lines
            .latest(&sku, |other| other.lot.as_ref() == Some(&lot))
            .filter(|target| *target != asked.key);
        let mut step = Step { asked: Some(asked), ..Step::default() };
        step.lines.push(self.lines.image(asked.key));
        // A line without a lot gets it as a whole; otherwise only what was scanned last is of the other lot.
        let moved = if goods.lot.is_none() { goods.quantity } else { asked.units.min(goods.quantity) };
        let named = if same {
            asked.key
        } else if let Some(target) = target {
            step.lines.push(self.lines.image(target));
            let mut there = self.lines.goods_of(target)?.clone();
            there.quantity = Quantity::new(there.quantity.saturating_add(moved)).ok()?.value();
            self.lines.set(target, Entry::Goods(there));
            self.leave_rest(asked.key, goods, moved);
            target
        } else if goods.lot.is_none() || moved == goods.quantity {
            goods.lot = Some(lot);
            goods.expires = None;
            self.lines.set(asked.key, Entry::Goods(goods));
            asked.key
        } else {
            let part = Goods { quantity: moved, lot: Some(lot), expires: None, ..goods.clone() };
            let text = self.lines.get(asked.key)?.text.clone();
            let key = self.lines.add(&text, Entry::Goods(part), Some(asked.key));
            step.lines.push(self.lines.image_before(key, None));
            self.leave_rest(asked.key, goods, moved);
            key
        };
        self.lines.select_key(named);
        self.changed_line(named);
        let open =
            self.takes_new_lots() && self.lines.goods_of(named).is_some_and(|goods| goods.expires.is_none());
        self.asked = open.then_some(Asked { key: named, what: What::Expiry, units: asked.units });
        Some(step)
    }

    fn leave_rest(&mut self, key: LineKey, goods: Goods, moved: Decimal) {
        let quantity = goods.quantity - moved;
        if quantity.is_zero() {
            self.lines.remove(key);
        } else {
            self.lines.set(key, Entry::Goods(Goods { quantity, ..goods }));
        }
    }

    /// Sets the expiry date of what was scanned last.
    pub(super) fn name_expiry(&mut self, asked: Asked, expires: Date) -> Option<Step> {
        let goods = self.lines.goods_of(asked.key)?.clone();
        let step = Step::of(vec![self.lines.image(asked.key)], Some(asked));
        self.lines.set(asked.key, Entry::Goods(Goods { expires: Some(expires), ..goods }));
        self.lines.select_key(asked.key);
        self.changed_line(asked.key);
        self.asked = None;
        Some(step)
    }

    /// Adds serial numbers to the product that was scanned last.
    pub(super) fn add_serials(
        &mut self,
        asked: Asked,
        found: &[LotCode],
        words: Words,
    ) -> Result<Step, String> {
        let Some(mut goods) = self.lines.goods_of(asked.key).cloned() else {
            return Err(words.say(FormText::LineGone).to_owned());
        };
        let known: std::collections::HashSet<&LotCode> = goods.serials.iter().collect();
        if let Some(twice) = found.iter().find(|serial| known.contains(serial)) {
            return Err(words.fill(FormText::SerialTwice, &[("serial", twice.as_str())]));
        }
        if let Some(from) = self.from.code().filter(|_| !self.takes_new_lots())
            && let Some(levels) = self.levels.at(&goods.sku, from)
            && let Some(missing) = super::lots::not_in(levels, found).first()
        {
            let places = [("serials", missing.as_str()), ("place", from.as_str())];
            return Err(words.fill(FormText::SerialsNotThere, &places));
        }
        if let Some(why) = self.not_taken(&goods, Decimal::from(found.len()), words) {
            return Err(why);
        }
        let step = Step::of(vec![self.lines.image(asked.key)], Some(asked));
        goods.serials.extend_from_slice(found);
        self.lines.set(asked.key, Entry::Goods(goods));
        self.lines.select_key(asked.key);
        self.changed_line(asked.key);
        Ok(step)
    }
}

/// Whether a text is most likely the barcode of a product.
fn looks_like_a_barcode(text: &str) -> bool {
    text.len() >= BARCODE_DIGITS_MIN && text.parse::<Barcode>().is_ok_and(|code| code.has_gtin_check_digit())
}
