//! Counts and changes to master data as they are sealed: rows of two tables in one tree.

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::super::row::{self, FromRow};
use super::super::{Error, Store};
use super::ledger::LedgerScope;
use super::session::signed;
use super::verify::Moment;
use super::writer::{Writer, visible, written_by};

/// How many differences between rows of master data and their history are reported.
const DIFFERENCES_MAX: i64 = 1_000;
/// The history `e` of the events of orders that were changed. What is no id has no events.
const EVENTS_OF_CHANGED: &str = "e.row_key IN (
    SELECT v.id::text FROM stock.order_events v
    WHERE v.order_id IN (SELECT c.order_id::uuid FROM changed c WHERE c.order_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'))";

/// Which of the two tables a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowSource {
    /// A row of `stock.stock_counts`.
    Count,
    /// A row of `stock.master_history`, which has every change to master data and orders.
    Change,
}

/// A row as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// The bytes of its leaf: the row as JSON.
    pub leaf: String,
    /// The table that was changed; only for a change.
    pub table: Option<String>,
    /// insert, update, delete or existing; only for a change.
    pub operation: Option<String>,
    pub login: Option<String>,
    pub xid: u64,
    /// When the server inserted it; `None` if that cannot be read.
    pub at: Option<Timestamp>,
    /// Whether the transaction that wrote it is visible in the remembered snapshot.
    pub visible: bool,
    /// Whether an earlier verification has covered it, and only its leaf is new.
    pub judged: bool,
    pub writer: Writer,
    /// The row before the change, as JSON; only for a change to a row that existed.
    pub before: Option<String>,
}

/// A row with its leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowEntry {
    pub source: RowSource,
    pub row_id: String,
    /// The row; `None` if it was sealed and is gone.
    pub row: Option<SealedRow>,
    /// Number and stored hash of its leaf; `None` if it was never sealed.
    pub leaf: Option<(u64, Vec<u8>)>,
}

/// Data keys of one kind of subject that do not fit the privacy events: how many there are, and how many restricted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongDataKeys {
    /// partner or person.
    pub kind: String,
    pub expected: (i64, i64),
    pub found: (i64, i64),
}

/// A row of master data that differs from its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterDifference {
    pub table: String,
    pub key: String,
    /// The row after its last recorded change, as JSON; `None` if it was deleted or never recorded.
    pub history: Option<String>,
    /// The row as it is in its table.
    pub present: Option<String>,
}

/// One change in the history of master data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterChange {
    /// Its number in the history.
    pub number: i64,
    pub table: String,
    pub key: String,
    /// insert, update or delete.
    pub operation: String,
    pub login: String,
    /// When, as the server writes it.
    pub at: String,
}

impl FromRow for MasterChange {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            number: row.try_get("change_no")?,
            table: row.try_get("table_name")?,
            key: row.try_get("row_key")?,
            operation: row.try_get("operation")?,
            login: row.try_get("changed_by")?,
            at: row.try_get("changed_at")?,
        })
    }
}

/// A change to an order or a line that was made after the order was confirmed, or to a draft by another than its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForbiddenChange {
    pub change: MasterChange,
    /// The author of the draft; `None` if the order had been confirmed.
    pub author: Option<String>,
}

impl FromRow for ForbiddenChange {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { change: MasterChange::from_row(row)?, author: row.try_get("author")? })
    }
}

/// The statement that reads the rows. `parts` gives, for a table by its letter, the expressions for whether a row is
/// visible, whether it has been verified before, and which rows are wanted.
pub(super) fn select_rows(parts: impl Fn(&str) -> [String; 3]) -> String {
    let mut sql = include_str!("sealed_rows.sql").to_owned();
    for table in ["c", "h"] {
        let [visible, judged, condition] = parts(table);
        for (name, text) in [
            ("visible", visible),
            ("judged", judged),
            ("condition", condition),
            ("written_by", written_by(table)),
        ] {
            sql = sql.replace(&format!("{{{table}.{name}}}"), &text);
        }
    }
    sql
}

