//! Which ciphertexts and keys of personal data a login gets from the database.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::support::database::TestDatabase;
use crate::support::raw::{connect, until_waiting};
use crate::support::session::Session;

/// A data key of the person `clerk`, announced and stored in one transaction under version 1 of the keyring.
const KEY_EVENT: &str = "INSERT INTO stock.privacy_events (kind, subject_kind, subject, key_id) VALUES ('key_created', 'person', 'clerk', '00000000-0000-0000-0000-000000000007')";
const KEY_STORED: &str = "SELECT stock.store_data_key('00000000-0000-0000-0000-000000000007', 1, decode(repeat('01', 129), 'hex'))";
const ERASED: &str = "INSERT INTO stock.privacy_events (kind, subject_kind, subject, ground) VALUES ('erased', 'person', 'clerk', 'asked')";
/// A name of the form of a ciphertext under this key.
const NAMED: &str = "INSERT INTO stock.person_names (login, full_name) VALUES ('clerk', decode('01' || repeat('00', 15) || '07' || repeat('00', 64), 'hex'))";

/// The name of the rule that refused a statement.
fn rule(error: &Error) -> &str {
    error.as_db_error().and_then(|error| error.constraint()).unwrap_or_default()
}

/// A database with a keyring at version 1, its superuser, and two sessions of the admin.
async fn with_keyring() -> (TestDatabase, Client, [Client; 2]) {
    let database = TestDatabase::new().await;
    let admins = [connect(&database.url("admin")).await, connect(&database.url("admin")).await];
    for admin in &admins {
        admin.batch_execute("SET default_transaction_isolation = 'read committed'").await.unwrap();
    }
    let created = "INSERT INTO stock.privacy_events (kind, key_version, fingerprint) VALUES ('keyring_created', 1, repeat('0', 16))";
    admins[0].batch_execute(created).await.unwrap();
    let superuser = connect(database.superuser_url()).await;
    (database, superuser, admins)
}

/// Runs a statement in the second session, which has to wait for the first, commits the first, and returns what the
/// second got.
async fn after_the_first(
    superuser: &Client,
    [first, second]: &[Client; 2],
    statement: &str,
) -> Result<(), Error> {
    let (waited, ()) = tokio::join!(second.batch_execute(statement), async {
        until_waiting(superuser, "admin", 1).await;
        first.batch_execute("COMMIT").await.unwrap();
    });
    waited
}

#[tokio::test]
async fn keys_are_changed_at_read_committed() {
    let database = TestDatabase::new().await;
    let admin = connect(&database.url("admin")).await;
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        for statement in [KEY_STORED, "SELECT stock.rewrap_data_keys(2, '{}', '{}')", ERASED] {
            admin.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}")).await.unwrap();
            let refused = admin.batch_execute(statement).await.unwrap_err();
            assert_eq!(rule(&refused), "keys_change_at_read_committed", "{level}: {statement}");
            admin.batch_execute("ROLLBACK").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_is_not_stored_under_a_version_that_was_rotated_away() {
    let (_database, superuser, admins) = with_keyring().await;
    let rotated = "INSERT INTO stock.privacy_events (kind, key_version, fingerprint) VALUES ('keyring_rotated', 2, repeat('1', 16))";
    let rewrapped = "SELECT stock.rewrap_data_keys(2, '{}', '{}')";
    admins[0].batch_execute(&format!("BEGIN; {rotated}; {rewrapped}")).await.unwrap();
    let stored = format!("BEGIN; {KEY_EVENT}; {KEY_STORED}; COMMIT");
    let refused = after_the_first(&superuser, &admins, &stored).await.unwrap_err();
    assert_eq!(rule(&refused), "wrapped_by_current_version", "{refused:?}");
}

#[tokio::test]
async fn a_name_is_not_stored_under_a_key_that_is_being_destroyed() {
    let (_database, superuser, admins) = with_keyring().await;
    admins[0].batch_execute(&format!("BEGIN; {KEY_EVENT}; {KEY_STORED}; COMMIT")).await.unwrap();
    // The name first: then it is there when the key is to be destroyed.
    admins[0].batch_execute(&format!("BEGIN; {NAMED}")).await.unwrap();
    let refused = after_the_first(&superuser, &admins, ERASED).await.unwrap_err();
    assert_eq!(rule(&refused), "emptied_before_erasure", "{refused:?}");
    // The key first, and the name at a level that waits for it and sees that it has gone, or fails.
    for (level, expected) in [
        ("READ COMMITTED", SqlState::from_code("SR003")),
        ("REPEATABLE READ", SqlState::T_R_SERIALIZATION_FAILURE),
    ] {
        let erased = format!("BEGIN; DELETE FROM stock.person_names; {ERASED}");
        admins[0].batch_execute(&erased).await.unwrap();
        let begin = format!("BEGIN ISOLATION LEVEL {level}; SELECT FROM stock.person_names");
        admins[1].batch_execute(&begin).await.unwrap();
        let refused = after_the_first(&superuser, &admins, NAMED).await.unwrap_err();
        assert_eq!(refused.code(), Some(&expected), "{level}: {refused:?}");
        admins[1].batch_execute("ROLLBACK").await.unwrap();
        admins[0].batch_execute(&format!("BEGIN; {KEY_EVENT}; {KEY_STORED}; {NAMED}; COMMIT")).await.unwrap();
    }
}

#[tokio::test]
async fn clerks_read_of_partners_what_shipping_needs() {
    let database = TestDatabase::new().await;
    let clerk = Session::open(&database.url("clerk")).await.unwrap();
    clerk.run("SELECT code, name, kind, contact_name, telephone, address FROM stock.partners").await.unwrap();
    clerk.run("SELECT kind, key_version, fingerprint FROM stock.privacy_events").await.unwrap();
    for sql in [
        "SELECT email FROM stock.partners",
        "SELECT tax_number FROM stock.partners",
        "SELECT note FROM stock.partners",
        "SELECT ground FROM stock.privacy_events",
        "SELECT stock.store_data_key(NULL, 1, NULL)",
        "SELECT stock.rewrap_data_keys(1, '{}', '{}')",
    ] {
        assert_eq!(clerk.run(sql).await.unwrap_err().sqlstate, "42501", "{sql}");
    }
    for person in ["auditor", "analyst"] {
        let session = Session::open(&database.url(person)).await.unwrap();
        let refused = session.run("SELECT * FROM stock.data_keys_of('partner', NULL)").await.unwrap_err();
        assert_eq!(refused.sqlstate, "42501", "{person}");
    }
}
