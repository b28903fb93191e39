use rust_decimal::Decimal;

use super::{Picker, at};
use crate::domain::samples::parsed;
use crate::domain::{LineOfOrder, PostingOutcome, Refusal};
use crate::tui::view::Severity;
use crate::worker::message::{Failure, OrderStep, ShortPick, Write, Written};

/// A clerk who has picked the lanterns for both orders.
fn with_lanterns() -> Picker {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.type_in("6*71053<enter>");
    picker
}

#[test]
fn what_was_picked_is_reviewed_and_posted_once() {
    let mut picker = with_lanterns();
    // Keys typed ahead open the review and never confirm it.
    picker.desk.burst("<f12><enter><enter>");
    assert!(picker.desk.written.is_empty());
    insta::assert_snapshot!("review_60x20", picker.desk.draw(60, 20));
    picker.keys("<enter><enter>");
    assert_eq!(picker.desk.written.len(), 1);
    let Write::Pick { goods, to, .. } = picker.last_write() else { panic!("{:?}", picker.last_write()) };
    assert_eq!(to.as_str(), "DOCK-1");
    let goods: Vec<(String, Decimal)> =
        goods.iter().map(|part| (part.from.to_string(), part.quantity.value())).collect();
    assert_eq!(goods, [("A-01".to_owned(), Decimal::from(4)), ("A-01".to_owned(), Decimal::from(2))]);
    picker.list.drain(..2);
    picker.list.push(at("SO-000017", 1, "71053", "DOCK-1", "", 4));
    picker.list.push(at("SO-000021", 1, "71053", "DOCK-1", "", 2));
    picker.succeed();
    assert!(picker.desk.notices().iter().any(|notice| notice.text == "2 lines moved to DOCK-1"));
    assert!(picker.picked().is_empty());
    assert!(picker.screen().contains("0 of 3 lines picked"), "another can go on: {}", picker.screen());
}

#[test]
fn scanning_the_dock_ends_the_walk() {
    let mut picker = with_lanterns();
    picker.docks = vec!["DOCK-1", "DOCK-2"];
    picker.type_in("<ctrl-t>");
    picker.type_in("<f12>");
    assert!(picker.screen().contains("To which dock?"), "{}", picker.screen());
    picker.type_in("<esc>DOCK-2<enter>");
    assert!(picker.screen().contains("Move 2 lines to DOCK-2?"), "{}", picker.screen());
    let mut picker = Picker::walking();
    picker.docks.clear();
    picker.type_in("<ctrl-t>A-01<enter>");
    picker.type_in("71053<enter>");
    picker.type_in("<f12>");
    assert!(picker.fault().contains("there is no dock to take the goods to"), "{}", picker.fault());
}

#[test]
fn orders_at_the_dock_are_shipped_one_after_the_other() {
    let mut picker = Picker::at_orders();
    picker.list = vec![
        at("SO-000017", 1, "71053", "DOCK-1", "", 4),
        at("SO-000017", 2, "YOG", "A-02", "L-1", 3),
        at("SO-000021", 1, "71053", "DOCK-1", "", 2),
    ];
    picker.type_in("<space><down><space><enter>");
    picker.keys("<f12>");
    insta::assert_snapshot!("ship_80x24", picker.desk.draw(80, 24));
    picker.keys("<enter>");
    let Write::Order { number, step: OrderStep::Ship, .. } = picker.last_write() else {
        panic!("{:?}", picker.last_write())
    };
    assert_eq!(number.as_str(), "SO-000017");
    picker.list.remove(0);
    picker.desk.end(Ok(Written::Order { moved: true, short: 0 }));
    picker.answer();
    assert!(picker.desk.notices().iter().any(|notice| notice.text == "SO-000017 shipped"));
    picker.list.remove(0);
    picker.type_in("<ctrl-t><f12><enter>");
    picker.list.clear();
    picker.desk.end(Ok(Written::Order { moved: true, short: 0 }));
    picker.answer();
    assert!(picker.desk.notices().iter().any(|notice| notice.text == "Everything is picked and shipped"));
    assert!(picker.screen().contains("Orders to pick or ship"), "{}", picker.screen());
}

