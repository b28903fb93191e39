//! Preparing a server and checking it: again, twice at once, on servers that are set wrongly.

use std::process::{Command, Output};

use stockroom::domain::{CheckFinding, CheckSeverity};
use stockroom::store::prepare;
use stockroom::store::{ConnectionSettings, Error, Store};

use crate::support::database::{TestDatabase, line, posting};
use crate::support::server::{TestServer, psql_at};
use crate::support::session::Session;

/// Runs the program itself.
fn stockroom(url: &str, words: &[&str]) -> Output {
    let state = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_stockroom"))
        .args(words)
        .args(["--database-url", url])
        .env("STOCKROOM_STATE_DIR", state.path())
        .output()
        .unwrap()
}

fn settings(server: &TestServer) -> ConnectionSettings {
    server.superuser_url().parse().unwrap()
}

async fn findings(database: &TestDatabase) -> Vec<CheckFinding> {
    Store::new(database.superuser_url().parse().unwrap(), 1).unwrap().check().await.unwrap()
}

/// What the test servers are known to have wrong: they may lose everything in a power cut.
fn without_fsync(findings: Vec<CheckFinding>) -> Vec<CheckFinding> {
    findings.into_iter().filter(|finding| finding.subject != "fsync").collect()
}

#[tokio::test]
async fn preparing_again_changes_no_data() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let receipt = posting(stockroom::domain::MovementKind::Receipt, vec![line("A", "1", "", "X")]);
    database.service("clerk").post(&receipt).await.unwrap();
    let prepared = prepare::init(&settings(TestServer::shared()), &database.name).await.unwrap();
    assert!(!prepared.database_created);
    assert_eq!(prepared.migrations, Vec::<String>::new());
    assert_eq!(database.store("clerk").stock(&Default::default()).await.unwrap().len(), 1);
    assert_eq!(without_fsync(prepared.findings), []);
}

#[tokio::test]
async fn a_database_that_somebody_else_made_is_prepared_too() {
    let server = TestServer::own(&[]);
    psql_at(
        &server,
        &server.superuser_url(),
        "CREATE DATABASE made_before TEMPLATE template0 ENCODING 'UTF8'",
    )
    .unwrap();
    let prepared = prepare::init(&settings(&server), "made_before").await.unwrap();
    assert!(!prepared.database_created && prepared.migrations.len() >= 7);
    // One that Stockroom made belongs to stock_owner, who makes the extension when an older schema is migrated.
    prepare::init(&settings(&server), "made_now").await.unwrap();
    let own = format!("{}/made_now", server.superuser_url().rsplit_once('/').unwrap().0);
    psql_at(
        &server,
        &own,
        "DROP EXTENSION pg_trgm CASCADE; SET ROLE stock_owner; CREATE EXTENSION pg_trgm SCHEMA public",
    )
    .unwrap();
}

#[tokio::test]
async fn preparing_again_puts_roles_right() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let superuser = Session::open(database.superuser_url()).await.unwrap();
    superuser
        .run("ALTER ROLE stock_clerk LOGIN SUPERUSER CREATEROLE; GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC")
        .await
        .unwrap();
    prepare::init(&settings(&server), &database.name).await.unwrap();
    let powers = "SELECT concat_ws(' ', rolcanlogin, rolsuper, rolcreaterole) FROM pg_roles WHERE rolname = 'stock_clerk'";
    assert_eq!(superuser.value(powers).await, "f f f");
    assert_eq!(without_fsync(findings(&database).await), []);
}

#[tokio::test]
async fn two_can_prepare_one_server_at_the_same_time() {
    let server = TestServer::own(&[]);
    let settings = settings(&server);
    let outcomes = tokio::join!(
        prepare::init(&settings, "twice"),
        prepare::init(&settings, "twice"),
        prepare::init(&settings, "once"),
    );
    let prepared = [outcomes.0.unwrap(), outcomes.1.unwrap(), outcomes.2.unwrap()];
    assert_eq!(prepared.iter().filter(|one| one.database_created).count(), 2);
    let migrations: Vec<usize> = prepared.iter().map(|one| one.migrations.len()).collect();
    assert_eq!(migrations[0].min(migrations[1]), 0, "{migrations:?}");
    assert_eq!(migrations[0].max(migrations[1]), migrations[2], "{migrations:?}");
}

