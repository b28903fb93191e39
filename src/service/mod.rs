//! A placeholder of the service layer's contract, so that the importer compiles without it.

use crate::domain::{NewLocation, NewPartner, NewProduct, Posting, Refusal};

/// The way to the database.
#[derive(Debug, Clone)]
pub struct Service;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The run failed.
    #[error("the database is not available")]
    Unavailable,
}

impl Error {
    /// The rule that refused, if one did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Unavailable => None,
        }
    }
}

/// What became of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It was posted now.
    Posted,
    /// It was there before.
    AlreadyPosted,
}

/// What became of additions to the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// How many were added.
    pub added: u64,
    /// How many were there before.
    pub existing: u64,
}

impl Service {
    /// Posts several postings.
    pub async fn post_batch(&self, postings: &[Posting]) -> Vec<Result<Status, Error>> {
        postings.iter().map(|_| Err(Error::Unavailable)).collect()
    }

    /// Adds products.
    ///
    /// # Errors
    /// Always.
    pub async fn add_products(&self, _products: &[NewProduct]) -> Result<Added, Error> {
        Err(Error::Unavailable)
    }

    /// Adds locations.
    ///
    /// # Errors
    /// Always.
    pub async fn add_locations(&self, _locations: &[NewLocation]) -> Result<Added, Error> {
        Err(Error::Unavailable)
    }

    /// Adds partners.
    ///
    /// # Errors
    /// Always.
    pub async fn add_partners(&self, _partners: &[NewPartner]) -> Result<Added, Error> {
        Err(Error::Unavailable)
    }

    /// Makes partitions.
    ///
    /// # Errors
    /// Always.
    pub async fn ensure_months(
        &self,
        _first: jiff::civil::Date,
        _last: jiff::civil::Date,
    ) -> Result<(), Error> {
        Err(Error::Unavailable)
    }
}
