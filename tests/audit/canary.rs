//! Marked personal data entered by every way there is, then searched wherever the server and the program leave
//! something: none may be found. What cannot be kept out, and why the usual recipe is not used, is shown as well.

use std::fs;
use std::process::Command;

use stockroom::audit::reconcile::{Report, Severity};
use stockroom::domain::{Change, FieldChanges, PartnerChange, PartnerField, PersonalText, Subject};
use stockroom::privacy::{DataKey, Keyring, KeyringSource};
use tempfile::TempDir;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};
use crate::support::raw::{connect, number, until_waiting};
use crate::support::screen::Screen;
use crate::support::search::{files_with, forms};
use crate::support::server::{TestServer, psql_at};
use crate::support::wait::until;

/// What every marked value begins with.
const MARK: &str = "Qanarybird";
/// A literal that is typed in psql: the one thing that the server writes down before anything can refuse it.
const TYPED: &str = "Typedbird";

/// A site with a keyring, a program of an admin that logs everything, and a partner C1.
struct Site {
    server: TestServer,
    database: TestDatabase,
    program: Program,
    directory: TempDir,
}

impl Site {
    async fn new() -> Self {
        let server = TestServer::own(&[("log_lock_waits", "on")]);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
        let program = Program::new(&database.url("admin"));
        let site = Self { server, database, program, directory: tempfile::tempdir().unwrap() };
        site.done(&["privacy", "init"]);
        site
    }

    fn keyring_path(&self) -> std::path::PathBuf {
        self.directory.path().join("keyring")
    }

    fn keyring(&self) -> Keyring {
        KeyringSource::File(self.keyring_path()).load().unwrap().keyring
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(arguments);
        command.env("STOCKROOM_ENCRYPTION_KEY_FILE", self.keyring_path()).env("STOCKROOM_LOG", "trace");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran
    }

