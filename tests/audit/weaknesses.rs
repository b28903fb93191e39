//! `db check` on weaknesses that are set up one by one on a real server: each must be reported with a remedy, and the
//! report must be empty again once it has been corrected. With UPDATE_DOCS set, the test writes their table in
//! docs/db-check.md.

mod definitions;
mod objects;
mod privileges;
mod roles;
mod server;

use std::collections::BTreeMap;
use std::path::Path;

use stockroom::domain::{CheckFinding, CheckSeverity};
use stockroom::store::Store;
use tokio_postgres::Client;

use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// How a weakness is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// By statements of a superuser.
    Sql,
    /// By a statement, and a reload of the configuration.
    Setting,
    /// By a line in pg_hba.conf.
    Access,
}

/// A weakness. Words in braces are replaced by names of the site.
#[derive(Clone, Copy)]
struct Case {
    what: &'static str,
    how: How,
    open: &'static str,
    /// What the subject of the finding begins with.
    subject: &'static str,
    /// How it is undone.
    close: &'static str,
}

const fn case(
    what: &'static str,
    how: How,
    open: &'static str,
    subject: &'static str,
    close: &'static str,
) -> Case {
    Case { what, how, open, subject, close }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [roles::CASES, server::CASES, privileges::CASES, definitions::CASES, objects::CASES].into_iter().flatten()
}

/// Definitions that cases alter, and restore from what they were.
const SAVED: [(&str, &str); 3] = [
    ("{refuse_change}", "SELECT pg_get_functiondef('stock.refuse_change()'::regprocedure)"),
    (
        "{levels}",
        "SELECT 'CREATE OR REPLACE VIEW stock.levels AS ' || pg_get_viewdef('stock.levels'::regclass)",
    ),
    ("{obj_description}", "SELECT pg_get_functiondef('obj_description(oid,name)'::regprocedure)"),
];

/// How often a setting is looked at until the server has reloaded it.
const RELOAD_TRIES: u32 = 40;

struct Site {
    server: TestServer,
    database: TestDatabase,
    superuser: Client,
    /// What the words in braces stand for.
    words: BTreeMap<&'static str, String>,
}

impl Site {
    async fn new() -> Self {
        let server = TestServer::own(&[("wal_level", "logical")]);
        let database = TestDatabase::on(&server).await;
        let superuser = connect(database.superuser_url()).await;
        let mut words = BTreeMap::from([("{database}", database.name.clone())]);
        superuser.batch_execute("SET search_path TO pg_catalog").await.unwrap();
        for (word, question) in SAVED {
            words.insert(word, superuser.query_one(question, &[]).await.unwrap().get(0));
        }
        let month = "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')";
        words.insert("{month}", superuser.query_one(month, &[]).await.unwrap().get(0));
        let next = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM')";
        words.insert("{next_month}", superuser.query_one(next, &[]).await.unwrap().get(0));
        Self { server, database, superuser, words }
    }

    fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (word, meaning)| text.replace(word, meaning))
    }

    /// Does what a case says, in place of another.
    async fn run(&self, how: How, text: &str) {
        let sql = self.fill(text);
        match how {
            // A statement of its own: ALTER SYSTEM and others cannot be part of several.
            How::Sql => {
                for statement in sql.split(";;") {
                    self.superuser
                        .batch_execute(statement)
                        .await
                        .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
                }
            }
            How::Setting => {
                self.superuser.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
                self.superuser.batch_execute("SELECT pg_reload_conf()").await.unwrap();
            }
            How::Access => {
                let path = self.server.data_dir().join("pg_hba.conf");
                let kept = std::fs::read_to_string(&path).unwrap();
                let own =
                    kept.lines().filter(|line| !line.ends_with("# a test")).collect::<Vec<_>>().join("\n");
                let added = if sql.is_empty() { String::new() } else { format!("{sql} # a test\n") };
                std::fs::write(&path, format!("{own}\n{added}")).unwrap();
            }
        }
    }
}

/// What an auditor sees who logs in now: some settings do not reach sessions that are open.
async fn check(site: &Site) -> Vec<CheckFinding> {
    site.database.store("auditor").check().await.unwrap()
}

fn is_named(found: &[CheckFinding], subject: &str) -> bool {
    found.iter().any(|finding| finding.subject.starts_with(subject))
}

