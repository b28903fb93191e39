//! Completion while a command line is typed. The shell's script runs the program at each Tab, with the line in its
//! arguments and [`ASKED`] in its environment; commands, options and files are completed by clap, codes by the database.
//!
//! An answer that does not come at once is worth nothing, and a word that is being typed is no place for a message: what
//! goes wrong here, such as a database that cannot be reached or a password that is not known, leaves the codes out.

use std::any::TypeId;
use std::ffi::OsStr;
use std::time::Duration;

use clap::{Arg, Command, CommandFactory as _, ValueHint};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;

use super::args::Arguments;
use super::context::at;
use super::exit::CliError;
use crate::config::{Settings, libpq, pgpass};
use crate::domain::{Change, LocationCode, OrderNumber, PartnerCode, Sku};
use crate::store::{CodeOf, ConnectionSettings, Store};

/// The variable that tells the program to complete; its value is the name of the shell.
const ASKED: &str = "STOCKROOM_COMPLETE";
/// How long the database may take. Longer than a login over a slow network, shorter than a person would wait.
const ANSWER_MAX: Duration = Duration::from_millis(600);
/// How many codes are offered at most; a shell asks before it lists more than a hundred.
const CODES_MAX: u16 = 100;

/// Answers a shell that asks for completions. Returns whether one did.
pub(super) fn answered() -> bool {
    let directory = std::env::current_dir().ok();
    let line = CompleteEnv::with_factory(|| completed(Arguments::command())).var(ASKED);
    // An error means that the script is of another version; a shell has no use for its message.
    line.try_complete(std::env::args_os(), directory.as_deref()).unwrap_or(true)
}

/// The script with which a shell asks.
pub(super) fn script(shell: &str, program: &str) -> Result<Vec<u8>, CliError> {
    let mut script = Vec::new();
    if let Some(shell) = Shells::builtins().completer(shell) {
        shell.write_registration(ASKED, program, program, program, &mut script)?;
    }
    if shell == "zsh" {
        // As a file in fpath it is first run when it is to complete, and not only to define how.
        let call = format!(
            "if [[ $funcstack[1] == _{program} ]]; then\n    _clap_dynamic_completer_{program} \"$@\"\nfi\n"
        );
        script.extend_from_slice(call.as_bytes());
    }
    Ok(script)
}

/// The command with the completion of each argument that takes a code or a file.
fn completed(command: Command) -> Command {
    command.mut_args(completed_argument).mut_subcommands(completed)
}

fn completed_argument(argument: Arg) -> Arg {
    if let Some(of) = code_of(&argument) {
        return argument.add(ArgValueCompleter::new(move |typed: &OsStr| codes(of, typed)));
    }
    let takes_file = argument.get_id() == "file" || argument.get_value_names().is_some_and(is_file);
    if takes_file { argument.value_hint(ValueHint::AnyPath) } else { argument }
}

fn is_file(names: &[clap::builder::Str]) -> bool {
    names.iter().any(|name| name == "FILE")
}

/// What an argument takes the code of, by the type of its value.
fn code_of(argument: &Arg) -> Option<CodeOf> {
    let value = argument.get_value_parser().type_id();
    let is = |known: TypeId| value == known;
    if is(TypeId::of::<LocationCode>()) || is(TypeId::of::<Change<LocationCode>>()) {
        return Some(CodeOf::Location);
    }
    if is(TypeId::of::<PartnerCode>()) || is(TypeId::of::<Change<PartnerCode>>()) {
        return Some(CodeOf::Partner);
    }
    if is(TypeId::of::<OrderNumber>()) {
        return Some(CodeOf::Order);
    }
    // A SKU or a barcode, which is not typed by hand.
    let either = argument.get_id() == "code" && is(TypeId::of::<String>());
    (either || is(TypeId::of::<Sku>())).then_some(CodeOf::Product)
}

fn codes(of: CodeOf, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return Vec::new();
    };
    let answer = runtime.block_on(async { tokio::time::timeout(ANSWER_MAX, found(of, typed)).await });
    // A name server that does not answer must not delay the end.
    runtime.shutdown_background();
    let codes = answer.ok().and_then(Result::ok).unwrap_or_default();
    codes.into_iter().map(CompletionCandidate::new).collect()
}

async fn found(of: CodeOf, typed: &str) -> Result<Vec<String>, CliError> {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let settings = Settings::load(option(&words, "--config").map(std::path::Path::new))?;
    let url = option(&words, "--database-url").or(settings.database_url.as_deref());
    let Some(url) = url else { return Ok(Vec::new()) };
    let settings: ConnectionSettings = libpq::completed(url, |name| std::env::var(name).ok()).parse()?;
    // The keyring of the desktop could ask the person to unlock it.
    let settings = match at(&settings, pgpass::find).filter(|_| !settings.has_password()) {
        Some(password) => settings.with_password(&password),
        None => settings,
    };
    Ok(Store::new(settings, 1)?.codes_beginning(of, typed, CODES_MAX).await?)
}

/// The value of an option in the line that is being typed.
fn option<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(position, word)| match word.strip_prefix(name)? {
        "" => words.get(position + 1).map(String::as_str),
        rest => rest.strip_prefix('='),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_completed_wherever_one_is_taken() {
        let mut command = completed(Arguments::command());
        command.build();
        let argument = |path: &[&str], id: &str| {
            let mut found = &command;
            for name in path {
                found = found.find_subcommand(name).unwrap();
            }
            found.get_arguments().find(|argument| argument.get_id() == id).unwrap().clone()
        };
        for (path, id, of) in [
            (&["receive"][..], "code", CodeOf::Product),
            (&["receive"], "to", CodeOf::Location),
            (&["receive"], "partner", CodeOf::Partner),
            (&["ledger"], "sku", CodeOf::Product),
            (&["stock"], "code", CodeOf::Product),
            (&["product", "change"], "sku", CodeOf::Product),
            (&["location", "change"], "parent", CodeOf::Location),
            (&["order", "pick"], "number", CodeOf::Order),
            (&["order", "list"], "partner", CodeOf::Partner),
        ] {
            let argument = argument(path, id);
            assert_eq!(code_of(&argument), Some(of), "{path:?} {id}");
            assert!(argument.get::<ArgValueCompleter>().is_some(), "{path:?} {id}");
        }
        assert_eq!(argument(&["import", "products"], "file").get_value_hint(), ValueHint::AnyPath);
        assert_eq!(code_of(&argument(&["receive"], "quantity")), None);
    }

    #[test]
    fn options_of_the_line_are_found() {
        let words = ["stockroom", "--database-url", "postgres://a@b/c", "--config=x"].map(str::to_owned);
        assert_eq!(option(&words, "--database-url"), Some("postgres://a@b/c"));
        assert_eq!(option(&words, "--config"), Some("x"));
        assert_eq!(option(&words, "--other"), None);
    }
}
