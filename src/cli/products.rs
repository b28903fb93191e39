//! The commands for products: their arguments, their actions and their output.
//!
//! Arguments and output are in one file, because each field of a product appears in both.

use clap::{Args, Subcommand};
use rust_decimal::Decimal;
use serde_json::json;

use super::context::Context;
use super::exit::{CliError, Exit};
use super::input::{change, counted, quantity};
use super::output::or_empty;
use super::supplies::{self, SupplyArgs};
use crate::domain::{
    Barcode, Change, Level, Name, PackBarcode, Product, ProductChange, ProductFilter, ProductRow, Quantity,
    Refusal, Sku, StockFilter, SupplyTerms, Tracking, UnitPrice,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ProductAction {
    /// Add a product
    Add(Box<ProductAdd>),
    /// List products
    List {
        /// Part of the SKU or name, or a barcode
        search: Option<String>,
        /// List only products at or below their reorder point
        #[arg(long)]
        low: bool,
        /// Include archived products
        #[arg(long)]
        archived: bool,
        /// Maximum number of rows
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Show a product and its stock by location
    Show {
        /// SKU or barcode
        code: String,
    },
    /// Change a product; the old values are kept in the product history
    Change {
        /// SKU of the product
        sku: Sku,
        #[command(flatten)]
        changes: ProductChangeArgs,
    },
    /// Archive a product: stock on hand can still be issued, but no more is received
    Archive {
        /// SKU of the product
        sku: Sku,
    },
    /// Restore an archived product
    Restore {
        /// SKU of the product
        sku: Sku,
    },
    /// Add a barcode to a product, or remove one
    Barcode {
        /// SKU of the product
        sku: Sku,
        /// Barcode as scanned
        barcode: Barcode,
        /// Number of units that one scan counts
        #[arg(long, value_name = "N", default_value = "1", value_parser = quantity)]
        pack: Quantity,
        /// Remove the barcode from the product
        #[arg(long, conflicts_with = "pack")]
        remove: bool,
    },
    /// Set the terms on which a supplier delivers a product, or remove them
    Supplier(SupplyArgs),
}

/// The fields of a product to change, of which at least one is needed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct ProductChangeArgs {
    /// Name of the product
    #[arg(long)]
    pub name: Option<Name>,
    /// Unit of measure
    #[arg(long)]
    pub unit: Option<Name>,
    /// Category; `none` removes it
    #[arg(long, value_parser = change(str::parse::<Name>))]
    pub category: Option<Change<Name>>,
    /// Available quantity at or below which stock is low; `none` removes it
    #[arg(long, value_name = "QTY", value_parser = change(counted))]
    pub reorder_point: Option<Change<Decimal>>,
    /// Purchase cost of one unit; `none` removes it
    #[arg(long, value_name = "PRICE", value_parser = change(str::parse::<UnitPrice>))]
    pub unit_cost: Option<Change<UnitPrice>>,
    /// Sales price of one unit; `none` removes it
    #[arg(long, value_name = "PRICE", value_parser = change(str::parse::<UnitPrice>))]
    pub unit_price: Option<Change<UnitPrice>>,
}

impl ProductChangeArgs {
    fn of(self, sku: Sku) -> ProductChange {
        ProductChange {
            sku,
            name: self.name,
            unit: self.unit,
            category: self.category.unwrap_or_default(),
            reorder_point: self.reorder_point.unwrap_or_default(),
            unit_cost: self.unit_cost.unwrap_or_default(),
            unit_price: self.unit_price.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ProductAdd {
    /// SKU; case is ignored
    pub sku: Sku,
    /// Name of the product
    pub name: Name,
    /// Unit of measure
    #[arg(long, default_value = "each")]
    pub unit: Name,
    /// Decimal places of quantities, 0 to 3
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub decimals: u8,
    /// Category
    #[arg(long)]
    pub category: Option<Name>,
    /// Available quantity at or below which stock is low
    #[arg(long, value_name = "QTY", value_parser = counted)]
    pub reorder_point: Option<Decimal>,
    /// Purchase cost of one unit
    #[arg(long, value_name = "PRICE")]
    pub unit_cost: Option<UnitPrice>,
    /// Sales price of one unit
    #[arg(long, value_name = "PRICE")]
    pub unit_price: Option<UnitPrice>,
    /// Tracking: none, lot or serial
    #[arg(long, default_value = "none", value_parser = |text: &str| text.parse::<Tracking>().map_err(|error| error.to_string()))]
    pub tracking: Tracking,
    /// Barcode of one unit; add barcodes of packs with `product barcode`
    #[arg(long)]
    pub barcode: Vec<Barcode>,
}

impl ProductAdd {
    fn product(self) -> Product {
        let pack = |barcode| PackBarcode { barcode, pack_quantity: Quantity::ONE };
        Product {
            sku: self.sku,
            name: self.name,
            unit: self.unit,
            decimals: self.decimals,
            category: self.category,
            reorder_point: self.reorder_point,
            unit_cost: self.unit_cost,
            unit_price: self.unit_price,
            tracking: self.tracking,
            barcodes: self.barcode.into_iter().map(pack).collect(),
        }
    }
}

pub(super) async fn run(context: &Context, action: ProductAction) -> Result<Exit, CliError> {
    match action {
        ProductAction::Add(product) => add(context, *product).await,
        ProductAction::List { search, low, archived, limit } => {
            let rows = context.store()?.products(&ProductFilter { search, low, archived, limit }).await?;
            context.output.list(
                &rows,
                &["sku", "name", "on hand", "available", "unit", "reorder at", "price"],
                |row: &ProductRow| {
                    let number = |value: Option<Decimal>| {
                        value.map(|value| value.normalize().to_string()).unwrap_or_default()
                    };
                    vec![
                        row.product.sku.to_string(),
                        row.product.name.to_string(),
                        row.on_hand.normalize().to_string(),
                        row.available.normalize().to_string(),
                        row.product.unit.to_string(),
                        number(row.product.reorder_point),
                        or_empty(row.product.unit_price.as_ref()),
                    ]
                },
            )?;
            Ok(Exit::Done)
        }
        ProductAction::Show { code } => show(context, &code).await,
        ProductAction::Change { sku, changes } => change_product(context, sku, changes).await,
        ProductAction::Archive { sku } => archive(context, &sku, true).await,
        ProductAction::Restore { sku } => archive(context, &sku, false).await,
        ProductAction::Supplier(args) => supplies::run(context, args).await,
        ProductAction::Barcode { sku, barcode, remove: true, .. } => {
            remove_barcode(context, &sku, &barcode).await
        }
        ProductAction::Barcode { sku, barcode, pack, remove: false } => {
            add_barcode(context, &sku, PackBarcode { barcode, pack_quantity: pack }).await
        }
    }
}

async fn add(context: &Context, add: ProductAdd) -> Result<Exit, CliError> {
    let product = add.product();
    let (sku, name) = (product.sku.clone(), product.name.clone());
    context.service().await?.add_product(product).await?;
    context
        .output
        .result(&json!({"status": "added", "sku": sku}), || format!("Added product {sku} {name}"))?;
    Ok(Exit::Done)
}

async fn show(context: &Context, code: &str) -> Result<Exit, CliError> {
    let store = context.store()?;
    let (sku, _) = store.identify(code).await?;
    let filter = ProductFilter { search: Some(sku.to_string()), archived: true, ..ProductFilter::default() };
    let rows = store.products(&filter).await?;
    let row = rows
        .into_iter()
        .find(|row| row.product.sku == sku)
        .ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
    let terms = store.supplies(&sku).await?;
    let levels = store.stock(&StockFilter { sku: Some(sku), ..StockFilter::default() }).await?;
    let mut document = serde_json::to_value(&row)?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("levels".to_owned(), serde_json::to_value(&levels)?);
        fields.insert("suppliers".to_owned(), serde_json::to_value(&terms)?);
    }
    context.output.result(&document, || in_words(&row, &levels, &terms))?;
    Ok(Exit::Done)
}

fn in_words(row: &ProductRow, levels: &[Level], terms: &[SupplyTerms]) -> String {
    let product = &row.product;
    let mut lines = vec![format!("{}  {}", product.sku, product.name)];
    let mut say = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("  {label:<14}{value}"));
        }
    };
    let number = |value: Option<Decimal>| value.map(|value| value.normalize().to_string());
    say("category", product.category.as_ref().map(ToString::to_string));
    say("unit", Some(format!("{}, {} decimal places", product.unit, product.decimals)));
    say("tracking", (product.tracking != Tracking::None).then(|| product.tracking.as_str().to_owned()));
    let barcode = |pack: &PackBarcode| {
        let count = if pack.pack_quantity.value() == Decimal::ONE {
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
    say("suppliers", Some(terms.iter().map(supplies::in_words).collect::<Vec<_>>().join("; ")));
    say("archived", row.archived_at.map(|time| time.to_string()));
    say("on hand", Some(row.on_hand.normalize().to_string()));
    say("available", Some(row.available.normalize().to_string()));
    lines.extend(levels.iter().map(|level| {
        let lot = level.lot.as_ref().map(|lot| format!(" lot {lot}")).unwrap_or_default();
        let blocked = level.blocked_by.map_or_else(String::new, |why| format!(" ({why})"));
        format!("    {}{lot}: {}{blocked}", level.location, level.on_hand)
    }));
    lines.join("\n")
}

async fn change_product(context: &Context, sku: Sku, changes: ProductChangeArgs) -> Result<Exit, CliError> {
    let change = changes.of(sku);
    context.service().await?.change_product(&change).await?;
    context.output.result(&json!({"status": "changed", "sku": change.sku}), || {
        format!("Changed product {}", change.sku)
    })?;
    Ok(Exit::Done)
}

async fn archive(context: &Context, sku: &Sku, archived: bool) -> Result<Exit, CliError> {
    let done = context.service().await?.set_product_archived(sku, archived).await?;
    let status = done.status(archived);
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

async fn add_barcode(context: &Context, sku: &Sku, pack: PackBarcode) -> Result<Exit, CliError> {
    context.service().await?.add_barcode(sku, &pack).await?;
    let PackBarcode { barcode, pack_quantity } = pack;
    context.output.result(
        &json!({"status": "added", "sku": sku, "barcode": barcode, "pack_quantity": pack_quantity}),
        || format!("Added barcode {barcode} for {pack_quantity} {sku}"),
    )?;
    Ok(Exit::Done)
}

async fn remove_barcode(context: &Context, sku: &Sku, barcode: &Barcode) -> Result<Exit, CliError> {
    context.service().await?.remove_barcode(sku, barcode).await?;
    context.output.result(&json!({"status": "removed", "sku": sku, "barcode": barcode}), || {
        format!("Removed barcode {barcode} from {sku}")
    })?;
    Ok(Exit::Done)
}
