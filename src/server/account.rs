//! Whom the server's programs run as, and how they are run.
//!
//! PostgreSQL refuses to run as root. An ordinary user runs it as himself; root runs it as
//! [`SERVER_USER`], to whom the files of the server then belong.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::error::ServerError;

/// The account that every package of PostgreSQL makes for its server.
const SERVER_USER: &str = "postgres";

/// Below this directory the server's account can work when root is the invoker.
pub(super) const ROOT_BASE_DIR: &str = "/var/lib/stockroom";

/// The account that runs the server.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// User and group id to change to; `None` means the invoker's own.
    switch_to: Option<(u32, u32)>,
}

impl Account {
    /// Finds the account for the present user.
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

    /// Mode of directories that hold the server's directory: closed, except that another account must pass.
    pub(super) fn passage_mode(&self) -> u32 {
        if self.switch_to.is_some() { 0o711 } else { 0o700 }
    }

    /// Gives a file or directory to the account.
    pub(super) fn give(&self, path: &Path) -> Result<(), ServerError> {
        let Some((uid, gid)) = self.switch_to else {
            return Ok(());
        };
        chown(path, Some(uid), Some(gid)).map_err(ServerError::file("change the owner of", path))
    }

    /// A command that runs as the account, untouched by the invoker's PostgreSQL environment.
    ///
    /// The standard library drops supplementary groups when root changes the user id.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Messages are matched below, so they must not be translated. The invoker's
        // directory may be closed to the account, the root directory never is.
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
        let existing = dir.ancestors().find(|place| place.is_dir()).unwrap_or(Path::new("/"));
        if self.can_enter(existing)? {
            return Ok(());
        }
        let mut way: Vec<&Path> = existing.ancestors().collect();
        way.reverse();
        let mut blocked = existing;
        for place in way {
            if !self.can_enter(place)? {
                blocked = place;
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

    /// Makes `dir` and what is missing above it, passable for the account.
    pub(super) fn create_passage(&self, dir: &Path) -> Result<(), ServerError> {
        let mut missing: Vec<&Path> = dir.ancestors().take_while(|place| !place.exists()).collect();
        missing.reverse();
        for place in missing {
            create_dir(place, self.passage_mode())?;
        }
        Ok(())
    }

    /// Makes one directory that only the account can use.
    pub(super) fn create_private(&self, dir: &Path) -> Result<(), ServerError> {
        create_dir(dir, 0o700)?;
        self.give(dir)
    }
}

fn create_dir(dir: &Path, mode: u32) -> Result<(), ServerError> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    // Made closed, then opened as far as wanted: the umask has no say and there is no gap.
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => fs::set_permissions(dir, fs::Permissions::from_mode(mode))
            .map_err(ServerError::file("set the mode of", dir)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) => Err(ServerError::file("create", dir)(error)),
    }
}

/// Asks `id`, which knows every source of accounts that the system is set up for.
fn account_id(option: &str) -> Option<u32> {
    let answer = Command::new("id").args([option, SERVER_USER]).output().ok()?;
    if !answer.status.success() {
        return None;
    }
    String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
}

/// Runs a command to its end and takes what it prints.
pub(super) fn output(command: &mut Command) -> Result<Output, ServerError> {
    command
        .output()
        .map_err(|source| ServerError::Spawn { program: PathBuf::from(command.get_program()), source })
}

/// Runs a command to its end; a failure carries what it printed.
pub(super) fn run(command: &mut Command, action: &'static str) -> Result<String, ServerError> {
    let answer = output(command)?;
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    if answer.status.success() {
        return Ok(text);
    }
    let complaint = String::from_utf8_lossy(&answer.stderr);
    Err(ServerError::Program {
        action,
        detail: format!("{}\n{}", complaint.trim(), text.trim()).trim().to_owned(),
    })
}
