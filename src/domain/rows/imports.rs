//! The runs of scheduled imports.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

/// A file that is to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFile {
    pub run_id: Uuid,
    /// The name of the feed.
    pub feed: String,
    /// `movements` or `products`.
    pub content: &'static str,
    pub profile: String,
    /// The name under which it arrived.
    pub file_name: String,
    pub file_bytes: u64,
    /// Its SHA-256.
    pub file_hash: [u8; 32],
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// All rows are in the database.
    Posted,
    /// Some rows were rejected.
    Rejects,
    /// An earlier run posted all rows of the same file.
    Duplicate,
    /// It was not imported.
    Failed,
}

impl ImportOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Posted, Self::Rejects, Self::Duplicate, Self::Failed];

    /// The word that the database stores.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Rejects => "rejects",
            Self::Duplicate => "duplicate",
            Self::Failed => "failed",
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportResult {
    pub outcome: ImportOutcome,
    /// The earlier run of the same file.
    pub same_as: Option<Uuid>,
    pub rows_read: u64,
    pub rows_posted: u64,
    pub rows_already_posted: u64,
    pub rows_rejected: u64,
    pub postings: u64,
    pub value_read: Decimal,
    pub value_posted: Decimal,
    pub value_rejected: Decimal,
    pub seconds: Decimal,
    /// Why it failed.
    pub message: Option<String>,
}

/// What is known of a file before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownImport {
    /// Nothing.
    New,
    /// This very run is over: only the file is left where it was.
    Over(ImportOutcome),
    /// An earlier run posted all rows of the same file.
    SameAs(Uuid),
}

/// A run, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportRun {
    pub run_id: Uuid,
    pub started_at: Timestamp,
    /// The login.
    pub started_by: String,
    pub feed: String,
    pub content: String,
    pub profile: String,
    pub file_name: String,
    pub file_bytes: i64,
    /// SHA-256 of the file, hexadecimal.
    pub file_hash: String,
    /// When it was over; none while it runs.
    pub finished_at: Option<Timestamp>,
    pub outcome: Option<String>,
    pub same_as: Option<Uuid>,
    pub rows_read: Option<i64>,
    pub rows_posted: Option<i64>,
    pub rows_already_posted: Option<i64>,
    pub rows_rejected: Option<i64>,
    pub postings: Option<i64>,
    pub value_read: Option<Decimal>,
    pub value_posted: Option<Decimal>,
    pub value_rejected: Option<Decimal>,
    pub seconds: Option<Decimal>,
    pub message: Option<String>,
}
