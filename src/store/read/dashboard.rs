//! The queries of the dashboard. Each figure has its own query, so that a slow one does not delay the others;
//! `docs/performance.md` has their costs.

use jiff::{Timestamp, ToSpan as _};
use tokio_postgres::Row;
use uuid::Uuid;

use super::browse::{NO_LEVEL_SUFFICES, ON_HAND, ROW_COLUMNS};
use super::query::Query;
use crate::domain::{
    DatabaseActivity, ExpiringLot, HourCount, PersonActivity, PostingId, SlowMover, StockRow, StockValue,
    TopItem,
};
use crate::store::row::{self, FromRow as _, from_row, plain, plain_if_any};
use crate::store::{Error, Store};

/// The most rows of one list of the dashboard.
const ROWS_MAX: u16 = 500;
/// The longest period for which movements are counted by hour, in hours: two months.
const HOURS_MAX: u16 = 24 * 62;
/// The longest period over which movements are added up, in days.
const DAYS_MAX: u16 = 366;

from_row!(HourCount { hour, kind, movements });
from_row!(StockValue { at_cost: plain, at_price: plain, products_on_hand, products_without_cost });
from_row!(ExpiringLot { sku, name, lot, location, expires_on, on_hand: plain });
from_row!(SlowMover { sku, name, on_hand: plain, value: plain_if_any, last_moved_at });
from_row!(TopItem { sku, name, quantity: plain, movements });
from_row!(PersonActivity { login, postings, movements, last_at });
from_row!(DatabaseActivity { commits, rollbacks, deadlocks, since });

/// A moment, and the lowest id that a movement of that moment can have. The first selects the partitions of the ledger,
/// the second the start in the index.
fn from(moment: Timestamp) -> (Timestamp, Uuid) {
    (moment, PostingId::at(moment, [0; 10]).uuid())
}

fn days_ago(days: u16) -> (Timestamp, Uuid) {
    from(Timestamp::now() - (i64::from(days.clamp(1, DAYS_MAX)) * 24).hours())
}

fn rows_max(limit: u16) -> u16 {
    limit.clamp(1, ROWS_MAX)
}

impl Store {
    async fn ask(&self, query: Query) -> Result<Vec<Row>, Error> {
        query.run(&*self.connection().await?).await
    }

    /// How many movements occurred in each of the last hours, by kind, the oldest first; the last hour is the present
    /// one. Hours without a movement are left out.
    ///
    /// # Errors
    /// As any read.
    pub async fn movements_by_hour(&self, hours: u16) -> Result<Vec<HourCount>, Error> {
        let back = i64::from(hours.clamp(1, HOURS_MAX) - 1).hours();
        let this_hour = Timestamp::now().as_second().div_euclid(3_600) * 3_600;
        let first = Timestamp::from_second(this_hour).unwrap_or(Timestamp::UNIX_EPOCH) - back;
        let mut query = Query::default();
        let (moment, id) = from(first);
        let (moment, id) = (query.bind(moment), query.bind(id));
        query.text = format!(
            "SELECT date_trunc('hour', t.occurred_at, 'UTC') AS hour, t.kind::text, count(*) AS movements
             FROM stock.transactions t WHERE t.occurred_at >= {moment} AND t.id >= {id}
             GROUP BY 1, t.kind ORDER BY 1, t.kind"
        );
        row::all(&self.ask(query).await?)
    }

