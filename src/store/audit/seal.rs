//! Sealing the ledger: which rows are new, in which order, and the tree over them.

use futures_util::pin_mut;
use tokio_postgres::IsolationLevel;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::super::Error;
use super::facts::{COLUMNS, SealedMovement};
use super::lines::TreeState;
use super::session::{CollectorSession, signed};

/// How many rows are read and sealed at a time; bounds the memory.
const ROWS_PER_FETCH: usize = 5_000;

/// How to look for rows that are not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealScope {
    /// Those that the last sealing did not see. Reads little.
    New,
    /// All that are not sealed, however they came to be there. Reads the whole ledger.
    All,
}

impl CollectorSession {
    /// Seals the rows that are not sealed yet. `append` takes the leaves of some rows and adds them to
    /// the tree; it returns their hashes. Returns how many rows were sealed.
    ///
    /// # Errors
    /// As any write.
    pub async fn seal_ledger(
        &mut self,
        scope: SealScope,
        mut append: impl FnMut(&mut TreeState, &[SealedMovement]) -> Result<Vec<[u8; 32]>, Error>,
    ) -> Result<u64, Error> {
        // Asked before the snapshot is taken: what the snapshot does not show either runs now, and is
        // listed, or begins later than now.
        let row = self
            .connection
            .query_one("SELECT least(clock_timestamp(), min(xact_start))::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()", &[])
            .await?;
        let since_next: String = row.try_get(0)?;
        let transaction = self
            .connection
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .await?;
        let row = transaction
            .query_one("SELECT size, frontier, snapshot::text, since::text, pg_current_snapshot()::text, since > $1::text::timestamptz FROM audit.trees WHERE name = 'ledger' FOR UPDATE", &[&since_next])
            .await?;
        let mut tree =
            TreeState { size: row.try_get::<_, i64>(0)?.unsigned_abs(), frontier: row.try_get(1)? };
        let (snapshot, since): (Option<String>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
        let snapshot_next: String = row.try_get(4)?;
        // Rows that were posted since then have times before it: the clock was put back.
        let put_back = row.try_get::<_, Option<bool>>(5)?.unwrap_or(false);
        let scope = if put_back { SealScope::All } else { scope };
        let (columns, from) = (COLUMNS, "FROM stock.transactions t");
        let select = match (scope, snapshot, since) {
            // The text of a snapshot and of a time come from the server itself.
            (SealScope::New, Some(snapshot), Some(since)) => format!(
                "SELECT {columns} {from} WHERE t.posted_at >= '{since}'::timestamptz AND NOT pg_visible_in_snapshot(t.xid, '{snapshot}'::pg_snapshot) ORDER BY t.posted_at, t.id"
            ),
            _ => format!(
                "SELECT {columns} {from} WHERE NOT EXISTS (SELECT FROM audit.sealed s WHERE s.id = t.id) ORDER BY t.posted_at, t.id"
            ),
        };
        transaction.batch_execute(&format!("DECLARE unsealed NO SCROLL CURSOR FOR {select}")).await?;
        let first = tree.size;
        loop {
            let rows = transaction.query(&format!("FETCH {ROWS_PER_FETCH} FROM unsealed"), &[]).await?;
            let movements = rows.iter().map(SealedMovement::from_row).collect::<Result<Vec<_>, _>>()?;
            let number = tree.size;
            let hashes = append(&mut tree, &movements)?;
            copy_leaves(&transaction, number, &movements, &hashes).await?;
            if rows.len() < ROWS_PER_FETCH {
                break;
            }
        }
        transaction
            .execute(
                "UPDATE audit.trees SET size = $1, frontier = $2, collected_at = clock_timestamp(), snapshot = $3::text::pg_snapshot, since = $4::text::timestamptz WHERE name = 'ledger'",
                &[&signed(tree.size), &tree.frontier, &snapshot_next, &since_next],
            )
            .await?;
        transaction.commit().await?;
        Ok(tree.size - first)
    }
}

async fn copy_leaves(
    transaction: &deadpool_postgres::Transaction<'_>,
    first: u64,
    movements: &[SealedMovement],
    hashes: &[[u8; 32]],
) -> Result<(), Error> {
    if movements.is_empty() {
        return Ok(());
    }
    let sink = transaction
        .copy_in("COPY audit.sealed (leaf_no, id, occurred_at, leaf_hash) FROM STDIN (FORMAT binary)")
        .await?;
    let writer = BinaryCopyInWriter::new(sink, &[Type::INT8, Type::UUID, Type::TIMESTAMPTZ, Type::BYTEA]);
    pin_mut!(writer);
    for ((number, movement), hash) in (first..).zip(movements).zip(hashes) {
        let facts = &movement.facts;
        writer.as_mut().write(&[&signed(number), &facts.id, &facts.occurred_at, &hash.as_slice()]).await?;
    }
    writer.finish().await?;
    Ok(())
}
