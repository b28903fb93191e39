//! A private PostgreSQL server with pgaudit, for the demo and the tests.
//!
//! It finds an installed PostgreSQL, creates an instance in a directory of its own, and starts and stops it.
//!
//! Boundary: it does not manage databases, roles and data in the server, and opens no connection; it runs PostgreSQL's
//! own programs. All calls block; from asynchronous code use `spawn_blocking`.
//!
//! The server listens on a free port of 127.0.0.1 and on a Unix socket in a private directory. It is
//! configured by the files of `pgaudit/`, which are embedded in the program. Root runs it as the user
//! `postgres`, who must therefore be able to enter the instance directory.

mod account;
mod error;
mod files;
mod install_hint;
mod installation;
mod instance;
mod instance_file;
mod lock;
mod paths;
mod process;
mod program;
mod settings;
mod watchdog;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use error::ServerError;
pub use install_hint::{BIN_DIR_VARIABLE, OLDEST_MAJOR};
pub use installation::Installation;
pub use settings::{AUDIT_CONF, HBA_CONF, LEDGER_CONF};

use account::{Account, ROOT_BASE_DIR};
use files::remove_tree;
use instance::Instance;
use instance_file::InstanceFile;
use lock::InstanceLock;
use paths::InstancePaths;
use watchdog::Watchdog;

/// The characters that are encoded in a URL: all but the unreserved ones (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How long to wait for another process that is starting or stopping the same instance.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// When a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is stopped; it survives this process.
    Detached,
    /// As long as the [`PrivateServer`] value, and at most as long as this process, even if that is killed.
    Tied {
        /// Whether the instance directory is deleted with the server.
        delete_directory: bool,
    },
}

/// Where a private server is created, how long it lives, and with which settings.
#[derive(Debug, Clone)]
pub struct Options {
    /// Directory of the instance; created if it does not exist.
    pub instance_dir: PathBuf,
    /// How long the server lives.
    pub lifetime: Lifetime,
    /// Settings that override those of `pgaudit/`, as name and value.
    pub extra_settings: Vec<(String, String)>,
    /// Directory of PostgreSQL's programs; searched for if none is given.
    pub bin_dir: Option<PathBuf>,
}

impl Options {
    /// A server in `instance_dir` with only the settings of `pgaudit/`.
    #[must_use]
    pub fn new(instance_dir: impl Into<PathBuf>, lifetime: Lifetime) -> Self {
        Self { instance_dir: instance_dir.into(), lifetime, extra_settings: Vec::new(), bin_dir: None }
    }

    /// Adds a setting, which overrides the one in `pgaudit/`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.extra_settings.push((name.to_owned(), value.to_owned()));
        self
    }

    fn syncs(&self) -> bool {
        let off = |value: &str| matches!(value, "off" | "false" | "no" | "0");
        !self.extra_settings.iter().any(|(name, value)| name == "fsync" && off(value))
    }
}

/// The state of an instance directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No server was ever created there.
    Absent,
    /// There is a server, but it is not running: it was stopped or killed.
    Stopped,
    Running {
        port: u16,
    },
}

/// The directory of the demo's server if no other is given.
///
/// It is below the user's data directory; for root below `/var/lib/stockroom`, which the user `postgres` can enter,
/// unlike root's home. `None` if the user has no home directory.
#[must_use]
pub fn default_instance_dir() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some(Path::new(ROOT_BASE_DIR).join("demo"));
    }
    directories::BaseDirs::new().map(|dirs| dirs.data_dir().join("stockroom").join("demo"))
}

/// A private server, running or not.
#[derive(Debug)]
pub struct PrivateServer {
    // Dropped first: it stops a tied server.
    watchdog: Option<Watchdog>,
    lock: Option<InstanceLock>,
    instance: Instance,
    file: InstanceFile,
}

