//! Search as one types: what is found in what, in which order, and nothing twice.

use stockroom::domain::{Found, LocationCode, Matched, StockOnly, StockOrder, StockSelection, Tracking};
use stockroom::store::Store;

use super::{day, named, number, pack, shop};
use crate::support::commands::{lot_receipt, receipt};
use crate::support::database::TestDatabase;
use crate::support::raw::connect;

async fn find(store: &Store, text: &str) -> Vec<(String, Matched)> {
    find_in(store, text, &StockSelection::default()).await
}

async fn find_in(store: &Store, text: &str, selection: &StockSelection) -> Vec<(String, Matched)> {
    let found = store.search(text, selection, 50).await.unwrap();
    found.into_iter().map(|Found { row, matched, .. }| (row.sku.to_string(), matched)).collect()
}

fn skus(found: &[(String, Matched)]) -> Vec<&str> {
    found.iter().map(|(sku, _)| sku.as_str()).collect()
}

#[tokio::test]
async fn every_kind_of_code_and_word_is_found() {
    let database = shop().await;
    let store = database.store("clerk");
    for (asked, expected) in [
        ("bean-1", vec![("BEAN-1", Matched::Sku)]),
        ("be", vec![("BEAN-1", Matched::Sku)]),
        ("8076809570787", vec![("BEAN-1", Matched::Barcode("8076809570787".parse().unwrap()))]),
        ("1807", vec![("BEAN-1", Matched::Barcode("18076809570784".parse().unwrap()))]),
        ("late", vec![("MILK-1", Matched::Lot("LATE".parse().unwrap()))]),
        ("SO", vec![("MILK-1", Matched::Lot("SOON".parse().unwrap()))]),
        ("b3", vec![("MILK-1", Matched::Location("B3".parse().unwrap()))]),
        (
            "a1",
            vec![
                ("BEAN-1", Matched::Location("A1".parse().unwrap())),
                ("CUP-1", Matched::Location("A1".parse().unwrap())),
            ],
        ),
        ("cafe", vec![("BEAN-1", Matched::Name)]),
        ("CAFÉ B", vec![("BEAN-1", Matched::Name)]),
        ("dark", vec![("BEAN-1", Matched::Name)]),
        ("dark cafe", vec![("BEAN-1", Matched::Name)]),
        ("blue cup", vec![("CUP-1", Matched::Name)]),
        ("ghur", vec![("YOG-1", Matched::Name)]),
        ("ver-1", vec![("NEVER-1", Matched::Sku)]),
        ("ark be", vec![("BEAN-1", Matched::Name)]),
        ("ark an", vec![]),
        ("dark green cafe", vec![]),
        ("gu", vec![]),
        ("gone-1", vec![]),
        ("archived", vec![]),
        ("", vec![]),
        ("  ", vec![]),
        ("%", vec![]),
        ("_", vec![]),
        ("'; --", vec![]),
    ] {
        let found = find(&store, asked).await;
        let expected: Vec<_> = expected.into_iter().map(|(sku, matched)| (sku.to_owned(), matched)).collect();
        assert_eq!(found, expected, "{asked:?}");
    }
    // A text in which every rank is looked through and of which nothing is left, however long.
    assert_eq!(find(&store, &"x".repeat(5_000)).await, []);
    assert_eq!(find(&store, "one two three four five six").await, []);
}

#[tokio::test]
async fn the_best_match_comes_first_and_no_product_twice() {
    let database = TestDatabase::new().await.with_catalogue(&[], &["ABC", "ABCD"]).await;
    let admin = database.service("admin");
    let mut by_barcode = named("S-BAR", "one", "", Tracking::None);
    by_barcode.barcodes = vec![pack("ABC", "1"), pack("ABC1", "1")];
    let mut by_barcode_prefix = named("S-BARP", "two", "", Tracking::None);
    by_barcode_prefix.barcodes = vec![pack("ABC2", "1")];
    let products = [
        named("ABC", "abc abc", "", Tracking::None),
        by_barcode,
        named("S-LOC", "three", "", Tracking::None),
        named("S-LOT", "four", "", Tracking::Lot),
        named("ABC-LONG", "five", "", Tracking::None),
        by_barcode_prefix,
        named("S-LOTP", "six", "", Tracking::Lot),
        named("S-LOCP", "seven", "", Tracking::None),
        named("S-NAME", "abcde", "", Tracking::None),
        named("S-WORD", "eight abcx", "", Tracking::None),
        named("XABC", "nine", "", Tracking::None),
        named("S-PART", "xxabcxx", "", Tracking::None),
    ];
    admin.add_products(&products).await.unwrap();
    let clerk = database.service("clerk");
    clerk.receive(receipt("S-LOC", "1", "ABC")).await.unwrap();
    clerk.receive(receipt("S-LOCP", "1", "ABCD")).await.unwrap();
    clerk.receive(receipt("ABC", "1", "ABC")).await.unwrap();
    clerk.receive(lot_receipt("S-LOT", "1", "ABC", "abc", "")).await.unwrap();
    clerk.receive(lot_receipt("S-LOTP", "1", "ABCD", "Abc9", "")).await.unwrap();
    let expected = [
        "ABC", "S-BAR", "S-LOC", "S-LOT", "ABC-LONG", "S-BARP", "S-LOTP", "S-LOCP", "S-NAME", "S-WORD",
        "XABC", "S-PART",
    ];
    let store = database.store("clerk");
    // The lot stands in a place of that code, which ranks before the lot itself.
    assert_eq!(skus(&find(&store, "abc").await), expected);
    for limit in 1..=expected.len() {
        let found = store.search("abc", &StockSelection::default(), limit as u16).await.unwrap();
        let found: Vec<&str> = found.iter().map(|found| found.row.sku.as_str()).collect();
        assert_eq!(found, expected[..limit]);
    }
}

