//! The stock levels, and the sums of the ledger to compare them with.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use uuid::Uuid;

use super::super::{Error, Store};
use super::writer::{Writer, visible, written_by};

/// The memory (`work_mem`) for adding up the ledger without temporary files.
const SUM_MEMORY: &str = "256MB";

/// The keys of a product, a location and a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LevelKey {
    pub product: i64,
    pub location: i64,
    pub lot: Option<i64>,
}

/// A level or a sum of movements: key and quantity, each `None` if it cannot be read.
pub type LevelRow = (Option<LevelKey>, Option<Decimal>);

/// Levels and movements as of one snapshot.
#[derive(Debug, Clone)]
pub struct LevelReading {
    pub snapshot: String,
    /// No transaction that it does not show began before this time.
    pub since: String,
    pub levels: Vec<LevelRow>,
    /// The sums of what moved since the earlier snapshot, or ever.
    pub moved: Vec<LevelRow>,
}

/// A condition on the ledger `t`: rows that an earlier snapshot does not show. The texts come from the server itself.
fn newer(earlier: Option<(&str, &str)>) -> String {
    earlier.map_or_else(
        || "true".to_owned(),
        |(snapshot, since)| {
            format!("t.posted_at >= '{since}'::timestamptz AND NOT {}", visible("t", snapshot))
        },
    )
}

/// What is wrong with the registration of a reversal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongReversal {
    /// The ledger and the register of reversals disagree about a reversal.
    Differs {
        id: Uuid,
        /// The movement that it reverses according to the ledger.
        reverses: Option<Uuid>,
        /// The movement that it reverses according to the register.
        registered: Option<Uuid>,
    },
    /// The register has other times than the ledger.
    Times { id: Uuid },
    /// It was registered by another transaction than the one that posted it.
    Rewritten { id: Uuid, writer: Writer },
}

/// A stored sum of orders that differs from what the ledgers add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongOrderSum {
    /// Which sum, described in words and keys.
    pub what: String,
    pub expected: Decimal,
    /// The stored figure; `None` if the row is missing or its figure is not a number.
    pub found: Option<Decimal>,
}

/// A level whose last movement is later than it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedLater {
    pub key: LevelKey,
    /// The time that is stored with it.
    pub said: String,
    /// When its last movement occurred.
    pub moved: String,
}

