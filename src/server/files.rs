//! Writing and removing files of an instance.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::error::ServerError;

/// A file that is removed when this is dropped.
pub(super) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    /// Creates the file with mode 0600.
    pub(super) fn create(path: PathBuf, text: &str) -> Result<Self, ServerError> {
        // Before the file is written, so that an incomplete one is removed as well.
        let file = Self(path);
        write_private(&file.0, text)?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // It may be gone already; if it cannot be removed, only the server's account can read it.
        let _ = fs::remove_file(&self.0);
    }
}

/// Creates a file of mode 0600, replacing an existing one.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), ServerError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(ServerError::file("replace", path)(error));
        }
        _ => {}
    }
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .map_err(ServerError::file("write", path))
}

/// Removes a directory and everything in it, if it exists.
pub(super) fn remove_tree(dir: &Path) -> Result<(), ServerError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ServerError::file("remove", dir)(error))
        }
        _ => Ok(()),
    }
}
