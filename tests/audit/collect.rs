//! Collecting the server's log: every line, exactly once, sealed, whatever happens in between.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use stockroom::audit::collect::{Plan, Source, collect_once};
use stockroom::audit::record::segments;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// What the files of a log directory hold, cut into records.
fn on_disk(server: &TestServer) -> BTreeMap<(String, u64), Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(server.log_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let bytes = fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            for (offset, raw) in segments(&bytes, false).records {
                found.insert((name.to_owned(), offset as u64), raw.to_vec());
            }
        }
    }
    found
}

/// What was collected.
async fn in_database(database: &TestDatabase) -> Vec<((String, u64), Vec<u8>)> {
    let session = connect(database.superuser_url()).await;
    let rows = session
        .query("SELECT f.name, l.file_offset, l.raw FROM audit.lines l JOIN audit.files f USING (file_id) ORDER BY l.line_no", &[])
        .await
        .unwrap();
    rows.iter().map(|row| ((row.get(0), row.get::<_, i64>(1).unsigned_abs()), row.get(2))).collect()
}

#[tokio::test]
async fn every_line_is_collected_once_and_sealed() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    for _ in 0..20 {
        clerk.receive(receipt("A", "1", "X")).await.unwrap();
    }
    let collecting = Collecting::of(&database).await;
    let first = collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap();
    assert_eq!((first.sealed, first.unreadable, first.forged), (20, 0, 0));
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    let plan = Plan { source: Source::Directory(server.log_dir()), ..collecting.plan() };
    let second = collect_once(&collecting.store, &plan, |_| {}).await.unwrap();
    assert_eq!(second.sealed, 1);
    assert!(second.lines < 30, "what was collected is not collected again: {second:?}");

    let kept = in_database(&database).await;
    assert_eq!(kept.len() as u64, first.lines + second.lines);
    let disk = on_disk(&server);
    for (place, raw) in &kept {
        assert_eq!(disk.get(place), Some(raw), "{place:?}");
    }
    let unique: BTreeMap<_, _> = kept.iter().cloned().collect();
    assert_eq!(unique.len(), kept.len());
    let last = kept.last().unwrap();
    assert!(disk.range(..=last.0.clone()).count() == kept.len(), "no line is left out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn kills_and_rotations_neither_lose_nor_repeat_lines() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let program = Program::new(&database.url("stock_collector"));
    let clerk = database.service("clerk");
    let session = connect(database.superuser_url()).await;
    for round in 0..12_u64 {
        let mut collector = program
            .command(&["audit", "collect", "--follow", "--no-seal"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..40 {
            clerk.receive(receipt("A", "1", "X")).await.unwrap();
        }
        if round % 3 == 0 {
            session.batch_execute("SELECT pg_rotate_logfile()").await.unwrap();
        }
        if round % 3 == 1 {
            // Its session is ended under it; it takes up the work again by itself.
            session.batch_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stock_collector'").await.unwrap();
        }
        // How far the collector has come by now is what differs from round to round.
        tokio::time::sleep(Duration::from_millis(40 * round)).await;
        collector.kill().unwrap();
        collector.wait().unwrap();
    }
    drop(session);
    let disk = on_disk(&server);
    collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap();
    let all = in_database(&database).await;
    let kept: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(kept.len(), all.len(), "no line is there twice");
    for (place, raw) in &disk {
        assert_eq!(kept.get(place), Some(raw), "a line was left out: {place:?}");
    }
    let report = {
        let _follower = collecting.follow(&database);
        collecting.verify(&database).await
    };
    assert_eq!(report.alarms, 0, "{:#?}", report.findings);
}

#[tokio::test]
async fn only_the_collector_collects_and_only_one_at_a_time() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let collecting = Collecting::of(&database).await;
    let plan = Plan { seal: None, ..collecting.plan() };
    for login in ["clerk", "admin", "auditor"] {
        let refused = collect_once(&database.store(login), &plan, |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains("must log in as stock_collector"), "{refused}");
    }
    let _follower = collecting.follow(&database);
    until("the follower holds the lock", async || {
        let session = connect(database.superuser_url()).await;
        let row = session
            .query_one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", &[])
            .await
            .unwrap();
        row.get::<_, i64>(0) > 0
    })
    .await;
    let refused = collect_once(&collecting.store, &plan, |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains("another collector"), "{refused}");
}

#[tokio::test]
async fn a_collector_that_follows_never_gives_up() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let session = connect(database.superuser_url()).await;
    // A month of the coming year is missing: the collector creates it.
    let last_month = "SELECT to_regclass('stock.transactions_' || to_char(now() + interval '12 months', 'YYYY_MM')) IS NOT NULL";
    session
        .batch_execute("DO $$ BEGIN EXECUTE format('DROP TABLE stock.%I CASCADE', 'transactions_' || to_char(now() + interval '12 months', 'YYYY_MM')); END $$")
        .await
        .unwrap();
    let collected =
        async || -> i64 { session.query_one("SELECT count(*) FROM audit.lines", &[]).await.unwrap().get(0) };
    let _follower = collecting.follow(&database);
    until("it collects", async || collected().await > 0).await;
    until("the month is there", async || session.query_one(last_month, &[]).await.unwrap().get(0)).await;
    // What a collector that has just been started ends with.
    session
        .batch_execute(
            "ALTER FUNCTION audit.log_files() OWNER TO postgres;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stock_collector'",
        )
        .await
        .unwrap();
    let refused = collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("audit.log_files"), "{refused}");
    let before = collected().await;
    session.batch_execute("ALTER FUNCTION audit.log_files() OWNER TO stock_log_reader").await.unwrap();
    until("it collects again", async || collected().await > before).await;
}