#[tokio::test]
async fn a_selection_narrows_what_is_found() {
    let database = shop().await;
    let store = database.store("clerk");
    let place = |code: &str| code.parse::<LocationCode>().ok();
    let selection = |location, only| StockSelection { order: StockOrder::Sku, location, only };
    let asked = |text: &'static str, location: &str, only| {
        let (store, selection) = (&store, selection(place(location), only));
        async move { find_in(store, text, &selection).await }
    };
    assert_eq!(skus(&find(&store, "cup").await), ["CUP-1", "NEVER-1"]);
    assert_eq!(skus(&asked("cup", "", Some(StockOnly::Zero)).await), ["NEVER-1"]);
    assert_eq!(skus(&asked("cup", "", Some(StockOnly::Low)).await), ["CUP-1"]);
    assert_eq!(skus(&asked("y", "", Some(StockOnly::Expiring { within_days: 5 })).await), ["YOG-1"]);
    assert_eq!(skus(&asked("milk", "", Some(StockOnly::Expiring { within_days: 1 })).await), [""; 0]);
    // Within a place every rank is judged product by product; the answers are the same.
    for text in ["cup", "blue", "cup blue", "u", "B1", "upb", "ark be", "ark an"] {
        let here: Vec<_> = asked(text, "B1", None).await;
        let everywhere = find(&store, text).await;
        let stands_there = ["BEAN-1", "CUP-1"];
        let expected: Vec<&str> =
            skus(&everywhere).into_iter().filter(|sku| stands_there.contains(sku)).collect();
        assert_eq!(skus(&here), expected, "{text}");
    }
    assert_eq!(asked("1807", "A1", None).await[0].1, Matched::Barcode("18076809570784".parse().unwrap()));
    assert_eq!(asked("soon", "A2", None).await[0].1, Matched::Lot("SOON".parse().unwrap()));
    assert_eq!(skus(&asked("milk", "A1", None).await), [""; 0]);
    assert_eq!(skus(&asked("cup", "A1", Some(StockOnly::Low)).await), ["CUP-1"]);
}

#[tokio::test]
async fn a_match_by_location_or_lot_says_what_is_there() {
    let database = shop().await;
    let store = database.store("clerk");
    let in_aisle = StockSelection { location: "A1".parse().ok(), ..StockSelection::default() };
    for (selection, text, sku, on_hand, expires) in [
        (StockSelection::default(), "b1", "CUP-1", "3", None),
        (StockSelection::default(), "b2", "CUP-1", "4", None),
        // A location counts with those within it.
        (StockSelection::default(), "a1", "CUP-1", "7", None),
        (in_aisle, "b2", "CUP-1", "4", None),
        (StockSelection::default(), "soon", "MILK-1", "2", Some(3)),
        (StockSelection::default(), "late", "MILK-1", "5", Some(90)),
        (StockSelection::default(), "b3", "MILK-1", "7", Some(3)),
    ] {
        let found = store.search(text, &selection, 50).await.unwrap();
        let found = found.iter().find(|found| found.row.sku.as_str() == sku).unwrap();
        let stock = found.matched_stock.unwrap();
        assert_eq!(stock.on_hand, number(on_hand), "{text}");
        assert_eq!(stock.expires_on.map(|day| day.to_string()), expires.map(day), "{text}");
    }
    let by_name = store.search("milk", &StockSelection::default(), 50).await.unwrap();
    assert!(by_name[0].matched_stock.is_none() && by_name[0].row.on_hand == number("7"));
}

#[tokio::test]
async fn letters_are_folded_alike_whatever_the_locale() {
    let database = TestDatabase::new().await;
    let session = connect(&database.url("clerk")).await;
    for (given, folded) in [
        ("Café Crème", "cafe creme"),
        ("ŒUF dur, BŒUF", "oeuf dur  boeuf"),
        ("Straße Ærø", "strasse aero"),
        ("ÅÄÖ Ñandú Łódź İıJ", "aao nandu lodz iij"),
        ("T-LIGHT (x2) 5%_\\'\"", "t light  x2  5     "),
        ("a\u{a0}b\u{202f}c’d", "a b c d"),
        ("Ελλάδα Москва 東京", "Ελλάδα Москва 東京"),
    ] {
        let row = session.query_one("SELECT stock.search_text($1)", &[&given]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), folded, "{given}");
    }
    let row = session.query_one("SELECT stock.search_text(NULL)", &[]).await.unwrap();
    assert_eq!(row.get::<_, Option<String>>(0), None);
}
