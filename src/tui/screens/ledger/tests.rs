//! The ledger, driven by keys and answers.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::*;
use crate::domain::samples::{location_row, receipt as receipt_row, some, stock_row};
use crate::domain::{Group, LedgerFilter, LocationRow, MovementKind, PostingId, Refusal, StockRow};
use crate::tui::app::testing::{Desk, NOW, whole};
use crate::tui::locale::Language;
use crate::worker::query;

/// A receipt that was posted a number of minutes ago.
pub fn receipt(minutes_ago: i64) -> LedgerRow {
    let now: Timestamp = NOW.parse().unwrap();
    let at = now - SignedDuration::from_mins(minutes_ago);
    let id = PostingId::at(at, [1; 10]);
    LedgerRow { reference: some(&format!("PO-{minutes_ago}")), ..receipt_row(id, "71053", "MAIN", 12) }
}

fn product(sku: &str) -> StockRow {
    stock_row(sku, "WHITE METAL LANTERN")
}

/// One movement of each kind: out, within, reversed and reversing, with every field that a row can have.
fn sample() -> Vec<LedgerRow> {
    let mut rows: Vec<LedgerRow> = (0..5).map(receipt).collect();
    rows[0].quantity = "1234.5".parse().unwrap();
    rows[1].kind = MovementKind::Issue;
    (rows[1].from, rows[1].to) = (some("A-01-02"), None);
    rows[1].posted_by = "jean".to_owned();
    rows[2].kind = MovementKind::Transfer;
    rows[2].from = some("B-02");
    rows[2].lot = some("L2026-11");
    rows[3].kind = MovementKind::Reversal;
    (rows[3].from, rows[3].to) = (some("MAIN"), None);
    rows[3].reverses = Some(rows[4].id);
    rows[3].reason = some("wrong goods");
    rows[4].reversed_by = Some(rows[3].id);
    rows[4].unit_price = some("2.5");
    rows
}

fn desk(rows: Vec<LedgerRow>) -> Desk {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(Answer::Ledger(whole(rows)));
    desk
}

/// The receipts of some minutes, out of eight hundred.
fn page(minutes_ago: std::ops::Range<i64>) -> Answer {
    let (more_before, more_after) = (minutes_ago.start > 0, minutes_ago.end < 800);
    Answer::Ledger(Page { rows: minutes_ago.map(receipt).collect(), more_before, more_after })
}

fn id(minutes_ago: i64) -> MovementId {
    receipt(minutes_ago).id
}

