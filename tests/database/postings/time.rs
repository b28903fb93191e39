//! Times: stock as of a past time, months without a partition, and times that are impossible; and stock by location.

use jiff::Timestamp;
use jiff::civil::date;
use stockroom::domain::{LocationKind, MovementKind, NewLocation, PostingId, StockFilter};
use stockroom::service::Service;

use super::figures;
use crate::support::commands::{count, receipt, rule, with_id};
use crate::support::database::{TestDatabase, line, posting_with_id};
use crate::support::raw::{assert_books_balance, number};

fn id_at(time: &str) -> PostingId {
    PostingId::at(time.parse::<Timestamp>().unwrap(), rand::random())
}

async fn as_of(service: &Service, sku: &str, time: &str) -> Vec<String> {
    let filter = StockFilter {
        sku: Some(sku.parse().unwrap()),
        as_of: Some(time.parse().unwrap()),
        ..StockFilter::default()
    };
    figures(&service.store().stock(&filter).await.unwrap())
}

#[tokio::test]
async fn stock_as_of_a_past_time_is_what_the_ledger_says() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let admin = database.service("admin");
    let post = async |time: &str, kind, one| {
        admin.post(&posting_with_id(id_at(time), kind, vec![one])).await.unwrap();
    };
    // Months out of order, none of which has a partition.
    post("2011-03-15T10:00:00Z", MovementKind::Receipt, line("A", "10", "", "X")).await;
    post("2010-12-31T23:59:59.999Z", MovementKind::Receipt, line("A", "5", "", "X")).await;
    post("2011-01-01T00:00:00Z", MovementKind::Issue, line("A", "2", "X", "")).await;
    post("2011-04-01T00:00:00Z", MovementKind::Transfer, line("A", "4", "X", "Y")).await;
    post("2000-01-01T00:00:00Z", MovementKind::Receipt, line("B", "1", "", "Y")).await;
    for (time, figures) in [
        ("2010-12-31T23:59:59.998Z", vec![]),
        ("2010-12-31T23:59:59.999Z", vec!["5"]),
        ("2011-01-01T00:00:00Z", vec!["3"]),
        ("2011-03-15T09:59:59.999Z", vec!["3"]),
        ("2011-03-15T10:00:00Z", vec!["13"]),
        ("2011-04-01T00:00:00Z", vec!["9", "4"]),
        ("2099-01-01T00:00:00Z", vec!["9", "4"]),
    ] {
        assert_eq!(as_of(&clerk, "A", time).await, figures, "{time}");
    }
    assert_eq!(as_of(&clerk, "B", "2000-01-01T00:00:00Z").await, ["1"]);
    assert_eq!(as_of(&clerk, "B", "1999-12-31T23:59:59Z").await, Vec::<String>::new());
    let made = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'stock.transactions'::regclass
                AND inhrelid::regclass::text ~ '_(2000_01|2010_12|2011_01|2011_03|2011_04)$'";
    assert_eq!(number(&database, made).await, 5);
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions_default").await, 0);
    // A count too may be back-dated into a month without a partition.
    let counted =
        stockroom::service::Count { details: with_id(id_at("2012-05-05T05:05:05Z")), ..count("A", "7", "X") };
    assert_eq!(figures(&admin.count(counted).await.unwrap().levels), ["7"]);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_clerk_posts_only_into_months_that_exist() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    let receipt = |time| posting_with_id(id_at(time), MovementKind::Receipt, vec![line("A", "1", "", "X")]);
    let refused = clerk.post(&receipt("2011-03-15T10:00:00Z")).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "months_missing");
    assert!(refused.to_string().contains("`stockroom db partitions 2011-03`"), "{refused}");
    database.service("admin").ensure_months(date(2011, 3, 1), date(2011, 3, 31)).await.unwrap();
    clerk.post(&receipt("2011-03-15T10:00:00Z")).await.unwrap();
    // Asking for months that exist needs no right and takes no lock.
    clerk.ensure_months(date(2011, 3, 1), date(2011, 3, 31)).await.unwrap();
}