    /// The value of all stock on hand: one pass over the levels and the products.
    ///
    /// # Errors
    /// As any read.
    pub async fn stock_value(&self) -> Result<StockValue, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("stock_value.sql")).await?;
        Ok(StockValue::from_row(&connection.query_one(&statement, &[]).await?)?)
    }

    /// Products whose available stock is at or below the reorder point, those with the lowest share of it first, and
    /// how many there are in all.
    ///
    /// # Errors
    /// As any read.
    pub async fn low_stock(&self, limit: u16) -> Result<(Vec<StockRow>, u64), Error> {
        let limit = rows_max(limit);
        let query = Query::of(&format!(
            "WITH few AS MATERIALIZED (
                 SELECT p.product_id FROM stock.products p
                 WHERE p.archived_at IS NULL AND p.reorder_point IS NOT NULL AND {NO_LEVEL_SUFFICES})
             SELECT {ROW_COLUMNS}, count(*) OVER () AS total
             FROM few JOIN stock.products p USING (product_id) {ON_HAND}
             WHERE s.available <= p.reorder_point
             ORDER BY coalesce(s.available / nullif(p.reorder_point, 0), 0), p.sku LIMIT {limit}"
        ));
        let rows = self.ask(query).await?;
        let total = rows.first().map(|row| row.try_get::<_, i64>("total")).transpose()?.unwrap_or_default();
        Ok((row::all(&rows)?, total.unsigned_abs()))
    }

    /// Lots on hand that have expired or will within a number of days, the earliest first, one row per location.
    ///
    /// # Errors
    /// As any read.
    pub async fn expiring(&self, within_days: u16, limit: u16) -> Result<Vec<ExpiringLot>, Error> {
        let mut query = Query::default();
        let days = query.bind(i32::from(within_days));
        let limit = rows_max(limit);
        query.text = format!(
            "SELECT p.sku, p.name, lot.code AS lot, place.code AS location, lot.expires_on, l.on_hand
             FROM stock.lots lot
             JOIN stock.stock_levels l ON l.lot_id = lot.lot_id AND l.on_hand > 0
             JOIN stock.products p ON p.product_id = lot.product_id
             JOIN stock.locations place ON place.location_id = l.location_id
             WHERE lot.expires_on <= (now() AT TIME ZONE 'UTC')::date + {days}::integer
             ORDER BY lot.expires_on, p.sku, lot.code, place.code LIMIT {limit}"
        );
        row::all(&self.ask(query).await?)
    }

    /// Products on hand with the longest time since the last issue or transfer, or since the first receipt if there was
    /// none. One pass over the whole ledger.
    ///
    /// # Errors
    /// As any read.
    pub async fn slowest_movers(&self, limit: u16) -> Result<Vec<SlowMover>, Error> {
        let limit = rows_max(limit);
        let query = Query::of(&format!(
            "WITH moved AS MATERIALIZED (
                 SELECT t.product_id, max(t.occurred_at) FILTER (WHERE t.kind IN ('issue', 'transfer')) AS last_at, min(t.occurred_at) AS first_at
                 FROM stock.transactions t GROUP BY t.product_id),
             slow AS MATERIALIZED (
                 SELECT m.* FROM (SELECT m.product_id, m.last_at, coalesce(m.last_at, m.first_at) AS since FROM moved m ORDER BY since, m.product_id) AS m
                 WHERE (SELECT true FROM stock.stock_levels l WHERE l.product_id = m.product_id AND l.on_hand > 0 LIMIT 1)
                 ORDER BY m.since, m.product_id LIMIT {limit})
             SELECT p.sku, p.name, s.on_hand, round(s.on_hand * p.unit_cost, 2) AS value, slow.last_at AS last_moved_at
             FROM slow JOIN stock.products p USING (product_id) {ON_HAND}
             ORDER BY slow.since, p.product_id"
        ));
        row::all(&self.ask(query).await?)
    }

    /// The products with the most issues in the last days.
    ///
    /// # Errors
    /// As any read.
    pub async fn top_items(&self, days: u16, limit: u16) -> Result<Vec<TopItem>, Error> {
        let mut query = Query::default();
        let (moment, id) = days_ago(days);
        let (moment, id) = (query.bind(moment), query.bind(id));
        let limit = rows_max(limit);
        query.text = format!(
            "WITH issued AS MATERIALIZED (
                 SELECT t.product_id, sum(t.quantity) AS quantity, count(*) AS movements FROM stock.transactions t
                 WHERE t.kind = 'issue' AND t.occurred_at >= {moment} AND t.id >= {id} GROUP BY t.product_id
                 ORDER BY movements DESC, quantity DESC, t.product_id LIMIT {limit})
             SELECT p.sku, p.name, issued.quantity, issued.movements FROM issued JOIN stock.products p USING (product_id)
             ORDER BY issued.movements DESC, issued.quantity DESC, p.product_id"
        );
        row::all(&self.ask(query).await?)
    }

    /// What each login posted in the last days, the one with the most postings first.
    ///
    /// # Errors
    /// As any read.
    pub async fn postings_by_person(&self, days: u16) -> Result<Vec<PersonActivity>, Error> {
        let mut query = Query::default();
        let (moment, id) = days_ago(days);
        let (moment, id) = (query.bind(moment), query.bind(id));
        query.text = format!(
            "SELECT t.posted_by::text AS login, count(DISTINCT t.posting_id) AS postings, count(*) AS movements, max(t.occurred_at) AS last_at
             FROM stock.transactions t WHERE t.occurred_at >= {moment} AND t.id >= {id}
             GROUP BY t.posted_by ORDER BY 2 DESC, 1 LIMIT {ROWS_MAX}"
        );
        row::all(&self.ask(query).await?)
    }

    /// What the server's statistics count for this database, over all programs.
    ///
    /// # Errors
    /// As any read.
    pub async fn database_activity(&self) -> Result<DatabaseActivity, Error> {
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(
                "SELECT xact_commit AS commits, xact_rollback AS rollbacks, deadlocks, stats_reset AS since FROM pg_stat_database WHERE datname = current_database()",
            )
            .await?;
        Ok(DatabaseActivity::from_row(&connection.query_one(&statement, &[]).await?)?)
    }
}
