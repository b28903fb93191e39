//! Looking through the collected lines: newest first for people, oldest first for export, and sums.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_postgres::Row;

use super::super::query::Query;
use super::super::{Anchor, Error, Store};
use super::session::signed;

/// How many events a listing shows when nobody says.
pub const EVENTS_DEFAULT: u32 = 50;
/// How many lines one page of an export holds.
pub const EVENTS_PER_PAGE: usize = 5_000;

const COLUMNS: &str = "line_no, collected_at, logged_at, session_id, login, database_name, remote_host, severity, class, command, object_name, raw";

/// Logins, failed logins and ends of sessions. What clients could write into a message comes behind these
/// words, never before them.
const LOGINS: &str = "(class IS NULL AND (position('\"message\":\"connection authorized:'::bytea IN raw) > 0
     OR position('\"message\":\"replication connection authorized:'::bytea IN raw) > 0
     OR position('\"message\":\"disconnection:'::bytea IN raw) > 0
     OR (severity = 'FATAL' AND position('\"state_code\":\"28'::bytea IN raw) > 0)))";

/// What was refused or failed.
const ERRORS: &str = "severity IN ('ERROR', 'FATAL', 'PANIC')";

/// Which lines to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only this login.
    pub login: Option<String>,
    /// Only records of these classes: WRITE, DDL, ROLE, MISC, FORGED, UNREADABLE, COLLECTOR.
    pub classes: Vec<String>,
    /// Only this object.
    pub object: Option<String>,
    /// Only clients on this host.
    pub host: Option<String>,
    /// Only this server process.
    pub session: Option<String>,
    /// Only lines that hold this text, letter by letter.
    pub text: Option<String>,
    /// Only what was logged at or after this time.
    pub since: Option<Timestamp>,
    /// Only what was logged at or before this time.
    pub until: Option<Timestamp>,
    /// Only logins, failed logins and the ends of sessions.
    pub logins_only: bool,
    /// Only what was refused or failed.
    pub errors_only: bool,
    /// Only records, and what was refused or failed.
    pub records_only: bool,
    /// Where the page begins, by the number of a line. The first row is the newest line.
    pub anchor: Anchor<u64>,
    /// The most lines; see [`EVENTS_DEFAULT`].
    pub limit: Option<u32>,
}

/// A collected line, as far as its columns tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its number.
    pub line_no: u64,
    /// When it was collected.
    pub collected_at: Timestamp,
    /// When it was logged.
    pub logged_at: Option<Timestamp>,
    /// The server process.
    pub session_id: Option<String>,
    /// The login.
    pub login: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// Where the client was.
    pub remote_host: Option<String>,
    /// LOG, ERROR and so on.
    pub severity: Option<String>,
    /// The class of an audit record.
    pub class: Option<String>,
    /// Its command.
    pub command: Option<String>,
    /// Its object.
    pub object_name: Option<String>,
    /// The line.
    pub raw: Vec<u8>,
}

/// What one login did on one day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DaySum {
    /// The day.
    pub day: jiff::civil::Date,
    /// The login.
    pub login: String,
    /// The class of the records.
    pub class: String,
    /// The command.
    pub command: String,
    /// The object; empty where pgaudit does not name it.
    pub object: String,
    /// How many records.
    pub records: u64,
}

/// How the collecting stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AuditHealth {
    /// Whether a collector is logged in.
    pub collector_present: bool,
    /// How many seconds ago the collector last sealed; it does so every two seconds, also when there is nothing new.
    pub sealed_seconds_ago: Option<i64>,
    /// When the newest line was collected.
    pub collected_at: Option<Timestamp>,
    /// When the server wrote it.
    pub logged_at: Option<Timestamp>,
    /// How many lines have been collected.
    pub lines: u64,
    /// How many movements have been sealed.
    pub sealed: u64,
}

fn event(row: &Row) -> Result<EventRow, Error> {
    Ok(EventRow {
        line_no: row.try_get::<_, i64>(0)?.unsigned_abs(),
        collected_at: row.try_get(1)?,
        logged_at: row.try_get(2)?,
        session_id: row.try_get(3)?,
        login: row.try_get(4)?,
        database: row.try_get(5)?,
        remote_host: row.try_get(6)?,
        severity: row.try_get(7)?,
        class: row.try_get(8)?,
        command: row.try_get(9)?,
        object_name: row.try_get(10)?,
        raw: row.try_get(11)?,
    })
}

/// Whether a page ends where it is anchored, so that it is read from there backwards.
fn ends_there(filter: &EventFilter) -> bool {
    matches!(filter.anchor, Anchor::End | Anchor::Before(_))
}

/// The statement of a listing. Lines are looked through in the order of their numbers until enough are found.
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
        "SELECT {COLUMNS} FROM audit.lines WHERE {} ORDER BY line_no {order} LIMIT {limit}",
        conditions.join(" AND ")
    );
    query
}

/// A text as it stands within a line of jsonlog.
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

    /// One collected line.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_event(&self, line_no: u64) -> Result<Option<EventRow>, Error> {
        let connection = self.connection().await?;
        let select = format!("SELECT {COLUMNS} FROM audit.lines WHERE line_no = $1");
        connection.query_opt(&select, &[&signed(line_no)]).await?.as_ref().map(event).transpose()
    }

    /// The next page of all collected lines, the oldest first, from a number on.
    ///
    /// # Errors
    /// As any read.
    pub async fn audit_page(&self, from: u64, since: Option<Timestamp>) -> Result<Vec<EventRow>, Error> {
        let connection = self.connection().await?;
        let select = format!(
            "SELECT {COLUMNS} FROM audit.lines WHERE line_no >= $1 AND ($2::timestamptz IS NULL OR (logged_at >= $2 AND collected_at >= $2)) ORDER BY line_no LIMIT $3"
        );
        let limit = i64::try_from(EVENTS_PER_PAGE).unwrap_or(i64::MAX);
        let rows = connection.query(&select, &[&signed(from), &since, &limit]).await?;
        rows.iter().map(event).collect()
    }

    /// How the collecting stands.
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

    /// Who changed what on which day, the newest day first. A day is that of a time zone; of one without a
    /// name, that of UTC.
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
