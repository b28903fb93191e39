//! The measurements of the service: the activity of all terminals, as far as it was collected and sealed, the stock, and
//! the open orders.

use super::{Error, Store};
use crate::domain::OrderKind;

/// How many log entries are read at a time.
const ENTRIES_PER_READ: i64 = 20_000;

/// The sealed movements of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindActivity {
    pub kind: String,
    pub postings: u64,
    pub movements: u64,
}

/// How many log lines were collected, and how many rows were sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeSizes {
    pub lines: u64,
    pub ledger: u64,
    /// Counts and changes to master data that were sealed.
    pub rows: u64,
}

/// Counts of products and lots that need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockCounts {
    /// Products at or below their reorder point.
    pub products_low: u64,
    /// Lots with stock on hand that have expired.
    pub lots_expired: u64,
}

/// The open orders of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderCounts {
    pub kind: OrderKind,
    /// Orders that are confirmed and not delivered in full.
    pub open: u64,
    /// Those of them whose day has passed.
    pub late: u64,
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Store {
    /// The sizes of the three trees.
    ///
    /// # Errors
    /// As any read.
    pub async fn tree_sizes(&self) -> Result<TreeSizes, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT max(size) FILTER (WHERE name = 'lines') AS lines, max(size) FILTER (WHERE name = 'ledger') AS ledger,
                        max(size) FILTER (WHERE name = 'rows') AS other
                 FROM audit.trees",
                &[],
            )
            .await?;
        let size = |name: &str| row.try_get::<_, i64>(name).map(i64::unsigned_abs);
        Ok(TreeSizes { lines: size("lines")?, ledger: size("ledger")?, rows: size("other")? })
    }

    /// The movements of a range of leaves of the ledger's tree, by kind.
    ///
    /// # Errors
    /// As any read.
    pub async fn sealed_activity(&self, from: u64, to: u64) -> Result<Vec<KindActivity>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT t.kind::text, count(*) FILTER (WHERE t.id = t.posting_id), count(*)
                 FROM audit.sealed s JOIN stock.transactions t ON t.id = s.id AND t.occurred_at = s.occurred_at
                 WHERE s.leaf_no >= $1 AND s.leaf_no < $2 GROUP BY t.kind",
                &[&stored(from), &stored(to)],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(KindActivity {
                    kind: row.try_get(0)?,
                    postings: row.try_get::<_, i64>(1)?.unsigned_abs(),
                    movements: row.try_get::<_, i64>(2)?.unsigned_abs(),
                })
            })
            .collect()
    }

    /// The collected log entries of errors in this database from a number on, and the number up to which was searched.
    ///
    /// # Errors
    /// As any read.
    pub async fn collected_errors(&self, from: u64, to: u64) -> Result<(Vec<Vec<u8>>, u64), Error> {
        let connection = self.connection().await?;
        let (first, end) = (stored(from), stored(to).min(stored(from).saturating_add(ENTRIES_PER_READ)));
        let rows = connection
            .query(
                "SELECT raw FROM audit.lines
                 WHERE line_no >= $1 AND line_no < $2 AND severity = 'ERROR' AND database_name = current_database() ORDER BY line_no",
                &[&first, &end],
            )
            .await?;
        let lines = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok((lines, end.unsigned_abs()))
    }

    /// Counts what needs attention in the stock: one pass over the products with a reorder point, and one over the lots
    /// that expire.
    ///
    /// # Errors
    /// As any read.
    pub async fn stock_counts(&self) -> Result<StockCounts, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT (SELECT count(*) FROM stock.products p
                         LEFT JOIN (SELECT l.product_id, sum(l.on_hand) AS on_hand FROM stock.stock_levels l GROUP BY l.product_id) held USING (product_id)
                         WHERE p.archived_at IS NULL AND coalesce(held.on_hand, 0) <= p.reorder_point),
                        (SELECT count(*) FROM stock.lots o
                         WHERE o.expires_on < (now() AT TIME ZONE 'UTC')::date
                             AND EXISTS (SELECT FROM stock.stock_levels l WHERE l.lot_id = o.lot_id AND l.on_hand > 0))",
                &[],
            )
            .await?;
        let number = |place: usize| row.try_get::<_, i64>(place).map(i64::unsigned_abs);
        Ok(StockCounts { products_low: number(0)?, lots_expired: number(1)? })
    }

    /// Counts the open orders of every kind.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_counts(&self) -> Result<Vec<OrderCounts>, Error> {
        let connection = self.connection().await?;
        let rows =
            connection.query("SELECT kind, open_orders, late_orders FROM stock.order_counts", &[]).await?;
        let mut counts = OrderKind::ALL.map(|kind| OrderCounts { kind, open: 0, late: 0 });
        for row in &rows {
            let kind: OrderKind = row.try_get(0)?;
            let (open, late) =
                (row.try_get::<_, i64>(1)?.unsigned_abs(), row.try_get::<_, i64>(2)?.unsigned_abs());
            counts.iter_mut().filter(|counts| counts.kind == kind).for_each(|counts| {
                *counts = OrderCounts { kind, open, late };
            });
        }
        Ok(counts.to_vec())
    }
}
