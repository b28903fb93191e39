//! The site that is tampered with, and helpers for the tampering.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use stockroom::audit::reconcile::{Report, Severity, Verdict};
use stockroom::audit::seal::{Checkpoint, Tree};
use stockroom::service::Service;
use tokio_postgres::Client;

use crate::support::audit::{Collecting, Following};
use crate::support::commands::{count, issue, receipt, reversal};
use crate::support::database::TestDatabase;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// The sessions that are open, by the name that they have in the log.
const OPEN_SESSIONS: &str =
    "SELECT to_hex(trunc(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(pid)
    FROM pg_stat_activity WHERE backend_type = 'client backend'";
/// How many sessions the collector has.
const COLLECTORS: &str = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'stock_collector'";

/// A site with a little business behind it, all of it collected, sealed and found to be right.
pub struct Scene {
    pub collecting: Collecting,
    follower: Option<Following>,
    pub clerk: Service,
    pub superuser: Client,
    pub database: TestDatabase,
    pub server: TestServer,
}

impl Scene {
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let server = TestServer::own(settings);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
        let collecting = Collecting::of(&database).await;
        let clerk = database.service("clerk");
        for _ in 0..5 {
            clerk.receive(receipt("A", "10", "X")).await.unwrap();
        }
        let wrong = clerk.issue(issue("A", "3", "X")).await.unwrap();
        clerk.reverse(reversal(wrong.posting_id)).await.unwrap();
        clerk.count(count("A", "49", "X")).await.unwrap();
        let follower = collecting.follow(&database);
        let superuser = connect(database.superuser_url()).await;
        let mut scene = Self { collecting, follower: Some(follower), clerk, superuser, database, server };
        scene.sealed().await;
        let report = scene.verify().await;
        assert_eq!(alarms(&report), [], "before anything was done: {:#?}", report.findings);
        // The sessions of the verification have ended, and must have said so before the log is tampered with.
        scene.all_collected().await;
        scene
    }

    /// Waits until all that was posted is sealed and signed.
    pub async fn sealed(&mut self) {
        let session = connect(self.database.superuser_url()).await;
        let posted: i64 =
            session.query_one("SELECT count(*) FROM stock.transactions", &[]).await.unwrap().get(0);
        let posted = posted.unsigned_abs();
        until("the ledger is sealed", async || {
            self.collecting.signed().iter().any(|point| point.tree == Tree::Ledger && point.size >= posted)
        })
        .await;
    }

    pub async fn run(&self, sql: &str) {
        self.superuser.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Ends the superuser's session, as it would end after the tampering, and waits until the server has closed it:
    /// a session that ends while a verification runs is reported by that verification or only by the next one.
    pub async fn leave(&mut self) {
        let next = connect(self.database.superuser_url()).await;
        close(std::mem::replace(&mut self.superuser, next)).await;
    }

    /// Makes the server read its configuration file, and waits until every session will go by it.
    pub async fn reload(&self, setting: &str, value: &str) {
        self.run("SELECT pg_reload_conf()").await;
        until("the setting has changed", async || {
            let row = self.superuser.query_one("SELECT current_setting($1)", &[&setting]).await.unwrap();
            row.get::<_, String>(0) == value
        })
        .await;
        // The postmaster signals its sessions one after the other, and accepts a new one only when it is done.
        close(connect(self.database.superuser_url()).await).await;
    }

    pub async fn verify(&mut self) -> Report {
        self.collecting.verify(&self.database).await
    }

    /// A new session where a restart of the server has ended the one of the superuser. A session that only asks
    /// must not end while it asks: the line that says so could be lost with what the case removes.
    async fn replacement(&self) -> Option<Client> {
        match self.superuser.batch_execute("").await {
            Ok(()) => None,
            Err(_) => Some(connect(self.database.superuser_url()).await),
        }
    }

    /// Waits until the collector has read all that has been written so far, the ends included of the sessions that the
    /// scene has just closed: they would be lost with the rest, and be found missing.
    pub async fn all_collected(&self) {
        let replacement = self.replacement().await;
        let session = replacement.as_ref().unwrap_or(&self.superuser);
        self.all_ended(session).await;
        let written = self.log_sizes();
        until("what was written is collected", async || {
            let rows = session.query("SELECT name, read_to FROM audit.files", &[]).await.unwrap();
            let read: BTreeMap<String, u64> =
                rows.iter().map(|row| (row.get(0), row.get::<_, i64>(1).unsigned_abs())).collect();
            written.iter().all(|(name, size)| read.get(name).is_some_and(|read| read >= size))
        })
        .await;
    }

    /// Waits until all sessions that have ended have said so.
    pub async fn all_ended(&self, session: &Client) {
        until("all sessions that have ended have said so", async || {
            let rows = session.query(OPEN_SESSIONS, &[]).await.unwrap();
            let open: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
            sessions_without_end(&self.log_text()).is_subset(&open)
        })
        .await;
    }

    /// The log as it is on the disk.
    fn log_text(&self) -> String {
        self.log_files().iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    fn log_sizes(&self) -> BTreeMap<String, u64> {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        self.log_files().iter().map(|path| (name(path), fs::metadata(path).unwrap().len())).collect()
    }

    /// The files of the log, oldest first.
    pub fn log_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.server.log_dir()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
        files.sort();
        files
    }

    /// Stops collecting, once all has been collected and signed: what is collected and not signed yet is compared
    /// with the log when collecting begins again.
    pub async fn pause(&mut self) {
        self.all_collected().await;
        let replacement = self.replacement().await;
        let session = replacement.as_ref().unwrap_or(&self.superuser);
        until("what was collected is signed", async || {
            let select = "SELECT size FROM audit.trees WHERE name = 'lines'";
            let size: i64 = session.query_one(select, &[]).await.unwrap().get(0);
            let signed = |point: &Checkpoint| point.tree == Tree::Lines && point.size >= size.unsigned_abs();
            self.collecting.signed().iter().any(signed)
        })
        .await;
        self.stop().await;
    }

    /// Stops collecting.
    pub async fn stop(&mut self) {
        self.follower = None;
        let replacement = self.replacement().await;
        let session = replacement.as_ref().unwrap_or(&self.superuser);
        until("nobody collects", async || {
            let row = session.query_one(COLLECTORS, &[]).await.unwrap();
            row.get::<_, i64>(0) == 0
        })
        .await;
    }

    /// Collects on.
    pub fn resume(&mut self) {
        self.follower = Some(self.collecting.follow(&self.database));
    }

    /// Collects on, without signing anything.
    pub fn resume_without_seal(&mut self) {
        self.follower = Some(self.collecting.follow_without_seal(&self.database));
    }
}

