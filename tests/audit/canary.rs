//! Marked personal data is entered in every possible way and then searched for wherever the server and the program
//! leave traces: none may be found. The tests also show what cannot be prevented, and why encryption in a trigger is
//! not used.

mod site;

use std::fs;
use std::process::Command;

use stockroom::audit::reconcile::{Report, Severity};
use stockroom::domain::{PartnerField, Subject};
use stockroom::privacy::DataKey;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};
use crate::support::raw::{connect, number};
use crate::support::search::{files_with, forms};
use crate::support::server::{TestServer, psql_at};
use crate::support::wait::until;

use self::site::Site;

/// What every marked value begins with.
const MARK: &str = "Qanarybird";
/// A literal that is typed in psql: the one thing that the server writes down before anything can refuse it.
const TYPED: &str = "Typedbird";

fn alarms(report: &Report) -> Vec<String> {
    let alarms = report.findings.iter().filter(|finding| finding.severity == Severity::Alarm);
    alarms.map(|finding| format!("{finding:?}")).collect()
}

#[tokio::test]
async fn no_personal_data_and_no_key_are_left_anywhere() {
    let site = Site::new().await;
    let collecting = Collecting::of(&site.database).await;
    let _follower = collecting.follow(&site.database);
    site.enter().await;
    site.fail().await;
    site.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
    site.import();
    site.order();
    site.look();
    site.done(&["privacy", "classify", "tax_number", "not-personal"]);
    site.done(&["privacy", "classify", "tax_number", "personal"]);
    let shown = site.done(&["partner", "show", "C1"]).stdout;
    assert!(shown.contains(MARK), "the marks can be found where they may be: {shown}");

    let wrapped = site.database.store("admin").data_keys("partner", None).await.unwrap().remove(0);
    refuse_key(&site, &wrapped.wrapped).await;
    site.done(&["privacy", "rotate"]);
    site.done(&["privacy", "restrict", "C1", "--ground", "a dispute"]);
    site.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
    until("the log has been collected", async || {
        let last =
            "SELECT count(*) FROM audit.lines WHERE object_name = 'stock.transactions' AND class = 'WRITE'";
        number(&site.database, last).await > 0
    })
    .await;

    let report = collecting.verify(&site.database).await;
    assert_eq!(alarms(&report), Vec::<String>::new());
    let changes =
        "SELECT count(*) FROM audit.lines WHERE object_name = 'stock.privacy_events' AND class = 'WRITE'";
    assert!(number(&site.database, changes).await >= 4, "the events of the keys are recorded");
    let recorded =
        "SELECT count(*) FROM audit.lines WHERE object_name = 'stock.data_keys' AND class = 'WRITE'";
    assert_eq!(number(&site.database, recorded).await, 0);
    let called = "SELECT count(*) FROM audit.lines WHERE convert_from(raw, 'UTF8') ~ 'AUDIT.*SELECT stock.(store|rewrap)_data_key'";
    assert_eq!(number(&site.database, called).await, 0);

    let exported = site.export();
    let backup = site.base_backup().await;
    let places = [
        ("the data directory with its WAL and log", site.server.data_dir()),
        ("a base backup", backup.path().to_owned()),
        ("journal, log and drafts of the program", site.program.state_dir().to_owned()),
        ("what is exported", exported.path().to_owned()),
        ("the evidence", collecting.place.path().to_owned()),
    ];
    let hexadecimal: String = wrapped.wrapped.iter().map(|byte| format!("{byte:02x}")).collect();
    let keys = fs::read_to_string(site.keyring_path()).unwrap();
    let key = keys.lines().last().unwrap().split_once(':').unwrap().1.to_owned();
    for (name, place) in &places {
        for needle in forms(MARK) {
            assert_eq!(files_with(place, &needle), Vec::<String>::new(), "{name} holds a marked value");
        }
        assert_eq!(files_with(place, key.as_bytes()), Vec::<String>::new(), "{name} holds the keyring");
        assert_eq!(
            files_with(place, hexadecimal.as_bytes()),
            Vec::<String>::new(),
            "{name} holds a wrapped key as text"
        );
    }
    let logs = site.database.log_dir();
    assert_eq!(files_with(logs, &wrapped.wrapped), Vec::<String>::new(), "the log holds a wrapped key");
    // The search finds what is there.
    assert!(!files_with(logs, b"stock.privacy_events").is_empty());

    let raw = connect(&site.database.url("admin")).await;
    let typed = format!("UPDATE stock.partners SET email = '{TYPED}' WHERE code = 'C1'");
    raw.batch_execute(&typed).await.unwrap_err();
    until("the refused literal is in the log, as docs/privacy.md says", async || {
        !files_with(logs, TYPED.as_bytes()).is_empty()
    })
    .await;
}

