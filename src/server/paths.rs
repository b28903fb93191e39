//! The layout of the instance directory.
//!
//! ```text
//! instance.lock   held by whoever starts, stops or owns the server
//! instance.toml   superuser, password, port, socket directory; mode 0600, the invoker's
//! data/           the data directory, owned by the server's account, with log/ inside
//! data.partial/   a data directory that is being made
//! run/            the Unix socket, unless the path would be too long for one
//! ```

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::ServerError;

/// The paths of the files and directories of one instance.
#[derive(Debug, Clone)]
pub(super) struct InstancePaths {
    root: PathBuf,
}

impl InstancePaths {
    /// Paths below an absolute directory.
    pub(super) fn new(root: PathBuf) -> Result<Self, ServerError> {
        // pg_ctl puts the path between double quotes into a shell command and escapes nothing.
        let is_safe = |byte: &u8| !matches!(byte, b'"' | b'\'' | b'$' | b'\\' | b'`' | b'\n' | b'\r');
        if root.to_str().is_none() || !root.as_os_str().as_encoded_bytes().iter().all(is_safe) {
            return Err(ServerError::UnusablePath { dir: root });
        }
        Ok(Self { root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(super) fn partial_data(&self) -> PathBuf {
        self.root.join("data.partial")
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.root.join("instance.lock")
    }

    pub(super) fn instance_file(&self) -> PathBuf {
        self.root.join("instance.toml")
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.root.join("password.partial")
    }

    pub(super) fn log_dir(&self) -> PathBuf {
        self.data().join("log")
    }

    /// The output of the server before it has opened its log.
    pub(super) fn startup_log(&self) -> PathBuf {
        self.data().join("startup.log")
    }

    /// Whether there is a complete data directory.
    pub(super) fn has_data(&self) -> bool {
        self.data().join("PG_VERSION").is_file()
    }

    /// The major version that wrote the data directory.
    pub(super) fn major(&self) -> Result<u32, ServerError> {
        let path = self.data().join("PG_VERSION");
        let text = fs::read_to_string(&path).map_err(ServerError::file("read", &path))?;
        text.trim().parse().map_err(|_| ServerError::BadInstanceFile {
            path,
            detail: format!("{} is not a major version", text.trim()),
        })
    }

    /// Returns an error for a directory that is neither empty nor an instance, or that belongs to somebody else.
    pub(super) fn check_usable(&self, account: &Account) -> Result<(), ServerError> {
        let mut entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(ServerError::file("read", &self.root)(error)),
        };
        if entries.next().is_some() && !self.lock_file().exists() {
            return Err(ServerError::NotAnInstance { dir: self.root.clone() });
        }
        let invoker = rustix::process::geteuid().as_raw();
        check_owned_by(&self.root, account.uid(), invoker)
    }

    /// Returns an error if the data directory belongs to another account than the one that would run the server.
    pub(super) fn check_data_owner(&self, account: &Account) -> Result<(), ServerError> {
        check_owned_by(&self.data(), account.uid(), account.uid())
    }
}

fn check_owned_by(dir: &Path, account: u32, invoker: u32) -> Result<(), ServerError> {
    let owner = fs::metadata(dir).map_err(ServerError::file("read", dir))?.uid();
    if owner == account || owner == invoker {
        return Ok(());
    }
    Err(ServerError::OtherOwner { dir: dir.to_owned(), owner, account })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_a_shell_would_expand_is_refused() {
        for name in ["/tmp/a$HOME", "/tmp/a\"b", "/tmp/`id`", "/tmp/a\nb", "/tmp/a\\b"] {
            assert!(InstancePaths::new(PathBuf::from(name)).is_err(), "{name}");
        }
        assert!(InstancePaths::new(PathBuf::from("/tmp/with space and ü")).is_ok());
    }
}
