//! The command line: reads it, runs the use case, prints the result, ends with the right exit code.

mod args;
mod audit;
mod bench;
mod catalogue;
mod db;
mod demo;
mod exit;
mod files;
mod input;
mod keeping;
mod movements;
mod output;
mod people;
mod reading;
mod terminal;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use secrecy::SecretString;

use crate::config::Settings;
use crate::config::pgpass::{self, Target};
use crate::service::{Fate, Journal, Service};
use crate::store::{CONNECTIONS_DEFAULT, ConnectionSettings, Store};
use crate::telemetry;

use args::{Arguments, Command};
pub use exit::{CliError, Exit};
use output::Output;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.global.json);
    let outcome = run(arguments, output);
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => output.failure(&error).into(),
    }
}

fn run(arguments: Arguments, output: Output) -> Result<Exit, CliError> {
    let settings = Settings::load(arguments.global.config.as_deref())?;
    let log = telemetry::start(&settings.state_dir(), settings.log.as_deref());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let context = Context { settings, database_url: arguments.global.database_url, log, output };
    let outcome = runtime.block_on(dispatch(&context, arguments.command));
    // A thread that still waits for a key must not keep a program that has done its work.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(context: &Context, command: Option<Command>) -> Result<Exit, CliError> {
    match command {
        None => terminal::run(context).await,
        Some(Command::Demo(demo)) => demo::run(context, demo).await,
        Some(Command::Bench(args)) => bench::run(context, args).await,
        Some(Command::Audit { action }) => audit::run(context, action).await,
        Some(Command::Db { action }) => db::run(context, action).await,
        Some(Command::Catalogue(command)) => catalogue::run(context, command).await,
        Some(Command::User { action }) => people::run(context, action).await,
        Some(Command::Receive(args)) => movements::receive(context, args).await,
        Some(Command::Issue(args)) => movements::issue(context, args).await,
        Some(Command::Transfer(args)) => movements::transfer(context, args).await,
        Some(Command::Count(args)) => movements::count(context, args).await,
        Some(Command::Reverse(args)) => movements::reverse(context, args).await,
        Some(Command::Post(args)) => movements::post(context, &args).await,
        Some(Command::Import { action }) => files::import(context, action).await,
        Some(Command::Export(args)) => files::export(context, args).await,
        Some(Command::Stock(args)) => reading::stock(context, args).await,
        Some(Command::Ledger(args)) => reading::ledger(context, args).await,
    }
}

/// What every command needs: the settings, and where to print.
pub(crate) struct Context {
    settings: Settings,
    database_url: Option<String>,
    /// The log file, if one is written.
    log: Option<PathBuf>,
    output: Output,
}

impl Context {
    /// The same with another state directory.
    fn with_state_dir(&self, state_dir: PathBuf) -> Self {
        Self {
            settings: Settings { state_dir: Some(state_dir), ..self.settings.clone() },
            database_url: self.database_url.clone(),
            log: self.log.clone(),
            output: self.output,
        }
    }

    /// The database of this run: the command line, else the environment or file.
    fn connection_settings(&self) -> Result<ConnectionSettings, CliError> {
        let url = self.database_url.as_deref().or(self.settings.database_url.as_deref()).ok_or_else(|| {
            CliError::Usage(
                "no database was named; give --database-url, set STOCKROOM_DATABASE_URL, or put database_url into the config file (to try things out: stockroom demo start)"
                    .to_owned(),
            )
        })?;
        let settings: ConnectionSettings = url.parse()?;
        if settings.has_password() {
            return Ok(settings);
        }
        let (host, port) = settings.address();
        let target = Target { host: &host, port, database: settings.database(), user: settings.user() };
        match pgpass::find(target) {
            Some(password) => Ok(settings.with_password(&password)),
            None if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() => {
                let password = rpassword::prompt_password(format!("Password for {}: ", settings.identity()))?;
                Ok(settings.with_password(&SecretString::from(password)))
            }
            // The server may let this login in without one.
            None => Ok(settings),
        }
    }

    /// The store alone, for reading.
    fn store(&self) -> Result<Store, CliError> {
        Ok(Store::new(self.connection_settings()?, CONNECTIONS_DEFAULT)?)
    }

    /// The service layer, after the journal has been looked through.
    async fn service(&self) -> Result<Service, CliError> {
        let journal =
            Journal::open(&self.settings.state_dir().join("journal")).map_err(crate::service::Error::from)?;
        let service = Service::new(self.store()?, Some(journal));
        for found in service.recover().await? {
            let when = found
                .written_at
                .to_zoned(jiff::tz::TimeZone::system())
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string();
            let became = match found.fate {
                Fate::Posted => "it was posted",
                Fate::NotPosted => "it was not posted; enter it again if it is still wanted",
                Fate::Unknown => "what became of it is not known yet; it will be looked up again",
            };
            let (words, id) = (found.words, found.id);
            let article = if words.starts_with(['a', 'i']) { "an" } else { "a" };
            self.output
                .notice(&format!("{article} {words}, sent at {when}, was interrupted: {became} (id {id})"));
        }
        Ok(service)
    }
}
