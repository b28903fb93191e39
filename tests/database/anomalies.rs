//! The anomalies that concurrent transactions can cause: lost update, check-then-act, write skew, phantom. Each is
//! brought about twice in a fixed order of statements: with plain tables at each isolation level, and in Stockroom,
//! where it is prevented. `docs/security.md` shows the results.

use stockroom::domain::Tracking;
use stockroom::service::{Issue, new_id};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::support::commands::{issue, lot_receipt, receipt};
use crate::support::database::{TestDatabase, product};
use crate::support::raw::{assert_books_balance, connect, number, until_waiting};

const READ_COMMITTED: &str = "READ COMMITTED";
const REPEATABLE_READ: &str = "REPEATABLE READ";
const SERIALIZABLE: &str = "SERIALIZABLE";

/// A statement of one of two sessions.
type Step<'a> = (usize, &'a str);

/// Runs the statements of two sessions in their order, each session in one transaction at `level`, and returns the
/// sessions whose transaction failed because of the other.
async fn interleaved(database: &TestDatabase, level: &str, steps: &[Step<'_>]) -> Vec<usize> {
    let url = database.superuser_url();
    let sessions = [connect(url).await, connect(url).await];
    for session in &sessions {
        session.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}")).await.unwrap();
    }
    let mut failed = Vec::new();
    for (number, statement) in steps {
        if failed.contains(number) {
            continue;
        }
        if let Err(error) = sessions[*number].batch_execute(statement).await {
            assert_eq!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE), "{statement}: {error:?}");
            failed.push(*number);
        }
    }
    failed
}

/// Runs the steps at each level on tables made anew, and returns what `outcome` then selects. At SERIALIZABLE one of
/// the two transactions must fail.
async fn at_each_level(tables: &str, steps: &[Step<'_>], outcome: &str) -> [i64; 3] {
    let database = TestDatabase::new().await;
    let superuser = connect(database.superuser_url()).await;
    let mut found = [0; 3];
    for (level, found) in [READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE].into_iter().zip(&mut found) {
        superuser
            .batch_execute(&format!(
                "DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain; SET search_path = plain; {tables}"
            ))
            .await
            .unwrap();
        let failed = interleaved(&database, level, steps).await;
        assert!(level != SERIALIZABLE || failed.len() == 1, "{failed:?}");
        assert!(level != READ_COMMITTED || failed.is_empty(), "{failed:?}");
        *found = superuser.query_one(outcome, &[]).await.unwrap().get(0);
    }
    found
}

/// The INSERT of one movement as a clerk with psql sends it. Empty places stand for the outside world.
fn movement(kind: &str, sku: &str, quantity: u32, from: &str, to: &str, lot: &str) -> String {
    let id = new_id();
    format!(
        "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, quantity)
         SELECT '{id}', stock.uuid_time('{id}'), '{id}', '{kind}', p.product_id,
             (SELECT lot_id FROM stock.lots l WHERE l.product_id = p.product_id AND l.code = '{lot}'),
             (SELECT location_id FROM stock.locations WHERE code = '{from}'),
             (SELECT location_id FROM stock.locations WHERE code = '{to}'), {quantity}
         FROM stock.products p WHERE p.sku = '{sku}'"
    )
}

/// A session of a login that has run a statement and has not committed.
async fn uncommitted(database: &TestDatabase, login: &str, statement: &str) -> Client {
    let session = connect(&database.url(login)).await;
    session.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    session.batch_execute(statement).await.unwrap();
    session
}

/// The commit of a session that must fail because of what another session committed.
async fn assert_commit_fails(session: &Client) {
    let error = session.batch_execute("COMMIT").await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE), "{error:?}");
}

