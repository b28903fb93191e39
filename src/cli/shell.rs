//! Shell completions and manual pages, generated from the definition of the command line.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::{Arguments, CompletionShell};
use super::exit::{CliError, Exit};
use super::output::print_bytes;

/// The name of the program.
const PROGRAM: &str = "stockroom";

/// Prints the completions of a shell.
pub(crate) fn completions(shell: CompletionShell) -> Result<Exit, CliError> {
    let shell = match shell {
        CompletionShell::Bash => Shell::Bash,
        CompletionShell::Zsh => Shell::Zsh,
        CompletionShell::Fish => Shell::Fish,
    };
    // Generated in memory, because writing to a closed pipe must not cause a panic.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), PROGRAM, &mut script);
    print_bytes(&script)?;
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
