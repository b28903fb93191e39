//! Transactions with savepoints that are released, rolled back to, or left by failures: nothing is posted after one,
//! postings in other transactions are judged as usual, and nothing raises an alarm.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use stockroom::audit::reconcile::{Report, Severity, Verdict};
use stockroom::service::new_id;

use crate::support::audit::Collecting;
use crate::support::database::TestDatabase;
use crate::support::raw::{connect, number};
use crate::support::savepoints::{Shelf, drawn, post, refuse};
use crate::support::server::TestServer;

/// How many transactions are drawn for each login when nobody asks for more.
const TRANSACTIONS_DEFAULT: u64 = 120;

fn alarms(report: &Report) -> Vec<(Verdict, Option<uuid::Uuid>)> {
    let alarm = |finding: &&stockroom::audit::reconcile::Finding| finding.severity == Severity::Alarm;
    report.findings.iter().filter(alarm).map(|finding| (finding.verdict, finding.movement)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn savepoints_raise_no_alarm() {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    let seed =
        std::env::var("STOCKROOM_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    println!("STOCKROOM_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // A superuser's records hold the writes of the ledger's trigger as well.
    for url in [database.url("clerk"), database.superuser_url().to_owned()] {
        let client = connect(&url).await;
        let shelves = Shelf::all(&client).await.unwrap();
        for transaction in 0..asked.unwrap_or(TRANSACTIONS_DEFAULT) {
            drawn(&client, &shelves, &mut random).await;
            if transaction % 50 == 20 {
                let report = collecting.verify_with(&database, false).await;
                assert_eq!(alarms(&report), [], "{:#?}", report.findings);
            }
        }
    }
    let rows = number(&database, "SELECT count(*) FROM stock.transactions").await.unsigned_abs();
    let report = collecting.verify(&database).await;
    assert_eq!(alarms(&report), [], "{:#?}", report.findings);
    assert_eq!((report.movements, report.matched), (rows, rows));
    assert!(report.rolled_back > 0 && rows > 0, "{} rolled back, {rows} rows", report.rolled_back);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolled_back_writes_of_the_trigger_are_part_of_their_posting() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X", "Y"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    // A superuser is a member of every role, so that pgaudit records what the trigger does for it.
    let client = connect(database.superuser_url()).await;
    let shelves = Shelf::all(&client).await.unwrap();
    // There is no level yet: it is made, and then the posting is refused.
    refuse(&client, shelves[0]).await.unwrap_err();
    client.batch_execute("BEGIN; SAVEPOINT s").await.unwrap();
    refuse(&client, shelves[0]).await.unwrap_err();
    client.batch_execute("ROLLBACK TO s; RELEASE s").await.unwrap();
    post(&client, new_id().uuid(), shelves[1]).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    let report = collecting.verify(&database).await;
    assert_eq!(alarms(&report), [], "{:#?}", report.findings);
}
