//! Pages that walk along an index and stop when they are complete.

use tokio_postgres::Row;

use super::{EXAMINED_MAX, Narrowed, ON_HAND, PRODUCT_COLUMNS, ROW_COLUMNS, Stretch, Way};
use crate::domain::{SortValue, StockKey, StockOnly, StockOrder};
use crate::store::Error;
use crate::store::connection::Connection;
use crate::store::read::query::Query;

/// The key by which names are ordered, made of a name and a SKU as the column `search_words` is.
fn words_of(name: &str, sku: &str) -> String {
    format!("(' ' || stock.search_text({name}) || chr(9) || ' ' || stock.search_text({sku}))")
}

/// The comparison with the key along the order, for the product `p`; empty at either end.
pub(super) fn beyond(query: &mut Query, order: StockOrder, stretch: &Stretch<'_>) -> String {
    let Some(key) = stretch.key else { return String::new() };
    let comparison = stretch.comparison(true);
    match (order, &key.value) {
        (StockOrder::Name, SortValue::Name(name)) => {
            let (name, sku) = (query.bind(name.to_string()), query.bind(key.sku.to_string()));
            let (name, sku) = (format!("{name}::text"), format!("{sku}::text"));
            format!("AND (p.search_words, p.sku) {comparison} ({}, {sku})", words_of(&name, &sku))
        }
        _ => format!("AND p.sku {comparison} {}", query.bind(key.sku.to_string())),
    }
}

/// The ORDER BY clause for the order.
pub(super) fn along(order: StockOrder, stretch: &Stretch<'_>) -> String {
    let direction = stretch.direction(true);
    match order {
        StockOrder::Name => format!("p.search_words {direction}, p.sku {direction}"),
        _ => format!("p.sku {direction}"),
    }
}

/// All products by SKU or name.
pub(super) async fn all(
    connection: &Connection,
    order: StockOrder,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    let mut query = Query::default();
    let beyond = beyond(&mut query, order, stretch);
    let along = along(order, stretch);
    let limit = stretch.limit_words();
    query.text = format!(
        "SELECT {ROW_COLUMNS}
         FROM (SELECT {PRODUCT_COLUMNS} FROM stock.products p WHERE p.archived_at IS NULL {beyond} ORDER BY {along} LIMIT {limit}) AS p
         {ON_HAND} ORDER BY {along}"
    );
    query.run(connection).await
}

/// The filters of the selection as a condition on the product `p`, checked for one product after another. The
/// sub-selects are written so that they are not turned into joins, which would read everything before the first row.
pub(in crate::store) fn condition(query: &mut Query, narrowed: &Narrowed) -> String {
    let mut conditions = Vec::new();
    match narrowed.only {
        None => {}
        Some(StockOnly::Low) => conditions.push(
            "p.reorder_point IS NOT NULL AND (SELECT coalesce(sum(l.available), 0) FROM stock.level_availability l WHERE l.product_id = p.product_id) <= p.reorder_point"
                .to_owned(),
        ),
        Some(StockOnly::Zero) => conditions.push(
            "(SELECT true FROM stock.stock_levels l WHERE l.product_id = p.product_id AND l.on_hand > 0 LIMIT 1) IS NULL"
                .to_owned(),
        ),
        Some(StockOnly::Expiring { within_days }) => {
            let days = query.bind(i32::from(within_days));
            conditions.push(format!(
                "(SELECT true FROM stock.lots lot JOIN stock.stock_levels l ON l.lot_id = lot.lot_id AND l.product_id = lot.product_id
                  WHERE lot.product_id = p.product_id AND lot.expires_on <= {} AND l.on_hand > 0 LIMIT 1)",
                last_day(&days)
            ));
        }
    }
    if let Some(places) = &narrowed.within {
        conditions.push(stands_within(query, narrowed, places));
    }
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") }
}

/// The condition that the product `p` has stock at one of these locations, or once had if products without stock are
/// wanted.
pub(super) fn stands_within(query: &mut Query, narrowed: &Narrowed, places: &[i64]) -> String {
    let places = query.bind(places.to_vec());
    let present = if narrowed.only == Some(StockOnly::Zero) { "" } else { "AND l.on_hand > 0" };
    // IS TRUE makes the list of locations a hash table that is built once.
    format!(
        "(SELECT true FROM stock.stock_levels l WHERE l.product_id = p.product_id {present}
          AND (l.location_id IN (SELECT unnest({places}::bigint[]))) IS TRUE LIMIT 1)"
    )
}

/// The last day that counts as expiring within a number of days.
pub(super) fn last_day(days: &str) -> String {
    format!("((now() AT TIME ZONE 'UTC')::date + {days}::integer)")
}

