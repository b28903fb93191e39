//! Logins that write a lot into the log, or entries that are too long to be collected in one piece, are reported.

use stockroom::audit::reconcile::{Finding, Report, Severity, Verdict};

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::server::TestServer;

fn about<'a>(report: &'a Report, words: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.what.contains(words)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_and_overlong_statements_are_reported_with_their_login() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    database.service("clerk").receive(receipt("A", "10", "X")).await.unwrap();
    let clerk = connect(&database.url("clerk")).await;
    // Ten, so that one half of them is enough where an hour ends between them.
    let failing = format!("SELECT no_such_column /* {} */", "x".repeat(15 << 20));
    for _ in 0..10 {
        clerk.batch_execute(&failing).await.unwrap_err();
    }
    let report = collecting.verify(&database).await;
    let floods = about(&report, "log entries (");
    assert!(!floods.is_empty() && report.alarms == 0, "{:#?}", report.findings);
    for flood in floods {
        assert_eq!((flood.severity, flood.who.as_deref()), (Severity::Notice, Some("clerk")), "{flood:?}");
        assert!(flood.what.starts_with("clerk wrote ") && flood.when.is_some(), "{flood:?}");
    }
    let auditor = Program::new(&database.url("auditor"));
    let status = auditor.run(&["audit", "status"]);
    assert!(status.stdout.contains("clerk: "), "{status:?}");
    let status = auditor.run(&["audit", "status", "--json"]).document();
    let loud = &status["floods"][0];
    assert!(
        loud["login"] == "clerk" && loud["bytes"].as_u64() >= Some(64 << 20) && loud["since"].is_string(),
        "{status}"
    );

    // A session that listens and does not read.
    let listener = connect(&database.url("clerk")).await;
    listener.batch_execute("LISTEN noise").await.unwrap();
    listener.batch_execute("BEGIN; SELECT 1").await.unwrap();
    let superuser = connect(database.superuser_url()).await;
    let notify = "SELECT count(pg_notify('noise', number || repeat('x', 7900))) FROM generate_series(1, 13000) AS number";
    superuser.batch_execute(notify).await.unwrap();
    let checked = auditor.run(&["db", "check"]);
    assert!(checked.stdout.contains("notification queue"), "{checked:?}");
    assert!(checked.stdout.contains("ends the oldest transaction: clerk"), "{checked:?}");
    drop(listener);

    // A posting whose record is longer than what is collected in one piece.
    let id = uuid::Uuid::now_v7();
    let posting = format!(
        "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
         SELECT '{id}', stock.uuid_time('{id}'), '{id}', 'receipt', p.product_id, l.location_id, 3 FROM stock.products p, stock.locations l /* {} */",
        "y".repeat(40 << 20)
    );
    clerk.batch_execute(&posting).await.unwrap();
    let report = collecting.verify(&database).await;
    let alarms: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.severity == Severity::Alarm).collect();
    let long = about(&report, "too long to be collected in one piece");
    assert!(alarms.iter().all(|alarm| alarm.verdict == Verdict::Unknown), "{alarms:#?}");
    assert!(long.len() == 1 && long[0].severity == Severity::Alarm, "{alarms:#?}");
    assert_eq!(long[0].who.as_deref(), Some("clerk"));
    assert!(long[0].session.is_some() && long[0].when.is_some(), "{long:?}");
    let size = long[0].what.split(' ').find_map(|word| word.parse::<u64>().ok()).unwrap();
    assert!(size > 40 << 20, "{long:?}");
    assert!(
        about(&report, &id.to_string()).len() == 1,
        "the movement is not known to be recorded: {alarms:#?}"
    );
}
