//! The commands that change, archive and restore products, locations and lots.

use serde_json::json;

use super::args::{LocationChangeArgs, LotAction, ProductChangeArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use crate::domain::{Barcode, LocationChange, LocationCode, PackBarcode, ProductChange, Sku};

/// What became of something that was to be archived or restored: the word for programs.
fn status(archived: bool, changed: bool) -> &'static str {
    match (archived, changed) {
        (true, true) => "archived",
        (true, false) => "already_archived",
        (false, true) => "restored",
        (false, false) => "already_in_use",
    }
}

pub(super) async fn change_product(
    context: &Context,
    sku: Sku,
    changes: ProductChangeArgs,
) -> Result<Exit, CliError> {
    let change = ProductChange {
        sku,
        name: changes.name,
        unit: changes.unit,
        category: changes.category.unwrap_or_default(),
        reorder_point: changes.reorder_point.unwrap_or_default(),
        unit_cost: changes.unit_cost.unwrap_or_default(),
        unit_price: changes.unit_price.unwrap_or_default(),
    };
    context.service().await?.change_product(&change).await?;
    context.output.result(&json!({"status": "changed", "sku": change.sku}), || {
        format!("Changed product {}", change.sku)
    })?;
    Ok(Exit::Done)
}

pub(super) async fn archive_product(context: &Context, sku: &Sku, archived: bool) -> Result<Exit, CliError> {
    let done = context.service().await?.set_product_archived(sku, archived).await?;
    let status = status(archived, done.changed);
    context.output.result(&json!({"status": status, "sku": sku, "on_hand": done.on_hand}), || {
        let left = if archived && !done.on_hand.is_zero() {
            format!("; the {} on hand can still be issued", done.on_hand)
        } else {
            String::new()
        };
        match status {
            "archived" => format!("Archived product {sku}{left}"),
            "already_archived" => format!("Product {sku} was already archived{left}"),
            "restored" => format!("Product {sku} can be received again"),
            _ => format!("Product {sku} was not archived"),
        }
    })?;
    Ok(Exit::Done)
}

pub(super) async fn add_barcode(context: &Context, sku: &Sku, pack: PackBarcode) -> Result<Exit, CliError> {
    context.service().await?.add_barcode(sku, &pack).await?;
    let PackBarcode { barcode, pack_quantity } = pack;
    context.output.result(
        &json!({"status": "added", "sku": sku, "barcode": barcode, "pack_quantity": pack_quantity}),
        || format!("Added barcode {barcode} for {pack_quantity} {sku}"),
    )?;
    Ok(Exit::Done)
}

pub(super) async fn remove_barcode(
    context: &Context,
    sku: &Sku,
    barcode: &Barcode,
) -> Result<Exit, CliError> {
    context.service().await?.remove_barcode(sku, barcode).await?;
    context.output.result(&json!({"status": "removed", "sku": sku, "barcode": barcode}), || {
        format!("Removed barcode {barcode} from {sku}")
    })?;
    Ok(Exit::Done)
}

pub(super) async fn change_location(
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

pub(super) async fn archive_location(
    context: &Context,
    code: &LocationCode,
    archived: bool,
) -> Result<(), CliError> {
    let done = context.service().await?.set_location_archived(code, archived).await?;
    let status = status(archived, done.changed);
    context.output.result(&json!({"status": status, "code": code}), || match status {
        "archived" => format!("Archived location {code}"),
        "already_archived" => format!("Location {code} was already archived"),
        "restored" => format!("Restored location {code}"),
        _ => format!("Location {code} was not archived"),
    })
}

pub(super) async fn lot(context: &Context, action: LotAction) -> Result<Exit, CliError> {
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
