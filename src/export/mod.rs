//! CSV out: ledger, stock and products, in the layout that `stockroom import` reads by default.
//!
//! Boundary: writes rows that it is handed one by one, so that an export of any size needs no more
//! memory than one row. Where the rows come from is the caller's business.

use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{
    LocationCode, LotCode, MovementId, MovementKind, NewProduct, Note, PackBarcode, PartnerCode, PostingId,
    Quantity, Reference, Sku, UnitPrice,
};

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] csv::Error),
    /// The last rows cannot be written.
    #[error("the export cannot be written to its end: {0}")]
    Flush(#[from] std::io::Error),
}

/// One movement of the ledger. Hand them out oldest first, the lines of one posting together and in
/// the order of their ids: then the import gives every movement the id that it has here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    /// The posting that it belongs to.
    pub posting: PostingId,
    /// Why the goods moved.
    pub kind: MovementKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The document behind it.
    pub reference: Option<Reference>,
    /// Why, in words.
    pub reason: Option<Note>,
    /// The supplier or customer.
    pub partner: Option<PartnerCode>,
    /// The product.
    pub sku: Sku,
    /// How many units.
    pub quantity: Quantity,
    /// Where they left; none for the outside world.
    pub from: Option<LocationCode>,
    /// Where they arrived; none for the outside world.
    pub to: Option<LocationCode>,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot.
    pub expires: Option<Date>,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    /// The movement that this one undid.
    pub reverses: Option<MovementId>,
}

/// What is on hand of one product at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// The product.
    pub sku: Sku,
    /// The place.
    pub location: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// How many units.
    pub on_hand: Decimal,
}

/// The columns of an export of movements.
pub const MOVEMENT_COLUMNS: [&str; 14] = [
    "posting",
    "kind",
    "occurred_at",
    "reference",
    "reason",
    "partner",
    "sku",
    "quantity",
    "from",
    "to",
    "lot",
    "expires",
    "unit_price",
    "reverses",
];
/// The columns of an export of stock.
pub const STOCK_COLUMNS: [&str; 4] = ["sku", "location", "lot", "on_hand"];
/// The columns of an export of products.
pub const PRODUCT_COLUMNS: [&str; 10] = [
    "sku",
    "name",
    "unit",
    "decimals",
    "category",
    "reorder_point",
    "unit_cost",
    "unit_price",
    "tracking",
    "barcodes",
];

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Writes rows under a header and counts them.
fn write<const N: usize, R>(
    output: impl Write,
    columns: [&str; N],
    rows: impl IntoIterator<Item = R>,
    fields: impl Fn(&R) -> [String; N],
) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(columns)?;
    let mut count = 0;
    for row in rows {
        writer.write_record(fields(&row))?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

/// Writes movements and gives back how many there were.
///
/// # Errors
/// [`ExportError`] when the output cannot be written.
pub fn movements(
    output: impl Write,
    rows: impl IntoIterator<Item = MovementRow>,
) -> Result<u64, ExportError> {
    write(output, MOVEMENT_COLUMNS, rows, |row| {
        [
            row.posting.to_string(),
            row.kind.to_string(),
            row.occurred_at.to_string(),
            text(row.reference.as_ref()),
            text(row.reason.as_ref()),
            text(row.partner.as_ref()),
            row.sku.to_string(),
            row.quantity.to_string(),
            text(row.from.as_ref()),
            text(row.to.as_ref()),
            text(row.lot.as_ref()),
            text(row.expires.as_ref()),
            text(row.unit_price.as_ref()),
            text(row.reverses.as_ref()),
        ]
    })
}

/// Writes stock levels and gives back how many there were.
///
/// # Errors
/// [`ExportError`] when the output cannot be written.
pub fn stock(output: impl Write, rows: impl IntoIterator<Item = StockRow>) -> Result<u64, ExportError> {
    write(output, STOCK_COLUMNS, rows, |row| {
        [
            row.sku.to_string(),
            row.location.to_string(),
            text(row.lot.as_ref()),
            row.on_hand.normalize().to_string(),
        ]
    })
}

/// Writes products and gives back how many there were.
///
/// # Errors
/// [`ExportError`] when the output cannot be written.
pub fn products(output: impl Write, rows: impl IntoIterator<Item = NewProduct>) -> Result<u64, ExportError> {
    write(output, PRODUCT_COLUMNS, rows, |product| {
        let barcodes: Vec<String> = product.barcodes.iter().map(barcode_words).collect();
        [
            product.sku.to_string(),
            product.name.to_string(),
            product.unit.to_string(),
            product.decimals.to_string(),
            text(product.category.as_ref()),
            product.reorder_point.map(|point| point.normalize().to_string()).unwrap_or_default(),
            text(product.unit_cost.as_ref()),
            text(product.unit_price.as_ref()),
            product.tracking.as_str().to_owned(),
            barcodes.join(" "),
        ]
    })
}

/// A barcode, with `*` and the quantity of the pack where it is not one unit. A barcode that holds a
/// star itself always says its quantity, so that its own star is not taken for ours.
fn barcode_words(pack: &PackBarcode) -> String {
    let single = pack.pack_quantity.value() == Decimal::ONE && !pack.barcode.as_str().contains('*');
    if single { pack.barcode.to_string() } else { format!("{}*{}", pack.barcode, pack.pack_quantity) }
}
