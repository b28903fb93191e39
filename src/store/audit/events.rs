//! Queries over the collected lines: newest first for people, oldest first for export, and totals.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::read::query::Query;
use super::super::{Error, Store};
use super::session::signed;
use crate::domain::{Anchor, AuditHealth, DaySum, EventFilter, LogFlood, PAGE_ROWS_MAX, Page};

/// How many events a listing shows if no limit is given.
pub const EVENTS_DEFAULT: u32 = 50;
/// How many lines one page of an export holds.
pub const EVENTS_PER_PAGE: usize = 5_000;

const COLUMNS: &str = "line_no, collected_at, raw";

/// Logins, failed logins and ends of sessions. Text that a client can influence comes after these words in a message,
/// never before them.
const LOGINS: &str = "(class IS NULL AND (position('\"message\":\"connection authorized:'::bytea IN raw) > 0
     OR position('\"message\":\"replication connection authorized:'::bytea IN raw) > 0
     OR position('\"message\":\"disconnection:'::bytea IN raw) > 0
     OR (severity = 'FATAL' AND position('\"state_code\":\"28'::bytea IN raw) > 0)))";

/// Lines about statements or connections that were refused or failed.
const ERRORS: &str = "severity IN ('ERROR', 'FATAL', 'PANIC')";

/// A collected line as the login may read it: auditors in full, others without literals. What is displayed is computed
/// from the line itself; the columns beside it only serve to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub line_no: u64,
    pub collected_at: Timestamp,
    pub raw: Vec<u8>,
}

fn event(row: &Row) -> Result<EventRow, Error> {
    Ok(EventRow {
        line_no: row.try_get::<_, i64>(0)?.unsigned_abs(),
        collected_at: row.try_get(1)?,
        raw: row.try_get(2)?,
    })
}

/// Whether the page is anchored at its end, so that it is read backwards from there.
fn ends_there(filter: &EventFilter) -> bool {
    matches!(filter.anchor, Anchor::End | Anchor::Before(_))
}

/// The statement of a listing. Lines are examined in the order of their numbers until enough are found.
fn query(filter: &EventFilter) -> Query {
    let mut query = Query::of("");
    let mut conditions = vec!["true".to_owned()];
    let columns = [
        ("login", &filter.login),
        ("object_name", &filter.object),
        ("remote_host", &filter.host),
        ("session_id", &filter.session),
    ];
    for (column, value) in columns {
        if let Some(value) = value {
            conditions.push(format!("{column} = {}", query.bind(value.clone())));
        }
    }
    if !filter.classes.is_empty() {
        conditions.push(format!("class = ANY ({})", query.bind(filter.classes.clone())));
    }
    if let Some(text) = &filter.text {
        conditions.push(format!("position({} IN raw) > 0", query.bind(within_json(text))));
    }
    if let Some(since) = filter.since {
        let place = query.bind(since);
        conditions.push(format!("logged_at >= {place} AND collected_at >= {place}"));
    }
    if let Some(until) = filter.until {
        conditions.push(format!("logged_at <= {}", query.bind(until)));
    }
    if filter.logins_only {
        conditions.push(LOGINS.to_owned());
    }
    if filter.errors_only {
        conditions.push(ERRORS.to_owned());
    }
    if filter.records_only {
        conditions.push(format!("(class IS NOT NULL OR {ERRORS})"));
    }
    let bound = match filter.anchor {
        Anchor::Start | Anchor::End => None,
        Anchor::After(line) => Some(("<", line)),
        Anchor::From(line) => Some(("<=", line)),
        Anchor::Before(line) => Some((">", line)),
    };
    if let Some((comparison, line)) = bound {
        conditions.push(format!("line_no {comparison} {}", query.bind(signed(line))));
    }
    let order = if ends_there(filter) { "ASC" } else { "DESC" };
    let limit = query.bind(i64::from(filter.limit.unwrap_or(EVENTS_DEFAULT)));
    query.text = format!(
        "SELECT {COLUMNS} FROM audit.log_entries WHERE {} ORDER BY line_no {order} LIMIT {limit}",
        conditions.join(" AND ")
    );
    query
}

/// A text as it is encoded within a line of jsonlog.
fn within_json(text: &str) -> Vec<u8> {
    let quoted = serde_json::Value::from(text).to_string();
    // Without the quotation marks, which are one byte each.
    quoted.as_bytes()[1..quoted.len() - 1].to_vec()
}