#[tokio::test]
async fn lost_update_two_receipts_of_one_product() {
    // Both read 10; one adds 5, the other 3, and each writes its own sum.
    let read = "SELECT on_hand FROM plain.levels";
    let steps = [
        (0, read),
        (1, read),
        (0, "UPDATE plain.levels SET on_hand = 15"),
        (0, "COMMIT"),
        (1, "UPDATE plain.levels SET on_hand = 13"),
        (1, "COMMIT"),
    ];
    let tables = "CREATE TABLE levels (on_hand bigint); INSERT INTO levels VALUES (10)";
    let found = at_each_level(tables, &steps, "SELECT on_hand FROM plain.levels").await;
    assert_eq!(found, [13, 15, 15], "the receipt of 5 is lost; or one of the two failed");

    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "10", "X")).await.unwrap();
    let other = uncommitted(&database, "clerk", &movement("receipt", "A", 5, "", "X", "")).await;
    let posting = tokio::spawn(async move { clerk.receive(receipt("A", "3", "X")).await });
    until_waiting(&connect(database.superuser_url()).await, "clerk", 1).await;
    other.batch_execute("COMMIT").await.unwrap();
    let posted = posting.await.unwrap().unwrap();
    assert_eq!(posted.levels[0].on_hand, 18.into());
    assert!(posted.attempts > 1, "the first attempt was made before the other committed");
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn check_then_act_two_issues_of_the_last_goods() {
    // Both find 10 in the plain ledger, and each takes 6. A check that fails divides by zero.
    let check = "SELECT 1 / (sum(quantity) >= 6)::integer FROM plain.movements";
    let act = "INSERT INTO plain.movements VALUES (-6)";
    let steps = [(0, check), (1, check), (0, act), (1, act), (0, "COMMIT"), (1, "COMMIT")];
    let tables = "CREATE TABLE movements (quantity bigint); INSERT INTO movements VALUES (10)";
    let found = at_each_level(tables, &steps, "SELECT sum(quantity)::bigint FROM plain.movements").await;
    assert_eq!(found, [-2, -2, 4], "12 of 10 are issued, unless one of the two failed");

    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "10", "X")).await.unwrap();
    let other = uncommitted(&database, "clerk", &movement("issue", "A", 6, "X", "", "")).await;
    let posting = tokio::spawn(async move { clerk.issue(issue("A", "6", "X")).await });
    until_waiting(&connect(database.superuser_url()).await, "clerk", 1).await;
    other.batch_execute("COMMIT").await.unwrap();
    let refused = posting.await.unwrap().unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "insufficient_stock", "{refused}");
    assert!(refused.to_string().contains("have 4, need 6"), "{refused}");
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 4);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn write_skew_one_serial_number_received_twice() {
    // Each finds the serial number nowhere and puts it into its own place: different rows, so neither waits.
    let check = "SELECT 1 / (sum(on_hand) = 0)::integer FROM plain.levels";
    let steps = [
        (0, check),
        (1, check),
        (0, "UPDATE plain.levels SET on_hand = 1 WHERE place = 'X'"),
        (1, "UPDATE plain.levels SET on_hand = 1 WHERE place = 'Y'"),
        (0, "COMMIT"),
        (1, "COMMIT"),
    ];
    let tables = "CREATE TABLE levels (place text PRIMARY KEY, on_hand bigint); INSERT INTO levels VALUES ('X', 0), ('Y', 0)";
    let found = at_each_level(tables, &steps, "SELECT sum(on_hand)::bigint FROM plain.levels").await;
    assert_eq!(found, [2, 2, 1], "one piece stands in two places, unless one of the two failed");

    let database = TestDatabase::new().await.with_catalogue(&[], &["X", "Y"]).await;
    database.service("admin").add_product(product("DRILL", Tracking::Serial)).await.unwrap();
    let clerk = database.service("clerk");
    for place in ["X", "Y"] {
        clerk.receive(lot_receipt("DRILL", "1", place, "S1", "")).await.unwrap();
        let named = Issue { lot: Some("S1".parse().unwrap()), ..issue("DRILL", "1", place) };
        clerk.issue(named).await.unwrap();
    }
    let other = uncommitted(&database, "clerk", &movement("receipt", "DRILL", 1, "", "X", "S1")).await;
    clerk.receive(lot_receipt("DRILL", "1", "Y", "S1", "")).await.unwrap();
    assert_commit_fails(&other).await;
    let refused = clerk.receive(lot_receipt("DRILL", "1", "X", "S1", "")).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "serial_is_unique", "{refused}");
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 1);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn phantom_first_goods_in_a_location_that_is_archived() {
    // One finds no row of Y and archives it; the other finds it open and inserts its first row.
    let steps = [
        (0, "SELECT 1 / (count(*) = 0)::integer FROM plain.levels WHERE place = 'Y'"),
        (1, "SELECT 1 / (NOT archived)::integer FROM plain.places WHERE code = 'Y'"),
        (1, "INSERT INTO plain.levels VALUES ('Y', 5)"),
        (1, "COMMIT"),
        (0, "UPDATE plain.places SET archived = true WHERE code = 'Y'"),
        (0, "COMMIT"),
    ];
    let tables = "CREATE TABLE places (code text PRIMARY KEY, archived boolean); INSERT INTO places VALUES ('Y', false);
        CREATE TABLE levels (place text, on_hand bigint)";
    let lost = "SELECT coalesce(sum(on_hand), 0)::bigint FROM plain.levels JOIN plain.places ON code = place WHERE archived";
    assert_eq!(
        at_each_level(tables, &steps, lost).await,
        [5, 5, 0],
        "goods in an archived place, unless one of the two failed"
    );

    let database = TestDatabase::new().await.with_catalogue(&["A"], &["Y"]).await;
    let archive = "UPDATE stock.locations SET archived_at = now() WHERE code = 'Y'";
    let other = uncommitted(&database, "admin", archive).await;
    database.service("clerk").receive(receipt("A", "5", "Y")).await.unwrap();
    assert_commit_fails(&other).await;
    let refused =
        database.service("admin").set_location_archived(&"Y".parse().unwrap(), true).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "location_not_empty", "{refused}");
    assert_books_balance(&database).await;
}

