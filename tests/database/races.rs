//! Many processes and sessions that want the same goods at the same time, and conflicts that are produced on purpose.

use std::sync::Arc;

use stockroom::domain::{MovementKind, Posting, Status, Tracking};
use stockroom::service::{Issue, Service, new_id};
use stockroom::store::Store;
use tokio::sync::Barrier;
use tokio_postgres::Client;

use crate::support::commands::{count, issue, lot_receipt, receipt, reversal, transfer, with_id};
use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::program::Program;
use crate::support::raw::{assert_books_balance, connect, number, until_waiting};
use crate::support::wait::until;

/// The one INSERT of a posting, as any session may send it: a receipt at X.
fn receipt_sql(posting: &Posting) -> String {
    let id = posting.id;
    let line = &posting.lines[0];
    format!(
        "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
         SELECT '{id}', stock.uuid_time('{id}'), '{id}', 'receipt', product_id, location_id, {}
         FROM stock.products, stock.locations WHERE sku = '{}' AND code = 'X'",
        line.quantity, line.sku
    )
}

fn one_receipt(sku: &str) -> Posting {
    posting(MovementKind::Receipt, vec![line(sku, "1", "", "X")])
}

/// A session that has posted, and has not committed.
async fn uncommitted(database: &TestDatabase, posting: &Posting) -> Client {
    let session = connect(database.superuser_url()).await;
    session.batch_execute("SET deadlock_timeout = '60s'; BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    session.batch_execute(&receipt_sql(posting)).await.unwrap();
    session
}

#[tokio::test]
async fn sixteen_processes_issue_no_more_than_is_on_hand() {
    const PROCESSES: usize = 16;
    const TAKEN_BY_EACH: usize = 20;
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    database.service("clerk").receive(receipt("A", "100", "X")).await.unwrap();
    // One state directory for all, as when one person has many terminals open.
    let program = Arc::new(Program::new(&database.url("clerk")));
    let start = Arc::new(std::sync::Barrier::new(PROCESSES));
    let clerks: Vec<_> = (0..PROCESSES)
        .map(|_| {
            let (program, start) = (Arc::clone(&program), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                (0..TAKEN_BY_EACH)
                    .map(|_| program.run(&["issue", "A", "1", "--from", "X", "--json"]))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let runs: Vec<_> = clerks.into_iter().flat_map(|clerk| clerk.join().unwrap()).collect();
    for run in &runs {
        let expected = if run.code == 0 { "posted" } else { "refused" };
        assert!(matches!(run.code, 0 | 3), "{run:?}");
        assert_eq!(run.document()["status"], expected, "{run:?}");
        assert!(
            !run.stderr.contains("interrupted"),
            "the journal took a running program for a dead one: {run:?}"
        );
    }
    assert_eq!(runs.iter().filter(|run| run.code == 0).count(), 100);
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 0);
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions WHERE kind = 'issue'").await, 100);
    assert!(program.journal_entries().is_empty(), "{:?}", program.journal_entries());
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_serialization_failure_is_retried() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "5", "X")).await.unwrap();
    for commit in ["COMMIT", "ROLLBACK"] {
        let before = clerk.store().counts();
        let other = uncommitted(&database, &one_receipt("A")).await;
        let posting = tokio::spawn({
            let clerk = clerk.clone();
            async move { clerk.issue(issue("A", "2", "X")).await }
        });
        let watcher = connect(database.superuser_url()).await;
        until_waiting(&watcher, "clerk", 1).await;
        other.batch_execute(commit).await.unwrap();
        let posted = posting.await.unwrap().unwrap();
        let collided = u64::from(commit == "COMMIT");
        assert_eq!(clerk.store().counts().retries - before.retries, collided, "{commit}");
        assert_eq!(u64::from(posted.attempts), 1 + collided);
    }
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 2);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_count_is_retried_after_a_conflict() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "5", "X")).await.unwrap();
    let other = uncommitted(&database, &one_receipt("A")).await;
    let counting = tokio::spawn({
        let clerk = clerk.clone();
        async move { clerk.count(count("A", "3", "X")).await }
    });
    let watcher = connect(database.superuser_url()).await;
    until_waiting(&watcher, "clerk", 1).await;
    other.batch_execute("COMMIT").await.unwrap();
    let counted = counting.await.unwrap().unwrap();
    assert_eq!((counted.expected, counted.attempts), (6.into(), 2), "what the books held after the other");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.stock_counts").await, 1);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_deadlock_is_retried() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X"]).await;
    let clerk = database.service("clerk");
    let both = posting(MovementKind::Receipt, vec![line("A", "1", "", "X"), line("B", "1", "", "X")]);
    clerk.post(&both).await.unwrap();
    // The other holds B; the posting takes A and waits for B; the other then wants A.
    let other = uncommitted(&database, &one_receipt("B")).await;
    let again = posting(MovementKind::Receipt, both.lines.clone());
    let posting = tokio::spawn({
        let clerk = clerk.clone();
        async move { clerk.post(&again).await }
    });
    let watcher = connect(database.superuser_url()).await;
    until_waiting(&watcher, "clerk", 1).await;
    other.batch_execute(&receipt_sql(&one_receipt("A"))).await.unwrap();
    other.batch_execute("COMMIT").await.unwrap();
    let posted = posting.await.unwrap().unwrap();
    assert_eq!(posted.status, Status::Posted);
    assert!(posted.attempts > 1);
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 6);
    until("the deadlock shows in the statistics", async || {
        number(&database, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await
            == 1
    })
    .await;
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_posting_waits_for_an_id_or_a_level_that_is_being_inserted() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B", "C", "D"], &["X"]).await;
    let watcher = connect(database.superuser_url()).await;
    for (sku, same_id, commit, status) in [
        ("A", false, "COMMIT", Status::Posted),
        ("B", false, "ROLLBACK", Status::Posted),
        ("C", true, "COMMIT", Status::AlreadyPosted),
        ("D", true, "ROLLBACK", Status::Posted),
    ] {
        let theirs = one_receipt(sku);
        let ours = if same_id { theirs.clone() } else { one_receipt(sku) };
        let other = uncommitted(&database, &theirs).await;
        let clerk = database.service("clerk");
        let posting = tokio::spawn(async move { clerk.post(&ours).await });
        until_waiting(&watcher, "clerk", 1).await;
        other.batch_execute(commit).await.unwrap();
        let posted = posting.await.unwrap().unwrap();
        assert_eq!(posted.status, status, "{sku}");
        let expected = if same_id || commit == "ROLLBACK" { "1" } else { "2" };
        assert_eq!(posted.levels[0].on_hand.to_string(), expected, "{sku}");
    }
    assert_books_balance(&database).await;
}

