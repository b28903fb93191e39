//! Pages of a set that is collected first: for filters with few matches, and for orders by quantity.

use tokio_postgres::Row;

use super::walk::{along, beyond, last_day, stands_within};
use super::{
    LEVELS_GATHERED_MAX, NO_LEVEL_SUFFICES, Narrowed, ON_HAND, PRODUCT_COLUMNS, ROW_COLUMNS, Stretch,
    few_levels,
};
use crate::domain::{SortValue, StockKey, StockOnly, StockOrder};
use crate::store::Error;
use crate::store::connection::Connection;
use crate::store::read::query::Query;

/// The set as a query that returns each product_id once: the products at the location, unless there are many and a
/// filter matches fewer. Each filter is written so that one pass over the levels answers it.
pub(in crate::store) fn narrowest(query: &mut Query, narrowed: &Narrowed, few: bool) -> String {
    if let Some(places) = narrowed.within.as_ref().filter(|_| few || narrowed.only.is_none()) {
        let places = query.bind(places.clone());
        let present = if narrowed.only == Some(StockOnly::Zero) { "" } else { "AND l.on_hand > 0" };
        return format!(
            "SELECT DISTINCT l.product_id FROM stock.stock_levels l WHERE l.location_id IN (SELECT unnest({places}::bigint[])) {present}"
        );
    }
    match narrowed.only {
        None => "SELECT p.product_id FROM stock.products p WHERE p.archived_at IS NULL".to_owned(),
        Some(StockOnly::Low) => format!(
            "SELECT p.product_id FROM stock.products p
             WHERE p.archived_at IS NULL AND p.reorder_point IS NOT NULL AND {NO_LEVEL_SUFFICES}"
        ),
        Some(StockOnly::Zero) => "SELECT p.product_id FROM stock.products p
             WHERE p.archived_at IS NULL
               AND NOT EXISTS (SELECT FROM stock.stock_levels l WHERE l.product_id = p.product_id AND l.on_hand > 0)"
            .to_owned(),
        Some(StockOnly::Expiring { within_days }) => {
            let days = query.bind(i32::from(within_days));
            format!(
                "SELECT DISTINCT lot.product_id FROM stock.lots lot JOIN stock.stock_levels l ON l.lot_id = lot.lot_id
                 WHERE lot.expires_on <= {} AND l.on_hand > 0",
                last_day(&days)
            )
        }
    }
}

/// The conditions that can be checked only once the stock of the product is known, as `s`.
fn remaining(query: &mut Query, narrowed: &Narrowed) -> String {
    match narrowed.only {
        None => String::new(),
        Some(StockOnly::Low) => "AND s.available <= p.reorder_point".to_owned(),
        Some(StockOnly::Zero) => "AND s.places = 0".to_owned(),
        Some(StockOnly::Expiring { within_days }) => {
            let days = query.bind(i32::from(within_days));
            format!("AND s.expires_on <= {}", last_day(&days))
        }
    }
}

/// The expression to sort by, and whether it ascends; the SKU comes after it.
fn sorted_by(order: StockOrder) -> Option<(&'static str, bool)> {
    match order {
        StockOrder::Sku | StockOrder::Name => None,
        StockOrder::OnHandLeast => Some(("s.on_hand", true)),
        StockOrder::OnHandMost => Some(("s.on_hand", false)),
        StockOrder::Expiry => Some(("coalesce(s.expires_on, 'infinity'::date)", true)),
    }
}

/// The comparison with the key, for orders that do not use the product alone.
fn beyond_figure(query: &mut Query, figure: &str, ascending: bool, stretch: &Stretch<'_>) -> String {
    let Some(StockKey { value, sku }) = stretch.key else { return String::new() };
    let value = match value {
        SortValue::OnHand(on_hand) => query.bind(*on_hand),
        SortValue::Expiry(day) => format!("coalesce({}::date, 'infinity')", query.bind(*day)),
        // A key of another order: the page begins where its SKU would be among equals.
        SortValue::Sku | SortValue::Name(_) => figure.to_owned(),
    };
    let sku = query.bind(sku.to_string());
    let further = &stretch.comparison(ascending)[..1];
    let among_equals = stretch.comparison(true);
    format!("AND ({figure} {further} {value} OR ({figure} = {value} AND p.sku {among_equals} {sku}))")
}

