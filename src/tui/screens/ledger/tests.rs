//! The ledger under the hands of a clerk.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::filter::past_day;
use super::*;
use crate::domain::{MovementKind, PostingId, Refusal, Tracking};
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::locale::Language;
use crate::worker::message::{Group, LedgerFilter, LocationRow, StockRow};

/// A receipt of the so-manieth minute before the present.
pub fn receipt(minutes_ago: i64) -> LedgerRow {
    let now: Timestamp = NOW.parse().unwrap();
    let at = now - SignedDuration::from_mins(minutes_ago);
    let id = PostingId::at(at, [1; 10]);
    LedgerRow {
        id: id.uuid(),
        posting_id: id.uuid(),
        kind: "receipt".to_owned(),
        sku: "71053".to_owned(),
        unit: "each".to_owned(),
        lot: None,
        from: None,
        to: Some("MAIN".to_owned()),
        partner: None,
        quantity: Decimal::from(12),
        unit_price: None,
        reference: Some(format!("PO-{minutes_ago}")),
        reason: None,
        reverses: None,
        reversed_by: None,
        occurred_at: at,
        posted_at: at,
        posted_by: "marie".to_owned(),
        lot_expires_on: None,
    }
}

fn product(sku: &str) -> StockRow {
    StockRow {
        sku: sku.to_owned(),
        name: "WHITE METAL LANTERN".to_owned(),
        unit: "each".to_owned(),
        decimals: 0,
        category: None,
        tracking: Tracking::None,
        reorder_point: None,
        on_hand: Decimal::from(36),
        places: 1,
        expires_on: None,
    }
}

/// One of each: out, within, reversed and reversing, with all that a row can hold.
fn sample() -> Vec<LedgerRow> {
    let mut rows: Vec<LedgerRow> = (0..5).map(receipt).collect();
    rows[0].quantity = "1234.5".parse().unwrap();
    rows[1].kind = "issue".to_owned();
    (rows[1].from, rows[1].to) = (Some("A-01-02".to_owned()), None);
    rows[1].posted_by = "jean".to_owned();
    rows[2].kind = "transfer".to_owned();
    rows[2].from = Some("B-02".to_owned());
    rows[2].lot = Some("L2026-11".to_owned());
    rows[3].kind = "reversal".to_owned();
    (rows[3].from, rows[3].to) = (Some("MAIN".to_owned()), None);
    rows[3].reverses = Some(rows[4].id);
    rows[3].reason = Some("wrong goods".to_owned());
    rows[4].reversed_by = Some(rows[3].id);
    rows[4].unit_price = Some("2.5".parse().unwrap());
    rows
}

fn desk(rows: Vec<LedgerRow>) -> Desk {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(rows));
    desk
}

fn id(minutes_ago: i64) -> MovementId {
    MovementId::try_from(receipt(minutes_ago).id).unwrap()
}

fn asked(desk: &Desk) -> &LedgerFilter {
    match desk.question() {
        Question::Ledger(filter) => filter,
        other => panic!("asked {other:?}"),
    }
}

fn cursor_line(screen: &str) -> &str {
    screen.lines().find(|line| line.starts_with('▸')).unwrap_or_default()
}

