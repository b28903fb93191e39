//! The commands that read: stock and ledger.

use super::args::{LedgerArgs, StockArgs};
use super::{CliError, Context, Exit};
use crate::store::{LedgerFilter, LedgerRow, Level, StockFilter};

pub(crate) async fn stock(context: &Context, args: StockArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let sku = match args.code {
        Some(code) => Some(store.identify(&code).await?.0),
        None => None,
    };
    let as_of = args
        .as_of
        .map(|moment| moment.end().ok_or_else(|| CliError::Usage("that time is out of range".to_owned())))
        .transpose()?;
    let levels = store.stock(&StockFilter { sku, location: args.location, as_of }).await?;
    context.output.list(&levels, &["sku", "location", "lot", "expires", "on hand"], |level: &Level| {
        vec![
            level.sku.clone(),
            level.location.clone(),
            level.lot.clone().unwrap_or_default(),
            level.expires_on.map(|day| day.to_string()).unwrap_or_default(),
            level.on_hand.to_string(),
        ]
    })?;
    Ok(Exit::Done)
}

pub(crate) async fn ledger(context: &Context, args: LedgerArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let since = args
        .since
        .map(|moment| moment.start().ok_or_else(|| CliError::Usage("that time is out of range".to_owned())))
        .transpose()?;
    let rows = store
        .ledger(&LedgerFilter {
            sku: args.sku,
            since,
            reference: args.reference,
            posted_by: args.by,
            limit: Some(args.limit),
            ..LedgerFilter::default()
        })
        .await?;
    let headers =
        ["occurred", "kind", "sku", "quantity", "from", "to", "lot", "reference", "reason", "by", "id"];
    context.output.list(&rows, &headers, |row: &LedgerRow| {
        let undone = if row.reversed_by.is_some() { " (reversed)" } else { "" };
        vec![
            row.occurred_at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            format!("{}{undone}", row.kind),
            row.sku.clone(),
            row.quantity.to_string(),
            row.from.clone().unwrap_or_default(),
            row.to.clone().unwrap_or_default(),
            row.lot.clone().unwrap_or_default(),
            row.reference.clone().unwrap_or_default(),
            row.reason.clone().unwrap_or_default(),
            row.posted_by.clone(),
            row.id.to_string(),
        ]
    })?;
    Ok(Exit::Done)
}
