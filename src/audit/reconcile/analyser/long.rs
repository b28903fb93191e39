//! Entries that are longer than what is collected in one piece. Their values are lost, but not who wrote them: the
//! server writes login, session and time before the message.

use serde::{Deserialize, Serialize};

use super::LogAnalyser;
use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::reconcile::context::{at, cut};
use crate::audit::reconcile::window::Window;
use crate::audit::record::{LogLine, RECORD_BYTES_MAX};

/// The text before the message of an entry.
const MESSAGE: &str = ",\"message\":\"";

/// An entry whose pieces are being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LongEntry {
    line_no: u64,
    /// The part before its message, completed to an entry.
    begin: String,
    /// The beginning of its message.
    statement: String,
    bytes: u64,
    /// Whether the last piece had the maximum length, so that another one follows.
    goes_on: bool,
}

impl LogAnalyser {
    /// Takes a line that cannot be read, if it is a piece of a long entry.
    pub(super) fn take_piece(&mut self, line_no: u64, raw: &[u8], text: &str) -> bool {
        let goes_on = raw.len() >= RECORD_BYTES_MAX;
        if let Some(entry) = self.state.long.as_mut().filter(|entry| entry.goes_on) {
            entry.bytes += raw.len() as u64;
            entry.goes_on = goes_on;
            return true;
        }
        let Some((begin, message)) = text.split_once(MESSAGE).filter(|_| goes_on) else { return false };
        let begin = format!("{begin}}}");
        let Some(line) = LogLine::read(&begin) else { return false };
        self.windows.push(Window { from: self.state.last_at, to: None });
        self.take_number(line_no, &line);
        self.state.last_at = line.logged_at().or(self.state.last_at);
        let statement = cut(message);
        self.state.long = Some(LongEntry { line_no, begin, statement, bytes: raw.len() as u64, goes_on });
        true
    }

    /// Reports the long entry that ended before this line.
    pub fn report_long(&mut self) {
        let Some(entry) = self.state.long.take() else { return };
        let Some(line) = LogLine::read(&entry.begin) else { return };
        let what = format!(
            "a log entry of {} bytes is too long to be collected in one piece, so its values are not known; at most {RECORD_BYTES_MAX} bytes are",
            entry.bytes
        );
        let mut finding =
            at(entry.line_no, &line, Finding::alarm(Kind::EntryTooLong, Verdict::Unknown, what));
        finding.statement = Some(entry.statement);
        self.findings.add(finding.of(entry.bytes));
    }
}