#[tokio::test]
async fn each_weakness_is_named_with_a_remedy() {
    let only = std::env::var("STOCKROOM_CASE").unwrap_or_default();
    let site = Site::new().await;
    let before = check(&site).await;
    let mut failures = Vec::new();
    for Case { what, how, open, subject, close } in cases().filter(|case| case.what.contains(&only)) {
        site.run(*how, open).await;
        let subject = site.fill(subject);
        let mut new: Vec<CheckFinding> = Vec::new();
        // Settings take effect a moment after the server was told to reload them.
        let tries = if *how == How::Setting { RELOAD_TRIES } else { 1 };
        for _ in 0..tries {
            new = check(&site).await.into_iter().filter(|finding| !before.contains(finding)).collect();
            if is_named(&new, &subject) {
                break;
            }
        }
        if !is_named(&new, &subject) || new.iter().any(|finding| finding.remedy.is_empty()) {
            failures.push(format!("{what}: wanted {subject}, found {new:#?}"));
        }
        site.run(*how, close).await;
        if *how == How::Setting {
            until("the setting is restored", async || check(&site).await == before).await;
        }
        let after: Vec<CheckFinding> =
            check(&site).await.into_iter().filter(|finding| !before.contains(finding)).collect();
        assert!(after.is_empty(), "{what} was not undone: {after:#?}");
    }
    assert!(
        failures.is_empty(),
        "{} weaknesses were not named:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    if only.is_empty() {
        hold_page_to_cases();
    }
}

const BEGIN: &str = "<!-- weaknesses: written by tests/audit/weaknesses with UPDATE_DOCS=1 -->\n";
const END: &str = "<!-- end of weaknesses -->";

/// The table of the page must be that of the cases that have just passed.
fn hold_page_to_cases() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/db-check.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let rows: String = cases()
        .map(|case| {
            format!(
                "| {} | `{}` |\n",
                case.what,
                case.subject.replace("{month}", "YYYY_MM").replace("{database}", "…").trim()
            )
        })
        .collect();
    let wanted =
        format!("{before}{BEGIN}| weakness | subject of the finding |\n| --- | --- |\n{rows}{END}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert!(
            page == wanted,
            "docs/db-check.md does not list the weaknesses; run the test with UPDATE_DOCS=1"
        );
    }
}

#[tokio::test]
async fn a_database_restored_without_privileges_and_settings_is_noticed() {
    let site = Site::new().await;
    let dump = site.database.superuser_url().to_owned();
    let restored = dump.replace(&format!("/{}", site.database.name), "/restored");
    let program = |name: &str| std::process::Command::new(site.server.installation().program(name));
    site.run(How::Sql, "CREATE DATABASE restored TEMPLATE template0 OWNER stock_owner").await;
    let text = program("pg_dump").args(["--no-acl", "-d", &dump]).output().unwrap();
    assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &text.stdout).unwrap();
    let path = file.path().to_str().unwrap();
    let loaded = program("psql").args(["-q", "-X", "-d", &restored, "-f", path]).output().unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let found = Store::new(restored.parse().unwrap(), 1).unwrap().check().await.unwrap();
    for subject in [
        "grant on table stock.transactions to stock_clerk",
        "grant on schema stock to stock_auditor",
        "grant on database this to PUBLIC",
        "grant on language plpgsql to PUBLIC",
        "setting of this database: default_transaction_isolation",
        "setting of this database: timezone",
    ] {
        assert!(found.iter().any(|finding| finding.subject == subject), "{subject}: {found:#?}");
    }
}

#[tokio::test]
async fn settings_that_a_login_may_not_read_are_reported_as_unchecked() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await;
    let unchecked = |findings: &[CheckFinding]| -> Vec<CheckFinding> {
        findings.iter().filter(|finding| finding.severity == CheckSeverity::Unchecked).cloned().collect()
    };
    assert_eq!(unchecked(&database.store("auditor").check().await.unwrap()), []);
    let found = unchecked(&database.store("admin").check().await.unwrap());
    let subjects: Vec<&str> = found.iter().map(|finding| finding.subject.as_str()).collect();
    assert_eq!(subjects, ["settings", "pg_hba.conf", "stored passwords"], "{found:#?}");
    assert!(found[0].found.contains("shared_preload_libraries"), "{found:?}");
    assert!(!found[0].found.contains("fsync"), "what everybody may read is checked: {found:?}");
    // At the command line that is no success either.
    let program = Program::new(&database.url("admin"));
    let ran = program.run(&["db", "check"]);
    assert!(
        ran.code == 6 && ran.stdout.contains("NOT CHECKED  settings: this login may not read"),
        "{ran:?}"
    );
    let ran = program.run(&["audit", "status"]);
    assert!(ran.code == 0 && ran.stdout.contains("not everything could be checked"), "{ran:?}");
}
