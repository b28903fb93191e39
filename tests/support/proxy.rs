//! A proxy between the program and the server that cuts the connection at a chosen message.

use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Where the line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The INSERT of a posting does not reach the server any more.
    Insert,
    /// The INSERT does, what commits it does not.
    Commit,
    /// What commits it does; nothing comes back from the server after it was sent.
    CommitSent,
    /// The server has committed; its answer does not come back.
    CommitReply,
}

/// How the line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Both ends see the connection closed.
    Close,
    /// Nothing is passed on any more, and neither end is told.
    Silence,
}

#[derive(Debug, Default)]
struct State {
    server_port: AtomicU16,
    fault: Mutex<Option<(At, Then)>>,
    away_after_fault: AtomicBool,
    away: watch::Sender<bool>,
    fired: AtomicUsize,
}

impl State {
    /// Whether the fault is to happen here; it happens once.
    fn clears(&self, at: At) -> Option<Then> {
        let mut fault = self.fault.lock().unwrap();
        let (_, then) = fault.take_if(|(wanted, _)| *wanted == at)?;
        if self.away_after_fault.load(Ordering::SeqCst) {
            self.away.send_replace(true);
        }
        self.fired.fetch_add(1, Ordering::SeqCst);
        Some(then)
    }
}

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    state: Arc<State>,
    port: u16,
}

impl Proxy {
    /// In front of a server on this machine.
    pub async fn new(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State { server_port: AtomicU16::new(server_port), ..State::default() });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !*shared.away.borrow() {
                    tokio::spawn(serve(client, Arc::clone(&shared)));
                }
            }
        });
        Self { state, port }
    }

    /// A URL of the server, led through the proxy.
    pub fn url(&self, url: &str) -> String {
        let mut url = url::Url::parse(url).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.set_query(Some("sslmode=disable"));
        url.to_string()
    }

    /// The next time a connection gets to this point, break it.
    pub fn break_at(&self, at: At, then: Then) {
        *self.state.fault.lock().unwrap() = Some((at, then));
    }

    /// As [`Proxy::break_at`]; with it every other connection breaks, and no new one is let through.
    pub fn break_and_stay_away(&self, at: At) {
        self.state.away_after_fault.store(true, Ordering::SeqCst);
        self.break_at(at, Then::Close);
    }

    /// Lets connections through again.
    pub fn come_back(&self) {
        self.state.away_after_fault.store(false, Ordering::SeqCst);
        self.state.away.send_replace(false);
    }

    /// The server has another port now.
    pub fn lead_to(&self, server_port: u16) {
        self.state.server_port.store(server_port, Ordering::SeqCst);
    }

    /// How many connections were broken.
    pub fn broken(&self) -> usize {
        self.state.fired.load(Ordering::SeqCst)
    }
}

async fn serve(client: TcpStream, state: Arc<State>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", state.server_port.load(Ordering::SeqCst))).await else {
        return;
    };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // What one direction finds holds for both.
    let (end, ended) = watch::channel(None);
    let end = Arc::new(end);
    let alone = Arc::new(AtomicBool::new(false));
    let up = requests(
        from_client,
        to_server,
        Arc::clone(&state),
        Arc::clone(&alone),
        Arc::clone(&end),
        ended.clone(),
    );
    let up = tokio::spawn(up);
    let down = tokio::spawn(answers(from_server, to_client, Arc::clone(&state), alone, end, ended));
    let mut away = state.away.subscribe();
    let (stop_up, stop_down) = (up.abort_handle(), down.abort_handle());
    tokio::select! {
        // Halves that fell silent come back unclosed, and are kept until the other end has gone away.
        _ = async { tokio::join!(up, down) } => {}
        _ = away.wait_for(|away| *away) => {
            stop_up.abort();
            stop_down.abort();
        }
    }
}

type End = Arc<watch::Sender<Option<Then>>>;
type Ended = watch::Receiver<Option<Then>>;

