//! Drops the oldest months of collected lines.

use super::super::{Error, Store};
use super::session::signed;

/// A partition with a month of collected lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    pub partition: String,
    /// How many months ago it was; 0 for the present month.
    pub age_months: u32,
    /// The number after its last line; `None` if it is empty.
    pub end: Option<u64>,
}

/// A month of collected lines that is marked as dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    pub partition: String,
    /// Lines with lower numbers are gone.
    pub lines_below: u64,
    /// The hashes of the largest complete subtrees over these lines.
    pub frontier: Vec<u8>,
    pub by: String,
    pub at: String,
}

impl Store {
    /// The months that are marked as dropped, the oldest first, and the number of the first line that still exists.
    ///
    /// # Errors
    /// As any read.
    pub async fn retired(&self) -> Result<(Vec<Retired>, Option<u64>), Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT partition_name, lines_below, frontier, retired_by::text, retired_at::text FROM audit.retired ORDER BY lines_below, partition_name",
                &[],
            )
            .await?;
        let first: Option<i64> =
            connection.query_one("SELECT pg_catalog.min(line_no) FROM audit.lines", &[]).await?.try_get(0)?;
        let retired = rows.iter().map(|row| {
            Ok(Retired {
                partition: row.try_get(0)?,
                lines_below: row.try_get::<_, i64>(1)?.unsigned_abs(),
                frontier: row.try_get(2)?,
                by: row.try_get(3)?,
                at: row.try_get(4)?,
            })
        });
        Ok((retired.collect::<Result<_, tokio_postgres::Error>>()?, first.map(i64::unsigned_abs)))
    }

    /// The months of collected lines, the oldest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_months(&self) -> Result<Vec<Month>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT c.relname::text,
                        (extract(year FROM age) * 12 + extract(month FROM age))::integer
                 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
                      LATERAL (SELECT age(date_trunc('month', now() AT TIME ZONE 'UTC'),
                                          to_date(right(c.relname, 7), 'YYYY_MM')::timestamp) AS age) a
                 WHERE i.inhparent = 'audit.lines'::regclass ORDER BY 1",
                &[],
            )
            .await?;
        let mut months = Vec::with_capacity(rows.len());
        for row in &rows {
            let partition: String = row.try_get(0)?;
            // Read through the parent: nobody may read a partition directly.
            let last: Option<i64> = connection
                .query_one(
                    "SELECT max(line_no) FROM audit.lines
                     WHERE collected_at >= to_date(right($1, 7), 'YYYY_MM')::timestamp AT TIME ZONE 'UTC'
                       AND collected_at < (to_date(right($1, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC'",
                    &[&partition],
                )
                .await?
                .try_get(0)?;
            months.push(Month {
                partition,
                age_months: row.try_get::<_, i32>(1)?.max(0).unsigned_abs(),
                end: last.map(|last| last.unsigned_abs() + 1),
            });
        }
        Ok(months)
    }

    /// Drops the oldest month, and stores the frontier of the tree up to its end.
    ///
    /// # Errors
    /// A refusal if it is not the oldest month, or not over yet.
    pub async fn retire_month(&self, partition: &str, end: u64, frontier: &[u8]) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection
            .query_one("SELECT audit.retire_month($1, $2, $3)", &[&partition, &signed(end), &frontier])
            .await?;
        Ok(())
    }
}
