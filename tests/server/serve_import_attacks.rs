//! What can go wrong in a watched directory: a full disk, a killed database, a clock that is set back, files that grow,
//! very many files, and settings that change in the meantime.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use super::serve::Service;
use super::serve_import::{Feed, config, names_in, rows};
use crate::support::clock::faketime_library;
use crate::support::disk::SmallDisk;
use crate::support::wait::{until, until_blocking};

fn until_failing(service: &Service) {
    until_blocking("the import fails", || {
        service.part("import erp").is_some_and(|part| part["state"] == "failing")
    });
}

fn run_of(feed: &Feed, file_name: &str) -> Value {
    let runs = feed.runs();
    runs.iter().find(|run| run["file_name"] == file_name).unwrap_or_else(|| panic!("{runs:?}")).clone()
}

#[tokio::test]
async fn a_full_disk_stops_the_import_until_there_is_space_again() {
    let feed = Feed::new().await;
    let Some(disk) = SmallDisk::mount_at(&feed.path("volume"), "size=1m") else {
        eprintln!("skipped: only root can mount a small disk");
        return;
    };
    feed.site.configure(&config(&[("erp", disk.path(), "")]));
    // Enough rejected rows that their file is larger than what a full disk still takes.
    let mut text = rows("F", 0, 200);
    for row in 0..2_000 {
        text.push_str(&format!("receipt,2026-01-02T10:00:00Z,R-{row},UNKNOWN,1,,X,2.50\n"));
    }
    fs::write(disk.path().join("rejects.csv"), &text).unwrap();
    fs::write(disk.path().join("good.csv"), rows("G", 0, 10)).unwrap();
    disk.fill();
    let service = feed.site.start();
    until_failing(&service);
    assert!(service.part("import erp").unwrap()["last_failure"].as_str().unwrap().contains("space"));
    assert_eq!(service.get("/healthz").unwrap().0, 200, "starting again would not help");
    assert!(names_in(&disk.path().join("done")).is_empty());
    disk.clear();
    let outcomes = feed.until_over(2, &service).await;
    let outcome = |name: &str| outcomes.iter().find(|(file, _)| file == name).unwrap().1.clone();
    assert_eq!((outcome("rejects.csv"), outcome("good.csv")), ("rejects".to_owned(), "posted".to_owned()));
    assert_eq!(feed.ledger_rows(), 210);
    let rejects = fs::read_to_string(run_of(&feed, "rejects.csv")["rejects_file"].as_str().unwrap()).unwrap();
    assert_eq!(rejects.lines().count(), 2_001, "a header and every rejected row");
    service.stop();
}

#[tokio::test]
async fn a_database_killed_in_the_middle_of_an_import_costs_no_row_and_doubles_none() {
    const ROWS: u32 = 6_000;
    let mut feed = Feed::new().await;
    feed.drop_file("big.csv", &rows("K", 0, ROWS));
    let service = feed.site.start();
    for _ in 0..3 {
        let before = feed.ledger_rows();
        until_blocking("some rows are posted, or all", || {
            let now = feed.ledger_rows();
            now > before || now == u64::from(ROWS)
        });
        feed.server.kill_postmaster().unwrap();
        feed.server.restart().unwrap();
    }
    assert_eq!(feed.until_over(1, &service).await, [("big.csv".to_owned(), "posted".to_owned())]);
    assert_eq!(feed.ledger_rows(), u64::from(ROWS));
    assert_eq!(run_of(&feed, "big.csv")["rows_posted"], ROWS);
    service.stop();
}

#[tokio::test]
async fn a_file_that_grows_while_it_is_read_is_filed_as_failed_and_can_be_given_again() {
    let feed = Feed::new().await;
    let text = rows("W", 0, 15_000);
    let path = feed.path("growing.csv");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let service = feed.site.start();
    until_blocking("some rows are posted", || feed.ledger_rows() > 0);
    // Whoever has it open writes on, although it was renamed.
    let more = "receipt,2026-01-02T10:00:00Z,W-more,A,1,,X,1.50\n";
    file.write_all(more.as_bytes()).unwrap();
    let outcomes = feed.until_over(1, &service).await;
    assert_eq!(outcomes, [("growing.csv".to_owned(), "failed".to_owned())]);
    assert!(run_of(&feed, "growing.csv")["message"].as_str().unwrap().contains("was written to"));
    feed.drop_file("again.csv", &format!("{text}{more}"));
    feed.until_over(2, &service).await;
    assert_eq!(run_of(&feed, "again.csv")["outcome"], "posted");
    assert_eq!(feed.ledger_rows(), 15_001);
    service.stop();
}

