//! The collector's session: the login that it requires, and the lock that keeps it the only one.

use std::time::Duration;

use deadpool::managed::Object;

use super::super::connection::Connection;
use super::super::row::{self, from_row};
use super::super::{Error, Store};
use crate::domain::EndedSession;

/// The login of the collector. Its writes are not recorded, so nobody else may use it.
pub const COLLECTOR_LOGIN: &str = "stock_collector";
/// How often taking the lock is attempted, and the pause between two attempts.
const LOCK_ATTEMPTS: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(200);
/// The role that owns the functions that read the log.
const READER_ROLE: &str = "stock_log_reader";
/// These functions, with their text as preparing a database creates them.
const READERS: [(&str, &str); 2] = [
    (
        "audit.log_files()",
        r#"SELECT f.name, f.size, f.modification FROM pg_ls_logdir() AS f WHERE f.name LIKE '%.json' ORDER BY f.name COLLATE "C""#,
    ),
    (
        "audit.read_log(text,bigint,bigint)",
        "SELECT pg_read_binary_file(current_setting('log_directory') || '/' || f.name, first_byte, byte_count, true) FROM pg_ls_logdir() AS f WHERE f.name = file_name AND f.name LIKE '%.json'",
    ),
];

/// A session that holds the collector's lock until it is dropped.
#[derive(Debug)]
pub struct CollectorSession {
    // Not from the pool: the lock must be released with it.
    pub(super) connection: Connection,
    /// The transactions that wrote the functions that read the log.
    readers: String,
}

/// A file of the server's log, as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    pub name: String,
    pub size: u64,
    /// The time since it was last written to, in whole seconds.
    pub quiet_seconds: u64,
}

impl Store {
    /// Opens the session of the collector.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] for another login, or if the functions that read the log are not those that preparing
    /// creates; [`Error::Busy`] if a collector is running already.
    pub async fn collector_session(&self, over_sql: bool) -> Result<CollectorSession, Error> {
        let connection = Object::take(self.connection().await?);
        let row = connection.query_one("SELECT session_user::text", &[]).await?;
        let login: String = row.try_get(0)?;
        let refuse = |message: String| Err(Error::NotPrepared { message });
        if login != COLLECTOR_LOGIN {
            return refuse(format!(
                "the collector must log in as {COLLECTOR_LOGIN}, not as {login}: the writes of any other login are recorded, so the collector would collect its own writes endlessly"
            ));
        }
        if !lock(&connection).await? {
            return Err(Error::Busy { message: "another collector is running on this database".to_owned() });
        }
        let readers = written_by(&connection).await?;
        if over_sql {
            check_readers(&connection).await?;
        }
        Ok(CollectorSession { connection, readers })
    }
}

/// The transactions that wrote the functions that read the log: a function that was replaced, and one that was put back, were written
/// by others.
async fn written_by(connection: &Connection) -> Result<String, Error> {
    let names = READERS.map(|(signature, _)| signature);
    let select = "SELECT coalesce(pg_catalog.string_agg(p.xmin::text, ' ' ORDER BY p.oid), '') FROM pg_catalog.pg_proc p
                  WHERE p.oid IN (SELECT to_regprocedure(n) FROM unnest($1::text[]) AS n)";
    let statement = connection.prepare_cached(select).await?;
    Ok(connection.query_one(&statement, &[&names.as_slice()]).await?.try_get(0)?)
}

/// Takes the collector's lock. After a collector was killed, the server may need a moment to notice that its session is
/// gone.
async fn lock(connection: &Connection) -> Result<bool, Error> {
    for _ in 0..LOCK_ATTEMPTS {
        let row = connection
            .query_one("SELECT pg_try_advisory_lock(hashtextextended('audit.collector', 0))", &[])
            .await?;
        if row.try_get(0)? {
            return Ok(true);
        }
        tokio::time::sleep(LOCK_PAUSE).await;
    }
    Ok(false)
}

/// Checks that the functions with the power to read files are those that preparing creates.
async fn check_readers(connection: &Connection) -> Result<(), Error> {
    for (signature, text) in READERS {
        let row = connection
            .query_opt(
                "SELECT p.prosrc = $2 AND p.prosecdef AND pg_get_userbyid(p.proowner) = $3
                        AND p.proconfig IS NOT DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']
                 FROM pg_proc p WHERE p.oid = to_regprocedure($1)",
                &[&signature, &text, &READER_ROLE],
            )
            .await?;
        let as_prepared = row.map(|row| row.try_get::<_, bool>(0)).transpose()?;
        let message = match as_prepared {
            Some(true) => continue,
            Some(false) => {
                format!("{signature} has been altered: its definition or owner is not as prepared")
            }
            None => format!("{signature} is missing; run `stockroom db init` as a superuser"),
        };
        return Err(Error::NotPrepared { message });
    }
    Ok(())
}

from_row!(EndedSession { pid, login, client, since, reason });

impl CollectorSession {
    /// Ends the sessions that block others for longer than the limits documented at `stock.end_stale_sessions`.
    ///
    /// # Errors
    /// As any read.
    pub async fn end_stale_sessions(&self) -> Result<Vec<EndedSession>, Error> {
        let sql = "SELECT pid, login::text, client, since, reason FROM stock.end_stale_sessions()";
        row::all(&self.connection.query(sql, &[]).await?)
    }

    /// The files of the log, the oldest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn log_files(&self) -> Result<Vec<LogFile>, Error> {
        let rows = self
            .connection
            .query("SELECT name, size, greatest(0, extract(epoch FROM clock_timestamp() - modified_at))::bigint FROM audit.log_files()", &[])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(LogFile {
                    name: row.try_get(0)?,
                    size: row.try_get::<_, i64>(1)?.unsigned_abs(),
                    quiet_seconds: row.try_get::<_, i64>(2)?.unsigned_abs(),
                })
            })
            .collect()
    }

    /// At most `count` bytes of a file from a position on; empty at its end, or if it is gone.
    ///
    /// # Errors
    /// [`Error::NotPrepared`] if the functions that read the log have been written again since the session was opened;
    /// otherwise as any read.
    pub async fn read_log(&self, name: &str, first: u64, count: usize) -> Result<Vec<u8>, Error> {
        let statement = self.connection.prepare_cached("SELECT audit.read_log($1, $2, $3)").await?;
        let (first, count) = (signed(first), i64::try_from(count).unwrap_or(i64::MAX));
        let row = self.connection.query_one(&statement, &[&name, &first, &count]).await?;
        let bytes = row.try_get::<_, Option<Vec<u8>>>(0)?.unwrap_or_default();
        // Afterwards: whatever was called had been written by then.
        if !bytes.is_empty() && written_by(&self.connection).await? != self.readers {
            let message =
                "the functions that read the log were changed while they were used; they are checked again"
                    .to_owned();
            return Err(Error::NotPrepared { message });
        }
        Ok(bytes)
    }
}

/// A count as the database stores it; no file and no tree has more than 2^63.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
