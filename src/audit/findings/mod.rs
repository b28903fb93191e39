//! What a verification finds, in words that an auditor can act on, the report of it, and what is decided about it.
//!
//! Boundary: knows nothing of how anything is found.

pub mod decisions;
mod list;
mod pin;
mod report;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use decisions::{Acceptance, Decisions};

pub use list::Findings;
pub use pin::Pin;
pub use report::{Mode, Outcome, Report};

/// How many hexadecimal digits the identity of a finding has: 80 bits, so that nobody makes a finding that
/// passes for one that was accepted.
const ID_DIGITS: usize = 20;

/// What is wrong, or noteworthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A record says that something was posted, its transaction was committed, and the row is not there.
    CommittedWithoutRow,
    /// A row of the ledger that no record explains.
    RowWithoutRecord,
    /// A row says something else than its record, or than what was sealed.
    ContentDiffers,
    /// Posted by another program, in a statement whose values cannot be read back.
    ForeignWriter,
    /// Something other than a posting wrote the ledger or what hangs on it.
    LedgerAltered,
    /// A level is not the sum of its movements.
    LevelDiffers,
    /// What was collected or sealed is not what it was.
    EvidenceAltered,
    /// Settings, roles, grants, tables, functions or triggers were changed.
    ConfigurationChanged,
    /// Lines, records or the end of a session are missing, or appear twice.
    Gap,
    /// A line that only looks like a record of pgaudit.
    Forged,
    /// The clock of the server was put back.
    ClockMoved,
    /// What happened cannot be told: lines that cannot be read, a crash, a transaction long forgotten.
    Unknown,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::CommittedWithoutRow => "committed without row",
            Self::RowWithoutRecord => "row without record",
            Self::ContentDiffers => "content differs",
            Self::ForeignWriter => "foreign writer",
            Self::LedgerAltered => "ledger altered",
            Self::LevelDiffers => "level differs",
            Self::EvidenceAltered => "evidence altered",
            Self::ConfigurationChanged => "configuration changed",
            Self::Gap => "gap",
            Self::Forged => "forged",
            Self::ClockMoved => "clock moved",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is wrong until somebody has explained it.
    Alarm,
    /// It was an alarm, and an auditor has looked into it and accepted it.
    Accepted,
    /// It happens in the course of business, and an auditor wants to know of it.
    Notice,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What tells it from every other finding, and stays the same in every verification that finds it.
    #[serde(default)]
    pub id: String,
    pub verdict: Verdict,
    #[serde(rename = "weight")]
    pub severity: Severity,
    /// What happened, in one sentence.
    pub what: String,
    /// The login, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// When, as the log or the ledger says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Where the client was and what it called itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The statement, cut where it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_no: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<uuid::Uuid>,
    /// What it was, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Who accepted it, when and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
    /// Where the seal is taken up again behind what is broken, once this is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// What it is known by, when its words hold figures that change in the course of business.
    #[serde(skip)]
    key: Option<String>,
}

impl Finding {
    /// An alarm.
    #[must_use]
    pub fn alarm(verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(verdict, Severity::Alarm, what)
    }

    /// A notice.
    #[must_use]
    pub fn notice(verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(verdict, Severity::Notice, what)
    }

    /// A finding with nothing but a sentence.
    #[must_use]
    pub fn new(verdict: Verdict, severity: Severity, what: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            verdict,
            severity,
            what: what.into(),
            who: None,
            when: None,
            from: None,
            session: None,
            statement: None,
            line_no: None,
            movement: None,
            before: None,
            after: None,
            accepted: None,
            pin: None,
            key: None,
        }
    }

    /// The finding about this movement.
    #[must_use]
    pub fn about(mut self, movement: uuid::Uuid) -> Self {
        self.movement = Some(movement);
        self
    }

    /// The finding about this line.
    #[must_use]
    pub fn at_line(mut self, line_no: u64) -> Self {
        self.line_no = Some(line_no);
        self
    }

    /// The finding with what was and what is.
    #[must_use]
    pub fn change(mut self, before: Option<String>, after: Option<String>) -> Self {
        self.before = before;
        self.after = after;
        self
    }

    /// The finding known by this instead of by its words and by what was and is: they hold figures that
    /// change while what is wrong does not.
    #[must_use]
    pub fn known_by(mut self, key: String) -> Self {
        self.key = Some(key);
        self
    }

    /// The finding with the place at which the seal is taken up again.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin) -> Self {
        self.pin = Some(pin);
        self
    }

    /// Makes it an accepted finding or an alarm again, by what was decided.
    pub fn decide(&mut self, decisions: &Decisions) {
        if self.severity == Severity::Notice {
            return;
        }
        self.accepted = decisions.acceptance(&self.id).cloned();
        self.severity = if self.accepted.is_some() { Severity::Accepted } else { Severity::Alarm };
    }

    /// Computes the identity.
    fn identify(&mut self) {
        let words = match &self.key {
            Some(key) => (key.as_str(), None, None),
            None => (self.what.as_str(), self.before.as_deref(), self.after.as_deref()),
        };
        let facts = (
            self.verdict,
            self.severity,
            words,
            (&self.who, &self.when, &self.session),
            (self.line_no, self.movement),
        );
        // Texts and numbers: nothing that JSON cannot hold.
        let hash = Sha256::digest(serde_json::to_vec(&facts).unwrap_or_default());
        self.id = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.id.truncate(ID_DIGITS);
    }
}
