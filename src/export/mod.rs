//! CSV export of ledger, stock and products, in the format that `stockroom import` reads by default.
//!
//! Boundary: writes rows that it is given one by one, so that an export of any size needs only the memory of one row.
//! Reading the rows is up to the caller. The columns are those of the importer.

use std::io::Write;

use crate::domain::display::csv_field;
use crate::domain::{LedgerRow, Level, Product};
use crate::import::{MovementField, ProductField};

/// Why an export to CSV failed.
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
/// The columns of an export of stock, which is not imported.
const STOCK: [&str; 7] = ["sku", "location", "lot", "on_hand", "reserved", "available", "blocked_by"];

/// How texts are written that a spreadsheet would read as a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// With an apostrophe in front, which the import removes again.
    NoFormulas,
    Raw,
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Writes a header and rows, and counts the rows.
fn write<R>(
    output: impl Write,
    texts: Texts,
    columns: &[&str],
    rows: impl IntoIterator<Item = R>,
    fields: impl Fn(&R) -> Vec<String>,
) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(columns)?;
    let mut count = 0;
    for row in rows {
        let fields = fields(&row);
        match texts {
            Texts::Raw => writer.write_record(&fields)?,
            Texts::NoFormulas => {
                let fields: Vec<_> = fields.iter().map(|text| csv_field(text)).collect();
                writer.write_record(fields.iter().map(|text| text.as_bytes()))?;
            }
        }
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

/// Writes movements and returns how many there were. Pass them oldest first, with the lines of a posting together and
/// in the order of their ids: the import then gives every movement the same id.
///
/// # Errors
/// [`ExportError`] if the output cannot be written.
pub fn movements(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = LedgerRow>,
) -> Result<u64, ExportError> {
    write(output, texts, &MOVEMENT.map(MovementField::column), rows, |row| {
        MOVEMENT.iter().map(|field| movement(row, *field)).collect()
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

/// Writes stock levels and returns how many there were.
///
/// # Errors
/// [`ExportError`] if the output cannot be written.
pub fn stock(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = Level>,
) -> Result<u64, ExportError> {
    write(output, texts, &STOCK, rows, |row| {
        vec![
            row.sku.to_string(),
            row.location.to_string(),
            text(row.lot.as_ref()),
            row.on_hand.normalize().to_string(),
            row.reserved.normalize().to_string(),
            row.available.normalize().to_string(),
            text(row.blocked_by.as_ref()),
        ]
    })
}

/// Writes products and returns how many there were.
///
/// # Errors
/// [`ExportError`] if the output cannot be written.
pub fn products(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = Product>,
) -> Result<u64, ExportError> {
    let columns: Vec<ProductField> = ProductField::own().collect();
    let names: Vec<&str> = columns.iter().map(|field| field.column()).collect();
    write(output, texts, &names, rows, |row| columns.iter().map(|field| field.text_of(row)).collect())
}
