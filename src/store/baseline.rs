//! What the benchmarks measure Stockroom against: the SQL that somebody would write by hand for the
//! same rows, in a table with the same constraints and indexes, but without partitions, triggers,
//! audit and SERIALIZABLE; and the plain retry loop on the real ledger.

use futures_util::join;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::types::ToSql;

use super::error::{Class, classify};
use super::posting::{BEGIN, insert_lines, insert_posting, insert_sql};
use super::resolve::{Resolved, at};
use super::{Error, Store};
use crate::domain::{LocationCode, Posting, Sku};

/// The login that the baseline runs as; pgaudit is off for it.
pub const BASELINE_LOGIN: &str = "bench_baseline";

/// The login that posts as Stockroom does, and for which pgaudit is off.
pub const UNAUDITED_LOGIN: &str = "bench_unaudited";

/// The database that pgbench fills.
pub const PGBENCH_DATABASE: &str = "pgbench";

const TABLES: &str = "
    CREATE SCHEMA bench;
    CREATE TABLE bench.transactions (LIKE stock.transactions INCLUDING ALL);
    ALTER TABLE bench.transactions
        ADD FOREIGN KEY (product_id) REFERENCES stock.products (product_id),
        ADD FOREIGN KEY (lot_id, product_id) REFERENCES stock.lots (lot_id, product_id),
        ADD FOREIGN KEY (from_location_id) REFERENCES stock.locations (location_id),
        ADD FOREIGN KEY (to_location_id) REFERENCES stock.locations (location_id),
        ADD FOREIGN KEY (partner_id) REFERENCES stock.partners (partner_id);
    CREATE TABLE bench.stock_levels (LIKE stock.stock_levels INCLUDING ALL) WITH (fillfactor = 50);
    INSERT INTO bench.stock_levels SELECT * FROM stock.stock_levels;
    CREATE ROLE bench_baseline LOGIN;
    ALTER ROLE bench_baseline SET pgaudit.log = 'none';
    GRANT USAGE ON SCHEMA bench, stock TO bench_baseline;
    GRANT USAGE ON TYPE stock.movement_kind TO bench_baseline;
    GRANT SELECT ON ALL TABLES IN SCHEMA stock TO bench_baseline;
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA bench TO bench_baseline;
    VACUUM ANALYZE;";

const INSERT_ONE: &str = "INSERT INTO bench.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason) \
     VALUES ($1, $2, $3, $4::text::stock.movement_kind, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const UPDATE_ONE: &str = "UPDATE bench.stock_levels SET on_hand = on_hand + $1 WHERE product_id = $2 AND location_id = $3 AND lot_id IS NULL";
const INSERT_MANY: &str = "INSERT INTO bench.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     SELECT l.id, $1::timestamptz, $2::uuid, $3::text::stock.movement_kind, l.product_id, l.lot_id, l.from_location_id, l.to_location_id, $4::bigint, l.quantity, l.unit_price, $5::text, $6::text, l.reverses \
     FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[], $13::numeric[], $14::uuid[]) \
     AS l (id, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reverses)";
const UPDATE_MANY: &str = "UPDATE bench.stock_levels s SET on_hand = s.on_hand + d.delta \
     FROM (SELECT product_id, location_id, sum(delta) AS delta FROM unnest($1::bigint[], $2::bigint[], $3::numeric[]) AS l (product_id, location_id, delta) \
           GROUP BY product_id, location_id ORDER BY product_id, location_id) d \
     WHERE s.product_id = d.product_id AND s.location_id = d.location_id AND s.lot_id IS NULL";

/// How one posting of a baseline went.
#[derive(Debug, Clone, Copy, Default)]
pub struct BaselineOutcome {
    /// How many transactions were run again.
    pub retries: u64,
}