/// Reads one message: its type, where it has one, and the whole of it.
async fn message(from: &mut (impl AsyncReadExt + Unpin), typed: bool) -> Option<(u8, Vec<u8>)> {
    let mut bytes = vec![0; if typed { 5 } else { 4 }];
    from.read_exact(&mut bytes).await.ok()?;
    let start = usize::from(typed);
    let length = u32::from_be_bytes(bytes[start..].try_into().unwrap()) as usize;
    let head = bytes.len();
    bytes.resize(length + start, 0);
    from.read_exact(&mut bytes[head..]).await.ok()?;
    Some((bytes[0], bytes))
}

/// Keeps what is silent: reads and forgets what the near end sends until it goes away for good.
async fn swallow(mut from: OwnedReadHalf) {
    let mut buffer = [0; 4096];
    while matches!(from.read(&mut buffer).await, Ok(read) if read > 0) {}
}

/// Waits for the other direction to say that the line is broken.
async fn broken(ended: &mut Ended) -> Then {
    let found = ended.wait_for(Option::is_some).await.map(|then| *then);
    found.ok().flatten().unwrap_or(Then::Close)
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: Arc<State>,
    commits_alone: Arc<AtomicBool>,
    end: End,
    mut ended: Ended,
) {
    let mut insert_names: Vec<Vec<u8>> = Vec::new();
    let (mut in_transaction, mut insert_bound) = (false, false);
    let mut typed = false;
    let then = loop {
        let read = tokio::select! {
            read = message(&mut from, typed) => read,
            then = broken(&mut ended) => break then,
        };
        let Some((kind, bytes)) = read else { break Then::Close };
        let is_request = typed;
        typed = true;
        let mut last = None;
        if is_request {
            let mut parts = bytes[5..].split(|byte| *byte == 0);
            let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            if kind == b'P' && second.starts_with(b"INSERT INTO stock.transactions") {
                insert_names.push(first.to_vec());
            }
            let is_insert = kind == b'B' && insert_names.iter().any(|name| name == second);
            if kind == b'Q' && (first.starts_with(b"BEGIN") || first.starts_with(b"START TRANSACTION")) {
                in_transaction = true;
            }
            if is_insert && !in_transaction {
                insert_bound = true;
                commits_alone.store(true, Ordering::SeqCst);
            }
            let is_commit = (kind == b'Q' && first == b"COMMIT") || (kind == b'S' && insert_bound);
            if is_commit {
                (in_transaction, insert_bound) = (false, false);
            }
            let clears = match (is_insert, is_commit) {
                (true, _) => state.clears(At::Insert),
                (_, true) => state.clears(At::Commit),
                _ => None,
            };
            if let Some(then) = clears {
                break then;
            }
            if is_commit {
                last = state.clears(At::CommitSent);
            }
        }
        if last.is_some() {
            // The other direction stops first, so that no answer can slip through.
            end.send_replace(last);
        }
        if to.write_all(&bytes).await.is_err() {
            break Then::Close;
        }
        if let Some(then) = last {
            break then;
        }
    };
    end.send_if_modified(|end| {
        end.is_none() && {
            *end = Some(then);
            true
        }
    });
    if then == Then::Silence {
        swallow(from).await;
        // The client has given up or was killed; the server is never told.
        std::future::pending::<()>().await;
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: Arc<State>,
    commits_alone: Arc<AtomicBool>,
    end: End,
    mut ended: Ended,
) {
    let mut inserted = false;
    let then = loop {
        let read = tokio::select! {
            biased;
            then = broken(&mut ended) => break then,
            read = message(&mut from, true) => read,
        };
        let Some((kind, bytes)) = read else { break Then::Close };
        if kind == b'C' && bytes[5..].starts_with(b"INSERT ") {
            inserted = commits_alone.swap(false, Ordering::SeqCst);
        }
        let committed = (kind == b'C' && bytes[5..].starts_with(b"COMMIT\0"))
            || (kind == b'Z' && bytes[5] == b'I' && std::mem::take(&mut inserted));
        if committed && let Some(then) = state.clears(At::CommitReply) {
            break then;
        }
        if to.write_all(&bytes).await.is_err() {
            break Then::Close;
        }
    };
    end.send_if_modified(|end| {
        end.is_none() && {
            *end = Some(then);
            true
        }
    });
    if then == Then::Silence {
        swallow(from).await;
        std::future::pending::<()>().await;
    }
}
