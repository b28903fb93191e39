//! Prints what commands return: JSON for programs, tables for people, messages on standard error.

use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

use super::exit::{CliError, Exit};
use super::table;
use crate::domain::display::{safe_json, safe_line, safe_text};

/// Whether to print JSON or text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    /// Whether standard output holds something else, so that results go to standard error.
    beside: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json, beside: false }
    }

    /// The same output; if standard output holds a file of the command, results go to standard error.
    pub fn beside(self, file: bool) -> Self {
        Self { beside: file, ..self }
    }

    /// Whether the output is JSON, for programs.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints one result: a JSON document, or the text.
    pub fn result<T: Serialize>(self, value: &T, words: impl FnOnce() -> String) -> Result<(), CliError> {
        let text = match self.json {
            true => safe_json(&serde_json::to_string(value)?).into_owned(),
            false => safe_text(&words()).into_owned(),
        };
        if self.beside {
            // As for a message: nobody is left to read about an error.
            let _ = writeln!(io::stderr().lock(), "{text}");
            return Ok(());
        }
        print(&text)
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

    /// Prints rows as a table with headers, or says that nothing was found.
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

    /// Prints a message for a person that is not part of the result.
    pub fn notice(self, message: &str) {
        print_message(message);
    }

    /// Prints an error, and returns the exit code.
    pub fn failure(self, error: &CliError) -> Exit {
        let exit = error.exit();
        if self.json {
            let message = error.to_string();
            let document = match error.refusal() {
                Some(refusal) => json!({"status": "refused", "rule": refusal.rule(), "message": message}),
                None => json!({"status": status_word(exit), "message": message}),
            };
            // If standard output is closed too, only the exit code is left.
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

/// Prints a message to standard error. Errors are ignored, because nobody is left to read about them; `eprintln!` would
/// panic.
fn print_message(message: &str) {
    let _ = writeln!(io::stderr().lock(), "stockroom: {}", safe_text(message));
}

/// Prints text for a person.
pub(crate) fn print_line(text: &str) -> Result<(), CliError> {
    print(&safe_text(text))
}

/// Prints a JSON document on a line of its own, safe for a terminal.
pub(crate) fn print_json(document: &str) -> Result<(), CliError> {
    print(&safe_json(document))
}

/// Prints a line and flushes, so that whoever reads a pipe gets it at once.
fn print(text: &str) -> Result<(), CliError> {
    print_bytes(format!("{text}\n").as_bytes())
}

/// Prints data for another program unchanged.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        // The reader has closed the pipe, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => Ok(outcome?),
    }
}

/// The text of an optional value, empty if there is none.
pub(crate) fn or_empty<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