/// Ends a session, and waits until its process is gone: it has logged the end by then, which it does only after
/// pg_stat_activity has forgotten it.
async fn close(session: Client) {
    let pid = session.query_one("SELECT pg_backend_pid()", &[]).await;
    drop(session);
    // A restart of the server has ended it already.
    let Ok(pid) = pid else { return };
    let process = PathBuf::from(format!("/proc/{}", pid.get::<_, i32>(0)));
    until("the server has closed the session", async || !process.exists()).await;
}

/// The sessions that the log shows to have begun since the server was started last, and not to have ended.
fn sessions_without_end(log: &str) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for line in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let (Some(message), Some(session)) = (line["message"].as_str(), line["session_id"].as_str()) else {
            continue;
        };
        if message.starts_with("connection authorized") {
            open.insert(session.to_owned());
        } else if message.starts_with("disconnection") {
            open.remove(session);
        } else if message.starts_with("database system is ready to accept connections") {
            // Those that a crash has ended could not say so.
            open.clear();
        }
    }
    open
}

pub fn alarms(report: &Report) -> Vec<Verdict> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Alarm)
        .map(|finding| finding.verdict)
        .collect()
}

/// Does something with the guards of all tables disabled for its time. With the recording switched off in the
/// session first, which a superuser can, none of it leaves a line.
pub async fn unguarded(scene: &Scene, deed: &str) {
    unguarded_in(&scene.superuser, deed).await;
}

async fn unguarded_in(superuser: &Client, deed: &str) {
    let each = |what: &str| {
        format!(
            "DO $do$ DECLARE t record; BEGIN FOR t IN SELECT tgrelid::regclass AS r, tgname AS n FROM pg_trigger g
             JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
             WHERE NOT tgisinternal AND tgparentid = 0 AND s.nspname IN ('stock', 'audit')
             LOOP EXECUTE format('ALTER TABLE %s {what} TRIGGER %I', t.r, t.n); END LOOP; END $do$"
        )
    };
    for statement in [&each("DISABLE"), deed, &each("ENABLE ALWAYS")] {
        superuser.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    }
}

pub async fn unseen(scene: &Scene, deed: &str) {
    unseen_in(&scene.superuser, deed).await;
}

/// The same in a session of a superuser.
pub async fn unseen_in(superuser: &Client, deed: &str) {
    superuser.batch_execute("SET pgaudit.log = 'none'").await.unwrap();
    unguarded_in(superuser, deed).await;
}

/// The number of the process of the server that has this title.
fn process(server: &TestServer, title: &str) -> String {
    let postmaster = server.postmaster_pid().unwrap().unwrap().to_string();
    let found = Command::new("ps").args(["-o", "pid=,args=", "--ppid", &postmaster]).output().unwrap();
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let line = text.lines().find(|line| line.contains(title)).unwrap_or_else(|| panic!("{text}"));
    line.split_whitespace().next().unwrap().to_owned()
}

/// Kills the process of the server that has this title.
pub fn kill(server: &TestServer, title: &str) {
    assert!(Command::new("kill").args(["-9", &process(server, title)]).status().unwrap().success());
}

/// Where the files of the log that the server writes to are found, deleted ones too.
pub fn held_by_logger(server: &TestServer) -> PathBuf {
    Path::new("/proc").join(process(server, "logger")).join("fd")
}

/// What the server has written into files of the log that have been deleted.
pub fn deleted_log(held: &Path) -> String {
    let deleted = |link: &PathBuf| {
        fs::read_link(link).is_ok_and(|target| target.to_string_lossy().ends_with(".json (deleted)"))
    };
    let links = fs::read_dir(held).unwrap().map(|link| link.unwrap().path());
    links.filter(deleted).map(|link| fs::read_to_string(link).unwrap_or_default()).collect()
}
