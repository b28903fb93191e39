//! What a line is about, for people who look for it: the columns beside the raw line. Verification does
//! not use them.

use super::note::Note;
use crate::audit::record::line::Provenance;
use crate::audit::record::{AuditRecord, LogLine, text};
use crate::audit::seal::leaf_of_line;
use crate::store::audit::NewLine;

/// The class of a message that only looks like one of pgaudit.
pub const FORGED: &str = "FORGED";
/// The class of what is no record of the log at all.
pub const UNREADABLE: &str = "UNREADABLE";
/// The class of what the collector itself has to say.
pub const NOTE: &str = "COLLECTOR";

/// The longest text that is kept in a column; the raw line has all of it.
const COLUMN_CHARS_MAX: usize = 200;

/// The line with what it is about.
pub(super) fn described(file: &str, file_offset: u64, raw: &[u8]) -> NewLine {
    let text = text(raw);
    let mut found = NewLine {
        file_offset,
        raw: raw.to_vec(),
        leaf_hash: leaf_of_line(file, file_offset, raw),
        ..NewLine::default()
    };
    let Some(line) = LogLine::read(&text) else {
        let class = if Note::read(&text).is_some() { NOTE } else { UNREADABLE };
        found.class = Some(class.to_owned());
        return found;
    };
    found.logged_at = line.logged_at();
    found.session_id = column(&line.session_id);
    found.session_line = i64::try_from(line.line_num).ok();
    found.login = column(&line.user);
    found.database = column(&line.dbname);
    found.remote_host = column(&line.remote_host);
    found.severity = column(&line.error_severity);
    match line.provenance() {
        Provenance::Other => {}
        Provenance::Forged => found.class = Some(FORGED.to_owned()),
        Provenance::Pgaudit => match AuditRecord::read(&line.message) {
            Ok(record) => {
                found.class = column(&record.class);
                found.command = column(&record.command);
                found.object_name = column(&record.object_name);
            }
            Err(_) => found.class = Some(UNREADABLE.to_owned()),
        },
    }
    found
}

/// A text as a column holds it: the database knows no NUL.
fn column(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|character| *character != '\0').take(COLUMN_CHARS_MAX).collect();
    (!kept.is_empty()).then_some(kept)
}
