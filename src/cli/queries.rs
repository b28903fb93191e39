//! The commands that read: stock and ledger.

use std::collections::HashMap;

use super::args::{LedgerArgs, StockArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::output::or_empty;
use crate::domain::{Found, LedgerFilter, LedgerRow, Level, Matched, Refusal, StockFilter, StockSelection};
use crate::store::{Error, Store};

/// How many products a search lists at most, as on the screen.
const FOUND_MAX: u16 = 100;

pub(crate) async fn stock(context: &Context, args: StockArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let as_of = args
        .as_of
        .map(|moment| moment.end().ok_or_else(|| CliError::Usage("the time is out of range".to_owned())))
        .transpose()?;
    let filter = StockFilter { sku: None, location: args.location, as_of };
    let levels = match args.code {
        Some(text) => levels_of(&store, &text, filter, context).await?,
        None => store.stock(&filter).await?,
    };
    let names = if context.output.is_json() { HashMap::new() } else { store.product_names(&levels).await? };
    context.output.list(
        &levels,
        &["sku", "name", "location", "lot", "expires", "on hand", "reserved", "available", "blocked by"],
        |level: &Level| {
            vec![
                level.sku.to_string(),
                or_empty(names.get(&level.sku)),
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

/// The levels of the product of a code, or else of what a search for the text finds, as the screen does: of a location or
/// lot that was found, only what is there.
async fn levels_of(
    store: &Store,
    text: &str,
    filter: StockFilter,
    context: &Context,
) -> Result<Vec<Level>, CliError> {
    let unknown = match store.identify(text).await {
        Ok((sku, _)) => return Ok(store.stock(&StockFilter { sku: Some(sku), ..filter }).await?),
        Err(error @ Error::Refused(Refusal::UnknownProduct(_))) => error,
        Err(error) => return Err(error.into()),
    };
    let selection = StockSelection { location: filter.location.clone(), ..StockSelection::default() };
    let found = store.search(text, &selection, FOUND_MAX).await?;
    if found.is_empty() {
        return Err(unknown.into());
    }
    if found.len() >= usize::from(FOUND_MAX) {
        context.output.notice(&format!(
            "these are the best {FOUND_MAX} matches; type more of the name to narrow the search"
        ));
    }
    let mut levels = Vec::new();
    for Found { row, matched, .. } in found {
        let location = match &matched {
            Matched::Location(code) => Some(code.clone()),
            _ => filter.location.clone(),
        };
        let of_product = StockFilter { sku: Some(row.sku), location, as_of: filter.as_of };
        let mut own = store.stock(&of_product).await?;
        if let Matched::Lot(lot) = &matched {
            own.retain(|level| level.lot.as_ref() == Some(lot));
        }
        levels.append(&mut own);
    }
    Ok(levels)
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
    let headers = [
        "occurred",
        "kind",
        "sku",
        "name",
        "quantity",
        "from",
        "to",
        "lot",
        "reference",
        "reason",
        "by",
        "id",
    ];
    context.output.list(&rows, &headers, |row: &LedgerRow| {
        let undone = if row.reversed_by.is_some() { " (reversed)" } else { "" };
        vec![
            row.occurred_at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
            format!("{}{undone}", row.kind),
            row.sku.to_string(),
            row.name.to_string(),
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
