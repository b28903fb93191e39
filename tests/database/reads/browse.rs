//! The stock table: orders, filters, and paging in both directions.

use stockroom::domain::{
    Anchor, LocationCode, Page, StockKey, StockOnly, StockOrder, StockRow, StockSelection, Tracking,
};
use stockroom::store::Store;

use super::{day, named, number, shop, skus};
use crate::support::commands::{issue, receipt};
use crate::support::database::TestDatabase;

const ORDERS: [StockOrder; 5] =
    [StockOrder::Sku, StockOrder::Name, StockOrder::OnHandLeast, StockOrder::OnHandMost, StockOrder::Expiry];

fn selection(order: StockOrder, location: &str, only: Option<StockOnly>) -> StockSelection {
    let location: Option<LocationCode> = (!location.is_empty()).then(|| location.parse().unwrap());
    StockSelection { order, location, only }
}

async fn first(store: &Store, selection: &StockSelection) -> Page<StockRow> {
    store.stock_page(selection, &Anchor::Start, 100).await.unwrap()
}

#[tokio::test]
async fn each_sort_order_is_as_people_expect() {
    let database = shop().await;
    let store = database.store("clerk");
    for (order, expected) in [
        (StockOrder::Sku, ["BEAN-1", "CUP-1", "MILK-1", "NEVER-1", "YOG-1", "ZERO-1"]),
        (StockOrder::Name, ["BEAN-1", "CUP-1", "NEVER-1", "ZERO-1", "MILK-1", "YOG-1"]),
        (StockOrder::OnHandLeast, ["NEVER-1", "ZERO-1", "YOG-1", "CUP-1", "MILK-1", "BEAN-1"]),
        (StockOrder::OnHandMost, ["BEAN-1", "CUP-1", "MILK-1", "YOG-1", "NEVER-1", "ZERO-1"]),
        (StockOrder::Expiry, ["YOG-1", "MILK-1", "BEAN-1", "CUP-1", "NEVER-1", "ZERO-1"]),
    ] {
        let page = first(&store, &selection(order, "", None)).await;
        assert_eq!(skus(&page.rows), expected, "{order:?}");
        assert!(!page.more_before && !page.more_after);
    }
}

#[tokio::test]
async fn a_row_says_what_is_on_hand_everywhere() {
    let database = shop().await;
    let page = first(&database.store("auditor"), &selection(StockOrder::Sku, "", None)).await;
    let row = |sku: &str| page.rows.iter().find(|row| row.sku == sku).unwrap();
    let cup = row("CUP-1");
    assert_eq!((cup.on_hand, cup.places, cup.is_low()), (number("7"), 2, true));
    assert_eq!((cup.reorder_point, cup.tracking, cup.expires_on), (Some(number("7")), Tracking::None, None));
    let milk = row("MILK-1");
    assert_eq!((milk.on_hand, milk.places, milk.is_low()), (number("7"), 2, false));
    assert_eq!((milk.expires_on.unwrap().to_string(), milk.tracking), (day(3), Tracking::Lot));
    let zero = row("ZERO-1");
    assert_eq!((zero.on_hand, zero.places, zero.is_low()), (number("0"), 0, true));
    assert!(!row("NEVER-1").is_low());
    // Also when only one of its places was asked for.
    let there = first(&database.store("clerk"), &selection(StockOrder::Sku, "B2", None)).await;
    assert_eq!(there.rows[0].on_hand, number("7"));
}

