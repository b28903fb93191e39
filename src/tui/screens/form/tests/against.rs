//! Goods received against a purchase order.

use jiff::civil::date;
use rust_decimal::Decimal;

use super::Clerk;
use crate::domain::samples::{order_line, parsed, some};
use crate::domain::{
    LineOfOrder, MovementKind, Order, OrderId, OrderKind, OrderLine, OrderRow, OrderState, PostingOutcome,
    Refusal,
};
use crate::tui::app::testing::NOW;
use crate::tui::command::Command;
use crate::tui::locale::Language;
use crate::tui::view::Severity;
use crate::worker::message::{Failure, Report};
use crate::worker::query::{Answer, Question};

/// An order of lanterns (a quarter more is allowed), yoghurt by lot, drills by serial number, and more lanterns.
fn order() -> Order {
    let line = |line_no: i32, sku: &str, name: &str, ordered: i64, moved: i64| OrderLine {
        name: parsed(name),
        ..order_line(line_no, sku, ordered, moved)
    };
    let over =
        OrderLine { over_percent: Decimal::from(25), ..line(1, "71053", "WHITE METAL LANTERN", 12, 4) };
    Order {
        row: OrderRow {
            order_id: parsed::<OrderId>("01930000-0000-7000-8000-000000000001"),
            number: parsed("PO-000007"),
            kind: OrderKind::Purchase,
            state: OrderState::PartlyDone,
            partner: some("ACME"),
            partner_reference: some("AB-4711"),
            ship_to: None,
            to: None,
            due_on: Some(date(2026, 11, 19)),
            late: true,
            note: None,
            created_by: "admin".to_owned(),
            created_at: NOW.parse().unwrap(),
            line_count: 4,
            ordered: Decimal::from(23),
            reserved: Decimal::ZERO,
            moved: Decimal::from(4),
        },
        lines: vec![
            over,
            line(2, "YOG", "YOGHURT 125 G", 6, 0),
            line(3, "DRILL", "CORDLESS DRILL", 2, 0),
            line(4, "71053", "WHITE METAL LANTERN", 3, 0),
        ],
        events: Vec::new(),
    }
}

fn speaking(language: Language) -> Clerk {
    let mut clerk = Clerk::speaking(MovementKind::Receipt, language);
    clerk.order = Some(order());
    clerk.type_in("<alt-e>");
    clerk
}

/// The form with the order and the location filled in.
fn ready() -> Clerk {
    let mut clerk = speaking(Language::English);
    clerk.type_in("PO-7<enter>");
    clerk.type_in("MAIN<enter>");
    clerk
}

/// The lines of the posting that was sent: product, lot, quantity and number of the order line.
fn parts(clerk: &Clerk) -> Vec<(String, String, Decimal, i32)> {
    let order = order();
    let part = |line: &crate::domain::BasketLine| {
        let of = order.lines.iter().find(|of| Some(of.order_line_id) == line.order_line).unwrap();
        let lot = line.lot.as_ref().map(ToString::to_string).unwrap_or_default();
        (line.sku.to_string(), lot, line.quantity.value(), of.line_no)
    };
    clerk.basket().lines.iter().map(part).collect()
}

#[test]
fn an_order_is_chosen_or_scanned_and_shows_what_it_expects() {
    let mut clerk = speaking(Language::English);
    let shown = clerk.screen();
    assert!(shown.contains("PO-000007  ACME · 19 Nov 2026 · late"), "{shown}");
    clerk.type_in("<down><enter>");
    let shown = clerk.screen();
    assert!(shown.contains("Expected for PO-000007") && shown.contains("✓ ACME"), "{shown}");
    // Its digits, and the supplier's own number for it, name it too.
    for text in ["7<enter>", "ab-4711<enter>", "acme<down><enter>"] {
        let mut clerk = speaking(Language::English);
        clerk.type_in(text);
        assert!(clerk.form().order().is_some(), "{text}");
    }
    let mut clerk = speaking(Language::English);
    clerk.type_in("lantern<enter>");
    assert!(
        clerk.screen().contains("\"lantern\" is not the number of a purchase order"),
        "{}",
        clerk.screen()
    );
}

