//! The commands that read: stock and ledger.

use super::args::{LedgerArgs, StockArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::output::or_empty;
use crate::domain::{LedgerFilter, LedgerRow, Level, StockFilter};

pub(crate) async fn stock(context: &Context, args: StockArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let sku = match args.code {
        Some(code) => Some(store.identify(&code).await?.0),
        None => None,
    };
    let as_of = args
        .as_of
        .map(|moment| moment.end().ok_or_else(|| CliError::Usage("the time is out of range".to_owned())))
        .transpose()?;
    let levels = store.stock(&StockFilter { sku, location: args.location, as_of }).await?;
    context.output.list(
        &levels,
        &["sku", "location", "lot", "expires", "on hand", "reserved", "available", "blocked by"],
        |level: &Level| {
            vec![
                level.sku.to_string(),
                level.location.to_string(),
                or_empty(level.lot.as_ref()),
                or_empty(level.expires_on.as_ref()),
                level.on_hand.to_string(),
                level.reserved.to_string(),
                level.available.to_string(),
                or_empty(level.blocked_by.as_ref()),
            ]
        },
    )?;
    Ok(Exit::Done)
}

pub(crate) async fn ledger(context: &Context, args: LedgerArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let since = args
        .since
        .map(|moment| moment.start().ok_or_else(|| CliError::Usage("the time is out of range".to_owned())))
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
    let people = context.people().await?;
    let headers =
        ["occurred", "kind", "sku", "quantity", "from", "to", "lot", "reference", "reason", "by", "id"];
    context.output.list(&rows, &headers, |row: &LedgerRow| {
        let undone = if row.reversed_by.is_some() { " (reversed)" } else { "" };
        vec![
            row.occurred_at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            format!("{}{undone}", row.kind),
            row.sku.to_string(),
            row.quantity.to_string(),
            or_empty(row.from.as_ref()),
            or_empty(row.to.as_ref()),
            or_empty(row.lot.as_ref()),
            or_empty(row.reference.as_ref()),
            or_empty(row.reason.as_ref()),
            people.with_login(&row.posted_by),
            row.id.to_string(),
        ]
    })?;
    Ok(Exit::Done)
}
