//! A session that blocks others: those who wait are told whose it is, an admin can end it, and the collector ends it.
//! And the shared resources that no login can take away from the others.

use std::time::{Duration, Instant};

use stockroom::service::Error as ServiceError;
use stockroom::store::{Error, Store};

use crate::support::audit::Collecting;
use crate::support::commands::{issue, receipt};
use crate::support::database::{LOGINS, TestDatabase};
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::session::Session;
use crate::support::wait::until;

/// Adds stock of A at X to a new database, and a psql session of the clerk that has issued one of it and not committed.
async fn scene(database: TestDatabase) -> (TestDatabase, Session, String) {
    let database = database.with_catalogue(&["A"], &["X"]).await;
    database.service("admin").receive(receipt("A", "10", "X")).await.unwrap();
    let session = Session::open(&database.url("clerk")).await.unwrap();
    let pid = session.value("SELECT pg_backend_pid()").await;
    let id = stockroom::service::new_id().uuid();
    session
        .run(&format!(
            "SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL SERIALIZABLE;
             INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, from_location_id, quantity)
             SELECT '{id}', stock.uuid_time('{id}'), '{id}', 'issue', product_id, location_id, 1 FROM stock.products, stock.locations"
        ))
        .await
        .unwrap();
    (database, session, pid)
}

/// The URL of a login whose sessions wait for a lock for a moment only.
fn impatient(database: &TestDatabase, login: &str) -> String {
    format!("{}?options=-c%20lock_timeout%3D200ms", database.url(login))
}

#[tokio::test]
async fn a_lock_timeout_names_the_holder_and_an_admin_ends_its_session() {
    let (database, _holder, pid) = scene(TestDatabase::new().await).await;
    let admin = database.store("admin");
    until("the clerk has held the stock for some seconds", async || {
        !admin.lock_holders().await.unwrap().is_empty()
    })
    .await;
    let store = Store::new(impatient(&database, "admin").parse().unwrap(), 2).unwrap();
    let other = stockroom::service::Service::new(store, None);
    let error = other.issue(issue("A", "1", "X")).await.unwrap_err();
    let ServiceError::Store(Error::Blocked { holders }) = &error else { panic!("{error:?}") };
    let named: Vec<(&str, String)> =
        holders.iter().map(|one| (one.login.as_str(), one.pid.to_string())).collect();
    assert_eq!(named, [("clerk", pid.clone())]);
    assert!(holders[0].held_seconds >= 3 && holders[0].client == "127.0.0.1", "{holders:?}");
    let told = error.to_string();
    assert!(told.contains("clerk has held it for "), "{told}");
    assert!(told.contains(&format!("`stockroom session end {pid}`")), "{told}");

    let pid: i32 = pid.parse().unwrap();
    assert!(database.store("clerk").end_session(pid).await.is_err(), "a clerk ends nobody's session");
    let listed = admin.sessions().await.unwrap();
    let holder = listed.iter().find(|session| session.pid == pid).unwrap();
    assert_eq!(holder.state.as_deref(), Some("idle in transaction"));
    assert!(holder.transaction_since.is_some() && !holder.is_waiting);
    assert_eq!(admin.end_session(pid).await.unwrap(), "clerk");
    other.issue(issue("A", "10", "X")).await.unwrap();
    let refused = admin.end_session(pid).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("no session {pid}")), "{refused}");
    let superuser = connect(database.superuser_url()).await;
    let pid: i32 = superuser.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let refused = admin.end_session(pid).await.unwrap_err().to_string();
    assert!(refused.contains("only a superuser"), "{refused}");
}

#[tokio::test]
async fn the_collector_ends_a_session_that_blocks_others() {
    // A server of its own: a collector first reads the whole log, to which every test on a shared server writes.
    let server = TestServer::own(&[]);
    let (database, holder, _) = scene(TestDatabase::on(&server).await).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    let other = database.service("admin");
    let began = Instant::now();
    // All ten: the one that was never committed is back.
    while let Err(error) = other.issue(issue("A", "10", "X")).await {
        assert!(matches!(error, ServiceError::Store(Error::Blocked { .. })), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(90), "nobody ended the session");
    }
    assert!(holder.client.batch_execute("COMMIT").await.is_err(), "its session was ended");
}

