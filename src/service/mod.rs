//! The use cases of Stockroom, one file each. The terminal, the command line and the importer all use them, so that the
//! same rules apply to each.
//!
//! Boundary: takes and returns values of `domain`, `store` and `privacy`; knows no SQL and draws nothing.

mod basket;
mod count;
mod imports;
mod issue;
pub mod journal;
mod master_data;
mod order;
mod partners;
mod password;
mod people;
mod post;
mod privacy;
mod products;
mod receive;
mod records;
mod recover;
mod resolve;
mod reverse;
mod sheet;
mod transfer;
mod whole;

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::domain::{Details, LocationCode, PostingId, Quantity, Refusal, Sku};
use crate::privacy as privacy_keys;
use crate::store::{self, Store};

pub use count::{Count, Counted};
pub use issue::Issue;
use journal::Entry;
pub use journal::{Journal, JournalError};
pub use order::{
    Decision, LineQuantity, PickOrder, ReceiveOrder, ReceivedLine, Release, Reserve, Reserved, ReservedLine,
    ReturnGoods, ShipOrder, ShortPick, ToShip,
};
pub use partners::{EarlierDetails, FoundPartner};
pub use password::generate_password;
pub use privacy::{PrivacyCheck, Rotated};
pub use receive::Receipt;
pub use transfer::Transfer;

pub use crate::store::{Portion, Whole, WholeEnded};

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused the command or failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The command could not be written to the journal; nothing was sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Personal data cannot be encrypted or decrypted.
    #[error(transparent)]
    Privacy(#[from] privacy_keys::Error),
}

impl Error {
    /// The refusal, if the error is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Store(store::Error::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    /// Whether it is not known if the command was posted.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Store(store::Error::OutcomeUnknown { .. }))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Store(refusal.into())
    }
}

impl Details {
    fn id_or_new(&self) -> PostingId {
        self.id.unwrap_or_else(new_id)
    }
}

/// A new id for something that a person does now.
#[must_use]
pub fn new_id() -> PostingId {
    PostingId::at(Timestamp::now(), rand::random())
}

/// The entry point to all use cases: a store, and the journal of commands if there is one.
#[derive(Debug, Clone)]
pub struct Service {
    store: Arc<Store>,
    journal: Option<Arc<Journal>>,
}

impl Service {
    /// A service on a store. With a journal, commands whose outcome was lost in a crash can be looked up later.
    #[must_use]
    pub fn new(store: Store, journal: Option<Journal>) -> Self {
        Self { store: Arc::new(store), journal: journal.map(Arc::new) }
    }

    /// A service on a shared store, without a journal: for callers that can start again from a file.
    #[must_use]
    pub fn of(store: &Arc<Store>) -> Self {
        Self { store: Arc::clone(store), journal: None }
    }

    /// The store, for queries that need no use case.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Removes the journal entries of posted commands, if the journal keeps them until the person has been told. To be
    /// called once the results so far have been printed or drawn.
    pub fn told(&self) {
        if let Some(journal) = &self.journal {
            journal.told();
        }
    }

    /// Writes a command to the journal, runs it, and removes the entry once the outcome is known.
    async fn journalled<T>(
        &self,
        id: PostingId,
        words: &str,
        command: journal::Command,
        work: impl Future<Output = Result<T, store::Error>>,
    ) -> Result<T, Error> {
        let entry = match &self.journal {
            Some(journal) => Some(journal.write(self.store.settings(), id, words, command)?),
            None => None,
        };
        let outcome = work.await.map_err(Error::from);
        self.finish(entry, &outcome);
        outcome
    }

    /// Disposes of the journal entry of a command that has ended. If the outcome is unknown, the entry is kept.
    fn finish<T>(&self, entry: Option<Entry>, outcome: &Result<T, Error>) {
        let (Some(journal), Some(entry)) = (&self.journal, entry) else { return };
        match outcome {
            Ok(_) => journal.posted(entry),
            Err(error) if error.outcome_unknown() => {}
            // Nothing was posted, so there is nothing to report later.
            Err(_) => entry.clear_if_possible(),
        }
    }

    /// The product of a typed or scanned code, and the number in units: the barcode of a pack multiplies it.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] if no product has the code.
    pub async fn identify(&self, code: &str, number: Decimal) -> Result<(Sku, Decimal), Error> {
        let (sku, pack) = self.store.identify(code).await?;
        Ok((sku, number * pack))
    }

    async fn units(&self, code: &str, number: Quantity) -> Result<(Sku, Quantity), Error> {
        let (sku, units) = self.identify(code, number.value()).await?;
        Ok((sku, Quantity::new(units).map_err(Refusal::from)?))
    }
}

/// The text for a location in a message.
fn place(code: Option<&LocationCode>) -> String {
    code.map_or_else(|| "outside".to_owned(), ToString::to_string)
}
