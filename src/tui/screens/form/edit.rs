//! The fields of a line: quantity, lot, expiry date, serial numbers, price, and the code of an unknown line. One of
//! them at a time is edited, in place of the item field.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::asked::What;
use super::line::{Entry, Goods, Step};
use super::{Focus, FormScreen};
use crate::domain::entry::{DecimalMark, day, quantity_in, serials};
use crate::domain::{Barcode, LotCode, Quantity, Tracking, UnitPrice};
use crate::tui::text::form::FormText;
use crate::tui::text::{Words, failure};
use crate::tui::view::{Context, Severity};

/// From this length on, digits with a correct check digit are a scan, not a quantity.
const SCANNED_DIGITS_MIN: usize = 8;

/// A field of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineField {
    Code,
    Quantity,
    Lot,
    Expiry,
    Serials,
    Price,
}

/// A quantity as it is typed in this language.
pub(super) fn plain(value: Decimal, mark: DecimalMark) -> String {
    let text = value.normalize().to_string();
    match mark {
        DecimalMark::Point | DecimalMark::Either => text,
        DecimalMark::Comma => text.replace('.', ","),
    }
}

fn price(text: &str, words: Words) -> Result<UnitPrice, String> {
    let plain = words.mark.with_point(text);
    plain.parse().map_err(|_| words.fill(FormText::NoPrice, &[("text", text)]))
}

/// Why a number of units of a product cannot be posted, if it cannot.
pub(super) fn not_countable(words: Words, goods: &Goods, units: Decimal) -> Option<String> {
    if goods.tracking == Tracking::Serial {
        return None;
    }
    let number = words.language.number(units);
    let places = [("n", &*number), ("sku", goods.sku.as_str()), ("unit", &*goods.unit)];
    if units <= Decimal::ZERO {
        return Some(words.fill(FormText::NotAboveZero, &places));
    }
    if units.normalize().scale() > goods.decimals {
        if goods.decimals == 0 {
            return Some(words.fill(FormText::WholeOnly, &places));
        }
        let most = goods.decimals.to_string();
        let places = [places[0], places[1], places[2], ("most", &*most)];
        return Some(words.fill(FormText::TooPrecise, &places));
    }
    Quantity::new(units).is_err().then(|| words.say(FormText::TooMuch).to_owned())
}

impl FormScreen {
    /// The fields of the selected line, in their order.
    pub(super) fn line_fields(&self) -> Vec<LineField> {
        let Some(line) = self.lines.selected() else { return Vec::new() };
        let Entry::Goods(goods) = &line.entry else {
            return if line.entry == Entry::Looking { Vec::new() } else { vec![LineField::Code] };
        };
        let mut fields = match goods.tracking {
            Tracking::None => vec![LineField::Quantity],
            Tracking::Lot => vec![LineField::Quantity, LineField::Lot],
            Tracking::Serial => vec![LineField::Serials],
        };
        if self.takes_new_lots() && goods.tracking != Tracking::None {
            fields.push(LineField::Expiry);
        }
        if self.kind.rules().asks_price {
            fields.push(LineField::Price);
        }
        fields
    }

    /// Opens a field of the selected line; typing replaces its value.
    pub(super) fn open_field(&mut self, field: LineField, words: Words) {
        let Some(line) = self.lines.selected() else { return };
        let mark = words.mark;
        let text = match (field, line.goods()) {
            (LineField::Quantity, Some(goods)) => plain(goods.quantity, mark),
            (LineField::Lot, Some(goods)) => goods.lot.as_ref().map(ToString::to_string).unwrap_or_default(),
            (LineField::Expiry, Some(goods)) => goods.expires.map(|day| day.to_string()).unwrap_or_default(),
            (LineField::Serials, Some(goods)) => listed(&goods.serials),
            (LineField::Price, Some(goods)) => {
                goods.unit_price.map(|price| plain(price.value(), mark)).unwrap_or_default()
            }
            (LineField::Code, _) => line.text.clone(),
            (_, None) => return,
        };
        self.editor.set(&text);
        self.editor.preselect();
        self.fault = None;
        self.focus = Focus::Line(field);
    }

