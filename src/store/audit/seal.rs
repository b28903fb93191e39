//! Seals the ledger, the counts and the changes to master data: finds the rows that are new, in their order, and
//! appends them to the trees.

use std::collections::HashSet;

use futures_util::pin_mut;
use jiff::Timestamp;
use tokio_postgres::IsolationLevel;
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::super::Error;
use super::facts::{COLUMNS, SealedMovement};
use super::lines::TreeState;
use super::rows::{key, select_rows};
use super::session::{CollectorSession, signed};
use super::writer::visible;

/// How many rows are read and sealed at a time; limits the memory.
const ROWS_PER_FETCH: usize = 5_000;

/// Which rows are examined for being unsealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealScope {
    /// Rows that the last sealing did not see. Reads little.
    New,
    /// All rows, whenever they were written. Reads the whole ledger.
    All,
}

/// A row to be sealed: its key in the list of sealed rows, and the bytes of its leaf.
#[derive(Debug)]
struct Unsealed {
    key: SealedKey,
    leaf: Vec<u8>,
}

/// The key of a row in the list of sealed rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum SealedKey {
    Movement(Uuid, Timestamp),
    /// A count or a change to master data: its source and its key.
    Row(String, String),
}

/// One of the trees over rows, with the SQL that finds and reads its rows.
struct RowTree {
    name: &'static str,
    /// The statement, for rows that a snapshot does not show and that were posted since a time, or for all rows.
    select: fn(Option<(&str, &str)>) -> String,
    /// Reads a row. None if it cannot be read: it was not posted, and a verification reports it.
    read: fn(&Row) -> Option<Unsealed>,
    copy: &'static str,
}

const LEDGER: RowTree = RowTree {
    name: "ledger",
    select: |newer| {
        let newer = newer.map_or_else(String::new, |(snapshot, since)| {
            format!("AND t.posted_at >= '{since}'::timestamptz AND NOT {}", visible("t", snapshot))
        });
        // A row that has a leaf is never given another one, whatever its times and numbers are.
        format!(
            "SELECT {COLUMNS} FROM stock.transactions t WHERE NOT EXISTS (SELECT FROM audit.sealed s WHERE s.id = t.id) {newer} ORDER BY t.posted_at, t.id"
        )
    },
    read: |row| {
        let movement = SealedMovement::from_row(row).ok()?;
        let key = SealedKey::Movement(movement.facts.id, movement.facts.occurred_at);
        Some(Unsealed { key, leaf: movement.leaf().ok()? })
    },
    copy: "COPY audit.sealed (leaf_no, id, occurred_at, leaf_hash) FROM STDIN (FORMAT binary)",
};

const ROWS: RowTree = RowTree {
    name: "rows",
    select: |newer| {
        let rows = select_rows(|table| {
            let (source, key, at) = key(table);
            let newer = newer.map_or_else(String::new, |(snapshot, since)| {
                format!("AND {at} >= '{since}'::timestamptz AND NOT {}", visible(table, snapshot))
            });
            let condition = format!(
                "NOT EXISTS (SELECT FROM audit.sealed_rows s WHERE s.source = '{source}' AND s.row_id = {key}) {newer}"
            );
            ["true".to_owned(), "false".to_owned(), condition]
        });
        format!("SELECT r.source, r.row_id, r.leaf FROM ({rows}) r ORDER BY r.at, r.source, r.row_id")
    },
    read: |row| {
        let key = SealedKey::Row(row.try_get(0).ok()?, row.try_get(1).ok()?);
        Some(Unsealed { key, leaf: row.try_get::<_, String>(2).ok()?.into_bytes() })
    },
    copy: "COPY audit.sealed_rows (leaf_no, source, row_id, leaf_hash) FROM STDIN (FORMAT binary)",
};

impl CollectorSession {
    /// Seals the movements that are not sealed yet. `append` adds leaves to the tree and returns their hashes. Returns
    /// how many rows were sealed.
    ///
    /// # Errors
    /// As any write.
    pub async fn seal_ledger(
        &mut self,
        scope: SealScope,
        append: impl FnMut(&mut TreeState, &[Vec<u8>]) -> Result<Vec<[u8; 32]>, Error>,
    ) -> Result<u64, Error> {
        self.seal_rows_of(&LEDGER, scope, append).await
    }

