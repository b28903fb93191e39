//! Verification: everything is computed anew from the collected lines and from the rows of the ledger, and
//! compared: records with rows by their content, levels and reversals with the ledger, and both trees with
//! the checkpoints that were signed. Stored hashes are used for nothing but to name what was changed.
//!
//! What is judged is told by a mark in the log rather than by waiting for a while. A snapshot is taken, then
//! the mark is written. Every record of a transaction that the snapshot shows went into the log before the
//! mark, because the log is one pipe; so once the mark has been collected, all of them have.

pub mod finding;
pub mod glance;
mod judge;
mod known;
mod ledger;
mod lines;
mod mark;
mod records;
mod run;
mod session;
mod settings;
mod state;
mod sums;
mod telling;
pub mod trees;
mod window;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use finding::{Finding, Verdict, Weight};
pub use run::verify;
pub use state::last_verified;

use super::decisions::{Decisions, Head};
use super::seal::Checkpoint;
use super::seal::tree::DamagedFrontier;
use crate::store;

/// How long to wait for the mark to be collected. A collector that follows needs less than a second.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a verification reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The collected lines.
    Lines,
    /// The rows of the ledger.
    Movements,
    /// The levels.
    Levels,
}

impl Step {
    /// What it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Movements => "movements",
            Self::Levels => "levels",
        }
    }
}

/// Told of the work: what is being read, how much of it has been, and how much there is (0: not known).
pub type Progress<'a> = dyn Fn(Step, u64, u64) + Sync + 'a;

/// Why a verification could not be carried through. None of these says that anything is wrong.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The collector is not at work.
    #[error(
        "the log has not been collected up to now within {seconds} s; is `stockroom audit collect --follow` at work?"
    )]
    NotCollected {
        /// How long was waited.
        seconds: u64,
    },
    /// The stored state of a tree.
    #[error(transparent)]
    Damaged(#[from] DamagedFrontier),
    /// The file with the state of the last verification.
    #[error("{path}: {source}")]
    State {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A part of this program failed.
    #[error("the verification failed: {0}")]
    Internal(String),
}

/// What to verify, and against what.
#[derive(Debug, Clone)]
pub struct VerifyPlan {
    /// Read everything, also what an earlier verification has found to be right.
    pub full: bool,
    /// Checkpoints whose signatures hold.
    pub checkpoints: Vec<Checkpoint>,
    /// Where the state of the last clean verification is kept.
    pub state: Option<PathBuf>,
    /// How long to wait for the collector.
    pub patience: Duration,
    /// What was decided about findings.
    pub decisions: Decisions,
}

/// Whether anything is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is no alarm.
    Clean,
    /// There are alarms.
    Discrepancies,
}

/// How much was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything.
    Full,
    /// What is new since the last clean verification.
    Incremental,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        })
    }
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whether anything is wrong.
    pub status: Outcome,
    /// How much was read.
    pub mode: Mode,
    /// The database.
    pub database: String,
    /// Everything that was committed before this moment has been judged.
    pub judged_to: Timestamp,
    /// Lines that were judged.
    pub lines: u64,
    /// Movements that were judged.
    pub movements: u64,
    /// Of these, how many agree with their record.
    pub matched: u64,
    /// Counts that were judged.
    pub counts: u64,
    /// Records of movements and counts whose transaction was rolled back.
    pub rolled_back: u64,
    /// Records whose transaction was not over; the next verification judges them.
    pub not_over: u64,
    /// Movements that are older than the collected log.
    pub older_than_log: u64,
    /// Checkpoints that were held against the data.
    pub checkpoints: u64,
    /// Lines that no checkpoint protects yet.
    pub lines_not_sealed: u64,
    /// Movements that no checkpoint protects yet.
    pub movements_not_sealed: u64,
    /// How many findings are alarms.
    pub alarms: u64,
    /// How many would be alarms, had an auditor not accepted them.
    #[serde(default)]
    pub accepted: u64,
    /// How many are notices.
    pub notices: u64,
    /// How long it took.
    pub seconds: f64,
    /// How far the decisions went that it knew.
    #[serde(default)]
    pub decisions: Head,
    /// The findings: alarms, what was accepted, notices.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The report in the light of what has been decided since it was made.
    #[must_use]
    pub fn decided(mut self, decisions: &Decisions) -> Self {
        for finding in &mut self.findings {
            let before = finding.weight;
            finding.decide(decisions);
            match (before, finding.weight) {
                (Weight::Alarm, Weight::Accepted) => {
                    self.alarms = self.alarms.saturating_sub(1);
                    self.accepted += 1;
                }
                (Weight::Accepted, Weight::Alarm) => {
                    self.alarms += 1;
                    self.accepted = self.accepted.saturating_sub(1);
                }
                _ => {}
            }
        }
        self.findings.sort_by_key(|finding| finding.weight);
        self.status = if self.alarms == 0 { Outcome::Clean } else { Outcome::Discrepancies };
        self
    }
}