#[test]
fn scans_count_down_what_is_open_and_one_posting_carries_it_out() {
    let mut clerk = ready();
    clerk.type_in("10*71053<enter>");
    clerk.type_in("6*YOG<enter>");
    clerk.type_in("L-1<enter>");
    clerk.type_in("+30d<enter>");
    clerk.type_in("DRILL<enter>");
    clerk.type_in("SN-1<enter>");
    insta::assert_snapshot!("against_60x20", clerk.desk.draw(60, 20));
    insta::assert_snapshot!("against_80x24", clerk.desk.draw(80, 24));
    insta::assert_snapshot!("against_130x38", clerk.desk.draw(130, 38));
    clerk.type_in("<f12>");
    let review = clerk.screen();
    assert!(review.contains("for PO-000007 into MAIN?"), "{review}");
    assert!(review.contains("Still open on PO-000007 after this: 1 DRILL, 1 71053"), "{review}");
    clerk.keys("<enter>");
    let expected = [("71053", "", 8, 1), ("71053", "", 2, 4), ("YOG", "L-1", 6, 2), ("DRILL", "SN-1", 1, 3)];
    let expected =
        expected.map(|(sku, lot, n, line)| (sku.to_owned(), lot.to_owned(), Decimal::from(n), line));
    assert_eq!(parts(&clerk), expected);
    let details = clerk.basket().details.clone();
    assert_eq!(details.partner, some("ACME"));
    assert_eq!(details.reference, some("PO-000007"), "an order goes by its number");
    clerk.succeed();
    assert!(clerk.desk.asked.iter().any(|(_, asked)| matches!(asked, Question::OrderToReceive(_))));
    clerk.answer();
    let shown = clerk.screen();
    assert!(shown.contains("for PO-000007 into MAIN. The locations are kept"), "{shown}");
    assert!(shown.contains("Expected for PO-000007"), "the rest is shown: {shown}");
}

#[test]
fn what_is_not_on_the_order_is_refused_with_what_is() {
    let mut clerk = ready();
    clerk.type_in("85123A<enter>");
    let lines = clerk.lines();
    assert!(
        lines[0].contains("is not on PO-000007, which expects 8 71053, 6 YOG, 2 DRILL, 3 71053"),
        "{lines:?}"
    );
    assert_eq!(clerk.desk.bells, 1);
    clerk.type_in("<backspace>");
    assert!(clerk.lines().is_empty());
}

#[test]
fn more_than_expected_is_pointed_out_and_more_than_allowed_refused() {
    let mut clerk = ready();
    clerk.type_in("11*71053<enter>");
    assert!(clerk.desk.notices().is_empty());
    clerk.type_in("2*71053<enter>");
    let notice = clerk.desk.notices()[0].clone();
    assert_eq!(notice.severity, Severity::Warning);
    assert!(notice.text.contains("71053: 2 more than PO-000007 expects; at most 3 more"), "{notice:?}");
    clerk.type_in("2*71053<enter>");
    assert!(
        clerk.lines()[1]
            .contains("takes at most 14 more of 71053 (15 ordered, 25 % more allowed, 4 received); 15"),
        "{:?}",
        clerk.lines()
    );
    clerk.type_in("<backspace>");
    // Typed quantities and serial numbers are held to the same.
    clerk.type_in("*15<enter>");
    assert!(clerk.screen().contains("15 would be too many"), "{}", clerk.screen());
    clerk.type_in("<esc>DRILL<enter>");
    clerk.type_in("SN1-SN3<enter>");
    assert!(
        clerk.lines().iter().any(|line| line.contains("takes at most 2 more of DRILL")),
        "{:?}",
        clerk.lines()
    );
}

#[test]
fn scans_wait_for_the_order_and_keep_their_order() {
    let mut clerk = speaking(Language::English);
    clerk.keys("PO-7<enter>MAIN<enter>3*71053<enter>YOG<enter>");
    assert!(clerk.lines().is_empty());
    clerk.answer();
    assert_eq!(clerk.lines(), ["3 71053", "1 YOG"]);
}

#[test]
fn an_order_that_takes_nothing_says_why() {
    for (kind, state, why) in [
        (OrderKind::Purchase, OrderState::Done, "nothing can be received for PO-000007: it is done"),
        (OrderKind::Purchase, OrderState::Draft, "it is draft"),
        (OrderKind::Sales, OrderState::Confirmed, "PO-000007 is not a purchase order"),
    ] {
        let mut clerk = speaking(Language::English);
        let mut order = order();
        (order.row.kind, order.row.state) = (kind, state);
        clerk.order = Some(order);
        clerk.type_in("PO-7<enter>");
        assert!(clerk.screen().contains(why), "{}", clerk.screen());
    }
    let mut clerk = speaking(Language::English);
    clerk.keys("<esc><esc>");
    clerk.type_in("71053<enter>");
    assert!(clerk.lines()[0].contains("scan or choose the purchase order first"), "{:?}", clerk.lines());
}