#[tokio::test]
async fn more_files_than_fit_into_a_round_are_imported_in_one_run() {
    const FILES: usize = 1_050;
    let feed = Feed::new().await;
    for number in 0..FILES {
        // Most of them are the same file, which is recognised.
        feed.drop_file(&format!("{number}.csv"), &rows("M", u32::try_from(number % 2).unwrap(), 1));
    }
    let service = feed.site.start();
    let auditor = feed.database.store("auditor");
    until("all files are imported", async || {
        let runs = auditor.import_runs(None, 10_000).await.unwrap();
        runs.iter().filter(|run| run.outcome.is_some()).count() == FILES
    })
    .await;
    until_blocking("the run is over", || {
        service.part("import erp").is_some_and(|part| part["did"] == format!("{FILES} files"))
    });
    assert_eq!(feed.ledger_rows(), 2);
    assert_eq!(service.metric("stockroom_import_files_waiting{feed=\"erp\"}"), Some(0.0));
    service.stop();
}

#[tokio::test]
async fn a_clock_set_back_does_not_stop_an_import() {
    let Some(library) = faketime_library() else {
        eprintln!("skipped: the library faketime is not installed");
        return;
    };
    let feed = Feed::new().await;
    let offset = feed.site.program.state_dir().join("offset");
    fs::write(&offset, "+0\n").unwrap();
    // Only what is measured by the calendar is false: waiting takes as long as ever.
    let service = feed.site.begin_with(&[
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap()),
        ("FAKETIME_CACHE_DURATION", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("NO_FAKE_STAT", "1"),
    ]);
    service.until_leading();
    feed.drop_file("before.csv", &rows("B", 0, 5));
    feed.until_over(1, &service).await;
    fs::write(&offset, "-2d\n").unwrap();
    feed.drop_file("after.csv", &rows("A", 0, 5));
    feed.until_over(2, &service).await;
    assert_eq!(run_of(&feed, "after.csv")["outcome"], "posted");
    assert_eq!(feed.ledger_rows(), 10);
    service.stop();
}

#[tokio::test]
async fn a_reload_takes_over_schedules_and_feeds() {
    let feed = Feed::new().await;
    let second = tempfile::tempdir().unwrap();
    let service = feed.site.start();
    service.until_leading();
    let until_parts = |names: &[&str]| {
        until_blocking("the parts are those of the configuration", || {
            let running = |name: &str| service.part(&format!("import {name}")).is_some();
            ["erp", "second"].iter().all(|name| running(name) == names.contains(name))
        });
    };
    until_parts(&["erp"]);
    let collector = service.part("collector").unwrap()["runs"].clone();
    let reload = |imports: &[(&str, &Path, &str)]| {
        feed.site.configure(&config(imports));
        service.signal(Signal::HUP);
    };

    // A second feed, and a schedule for the first that is far away.
    let yearly = "schedule = \"0 0 1 1 *\"";
    reload(&[("erp", feed.directory.path(), yearly), ("second", second.path(), "")]);
    until_parts(&["erp", "second"]);
    until_blocking("the first feed follows its schedule", || {
        let next = service.part("import erp").unwrap()["next_run_at"].clone();
        next.as_str().is_some_and(|next| next.contains("-01-01T00:00:00"))
    });
    assert_eq!(
        service.metric("stockroom_import_runs_total{feed=\"second\",outcome=\"posted\"}"),
        Some(0.0),
        "its counters begin at zero"
    );
    feed.drop_file("waits.csv", &rows("W", 0, 3));
    fs::write(second.path().join("now.csv"), rows("N", 0, 2)).unwrap();
    assert_eq!(feed.until_over(1, &service).await, [("now.csv".to_owned(), "posted".to_owned())]);
    assert!(feed.path("waits.csv").exists());

    // The first feed all the time again, without the second one.
    reload(&[("erp", feed.directory.path(), "")]);
    until_parts(&["erp"]);
    feed.until_over(2, &service).await;
    assert_eq!(run_of(&feed, "waits.csv")["outcome"], "posted");
    assert_eq!(service.part("collector").unwrap()["runs"], collector, "other parts are not interrupted");
    service.stop();
}
