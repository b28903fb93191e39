//! The stock and one product, driven by keys and answers.

use jiff::civil::date;
use rust_decimal::Decimal;

use super::COSTLY_PAUSE;
use crate::domain::{MovementKind, Tracking};
use crate::tui::app::testing::Desk;
use crate::tui::locale::Language;
use crate::worker::message::{
    Anchor, Answer, DayLevel, Failure, Found, Group, Item, LedgerRow, Level, Matched, PackRow, Page,
    ProductRow, Question, StockOnly, StockOrder, StockRow, Strand,
};

fn row(number: usize) -> StockRow {
    StockRow {
        sku: format!("SKU-{number:04}"),
        name: format!("White metal lantern no. {number}"),
        unit: "each".to_owned(),
        decimals: 0,
        category: None,
        tracking: Tracking::None,
        reorder_point: number.is_multiple_of(3).then(|| Decimal::from(40)),
        on_hand: Decimal::from(number * 17 % 90),
        places: 2,
        expires_on: (number % 5 == 2)
            .then(|| date(2026, 11, 18).saturating_add(jiff::Span::new().days(number as i64))),
    }
}

fn page(range: std::ops::Range<usize>, more_before: bool, more_after: bool) -> Answer {
    Answer::StockPage(Page { rows: range.map(row).collect(), more_before, more_after })
}

/// At the stock, with the first rows of a long catalogue.
fn stock(language: Language) -> Desk {
    let mut desk = Desk::new(Group::Clerk, language);
    desk.keys("<f2>");
    desk.answer_first(page(0..200, false, true));
    desk.answer(Answer::Estimate(1_000_000));
    desk
}