/// A key that is refused leaves no trace of itself in the log: neither without its event, nor twice, nor malformed.
async fn refuse_key(site: &Site, wrapped: &[u8]) {
    let raw = connect(&site.database.url("admin")).await;
    raw.batch_execute("SET default_transaction_isolation = 'read committed'").await.unwrap();
    let refused = async |sql: &str, version: i32, key: &[u8]| {
        let error = raw.query(sql, &[&uuid::Uuid::from_u128(7), &version, &key]).await.unwrap_err();
        error.as_db_error().unwrap().constraint().unwrap_or_default().to_owned()
    };
    let store = "SELECT stock.store_data_key($1, $2, $3)";
    assert_eq!(refused(store, 1, wrapped).await, "key_has_event");
    let event = "INSERT INTO stock.privacy_events (kind, subject_kind, subject, key_id) VALUES ('key_created', 'partner', 'C1', '00000000-0000-0000-0000-000000000007')";
    for (key, rule) in [(wrapped, "one_key_each"), (&wrapped[1..], "wrapped_key_form")] {
        raw.batch_execute(&format!("BEGIN; {event}")).await.unwrap();
        assert_eq!(refused(store, 1, key).await, rule);
        raw.batch_execute("ROLLBACK").await.unwrap();
    }
    // What a superuser writes within a function is recorded, so a superuser is refused.
    let superuser = connect(site.database.superuser_url()).await;
    let error = superuser.batch_execute(event).await.unwrap_err();
    assert_eq!(error.as_db_error().unwrap().constraint(), Some("keys_managed_by_admins"));
}

#[tokio::test]
async fn after_erasure_and_rotation_an_old_backup_gives_nothing() {
    let site = Site::new().await;
    site.enter().await;
    let backup = site.directory.path().join("backup.dump");
    let program = |name: &str| Command::new(site.server.installation().program(name));
    let ran = program("pg_dump")
        .args(["-Fc", "-d", site.database.superuser_url(), "-f"])
        .arg(&backup)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let old_keyring = site.keyring();
    site.done(&["privacy", "erase", "C1", "--ground", "asked"]);
    site.done(&["privacy", "erase", "--user", "clerk", "--ground", "asked"]);
    site.done(&["privacy", "rotate"]);

    let superuser = connect(site.database.superuser_url()).await;
    superuser.batch_execute("CREATE DATABASE restored TEMPLATE template0").await.unwrap();
    let restored = site.database.superuser_url().replace(&site.database.name, "restored");
    let ran = program("pg_restore").args(["-d", &restored]).arg(&backup).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let stored = stockroom::store::Store::new(restored.parse().unwrap(), 1).unwrap();
    let subject = || Subject::Partner("C1".parse().unwrap());
    let wrapped = stored.data_keys("partner", None).await.unwrap().remove(0);
    assert!(DataKey::unwrap(&old_keyring, subject(), &wrapped).is_ok(), "the backup has the key");
    assert!(
        DataKey::unwrap(&site.keyring(), subject(), &wrapped).is_err(),
        "today's keyring does not open it"
    );
    let url = site.database.url("admin").replace(&site.database.name, "restored");
    let mut command = Program::new(&url).command(&["partner", "show", "C1"]);
    command.env("STOCKROOM_ENCRYPTION_KEY_FILE", site.keyring_path());
    let shown = Ran::of(&command.output().unwrap());
    assert_eq!(shown.code, 2, "{shown:?}");
    assert!(!shown.stdout.contains(MARK) && shown.stderr.contains("under version 1"), "{shown:?}");
}

