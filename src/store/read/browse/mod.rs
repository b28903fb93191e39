//! The stock table, page by page: from a key forwards or backwards, never with OFFSET.
//!
//! Orders by SKU and by name walk along an index and read only what the page shows. A filter is first applied along the
//! walk; if [`EXAMINED_MAX`] products do not fill the page, the matches of the filter are collected as a set instead,
//! so that a filter without matches costs one pass over the levels and not a look at each product. Orders by quantity
//! always collect.

mod gather;
mod walk;

use tokio_postgres::Row;

pub(super) use gather::narrowest;
pub(super) use walk::condition;

use crate::domain::{
    Anchor, LocationCode, PAGE_ROWS_MAX, Page, Refusal, StockKey, StockOnly, StockOrder, StockRow,
    StockSelection,
};
use crate::store::connection::Connection;
use crate::store::read::query::Query;
use crate::store::row::{self, decimals, from_row, plain, plain_if_any};
use crate::store::{Error, Store};

/// How many products a walk examines for a filter before the set is collected; some tens of milliseconds.
const EXAMINED_MAX: u32 = 10_000;
/// A location with at most this many levels is collected at once; a larger one is walked first.
const LEVELS_GATHERED_MAX: u32 = 10_000;

/// The columns of a [`StockRow`], where `p` is a product and `s` its stock.
pub(super) const ROW_COLUMNS: &str = "p.sku, p.name, p.unit, p.decimals, p.category, p.tracking, p.reorder_point, s.on_hand, s.available, s.places, s.expires_on";
/// The columns of the product that [`ROW_COLUMNS`] needs.
pub(super) const PRODUCT_COLUMNS: &str = "p.product_id, p.sku, p.name, p.unit, p.decimals, p.category, p.tracking, p.reorder_point, p.search_words";
/// The stock of the product `p`, by index.
pub(super) const ON_HAND: &str = "CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.on_hand), 0) AS on_hand, coalesce(sum(l.available), 0) AS available,
        count(*) FILTER (WHERE l.on_hand > 0) AS places, min(l.expires_on) FILTER (WHERE l.on_hand > 0) AS expires_on
    FROM stock.level_availability l
    WHERE l.product_id = p.product_id) AS s";
/// A condition: no single level of the product `p` has more available than its reorder point. That leaves few products,
/// whose levels are then added up.
pub(super) const NO_LEVEL_SUFFICES: &str = "NOT EXISTS (SELECT FROM stock.level_availability l
    WHERE l.product_id = p.product_id AND l.on_hand > p.reorder_point AND l.blocked_by IS NULL)";

/// The direction in which a page is read from its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Backward,
}

/// The start and direction of a read, and how many rows to read.
struct Stretch<'a> {
    key: Option<&'a StockKey>,
    way: Way,
    inclusive: bool,
    limit: usize,
}

impl<'a> Stretch<'a> {
    fn of(anchor: &'a Anchor<StockKey>, limit: usize) -> Self {
        let (key, way, inclusive) = match anchor {
            Anchor::Start => (None, Way::Forward, false),
            Anchor::End => (None, Way::Backward, false),
            Anchor::After(key) => (Some(key), Way::Forward, false),
            Anchor::Before(key) => (Some(key), Way::Backward, false),
            Anchor::From(key) => (Some(key), Way::Forward, true),
        };
        Self { key, way, inclusive, limit }
    }

    /// The operator that rows of the stretch satisfy, depending on whether the display order ascends.
    fn comparison(&self, ascending: bool) -> &'static str {
        match (ascending == (self.way == Way::Forward), self.inclusive) {
            (true, false) => ">",
            (true, true) => ">=",
            (false, false) => "<",
            (false, true) => "<=",
        }
    }

    fn direction(&self, ascending: bool) -> &'static str {
        if ascending == (self.way == Way::Forward) { "ASC" } else { "DESC" }
    }

    /// The limit as part of the statement's text, because the planner must know that few rows are wanted; and rounded
    /// to one of a few, because each text is prepared.
    fn limit_words(&self) -> usize {
        self.limit.next_power_of_two().max(64)
    }
}

/// The filters of a selection, with the location looked up.
pub(super) struct Narrowed {
    /// The keys of the location and of all within it.
    pub within: Option<Vec<i64>>,
    pub only: Option<StockOnly>,
}

impl Narrowed {
    pub fn is_all(&self) -> bool {
        self.within.is_none() && self.only.is_none()
    }
}

from_row!(StockRow {
    sku,
    name,
    unit,
    decimals: decimals,
    category,
    tracking,
    reorder_point: plain_if_any,
    on_hand: plain,
    available: plain,
    places,
    expires_on,
});

