//! The savepoints of one session, and which of its postings were taken back to one.
//!
//! Everything here errs to one side: a posting is said to be taken back only if it certainly was. What is not
//! known, because lines are missing or pgaudit does not record it, leaves a posting as it is.

use serde::{Deserialize, Serialize};

use super::records::{Fingerprint, fingerprint};
use crate::audit::record::control::{Control, controls, is_control};
use crate::audit::record::{AuditRecord, LogLine};

/// A savepoint, and how many postings there were before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Savepoint {
    name: String,
    before: usize,
}

/// Where a session is in a text of several statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Script {
    text: Fingerprint,
    /// The place of the statement that comes next.
    next: usize,
}

/// The savepoints that are open in the transaction of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Savepoints {
    /// The transaction, by the number that the server gives it before anything is written.
    transaction: String,
    open: Vec<Savepoint>,
    /// The lines of the postings that were made since the first of them.
    posted: Vec<u64>,
    /// Whether a statement has failed, and nothing is known to have happened since.
    failed: bool,
    script: Option<Script>,
}

/// Lines whose postings were taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Certainly.
    pub lines: Vec<u64>,
    /// Perhaps: no record tells to which of several savepoints the session went back.
    pub doubtful: Vec<u64>,
}

impl Savepoints {
    /// Takes any line of the session.
    pub fn line(&mut self, line: &LogLine<'_>) {
        if self.transaction != line.vxid {
            self.transaction.clear();
            self.transaction.push_str(&line.vxid);
            self.open.clear();
            self.posted.clear();
            self.failed = false;
        }
        if line.error_severity == "ERROR" {
            self.failed = true;
            // What follows in the text is not run.
            self.script = None;
        }
    }

    /// Lines of the session are missing: a savepoint may have been made in between.
    /// Gives the lines of which it is not known any more whether they were taken back.
    pub fn lost(&mut self) -> Vec<u64> {
        self.script = None;
        self.open.clear();
        std::mem::take(&mut self.posted)
    }

    /// Notes the line of a write, which may be that of a posting.
    pub fn wrote(&mut self, line_no: u64, record: &AuditRecord<'_>) {
        if !self.open.is_empty() && record.class == "WRITE" {
            self.posted.push(line_no);
        }
    }

    /// Takes a record of the session; says which postings were taken back.
    pub fn record(&mut self, record: &AuditRecord<'_>) -> TakenBack {
        let is_control = record.class == "MISC" && is_control(&record.command);
        let failed = std::mem::take(&mut self.failed);
        if !is_control && !failed {
            return TakenBack::default();
        }
        let statements = controls(&record.statement);
        let mut taken = if failed { self.recover(record, &statements) } else { TakenBack::default() };
        if is_control {
            let place = self.place(record, &statements, failed);
            let mut more = match place.and_then(|place| statements.get(place)?.as_ref()) {
                Some(control) => self.apply(control),
                None => TakenBack { lines: Vec::new(), doubtful: self.lost() },
            };
            taken.lines.append(&mut more.lines);
            taken.doubtful.append(&mut more.doubtful);
        }
        taken
    }

    /// A statement failed, and this record is of a later one in the same transaction: so the session went back
    /// to a savepoint in between. pgaudit does not record that, but whichever it was, all that came after
    /// the innermost was taken back.
    fn recover(&mut self, record: &AuditRecord<'_>, statements: &[Option<Control>]) -> TakenBack {
        // Where this text begins with it and goes on with what is recorded, it is known to which.
        if let [Some(control @ Control::RollbackTo(_)), _, ..] = statements
            && record.command != "ROLLBACK"
        {
            self.script = Some(Script { text: fingerprint(&record.statement), next: 1 });
            return self.apply(control);
        }
        let Some(innermost) = self.open.last() else { return TakenBack::default() };
        let lines = self.posted.split_off(innermost.before);
        let doubtful = if self.open.len() > 1 { self.posted.clone() } else { Vec::new() };
        TakenBack { lines, doubtful }
    }

    /// Which statement of its text a record is about.
    fn place(
        &mut self,
        record: &AuditRecord<'_>,
        statements: &[Option<Control>],
        failed: bool,
    ) -> Option<usize> {
        let is_it = |found: &Option<Control>| {
            found.as_ref().is_some_and(|control| control.command() == record.command)
        };
        let text = (statements.len() > 1).then(|| fingerprint(&record.statement));
        let begun = self.script.take().filter(|script| Some(script.text) == text);
        let behind =
            |place: usize| statements.get(place..).unwrap_or_default().iter().position(Option::is_some);
        // When nothing more comes, the text is run once more from its beginning.
        let next = begun.as_ref().and_then(|script| Some(script.next + behind(script.next)?));
        let only = || {
            let mut fitting = statements.iter().enumerate().filter(|(_, found)| is_it(found));
            fitting.next().filter(|_| fitting.next().is_none()).map(|(place, _)| place)
        };
        // A text that begins with a way out of a failure may have taken it, which leaves no record.
        let first = statements.first().and_then(Option::as_ref).map(Control::command);
        let begins_known = !failed || !matches!(first, Some("ROLLBACK" | "COMMIT"));
        let in_turn = || {
            let place = next.or_else(|| behind(0))?;
            (is_it(&statements[place]) && (begun.is_some() || begins_known)).then_some(place)
        };
        let place = only().or_else(in_turn)?;
        self.script = text.map(|text| Script { text, next: place + 1 });
        Some(place)
    }

    /// Does what a statement did.
    fn apply(&mut self, control: &Control) -> TakenBack {
        // Of several savepoints of a name, the last is meant.
        let find = |name: &String| self.open.iter().rposition(|savepoint| savepoint.name == *name);
        match control {
            Control::Savepoint(name) => {
                self.open.push(Savepoint { name: name.clone(), before: self.posted.len() });
            }
            Control::Release(name) => {
                if let Some(place) = find(name) {
                    self.open.truncate(place);
                }
                // What was made since belongs to the transaction as a whole.
                if self.open.is_empty() {
                    self.posted.clear();
                }
            }
            Control::RollbackTo(name) => {
                if let Some(place) = find(name) {
                    self.open.truncate(place + 1);
                    let lines = self.posted.split_off(self.open[place].before);
                    return TakenBack { lines, doubtful: Vec::new() };
                }
            }
            Control::Whole(_) => {}
            Control::Unclear(_) => return TakenBack { lines: Vec::new(), doubtful: self.lost() },
        }
        TakenBack::default()
    }
}
