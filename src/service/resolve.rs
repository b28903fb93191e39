//! Resolving: what became of a command whose outcome was unknown, asked while this program goes on.

use super::{Error, Fate, Service};
use crate::domain::PostingId;

impl Service {
    /// Finds out what became of a command whose outcome was unknown, and strikes it out of the journal when
    /// that is known. To be sure of the answer the store ends every other session of this program, because
    /// one of them may still be about to commit; whatever else is under way on them is looked up or sent
    /// again by whoever sent it.
    ///
    /// # Errors
    /// [`Error::Journal`] when the journal cannot be read. A database that is away is no error; the fate
    /// is then unknown, and can be asked for again.
    pub async fn resolve(&self, id: PostingId) -> Result<Fate, Error> {
        let entry = match &self.journal {
            Some(journal) => {
                journal.abandoned(self.store.settings())?.into_iter().find(|entry| entry.text.id == id)
            }
            None => None,
        };
        let session_name = match &entry {
            Some(entry) => entry.text.session_name.clone(),
            None => self.store.settings().session_name().to_owned(),
        };
        let fate = self.fate(id, &session_name).await?;
        if let Some(entry) = entry
            && fate != Fate::Unknown
        {
            entry.strike_if_possible();
        }
        Ok(fate)
    }
}
