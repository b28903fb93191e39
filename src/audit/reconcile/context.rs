//! Adds the details of a log line to a finding.

use crate::audit::findings::{Finding, Kind, Verdict};
use crate::audit::record::LogLine;

/// How many characters of a statement a finding has.
const STATEMENT_CHARS_MAX: usize = 2_000;

/// The finding about a session whose end is missing.
pub fn missing_end(id: &str, login: &str) -> Finding {
    let mut finding = Finding::alarm(
        Kind::SessionEndMissing,
        Verdict::Gap,
        format!("the end of session {id} is missing in the log; records at its end may be missing too"),
    );
    finding.who = Some(login.to_owned());
    finding.session = Some(id.to_owned());
    finding
}

/// The finding with everything that a line tells.
pub fn at(line_no: u64, line: &LogLine<'_>, mut finding: Finding) -> Finding {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    finding.who = some(&line.user);
    finding.when = some(&line.timestamp);
    finding.from = some(&from_words(line));
    finding.session = some(&line.session_id);
    finding.transaction = (line.txid != 0).then_some(line.txid);
    if finding.statement.is_none() {
        finding.statement = some(&cut(&line.message));
    }
    finding.line_no = Some(line_no);
    finding
}

/// The client of a line: its host and program.
pub fn from_words(line: &LogLine<'_>) -> String {
    match (line.remote_host.as_ref(), line.application_name.as_ref()) {
        ("", program) => program.to_owned(),
        (host, "") => host.to_owned(),
        (host, program) => format!("{host} ({program})"),
    }
}

/// The beginning of a statement, as much as a finding has.
pub fn cut(statement: &str) -> String {
    match statement.char_indices().nth(STATEMENT_CHARS_MAX) {
        Some((end, _)) => format!("{} …", &statement[..end]),
        None => statement.to_owned(),
    }
}