/// The name of the source of a table's rows, the expression for the key under which they are sealed, and that for their
/// time.
pub(super) fn key(table: &str) -> (&'static str, &'static str, &'static str) {
    if table == "c" {
        ("count", "c.id::text", "c.posted_at")
    } else {
        ("change", "h.change_no::text", "h.changed_at")
    }
}

fn source(name: &str) -> RowSource {
    if name == "count" { RowSource::Count } else { RowSource::Change }
}

fn entry(row: &Row) -> Result<RowEntry, Error> {
    let sealed = match row.try_get::<_, Option<String>>(2)? {
        Some(leaf) => Some(SealedRow {
            leaf,
            table: row.try_get(3)?,
            operation: row.try_get(4)?,
            login: row.try_get(5)?,
            xid: row.try_get::<_, Option<&str>>(6)?.and_then(|xid| xid.parse().ok()).unwrap_or(0),
            at: row.try_get(7).ok().flatten(),
            visible: row.try_get::<_, Option<bool>>(8)?.unwrap_or(true),
            judged: row.try_get::<_, Option<bool>>(9)?.unwrap_or(false),
            writer: Writer::read(row.try_get(10)?),
            before: row.try_get(13)?,
        }),
        None => None,
    };
    let leaf = match row.try_get::<_, Option<i64>>(11)? {
        Some(number) => Some((number.unsigned_abs(), row.try_get(12)?)),
        None => None,
    };
    Ok(RowEntry {
        source: source(row.try_get(0)?),
        row_id: row.try_get::<_, Option<String>>(1)?.unwrap_or_default(),
        row: sealed,
        leaf,
    })
}

impl Store {
    /// Reads the counts and changes to master data of a scope, with their leaves from a number on.
    ///
    /// # Errors
    /// As any read.
    pub async fn row_entries(
        &self,
        scope: &LedgerScope,
        moment: &Moment,
        first_leaf: u64,
    ) -> Result<Vec<RowEntry>, Error> {
        let connection = self.connection().await?;
        let rows = select_rows(|table| {
            let (source, key, _) = key(table);
            let (judged, condition) = match scope {
                LedgerScope::All => ("false".to_owned(), "true".to_owned()),
                LedgerScope::Since { snapshot, .. } => {
                    let judged = visible(table, snapshot);
                    let condition = format!(
                        "(NOT {judged} OR EXISTS (SELECT FROM audit.sealed_rows l WHERE l.leaf_no >= {first_leaf} AND l.source = '{source}' AND l.row_id = {key}))"
                    );
                    (judged, condition)
                }
            };
            [visible(table, &moment.snapshot), judged, condition]
        });
        let select = format!(
            "SELECT coalesce(r.source, s.source), coalesce(r.row_id, s.row_id), r.leaf, r.table_name, r.operation, r.login, r.xid, r.at, r.is_visible, r.is_judged,
                    r.written_by, s.leaf_no, s.leaf_hash,
                    CASE WHEN r.operation IN ('update', 'delete') THEN
                        (SELECT b.row_values::text FROM stock.master_history b
                         WHERE b.table_name = r.table_name AND b.row_key = r.leaf::jsonb ->> 'row_key' AND b.change_no < r.row_id::bigint
                         ORDER BY b.change_no DESC LIMIT 1) END
             FROM ({rows}) r
             FULL JOIN (SELECT * FROM audit.sealed_rows WHERE leaf_no >= $1) s ON s.source = r.source AND s.row_id = r.row_id"
        );
        let rows = connection.query(&select, &[&signed(first_leaf)]).await?;
        rows.iter().map(entry).collect()
    }

