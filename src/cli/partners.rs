//! The commands for suppliers and customers.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value, json};

use super::args::partner::{FieldArgs, PartnerAction};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::input::NO_VALUE;
use super::output::or_empty;
use super::streams::open_input;
use crate::domain::{
    Change, FieldChanges, FieldValue, NewPartner, PartnerChange, PartnerCode, PartnerDetails, PartnerField,
    PersonalText,
};

/// The largest file of fields: several times what all of them may contain.
const DETAILS_BYTES_MAX: u64 = 64 * 1024;
/// The text shown for a value that stays encrypted.
pub(super) const ENCRYPTED: &str = "(encrypted)";

pub(super) async fn run(context: &Context, action: PartnerAction) -> Result<Exit, CliError> {
    match action {
        PartnerAction::Add { code, kind, name, min_life_days, fields } => {
            let fields = changes(&fields)?;
            let keyring = context.keyring_for(&fields)?;
            let partner = NewPartner { code: code.clone(), name, kind };
            let days = min_life_days.map_or(Change::Keep, Change::To);
            context.service().await?.add_partner_with(&partner, days, &fields, keyring.as_ref()).await?;
            context.output.result(&json!({"status": "added", "code": code}), || {
                format!("Added {} {code}", kind.as_str())
            })?;
        }
        PartnerAction::Change { code, name, min_life_days, fields } => {
            let fields = changes(&fields)?;
            let (name, min_life_days) = (name.unwrap_or_default(), min_life_days.unwrap_or_default());
            if fields.is_empty() && !name.is_wanted() && !min_life_days.is_wanted() {
                return Err(CliError::Usage("nothing to change; name at least one field".to_owned()));
            }
            let keyring = context.keyring_for(&fields)?;
            let change = PartnerChange { code: code.clone(), name, min_life_days, fields };
            context.service().await?.change_partner(&change, keyring.as_ref()).await?;
            context
                .output
                .result(&json!({"status": "changed", "code": code}), || format!("Changed partner {code}"))?;
        }
        PartnerAction::Show { code } => show(context, &code).await?,
        PartnerAction::List { search } => {
            let keyring = context.keyring()?;
            let found = context.service().await?.partners(search.as_deref(), keyring.as_ref()).await?;
            let rows: Vec<Value> = found.iter().map(document).collect();
            if context.output.is_json() {
                context.output.list(&rows, &[], |_| Vec::new())?;
            } else {
                let headers = ["code", "kind", "name", "contact", "telephone"];
                context.output.list(&found.iter().map(cells).collect::<Vec<_>>(), &headers, Clone::clone)?;
            }
        }
    }
    Ok(Exit::Done)
}

async fn show(context: &Context, code: &PartnerCode) -> Result<(), CliError> {
    let keyring = context.keyring()?;
    let partner = context.service().await?.partner(code, keyring.as_ref()).await?;
    context.output.result(&document(&partner), || words(&partner))
}

/// The fields of the options and of the file; an option takes precedence.
fn changes(args: &FieldArgs) -> Result<FieldChanges, CliError> {
    let mut changes = args.details.as_deref().map(read_details).transpose()?.unwrap_or_default();
    for (field, value) in args.given() {
        changes.insert(field, change(field, value)?);
    }
    Ok(changes)
}

fn change(field: PartnerField, value: &str) -> Result<Change<PersonalText>, CliError> {
    if value == NO_VALUE {
        return Ok(Change::Clear);
    }
    PersonalText::of_partner(field, value).map(Change::To).map_err(|error| CliError::Usage(error.to_string()))
}

/// Reads fields from a JSON file. Errors never contain its contents.
fn read_details(path: &Path) -> Result<FieldChanges, CliError> {
    let mut text = Zeroizing::new(String::new());
    open_input(path)?.take(DETAILS_BYTES_MAX).read_to_string(&mut text)?;
    let malformed = || {
        CliError::Usage(format!(
            "{} is not a JSON object with the fields contact_name, email, telephone, address, tax_number and note, each a string or null",
            path.display()
        ))
    };
    let values: BTreeMap<String, Option<String>> = serde_json::from_str(&text).map_err(|_| malformed())?;
    let mut changes = FieldChanges::new();
    for (name, value) in values {
        let field: PartnerField = name.parse().map_err(|_| malformed())?;
        let change = match value {
            None => Change::Clear,
            Some(text) => change(field, &text)?,
        };
        changes.insert(field, change);
    }
    Ok(changes)
}

/// A partner as JSON: fields that are empty or hidden are null, and `hidden` names the hidden ones.
pub(super) fn document(partner: &PartnerDetails) -> Value {
    let mut document = Map::new();
    document.insert("code".to_owned(), json!(partner.code));
    document.insert("name".to_owned(), json!(partner.name));
    document.insert("kind".to_owned(), json!(partner.kind));
    document.insert("min_life_days".to_owned(), json!(partner.min_life_days));
    document.extend(fields_document(&partner.fields));
    Value::Object(document)
}

/// The fields of a partner as JSON: empty and hidden ones are null, and `hidden` names the hidden ones.
pub(super) fn fields_document(fields: &BTreeMap<PartnerField, FieldValue>) -> Map<String, Value> {
    let mut document = Map::new();
    for field in PartnerField::ALL {
        document.insert(field.as_str().to_owned(), json!(fields.get(&field).and_then(FieldValue::text)));
    }
    let hidden: Vec<&str> =
        fields.iter().filter(|(_, value)| value.text().is_none()).map(|(field, _)| field.as_str()).collect();
    document.insert("hidden".to_owned(), json!(hidden));
    document
}

fn shown(partner: &PartnerDetails, field: PartnerField) -> Option<String> {
    partner.fields.get(&field).map(|value| value.text().unwrap_or(ENCRYPTED).to_owned())
}

fn cells(partner: &PartnerDetails) -> Vec<String> {
    vec![
        partner.code.to_string(),
        partner.kind.as_str().to_owned(),
        or_empty(partner.name.as_ref()),
        shown(partner, PartnerField::ContactName).unwrap_or_default(),
        shown(partner, PartnerField::Telephone).unwrap_or_default(),
    ]
}

fn words(partner: &PartnerDetails) -> String {
    let mut lines =
        vec![format!("{}  {}", partner.code, or_empty(partner.name.as_ref())).trim_end().to_owned()];
    lines.push(format!("  {:<14}{}", "kind", partner.kind.as_str()));
    if let Some(days) = partner.min_life_days {
        lines.push(format!("  {:<14}{days} days", "minimum life"));
    }
    for field in PartnerField::ALL {
        if let Some(value) = shown(partner, field) {
            let value = value.replace('\n', &format!("\n{:16}", ""));
            lines.push(format!("  {:<14}{value}", field.label()));
        }
    }
    lines.join("\n")
}
