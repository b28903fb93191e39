//! What orders and reservations do not allow, in every language.

use super::*;
use crate::domain::{LineOfOrder, OrderError, OrderKind, OrderNumber, ReservedFigures, ShortLived};

/// What orders and reservations do not allow.
pub(super) fn refusals_of_orders() -> Vec<Sample> {
    let order = || "SO-000017".parse::<OrderNumber>().unwrap();
    let figures = (decimal("10"), decimal("8.5"), decimal("5"));
    let (have, reserved, need) = figures;
    let stock = |holders| Refusal::ReservedStock {
        sku: sku(),
        location: location(),
        lot: None,
        figures: Box::new(ReservedFigures { have, reserved, need }),
        holders,
    };
    let line = |order| Box::new(LineOfOrder { id: ID.parse().unwrap(), order });
    let beyond = |over_percent| Refusal::BeyondOrder {
        line: line(Some((order(), 2))),
        ordered: have,
        over_percent,
        moved: need,
        reserved,
    };
    let not_reserved = |order| Refusal::NotReserved {
        sku: sku(),
        location: location(),
        lot: Some(lot()),
        line: line(order),
        reserved,
        need,
    };
    vec![
        (stock(Vec::new()), &["71053", "A-01", "10", "8,5", "1,5", "5"]),
        (stock(vec![order()]), &["SO-000017"]),
        (stock(vec![order(), "SO-21".parse().unwrap()]), &["SO-000017 et SO-000021"]),
        (not_reserved(Some((order(), 2))), &["71053 lot L7", "ligne 2 de SO-000017", "8,5"]),
        (not_reserved(None), &["la ligne de commande"]),
        (beyond(decimal("0")), &["ligne 2 de SO-000017", "10", "5", "8,5"]),
        (beyond(decimal("2.5")), &["2,5"]),
        (Refusal::UnknownOrder(order()), &["SO-000017"]),
        (Refusal::UnknownOrderLine { number: order(), line_no: 9 }, &["SO-000017", "9"]),
        (Refusal::DraftChanged(order()), &["SO-000017"]),
        (Refusal::NothingReserved(order()), &["SO-000017"]),
        (Refusal::NothingOpen(order()), &["SO-000017"]),
        (
            Refusal::NotAvailable {
                number: order(),
                line_no: 2,
                sku: sku(),
                available: reserved,
                need: have,
            },
            &["ligne 2 de SO-000017", "71053", "8,5", "10"],
        ),
        (
            Refusal::ShortLived {
                number: order(),
                line_no: 2,
                sku: sku(),
                available: reserved,
                need: have,
                short_lived: Box::new(ShortLived {
                    quantity: decimal("2.5"),
                    partner: "12347".parse().unwrap(),
                    first_expiry: jiff::civil::date(2027, 1, 31),
                }),
            },
            &["ligne 2 de SO-000017", "2,5", "31/01/2027", "12347"],
        ),
        (Refusal::NoQuarantine, &["quarantaine"]),
        (Refusal::NotADock(location()), &["A-01"]),
        (Refusal::DockNotNamed { docks: 0 }, &[]),
        (Refusal::DockNotNamed { docks: 2 }, &[]),
        (Refusal::Order(OrderError::NoLines), &[]),
    ]
}

#[test]
fn every_malformed_order() {
    let sales = |needed| OrderError::Needs { kind: OrderKind::Sales, needed };
    let samples: Vec<(OrderError, &[&str])> = vec![
        (OrderError::Number("17".to_owned()), &["« 17 »"]),
        (OrderError::NoLines, &[]),
        (OrderError::TooManyLines { lines: 5_001 }, &["5001", "5000"]),
        (sales("a customer, and no destination"), &["client"]),
        (OrderError::Needs { kind: OrderKind::Purchase, needed: "a supplier, and no destination" }, &[]),
        (
            OrderError::Needs {
                kind: OrderKind::Transfer,
                needed: "the location that the goods go to, and no partner",
            },
            &["destination"],
        ),
        (sales("no partner to ship to; only a sales order has one"), &["sales"]),
        (OrderError::OverPercent { line: 3, value: decimal("100.5") }, &["3", "100,5"]),
        (OrderError::NoRoomForLines(ID.parse().unwrap()), &[ID]),
    ];
    check(&variants("domain/order.rs", "OrderError"), &samples, order, as_it_is);
}
