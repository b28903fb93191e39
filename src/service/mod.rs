//! The use cases of Stockroom, one file each. The terminal, the command line and the importer all go
//! through here, so that a rule holds for them alike.
//!
//! Boundary: takes and gives values of `domain` and `store`; knows no SQL and draws nothing.

mod basket;
mod count;
mod issue;
pub mod journal;
mod keep;
mod password;
mod post;
mod products;
mod receive;
mod recover;
mod resolve;
mod reverse;
mod sheet;
mod transfer;

use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::domain::{LocationCode, Note, PartnerCode, PostingId, Quantity, Reference, Refusal, Sku};
use crate::store::{self, Store};

pub use basket::{Basket, BasketLine};
pub use count::{Count, Counted};
pub use issue::Issue;
pub use journal::{Journal, JournalError};
pub use password::generate_password;
pub use receive::Receipt;
pub use recover::{Fate, Recovered};
pub use reverse::Reversal;
pub use sheet::CountSheet;
pub use transfer::Transfer;

pub use crate::store::{
    Added, Archiving, CountedLine, LedgerFilter, Level, LotChanged, Posted, ProductFilter, SheetCounted,
    SheetFigure, Status, StockFilter,
};

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The command could not be written down before it was to be sent; nothing was sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Error {
    /// The rule that refused, if it was one.
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

/// What every movement may say besides its goods and places.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// The id, when the caller has made one; otherwise one is made now.
    pub id: Option<PostingId>,
    /// The document behind it.
    pub reference: Option<Reference>,
    /// Why.
    pub reason: Option<Note>,
    /// The supplier or customer.
    pub partner: Option<PartnerCode>,
}

impl Details {
    fn id_or_new(&self) -> PostingId {
        self.id.unwrap_or_else(new_id)
    }
}

/// An id for something that a person does now.
#[must_use]
pub fn new_id() -> PostingId {
    PostingId::at(Timestamp::now(), rand::random())
}

/// The service layer.
#[derive(Debug, Clone)]
pub struct Service {
    store: Arc<Store>,
    journal: Option<Arc<Journal>>,
}

impl Service {
    /// Over a store, with a journal if single commands are to survive the program being killed.
    #[must_use]
    pub fn new(store: Store, journal: Option<Journal>) -> Self {
        Self { store: Arc::new(store), journal: journal.map(Arc::new) }
    }

    /// The store, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What a typed or scanned code and a number mean: the product, and the units when the code is
    /// that of a pack.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] when no product has the code.
    pub async fn identify(&self, code: &str, number: Decimal) -> Result<(Sku, Decimal), Error> {
        let (sku, pack) = self.store.identify(code).await?;
        Ok((sku, number * pack))
    }

    async fn units(&self, code: &str, number: Quantity) -> Result<(Sku, Quantity), Error> {
        let (sku, units) = self.identify(code, number.value()).await?;
        Ok((sku, Quantity::new(units).map_err(Refusal::from)?))
    }
}

/// A place as people name it in a message.
fn place(code: Option<&LocationCode>) -> String {
    code.map_or_else(|| "outside".to_owned(), ToString::to_string)
}
