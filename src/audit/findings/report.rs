//! The report of a verification.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::decisions::{Decisions, Head};
use super::{Finding, Severity};

/// The overall result: clean if there are no alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Clean,
    Discrepancies,
}

/// Whether everything was read, or only what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
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

/// The report of a verification: what was compared, and the findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub status: Outcome,
    pub mode: Mode,
    pub database: String,
    /// Everything that was committed before this moment has been verified.
    pub analysed_to: Timestamp,
    pub lines: u64,
    pub movements: u64,
    /// Of these, how many agree with their record.
    pub matched: u64,
    pub counts: u64,
    /// Records of movements and counts whose transaction was rolled back.
    pub rolled_back: u64,
    /// Records whose transaction had not ended; the next verification covers them.
    pub not_over: u64,
    /// Movements that are older than the collected log.
    pub older_than_log: u64,
    /// Checkpoints that were compared with the data.
    pub checkpoints: u64,
    /// Lines that no checkpoint protects yet.
    pub lines_not_sealed: u64,
    /// Movements that no checkpoint protects yet.
    pub movements_not_sealed: u64,
    /// How many findings are alarms.
    pub alarms: u64,
    /// How many would be alarms if an auditor had not accepted them.
    #[serde(default)]
    pub accepted: u64,
    pub notices: u64,
    pub seconds: f64,
    /// The last decision that it knew.
    #[serde(default)]
    pub decisions: Head,
    /// The findings: alarms, accepted ones, notices.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The report with the decisions made since.
    #[must_use]
    pub fn decided(mut self, decisions: &Decisions) -> Self {
        for finding in &mut self.findings {
            let before = finding.severity;
            finding.decide(decisions);
            match (before, finding.severity) {
                (Severity::Alarm, Severity::Accepted) => {
                    self.alarms = self.alarms.saturating_sub(1);
                    self.accepted += 1;
                }
                (Severity::Accepted, Severity::Alarm) => {
                    self.alarms += 1;
                    self.accepted = self.accepted.saturating_sub(1);
                }
                _ => {}
            }
        }
        self.findings.sort_by_key(|finding| finding.severity);
        self.status = if self.alarms == 0 { Outcome::Clean } else { Outcome::Discrepancies };
        self
    }
}
