//! Errors of a private server; the messages say what to do next.

use std::io;
use std::path::PathBuf;

use super::install_hint::{OLDEST_MAJOR, install_hint};

/// A failure to find, create, start, stop or query a private server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No PostgreSQL server programs were found.
    #[error("no PostgreSQL server programs found (searched {searched}).\n{}", install_hint(None))]
    NotInstalled {
        /// The places that were searched.
        searched: String,
    },
    /// The only servers found are older than what Stockroom needs.
    #[error(
        "PostgreSQL {found} in {} is too old: Stockroom needs {OLDEST_MAJOR} or newer.\n{}",
        bin_dir.display(),
        install_hint(None)
    )]
    TooOld { found: String, bin_dir: PathBuf },
    /// A server was found, but its pgaudit was not.
    #[error(
        "PostgreSQL {major} in {} has no pgaudit, which Stockroom requires.\n{}",
        bin_dir.display(),
        install_hint(Some(*major))
    )]
    NoPgaudit {
        /// Major version of the server found.
        major: u32,
        bin_dir: PathBuf,
    },
    /// The instance was created by a major version that is not installed (any more).
    #[error(
        "{} was created by PostgreSQL {major}, which is not installed here with pgaudit; \
         install it, or remove the directory to start again.\n{}",
        dir.display(),
        install_hint(Some(*major))
    )]
    OtherMajor {
        dir: PathBuf,
        /// Major version that wrote it.
        major: u32,
    },
    /// The invoker is root and the account that PostgreSQL must run as does not exist.
    #[error(
        "PostgreSQL cannot run as root, and there is no user `{user}` to run it as; \
         create one (useradd --system {user}), or run this as an ordinary user"
    )]
    NoAccount { user: &'static str },
    /// The account that runs the server cannot reach the instance directory.
    #[error(
        "the user `{user}`, as which PostgreSQL runs when started by root, cannot enter {}, so there can be no server in {}; \
         choose a directory that everyone can enter, for example {example}, or run: chmod o+x {}",
        blocked.display(), dir.display(), blocked.display()
    )]
    Unreachable {
        /// The requested instance directory.
        dir: PathBuf,
        /// The first directory on the path that the account cannot enter.
        blocked: PathBuf,
        /// The account that was refused.
        user: String,
        /// A directory that can be used.
        example: &'static str,
    },
    /// The path contains characters that PostgreSQL's own programs do not quote.
    #[error(
        "{} cannot be used for a server: its name must not contain quotes, $, backslashes, backticks or line breaks",
        dir.display()
    )]
    UnusablePath {
        /// The requested instance directory.
        dir: PathBuf,
    },
    /// The directory contains something else.
    #[error(
        "{} is not empty and does not contain a Stockroom server; choose another directory",
        dir.display()
    )]
    NotAnInstance {
        /// The requested directory.
        dir: PathBuf,
    },
    /// There is no instance in the directory.
    #[error("there is no server in {}", dir.display())]
    Absent {
        /// The requested directory.
        dir: PathBuf,
    },
    /// The files belong to somebody other than the account that the server would run as.
    #[error(
        "{} belongs to user id {owner}, but the server would run as user id {account}; \
         run this as the user who owns it, or choose another directory",
        dir.display()
    )]
    OtherOwner {
        /// The instance or data directory.
        dir: PathBuf,
        /// User id that owns it.
        owner: u32,
        /// User id that the server would run as.
        account: u32,
    },
    /// Another process is using the instance.
    #[error("the server in {} is in use by {holder}", dir.display())]
    InUse {
        dir: PathBuf,
        /// What the lock file says about its holder.
        holder: String,
    },
    /// The server is already running, but should be tied to this process.
    #[error("the server in {} is already running", dir.display())]
    AlreadyRunning { dir: PathBuf },
    /// A setting cannot be written to a configuration file.
    #[error("the server setting `{name}` has an invalid name or value")]
    BadSetting {
        /// The setting's name as given.
        name: String,
    },
    /// A file or directory could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// The instance file is damaged.
    #[error("{} is not a valid server description: {detail}", path.display())]
    BadInstanceFile { path: PathBuf, detail: String },
    /// A program could not be run at all.
    #[error("cannot run {}: {source}", program.display())]
    Spawn { program: PathBuf, source: io::Error },
    /// One of PostgreSQL's programs failed.
    #[error("{action} failed: {detail}")]
    Program {
        action: &'static str,
        /// The output of the program and the errors in the server's log.
        detail: String,
    },
    /// No free port could be taken.
    #[error("no free port on 127.0.0.1: {detail}")]
    NoPort {
        /// The error of the last attempt.
        detail: String,
    },
    /// The server is not running, but must be.
    #[error("the server in {} is not running", dir.display())]
    NotRunning { dir: PathBuf },
}

impl ServerError {
    /// Converts an I/O error, naming the file and the action.
    pub(super) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
