//! Recovery: the entries left in the journal are looked up, and removed once their outcome is known.

use super::{Error, Service};
use crate::domain::{PostingId, PostingOutcome, Recovered};
use crate::store;

impl Service {
    /// Looks up the commands whose program was killed or whose database could not be queried. Commands that were not
    /// posted are not sent again: the person may have entered them again.
    ///
    /// # Errors
    /// [`Error::Journal`] if the journal cannot be read. An unavailable database is not an error; the outcome is then
    /// unknown.
    pub async fn recover(&self) -> Result<Vec<Recovered>, Error> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let mut recovered = Vec::new();
        for entry in journal.abandoned(self.store.settings())? {
            let contents = entry.contents.clone();
            let outcome = self.outcome(contents.id, &contents.session_name).await?;
            if outcome != PostingOutcome::Unknown {
                entry.clear_if_possible();
            }
            recovered.push(Recovered {
                id: contents.id,
                words: contents.words,
                written_at: contents.written_at,
                outcome,
            });
        }
        Ok(recovered)
    }

    /// The outcome of a command with an id, sent by sessions with this name.
    pub(super) async fn outcome(&self, id: PostingId, session_name: &str) -> Result<PostingOutcome, Error> {
        match self.store.was_posted(id, session_name).await {
            Ok(Some(true)) => Ok(PostingOutcome::Posted),
            Ok(Some(false)) => Ok(PostingOutcome::NotPosted),
            Ok(None) | Err(store::Error::Unavailable { .. }) => Ok(PostingOutcome::Unknown),
            Err(error) => Err(error.into()),
        }
    }
}
