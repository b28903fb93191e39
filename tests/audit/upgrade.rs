//! A database of an earlier release: what was posted and collected there still verifies after the migration to the
//! newest schema.

use jiff::Timestamp;
use rust_decimal::Decimal;
use stockroom::audit::collect::{Collector, Source};
use stockroom::audit::reconcile::{Report, Severity, Verdict};
use stockroom::service::new_id;
use stockroom::store::audit::COLLECTOR_LOGIN;
use stockroom::store::{INSERT_COUNT, INSERT_MOVEMENT, Store, prepare};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::audit::Collecting;
use crate::support::commands::{count, issue, receipt, reversal};
use crate::support::database::TestDatabase;
use crate::support::raw::{assert_books_balance, connect, number};
use crate::support::server::TestServer;
use crate::support::wait::until;
use crate::tamper::scene::unseen_in;

/// The last migration of an old release: no history of master data, no seal over counts, another check of movements.
const BEFORE_HISTORY: i64 = 12;
/// The last migration of a release with a history of master data, to which later ones added tables.
const BEFORE_ORDERS: i64 = 28;

/// Posts one movement as the old release did; `kind` decides which of the places is used.
async fn post(
    client: &Client,
    kind: &str,
    product: i64,
    place: i64,
    quantity: i64,
    reverses: Option<Uuid>,
) -> Uuid {
    let id = new_id();
    let (uuid, occurred_at) = (id.uuid(), id.occurred_at());
    let (from, to) = if kind == "receipt" { (None, Some(place)) } else { (Some(place), None) };
    let none: Option<i64> = None;
    let text: Option<&str> = reverses.map(|_| "wrong delivery");
    let price: Option<Decimal> = None;
    client
        .execute(
            INSERT_MOVEMENT,
            &[
                &uuid,
                &occurred_at,
                &uuid,
                &kind,
                &product,
                &none,
                &from,
                &to,
                &none,
                &Decimal::from(quantity),
                &price,
                &None::<&str>,
                &text,
                &reverses,
            ],
        )
        .await
        .unwrap();
    uuid
}

/// Products and a location, three movements, one of them reversed, and a count that found what it should.
async fn work(database: &TestDatabase) {
    let admin = connect(&database.url("admin")).await;
    for statement in [
        "INSERT INTO stock.products (sku, name, unit_cost) VALUES ('A', 'Product A', 1.50), ('B', 'Product B', 2)",
        "INSERT INTO stock.locations (code) VALUES ('X')",
        "UPDATE stock.products SET name = 'Product A, blue' WHERE sku = 'A'",
    ] {
        admin.batch_execute(statement).await.unwrap();
    }
    let clerk = connect(&database.url("clerk")).await;
    post(&clerk, "receipt", 1, 1, 10, None).await;
    post(&clerk, "issue", 1, 1, 4, None).await;
    let wrong = post(&clerk, "receipt", 2, 1, 7, None).await;
    post(&clerk, "reversal", 2, 1, 7, Some(wrong)).await;
    let id = new_id();
    let (uuid, counted_at): (Uuid, Timestamp) = (id.uuid(), id.occurred_at());
    clerk
        .query(
            INSERT_COUNT,
            &[
                &counted_at,
                &uuid,
                &vec![uuid],
                &vec![1_i64],
                &vec![1_i64],
                &vec![None::<i64>],
                &vec![Decimal::from(6)],
            ],
        )
        .await
        .unwrap();
}

