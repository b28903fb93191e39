//! The record of imports: every file that is imported, by the service or by command, is noted before its first row is
//! posted and after its last.

use uuid::Uuid;

use super::{Error, Service};
use crate::domain::{ImportFile, ImportResult, ImportRun, KnownImport};

impl Service {
    /// Notes that a run begins, unless it was begun before.
    ///
    /// # Errors
    /// When the database does not answer, or the login may not import.
    pub async fn begin_import(&self, file: &ImportFile) -> Result<(), Error> {
        Ok(self.store.begin_import(file).await?)
    }

    /// What the login has known of a file before it is read.
    ///
    /// # Errors
    /// As any read.
    pub async fn known_import(&self, file: &ImportFile) -> Result<KnownImport, Error> {
        Ok(self.store.known_import(file).await?)
    }

    /// Notes how a run ended, unless that was noted before.
    ///
    /// # Errors
    /// As any write.
    pub async fn finish_import(&self, run_id: Uuid, result: &ImportResult) -> Result<(), Error> {
        Ok(self.store.finish_import(run_id, result).await?)
    }

    /// The runs of a feed, or of all, the newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn import_runs(&self, feed: Option<&str>, limit: u32) -> Result<Vec<ImportRun>, Error> {
        Ok(self.store.import_runs(feed, limit).await?)
    }
}
