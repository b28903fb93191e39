//! Errors between the program and the database, and the one place that maps SQLSTATEs and constraint names to them.
//!
//! Callers distinguish three kinds: refused (by a rule; sending it again does not help), retryable (handled by the
//! runner), and outcome unknown (the connection was lost while a commit may have been in progress). Every other error
//! has changed nothing.

use std::error::Error as _;

use tokio_postgres::error::{DbError, SqlState};

use crate::domain::display::safe_line;
use crate::domain::{LockHolder, PostingId, Refusal};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refused the command; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// All attempts conflicted with other postings; nothing was changed.
    #[error(
        "other postings were changing the same stock, and all {attempts} attempts failed; nothing was posted, try again"
    )]
    Conflict {
        /// How many attempts were made.
        attempts: u32,
    },
    /// Another session held the stock for too long; nothing was changed.
    #[error(
        "another session holds stock that this would change, and nothing was posted: {}",
        blockers(holders)
    )]
    Blocked {
        /// The sessions that hold it; empty if they could not be determined.
        holders: Vec<LockHolder>,
    },
    /// Another process is doing what only one may do at a time.
    #[error("{message}")]
    Busy { message: String },
    /// The database cannot be reached or refuses the login; nothing was changed.
    #[error("the database is not available: {message}")]
    Unavailable { message: String },
    /// The password is wrong, or the server knows no such login; nothing was changed.
    #[error("the password is wrong, or the login does not exist: {message}")]
    WrongPassword { message: String },
    /// The connection was lost while the posting was being committed, and the database cannot be queried.
    #[error(
        "it is not known whether posting {posting} succeeded: {message}; the outcome is checked once the database answers again"
    )]
    OutcomeUnknown { posting: PostingId, message: String },
    /// The connection settings are invalid.
    #[error("the database URL cannot be used: {message}")]
    Settings {
        /// What is wrong with them, without the password.
        message: String,
    },
    /// The schema of the database is older than this program needs; nothing was done.
    #[error("{}", other_version(*database, *program))]
    OtherVersion {
        /// The last migration of the database; `None` if it is too old for this login to read it.
        database: Option<i64>,
        /// The last migration that this program knows.
        program: i64,
    },
    /// The server is not prepared for Stockroom.
    #[error("{message}")]
    NotPrepared {
        /// What is missing and what to do.
        message: String,
    },
    /// An error of the database that no rule of Stockroom explains.
    #[error("the database reported {sqlstate}: {message}")]
    Database {
        /// The SQLSTATE, or `client` when the client library failed.
        sqlstate: String,
        message: String,
    },
}

/// Which of program and database is older, and what to do.
fn other_version(database: Option<i64>, program: i64) -> String {
    match database {
        Some(found) if found > program => format!(
            "the schema of the database is newer ({found}) than this program knows ({program}); install the current version of stockroom on this machine"
        ),
        found => {
            let found = found.map_or(String::new(), |found| format!(" ({found})"));
            format!(
                "the schema of the database is older{found} than this program needs ({program}); run `stockroom db migrate` with the URL of a superuser, or use an older version of stockroom until then"
            )
        }
    }
}

/// The sessions that others wait for, and how to end them.
fn blockers(holders: &[LockHolder]) -> String {
    let Some(first) = holders.first() else {
        return "who holds it could not be determined; `stockroom session list` shows all sessions"
            .to_owned();
    };
    let named: Vec<String> = holders.iter().map(ToString::to_string).collect();
    format!("{}; an admin can end it with `stockroom session end {}`", named.join(", "), first.pid)
}

/// How to handle an error, as far as its SQLSTATE alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Roll back and run the whole transaction again (PostgreSQL manual, 13.5).
    Retry,
    /// A lock was not granted within the lock timeout. Retry a few times, then name the holder.
    LockTimeout,
    /// The movement's month has no partition; create it and run the transaction again.
    PartitionMissing,
    /// The ledger has a movement with this id already.
    IdExists,
    /// The connection was lost; whether a commit succeeded is not known.
    Lost,
    Other,
}

/// The constraint that is violated when another session inserted the same level at the same time.
const LEVEL_KEY: &str = "stock_levels_key";
/// The same constraint for allocations.
const ALLOCATION_KEY: &str = "allocations_key";
/// The CHECK of the default partition, which accepts no rows.
const PARTITION_MISSING: &str = "transactions_month_has_partition";

pub(super) fn classify(error: &tokio_postgres::Error) -> Class {
    let Some(db) = error.as_db_error() else {
        return if is_conversion(error) { Class::Other } else { Class::Lost };
    };
    let constraint = db.constraint().unwrap_or_default();
    match db.code() {
        code if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED => {
            Class::Retry
        }
        code if *code == SqlState::LOCK_NOT_AVAILABLE => Class::LockTimeout,
        code if *code == SqlState::UNIQUE_VIOLATION && [LEVEL_KEY, ALLOCATION_KEY].contains(&constraint) => {
            Class::Retry
        }
        code if *code == SqlState::UNIQUE_VIOLATION && is_ledger_key(constraint) => Class::IdExists,
        code if *code == SqlState::CHECK_VIOLATION && constraint == PARTITION_MISSING => {
            Class::PartitionMissing
        }
        code if is_connection_state(code) => Class::Lost,
        _ => Class::Other,
    }
}

