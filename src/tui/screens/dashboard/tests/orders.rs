//! The panels about orders.

use jiff::civil::date;

use super::*;
use crate::domain::samples::some;
use crate::domain::{LateOrders, OrderKind, OrderRow, OrderState, PersonPicks, WaitingOrder};

pub(super) fn late() -> Answer {
    let row = |(number, kind, state, moved): (&str, OrderKind, OrderState, i64)| OrderRow {
        order_id: parsed("01930000-0000-7000-8000-000000000001"),
        number: parsed(number),
        kind,
        state,
        partner: if kind == OrderKind::Transfer { None } else { some("ACME") },
        partner_reference: None,
        ship_to: None,
        to: if kind == OrderKind::Transfer { some("SHOP") } else { None },
        due_on: Some(date(2026, 11, 17)),
        late: true,
        note: None,
        created_by: "admin".to_owned(),
        created_at: now(),
        line_count: 3,
        ordered: Decimal::from(40),
        reserved: Decimal::ZERO,
        moved: Decimal::from(moved),
    };
    let orders = [
        ("SO-000017", OrderKind::Sales, OrderState::PartlyDone, 25),
        ("PO-000003", OrderKind::Purchase, OrderState::Confirmed, 0),
        ("TO-000002", OrderKind::Transfer, OrderState::PartlyReserved, 0),
    ];
    Answer::Late(Box::new(LateOrders { orders: orders.map(row).to_vec(), late: 6, due: 9, on_time: 6 }))
}

pub(super) fn waiting() -> Answer {
    let row = |(number, missing, late, expected): (&str, i64, bool, bool)| WaitingOrder {
        number: parsed(number),
        kind: OrderKind::Sales,
        partner: some("ACME"),
        to: None,
        due_on: Some(if late { date(2026, 11, 19) } else { date(2026, 11, 24) }),
        late,
        lines: 2,
        missing: Decimal::from(missing),
        expected_on: expected.then(|| date(2026, 11, 23)),
    };
    let rows = [("SO-000021", 288, true, true), ("SO-000024", 12, false, false)];
    Answer::Waiting((rows.map(row).to_vec(), 2))
}

pub(super) fn picks() -> Answer {
    let row = |(login, picks): (&str, i64)| PersonPicks {
        login: login.to_owned(),
        picks,
        orders: picks / 5,
        last_at: hours_ago(1),
    };
    Answer::Picks([("ann", 84), ("bob", 21)].map(row).to_vec())
}

#[test]
fn an_order_is_opened_from_its_panel() {
    let mut desk = filled(Language::English);
    desk.draw(140, 40);
    desk.keys("<down><enter><down>");
    assert!(desk.draw(140, 40).contains("the first 3 of 6"));
    desk.keys("<ctrl-y>");
    assert_eq!(desk.copied, ["PO-000003"]);
    desk.keys("<enter>");
    let Question::OrderInFull(query::OrderInFull { number }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(number.as_str(), "PO-000003");
}

#[test]
fn a_share_in_time_is_told_only_of_orders_that_were_due() {
    let mut desk = shown(Language::English);
    answer_all(&mut desk, |panel| match panel {
        QueryKey::Late => Answer::Late(Box::new(LateOrders { late: 1_204, ..LateOrders::default() })),
        other => empty(other),
    });
    let drawn = desk.draw(140, 40);
    assert!(drawn.contains("Late orders: 1,204") && !drawn.contains("on time"), "{drawn}");
}