#[test]
fn a_refusal_reads_the_order_again() {
    let mut clerk = ready();
    clerk.type_in("8*71053<enter>");
    clerk.keys("<f12><enter>");
    let id = order().lines[0].order_line_id;
    let line = Box::new(LineOfOrder { id, order: Some((parsed("PO-000007"), 1)) });
    clerk.desk.end(Err(Failure::Refused(Refusal::BeyondOrder {
        line,
        ordered: Decimal::from(12),
        over_percent: Decimal::from(25),
        moved: Decimal::from(16),
        reserved: Decimal::ZERO,
    })));
    assert!(clerk.desk.asked.iter().any(|(_, asked)| matches!(asked, Question::OrderToReceive(_))));
    let mut fuller = order();
    fuller.lines[0].moved = Decimal::from(12);
    fuller.lines[0].open = Decimal::ZERO;
    clerk.order = Some(fuller);
    clerk.answer();
    clerk.keys("<f12>");
    assert!(clerk.screen().contains("8 would be too many"), "{}", clerk.screen());
    assert_eq!(clerk.desk.written.len(), 1, "it is not sent again");
}

#[test]
fn an_unknown_outcome_is_waited_for() {
    let mut clerk = ready();
    clerk.type_in("71053<enter>");
    clerk.keys("<f12><enter>");
    let posting = clerk.id();
    clerk.desk.end(Err(Failure::OutcomeUnknown { posting, message: "connection closed".to_owned() }));
    clerk.keys("71053<enter>");
    assert_eq!(clerk.desk.written.len(), 1);
    clerk.desk.resolve(PostingOutcome::NotPosted);
    clerk.keys("<f12>");
    assert_eq!(clerk.desk.written.len(), 2);
    assert_eq!(clerk.id(), posting, "the same content goes under the same id");
}

#[test]
fn a_form_against_an_order_is_kept_with_the_order() {
    let mut clerk = ready();
    clerk.type_in("3*71053<enter>");
    let draft = clerk.desk.drafts[&Command::ReceiveOrder].clone().unwrap();
    let mut clerk = speaking(Language::English);
    clerk.desk.find_draft(Command::ReceiveOrder, draft);
    clerk.type_in("<enter>");
    assert_eq!(clerk.lines(), ["3 71053"]);
    clerk.keys("<f12><enter>");
    assert_eq!(parts(&clerk), [("71053".to_owned(), String::new(), Decimal::from(3), 1)]);
}

#[test]
fn another_order_is_taken_only_while_nothing_is_scanned() {
    let mut clerk = ready();
    clerk.type_in("71053<enter>");
    clerk.type_in("PO-8<enter>");
    assert!(clerk.desk.notices()[0].text.contains("the lines here (1) are for PO-000007"));
    assert_eq!(clerk.lines(), ["1 71053"]);
    clerk.type_in("<backspace>");
    clerk.keys("PO-8<enter>");
    assert!(
        matches!(clerk.desk.question(), Question::OrderToReceive(asked) if asked.number.as_str() == "PO-000008")
    );
    let failure = Failure::Refused(Refusal::UnknownOrder(parsed("PO-000008")));
    clerk.desk.fail(failure);
    assert!(clerk.screen().contains("there is no order PO-000008"), "{}", clerk.screen());
}

#[test]
fn a_connection_that_is_lost_keeps_the_scans() {
    let mut clerk = ready();
    clerk.desk.report(Report::Changed);
    let asked = clerk.desk.asked.iter().rposition(|(_, asked)| matches!(asked, Question::OrderToReceive(_)));
    let (ticket, _) = clerk.desk.asked.remove(asked.unwrap());
    clerk.desk.report(Report::Answered(ticket, Err(Failure::Unavailable("down".to_owned()))));
    assert!(clerk.form().order().is_some(), "what is known stays");
    clerk.desk.asked.clear();
    clerk.desk.report(Report::Answered(ticket, Ok(Answer::OrderToReceive(Box::new(order())))));
    clerk.type_in("71053<enter>");
    assert_eq!(clerk.lines(), ["1 71053"]);
}

#[test]
fn receiving_against_an_order_in_french() {
    let mut clerk = speaking(Language::French);
    clerk.type_in("PO-7<enter>");
    clerk.type_in("MAIN<enter>");
    clerk.type_in("12*71053<enter>");
    clerk.type_in("85123A<enter>");
    insta::assert_snapshot!("against_french", clerk.desk.draw(80, 24));
    clerk.type_in("<backspace><f12>");
    insta::assert_snapshot!("against_review_french", clerk.desk.draw(80, 24));
}
