//! Recovery: what the journal still holds is asked about, and struck out when the answer is known.

use super::{Error, Service};
use crate::domain::PostingId;
use crate::store;

/// What became of a command that was under way when its program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was posted.
    Posted,
    /// It was not posted, and will not be.
    NotPosted,
    /// The database cannot say yet; it is asked again the next time.
    Unknown,
}

/// A command found in the journal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recovered {
    /// The id that was sent.
    pub id: PostingId,
    /// What was sent, in words.
    pub words: String,
    /// When.
    pub written_at: jiff::Timestamp,
    /// What became of it.
    pub fate: Fate,
}

impl Service {
    /// Finds out what became of commands whose program was killed, or whose database could not be
    /// asked. What was not posted is not sent again: the person may have done so by hand.
    ///
    /// # Errors
    /// [`Error::Journal`] when the journal cannot be read. A database that is away is no error; the
    /// fate is then unknown.
    pub async fn recover(&self) -> Result<Vec<Recovered>, Error> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        let mut recovered = Vec::new();
        for entry in journal.abandoned(self.store.settings())? {
            let text = entry.text.clone();
            let fate = self.fate(text.id, &text.session_name).await?;
            if fate != Fate::Unknown {
                entry.strike_if_possible();
            }
            recovered.push(Recovered { id: text.id, words: text.words, written_at: text.written_at, fate });
        }
        Ok(recovered)
    }

    /// What became of an id that sessions of this name sent.
    pub(super) async fn fate(&self, id: PostingId, session_name: &str) -> Result<Fate, Error> {
        match self.store.was_posted(id, session_name).await {
            Ok(Some(true)) => Ok(Fate::Posted),
            Ok(Some(false)) => Ok(Fate::NotPosted),
            Ok(None) | Err(store::Error::Unavailable { .. }) => Ok(Fate::Unknown),
            Err(error) => Err(error.into()),
        }
    }
}
