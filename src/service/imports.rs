//! The record of imports: every imported file, by the service or by command, is recorded before its first row is posted
//! and after its last.

use uuid::Uuid;

use super::{Error, Service};
use crate::domain::{ImportFile, ImportResult, ImportRun, KnownImport};

impl Service {
    /// Records that a run begins, unless that was recorded before.
    ///
    /// # Errors
    /// If the database does not answer, or the login may not import.
    pub async fn begin_import(&self, file: &ImportFile) -> Result<(), Error> {
        Ok(self.store.begin_import(file).await?)
    }

    /// What earlier runs of the same login recorded about a file.
    ///
    /// # Errors
    /// As any read.
    pub async fn known_import(&self, file: &ImportFile) -> Result<KnownImport, Error> {
        Ok(self.store.known_import(file).await?)
    }

    /// Records how a run ended, unless that was recorded before.
    ///
    /// # Errors
    /// As any write.
    pub async fn finish_import(&self, run_id: Uuid, result: &ImportResult) -> Result<(), Error> {
        Ok(self.store.finish_import(run_id, result).await?)
    }

    /// The runs of a feed, or of all feeds, the newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn import_runs(&self, feed: Option<&str>, limit: u32) -> Result<Vec<ImportRun>, Error> {
        Ok(self.store.import_runs(feed, limit).await?)
    }
}
