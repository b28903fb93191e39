//! Stores collected lines: many in one transaction, together with the position up to which the file has been read.

use std::collections::HashMap;

use futures_util::pin_mut;
use jiff::Timestamp;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::super::Error;
use super::columns::LineColumns;
use super::session::{CollectorSession, signed};

const COPY_LINES: &str = "COPY audit.lines (line_no, collected_at, file_id, file_offset, logged_at, session_id, session_line, login, \
     database_name, remote_host, severity, class, command, object_name, raw, leaf_hash) FROM STDIN (FORMAT binary)";

/// The position up to which a file has been collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProgress {
    /// The key of the file; `None` if nothing of it has been collected.
    pub file_id: Option<i32>,
    /// The first byte that has not been collected.
    pub read_to: u64,
}

/// The state of a Merkle tree that leaves are appended to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreeState {
    pub size: u64,
    /// The hashes of its largest complete subtrees, from left to right.
    pub frontier: Vec<u8>,
}

/// A line to be stored.
#[derive(Debug, Clone, Default)]
pub struct NewLine {
    /// The position of its first byte in the file.
    pub file_offset: u64,
    pub columns: LineColumns<'static>,
    pub raw: Vec<u8>,
    /// The hash of its leaf in the tree over the lines.
    pub leaf_hash: [u8; 32],
}

/// Consecutive lines of one file.
#[derive(Debug)]
pub struct LineBatch<'a> {
    pub file: &'a str,
    /// The position up to which it had been collected before.
    pub progress: &'a FileProgress,
    /// The position up to which it is collected with these lines.
    pub read_to: u64,
    pub before: &'a TreeState,
    /// The state of the tree with these lines.
    pub after: &'a TreeState,
    pub lines: &'a [NewLine],
}

impl CollectorSession {
    /// The position up to which each file has been collected, by the name of the file.
    ///
    /// # Errors
    /// As any read.
    pub async fn progress(&self) -> Result<HashMap<String, FileProgress>, Error> {
        let rows = self.connection.query("SELECT name, file_id, read_to FROM audit.files", &[]).await?;
        rows.iter()
            .map(|row| {
                let read_to = row.try_get::<_, i64>(2)?.unsigned_abs();
                Ok((row.try_get(0)?, FileProgress { file_id: Some(row.try_get(1)?), read_to }))
            })
            .collect()
    }

    /// The line that a file began with when it was first collected.
    ///
    /// # Errors
    /// As any read.
    pub async fn first_line(&self, file: &str) -> Result<Option<Vec<u8>>, Error> {
        let row = self
            .connection
            .query_opt(
                "SELECT l.raw FROM audit.lines l JOIN audit.files f USING (file_id) WHERE f.name = $1 AND l.file_offset = 0 ORDER BY l.line_no LIMIT 1",
                &[&file],
            )
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// The state of the tree over the collected lines.
    ///
    /// # Errors
    /// As any read.
    pub async fn line_tree(&self) -> Result<TreeState, Error> {
        let row = self
            .connection
            .query_one("SELECT size, frontier FROM audit.trees WHERE name = 'lines'", &[])
            .await?;
        Ok(TreeState { size: row.try_get::<_, i64>(0)?.unsigned_abs(), frontier: row.try_get(1)? })
    }

    /// Stores lines, all or none, and returns the key of their file.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] if the state of the database is not the one before the batch, because somebody else has
    /// collected. Otherwise as any write; after a lost connection, [`CollectorSession::progress`] tells what was
    /// stored.
    pub async fn keep_lines(&mut self, batch: &LineBatch<'_>) -> Result<i32, Error> {
        let transaction = self
            .connection
            .build_transaction()
            .isolation_level(tokio_postgres::IsolationLevel::ReadCommitted)
            .start()
            .await?;
        let row = transaction
            .query_one("SELECT size, frontier, greatest(collected_at, clock_timestamp()) FROM audit.trees WHERE name = 'lines' FOR UPDATE", &[])
            .await?;
        let found = TreeState { size: row.try_get::<_, i64>(0)?.unsigned_abs(), frontier: row.try_get(1)? };
        if found != *batch.before {
            return Err(moved("the tree over the lines"));
        }
        let collected_at: Timestamp = row.try_get(2)?;
        transaction.query_one("SELECT audit.ensure_month($1)", &[&collected_at]).await?;
        let (read_from, read_to) = (signed(batch.progress.read_to), signed(batch.read_to));
        let file_id: i32 = match batch.progress.file_id {
            Some(file_id) => file_id,
            None => transaction
                .query_one("INSERT INTO audit.files (name) VALUES ($1) RETURNING file_id", &[&batch.file])
                .await?
                .try_get(0)?,
        };
        copy_lines(&transaction, batch, file_id, collected_at).await?;
        let updated = transaction
            .execute("UPDATE audit.files SET read_to = $3, last_read_at = clock_timestamp() WHERE file_id = $1 AND read_to = $2", &[&file_id, &read_from, &read_to])
            .await?;
        if updated != 1 {
            return Err(moved(batch.file));
        }
        transaction
            .execute(
                "UPDATE audit.trees SET size = $1, frontier = $2, collected_at = $3 WHERE name = 'lines'",
                &[&signed(batch.after.size), &batch.after.frontier, &collected_at],
            )
            .await?;
        transaction.commit().await?;
        Ok(file_id)
    }
}

fn moved(what: &str) -> Error {
    Error::NotPrepared {
        message: format!(
            "{what} was changed by another process; is another collector running, or was the database restored?"
        ),
    }
}

async fn copy_lines(
    transaction: &deadpool_postgres::Transaction<'_>,
    batch: &LineBatch<'_>,
    file_id: i32,
    collected_at: Timestamp,
) -> Result<(), Error> {
    const TYPES: [Type; 16] = [
        Type::INT8,
        Type::TIMESTAMPTZ,
        Type::INT4,
        Type::INT8,
        Type::TIMESTAMPTZ,
        Type::TEXT,
        Type::INT8,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::BYTEA,
        Type::BYTEA,
    ];
    let sink = transaction.copy_in(COPY_LINES).await?;
    let writer = BinaryCopyInWriter::new(sink, &TYPES);
    pin_mut!(writer);
    for (number, line) in (batch.before.size..).zip(batch.lines) {
        let (number, offset, leaf_hash) =
            (signed(number), signed(line.file_offset), line.leaf_hash.as_slice());
        let columns = &line.columns;
        let row: [&(dyn ToSql + Sync); 16] = [
            &number,
            &collected_at,
            &file_id,
            &offset,
            &columns.logged_at,
            &columns.session_id,
            &columns.session_line,
            &columns.login,
            &columns.database,
            &columns.remote_host,
            &columns.severity,
            &columns.class,
            &columns.command,
            &columns.object_name,
            &line.raw,
            &leaf_hash,
        ];
        writer.as_mut().write(&row).await?;
    }
    writer.finish().await?;
    Ok(())
}
