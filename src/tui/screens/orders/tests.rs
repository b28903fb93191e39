//! The orders under the hands of a clerk.

use jiff::civil::date;

use super::*;
use crate::domain::samples::{parsed, some};
use crate::domain::{
    Group, Order, OrderEvent, OrderEventKind, OrderId, OrderKind, OrderLine, OrderLineId, PostingOutcome,
    Refusal,
};
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::locale::Language;
use crate::worker::message::{OrderStep, Write, Written};
use crate::worker::query::Question;

fn row(number: &str, kind: OrderKind, state: OrderState) -> OrderRow {
    OrderRow {
        order_id: parsed::<OrderId>("01930000-0000-7000-8000-000000000001"),
        number: parsed(number),
        kind,
        state,
        partner: some("ACME"),
        partner_reference: some("4711"),
        ship_to: None,
        to: None,
        due_on: Some(date(2026, 11, 19)),
        late: true,
        note: None,
        created_by: "admin".to_owned(),
        created_at: NOW.parse().unwrap(),
        line_count: 2,
        ordered: Decimal::from(15),
        reserved: Decimal::from(4),
        moved: Decimal::from(5),
    }
}

fn sample() -> Vec<OrderRow> {
    let mut sent = row("TO-000003", OrderKind::Transfer, OrderState::Picking);
    (sent.partner, sent.to, sent.due_on, sent.late) = (None, some("SHOP"), None, false);
    sent.order_id = parsed("01930000-0000-7000-8000-000000000003");
    let mut bought = row("PO-000007", OrderKind::Purchase, OrderState::Confirmed);
    (bought.due_on, bought.late, bought.moved) = (Some(date(2026, 11, 25)), false, Decimal::ZERO);
    bought.order_id = parsed("01930000-0000-7000-8000-000000000002");
    vec![row("SO-000017", OrderKind::Sales, OrderState::PartlyDone), bought, sent]
}

