//! Posting as such: the command is written down, sent, and struck out when its outcome is known.

use super::journal::Command;
use super::{Error, Service, place};
use crate::domain::Posting;
use crate::store::{Posted, Status};

impl Service {
    /// Posts all lines or none.
    ///
    /// # Errors
    /// A refusal, a conflict that would not end, an unavailable database, or an unknown outcome; in
    /// the last case the journal keeps the posting and [`Service::recover`] finds out.
    pub async fn post(&self, posting: &Posting) -> Result<Posted, Error> {
        let entry = match &self.journal {
            Some(journal) => {
                Some(journal.write(self.store.settings(), posting.id, &describe(posting), Command::Post)?)
            }
            None => None,
        };
        let outcome = self.store.post(posting).await.map_err(Error::from);
        if let Some(entry) = entry
            && !outcome.as_ref().is_err_and(Error::outcome_unknown)
        {
            entry.strike_if_possible();
        }
        outcome
    }

    /// Posts several postings in the order given, each all or nothing. Without the journal: who posts
    /// in bulk has the file to start again from.
    pub async fn post_batch(&self, postings: &[Posting]) -> Vec<Result<Status, Error>> {
        self.store.post_batch(postings).await.into_iter().map(|result| result.map_err(Error::from)).collect()
    }
}

/// The posting in a few words, for whoever finds it in the journal.
fn describe(posting: &Posting) -> String {
    match posting.lines.as_slice() {
        [line] => format!(
            "{} of {} {} from {} to {}",
            posting.kind,
            line.quantity,
            line.sku,
            place(line.from.as_ref()),
            place(line.to.as_ref())
        ),
        lines => format!("{} with {} lines", posting.kind, lines.len()),
    }
}
