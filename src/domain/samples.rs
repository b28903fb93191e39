//! Valid values and rows for tests, to be modified where a test needs them otherwise.
#![allow(clippy::unwrap_used, reason = "a sample that is not sound is a failed test")]

use std::fmt::Debug;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::{
    LedgerRow, Level, LocationKind, LocationRow, MovementKind, PostingId, Product, Quantity, SheetLine,
    StockRow, Tracking,
};

/// Parses a text that must be valid.
pub fn parsed<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// As [`parsed`], for a field that may be empty.
pub fn some<T: FromStr<Err: Debug>>(text: &str) -> Option<T> {
    Some(parsed(text))
}

/// A receipt of one line by marie.
pub fn receipt(id: PostingId, sku: &str, to: &str, quantity: i64) -> LedgerRow {
    LedgerRow {
        id: id.line(0),
        posting_id: id,
        kind: MovementKind::Receipt,
        sku: parsed(sku),
        name: parsed("White metal lantern"),
        unit: parsed("each"),
        lot: None,
        from: None,
        to: some(to),
        partner: None,
        quantity: Quantity::new(Decimal::from(quantity)).unwrap(),
        unit_price: None,
        reference: None,
        reason: None,
        reverses: None,
        order: None,
        order_line: None,
        reversed_by: None,
        occurred_at: id.occurred_at(),
        posted_at: id.occurred_at(),
        posted_by: "marie".to_owned(),
        lot_expires_on: None,
    }
}

/// A product that is counted in pieces and not tracked, with nothing on hand.
pub fn stock_row(sku: &str, name: &str) -> StockRow {
    StockRow {
        sku: parsed(sku),
        name: parsed(name),
        unit: parsed("each"),
        decimals: 0,
        category: None,
        tracking: Tracking::None,
        reorder_point: None,
        on_hand: Decimal::ZERO,
        available: Decimal::ZERO,
        places: 0,
        expires_on: None,
    }
}

/// A product that is counted in pieces and not tracked.
pub fn product(sku: &str, name: &str) -> Product {
    Product::plain(parsed(sku), parsed(name)).unwrap()
}

/// What is on hand of goods that are not tracked.
pub fn level(sku: &str, location: &str, on_hand: i64) -> Level {
    Level {
        sku: parsed(sku),
        location: parsed(location),
        lot: None,
        expires_on: None,
        on_hand: Decimal::from(on_hand),
        reserved: Decimal::ZERO,
        available: Decimal::from(on_hand),
        blocked_by: None,
    }
}

/// A bin without a name.
pub fn location_row(code: &str) -> LocationRow {
    LocationRow {
        code: parsed(code),
        name: None,
        parent: None,
        kind: LocationKind::Bin,
        products: 0,
        archived_at: None,
    }
}

/// A line of a count sheet, of goods that are counted in pieces and not tracked.
pub fn sheet_line(location: &str, sku: &str, name: &str, on_hand: i64) -> SheetLine {
    SheetLine {
        sku: parsed(sku),
        name: parsed(name),
        unit: parsed("each"),
        decimals: 0,
        tracking: Tracking::None,
        location: parsed(location),
        lot: None,
        expires_on: None,
        on_hand: Decimal::from(on_hand),
        last_counted_at: None,
    }
}
