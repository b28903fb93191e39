//! One record of jsonlog (PostgreSQL manual, 20.8.5). The server leaves out empty keys, so an empty text here stands
//! for a missing key.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;

use super::AUDIT_PREFIX;

/// The function of pgaudit that writes its records, and its source file. A message from another function is not
/// pgaudit's, whatever it says.
const AUDIT_FUNCTION: &str = "log_audit_event";
const AUDIT_SOURCE: &str = "pgaudit.c";

/// A record of the server's log in the format jsonlog.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct LogLine<'a> {
    /// When it was written, in milliseconds and in the time zone of the log.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
    #[serde(borrow)]
    pub user: Cow<'a, str>,
    #[serde(borrow)]
    pub dbname: Cow<'a, str>,
    pub pid: i64,
    #[serde(borrow)]
    pub remote_host: Cow<'a, str>,
    /// Start time and number of the process, both in hexadecimal.
    #[serde(borrow)]
    pub session_id: Cow<'a, str>,
    /// The number of the record within its process, from 1.
    pub line_num: u64,
    /// When the process was started, in whole seconds.
    #[serde(borrow)]
    pub session_start: Cow<'a, str>,
    /// The low 32 bits of the transaction's number; 0 if it has none.
    pub txid: u64,
    /// LOG, ERROR, FATAL and so on.
    #[serde(borrow)]
    pub error_severity: Cow<'a, str>,
    #[serde(borrow)]
    pub state_code: Cow<'a, str>,
    #[serde(borrow)]
    pub message: Cow<'a, str>,
    /// The detail of the message.
    #[serde(borrow)]
    pub detail: Cow<'a, str>,
    /// The function or statement in which the message arose.
    #[serde(borrow)]
    pub context: Cow<'a, str>,
    /// The statement that caused an error.
    #[serde(borrow)]
    pub statement: Cow<'a, str>,
    /// The function of the server that wrote the message.
    #[serde(borrow)]
    pub func_name: Cow<'a, str>,
    /// The source file of that function.
    #[serde(borrow)]
    pub file_name: Cow<'a, str>,
    /// The name that the client gave itself.
    #[serde(borrow)]
    pub application_name: Cow<'a, str>,
    /// Client backend, postmaster, checkpointer and so on.
    #[serde(borrow)]
    pub backend_type: Cow<'a, str>,
    pub query_id: i64,
    /// Whether the database removed what the reader may not see. The server writes no such key.
    pub redacted: bool,
}

/// Who wrote a message that begins like one of pgaudit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The message is of another kind.
    Other,
    Pgaudit,
    /// Another function, made to look like a record of pgaudit.
    Forged,
}

impl<'a> LogLine<'a> {
    /// Reads a line; `None` if it is not a record of jsonlog.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let line: Self = serde_json::from_str(text).ok()?;
        // Every record of the server has these, which distinguishes it from other JSON.
        (!line.timestamp.is_empty() && !line.session_id.is_empty() && !line.error_severity.is_empty())
            .then_some(line)
    }

    /// When the record was written; none if the time zone of the log is not UTC.
    #[must_use]
    pub fn logged_at(&self) -> Option<Timestamp> {
        let (time, zone) = self.timestamp.rsplit_once(' ')?;
        // With another time zone in the log the moment is unknown; `db check` reports that.
        matches!(zone, "UTC" | "GMT").then(|| format!("{time}Z").parse().ok()).flatten()
    }

    /// Whether pgaudit wrote this message. Without `log_error_verbosity = verbose` the names of function and file are
    /// missing, and a record cannot be distinguished from a forgery.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        if !self.message.starts_with(AUDIT_PREFIX) {
            return Provenance::Other;
        }
        let genuine = self.func_name == AUDIT_FUNCTION
            && self.file_name == AUDIT_SOURCE
            && self.error_severity == "LOG"
            && self.context.is_empty()
            && self.statement.is_empty();
        if genuine { Provenance::Pgaudit } else { Provenance::Forged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"timestamp":"2026-11-20 19:54:29.305 UTC","user":"app","dbname":"postgres","pid":15021,"remote_host":"127.0.0.1","remote_port":52318,"session_id":"6b00a575.3aad","line_num":1,"ps":"INSERT","session_start":"2026-11-20 19:54:29 UTC","vxid":"3/69150","txid":222727,"error_severity":"LOG","message":"AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,inv.plain,\"INSERT INTO inv.plain VALUES(88001,1,1)\",<none>,1","func_name":"log_audit_event","file_name":"pgaudit.c","file_line_num":783,"application_name":"psql","backend_type":"client backend","query_id":3230982891871313085}"#;

    #[test]
    fn a_line_as_the_server_writes_it() {
        let line = LogLine::read(LINE).unwrap();
        assert_eq!((line.user.as_ref(), line.pid, line.line_num, line.txid), ("app", 15021, 1, 222_727));
        assert_eq!(line.logged_at().unwrap().to_string(), "2026-11-20T19:54:29.305Z");
        assert_eq!(line.provenance(), Provenance::Pgaudit);
        assert!(line.context.is_empty());
    }

    #[test]
    fn text_that_is_not_a_record_is_not_read() {
        let torn: String = LINE.chars().take(300).collect();
        for text in [torn.as_str(), "", "{}", "[]", "null", "{\"timestamp\":1}", r#"{"timestamp":"x"}"#] {
            assert_eq!(LogLine::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_forged_message_is_known_by_who_wrote_it() {
        for (from, to) in [
            ("\"func_name\":\"log_audit_event\"", "\"func_name\":\"exec_stmt_raise\""),
            ("\"file_name\":\"pgaudit.c\"", "\"file_name\":\"pl_exec.c\""),
            ("\"func_name\":\"log_audit_event\",", ""),
            ("\"error_severity\":\"LOG\"", "\"error_severity\":\"LOG\",\"context\":\"PL/pgSQL function\""),
            ("\"error_severity\":\"LOG\"", "\"error_severity\":\"LOG\",\"statement\":\"DO\""),
            ("\"error_severity\":\"LOG\"", "\"error_severity\":\"WARNING\""),
        ] {
            let text = LINE.replace(from, to);
            assert_eq!(LogLine::read(&text).unwrap().provenance(), Provenance::Forged, "{to}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_do_not_keep_a_line_from_being_read() {
        let mut raw = LINE.as_bytes().to_vec();
        let place = LINE.find("\"app\"").unwrap() + 1;
        raw[place] = 0xff;
        let text = super::super::text(&raw);
        assert_eq!(LogLine::read(&text).unwrap().user, "\u{fffd}pp");
    }
}
