//! Posting: the command is written to the journal, sent, and removed once its outcome is known.

use super::journal::Command;
use super::{Error, Service, place};
use crate::domain::{Posted, Posting, Status};

impl Service {
    /// Posts all lines or none.
    ///
    /// # Errors
    /// A refusal, a conflict that did not end, an unavailable database, or an unknown outcome; in the last case the
    /// journal keeps the posting, and [`Service::recover`] determines its outcome.
    pub async fn post(&self, posting: &Posting) -> Result<Posted, Error> {
        self.journalled(posting.id, &describe(posting), Command::Post, self.store.post(posting)).await
    }

    /// Posts several postings in the order given, each all or nothing. Not journalled: bulk postings come from a file
    /// and can be started again.
    pub async fn post_batch(&self, postings: &[Posting]) -> Vec<Result<Status, Error>> {
        self.store.post_batch(postings).await.into_iter().map(|result| result.map_err(Error::from)).collect()
    }
}

/// A short description of the posting for the journal.
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