/// Makes the first location part of the second, as an admin with psql does.
fn put_into(inner: &str, outer: &str) -> String {
    format!(
        "UPDATE stock.locations SET parent_id = (SELECT location_id FROM stock.locations WHERE code = '{outer}') WHERE code = '{inner}'"
    )
}

/// Two admins look at the locations, each at a level; the first makes A part of B and commits, and the second then makes
/// B part of A. Returns how the second failed, and how many locations are part of another in the end.
async fn two_halves_of_a_ring(levels: [&str; 2]) -> (Option<SqlState>, i64) {
    let database = TestDatabase::new().await.with_catalogue(&[], &["A", "B"]).await;
    let admins = [connect(&database.url("admin")).await, connect(&database.url("admin")).await];
    for (admin, level) in admins.iter().zip(levels) {
        let begin = format!("BEGIN ISOLATION LEVEL {level}; SELECT FROM stock.locations");
        admin.batch_execute(&begin).await.unwrap();
    }
    admins[0].batch_execute(&(put_into("A", "B") + "; COMMIT")).await.unwrap();
    let second = admins[1].batch_execute(&(put_into("B", "A") + "; COMMIT")).await;
    let state = second.err().map(|error| error.code().unwrap().clone());
    (state, number(&database, "SELECT count(*) FROM stock.locations WHERE parent_id IS NOT NULL").await)
}

#[tokio::test]
async fn write_skew_two_locations_that_would_contain_each_other() {
    // Each finds the other location outside its own, and puts its own into the other.
    let check = |inner, outer| {
        format!(
            "SELECT 1 / (part_of IS DISTINCT FROM '{inner}')::integer FROM plain.places WHERE code = '{outer}'"
        )
    };
    let (first, second) = (check("A", "B"), check("B", "A"));
    let steps = [
        (0, first.as_str()),
        (1, second.as_str()),
        (0, "UPDATE plain.places SET part_of = 'B' WHERE code = 'A'"),
        (1, "UPDATE plain.places SET part_of = 'A' WHERE code = 'B'"),
        (0, "COMMIT"),
        (1, "COMMIT"),
    ];
    let tables =
        "CREATE TABLE places (code text PRIMARY KEY, part_of text); INSERT INTO places VALUES ('A'), ('B')";
    let found = at_each_level(tables, &steps, "SELECT count(part_of) FROM plain.places").await;
    assert_eq!(found, [2, 2, 1], "they contain each other, unless one of the two failed");

    // Only at READ COMMITTED does the second see what the first committed; whatever level the first has.
    let refused = SqlState::from_code("SR003");
    for first in [READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE] {
        for (second, expected) in [
            (READ_COMMITTED, &refused),
            (REPEATABLE_READ, &SqlState::T_R_SERIALIZATION_FAILURE),
            (SERIALIZABLE, &SqlState::T_R_SERIALIZATION_FAILURE),
        ] {
            let found = two_halves_of_a_ring([first, second]).await;
            assert_eq!(found, (Some(expected.clone()), 1), "{first}, then {second}");
        }
    }
}