#[tokio::test]
async fn the_collector_ends_connections_that_leave_too_few_to_others() {
    let server = TestServer::own(&[("max_connections", "30")]);
    let database = TestDatabase::on(&server).await;
    let collecting = Collecting::of(&database).await;
    let superuser = connect(database.superuser_url()).await;
    let mut hoard = Vec::new();
    for _ in 0..21 {
        hoard.push(connect(&database.url("clerk")).await);
    }
    let open = async || -> i64 {
        let open = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clerk'";
        superuser.query_one(open, &[]).await.unwrap().get(0)
    };
    assert_eq!(open().await, 21);
    let _follower = collecting.follow(&database);
    until("six tenths are left", async || open().await == 18).await;
    assert!(hoard[0].simple_query("SELECT 1").await.is_ok(), "the oldest stay");
}

#[tokio::test]
async fn the_collector_ends_a_transaction_that_only_reads_and_never_ends() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let superuser = connect(database.superuser_url()).await;
    // With a limit that can be waited for.
    let definition = "SELECT replace(pg_get_functiondef('stock.end_stale_sessions()'::regprocedure), $$'1 hour'$$, $$'1 second'$$)";
    let definition: String = superuser.query_one(definition, &[]).await.unwrap().get(0);
    assert!(definition.contains("'1 second'"), "{definition}");
    superuser.batch_execute(&definition).await.unwrap();
    let clerk = Session::open(&database.url("clerk")).await.unwrap();
    let reading = clerk.client.batch_execute(
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM stock.transactions; SELECT pg_sleep(600)",
    );
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    assert!(reading.await.is_err(), "its session was ended");
}

#[tokio::test]
async fn resources_that_all_share_are_revoked_from_everybody() {
    let database = TestDatabase::new().await;
    for (login, _) in LOGINS {
        let session = Session::open(&database.url(login)).await.unwrap();
        for statement in [
            "SELECT pg_advisory_lock(1)",
            "SELECT pg_advisory_lock(1, 1)",
            "SELECT pg_advisory_lock_shared(1)",
            "SELECT pg_try_advisory_lock(hashtextextended('audit.collector', 0))",
            "SELECT pg_advisory_xact_lock(1)",
            "SELECT pg_try_advisory_xact_lock_shared(1, 1)",
            "SELECT lo_create(0)",
            "SELECT lo_creat(-1)",
            "SELECT lo_from_bytea(0, 'x')",
            "SELECT pg_notify('a', 'b')",
            "SELECT pg_logical_emit_message(false, 'a', 'b')",
            "SELECT pg_logical_emit_message(true, 'a', 'b'::bytea)",
            "SET temp_file_limit = -1",
            "SELECT stock.end_stale_sessions()",
            "CREATE TEMP TABLE t (i int)",
        ] {
            let refused = session.attempt("READ COMMITTED", statement).await.expect_err(statement);
            assert_eq!(refused.sqlstate, "42501", "{login}: {statement}: {}", refused.message);
        }
        assert_eq!(session.value("SHOW temp_file_limit").await, "4GB");
    }
    let clerk = Session::open(&database.url("clerk")).await.unwrap();
    // One posting's locks at a time, and only in the namespace of levels.
    let held = "SELECT count(*) || ' ' || min(classid::bigint) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'";
    clerk.run("SELECT stock.lock_levels(ARRAY(SELECT generate_series(1, 64)))").await.unwrap();
    clerk.run("SELECT stock.lock_levels(ARRAY(SELECT generate_series(101, 103)))").await.unwrap();
    assert_eq!(clerk.value(held).await, "3 1937006964");
    let too_many =
        clerk.run("SELECT stock.lock_levels(ARRAY(SELECT generate_series(1, 65)))").await.unwrap_err();
    assert_eq!(too_many.rule, "levels_locked_max");
}
