//! CSV out: ledger, stock and products, in the layout that `stockroom import` reads by default.
//!
//! Boundary: writes rows that it is handed one by one, so that an export of any size needs no more
//! memory than one row. Where the rows come from is the caller's business. The columns are those of the
//! importer.

use std::io::Write;

use rust_decimal::Decimal;

use crate::domain::display::csv_field;
use crate::domain::{LedgerRow, Level, PackBarcode, Product};
use crate::import::{MovementField, ProductField};

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output cannot be written.
    #[error("cannot write the export: {0}")]
    Write(#[from] csv::Error),
    /// The last rows cannot be written.
    #[error("cannot finish writing the export: {0}")]
    Flush(#[from] std::io::Error),
}

/// The columns of an export of movements.
const MOVEMENT: [MovementField; 14] = [
    MovementField::Posting,
    MovementField::Kind,
    MovementField::OccurredAt,
    MovementField::Reference,
    MovementField::Reason,
    MovementField::Partner,
    MovementField::Sku,
    MovementField::Quantity,
    MovementField::From,
    MovementField::To,
    MovementField::Lot,
    MovementField::Expires,
    MovementField::UnitPrice,
    MovementField::Reverses,
];
/// The columns of an export of products.
const PRODUCT: [ProductField; 10] = [
    ProductField::Sku,
    ProductField::Name,
    ProductField::Unit,
    ProductField::Decimals,
    ProductField::Category,
    ProductField::ReorderPoint,
    ProductField::UnitCost,
    ProductField::UnitPrice,
    ProductField::Tracking,
    ProductField::Barcodes,
];
/// The columns of an export of stock, which is not imported.
const STOCK: [&str; 4] = ["sku", "location", "lot", "on_hand"];

/// How texts are written that a spreadsheet would take for a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// With an apostrophe before them, which the import takes off again.
    NoFormulas,
    Raw,
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Writes rows under a header and counts them.
fn write<const N: usize, R>(
    output: impl Write,
    texts: Texts,
    columns: [&str; N],
    rows: impl IntoIterator<Item = R>,
    fields: impl Fn(&R) -> [String; N],
) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(columns)?;
    let mut count = 0;
    for row in rows {
        let fields = fields(&row);
        match texts {
            Texts::Raw => writer.write_record(&fields)?,
            Texts::NoFormulas => writer.write_record(
                fields.each_ref().map(|text| csv_field(text)).iter().map(|text| text.as_bytes()),
            )?,
        }
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

/// Writes movements and gives back how many there were. Hand them out oldest first, the lines of one
/// posting together and in the order of their ids: then the import gives every movement the id that it
/// has here.
///
/// # Errors
/// [`ExportError`] when the output cannot be written.
pub fn movements(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = LedgerRow>,
) -> Result<u64, ExportError> {
    write(output, texts, MOVEMENT.map(MovementField::column), rows, |row| {
        MOVEMENT.map(|field| movement(row, field))
    })
}

fn movement(row: &LedgerRow, field: MovementField) -> String {
    match field {
        MovementField::Posting => row.posting_id.to_string(),
        MovementField::Kind => row.kind.to_string(),
        MovementField::OccurredAt => row.occurred_at.to_string(),
        MovementField::Reference => text(row.reference.as_ref()),
        MovementField::Reason => text(row.reason.as_ref()),
        MovementField::Partner => text(row.partner.as_ref()),
        MovementField::Sku => row.sku.to_string(),
        MovementField::Quantity => row.quantity.to_string(),
        MovementField::From => text(row.from.as_ref()),
        MovementField::To => text(row.to.as_ref()),
        MovementField::Lot => text(row.lot.as_ref()),
        MovementField::Expires => text(row.lot_expires_on.as_ref()),
        MovementField::UnitPrice => text(row.unit_price.as_ref()),
        MovementField::Reverses => text(row.reverses.as_ref()),
        // The export of products has it.
        MovementField::Name => String::new(),
    }
}

/// Writes stock levels and gives back how many there were.
///
/// # Errors
/// [`ExportError`] when the output cannot be written.
pub fn stock(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = Level>,
) -> Result<u64, ExportError> {
    write(output, texts, STOCK, rows, |row| {
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
pub fn products(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = Product>,
) -> Result<u64, ExportError> {
    write(output, texts, PRODUCT.map(ProductField::column), rows, |row| {
        PRODUCT.map(|field| product(row, field))
    })
}

fn product(product: &Product, field: ProductField) -> String {
    match field {
        ProductField::Sku => product.sku.to_string(),
        ProductField::Name => product.name.to_string(),
        ProductField::Unit => product.unit.to_string(),
        ProductField::Decimals => product.decimals.to_string(),
        ProductField::Category => text(product.category.as_ref()),
        ProductField::ReorderPoint => text(product.reorder_point.map(|point| point.normalize()).as_ref()),
        ProductField::UnitCost => text(product.unit_cost.as_ref()),
        ProductField::UnitPrice => text(product.unit_price.as_ref()),
        ProductField::Tracking => product.tracking.as_str().to_owned(),
        ProductField::Barcodes => {
            product.barcodes.iter().map(barcode_words).collect::<Vec<String>>().join(" ")
        }
        // A product has one name.
        ProductField::FallbackName => String::new(),
    }
}

/// A barcode, with `*` and the quantity of the pack where it is not one unit. A barcode that holds a
/// star itself always says its quantity, so that its own star is not taken for ours.
fn barcode_words(pack: &PackBarcode) -> String {
    let single = pack.pack_quantity.value() == Decimal::ONE && !pack.barcode.as_str().contains('*');
    if single { pack.barcode.to_string() } else { format!("{}*{}", pack.barcode, pack.pack_quantity) }
}
