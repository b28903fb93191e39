//! What the commands print: JSON for programs, tables for people, messages on standard error.

use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

use super::exit::{CliError, Exit};
use super::table;
use crate::domain::display::{safe_json, safe_line, safe_text};

/// Where and how to print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read along.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints one result: a JSON document, or the words.
    pub fn result<T: Serialize>(self, value: &T, words: impl FnOnce() -> String) -> Result<(), CliError> {
        if self.json { print_json(&serde_json::to_string(value)?) } else { print_line(&words()) }
    }

    /// Prints a list: a JSON document per line, or a table.
    pub fn list<T: Serialize>(
        self,
        values: &[T],
        headers: &[&str],
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), CliError> {
        if self.json {
            return values.iter().try_for_each(|value| print_json(&serde_json::to_string(value)?));
        }
        let headers: Vec<String> = headers.iter().map(ToString::to_string).collect();
        self.table(&headers, &values.iter().map(row).collect::<Vec<_>>())
    }

    /// Prints a table.
    pub fn table(self, headers: &[String], rows: &[Vec<String>]) -> Result<(), CliError> {
        if rows.is_empty() {
            self.notice("nothing found");
            return Ok(());
        }
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let cell = |text: &String| safe_line(text).into_owned();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        Ok(table::print(&headers, &rows)?)
    }

    /// Tells a person something that is not the result.
    pub fn notice(self, message: &str) {
        print_message(message);
    }

    /// Prints an error, and says how the program ends.
    pub fn failure(self, error: &CliError) -> Exit {
        let exit = error.exit();
        if self.json {
            let message = error.to_string();
            let document = match error.refusal() {
                Some(refusal) => json!({"status": "refused", "rule": refusal.rule(), "message": message}),
                None => json!({"status": status_word(exit), "message": message}),
            };
            // When standard output is gone too, the exit code is all that is left to say.
            drop(print_json(&document.to_string()));
        }
        print_message(&error.to_string());
        exit
    }
}

fn status_word(exit: Exit) -> &'static str {
    match exit {
        Exit::Unavailable => "unavailable",
        Exit::OutcomeUnknown => "outcome_unknown",
        Exit::Usage => "usage",
        _ => "failed",
    }
}

/// Prints a message to standard error. Where nobody reads it any more there is nobody to tell, and
/// `eprintln!` would panic.
fn print_message(message: &str) {
    let _ = writeln!(io::stderr().lock(), "stockroom: {}", safe_text(message));
}

/// Prints words for a person.
pub(crate) fn print_line(text: &str) -> Result<(), CliError> {
    print(&safe_text(text))
}

/// Prints a JSON document.
pub(crate) fn print_json(document: &str) -> Result<(), CliError> {
    print(&safe_json(document))
}

/// Prints a line at once, so that whoever reads a pipe is not kept waiting.
fn print(text: &str) -> Result<(), CliError> {
    print_bytes(format!("{text}\n").as_bytes())
}

/// Prints what is for another program as it is.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        // The reader has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => Ok(outcome?),
    }
}

/// The text of a value that may be missing.
pub(crate) fn or_empty<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
