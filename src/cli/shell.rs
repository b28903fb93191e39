//! The scripts of shells for completions, and manual pages, generated from the definition of the command line.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::{Arguments, CompletionShell};
use super::completion;
use super::exit::{CliError, Exit};
use super::output::print_bytes;

/// The name of the program.
const PROGRAM: &str = "stockroom";

/// Prints the script with which a shell completes command lines.
pub(crate) fn completions(shell: CompletionShell) -> Result<Exit, CliError> {
    let shell = match shell {
        CompletionShell::Bash => "bash",
        CompletionShell::Zsh => "zsh",
        CompletionShell::Fish => "fish",
    };
    print_bytes(&completion::script(shell, PROGRAM)?)?;
    Ok(Exit::Done)
}

/// Prints the manual page of the program, or writes it and those of all commands to a directory.
pub(crate) fn manual(directory: Option<&Path>) -> Result<Exit, CliError> {
    let command = Arguments::command();
    let Some(directory) = directory else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page)?;
        print_bytes(&page)?;
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(command, directory)?;
    Ok(Exit::Done)
}
