//! Verification: everything is recomputed from the collected lines and the rows of the ledger, and compared: records
//! with rows by their content, levels and reversals with the ledger, and the trees with the signed checkpoints. Stored
//! hashes are used only to name what was changed.
//!
//! The extent of a verification is delimited by a mark in the log instead of by waiting. A snapshot is taken, then the
//! mark is written. The records of all transactions that the snapshot shows precede the mark in the log, because the
//! log is one pipe; once the mark has been collected, all of them have been.

mod analyser;
mod attempts;
mod beginning;
mod changes;
mod context;
mod counts;
mod known;
mod leaves;
mod ledger;
pub mod line_status;
mod lines;
mod logins;
mod mark;
mod outcomes;
mod records;
mod reload;
mod rows;
mod run;
mod session;
mod settings;
mod state;
mod statement;
mod sums;
pub mod trees;
mod upkeep;
mod window;
mod writers;

use std::path::PathBuf;
use std::time::Duration;

pub use super::findings::{Finding, Mode, Outcome, Report, Severity, Verdict};
pub use run::verify;
pub use state::last_verified;

use super::findings::decisions::Decisions;
use super::seal::Checkpoint;
use super::seal::tree::DamagedFrontier;
use crate::store;

/// How long to wait for the mark to be collected. A running collector needs less than a second.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The steps of a verification, for showing its progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Lines,
    /// The rows of the ledger.
    Movements,
    Levels,
}

impl Step {
    /// The name of the step in progress messages.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Movements => "movements",
            Self::Levels => "levels",
        }
    }
}

/// Called with the progress: what is being read, how much of it has been read, and how much there is (0 if unknown).
pub type Progress<'a> = dyn Fn(Step, u64, u64) + Sync + 'a;

/// Why a verification could not be completed. None of these means that anything is wrong.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Store(#[from] store::Error),
    /// No collector is running.
    #[error(
        "the log has not been collected up to now within {seconds} s; is `stockroom audit collect --follow` running?"
    )]
    NotCollected { seconds: u64 },
    /// The login may not read collected lines in full.
    #[error(
        "only an auditor can verify: verification reads every log entry in full, and literals may be passwords; log in as an auditor"
    )]
    NotAuditor,
    /// Rows may be hidden from the login that verifies.
    #[error(
        "row-level security is enabled for {tables}, so rows can be hidden from an auditor and nothing was verified; \
         correct it with ALTER TABLE … DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY, and find out who enabled it"
    )]
    RowSecurity { tables: String },
    /// The stored state of a tree is damaged.
    #[error(transparent)]
    Damaged(#[from] DamagedFrontier),
    /// The file with the state of the last verification could not be read or written.
    #[error("{path}: {source}")]
    State { path: PathBuf, source: std::io::Error },
    /// A part of this program failed.
    #[error("the verification failed: {0}")]
    Internal(String),
}

/// What to verify, and with which evidence.
#[derive(Debug, Clone)]
pub struct VerifyPlan {
    /// Read everything, including what an earlier verification has covered.
    pub full: bool,
    pub checkpoints: Vec<Checkpoint>,
    /// The file with the state of the last clean verification.
    pub state: Option<PathBuf>,
    /// How long to wait for the collector.
    pub patience: Duration,
    /// The decisions about findings.
    pub decisions: Decisions,
}
