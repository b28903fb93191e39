//! The opposite of tampering: many sessions at work, with refusals, retries, savepoints, killed sessions, crashes and
//! log rotations, and not one false alarm. STOCKROOM_POSTINGS sets the number of postings.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use stockroom::audit::reconcile::{Mode, Severity, VerifyError};
use stockroom::domain::MovementKind;
use stockroom::service::Service;

use crate::support::audit::Collecting;
use crate::support::commands::{count, issue, receipt, reversal, transfer};
use crate::support::database::{TestDatabase, line, posting};
use crate::support::raw::connect;
use crate::support::savepoints::{Shelf, drawn};
use crate::support::server::TestServer;

/// The pauses of those who disturb the postings. Nothing is waited for with them: they say how often there is trouble.
const BETWEEN_SAVEPOINTS: Duration = Duration::from_millis(20);
const BETWEEN_TROUBLES: Duration = Duration::from_millis(500);
const BETWEEN_VERIFICATIONS: Duration = Duration::from_millis(300);
/// How many postings there are when nobody asks for more.
const POSTINGS_DEFAULT: u64 = 3_000;
/// How many sessions post.
const SESSIONS: usize = 8;
const SKUS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// One thing that a person may do.
async fn act(service: &Service) -> bool {
    let (kind, sku, number) = {
        let mut random = rand::rng();
        (random.random_range(0..100), SKUS[random.random_range(0..SKUS.len())], random.random_range(1..6))
    };
    let number = number.to_string();
    match kind {
        0..45 => service.receive(receipt(sku, &number, "X")).await.is_ok(),
        45..75 => service.issue(issue(sku, &number, "X")).await.is_ok(),
        75..80 => service.issue(issue(sku, "999999", "X")).await.is_ok(),
        80..88 => service.transfer(transfer(sku, &number, "X", "Y")).await.is_ok(),
        88..92 => service.count(count(sku, &number, "Y")).await.is_ok(),
        92..96 => {
            let lines = SKUS.iter().map(|sku| line(sku, "1", "", "Y")).collect();
            let several = posting(MovementKind::Receipt, lines);
            let posted = service.post(&several).await.is_ok();
            // Sent again, it is recognised.
            posted && service.post(&several).await.is_ok()
        }
        _ => match service.receive(receipt(sku, "1", "X")).await {
            Ok(posted) => service.reverse(reversal(posted.posting_id)).await.is_ok(),
            Err(_) => false,
        },
    }
}

/// A session of its own, past the program, that posts between savepoints; a new one whenever it is ended.
async fn savepoints(database: &TestDatabase, done: &AtomicU64) -> u64 {
    let mut random = StdRng::from_rng(&mut rand::rng());
    let mut transactions = 0;
    while done.load(Ordering::Relaxed) == 0 {
        // The server may just be starting its processes anew.
        let Ok((client, connection)) =
            tokio_postgres::connect(&database.url("clerk"), tokio_postgres::NoTls).await
        else {
            tokio::time::sleep(BETWEEN_SAVEPOINTS).await;
            continue;
        };
        tokio::spawn(connection);
        let Ok(shelves) = Shelf::all(&client).await else { continue };
        while done.load(Ordering::Relaxed) == 0 && !client.is_closed() {
            drawn(&client, &shelves, &mut random).await;
            transactions += 1;
            tokio::time::sleep(BETWEEN_SAVEPOINTS).await;
        }
    }
    transactions
}

