//! Passwords that a person keeps on a machine, so that nobody has to type them again: in the keyring of the desktop where
//! there is one, else in the password file of libpq.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use super::desktop;
use super::pgpass::{self, FileError, Target};

/// Where a password is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Desktop,
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desktop => formatter.write_str("the keyring of the desktop"),
            Self::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// The password for a connection: as libpq finds it, else from the keyring of the desktop, which may ask the person to
/// unlock it.
#[must_use]
pub fn find(target: Target<'_>) -> Option<SecretString> {
    pgpass::find(target).or_else(|| desktop::find(target))
}

/// Keeps a password, and says where.
///
/// # Errors
/// [`FileError`] if there is no keyring and the file cannot be written.
pub fn keep(target: Target<'_>, password: &SecretString) -> Result<Place, FileError> {
    if desktop::keep(target, password) {
        // A line of the file would be used first, and may have an older password.
        pgpass::forget(target)?;
        return Ok(Place::Desktop);
    }
    pgpass::keep(target, password).map(Place::File)
}

/// Removes a password from wherever it is kept, and says from where.
///
/// # Errors
/// [`FileError`] if the file cannot be written.
pub fn forget(target: Target<'_>) -> Result<Vec<Place>, FileError> {
    let mut places = Vec::new();
    if desktop::forget(target) {
        places.push(Place::Desktop);
    }
    places.extend(pgpass::forget(target)?.map(Place::File));
    Ok(places)
}
