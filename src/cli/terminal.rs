//! `stockroom` without a command: opens the terminal with the settings of configuration and environment.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::Url;

use super::context::{Context, at};
use super::exit::{CliError, Exit};
use crate::config::kept::{self, Place};
use crate::config::{Settings, libpq};
use crate::domain::entry::DecimalMark;
use crate::store::{self, ConnectionSettings};
use crate::tui::app::Preferences;
use crate::tui::keymap::Keymap;
use crate::tui::locale::Language;
use crate::tui::terminal;
use crate::tui::text::Words;
use crate::tui::theme::Theme;
use crate::worker::Worker;
use crate::worker::message::Login;

/// Opens the terminal on the database of the settings, or on one that is entered in the login form.
pub(crate) async fn run(context: &Context) -> Result<Exit, CliError> {
    let url = context.database_url.as_deref().or(context.settings.database_url.as_deref());
    show(context, url).await
}

/// Opens the terminal on a database.
pub(crate) async fn show(context: &Context, url: Option<&str>) -> Result<Exit, CliError> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(CliError::Usage(
            "the screens need a terminal; for scripts, see the commands in `stockroom --help`".to_owned(),
        ));
    }
    let preferences = preferences(&context.settings, context.log.clone())?;
    let login = login(url)?;
    let worker = Worker::start(
        Arc::new(connection_settings),
        Arc::new(keep_password),
        &context.settings.state_dir(),
        context.keyring_source(),
    );
    terminal::run(preferences, login, worker).await?;
    Ok(Exit::Done)
}

fn preferences(settings: &Settings, log: Option<PathBuf>) -> Result<Preferences, CliError> {
    let usage = |message: String| CliError::Usage(message);
    if let Some(language) = &settings.language {
        language.parse::<Language>().map_err(|error| usage(error.to_string()))?;
    }
    let language = Language::detect(settings.language.as_deref(), |name| std::env::var(name).ok());
    // no-color.org: any value but an empty one.
    let colors = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let theme = Theme::new(settings.theme.as_deref(), &settings.theme_styles, colors)
        .map_err(|error| usage(error.to_string()))?;
    let keymap = Keymap::new(&settings.keys).map_err(|error| usage(error.to_string()))?;
    Ok(Preferences {
        words: words(language, |name| std::env::var(name).ok()),
        theme,
        keymap,
        mouse: settings.mouse.unwrap_or(true),
        zone: TimeZone::system(),
        log,
        drafts: settings.state_dir().join("drafts"),
    })
}

/// The words of a language. Where it writes a decimal point and the environment a comma, both can be typed.
fn words(language: Language, env: impl Fn(&str) -> Option<String>) -> Words {
    let words = Words::new(language);
    match words.mark {
        DecimalMark::Point => Words { mark: DecimalMark::beside_point(env), ..words },
        DecimalMark::Comma | DecimalMark::Either => words,
    }
}

/// What is known of the login before the form is shown: the URL without its password, the user, and the password if
/// there is one.
fn login(url: Option<&str>) -> Result<Login, CliError> {
    let Some(text) = url else {
        return Ok(Login { url: String::new(), user: None, password: None, keep: false });
    };
    let text = libpq::completed(text, |name| std::env::var(name).ok());
    let settings: ConnectionSettings = text.parse()?;
    let mut url = Url::parse(&text).map_err(|error| CliError::Usage(error.to_string()))?;
    let in_url = url.password().map(|password| {
        let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
        SecretString::from(decoded.into_owned())
    });
    // A URL that cannot contain a password has none.
    let _ = url.set_password(None);
    let user = Some(settings.user().to_owned()).filter(|user| !user.is_empty());
    let password = in_url.or_else(|| user.as_ref().and_then(|_| at(&settings, kept::find)));
    Ok(Login { url: url.into(), user, password, keep: false })
}

/// The connection settings for the completed form. If the password was left empty, it may still be found elsewhere.
fn connection_settings(login: &Login) -> Result<ConnectionSettings, store::Error> {
    let mut settings: ConnectionSettings = login.url.parse()?;
    if let Some(user) = &login.user {
        settings = settings.with_user(user);
    }
    Ok(match login.password.clone().or_else(|| at(&settings, kept::find)) {
        Some(password) => settings.with_password(&password),
        None => settings,
    })
}

/// Keeps the password that was entered; returns in which file, if it is one.
fn keep_password(login: &Login) -> Result<Option<PathBuf>, String> {
    let settings = connection_settings(login).map_err(|error| error.to_string())?;
    let Some(password) = &login.password else { return Err("no password was entered".to_owned()) };
    match at(&settings, |target| kept::keep(target, password)) {
        Ok(Place::Desktop) => Ok(None),
        Ok(Place::File(path)) => Ok(Some(path)),
        Err(error) => Err(error.to_string()),
    }
}
