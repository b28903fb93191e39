//! `db check` on what could get round the audit: each way is opened for real, and must be reported with a remedy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

mod support;

use stockroom::store::Store;
use stockroom::store::prepare::Weight;
use support::database::TestDatabase;
use support::raw::connect;
use support::server::TestServer;

/// What is opened, how the subject of the finding begins, how grave it is, and how it is closed again.
const WAYS: [(&str, &str, Weight, &str); 16] = [
    (
        "ALTER EVENT TRIGGER pgaudit_sql_drop DISABLE",
        "event trigger pgaudit_sql_drop",
        Weight::Unsafe,
        "ALTER EVENT TRIGGER pgaudit_sql_drop ENABLE",
    ),
    ("DROP EXTENSION pgaudit", "extension pgaudit", Weight::Unsafe, "CREATE EXTENSION pgaudit"),
    (
        "GRANT SET ON PARAMETER pgaudit.log TO clerk",
        "parameter pgaudit.log",
        Weight::Unsafe,
        "REVOKE SET ON PARAMETER pgaudit.log FROM clerk",
    ),
    (
        "GRANT SET ON PARAMETER session_replication_role TO PUBLIC",
        "parameter session_replication_role",
        Weight::Unsafe,
        "REVOKE SET ON PARAMETER session_replication_role FROM PUBLIC",
    ),
    ("CREATE ROLE boss SUPERUSER LOGIN", "superuser boss", Weight::Advice, "DROP ROLE boss"),
    ("GRANT stock_owner TO clerk", "membership of clerk", Weight::Unsafe, "REVOKE stock_owner FROM clerk"),
    (
        "GRANT pg_write_all_data TO clerk",
        "membership of clerk",
        Weight::Unsafe,
        "REVOKE pg_write_all_data FROM clerk",
    ),
    (
        "GRANT stock_clerk TO stock_collector",
        "membership of stock_collector",
        Weight::Unsafe,
        "REVOKE stock_clerk FROM stock_collector",
    ),
    (
        "ALTER ROLE stock_collector SET pgaudit.log = 'none'",
        "setting of stock_collector",
        Weight::Unsafe,
        "ALTER ROLE stock_collector SET pgaudit.log = 'ddl,role,misc_set'",
    ),
    (
        "ALTER ROLE clerk SET log_min_messages = 'fatal'",
        "setting of clerk",
        Weight::Unsafe,
        "ALTER ROLE clerk RESET log_min_messages",
    ),
    (
        "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
        "subscription s",
        Weight::Unsafe,
        "ALTER SUBSCRIPTION s SET (slot_name = NONE); DROP SUBSCRIPTION s",
    ),
    (
        "CREATE FUNCTION public.post() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'",
        "definer function public.post()",
        Weight::Unsafe,
        "DROP FUNCTION public.post()",
    ),
    (
        "GRANT UPDATE ON stock.stock_levels TO clerk",
        "grant on stock_levels",
        Weight::Unsafe,
        "REVOKE UPDATE ON stock.stock_levels FROM clerk",
    ),
    (
        "GRANT INSERT ON audit.lines TO clerk",
        "grant on audit.lines",
        Weight::Unsafe,
        "REVOKE INSERT ON audit.lines FROM clerk",
    ),
    (
        "ALTER TABLE audit.lines DISABLE TRIGGER refuse_change",
        "trigger refuse_change of audit.lines",
        Weight::Unsafe,
        "ALTER TABLE audit.lines ENABLE ALWAYS TRIGGER refuse_change",
    ),
    (
        "ALTER TABLE audit.sealed ENABLE TRIGGER refuse_change",
        "trigger refuse_change of audit.sealed",
        Weight::Unsafe,
        "ALTER TABLE audit.sealed ENABLE ALWAYS TRIGGER refuse_change",
    ),
];

#[tokio::test]
async fn each_way_round_the_audit_is_reported() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let superuser = connect(database.superuser_url()).await;
    let auditor = database.store("auditor");
    let as_superuser = Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
    let before = auditor.check().await.unwrap();
    for (open, subject, weight, close) in WAYS {
        superuser.batch_execute(open).await.unwrap_or_else(|error| panic!("{open}: {error:?}"));
        // Whoever asks sees the same.
        for store in [&auditor, &as_superuser] {
            let found = store.check().await.unwrap();
            let new: Vec<_> = found.iter().filter(|finding| !before.contains(finding)).collect();
            assert!(
                !new.is_empty()
                    && new.iter().all(|finding| finding.subject.starts_with(subject)
                        && finding.weight == weight
                        && !finding.remedy.is_empty()),
                "{open}: {new:#?}"
            );
        }
        superuser.batch_execute(close).await.unwrap_or_else(|error| panic!("{close}: {error:?}"));
        assert_eq!(auditor.check().await.unwrap(), before, "{close}");
    }
}
