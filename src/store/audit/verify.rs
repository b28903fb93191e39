//! The reads of a verification. All statements are short, so that no old snapshot delays vacuum on busy tables; a
//! remembered snapshot determines which rows belong together.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::super::{Error, Store};
use super::columns::{ColumnsDigest, LINE_COLUMNS, digest_of_row};
use super::session::signed;

/// How the error messages begin of the statements that fail before and after a mark.
pub const BEFORE_BARRIER: &str = "before the barrier";
/// How the error message begins of the statement that fails after a mark; see [`BEFORE_BARRIER`].
pub const BEHIND_BARRIER: &str = "behind the barrier";

/// The state of the database at one moment, by which later reads are delimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub snapshot: String,
    pub taken_at: Timestamp,
    /// No transaction that the snapshot does not show began before this time.
    pub since: String,
    /// The number of the next transaction, with its epoch.
    pub next_xid: u64,
    /// The name of the database.
    pub database: String,
    /// The identifier of this PostgreSQL installation (`system_identifier`).
    pub system: String,
    /// The open client sessions: start time and number of each process, in hexadecimal.
    pub sessions: HashSet<String>,
    /// How many lines have been collected.
    pub lines: u64,
}

/// A collected line, as it is stored.
#[derive(Debug, Clone)]
pub struct KeptLine {
    pub line_no: u64,
    /// The key of the file that it was read from.
    pub file_id: i32,
    pub file_offset: u64,
    pub raw: Vec<u8>,
    /// The stored hash of its leaf.
    pub leaf_hash: Vec<u8>,
    /// When it was collected; `None` if that cannot be read.
    pub collected_at: Option<Timestamp>,
    /// The digest of the columns beside it.
    pub columns: ColumnsDigest,
}

/// The outcome of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionOutcome {
    /// It was committed, and is visible in the remembered snapshot.
    Committed,
    RolledBack,
    /// It had not ended when the snapshot was taken.
    Later,
    /// The server no longer knows.
    Forgotten,
}

