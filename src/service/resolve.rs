//! Determines an unknown outcome while the program is running.

use super::{Error, Service};
use crate::domain::{PostingId, PostingOutcome};

impl Service {
    /// Looks up a command whose outcome was unknown, and removes its journal entry once it is known. The store first
    /// ends every other session of this program, because one of them may still be about to commit; whatever else was
    /// running on them is looked up or sent again by its sender.
    ///
    /// # Errors
    /// [`Error::Journal`] if the journal cannot be read. An unavailable database is not an error; the outcome is then
    /// unknown, and can be looked up again.
    pub async fn resolve(&self, id: PostingId) -> Result<PostingOutcome, Error> {
        let entry = match &self.journal {
            Some(journal) => {
                journal.abandoned(self.store.settings())?.into_iter().find(|entry| entry.contents.id == id)
            }
            None => None,
        };
        let session_name = match &entry {
            Some(entry) => entry.contents.session_name.clone(),
            None => self.store.settings().session_name().to_owned(),
        };
        let outcome = self.outcome(id, &session_name).await?;
        if let Some(entry) = entry
            && outcome != PostingOutcome::Unknown
        {
            entry.clear_if_possible();
        }
        Ok(outcome)
    }
}
