//! What is on hand and what may be used: lots past their last day, and goods in quarantine.

use rust_decimal::Decimal;
use stockroom::domain::{BlockedBy, Level, LocationKind, Refusal, StockFilter, StockOnly, StockSelection};

use super::{day, number, place, shop, skus};
use crate::support::commands::{issue, lot_receipt, receipt};
use crate::support::database::TestDatabase;

/// The shop with a quarantine cage that has a shelf: three cups on the shelf, and MILK-1 as lot PAST in B3, expired
/// yesterday, and as lot HELD in the cage.
async fn shop_with_cage() -> TestDatabase {
    let database = shop().await;
    place(&database, "CAGE", "S", LocationKind::Quarantine).await;
    place(&database, "CAGE-1", "CAGE", LocationKind::Shelf).await;
    let clerk = database.service("clerk");
    clerk.receive(receipt("CUP-1", "3", "CAGE-1")).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "9", "B3", "PAST", &day(-1))).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "6", "CAGE", "HELD", &day(30))).await.unwrap();
    database
}

fn figures(levels: &[Level]) -> Vec<(&str, &str, Decimal, Decimal, Option<BlockedBy>)> {
    let of = |level: &'_ Level| (level.on_hand, level.available, level.blocked_by);
    levels
        .iter()
        .map(|level| {
            let (on_hand, available, blocked_by) = of(level);
            (
                level.location.as_str(),
                level.lot.as_deref().unwrap_or_default(),
                on_hand,
                available,
                blocked_by,
            )
        })
        .collect()
}

#[tokio::test]
async fn every_list_tells_blocked_stock_from_what_is_available() {
    let database = shop_with_cage().await;
    let store = database.store("clerk");
    let milk = StockFilter { sku: Some("MILK-1".parse().unwrap()), ..StockFilter::default() };
    let expected = [
        ("B3", "PAST", number("9"), number("0"), Some(BlockedBy::Expired)),
        ("B3", "SOON", number("2"), number("2"), None),
        ("B3", "LATE", number("5"), number("5"), None),
        ("CAGE", "HELD", number("6"), number("0"), Some(BlockedBy::Quarantine)),
    ];
    assert_eq!(figures(&store.stock(&milk).await.unwrap()), expected);
    assert_eq!(figures(&store.item(&"MILK-1".parse().unwrap()).await.unwrap().levels), expected);
    // A shelf within a quarantine location is in quarantine.
    let at = store.on_hand_at(&"CUP-1".parse().unwrap(), &"CAGE-1".parse().unwrap()).await.unwrap();
    assert_eq!(figures(&at), [("CAGE-1", "", number("3"), number("0"), Some(BlockedBy::Quarantine))]);
    let found = store.search("milk", &StockSelection::default(), 10).await.unwrap();
    assert_eq!((found[0].row.on_hand, found[0].row.available), (number("22"), number("7")));
    let found = store.search("CAGE", &StockSelection::default(), 10).await.unwrap();
    let cup = found.iter().find(|found| found.row.sku == "CUP-1").unwrap();
    let there = cup.matched_stock.unwrap();
    assert_eq!((there.on_hand, there.available), (number("3"), number("0")));
    // What was posted reports it too.
    let posted = database.service("clerk").receive(receipt("CUP-1", "1", "CAGE-1")).await.unwrap();
    assert_eq!(
        figures(&posted.levels),
        [("CAGE-1", "", number("4"), number("0"), Some(BlockedBy::Quarantine))]
    );
    // Before its last day was over, the lot was not expired.
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(72);
    let past = StockFilter { as_of: Some(then), ..milk };
    assert!(
        store.stock(&past).await.unwrap().iter().all(|level| level.blocked_by != Some(BlockedBy::Expired))
    );
}

#[tokio::test]
async fn blocked_stock_does_not_keep_a_product_from_being_low() {
    let database = shop_with_cage().await;
    let store = database.store("admin");
    // Ten cups are on hand, and three of them in quarantine: seven, which is the reorder point.
    let (rows, total) = store.low_stock(10).await.unwrap();
    assert_eq!((skus(&rows), total), (vec!["ZERO-1", "CUP-1"], 2));
    assert_eq!((rows[1].on_hand, rows[1].available), (number("10"), number("7")));
    let low = StockSelection { only: Some(StockOnly::Low), ..StockSelection::default() };
    let found = store.search("cup", &low, 10).await.unwrap();
    assert_eq!(found.iter().map(|found| found.row.sku.as_str()).collect::<Vec<_>>(), ["CUP-1"]);
    database.service("clerk").receive(receipt("CUP-1", "1", "B1")).await.unwrap();
    assert_eq!(skus(&store.low_stock(10).await.unwrap().0), ["ZERO-1"]);
}

#[tokio::test]
async fn a_refusal_says_how_much_more_has_expired() {
    let database = shop_with_cage().await;
    let error = database.service("clerk").issue(issue("MILK-1", "10", "B3")).await.unwrap_err();
    let Some(Refusal::InsufficientStock { have, need, expired, .. }) = error.refusal() else {
        panic!("{error:?}")
    };
    assert_eq!((*have, *need, *expired), (number("7"), number("10"), number("9")));
    let message = error.to_string();
    assert!(message.contains("MILK-1 at B3: have 7, need 10; 9 more have expired"), "{message}");
}

#[tokio::test]
async fn the_views_of_analysts_agree_with_the_lists() {
    let database = shop_with_cage().await;
    let session = crate::support::raw::connect(database.superuser_url()).await;
    let rows = session
        .query(
            "SELECT location, coalesce(lot, ''), on_hand, available, coalesce(blocked_by, '') FROM stock.levels
             WHERE sku = 'MILK-1' ORDER BY location, expires_on",
            &[],
        )
        .await
        .unwrap();
    let listed: Vec<(String, String, Decimal, Decimal, String)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect();
    let line = |location: &str, lot: &str, on_hand: &str, available: &str, why: &str| {
        (location.to_owned(), lot.to_owned(), number(on_hand), number(available), why.to_owned())
    };
    assert_eq!(
        listed,
        [
            line("B3", "PAST", "9", "0", "expired"),
            line("B3", "SOON", "2", "2", ""),
            line("B3", "LATE", "5", "5", ""),
            line("CAGE", "HELD", "6", "0", "quarantine"),
        ]
    );
    let low: Vec<String> = session
        .query("SELECT sku FROM stock.low_stock ORDER BY sku", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(low, ["CUP-1", "ZERO-1"]);
}
