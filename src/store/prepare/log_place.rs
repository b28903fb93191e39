//! Where the server's log is and how large it is, as far as SQL can tell. SQL cannot tell how much disk space is left.

use super::super::{Error, Store};

/// Where the log is and which files it has, as far as the login may know.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LogPlace {
    /// The directory of the data.
    pub data_directory: Option<String>,
    /// The directory of the log, relative to the data directory unless it is absolute.
    pub log_directory: Option<String>,
    /// The server process of this session.
    #[serde(skip)]
    pub backend_pid: i32,
    /// The totals over the files of the log.
    pub files: Option<LogFiles>,
}

/// The files of the log, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct LogFiles {
    pub count: u64,
    /// The sum of their sizes.
    pub bytes: u64,
    /// The time since the last write to the file that was written to least recently, in seconds.
    pub oldest_seconds: u64,
}

impl Store {
    /// Where the log is, and how large it is.
    ///
    /// # Errors
    /// As any read.
    pub async fn log_place(&self) -> Result<LogPlace, Error> {
        let connection = self.connection_of_any_version().await?;
        // pg_settings leaves out what the login may not know; current_setting() would fail.
        let row = connection
            .query_one(
                "SELECT (SELECT setting FROM pg_settings WHERE name = 'data_directory'), (SELECT setting FROM pg_settings WHERE name = 'log_directory'),
                        pg_backend_pid(), has_function_privilege('pg_ls_logdir()', 'EXECUTE'),
                        coalesce(has_function_privilege(to_regprocedure('audit.log_files()'), 'EXECUTE') AND has_schema_privilege(to_regnamespace('audit'), 'USAGE'), false)",
                &[],
            )
            .await?;
        let source = match (row.try_get::<_, bool>(3)?, row.try_get::<_, bool>(4)?) {
            (true, _) => Some("pg_ls_logdir() AS f (name, size, modified_at)"),
            (_, true) => Some("audit.log_files() AS f"),
            _ => None,
        };
        let mut files = None;
        if let Some(source) = source {
            let row = connection
                .query_one(
                    &format!("SELECT count(*), coalesce(sum(size), 0)::bigint, coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(modified_at))), 0)::bigint FROM {source}"),
                    &[],
                )
                .await?;
            let number = |place: usize| row.try_get::<_, i64>(place).map(i64::unsigned_abs);
            files = Some(LogFiles { count: number(0)?, bytes: number(1)?, oldest_seconds: number(2)? });
        }
        Ok(LogPlace {
            data_directory: row.try_get(0)?,
            log_directory: row.try_get(1)?,
            backend_pid: row.try_get(2)?,
            files,
        })
    }
}
