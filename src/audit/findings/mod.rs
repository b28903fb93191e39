//! What a verification finds, in words that an auditor can act on, the report of it, and what is decided about it.
//!
//! Boundary: knows nothing of how anything is found.

pub mod decisions;
mod kind;
mod list;
mod pin;
mod report;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use decisions::{Acceptance, Decisions};

pub use kind::Kind;
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
    /// What tells it from every other finding, and stays the same in every verification that finds it. It is computed from the
    /// kind of the finding and from what it is about, not from its sentence.
    #[serde(default)]
    pub id: String,
    /// The identity that releases gave it which computed it from the sentence. What was accepted by it stays accepted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub former_id: String,
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
    #[serde(skip)]
    key: Key,
}

/// What a finding is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Key {
    kind: Option<Kind>,
    /// What it is about, beside the line, the movement, the session, the login and the time.
    parts: Vec<String>,
    /// Whether what was and is tells it from others too: not where these figures go on changing.
    without_values: bool,
    former: Option<String>,
}

impl Finding {
    /// An alarm.
    #[must_use]
    pub fn alarm(kind: Kind, verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(kind, verdict, Severity::Alarm, what)
    }

    /// A notice.
    #[must_use]
    pub fn notice(kind: Kind, verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(kind, verdict, Severity::Notice, what)
    }

    /// A finding with nothing but a sentence.
    #[must_use]
    pub fn new(kind: Kind, verdict: Verdict, severity: Severity, what: impl Into<String>) -> Self {
        Self {
            id: String::new(),
            former_id: String::new(),
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
            key: Key { kind: Some(kind), ..Key::default() },
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

    /// The finding with one more part of what it is about.
    #[must_use]
    pub fn of(mut self, part: impl fmt::Display) -> Self {
        self.key.parts.push(part.to_string());
        self
    }

    /// The finding known by its parts alone, and not by what was and is: these hold figures that change while what is wrong
    /// does not.
    #[must_use]
    pub fn whatever_its_values(mut self) -> Self {
        self.key.without_values = true;
        self
    }

    /// The finding with what earlier releases knew it by: their sentence, or a text that they used in its place. Without this,
    /// that was the sentence as it is.
    #[must_use]
    pub fn formerly(mut self, words: impl Into<String>) -> Self {
        self.key.former = Some(words.into());
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
        self.accepted = decisions.acceptance_of(self).cloned();
        self.severity = if self.accepted.is_some() { Severity::Accepted } else { Severity::Alarm };
    }

    /// Computes the identity, and the one of earlier releases.
    fn identify(&mut self) {
        let key = &self.key;
        let values = (self.before.as_deref(), self.after.as_deref());
        let values = if key.without_values { (None, None) } else { values };
        let about = (&self.who, &self.when, &self.session);
        let place = (self.line_no, self.movement);
        let id = identity(&(key.kind, self.verdict, self.severity, &key.parts, values, about, place));
        let words = key.former.as_deref().unwrap_or(&self.what);
        let former = (self.verdict, self.severity, (words, values.0, values.1), about, place);
        // Only alarms are accepted.
        if self.severity != Severity::Notice {
            self.former_id = identity(&former);
        }
        self.id = id;
    }
}

/// The identity that facts give.
fn identity(facts: &impl Serialize) -> String {
    // Texts and numbers: nothing that JSON cannot hold.
    let hash = Sha256::digest(serde_json::to_vec(facts).unwrap_or_default());
    let mut id: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    id.truncate(ID_DIGITS);
    id
}
