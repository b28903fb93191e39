//! What the dashboard shows. Each figure is a question of its own, so that a slow one does not hold the
//! others up; `docs/performance.md` says what they cost.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

use super::browse::{ON_HAND, ROW_COLUMNS, StockRow, stock_row};
use super::query::Query;
use super::{Error, Store};
use crate::domain::{MovementKind, PostingId, Refusal};

/// The most rows of one list of the dashboard.
const ROWS_MAX: u16 = 500;
/// The furthest back that movements are counted, in hours: two months.
const HOURS_MAX: u16 = 24 * 62;
/// The furthest back that movements are added up, in days.
const DAYS_MAX: u16 = 366;

/// How many movements of a kind happened in an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct HourCount {
    /// When the hour began.
    pub hour: Timestamp,
    /// The kind.
    pub kind: MovementKind,
    /// How many.
    pub movements: i64,
}

/// What all that is on hand is worth, in the currency of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct StockValue {
    /// At what it costs to buy; what has no cost counts as nothing.
    pub at_cost: Decimal,
    /// At what it sells for; what has no price counts as nothing.
    pub at_price: Decimal,
    /// How many products are on hand.
    pub products_on_hand: i64,
    /// How many of these have no cost.
    pub products_without_cost: i64,
}

/// A lot that expires, in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpiringLot {
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// The lot.
    pub lot: String,
    /// The place.
    pub location: String,
    /// The last day of use.
    pub expires_on: Date,
    /// How many units stand there.
    pub on_hand: Decimal,
}

/// A product that lies.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowMover {
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// How many units are on hand.
    pub on_hand: Decimal,
    /// What they cost, if the cost is known.
    pub value: Option<Decimal>,
    /// When it was last issued or transferred; never, when it has only come in.
    pub last_moved_at: Option<Timestamp>,
}

/// A product that goes.
#[derive(Debug, Clone, PartialEq)]
pub struct TopItem {
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// How many units were issued.
    pub quantity: Decimal,
    /// By how many movements.
    pub movements: i64,
}

/// What a person posted.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonActivity {
    /// The login.
    pub login: String,
    /// How many postings.
    pub postings: i64,
    /// How many movements these had.
    pub movements: i64,
    /// When the last of them occurred.
    pub last_at: Timestamp,
}

/// What the server counted in this database.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseActivity {
    /// Transactions that were committed, reading ones included.
    pub commits: i64,
    /// Transactions that were taken back, which every refusal and every collision is.
    pub rollbacks: i64,
    /// Deadlocks.
    pub deadlocks: i64,
    /// Since when it counts; none when it has never been reset.
    pub since: Option<Timestamp>,
}

