//! What a verification finds, in words that an auditor can act on.

use std::fmt;

use serde::{Deserialize, Serialize};

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
pub enum Weight {
    /// Something is wrong until somebody has explained it.
    Alarm,
    /// It happens in the course of business, and an auditor wants to know of it.
    Notice,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub verdict: Verdict,
    /// How grave it is.
    pub weight: Weight,
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
    /// The server process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The statement, cut where it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The collected line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_no: Option<u64>,
    /// The movement or count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<uuid::Uuid>,
    /// What it was, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Finding {
    /// An alarm.
    #[must_use]
    pub fn alarm(verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(verdict, Weight::Alarm, what)
    }

    /// A notice.
    #[must_use]
    pub fn notice(verdict: Verdict, what: impl Into<String>) -> Self {
        Self::new(verdict, Weight::Notice, what)
    }

    /// A finding with nothing but a sentence.
    #[must_use]
    pub fn new(verdict: Verdict, weight: Weight, what: impl Into<String>) -> Self {
        Self {
            verdict,
            weight,
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
}

/// How many findings are told one by one; the rest is counted. Nobody reads more, and a ledger of which
/// nothing matches must not fill the memory.
const FINDINGS_MAX: usize = 10_000;

/// The findings of one verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
    alarms: u64,
    notices: u64,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        match finding.weight {
            Weight::Alarm => self.alarms += 1,
            Weight::Notice => self.notices += 1,
        }
        if self.list.len() < FINDINGS_MAX {
            self.list.push(finding);
        }
    }

    /// How many alarms there are, those included that are not told.
    #[must_use]
    pub fn alarms(&self) -> u64 {
        self.alarms
    }

    /// How many notices there are.
    #[must_use]
    pub fn notices(&self) -> u64 {
        self.notices
    }

    /// The findings, the alarms first.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.weight);
        self.list
    }
}
