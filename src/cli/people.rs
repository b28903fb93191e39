//! The commands for people and their logins.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::args::{PasswordArgs, UserAction};
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::domain::PASSWORD_LENGTH_MIN;
use crate::domain::{Person, PersonalText};
use crate::privacy;
use crate::service::{self, generate_password};

/// The longest password that is read from standard input, in bytes.
const PASSWORD_BYTES_MAX: u64 = 1_024;

pub(super) fn read_password(args: &PasswordArgs) -> Result<SecretString, CliError> {
    if args.generate {
        return Ok(generate_password());
    }
    let password = if args.password_stdin {
        let mut text = String::new();
        std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text)?;
        SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned())
    } else if std::io::stdin().is_terminal() {
        let first = SecretString::from(rpassword::prompt_password("Password: ")?);
        let second = SecretString::from(rpassword::prompt_password("Repeat password: ")?);
        if first.expose_secret() != second.expose_secret() {
            return Err(CliError::Usage("the two passwords differ".to_owned()));
        }
        first
    } else {
        return Err(CliError::Usage(
            "cannot prompt for a password without a terminal; use --password-stdin or --generate".to_owned(),
        ));
    };
    if password.expose_secret().chars().count() < PASSWORD_LENGTH_MIN {
        return Err(CliError::Usage(format!(
            "the password must have at least {PASSWORD_LENGTH_MIN} characters"
        )));
    }
    Ok(password)
}

fn real_name(text: &str) -> Result<PersonalText, CliError> {
    PersonalText::of_person(text).map_err(|error| CliError::Usage(error.to_string()))
}

async fn set_name(context: &Context, login: &str, name: &PersonalText) -> Result<(), CliError> {
    let keyring = context.keyring()?;
    Ok(context.service().await?.set_person_name(login, name, keyring.as_ref()).await?)
}

/// Lists the people, with their names if the caller may see them.
async fn list(context: &Context) -> Result<(), CliError> {
    let people = context.store()?.people().await?;
    let names = match context.keyring()? {
        Some(keyring) => context.service().await?.person_names(Some(&keyring)).await?,
        None => BTreeMap::new(),
    };
    if context.output.is_json() {
        let mut documents = Vec::new();
        for person in &people {
            let mut document = serde_json::to_value(person)?;
            if let Some(fields) = document.as_object_mut() {
                fields.insert("name".to_owned(), json!(names.get(&person.login).map(PersonalText::expose)));
            }
            documents.push(document);
        }
        return context.output.list(&documents, &[], |_| Vec::new());
    }
    context.output.list(&people, &["login", "role", "login allowed", "name"], |person: &Person| {
        vec![
            person.login.clone(),
            person.group.as_str().to_owned(),
            if person.can_login { "yes" } else { "no" }.to_owned(),
            names.get(&person.login).map(PersonalText::expose).unwrap_or_default().to_owned(),
        ]
    })
}

pub(crate) async fn run(context: &Context, action: UserAction) -> Result<Exit, CliError> {
    let store = context.store()?;
    match action {
        UserAction::Add { login, role, name, password } => {
            let name = name.map(|name| real_name(&name)).transpose()?;
            if name.is_some() {
                // Before the login is created, and its password generated.
                context.keyring()?.ok_or(privacy::Error::NoKeyring).map_err(service::Error::from)?;
            }
            let secret = read_password(&password)?;
            store.add_person(&login, role, &secret).await?;
            let named = match &name {
                Some(name) => set_name(context, &login, name).await,
                None => Ok(()),
            };
            let shown = password.generate.then(|| secret.expose_secret().to_owned());
            context.output.result(
                &json!({"status": "added", "login": login, "role": role, "password": shown}),
                || {
                    let note = shown
                        .as_ref()
                        .map(|text| format!("; the password is {text}; it is not shown again"))
                        .unwrap_or_default();
                    format!("Added {login}{note}")
                },
            )?;
            // The password has been shown, whether or not the name could be stored.
            named?;
        }
        UserAction::Name { login, name } => {
            let name = real_name(&name)?;
            if !store.people().await?.iter().any(|person| person.login == login) {
                return Err(CliError::Usage(format!("there is no person with the login {login}")));
            }
            set_name(context, &login, &name).await?;
            context.output.result(&json!({"status": "named", "login": login}), || {
                format!("Stored the name of {login}, encrypted")
            })?;
        }
        UserAction::List => list(context).await?,
        UserAction::Disable { login } => {
            store.allow_login(&login, false).await?;
            context.output.result(&json!({"status": "disabled", "login": login}), || {
                format!("{login} can no longer log in")
            })?;
        }
        UserAction::Enable { login } => {
            store.allow_login(&login, true).await?;
            context.output.result(&json!({"status": "enabled", "login": login}), || {
                format!("{login} can log in again")
            })?;
        }
        UserAction::Role { login, role } => {
            store.set_group(&login, role).await?;
            context.output.result(&json!({"status": "changed", "login": login, "role": role}), || {
                format!("{login} is now {}; the sessions of the login were ended", role.as_str())
            })?;
        }
        UserAction::Password { login, password } => {
            change_password(context, login.as_deref(), &password).await?
        }
    }
    Ok(Exit::Done)
}

/// Changes the caller's own password, or that of another person.
async fn change_password(
    context: &Context,
    login: Option<&str>,
    password: &PasswordArgs,
) -> Result<(), CliError> {
    let store = context.store()?;
    let secret = read_password(password)?;
    match login {
        Some(login) => store.set_password(login, &secret).await?,
        None => store.change_own_password(&secret).await?,
    }
    let shown = password.generate.then(|| secret.expose_secret().to_owned());
    context.output.result(&json!({"status": "changed", "password": shown}), || match (login, &shown) {
        (Some(login), Some(text)) => format!("The new password of {login} is {text}; it is not shown again"),
        (Some(login), None) => {
            format!("The password of {login} has been changed; the sessions of the login were ended")
        }
        (None, Some(text)) => format!("Your new password is {text}; it is not shown again"),
        (None, None) => "Your password has been changed".to_owned(),
    })
}
