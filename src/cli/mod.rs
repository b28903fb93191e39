//! The command line: parses arguments, runs the use case, prints the result, and sets the exit code.

mod args;
mod audit;
mod catalogue;
mod completion;
mod config;
mod context;
mod db;
mod demo;
mod exit;
mod files;
mod free_text;
mod input;
mod login;
mod measured;
mod movements;
mod order_policy;
mod orders;
mod output;
mod partners;
mod people;
mod privacy;
mod products;
mod queries;
mod reports;
mod serve;
mod sessions;
mod shell;
mod streams;
mod supplies;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use rustix::fs::Mode;
use rustix::process::umask;

use crate::config::Settings;
use crate::telemetry;

use args::{Arguments, Command};
use context::Context;
pub use exit::{CliError, Exit};
use output::Output;

/// The permissions removed from every file that is created: write for the group, everything for others.
const FILES_KEPT_FROM: u32 = 0o027;

/// Parses the arguments, runs the command, and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    if completion::answered() {
        return Exit::Done.into();
    }
    let arguments = Arguments::parse();
    let output = Output::new(arguments.global.json);
    let outcome = run(arguments, output);
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => output.failure(&error).into(),
    }
}

/// The clap definition of the commands, for completions and manual pages.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

fn run(arguments: Arguments, output: Output) -> Result<Exit, CliError> {
    // Evidence, reports and exports contain business data: only the owner and the group may read them, and only the
    // owner may change them, whatever the umask of the shell is.
    let kept_from = Mode::from_raw_mode(FILES_KEPT_FROM);
    let before = umask(kept_from);
    umask(before | kept_from);
    // These need no settings, and packages are built on machines without any.
    match &arguments.command {
        Some(Command::Completions { shell }) => return shell::completions(*shell),
        Some(Command::Man { directory }) => return shell::manual(directory.as_deref()),
        // It reports problems with the settings for which every other command would stop.
        Some(Command::Config { action }) => {
            let global = &arguments.global;
            return config::run(global.config.as_deref(), global.database_url.as_deref(), output, *action);
        }
        _ => {}
    }
    let settings = Settings::load(arguments.global.config.as_deref())?;
    settings.warnings().iter().for_each(|warning| output.notice(warning));
    // The service logs to standard output.
    let serves = matches!(&arguments.command, Some(Command::Serve(serve)) if serve.action.is_none());
    let log = if serves { None } else { telemetry::start(&settings.state_dir(), settings.log.as_deref()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let context = Context { settings, database_url: arguments.global.database_url, log, output };
    let outcome = runtime.block_on(dispatch(&context, arguments.command));
    // A thread that still waits for a key must not keep the program from ending.
    runtime.shutdown_background();
    outcome
}

#[expect(clippy::cognitive_complexity, reason = "a table: one line for each command")]
async fn dispatch(context: &Context, command: Option<Command>) -> Result<Exit, CliError> {
    match command {
        None => terminal::run(context).await,
        Some(Command::Demo(demo)) => demo::run(context, demo).await,
        Some(Command::Audit { action }) => audit::run(context, action).await,
        Some(Command::Db { action }) => db::run(context, action).await,
        Some(Command::Catalogue(command)) => catalogue::run(context, command).await,
        Some(Command::User { action }) => people::run(context, action).await,
        Some(Command::Privacy { action }) => privacy::run(context, action).await,
        Some(Command::Session { action }) => sessions::run(context, action).await,
        Some(Command::Login(args)) => login::login(context, args).await,
        Some(Command::Logout) => login::logout(context),
        Some(Command::Serve(args)) => serve::run(context, args).await,
        Some(Command::Receive(args)) => movements::receive(context, args).await,
        Some(Command::Issue(args)) => movements::issue(context, args).await,
        Some(Command::Transfer(args)) => movements::transfer(context, args).await,
        Some(Command::Count(args)) => movements::count(context, args).await,
        Some(Command::Reverse(args)) => movements::reverse(context, args).await,
        Some(Command::Post(args)) => movements::post(context, &args).await,
        Some(Command::Order { action }) => orders::run(context, action).await,
        Some(Command::Import { action }) => files::import(context, action).await,
        Some(Command::Export(args)) => files::export(context, args).await,
        Some(Command::Stock(args)) => queries::stock(context, args).await,
        Some(Command::Ledger(args)) => queries::ledger(context, args).await,
        Some(Command::Report(args)) => reports::run(context, args).await,
        Some(Command::Config { action }) => {
            let file = context.settings.file.as_deref();
            config::run(file, context.database_url.as_deref(), context.output, action)
        }
        Some(Command::Completions { shell }) => shell::completions(shell),
        Some(Command::Man { directory }) => shell::manual(directory.as_deref()),
    }
}
