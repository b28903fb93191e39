//! The findings of a verification, described so that an auditor can act on them, its report, and the decisions about
//! them.
//!
//! Boundary: knows nothing of how anything is found.

pub mod causes;
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

/// How many hexadecimal digits the id of a finding has: 80 bits, so that nobody can construct a finding with the id of
/// an accepted one.
const ID_DIGITS: usize = 20;

/// The judgement about what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// According to a record something was posted and committed, but the row does not exist.
    CommittedWithoutRow,
    /// A row of the ledger that no record accounts for.
    RowWithoutRecord,
    /// A row differs from its record, or from what was sealed.
    ContentDiffers,
    /// Posted by another program, in a statement whose values cannot be read.
    ForeignWriter,
    /// Something other than a posting wrote to the ledger or to a table that depends on it.
    LedgerAltered,
    /// A level is not the sum of its movements.
    LevelDiffers,
    /// Collected lines or sealed rows are no longer what they were.
    EvidenceAltered,
    /// Settings, roles, grants, tables, functions or triggers were changed.
    ConfigurationChanged,
    /// Lines, records or the end of a session are missing, or appear twice.
    Gap,
    /// A line that only looks like a record of pgaudit.
    Forged,
    /// The clock of the server was set back.
    ClockMoved,
    /// What happened cannot be determined: unreadable lines, a crash, a transaction long forgotten.
    Unknown,
}

impl Verdict {
    /// The verdict in English words, as it is shown to people and stored in reports.
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

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is wrong until somebody has explained it.
    Alarm,
    /// It was an alarm, and an auditor has investigated and accepted it.
    Accepted,
    /// It happens in normal operation, and an auditor should know of it.
    Notice,
}

impl Severity {
    /// The word used in reports and exports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Accepted => "accepted",
            Self::Notice => "notice",
        }
    }
}

/// One result of a verification: what was found, and everything known about who did it, when and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Identifies the finding, and is the same in every verification that finds it. It is computed from the kind of the
    /// finding and its subject, not from its sentence.
    #[serde(default)]
    pub id: String,
    /// The id that earlier releases computed from the sentence. A finding accepted under it remains accepted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub former_id: String,
    pub verdict: Verdict,
    #[serde(rename = "weight")]
    pub severity: Severity,
    /// What happened, in one sentence.
    pub what: String,
    /// The login, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// When, according to the log or the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The host of the client and the name that it gave itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The statement, truncated if it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_no: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<uuid::Uuid>,
    /// The former value, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether login and session are those that posted the row, not those that altered it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_poster: bool,
    /// The low 32 bits of the transaction id: of the statement, or of the transaction that last wrote the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<u64>,
    /// Who accepted it, when and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
    /// Where the seal is resumed after the break, once this is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    #[serde(skip)]
    key: Key,
}

/// The data from which the id is computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Key {
    kind: Option<Kind>,
    /// The subject, in addition to line, movement, session, login and time.
    parts: Vec<String>,
    /// Whether the former and present values are left out of the id, because they keep changing.
    without_values: bool,
    former: Option<String>,
}

impl Finding {
    /// A finding that something is wrong until it has been explained.
    #[must_use]
    pub fn alarm(kind: Kind, verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(kind, verdict, Severity::Alarm, what)
    }

    /// A finding about something that happens in normal operation.
    #[must_use]
    pub fn notice(kind: Kind, verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(kind, verdict, Severity::Notice, what)
    }

    /// A finding that has only a sentence so far.
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
            by_poster: false,
            transaction: None,
            accepted: None,
            pin: None,
            key: Key { kind: Some(kind), ..Key::default() },
        }
    }

    /// The finding with the movement that it is about.
    #[must_use]
    pub fn about(mut self, movement: uuid::Uuid) -> Self {
        self.movement = Some(movement);
        self
    }

    /// The finding with the line that it is about.
    #[must_use]
    pub fn at_line(mut self, line_no: u64) -> Self {
        self.line_no = Some(line_no);
        self
    }

    /// The finding with the former and the present value.
    #[must_use]
    pub fn change(mut self, before: Option<String>, after: Option<String>) -> Self {
        self.before = before;
        self.after = after;
        self
    }

    /// Marks login and session as those of the posting, not those of whoever altered the row.
    #[must_use]
    pub fn of_posting(mut self) -> Self {
        self.by_poster = true;
        self.transaction = None;
        self
    }

    /// Adds the transaction that last wrote the row, if the server knows it.
    #[must_use]
    pub fn written_in(mut self, transaction: Option<u32>) -> Self {
        self.transaction = transaction.map(u64::from);
        self
    }

    /// The finding with one more part of its subject.
    #[must_use]
    pub fn of(mut self, part: impl fmt::Display) -> Self {
        self.key.parts.push(part.to_string());
        self
    }

    /// The finding with an id that does not depend on its former and present values, which change although what is
    /// wrong remains the same.
    #[must_use]
    pub fn whatever_its_values(mut self) -> Self {
        self.key.without_values = true;
        self
    }

    /// The finding with the text from which earlier releases computed its id. Otherwise that is its sentence.
    #[must_use]
    pub fn formerly(mut self, words: impl Into<String>) -> Self {
        self.key.former = Some(words.into());
        self
    }

    /// The finding with the point at which the seal is resumed if it is accepted.
    #[must_use]
    pub fn with_pin(mut self, pin: Pin) -> Self {
        self.pin = Some(pin);
        self
    }

    /// Makes it an accepted finding or an alarm again, according to the decisions.
    pub fn decide(&mut self, decisions: &Decisions) {
        if self.severity == Severity::Notice {
            return;
        }
        self.accepted = decisions.acceptance_of(self).cloned();
        self.severity = if self.accepted.is_some() { Severity::Accepted } else { Severity::Alarm };
    }

    /// Computes the id, and the one of earlier releases.
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

/// The id that follows from some facts.
fn identity(facts: &impl Serialize) -> String {
    // They are texts and numbers, which JSON can always represent.
    let hash = Sha256::digest(serde_json::to_vec(facts).unwrap_or_default());
    let mut id: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    id.truncate(ID_DIGITS);
    id
}
