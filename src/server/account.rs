//! The operating system account that the server runs as.
//!
//! PostgreSQL refuses to run as root. An ordinary user runs it under their own account; root runs it as
//! [`SERVER_USER`], which then owns the files of the server.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::ServerError;
use super::program::output;

/// The account that every package of PostgreSQL creates for its server.
const SERVER_USER: &str = "postgres";

/// Where root keeps instances: the server's account can enter it, but not root's home.
pub(super) const ROOT_BASE_DIR: &str = "/var/lib/stockroom";

/// The account that runs the server.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// User and group id to change to; `None` means the invoker's own.
    switch_to: Option<(u32, u32)>,
}

impl Account {
    /// Finds the account for the current user.
    pub(super) fn detect() -> Result<Self, ServerError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { switch_to: None });
        }
        match (account_id("-u"), account_id("-g")) {
            (Some(uid), Some(gid)) => Ok(Self { switch_to: Some((uid, gid)) }),
            _ => Err(ServerError::NoAccount { user: SERVER_USER }),
        }
    }

    /// User id that the server runs under.
    pub(super) fn uid(&self) -> u32 {
        self.switch_to.map_or_else(|| rustix::process::geteuid().as_raw(), |(uid, _)| uid)
    }

    /// Mode of the directories above the server's own: private, but searchable if another account must pass.
    pub(super) fn parent_mode(&self) -> u32 {
        if self.switch_to.is_some() { 0o711 } else { 0o700 }
    }

    /// Makes the account the owner of a file or directory.
    pub(super) fn make_owner_of(&self, path: &Path) -> Result<(), ServerError> {
        let Some((uid, gid)) = self.switch_to else {
            return Ok(());
        };
        chown(path, Some(uid), Some(gid)).map_err(ServerError::file("change the owner of", path))
    }

    /// A command that runs as the account, without the invoker's PostgreSQL environment variables.
    ///
    /// The standard library drops supplementary groups when root changes the user id.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Messages are matched, so they must not be translated. The account may have no access to the
        // current directory, but always has to the root directory.
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Some((uid, gid)) = self.switch_to {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Fails unless the account can enter the nearest existing directory on the way to `dir`.
    pub(super) fn check_reachable(&self, dir: &Path) -> Result<(), ServerError> {
        if self.switch_to.is_none() {
            return Ok(());
        }
        let existing = dir.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(Path::new("/"));
        if self.can_enter(existing)? {
            return Ok(());
        }
        let mut from_root: Vec<&Path> = existing.ancestors().collect();
        from_root.reverse();
        let mut blocked = existing;
        for ancestor in from_root {
            if !self.can_enter(ancestor)? {
                blocked = ancestor;
                break;
            }
        }
        Err(ServerError::Unreachable {
            dir: dir.to_owned(),
            blocked: blocked.to_owned(),
            user: SERVER_USER.to_owned(),
            example: ROOT_BASE_DIR,
        })
    }

    fn can_enter(&self, dir: &Path) -> Result<bool, ServerError> {
        let mut command = self.command("/bin/sh");
        command.args(["-c", r#"cd -- "$1""#, "sh"]).arg(dir);
        Ok(output(&mut command)?.status.success())
    }

    /// Creates `dir` and its missing parents so that the account can pass through them.
    pub(super) fn create_dir_all(&self, dir: &Path) -> Result<(), ServerError> {
        let mut missing: Vec<&Path> = dir.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
        missing.reverse();
        for ancestor in missing {
            create_dir(ancestor, self.parent_mode())?;
        }
        Ok(())
    }

    /// Creates a directory that only the account can use.
    pub(super) fn create_private_dir(&self, dir: &Path) -> Result<(), ServerError> {
        create_dir(dir, 0o700)?;
        self.make_owner_of(dir)
    }
}

fn create_dir(dir: &Path, mode: u32) -> Result<(), ServerError> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    // Created private and then given its mode, so that the umask does not matter and it is never too open.
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => fs::set_permissions(dir, fs::Permissions::from_mode(mode))
            .map_err(ServerError::file("set the mode of", dir)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) => Err(ServerError::file("create", dir)(error)),
    }
}

/// Runs `id`, which consults every source of accounts that the system is configured for.
fn account_id(option: &str) -> Option<u32> {
    let answer = Command::new("id").args([option, SERVER_USER]).output().ok()?;
    if !answer.status.success() {
        return None;
    }
    String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
}
