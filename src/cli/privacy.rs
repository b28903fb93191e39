//! The commands for personal data: the keyring, what is encrypted, export and erasure.

use serde_json::json;

use super::args::partner::{FieldClass, PrivacyAction, SubjectArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::free_text::warn_if_personal;
use super::output::print_json;
use super::partners::{document, fields_document};
use crate::domain::{PartnerCode, PartnerField, Restriction, Subject};
use crate::privacy;
use crate::privacy::KeyringSource;
use crate::service;

pub(super) async fn run(context: &Context, action: PrivacyAction) -> Result<Exit, CliError> {
    match action {
        PrivacyAction::Init { key_file } => init(context, key_file).await?,
        PrivacyAction::Check => return check(context).await,
        PrivacyAction::Rotate { prepare } => rotate(context, prepare).await?,
        PrivacyAction::Fields => fields(context).await?,
        PrivacyAction::Classify { field, class } => classify(context, field, class).await?,
        PrivacyAction::Export { partner } => export(context, &partner).await?,
        PrivacyAction::Erase { subject, ground } => {
            let subject = subject_of(subject);
            let service = context.service().await?;
            warn_if_personal(context, &service, [("ground", Some(ground.as_str()))]).await;
            service.erase(&subject, ground.as_str()).await?;
            let id = subject.id();
            context.output.result(&json!({"status": "erased", subject.kind(): id}), || {
                format!(
                    "Erased the personal data of {id}. Backups, replicas and the WAL may still hold the wrapped key: the erasure is final once stockroom privacy rotate has run and no copy of the old keyring is left."
                )
            })?;
        }
        PrivacyAction::Restrict { partner, ground, lift } => {
            let (restriction, status) = match lift {
                false => (Restriction::Restrict, "restricted"),
                true => (Restriction::Lift, "restriction_lifted"),
            };
            let subject = Subject::Partner(partner.clone());
            let service = context.service().await?;
            warn_if_personal(context, &service, [("ground", Some(ground.as_str()))]).await;
            service.restrict(&subject, restriction, ground.as_str()).await?;
            context.output.result(&json!({"status": status, "partner": partner}), || match lift {
                false => format!("Only admins can read the personal data of {partner} now"),
                true => format!("Clerks can read the personal data of {partner} again"),
            })?;
        }
    }
    Ok(Exit::Done)
}

fn subject_of(args: SubjectArgs) -> Subject {
    match (args.partner, args.user) {
        (Some(code), _) => Subject::Partner(code),
        // Clap requires one of the two.
        (None, login) => Subject::Person(login.unwrap_or_default()),
    }
}

async fn init(context: &Context, key_file: Option<std::path::PathBuf>) -> Result<(), CliError> {
    let source = match key_file {
        Some(path) => KeyringSource::File(path),
        None => context.keyring_source().ok_or_else(|| {
            CliError::Usage(
                "name the file of the new keyring with --key-file or STOCKROOM_ENCRYPTION_KEY_FILE"
                    .to_owned(),
            )
        })?,
    };
    let exists = match &source {
        KeyringSource::File(path) => path.exists(),
        KeyringSource::Environment => true,
    };
    let existing = if exists { Some(source.clone().load().map_err(service::Error::from)?) } else { None };
    let place = source.place();
    let file = match &source {
        KeyringSource::File(path) => path.clone(),
        KeyringSource::Environment => std::path::PathBuf::new(),
    };
    let service = context.service().await?;
    let state = service.init_privacy(existing.as_ref().map(|loaded| &loaded.keyring), &file).await?;
    context.output.result(
        &json!({"status": "ready", "keyring": place, "key_version": state.key_version, "fingerprint": state.fingerprint}),
        || {
            format!(
                "The database uses version {} of the keyring {place} (fingerprint {}).\n\
                 Keep a copy of it apart from the backups of the database: without it, nobody can read the personal data again.\n\
                 On each machine that may read them: export STOCKROOM_ENCRYPTION_KEY_FILE={place}",
                state.key_version, state.fingerprint
            )
        },
    )
}

async fn check(context: &Context) -> Result<Exit, CliError> {
    let loaded = context.loaded_keyring()?;
    let keyring = loaded.as_ref().map(|loaded| &loaded.keyring);
    let mut check = context.service().await?.check_privacy(keyring).await?;
    if let Some(loaded) = loaded.filter(|loaded| loaded.open_to_others) {
        let place = loaded.source.place();
        check
            .problems
            .push(format!("other accounts on this machine can read {place}; run: chmod 600 {place}"));
    }
    let state = check.keyring.as_ref();
    context.output.result(
        &json!({
            "key_version": state.map(|state| state.key_version),
            "fingerprint": state.map(|state| state.fingerprint.clone()),
            "keys": check.keys,
            "opened": check.opened,
            "problems": check.problems,
        }),
        || {
            let mut lines = Vec::new();
            if let Some(state) = state {
                lines.push(format!(
                    "Keyring: version {}, fingerprint {}",
                    state.key_version, state.fingerprint
                ));
            }
            for count in &check.keys {
                lines.push(format!(
                    "{} data keys of {}s under version {}, {} restricted",
                    count.keys, count.subject_kind, count.key_version, count.restricted
                ));
            }
            lines.push(format!("{} encrypted values were decrypted", check.opened));
            lines.extend(check.problems.iter().map(|problem| format!("problem: {problem}")));
            lines.join("\n")
        },
    )?;
    Ok(if check.problems.is_empty() { Exit::Done } else { Exit::Discrepancies })
}

async fn rotate(context: &Context, prepare: bool) -> Result<(), CliError> {
    let mut loaded =
        context.loaded_keyring()?.ok_or(privacy::Error::NoKeyring).map_err(service::Error::from)?;
    let file = loaded.source.file().map_err(service::Error::from)?.to_owned();
    let rotated = context.service().await?.rotate_keys(&mut loaded.keyring, &file, prepare).await?;
    let status = if prepare { "prepared" } else { "rotated" };
    context.output.result(
        &json!({"status": status, "key_version": rotated.key_version, "rewrapped": rotated.rewrapped, "removed": rotated.removed}),
        || {
            if prepare {
                return format!(
                    "Version {} has been added to {}. Copy the file to every machine that reads personal data, then run stockroom privacy rotate.",
                    rotated.key_version,
                    file.display()
                );
            }
            let removed: Vec<String> = rotated.removed.iter().map(ToString::to_string).collect();
            format!(
                "{} data keys are now wrapped under version {}. Version {} has been removed from {}. Destroy every other copy of it, and keep a copy of the new file; nobody can then decrypt what was erased before.",
                rotated.rewrapped,
                rotated.key_version,
                removed.join(", "),
                file.display()
            )
        },
    )
}

async fn fields(context: &Context) -> Result<(), CliError> {
    let plain = context.store()?.plain_partner_fields().await?;
    let rows: Vec<_> = PartnerField::ALL
        .into_iter()
        .map(|field| json!({"field": field.as_str(), "personal": !plain.contains(&field)}))
        .collect();
    context.output.list(&rows, &["field", "personal"], |row| {
        let personal = if row["personal"] == true { "yes" } else { "no" };
        vec![row["field"].as_str().unwrap_or_default().to_owned(), personal.to_owned()]
    })
}

async fn classify(context: &Context, field: PartnerField, class: FieldClass) -> Result<(), CliError> {
    let personal = class == FieldClass::Personal;
    let keyring = if personal { context.keyring()? } else { None };
    let encrypted = context.service().await?.set_field_personal(field, personal, keyring.as_ref()).await?;
    let name = field.as_str();
    context.output.result(
        &json!({"status": "classified", "field": name, "personal": personal, "encrypted": encrypted}),
        || match (personal, encrypted) {
            (false, _) => format!("{name} is not personal: what is entered from now on is stored and logged as text"),
            (true, 0) => format!("{name} is personal"),
            (true, encrypted) => format!(
                "{name} is personal; {encrypted} values have been encrypted. The texts that they replace remain in the log, the history and the backups."
            ),
        },
    )
}

async fn export(context: &Context, code: &PartnerCode) -> Result<(), CliError> {
    let keyring = context.keyring()?.ok_or(privacy::Error::NoKeyring).map_err(service::Error::from)?;
    let found = context.service().await?.export_partner(code, &keyring).await?;
    let earlier: Vec<_> = found
        .earlier
        .iter()
        .map(|state| {
            let mut document = fields_document(&state.fields);
            document.insert("changed_at".to_owned(), json!(state.changed_at));
            document.insert("changed_by".to_owned(), json!(state.changed_by));
            document
        })
        .collect();
    let mut document = document(&found.details);
    if let Some(fields) = document.as_object_mut() {
        fields.insert("history".to_owned(), json!(earlier));
        fields.insert("events".to_owned(), json!(found.events));
    }
    print_json(&document.to_string())
}