#[tokio::test]
async fn each_filter_works_in_every_sort_order() {
    let database = shop().await;
    let store = database.store("clerk");
    let within = |days| Some(StockOnly::Expiring { within_days: days });
    for (location, only, expected) in [
        ("B1", None, vec!["BEAN-1", "CUP-1"]),
        ("B2", None, vec!["CUP-1"]),
        ("A1", None, vec!["BEAN-1", "CUP-1"]),
        ("S", None, vec!["BEAN-1", "CUP-1", "MILK-1", "YOG-1"]),
        ("", Some(StockOnly::Low), vec!["CUP-1", "ZERO-1"]),
        ("B1", Some(StockOnly::Low), vec!["CUP-1"]),
        ("A2", Some(StockOnly::Low), vec![]),
        ("", Some(StockOnly::Zero), vec!["NEVER-1", "ZERO-1"]),
        ("B2", Some(StockOnly::Zero), vec!["ZERO-1"]),
        ("B1", Some(StockOnly::Zero), vec![]),
        ("", within(0), vec!["YOG-1"]),
        ("", within(3), vec!["MILK-1", "YOG-1"]),
        ("B3", within(3), vec!["MILK-1"]),
        ("A1", within(3), vec![]),
    ] {
        for order in ORDERS {
            let page = first(&store, &selection(order, location, only)).await;
            let mut found = skus(&page.rows);
            found.sort_unstable();
            assert_eq!(found, expected, "{location} {only:?} {order:?}");
        }
    }
    let error =
        store.stock_page(&selection(StockOrder::Sku, "NO", None), &Anchor::Start, 10).await.unwrap_err();
    assert!(error.to_string().contains("there is no location NO"), "{error}");
}

/// Forty products, some alike in name and quantity, some with lots, spread over two places.
async fn many() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&[], &["X", "Y"]).await;
    let products: Vec<_> = (0..40)
        .map(|number| {
            let tracking = if number % 5 == 0 { Tracking::Lot } else { Tracking::None };
            let point = if number % 3 == 0 { "2" } else { "" };
            named(
                &format!("P{:02}", (number * 7) % 40),
                ["Ärmel", "arm", "Bolt"][number % 3],
                point,
                tracking,
            )
        })
        .collect();
    database.service("admin").add_products(&products).await.unwrap();
    let clerk = database.service("clerk");
    for (number, product) in products.iter().enumerate().filter(|(number, _)| number % 4 != 1) {
        let at = if number % 2 == 0 { "X" } else { "Y" };
        let mut received = receipt(product.sku.as_str(), &(1 + number % 3).to_string(), at);
        if product.tracking == Tracking::Lot {
            received.lot = Some("L".parse().unwrap());
            received.expires = (number % 10 == 0).then(|| day(number as i64 % 4).parse().unwrap());
        }
        clerk.receive(received).await.unwrap();
    }
    database
}

#[tokio::test]
async fn pages_join_without_gap_or_repetition_in_both_directions() {
    let database = many().await;
    let store = database.store("clerk");
    let filters =
        [None, Some(StockOnly::Low), Some(StockOnly::Zero), Some(StockOnly::Expiring { within_days: 2 })];
    for order in ORDERS {
        for (location, only) in filters.iter().flat_map(|only| [("", *only), ("X", *only)]) {
            let selection = selection(order, location, only);
            let label = format!("{selection:?}");
            let whole = first(&store, &selection).await.rows;
            let mut forward: Vec<StockRow> = Vec::new();
            let mut anchor = Anchor::Start;
            loop {
                let page = store.stock_page(&selection, &anchor, 7).await.unwrap();
                assert_eq!(page.more_before, !forward.is_empty(), "{label}");
                forward.extend(page.rows);
                assert_eq!(page.more_after, forward.len() < whole.len(), "{label}");
                if !page.more_after {
                    break;
                }
                anchor = Anchor::After(StockKey::of(forward.last().unwrap(), order));
            }
            assert_eq!(forward, whole, "{label}");
            let mut backward: Vec<StockRow> = Vec::new();
            let mut anchor = Anchor::End;
            loop {
                let page = store.stock_page(&selection, &anchor, 7).await.unwrap();
                assert_eq!(page.more_after, !backward.is_empty(), "{label}");
                backward.splice(0..0, page.rows);
                if !page.more_before {
                    break;
                }
                anchor = Anchor::Before(StockKey::of(backward.first().unwrap(), order));
            }
            assert_eq!(backward, whole, "{label}");
            for (position, row) in whole.iter().enumerate().step_by(6) {
                let page =
                    store.stock_page(&selection, &Anchor::From(StockKey::of(row, order)), 5).await.unwrap();
                assert_eq!(page.rows, whole[position..whole.len().min(position + 5)], "{label}");
                assert_eq!(
                    (page.more_before, page.more_after),
                    (position > 0, position + 5 < whole.len()),
                    "{label}"
                );
            }
        }
    }
}