fn item() -> Item {
    let movement =
        |minutes: i64, kind: &str, from: Option<&str>, to: Option<&str>, quantity: i64| LedgerRow {
            id: uuid::Uuid::nil(),
            posting_id: uuid::Uuid::nil(),
            kind: kind.to_owned(),
            sku: "SKU-0002".to_owned(),
            unit: "each".to_owned(),
            lot: Some("L7".to_owned()),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            partner: None,
            quantity: Decimal::from(quantity),
            unit_price: None,
            reference: None,
            reason: None,
            reverses: None,
            reversed_by: None,
            occurred_at: crate::tui::app::testing::NOW.parse::<jiff::Timestamp>().unwrap()
                - jiff::SignedDuration::from_mins(minutes),
            posted_at: crate::tui::app::testing::NOW.parse().unwrap(),
            posted_by: "marie".to_owned(),
            lot_expires_on: None,
        };
    let level = |place: &str, lot: &str, day: jiff::civil::Date, on_hand: i64| Level {
        sku: "SKU-0002".to_owned(),
        location: place.to_owned(),
        lot: Some(lot.to_owned()),
        expires_on: Some(day),
        on_hand: Decimal::from(on_hand),
    };
    Item {
        product: ProductRow {
            sku: "SKU-0002".to_owned(),
            name: "Earl grey tea".to_owned(),
            unit: "each".to_owned(),
            decimals: 0,
            category: Some("Tea".to_owned()),
            reorder_point: Some(Decimal::from(40)),
            unit_cost: Some(Decimal::new(185, 2)),
            unit_price: Some(Decimal::new(395, 2)),
            tracking: "lot".to_owned(),
            barcodes: vec![PackRow { barcode: "5000000000012".to_owned(), pack_quantity: Decimal::from(12) }],
            on_hand: Decimal::from(34),
            archived_at: None,
        },
        levels: vec![
            level("A-01-02", "L6", date(2026, 11, 18), 4),
            level("A-01-02", "L7", date(2027, 3, 31), 30),
        ],
        history: vec![
            movement(5, "issue", Some("A-01-02"), None, 6),
            movement(90, "transfer", Some("DOCK"), Some("A-01-02"), 40),
            movement(3_000, "receipt", None, Some("DOCK"), 40),
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
    let Question::Item(sku) = desk.question() else { panic!("{:?}", desk.question()) };
    assert_eq!(sku.as_str(), "SKU-0002");
    desk.answer(Answer::Item(Box::new(item())));
    insta::assert_snapshot!("beside", desk.draw(140, 36));
    desk.keys("<enter>");
    desk.answer(Answer::Item(Box::new(item())));
    insta::assert_snapshot!("in_full_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("in_full_120x30", desk.draw(120, 30));
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
    assert!(matches!(desk.question(), Question::Item(sku) if sku.as_str() == "SKU-0000"));
    assert_eq!(desk.app.next_change(), None, "it is asked once");
    desk.answer(Answer::Item(Box::new(item())));
    assert!(desk.draw(140, 36).contains("Earl grey tea"));
}

#[test]
fn more_is_fetched_before_the_end_comes_into_view() {
    let mut desk = stock(Language::English);
    desk.draw(80, 24);
    for _ in 0..6 {
        desk.keys("<pagedown>");
    }
    let Some((ticket, Question::StockPage { anchor: Anchor::After(_), .. })) = desk.asked.last() else {
        panic!("{:?}", desk.asked)
    };
    assert_eq!(ticket.strand, Strand::Stock);
    desk.answer(page(200..400, true, true));
    let before = desk.draw(80, 24);
    desk.keys("<down><up>");
    assert_eq!(desk.draw(80, 24), before, "the view does not jump when rows are added");
    desk.keys("<end>");
    assert!(matches!(desk.question(), Question::StockPage { anchor: Anchor::End, .. }));
    desk.answer(page(9_800..10_000, true, false));
    assert!(desk.draw(80, 24).contains("▸ SKU-9999"));
}

#[test]
fn a_change_elsewhere_moves_neither_cursor_nor_view() {
    let mut desk = stock(Language::English);
    desk.keys("<down><down><down>");
    let before = desk.draw(80, 24);
    desk.report(crate::worker::message::Report::Changed);
    let Some((_, Question::StockPage { limit, .. })) = desk.asked.first() else { panic!("{:?}", desk.asked) };
    assert_eq!(*limit, 200);
    // A product before all others is new.
    let mut rows: Vec<StockRow> = (0..200).map(row).collect();
    rows.insert(0, StockRow { sku: "AAA".to_owned(), ..row(1) });
    desk.answer_first(Answer::StockPage(Page { rows, more_before: false, more_after: true }));
    let after = desk.draw(80, 24);
    let selected = |screen: &str| screen.lines().find(|line| line.starts_with('▸')).map(str::to_owned);
    assert_eq!(selected(&before), selected(&after));
}

#[test]
fn no_change_is_forgotten_however_long_the_list_has_to_wait() {
    let changed = || crate::worker::message::Report::Changed;
    let pages = |desk: &Desk| {
        desk.asked.iter().filter(|(_, question)| matches!(question, Question::StockPage { .. })).count()
    };
    // While a page is under way.
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
    // While the list, which costs much, rests.
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
    let found = |sku: usize, matched: Matched| Found { row: row(sku), matched };
    desk.answer(Answer::Search(vec![
        found(2, Matched::Barcode("5000000000012".to_owned())),
        found(5, Matched::Name),
    ]));
    assert_eq!(desk.layers(), 1);
    let Question::Item(sku) = desk.question() else { panic!("{:?}", desk.question()) };
    assert_eq!(sku.as_str(), "SKU-0002");
    desk.keys("<esc>");
    insta::assert_snapshot!("found", desk.draw(80, 24));
    // What matches nothing rings and says so.
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
    let stale = Answer::Search(vec![Found { row: row(7), matched: Matched::Name }]);
    desk.report(crate::worker::message::Report::Answered(ticket, Ok(stale)));
    assert!(!desk.draw(80, 24).contains("SKU-0007"));
    desk.answer(Answer::Search(vec![Found { row: row(8), matched: Matched::Name }]));
    assert!(desk.draw(80, 24).contains("SKU-0008"));
}

#[test]
fn filter_and_order() {
    let mut desk = stock(Language::English);
    desk.keys("<ctrl-f>");
    insta::assert_snapshot!("filter", desk.draw(80, 24));
    desk.keys("2");
    let Question::StockPage { selection, anchor: Anchor::Start, .. } = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(selection.only, Some(StockOnly::Low));
    desk.answer(page(0..0, false, false));
    assert!(desk.draw(80, 24).contains("No product is at or below its reorder point"));
    desk.keys("<ctrl-o><down><down><enter>");
    let Question::StockPage { selection, .. } = desk.question() else { panic!("{:?}", desk.question()) };
    assert_eq!((selection.order, selection.only), (StockOrder::OnHandLeast, Some(StockOnly::Low)));
    desk.keys("<esc>");
    let Question::StockPage { selection, .. } = desk.question() else { panic!("{:?}", desk.question()) };
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
    assert!(desk.draw(80, 24).contains("Your login may not do that"));
}