impl PrivateServer {
    /// Starts the server of a directory, and creates it first if necessary.
    ///
    /// A detached server that is already running is used as it is.
    ///
    /// # Errors
    /// What is missing or prevents it, and what to do about it.
    pub fn start(options: &Options) -> Result<Self, ServerError> {
        let account = Account::detect()?;
        let dir = std::path::absolute(&options.instance_dir)
            .map_err(ServerError::file("find", &options.instance_dir))?;
        InstancePaths::new(dir.clone())?.check_usable(&account)?;
        account.check_reachable(&dir)?;
        // Nothing is created on a machine that cannot run a server.
        Installation::find(options.bin_dir.as_deref(), None)?;
        let (paths, lock) = create_and_lock(&dir, &account)?;
        let major = paths.has_data().then(|| paths.major()).transpose()?;
        let installation = installation(options.bin_dir.as_deref(), major, &paths)?;
        let file = match (paths.has_data(), paths.instance_file().exists()) {
            (false, false) => InstanceFile::new(&paths),
            _ => InstanceFile::read(&paths)?,
        };
        let instance = Instance { paths, account, installation };
        let mut server = Self { watchdog: None, lock: None, instance, file };
        if server.is_running()? {
            return match options.lifetime {
                Lifetime::Detached => Ok(server),
                Lifetime::Tied { .. } => Err(ServerError::AlreadyRunning { dir }),
            };
        }
        server.create_and_start(options, lock)?;
        Ok(server)
    }

    fn create_and_start(&mut self, options: &Options, lock: InstanceLock) -> Result<(), ServerError> {
        let paths = self.instance.paths.clone();
        self.file.prepare_socket_dir(&paths, &self.instance.account)?;
        self.file.write(&paths)?;
        if let Lifetime::Tied { delete_directory } = options.lifetime {
            self.watchdog = Some(Watchdog::spawn(
                &paths,
                &self.file.socket_dir,
                delete_directory,
                &self.instance.installation,
                &self.instance.account,
                &lock,
            )?);
        }
        // If this process is killed now, initdb and pg_ctl still hold the lock or the watchdog's pipe until they
        // are done, so nobody else starts the server meanwhile.
        let child_stdin = || match self.watchdog.as_ref().and_then(Watchdog::share) {
            Some(stream) => Ok(stream),
            None => lock.share(&paths),
        };
        if !paths.has_data() {
            self.instance.create(&self.file, options.syncs(), child_stdin)?;
        }
        settings::write_extra(&paths.data(), &options.extra_settings, &self.instance.account)?;
        self.instance.start(&mut self.file, child_stdin)?;
        if self.watchdog.is_some() {
            lock.mark_as_owner(&paths)?;
            self.lock = Some(lock);
        }
        Ok(())
    }

    /// Opens an existing instance without starting it; dropping the value does not affect the server.
    ///
    /// # Errors
    /// If there is no instance, it belongs to somebody else, or its version is not installed.
    pub fn open(instance_dir: &Path) -> Result<Self, ServerError> {
        let dir = fs::canonicalize(instance_dir)
            .map_err(|_| ServerError::Absent { dir: instance_dir.to_owned() })?;
        let paths = InstancePaths::new(dir)?;
        if !paths.has_data() {
            return Err(ServerError::Absent { dir: instance_dir.to_owned() });
        }
        let file = InstanceFile::read(&paths)?;
        let account = Account::detect()?;
        paths.check_data_owner(&account)?;
        Ok(Self {
            watchdog: None,
            lock: None,
            instance: Instance {
                installation: installation(None, Some(paths.major()?), &paths)?,
                paths,
                account,
            },
            file,
        })
    }

