//! Valid values and rows for tests, to be modified where a test needs them otherwise.
#![allow(clippy::unwrap_used, reason = "a sample that is not sound is a failed test")]

use std::fmt::Debug;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::{
    LedgerRow, Level, LocationKind, LocationRow, MovementKind, Order, OrderEvent, OrderEventKind, OrderKind,
    OrderLine, OrderRow, OrderState, PostingId, Product, Quantity, SheetLine, StockRow, Tracking,
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

/// A sales order that is partly done: 10 of 71053, of which 5 have left, and 5 of 84406B. The quantity of the second line
/// was changed after confirmation.
pub fn order() -> Order {
    let at = parsed("2026-11-20T09:30:00Z");
    let line = |number: i32, sku: &str, quantity: i64, moved: i64| OrderLine {
        order_line_id: parsed(&format!("01930000-0000-7000-8000-00000000010{number}")),
        line_no: number,
        sku: parsed(sku),
        name: parsed("White metal lantern"),
        unit: parsed("each"),
        quantity: Decimal::from(quantity),
        reserved: Decimal::from(2),
        picked: Decimal::from(1),
        moved: Decimal::from(moved),
        returned: Decimal::ZERO,
        open: Decimal::from(quantity - moved),
        over_percent: Decimal::ZERO,
        price: None,
    };
    let event = |kind: OrderEventKind| OrderEvent {
        kind,
        by: "admin".to_owned(),
        at,
        reason: None,
        line_no: None,
        change: None,
    };
    let changed = OrderEvent {
        reason: some("customer asked"),
        line_no: Some(2),
        change: Some(Decimal::from(-3)),
        ..event(OrderEventKind::LineChanged)
    };
    Order {
        row: OrderRow {
            order_id: parsed("01930000-0000-7000-8000-000000000001"),
            number: parsed("SO-000017"),
            kind: OrderKind::Sales,
            state: OrderState::PartlyDone,
            partner: some("ACME"),
            partner_reference: some("4711"),
            ship_to: None,
            to: None,
            due_on: some("2026-11-19"),
            late: true,
            note: None,
            created_by: "admin".to_owned(),
            created_at: at,
            line_count: 2,
            ordered: Decimal::from(15),
            reserved: Decimal::from(4),
            moved: Decimal::from(5),
        },
        lines: vec![line(1, "71053", 10, 5), line(2, "84406B", 5, 0)],
        events: vec![event(OrderEventKind::Confirmed), changed],
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

/// An order line without over-delivery, with these quantities ordered and moved.
pub fn order_line(line_no: i32, sku: &str, ordered: i64, moved: i64) -> OrderLine {
    OrderLine {
        order_line_id: parsed(&format!("01930000-0000-7000-8000-0000000001{line_no:02}")),
        line_no,
        sku: parsed(sku),
        name: parsed("White metal lantern"),
        unit: parsed("each"),
        quantity: Decimal::from(ordered),
        reserved: Decimal::ZERO,
        picked: Decimal::ZERO,
        moved: Decimal::from(moved),
        returned: Decimal::ZERO,
        open: Decimal::from((ordered - moved).max(0)),
        over_percent: Decimal::ZERO,
        price: None,
    }
}

/// The stock of goods that are not tracked.
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
