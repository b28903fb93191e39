//! The commands for products, locations and partners.

use serde_json::json;

use super::args::{CatalogueCommand, LocationAction, PartnerAction, ProductAction, ProductAdd};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::master_data;
use super::output::or_empty;
use crate::domain::{
    Level, LocationRow, NewLocation, NewPartner, PackBarcode, PartnerRow, Product, ProductFilter, ProductRow,
    Quantity, StockFilter, Tracking,
};

pub(crate) async fn run(context: &Context, command: CatalogueCommand) -> Result<Exit, CliError> {
    match command {
        CatalogueCommand::Product { action } => product(context, action).await,
        CatalogueCommand::Location { action } => location(context, action).await,
        CatalogueCommand::Lot { action } => master_data::lot(context, action).await,
        CatalogueCommand::Partner { action } => partner(context, action).await,
    }
}

async fn product(context: &Context, action: ProductAction) -> Result<Exit, CliError> {
    match action {
        ProductAction::Add(add) => add_product(context, *add).await,
        ProductAction::List { search, low, archived, limit } => {
            let rows = context.store()?.products(&ProductFilter { search, low, archived, limit }).await?;
            context.output.list(
                &rows,
                &["sku", "name", "on hand", "unit", "reorder at", "price"],
                |row: &ProductRow| {
                    let number = |value: Option<rust_decimal::Decimal>| {
                        value.map(|value| value.normalize().to_string()).unwrap_or_default()
                    };
                    vec![
                        row.product.sku.to_string(),
                        row.product.name.to_string(),
                        row.on_hand.normalize().to_string(),
                        row.product.unit.to_string(),
                        number(row.product.reorder_point),
                        or_empty(row.product.unit_price.as_ref()),
                    ]
                },
            )?;
            Ok(Exit::Done)
        }
        ProductAction::Show { code } => show_product(context, &code).await,
        ProductAction::Change { sku, changes } => master_data::change_product(context, sku, changes).await,
        ProductAction::Archive { sku } => master_data::archive_product(context, &sku, true).await,
        ProductAction::Restore { sku } => master_data::archive_product(context, &sku, false).await,
        ProductAction::Barcode { sku, barcode, remove: true, .. } => {
            master_data::remove_barcode(context, &sku, &barcode).await
        }
        ProductAction::Barcode { sku, barcode, pack, remove: false } => {
            master_data::add_barcode(context, &sku, PackBarcode { barcode, pack_quantity: pack }).await
        }
    }
}

async fn add_product(context: &Context, add: ProductAdd) -> Result<Exit, CliError> {
    let one = Quantity::new(rust_decimal::Decimal::ONE).map_err(crate::domain::Refusal::from)?;
    let product = Product {
        sku: add.sku.clone(),
        name: add.name.clone(),
        unit: add.unit,
        decimals: add.decimals,
        category: add.category,
        reorder_point: add.reorder_point,
        unit_cost: add.unit_cost,
        unit_price: add.unit_price,
        tracking: add.tracking,
        barcodes: add
            .barcode
            .into_iter()
            .map(|barcode| PackBarcode { barcode, pack_quantity: one })
            .collect(),
    };
    context.service().await?.add_product(product).await?;
    context.output.result(&json!({"status": "added", "sku": add.sku}), || {
        format!("Added product {} {}", add.sku, add.name)
    })?;
    Ok(Exit::Done)
}

async fn show_product(context: &Context, code: &str) -> Result<Exit, CliError> {
    let store = context.store()?;
    let (sku, _) = store.identify(code).await?;
    let filter = ProductFilter { search: Some(sku.to_string()), archived: true, ..ProductFilter::default() };
    let rows = store.products(&filter).await?;
    let row = rows
        .into_iter()
        .find(|row| row.product.sku == sku)
        .ok_or_else(|| crate::domain::Refusal::UnknownProduct(sku.to_string()))?;
    let levels = store.stock(&StockFilter { sku: Some(sku), ..StockFilter::default() }).await?;
    let mut document = serde_json::to_value(&row)?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("levels".to_owned(), serde_json::to_value(&levels)?);
    }
    context.output.result(&document, || product_words(&row, &levels))?;
    Ok(Exit::Done)
}

fn product_words(row: &ProductRow, levels: &[Level]) -> String {
    let product = &row.product;
    let mut lines = vec![format!("{}  {}", product.sku, product.name)];
    let mut say = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("  {label:<14}{value}"));
        }
    };
    let number = |value: Option<rust_decimal::Decimal>| value.map(|value| value.normalize().to_string());
    say("category", product.category.as_ref().map(ToString::to_string));
    say("unit", Some(format!("{}, {} decimal places", product.unit, product.decimals)));
    say("tracking", (product.tracking != Tracking::None).then(|| product.tracking.as_str().to_owned()));
    let barcode = |pack: &PackBarcode| {
        let count = if pack.pack_quantity.value() == rust_decimal::Decimal::ONE {
            String::new()
        } else {
            format!(" (pack of {})", pack.pack_quantity)
        };
        format!("{}{count}", pack.barcode)
    };
    say("barcodes", Some(product.barcodes.iter().map(barcode).collect::<Vec<_>>().join(", ")));
    say("reorder at", number(product.reorder_point));
    say("unit cost", product.unit_cost.map(|price| price.to_string()));
    say("unit price", product.unit_price.map(|price| price.to_string()));
    say("archived", row.archived_at.map(|time| time.to_string()));
    say("on hand", Some(row.on_hand.normalize().to_string()));
    lines.extend(levels.iter().map(|level| {
        let lot = level.lot.as_ref().map(|lot| format!(" lot {lot}")).unwrap_or_default();
        format!("    {}{lot}: {}", level.location, level.on_hand)
    }));
    lines.join("\n")
}

async fn location(context: &Context, action: LocationAction) -> Result<Exit, CliError> {
    match action {
        LocationAction::Add { code, name, parent, kind } => {
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
            master_data::change_location(context, code, changes).await?;
        }
        LocationAction::Archive { code } => master_data::archive_location(context, &code, true).await?,
        LocationAction::Restore { code } => master_data::archive_location(context, &code, false).await?,
    }
    Ok(Exit::Done)
}

async fn partner(context: &Context, action: PartnerAction) -> Result<Exit, CliError> {
    match action {
        PartnerAction::Add { code, kind, name } => {
            context.service().await?.add_partner(NewPartner { code: code.clone(), name, kind }).await?;
            context.output.result(&json!({"status": "added", "code": code}), || {
                format!("Added {} {code}", kind.as_str())
            })?;
        }
        PartnerAction::List => {
            let rows = context.store()?.partners().await?;
            context.output.list(&rows, &["code", "kind", "name"], |row: &PartnerRow| {
                vec![row.code.to_string(), row.kind.as_str().to_owned(), or_empty(row.name.as_ref())]
            })?;
        }
    }
    Ok(Exit::Done)
}