impl Store {
    /// The present moment.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_moment(&self) -> Result<Moment, Error> {
        let connection = self.connection().await?;
        // The sessions first: one that is listed was open at the moment, or ended just before it.
        let row = connection
            .query_one(
                "SELECT least(clock_timestamp(), min(xact_start))::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
                &[],
            )
            .await?;
        let since = row.try_get(0)?;
        let rows = connection
            .query(
                "SELECT to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(pid)
                 FROM pg_stat_activity WHERE backend_start IS NOT NULL",
                &[],
            )
            .await?;
        let sessions = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let row = connection
            .query_one(
                "SELECT pg_current_snapshot()::text, clock_timestamp(), pg_snapshot_xmax(pg_current_snapshot())::text, current_database()::text,
                        (SELECT size FROM audit.trees WHERE name = 'lines'), (SELECT system_identifier::text FROM pg_control_system())",
                &[],
            )
            .await?;
        let next_xid: String = row.try_get(2)?;
        Ok(Moment {
            snapshot: row.try_get(0)?,
            taken_at: row.try_get(1)?,
            since,
            next_xid: next_xid.parse().unwrap_or(0),
            database: row.try_get(3)?,
            lines: row.try_get::<_, i64>(4)?.unsigned_abs(),
            system: row.try_get(5)?,
            sessions,
        })
    }

    /// Writes a mark into the log. The records of everything that was committed before precede it there.
    ///
    /// # Errors
    /// As any statement.
    pub async fn audit_barrier(&self, token: Uuid) -> Result<(), Error> {
        let connection = self.connection_of_any_version().await?;
        // SET takes no parameters; a UUID needs no quoting.
        Ok(connection.batch_execute(&format!("SET stockroom.barrier = '{token}'")).await?)
    }

    /// Writes the mark again, between two statements that fail. These are logged whatever pgaudit records: if there is
    /// nothing between them in the log, the mark was not recorded.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn audit_barrier_between_errors(&self, token: Uuid) -> Result<(), Error> {
        let connection = self.connection_of_any_version().await?;
        for statement in [
            format!("SELECT '{BEFORE_BARRIER} {token}'::integer"),
            format!("SET stockroom.barrier = '{token}'"),
            format!("SELECT '{BEHIND_BARRIER} {token}'::integer"),
        ] {
            match connection.batch_execute(&statement).await {
                Err(error) if error.as_db_error().is_none() => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The collected lines that contain a mark: number, whether it is a record of pgaudit, and the line.
    ///
    /// # Errors
    /// As any read.
    pub async fn find_barrier(&self, token: Uuid, from: u64) -> Result<Vec<(u64, bool, Vec<u8>)>, Error> {
        let connection = self.connection().await?;
        let mark = token.to_string().into_bytes();
        let rows = connection
            .query(
                "SELECT line_no, coalesce(class = 'MISC', false), raw FROM audit.lines WHERE line_no >= $1 AND position($2 IN raw) > 0 ORDER BY line_no",
                &[&signed(from), &mark],
            )
            .await?;
        let line = |row: &tokio_postgres::Row| {
            Ok((row.try_get::<_, i64>(0)?.unsigned_abs(), row.try_get(1)?, row.try_get(2)?))
        };
        Ok(rows.iter().map(line).collect::<Result<_, tokio_postgres::Error>>()?)
    }

    /// The names of the log files, by key.
    ///
    /// # Errors
    /// As any read.
    pub async fn log_file_names(&self) -> Result<HashMap<i32, String>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query("SELECT file_id, name FROM audit.files", &[]).await?;
        Ok(rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, tokio_postgres::Error>>()?)
    }

    /// The collected lines from one number to before another.
    ///
    /// # Errors
    /// As any read.
    pub async fn kept_lines(&self, first: u64, end: u64) -> Result<Vec<KeptLine>, Error> {
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(&format!("SELECT line_no, file_id, file_offset, raw, leaf_hash, collected_at, {LINE_COLUMNS} FROM audit.lines WHERE line_no >= $1 AND line_no < $2 ORDER BY line_no"))
            .await?;
        let (first, end) = (signed(first), signed(end));
        let parameters: [&(dyn ToSql + Sync); 2] = [&first, &end];
        let rows = connection.query_raw(&statement, parameters).await?;
        futures_util::pin_mut!(rows);
        let mut lines = Vec::new();
        while let Some(row) = rows.try_next().await? {
            lines.push(KeptLine {
                line_no: row.try_get::<_, i64>(0)?.unsigned_abs(),
                file_id: row.try_get(1)?,
                file_offset: row.try_get::<_, i64>(2)?.unsigned_abs(),
                raw: row.try_get(3)?,
                leaf_hash: row.try_get(4)?,
                collected_at: row.try_get(5).ok(),
                columns: digest_of_row(&row, 6)?,
            });
        }
        Ok(lines)
    }

    /// The outcomes of transactions.
    ///
    /// # Errors
    /// As any read.
    pub async fn outcomes(
        &self,
        xids: &[u64],
        moment: &Moment,
    ) -> Result<HashMap<u64, TransactionOutcome>, Error> {
        let connection = self.connection().await?;
        let texts: Vec<String> = xids.iter().map(ToString::to_string).collect();
        // pg_xact_status fails for a number that has not been assigned, hence the comparison.
        let rows = connection
            .query(
                "SELECT x, CASE WHEN x::xid8 >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()) THEN 'in progress' ELSE pg_catalog.pg_xact_status(x::xid8) END,
                        pg_catalog.pg_visible_in_snapshot(x::xid8, $2::text::pg_snapshot)
                 FROM pg_catalog.unnest($1::text[]) AS x",
                &[&texts, &moment.snapshot],
            )
            .await?;
        let mut outcomes = HashMap::with_capacity(rows.len());
        for row in &rows {
            let xid: u64 = row.try_get::<_, &str>(0)?.parse().unwrap_or(0);
            let outcome = match (row.try_get::<_, Option<&str>>(1)?, row.try_get::<_, bool>(2)?) {
                (Some("aborted"), _) => TransactionOutcome::RolledBack,
                (Some("committed"), true) => TransactionOutcome::Committed,
                (Some(_), _) => TransactionOutcome::Later,
                (None, _) => TransactionOutcome::Forgotten,
            };
            outcomes.insert(xid, outcome);
        }
        Ok(outcomes)
    }
}