    /// The rows of master data that differ from their history.
    ///
    /// # Errors
    /// As any read.
    pub async fn master_differences(&self) -> Result<Vec<MasterDifference>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("master_differences.sql"), &[&DIFFERENCES_MAX]).await?;
        rows.iter()
            .map(|row| {
                Ok(MasterDifference {
                    table: row.try_get(0)?,
                    key: row.try_get(1)?,
                    history: row.try_get(2)?,
                    present: row.try_get(3)?,
                })
            })
            .collect()
    }

    /// Changes to orders and lines that were made after the order was confirmed, without an event that adds the line, and
    /// changes to drafts by others than their authors.
    ///
    /// # Errors
    /// As any read.
    pub async fn forbidden_order_changes(&self, scope: &LedgerScope) -> Result<Vec<ForbiddenChange>, Error> {
        let connection = self.connection().await?;
        let (newer, concerned) = match scope {
            LedgerScope::All => ("true".to_owned(), "true"),
            LedgerScope::Since { snapshot, since, .. } => {
                let seen = visible("h", snapshot);
                (format!("h.changed_at >= '{since}'::timestamptz AND NOT {seen}"), EVENTS_OF_CHANGED)
            }
        };
        let select = include_str!("forbidden_order_changes.sql")
            .replace("{newer}", &newer)
            .replace("{concerned}", concerned);
        let rows = connection.query(&select, &[&DIFFERENCES_MAX]).await?;
        row::all(&rows)
    }

    /// Changes with a lower number than an earlier change of the same row.
    ///
    /// # Errors
    /// As any read.
    pub async fn changes_out_of_order(&self) -> Result<Vec<MasterChange>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("changes_out_of_order.sql"), &[&DIFFERENCES_MAX]).await?;
        row::all(&rows)
    }

    /// Former values of products that differ from the history of master data: the product, whether the row is there, and its values.
    ///
    /// # Errors
    /// As any read.
    pub async fn wrong_product_history(&self) -> Result<Vec<(i64, bool, String)>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("product_history.sql"), &[&DIFFERENCES_MAX]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// The kinds of subjects of which there are more or fewer data keys than the privacy events tell.
    ///
    /// # Errors
    /// As any read.
    pub async fn wrong_data_keys(&self) -> Result<Vec<WrongDataKeys>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("data_keys.sql"), &[]).await?;
        rows.iter()
            .map(|row| {
                let pair =
                    |at: usize| -> Result<(i64, i64), Error> { Ok((row.try_get(at)?, row.try_get(at + 1)?)) };
                Ok(WrongDataKeys { kind: row.try_get(0)?, expected: pair(1)?, found: pair(3)? })
            })
            .collect()
    }

    /// How many changes to a table the history has from one transaction.
    ///
    /// # Errors
    /// As any read.
    pub async fn changes_by(&self, txid: u32, table: &str) -> Result<u64, Error> {
        let connection = self.connection().await?;
        let select = "SELECT pg_catalog.count(*) FROM stock.master_history h WHERE h.table_name = $1 AND h.xid::xid = $2::text::xid";
        let row = connection.query_one(select, &[&table, &txid.to_string()]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// Which of these rows of a table were inserted by this login in one transaction, according to the history.
    ///
    /// # Errors
    /// As any read.
    pub async fn inserted_by(
        &self,
        txid: u32,
        login: &str,
        table: &str,
        ids: &[Uuid],
    ) -> Result<Vec<Uuid>, Error> {
        let connection = self.connection().await?;
        let keys: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let select = "SELECT h.row_key FROM stock.master_history h WHERE h.table_name = $1 AND h.operation = 'insert' AND h.row_key = ANY ($2) AND h.xid::xid = $3::text::xid AND h.changed_by = $4::text";
        let rows = connection.query(select, &[&table, &keys, &txid.to_string(), &login]).await?;
        let ids = rows.iter().map(|row| row.try_get::<_, String>(0)).collect::<Result<Vec<_>, _>>()?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// The low half of the number of the transaction that began the history of master data, found by the migration that
    /// it ran.
    ///
    /// # Errors
    /// As any read.
    pub async fn history_begun_by(&self) -> Result<Option<u32>, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_opt("SELECT xmin::text FROM stock.schema_history WHERE version = 16", &[])
            .await?;
        Ok(row.map(|row| row.try_get::<_, String>(0)).transpose()?.and_then(|xid| xid.parse().ok()))
    }
}
