//! The rows of the ledger, each with the leaf under which it was sealed.

use futures_util::TryStreamExt as _;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::super::{Error, Store};
use super::facts::{COLUMNS, STORED_COLUMNS, SealedMovement};
use super::verify::Moment;
use super::writer::{Writer, visible, written_by};

/// The memory (`work_mem`) for joining rows and leaves without temporary files.
const JOIN_MEMORY: &str = "256MB";
/// How many rows without an id are reported one by one.
const NAMELESS_ROWS_MAX: i64 = 100;

/// A row of the ledger with a value that no posting can have: a quantity that is not a number, a time outside the
/// calendar, or a missing value where one is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableRow {
    pub id: Option<Uuid>,
}

/// A row of the ledger with its leaf.
#[derive(Debug, Clone)]
pub struct LedgerEntry {
    /// The row; `None` if it was sealed and is gone.
    pub movement: Option<Result<SealedMovement, UnreadableRow>>,
    /// Its leaf (number, movement, stored hash); `None` if it was never sealed.
    pub leaf: Option<(u64, Uuid, Vec<u8>)>,
    /// Whether the transaction that wrote it is visible in the remembered snapshot.
    pub visible: bool,
    /// Whether it is visible in the snapshot of the scope: it has been verified before, and only its leaf is new.
    pub judged: bool,
    pub writer: Writer,
}

/// Which rows of the ledger to read.
#[derive(Debug, Clone)]
pub enum LedgerScope {
    All,
    /// Rows that a snapshot does not show, posted since a time, and the leaves from a number on.
    Since {
        snapshot: String,
        /// No transaction that the snapshot does not show began before this time.
        since: String,
        leaf: u64,
    },
}

fn entry(row: &Row) -> Result<LedgerEntry, Error> {
    let movement = if row.try_get::<_, Option<bool>>(18)?.is_some() {
        let unreadable = |_| UnreadableRow { id: row.try_get(0).ok().flatten() };
        Some(SealedMovement::from_row(row).map_err(unreadable))
    } else {
        None
    };
    let leaf = match row.try_get::<_, Option<i64>>(21)? {
        Some(leaf_no) => Some((leaf_no.unsigned_abs(), row.try_get(22)?, row.try_get(23)?)),
        None => None,
    };
    Ok(LedgerEntry {
        movement,
        leaf,
        visible: row.try_get::<_, Option<bool>>(18)?.unwrap_or(true),
        judged: row.try_get::<_, Option<bool>>(19)?.unwrap_or(false),
        writer: Writer::read(row.try_get(20)?),
    })
}

impl Store {
    /// Reads rows of the ledger with their leaves, in no particular order, and passes each to `take`.
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
        transaction.query_one("SELECT pg_catalog.set_config('work_mem', $1, true)", &[&JOIN_MEMORY]).await?;
        // The texts of snapshots and times come from the server itself.
        let columns = |judged: &str| {
            format!(
                "{STORED_COLUMNS}, {} AS visible, {judged} AS judged, {} AS written_by",
                visible("r", &moment.snapshot),
                written_by("r")
            )
        };
        let (rows, leaves) = match scope {
            LedgerScope::All => {
                let all = columns("false");
                (format!("(SELECT {all} FROM stock.transactions r)"), "audit.sealed".to_owned())
            }
            LedgerScope::Since { snapshot, since, leaf } => {
                let judged = visible("r", snapshot);
                let all = columns(&judged);
                let rows = format!(
                    "(SELECT {all} FROM stock.transactions r WHERE r.posted_at >= '{since}'::timestamptz AND NOT {judged}
                      UNION
                      SELECT {all} FROM audit.sealed l JOIN stock.transactions r ON r.id = l.id AND r.occurred_at = l.occurred_at WHERE l.leaf_no >= {leaf})"
                );
                (rows, format!("(SELECT * FROM audit.sealed WHERE leaf_no >= {leaf})"))
            }
        };
        let select = format!(
            "SELECT {COLUMNS}, t.visible, t.judged, t.written_by, s.leaf_no, s.id, s.leaf_hash FROM {rows} t FULL JOIN {leaves} s ON s.id = t.id"
        );
        let rows = transaction.query_raw(&select, std::iter::empty::<&(dyn ToSql + Sync)>()).await?;
        futures_util::pin_mut!(rows);
        while let Some(row) = rows.try_next().await? {
            take(entry(&row)?);
        }
        Ok(())
    }

    /// A row of the ledger that cannot be read, as text of the server; rows without an id are described together.
    ///
    /// # Errors
    /// As any read.
    pub async fn unreadable_movement(&self, row: UnreadableRow) -> Result<String, Error> {
        let connection = self.connection().await?;
        let condition = if row.id.is_some() { "t.id = $1" } else { "t.id IS NULL AND $1::uuid IS NULL" };
        let select = format!(
            "SELECT pg_catalog.string_agg(r.words, '; ') FROM (SELECT t::text AS words FROM stock.transactions t WHERE {condition} ORDER BY 1 LIMIT {NAMELESS_ROWS_MAX}) r"
        );
        let row = connection.query_one(&select, &[&row.id]).await?;
        Ok(row.try_get::<_, Option<String>>(0)?.unwrap_or_default())
    }
}
