//! Dropping old months of the log.

use std::fs;

use stockroom::audit::collect::collect_once;
use stockroom::audit::decisions::Decisions;
use stockroom::audit::reconcile::{PATIENCE, VerifyPlan, verify};
use stockroom::audit::retention::prune;
use stockroom::audit::seal::key::public_path;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::raw::connect;
use crate::support::server::TestServer;

#[tokio::test]
async fn old_months_are_dropped_and_checkpoints_stay_valid() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let clerk = database.service("clerk");
    for _ in 0..10 {
        clerk.receive(receipt("A", "1", "X")).await.unwrap();
    }
    collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap();
    let session = connect(database.superuser_url()).await;
    // As if half of it had been collected long ago, in two months.
    session
        .batch_execute(
            "SET pgaudit.log = 'none'; SELECT audit.ensure_month('2020-01-05'), audit.ensure_month('2020-02-05');
             ALTER TABLE audit.lines DISABLE TRIGGER refuse_change;
             DO $$ DECLARE p text; BEGIN FOR p IN SELECT relid::regclass::text FROM pg_partition_tree('audit.lines') WHERE isleaf LOOP EXECUTE 'ALTER TABLE ' || p || ' DISABLE TRIGGER refuse_change'; END LOOP; END $$;
             UPDATE audit.lines SET collected_at = CASE WHEN line_no < 100 THEN '2020-01-05'::timestamptz ELSE '2020-02-05' END WHERE line_no < 250;
             ALTER TABLE audit.lines ENABLE ALWAYS TRIGGER refuse_change;
             DO $$ DECLARE p text; BEGIN FOR p IN SELECT relid::regclass::text FROM pg_partition_tree('audit.lines') WHERE isleaf LOOP EXECUTE 'ALTER TABLE ' || p || ' ENABLE ALWAYS TRIGGER refuse_change'; END LOOP; END $$",
        )
        .await
        .unwrap();
    drop(session);
    // What is not sealed stays: here nothing is, because there are no checkpoints.
    let elsewhere = collecting.evidence().with_checkpoints(Some(collecting.place.path().join("elsewhere")));
    assert_eq!(prune(&collecting.store, 1, &elsewhere).await.unwrap(), Vec::<String>::new());
    // Without the private key nothing goes either.
    let keyless = collecting.place.path().join("keyless.key");
    fs::copy(public_path(&collecting.key()), public_path(&keyless)).unwrap();
    prune(&collecting.store, 1, &collecting.evidence().with_key(Some(keyless))).await.unwrap_err();
    let dropped = prune(&collecting.store, 1, &collecting.evidence()).await.unwrap();
    assert_eq!(dropped, ["lines_2020_01", "lines_2020_02"]);
    clerk.receive(receipt("A", "1", "X")).await.unwrap();
    let _follower = collecting.follow(&database);
    let report = collecting.verify(&database).await;
    assert_eq!(report.alarms, 0, "{:#?}", report.findings);
    assert!(report.checkpoints > 0);
    // Whoever has no checkpoints has no proof that it was done lawfully.
    let plan = VerifyPlan {
        full: true,
        checkpoints: Vec::new(),
        state: None,
        patience: PATIENCE,
        decisions: Decisions::default(),
    };
    let report = verify(&database.store("auditor"), &plan, &|_, _, _| {}).await.unwrap();
    assert_eq!(report.alarms, 2, "{:#?}", report.findings);
}

#[tokio::test]
async fn only_the_oldest_whole_month_is_dropped() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let collecting = Collecting::of(&database).await;
    collect_once(&collecting.store, &collecting.plan(), |_| {}).await.unwrap();
    let superuser = connect(database.superuser_url()).await;
    superuser
        .batch_execute(
            "SELECT audit.ensure_month('2019-12-05'), audit.ensure_month('2020-01-05'), audit.ensure_month('2020-02-05');
             ALTER TABLE audit.lines DISABLE TRIGGER refuse_change;
             UPDATE audit.lines SET collected_at = CASE WHEN line_no < 10 THEN '2020-01-05'::timestamptz ELSE '2020-02-05' END WHERE line_no < 20;
             ALTER TABLE audit.lines ENABLE ALWAYS TRIGGER refuse_change",
        )
        .await
        .unwrap();
    let collector = connect(&database.url("stock_collector")).await;
    let now = jiff::Timestamp::now().strftime("lines_%Y_%m").to_string();
    for (partition, below) in [
        (now.as_str(), "100"),
        ("lines_2019_12", "0"),
        ("lines_2019_12", "100000"),
        ("lines_2019_12", "NULL"),
        ("lines_2020_02", "20"),
        ("lines_2020_01", "11"),
        ("lines_2020_01", "NULL"),
        ("lines", "10"),
    ] {
        let sql = format!("SELECT audit.retire_month('{partition}', {below}, '')");
        let refused = collector.batch_execute(&sql).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "SR003", "{sql}: {refused:?}");
    }
    collector.batch_execute("SELECT audit.retire_month('lines_2020_01', 10, '')").await.unwrap();
}
