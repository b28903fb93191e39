//! What a verification reads. Everything is read in short statements, so that no old snapshot keeps the
//! clean-up of busy tables waiting; what belongs together is told by a snapshot that is remembered.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::super::{Error, Store};
use super::facts::{COLUMNS, CountFacts, SealedMovement};
use super::session::signed;

/// The memory that the server may use to bring rows and leaves together, so that it need not write to disk.
const JOIN_MEMORY: &str = "256MB";
/// The transaction that wrote a row of the ledger as it lies there, where the row names another one. What is
/// posted names the transaction that writes it, and is never changed.
const WRITTEN_BY: &str = "CASE WHEN xmin <> xid::xid THEN xmin::text END AS written_by";

/// What the statements begin their mistake with that fail before and behind a mark.
pub const BEFORE_BARRIER: &str = "before the barrier";
/// See [`BEFORE_BARRIER`].
pub const BEHIND_BARRIER: &str = "behind the barrier";

/// A moment in the life of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Which transactions have happened.
    pub snapshot: String,
    /// The server's clock.
    pub taken_at: Timestamp,
    /// No transaction that the snapshot does not show began before this time.
    pub since: String,
    /// The number of the next transaction, with its epoch.
    pub next_xid: u64,
    /// The database, and the installation that it is part of.
    pub database: String,
    /// The number that tells this installation of PostgreSQL from every other.
    pub system: String,
    /// The client sessions that are open: start time and number of the process, hexadecimal.
    pub sessions: HashSet<String>,
    /// How many lines have been collected.
    pub lines: u64,
}

/// A collected line.
#[derive(Debug, Clone)]
pub struct KeptLine {
    /// Its number.
    pub line_no: u64,
    /// The file that it was in.
    pub file_id: i32,
    /// Its place there.
    pub file_offset: u64,
    /// The line.
    pub raw: Vec<u8>,
    /// The hash that was stored with it.
    pub leaf_hash: Vec<u8>,
}

/// A row of the ledger, and which leaf it is.
#[derive(Debug, Clone)]
pub struct LedgerEntry {
    /// The row; `None` when it was sealed and is gone.
    pub movement: Option<SealedMovement>,
    /// Its leaf: number, movement and stored hash; `None` when it was never sealed.
    pub leaf: Option<(u64, Uuid, Vec<u8>)>,
    /// Whether the remembered snapshot shows it.
    pub visible: bool,
    /// Whether the snapshot of the scope shows it: it was judged before, and only its leaf is new.
    pub judged: bool,
    /// The transaction that wrote the row as it lies there, where it is not the one that the row names.
    pub written_by: Option<u32>,
}

/// Which rows of the ledger to read.
#[derive(Debug, Clone)]
pub enum LedgerScope {
    /// All of them.
    All,
    /// What a snapshot does not show, posted since a time, and the leaves from a number on.
    Since {
        /// The snapshot.
        snapshot: String,
        /// No transaction that it does not show began before this time.
        since: String,
        /// The first leaf.
        leaf: u64,
    },
}

