//! Collected lines as events for people and other programs: everything in an event is taken from the line itself.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::collect::note::Note;
use super::record::columns::{columns_of, columns_of_other, record_in};
use super::record::{LogLine, Parameters, text};
use crate::domain::display::{csv_field, safe_json, safe_line};
use crate::store::audit::{EventRow, LineColumns};

/// One collected line, split into its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    pub line_no: u64,
    pub logged_at: Option<jiff::Timestamp>,
    pub collected_at: jiff::Timestamp,
    pub login: Option<String>,
    pub database: Option<String>,
    pub host: Option<String>,
    /// The name that the client gave itself.
    pub program: Option<String>,
    pub session: Option<String>,
    /// LOG, ERROR and so on.
    pub severity: Option<String>,
    /// The class of an audit record, or FORGED, UNREADABLE or COLLECTOR; none for other lines.
    pub class: Option<String>,
    /// The command of an audit record.
    pub command: Option<String>,
    pub object: Option<String>,
    /// The statement of an audit record or of an error.
    pub statement: Option<String>,
    /// The values of its parameters.
    pub parameters: Option<Vec<String>>,
    /// How many rows it affected.
    pub rows: Option<u64>,
    /// The message of a line that is not an audit record.
    pub message: Option<String>,
    /// Whether literals, which may be passwords, were removed because the reader is not an auditor.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl Event {
    /// Splits a line into the fields of an event.
    #[must_use]
    pub fn of(row: &EventRow) -> Self {
        let text = text(&row.raw);
        let Some(line) = LogLine::read(&text) else {
            let mut event = Self::with(row, columns_of_other(Note::read(&text).is_some()));
            event.message = Some(text.into_owned());
            return event;
        };
        let record = record_in(&line);
        let mut event = Self::with(row, columns_of(&line, record.as_ref()));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        event.program = some(&line.application_name);
        event.redacted = line.redacted;
        match record {
            Some(Ok(record)) => {
                event.statement = some(&record.statement);
                event.rows = record.rows;
                event.parameters = match record.parameters {
                    Parameters::Values(values) => Some(values),
                    _ => None,
                };
            }
            Some(Err(_)) | None => {
                event.message = some(&line.message);
                event.statement = some(&line.statement);
            }
        }
        event
    }

    fn with(row: &EventRow, columns: LineColumns<'_>) -> Self {
        let own = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        Self {
            line_no: row.line_no,
            logged_at: columns.logged_at,
            collected_at: row.collected_at,
            login: own(columns.login),
            database: own(columns.database),
            host: own(columns.remote_host),
            program: None,
            session: own(columns.session_id),
            severity: own(columns.severity),
            class: own(columns.class),
            command: own(columns.command),
            object: own(columns.object_name),
            statement: None,
            parameters: None,
            rows: None,
            message: None,
            redacted: false,
        }
    }

    /// A short description of what happened.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.message, &self.command) {
            (Some(message), _) => message.clone(),
            (None, Some(command)) => {
                let object = self.object.as_deref().unwrap_or_default();
                // Commands that write no rows have a count too, which is always zero.
                let written = self.rows.filter(|_| self.class.as_deref() == Some("WRITE"));
                let rows = written.map(|rows| format!(" ({rows} rows)")).unwrap_or_default();
                format!("{command} {object}{rows}").trim().to_owned()
            }
            (None, None) => String::new(),
        }
    }
}

/// The columns of an export as CSV.
const CSV_HEADER: [&str; 16] = [
    "line_no",
    "logged_at",
    "collected_at",
    "login",
    "database",
    "host",
    "program",
    "session",
    "severity",
    "class",
    "command",
    "object",
    "statement",
    "parameters",
    "rows",
    "message",
];

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON document per line.
    JsonLines,
    /// CSV with a header; parameters are a JSON list in one field.
    Csv,
}

/// Writes events in a format to a destination.
pub struct Writer<W: Write> {
    inner: Inner<W>,
    raw: bool,
}

enum Inner<W: Write> {
    JsonLines(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Writer<W> {
    /// Creates a writer; for CSV it writes the header. Unless `raw`, texts are made safe for a terminal and for a
    /// spreadsheet.
    ///
    /// # Errors
    /// If writing fails.
    pub fn new(format: Format, raw: bool, to: W) -> io::Result<Self> {
        let inner = match format {
            Format::JsonLines => Inner::JsonLines(to),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(to);
                writer.write_record(CSV_HEADER)?;
                Inner::Csv(Box::new(writer))
            }
        };
        Ok(Self { inner, raw })
    }

    /// Writes an event.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&mut self, event: &Event) -> io::Result<()> {
        let raw = self.raw;
        match &mut self.inner {
            Inner::JsonLines(to) => {
                let document = serde_json::to_string(event)?;
                to.write_all(if raw { Cow::Borrowed(&*document) } else { safe_json(&document) }.as_bytes())?;
                to.write_all(b"\n")
            }
            Inner::Csv(writer) => {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                let parameters = event.parameters.as_ref().map(serde_json::to_string).transpose()?;
                let fields = [
                    event.line_no.to_string(),
                    event.logged_at.map(|time| time.to_string()).unwrap_or_default(),
                    event.collected_at.to_string(),
                    text(&event.login),
                    text(&event.database),
                    text(&event.host),
                    text(&event.program),
                    text(&event.session),
                    text(&event.severity),
                    text(&event.class),
                    text(&event.command),
                    text(&event.object),
                    text(&event.statement),
                    parameters.unwrap_or_default(),
                    event.rows.map(|rows| rows.to_string()).unwrap_or_default(),
                    text(&event.message),
                ];
                let safe = |field: &String| match raw {
                    true => field.clone(),
                    false => csv_field(&safe_line(field)).into_owned(),
                };
                Ok(writer.write_record(fields.iter().map(safe))?)
            }
        }
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(self) -> io::Result<()> {
        match self.inner {
            Inner::JsonLines(mut to) => to.flush(),
            Inner::Csv(mut writer) => writer.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(raw: &str) -> EventRow {
        EventRow {
            line_no: 7,
            collected_at: "2026-11-20T20:00:00Z".parse().unwrap(),
            raw: raw.as_bytes().to_vec(),
        }
    }

    #[test]
    fn records_and_other_lines() {
        let record = r#"{"timestamp":"t UTC","user":"ann","session_id":"1.2","error_severity":"LOG","message":"AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.lots,\"a, b\",\"1,\"\"x,y\"\"\",1","func_name":"log_audit_event","file_name":"pgaudit.c"}"#;
        let event = Event::of(&row(record));
        assert_eq!((event.statement.as_deref(), event.rows), (Some("a, b"), Some(1)));
        assert_eq!((event.login.as_deref(), event.class.as_deref()), (Some("ann"), Some("WRITE")));
        assert_eq!(event.parameters.as_deref(), Some(&["1".to_owned(), "x,y".to_owned()][..]));
        assert_eq!(event.words(), "INSERT stock.lots (1 rows)");
        assert_eq!(Event::of(&row("torn")).words(), "torn");
        for (format, lines) in [(Format::JsonLines, 1), (Format::Csv, 2)] {
            let mut bytes = Vec::new();
            let mut writer = Writer::new(format, false, &mut bytes).unwrap();
            writer.write(&event).unwrap();
            writer.finish().unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), lines);
        }
    }
}
