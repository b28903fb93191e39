//! The seal: Merkle trees over the collected lines and the ledger, signed checkpoints that are stored outside the
//! database, and proofs that can be checked without it.
//!
//! Hashing and the arithmetic of trees are those of RFC 9162, 2.1, from the crate `tlog_tiles`; checkpoints are C2SP
//! tlog-checkpoints in signed notes, from `signed_note`.

pub mod checkpoint;
pub mod key;
pub mod proof;
pub mod sealer;
pub mod tree;

use std::path::{Path, PathBuf};

pub use checkpoint::{Checkpoint, CheckpointDir, Retirement, Tree};
pub use key::{PublicKey, SealKey};
pub use proof::{Proof, prove};
pub use sealer::Sealer;
pub use tree::{Frontier, leaf_of_line, root_text};

use crate::store;

/// Why sealing, or checking a seal, failed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A file of keys or checkpoints cannot be read or written.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    /// A key cannot be used.
    #[error("{path} does not contain a usable key: {reason}")]
    Key {
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A text is not a checkpoint, or its signature is not by this key.
    #[error("a checkpoint cannot be trusted: {0}")]
    Checkpoint(String),
    /// The evidence does not match what was sealed.
    #[error("{0}")]
    Broken(String),
    /// What was asked for is not sealed yet, or does not exist.
    #[error("{0}")]
    Missing(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl SealError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