#[tokio::test]
async fn an_altered_log_reader_is_not_used() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let collecting = Collecting::of(&database).await;
    let session = connect(database.superuser_url()).await;
    for change in [
        "ALTER FUNCTION audit.read_log(text, bigint, bigint) OWNER TO stock_owner",
        "ALTER FUNCTION audit.read_log(text, bigint, bigint) OWNER TO stock_log_reader; ALTER FUNCTION audit.log_files() SECURITY INVOKER",
        "ALTER FUNCTION audit.log_files() SECURITY DEFINER RESET ALL",
        "DROP FUNCTION audit.log_files()",
    ] {
        session.batch_execute(change).await.unwrap();
        let refused =
            collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains("audit."), "{change}: {refused}");
    }
    // Preparing the server again puts it right.
    let superuser = server.superuser_url().parse().unwrap();
    stockroom::store::prepare::init(&superuser, &database.name).await.unwrap();
    collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap();
}

#[tokio::test]
async fn the_reader_opens_nothing_but_the_log() {
    let database = TestDatabase::new().await;
    let collecting = Collecting::of(&database).await;
    drop(collecting);
    let session = connect(&database.url("stock_collector")).await;
    let names: Vec<String> = session
        .query("SELECT name FROM audit.log_files()", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(!names.is_empty() && names.iter().all(|name| name.ends_with(".json")));
    for name in [
        "../PG_VERSION",
        "PG_VERSION",
        "/etc/passwd",
        "../global/pg_control",
        "",
        "%.json",
        &names[0].replace(".json", ".log"),
    ] {
        let row = session.query_one("SELECT audit.read_log($1, 0, 100)", &[&name]).await;
        assert!(row.map(|row| row.get::<_, Option<Vec<u8>>>(0).is_none()).unwrap_or(true), "{name}");
    }
    for sql in [
        "SELECT pg_read_binary_file('PG_VERSION')",
        "SELECT pg_read_binary_file('log/x.json', 0, 1, true)",
        "SELECT pg_read_file('PG_VERSION')",
    ] {
        session.batch_execute(sql).await.unwrap_err();
    }
    let clerk = connect(&database.url("clerk")).await;
    clerk.batch_execute("SELECT audit.log_files()").await.unwrap_err();
    clerk.batch_execute("SELECT count(*) FROM audit.lines").await.unwrap_err();
}

#[tokio::test]
async fn collecting_produces_no_lines_to_collect() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    let session = connect(database.superuser_url()).await;
    let lines =
        async || session.query_one("SELECT count(*) FROM audit.lines", &[]).await.unwrap().get::<_, i64>(0);
    until("everything is collected", async || {
        let before = lines().await;
        // Longer than the collector takes from one look at the log to the next.
        tokio::time::sleep(Duration::from_secs(1)).await;
        before > 0 && lines().await == before
    })
    .await;
    let before = lines().await;
    // What is tested is that nothing happens in this time, in which the collector reads and seals several times.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let grown = lines().await - before;
    assert!(grown <= 4, "{grown} lines came out of nothing but collecting");
}
