//! One server process as its lines tell of it: numbers without a gap, a beginning and an end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::LogLine;

/// How far the clock may go back between two lines of a process before it is reported, in milliseconds.
/// Small corrections are what clock synchronisation does.
const CLOCK_BACK_MS: i64 = 1_000;

/// How long a connection may take to be let in; the server gives up after one minute unless it is told otherwise.
const VISIT_SECONDS_MAX: i64 = 900;

/// A write that belongs to a posting only if the posting's own record follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingWrite {
    /// The statement that it is a part of.
    pub statement_id: u64,
    pub txid: u64,
    /// What to report if nothing follows.
    pub finding: Box<PendingFinding>,
}

/// What is told of a pending write.
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
    /// The finding.
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

/// A process whose end has not been seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    next_line: u64,
    /// The highest number of a statement so far; `None` when the beginning is not in the log.
    statement: Option<u64>,
    last_at: Option<Timestamp>,
    /// When it began, in seconds since 1970.
    pub began_at: i64,
    /// The login, once it is known to be that of a client that was let in.
    pub client: Option<String>,
    /// The transaction of its last line; 0 when that line was in none.
    pub txid: u64,
    /// Whether it began as the connection of a client.
    pub visitor: bool,
    /// Writes that wait for the record of their posting.
    pub pending: Vec<PendingWrite>,
}

/// The time at which a process began: the first half of the number of its session.
pub fn began_at(session_id: &str) -> Option<i64> {
    i64::from_str_radix(session_id.split('.').next()?, 16).ok()
}

/// What is to be said of a line's time after that of the line before.
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
    /// A session that is seen for the first time. With `from_the_beginning`, lines that came before would be
    /// missing; otherwise it began before the log that there is.
    pub fn new(session_id: &str, from_the_beginning: bool, line: u64) -> Self {
        Self {
            next_line: if from_the_beginning { 1 } else { line },
            statement: from_the_beginning.then_some(0),
            began_at: began_at(session_id).unwrap_or(0),
            ..Self::default()
        }
    }

    /// Whether nothing more can come of it: a client that was not let in, or was thrown out, leaves no line
    /// that says so. Letting somebody in takes a minute at most.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.visitor
            && self.client.is_none()
            && self.last_at.is_none_or(|last| now.as_second() - last.as_second() > VISIT_SECONDS_MAX)
    }

    /// Takes the number and the time of a line; says what is wrong with them.
    pub fn line(&mut self, line: &LogLine<'_>) -> Option<Finding> {
        self.txid = line.txid;
        let number = line.line_num;
        let expected = self.next_line;
        let session = &line.session_id;
        if number > expected {
            self.next_line = number + 1;
            // What was lost may have held statements.
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

    /// Takes the number of a statement; says what is wrong with it.
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
