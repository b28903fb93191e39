//! Filters for the collected log, and what is reported about it and about the server's configuration.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Anchor;

/// Which lines of the collected log to list. Conditions are combined with AND; an empty filter lists all lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub login: Option<String>,
    /// Only records of these classes: WRITE, DDL, ROLE, MISC, FORGED, UNREADABLE, COLLECTOR.
    pub classes: Vec<String>,
    pub object: Option<String>,
    /// Only clients on this host.
    pub host: Option<String>,
    pub session: Option<String>,
    /// Only lines that contain this text, case-sensitive.
    pub text: Option<String>,
    /// Only what was logged at or after this time.
    pub since: Option<Timestamp>,
    /// Only what was logged at or before this time.
    pub until: Option<Timestamp>,
    /// Only logins, failed logins and the ends of sessions.
    pub logins_only: bool,
    /// Only what was refused or failed.
    pub errors_only: bool,
    /// Only records, and what was refused or failed.
    pub records_only: bool,
    /// Where the page begins, by the number of a line. The first row is the newest line.
    pub anchor: Anchor<u64>,
    /// The most lines; a default number if none is given.
    pub limit: Option<u32>,
}

/// What one login did on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DaySum {
    pub day: Date,
    pub login: String,
    /// The class of the records.
    pub class: String,
    pub command: String,
    /// The object; empty where pgaudit does not name it.
    pub object: String,
    pub records: u64,
}

/// The state of collecting and sealing, as the indicators of the audit show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditHealth {
    /// Whether a collector is logged in.
    pub collector_present: bool,
    /// How many seconds ago the collector last sealed; it does so every two seconds, also when there is nothing new.
    pub sealed_seconds_ago: Option<i64>,
    /// When the newest line was collected.
    pub collected_at: Option<Timestamp>,
    /// When the server wrote that line.
    pub logged_at: Option<Timestamp>,
    /// How many lines have been collected.
    pub lines: u64,
    /// How many movements have been sealed.
    pub sealed: u64,
}

/// How much a login has written into the log, not counting records of the class WRITE, which postings make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogFlood {
    pub login: String,
    pub entries: u64,
    pub bytes: u64,
    /// When the first of these entries was written.
    pub since: Timestamp,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckSeverity {
    /// The audit or the ledger cannot be trusted until this is corrected.
    Unsafe,
    /// Not checked: the login may not read what the check needs.
    Unchecked,
    /// It works, but less well than it could.
    Advice,
}

impl CheckSeverity {
    /// Every severity, the most serious first.
    pub const ALL: [Self; 3] = [Self::Unsafe, Self::Unchecked, Self::Advice];

    /// The word used in reports and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsafe => "unsafe",
            Self::Unchecked => "unchecked",
            Self::Advice => "advice",
        }
    }
}

/// A setting or object of a server that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckFinding {
    #[serde(rename = "weight")]
    pub severity: CheckSeverity,
    /// What it is about: a setting, a role, a trigger.
    pub subject: String,
    pub found: String,
    /// The correction: a line for the configuration or a statement to run.
    pub remedy: String,
}