fn asked(desk: &Desk) -> &LedgerFilter {
    match desk.question() {
        Question::Ledger(query::Ledger { filter }) => filter,
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
    french.answer(Answer::Ledger(whole(sample())));
    insta::assert_snapshot!("filled_french", french.draw(80, 24));
    let mut empty = Desk::clerk();
    empty.keys("<f7>");
    empty.answer(Answer::Ledger(whole(Vec::new())));
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
    desk.answer(Answer::Ledger(whole((5..60).map(receipt).collect())));
    let screen = desk.draw(80, 24);
    assert!(cursor_line(&screen).contains("09:18"), "{screen}");
    assert!(screen.contains("09:25"), "what is new is in view: {screen}");
}

#[test]
fn more_than_a_page_of_news_leaves_the_cursor_alone() {
    let mut desk = desk((600..800).map(receipt).collect());
    desk.keys("<down>");
    let before = cursor_line(&desk.draw(80, 24)).to_owned();
    desk.report(crate::worker::message::Report::Changed);
    assert_eq!(asked(&desk).anchor, Anchor::Start);
    let limit = i64::from(asked(&desk).limit.unwrap());
    desk.answer(page(0..limit));
    assert_eq!(cursor_line(&desk.draw(80, 24)), before);
    // That did not reach the cursor, so the rows around it are fetched.
    assert_eq!(asked(&desk).anchor, Anchor::From(id(600)));
    desk.answer(page(600..800));
    assert_eq!(cursor_line(&desk.draw(80, 24)), before);
    assert!(desk.draw(80, 24).contains("newer movements above"));
    // The rows in between are fetched when the cursor is near them.
    assert_eq!(asked(&desk).anchor, Anchor::Before(id(600)));
    desk.answer(page(400..600));
    assert_eq!(cursor_line(&desk.draw(80, 24)), before);
}

#[test]
fn pages_are_fetched_before_the_cursor_reaches_them() {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.answer(page(0..200));
    assert!(desk.asked.is_empty());
    desk.draw(80, 24);
    for _ in 0..10 {
        desk.keys("<pagedown>");
    }
    let filter = asked(&desk).clone();
    assert_eq!(filter.anchor, Anchor::After(id(199)));
    assert_eq!(filter.limit, Some(200));
    let rows = (200..260).map(receipt).collect();
    desk.answer(Answer::Ledger(Page { rows, more_before: true, more_after: false }));
    for _ in 0..30 {
        desk.keys("<pagedown>");
    }
    assert!(desk.asked.is_empty(), "that page was the last");
    assert!(cursor_line(&desk.draw(80, 24)).contains("05:11"));
}

#[test]
fn end_goes_to_the_oldest_movement_and_home_back() {
    let mut desk = desk(sample());
    desk.keys("<ctrl-f><tab>marie<enter>");
    desk.answer(page(0..200));
    desk.keys("<end>");
    let filter = asked(&desk).clone();
    assert_eq!((filter.anchor, filter.limit), (Anchor::End, Some(200)));
    assert_eq!(filter.posted_by.as_deref(), Some("marie"), "of what the filter lets through");
    desk.answer(page(600..800));
    assert!(desk.asked.is_empty());
    let screen = desk.draw(80, 24);
    assert!(cursor_line(&screen).contains("20:11"), "{screen}");
    insta::assert_snapshot!("oldest", screen);
    // From there it continues upwards.
    for _ in 0..10 {
        desk.keys("<pageup>");
    }
    assert_eq!(asked(&desk).anchor, Anchor::Before(id(600)));
    desk.answer(page(400..600));
    // A change fetches the rows around the cursor again, and finds that there are still none after them.
    desk.keys("<end>");
    assert!(desk.asked.is_empty());
    assert!(cursor_line(&desk.draw(80, 24)).contains("20:11"));
    desk.report(crate::worker::message::Report::Changed);
    assert_eq!(asked(&desk).anchor, Anchor::From(id(699)));
    desk.answer(page(699..800));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    assert!(cursor_line(&desk.draw(80, 24)).contains("20:11"));
    // The rows stay in view until the newest ones have come.
    desk.keys("<home>");
    assert_eq!(asked(&desk).anchor, Anchor::Start);
    assert!(cursor_line(&desk.draw(80, 24)).contains("20:11"));
    desk.answer(page(0..200));
    assert!(cursor_line(&desk.draw(80, 24)).contains("09:30"));
}

#[test]
fn a_change_during_a_page_is_not_forgotten() {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.report(crate::worker::message::Report::Changed);
    assert_eq!(desk.asked.len(), 1);
    desk.answer(Answer::Ledger(whole(sample())));
    assert_eq!(desk.asked.len(), 1, "the rows are fetched again");
}

#[test]
fn a_scan_filters_by_item_place_or_document() {
    let mut desk = desk(sample());
    desk.keys("5012345678900<enter>");
    assert_eq!(desk.question(), &Question::Scan(query::Scan { text: "5012345678900".to_owned() }));
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
    desk.answer(Answer::Ledger(whole(sample())));

    desk.keys("a-01<enter>");
    let code = "A-01".parse().unwrap();
    desk.answer(Answer::Scan(Box::new(Scanned::Location { code, name: None, archived: false })));
    assert_eq!(asked(&desk).location, Some("A-01".parse().unwrap()));

    desk.keys("PO 4711<enter>");
    desk.answer(Answer::Scan(Box::new(Scanned::Nothing)));
    let filter = asked(&desk).clone();
    assert_eq!(filter.reference.as_deref(), Some("PO 4711"));
    assert!(filter.sku.is_some() && filter.location.is_some());
    desk.answer(Answer::Ledger(whole(Vec::new())));
    insta::assert_snapshot!("filtered_empty", desk.draw(80, 24));

    // Esc removes the conditions, the latest first, after the typed text.
    desk.keys("abc<esc>");
    assert!(desk.asked.is_empty());
    desk.keys("<esc>");
    let filter = asked(&desk).clone();
    assert!(filter.reference.is_none() && filter.location.is_some());
    desk.keys("<esc><esc>");
    assert_eq!(asked(&desk), &LedgerFilter { limit: Some(200), in_part: true, ..LedgerFilter::default() });
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
    assert_eq!(desk.question(), &Question::Posting(query::Posting { id }));
}

#[test]
fn the_dialog_sets_everything() {
    let mut desk = desk(sample());
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter_dialog", desk.draw(80, 24));
    desk.keys("4006381333931<tab>jean<tab>i<tab>PO-1<tab>ACME<tab>7d<tab>today");
    insta::assert_snapshot!("filter_dialog_filled", desk.draw(60, 20));
    desk.keys("<tab>b-02<enter>");
    assert_eq!(desk.question(), &Question::Scan(query::Scan { text: "4006381333931".to_owned() }));
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
        partner: Some("ACME".to_owned()),
        in_part: true,
        since: Some("2026-11-13T00:00:00Z".parse().unwrap()),
        until: Some("2026-11-20T23:59:59.999Z".parse().unwrap()),
        location: Some("B-02".parse().unwrap()),
        limit: Some(200),
        ..LedgerFilter::default()
    };
    assert_eq!(filter, expected);
    desk.answer(Answer::Ledger(whole(sample())));
    insta::assert_snapshot!("filtered", desk.draw(140, 24));
    // The dialog shows the present filter; confirming it unchanged queries nothing.
    desk.keys("<ctrl-f><enter>");
    assert_eq!(desk.layers(), 0);
    assert!(desk.asked.is_empty());
    desk.keys("<ctrl-f><backspace><tab><backspace><enter>");
    assert_eq!(asked(&desk).sku, None);
    assert_eq!(asked(&desk).posted_by, None);
}

