//! A log directory whose disk is full: the server goes on committing and loses records. What was lost must be
//! told, and told as what it is. It takes root and a mount; where that is not allowed, the test says so and
//! checks nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use stockroom::audit::collect::{Plan, Source};
use stockroom::audit::reconcile::Verdict;
use support::audit::Collecting;
use support::commands::receipt;
use support::database::TestDatabase;
use support::server::TestServer;

/// As large as the log of preparing a database, and a little more.
const SIZE: &str = "size=9m,mode=0777";

/// A small file system of its own; gone with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let path = std::env::temp_dir().join(format!("stockroom-small-disk-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(&path).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(path))
    }

    fn fill(&self) {
        let mut size = 1 << 20;
        let mut bytes = Vec::new();
        // Ever smaller pieces, until nothing more fits.
        while size > 0 {
            bytes.resize(bytes.len() + size, 0);
            if fs::write(self.0.join("filler"), &bytes).is_err() {
                bytes.truncate(bytes.len() - size);
                drop(fs::write(self.0.join("filler"), &bytes));
                size /= 2;
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
        drop(fs::remove_dir(&self.0));
    }
}

fn place(disk: &Path) -> String {
    disk.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_full_log_disk_swallowed_is_told() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    let server = TestServer::own(&[("log_directory", &place(&disk.0))]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let plan = Plan { source: Source::Directory(disk.0.clone()), ..collecting.plan() };
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
    fs::remove_file(disk.0.join("filler")).unwrap();
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
