//! The ledger page by page, and each of its filters.

use jiff::{Timestamp, ToSpan as _};
use stockroom::domain::{Anchor, LedgerFilter, LedgerRow, LocationKind, MovementId, MovementKind, PostingId};
use stockroom::store::Store;

use super::place;
use crate::support::database::{TestDatabase, line, posting_with_id};

async fn ids(store: &Store, filter: LedgerFilter) -> Vec<MovementId> {
    store.ledger(&filter).await.unwrap().iter().map(|row| row.id).collect()
}

/// Thirty movements, one every day up to now, over the months.
async fn month() -> (TestDatabase, Vec<LedgerRow>) {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X"]).await;
    place(&database, "SITE", "", LocationKind::Site).await;
    place(&database, "BIN", "SITE", LocationKind::Bin).await;
    let (clerk, admin) = (database.service("clerk"), database.service("admin"));
    for back in (0..30_i64).rev() {
        let id = PostingId::at(Timestamp::now() - (back * 24).hours(), rand::random());
        let (kind, entry) = match back % 3 {
            0 => (MovementKind::Issue, line("A", "1", "X", "")),
            1 => (MovementKind::Transfer, line("A", "1", "X", "BIN")),
            _ => (MovementKind::Receipt, line(if back == 29 { "A" } else { "B" }, "50", "", "X")),
        };
        let mut posting = posting_with_id(id, kind, vec![entry]);
        posting.reference = (back % 5 == 0).then(|| "ORDER 5".parse().unwrap());
        let by = if back % 2 == 0 { &clerk } else { &admin };
        by.post(&posting).await.unwrap();
    }
    let all = database.store("auditor").ledger(&LedgerFilter::default()).await.unwrap();
    (database, all)
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let (database, all) = month().await;
    let store = database.store("clerk");
    assert_eq!(all.len(), 30);
    assert!(all.windows(2).all(|pair| pair[0].occurred_at > pair[1].occurred_at));
    let whole: Vec<MovementId> = all.iter().map(|row| row.id).collect();
    let mut onwards: Vec<MovementId> = Vec::new();
    loop {
        let anchor = onwards.last().copied().map_or(Anchor::Start, Anchor::After);
        let page = ids(&store, LedgerFilter { anchor, limit: Some(8), ..LedgerFilter::default() }).await;
        if page.is_empty() {
            break;
        }
        onwards.extend(page);
    }
    assert_eq!(onwards, whole);
    let mut back: Vec<MovementId> = Vec::new();
    loop {
        let anchor = back.first().copied().map_or(Anchor::End, Anchor::Before);
        let page = ids(&store, LedgerFilter { anchor, limit: Some(8), ..LedgerFilter::default() }).await;
        if page.is_empty() {
            break;
        }
        back.splice(0..0, page);
    }
    assert_eq!(back, whole);
    // The same rows again, and the oldest ones that a filter lets through.
    let anchor = Anchor::From(whole[10]);
    let again = LedgerFilter { anchor, limit: Some(8), ..LedgerFilter::default() };
    assert_eq!(ids(&store, again).await, whole[10..18]);
    let oldest = LedgerFilter {
        anchor: Anchor::End,
        sku: "A".parse().ok(),
        since: Some(all[22].occurred_at),
        limit: Some(2),
        ..LedgerFilter::default()
    };
    let of_a: Vec<MovementId> = all[..=22].iter().filter(|row| row.sku == "A").map(|row| row.id).collect();
    assert_eq!(ids(&store, oldest).await, of_a[of_a.len() - 2..]);
}

#[tokio::test]
async fn each_filter_returns_the_matching_rows() {
    let (database, all) = month().await;
    let store = database.store("clerk");
    let filter = LedgerFilter::default;
    let wanted = |keep: &dyn Fn(&LedgerRow) -> bool| -> Vec<MovementId> {
        all.iter().filter(|row| keep(row)).map(|row| row.id).collect()
    };
    let (since, until) = (all[20].occurred_at, all[10].occurred_at);
    let kind = |kind| LedgerFilter { kind: Some(kind), ..filter() };
    assert_eq!(
        ids(&store, kind(MovementKind::Transfer)).await,
        wanted(&|row| row.kind == MovementKind::Transfer)
    );
    assert_eq!(ids(&store, kind(MovementKind::Reversal)).await, [] as [MovementId; 0]);
    assert_eq!(
        ids(&store, LedgerFilter { since: Some(since), ..filter() }).await,
        wanted(&|row| row.occurred_at >= since)
    );
    assert_eq!(
        ids(&store, LedgerFilter { until: Some(until), ..filter() }).await,
        wanted(&|row| row.occurred_at <= until)
    );
    let at = |code: &str| LedgerFilter { location: Some(code.parse().unwrap()), ..filter() };
    for code in ["BIN", "SITE"] {
        assert_eq!(ids(&store, at(code)).await, wanted(&|row| row.to.as_deref() == Some("BIN")), "{code}");
    }
    assert_eq!(ids(&store, at("X")).await.len(), 30);
    assert!(store.ledger(&at("NO")).await.is_err());
    let by_clerk = LedgerFilter { posted_by: Some("clerk".to_owned()), ..filter() };
    assert_eq!(ids(&store, by_clerk).await, wanted(&|row| row.posted_by == "clerk"));
    let in_part = |text: &str| LedgerFilter { posted_by: Some(text.to_owned()), in_part: true, ..filter() };
    assert_eq!(ids(&store, in_part("LER")).await, wanted(&|row| row.posted_by == "clerk"), "part of clerk");
    assert_eq!(ids(&store, in_part("nobody")).await, [] as [MovementId; 0]);
    let reference = LedgerFilter { reference: Some("rder 5".to_owned()), in_part: true, ..filter() };
    let holds =
        |row: &LedgerRow| row.reference.as_ref().is_some_and(|text| text.to_lowercase().contains("rder 5"));
    assert_eq!(ids(&store, reference).await, wanted(&holds));
    let combined = LedgerFilter {
        sku: "A".parse().ok(),
        since: Some(since),
        until: Some(until),
        reference: Some("ORDER 5".to_owned()),
        posted_by: Some("admin".to_owned()),
        anchor: Anchor::After(all[12].id),
        ..filter()
    };
    let expected = wanted(&|row| {
        row.sku == "A"
            && (since..=until).contains(&row.occurred_at)
            && row.occurred_at < all[12].occurred_at
            && row.reference.is_some()
            && row.posted_by == "admin"
    });
    assert_eq!(ids(&store, combined).await, expected);
}