/// The locations that match the typed text.
fn places(codes: &[&str]) -> Answer {
    let row = |code: &&str| LocationRow { name: some(&format!("Shelf {code}")), ..location_row(code) };
    Answer::Places(codes.iter().map(row).collect())
}

#[test]
fn the_dialog_offers_places_while_one_is_typed() {
    let mut desk = desk(sample());
    desk.keys("<ctrl-f><up>b-");
    assert_eq!(desk.question(), &Question::Places(query::Places { text: "b-".to_owned(), limit: 8 }));
    desk.answer(places(&["B-01", "B-02", "B-03"]));
    desk.keys("<down><down>");
    insta::assert_snapshot!("places_offered_60x20", desk.draw(60, 20));
    // Enter takes the location, and the next one confirms the dialog.
    desk.keys("<enter>");
    assert_eq!(desk.layers(), 1);
    assert!(!desk.draw(80, 24).contains("Shelf"));
    desk.keys("<enter>");
    assert_eq!(asked(&desk).location, Some("B-02".parse().unwrap()));
    desk.answer(Answer::Ledger(whole(sample())));
    // The typed text counts if nothing is chosen, and Esc first closes the suggestions.
    desk.keys("<ctrl-f><up>b");
    desk.answer(places(&["B-01"]));
    desk.keys("<down><up>");
    desk.keys("<esc>");
    assert_eq!(desk.layers(), 1);
    desk.keys("<enter>");
    assert_eq!(asked(&desk).location, Some("B".parse().unwrap()));
    desk.answer(Answer::Ledger(whole(sample())));
    // Tab takes the first one and goes on; an answer that comes later is ignored.
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
    desk.keys("<ctrl-f><tab><tab><tab><tab><tab>99<enter>");
    assert_eq!(desk.layers(), 1);
    let screen = desk.draw(80, 24);
    assert!(screen.contains("✗ This is not a date."), "{screen}");
    desk.keys("today<tab>1d<enter>");
    assert!(desk.draw(80, 24).contains("✗ The end date is before the start date."));
    desk.keys("today<enter>");
    assert_eq!(desk.layers(), 0);
    desk.keys("<ctrl-f>nix<enter>");
    desk.answer(Answer::Scan(Box::new(Scanned::Nothing)));
    assert_eq!(desk.layers(), 1);
    assert!(desk.draw(80, 24).contains("✗ There is no product nix."));
    assert!(desk.bells > 0);
}

