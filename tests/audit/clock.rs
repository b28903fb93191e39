//! A server whose clock is actually set back by an hour while it runs. The library faketime replaces the clock of the
//! server; if it is not installed (Debian and Ubuntu: apt-get install faketime), the test says so and checks nothing.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use stockroom::audit::reconcile::{Report, Severity, Verdict};
use stockroom::audit::seal::Tree;
use stockroom::domain::PostingId;
use stockroom::server::{Installation, PrivateServer};
use stockroom::service::{Receipt, Service};
use tempfile::TempDir;

use crate::support::audit::Collecting;
use crate::support::clock::faketime_library;
use crate::support::commands::{receipt, with_id};
use crate::support::database::TestDatabase;
use crate::support::raw::{connect, number};
use crate::support::server::TestServer;
use crate::support::wait::until;

/// Programs of PostgreSQL whose server asks a false clock.
struct FalseClock {
    place: TempDir,
}

impl FalseClock {
    /// `None` where the library is not installed.
    fn install() -> Option<Self> {
        let library = faketime_library()?;
        let place = tempfile::tempdir().unwrap();
        let (bin, offset) = (place.path().join("bin"), place.path().join("offset"));
        fs::create_dir(&bin).unwrap();
        for directory in [place.path(), &bin] {
            // The server's account reads here.
            fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let real = Installation::find(None, None).unwrap();
        for program in fs::read_dir(real.bin_dir()).unwrap() {
            let program = program.unwrap().path();
            let name = program.file_name().unwrap();
            if name != "pg_ctl" {
                symlink(&program, bin.join(name)).unwrap();
            }
        }
        // Only what is measured by the calendar is false: waiting takes as long as ever.
        let script = format!(
            "#!/bin/sh\nexport LD_PRELOAD='{}' FAKETIME_TIMESTAMP_FILE='{}' FAKETIME_CACHE_DURATION=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1\nexec '{}' \"$@\"\n",
            library.display(),
            offset.display(),
            real.program("pg_ctl").display()
        );
        let pg_ctl = bin.join("pg_ctl");
        fs::write(&pg_ctl, script).unwrap();
        fs::set_permissions(&pg_ctl, fs::Permissions::from_mode(0o755)).unwrap();
        let clock = Self { place };
        clock.set("+0");
        Some(clock)
    }

    /// Puts the clock before or behind the true time.
    fn set(&self, offset: &str) {
        let path = self.place.path().join("offset");
        let draft = path.with_extension("new");
        fs::write(&draft, format!("{offset}\n")).unwrap();
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o644)).unwrap();
        fs::rename(&draft, &path).unwrap();
    }

    fn server(&self) -> TestServer {
        let mut options = TestServer::options();
        options.bin_dir = Some(self.place.path().join("bin"));
        TestServer::of(PrivateServer::start(&options).unwrap_or_else(|error| panic!("{error}")))
    }
}

/// Receives one, at a time by the server's clock.
async fn receive(service: &Service, behind: SignedDuration) {
    let id = PostingId::at(Timestamp::now() - behind, rand::random());
    service.receive(Receipt { details: with_id(id), ..receipt("A", "1", "X") }).await.unwrap();
}

fn alarms(report: &Report) -> BTreeSet<Verdict> {
    let alarms = report.findings.iter().filter(|finding| finding.severity == Severity::Alarm);
    alarms.map(|finding| finding.verdict).collect()
}

/// Waits until the clock of the server is as far behind as this.
async fn until_clock(database: &TestDatabase, behind: SignedDuration) {
    let session = connect(database.superuser_url()).await;
    until("the clock of the server has moved", async || {
        let now: Timestamp = session.query_one("SELECT clock_timestamp()", &[]).await.unwrap().get(0);
        (Timestamp::now().duration_since(now) - behind).abs() < SignedDuration::from_secs(5)
    })
    .await;
}