/// Runs the same work in several tasks that start together.
async fn together<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    work: impl Fn(usize) -> F,
) -> Vec<T> {
    let start = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (start, work) = (Arc::clone(&start), work(number));
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_receipts_into_a_level_all_count() {
    let skus = ["A", "B", "C", "D", "E"];
    let database = TestDatabase::new().await.with_catalogue(&skus, &["X"]).await;
    let clerks: Vec<Service> = (0..8).map(|_| database.service("clerk")).collect();
    for sku in skus {
        let posted = together(8, |number| {
            let clerk = clerks[number].clone();
            async move { clerk.receive(receipt(sku, "1", "X")).await.unwrap().status }
        });
        assert!(posted.await.iter().all(|status| *status == Status::Posted));
    }
    assert_eq!(number(&database, "SELECT count(*) FROM stock.stock_levels WHERE on_hand = 8").await, 5);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_transfers_keep_the_total() {
    const PLACES: [&str; 4] = ["P0", "P1", "P2", "P3"];
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &PLACES).await;
    let clerk = database.service("clerk");
    for sku in ["A", "B"] {
        clerk.receive(receipt(sku, "30", "P0")).await.unwrap();
    }
    let outcomes = together(6, |number| {
        let clerk = database.service("clerk");
        async move {
            let (mut moved, mut refused) = (0, 0);
            for step in 0..25 {
                let (from, to) = ((number * 7 + step * 3) % 4, (number * 7 + step * 3 + 1 + step % 3) % 4);
                let quantity = (1 + step % 5).to_string();
                let sku = if step % 2 == 0 { "A" } else { "B" };
                match clerk.transfer(transfer(sku, &quantity, PLACES[from], PLACES[to])).await {
                    Ok(_) => moved += 1,
                    Err(error)
                        if error.refusal().is_some_and(|refusal| refusal.rule() == "insufficient_stock") =>
                    {
                        refused += 1
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
            (moved, refused)
        }
    })
    .await;
    let moved: i64 = outcomes.iter().map(|(moved, _)| moved).sum();
    assert!(moved > 0);
    assert_eq!(
        number(&database, "SELECT count(*) FROM stock.transactions WHERE kind = 'transfer'").await,
        moved
    );
    let totals = "SELECT count(*) FROM (SELECT FROM stock.stock_levels GROUP BY product_id HAVING sum(on_hand) = 30) AS whole";
    assert_eq!(number(&database, totals).await, 2);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_postings_to_a_hot_item_all_succeed() {
    let database = TestDatabase::new().await.with_catalogue(&["HOT"], &["X"]).await;
    let store = Store::new(database.url("clerk").parse().unwrap(), 16).unwrap();
    let clerk = Service::new(store, None);
    clerk.receive(receipt("HOT", "1000", "X")).await.unwrap();
    let failures: Vec<_> = together(16, |_| {
        let clerk = clerk.clone();
        async move {
            let mut failures = Vec::new();
            for _ in 0..25 {
                failures.extend(clerk.issue(issue("HOT", "1", "X")).await.err());
            }
            failures
        }
    })
    .await
    .into_iter()
    .flatten()
    .collect();
    assert!(failures.is_empty(), "{failures:?}");
    let counts = clerk.store().counts();
    assert!(counts.locked > 0 && counts.lost == 0, "{counts:?}");
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 600);
    // Sessions of other programs, which know of each other's heat only by collisions, and counts among them.
    let failures: Vec<_> = together(10, |number| {
        let clerk = database.service("clerk");
        async move {
            let mut failures = Vec::new();
            for step in 0..10 {
                if number < 2 {
                    failures.extend(clerk.count(count("HOT", &(500 + step).to_string(), "X")).await.err());
                } else {
                    failures.extend(clerk.issue(issue("HOT", "1", "X")).await.err());
                }
            }
            failures
        }
    })
    .await
    .into_iter()
    .flatten()
    .collect();
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.stock_counts").await, 20);
    // No lock outlives its posting.
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(number(&database, locks).await, 0);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_reversals_one_is_posted() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X", "Y"]).await;
    let clerks = [database.service("clerk"), database.service("clerk")];
    clerks[0].receive(receipt("A", "100", "X")).await.unwrap();
    for round in 0..6 {
        // Goods that are still there after the first reversal, and goods that are not.
        let posted = if round % 2 == 0 {
            clerks[0].transfer(transfer("A", "3", "X", "Y")).await.unwrap()
        } else {
            clerks[0].issue(issue("A", "3", "X")).await.unwrap()
        };
        let outcomes = together(2, |number| {
            let clerk = clerks[number].clone();
            async move { clerk.reverse(reversal(posted.posting_id)).await }
        })
        .await;
        let rules: Vec<_> = outcomes
            .iter()
            .map(|outcome| outcome.as_ref().map_or_else(|error| error.refusal().unwrap().rule(), |_| "done"))
            .collect();
        assert!(rules == ["done", "already_reversed"] || rules == ["already_reversed", "done"], "{rules:?}");
    }
    assert_eq!(number(&database, "SELECT count(*) FROM stock.reversals").await, 6);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_by_expiry_sent_twice_at_once_is_posted_once() {
    let database = TestDatabase::new().await.with_catalogue(&[], &["X"]).await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    let clerks: Vec<Service> = (0..3).map(|_| database.service("clerk")).collect();
    for lot in ["L1", "L2", "L3", "L4"] {
        clerks[0].receive(lot_receipt("MILK", "10", "X", lot, "")).await.unwrap();
    }
    for _ in 0..5 {
        let id = new_id();
        let issued = together(3, |number| {
            let clerk = clerks[number].clone();
            let command = Issue { details: with_id(id), ..issue("MILK", "7", "X") };
            async move { clerk.issue(command).await.unwrap().transactions }
        })
        .await;
        assert!(issued.iter().all(|lines| *lines == issued[0]), "{issued:?}");
    }
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 5);
    assert_books_balance(&database).await;
}