/// Collects what the old release had collected. The collector is today's, which asks for today's schema, so it is shown that
/// for the time; nothing of that is recorded.
async fn collect(database: &TestDatabase, collecting: &Collecting, old: i64) {
    let superuser = connect(database.superuser_url()).await;
    let newest: i64 = {
        let current = database.superuser_url().replace(&format!("_as_of_{old}"), "");
        connect(&current)
            .await
            .query_one("SELECT max(version) FROM stock.schema_history", &[])
            .await
            .unwrap()
            .get(0)
    };
    let granted: bool = superuser
        .query_one(
            "SELECT has_column_privilege('stock_collector', 'stock.schema_history', 'version', 'SELECT')",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    superuser
        .batch_execute(&format!(
            "SET pgaudit.log = 'none'; INSERT INTO stock.schema_history (version, name) VALUES ({newest}, 'shown');
             GRANT SELECT (version) ON stock.schema_history TO stock_collector"
        ))
        .await
        .unwrap();
    let mut collector = Collector::open(&collecting.store, Source::Sql).await.unwrap();
    until("what was posted has been collected", async || {
        collector.pass().await.unwrap();
        let counts =
            "SELECT count(*) FROM audit.lines WHERE object_name = 'stock.stock_counts' AND class = 'WRITE'";
        number(database, counts).await == 1
    })
    .await;
    superuser
        .batch_execute(&format!("DELETE FROM stock.schema_history WHERE version = {newest}"))
        .await
        .unwrap();
    if !granted {
        superuser
            .batch_execute("REVOKE SELECT (version) ON stock.schema_history FROM stock_collector")
            .await
            .unwrap();
    }
}

fn alarms(report: &Report) -> Vec<String> {
    let alarms = report.findings.iter().filter(|finding| finding.severity == Severity::Alarm);
    alarms.map(|finding| format!("{}: {}", finding.verdict, finding.what)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_history_of_master_data_stays_proven_after_the_migration() {
    stays_proven(BEFORE_HISTORY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_orders_stays_proven_after_the_migration() {
    stays_proven(BEFORE_ORDERS).await;
}

/// Two movements, a reversal and a count of the new release.
async fn work_on(database: &TestDatabase) {
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "5", "X")).await.unwrap();
    let wrong = clerk.issue(issue("A", "3", "X")).await.unwrap();
    clerk.reverse(reversal(wrong.posting_id)).await.unwrap();
    clerk.count(count("A", "10", "X")).await.unwrap();
}

async fn stays_proven(old: i64) {
    let server = TestServer::own(&[]);
    let current = TestDatabase::on(&server).await;
    let database = TestDatabase::as_of(&current, old).await;
    let collector = || Store::new(database.url(COLLECTOR_LOGIN).parse().unwrap(), 2).unwrap();
    let collecting = Collecting { store: collector(), ..Collecting::of(&current).await };
    work(&database).await;
    collect(&database, &collecting, old).await;
    let before = number(&database, "SELECT count(*) FROM audit.lines").await;

    let superuser = server.superuser_url().parse().unwrap();
    let prepared = prepare::init(&superuser, &database.name).await.unwrap();
    assert!(!prepared.database_created && !prepared.migrations.is_empty(), "{prepared:?}");
    let collecting = Collecting { store: collector(), ..collecting };
    let _follower = collecting.follow(&database);
    work_on(&database).await;
    let signed = || collecting.signed().iter().map(|checkpoint| checkpoint.size).max().unwrap_or_default();
    until("old and new movements are signed", async || {
        let sealed = "SELECT count(*) FROM stock.transactions t WHERE NOT EXISTS (SELECT FROM audit.sealed s WHERE s.id = t.id)";
        signed() > 0 && number(&database, sealed).await == 0
    })
    .await;
    let report = collecting.verify(&database).await;
    assert_eq!(alarms(&report), Vec::<String>::new());
    assert_eq!((report.matched, report.counts), (8, 2), "{report:?}");
    assert!(number(&database, "SELECT count(*) FROM audit.lines").await > before);
    assert_books_balance(&database).await;
    alterations_are_found(&database, &collecting).await;
}

/// Rows of the old time are as protected as new ones.
async fn alterations_are_found(database: &TestDatabase, collecting: &Collecting) {
    let superuser = connect(database.superuser_url()).await;
    unseen_in(
        &superuser,
        "UPDATE stock.transactions SET quantity = 9 WHERE quantity = 10;
         UPDATE stock.stock_levels SET on_hand = on_hand - 1 WHERE product_id = 1;
         UPDATE stock.stock_counts SET counted = 5, expected = 5 WHERE counted = 6;
         UPDATE stock.products SET unit_cost = 9 WHERE sku = 'B'",
    )
    .await;
    drop(superuser);
    let report = collecting.verify(database).await;
    let of = |verdict: Verdict| report.findings.iter().filter(|one| one.verdict == verdict).count();
    assert!(of(Verdict::ContentDiffers) >= 3 && of(Verdict::EvidenceAltered) >= 1, "{:#?}", alarms(&report));
    let told = alarms(&report).join("\n");
    assert!(told.contains("stock.products 2 differs from its last recorded change"), "{told}");
}