/// Waits until as many movements are under a checkpoint as there are.
async fn until_sealed(collecting: &Collecting, database: &TestDatabase) {
    let rows = number(database, "SELECT count(*) FROM stock.transactions").await.unsigned_abs();
    until("the ledger is sealed", async || {
        collecting.signed().iter().any(|point| point.tree == Tree::Ledger && point.size >= rows)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_set_back_is_reported_and_hides_nothing() {
    let Some(clock) = FalseClock::install() else {
        println!("skipped: libfaketime is not installed");
        return;
    };
    // The log begins long before the time to which the clock is put back.
    clock.set("-2h");
    let server = clock.server();
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    clock.set("+0");
    until_clock(&database, SignedDuration::ZERO).await;
    let clerk = database.service("clerk");
    receive(&clerk, SignedDuration::ZERO).await;
    until_sealed(&collecting, &database).await;
    let report = collecting.verify(&database).await;
    assert_eq!(alarms(&report), BTreeSet::new(), "{:#?}", report.findings);

    clock.set("-1h");
    let hour = SignedDuration::from_hours(1);
    until_clock(&database, hour).await;
    let session = connect(database.superuser_url()).await;
    // Before the ledger is sealed the next time.
    receive(&clerk, hour).await;
    // Each process of the server notices within a second, and nothing shows whether the one that writes the log has.
    tokio::time::sleep(Duration::from_secs(2)).await;
    receive(&clerk, hour).await;
    // The file that is begun now has the name of an earlier time.
    session.batch_execute("SELECT pg_rotate_logfile()").await.unwrap();
    for _ in 0..20 {
        receive(&clerk, hour).await;
    }
    receive(&database.service("clerk"), hour).await;
    until_sealed(&collecting, &database).await;
    for full in [false, true] {
        let report = collecting.verify_with(&database, full).await;
        assert_eq!(alarms(&report), BTreeSet::from([Verdict::ClockMoved]), "{:#?}", report.findings);
        let moved = report.findings.iter().find(|finding| finding.verdict == Verdict::ClockMoved).unwrap();
        let seconds: u64 = moved.what.split_whitespace().rev().nth(1).unwrap().parse().unwrap();
        assert!((3_540..=3_660).contains(&seconds), "{}", moved.what);
        if full {
            assert_eq!((report.movements, report.matched), (24, 24));
        }
    }

    // What is put into the ledger past the audit has a time that an incremental run has behind it.
    session
        .batch_execute("SET pgaudit.log = 'none'; ALTER TABLE stock.transactions DISABLE TRIGGER USER")
        .await
        .unwrap();
    let id = PostingId::at(Timestamp::now() - hour, rand::random()).uuid();
    session
        .execute(
            "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
             SELECT $1, stock.uuid_time($1), $1, 'receipt', product_id, location_id, 1 FROM stock.products, stock.locations WHERE sku = 'A' AND code = 'X'",
            &[&id],
        )
        .await
        .unwrap();
    session
        .batch_execute("ALTER TABLE stock.stock_levels DISABLE TRIGGER USER; UPDATE stock.stock_levels SET on_hand = on_hand + 1")
        .await
        .unwrap();
    for full in [false, true] {
        let report = collecting.verify_with(&database, full).await;
        let found = report.findings.iter().find(|finding| finding.movement == Some(id));
        assert_eq!(
            found.map(|finding| finding.verdict),
            Some(Verdict::RowWithoutRecord),
            "{:#?}",
            report.findings
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_set_back_while_the_server_is_down_is_reported() {
    let Some(clock) = FalseClock::install() else {
        println!("skipped: libfaketime is not installed");
        return;
    };
    let mut server = clock.server();
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    receive(&database.service("clerk"), SignedDuration::ZERO).await;
    let report = collecting.verify(&database).await;
    assert_eq!(alarms(&report), BTreeSet::new(), "{:#?}", report.findings);
    server.stop().unwrap();
    clock.set("-1h");
    server.restart().unwrap();
    let hour = SignedDuration::from_hours(1);
    receive(&database.service("clerk"), hour).await;
    until_sealed(&collecting, &database).await;
    for full in [false, true] {
        let report = collecting.verify_with(&database, full).await;
        assert_eq!(alarms(&report), BTreeSet::from([Verdict::ClockMoved]), "{:#?}", report.findings);
    }
}