    /// Applies the typed text to the selected line. Returns whether it is valid; otherwise it stays in the field with
    /// the reason.
    pub(super) fn commit(&mut self, context: &mut Context<'_>) -> bool {
        let Focus::Line(field) = self.focus else { return true };
        let Some(line) = self.lines.selected() else {
            self.focus_on(Focus::Scan);
            return true;
        };
        let (key, text) = (line.key, self.editor.text().trim().to_owned());
        let Some(mut goods) = line.goods().cloned() else {
            self.focus_on(Focus::Scan);
            if !text.is_empty() {
                self.look_up(key, &text, context);
            }
            return true;
        };
        let scanned = text.len() >= SCANNED_DIGITS_MIN
            && text.parse::<Barcode>().is_ok_and(|code| code.has_gtin_check_digit());
        if field == LineField::Quantity && scanned {
            context.say(Severity::Note, FormText::ScannedInQuantity);
            self.focus_on(Focus::Scan);
            self.scanned(&text, context);
            return true;
        }
        let before = goods.units();
        let put = put(&mut goods, field, &text, context);
        let added = goods.units() - before;
        let put = put.and_then(|()| match self.not_taken(&goods, added, context.words) {
            Some(why) if added > Decimal::ZERO => Err(why),
            _ => Ok(()),
        });
        if let Err(why) = put {
            self.fault = Some(why);
            self.editor.preselect();
            context.ring();
            return false;
        }
        if self.lines.goods_of(key) != Some(&goods) {
            let step = Step::of(vec![self.lines.image(key)], self.asked);
            self.lines.remember(step);
            self.lines.set(key, Entry::Goods(goods));
            self.changed_line(key);
        }
        true
    }

    /// The meaning so far of the text in the field of a line, or in the item field if a detail is required there.
    pub(super) fn meaning(&self, words: Words, today: Date) -> Option<Result<String, String>> {
        let mark = words.mark;
        let text = self.typed();
        if text.trim().is_empty() {
            return None;
        }
        let what = match (self.focus, self.asked.map(|asked| asked.what)) {
            (Focus::Line(field), _) => field,
            (Focus::Scan, Some(What::Expiry)) => LineField::Expiry,
            _ => return None,
        };
        match what {
            LineField::Quantity => {
                let unit =
                    self.lines.selected().and_then(|line| line.goods()).map(|goods| goods.unit.as_str());
                let read = quantity_in(text, unit.unwrap_or_default(), mark);
                let sum = read.map(|value| format!("= {}", words.language.number(value)));
                Some(sum.map_err(|error| failure::entry(words, &error)))
            }
            LineField::Expiry => {
                let read = day(text, today).map(|day| format!("→ {}", words.language.day(day)));
                Some(read.map_err(|error| failure::entry(words, &error)))
            }
            LineField::Serials => {
                let read = serials(text).map(|found| {
                    let number = u64::try_from(found.len()).unwrap_or(u64::MAX);
                    format!("= {}", words.count(number, FormText::SerialOne, FormText::SerialMany))
                });
                Some(read.map_err(|error| failure::entry(words, &error)))
            }
            LineField::Code | LineField::Lot | LineField::Price => None,
        }
    }
}

/// Sets a field of goods from a text.
fn put(goods: &mut Goods, field: LineField, text: &str, context: &Context<'_>) -> Result<(), String> {
    let words = context.words;
    let fault = |error: crate::domain::entry::EntryError| failure::entry(words, &error);
    match field {
        LineField::Quantity => {
            let value = quantity_in(text, &goods.unit, words.mark).map_err(fault)?;
            if let Some(why) = not_countable(words, goods, value) {
                return Err(why);
            }
            goods.quantity = value.normalize();
        }
        LineField::Lot if text.is_empty() => goods.lot = None,
        LineField::Lot => {
            let no_lot = |_| words.fill(FormText::NoLot, &[("text", text)]);
            goods.lot = Some(text.parse().map_err(no_lot)?);
        }
        LineField::Expiry if text.is_empty() => goods.expires = None,
        LineField::Expiry => goods.expires = Some(day(text, context.today()).map_err(fault)?),
        LineField::Serials if text.is_empty() => goods.serials.clear(),
        LineField::Serials => goods.serials = serials(text).map_err(fault)?,
        LineField::Price if text.is_empty() => goods.unit_price = None,
        LineField::Price => goods.unit_price = Some(price(text, words)?),
        LineField::Code => {}
    }
    Ok(())
}

/// Serial numbers as they can be typed again; those that would be read as something else are quoted.
fn listed(codes: &[LotCode]) -> String {
    let written = codes.iter().map(|code| {
        let alone = serials(code.as_str()).is_ok_and(|read| read == [code.clone()]);
        if alone { code.to_string() } else { format!("\"{}\"", code.as_str().replace('"', "\"\"")) }
    });
    written.collect::<Vec<_>>().join(", ")
}
