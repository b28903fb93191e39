//! `serve`: the service, its status, and the passwords of its logins.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::args::serve::{LogFormat, ServeAction, ServeArgs};
use super::audit::interrupted;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::files::profiles_dir;
use super::output::or_empty;
use crate::config::Settings;
use crate::config::serve::ServeSettings;
use crate::serve::board::{PartStatus, State};
use crate::serve::status::{Status, ask};
use crate::serve::{self, ServeError, Site, credentials};
use crate::telemetry::{self, LineFormat};

/// A login of the service and the file with its password.
#[derive(Debug, Serialize)]
struct Credential {
    login: &'static str,
    file: PathBuf,
    /// Whether the file was created now.
    created: bool,
}

pub(crate) async fn run(context: &Context, args: ServeArgs) -> Result<Exit, CliError> {
    match args.action {
        None => serve(context, args.listen, args.log_format).await,
        Some(ServeAction::Status) => status(context, args.listen).await,
        Some(ServeAction::Credentials { directory }) => {
            let provided = credentials::provide(&context.store()?, &directory).await?;
            let rows: Vec<Credential> = provided
                .into_iter()
                .map(|(login, created)| Credential { login, file: directory.join(login), created })
                .collect();
            context.output.list(&rows, &["login", "file", ""], |row| {
                let what = if row.created { "created" } else { "kept" };
                vec![row.login.to_owned(), row.file.display().to_string(), what.to_owned()]
            })?;
            Ok(Exit::Done)
        }
    }
}

fn settings(of: &Settings, listen: Option<SocketAddr>) -> ServeSettings {
    let settings = of.serve.clone();
    ServeSettings { listen: listen.unwrap_or(settings.listen), ..settings }
}

async fn serve(
    context: &Context,
    listen: Option<SocketAddr>,
    log_format: LogFormat,
) -> Result<Exit, CliError> {
    let format = match log_format {
        LogFormat::Text => LineFormat::Text,
        LogFormat::Json => LineFormat::Json,
    };
    telemetry::start_on_stdout(format, context.settings.log.as_deref());
    let profiles = profiles_dir();
    let state_dir = context.settings.state_dir();
    let settings = settings(&context.settings, listen);
    settings.check().map_err(CliError::Usage)?;
    let site = Arc::new(Site::new(settings, context.database()?, &state_dir, profiles));
    let stop = CancellationToken::new();
    let service = serve::run(Arc::clone(&site), stop.clone());
    tokio::pin!(service);
    let mut hangups = signal(SignalKind::hangup())?;
    let ended = interrupted();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            outcome = &mut service => {
                outcome?;
                return Ok(Exit::Done);
            }
            () = &mut ended, if !stop.is_cancelled() => stop.cancel(),
            _ = hangups.recv() => reload(context, &site, listen),
        }
    }
}

/// Reads the settings again. If they cannot be read, nothing changes.
fn reload(context: &Context, site: &Site, listen: Option<SocketAddr>) {
    serve::reloading();
    let new = Settings::load(context.settings.file.as_deref()).map_err(|error| error.to_string());
    match new.and_then(|new| new.serve.check().map(|()| new)) {
        Ok(new) => {
            let reload = site.reload(settings(&new, listen));
            tracing::info!("The configuration was read again");
            if new.database_url != context.settings.database_url {
                tracing::warn!("database_url has changed; restart the service to apply it");
            }
            for name in reload.takes_restart {
                tracing::warn!(
                    setting = name,
                    "A setting in [serve] has changed; restart the service to apply it"
                );
            }
        }
        Err(error) => {
            site.reload_failed();
            tracing::error!(error, "The configuration cannot be read; the old one remains in effect");
        }
    }
    serve::reloaded();
}

async fn status(context: &Context, listen: Option<SocketAddr>) -> Result<Exit, CliError> {
    let status = ask(&settings(&context.settings, listen)).await?;
    context.output.result(&status, || words(&status))?;
    let failing = status.parts.iter().any(|part| part.state == State::Failing);
    let well = !failing && status.hanging.is_empty() && status.database_failure.is_none();
    Ok(if well { Exit::Done } else { Exit::Discrepancies })
}

fn words(status: &Status) -> String {
    let role = if status.leads { "leading" } else { "waiting: another service leads" };
    let database = status.database_failure.as_deref().unwrap_or("answers");
    let mut lines = vec![
        format!("service    {role}, version {}, since {}", status.version, time(Some(status.started_at))),
        format!("database   {database}"),
    ];
    if !status.hanging.is_empty() {
        lines.push(format!("HANGING    {}", status.hanging.join(", ")));
    }
    let width = status.parts.iter().map(|part| part.name.chars().count()).max().unwrap_or_default();
    lines.extend(status.parts.iter().map(|part| part_words(part, width)));
    lines.join("\n")
}

fn part_words(part: &PartStatus, width: usize) -> String {
    let state = match part.state {
        State::Failing => "FAILING",
        state => state.as_str(),
    };
    let mut words = format!("{:<width$}  {state:<8}", part.name);
    if let Some(at) = part.last_success_at {
        words.push_str(&format!("  last success {}", time(Some(at))));
    }
    if let Some(at) = part.next_run_at {
        words.push_str(&format!("  next {}", time(Some(at))));
    }
    if part.state == State::Failing {
        words.push_str(&format!("\n{:width$}  {}", "", or_empty(part.last_failure.as_ref())));
    } else if let Some(did) = &part.did {
        words.push_str(&format!("\n{:width$}  {did}", ""));
    }
    words
}

/// A time to the second.
fn time(time: Option<Timestamp>) -> String {
    time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Store(error) => error.into(),
            error => Self::Serve(error),
        }
    }
}
