//! One row of a list of products: its columns, and how each is read and written.
//!
//! Reading and writing are in one file, because each field of a product needs both.

use std::collections::HashSet;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::domain::{Barcode, Name, PackBarcode, Product, Quantity, Sku, Tracking, UnitPrice};

use super::ImportError;
use super::layout::{self, Layout, collapse_spaces};
use super::profile::{ProductProfile, SkuIs, fields};
use super::records::Record;
use super::rejects::Reject;
use ProductField as F;

/// The longest category, in characters; the database has the same limit.
const CATEGORY_CHARS_MAX: usize = 100;
/// The longest unit, in characters; the database has the same limit.
const UNIT_CHARS_MAX: usize = 20;
/// The replacement character for a letter that could not be decoded.
const LOST_LETTER: char = '\u{FFFD}';

fields! {
    /// The fields that a column of a list of products can have.
    ProductField {
        Sku = "sku",
        Name = "name",
        /// The name to use if the column of names is empty.
        FallbackName = "fallback_name",
        /// The unit of measure.
        Unit = "unit",
        Decimals = "decimals",
        /// The category that lists group it by.
        Category = "category",
        /// The quantity at or below which it is low.
        ReorderPoint = "reorder_point",
        /// What one unit costs to buy.
        UnitCost = "unit_cost",
        /// What one unit sells for.
        UnitPrice = "unit_price",
        /// How its units are identified.
        Tracking = "tracking",
        /// Its barcodes, separated by spaces.
        Barcodes = "barcodes",
    }
}

impl ProductField {
    /// The columns of Stockroom's own files, in order.
    pub fn own() -> impl Iterator<Item = Self> {
        // A product has one name; the second column is for files of others.
        Self::ALL.iter().copied().filter(|field| *field != Self::FallbackName)
    }

    /// The text of a field in Stockroom's own files.
    #[must_use]
    pub fn text_of(self, product: &Product) -> String {
        fn text<T: ToString>(value: Option<&T>) -> String {
            value.map(ToString::to_string).unwrap_or_default()
        }
        match self {
            F::Sku => product.sku.to_string(),
            F::Name => product.name.to_string(),
            F::FallbackName => String::new(),
            F::Unit => product.unit.to_string(),
            F::Decimals => product.decimals.to_string(),
            F::Category => text(product.category.as_ref()),
            F::ReorderPoint => text(product.reorder_point.map(|point| point.normalize()).as_ref()),
            F::UnitCost => text(product.unit_cost.as_ref()),
            F::UnitPrice => text(product.unit_price.as_ref()),
            F::Tracking => product.tracking.as_str().to_owned(),
            F::Barcodes => product.barcodes.iter().map(barcode_text).collect::<Vec<String>>().join(" "),
        }
    }
}

/// A barcode as text, with `*` and the quantity of the pack if that is not one unit. A barcode that contains a star
/// always has the quantity, so that its own star is not taken for the separator.
fn barcode_text(pack: &PackBarcode) -> String {
    let single = pack.pack_quantity == Quantity::ONE && !pack.barcode.as_str().contains('*');
    if single { pack.barcode.to_string() } else { format!("{}*{}", pack.barcode, pack.pack_quantity) }
}

fn slot(field: F) -> usize {
    field as usize
}

/// Reads the rows of one list.
pub(super) struct ProductRows {
    layout: Layout,
    profile: ProductProfile,
    comma: bool,
    skus: HashSet<Sku>,
    barcodes: HashSet<Barcode>,
}

