//! The instance directory: what lies where in it, and the file that remembers how to reach the server.
//!
//! ```text
//! instance.lock   held by whoever starts, stops or owns the server
//! instance.toml   superuser, password, port, socket directory; mode 0600, the invoker's
//! data/           the data directory, the server account's, with log/ inside
//! data.partial/   a data directory that is being made
//! run/            the Unix socket, unless the path would be too long for one
//! ```

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::error::ServerError;

/// The longest path of a Unix socket: macOS keeps 104 bytes for it, Linux 108, the last one zero.
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// What the server puts behind the socket directory, at its longest.
const SOCKET_NAME_LONGEST: &str = "/.s.PGSQL.65535";

/// 32 letters and digits carry 190 bits: nobody guesses that.
const PASSWORD_CHARS: usize = 32;

/// Random part of the name of a socket directory outside the instance directory.
const SOCKET_DIR_RANDOM_CHARS: usize = 10;

/// Name of the bootstrap superuser.
pub(super) const SUPERUSER: &str = "postgres";

/// Paths of one instance.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Paths below an absolute directory.
    pub(super) fn new(root: PathBuf) -> Result<Self, ServerError> {
        // pg_ctl puts the path between double quotes into a line for the shell and quotes nothing.
        let harmless = |byte: &u8| !matches!(byte, b'"' | b'\'' | b'$' | b'\\' | b'`' | b'\n' | b'\r');
        if root.to_str().is_none() || !root.as_os_str().as_encoded_bytes().iter().all(harmless) {
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

    pub(super) fn partial(&self) -> PathBuf {
        self.root.join("data.partial")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("instance.lock")
    }

    pub(super) fn description(&self) -> PathBuf {
        self.root.join("instance.toml")
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.root.join("password.partial")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.data().join("log")
    }

    /// What the server prints before it opens its log.
    pub(super) fn startup_log(&self) -> PathBuf {
        self.data().join("startup.log")
    }

    /// Whether a data directory was made here to its end.
    pub(super) fn exists(&self) -> bool {
        self.data().join("PG_VERSION").is_file()
    }

    /// Major version that wrote the data directory.
    pub(super) fn major(&self) -> Result<u32, ServerError> {
        let path = self.data().join("PG_VERSION");
        let text = fs::read_to_string(&path).map_err(ServerError::file("read", &path))?;
        text.trim().parse().map_err(|_| ServerError::BadInstanceFile {
            path,
            detail: format!("{} is no major version", text.trim()),
        })
    }

    /// Fails on a directory that holds anything other than an instance, or that somebody else could change.
    pub(super) fn check_ours(&self, account: &Account) -> Result<(), ServerError> {
        let mut entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(ServerError::file("read", &self.root)(error)),
        };
        if entries.next().is_some() && !self.lock().exists() {
            return Err(ServerError::NotAnInstance { dir: self.root.clone() });
        }
        let invoker = rustix::process::geteuid().as_raw();
        check_owned_by(&self.root, account.uid(), invoker)
    }

    /// Fails when the data directory belongs to another account than the one that would run it.
    pub(super) fn check_owner(&self, account: &Account) -> Result<(), ServerError> {
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

/// What has to be remembered between runs; kept in a file that only the invoker reads.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Description {
    pub(super) superuser: String,
    pub(super) password: String,
    pub(super) port: u16,
    pub(super) socket_dir: PathBuf,
}

impl std::fmt::Debug for Description {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Description")
            .field("superuser", &self.superuser)
            .field("port", &self.port)
            .field("socket_dir", &self.socket_dir)
            .finish_non_exhaustive()
    }
}

impl Description {
    /// A description of a server to be made, with a password of its own.
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            superuser: SUPERUSER.to_owned(),
            password: Alphanumeric.sample_string(&mut rand::rng(), PASSWORD_CHARS),
            port: 0,
            socket_dir: socket_dir_for(layout.root()),
        }
    }

    pub(super) fn read(layout: &Layout) -> Result<Self, ServerError> {
        let path = layout.description();
        let text = fs::read_to_string(&path).map_err(ServerError::file("read", &path))?;
        toml::from_str(&text)
            .map_err(|error| ServerError::BadInstanceFile { path, detail: error.message().to_owned() })
    }

    /// Writes the file whole or not at all, so that a crash never costs the password.
    pub(super) fn write(&self, layout: &Layout) -> Result<(), ServerError> {
        let path = layout.description();
        let text = toml::to_string(self).map_err(|error| ServerError::BadInstanceFile {
            path: path.clone(),
            detail: error.to_string(),
        })?;
        let draft = path.with_extension("toml.partial");
        write_private(&draft, &text)?;
        fs::rename(&draft, &path).map_err(ServerError::file("write", path))
    }

    /// Makes the socket directory, or another one where somebody else has taken its name.
    pub(super) fn prepare_socket_dir(
        &mut self,
        layout: &Layout,
        account: &Account,
    ) -> Result<(), ServerError> {
        if self.socket_dir_is_usable(account) {
            return Ok(());
        }
        if self.socket_dir.symlink_metadata().is_ok() {
            self.socket_dir = socket_dir_for(layout.root());
        }
        account.create_private(&self.socket_dir)
    }

    /// Whether the directory is the account's alone; below /tmp anybody could have made it.
    fn socket_dir_is_usable(&self, account: &Account) -> bool {
        let Ok(found) = self.socket_dir.symlink_metadata() else {
            return false;
        };
        found.is_dir() && found.uid() == account.uid() && found.mode() & 0o077 == 0
    }
}

/// Creates a file of mode 0600, in place of any that was there.
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

/// The socket directory inside the instance directory, or a short one when that path is too long
/// or could not be written in the server's list of directories.
fn socket_dir_for(root: &Path) -> PathBuf {
    let inside = root.join("run");
    let bytes = inside.as_os_str().as_encoded_bytes();
    let listable = !bytes.contains(&b',') && !bytes.ends_with(b" ");
    if listable && bytes.len() + SOCKET_NAME_LONGEST.len() <= SOCKET_PATH_BYTES_MAX {
        return inside;
    }
    let random = Alphanumeric.sample_string(&mut rand::rng(), SOCKET_DIR_RANDOM_CHARS);
    PathBuf::from("/tmp").join(format!("stockroom-{random}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_instance_path_gets_a_short_socket_directory() {
        let short = socket_dir_for(Path::new("/var/lib/stockroom/demo"));
        assert_eq!(short, Path::new("/var/lib/stockroom/demo/run"));
        let long = socket_dir_for(&Path::new("/tmp").join("x".repeat(90)));
        assert!(long.starts_with("/tmp"), "{}", long.display());
        assert!(long.as_os_str().len() + SOCKET_NAME_LONGEST.len() <= SOCKET_PATH_BYTES_MAX);
    }

    #[test]
    fn a_path_that_a_shell_would_expand_is_refused() {
        for name in ["/tmp/a$HOME", "/tmp/a\"b", "/tmp/`id`", "/tmp/a\nb", "/tmp/a\\b"] {
            assert!(Layout::new(PathBuf::from(name)).is_err(), "{name}");
        }
        assert!(Layout::new(PathBuf::from("/tmp/with space and ü")).is_ok());
    }

    #[test]
    fn the_password_is_not_in_the_debug_output() {
        let layout = Layout::new(PathBuf::from("/tmp/x")).unwrap();
        let description = Description::new(&layout);
        assert_eq!(description.password.len(), PASSWORD_CHARS);
        assert!(!format!("{description:?}").contains(&description.password));
    }
}
