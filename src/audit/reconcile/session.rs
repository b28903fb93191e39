//! One server process according to its lines: numbers without a gap, a beginning and an end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::LogLine;

/// How far the clock may go back between two lines of a process before it is reported, in milliseconds. Clock
/// synchronisation makes small corrections.
const CLOCK_BACK_MS: i64 = 1_000;

/// How long authentication may take; by default the server gives up after one minute.
const VISIT_SECONDS_MAX: i64 = 900;

/// A write that belongs to a posting only if the posting's own record follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingWrite {
    /// The statement that it is part of.
    pub statement_id: u64,
    pub txid: u64,
    /// What to report if no such record follows.
    pub finding: Box<PendingFinding>,
}

impl PendingWrite {
    /// What is reported if nothing follows.
    pub fn finding(&self) -> Finding {
        let mut finding = self.finding.finding();
        finding.transaction = (self.txid != 0).then_some(self.txid);
        finding
    }
}

/// The details of a pending write, for the finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingFinding {
    /// The command and the table, as pgaudit names them.
    pub command: String,
    pub table: String,
    pub line_no: u64,
    pub who: String,
    pub when: String,
    pub from: String,
    pub session: String,
    pub statement: String,
}

impl PendingFinding {
    /// The alarm that the write was outside a posting.
    pub fn finding(&self) -> Finding {
        let what = format!("{} of {} outside a posting", self.command, self.table);
        let mut finding = Finding::alarm(Kind::WriteOutsidePosting, Verdict::LedgerAltered, what)
            .of(&self.command)
            .of(&self.table)
            .at_line(self.line_no);
        finding.who = Some(self.who.clone());
        finding.when = Some(self.when.clone());
        finding.from = Some(self.from.clone());
        finding.session = Some(self.session.clone());
        finding.statement = Some(self.statement.clone());
        finding
    }
}

/// A server process whose end has not been seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    next_line: u64,
    /// The highest number of a statement so far; `None` if the beginning is not in the log.
    statement: Option<u64>,
    last_at: Option<Timestamp>,
    /// When it began, in seconds since 1970.
    pub began_at: i64,
    /// The login, once the client was authenticated.
    pub client: Option<String>,
    /// The transaction of its last line; 0 if that line was in none.
    pub txid: u64,
    /// Whether it began as the connection of a client.
    pub visitor: bool,
    /// Writes that wait for the record of their posting.
    pub pending: Vec<PendingWrite>,
}

/// The time at which a process began, which is the first half of its session id.
pub fn began_at(session_id: &str) -> Option<i64> {
    i64::from_str_radix(session_id.split('.').next()?, 16).ok()
}

/// The finding if a line's time is too far before that of the previous line.
pub fn put_back(before: Option<Timestamp>, now: Option<Timestamp>) -> Option<Finding> {
    let back = before?.as_millisecond() - now?.as_millisecond();
    (back > CLOCK_BACK_MS).then(|| {
        Finding::alarm(
            Kind::ClockSetBack,
            Verdict::ClockMoved,
            format!("the clock of the server was set back by {} s", back / 1_000),
        )
        .of(back / 1_000)
        .formerly(format!("the clock of the server was put back by {} s", back / 1_000))
    })
}

impl Session {
    /// A session that is seen for the first time. With `from_the_beginning`, earlier lines would be missing; otherwise
    /// it began before the log.
    pub fn new(session_id: &str, from_the_beginning: bool, line: u64) -> Self {
        Self {
            next_line: if from_the_beginning { 1 } else { line },
            statement: from_the_beginning.then_some(0),
            began_at: began_at(session_id).unwrap_or(0),
            ..Self::default()
        }
    }

    /// Whether nothing more can follow: a client that was rejected or disconnected during authentication leaves no line
    /// about it.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.visitor
            && self.client.is_none()
            && self.last_at.is_none_or(|last| now.as_second() - last.as_second() > VISIT_SECONDS_MAX)
    }

    /// Takes the number and the time of a line; returns what is wrong with them.
    pub fn line(&mut self, line: &LogLine<'_>) -> Option<Finding> {
        self.txid = line.txid;
        let number = line.line_num;
        let expected = self.next_line;
        let session = &line.session_id;
        if number > expected {
            self.next_line = number + 1;
            // What was lost may have contained statements.
            self.statement = None;
            let missing = match number - 1 {
                last if last == expected => format!("line {last} of session {session} is missing"),
                last => format!("lines {expected} to {last} of session {session} are missing"),
            };
            let finding = Finding::alarm(Kind::EntriesMissing, Verdict::Gap, format!("{missing} in the log"));
            return Some(finding.of(expected).of(number - 1));
        }
        if number < expected {
            let what = format!("line {number} of session {session} is repeated or out of order");
            let former = format!("line {number} of session {session} appears again, or out of order");
            return Some(Finding::alarm(Kind::EntryRepeated, Verdict::Gap, what).of(number).formerly(former));
        }
        self.next_line = number + 1;
        let now = line.logged_at();
        let finding = put_back(self.last_at, now);
        self.last_at = now.or(self.last_at);
        finding
    }

    /// Takes the number of a statement; returns what is wrong with it.
    pub fn statement(&mut self, number: u64, session_id: &str) -> Option<Finding> {
        let Some(highest) = self.statement else {
            self.statement = Some(number);
            return None;
        };
        self.statement = Some(highest.max(number));
        (number > highest + 1).then(|| {
            Finding::alarm(
                Kind::StatementsMissing,
                Verdict::Gap,
                format!(
                    "the records of statements {} to {} of session {session_id} are missing",
                    highest + 1,
                    number - 1
                ),
            )
            .of(highest + 1)
            .of(number - 1)
        })
    }
}