/// A moment, and the least id that a movement of that moment can have. The first chooses the partitions
/// of the ledger, the second where to begin in the index.
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

    /// How many movements happened in each of the last hours, by kind, the oldest first; the last hour is the
    /// present one. Hours without a movement are left out.
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
            "SELECT date_trunc('hour', t.occurred_at, 'UTC') AS hour, t.kind::text, count(*)
             FROM stock.transactions t WHERE t.occurred_at >= {moment} AND t.id >= {id}
             GROUP BY 1, t.kind ORDER BY 1, t.kind"
        );
        let count = |row: &Row| -> Result<HourCount, Error> {
            let kind: String = row.try_get(1)?;
            let kind = kind.parse().map_err(Refusal::from)?;
            Ok(HourCount { hour: row.try_get(0)?, kind, movements: row.try_get(2)? })
        };
        self.ask(query).await?.iter().map(count).collect()
    }

    /// What all that is on hand is worth: one pass over the levels and the products.
    ///
    /// # Errors
    /// As any read.
    pub async fn stock_value(&self) -> Result<StockValue, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(
            "SELECT coalesce(round(sum(held.on_hand * p.unit_cost), 2), 0), coalesce(round(sum(held.on_hand * p.unit_price), 2), 0),
                 count(*), count(*) FILTER (WHERE p.unit_cost IS NULL)
             FROM (SELECT l.product_id, sum(l.on_hand) AS on_hand FROM stock.stock_levels l WHERE l.on_hand > 0 GROUP BY l.product_id) AS held
             JOIN stock.products p USING (product_id)",
        ).await?;
        let row = connection.query_one(&statement, &[]).await?;
        Ok(StockValue {
            at_cost: row.try_get::<_, Decimal>(0)?.normalize(),
            at_price: row.try_get::<_, Decimal>(1)?.normalize(),
            products_on_hand: row.try_get(2)?,
            products_without_cost: row.try_get(3)?,
        })
    }

    /// Products at or below their reorder point, the lowest share of it first, and how many there are in
    /// all.
    ///
    /// # Errors
    /// As any read.
    pub async fn low_stock(&self, limit: u16) -> Result<(Vec<StockRow>, u64), Error> {
        let limit = rows_max(limit);
        let query = Query::of(&format!(
            "WITH few AS MATERIALIZED (
                 SELECT p.product_id FROM stock.products p
                 WHERE p.archived_at IS NULL AND p.reorder_point IS NOT NULL
                   AND NOT EXISTS (SELECT FROM stock.stock_levels l WHERE l.product_id = p.product_id AND l.on_hand > p.reorder_point))
             SELECT {ROW_COLUMNS}, count(*) OVER ()
             FROM few JOIN stock.products p USING (product_id) {ON_HAND}
             WHERE s.on_hand <= p.reorder_point
             ORDER BY coalesce(s.on_hand / nullif(p.reorder_point, 0), 0), p.sku LIMIT {limit}"
        ));
        let rows = self.ask(query).await?;
        let total = rows.first().map(|row| row.try_get::<_, i64>(10)).transpose()?.unwrap_or_default();
        Ok((rows.iter().map(stock_row).collect::<Result<_, _>>()?, total.unsigned_abs()))
    }

    /// Lots on hand that have expired or will within so many days, the earliest first, place by place.
    ///
    /// # Errors
    /// As any read.
    pub async fn expiring(&self, within_days: u16, limit: u16) -> Result<Vec<ExpiringLot>, Error> {
        let mut query = Query::default();
        let days = query.bind(i32::from(within_days));
        let limit = rows_max(limit);
        query.text = format!(
            "SELECT p.sku, p.name, lot.code, place.code, lot.expires_on, l.on_hand
             FROM stock.lots lot
             JOIN stock.stock_levels l ON l.lot_id = lot.lot_id AND l.on_hand > 0
             JOIN stock.products p ON p.product_id = lot.product_id
             JOIN stock.locations place ON place.location_id = l.location_id
             WHERE lot.expires_on <= (now() AT TIME ZONE 'UTC')::date + {days}::integer
             ORDER BY lot.expires_on, p.sku, lot.code, place.code LIMIT {limit}"
        );
        let lot = |row: &Row| -> Result<ExpiringLot, Error> {
            Ok(ExpiringLot {
                sku: row.try_get(0)?,
                name: row.try_get(1)?,
                lot: row.try_get(2)?,
                location: row.try_get(3)?,
                expires_on: row.try_get(4)?,
                on_hand: row.try_get::<_, Decimal>(5)?.normalize(),
            })
        };
        self.ask(query).await?.iter().map(lot).collect()
    }

    /// What is on hand and has been left alone for the longest: since its last issue or transfer, or since it
    /// first came in when there was none. One pass over the whole ledger.
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
             SELECT p.sku, p.name, s.on_hand, round(s.on_hand * p.unit_cost, 2), slow.last_at
             FROM slow JOIN stock.products p USING (product_id) {ON_HAND}
             ORDER BY slow.since, p.product_id"
        ));
        let mover = |row: &Row| -> Result<SlowMover, Error> {
            Ok(SlowMover {
                sku: row.try_get(0)?,
                name: row.try_get(1)?,
                on_hand: row.try_get::<_, Decimal>(2)?.normalize(),
                value: row.try_get::<_, Option<Decimal>>(3)?.map(|value| value.normalize()),
                last_moved_at: row.try_get(4)?,
            })
        };
        self.ask(query).await?.iter().map(mover).collect()
    }

    /// The products that were issued most often in the last days.
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
        let item = |row: &Row| -> Result<TopItem, Error> {
            Ok(TopItem {
                sku: row.try_get(0)?,
                name: row.try_get(1)?,
                quantity: row.try_get::<_, Decimal>(2)?.normalize(),
                movements: row.try_get(3)?,
            })
        };
        self.ask(query).await?.iter().map(item).collect()
    }

    /// What each person posted in the last days, the busiest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn postings_by_person(&self, days: u16) -> Result<Vec<PersonActivity>, Error> {
        let mut query = Query::default();
        let (moment, id) = days_ago(days);
        let (moment, id) = (query.bind(moment), query.bind(id));
        query.text = format!(
            "SELECT t.posted_by::text, count(DISTINCT t.posting_id), count(*), max(t.occurred_at)
             FROM stock.transactions t WHERE t.occurred_at >= {moment} AND t.id >= {id}
             GROUP BY t.posted_by ORDER BY 2 DESC, 1 LIMIT {ROWS_MAX}"
        );
        let person = |row: &Row| -> Result<PersonActivity, Error> {
            Ok(PersonActivity {
                login: row.try_get(0)?,
                postings: row.try_get(1)?,
                movements: row.try_get(2)?,
                last_at: row.try_get(3)?,
            })
        };
        self.ask(query).await?.iter().map(person).collect()
    }

    /// What the server counted in this database, all programs together.
    ///
    /// # Errors
    /// As any read.
    pub async fn database_activity(&self) -> Result<DatabaseActivity, Error> {
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(
                "SELECT xact_commit, xact_rollback, deadlocks, stats_reset FROM pg_stat_database WHERE datname = current_database()",
            )
            .await?;
        let row = connection.query_one(&statement, &[]).await?;
        Ok(DatabaseActivity {
            commits: row.try_get(0)?,
            rollbacks: row.try_get(1)?,
            deadlocks: row.try_get(2)?,
            since: row.try_get(3)?,
        })
    }
}
