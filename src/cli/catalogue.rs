//! The commands for locations and lots.

use serde_json::json;

use super::args::catalogue::{CatalogueCommand, LocationAction, LocationChangeArgs, LotAction};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::output::or_empty;
use super::partners;
use super::products;
use crate::domain::{LocationChange, LocationCode, LocationRow, NewLocation};

pub(crate) async fn run(context: &Context, command: CatalogueCommand) -> Result<Exit, CliError> {
    match command {
        CatalogueCommand::Product { action } => products::run(context, action).await,
        CatalogueCommand::Location { action } => location(context, action).await,
        CatalogueCommand::Lot { action } => lot(context, action).await,
        CatalogueCommand::Partner { action } => partners::run(context, action).await,
    }
}

async fn location(context: &Context, action: LocationAction) -> Result<Exit, CliError> {
    match action {
        LocationAction::Add { code, given_name, name, parent, kind } => {
            let name = given_name.or(name);
            context
                .service()
                .await?
                .add_location(NewLocation { code: code.clone(), name, parent, kind })
                .await?;
            context
                .output
                .result(&json!({"status": "added", "code": code}), || format!("Added location {code}"))?;
        }
        LocationAction::List => {
            let rows = context.store()?.locations().await?;
            context.output.list(
                &rows,
                &["code", "kind", "within", "name", "products", "archived"],
                |row: &LocationRow| {
                    vec![
                        row.code.to_string(),
                        row.kind.as_str().to_owned(),
                        or_empty(row.parent.as_ref()),
                        or_empty(row.name.as_ref()),
                        row.products.to_string(),
                        row.archived_at.map(|time| time.to_string()).unwrap_or_default(),
                    ]
                },
            )?;
        }
        LocationAction::Change { code, changes } => {
            change_location(context, code, changes).await?;
        }
        LocationAction::Archive { code } => archive_location(context, &code, true).await?,
        LocationAction::Restore { code } => archive_location(context, &code, false).await?,
    }
    Ok(Exit::Done)
}

async fn change_location(
    context: &Context,
    code: LocationCode,
    changes: LocationChangeArgs,
) -> Result<(), CliError> {
    let change = LocationChange {
        code,
        name: changes.name.unwrap_or_default(),
        parent: changes.parent.unwrap_or_default(),
        kind: changes.kind,
    };
    context.service().await?.change_location(&change).await?;
    context.output.result(&json!({"status": "changed", "code": change.code}), || {
        format!("Changed location {}", change.code)
    })
}

async fn archive_location(context: &Context, code: &LocationCode, archived: bool) -> Result<(), CliError> {
    let done = context.service().await?.set_location_archived(code, archived).await?;
    let status = done.status(archived);
    context.output.result(&json!({"status": status, "code": code}), || match status {
        "archived" => format!("Archived location {code}"),
        "already_archived" => format!("Location {code} was already archived"),
        "restored" => format!("Restored location {code}"),
        _ => format!("Location {code} was not archived"),
    })
}

async fn lot(context: &Context, action: LotAction) -> Result<Exit, CliError> {
    let LotAction::Change { sku, lot, expires } = action;
    let changed = context.service().await?.change_lot(&sku, &lot, expires).await?;
    let now = expires.value();
    context.output.result(
        &json!({"status": "changed", "sku": sku, "lot": lot, "expires_on": now, "expires_on_before": changed.before}),
        || {
            let words = |day: Option<String>| day.unwrap_or_else(|| "never".to_owned());
            let (now, before) = (now.map(ToString::to_string), changed.before.map(|day| day.to_string()));
            format!("Lot {lot} of {sku} expires {}, before {}", words(now), words(before))
        },
    )?;
    Ok(Exit::Done)
}
