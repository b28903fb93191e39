//! The keys of the seal: the private key signs checkpoints and is stored in a file that only its owner may read; the
//! public key checks them and may be stored anywhere. Both have the format of C2SP signed-note.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use signed_note::{Signer as _, StandardSigner, StandardVerifier, generate_key};

use super::SealError;
use crate::audit::files::create_directory;

/// The suffix that the file of the public key adds to the name of the private one.
const PUBLIC_ENDING: &str = "pub";

/// The private key, which signs checkpoints.
pub struct SealKey {
    signer: StandardSigner,
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("SealKey").field(&self.name()).finish()
    }
}

/// The public key, which checks signatures.
#[derive(Clone)]
pub struct PublicKey {
    verifier: StandardVerifier,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("PublicKey").field(&signed_note::Verifier::name(&self.verifier)).finish()
    }
}

impl SealKey {
    /// Reads a key, or creates one if there is none; returns whether it was created.
    ///
    /// # Errors
    /// [`SealError`] if the file cannot be read or written, or is not a key.
    pub fn load_or_make(path: &Path) -> Result<(Self, bool), SealError> {
        if path.exists() {
            return Ok((Self::load(path)?, false));
        }
        if let Some(directory) = path.parent() {
            create_directory(directory).map_err(SealError::file(directory))?;
        }
        // The name distinguishes the keys of several installations.
        let name = format!("stockroom-{:08x}", rand::random::<u32>());
        let (private, public) = generate_key(&mut rand_core::OsRng, &name);
        write_new(path, &private, 0o600)?;
        write_new(&public_path(path), &public, 0o644)?;
        Ok((Self::load(path)?, true))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`SealError`] if the file cannot be read or is not a key.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let text = fs::read_to_string(path).map_err(SealError::file(path))?;
        let signer = StandardSigner::new(text.trim())
            .map_err(|error| SealError::Key { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { signer })
    }

    /// The name with which the origins of its checkpoints begin.
    #[must_use]
    pub fn name(&self) -> &str {
        self.signer.name()
    }

    pub(super) fn signer(&self) -> &StandardSigner {
        &self.signer
    }
}

impl PublicKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// [`SealError`] if the file cannot be read or is not a public key.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let text = fs::read_to_string(path).map_err(SealError::file(path))?;
        let verifier = StandardVerifier::new(text.trim())
            .map_err(|error| SealError::Key { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { verifier })
    }

    pub(super) fn verifier(&self) -> StandardVerifier {
        self.verifier.clone()
    }
}

/// The path of the public key that belongs to a private one.
#[must_use]
pub fn public_path(private: &Path) -> PathBuf {
    let mut name = private.as_os_str().to_owned();
    name.push(".");
    name.push(PUBLIC_ENDING);
    PathBuf::from(name)
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), SealError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .and_then(|mut file| {
            writeln!(file, "{text}")?;
            file.sync_all()
        })
        .map_err(SealError::file(path))
}
