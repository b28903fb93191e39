//! The runs of imports, scheduled or by command.

use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

/// The name that an import by command has in place of a feed.
pub const COMMAND_FEED: &str = "command";

/// A file that is to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFile {
    pub run_id: Uuid,
    /// The name of the feed, or [`COMMAND_FEED`].
    pub feed: String,
    /// `movements` or `products`.
    pub content: &'static str,
    pub profile: String,
    /// The name under which it arrived; `-` for standard input.
    pub file_name: String,
    /// The size of the file; 0 if it is not known.
    pub file_bytes: u64,
    /// SHA-256 of the file; zeros if it cannot be read beforehand.
    pub file_hash: [u8; 32],
}

/// The outcome of an import run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportOutcome {
    /// All rows are in the database.
    Posted,
    /// Some rows were rejected; all others are in the database.
    Rejects,
    /// An earlier run posted all rows of the same file.
    Duplicate,
    /// The import ended with an error or posted nothing: the file cannot be read, does not fit the profile, or all of its
    /// rows were rejected, for example.
    Failed,
}

impl ImportOutcome {
    /// Every outcome, in the order of `docs/operations.md`.
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

/// The error for a word that is not an outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an outcome of an import")]
pub struct UnknownOutcome(String);

impl FromStr for ImportOutcome {
    type Err = UnknownOutcome;

    fn from_str(word: &str) -> Result<Self, UnknownOutcome> {
        let known = Self::ALL.into_iter().find(|outcome| outcome.as_str() == word);
        known.ok_or_else(|| UnknownOutcome(word.to_owned()))
    }
}

/// The result of a run, as it is recorded in the database.
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
    /// The error message, if it failed.
    pub message: Option<String>,
    /// Where the rejected rows are.
    pub rejects_file: Option<String>,
    /// The path of the report on the machine that ran the import.
    pub report_file: Option<String>,
}

/// What the database knows of a file before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownImport {
    /// No run of this file posted all of its rows, so that it is read.
    New,
    /// This run has ended already: only the file has not been moved yet.
    Over(ImportOutcome),
    /// An earlier run posted all rows of the same file.
    SameAs(Uuid),
}

/// An import run, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportRun {
    pub run_id: Uuid,
    pub started_at: Timestamp,
    /// The login that ran the import.
    pub started_by: String,
    pub feed: String,
    pub content: String,
    pub profile: String,
    pub file_name: String,
    pub file_bytes: i64,
    /// SHA-256 of the file, hexadecimal.
    pub file_hash: String,
    /// When it ended; none while it runs.
    pub finished_at: Option<Timestamp>,
    pub outcome: Option<ImportOutcome>,
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
    /// The file with the rejected rows, on the machine where the import ran.
    pub rejects_file: Option<String>,
    /// The file with the report, on the same machine.
    pub report_file: Option<String>,
}
