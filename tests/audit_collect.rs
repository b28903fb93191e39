//! Collecting the server's log: every line, exactly once, sealed, whatever happens in between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

mod support;

use std::collections::BTreeMap;
use std::fs;

use stockroom::audit::collect::{Plan, Source, collect_once};
use stockroom::audit::record::segments;
use support::audit::Collecting;
use support::commands::receipt;
use support::database::TestDatabase;
use support::raw::connect;
use support::server::TestServer;

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