/// Examines [`EXAMINED_MAX`] products by SKU or name, and returns those that match. Fewer rows than requested need not
/// mean that there are no more.
pub(super) async fn narrowed(
    connection: &Connection,
    order: StockOrder,
    narrowed: &Narrowed,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    let mut query = Query::default();
    let beyond = beyond(&mut query, order, stretch);
    let along = along(order, stretch);
    let limit = stretch.limit_words();
    let condition = condition(&mut query, narrowed);
    // An index contains only the products that have a reorder point, and only these are examined.
    let low = if narrowed.only == Some(StockOnly::Low) { "AND p.reorder_point IS NOT NULL" } else { "" };
    query.text = format!(
        "SELECT {ROW_COLUMNS}
         FROM (SELECT * FROM (SELECT {PRODUCT_COLUMNS} FROM stock.products p
                              WHERE p.archived_at IS NULL {low} {beyond} ORDER BY {along} LIMIT {EXAMINED_MAX}) AS p
               WHERE {condition} ORDER BY {along} LIMIT {limit}) AS p
         {ON_HAND} ORDER BY {along}"
    );
    query.run(connection).await
}

/// By the earliest expiry date: the lots along their index, then products that do not expire, by SKU.
pub(super) async fn by_expiry(
    connection: &Connection,
    selected: &Narrowed,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    let within_days = match (&selected.within, selected.only) {
        (None, None) => None,
        (None, Some(StockOnly::Expiring { within_days })) => Some(within_days),
        _ => return super::gather::rows(connection, StockOrder::Expiry, selected, stretch).await,
    };
    let key_expires = stretch.key.map(|key| matches!(key.value, SortValue::Expiry(Some(_))));
    let from_the_end = |limit| Stretch { key: None, limit, ..*stretch };
    let mut rows = Vec::new();
    match stretch.way {
        Way::Forward => {
            if key_expires != Some(false) {
                rows = expiring(connection, within_days, stretch).await?;
            }
            if rows.len() < stretch.limit && within_days.is_none() {
                let rest = from_the_end(stretch.limit - rows.len());
                let rest = if key_expires == Some(false) { stretch } else { &rest };
                rows.extend(lasting(connection, rest).await?);
            }
        }
        Way::Backward => {
            if key_expires != Some(true) && within_days.is_none() {
                rows = lasting(connection, stretch).await?;
            }
            if rows.len() < stretch.limit {
                let rest = from_the_end(stretch.limit - rows.len());
                let rest = if key_expires == Some(true) { stretch } else { &rest };
                rows.extend(expiring(connection, within_days, rest).await?);
            }
        }
    }
    Ok(rows)
}

/// Products with a lot on hand that expires, each at its first such lot.
async fn expiring(
    connection: &Connection,
    within_days: Option<u16>,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    let mut query = Query::default();
    let beyond = match stretch.key {
        Some(StockKey { value: SortValue::Expiry(Some(day)), sku }) => {
            let (day, sku) = (query.bind(*day), query.bind(sku.to_string()));
            let comparison = stretch.comparison(true);
            // The first half is for the index.
            format!(
                "AND lot.expires_on {}= {day} AND (lot.expires_on, p.sku) {comparison} ({day}, {sku})",
                &comparison[..1]
            )
        }
        _ => String::new(),
    };
    let until = within_days
        .map(|days| format!("AND lot.expires_on <= {}", last_day(&query.bind(i32::from(days)))))
        .unwrap_or_default();
    let direction = stretch.direction(true);
    let limit = stretch.limit_words();
    query.text = format!(
        "SELECT {ROW_COLUMNS}
         FROM (SELECT {PRODUCT_COLUMNS}, lot.expires_on AS first_expiry
               FROM stock.lots lot JOIN stock.products p ON p.product_id = lot.product_id
               WHERE lot.expires_on IS NOT NULL AND p.archived_at IS NULL {beyond} {until}
                 AND (SELECT true FROM stock.stock_levels l WHERE l.lot_id = lot.lot_id AND l.on_hand > 0 LIMIT 1)
                 AND (SELECT true FROM stock.lots earlier JOIN stock.stock_levels l ON l.lot_id = earlier.lot_id
                      WHERE earlier.product_id = lot.product_id AND (earlier.expires_on, earlier.lot_id) < (lot.expires_on, lot.lot_id)
                        AND l.on_hand > 0 LIMIT 1) IS NULL
               ORDER BY lot.expires_on {direction}, p.sku {direction} LIMIT {limit}) AS p
         {ON_HAND} ORDER BY p.first_expiry {direction}, p.sku {direction}"
    );
    let mut rows = query.run(connection).await?;
    rows.truncate(stretch.limit);
    Ok(rows)
}

/// Products without a lot on hand that expires, by SKU.
async fn lasting(connection: &Connection, stretch: &Stretch<'_>) -> Result<Vec<Row>, Error> {
    let mut query = Query::default();
    let beyond = beyond(&mut query, StockOrder::Sku, stretch);
    let along = along(StockOrder::Sku, stretch);
    let limit = stretch.limit_words();
    query.text = format!(
        "SELECT {ROW_COLUMNS}
         FROM (SELECT {PRODUCT_COLUMNS} FROM stock.products p
               WHERE p.archived_at IS NULL {beyond}
                 AND (SELECT true FROM stock.lots lot JOIN stock.stock_levels l ON l.lot_id = lot.lot_id
                      WHERE lot.product_id = p.product_id AND lot.expires_on IS NOT NULL AND l.on_hand > 0 LIMIT 1) IS NULL
               ORDER BY {along} LIMIT {limit}) AS p
         {ON_HAND} ORDER BY {along}"
    );
    let mut rows = query.run(connection).await?;
    rows.truncate(stretch.limit);
    Ok(rows)
}
