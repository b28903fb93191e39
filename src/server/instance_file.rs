//! The file of an instance with the connection data of its server, and the socket directory named in it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::error::ServerError;
use super::files::write_private;
use super::paths::InstancePaths;

/// The longest path of a Unix socket: macOS keeps 104 bytes for it, Linux 108, the last one zero.
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// The longest name of a socket in the socket directory.
const SOCKET_NAME_MAX: &str = "/.s.PGSQL.65535";

/// 32 letters and digits have 190 bits of entropy.
const PASSWORD_CHARS: usize = 32;

/// The length of the random part of the name of a socket directory outside the instance directory.
const SOCKET_DIR_RANDOM_CHARS: usize = 10;

/// Name of the bootstrap superuser.
pub(super) const SUPERUSER: &str = "postgres";

/// The connection data of an instance's server, kept between runs in `instance.toml`, which only the invoker can read.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct InstanceFile {
    pub(super) superuser: String,
    pub(super) password: String,
    pub(super) port: u16,
    pub(super) socket_dir: PathBuf,
}

impl std::fmt::Debug for InstanceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstanceFile")
            .field("superuser", &self.superuser)
            .field("port", &self.port)
            .field("socket_dir", &self.socket_dir)
            .finish_non_exhaustive()
    }
}

impl InstanceFile {
    /// The data for a new instance, with a new password.
    pub(super) fn new(paths: &InstancePaths) -> Self {
        Self {
            superuser: SUPERUSER.to_owned(),
            password: Alphanumeric.sample_string(&mut rand::rng(), PASSWORD_CHARS),
            port: 0,
            socket_dir: socket_dir_for(paths.root()),
        }
    }

    pub(super) fn read(paths: &InstancePaths) -> Result<Self, ServerError> {
        let path = paths.instance_file();
        let text = fs::read_to_string(&path).map_err(ServerError::file("read", &path))?;
        toml::from_str(&text)
            .map_err(|error| ServerError::BadInstanceFile { path, detail: error.message().to_owned() })
    }

    /// Replaces the file atomically, so that a crash never loses the password.
    pub(super) fn write(&self, paths: &InstancePaths) -> Result<(), ServerError> {
        let path = paths.instance_file();
        let text = toml::to_string(self).map_err(|error| ServerError::BadInstanceFile {
            path: path.clone(),
            detail: error.to_string(),
        })?;
        let draft = path.with_extension("toml.partial");
        write_private(&draft, &text)?;
        fs::rename(&draft, &path).map_err(ServerError::file("write", path))
    }

    /// Creates the socket directory, under another name if somebody else has taken this one.
    pub(super) fn prepare_socket_dir(
        &mut self,
        paths: &InstancePaths,
        account: &Account,
    ) -> Result<(), ServerError> {
        if self.socket_dir_is_usable(account) {
            return Ok(());
        }
        if self.socket_dir.symlink_metadata().is_ok() {
            self.socket_dir = socket_dir_for(paths.root());
        }
        account.create_private_dir(&self.socket_dir)
    }

    /// Whether only the account can use the directory; below /tmp anybody could have made it.
    fn socket_dir_is_usable(&self, account: &Account) -> bool {
        let Ok(found) = self.socket_dir.symlink_metadata() else {
            return false;
        };
        found.is_dir() && found.uid() == account.uid() && found.mode() & 0o077 == 0
    }
}

/// The socket directory inside the instance directory, or a short one below /tmp when that path is too long or
/// cannot be written in the server's list of directories.
fn socket_dir_for(root: &Path) -> PathBuf {
    let inside = root.join("run");
    let bytes = inside.as_os_str().as_encoded_bytes();
    let listable = !bytes.contains(&b',') && !bytes.ends_with(b" ");
    if listable && bytes.len() + SOCKET_NAME_MAX.len() <= SOCKET_PATH_BYTES_MAX {
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
        assert!(long.as_os_str().len() + SOCKET_NAME_MAX.len() <= SOCKET_PATH_BYTES_MAX);
    }

    #[test]
    fn the_password_is_not_in_the_debug_output() {
        let paths = InstancePaths::new(PathBuf::from("/tmp/x")).unwrap();
        let file = InstanceFile::new(&paths);
        assert_eq!(file.password.len(), PASSWORD_CHARS);
        assert!(!format!("{file:?}").contains(&file.password));
    }
}
