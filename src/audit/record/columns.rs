//! The columns beside a raw line, by which people search. A verification computes them again, so that nobody can hide a
//! line from a search, or make it incriminate somebody else.

use std::borrow::Cow;

use super::line::{LogLine, Provenance};
use super::message::{AuditRecord, MalformedRecord};
use crate::store::audit::LineColumns;

/// The class of a message that only looks like one of pgaudit.
pub const FORGED: &str = "FORGED";
/// The class of a line that is not a record of the log.
pub const UNREADABLE: &str = "UNREADABLE";
/// The class of notes by the collector itself.
pub const NOTE: &str = "COLLECTOR";

/// The longest text in a column; the raw line has all of it.
const COLUMN_CHARS_MAX: usize = 200;

/// The record of pgaudit in a line, if pgaudit wrote one.
#[must_use]
pub fn record_in<'a>(line: &'a LogLine<'_>) -> Option<Result<AuditRecord<'a>, MalformedRecord>> {
    (line.provenance() == Provenance::Pgaudit).then(|| AuditRecord::read(&line.message))
}

/// The columns of a line that is not a record of the server.
#[must_use]
pub fn columns_of_other(is_note: bool) -> LineColumns<'static> {
    let class = if is_note { NOTE } else { UNREADABLE };
    LineColumns { class: Some(class.into()), ..LineColumns::default() }
}

/// The columns of a line, and of the record of pgaudit in it.
#[must_use]
pub fn columns_of<'a>(
    line: &'a LogLine<'_>,
    record: Option<&'a Result<AuditRecord<'_>, MalformedRecord>>,
) -> LineColumns<'a> {
    let mut columns = LineColumns {
        logged_at: line.logged_at(),
        session_id: column(&line.session_id),
        session_line: i64::try_from(line.line_num).ok(),
        login: column(&line.user),
        database: column(&line.dbname),
        remote_host: column(&line.remote_host),
        severity: column(&line.error_severity),
        ..LineColumns::default()
    };
    match record {
        Some(Ok(record)) => {
            columns.class = column(&record.class);
            columns.command = column(&record.command);
            columns.object_name = column(&record.object_name);
        }
        Some(Err(_)) => columns.class = Some(UNREADABLE.into()),
        None if line.provenance() == Provenance::Forged => columns.class = Some(FORGED.into()),
        None => {}
    }
    columns
}

/// A text for a column: the database cannot store NUL.
fn column(text: &str) -> Option<Cow<'_, str>> {
    if text.is_empty() {
        return None;
    }
    if text.len() <= COLUMN_CHARS_MAX && !text.contains('\0') {
        return Some(text.into());
    }
    let kept: String = text.chars().filter(|character| *character != '\0').take(COLUMN_CHARS_MAX).collect();
    (!kept.is_empty()).then(|| kept.into())
}