/// A row of `stock.stock_counts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRow {
    /// What was counted.
    pub facts: CountFacts,
    /// Who counted.
    pub posted_by: String,
    /// The transaction.
    pub xid: u64,
    /// Whether the remembered snapshot shows it.
    pub visible: bool,
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was committed, and the remembered snapshot shows it.
    Committed,
    /// It was rolled back.
    RolledBack,
    /// It was not over when the snapshot was taken.
    Later,
    /// The server has forgotten it.
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

    /// Writes a mark into the log: everything that was committed before is in the log before it.
    ///
    /// # Errors
    /// As any statement.
    pub async fn audit_barrier(&self, token: Uuid) -> Result<(), Error> {
        let connection = self.connection().await?;
        // SET takes no parameters; a UUID needs no quoting that could go wrong.
        Ok(connection.batch_execute(&format!("SET stockroom.barrier = '{token}'")).await?)
    }

    /// Writes the mark once more, between two statements that fail: these leave their lines whatever is recorded, and
    /// when nothing stands between them, the mark in their middle was not.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn audit_barrier_between_errors(&self, token: Uuid) -> Result<(), Error> {
        let connection = self.connection().await?;
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

    /// The collected lines that hold a mark: number, whether it is a record of pgaudit, and the line.
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

    /// The names of the log files by their keys.
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

    /// The collected lines from one number up to below another.
    ///
    /// # Errors
    /// As any read.
    pub async fn kept_lines(&self, first: u64, end: u64) -> Result<Vec<KeptLine>, Error> {
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached("SELECT line_no, file_id, file_offset, raw, leaf_hash FROM audit.lines WHERE line_no >= $1 AND line_no < $2 ORDER BY line_no")
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
            });
        }
        Ok(lines)
    }

    /// Reads rows of the ledger with their leaves, in no order, and gives each to `take`.
    ///
    /// # Errors
    /// As any read.
    pub async fn ledger_entries(
        &self,
        scope: &LedgerScope,
        moment: &Moment,
        mut take: impl FnMut(LedgerEntry),
    ) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.build_transaction().read_only(true).start().await?;
        transaction.query_one("SELECT set_config('work_mem', $1, true)", &[&JOIN_MEMORY]).await?;
        // The texts of snapshots and times come from the server itself.
        let visible = format!("pg_visible_in_snapshot(t.xid, '{}'::pg_snapshot)", moment.snapshot);
        let (judged, rows, leaves) = match scope {
            LedgerScope::All => ("false".to_owned(), format!("(SELECT *, {WRITTEN_BY} FROM stock.transactions)"), "audit.sealed".to_owned()),
            LedgerScope::Since { snapshot, since, leaf } => (
                format!("coalesce(pg_visible_in_snapshot(t.xid, '{snapshot}'::pg_snapshot), false)"),
                format!(
                    "(SELECT *, {WRITTEN_BY} FROM stock.transactions WHERE posted_at >= '{since}'::timestamptz AND NOT pg_visible_in_snapshot(xid, '{snapshot}'::pg_snapshot)
                      UNION
                      SELECT r.*, CASE WHEN r.xmin <> r.xid::xid THEN r.xmin::text END FROM audit.sealed l JOIN stock.transactions r ON r.id = l.id AND r.occurred_at = l.occurred_at WHERE l.leaf_no >= {leaf})"
                ),
                format!("(SELECT * FROM audit.sealed WHERE leaf_no >= {leaf})"),
            ),
        };
        let select = format!(
            "SELECT {COLUMNS}, coalesce({visible}, true), s.leaf_no, s.id, s.leaf_hash, {judged}, t.written_by FROM {rows} t FULL JOIN {leaves} s ON s.id = t.id"
        );
        let rows = transaction.query_raw(&select, std::iter::empty::<&(dyn ToSql + Sync)>()).await?;
        futures_util::pin_mut!(rows);
        while let Some(row) = rows.try_next().await? {
            let leaf_no: Option<i64> = row.try_get(18)?;
            take(LedgerEntry {
                movement: match row.try_get::<_, Option<Uuid>>(0)? {
                    Some(_) => Some(SealedMovement::from_row(&row)?),
                    None => None,
                },
                leaf: match leaf_no {
                    Some(leaf_no) => Some((leaf_no.unsigned_abs(), row.try_get(19)?, row.try_get(20)?)),
                    None => None,
                },
                visible: row.try_get(17)?,
                judged: row.try_get(21)?,
                written_by: row.try_get::<_, Option<&str>>(22)?.and_then(|xid| xid.parse().ok()),
            });
        }
        Ok(())
    }

    /// Reads the counts of a scope.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_counts(&self, scope: &LedgerScope, moment: &Moment) -> Result<Vec<CountRow>, Error> {
        let judged = match scope {
            LedgerScope::All => None,
            LedgerScope::Since { snapshot, .. } => Some(snapshot.as_str()),
        };
        self.read_counts(moment, judged, None).await
    }

    /// Reads some counts, by their ids.
    ///
    /// # Errors
    /// As any read.
    pub async fn counts_of(&self, ids: &[Uuid], moment: &Moment) -> Result<Vec<CountRow>, Error> {
        self.read_counts(moment, None, Some(ids)).await
    }

    async fn read_counts(
        &self,
        moment: &Moment,
        judged: Option<&str>,
        ids: Option<&[Uuid]>,
    ) -> Result<Vec<CountRow>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT id, counted_at, posting_id, product_id, location_id, lot_id, counted, posted_by::text, xid::text, pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
                 FROM stock.stock_counts
                 WHERE ($2::text IS NULL OR NOT pg_visible_in_snapshot(xid, $2::text::pg_snapshot)) AND ($3::uuid[] IS NULL OR id = ANY ($3))",
                &[&moment.snapshot, &judged, &ids],
            )
            .await?;
        rows.iter()
            .map(|row| {
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
                    posted_by: row.try_get(7)?,
                    xid: row.try_get::<_, &str>(8)?.parse().unwrap_or(0),
                    visible: row.try_get(9)?,
                })
            })
            .collect()
    }

    /// What became of transactions.
    ///
    /// # Errors
    /// As any read.
    pub async fn fates(&self, xids: &[u64], moment: &Moment) -> Result<HashMap<u64, Fate>, Error> {
        let connection = self.connection().await?;
        let texts: Vec<String> = xids.iter().map(ToString::to_string).collect();
        // A number that has not been given out is an error for pg_xact_status, hence the comparison.
        let rows = connection
            .query(
                "SELECT x, CASE WHEN x::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) THEN 'in progress' ELSE pg_xact_status(x::xid8) END,
                        pg_visible_in_snapshot(x::xid8, $2::text::pg_snapshot)
                 FROM unnest($1::text[]) AS x",
                &[&texts, &moment.snapshot],
            )
            .await?;
        let mut fates = HashMap::with_capacity(rows.len());
        for row in &rows {
            let xid: u64 = row.try_get::<_, &str>(0)?.parse().unwrap_or(0);
            let fate = match (row.try_get::<_, Option<&str>>(1)?, row.try_get::<_, bool>(2)?) {
                (Some("aborted"), _) => Fate::RolledBack,
                (Some("committed"), true) => Fate::Committed,
                (Some(_), _) => Fate::Later,
                (None, _) => Fate::Forgotten,
            };
            fates.insert(xid, fate);
        }
        Ok(fates)
    }
}