impl Store {
    /// A page of the stock table. Orders by SKU and name cost what the page shows; orders by quantity and expiry, and
    /// filters with few matches, cost a pass over the levels (`docs/performance.md`).
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`]; and as any read.
    pub async fn stock_page(
        &self,
        selection: &StockSelection,
        anchor: &Anchor<StockKey>,
        limit: u16,
    ) -> Result<Page<StockRow>, Error> {
        let limit = usize::from(limit.clamp(1, PAGE_ROWS_MAX));
        let within = match &selection.location {
            Some(code) => Some(self.places_within(code).await?),
            None => None,
        };
        let narrowed = Narrowed { within, only: selection.only };
        let connection = self.connection().await?;
        // One row more than requested tells whether there are more.
        let stretch = Stretch::of(anchor, limit + 1);
        let mut rows = read(&connection, selection.order, &narrowed, &stretch).await?;
        if stretch.way == Way::Backward {
            rows.reverse();
        }
        let mut page = Page::cut(rows, anchor, limit);
        if let (Anchor::From(_), Some(first)) = (anchor, page.rows.first()) {
            let key = StockKey::of(first, selection.order);
            let behind = Stretch { key: Some(&key), way: Way::Backward, inclusive: false, limit: 1 };
            page.more_before = !read(&connection, selection.order, &narrowed, &behind).await?.is_empty();
        }
        Ok(page)
    }

    /// The approximate number of products: exact for a small catalogue, from the server's statistics for a large one.
    ///
    /// # Errors
    /// As any read.
    pub async fn stock_estimate(&self) -> Result<u64, Error> {
        /// Counting up to this many takes a few milliseconds.
        const COUNTED_MAX: i64 = 20_000;
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM (SELECT FROM stock.products WHERE archived_at IS NULL LIMIT 20001) AS few),
                     (SELECT reltuples::bigint FROM pg_class WHERE oid = 'stock.products'::regclass)",
            )
            .await?;
        let row = connection.query_one(&statement, &[]).await?;
        let (counted, estimated): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let about = if counted <= COUNTED_MAX { counted } else { estimated.max(counted) };
        Ok(about.unsigned_abs())
    }

    /// The keys of a location and of all locations within it.
    pub(super) async fn places_within(&self, code: &LocationCode) -> Result<Vec<i64>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("places_within.sql")).await?;
        let places: Vec<i64> = connection.query_one(&statement, &[&code.as_str()]).await?.try_get(0)?;
        if places.is_empty() { Err(Refusal::UnknownLocation(code.clone()).into()) } else { Ok(places) }
    }
}

/// Reads a stretch, in the order in which it is read.
async fn read(
    connection: &Connection,
    order: StockOrder,
    narrowed: &Narrowed,
    stretch: &Stretch<'_>,
) -> Result<Vec<StockRow>, Error> {
    let rows = match order {
        StockOrder::Sku | StockOrder::Name => walk_or_gather(connection, order, narrowed, stretch).await?,
        StockOrder::OnHandLeast | StockOrder::OnHandMost => {
            gather::rows(connection, order, narrowed, stretch).await?
        }
        StockOrder::Expiry => walk::by_expiry(connection, narrowed, stretch).await?,
    };
    row::all(&rows[..rows.len().min(stretch.limit)])
}

async fn walk_or_gather(
    connection: &Connection,
    order: StockOrder,
    narrowed: &Narrowed,
    stretch: &Stretch<'_>,
) -> Result<Vec<Row>, Error> {
    if narrowed.is_all() {
        return walk::all(connection, order, stretch).await;
    }
    let gathered_at_once = match (&narrowed.within, narrowed.only) {
        (Some(places), _) => few_levels(connection, places, LEVELS_GATHERED_MAX).await?,
        (None, Some(StockOnly::Expiring { .. })) => true,
        (None, _) => false,
    };
    if !gathered_at_once {
        let rows = walk::narrowed(connection, order, narrowed, stretch).await?;
        if rows.len() >= stretch.limit {
            return Ok(rows);
        }
    }
    gather::rows(connection, order, narrowed, stretch).await
}

/// Whether these locations have at most a number of levels, so that all can be examined.
pub(super) async fn few_levels(
    connection: &Connection,
    places: &[i64],
    levels_max: u32,
) -> Result<bool, Error> {
    let mut query = Query::default();
    let places = query.bind(places.to_vec());
    let counted_max = levels_max + 1;
    query.text = format!(
        "SELECT count(*) FROM (SELECT FROM unnest({places}::bigint[]) AS place
             JOIN stock.stock_levels l ON l.location_id = place LIMIT {counted_max}) AS few"
    );
    let rows = query.run(connection).await?;
    let levels: i64 = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    Ok(levels <= i64::from(levels_max))
}
