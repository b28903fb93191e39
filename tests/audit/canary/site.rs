//! The site into which the marked values are entered, in every possible way.

use std::fs;
use std::process::Command;

use stockroom::domain::{Change, FieldChanges, PartnerChange, PartnerField, PersonalText};
use stockroom::privacy::{Keyring, KeyringSource};
use tempfile::TempDir;

use super::MARK;
use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};
use crate::support::raw::{connect, number, until_waiting};
use crate::support::screen::Screen;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// A site with a keyring, a program of an admin that logs everything, and a partner C1.
pub struct Site {
    pub server: TestServer,
    pub database: TestDatabase,
    pub program: Program,
    pub directory: TempDir,
}

impl Site {
    pub async fn new() -> Self {
        let server = TestServer::own(&[("log_lock_waits", "on")]);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
        let program = Program::new(&database.url("admin"));
        let site = Self { server, database, program, directory: tempfile::tempdir().unwrap() };
        site.done(&["privacy", "init"]);
        site
    }

    pub fn keyring_path(&self) -> std::path::PathBuf {
        self.directory.path().join("keyring")
    }

    pub fn keyring(&self) -> Keyring {
        KeyringSource::File(self.keyring_path()).load().unwrap().keyring
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(arguments);
        command.env("STOCKROOM_ENCRYPTION_KEY_FILE", self.keyring_path()).env("STOCKROOM_LOG", "trace");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    pub fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran
    }

    /// Every field by the command line, a file, and the use case behind the screens.
    pub async fn enter(&self) {
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
        let change = PartnerChange { fields, ..PartnerChange::of("C1".parse().unwrap()) };
        self.database.service("admin").change_partner(&change, Some(&self.keyring())).await.unwrap();
        self.done(&["user", "name", "clerk", &value("realname")]);
    }

    /// What is refused, fails, or is cut off half-way.
    pub async fn fail(&self) {
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
    pub async fn cut_off(&self, note: &str) {
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
    pub fn import(&self) {
        let file = self.directory.path().join("movements.csv");
        let now = jiff::Timestamp::now();
        let header = "posting,reference,kind,occurred_at,reason,partner,sku,quantity,from,to,lot,expires,unit_price,reverses,contact_name";
        let row = |sku: &str| format!(",,receipt,{now},,,{sku},1,,X,,,,,{MARK}imported");
        fs::write(&file, format!("{header}\n{}\n{}\n", row("A"), row("UNKNOWN"))).unwrap();
        let ran = self.run(&["import", "movements", file.to_str().unwrap(), "--json"]);
        assert_eq!(ran.code, 7, "{ran:?}");
        let document = ran.document();
        assert_eq!((&document["rows_posted"], &document["rows_rejected"]), (&1.into(), &1.into()), "{ran:?}");
    }

    /// Orders for the partner: one that is shipped, one that is refused, and one with fields that orders do not have.
    pub fn order(&self) {
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
    pub fn look(&self) {
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
        // The form of a partner: its fields are shown, and one is changed.
        screen.keys("<a-0>").wait_for("Locations  Lots");
        screen.keys("<tab><tab><tab>").wait_for("Minimum life");
        screen.keys("C1<enter>").wait_for("Tax number");
        screen.keys(&format!("<tab><tab><tab><tab>{MARK}form<enter>")).wait_for("C1 saved");
        let shown = self.done(&["partner", "show", "C1"]).stdout;
        assert!(shown.contains(&format!("{MARK}form")), "{shown}");
        // Killed, with the names in its memory and on its screen.
        rustix::process::kill_process(screen.pid(), rustix::process::Signal::KILL).unwrap();
        screen.wait_exit();
        let list = self.done(&["ledger"]).stdout;
        assert!(list.contains(&format!("{MARK}realname (clerk)")), "{list}");
    }

    /// Everything that the program prints for others or leaves in files.
    pub fn export(&self) -> TempDir {
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
    pub async fn base_backup(&self) -> TempDir {
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
