//! CSV export of ledger, stock, products and orders, in the format that `stockroom import` reads by default.
//!
//! Boundary: writes rows that it is given one by one, so that an export of any size needs only the memory of one row.
//! Reading the rows is up to the caller. The columns are those of the importer.

use std::io::Write;

use crate::domain::display::csv_field;
use crate::domain::{LedgerRow, Level, OrderLineRow, Product};
use crate::import::{MovementField, OrderField, ProductField};

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

/// The columns of an export of orders that an import ignores, because they result from what happened to the order.
const ORDER_MORE: [&str; 5] = ["number", "state", "line_no", "reserved", "moved"];

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

/// Writes orders, one row per line, and returns the number of rows. The lines of an order must be adjacent.
///
/// # Errors
/// [`ExportError`] if the output cannot be written.
pub fn orders(
    output: impl Write,
    texts: Texts,
    rows: impl IntoIterator<Item = OrderLineRow>,
) -> Result<u64, ExportError> {
    let columns: Vec<&str> = OrderField::ALL.iter().map(|field| field.column()).chain(ORDER_MORE).collect();
    write(output, texts, &columns, rows, |row| {
        let more = [
            row.number.to_string(),
            row.state.to_string(),
            row.line_no.to_string(),
            row.reserved.to_string(),
            row.moved.to_string(),
        ];
        OrderField::ALL.iter().map(|field| order(row, *field)).chain(more).collect()
    })
}

fn order(row: &OrderLineRow, field: OrderField) -> String {
    match field {
        OrderField::Order => row.order_id.to_string(),
        OrderField::Kind => row.kind.to_string(),
        OrderField::Partner => text(row.partner.as_ref()),
        OrderField::PartnerReference => text(row.partner_reference.as_ref()),
        OrderField::DueOn => text(row.due_on.as_ref()),
        OrderField::ShipTo => text(row.ship_to.as_ref()),
        OrderField::To => text(row.to.as_ref()),
        OrderField::Note => text(row.note.as_ref()),
        OrderField::Sku => row.sku.to_string(),
        OrderField::Quantity => row.quantity.to_string(),
        OrderField::UnitPrice => text(row.unit_price.as_ref()),
        OrderField::OverPercent => row.over_percent.to_string(),
    }
}