#[tokio::test]
async fn a_data_key_changed_without_the_functions_is_reported() {
    let site = Site::new().await;
    let collecting = Collecting::of(&site.database).await;
    let _follower = collecting.follow(&site.database);
    site.enter().await;
    let superuser = connect(site.database.superuser_url()).await;
    superuser.batch_execute("DELETE FROM stock.data_keys WHERE subject = 'C1'").await.unwrap();
    until("the deletion has been collected", async || {
        number(&site.database, "SELECT count(*) FROM audit.lines WHERE object_name = 'stock.data_keys'").await
            > 0
    })
    .await;
    let report = collecting.verify(&site.database).await;
    let found = alarms(&report);
    assert!(found.iter().any(|alarm| alarm.contains("DELETE of stock.data_keys")), "{found:?}");
    let checked = site.run(&["privacy", "check"]);
    assert_eq!(checked.code, 6, "{checked:?}");
    assert!(checked.stdout.contains("email of C1 has no data key"), "{checked:?}");
}

/// pgcrypto in a trigger with a key in a setting, and a view that decrypts: texts and key are in the log.
#[tokio::test]
async fn encrypting_in_a_trigger_leaves_texts_and_key_in_the_log() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let session = connect(database.superuser_url()).await;
    session
        .batch_execute(
            "CREATE SCHEMA usual; CREATE EXTENSION pgcrypto SCHEMA usual; SET search_path = usual, pg_catalog;
             CREATE TABLE people (name text, secret bytea);
             CREATE FUNCTION encrypt_name() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN NEW.secret := pgp_sym_encrypt(NEW.name, current_setting('app.key'), 'cipher-algo=aes256'); NEW.name := NULL; RETURN NEW; END; $$;
             CREATE TRIGGER encrypt_name BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION encrypt_name();
             CREATE VIEW people_decrypted AS SELECT pgp_sym_decrypt(secret, current_setting('app.key')) AS name FROM people;
             SET app.key = 'Keybird'",
        )
        .await
        .unwrap();
    session.execute("INSERT INTO people (name) VALUES ($1)", &[&"Insertedbird"]).await.unwrap();
    // A reader makes a slip: the message of the error, which is logged, holds the decrypted value.
    session.query("SELECT name::integer FROM people_decrypted", &[]).await.unwrap_err();
    // A reader searches, and the statement fails or is cancelled: its text is logged.
    session
        .batch_execute("SELECT 1 / count(*) * 0 / 0 FROM people_decrypted WHERE name = 'Soughtbird'")
        .await
        .unwrap_err();
    let logs = database.log_dir().to_owned();
    for needle in [
        "Keybird",
        "Insertedbird",
        "invalid input syntax for type integer: \\\"Insertedbird\\\"",
        "Soughtbird",
    ] {
        until(&format!("{needle} is in the log"), async || !files_with(&logs, needle.as_bytes()).is_empty())
            .await;
    }
}

/// The form of a ciphertext is not ours alone: with the keyring, pgcrypto opens it on a server apart.
#[tokio::test]
async fn pgcrypto_opens_a_value_with_the_keyring() {
    let site = Site::new().await;
    site.enter().await;
    let admin = site.database.store("admin");
    let wrapped = admin.data_keys("partner", None).await.unwrap().remove(0);
    let stored = admin.partners(Some(&["C1".parse().unwrap()])).await.unwrap().remove(0);
    let stockroom::domain::StoredField::Bytes(value) = &stored.fields[&PartnerField::Email] else {
        panic!("an admin reads all fields")
    };
    let keyring = fs::read_to_string(site.keyring_path()).unwrap();
    let key = keyring.lines().last().unwrap().split_once(':').unwrap().1;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sql = include_str!("open_value.sql")
        .replace(":key", key)
        .replace(":wrapped", &hex(&wrapped.wrapped))
        .replace(":value", &hex(value))
        .replace(":id", &wrapped.key_id.to_string());
    let superuser = connect(site.database.superuser_url()).await;
    superuser.batch_execute("CREATE DATABASE apart TEMPLATE template0").await.unwrap();
    let apart = site.database.superuser_url().replace(&site.database.name, "apart");
    psql_at(&site.server, &apart, "CREATE EXTENSION pgcrypto").unwrap();
    assert_eq!(psql_at(&site.server, &apart, &sql).unwrap(), format!("{MARK}email@example.com"));
}
