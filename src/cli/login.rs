//! Keeping a password on this machine, and forgetting it.

use std::io::{IsTerminal as _, Read as _};

use secrecy::SecretString;
use serde_json::json;

use super::args::LoginArgs;
use super::context::{Context, at};
use super::exit::{CliError, Exit};
use crate::config::kept;
use crate::store::Store;

/// The longest input that is read for a password, in bytes.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// Asks for the password of the login, tries it, and keeps it.
pub(crate) async fn login(context: &Context, args: LoginArgs) -> Result<Exit, CliError> {
    let settings = context.database()?;
    let password = if args.password_stdin {
        let mut text = String::new();
        std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text)?;
        SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned())
    } else if std::io::stdin().is_terminal() {
        let asked = format!("Password for {}: ", settings.identity());
        SecretString::from(rpassword::prompt_password(asked)?)
    } else {
        let message = "cannot prompt for a password without a terminal; use --password-stdin";
        return Err(CliError::Usage(message.to_owned()));
    };
    // A password that is wrong would be kept and used again and again.
    Store::new(settings.with_password(&password), 1)?.ping().await?;
    let settings = context.database()?;
    let place = at(&settings, |target| kept::keep(target, &password))?;
    let (login, words) = (settings.user(), place.to_string());
    context.output.result(&json!({"status": "kept", "login": login, "place": words}), || {
        format!("The password of {login} is kept in {words}. `stockroom logout` removes it.")
    })?;
    Ok(Exit::Done)
}

/// Removes the password of the login from this machine.
pub(crate) fn logout(context: &Context) -> Result<Exit, CliError> {
    let settings = context.database()?;
    let places: Vec<String> = at(&settings, kept::forget)?.iter().map(ToString::to_string).collect();
    let login = settings.user();
    let status = if places.is_empty() { "not_kept" } else { "removed" };
    context.output.result(&json!({"status": status, "login": login, "places": places}), || {
        if places.is_empty() {
            format!("No password of {login} was kept on this machine for this database.")
        } else {
            format!("The password of {login} was removed from {}.", places.join(" and "))
        }
    })?;
    Ok(Exit::Done)
}