    /// Every field by the command line, a file, and the use case behind the screens.
    async fn enter(&self) {
        let value = |name: &str| format!("{MARK}{name}");
        let email = format!("{MARK}email@example.com");
        let (contact, telephone, tax) = (value("contact"), value("telephone"), value("tax"));
        self.done(&[
            "partner",
            "add",
            "C1",
            "--kind",
            "customer",
            "--contact-name",
            &contact,
            "--email",
            &email,
            "--telephone",
            &telephone,
            "--tax-number",
            &tax,
        ]);
        let file = self.directory.path().join("details.json");
        fs::write(&file, format!(r#"{{"address": "{MARK}street\n{MARK}town", "note": "{MARK}note"}}"#))
            .unwrap();
        self.done(&["partner", "change", "C1", "--details", file.to_str().unwrap()]);
        let text = PersonalText::of_partner(PartnerField::ContactName, &value("screen")).unwrap();
        let fields: FieldChanges = [(PartnerField::ContactName, Change::To(text))].into();
        let change = PartnerChange { code: "C1".parse().unwrap(), name: Change::Keep, fields };
        self.database.service("admin").change_partner(&change, Some(&self.keyring())).await.unwrap();
        self.done(&["user", "name", "clerk", &value("realname")]);
    }

    /// What is refused, fails, or is cut off half-way.
    async fn fail(&self) {
        let note = format!("{MARK}failed");
        for arguments in [
            ["partner", "change", "UNKNOWN", "--note", &note].as_slice(),
            &["partner", "add", "C1", "--kind", "customer", "--note", &note],
            &["partner", "change", "C1", "--email", &note],
        ] {
            assert_ne!(self.run(arguments).code, 0, "{arguments:?}");
        }
        // As a parameter of a statement of one's own: refused, and no parameter is logged.
        let raw = connect(&self.database.url("admin")).await;
        for (sql, value) in [
            ("UPDATE stock.partners SET email = $1 WHERE code = 'C1'", note.as_bytes()),
            (
                "UPDATE stock.partners SET note = $1 WHERE code = 'C1'",
                [b"\x00", note.as_bytes()].concat().as_slice(),
            ),
            ("INSERT INTO stock.partners (code, kind, note) VALUES ('C9', 'customer', $1)", note.as_bytes()),
        ] {
            if sql.starts_with("INSERT") {
                assert!(raw.execute(sql, &[&value]).await.is_err());
                continue;
            }
            let error = raw.execute(sql, &[&value]).await.unwrap_err();
            assert_eq!(
                error.as_db_error().unwrap().constraint(),
                Some("personal_data_is_encrypted"),
                "{sql}"
            );
        }
        self.cut_off(&note).await;
    }

    /// The program waits for a row; its session is ended; it is run again.
    async fn cut_off(&self, note: &str) {
        let superuser = connect(self.database.superuser_url()).await;
        let watcher = connect(self.database.superuser_url()).await;
        superuser
            .batch_execute("BEGIN; SELECT FROM stock.partners WHERE code = 'C1' FOR UPDATE")
            .await
            .unwrap();
        let mut waiting = self.command(&["partner", "change", "C1", "--note", note]).spawn().unwrap();
        until_waiting(&watcher, "admin", 1).await;
        let seen: i64 = watcher
            .query_one("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()", &[&MARK])
            .await
            .unwrap()
            .get(0);
        assert_eq!(seen, 0, "pg_stat_activity shows a value");
        watcher
            .batch_execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'admin' AND wait_event_type = 'Lock'")
            .await
            .unwrap();
        assert!(!waiting.wait().unwrap().success());
        // The program itself is killed while it waits.
        let mut killed = self.command(&["partner", "change", "C1", "--note", note]).spawn().unwrap();
        until_waiting(&watcher, "admin", 1).await;
        killed.kill().unwrap();
        killed.wait().unwrap();
        superuser.batch_execute("ROLLBACK").await.unwrap();
        self.done(&["partner", "change", "C1", "--note", note]);
    }

    /// A file with a column that the profile does not name; one row is posted and one is refused.
    fn import(&self) {
        let file = self.directory.path().join("movements.csv");
        let now = jiff::Timestamp::now();
        let header = "posting,reference,kind,occurred_at,reason,partner,sku,quantity,from,to,lot,expires,unit_price,reverses,contact_name";
        let row = |sku: &str| format!(",,receipt,{now},,,{sku},1,,X,,,,,{MARK}imported");
        fs::write(&file, format!("{header}\n{}\n{}\n", row("A"), row("UNKNOWN"))).unwrap();
        let ran = self.done(&["import", "movements", file.to_str().unwrap(), "--json"]);
        let document = ran.document();
        assert_eq!((&document["rows_posted"], &document["rows_rejected"]), (&1.into(), &1.into()), "{ran:?}");
    }

    /// Orders for the partner: one that is shipped, one that is refused, and one with fields that orders do not have.
    fn order(&self) {
        let file = self.directory.path().join("orders.json");
        let lines = r#""lines":[{"sku":"A","quantity":"1"}]"#;
        let order = format!(r#"{{"kind":"sales","partner":"C1","ship_to":"C1",{lines}}}"#);
        fs::write(&file, format!("{order}\n{order}\n")).unwrap();
        let path = file.to_str().unwrap().to_owned();
        self.done(&["order", "add", &path]);
        for arguments in [
            ["order", "confirm", "SO-000001", "--reserve"].as_slice(),
            &["order", "ship", "SO-000001"],
            &["order", "show", "SO-000001"],
            &["order", "cancel", "SO-000002", "--reason", "ordered twice"],
        ] {
            self.done(arguments);
        }
        assert_eq!(self.run(&["order", "ship", "SO-000002"]).code, 3);
        for field in ["contact_name", "ship_to"] {
            let text = format!(r#"{{"kind":"sales","partner":"C1","{field}":"{MARK} {MARK}",{lines}}}"#);
            fs::write(&file, text).unwrap();
            assert_eq!(self.run(&["order", "add", &path]).code, 2, "{field}");
        }
    }

    /// The screens of an admin: one that shows a name, and a search that was typed.
    fn look(&self) {
        let keyring = self.keyring_path();
        let environment = [
            ("STOCKROOM_ENCRYPTION_KEY_FILE", keyring.to_str().unwrap()),
            ("STOCKROOM_STATE_DIR", self.program.state_dir().to_str().unwrap()),
            ("STOCKROOM_LOG", "trace"),
        ];
        let screen = Screen::start(&["--database-url", &self.database.url("admin")], &environment, 140, 30);
        screen.wait_for("Product A");
        screen.keys(&format!("{MARK}typed")).wait_gone("Product A");
        screen.keys("<esc>").wait_for("Product A");
        screen.keys("<f7>").wait_for(&format!("{MARK}realname"));
        // Killed, with the names in its memory and on its screen.
        rustix::process::kill_process(screen.pid(), rustix::process::Signal::KILL).unwrap();
        screen.wait_exit();
        let list = self.done(&["ledger"]).stdout;
        assert!(list.contains(&format!("{MARK}realname (clerk)")), "{list}");
    }

    /// Everything that the program prints for others or leaves in files.
    fn export(&self) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        let auditor = Program::new(&self.database.url("auditor"));
        // What an admin with the keyring prints for other programs has logins and no names.
        for (name, arguments) in [
            ("ledger", ["ledger", "--json"].as_slice()),
            ("log", &["audit", "events", "--json", "--limit", "5000"]),
        ] {
            fs::write(directory.path().join(name), self.done(arguments).stdout).unwrap();
        }
        let movements = directory.path().join("movements.csv");
        for (name, arguments) in [
            ("partners", ["partner", "list", "--json"].as_slice()),
            ("partner", &["partner", "show", "C1", "--json"]),
            ("people", &["user", "list", "--json"]),
            ("events", &["audit", "events", "--json", "--limit", "5000"]),
            ("movements", &["export", "movements", movements.to_str().unwrap()]),
        ] {
            let mut command = auditor.command(arguments);
            // The keyring alone does not make an auditor a reader.
            command.env("STOCKROOM_ENCRYPTION_KEY_FILE", self.keyring_path());
            let ran = Ran::of(&command.output().unwrap());
            assert_eq!(ran.code, 0, "{ran:?}");
            fs::write(directory.path().join(name), ran.stdout + &ran.stderr).unwrap();
        }
        directory
    }

    /// A copy of the whole cluster, WAL included, as backups are made.
    async fn base_backup(&self) -> TempDir {
        let superuser = connect(self.database.superuser_url()).await;
        let rules = self.server.data_dir().join("pg_hba.conf");
        let text = fs::read_to_string(&rules).unwrap();
        fs::write(
            &rules,
            format!(
                "local replication all scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n{text}"
            ),
        )
        .unwrap();
        superuser.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        until("the rules for replication are loaded", async || {
            number(
                &self.database,
                "SELECT count(*) FROM pg_hba_file_rules WHERE 'replication' = ANY (database)",
            )
            .await
                > 0
        })
        .await;
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("backup");
        let program = self.server.installation().program("pg_basebackup");
        let copy = || {
            let mut command = Command::new(&program);
            command
                .args(["-X", "fetch", "-c", "fast", "-D"])
                .arg(&target)
                .arg("-d")
                .arg(self.database.superuser_url());
            Ran::of(&command.output().unwrap())
        };
        // The postmaster reads its rules a moment after it was told to.
        until("a base backup is made", async || {
            let ran = copy();
            assert!(ran.code == 0 || ran.stderr.contains("pg_hba.conf"), "{ran:?}");
            ran.code == 0
        })
        .await;
        directory
    }
}

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
async fn a_data_key_changed_past_the_functions_is_reported() {
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
async fn the_usual_recipe_leaves_texts_and_key_in_the_log() {
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
