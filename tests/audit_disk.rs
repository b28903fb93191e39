//! A log directory whose disk is full: the server goes on committing and loses records. What was lost must be
//! told, and told as what it is. It takes root and a mount; where that is not allowed, the test says so and
//! checks nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

mod support;

use std::path::Path;

use stockroom::audit::collect::{Plan, Source};
use stockroom::audit::reconcile::Verdict;
use support::audit::Collecting;
use support::commands::receipt;
use support::database::TestDatabase;
use support::disk::SmallDisk;
use support::server::TestServer;

/// As large as the log of preparing a database, and a little more.
const SIZE: &str = "size=9m,mode=0777";

fn place(disk: &Path) -> String {
    disk.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_full_log_disk_swallowed_is_told() {
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
        .filter(|finding| finding.weight == stockroom::audit::reconcile::Weight::Alarm)
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
