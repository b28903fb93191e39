//! The levels, and what the ledger says about them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::{Error, Store};

/// The memory that the server may use to add up the ledger.
const SUM_MEMORY: &str = "256MB";

/// A product at a place, and its lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LevelKey {
    /// The product's key.
    pub product: i64,
    /// The place's key.
    pub location: i64,
    /// The lot's key.
    pub lot: Option<i64>,
}

/// Levels and movements in one snapshot.
#[derive(Debug, Clone)]
pub struct LevelReading {
    /// The snapshot.
    pub snapshot: String,
    /// No transaction that it does not show began before this time.
    pub since: String,
    /// What is on hand.
    pub levels: Vec<(LevelKey, Decimal)>,
    /// What moved since the earlier snapshot, or ever.
    pub moved: Vec<(LevelKey, Decimal)>,
}

/// The part of the ledger that an earlier snapshot does not show. The texts come from the server itself.
fn newer(earlier: Option<(&str, &str)>) -> String {
    earlier.map_or_else(
        || "true".to_owned(),
        |(snapshot, since)| {
            format!("posted_at >= '{since}'::timestamptz AND NOT pg_visible_in_snapshot(xid, '{snapshot}'::pg_snapshot)")
        },
    )
}

/// A reversal of which the ledger and the register of reversals do not say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongReversal {
    /// The reversal.
    pub id: Uuid,
    /// What it reverses by the ledger.
    pub reverses: Option<Uuid>,
    /// What it reverses by the register.
    pub registered: Option<Uuid>,
}

impl Store {
    /// Reads the levels, and what moved since an earlier snapshot (its text, and the time since which).
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
            .query_one("SELECT pg_current_snapshot()::text, set_config('work_mem', $1, true)", &[&SUM_MEMORY])
            .await?;
        let newer = newer(earlier);
        let moved = format!(
            "SELECT product_id, location_id, lot_id, sum(delta)
             FROM (SELECT product_id, to_location_id AS location_id, lot_id, quantity AS delta FROM stock.transactions WHERE to_location_id IS NOT NULL AND {newer}
                   UNION ALL
                   SELECT product_id, from_location_id, lot_id, -quantity FROM stock.transactions WHERE from_location_id IS NOT NULL AND {newer}) AS m
             GROUP BY product_id, location_id, lot_id"
        );
        let read = async |select: &str| {
            let rows = transaction.query(select, &[]).await?;
            rows.iter()
                .map(|row| {
                    let key = LevelKey {
                        product: row.try_get(0)?,
                        location: row.try_get(1)?,
                        lot: row.try_get(2)?,
                    };
                    Ok((key, row.try_get(3)?))
                })
                .collect::<Result<Vec<(LevelKey, Decimal)>, Error>>()
        };
        Ok(LevelReading {
            snapshot: row.try_get(0)?,
            since,
            levels: read("SELECT product_id, location_id, lot_id, on_hand FROM stock.stock_levels").await?,
            moved: read(&moved).await?,
        })
    }

    /// A level in the codes that people use.
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

    /// Movements whose reversal is not registered as it should be, and registrations without one.
    ///
    /// # Errors
    /// As any read.
    pub async fn wrong_reversals(&self, earlier: Option<(&str, &str)>) -> Result<Vec<WrongReversal>, Error> {
        let connection = self.connection().await?;
        let newer = newer(earlier);
        // A registration without its row is looked for only when the whole ledger is read.
        let registered_alone = if earlier.is_none() { "true" } else { "false" };
        let select = format!(
            "SELECT coalesce(r.reversal_id, t.id), t.reverses, r.reversed_id
             FROM stock.reversals r
             FULL JOIN (SELECT id, occurred_at, reverses FROM stock.transactions WHERE kind = 'reversal' AND {newer}) t
                  ON t.id = r.reversal_id AND t.reverses = r.reversed_id
             WHERE r.reversal_id IS NULL OR (t.id IS NULL AND {registered_alone})"
        );
        let rows = connection.query(&select, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(WrongReversal {
                    id: row.try_get(0)?,
                    reverses: row.try_get(1)?,
                    registered: row.try_get(2)?,
                })
            })
            .collect()
    }
}