impl Store {
    /// The stored sums of what is reserved, allocated, moved and ordered by order lines, where they differ from what
    /// the ledgers add up to.
    ///
    /// # Errors
    /// As any read.
    pub async fn wrong_order_sums(&self) -> Result<Vec<WrongOrderSum>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("order_sums.sql"), &[]).await?;
        rows.iter()
            .map(|row| {
                let found = row.try_get(2).ok().flatten();
                Ok(WrongOrderSum { what: row.try_get(0)?, expected: row.try_get(1)?, found })
            })
            .collect()
    }

    /// Reads the levels, and the sums of what moved since an earlier snapshot (its text, and the time since which).
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_levels(&self, earlier: Option<(&str, &str)>) -> Result<LevelReading, Error> {
        let mut connection = self.connection().await?;
        let since = connection
            .query_one(
                "SELECT least(clock_timestamp(), min(xact_start))::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
                &[],
            )
            .await?
            .try_get(0)?;
        let transaction = connection
            .build_transaction()
            .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await?;
        let row = transaction
            .query_one(
                "SELECT pg_catalog.pg_current_snapshot()::text, pg_catalog.set_config('work_mem', $1, true)",
                &[&SUM_MEMORY],
            )
            .await?;
        let newer = newer(earlier);
        let moved = format!(
            "SELECT m.product_id, m.location_id, m.lot_id, pg_catalog.sum(m.delta)
             FROM (SELECT t.product_id, t.to_location_id AS location_id, t.lot_id, t.quantity AS delta FROM stock.transactions t WHERE t.to_location_id IS NOT NULL AND {newer}
                   UNION ALL
                   SELECT t.product_id, t.from_location_id, t.lot_id, -t.quantity FROM stock.transactions t WHERE t.from_location_id IS NOT NULL AND {newer}) AS m
             GROUP BY m.product_id, m.location_id, m.lot_id"
        );
        let key = |row: &Row| -> Result<LevelKey, tokio_postgres::Error> {
            Ok(LevelKey { product: row.try_get(0)?, location: row.try_get(1)?, lot: row.try_get(2)? })
        };
        let read = async |select: &str| -> Result<Vec<LevelRow>, Error> {
            let rows = transaction.query(select, &[]).await?;
            // A superuser can write something that is not a number, and remove keys; that is a finding, not an error.
            Ok(rows.iter().map(|row| (key(row).ok(), row.try_get(3).ok())).collect())
        };
        Ok(LevelReading {
            snapshot: row.try_get(0)?,
            since,
            levels: read("SELECT product_id, location_id, lot_id, on_hand FROM stock.stock_levels").await?,
            moved: read(&moved).await?,
        })
    }

    /// The levels that moved later than the time of their last movement says, since an earlier snapshot or ever. The
    /// trigger of the ledger relies on that time: a movement after it is not checked for goods that leave before they
    /// arrive. It leaves a minute, and so does this.
    ///
    /// # Errors
    /// As any read.
    pub async fn levels_moved_later(&self, earlier: Option<(&str, &str)>) -> Result<Vec<MovedLater>, Error> {
        let connection = self.connection().await?;
        let newer = newer(earlier);
        let select = format!(
            "SELECT l.product_id, l.location_id, l.lot_id, l.last_moved_at::text, m.moved_at::text
             FROM stock.stock_levels l
             JOIN (SELECT u.product_id, u.location_id, u.lot_id, pg_catalog.max(u.occurred_at) AS moved_at
                   FROM (SELECT t.product_id, t.to_location_id AS location_id, t.lot_id, t.occurred_at FROM stock.transactions t WHERE t.to_location_id IS NOT NULL AND {newer}
                         UNION ALL
                         SELECT t.product_id, t.from_location_id, t.lot_id, t.occurred_at FROM stock.transactions t WHERE t.from_location_id IS NOT NULL AND {newer}) AS u
                   GROUP BY u.product_id, u.location_id, u.lot_id) AS m
                 ON m.product_id = l.product_id AND m.location_id = l.location_id AND coalesce(m.lot_id, 0) = coalesce(l.lot_id, 0)
             WHERE l.last_moved_at < m.moved_at - interval '1 minute'
             ORDER BY 1, 2, 3
             LIMIT 1000"
        );
        let rows = connection.query(&select, &[]).await?;
        rows.iter()
            .map(|row| {
                let key =
                    LevelKey { product: row.try_get(0)?, location: row.try_get(1)?, lot: row.try_get(2)? };
                Ok(MovedLater { key, said: row.try_get(3)?, moved: row.try_get(4)? })
            })
            .collect()
    }

    /// A level by the codes that people use.
    ///
    /// # Errors
    /// As any read.
    pub async fn level_name(&self, key: LevelKey) -> Result<String, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT coalesce((SELECT sku FROM stock.products WHERE product_id = $1), 'product ' || $1)
                        || ' at ' || coalesce((SELECT code FROM stock.locations WHERE location_id = $2), 'place ' || $2)
                        || coalesce(' lot ' || (SELECT code FROM stock.lots WHERE lot_id = $3), '')",
                &[&key.product, &key.location, &key.lot],
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Reversals that are not registered correctly, and registrations without a reversal.
    ///
    /// # Errors
    /// As any read.
    pub async fn wrong_reversals(&self, earlier: Option<(&str, &str)>) -> Result<Vec<WrongReversal>, Error> {
        let connection = self.connection().await?;
        let newer = newer(earlier);
        // A registration without its row is searched for only when the whole ledger is read.
        let registered_alone = if earlier.is_none() { "true" } else { "false" };
        let written_by = written_by("m");
        let select = format!(
            "SELECT * FROM (
                 SELECT coalesce(r.reversal_id, t.id), t.reverses, r.reversed_id, r.reversal_id IS NULL OR t.id IS NULL,
                        o.id IS NULL OR r.reversal_at IS DISTINCT FROM t.occurred_at AS times,
                        (SELECT {written_by} FROM (SELECT r.written AS xmin, t.xid) AS m) AS written_by
                 FROM (SELECT xmin AS written, reversed_id, reversed_at, reversal_id, reversal_at FROM stock.reversals) AS r
                 FULL JOIN (SELECT t.id, t.occurred_at, t.reverses, t.xid FROM stock.transactions t WHERE t.kind = 'reversal' AND {newer}) t
                      ON t.id = r.reversal_id AND t.reverses = r.reversed_id
                 LEFT JOIN stock.transactions o ON o.id = r.reversed_id AND o.occurred_at = r.reversed_at
                 WHERE r.reversal_id IS NULL OR t.id IS NOT NULL OR {registered_alone}) AS w (id, reverses, registered, differs, times, written_by)
             WHERE w.differs OR w.times OR w.written_by IS NOT NULL"
        );
        let rows = connection.query(&select, &[]).await?;
        rows.iter()
            .map(|row| {
                let id = row.try_get(0)?;
                Ok(match (row.try_get(3)?, row.try_get(4)?) {
                    (true, _) => {
                        WrongReversal::Differs { id, reverses: row.try_get(1)?, registered: row.try_get(2)? }
                    }
                    (false, true) => WrongReversal::Times { id },
                    (false, false) => WrongReversal::Rewritten { id, writer: Writer::read(row.try_get(5)?) },
                })
            })
            .collect()
    }
}
