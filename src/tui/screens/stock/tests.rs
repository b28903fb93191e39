//! The stock and one product, driven by keys and answers.

use jiff::civil::date;
use rust_decimal::Decimal;

use super::COSTLY_PAUSE;
use crate::domain::samples::{level, parsed, product, receipt, some, stock_row};
use crate::domain::{
    Anchor, BlockedBy, DayLevel, Found, Group, Item, LedgerRow, Level, Matched, MatchedStock, MovementKind,
    PAGE_ROWS_MAX, PackBarcode, Page, PostingId, Product, ProductRow, StockKey, StockOnly, StockOrder,
    StockRow, Tracking,
};
use crate::tui::app::testing::Desk;
use crate::tui::locale::Language;
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, QueryKey, Question};

fn row(number: usize) -> StockRow {
    StockRow {
        reorder_point: number.is_multiple_of(3).then(|| Decimal::from(40)),
        on_hand: Decimal::from(number * 17 % 90),
        available: Decimal::from(number * 17 % 90),
        places: 2,
        expires_on: (number % 5 == 2)
            .then(|| date(2026, 11, 18).saturating_add(jiff::Span::new().days(number as i64))),
        ..stock_row(&format!("SKU-{number:04}"), &format!("White metal lantern no. {number}"))
    }
}

fn page(range: std::ops::Range<usize>, more_before: bool, more_after: bool) -> Answer {
    Answer::StockPage(Page { rows: range.map(row).collect(), more_before, more_after })
}

/// The stock screen with the first rows of a long catalogue.
fn stock(language: Language) -> Desk {
    let mut desk = Desk::new(Group::Clerk, language);
    desk.keys("<f2>");
    desk.answer_first(page(0..200, false, true));
    desk.answer(Answer::Estimate(1_000_000));
    desk
}

fn minutes_ago(minutes: i64) -> PostingId {
    let now: jiff::Timestamp = crate::tui::app::testing::NOW.parse().unwrap();
    PostingId::at(now - jiff::SignedDuration::from_mins(minutes), [0; 10])
}

fn item() -> Item {
    let movement =
        |minutes: i64, kind: MovementKind, from: Option<&str>, to: Option<&str>, quantity: i64| LedgerRow {
            kind,
            lot: some("L7"),
            from: from.and_then(some),
            to: to.and_then(some),
            ..receipt(minutes_ago(minutes), "SKU-0002", "DOCK", quantity)
        };
    let level = |place: &str, lot: &str, day: jiff::civil::Date, on_hand: i64| Level {
        lot: some(lot),
        expires_on: Some(day),
        ..level("SKU-0002", place, on_hand)
    };
    Item {
        row: ProductRow {
            product: Product {
                category: some("Tea"),
                reorder_point: Some(Decimal::from(40)),
                unit_cost: some("1.85"),
                unit_price: some("3.95"),
                tracking: Tracking::Lot,
                barcodes: vec![PackBarcode { barcode: parsed("5000000000012"), pack_quantity: parsed("12") }],
                ..product("SKU-0002", "Earl grey tea")
            },
            on_hand: Decimal::from(34),
            available: Decimal::from(30),
            archived_at: None,
        },
        levels: vec![
            Level {
                available: Decimal::ZERO,
                blocked_by: Some(BlockedBy::Expired),
                ..level("A-01-02", "L6", date(2026, 11, 18), 4)
            },
            level("A-01-02", "L7", date(2027, 3, 31), 30),
        ],
        history: vec![
            movement(5, MovementKind::Issue, Some("A-01-02"), None, 6),
            movement(90, MovementKind::Transfer, Some("DOCK"), Some("A-01-02"), 40),
            movement(3_000, MovementKind::Receipt, None, Some("DOCK"), 40),
        ],
        days: (1..=30)
            .map(|day| DayLevel { day: date(2026, 10, day), on_hand: Decimal::from(i64::from(day) * 7 % 45) })
            .collect(),
    }
}

