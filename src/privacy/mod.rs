//! Encryption of personal data: the keyring outside the database, the data key of each subject, and the format of a
//! ciphertext.
//!
//! Boundary: keys and bytes. Reads and writes the keyring file and nothing else; storing is up to `store`, and the
//! sequence of operations up to `service`.

mod cipher;
mod data_key;
mod keyring;

use std::path::PathBuf;

use crate::domain::ContactsLocked;

pub use data_key::{DataKey, open_field, plain_field, sealed_by};
pub use keyring::{CREDENTIAL, Keyring, KeyringSource, Loaded};

/// Why personal data cannot be encrypted or decrypted. No message contains a key or a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An operation needs the keyring, and none was given.
    #[error(
        "personal data require the keyring, and none was given; set STOCKROOM_ENCRYPTION_KEY_FILE to its file (see stockroom privacy --help)"
    )]
    NoKeyring,
    /// An entry of the keyring is malformed.
    #[error("entry {entry} of the keyring {place} is not VERSION:KEY, with a key of 64 bytes in base64")]
    Malformed { place: String, entry: usize },
    /// A version appears twice in the keyring.
    #[error("version {version} occurs twice in the keyring {place}")]
    Twice { place: String, version: u32 },
    /// The keyring has no entry.
    #[error("the keyring {place} contains no keys")]
    Empty { place: String },
    /// The file of the keyring cannot be read or written.
    #[error("the keyring {} cannot be used: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// The file of a new keyring exists already.
    #[error("{} already exists; a keyring is never overwritten", .0.display())]
    Exists(PathBuf),
    /// The keyring comes from the environment, so it cannot be written.
    #[error(
        "the keyring comes from {0}, which cannot be written; put it into a file and set STOCKROOM_ENCRYPTION_KEY_FILE"
    )]
    ReadOnly(String),
    /// The database has not been set up for a keyring.
    #[error("this database has no keyring yet; an admin creates it with stockroom privacy init")]
    NotInitialised,
    /// The keyring lacks a version that is needed.
    #[error(
        "the data are encrypted under version {version} of the keyring, and yours has {}; get the current keyring from an admin",
        versions(held)
    )]
    VersionMissing { version: u32, held: Vec<u32> },
    /// The keyring belongs to another database.
    #[error(
        "version {version} of your keyring is not the key that this database was set up with; use the right keyring"
    )]
    OtherKeyring { version: u32 },
    /// A stored value is not what the key encrypted.
    #[error(
        "the stored {what} cannot be decrypted: it was altered, moved from another place, or belongs to another key"
    )]
    Altered { what: String },
}

impl From<Error> for ContactsLocked {
    fn from(error: Error) -> Self {
        match error {
            Error::NoKeyring => Self::NoKeyring,
            Error::NotInitialised => Self::NotInitialised,
            other => Self::Unusable(other.to_string()),
        }
    }
}

fn versions(held: &[u32]) -> String {
    let held: Vec<String> = held.iter().map(ToString::to_string).collect();
    held.join(", ")
}