impl Store {
    /// Lists collected lines, the newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_events(&self, filter: &EventFilter) -> Result<Vec<EventRow>, Error> {
        let connection = self.connection().await?;
        let mut rows: Vec<EventRow> =
            query(filter).run(&connection).await?.iter().map(event).collect::<Result<_, _>>()?;
        if ends_there(filter) {
            rows.reverse();
        }
        Ok(rows)
    }

    /// A page of the same list, and whether there is more before and after it.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_events_page(&self, filter: &EventFilter) -> Result<Page<EventRow>, Error> {
        let limit = filter.limit.unwrap_or(EVENTS_DEFAULT).clamp(1, PAGE_ROWS_MAX.into());
        let rows = self.audit_events(&EventFilter { limit: Some(limit + 1), ..filter.clone() }).await?;
        Ok(Page::cut(rows, &filter.anchor, limit as usize))
    }

    /// One collected line.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_event(&self, line_no: u64) -> Result<Option<EventRow>, Error> {
        let connection = self.connection().await?;
        let select = format!("SELECT {COLUMNS} FROM audit.log_entries WHERE line_no = $1");
        connection.query_opt(&select, &[&signed(line_no)]).await?.as_ref().map(event).transpose()
    }

    /// The next page of all collected lines, the oldest first, from a number on.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_page(&self, from: u64, since: Option<Timestamp>) -> Result<Vec<EventRow>, Error> {
        let connection = self.connection().await?;
        let select = format!(
            "SELECT {COLUMNS} FROM audit.log_entries WHERE line_no >= $1 AND ($2::timestamptz IS NULL OR (logged_at >= $2 AND collected_at >= $2)) ORDER BY line_no LIMIT $3"
        );
        let limit = i64::try_from(EVENTS_PER_PAGE).unwrap_or(i64::MAX);
        let rows = connection.query(&select, &[&signed(from), &since, &limit]).await?;
        rows.iter().map(event).collect()
    }

    /// The logins that wrote more than a number of entries or bytes into the log within the last hour, not
    /// counting records of the class WRITE, judged by the newest `entries_max` entries. The size of an entry is derived
    /// from the position of the next one.
    ///
    /// # Errors
    /// As any read.
    pub async fn log_floods(
        &self,
        entries_max: u64,
        entries: u64,
        bytes: u64,
    ) -> Result<Vec<LogFlood>, Error> {
        let connection = self.connection().await?;
        let parameters: [&(dyn ToSql + Sync); 3] = [&signed(entries_max), &signed(entries), &signed(bytes)];
        let rows = connection.query(include_str!("log_floods.sql"), &parameters).await?;
        rows.iter()
            .map(|row| {
                Ok(LogFlood {
                    login: row.try_get(0)?,
                    entries: row.try_get::<_, i64>(1)?.unsigned_abs(),
                    bytes: row.try_get::<_, i64>(2)?.unsigned_abs(),
                    since: row.try_get(3)?,
                })
            })
            .collect()
    }

    /// Whether this login may read collected lines in full.
    ///
    /// # Errors
    /// As any read.
    pub async fn may_read_lines(&self) -> Result<bool, Error> {
        let select = "SELECT pg_catalog.has_column_privilege('audit.lines', 'raw', 'SELECT')";
        Ok(self.connection().await?.query_one(select, &[]).await?.try_get(0)?)
    }

    /// The state of collecting and sealing.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_health(&self) -> Result<AuditHealth, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'stock_collector' AND datname = current_database()),
                        (SELECT extract(epoch FROM clock_timestamp() - nullif(collected_at, '-infinity'))::bigint FROM audit.trees WHERE name = 'ledger'),
                        (SELECT size FROM audit.trees WHERE name = 'lines'), (SELECT size FROM audit.trees WHERE name = 'ledger')",
                &[],
            )
            .await?;
        let newest = connection
            .query_opt("SELECT collected_at, logged_at FROM audit.lines ORDER BY line_no DESC LIMIT 1", &[])
            .await?;
        let (collected_at, logged_at) = match newest {
            Some(newest) => (Some(newest.try_get(0)?), newest.try_get(1)?),
            None => (None, None),
        };
        Ok(AuditHealth {
            collector_present: row.try_get(0)?,
            sealed_seconds_ago: row.try_get(1)?,
            collected_at,
            logged_at,
            lines: row.try_get::<_, i64>(2)?.unsigned_abs(),
            sealed: row.try_get::<_, i64>(3)?.unsigned_abs(),
        })
    }

    /// Who changed what on which day, the newest day first. Days are those of a time zone, or of UTC if it has no name.
    ///
    /// # Errors
    /// As any read, and when the server does not know the time zone.
    pub async fn audit_summary(
        &self,
        since: Option<Timestamp>,
        zone: &TimeZone,
    ) -> Result<Vec<DaySum>, Error> {
        let connection = self.connection().await?;
        let zone = zone.iana_name().unwrap_or("UTC");
        let rows = connection
            .query(
                "SELECT (logged_at AT TIME ZONE $2)::date AS day, coalesce(login, ''), class, coalesce(command, ''), coalesce(object_name, ''), count(*)
                 FROM audit.lines
                 WHERE class IS NOT NULL AND logged_at IS NOT NULL
                   AND ($1::timestamptz IS NULL OR (logged_at >= $1 AND collected_at >= $1))
                 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1 DESC, 2, 6 DESC, 3, 4, 5",
                &[&since, &zone],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(DaySum {
                    day: row.try_get(0)?,
                    login: row.try_get(1)?,
                    class: row.try_get(2)?,
                    command: row.try_get(3)?,
                    object: row.try_get(4)?,
                    records: row.try_get::<_, i64>(5)?.unsigned_abs(),
                })
            })
            .collect()
    }
}