/// The primary key of a partition is named after the partition: `transactions_2026_11_pkey`.
fn is_ledger_key(constraint: &str) -> bool {
    (constraint.starts_with("transactions") && constraint.ends_with("_pkey"))
        || ["stock_counts_pkey", "reservations_pkey", "order_events_pkey", "orders_pkey"]
            .contains(&constraint)
}

/// Class 08, and the three codes with which a server ends a session.
fn is_connection_state(code: &SqlState) -> bool {
    code.code().starts_with("08")
        || [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW].contains(code)
}

/// Whether a value could not be converted to its type, which leaves the connection usable.
fn is_conversion(error: &tokio_postgres::Error) -> bool {
    !error.is_closed()
        && error.source().is_some_and(|source| source.downcast_ref::<std::io::Error>().is_none())
}

/// The server's message in one line, made safe: it repeats what it was sent.
fn message(db: &DbError) -> String {
    safe_line(db.message()).into_owned()
}

/// The message with its sources, which hold the more specific part in this library.
fn words(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return message(db);
    }
    let failure = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    if let Some(complaint) = failure.and_then(super::connection::tls::complaint) {
        return complaint;
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if classify(&error) == Class::Lost {
            return Self::Unavailable { message: words(&error) };
        }
        let Some(db) = error.as_db_error() else {
            return Self::Database { sqlstate: "client".to_owned(), message: words(&error) };
        };
        if let Some(refusal) = refusal(db) {
            return Self::Refused(refusal);
        }
        match db.code() {
            code if *code == SqlState::DISK_FULL => Self::Unavailable {
                message: format!("its disk is full; free disk space on the server ({})", message(db)),
            },
            code if *code == SqlState::INVALID_PASSWORD => Self::WrongPassword { message: message(db) },
            code if cannot_enter(code) => Self::Unavailable { message: message(db) },
            code if *code == SqlState::UNDEFINED_TABLE
                || *code == SqlState::UNDEFINED_COLUMN
                || *code == SqlState::INVALID_SCHEMA_NAME
                || *code == SqlState::UNDEFINED_FUNCTION =>
            {
                Self::NotPrepared {
                    message: format!(
                        "the schema of this database does not fit this program ({}): run `stockroom db init` if it has none, `stockroom db migrate` if it is older, or install the current version of stockroom if it is newer",
                        message(db)
                    ),
                }
            }
            code => Self::Database { sqlstate: code.code().to_owned(), message: message(db) },
        }
    }
}

/// Errors of logging in, and of a server that accepts no more connections.
fn cannot_enter(code: &SqlState) -> bool {
    code.code().starts_with("28")
        || code.code().starts_with("53")
        || [SqlState::INVALID_CATALOG_NAME, SqlState::QUERY_CANCELED].contains(code)
}

/// The refusal behind a database error, if there is one.
fn refusal(db: &DbError) -> Option<Refusal> {
    let constraint = db.constraint().unwrap_or_default();
    let rule = |message: String| Some(Refusal::Rule { rule: constraint.to_owned(), message });
    match db.code() {
        // The database's own refusals, raised by the functions of schema stock.
        code if code.code().starts_with("SR") => rule(message(db)),
        code if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            Some(Refusal::NotAllowed { message: message(db) })
        }
        code if *code == SqlState::CHECK_VIOLATION
            || *code == SqlState::UNIQUE_VIOLATION
            || *code == SqlState::FOREIGN_KEY_VIOLATION
            || *code == SqlState::NOT_NULL_VIOLATION =>
        {
            rule(format!("the database refuses this: {}", message(db)))
        }
        code if *code == SqlState::NUMERIC_VALUE_OUT_OF_RANGE => Some(Refusal::Rule {
            rule: "figure_too_large".to_owned(),
            message: "the stock would become larger than the ledger can hold (99999999999.999)".to_owned(),
        }),
        _ => None,
    }
}

impl From<deadpool::managed::PoolError<tokio_postgres::Error>> for Error {
    fn from(error: deadpool::managed::PoolError<tokio_postgres::Error>) -> Self {
        match error {
            // The pool's own errors come from connecting, before anything was sent to the database.
            deadpool::managed::PoolError::Backend(inner) if inner.as_db_error().is_none() => {
                Self::Unavailable { message: words(&inner) }
            }
            deadpool::managed::PoolError::Backend(inner) => inner.into(),
            other => Self::Unavailable { message: other.to_string() },
        }
    }
}