/// What is wrong with a field: the group of the reason, and the reason in full.
struct Wrong(F, &'static str, String);

const SCIENTIFIC: &str = "a code was converted to scientific notation";
const LOST: &str = "characters were lost";
const CHECK_DIGIT: &str = "the check digit of the barcode is wrong";
const FORM: &str = "a field is malformed";
const TWICE: &str = "a code or barcode is repeated";

impl ProductRows {
    pub(super) fn new(
        header: &Record<'_>,
        profile: &ProductProfile,
        comma: bool,
    ) -> Result<Self, ImportError> {
        Ok(Self {
            layout: Layout::find(header, &profile.columns, &profile.optional, slot)?,
            profile: profile.clone(),
            comma,
            skus: HashSet::new(),
            barcodes: HashSet::new(),
        })
    }

    pub(super) fn read(&mut self, record: &Record<'_>) -> Result<Product, Reject> {
        if let Some(fault) = &record.fault {
            return Err(self.layout.reject_form(record.line, fault));
        }
        let product = self.product(record).and_then(|product| self.unique(product));
        product.map_err(|Wrong(field, group, reason)| Reject {
            line: record.line,
            field: self.layout.name(slot(field)).to_owned(),
            group: group.into(),
            reason,
        })
    }

    fn text<'r>(&self, record: &Record<'r>, field: F) -> &'r str {
        self.layout.text(record, slot(field))
    }

    fn product(&self, record: &Record<'_>) -> Result<Product, Wrong> {
        let code = self.text(record, F::Sku);
        if layout::scientific(code) {
            let text = format!(
                "\"{code}\": a spreadsheet seems to have converted it to scientific notation; export the column as text"
            );
            return Err(Wrong(F::Sku, SCIENTIFIC, text));
        }
        let sku: Sku = parse(F::Sku, code)?;
        let (name_field, name) = self.name(record)?;
        let mut product = Product::plain(sku, parse(name_field, &name)?)
            .map_err(|e| Wrong(F::Name, FORM, e.to_string()))?;
        product.unit = self.unit(record)?;
        product.decimals = self.decimals(record)?;
        product.category = self.category(record)?;
        product.reorder_point = self.reorder_point(record, product.decimals)?;
        product.unit_cost = self.price(record, F::UnitCost)?;
        product.unit_price = self.price(record, F::UnitPrice)?;
        product.tracking = match self.text(record, F::Tracking) {
            "" => Tracking::None,
            text => parse(F::Tracking, text)?,
        };
        if product.tracking == Tracking::Serial && product.decimals > 0 {
            let text =
                "a product with serial numbers is counted in whole units; decimals must be 0".to_owned();
            return Err(Wrong(F::Decimals, FORM, text));
        }
        product.barcodes = self.barcodes(record)?;
        Ok(product)
    }

    /// Cleans a text: reduces runs of spaces to one, resolves entities, and refuses lost letters.
    fn words(&self, field: F, text: &str) -> Result<String, Wrong> {
        if text.contains(LOST_LETTER) {
            let text = format!(
                "\"{text}\": characters were lost when the file was saved (U+FFFD); export it again as UTF-8"
            );
            return Err(Wrong(field, LOST, text));
        }
        let resolved = if self.profile.html_entities { resolve_entities(text) } else { text.to_owned() };
        let mut words = String::with_capacity(resolved.len());
        collapse_spaces(&resolved, &mut words);
        Ok(words)
    }

    fn name(&self, record: &Record<'_>) -> Result<(F, String), Wrong> {
        for field in [F::Name, F::FallbackName] {
            let words = self.words(field, self.text(record, field))?;
            if !words.is_empty() {
                return Ok((field, words));
            }
        }
        Err(Wrong(F::Name, "the name is missing", "the product has no name".to_owned()))
    }

    fn unit(&self, record: &Record<'_>) -> Result<Name, Wrong> {
        let text = self.text(record, F::Unit);
        if text.is_empty() {
            return Ok(self.profile.unit.clone());
        }
        if text.chars().count() > UNIT_CHARS_MAX {
            let text = format!("the unit has more than {UNIT_CHARS_MAX} characters");
            return Err(Wrong(F::Unit, FORM, text));
        }
        parse(F::Unit, text)
    }

    fn decimals(&self, record: &Record<'_>) -> Result<u8, Wrong> {
        let text = self.text(record, F::Decimals);
        if text.is_empty() {
            return Ok(0);
        }
        let known = text.parse().ok().filter(|decimals| u32::from(*decimals) <= Quantity::DECIMALS_MAX);
        known.ok_or_else(|| Wrong(F::Decimals, FORM, format!("\"{text}\" must be 0, 1, 2 or 3")))
    }

    fn category(&self, record: &Record<'_>) -> Result<Option<Name>, Wrong> {
        let text = self.text(record, F::Category);
        let text = if self.profile.first_category { text.split(',').next().unwrap_or("") } else { text };
        // A category is not worth rejecting a product: it is truncated, or left out if letters were lost.
        let Ok(words) = self.words(F::Category, text) else { return Ok(None) };
        let cut: String = words.chars().take(CATEGORY_CHARS_MAX).collect();
        if cut.trim().is_empty() { Ok(None) } else { parse(F::Category, &cut).map(Some) }
    }

    fn number(&self, record: &Record<'_>, field: F) -> Result<Option<Decimal>, Wrong> {
        let text = self.text(record, field);
        if text.is_empty() {
            return Ok(None);
        }
        let number = layout::decimal(text, self.comma);
        number.map(Some).ok_or_else(|| Wrong(field, FORM, format!("\"{text}\" is not a number")))
    }

    fn reorder_point(&self, record: &Record<'_>, decimals: u8) -> Result<Option<Decimal>, Wrong> {
        let Some(value) = self.number(record, F::ReorderPoint)? else { return Ok(None) };
        let value = Quantity::counted(value).map_err(|e| Wrong(F::ReorderPoint, FORM, e.to_string()))?;
        if value.scale() > u32::from(decimals) {
            let text =
                format!("the reorder point {value} has more decimal places than the product ({decimals})");
            return Err(Wrong(F::ReorderPoint, FORM, text));
        }
        Ok(Some(value))
    }

    fn price(&self, record: &Record<'_>, field: F) -> Result<Option<UnitPrice>, Wrong> {
        let Some(value) = self.number(record, field)? else { return Ok(None) };
        UnitPrice::new(value).map(Some).map_err(|error| Wrong(field, FORM, error.to_string()))
    }

    fn barcodes(&self, record: &Record<'_>) -> Result<Vec<PackBarcode>, Wrong> {
        let mut barcodes = Vec::new();
        for text in self.text(record, F::Barcodes).split_whitespace() {
            let (code, pack) = text.rsplit_once('*').unwrap_or((text, "1"));
            if layout::scientific(code) {
                return Err(Wrong(
                    F::Barcodes,
                    SCIENTIFIC,
                    format!("\"{code}\" was a barcode before a spreadsheet converted it"),
                ));
            }
            let barcode = parse(F::Barcodes, code)?;
            if self.profile.barcode_check && check(&barcode) == Check::Wrong {
                return Err(wrong_check_digit(F::Barcodes, code));
            }
            barcodes.push(PackBarcode { barcode, pack_quantity: parse(F::Barcodes, pack)? });
        }
        if self.profile.sku_is == SkuIs::Barcode {
            let code = self.text(record, F::Sku);
            let barcode = parse(F::Sku, code)?;
            match check(&barcode) {
                Check::Wrong if self.profile.barcode_check => return Err(wrong_check_digit(F::Sku, code)),
                Check::Right => barcodes.push(PackBarcode { barcode, pack_quantity: Quantity::ONE }),
                Check::Wrong | Check::None => {}
            }
        }
        Ok(barcodes)
    }

    /// Refuses a code or barcode that an earlier row of the list has.
    fn unique(&mut self, product: Product) -> Result<Product, Wrong> {
        if self.skus.contains(&product.sku) {
            return Err(Wrong(F::Sku, TWICE, format!("an earlier row already has the code {}", product.sku)));
        }
        let mut own = HashSet::new();
        for PackBarcode { barcode, .. } in &product.barcodes {
            if self.barcodes.contains(barcode) || !own.insert(barcode) {
                let column =
                    if self.layout.column(slot(F::Barcodes)).is_some() { F::Barcodes } else { F::Sku };
                return Err(Wrong(
                    column,
                    TWICE,
                    format!("an earlier row already has the barcode {barcode}"),
                ));
            }
        }
        self.barcodes.extend(product.barcodes.iter().map(|pack| pack.barcode.clone()));
        self.skus.insert(product.sku.clone());
        Ok(product)
    }
}

