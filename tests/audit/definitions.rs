//! The definitions recorded with the program are those of a new database, and a verification refuses rows that may be hidden.

use std::path::Path;

use stockroom::audit::reconcile::VerifyError;
use stockroom::store::Store;
use stockroom::store::prepare::definitions::recorded;

use crate::support::audit::Collecting;
use crate::support::database::TestDatabase;
use crate::support::raw::connect;
use crate::support::server::TestServer;

const DIRECTORY: &str = "src/store/prepare/definitions";

/// Compares a recorded file with what a new database has, or writes it.
fn compare_or_write(name: &str, fresh: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DIRECTORY).join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, fresh).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = written.lines().zip(fresh.lines()).find(|(old, new)| old != new);
    assert!(written == fresh, "{name} is stale, run `make docs`; the first difference: {differing:?}");
}

#[tokio::test]
async fn recorded_definitions_are_those_of_a_new_database() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let superuser = connect(database.superuser_url()).await;
    superuser.batch_execute("SELECT audit.ensure_month(now())").await.unwrap();
    let store = Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
    let found = store.definitions().await.unwrap();
    compare_or_write("expected.txt", &recorded(&found));
    let (major, builtins) = store.builtin_definitions().await.unwrap();
    compare_or_write(&format!("builtins-{major}.txt"), &recorded(&builtins));
    // An auditor reads the same definitions.
    assert_eq!(database.store("auditor").definitions().await.unwrap(), found);
}

#[tokio::test]
async fn a_new_database_differs_in_nothing() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    assert_eq!(database.store("auditor").differences().await.unwrap(), []);
}

#[tokio::test]
async fn nothing_is_verified_while_rows_can_be_hidden() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    let superuser = connect(database.superuser_url()).await;
    let hide = "ALTER TABLE stock.stock_levels ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON stock.stock_levels TO clerk USING (true)";
    superuser.batch_execute(hide).await.unwrap();
    let refused = collecting.try_verify(&database, true).await.unwrap_err();
    assert!(
        matches!(&refused, VerifyError::RowSecurity { tables } if tables == "stock.stock_levels"),
        "{refused}"
    );
    // A query that would return less than there is fails.
    let read = database.store("auditor").stock(&Default::default()).await;
    assert!(read.unwrap_err().to_string().contains("row-level security"));
}

#[tokio::test]
async fn settings_of_a_login_do_not_change_how_names_are_resolved() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let superuser = connect(database.superuser_url()).await;
    let deceive = format!(
        "CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
         CREATE FUNCTION evil.pg_xact_status(xid8) RETURNS text LANGUAGE sql AS $$SELECT 'aborted'$$;
         CREATE VIEW evil.pg_roles AS SELECT * FROM pg_catalog.pg_roles WHERE false;
         ALTER ROLE auditor SET search_path = evil, pg_catalog; ALTER ROLE auditor SET row_security = on;
         ALTER DATABASE {} SET search_path = evil, pg_catalog",
        database.name
    );
    superuser.batch_execute(&deceive).await.unwrap();
    let found = database.store("auditor").check().await.unwrap();
    assert!(
        found.iter().any(|finding| finding.subject == "setting of auditor in every database"),
        "{found:#?}"
    );
    let differences = database.store("auditor").differences().await.unwrap();
    let subjects: Vec<&str> = differences.iter().map(|difference| difference.subject.as_str()).collect();
    assert_eq!(subjects, ["setting of this database: search_path"], "{differences:#?}");
}