/// What happens to a server on a bad day, over and over.
async fn trouble(database: &TestDatabase, server: &TestServer, done: &AtomicU64) {
    let url = database.superuser_url();
    let mut round = 0_u32;
    while done.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(BETWEEN_TROUBLES).await;
        round += 1;
        let Ok((client, connection)) = tokio_postgres::connect(url, tokio_postgres::NoTls).await else {
            continue;
        };
        tokio::spawn(connection);
        let sql = match round % 5 {
            0 => "SELECT pg_rotate_logfile()",
            // Sessions of the program, ended in the middle of whatever they do.
            1 => {
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk' ORDER BY random() LIMIT 2"
            }
            2 => "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'admin'",
            // Savepoints around what is no posting; and a transaction that is taken back.
            3 => {
                "BEGIN; SAVEPOINT s; UPDATE stock.products SET name = name || 'x' WHERE sku = 'A'; ROLLBACK TO s; UPDATE stock.products SET name = name WHERE sku = 'A'; COMMIT; BEGIN; CREATE TEMP TABLE gone (a int) ON COMMIT DROP; ROLLBACK"
            }
            _ if round % 20 == 9 => {
                let pid = client
                    .query_one("SELECT pid FROM pg_stat_activity WHERE usename = 'clerk' LIMIT 1", &[])
                    .await;
                if let Ok(row) = pid {
                    let pid: i32 = row.get(0);
                    drop(std::process::Command::new("kill").args(["-9", &pid.to_string()]).status());
                }
                continue;
            }
            _ => "SELECT 1/0",
        };
        drop(client.batch_execute(sql).await);
    }
    assert!(server.postmaster_pid().unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_busy_site_raises_no_alarm() {
    let wanted: u64 = std::env::var("STOCKROOM_POSTINGS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(POSTINGS_DEFAULT);
    let server = TestServer::own(&[("log_rotation_size", "4MB")]);
    let database = Arc::new(TestDatabase::on(&server).await.with_catalogue(&SKUS, &["X", "Y"]).await);
    let collecting = Collecting::of(&database).await;
    let follower = collecting.follow(&database);
    let (posted, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut sessions = tokio::task::JoinSet::new();
    for session in 0..SESSIONS {
        let (database, posted) = (database.clone(), posted.clone());
        sessions.spawn(async move {
            let login = if session % 4 == 0 { "admin" } else { "clerk" };
            let service = database.service(login);
            while posted.load(Ordering::Relaxed) < wanted {
                if act(&service).await {
                    posted.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    let verifying = async {
        // Verifications in the middle of it, incremental after the first.
        let mut runs = 0;
        while done.load(Ordering::Relaxed) == 0 {
            match collecting.try_verify(&database, runs == 0).await {
                Ok(report) => {
                    assert_clean(&report);
                    runs += 1;
                }
                // The server has just been cut off.
                Err(VerifyError::Store(_)) => {}
                Err(error) => panic!("{error}"),
            }
            tokio::time::sleep(BETWEEN_VERIFICATIONS).await;
        }
        runs
    };
    let work = async {
        while sessions.join_next().await.map(Result::unwrap).is_some() {}
        done.store(1, Ordering::Relaxed);
    };
    let (runs, (), (), drawn) =
        tokio::join!(verifying, work, trouble(&database, &server, &done), savepoints(&database, &done));
    let session = connect(database.superuser_url()).await;
    let rows: i64 = session.query_one("SELECT count(*) FROM stock.transactions", &[]).await.unwrap().get(0);
    let report = collecting.verify(&database).await;
    assert_clean(&report);
    assert_eq!((report.movements, report.matched), (rows.unsigned_abs(), rows.unsigned_abs()));
    let incremental = collecting.verify_with(&database, false).await;
    assert_clean(&incremental);
    assert_eq!(incremental.mode, Mode::Incremental);
    assert!(incremental.lines < report.lines / 10, "only what is new is read");
    println!(
        "{} postings and {drawn} transactions with savepoints, {rows} movements, {} lines, {} rolled back, {runs} verifications on the way, {} notices, {} checkpoints, full verification {} s",
        posted.load(Ordering::Relaxed),
        report.lines,
        report.rolled_back,
        report.notices,
        report.checkpoints,
        report.seconds
    );
    drop(follower);
}

fn assert_clean(report: &stockroom::audit::reconcile::Report) {
    let alarms: Vec<_> =
        report.findings.iter().filter(|finding| finding.severity == Severity::Alarm).take(5).collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}