fn parse<T: FromStr>(field: F, text: &str) -> Result<T, Wrong>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Wrong(field, FORM, error.to_string()))
}

fn wrong_check_digit(field: F, code: &str) -> Wrong {
    let text = format!("the check digit of {code} is wrong; a digit is mistyped");
    Wrong(field, CHECK_DIGIT, text)
}

#[derive(Debug, PartialEq, Eq)]
enum Check {
    /// The check digit is correct.
    Right,
    /// There is a check digit, and it is wrong.
    Wrong,
    /// There is no check digit to check.
    None,
}

/// Verifies the check digit. Codes of other lengths have none, nor have the 13-digit numbers beginning with 2, which
/// GS1 reserves for use within a shop.
fn check(barcode: &Barcode) -> Check {
    let text = barcode.as_str();
    if barcode.has_gtin_check_digit() {
        return Check::Right;
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let in_shop = text.len() == 13 && text.starts_with('2');
    if digits && matches!(text.len(), 8 | 12 | 13 | 14) && !in_shop { Check::Wrong } else { Check::None }
}

/// Resolves the five entities of XML and numeric ones; others are left unchanged.
fn resolve_entities(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        resolved.push_str(before);
        let known = after.split_once(';').and_then(|(name, tail)| Some((entity(name)?, tail)));
        match known {
            Some((character, tail)) => {
                resolved.push(character);
                rest = tail;
            }
            None => {
                resolved.push('&');
                rest = after;
            }
        }
    }
    resolved.push_str(rest);
    resolved
}

fn entity(name: &str) -> Option<char> {
    match name {
        "quot" => Some('"'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_resolved_once() {
        assert_eq!(resolve_entities("a &quot;b&quot; &amp;lt; mix&go &#39;&#x41;"), "a \"b\" &lt; mix&go 'A");
        assert_eq!(resolve_entities("Latte &quot"), "Latte &quot");
    }

    #[test]
    fn check_digits_are_asked_of_codes_that_have_one() {
        let of = |text: &str| check(&text.parse().unwrap());
        assert_eq!(of("8076809570787"), Check::Right);
        assert_eq!(of("8076809570788"), Check::Wrong);
        assert_eq!(of("2000000114906"), Check::None);
        assert_eq!(of("01115304626"), Check::None);
    }
}