#[tokio::test]
async fn a_server_without_pgaudit_is_refused_with_what_to_change() {
    let server = TestServer::own(&[("shared_preload_libraries", "")]);
    let refused = prepare::init(&settings(&server), "stock_management").await.unwrap_err();
    assert!(matches!(refused, Error::NotPrepared { .. }), "{refused:?}");
    let output = stockroom(&server.superuser_url(), &["db", "init"]);
    assert_eq!(output.status.code(), Some(4));
    let complaint = String::from_utf8(output.stderr).unwrap();
    for words in [
        "pgaudit is installed but not loaded",
        "shared_preload_libraries",
        "postgresql.conf",
        "restart the server",
    ] {
        assert!(complaint.contains(words), "{words} is missing from: {complaint}");
    }
    let databases = psql_at(
        &server,
        &server.superuser_url(),
        "SELECT count(*) FROM pg_database WHERE datname = 'stock_management'",
    );
    assert_eq!(databases.unwrap(), "0", "something was made all the same");
}

#[tokio::test]
async fn preparing_requires_a_superuser() {
    let database = TestDatabase::new().await;
    let admin: ConnectionSettings = database.url("admin").parse().unwrap();
    let refused = prepare::init(&admin.with_database("postgres"), "another").await.unwrap_err();
    assert!(refused.to_string().contains("superuser"), "{refused}");
}

/// Settings that a server may have wrong, and how they are judged.
const WRONG: [(&str, &str, CheckSeverity); 14] = [
    ("pgaudit.log", "write", CheckSeverity::Unsafe),
    ("pgaudit.log_parameter", "off", CheckSeverity::Unsafe),
    ("pgaudit.log_level", "debug1", CheckSeverity::Unsafe),
    ("pgaudit.log_client", "on", CheckSeverity::Unsafe),
    ("log_destination", "stderr", CheckSeverity::Unsafe),
    ("log_error_verbosity", "default", CheckSeverity::Unsafe),
    ("log_min_messages", "panic", CheckSeverity::Unsafe),
    ("log_connections", "off", CheckSeverity::Unsafe),
    ("log_timezone", "Europe/Rome", CheckSeverity::Unsafe),
    ("max_prepared_transactions", "10", CheckSeverity::Unsafe),
    ("synchronous_commit", "off", CheckSeverity::Unsafe),
    ("max_pred_locks_per_page", "2", CheckSeverity::Advice),
    ("log_rotation_age", "1h", CheckSeverity::Advice),
    ("log_filename", "other-%Y.log", CheckSeverity::Advice),
];

#[tokio::test]
async fn each_wrong_setting_is_reported_with_its_remedy() {
    let server = TestServer::own(&WRONG.map(|(name, value, _)| (name, value)));
    let database = TestDatabase::on(&server).await;
    // The auditor sees all that the superuser sees.
    let found = without_fsync(database.store("auditor").check().await.unwrap());
    assert_eq!(found, without_fsync(findings(&database).await));
    for (name, value, weight) in WRONG {
        let finding = found.iter().find(|finding| finding.subject == name);
        let finding = finding.unwrap_or_else(|| panic!("{name} is not reported"));
        assert_eq!((finding.severity, finding.found.as_str()), (weight, value), "{name}");
        assert!(finding.remedy.starts_with(&format!("{name} = '")), "{}", finding.remedy);
    }
    assert_eq!(found.len(), WRONG.len(), "{found:?}");
    assert!(found.is_sorted_by_key(|finding| finding.severity), "the gravest come first");
    let restart = found.iter().find(|finding| finding.subject == "max_prepared_transactions").unwrap();
    assert!(restart.remedy.ends_with("restart the server"), "{}", restart.remedy);

    let output = stockroom(database.superuser_url(), &["db", "check", "--json"]);
    assert_eq!(output.status.code(), Some(6));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // Such a server writes no mark that could be found: the disk of its log is not seen.
    assert!(report["log"]["not_seen"].is_string(), "{report}");
    assert_eq!(report["findings"].as_array().unwrap().len(), WRONG.len() + 2);
}

#[tokio::test]
async fn a_database_that_was_never_prepared_says_so() {
    let server = TestServer::shared();
    let store = Store::new(settings(server), 1).unwrap();
    let found = without_fsync(store.check().await.unwrap());
    assert!(
        found.iter().any(|finding| finding.subject == "schema stock" && finding.found == "missing"),
        "{found:?}"
    );
}