impl Store {
    /// Makes the tables and the login of the baseline, which is not audited. Takes a superuser.
    ///
    /// # Errors
    /// As any write.
    pub async fn make_baseline(&self, password: &SecretString) -> Result<(), Error> {
        let connection = self.connection().await?;
        for statement in TABLES.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            connection.batch_execute(statement).await?;
        }
        let verifier = postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        let row = connection
            .query_one("SELECT format('ALTER ROLE bench_baseline PASSWORD %L', $1::text)", &[&verifier])
            .await?;
        connection.batch_execute(&row.try_get::<_, String>(0)?).await?;
        connection.batch_execute("GRANT CONNECT ON DATABASE stock_management TO bench_baseline").await?;
        Ok(())
    }

    /// Switches pgaudit off for [`UNAUDITED_LOGIN`]. Takes a superuser.
    ///
    /// # Errors
    /// As any write.
    pub async fn stop_auditing_for_benchmark(&self) -> Result<(), Error> {
        let statement = format!("ALTER ROLE {UNAUDITED_LOGIN} SET pgaudit.log = 'none'");
        Ok(self.connection().await?.batch_execute(&statement).await?)
    }

    /// Makes the database that pgbench fills, owned by the baseline's login.
    ///
    /// # Errors
    /// As any write.
    pub async fn make_pgbench_database(&self) -> Result<(), Error> {
        Ok(self.connection().await?.batch_execute("CREATE DATABASE pgbench OWNER bench_baseline").await?)
    }

    /// Writes what is in memory to the data files.
    ///
    /// # Errors
    /// As any write.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        Ok(self.connection().await?.batch_execute("CHECKPOINT").await?)
    }

    /// Posts as the terminal would, but without asking what is on hand afterwards, which the
    /// baseline does not do either. Returns the number of attempts.
    ///
    /// # Errors
    /// As [`Store::post`].
    pub async fn post_quietly(&self, posting: &Posting) -> Result<u32, Error> {
        let resolved = self.resolve(posting).await?;
        let (_, attempts) = self.post_resolved(&resolved).await?;
        Ok(attempts)
    }

    /// Learns the keys of all these items at once.
    ///
    /// # Errors
    /// As any read.
    pub async fn learn_all(&self, skus: &[Sku], location: &LocationCode) -> Result<(), Error> {
        self.learn(&skus.iter().collect::<Vec<&Sku>>(), &[location], None).await
    }

    /// Brings the statistics of all tables up to date, so that no round pays for it.
    ///
    /// # Errors
    /// As any write.
    pub async fn vacuum(&self) -> Result<(), Error> {
        Ok(self.connection().await?.batch_execute("VACUUM ANALYZE").await?)
    }

    /// The hand-written SQL for a posting, at READ COMMITTED and in one round trip.
    ///
    /// # Errors
    /// As any write.
    pub async fn post_by_hand(&self, posting: &Posting) -> Result<BaselineOutcome, Error> {
        let resolved = self.resolve(posting).await?;
        if resolved.ids.len() == 1 {
            self.insert_one(&resolved).await?
        } else {
            self.insert_many(&resolved).await?
        };
        Ok(BaselineOutcome::default())
    }

    async fn insert_one(&self, resolved: &Resolved) -> Result<(), Error> {
        let connection = self.connection().await?;
        let insert = connection.prepare_cached(INSERT_ONE).await?;
        let update = connection.prepare_cached(UPDATE_ONE).await?;
        let (from, to) = (at(&resolved.from, 0), at(&resolved.to, 0));
        let delta = if to.is_some() { resolved.quantities[0] } else { -resolved.quantities[0] };
        let parameters: [&(dyn ToSql + Sync); 13] = [
            &resolved.ids[0],
            &resolved.occurred_at,
            &resolved.id.uuid(),
            &resolved.kind.as_str(),
            &resolved.products[0],
            &at(&resolved.lots, 0),
            &from,
            &to,
            &resolved.partner,
            &resolved.quantities[0],
            &at(&resolved.prices, 0),
            &resolved.reference,
            &resolved.reason,
        ];
        let location = to.or(from);
        let level: [&(dyn ToSql + Sync); 3] = [&delta, &resolved.products[0], &location];
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

    async fn insert_many(&self, resolved: &Resolved) -> Result<(), Error> {
        let connection = self.connection().await?;
        let insert = connection.prepare_cached(INSERT_MANY).await?;
        let update = connection.prepare_cached(UPDATE_MANY).await?;
        let mut locations = Vec::with_capacity(resolved.ids.len());
        let mut deltas: Vec<Decimal> = Vec::with_capacity(resolved.ids.len());
        for line in 0..resolved.ids.len() {
            let to = at(&resolved.to, line);
            locations.push(to.or(at(&resolved.from, line)));
            deltas.push(if to.is_some() { resolved.quantities[line] } else { -resolved.quantities[line] });
        }
        let levels: [&(dyn ToSql + Sync); 3] = [&resolved.products, &locations, &deltas];
        let (begun, inserted, updated, committed) = join!(
            connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
            insert_lines(&connection, &insert, resolved),
            connection.execute(&update, &levels),
            connection.batch_execute("COMMIT"),
        );
        begun?;
        inserted?;
        updated?;
        Ok(committed?)
    }

    /// A posting to the real ledger by the plain loop: begin, insert, commit in one round trip, and at
    /// once again on 40001 and 40P01, until it goes through.
    ///
    /// # Errors
    /// As any write.
    pub async fn post_by_plain_retry(&self, posting: &Posting) -> Result<BaselineOutcome, Error> {
        let resolved = self.resolve(posting).await?;
        let connection = self.connection().await?;
        let insert = connection.prepare_cached(insert_sql(resolved.ids.len())).await?;
        let mut retries = 0;
        loop {
            let (begun, inserted, committed) = join!(
                connection.batch_execute(BEGIN),
                insert_posting(&connection, &insert, &resolved),
                connection.batch_execute("COMMIT"),
            );
            match begun.and(inserted.map(|_| ())).and(committed) {
                Ok(()) => return Ok(BaselineOutcome { retries }),
                Err(error) if classify(&error) == Class::Retry => retries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
