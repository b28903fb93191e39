//! An upgrade with the programs of two versions: terminals of the previous one post while the new one migrates.
//!
//! The previous program is not in the sources. `STOCKROOM_PREVIOUS_PROGRAM` names it; without it the test is skipped, and
//! `upgrade.rs` stands in with the SQL of the previous version.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use stockroom::domain::PostingId;
use tempfile::TempDir;

use crate::support::program::Ran;
use crate::support::wait::until;

/// How many terminals post.
const TERMINALS: usize = 4;
/// Between two postings of a terminal.
const PAUSE: Duration = Duration::from_millis(10);

fn new_program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_stockroom"))
}

/// A demo without sample data that the previous program has started; stopped when dropped.
struct Site {
    previous: PathBuf,
    directory: TempDir,
    urls: Value,
}

impl Site {
    fn start(previous: PathBuf) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut site = Self { previous, directory, urls: Value::Null };
        let started = site.demo(&["start", "--empty", "--json"]);
        assert_eq!(started.code, 0, "{started:?}");
        site.urls = started.document()["urls"].clone();
        site
    }

    fn demo(&self, arguments: &[&str]) -> Ran {
        let data = self.directory.path().join("demo");
        let arguments = [&["demo"], arguments, &["--data-dir", data.to_str().unwrap()]].concat();
        Ran::of(&self.command(&self.previous, &arguments).output().unwrap())
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("STOCKROOM_STATE_DIR", self.directory.path().join("state"));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, program: &Path, login: &str, arguments: &[&str]) -> Ran {
        let arguments = [&["--database-url", self.urls[login].as_str().unwrap()], arguments].concat();
        Ran::of(&self.command(program, &arguments).output().unwrap())
    }

    fn done(&self, program: &Path, login: &str, arguments: &[&str]) -> Ran {
        let ran = self.run(program, login, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran
    }

    /// The units of A that are on hand.
    fn on_hand(&self) -> u64 {
        let stock = self.done(&new_program(), "admin", &["stock", "A", "--json"]);
        stock.documents()[0]["on_hand"].as_str().unwrap().parse().unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.demo(&["stop"]);
    }
}

/// A `post -` of the previous program that gets one receipt after the other.
struct Terminal {
    child: Child,
    feeding: JoinHandle<u64>,
    answers: JoinHandle<Vec<Value>>,
}

impl Terminal {
    fn start(site: &Site, stop: &Arc<AtomicBool>) -> Self {
        let url = site.urls["clerk"].as_str().unwrap();
        let mut command = site.command(&site.previous, &["--database-url", url, "post", "-", "--json"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let read = move || output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let input = child.stdin.take().unwrap();
        let stop = Arc::clone(stop);
        Self { child, feeding: thread::spawn(move || feed(input, &stop)), answers: thread::spawn(read) }
    }

    /// How many postings were sent, all of which must have been answered as posted.
    fn end(mut self) -> u64 {
        let sent = self.feeding.join().unwrap();
        let answers = self.answers.join().unwrap();
        assert!(self.child.wait().unwrap().success());
        assert_eq!(answers.len() as u64, sent);
        assert!(answers.iter().all(|answer| answer["status"] == "posted"), "{answers:?}");
        sent
    }
}

fn feed(mut input: ChildStdin, stop: &AtomicBool) -> u64 {
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        let id = PostingId::at(jiff::Timestamp::now(), rand::random()).to_string();
        let posting =
            json!({"id": id, "kind": "receipt", "lines": [{"sku": "A", "quantity": 1, "to": "MAIN"}]});
        writeln!(input, "{posting}").unwrap();
        sent += 1;
        thread::sleep(PAUSE);
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_the_previous_version_post_while_the_new_one_migrates() {
    let Some(previous) = std::env::var_os("STOCKROOM_PREVIOUS_PROGRAM").map(PathBuf::from) else {
        eprintln!("skipped: STOCKROOM_PREVIOUS_PROGRAM names no program");
        return;
    };
    let site = Site::start(previous.clone());
    site.done(&previous, "admin", &["location", "add", "MAIN"]);
    for sku in ["A", "B"] {
        site.done(&previous, "admin", &["product", "add", sku, "Product"]);
    }
    site.done(&previous, "clerk", &["receive", "B", "5", "--to", "MAIN"]);
    let stop = Arc::new(AtomicBool::new(false));
    let terminals: Vec<Terminal> = (0..TERMINALS).map(|_| Terminal::start(&site, &stop)).collect();
    let stock = || {
        let stock = site.run(&previous, "admin", &["stock", "A", "--json"]);
        stock.documents().first().map_or(0, |row| row["on_hand"].as_str().unwrap().parse::<u64>().unwrap())
    };
    until("the terminals post", async || stock() > 50).await;

    let migrated = site.done(&new_program(), "superuser", &["db", "migrate"]);
    assert!(migrated.stdout.starts_with("Ran "), "{migrated:?}");
    let then = site.on_hand();
    until("the terminals go on", async || site.on_hand() > then + 50).await;
    stop.store(true, Ordering::Relaxed);
    let sent: u64 = terminals.into_iter().map(Terminal::end).sum();
    assert_eq!(site.on_hand(), sent, "no posting is lost, and none is posted twice");

    // Both go on beside each other, and the previous program leaves the newer schema alone.
    for program in [&previous, &new_program()] {
        site.done(program, "clerk", &["issue", "B", "1", "--from", "MAIN"]);
        site.done(program, "admin", &["product", "add", &program.to_string_lossy().len().to_string(), "P"]);
    }
    assert_ne!(site.run(&previous, "superuser", &["db", "migrate"]).code, 0);
    let check = site.done(&new_program(), "superuser", &["db", "check"]);
    assert!(check.stdout.contains("No missing or unsafe settings"), "{check:?}");
    let verified = site.run(&new_program(), "auditor", &["audit", "verify", "--full"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}