fn order() -> Order {
    let line = |number: i32, sku: &str, quantity: i64, moved: i64| OrderLine {
        order_line_id: parsed::<OrderLineId>(&format!("01930000-0000-7000-8000-00000000010{number}")),
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
    let event =
        |kind: OrderEventKind, line_no: Option<i32>, change: Option<i64>, reason: Option<&str>| OrderEvent {
            kind,
            by: "admin".to_owned(),
            at: NOW.parse().unwrap(),
            reason: reason.and_then(some),
            line_no,
            change: change.map(Decimal::from),
        };
    Order {
        row: row("SO-000017", OrderKind::Sales, OrderState::PartlyDone),
        lines: vec![line(1, "71053", 10, 5), line(2, "84406B", 5, 0)],
        events: vec![
            event(OrderEventKind::Confirmed, None, None, None),
            event(OrderEventKind::LineChanged, Some(2), Some(-3), Some("customer asked")),
        ],
    }
}

#[test]
fn orders_are_listed_and_opened() {
    let mut desk = Desk::clerk();
    desk.keys("<alt-c>");
    assert!(matches!(desk.question(), Question::Orders(query::Orders { unfinished: true, .. })));
    desk.answer(Answer::Orders(sample()));
    insta::assert_snapshot!("list_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("list_130x38", desk.draw(130, 38));
    desk.keys("<ctrl-f>");
    assert!(matches!(desk.question(), Question::Orders(query::Orders { unfinished: false, .. })));
    desk.answer(Answer::Orders(sample()));
    desk.keys("<enter>");
    let Question::OrderInFull(query::OrderInFull { number }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(number.as_str(), "SO-000017");
    desk.answer(Answer::OrderInFull(Box::new(order())));
    insta::assert_snapshot!("order_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("order_80x24", desk.draw(80, 24));
    desk.keys("<ctrl-y>");
    assert_eq!(desk.copied, ["SO-000017"]);
    desk.keys("<esc><esc>");
    assert_eq!(desk.layers(), 0);
}

/// An admin or clerk at an order in a state.
fn at(group: Group, kind: OrderKind, state: OrderState) -> Desk {
    let mut desk = Desk::new(group, Language::English);
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    desk.keys("<enter>");
    let mut order = order();
    (order.row.kind, order.row.state) = (kind, state);
    desk.answer(Answer::OrderInFull(Box::new(order)));
    desk
}

#[test]
fn a_step_is_asked_about_seen_and_posted_once() {
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Confirmed);
    // Keys typed ahead choose the step, and do not confirm it.
    desk.burst("<f12>1<enter>");
    assert!(desk.written.is_empty());
    assert!(desk.draw(80, 24).contains("Reserve what is available? Enter does it"));
    desk.keys("<enter><enter>");
    let [(_, Write::Order { number, step: OrderStep::Reserve, .. })] = desk.written.as_slice() else {
        panic!("{:?}", desk.written)
    };
    assert_eq!(number.as_str(), "SO-000017");
    desk.end(Ok(Written::Order { moved: false, short: 1 }));
    assert!(desk.notices()[0].text.contains("for 1 line there was not enough"), "{:?}", desk.notices());
    assert!(matches!(desk.question(), Question::OrderInFull(_)), "the order is read again");
}

#[test]
fn what_is_refused_is_said_and_what_is_unknown_is_looked_up() {
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Reserved);
    desk.keys("<f12>2<enter>");
    assert!(matches!(desk.written[0].1, Write::Order { step: OrderStep::Ship, .. }), "{:?}", desk.written);
    desk.end(Err(Failure::Refused(Refusal::NothingReserved(parsed("SO-000017")))));
    assert!(desk.draw(80, 24).contains("✗ "));
    desk.keys("<f12>2<enter>");
    let id = desk.written[1].0;
    assert_eq!(id, desk.written[0].0, "the same act keeps its id");
    let message = "connection closed".to_owned();
    desk.end(Err(Failure::OutcomeUnknown { posting: id, message }));
    assert!(desk.draw(80, 24).contains("the outcome is being looked up"));
    desk.keys("<f12>");
    assert_eq!(desk.layers(), 2, "no other step meanwhile");
    desk.resolve(PostingOutcome::Posted);
    assert!(desk.notices()[0].text.contains("SO-000017 shipped"), "{:?}", desk.notices());
}

#[test]
fn steps_depend_on_state_kind_and_person() {
    for (group, kind, state, offered) in [
        (Group::Admin, OrderKind::Sales, OrderState::Draft, true),
        (Group::Clerk, OrderKind::Sales, OrderState::Draft, false),
        (Group::Clerk, OrderKind::Purchase, OrderState::Confirmed, false),
        (Group::Clerk, OrderKind::Transfer, OrderState::PartlyDone, true),
        (Group::Clerk, OrderKind::Sales, OrderState::Done, false),
        (Group::Auditor, OrderKind::Sales, OrderState::Reserved, false),
    ] {
        let mut desk = at(group, kind, state);
        desk.keys("<f12>");
        assert_eq!(desk.layers() == 3, offered, "{group:?} {kind:?} {state:?}");
    }
    let mut desk = at(Group::Clerk, OrderKind::Sales, OrderState::Reserved);
    desk.keys("<f12>1<esc><enter>");
    assert!(desk.written.is_empty(), "Esc takes the question back");
}

#[test]
fn orders_in_french_and_none() {
    let mut desk = Desk::new(Group::Auditor, Language::French);
    desk.keys("<alt-c>");
    desk.answer(Answer::Orders(sample()));
    insta::assert_snapshot!("list_french", desk.draw(80, 24));
    desk.keys("<enter>");
    desk.answer(Answer::OrderInFull(Box::new(order())));
    insta::assert_snapshot!("order_french", desk.draw(100, 24));
    desk.keys("<esc><ctrl-t>");
    desk.answer(Answer::Orders(Vec::new()));
    assert!(desk.draw(80, 24).contains("Aucune commande en cours."));
}

#[test]
fn a_share_is_never_rounded_up_to_all() {
    assert_eq!(share(Decimal::new(9_999, 1), Decimal::from(1_000)), "99 %");
    assert_eq!(share(Decimal::ONE, Decimal::ZERO), "0 %");
    assert_eq!(share(Decimal::from(1_000), Decimal::from(1_000)), "100 %");
}
