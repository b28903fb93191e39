//! The import of products: one row, one product.

use std::collections::HashSet;
use std::path::PathBuf;
use std::str::FromStr;

use indicatif::ProgressBar;
use rust_decimal::Decimal;

use crate::domain::{Added, Barcode, Name, PackBarcode, Product, Quantity, Sku, Tracking, UnitPrice};
use crate::service::Service;

use super::layout::{self, Layout, collapse_spaces};
use super::profile::{ProductField as F, ProductProfile, Profile, SkuIs};
use super::records::{Fault, Record, RecordReader};
use super::rejects::{Reject, Rejects};
use super::report::Report;
use super::source::Source;
use super::{ImportError, check_rejects_path, progress_bar};

/// Products that are added at one go.
const BATCH_ROWS: usize = 500;
/// The column of categories holds this much.
const CATEGORY_CHARS_MAX: usize = 100;
/// The column of units holds this much.
const UNIT_CHARS_MAX: usize = 20;
/// What stands in a text for a letter that could not be read.
const LOST_LETTER: char = '\u{FFFD}';

/// What to import and how.
#[derive(Debug, Clone)]
pub struct ProductOptions {
    pub source: Source,
    /// How it is laid out.
    pub profile: Profile,
    /// Where to put the rows that are refused.
    pub rejects: Option<PathBuf>,
    /// Whether to show a progress bar; it is shown on a terminal only.
    pub progress: bool,
}

/// Imports products. Those that exist already are left as they are and count as posted before.
///
/// # Errors
/// [`ImportError`] when the run cannot go on. What was added until then stays.
pub async fn products(service: &Service, options: &ProductOptions) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "adding", &options.source);
    let mut list = ProductList::open(options, &bar)?;
    let mut report = Report::default();
    loop {
        let batch = list.batch(&mut report)?;
        if batch.is_empty() {
            break;
        }
        add(service, batch, &mut report, &mut list.rejects).await?;
        list.rejects.flush()?;
    }
    bar.finish_and_clear();
    list.finish(report)
}

/// Does everything but write to the database, for which it needs no connection.
///
/// # Errors
/// [`ImportError`] when the list cannot be read to its end.
pub fn products_dry_run(options: &ProductOptions) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "checking", &options.source);
    let mut list = ProductList::open(options, &bar)?;
    let mut report = Report { dry_run: true, ..Report::default() };
    loop {
        let batch = list.batch(&mut report)?;
        if batch.is_empty() {
            break;
        }
        batch.iter().for_each(|_| report.posted(Decimal::ZERO, false));
    }
    bar.finish_and_clear();
    list.finish(report)
}

/// A product and the row that it comes from.
struct Planned {
    product: Product,
    line: u64,
    raw: Vec<u8>,
}

/// Adds a batch; when a rule refuses, halves it until the rows at fault stand alone.
async fn add(
    service: &Service,
    batch: Vec<Planned>,
    report: &mut Report,
    rejects: &mut Rejects,
) -> Result<(), ImportError> {
    let mut waiting = vec![batch];
    while let Some(mut part) = waiting.pop() {
        let products: Vec<Product> = part.iter().map(|planned| planned.product.clone()).collect();
        let error = match service.add_products(&products).await {
            Ok(Added { added, existing }) => {
                report.products_added += added;
                for position in 0..part.len() as u64 {
                    report.posted(Decimal::ZERO, position < existing);
                }
                continue;
            }
            Err(error) => error,
        };
        let Some(refusal) = error.refusal() else {
            return Err(ImportError::Stopped { rows: report.rows_read, source: Box::new(error) });
        };
        if part.len() > 1 {
            let rest = part.split_off(part.len() / 2);
            waiting.push(rest);
            waiting.push(part);
            continue;
        }
        for Planned { line, raw, .. } in part {
            report.rejected(None);
            let group = format!("refused by rule {}", refusal.rule()).into();
            rejects.add(Reject { line, field: String::new(), group, reason: refusal.to_string() }, &raw)?;
        }
    }
    Ok(())
}

/// A list of products that is being read.
struct ProductList {
    reader: RecordReader,
    rows: ProductRows,
    rejects: Rejects,
    label: String,
}

