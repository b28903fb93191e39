//! All of one product at once, and its level day by day.

use jiff::{Timestamp, ToSpan as _};
use stockroom::domain::{MovementKind, PostingId};
use stockroom::service::new_id;

use super::{number, shop};
use crate::support::commands::issue;
use crate::support::database::{TestDatabase, line, posting, posting_with_id};

/// An id of so many hours ago.
fn hours_ago(hours: i64) -> PostingId {
    PostingId::at(Timestamp::now() - hours.hours(), rand::random())
}

#[tokio::test]
async fn an_item_has_its_levels_and_its_history() {
    let database = shop().await;
    let store = database.store("clerk");
    let milk = store.item(&"MILK-1".parse().unwrap()).await.unwrap();
    assert_eq!((milk.row.product.sku.as_str(), milk.row.product.name.as_str()), ("MILK-1", "Milk"));
    assert_eq!((milk.row.on_hand, milk.row.product.reorder_point), (number("7"), Some(number("1"))));
    let lots: Vec<_> =
        milk.levels.iter().map(|level| (level.lot.as_deref().unwrap(), level.on_hand)).collect();
    assert_eq!(lots, [("SOON", number("2")), ("LATE", number("5"))]);
    let history: Vec<_> =
        milk.history.iter().map(|row| (row.kind.as_str(), row.lot.as_deref().unwrap())).collect();
    assert_eq!(history, [("receipt", "SOON"), ("receipt", "LATE")]);
    let beans = store.item(&"BEAN-1".parse().unwrap()).await.unwrap();
    assert_eq!(beans.row.product.barcodes.len(), 2);
    let none = store.item(&"NEVER-1".parse().unwrap()).await.unwrap();
    assert!(none.levels.is_empty() && none.history.is_empty());
    assert!(none.days.iter().all(|day| day.on_hand.is_zero()) && none.days.len() == 60);
    let error = store.item(&"NO-1".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("no product \"NO-1\""), "{error}");
}

#[tokio::test]
async fn a_day_means_the_levels_at_its_end() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let admin = database.service("admin");
    // Older than what is followed back, then 40 days ago, 3 days ago, and now.
    for (hours, kind, entry) in [
        (24 * 90, MovementKind::Receipt, line("A", "100", "", "X")),
        (24 * 40, MovementKind::Issue, line("A", "30", "X", "")),
        (24 * 20, MovementKind::Transfer, line("A", "50", "X", "Y")),
        (24 * 3, MovementKind::Adjustment, line("A", "5", "", "Y")),
        (24 * 3, MovementKind::Receipt, line("B", "9", "", "Y")),
    ] {
        admin.post(&posting_with_id(hours_ago(hours), kind, vec![entry])).await.unwrap();
    }
    admin.issue(issue("A", "1", "X")).await.unwrap();
    let item = database.store("clerk").item(&"A".parse().unwrap()).await.unwrap();
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let on = |back: i64| {
        let day = today.saturating_sub(back.days());
        item.days.iter().find(|level| level.day == day).unwrap().on_hand
    };
    assert_eq!(item.days.len(), 60);
    assert!(item.days.windows(2).all(|pair| pair[0].day < pair[1].day));
    assert_eq!((on(59), on(41)), (number("100"), number("100")));
    assert_eq!((on(40), on(4)), (number("70"), number("70")));
    assert_eq!((on(3), on(1), on(0)), (number("75"), number("75"), number("74")));
}

#[tokio::test]
async fn the_history_of_an_item_shows_fifty_movements() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    let lines = (0..60).map(|_| line("A", "1", "", "X")).collect();
    let early = posting(MovementKind::Receipt, lines);
    clerk.post(&early).await.unwrap();
    let late = new_id();
    clerk.post(&posting_with_id(late, MovementKind::Issue, vec![line("A", "1", "X", "")])).await.unwrap();
    let item = database.store("clerk").item(&"A".parse().unwrap()).await.unwrap();
    assert_eq!(item.history.len(), 50);
    assert_eq!(item.history[0].id, late.line(0));
    assert_eq!(item.history[1].id, early.id.line(59));
}