/// Collects the set, sorts it, and returns a stretch of it. The set is materialised before it is sorted: a planner that
/// saw both together might walk along the order and look each product up in the set, which takes very long if the set
/// is small.
pub(super) async fn rows(
    connection: &Connection,
    order: StockOrder,
    narrowed: &Narrowed,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    let mut query = Query::default();
    let limit = stretch.limit_words();
    let sorted = sorted_by(order);
    let few = match &narrowed.within {
        Some(places) => few_levels(connection, places, LEVELS_GATHERED_MAX).await?,
        None => false,
    };
    if narrowed.is_all() && matches!(order, StockOrder::OnHandLeast | StockOrder::OnHandMost) {
        return all_by_on_hand(connection, order, stretch).await;
    }
    let set = narrowest(&mut query, narrowed, few);
    if narrowed.only.is_none() && sorted.is_none() {
        let (beyond, along) = (beyond(&mut query, order, stretch), along(order, stretch));
        query.text = format!(
            "WITH chosen AS MATERIALIZED ({set}),
             gathered AS MATERIALIZED (SELECT {PRODUCT_COLUMNS} FROM chosen JOIN stock.products p USING (product_id) WHERE p.archived_at IS NULL)
             SELECT {ROW_COLUMNS}
             FROM (SELECT * FROM gathered p WHERE true {beyond} ORDER BY {along} LIMIT {limit}) AS p
             {ON_HAND} ORDER BY {along}"
        );
        return query.run(connection).await;
    }
    let mut remaining = remaining(&mut query, narrowed);
    if let Some(places) = narrowed.within.as_ref().filter(|_| !few && narrowed.only.is_some()) {
        let stands_within = stands_within(&mut query, narrowed, places);
        remaining = format!("{remaining} AND {stands_within}");
    }
    let (beyond, along) = match sorted {
        None => (beyond(&mut query, order, stretch), along(order, stretch)),
        Some((figure, ascending)) => (
            beyond_figure(&mut query, figure, ascending, stretch),
            format!("{figure} {}, p.sku {}", stretch.direction(ascending), stretch.direction(true)),
        ),
    };
    query.text = format!(
        "WITH chosen AS MATERIALIZED ({set}),
         gathered AS MATERIALIZED (
             SELECT {PRODUCT_COLUMNS}, s.on_hand, s.available, s.places, s.expires_on FROM chosen JOIN stock.products p USING (product_id) {ON_HAND}
             WHERE p.archived_at IS NULL {remaining})
         SELECT {ROW_COLUMNS}
         FROM gathered p CROSS JOIN LATERAL (SELECT p.on_hand, p.available, p.places, p.expires_on) AS s
         WHERE true {beyond}
         ORDER BY {along} LIMIT {limit}"
    );
    query.run(connection).await
}

/// All products by quantity on hand: one pass over the levels adds them up, and only the rows of the page are
/// completed.
async fn all_by_on_hand(
    connection: &Connection,
    order: StockOrder,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    let mut query = Query::default();
    let limit = stretch.limit_words();
    let ascending = order == StockOrder::OnHandLeast;
    let beyond = beyond_figure(&mut query, "coalesce(h.on_hand, 0)", ascending, stretch);
    let (by_figure, by_sku) = (stretch.direction(ascending), stretch.direction(true));
    query.text = format!(
        "SELECT {ROW_COLUMNS}
         FROM (SELECT {PRODUCT_COLUMNS}, coalesce(h.on_hand, 0) AS held
               FROM stock.products p
               LEFT JOIN (SELECT l.product_id, sum(l.on_hand) AS on_hand FROM stock.stock_levels l GROUP BY l.product_id) AS h USING (product_id)
               WHERE p.archived_at IS NULL {beyond}
               ORDER BY coalesce(h.on_hand, 0) {by_figure}, p.sku {by_sku} LIMIT {limit}) AS p
         {ON_HAND} ORDER BY p.held {by_figure}, p.sku {by_sku}"
    );
    query.run(connection).await
}
