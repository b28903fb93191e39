//! Database sessions, as an admin lists them, and as they are named to somebody who waits for them.

use jiff::Timestamp;

/// A session of the database server.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Session {
    /// The process number on the server, which `session end` takes.
    pub pid: i32,
    pub login: String,
    /// The address of the client, or `local` for the server's own socket.
    pub client: String,
    /// The name that the program gave itself.
    pub program: String,
    /// `active`, `idle`, `idle in transaction`, as in pg_stat_activity. None for a session that has just begun.
    pub state: Option<String>,
    pub connected_at: Timestamp,
    /// When its transaction began, if one is open.
    pub transaction_since: Option<Timestamp>,
    /// Since when it has been idle.
    pub idle_since: Option<Timestamp>,
    /// Whether it waits for a lock.
    pub is_waiting: bool,
    /// Whether another session waits for it.
    pub is_blocking: bool,
}

/// A session that held locks on stock while another one waited.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LockHolder {
    pub pid: i32,
    pub login: String,
    /// The address of the client, or `local` for the server's own socket.
    pub client: String,
    /// When the transaction that holds them began.
    pub since: Timestamp,
    /// How long ago that was, by the server's clock.
    pub held_seconds: i64,
}

impl std::fmt::Display for LockHolder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pid, login, client, since, held_seconds } = self;
        let since = since.strftime("%H:%M");
        write!(
            formatter,
            "{login} has held it for {held_seconds} s (since {since} UTC, from {client}, session {pid})"
        )
    }
}

/// A session that the collector ended because it blocked others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSession {
    pub pid: i32,
    pub login: String,
    pub client: String,
    /// When the transaction of that session began.
    pub since: Timestamp,
    /// What it did, as a phrase to follow the login.
    pub reason: String,
}

impl std::fmt::Display for EndedSession {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pid, login, client, since, reason } = self;
        let since = since.strftime("%H:%M:%S");
        write!(
            formatter,
            "ended session {pid} of {login} from {client}: it {reason} (transaction since {since} UTC)"
        )
    }
}
