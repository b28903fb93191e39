//! The baselines for postings: hand-written SQL for the same rows, in tables with the same constraints and indexes, but
//! without partitions, triggers, audit and SERIALIZABLE; and a plain retry loop on the real ledger.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::join;
use jiff::Timestamp;
use rust_decimal::Decimal;
use stockroom::domain::{LocationCode, MovementKind, Posting, Sku};
use stockroom::store::INSERT_MOVEMENT;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::Error;
use crate::database::session_config;

/// The login of the hand-written SQL; pgaudit is off for it.
pub(super) const LOGIN: &str = "bench_baseline";

const TABLES: &str = include_str!("sql/baseline_tables.sql");
const INSERT_ONE: &str = include_str!("sql/insert_one.sql");
const UPDATE_ONE: &str = include_str!("sql/update_one.sql");
const INSERT_MANY: &str = include_str!("sql/insert_many.sql");
const UPDATE_MANY: &str = include_str!("sql/update_many.sql");

/// Creates the tables of the baseline and grants its login the right to write to them.
pub(super) async fn make_tables(superuser: &Client) -> Result<(), Error> {
    superuser.batch_execute(TABLES).await?;
    Ok(superuser.batch_execute("VACUUM ANALYZE").await?)
}

/// The keys of the items and of the location, read before anything is measured.
pub(super) struct Keys {
    products: HashMap<String, i64>,
    locations: HashMap<String, i64>,
}

impl Keys {
    pub async fn read(client: &Client) -> Result<Self, Error> {
        let products = read_keys(client, "SELECT sku::text, product_id FROM stock.products").await?;
        let locations = read_keys(client, "SELECT code::text, location_id FROM stock.locations").await?;
        Ok(Self { products, locations })
    }

    pub fn location(&self, code: &LocationCode) -> Result<i64, Error> {
        let key = self.locations.get(code.as_str()).copied();
        key.ok_or_else(|| Error::Measure(format!("the baseline does not know {code}")))
    }

    pub fn product(&self, sku: &Sku) -> Result<i64, Error> {
        let key = self.products.get(sku.as_str()).copied();
        key.ok_or_else(|| Error::Measure(format!("the baseline does not know {sku}")))
    }
}