#[test]
fn an_unknown_item_of_the_filter_is_reported() {
    let mut desk = Desk::clerk();
    desk.keys("<f7>");
    desk.fail(Failure::Refused(Refusal::UnknownLocation("NOWHERE".parse().unwrap())));
    assert!(desk.draw(80, 24).contains("NOWHERE"));
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
    let mut second = LedgerRow { id: first.posting_id.line(1), reversed_by: None, ..first.clone() };
    second.lot = some("L7");
    second.lot_expires_on = Some(date(2027, 1, 31));
    second.partner = some("ACME");
    second.reason = some("late delivery");
    let lines = vec![LedgerRow { partner: some("ACME"), ..first.clone() }, second];
    desk.answer(Answer::Posting(lines.clone()));
    insta::assert_snapshot!("posting", desk.draw(80, 24));
    desk.keys("<down>");
    insta::assert_snapshot!("posting_60x20", desk.draw(60, 20));
    // A reversed line leads to the movement that reverses it, and from there to its whole posting.
    desk.keys("<up><enter>");
    let by = first.reversed_by.unwrap();
    assert_eq!(desk.question(), &Question::Posting(query::Posting { id: by }));
    let other = PostingId::at(by.occurred_at(), [0; 10]);
    let undoing = LedgerRow { posting_id: other, ..sample().remove(3) };
    desk.answer(Answer::Posting(vec![undoing]));
    assert_eq!(desk.question(), &Question::Posting(query::Posting { id: other.line(0) }));
    desk.keys("<esc><esc>");
    assert_eq!(desk.layers(), 0);
}

#[test]
fn esc_goes_back_to_where_the_ledger_was_opened_from() {
    let mut desk = Desk::clerk();
    desk.keys("<f2>");
    desk.answer_first(Answer::StockPage(whole(vec![product("71053")])));
    desk.keys("<alt-l>");
    assert_eq!(asked(&desk).sku, Some("71053".parse().unwrap()));
    desk.answer(Answer::Ledger(whole(sample())));
    // The condition that was set here is removed first.
    desk.keys("PO-1<enter>");
    desk.answer(Answer::Scan(Box::new(Scanned::Nothing)));
    desk.answer(Answer::Ledger(whole(sample())));
    desk.keys("<esc>");
    desk.answer(Answer::Ledger(whole(sample())));
    assert!(desk.draw(80, 24).contains("[item 71053 ✕]"));
    desk.keys("<esc>");
    assert!(!desk.draw(80, 24).contains("[item 71053 ✕]"), "back at the stock: {}", desk.draw(80, 24));
    // Opened by its own key, the ledger keeps its filter until that is removed.
    desk.keys("<f7><esc>");
    assert_eq!(asked(&desk).sku, None);
    desk.keys("<esc>");
    assert!(desk.draw(80, 24).contains("all movements"));
}

#[test]
fn rows_and_chips_can_be_clicked() {
    let mut desk = desk(sample());
    desk.keys("<alt-l>");
    desk.answer(Answer::Ledger(whole(sample())));
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

#[test]
fn the_id_under_the_cursor_is_copied() {
    let mut desk = desk(sample());
    desk.keys("<down><ctrl-y>");
    assert_eq!(desk.copied, [sample()[1].id.to_string()]);
    assert!(desk.draw(80, 24).contains("Copied: "), "{}", desk.draw(80, 24));
    let mut empty = Desk::clerk();
    empty.keys("<f7><ctrl-y>");
    assert!(empty.copied.is_empty() && empty.bells == 1);
}