#[test]
fn filled_narrow_and_french() {
    let mut desk = stock(Language::English);
    insta::assert_snapshot!("filled_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("filled_60x20", desk.draw(60, 20));
    let mut desk = stock(Language::French);
    insta::assert_snapshot!("french", desk.draw(100, 24));
}

#[test]
fn loading_empty_and_failed() {
    let mut desk = Desk::clerk();
    desk.keys("<f2>");
    assert!(desk.draw(80, 24).contains("loading …"));
    desk.answer_first(page(0..0, false, false));
    assert!(desk.draw(80, 24).contains("There are no products yet"));
    let mut desk = Desk::clerk();
    desk.keys("<f2>");
    desk.asked.truncate(1);
    desk.fail(Failure::Other("the moon is in the way".to_owned()));
    assert!(desk.draw(80, 24).contains("✗ the moon is in the way"));
}

#[test]
fn beside_the_list_and_in_full() {
    let mut desk = stock(Language::English);
    desk.draw(140, 36);
    desk.keys("<down><down>");
    let Question::Preview(query::Preview { sku }) = desk.question() else { panic!("{:?}", desk.question()) };
    assert_eq!(sku.as_str(), "SKU-0002");
    desk.answer(Answer::Preview(Box::new(item())));
    insta::assert_snapshot!("beside", desk.draw(140, 36));
    desk.keys("<enter>");
    desk.answer(Answer::Item(Box::new(item())));
    insta::assert_snapshot!("in_full_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("in_full_120x30", desk.draw(120, 30));
    desk.keys("<f1>");
    let advertised = desk.draw(100, 50);
    assert!(advertised.contains("Show the movements of the product"), "{advertised}");
    assert!(!advertised.contains("Open the selected line"), "{advertised}");
    desk.keys("<esc>");
    desk.keys("<esc>");
    assert_eq!(desk.layers(), 0);
}

#[test]
fn a_window_that_becomes_wide_shows_the_product() {
    let mut desk = stock(Language::English);
    desk.draw(80, 24);
    desk.asked.clear();
    desk.draw(140, 36);
    assert_eq!(desk.app.next_change(), Some(desk.now), "the time to ask has come");
    desk.wait(0);
    assert!(
        matches!(desk.question(), Question::Preview(query::Preview { sku }) if sku.as_str() == "SKU-0000")
    );
    assert_eq!(desk.app.next_change(), None, "it is asked once");
    desk.answer(Answer::Preview(Box::new(item())));
    assert!(desk.draw(140, 36).contains("Earl grey tea"));
}

#[test]
fn more_is_fetched_before_the_end_comes_into_view() {
    let mut desk = stock(Language::English);
    desk.draw(80, 24);
    for _ in 0..6 {
        desk.keys("<pagedown>");
    }
    let Some((ticket, Question::StockPage(query::StockPage { anchor: Anchor::After(_), .. }))) =
        desk.asked.last()
    else {
        panic!("{:?}", desk.asked)
    };
    assert_eq!(ticket.query_key, QueryKey::StockPage);
    desk.answer(page(200..400, true, true));
    let before = desk.draw(80, 24);
    desk.keys("<up><down>");
    assert_eq!(desk.draw(80, 24), before, "the view does not jump when rows are added");
    desk.keys("<end>");
    assert!(matches!(desk.question(), Question::StockPage(query::StockPage { anchor: Anchor::End, .. })));
    desk.answer(page(9_800..10_000, true, false));
    assert!(desk.draw(80, 24).contains("▸ SKU-9999"));
}

#[test]
fn a_change_elsewhere_moves_neither_cursor_nor_view() {
    let mut desk = stock(Language::English);
    desk.keys("<down><down><down>");
    let before = desk.draw(80, 24);
    desk.report(crate::worker::message::Report::Changed);
    let Some((_, Question::StockPage(query::StockPage { limit, .. }))) = desk.asked.first() else {
        panic!("{:?}", desk.asked)
    };
    assert_eq!(*limit, 203, "there is room for products that are new");
    // A product before all others is new.
    let mut rows: Vec<StockRow> = (0..200).map(row).collect();
    rows.insert(0, StockRow { sku: parsed("AAA"), ..row(1) });
    desk.answer_first(Answer::StockPage(Page { rows, more_before: false, more_after: true }));
    let after = desk.draw(80, 24);
    let selected = |screen: &str| screen.lines().find(|line| line.starts_with('▸')).map(str::to_owned);
    assert_eq!(selected(&before), selected(&after));
}

/// Answers all queries of the list as the database would, with limited pages.
fn answer_pages(desk: &mut Desk, catalogue: &[StockRow]) {
    while let Some((_, Question::StockPage(query::StockPage { selection, anchor, limit }))) =
        desk.asked.iter().rfind(|(ticket, _)| ticket.query_key == QueryKey::StockPage)
    {
        let at = |key: &StockKey| {
            catalogue.iter().position(|row| StockKey::of(row, selection.order) == *key).unwrap()
        };
        let rows = usize::from(*limit).min(usize::from(PAGE_ROWS_MAX));
        let from = match anchor {
            Anchor::Start => 0,
            Anchor::End => catalogue.len() - rows,
            Anchor::After(key) => at(key) + 1,
            Anchor::Before(key) => at(key).saturating_sub(rows),
            Anchor::From(key) => at(key),
        };
        let to = match anchor {
            Anchor::Before(key) => at(key),
            _ => (from + rows).min(catalogue.len()),
        };
        let rows = catalogue[from..to].to_vec();
        let page = Page { rows, more_before: from > 0, more_after: to < catalogue.len() };
        desk.answer_on(QueryKey::StockPage, Answer::StockPage(page));
    }
}

#[test]
fn a_refresh_far_down_leaves_the_cursor_on_its_row() {
    let catalogue: Vec<StockRow> = (0..3_000).map(row).collect();
    let mut desk = Desk::clerk();
    desk.keys("<f2>");
    answer_pages(&mut desk, &catalogue);
    desk.draw(80, 24);
    let mut pages = 0;
    for sku in ["SKU-0499", "SKU-0500", "SKU-0620", "SKU-0799", "SKU-1300"] {
        while !desk.draw(80, 24).contains(sku) {
            desk.keys("<pagedown>");
            answer_pages(&mut desk, &catalogue);
            pages += 1;
        }
        let before = desk.draw(80, 24);
        desk.report(crate::worker::message::Report::Changed);
        answer_pages(&mut desk, &catalogue);
        assert_eq!(desk.draw(80, 24), before, "after {pages} pages");
    }
}

#[test]
fn no_change_is_forgotten_however_long_the_list_has_to_wait() {
    let changed = || crate::worker::message::Report::Changed;
    let pages = |desk: &Desk| {
        desk.asked.iter().filter(|(_, question)| matches!(question, Question::StockPage(_))).count()
    };
    // While a page is being fetched.
    let mut desk = stock(Language::English);
    desk.report(changed());
    desk.report(changed());
    assert_eq!(pages(&desk), 1);
    desk.answer_first(page(0..200, false, true));
    assert_eq!(pages(&desk), 1, "the second change is looked for now");
    desk.asked.clear();
    // While a search covers the list.
    let mut desk = stock(Language::English);
    desk.keys("x");
    desk.answer(Answer::Search(Vec::new()));
    desk.report(changed());
    assert_eq!(pages(&desk), 0);
    desk.keys("<esc>");
    assert_eq!(pages(&desk), 1);
    // While a costly list pauses.
    let mut desk = stock(Language::English);
    desk.keys("<ctrl-f>2");
    desk.answer(page(0..9, false, false));
    desk.report(changed());
    assert_eq!(pages(&desk), 0);
    assert_eq!(desk.app.next_change(), Some(desk.now + COSTLY_PAUSE));
    desk.wait(COSTLY_PAUSE.as_secs());
    assert_eq!(pages(&desk), 1);
    desk.answer_first(page(0..9, false, false));
    assert_eq!(desk.app.next_change(), None);
}

#[test]
fn a_scan_opens_the_product_although_enter_comes_before_the_answer() {
    let mut desk = stock(Language::English);
    desk.keys("5000000000012<enter>");
    assert_eq!(desk.layers(), 0);
    let found = |sku: usize, matched: Matched| Found { row: row(sku), matched, matched_stock: None };
    desk.answer(Answer::Search(vec![
        found(2, Matched::Barcode(parsed("5000000000012"))),
        found(5, Matched::Name),
    ]));
    assert_eq!(desk.layers(), 1);
    let Question::Item(query::Item { sku }) = desk.question() else { panic!("{:?}", desk.question()) };
    assert_eq!(sku.as_str(), "SKU-0002");
    desk.keys("<esc>");
    insta::assert_snapshot!("found", desk.draw(80, 24));
    // A search without matches rings the bell and says so.
    desk.keys("x<enter>");
    desk.answer(Answer::Search(Vec::new()));
    assert_eq!((desk.layers(), desk.bells), (0, 1));
    assert!(desk.draw(80, 24).contains("Nothing matches \"5000000000012x\"."));
    desk.keys("<esc>");
    assert!(desk.draw(80, 24).contains("SKU-0000"));
}

#[test]
fn an_answer_that_was_superseded_changes_nothing() {
    let mut desk = stock(Language::English);
    desk.keys("a");
    let (ticket, _) = *desk.asked.last().as_ref().unwrap();
    let ticket = *ticket;
    desk.keys("b");
    let stale = Answer::Search(vec![Found { row: row(7), matched: Matched::Name, matched_stock: None }]);
    desk.report(crate::worker::message::Report::Answered(ticket, Ok(stale)));
    assert!(!desk.draw(80, 24).contains("SKU-0007"));
    desk.answer(Answer::Search(vec![Found { row: row(8), matched: Matched::Name, matched_stock: None }]));
    assert!(desk.draw(80, 24).contains("SKU-0008"));
}

#[test]
fn filter_and_order() {
    let mut desk = stock(Language::English);
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter", desk.draw(80, 24));
    desk.keys("2");
    let Question::StockPage(query::StockPage { selection, anchor: Anchor::Start, .. }) = desk.question()
    else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(selection.only, Some(StockOnly::Low));
    desk.answer(page(0..0, false, false));
    assert!(desk.draw(80, 24).contains("No product is at or below its reorder point"));
    desk.keys("<ctrl-o><down><down><enter>");
    let Question::StockPage(query::StockPage { selection, .. }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!((selection.order, selection.only), (StockOrder::OnHandLeast, Some(StockOnly::Low)));
    desk.keys("<esc>");
    let Question::StockPage(query::StockPage { selection, .. }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!((selection.order, selection.only), (StockOrder::OnHandLeast, None));
}

#[test]
fn what_is_selected_can_be_handled_at_once() {
    let mut desk = stock(Language::English);
    desk.keys("<down><alt-i>");
    let drawn = desk.draw(100, 30);
    assert!(
        drawn.contains("SKU-0001"),
        "the product is not in the form of {:?}:\n{drawn}",
        MovementKind::Issue
    );
    let mut desk = Desk::new(Group::Auditor, Language::English);
    desk.keys("<f2>");
    desk.answer_first(page(0..9, false, false));
    desk.keys("<alt-i>");
    assert!(desk.draw(80, 24).contains("Your login does not have permission"));
}

#[test]
fn a_search_by_location_or_lot_shows_what_is_there_first() {
    let mut desk = stock(Language::English);
    desk.keys("a-01-01");
    let found = |matched, on_hand, available, expires_on| Found {
        row: StockRow { name: parsed("Lantern"), on_hand: 58.into(), available: 40.into(), ..row(3) },
        matched,
        matched_stock: Some(MatchedStock {
            on_hand: Decimal::from(on_hand),
            available: Decimal::from(available),
            expires_on,
        }),
    };
    let expires_on = Some(jiff::civil::date(2027, 3, 31));
    desk.answer(Answer::Search(vec![
        found(Matched::Location(parsed("A-01-01")), 22, 4, None),
        found(Matched::Lot(parsed("J0932")), 45, 45, expires_on),
    ]));
    let screen = desk.draw(100, 24);
    let line = |text: &str| screen.lines().find(|line| line.contains(text)).unwrap();
    let location = line("Lantern · at A-01-01");
    assert!(location.contains(" 22 of 58 ") && location.contains(" 4 "), "what may be used there: {screen}");
    let lot = line("Lantern · lot J0932");
    assert!(lot.contains(" 45 of 58 ") && lot.contains("31 Mar 2027"), "{screen}");
    // The line above the list shows it in full for the selected one.
    assert!(line("2 matches").contains("at A-01-01, total 58"), "{screen}");
}

#[test]
fn a_filtered_list_says_how_many_products_it_has() {
    let mut desk = stock(Language::English);
    assert!(desk.draw(100, 24).contains("about 1,000,000 products"));
    desk.keys("<ctrl-f>2");
    desk.answer(page(0..150, false, true));
    let screen = desk.draw(100, 24);
    assert!(screen.contains("low only") && !screen.contains("products"), "more may follow: {screen}");
    desk.keys("<esc><ctrl-f>2");
    desk.answer(page(0..7, false, false));
    assert!(desk.draw(100, 24).contains("[low only ✕] 7 products"), "{}", desk.draw(100, 24));
}

#[test]
fn blocked_stock_is_shown_apart_from_what_is_available() {
    let mut desk = stock(Language::English);
    desk.keys("lantern");
    let found = |sku: &str, available: i64| Found {
        row: StockRow {
            reorder_point: Some(20.into()),
            on_hand: 30.into(),
            available: available.into(),
            ..stock_row(sku, "Lantern")
        },
        matched: Matched::Name,
        matched_stock: None,
    };
    desk.answer(Answer::Search(vec![found("GOOD", 30)]));
    assert!(!desk.draw(100, 24).contains("Available"), "nothing is blocked");
    desk.keys("s");
    desk.answer(Answer::Search(vec![found("GOOD", 30), found("HELD", 12)]));
    let screen = desk.draw(100, 24);
    let line = |text: &str| screen.lines().find(|line| line.contains(text)).unwrap();
    assert!(screen.contains("Available"), "{screen}");
    assert!(line("HELD").contains(" 12 ") && line("HELD").contains("LOW"), "{screen}");
    assert!(!line("GOOD").contains("LOW"), "{screen}");
}

#[test]
fn the_stock_as_of_a_moment_is_marked_and_left_with_esc() {
    let mut desk = stock(Language::English);
    desk.asked.clear();
    desk.keys("<ctrl-d>soon<enter>");
    insta::assert_snapshot!("as_of_dialog_60x20", desk.draw(60, 20));
    desk.keys("<ctrl-u>2026-11-18 14:00<enter>");
    let Question::PastStock(query::PastStock { as_of, text, .. }) = desk.question().clone() else {
        panic!("{:?}", desk.asked)
    };
    assert_eq!((as_of.to_string(), text.as_str()), ("2026-11-18T14:00:00Z".to_owned(), ""));
    desk.answer(Answer::PastStock(vec![row(2)]));
    let drawn = desk.draw(130, 24);
    assert!(
        drawn.contains("[as of 18 Nov 2026 14:00:00, not now ✕]") && drawn.contains("SKU-0002"),
        "{drawn}"
    );
    assert!(!drawn.contains("SKU-0001"), "{drawn}");
    for (name, width, height) in [("60x20", 60, 20), ("80x24", 80, 24), ("130x38", 130, 38)] {
        insta::assert_snapshot!(format!("as_of_{name}"), desk.draw(width, height));
    }
    // What others post does not change the past; what is typed narrows it down.
    desk.asked.clear();
    desk.report(crate::worker::message::Report::Changed);
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.keys("la");
    assert!(matches!(desk.question(), Question::PastStock(query::PastStock { text, .. }) if text == "la"));
    desk.answer(Answer::PastStock(vec![row(2)]));
    desk.keys("<alt-w><enter>");
    assert_eq!(desk.exports.len(), 1);
    desk.keys("<esc>");
    assert!(desk.draw(100, 24).contains("not now"), "the text goes first");
    desk.keys("<esc>");
    assert!(!desk.draw(100, 24).contains("not now"));
    assert!(desk.draw(100, 24).contains("SKU-0001"));
}

#[test]
fn the_stock_as_of_a_moment_in_french() {
    let mut desk = stock(Language::French);
    desk.keys("<ctrl-d>");
    insta::assert_snapshot!("as_of_dialog_french", desk.draw(80, 24));
    desk.keys("18/11<enter>");
    desk.answer(Answer::PastStock(vec![row(2)]));
    insta::assert_snapshot!("as_of_french", desk.draw(80, 24));
}
