//! The trees as the database stores them: their states, and the hashes of their leaves.

use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use uuid::Uuid;

use super::super::{Error, Store};
use super::facts::{COLUMNS, SealedMovement};
use super::lines::TreeState;
use super::session::signed;

/// How many hashes are read at a time.
const HASHES_PER_READ: i64 = 100_000;

/// The leaf of a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLeaf {
    pub leaf_no: u64,
    /// The hash stored when it was sealed.
    pub leaf_hash: [u8; 32],
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| Error::Database {
        sqlstate: "client".to_owned(),
        message: "a stored hash does not have 32 bytes".to_owned(),
    })
}

impl Store {
    /// The state of a tree: `lines`, `ledger` or `rows`.
    ///
    /// # Errors
    /// As any read.
    pub async fn tree(&self, name: &str) -> Result<TreeState, Error> {
        let connection = self.connection().await?;
        let row =
            connection.query_one("SELECT size, frontier FROM audit.trees WHERE name = $1", &[&name]).await?;
        Ok(TreeState { size: row.try_get::<_, i64>(0)?.unsigned_abs(), frontier: row.try_get(1)? })
    }

    /// The number of the first leaf of a tree that still exists, and the frontier of those that retention has dropped.
    ///
    /// # Errors
    /// As any read.
    pub async fn leaves_begin(&self, name: &str) -> Result<(u64, Vec<u8>), Error> {
        if name != "lines" {
            return Ok((0, Vec::new()));
        }
        let connection = self.connection().await?;
        let row = connection
            .query_opt(
                "SELECT lines_below, frontier FROM audit.retired ORDER BY lines_below DESC LIMIT 1",
                &[],
            )
            .await?;
        Ok(match row {
            Some(row) => (row.try_get::<_, i64>(0)?.unsigned_abs(), row.try_get(1)?),
            None => (0, Vec::new()),
        })
    }

    /// Stored hashes of consecutive leaves from a number on; empty at the end of the tree.
    ///
    /// # Errors
    /// As any read.
    pub async fn leaf_hashes(&self, name: &str, first: u64) -> Result<Vec<[u8; 32]>, Error> {
        let connection = self.connection().await?;
        let select = match name {
            "lines" => {
                "SELECT line_no, leaf_hash FROM audit.lines WHERE line_no >= $1 AND line_no < $1 + $2 ORDER BY line_no"
            }
            "rows" => {
                "SELECT leaf_no, leaf_hash FROM audit.sealed_rows WHERE leaf_no >= $1 AND leaf_no < $1 + $2 ORDER BY leaf_no"
            }
            _ => {
                "SELECT leaf_no, leaf_hash FROM audit.sealed WHERE leaf_no >= $1 AND leaf_no < $1 + $2 ORDER BY leaf_no"
            }
        };
        let statement = connection.prepare_cached(select).await?;
        let first = signed(first);
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&first, &HASHES_PER_READ];
        let rows = connection.query_raw(&statement, parameters).await?;
        futures_util::pin_mut!(rows);
        let mut hashes = Vec::new();
        let mut expected = first;
        while let Some(row) = rows.try_next().await? {
            if row.try_get::<_, i64>(0)? != expected {
                break;
            }
            hashes.push(hash(row.try_get(1)?)?);
            expected += 1;
        }
        Ok(hashes)
    }

    /// The leaf of a movement, if it is sealed.
    ///
    /// # Errors
    /// As any read.
    pub async fn sealed_leaf(&self, id: Uuid) -> Result<Option<SealedLeaf>, Error> {
        let connection = self.connection().await?;
        let row =
            connection.query_opt("SELECT leaf_no, leaf_hash FROM audit.sealed WHERE id = $1", &[&id]).await?;
        row.map(|row| {
            let leaf_no = row.try_get::<_, i64>(0)?.unsigned_abs();
            Ok(SealedLeaf { leaf_no, leaf_hash: hash(row.try_get(1)?)? })
        })
        .transpose()
    }

    /// A row of the ledger as it is sealed.
    ///
    /// # Errors
    /// As any read.
    pub async fn ledger_row(&self, id: Uuid) -> Result<Option<SealedMovement>, Error> {
        let connection = self.connection().await?;
        let select = format!("SELECT {COLUMNS} FROM stock.transactions t WHERE t.id = $1");
        let row = connection.query(&select, &[&id]).await?.into_iter().next();
        row.map(|row| SealedMovement::from_row(&row)).transpose()
    }

    /// Some rows of the ledger, by their ids; `None` for one that cannot be read.
    ///
    /// # Errors
    /// As any read.
    pub async fn ledger_rows(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Option<SealedMovement>>, Error> {
        let connection = self.connection().await?;
        let select = format!("SELECT {COLUMNS} FROM stock.transactions t WHERE t.id = ANY ($1)");
        let rows = connection.query(&select, &[&ids]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, SealedMovement::from_row(row).ok()))).collect()
    }
}
