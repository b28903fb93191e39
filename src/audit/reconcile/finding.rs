//! What a verification finds, in words that an auditor can act on.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::trees::Pin;
use crate::audit::decisions::{Acceptance, Decisions};

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
pub enum Weight {
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
            id: String::new(),
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
        if self.weight == Weight::Notice {
            return;
        }
        self.accepted = decisions.acceptance(&self.id).cloned();
        self.weight = if self.accepted.is_some() { Weight::Accepted } else { Weight::Alarm };
    }

    /// Computes the identity.
    fn identify(&mut self) {
        let words = match &self.key {
            Some(key) => (key.as_str(), None, None),
            None => (self.what.as_str(), self.before.as_deref(), self.after.as_deref()),
        };
        let facts = (
            self.verdict,
            self.weight,
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

/// How many findings are told one by one, and as many that were accepted; the rest is counted. Nobody reads
/// more, and a ledger of which nothing matches must not fill the memory.
const FINDINGS_MAX: usize = 10_000;

/// The findings of one verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
    accepted: Vec<Finding>,
    /// All that were accepted, those included that are not told.
    accepted_ids: HashSet<String>,
    decisions: Decisions,
    alarms: u64,
    notices: u64,
}

impl Findings {
    /// None yet, of a verification that knows what was decided.
    #[must_use]
    pub fn decided_by(decisions: Decisions) -> Self {
        Self { decisions, ..Self::default() }
    }

    /// What was decided.
    #[must_use]
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Adds one. An alarm that an auditor has accepted is none.
    pub fn add(&mut self, mut finding: Finding) {
        finding.identify();
        finding.decide(&self.decisions);
        let list = match finding.weight {
            Weight::Alarm => {
                self.alarms += 1;
                &mut self.list
            }
            Weight::Notice => {
                self.notices += 1;
                &mut self.list
            }
            Weight::Accepted => {
                self.accepted_ids.insert(finding.id.clone());
                &mut self.accepted
            }
        };
        if list.len() < FINDINGS_MAX {
            list.push(finding);
        }
    }

    /// Adds to the findings about a movement, and about no line yet, what is known of its record. It was known
    /// before what it is: that stays as it is.
    pub fn tell_more(&mut self, movement: uuid::Uuid, tell: impl Fn(Finding) -> Finding) {
        let about = |finding: &&mut Finding| finding.movement == Some(movement) && finding.line_no.is_none();
        for finding in self.list.iter_mut().chain(&mut self.accepted).filter(about) {
            *finding = tell(finding.clone());
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

    /// What was found and had been accepted.
    #[must_use]
    pub fn accepted_ids(&self) -> &HashSet<String> {
        &self.accepted_ids
    }

    /// The findings: alarms, what was accepted, notices.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Finding> {
        self.list.append(&mut self.accepted);
        self.list.sort_by_key(|finding| finding.weight);
        self.list
    }
}
