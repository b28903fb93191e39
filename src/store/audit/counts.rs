//! The counts, for comparison with their records.

use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

use super::super::{Error, Store};
use super::facts::CountFacts;
use super::ledger::LedgerScope;
use super::verify::Moment;
use super::writer::{Writer, visible, written_by};

/// A row of `stock.stock_counts`, as a verification reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRow {
    pub facts: CountFacts,
    /// The recorded quantity at the time of the count.
    pub expected: Decimal,
    /// When the server inserted the row.
    pub posted_at: Timestamp,
    pub posted_by: String,
    pub xid: u64,
    /// Whether the transaction that wrote it is visible in the remembered snapshot.
    pub visible: bool,
    pub writer: Writer,
}

/// A count with a value that no count can have, as text of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableCount {
    pub id: Option<Uuid>,
    pub words: String,
}

fn count(row: &Row) -> Result<CountRow, Error> {
    Ok(CountRow {
        facts: CountFacts {
            id: row.try_get(0)?,
            counted_at: row.try_get(1)?,
            posting_id: row.try_get(2)?,
            product_id: row.try_get(3)?,
            location_id: row.try_get(4)?,
            lot_id: row.try_get(5)?,
            counted: row.try_get::<_, Decimal>(6)?.normalize(),
        },
        expected: row.try_get::<_, Decimal>(7)?.normalize(),
        posted_at: row.try_get(8)?,
        posted_by: row.try_get(9)?,
        xid: row.try_get::<_, &str>(10)?.parse().unwrap_or(0),
        visible: row.try_get(11)?,
        writer: Writer::read(row.try_get(12)?),
    })
}

impl Store {
    /// Reads the counts of a scope; those that cannot be read are returned as text of the server.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_counts(
        &self,
        scope: &LedgerScope,
        moment: &Moment,
    ) -> Result<Vec<Result<CountRow, UnreadableCount>>, Error> {
        let condition = match scope {
            LedgerScope::All => "true".to_owned(),
            LedgerScope::Since { snapshot, .. } => format!("NOT {}", visible("c", snapshot)),
        };
        self.read_counts(moment, &condition, None).await
    }

    /// Reads some counts, by their ids; those that cannot be read are left out.
    ///
    /// # Errors
    /// As any read.
    pub async fn counts_of(&self, ids: &[Uuid], moment: &Moment) -> Result<Vec<CountRow>, Error> {
        let rows = self.read_counts(moment, "true", Some(ids)).await?;
        Ok(rows.into_iter().filter_map(Result::ok).collect())
    }

    async fn read_counts(
        &self,
        moment: &Moment,
        condition: &str,
        ids: Option<&[Uuid]>,
    ) -> Result<Vec<Result<CountRow, UnreadableCount>>, Error> {
        let connection = self.connection().await?;
        let select = format!(
            "SELECT c.id, c.counted_at, c.posting_id, c.product_id, c.location_id, c.lot_id, c.counted, c.expected, c.posted_at, c.posted_by::text, c.xid::text,
                    {}, {}, c::text
             FROM stock.stock_counts c WHERE {condition} AND ($1::uuid[] IS NULL OR c.id = ANY ($1))",
            visible("c", &moment.snapshot),
            written_by("c")
        );
        let rows = connection.query(&select, &[&ids]).await?;
        rows.iter()
            .map(|row| {
                let words: String = row.try_get(13)?;
                let unreadable = |_| UnreadableCount { id: row.try_get(0).ok().flatten(), words };
                Ok(count(row).map_err(unreadable))
            })
            .collect()
    }
}
