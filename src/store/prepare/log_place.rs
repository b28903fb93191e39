//! Where the server says that its log is, and what it knows of it. How much room there is, no SQL can tell.

use super::super::{Error, Store};

/// What SQL tells of the log, as far as the login may know it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LogPlace {
    /// The directory of the data.
    pub data_directory: Option<String>,
    /// The directory of the log, below that of the data unless it is absolute.
    pub log_directory: Option<String>,
    /// The process that serves this session.
    #[serde(skip)]
    pub backend_pid: i32,
    /// The files of the log.
    pub files: Option<LogFiles>,
}

/// The files of the log, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct LogFiles {
    pub count: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many seconds ago the one was last written that has been left alone for longest.
    pub oldest_seconds: u64,
}

impl Store {
    /// Where the log is, and how much of it there is.
    ///
    /// # Errors
    /// As any read.
    pub async fn log_place(&self) -> Result<LogPlace, Error> {
        let connection = self.connection_of_any_version().await?;
        // pg_settings leaves out what the login may not know; current_setting() would be an error.
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