#[test]
fn a_short_pick_is_released_with_a_reason_and_finds_another_place() {
    let mut picker = Picker::walking();
    picker.type_in("-");
    assert!(picker.fault().contains("Go to A-01"), "who has not been there cannot know");
    picker.type_in("A-01<enter>");
    picker.type_in("71053<enter>");
    picker.type_in("-");
    assert!(picker.screen().contains("3 71053 missing at A-01: why?"), "{}", picker.screen());
    picker.keys("2");
    picker.answer();
    insta::assert_snapshot!("short_60x20", picker.desk.draw(60, 20));
    picker.keys("<enter>");
    let Write::ShortPick(ShortPick { allocation, missing, reason, .. }) = picker.last_write() else {
        panic!("{:?}", picker.last_write())
    };
    assert_eq!(
        (allocation.location.as_str(), *missing, reason.as_str()),
        ("A-01", Decimal::from(3), "damaged")
    );
    picker.list[0].open = Decimal::ONE;
    picker.list.push(at("SO-000017", 1, "71053", "C-01", "", 2));
    let instead = vec![(parsed("C-01"), None, Decimal::TWO)];
    picker.desk.end(Ok(Written::ShortPicked { instead, missing: Decimal::ONE }));
    picker.answer();
    let notice = picker.desk.notices()[0].clone();
    assert_eq!(notice.severity, Severity::Warning);
    assert!(
        notice.text.contains("reservation released; take 2 from C-01 instead; 1 not available anywhere"),
        "{notice:?}"
    );
    assert_eq!(picker.picked(), ["1/1 71053 A-01 SO-000017"], "what was found there is still picked");
    assert!(picker.screen().contains("C-01"), "{}", picker.screen());
}

#[test]
fn keys_typed_ahead_do_not_confirm_a_short_pick() {
    let mut picker = Picker::walking();
    picker.type_in("A-01<enter>");
    picker.desk.burst("-1<enter><enter>");
    picker.answer();
    assert!(picker.desk.written.is_empty());
    assert!(
        picker.screen().contains("6 each") || picker.screen().contains("4 each of 71053 missing"),
        "{}",
        picker.screen()
    );
    picker.keys("<esc><esc>");
    assert!(picker.desk.written.is_empty());
}

#[test]
fn a_refusal_reads_the_list_again_and_an_unknown_outcome_waits() {
    let mut picker = with_lanterns();
    picker.keys("<f12><enter>");
    let id = picker.desk.written[0].0;
    picker.fail(Failure::Refused(Refusal::NotReserved {
        sku: parsed("71053"),
        location: parsed("A-01"),
        lot: None,
        line: LineOfOrder::of(parsed("01930000-0000-7000-8000-000000000101")),
        reserved: Decimal::ONE,
        need: Decimal::from(4),
    }));
    assert!(picker.fault().contains("71053"), "{}", picker.fault());
    picker.keys("<f12><enter>");
    assert_eq!(picker.desk.written[1].0, id, "the same content keeps its id");
    picker.desk.end(Err(Failure::OutcomeUnknown { posting: id, message: "connection closed".to_owned() }));
    picker.keys("71053<enter>");
    assert!(picker.screen().contains("It is not known whether this was posted"), "{}", picker.screen());
    assert_eq!(picker.desk.written.len(), 2);
    picker.list.drain(..2);
    picker.desk.resolve(PostingOutcome::Posted);
    picker.answer();
    assert!(picker.picked().is_empty());
    // A scan that came meanwhile is judged by the list that is read after it.
    assert!(picker.fault().contains("71053 was not counted: first go to A-02"), "{}", picker.fault());
}

#[test]
fn nothing_is_posted_where_nothing_was_picked() {
    let mut picker = Picker::walking();
    picker.type_in("<f12>");
    assert!(picker.fault().contains("nothing has been picked yet"), "{}", picker.fault());
    assert!(picker.desk.written.is_empty());
}
