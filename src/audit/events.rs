//! Collected lines as events that people read and other programs take in: what the columns say, and what the
//! message says.

use std::io::{self, Write};

use serde::Serialize;

use super::record::line::Provenance;
use super::record::{AuditRecord, LogLine, Parameters, text};
use crate::store::audit::EventRow;

/// One collected line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its number.
    pub line_no: u64,
    /// When it was logged.
    pub logged_at: Option<jiff::Timestamp>,
    /// When it was collected.
    pub collected_at: jiff::Timestamp,
    /// The login.
    pub login: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// Where the client was.
    pub host: Option<String>,
    /// What the client called itself.
    pub program: Option<String>,
    /// The server process.
    pub session: Option<String>,
    /// LOG, ERROR and so on.
    pub severity: Option<String>,
    /// The class of an audit record; FORGED, UNREADABLE, COLLECTOR; missing for other lines.
    pub class: Option<String>,
    /// The command of an audit record.
    pub command: Option<String>,
    /// Its object.
    pub object: Option<String>,
    /// The statement of an audit record, or that an error is about.
    pub statement: Option<String>,
    /// The values that it was given.
    pub parameters: Option<Vec<String>>,
    /// How many rows it touched.
    pub rows: Option<u64>,
    /// The message, where it is no audit record.
    pub message: Option<String>,
}

impl Event {
    /// Takes a line apart.
    #[must_use]
    pub fn of(row: &EventRow) -> Self {
        let mut event = Self {
            line_no: row.line_no,
            logged_at: row.logged_at,
            collected_at: row.collected_at,
            login: row.login.clone(),
            database: row.database.clone(),
            host: row.remote_host.clone(),
            program: None,
            session: row.session_id.clone(),
            severity: row.severity.clone(),
            class: row.class.clone(),
            command: row.command.clone(),
            object: row.object_name.clone(),
            statement: None,
            parameters: None,
            rows: None,
            message: None,
        };
        let text = text(&row.raw);
        let Some(line) = LogLine::read(&text) else {
            event.message = Some(text.into_owned());
            return event;
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        event.program = some(&line.application_name);
        let record = match line.provenance() {
            Provenance::Pgaudit => AuditRecord::read(&line.message).ok(),
            Provenance::Other | Provenance::Forged => None,
        };
        match record {
            Some(record) => {
                event.statement = some(&record.statement);
                event.rows = record.rows;
                event.parameters = match record.parameters {
                    Parameters::Values(values) => Some(values),
                    _ => None,
                };
            }
            None => {
                event.message = some(&line.message);
                event.statement = some(&line.statement);
            }
        }
        event
    }

    /// What happened, in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.message, &self.command) {
            (Some(message), _) => message.clone(),
            (None, Some(command)) => {
                let object = self.object.as_deref().unwrap_or_default();
                // Commands that write no rows have a figure too, always zero.
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

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON document per line.
    JsonLines,
    /// CSV with a header; parameters as a JSON list in one field.
    Csv,
}

/// Writes events one after the other.
pub struct Writer<W: Write> {
    inner: Inner<W>,
}

enum Inner<W: Write> {
    JsonLines(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Writer<W> {
    /// A writer; writes the header, if there is to be one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(format: Format, to: W) -> io::Result<Self> {
        let inner = match format {
            Format::JsonLines => Inner::JsonLines(to),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(to);
                writer.write_record(CSV_HEADER)?;
                Inner::Csv(Box::new(writer))
            }
        };
        Ok(Self { inner })
    }

    /// Writes an event.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, event: &Event) -> io::Result<()> {
        match &mut self.inner {
            Inner::JsonLines(to) => {
                serde_json::to_writer(&mut *to, event)?;
                to.write_all(b"\n")
            }
            Inner::Csv(writer) => {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                let parameters = event.parameters.as_ref().map(serde_json::to_string).transpose()?;
                writer.write_record([
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
                ])?;
                Ok(())
            }
        }
    }

    /// Writes what is still in memory.
    ///
    /// # Errors
    /// When it cannot be written.
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
            logged_at: None,
            session_id: None,
            login: Some("ann".to_owned()),
            database: None,
            remote_host: None,
            severity: None,
            class: Some("WRITE".to_owned()),
            command: Some("INSERT".to_owned()),
            object_name: Some("stock.lots".to_owned()),
            raw: raw.as_bytes().to_vec(),
        }
    }

    #[test]
    fn records_and_other_lines() {
        let record = r#"{"timestamp":"t UTC","session_id":"1.2","error_severity":"LOG","message":"AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.lots,\"a, b\",\"1,\"\"x,y\"\"\",1","func_name":"log_audit_event","file_name":"pgaudit.c"}"#;
        let event = Event::of(&row(record));
        assert_eq!((event.statement.as_deref(), event.rows), (Some("a, b"), Some(1)));
        assert_eq!(event.parameters.as_deref(), Some(&["1".to_owned(), "x,y".to_owned()][..]));
        assert_eq!(event.words(), "INSERT stock.lots (1 rows)");
        assert_eq!(Event::of(&row("torn")).words(), "torn");
        for (format, lines) in [(Format::JsonLines, 1), (Format::Csv, 2)] {
            let mut bytes = Vec::new();
            let mut writer = Writer::new(format, &mut bytes).unwrap();
            writer.write(&event).unwrap();
            writer.finish().unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), lines);
        }
    }
}