#[tokio::test]
async fn goods_cannot_leave_before_they_arrive() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let admin = database.service("admin");
    let post = async |time: &str, kind, lines| admin.post(&posting_with_id(id_at(time), kind, lines)).await;
    let refused = async |time: &str, kind, lines, figures: &str| {
        let error = post(time, kind, lines).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().rule(), "on_hand_at_all_times", "{error}");
        assert!(error.to_string().contains(figures), "{error}");
    };
    post("2011-03-10T10:00:00Z", MovementKind::Receipt, vec![line("A", "20", "", "X")]).await.unwrap();
    // Before the receipt, and after it as far as goods were left that are still there now.
    refused(
        "2011-03-10T09:00:00Z",
        MovementKind::Issue,
        vec![line("A", "20", "X", "")],
        "A at X would have had -20 on hand at 2011-03-10T09:00:00Z",
    )
    .await;
    post("2011-03-12T10:00:00Z", MovementKind::Issue, vec![line("A", "15", "X", "")]).await.unwrap();
    post("2011-03-14T10:00:00Z", MovementKind::Receipt, vec![line("A", "15", "", "X")]).await.unwrap();
    refused(
        "2011-03-11T10:00:00Z",
        MovementKind::Transfer,
        vec![line("A", "6", "X", "Y")],
        "A at X would have had -1 on hand at 2011-03-12T10:00:00Z",
    )
    .await;
    post("2011-03-11T10:00:00Z", MovementKind::Transfer, vec![line("A", "5", "X", "Y")]).await.unwrap();
    // One line of several, and goods that arrive in the same posting do not leave it earlier.
    refused(
        "2011-03-09T10:00:00Z",
        MovementKind::Issue,
        vec![line("A", "1", "X", ""), line("A", "1", "Y", "")],
        "-1 on hand at 2011-03-09T10:00:00Z",
    )
    .await;
    // The clocks of two terminals may differ by less than a minute.
    post("2011-04-01T10:00:30Z", MovementKind::Receipt, vec![line("B", "1", "", "X")]).await.unwrap();
    post("2011-04-01T10:00:00Z", MovementKind::Issue, vec![line("B", "1", "X", "")]).await.unwrap();
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn many_sessions_create_the_same_missing_partitions_at_once() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let sessions = (0..6).map(|_| {
        let admin = database.service("admin");
        tokio::spawn(async move {
            for month in 1..=12 {
                let time = format!("2015-{month:02}-10T00:00:00Z");
                let one = posting_with_id(id_at(&time), MovementKind::Receipt, vec![line("A", "1", "", "X")]);
                admin.post(&one).await.unwrap();
            }
        })
    });
    for session in sessions.collect::<Vec<_>>() {
        session.await.unwrap();
    }
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 72);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn times_that_cannot_be_are_refused() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let admin = database.service("admin");
    let at = async |time: Timestamp| {
        let id = PostingId::at(time, rand::random());
        rule(admin.post(&posting_with_id(id, MovementKind::Receipt, vec![line("A", "1", "", "X")])).await)
    };
    let hours = |number: i64| Timestamp::now() + jiff::SignedDuration::from_hours(number);
    assert_eq!(at(hours(1)).await, "not_from_the_future");
    assert_eq!(at(hours(24 * 500)).await, "not_from_the_future", "beyond the partitions made ahead");
    assert_eq!(at(hours(24 * 2_000)).await, "date_out_of_range");
    assert_eq!(at("1999-12-31T23:59:59.999Z".parse().unwrap()).await, "date_out_of_range");
    assert_eq!(at("1970-01-01T00:00:00Z".parse().unwrap()).await, "date_out_of_range");
    assert_eq!(at(Timestamp::MAX).await, "date_out_of_range");
    let beyond: PostingId = "ffffffff-ffff-7000-8000-000000000001".parse().unwrap();
    let outcome =
        admin.post(&posting_with_id(beyond, MovementKind::Receipt, vec![line("A", "1", "", "X")])).await;
    assert_eq!(rule(outcome), "date_out_of_range");
    // A clock that is a little ahead is forgiven.
    let ahead = PostingId::at(Timestamp::now() + jiff::SignedDuration::from_secs(60), rand::random());
    admin
        .receive(stockroom::service::Receipt { details: with_id(ahead), ..receipt("A", "1", "X") })
        .await
        .unwrap();
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 1);
}

#[tokio::test]
async fn stock_of_a_place_includes_what_is_within_it() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["ELSEWHERE"]).await;
    let admin = database.service("admin");
    for (code, parent) in [("SITE", ""), ("ZONE", "SITE"), ("BIN", "ZONE")] {
        let parent = (!parent.is_empty()).then(|| parent.parse().unwrap());
        let new = NewLocation { code: code.parse().unwrap(), name: None, parent, kind: LocationKind::Bin };
        admin.add_location(new).await.unwrap();
    }
    for (place, quantity) in [("SITE", "1"), ("ZONE", "2"), ("BIN", "4"), ("ELSEWHERE", "8")] {
        admin.receive(receipt("A", quantity, place)).await.unwrap();
    }
    let at = async |code: &str| {
        let filter = StockFilter { location: Some(code.parse().unwrap()), ..StockFilter::default() };
        figures(&admin.store().stock(&filter).await.unwrap())
    };
    assert_eq!(at("SITE").await, ["4", "1", "2"]);
    assert_eq!(at("ZONE").await, ["4", "2"]);
    assert_eq!(at("BIN").await, ["4"]);
    assert_eq!(at("ELSEWHERE").await, ["8"]);
    let nowhere = StockFilter { location: Some("NOWHERE".parse().unwrap()), ..StockFilter::default() };
    assert!(admin.store().stock(&nowhere).await.unwrap_err().to_string().contains("NOWHERE"));
}
