//! The audit: collects what pgaudit and the server log, seals it, and reconciles it with the ledger.
//!
//! Boundary: accesses the database only through `store`. The seal's private key and its checkpoints are files and never
//! enter the database.

pub mod collect;
pub mod disk_space;
pub mod events;
pub mod evidence;
mod files;
pub mod findings;
pub mod floods;
mod listed;
pub mod reconcile;
pub mod record;
pub mod retention;
pub mod seal;

pub use findings::decisions;

/// Why an operation of the audit failed.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Collect(#[from] collect::CollectError),
    /// An error in sealing, or in checking a seal.
    #[error(transparent)]
    Seal(#[from] seal::SealError),
    #[error(transparent)]
    Verify(#[from] reconcile::VerifyError),
    #[error(transparent)]
    Decision(#[from] decisions::DecisionError),
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

impl From<collect::RunError> for AuditError {
    fn from(error: collect::RunError) -> Self {
        match error {
            collect::RunError::Collect(error) => Self::Collect(error),
            collect::RunError::Seal(error) => Self::Seal(error),
        }
    }
}

impl AuditError {
    /// The error of the database that caused it, if there is one.
    #[must_use]
    pub fn store(&self) -> Option<&crate::store::Error> {
        match self {
            Self::Collect(collect::CollectError::Store(error))
            | Self::Seal(seal::SealError::Store(error))
            | Self::Verify(reconcile::VerifyError::Store(error))
            | Self::Store(error) => Some(error),
            _ => None,
        }
    }

    /// Whether it says that the evidence was altered, rather than that something could not be done.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        matches!(self, Self::Seal(seal::SealError::Broken(_) | seal::SealError::Checkpoint(_)))
            || matches!(
                self,
                Self::Collect(collect::CollectError::Damaged(_))
                    | Self::Verify(
                        reconcile::VerifyError::Damaged(_) | reconcile::VerifyError::RowSecurity { .. }
                    )
                    | Self::Decision(decisions::DecisionError::Damaged { .. })
            )
    }
}