    /// Whether there is a server in a directory, and whether it is running.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn status_of(instance_dir: &Path) -> Result<Status, ServerError> {
        match Self::open(instance_dir) {
            Ok(server) => server.status(),
            Err(ServerError::Absent { .. }) => Ok(Status::Absent),
            Err(other) => Err(other),
        }
    }

    /// Stops the server of a directory, if there is one, and deletes the directory.
    ///
    /// # Errors
    /// If the directory contains anything else, the server is in use by its owner, or it cannot be stopped.
    pub fn remove(instance_dir: &Path) -> Result<(), ServerError> {
        let Ok(dir) = fs::canonicalize(instance_dir) else {
            return Ok(());
        };
        let paths = InstancePaths::new(dir)?;
        paths.check_usable(&Account::detect()?)?;
        let _lock = InstanceLock::acquire(&paths, LOCK_TIMEOUT)?;
        if paths.has_data() && process::postmaster(&paths.data())?.is_some() {
            Self::open(instance_dir)?.instance.stop()?;
        }
        if let Ok(file) = InstanceFile::read(&paths)
            && !file.socket_dir.starts_with(paths.root())
        {
            remove_tree(&file.socket_dir)?;
        }
        remove_tree(paths.root())
    }

    /// Whether the server is running.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn status(&self) -> Result<Status, ServerError> {
        Ok(if self.is_running()? { Status::Running { port: self.port() } } else { Status::Stopped })
    }

    fn is_running(&self) -> Result<bool, ServerError> {
        Ok(process::postmaster(&self.instance.paths.data())?.is_some())
    }

    /// Stops the server cleanly; has no effect if it is not running.
    ///
    /// # Errors
    /// If another process is starting it or it cannot be stopped.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        let _lock = self.lock_for_change()?;
        self.instance.stop()
    }

    /// Stops the server if it is running and starts it again, perhaps on another port.
    ///
    /// A server whose processes were killed is cleaned up and recovered.
    ///
    /// # Errors
    /// If another process is starting it, or it can be neither stopped nor started.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        let lock = self.lock_for_change()?;
        self.instance.stop()?;
        let paths = &self.instance.paths;
        let child_stdin = || match &lock {
            Some(lock) => lock.share(paths),
            None => Ok(self.watchdog.as_ref().and_then(Watchdog::share).unwrap_or_else(Stdio::null)),
        };
        self.instance.start(&mut self.file, child_stdin)
    }

    /// Takes the lock, unless this value already holds it as the owner.
    fn lock_for_change(&self) -> Result<Option<InstanceLock>, ServerError> {
        match self.lock {
            Some(_) => Ok(None),
            None => InstanceLock::acquire(&self.instance.paths, LOCK_TIMEOUT).map(Some),
        }
    }

    /// Kills the postmaster with SIGKILL, for tests of crashes.
    ///
    /// # Errors
    /// If the server is not running or may not be killed.
    pub fn kill_postmaster(&self) -> Result<(), ServerError> {
        let data = self.instance.paths.data();
        let Some(pid) = process::postmaster(&data)? else {
            return Err(ServerError::NotRunning { dir: self.instance_dir().to_owned() });
        };
        process::kill_postmaster(pid).map_err(ServerError::file("kill the server of", data))
    }

    /// Process id of the postmaster, if the server is running.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn postmaster_pid(&self) -> Result<Option<u32>, ServerError> {
        let pid = process::postmaster(&self.instance.paths.data())?;
        Ok(pid.map(|pid| pid.as_raw_nonzero().get().unsigned_abs()))
    }

    /// URL for the superuser and the database `postgres`, over TCP, with the password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_for(&self.file.superuser, &self.file.password, "postgres")
    }

    /// URL for a role and a database of this server, over TCP.
    #[must_use]
    pub fn url_for(&self, user: &str, password: &str, database: &str) -> String {
        let encode = |text| utf8_percent_encode(text, ENCODED);
        format!(
            "postgresql://{}:{}@127.0.0.1:{}/{}",
            encode(user),
            encode(password),
            self.port(),
            encode(database),
        )
    }

    /// The port on which the server listens on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.file.port
    }

    /// Directory of the Unix socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.file.socket_dir
    }

    /// The instance directory, without symbolic links.
    #[must_use]
    pub fn instance_dir(&self) -> &Path {
        self.instance.paths.root()
    }

    /// The data directory of the server, below the instance directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.instance.paths.data()
    }

    /// Directory of the server's log, which only the server's account (and root) can read.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.instance.paths.log_dir()
    }

    /// File with the superuser's password; only its owner can read it.
    #[must_use]
    pub fn credentials_file(&self) -> PathBuf {
        self.instance.paths.instance_file()
    }

    /// The PostgreSQL programs that run this server.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.instance.installation
    }
}

/// Creates the instance directory, if it does not exist, and takes its lock.
fn create_and_lock(dir: &Path, account: &Account) -> Result<(InstancePaths, InstanceLock), ServerError> {
    loop {
        account.create_dir_all(dir)?;
        let real = fs::canonicalize(dir).map_err(ServerError::file("find", dir))?;
        let paths = InstancePaths::new(real)?;
        match InstanceLock::acquire(&paths, LOCK_TIMEOUT) {
            Ok(lock) => return Ok((paths, lock)),
            // Whoever held the lock deleted the directory with it.
            Err(ServerError::File { .. }) if !dir.exists() => {}
            Err(other) => return Err(other),
        }
    }
}

/// The installation for an instance, which must have the version that created it.
fn installation(
    bin_dir: Option<&Path>,
    major: Option<u32>,
    paths: &InstancePaths,
) -> Result<Installation, ServerError> {
    match (Installation::find(bin_dir, major), major) {
        (Err(ServerError::TooOld { .. } | ServerError::NoPgaudit { .. }), Some(major)) => {
            Err(ServerError::OtherMajor { dir: paths.root().to_owned(), major })
        }
        (result, _) => result,
    }
}