async fn read_keys(client: &Client, select: &str) -> Result<HashMap<String, i64>, Error> {
    let rows = client.query(select, &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// A posting as lists, one for each column.
pub(super) struct Rows {
    id: Uuid,
    pub occurred_at: Timestamp,
    kind: MovementKind,
    pub reference: Option<String>,
    pub ids: Vec<Uuid>,
    pub products: Vec<i64>,
    pub from: Vec<Option<i64>>,
    pub to: Vec<Option<i64>>,
    pub quantities: Vec<Decimal>,
    prices: Vec<Option<Decimal>>,
}

impl Rows {
    pub fn new(posting: &Posting, keys: &Keys) -> Result<Self, Error> {
        let place = |code: &Option<LocationCode>| code.as_ref().map(|code| keys.location(code)).transpose();
        let lines = &posting.lines;
        Ok(Self {
            id: posting.id.uuid(),
            occurred_at: posting.id.occurred_at(),
            kind: posting.kind,
            reference: posting.reference.as_ref().map(ToString::to_string),
            ids: (0..lines.len()).map(|position| posting.id.line(position).uuid()).collect(),
            products: lines.iter().map(|line| keys.product(&line.sku)).collect::<Result<_, _>>()?,
            from: lines.iter().map(|line| place(&line.from)).collect::<Result<_, _>>()?,
            to: lines.iter().map(|line| place(&line.to)).collect::<Result<_, _>>()?,
            quantities: lines.iter().map(|line| line.quantity.value()).collect(),
            prices: lines.iter().map(|line| line.unit_price.map(|price| price.value())).collect(),
        })
    }

    /// The change of the level by a line.
    fn delta(&self, line: usize) -> Decimal {
        if self.to[line].is_some() { self.quantities[line] } else { -self.quantities[line] }
    }
}

/// Sessions of one login that post with SQL.
pub(super) struct Baseline {
    pub pool: Pool,
    pub keys: Arc<Keys>,
}

impl Baseline {
    pub fn new(url: &str, sessions: usize, keys: Arc<Keys>) -> Result<Self, Error> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(session_config(url)?, NoTls, recycling);
        let pool = Pool::builder(manager)
            .max_size(sessions)
            .build()
            .map_err(|error| Error::Pool(error.to_string()))?;
        Ok(Self { pool, keys })
    }

    /// The hand-written SQL for a posting, at READ COMMITTED and in one round trip.
    pub async fn post_by_hand(&self, posting: &Posting) -> Result<(), Error> {
        let rows = Rows::new(posting, &self.keys)?;
        if rows.ids.len() == 1 { self.insert_one(&rows).await } else { self.insert_many(&rows).await }
    }

    async fn insert_one(&self, rows: &Rows) -> Result<(), Error> {
        let connection = self.pool.get().await?;
        let insert = connection.prepare_cached(INSERT_ONE).await?;
        let update = connection.prepare_cached(UPDATE_ONE).await?;
        let parameters: [&(dyn ToSql + Sync); 13] = [
            &rows.ids[0],
            &rows.occurred_at,
            &rows.id,
            &rows.kind.as_str(),
            &rows.products[0],
            &None::<i64>,
            &rows.from[0],
            &rows.to[0],
            &None::<i64>,
            &rows.quantities[0],
            &rows.prices[0],
            &rows.reference,
            &None::<String>,
        ];
        let (delta, location) = (rows.delta(0), rows.to[0].or(rows.from[0]));
        let level: [&(dyn ToSql + Sync); 3] = [&delta, &rows.products[0], &location];
        let (begun, inserted, updated, committed) = join!(
            connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
            connection.execute(&insert, &parameters),
            connection.execute(&update, &level),
            connection.batch_execute("COMMIT"),
        );
        begun?;
        inserted?;
        updated?;
        Ok(committed?)
    }

    async fn insert_many(&self, rows: &Rows) -> Result<(), Error> {
        let connection = self.pool.get().await?;
        let insert = connection.prepare_cached(INSERT_MANY).await?;
        let update = connection.prepare_cached(UPDATE_MANY).await?;
        // `unnest` fills up an empty list with nulls.
        let (no_keys, no_ids): (Vec<i64>, Vec<Uuid>) = (Vec::new(), Vec::new());
        let parameters: [&(dyn ToSql + Sync); 14] = [
            &rows.occurred_at,
            &rows.id,
            &rows.kind.as_str(),
            &None::<i64>,
            &rows.reference,
            &None::<String>,
            &rows.ids,
            &rows.products,
            &no_keys,
            &rows.from,
            &rows.to,
            &rows.quantities,
            &rows.prices,
            &no_ids,
        ];
        let lines = 0..rows.ids.len();
        let locations: Vec<Option<i64>> =
            lines.clone().map(|line| rows.to[line].or(rows.from[line])).collect();
        let deltas: Vec<Decimal> = lines.map(|line| rows.delta(line)).collect();
        let levels: [&(dyn ToSql + Sync); 3] = [&rows.products, &locations, &deltas];
        let (begun, inserted, updated, committed) = join!(
            connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
            connection.execute(&insert, &parameters),
            connection.execute(&update, &levels),
            connection.batch_execute("COMMIT"),
        );
        begun?;
        inserted?;
        updated?;
        Ok(committed?)
    }

    /// Posts one line to the real ledger with the plain loop: begin, insert and commit in one round trip, and again
    /// immediately after a serialization failure or a deadlock, until it is committed. Returns the number of retries.
    pub async fn post_by_plain_retry(&self, posting: &Posting) -> Result<u64, Error> {
        let rows = Rows::new(posting, &self.keys)?;
        let connection = self.pool.get().await?;
        let insert = connection.prepare_cached(INSERT_MOVEMENT).await?;
        let kind = rows.kind.as_str();
        let parameters: [&(dyn ToSql + Sync); 14] = [
            &rows.id,
            &rows.occurred_at,
            &rows.id,
            &kind,
            &rows.products[0],
            &None::<i64>,
            &rows.from[0],
            &rows.to[0],
            &None::<i64>,
            &rows.quantities[0],
            &rows.prices[0],
            &rows.reference,
            &None::<String>,
            &None::<Uuid>,
        ];
        let mut retries = 0;
        loop {
            let (begun, inserted, committed) = join!(
                connection.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE"),
                connection.execute(&insert, &parameters),
                connection.batch_execute("COMMIT"),
            );
            match begun.and(inserted.map(drop)).and(committed) {
                Ok(()) => return Ok(retries),
                Err(error) if is_retryable(&error) => retries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Errors after which PostgreSQL's manual says to run the transaction again (13.5), and lock timeouts.
fn is_retryable(error: &tokio_postgres::Error) -> bool {
    let retryable =
        [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE];
    error.code().is_some_and(|code| retryable.contains(code))
}