impl ProductList {
    fn open(options: &ProductOptions, bar: &ProgressBar) -> Result<Self, ImportError> {
        let profile = options.profile.products()?;
        check_rejects_path(options.rejects.as_deref(), &options.source)?;
        let file = &options.profile.file;
        let delimiter = u8::try_from(file.delimiter).unwrap_or(b',');
        let mut reader = RecordReader::new(options.source.open(bar)?, delimiter, file.quoting);
        let label = options.source.label();
        let header = reader.read().map_err(|source| ImportError::Read { label: label.clone(), source })?;
        let header = header.ok_or_else(|| ImportError::Empty { label: label.clone() })?;
        let rows = ProductRows {
            layout: Layout::find(&header, &profile.columns, &profile.optional, slot)?,
            profile: profile.clone(),
            comma: file.decimal_comma,
            skus: HashSet::new(),
            barcodes: HashSet::new(),
        };
        let rejects = Rejects::begin(options.rejects.as_deref(), delimiter, file.quoting, header.raw)?;
        Ok(Self { reader, rows, rejects, label })
    }

    /// Reads rows until a batch is full; an empty one is the end of the list.
    fn batch(&mut self, report: &mut Report) -> Result<Vec<Planned>, ImportError> {
        let mut batch = Vec::new();
        while batch.len() < BATCH_ROWS {
            let failed = |source| ImportError::Read { label: self.label.clone(), source };
            let Some(record) = self.reader.read().map_err(failed)? else { break };
            report.read(Some(Decimal::ZERO));
            match self.rows.read(&record) {
                Ok(product) => {
                    report.products += 1;
                    batch.push(Planned { product, line: record.line, raw: record.raw.to_vec() });
                }
                Err(reject) => {
                    report.rejected(None);
                    self.rejects.add(reject, record.raw)?;
                }
            }
        }
        Ok(batch)
    }

    fn finish(mut self, mut report: Report) -> Result<Report, ImportError> {
        self.rejects.flush()?;
        (report.first_rejects, report.reject_counts) = self.rejects.summary();
        report.check()?;
        Ok(report)
    }
}

fn slot(field: F) -> usize {
    field as usize
}

/// Reads rows of one list.
struct ProductRows {
    layout: Layout,
    profile: ProductProfile,
    comma: bool,
    skus: HashSet<Sku>,
    barcodes: HashSet<Barcode>,
}

/// What is wrong with a field: the kind of reason and the reason in full.
struct Wrong(F, &'static str, String);

const SCIENTIFIC: &str = "a code was converted to scientific notation";
const LOST: &str = "characters were lost";
const CHECK_DIGIT: &str = "the check digit of the barcode is wrong";
const FORM: &str = "a field is malformed";
const TWICE: &str = "a code or barcode is repeated";

impl ProductRows {
    fn read(&mut self, record: &Record<'_>) -> Result<Product, Reject> {
        if let Some(fault) = &record.fault {
            let (column, group) = match fault {
                Fault::NotUtf8 { column, .. } => (Some(*column), "a field is not UTF-8"),
                Fault::FieldCount { .. } => (None, "the number of fields differs from the header"),
                Fault::TooLong { .. } => (None, "the row is too long"),
                Fault::Quote => (None, "a quote is not closed"),
            };
            let field = column.map(|column| self.layout.header(column).to_owned()).unwrap_or_default();
            return Err(Reject { line: record.line, field, group: group.into(), reason: fault.to_string() });
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

    /// Makes a text fit for a person: one space of several, entities resolved, nothing lost.
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
        // A heading is no reason to lose a product: it is cut, and left out when letters are lost.
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
                Check::Right => barcodes.push(PackBarcode { barcode, pack_quantity: parse(F::Sku, "1")? }),
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
    /// The check digit is right.
    Right,
    /// There is a check digit, and it is wrong.
    Wrong,
    /// There is no check digit to check.
    None,
}

/// Looks at the check digit. Codes of another length have none, and neither have the 13-digit numbers
/// beginning with 2, which GS1 leaves to each shop.
fn check(barcode: &Barcode) -> Check {
    let text = barcode.as_str();
    if barcode.has_gtin_check_digit() {
        return Check::Right;
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let in_shop = text.len() == 13 && text.starts_with('2');
    if digits && matches!(text.len(), 8 | 12 | 13 | 14) && !in_shop { Check::Wrong } else { Check::None }
}

/// Resolves the five entities that XML knows and numbered ones; others stay as they are.
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