    /// Seals counts and changes to master data, as [`Self::seal_ledger`] does movements.
    ///
    /// # Errors
    /// As any write.
    pub async fn seal_rows(
        &mut self,
        scope: SealScope,
        append: impl FnMut(&mut TreeState, &[Vec<u8>]) -> Result<Vec<[u8; 32]>, Error>,
    ) -> Result<u64, Error> {
        self.seal_rows_of(&ROWS, scope, append).await
    }

    async fn seal_rows_of(
        &mut self,
        of: &RowTree,
        scope: SealScope,
        mut append: impl FnMut(&mut TreeState, &[Vec<u8>]) -> Result<Vec<[u8; 32]>, Error>,
    ) -> Result<u64, Error> {
        // Queried before the snapshot is taken: a transaction that the snapshot does not show either runs now, and is
        // listed, or begins later.
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
            .query_one("SELECT size, frontier, snapshot::text, since::text, pg_current_snapshot()::text, since > $1::text::timestamptz FROM audit.trees WHERE name = $2 FOR UPDATE", &[&since_next, &of.name])
            .await?;
        let mut tree =
            TreeState { size: row.try_get::<_, i64>(0)?.unsigned_abs(), frontier: row.try_get(1)? };
        let (snapshot, since): (Option<String>, Option<String>) = (row.try_get(2)?, row.try_get(3)?);
        let snapshot_next: String = row.try_get(4)?;
        // Rows that were posted since then have earlier times: the clock was set back.
        let put_back = row.try_get::<_, Option<bool>>(5)?.unwrap_or(false);
        let scope = if put_back { SealScope::All } else { scope };
        // The text of a snapshot and of a time come from the server itself.
        let newer = snapshot.as_deref().zip(since.as_deref()).filter(|_| scope == SealScope::New);
        let select = (of.select)(newer);
        transaction.batch_execute(&format!("DECLARE unsealed NO SCROLL CURSOR FOR {select}")).await?;
        let first = tree.size;
        let mut taken = HashSet::new();
        loop {
            let rows = transaction.query(&format!("FETCH {ROWS_PER_FETCH} FROM unsealed"), &[]).await?;
            // A row that cannot be read, or exists twice, was not posted, and must not keep the others from being
            // sealed; a verification reports it.
            let (keys, leaves): (Vec<SealedKey>, Vec<Vec<u8>>) = rows
                .iter()
                .filter_map(of.read)
                .filter(|row| taken.insert(row.key.clone()))
                .map(|row| (row.key, row.leaf))
                .unzip();
            let number = tree.size;
            let hashes = append(&mut tree, &leaves)?;
            copy_leaves(&transaction, of.copy, number, &keys, &hashes).await?;
            if rows.len() < ROWS_PER_FETCH {
                break;
            }
        }
        transaction
            .execute(
                "UPDATE audit.trees SET size = $1, frontier = $2, collected_at = clock_timestamp(), snapshot = $3::text::pg_snapshot, since = $4::text::timestamptz WHERE name = $5",
                &[&signed(tree.size), &tree.frontier, &snapshot_next, &since_next, &of.name],
            )
            .await?;
        transaction.commit().await?;
        Ok(tree.size - first)
    }
}

async fn copy_leaves(
    transaction: &deadpool_postgres::Transaction<'_>,
    copy: &str,
    first: u64,
    keys: &[SealedKey],
    hashes: &[[u8; 32]],
) -> Result<(), Error> {
    let types = match keys.first() {
        None => return Ok(()),
        Some(SealedKey::Movement(..)) => [Type::INT8, Type::UUID, Type::TIMESTAMPTZ, Type::BYTEA],
        Some(SealedKey::Row(..)) => [Type::INT8, Type::TEXT, Type::TEXT, Type::BYTEA],
    };
    let sink = transaction.copy_in(copy).await?;
    let writer = BinaryCopyInWriter::new(sink, &types);
    pin_mut!(writer);
    for ((number, key), hash) in (first..).zip(keys).zip(hashes) {
        let (number, hash) = (signed(number), hash.as_slice());
        match key {
            SealedKey::Movement(id, occurred_at) => {
                writer.as_mut().write(&[&number, id, occurred_at, &hash]).await?;
            }
            SealedKey::Row(source, row_id) => {
                writer.as_mut().write(&[&number, source, row_id, &hash]).await?;
            }
        }
    }
    writer.finish().await?;
    Ok(())
}
