//! The program is killed while it posts; the next start reports the outcome.

use std::io::Write as _;
use std::process::{Child, Stdio};
use std::sync::Arc;

use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};
use crate::support::proxy::{At, Proxy, Then};
use crate::support::raw::{assert_books_balance, connect, number, until_waiting};
use crate::support::server::TestServer;
use crate::support::wait::until;

/// How much a pipe holds (pipe(7), "Pipe capacity").
const PIPE_BYTES: usize = 65_536;

/// Whether a thread of a process is within the system call that writes to standard output.
fn writes_to_standard_output(process: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return false };
    // The number of write(2), then its first argument, as proc(5) describes the file.
    let writing = if cfg!(target_arch = "x86_64") { "1 0x1 " } else { "64 0x1 " };
    threads.flatten().any(|thread| {
        std::fs::read_to_string(thread.path().join("syscall")).is_ok_and(|call| call.starts_with(writing))
    })
}

struct Scene {
    database: TestDatabase,
    proxy: Proxy,
    program: Arc<Program>,
}

impl Scene {
    async fn new() -> Self {
        let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X"]).await;
        let proxy = Proxy::new(TestServer::shared().port()).await;
        let program = Arc::new(Program::new(&proxy.url(&database.url("clerk"))));
        Self { database, proxy, program }
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.program.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    async fn run(&self, arguments: &'static [&'static str]) -> Ran {
        let program = Arc::clone(&self.program);
        tokio::task::spawn_blocking(move || program.run(arguments)).await.unwrap()
    }

    /// Starts a command and kills it when its line has fallen silent.
    async fn killed_in_silence(&self, at: At, arguments: &[&str]) {
        let broken = self.proxy.broken();
        self.proxy.break_at(at, Then::Silence);
        let mut child = self.start(arguments);
        until("the line is silent", async || self.proxy.broken() > broken).await;
        assert_eq!(self.program.journal_entries().len(), 1);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_committed_before_the_kill_is_reported_as_posted() {
    let scene = Scene::new().await;
    scene.killed_in_silence(At::CommitReply, &["receive", "A", "4", "--to", "X"]).await;
    let next = scene.run(&["receive", "B", "1", "--to", "X"]).await;
    assert_eq!(next.code, 0, "{next:?}");
    assert!(next.stderr.contains("a receipt of 4 A from outside to X"), "{next:?}");
    assert!(next.stderr.contains("was interrupted: it was posted"), "{next:?}");
    assert!(scene.program.journal_entries().is_empty());
    scene.killed_in_silence(At::CommitReply, &["count", "A", "7", "--at", "X"]).await;
    let next = scene.run(&["receive", "B", "1", "--to", "X"]).await;
    assert!(next.stderr.contains("a count of 7 A at X") && next.stderr.contains("it was posted"), "{next:?}");
    // Reported once, then cleared.
    assert_eq!(scene.run(&["receive", "B", "1", "--to", "X"]).await.stderr, "");
    assert_eq!(number(&scene.database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 10);
    assert_books_balance(&scene.database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_that_was_never_printed_is_reported_as_posted() {
    let scene = Scene::new().await;
    let posted = async || number(&scene.database, "SELECT count(*) FROM stock.transactions").await;
    for (number, arguments) in
        [(1, &["receive", "A", "4", "--to", "X"][..]), (2, &["count", "A", "7", "--at", "X"])]
    {
        // A pipe that is full and that nobody reads: the program posts, and waits for its result to be taken.
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(&[b'x'; PIPE_BYTES]).unwrap();
        let mut child =
            scene.program.command(arguments).stdout(writer).stderr(Stdio::null()).spawn().unwrap();
        until("it is posted", async || posted().await == number).await;
        until("it waits for its result to be taken", async || writes_to_standard_output(child.id())).await;
        child.kill().unwrap();
        child.wait().unwrap();
        drop(reader);
        assert_eq!(scene.program.journal_entries().len(), 1, "{arguments:?}");
        let next = scene.run(&["ledger"]).await;
        assert_eq!(next.stderr, "", "reading does not touch the journal");
        let next = scene.run(&["issue", "B", "1", "--from", "X"]).await;
        assert!(next.stderr.contains("was interrupted: it was posted"), "{next:?}");
        assert!(scene.program.journal_entries().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_not_committed_is_reported_and_cannot_be_posted_later() {
    let scene = Scene::new().await;
    let not_posted = "it was not posted; enter it again if it is still needed";
    for at in [At::Insert, At::Commit] {
        for arguments in [["receive", "A", "4", "--to", "X"], ["count", "A", "7", "--at", "X"]] {
            scene.killed_in_silence(at, &arguments).await;
            let next = scene.run(&["receive", "B", "1", "--to", "X"]).await;
            assert_eq!(next.code, 0, "{next:?}");
            assert!(next.stderr.contains(not_posted), "{at:?} {next:?}");
            assert!(scene.program.journal_entries().is_empty());
        }
    }
    // The INSERT has reached the server and waits there for another posting, which outlives the program.
    let other = connect(scene.database.superuser_url()).await;
    let id = stockroom::service::new_id();
    other
        .batch_execute(&format!(
            "BEGIN ISOLATION LEVEL SERIALIZABLE;
             INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
             SELECT '{id}', stock.uuid_time('{id}'), '{id}', 'receipt', product_id, location_id, 1
             FROM stock.products, stock.locations WHERE sku = 'B' AND code = 'X'"
        ))
        .await
        .unwrap();
    let mut child = scene.start(&["issue", "B", "2", "--from", "X"]);
    let watcher = connect(scene.database.superuser_url()).await;
    until_waiting(&watcher, "clerk", 1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let next = scene.run(&["receive", "A", "1", "--to", "X"]).await;
    assert!(next.stderr.contains("an issue of 2 B") && next.stderr.contains(not_posted), "{next:?}");
    until_waiting(&watcher, "clerk", 0).await;
    other.batch_execute("COMMIT").await.unwrap();
    assert_eq!(
        number(&scene.database, "SELECT count(*) FROM stock.transactions WHERE kind = 'issue'").await,
        0
    );
    assert_books_balance(&scene.database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_entry_of_a_running_program_is_left_alone() {
    let scene = Scene::new().await;
    scene.proxy.break_at(At::CommitReply, Then::Silence);
    let mut child = scene.start(&["receive", "A", "4", "--to", "X", "--json"]);
    until("the line is silent", async || scene.proxy.broken() == 1).await;
    let entries = scene.program.journal_entries();
    let next = scene.run(&["receive", "B", "1", "--to", "X"]).await;
    assert_eq!((next.code, next.stderr.as_str()), (0, ""));
    assert_eq!(scene.program.journal_entries(), entries);
    // The same id, sent by a second program while the first is at work on it, is not sent.
    let id = entries[0].file_stem().unwrap().to_str().unwrap().to_owned();
    let second = {
        let program = Arc::clone(&scene.program);
        let run = move || program.run(&["receive", "A", "4", "--to", "X", "--id", &id]);
        tokio::task::spawn_blocking(run).await.unwrap()
    };
    assert_ne!(second.code, 0);
    assert!(second.stderr.contains("another program is processing the id"), "{second:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(scene.run(&["receive", "B", "1", "--to", "X"]).await.stderr.contains("it was posted"));
    assert_eq!(number(&scene.database, "SELECT count(*) FROM stock.transactions").await, 3);
}
