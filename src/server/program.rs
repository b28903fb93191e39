//! Running PostgreSQL's programs.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::error::ServerError;

/// Runs a command and returns its output, whether it succeeded or not.
pub(super) fn output(command: &mut Command) -> Result<Output, ServerError> {
    command
        .output()
        .map_err(|source| ServerError::Spawn { program: PathBuf::from(command.get_program()), source })
}

/// Runs a command and returns its output; an error contains the output in its detail.
pub(super) fn run(command: &mut Command, action: &'static str) -> Result<String, ServerError> {
    let answer = output(command)?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    if answer.status.success() {
        return Ok(text);
    }
    let complaint = String::from_utf8_lossy(&answer.stderr);
    Err(ServerError::Program {
        action,
        detail: format!("{}\n{}", complaint.trim(), text.trim()).trim().to_owned(),
    })
}
