//! The figures of the dashboard, against goods whose figures are known.

use jiff::{Timestamp, ToSpan as _};
use stockroom::domain::{MovementKind, PostingId, Tracking};

use super::{day, named, number, shop};
use crate::support::commands::{issue, receipt};
use crate::support::database::{TestDatabase, line, posting_with_id};

/// An id of so many hours ago.
fn hours_ago(hours: i64) -> PostingId {
    PostingId::at(Timestamp::now() - hours.hours(), rand::random())
}

#[tokio::test]
async fn stock_is_worth_what_is_on_hand() {
    let database = TestDatabase::new().await.with_catalogue(&["PLAIN"], &["X", "Y"]).await;
    let mut priced = named("PRICED", "Priced", "", Tracking::None);
    (priced.unit_cost, priced.unit_price) = ("2.5".parse().ok(), "4".parse().ok());
    let mut absent = named("ABSENT", "Absent", "", Tracking::None);
    absent.unit_cost = "1000".parse().ok();
    database.service("admin").add_products(&[priced, absent]).await.unwrap();
    let store = database.store("auditor");
    let nothing = store.stock_value().await.unwrap();
    assert_eq!((nothing.at_cost, nothing.products_on_hand), (number("0"), 0));
    let clerk = database.service("clerk");
    for (sku, quantity, at) in
        [("PRICED", "3", "X"), ("PRICED", "4", "Y"), ("PLAIN", "9", "X"), ("ABSENT", "1", "X")]
    {
        clerk.receive(receipt(sku, quantity, at)).await.unwrap();
    }
    clerk.issue(issue("ABSENT", "1", "X")).await.unwrap();
    let value = store.stock_value().await.unwrap();
    assert_eq!((value.at_cost, value.at_price), (number("17.5"), number("28")));
    assert_eq!((value.products_on_hand, value.products_without_cost), (2, 1));
}

#[tokio::test]
async fn low_and_expiring_stock_comes_worst_first() {
    let database = shop().await;
    let store = database.store("admin");
    let (rows, total) = store.low_stock(10).await.unwrap();
    // Nothing of ZERO-1, all of the seven cups.
    assert_eq!((super::skus(&rows), total), (vec!["ZERO-1", "CUP-1"], 2));
    let (rows, total) = store.low_stock(1).await.unwrap();
    assert_eq!((super::skus(&rows), total), (vec!["ZERO-1"], 2));
    let lots = store.expiring(30, 10).await.unwrap();
    let listed: Vec<_> = lots
        .iter()
        .map(|lot| (lot.lot.as_str(), lot.location.as_str(), lot.expires_on.to_string(), lot.on_hand))
        .collect();
    assert_eq!(listed, [("OLD", "B4", day(-5), number("1")), ("SOON", "B3", day(3), number("2"))]);
    assert_eq!(store.expiring(2, 10).await.unwrap().len(), 1);
    assert_eq!(store.expiring(30, 1).await.unwrap()[0].sku, "YOG-1");
}

#[tokio::test]
async fn movements_are_counted_by_hour_item_and_person() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B", "C", "D"], &["X", "Y"]).await;
    let (clerk, admin) = (database.service("clerk"), database.service("admin"));
    let receipt = |hours, lines| posting_with_id(hours_ago(hours), MovementKind::Receipt, lines);
    let issue = |hours, lines| posting_with_id(hours_ago(hours), MovementKind::Issue, lines);
    let stocked = ["A", "B", "C", "D"].map(|sku| line(sku, "100", "", "X")).to_vec();
    admin.post(&receipt(24 * 30, stocked)).await.unwrap();
    clerk.post(&issue(24 * 9, vec![line("C", "50", "X", "")])).await.unwrap();
    clerk
        .post(&issue(5, vec![line("A", "1", "X", ""), line("A", "2", "X", ""), line("B", "9", "X", "")]))
        .await
        .unwrap();
    let last = posting_with_id(hours_ago(0), MovementKind::Transfer, vec![line("A", "1", "X", "Y")]);
    clerk.post(&last).await.unwrap();
    let store = database.store("admin");

    let hours = store.movements_by_hour(24).await.unwrap();
    let counted: Vec<_> = hours.iter().map(|hour| (hour.kind, hour.movements)).collect();
    assert_eq!(counted, [(MovementKind::Issue, 3), (MovementKind::Transfer, 1)]);
    assert!(hours.iter().all(|hour| hour.hour.as_second() % 3_600 == 0));
    assert_eq!(hours[1].hour.as_second(), last.id.occurred_at().as_second() / 3_600 * 3_600);
    let month = store.movements_by_hour(24 * 31).await.unwrap();
    assert_eq!(month.iter().map(|hour| hour.movements).sum::<i64>(), 9);

    let items = store.top_items(7, 10).await.unwrap();
    let listed: Vec<_> =
        items.iter().map(|item| (item.sku.as_str(), item.quantity, item.movements)).collect();
    assert_eq!(listed, [("A", number("3"), 2), ("B", number("9"), 1)]);
    let items = store.top_items(30, 2).await.unwrap();
    assert_eq!(items.iter().map(|item| item.sku.as_str()).collect::<Vec<_>>(), ["A", "C"]);

    let people = store.postings_by_person(10).await.unwrap();
    let listed: Vec<_> = people.iter().map(|one| (one.login.as_str(), one.postings, one.movements)).collect();
    assert_eq!(listed, [("clerk", 3, 5)]);
    assert_eq!(people[0].last_at, last.id.occurred_at());
    assert_eq!(store.postings_by_person(60).await.unwrap().len(), 2);

    let slow = store.slowest_movers(10).await.unwrap();
    let listed: Vec<_> =
        slow.iter().map(|one| (one.sku.as_str(), one.on_hand, one.last_moved_at.is_some())).collect();
    let expected = [("D", "100", false), ("C", "50", true), ("B", "91", true), ("A", "97", true)];
    assert_eq!(listed, expected.map(|(sku, on_hand, moved)| (sku, number(on_hand), moved)));
    assert_eq!(store.slowest_movers(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_activity_of_the_database_is_reported() {
    let database = shop().await;
    let activity = database.store("auditor").database_activity().await.unwrap();
    // Sessions report what they did with a delay, so only the least is certain.
    assert!(activity.commits > 0 && activity.rollbacks >= 0 && activity.deadlocks == 0, "{activity:?}");
}