#[test]
fn what_a_clerk_sees() {
    let mut desk = desk(sample());
    insta::assert_snapshot!("filled_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("filled_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("filled_140x30", desk.draw(140, 30));
    let mut french = Desk::new(Group::Auditor, Language::French);
    french.keys("<f7>");
    insta::assert_snapshot!("loading_french", french.draw(80, 24));
    french.answer(Answer::Ledger(sample()));
    insta::assert_snapshot!("filled_french", french.draw(80, 24));
    let mut empty = Desk::clerk();
    empty.keys("<f7>");
    empty.answer(Answer::Ledger(Vec::new()));
    insta::assert_snapshot!("empty", empty.draw(80, 24));
    empty.keys("<ctrl-t>");
    empty.fail(Failure::Unavailable("connection refused".to_owned()));
    insta::assert_snapshot!("error", empty.draw(80, 24));
}

#[test]
fn new_movements_come_above_the_cursor() {
    let mut desk = desk((10..60).map(receipt).collect());
    desk.keys("<down><down>");
    assert!(cursor_line(&desk.draw(80, 24)).contains("09:18"));
    desk.report(crate::worker::message::Report::Changed);
    assert_eq!(asked(&desk).anchor, Anchor::Start);
    desk.answer(Answer::Ledger((5..60).map(receipt).collect()));
    let screen = desk.draw(80, 24);
    assert!(cursor_line(&screen).contains("09:18"), "{screen}");
    assert!(screen.contains("09:25"), "what is new is in view: {screen}");
}

#[test]
fn more_than_a_page_of_news_leaves_the_cursor_alone() {
    let mut desk = desk((1000..1200).map(receipt).collect());
    desk.asked.clear();
    desk.keys("<down>");
    let before = cursor_line(&desk.draw(80, 24)).to_owned();
    desk.report(crate::worker::message::Report::Changed);
    let limit = asked(&desk).limit.unwrap();
    desk.answer(Answer::Ledger((1..=i64::from(limit)).map(receipt).collect()));
    assert_eq!(cursor_line(&desk.draw(80, 24)), before);
    assert!(desk.draw(80, 24).contains("newer ones above"));
    // What lies between is fetched as the cursor is near it.
    assert_eq!(asked(&desk).anchor, Anchor::Before(id(1000)));
    desk.answer(Answer::Ledger((800..1000).map(receipt).collect()));
    assert_eq!(cursor_line(&desk.draw(80, 24)), before);
}

#[test]
fn pages_are_fetched_before_the_cursor_reaches_them() {
    let mut desk = desk((0..200).map(receipt).collect());
    assert!(desk.asked.is_empty());
    desk.draw(80, 24);
    for _ in 0..10 {
        desk.keys("<pagedown>");
    }
    let filter = asked(&desk).clone();
    assert_eq!(filter.anchor, Anchor::After(id(199)));
    assert_eq!(filter.limit, Some(200));
    desk.answer(Answer::Ledger((200..260).map(receipt).collect()));
    for _ in 0..30 {
        desk.keys("<pagedown>");
    }
    assert!(desk.asked.is_empty(), "a page that was not full was the last");
    assert!(cursor_line(&desk.draw(80, 24)).contains("05:11"));
}

#[test]
fn end_goes_to_the_oldest_movement_and_home_back() {
    let mut desk = desk((0..200).map(receipt).collect());
    desk.keys("<ctrl-f><tab>marie<enter>");
    desk.answer(Answer::Ledger((0..200).map(receipt).collect()));
    desk.keys("<end>");
    let filter = asked(&desk).clone();
    assert_eq!((filter.anchor, filter.limit), (Anchor::End, Some(200)));
    assert_eq!(filter.posted_by.as_deref(), Some("marie"), "of what the filter lets through");
    desk.answer(Answer::Ledger((600..800).map(receipt).collect()));
    assert!(desk.asked.is_empty());
    let screen = desk.draw(80, 24);
    assert!(cursor_line(&screen).contains("20:11"), "{screen}");
    insta::assert_snapshot!("oldest", screen);
    // From there it goes on upwards.
    for _ in 0..10 {
        desk.keys("<pageup>");
    }
    assert_eq!(asked(&desk).anchor, Anchor::Before(id(600)));
    desk.answer(Answer::Ledger((400..600).map(receipt).collect()));
    // A change fetches the same rows again, and finds that there are still none behind them.
    desk.keys("<end>");
    assert!(desk.asked.is_empty());
    assert!(cursor_line(&desk.draw(80, 24)).contains("20:11"));
    desk.report(crate::worker::message::Report::Changed);
    let filter = asked(&desk).clone();
    assert_eq!((filter.anchor, filter.limit), (Anchor::From(id(400)), Some(401)));
    desk.answer(Answer::Ledger((400..800).map(receipt).collect()));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    assert!(cursor_line(&desk.draw(80, 24)).contains("20:11"));
    // The rows stay in view until the newest ones are there.
    desk.keys("<home>");
    assert_eq!(asked(&desk).anchor, Anchor::Start);
    assert!(cursor_line(&desk.draw(80, 24)).contains("20:11"));
    desk.answer(Answer::Ledger((0..200).map(receipt).collect()));
    assert!(cursor_line(&desk.draw(80, 24)).contains("09:30"));
}

#[test]
fn a_change_during_a_page_is_not_forgotten() {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.report(crate::worker::message::Report::Changed);
    assert_eq!(desk.asked.len(), 1);
    desk.answer(Answer::Ledger(sample()));
    assert_eq!(desk.asked.len(), 1, "the rows are fetched again");
}

#[test]
fn a_scan_filters_by_item_place_or_document() {
    let mut desk = desk(sample());
    desk.keys("5012345678900<enter>");
    assert_eq!(desk.question(), &Question::Scan("5012345678900".to_owned()));
    let screen = desk.draw(80, 24);
    assert!(screen.contains("looking up 5012345678900"), "{screen}");
    // A scanner that sends a second Enter opens nothing.
    desk.keys("<enter>");
    assert_eq!(desk.layers(), 0);
    desk.answer(Answer::Scan(Box::new(Scanned::Product {
        row: product("71053"),
        pack_quantity: Decimal::from(12),
    })));
    assert_eq!(asked(&desk).sku, Some("71053".parse().unwrap()));
    desk.answer(Answer::Ledger(sample()));

    desk.keys("a-01<enter>");
    let code = "A-01".parse().unwrap();
    desk.answer(Answer::Scan(Box::new(Scanned::Location { code, name: None, archived: false })));
    assert_eq!(asked(&desk).location, Some("A-01".parse().unwrap()));

    desk.keys("PO 4711<enter>");
    desk.answer(Answer::Scan(Box::new(Scanned::Nothing)));
    let filter = asked(&desk).clone();
    assert_eq!(filter.reference.as_deref(), Some("PO 4711"));
    assert!(filter.sku.is_some() && filter.location.is_some());
    desk.answer(Answer::Ledger(Vec::new()));
    insta::assert_snapshot!("filtered_empty", desk.draw(80, 24));

    // Esc takes it away in the order of setting, the latest first; what is typed before everything.
    desk.keys("abc<esc>");
    assert!(desk.asked.is_empty());
    desk.keys("<esc>");
    let filter = asked(&desk).clone();
    assert!(filter.reference.is_none() && filter.location.is_some());
    desk.keys("<esc><esc>");
    assert_eq!(asked(&desk), &LedgerFilter { limit: Some(200), ..LedgerFilter::default() });
}

#[test]
fn the_second_of_two_scans_counts() {
    let mut desk = desk(sample());
    desk.keys("111<enter>222<enter>");
    assert_eq!(desk.asked.len(), 2);
    desk.answer_first(Answer::Scan(Box::new(Scanned::Product {
        row: product("ONE"),
        pack_quantity: Decimal::ONE,
    })));
    desk.answer_first(Answer::Scan(Box::new(Scanned::Product {
        row: product("TWO"),
        pack_quantity: Decimal::ONE,
    })));
    assert_eq!(asked(&desk).sku, Some("TWO".parse().unwrap()));
}

#[test]
fn an_id_opens_its_posting() {
    let mut desk = desk(sample());
    let id = receipt(4).id;
    desk.keys(&format!("{id}<enter>"));
    assert_eq!(desk.layers(), 1);
    assert_eq!(desk.question(), &Question::Posting(MovementId::try_from(id).unwrap()));
}

#[test]
fn the_dialog_sets_everything() {
    let mut desk = desk(sample());
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter_dialog", desk.draw(80, 24));
    desk.keys("4006381333931<tab>jean<tab>i<tab>PO-1<tab>7d<tab>today");
    insta::assert_snapshot!("filter_dialog_filled", desk.draw(60, 20));
    desk.keys("<tab>b-02<enter>");
    assert_eq!(desk.question(), &Question::Scan("4006381333931".to_owned()));
    desk.answer(Answer::Scan(Box::new(Scanned::Product {
        row: product("71053"),
        pack_quantity: Decimal::ONE,
    })));
    assert_eq!(desk.layers(), 0);
    let filter = asked(&desk).clone();
    let expected = LedgerFilter {
        sku: Some("71053".parse().unwrap()),
        posted_by: Some("jean".to_owned()),
        kind: Some(MovementKind::Issue),
        reference: Some("PO-1".to_owned()),
        since: Some("2026-11-13T00:00:00Z".parse().unwrap()),
        until: Some("2026-11-20T23:59:59.999Z".parse().unwrap()),
        location: Some("B-02".parse().unwrap()),
        limit: Some(200),
        ..LedgerFilter::default()
    };
    assert_eq!(filter, expected);
    desk.answer(Answer::Ledger(sample()));
    insta::assert_snapshot!("filtered", desk.draw(140, 24));
    // The dialog comes up with what holds; leaving it as it is asks nothing.
    desk.keys("<ctrl-f><enter>");
    assert_eq!(desk.layers(), 0);
    assert!(desk.asked.is_empty());
    desk.keys("<ctrl-f><backspace><tab><backspace><enter>");
    assert_eq!(asked(&desk).sku, None);
    assert_eq!(asked(&desk).posted_by, None);
}

/// The places that fit what is typed.
fn places(codes: &[&str]) -> Answer {
    let row = |code: &&str| LocationRow {
        code: (*code).to_owned(),
        name: Some(format!("Shelf {code}")),
        parent: None,
        kind: "bin".to_owned(),
        products: 3,
        archived_at: None,
    };
    Answer::Places(codes.iter().map(row).collect())
}

#[test]
fn the_dialog_offers_places_while_one_is_typed() {
    let mut desk = desk(sample());
    desk.keys("<ctrl-f><up>b-");
    assert_eq!(desk.question(), &Question::Places { text: "b-".to_owned(), limit: 8 });
    desk.answer(places(&["B-01", "B-02", "B-03"]));
    desk.keys("<down><down>");
    insta::assert_snapshot!("places_offered_60x20", desk.draw(60, 20));
    // Enter takes the place, and the next one the dialog.
    desk.keys("<enter>");
    assert_eq!(desk.layers(), 1);
    assert!(!desk.draw(80, 24).contains("Shelf"));
    desk.keys("<enter>");
    assert_eq!(asked(&desk).location, Some("B-02".parse().unwrap()));
    desk.answer(Answer::Ledger(sample()));
    // What is typed counts while nothing is chosen, and Esc takes away what is offered first.
    desk.keys("<ctrl-f><up>b");
    desk.answer(places(&["B-01"]));
    desk.keys("<down><up>");
    desk.keys("<esc>");
    assert_eq!(desk.layers(), 1);
    desk.keys("<enter>");
    assert_eq!(asked(&desk).location, Some("B".parse().unwrap()));
    desk.answer(Answer::Ledger(sample()));
    // Tab takes the first one and goes on; an answer that comes after it is of no use.
    desk.keys("<ctrl-f><up>a");
    desk.answer(places(&["A-01", "A-02"]));
    desk.keys("<tab>");
    let screen = desk.draw(80, 24);
    assert!(screen.contains("A-01") && !screen.contains("A-02"), "{screen}");
    desk.keys("<up>x<up>");
    desk.answer(places(&["X-01"]));
    assert!(!desk.draw(80, 24).contains("X-01"));
}

#[test]
fn the_dialog_says_what_is_wrong_and_where() {
    let mut desk = desk(sample());
    desk.keys("<ctrl-f><tab><tab><tab><tab>99<enter>");
    assert_eq!(desk.layers(), 1);
    let screen = desk.draw(80, 24);
    assert!(screen.contains("✗ That is no day."), "{screen}");
    desk.keys("today<tab>1d<enter>");
    assert!(desk.draw(80, 24).contains("✗ The last day lies before the first."));
    desk.keys("today<enter>");
    assert_eq!(desk.layers(), 0);
    desk.keys("<ctrl-f>nix<enter>");
    desk.answer(Answer::Scan(Box::new(Scanned::Nothing)));
    assert_eq!(desk.layers(), 1);
    assert!(desk.draw(80, 24).contains("✗ There is no product nix."));
    assert!(desk.bells > 0);
}

#[test]
fn an_unknown_item_of_the_filter_is_said() {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.fail(Failure::Refused(Refusal::UnknownLocation("NOWHERE".parse().unwrap())));
    assert!(desk.draw(80, 24).contains("NOWHERE"));
}

#[test]
fn days_are_those_of_the_past() {
    let today = date(2026, 11, 20);
    for (text, day) in [
        ("today", today),
        ("7d", date(2026, 11, 13)),
        ("7j", date(2026, 11, 13)),
        ("2w", date(2026, 11, 6)),
        ("-1m", date(2026, 10, 20)),
        ("3112", date(2025, 12, 31)),
        ("20/11", today),
        ("1911", date(2026, 11, 19)),
        ("2026-11-19", date(2026, 11, 19)),
        ("2027-01-15", date(2027, 1, 15)),
        ("2026-10", date(2026, 10, 31)),
    ] {
        assert_eq!(past_day(text, today), Ok(day), "{text}");
    }
    for text in ["", "d", "7x", "d7", "é", "7é"] {
        assert!(past_day(text, today).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_day_panic(text in any::<String>()) {
        let _ = past_day(&text, date(2024, 2, 29));
    }
}

#[test]
fn days_of_a_filter_follow_the_zone() {
    let mut filter = Filter::default();
    filter.set(Part::Since(date(2026, 3, 29)));
    filter.set(Part::Until(date(2026, 3, 29)));
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let asked = question(&filter, &paris);
    assert_eq!(asked.since, Some("2026-03-28T23:00:00Z".parse().unwrap()));
    assert_eq!(asked.until, Some("2026-03-29T21:59:59.999Z".parse().unwrap()), "a day of 23 hours");
}

#[test]
fn a_posting_in_full() {
    let mut desk = desk(sample());
    desk.keys("<end><enter>");
    insta::assert_snapshot!("posting_loading", desk.draw(80, 24));
    let first = sample().remove(4);
    let posting = PostingId::try_from(first.posting_id).unwrap();
    let mut second = LedgerRow { id: posting.line(1).uuid(), reversed_by: None, ..first.clone() };
    second.lot = Some("L7".to_owned());
    second.lot_expires_on = Some(date(2027, 1, 31));
    second.partner = Some("ACME".to_owned());
    second.reason = Some("late delivery".to_owned());
    let lines = vec![LedgerRow { partner: Some("ACME".to_owned()), ..first.clone() }, second];
    desk.answer(Answer::Posting(lines.clone()));
    insta::assert_snapshot!("posting", desk.draw(80, 24));
    desk.keys("<down>");
    insta::assert_snapshot!("posting_60x20", desk.draw(60, 20));
    // A reversed line leads to the movement that undoes it, and from there to its whole posting.
    desk.keys("<up><enter>");
    let by = MovementId::try_from(first.reversed_by.unwrap()).unwrap();
    assert_eq!(desk.question(), &Question::Posting(by));
    let other = PostingId::at(by.occurred_at(), [0; 10]);
    let undoing = LedgerRow { posting_id: other.uuid(), ..sample().remove(3) };
    desk.answer(Answer::Posting(vec![undoing]));
    assert_eq!(desk.question(), &Question::Posting(other.line(0)));
    desk.keys("<esc><esc>");
    assert_eq!(desk.layers(), 0);
}

#[test]
fn the_ledger_of_a_product_is_shown_from_the_stock() {
    let mut desk = Desk::clerk();
    desk.report(crate::worker::message::Report::Changed);
    desk.keys("<f7>abc");
    let id = Uuid::nil();
    assert!(PostingView::of_row(&LedgerRow { posting_id: id, ..receipt(1) }).is_none());
    desk.answer(Answer::Ledger(sample()));
    desk.keys("<esc><alt-l>");
    assert_eq!(asked(&desk).sku, Some("71053".parse().unwrap()));
}

#[test]
fn rows_and_chips_can_be_clicked() {
    let mut desk = desk(sample());
    desk.keys("<alt-l>");
    desk.answer(Answer::Ledger(sample()));
    let screen = desk.draw(80, 24);
    let row = screen.lines().position(|line| line.contains("09:28")).unwrap();
    desk.click(5, u16::try_from(row).unwrap());
    let screen = desk.draw(80, 24);
    assert!(cursor_line(&screen).contains("09:28"), "{screen}");
    desk.click(5, u16::try_from(row).unwrap());
    assert_eq!(desk.layers(), 1);
    desk.keys("<esc>");
    let screen = desk.draw(80, 24);
    let chip = screen.lines().position(|line| line.contains("[item 71053 ✕]")).unwrap();
    desk.click(5, u16::try_from(chip).unwrap());
    assert_eq!(asked(&desk).sku, None);
}