#[tokio::test]
async fn pages_are_full_in_large_places_and_with_rare_filters() {
    let database = shop().await;
    // More than is gathered at once.
    super::crowd(&database, "A1", 10_050).await;
    let store = database.store("clerk");
    let mut expected: Vec<String> = (1..=10_050).map(|number| format!("X{number}")).collect();
    expected.extend(["BEAN-1".to_owned(), "CUP-1".to_owned()]);
    expected.sort();
    for order in [StockOrder::Sku, StockOrder::Name] {
        let here = selection(order, "A1", None);
        let mut found = Vec::new();
        let mut anchor = Anchor::Start;
        loop {
            let page = store.stock_page(&here, &anchor, 500).await.unwrap();
            anchor = Anchor::After(StockKey::of(page.rows.last().unwrap(), order));
            found.extend(page.rows.into_iter().map(|row| row.sku.to_string()));
            if !page.more_after {
                break;
            }
        }
        let last = store.stock_page(&here, &Anchor::End, 3).await.unwrap();
        assert_eq!(skus(&last.rows), found[found.len() - 3..], "{order:?}");
        found.sort();
        assert_eq!(found, expected, "{order:?}");
        let low = selection(order, "A1", Some(StockOnly::Low));
        assert_eq!(skus(&first(&store, &low).await.rows), ["CUP-1"]);
        let zero = selection(order, "A1", Some(StockOnly::Zero));
        assert_eq!(skus(&first(&store, &zero).await.rows), ["ZERO-1"]);
    }
    let found = store.search("cup", &selection(StockOrder::Sku, "A1", None), 50).await.unwrap();
    assert_eq!(found.iter().map(|found| found.row.sku.as_str()).collect::<Vec<_>>(), ["CUP-1"]);
    let found = store.search("xylo", &selection(StockOrder::Sku, "A1", None), 50).await.unwrap();
    assert_eq!(found.len(), 50);
    // Ranked as without a place: the code first, then codes that begin so.
    let found = store.search("x12", &selection(StockOrder::Sku, "S", None), 12).await.unwrap();
    assert_eq!((found[0].row.sku.as_str(), found[1].row.sku.as_str(), found.len()), ("X12", "X120", 12));
}

#[tokio::test]
async fn a_small_catalogue_is_counted_exactly() {
    let database = shop().await;
    assert_eq!(database.store("clerk").stock_estimate().await.unwrap(), 6);
}

#[tokio::test]
async fn the_stock_as_of_a_moment_leaves_out_what_moved_since() {
    let database = shop().await;
    let clerk = database.service("clerk");
    let before = clerk.receive(receipt("BEAN-1", "1", "B1")).await.unwrap().posting_id.occurred_at();
    clerk.receive(receipt("BEAN-1", "5", "B1")).await.unwrap();
    clerk.issue(issue("CUP-1", "3", "B1")).await.unwrap();
    let at = async |moment: jiff::Timestamp, text: &str| {
        let rows = clerk.store().stock_as_of(moment, text, 10).await.unwrap();
        rows.into_iter().map(|row| (row.sku.to_string(), row.on_hand)).collect::<Vec<_>>()
    };
    let row = |sku: &str, on_hand: &str| (sku.to_owned(), number(on_hand));
    assert_eq!(at(before, "bean").await, [row("BEAN-1", "13")]);
    assert_eq!(at(before, "cup").await, [row("CUP-1", "7")]);
    let now = jiff::Timestamp::now();
    assert_eq!(at(now, "BEAN").await, [row("BEAN-1", "18")]);
    assert_eq!(at(now, "cup").await, [row("CUP-1", "4")]);
    assert_eq!(at(jiff::Timestamp::UNIX_EPOCH, "").await, []);
    // Every product, as the list of now has it.
    let then = at(now, "").await;
    let page = clerk.store().stock_page(&StockSelection::default(), &Anchor::Start, 50).await.unwrap();
    let held: Vec<_> = page.rows.iter().filter(|row| !row.on_hand.is_zero()).collect();
    assert_eq!(then, held.iter().map(|row| (row.sku.to_string(), row.on_hand)).collect::<Vec<_>>());
}
