//! Full disks. If the disk of the log is full, the server continues to commit and loses records; the loss must be
//! reported with the right verdict. If the disk of the database is full, nothing is posted, nothing is lost, and the
//! collector waits. The tests need root and a mount; if that is not allowed, they say so and check nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use stockroom::audit::collect::{Plan, Source};
use stockroom::audit::reconcile::Verdict;
use stockroom::audit::record::segments;
use stockroom::store::Store;
use stockroom::store::audit::COLLECTOR_LOGIN;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::disk::SmallDisk;
use crate::support::raw::{connect, number};
use crate::support::server::TestServer;
use crate::support::wait::until;

/// Larger than the log of preparing a database, which grows with every migration.
const SIZE: &str = "size=64m,mode=0777";

fn place(disk: &Path) -> String {
    disk.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_lost_to_a_full_log_disk_are_reported() {
    let path = std::env::temp_dir().join(format!("stockroom-small-disk-{}", std::process::id()));
    let Some(disk) = SmallDisk::mount_at(&path, SIZE) else {
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    let server = TestServer::own(&[("log_directory", &place(disk.path()))]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let plan = Plan { source: Source::Directory(disk.path().to_owned()), ..collecting.plan() };
    let _follower = collecting.follow_plan(plan, &database);
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    assert_eq!(collecting.verify(&database).await.alarms, 0);

    disk.fill();
    let mut swallowed = 0;
    for _ in 0..200 {
        // The server commits all the same.
        swallowed += u64::from(clerk.receive(receipt("A", "1", "X")).await.is_ok());
    }
    assert_eq!(swallowed, 200);
    disk.clear();
    for _ in 0..5 {
        clerk.receive(receipt("A", "1", "X")).await.unwrap();
    }
    let report = collecting.verify(&database).await;
    let verdicts: Vec<Verdict> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == stockroom::audit::reconcile::Severity::Alarm)
        .map(|finding| finding.verdict)
        .collect();
    assert_eq!(report.movements, 206);
    assert!(report.matched < 206, "some records were lost");
    assert!(verdicts.contains(&Verdict::Gap), "{verdicts:?}");
    let missing = verdicts
        .iter()
        .filter(|verdict| **verdict == Verdict::Unknown || **verdict == Verdict::RowWithoutRecord)
        .count() as u64;
    assert!(
        missing >= report.movements - report.matched,
        "each movement without a record is told: {verdicts:?}"
    );
    assert!(
        !verdicts.iter().any(|verdict| matches!(
            verdict,
            Verdict::Forged | Verdict::ContentDiffers | Verdict::LevelDiffers | Verdict::EvidenceAltered
        )),
        "{:#?}",
        report.findings
    );
}

/// Puts a directory of a stopped server onto a small disk of its own, with so many mebibytes to spare.
fn move_to_small_disk(server: &TestServer, directory: &Path, spare_mib: u64) -> Option<SmallDisk> {
    let run = |program: &str, arguments: &[&Path]| {
        let output = Command::new(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let aside = directory.with_extension("aside");
    let used = run("du", &[Path::new("-sm"), directory]);
    let used: u64 = used.split_whitespace().next().unwrap().parse().unwrap();
    run("mv", &[directory, &aside]);
    let disk = SmallDisk::mount_at(directory, &format!("size={}m,mode=0700", used + spare_mib));
    if disk.is_some() {
        let owner = format!("--reference={}", server.data_dir().display());
        run("chown", &[Path::new(&owner), directory]);
    }
    run("cp", &[Path::new("-aT"), &aside, directory]);
    run("rm", &[Path::new("-r"), &aside]);
    disk
}

/// What has been collected, as file, place and bytes, and what the files hold.
async fn collected_and_written(
    database: &TestDatabase,
    server: &TestServer,
) -> [Vec<(String, u64, Vec<u8>)>; 2] {
    let session = connect(database.superuser_url()).await;
    let sql = "SELECT f.name, l.file_offset, l.raw FROM audit.lines l JOIN audit.files f USING (file_id) ORDER BY 1, 2";
    let rows = session.query(sql, &[]).await.unwrap();
    let collected: Vec<_> =
        rows.iter().map(|row| (row.get(0), row.get::<_, i64>(1).unsigned_abs(), row.get(2))).collect();
    let mut written = Vec::new();
    for entry in fs::read_dir(server.log_dir()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".json") {
            let bytes = fs::read(&path).unwrap();
            let records = segments(&bytes, false).records;
            written.extend(records.into_iter().map(|(at, raw)| (name.clone(), at as u64, raw.to_vec())));
        }
    }
    written.sort();
    [collected, written]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_the_database_loses_nothing() {
    let mut server = TestServer::own(&[("autovacuum", "off")]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    server.stop().unwrap();
    let Some(disk) = move_to_small_disk(&server, &server.data_dir().join("base"), 32) else {
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    server.restart().unwrap();
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "1", "X")).await.unwrap();

    let told = Arc::new(Mutex::new(Vec::new()));
    let (plan, store, telling) = (
        collecting.plan(),
        Store::new(database.url(COLLECTOR_LOGIN).parse().unwrap(), 2).unwrap(),
        told.clone(),
    );
    let follower = tokio::spawn(async move {
        let tell = |message: &str| telling.lock().unwrap().push(message.to_owned());
        stockroom::audit::collect::follow(&store, &plan, std::future::pending(), tell).await.map(|_| ())
    });
    assert_eq!(collecting.verify(&database).await.alarms, 0);
    disk.fill();
    // Pages that have room are filled up first.
    let (mut posted, mut refusals) = (1, Vec::new());
    while refusals.len() < 20 {
        match clerk.receive(receipt("A", "1", "X")).await {
            Ok(_) => posted += 1,
            Err(error) => refusals.push(error.to_string()),
        }
        assert!(posted < 100_000, "the disk is never full");
    }
    for message in &refusals {
        assert!(message.contains("its disk is full; free disk space on the server"), "{message}");
    }
    until("the collector cannot write", async || {
        let told = told.lock().unwrap();
        told.iter().any(|message| message.contains("its disk is full") && message.contains("trying again"))
    })
    .await;
    assert!(!follower.is_finished(), "it waits");
    let rows = || number(&database, "SELECT count(*) FROM stock.transactions");
    assert_eq!(rows().await, posted, "what was refused is not there");

    disk.clear();
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    assert_eq!(rows().await, posted + 1);
    let report = collecting.verify(&database).await;
    assert_eq!(report.alarms, 0, "{:#?}", report.findings);
    assert_eq!(
        (report.movements, report.matched),
        ((posted + 1).unsigned_abs(), (posted + 1).unsigned_abs())
    );
    assert!(!follower.is_finished());
    follower.abort();
    // Whole once more, and each line once: with the collector gone nothing is written but by who looks.
    let mut last = 0;
    until("all has been collected", async || {
        stockroom::audit::collect::collect_once(&collecting.store, &collecting.plan(), |_| {}).await.ok();
        let [collected, written] = collected_and_written(&database, &server).await;
        last = collected.len();
        // What who looks has just written may be missing, and nothing else.
        collected.len() > 100
            && written.len() - collected.len() < 40
            && collected == written[..collected.len()]
    })
    .await;
    assert!(last > refusals.len());
    server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_the_write_ahead_log_loses_nothing() {
    let mut server =
        TestServer::own(&[("autovacuum", "off"), ("min_wal_size", "32MB"), ("max_wal_size", "32MB")]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    database.store("clerk").ping().await.unwrap();
    server.stop().unwrap();
    let Some(disk) = move_to_small_disk(&server, &server.data_dir().join("pg_wal"), 20) else {
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    server.restart().unwrap();
    let _follower = collecting.follow(&database);
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    assert_eq!(collecting.verify(&database).await.alarms, 0);
    // The server cannot go on without its log of changes: it ends, in the middle of whatever is under way.
    let filler = connect(database.superuser_url()).await;
    filler.batch_execute("CREATE TEMP TABLE t (a int); SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000)) FROM generate_series(1, 60)").await.unwrap_err();
    clerk.receive(receipt("A", "1", "X")).await.unwrap_err();
    // Recovery wants room for more of it than there ever was.
    disk.enlarge("256m");
    server.restart().unwrap();
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    let rows = number(&database, "SELECT count(*) FROM stock.transactions").await.unsigned_abs();
    let report = collecting.verify(&database).await;
    assert_eq!(report.alarms, 0, "{:#?}", report.findings);
    assert_eq!((report.movements, report.matched), (rows, rows));
    server.stop().unwrap();
}
