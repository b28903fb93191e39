//! The command for the terms of suppliers.

use clap::Args;
use rust_decimal::Decimal;
use serde_json::json;

use super::context::Context;
use super::exit::{CliError, Exit};
use super::input::counted;
use crate::domain::{PartnerCode, Quantity, Sku, SupplierCode, SupplyTerms, UnitPrice};

/// The terms as a whole: what is left out is not set.
#[derive(Debug, Args)]
pub(crate) struct SupplyArgs {
    /// SKU of the product
    sku: Sku,
    /// Code of the supplier
    supplier: PartnerCode,
    /// The supplier's code for the product
    #[arg(long, value_name = "CODE")]
    their_code: Option<SupplierCode>,
    /// Price of one unit
    #[arg(long, value_name = "PRICE")]
    price: Option<UnitPrice>,
    /// Units in the smallest pack that is supplied
    #[arg(long, value_name = "N", default_value = "1")]
    pack: Quantity,
    /// The smallest quantity that is supplied, in units
    #[arg(long, value_name = "N", default_value = "0", value_parser = counted)]
    minimum: Decimal,
    /// Days from the order to the arrival of the goods
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i32).range(0..=3650))]
    lead_days: Option<i32>,
    /// Remove the terms of the supplier for the product
    #[arg(long, conflicts_with_all = ["their_code", "price", "pack", "minimum", "lead_days"])]
    remove: bool,
}

pub(super) async fn run(context: &Context, args: SupplyArgs) -> Result<Exit, CliError> {
    let service = context.service().await?;
    if args.remove {
        let removed = service.remove_supply(&args.sku, &args.supplier).await?;
        let status = if removed { "removed" } else { "not_there" };
        let document = json!({"status": status, "sku": args.sku, "supplier": args.supplier});
        context.output.result(&document, || match removed {
            true => format!("Removed the terms of {} for {}", args.supplier, args.sku),
            false => format!("{} had no terms for {}", args.supplier, args.sku),
        })?;
        return Ok(Exit::Done);
    }
    let terms = SupplyTerms {
        sku: args.sku,
        supplier: args.supplier,
        their_code: args.their_code,
        price: args.price,
        pack: args.pack,
        minimum: args.minimum,
        lead_days: args.lead_days,
    };
    service.set_supplies(std::slice::from_ref(&terms)).await?;
    let mut document = serde_json::to_value(&terms)?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("status".to_owned(), "set".into());
    }
    context.output.result(&document, || format!("{} is supplied by {}", terms.sku, in_words(&terms)))?;
    Ok(Exit::Done)
}

/// The supplier and the terms that are set.
pub(super) fn in_words(terms: &SupplyTerms) -> String {
    let mut parts = vec![terms.supplier.to_string()];
    parts.extend(terms.their_code.as_ref().map(|code| format!("as {code}")));
    parts.extend(terms.price.map(|price| format!("at {price}")));
    if terms.pack != Quantity::ONE {
        parts.push(format!("in packs of {}", terms.pack));
    }
    if !terms.minimum.is_zero() {
        parts.push(format!("at least {}", terms.minimum));
    }
    parts.extend(terms.lead_days.map(|days| format!("within {days} days")));
    parts.join(", ")
}
