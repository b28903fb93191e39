//! A private PostgreSQL server with pgaudit, for the demo and the tests.
//!
//! It finds an installed PostgreSQL, makes an instance in a directory of its own, starts and stops it. What
//! is done *in* the server (databases, roles, data) is not known here, and no connection is opened: only
//! PostgreSQL's own programs are run. All calls block; from asynchronous code use `spawn_blocking`.
//!
//! The server listens on a free port of 127.0.0.1 and on a Unix socket in a private directory. It is
//! configured by the files of `pgaudit/`, which are embedded in the program. Root runs it as the user
//! `postgres`, who must therefore be able to enter the instance directory.

mod account;
mod binaries;
mod error;
mod instance;
mod lock;
mod process;
mod settings;
mod site;
mod watchdog;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use binaries::{BIN_DIR_VARIABLE, Installation, OLDEST_MAJOR};
pub use error::ServerError;
pub use settings::{AUDIT_CONF, HBA_CONF, LEDGER_CONF};

use account::{Account, ROOT_BASE_DIR};
use instance::{Description, Layout};
use lock::InstanceLock;
use site::{Site, remove_tree};
use watchdog::Watchdog;

/// What is encoded in a URL: all but the unreserved characters (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How long to wait for another process that is starting or stopping the same instance.
const LOCK_PATIENCE: Duration = Duration::from_secs(60);

/// How long a server lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is stopped; it survives this process.
    Detached,
    /// As long as the [`PrivateServer`] value, and at most as long as this process, even if that is killed.
    Tied {
        /// Whether the instance directory goes with the server.
        delete_directory: bool,
    },
}

/// What server to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Directory of the instance; made if it does not exist.
    pub instance_dir: PathBuf,
    /// How long the server lives.
    pub lifetime: Lifetime,
    /// Settings that override those of `pgaudit/`, as name and value.
    pub extra_settings: Vec<(String, String)>,
    /// Directory of PostgreSQL's programs; found by itself if not given.
    pub bin_dir: Option<PathBuf>,
}

impl Options {
    /// A server in `instance_dir` with the settings of `pgaudit/` alone.
    #[must_use]
    pub fn new(instance_dir: impl Into<PathBuf>, lifetime: Lifetime) -> Self {
        Self { instance_dir: instance_dir.into(), lifetime, extra_settings: Vec::new(), bin_dir: None }
    }

    /// Adds a setting.
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

/// What there is in an instance directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No server was ever made there.
    Absent,
    /// There is a server and it does not run, stopped or killed.
    Stopped,
    /// The server runs.
    Running {
        /// Its port on 127.0.0.1.
        port: u16,
    },
}

/// The directory of the demo's server when none is asked for.
///
/// Below the user's data directory; for root below `/var/lib/stockroom`, which the user `postgres` can
/// enter where it could not enter root's home. `None` when the user has no home directory.
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
    site: Site,
    description: Description,
}

impl PrivateServer {
    /// Starts the server of a directory, making it first if need be.
    ///
    /// A detached server that already runs is taken as it is.
    ///
    /// # Errors
    /// Says what is missing or in the way, and what to do about it.
    pub fn start(options: &Options) -> Result<Self, ServerError> {
        let account = Account::detect()?;
        let dir = std::path::absolute(&options.instance_dir)
            .map_err(ServerError::file("find", &options.instance_dir))?;
        Layout::new(dir.clone())?.check_ours(&account)?;
        account.check_reachable(&dir)?;
        // Nothing is made on a machine that cannot run a server.
        Installation::find(options.bin_dir.as_deref(), None)?;
        let (layout, lock) = enter(&dir, &account)?;
        let major = layout.exists().then(|| layout.major()).transpose()?;
        let site =
            Site { installation: installation(options.bin_dir.as_deref(), major, &layout)?, layout, account };
        let description = match (site.layout.exists(), site.layout.description().exists()) {
            (false, false) => Description::new(&site.layout),
            _ => Description::read(&site.layout)?,
        };
        let mut server = Self { watchdog: None, lock: None, site, description };
        if server.is_running()? {
            return match options.lifetime {
                Lifetime::Detached => Ok(server),
                Lifetime::Tied { .. } => Err(ServerError::AlreadyRunning { dir }),
            };
        }
        server.make_and_launch(options, lock)?;
        Ok(server)
    }

    fn make_and_launch(&mut self, options: &Options, lock: InstanceLock) -> Result<(), ServerError> {
        let layout = self.site.layout.clone();
        self.description.prepare_socket_dir(&layout, &self.site.account)?;
        self.description.write(&layout)?;
        if let Lifetime::Tied { delete_directory } = options.lifetime {
            self.watchdog = Some(Watchdog::spawn(
                &layout,
                &self.description.socket_dir,
                delete_directory,
                &self.site.installation,
                &self.site.account,
                &lock,
            )?);
        }
        // Should this process be killed now, initdb and pg_ctl still hold the lock or the
        // watchdog's pipe until they are done: nothing is started behind anybody's back.
        let guard = || match self.watchdog.as_ref().and_then(Watchdog::share) {
            Some(stream) => Ok(stream),
            None => lock.share(&layout),
        };
        if !layout.exists() {
            self.site.create(&self.description, options.syncs(), guard)?;
        }
        settings::write_extra(&layout.data(), &options.extra_settings, &self.site.account)?;
        self.site.launch(&mut self.description, guard)?;
        if self.watchdog.is_some() {
            lock.keep(&layout)?;
            self.lock = Some(lock);
        }
        Ok(())
    }

    /// Looks at an existing instance without starting it; dropping the value leaves the server as it is.
    ///
    /// # Errors
    /// If there is no instance, it belongs to somebody else, or its version is not installed.
    pub fn open(instance_dir: &Path) -> Result<Self, ServerError> {
        let dir = fs::canonicalize(instance_dir)
            .map_err(|_| ServerError::Absent { dir: instance_dir.to_owned() })?;
        let layout = Layout::new(dir)?;
        if !layout.exists() {
            return Err(ServerError::Absent { dir: instance_dir.to_owned() });
        }
        let description = Description::read(&layout)?;
        let account = Account::detect()?;
        layout.check_owner(&account)?;
        Ok(Self {
            watchdog: None,
            lock: None,
            site: Site { installation: installation(None, Some(layout.major()?), &layout)?, layout, account },
            description,
        })
    }

    /// Says whether there is a server in a directory and whether it runs.
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
    /// If the directory holds anything else, the server is in use by its owner, or it cannot be stopped.
    pub fn remove(instance_dir: &Path) -> Result<(), ServerError> {
        let Ok(dir) = fs::canonicalize(instance_dir) else {
            return Ok(());
        };
        let layout = Layout::new(dir)?;
        layout.check_ours(&Account::detect()?)?;
        let _lock = InstanceLock::acquire(&layout, LOCK_PATIENCE)?;
        if layout.exists() && process::postmaster(&layout.data())?.is_some() {
            Self::open(instance_dir)?.site.halt()?;
        }
        if let Ok(description) = Description::read(&layout)
            && !description.socket_dir.starts_with(layout.root())
        {
            remove_tree(&description.socket_dir)?;
        }
        remove_tree(layout.root())
    }

    /// Says whether the server runs.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn status(&self) -> Result<Status, ServerError> {
        Ok(if self.is_running()? { Status::Running { port: self.port() } } else { Status::Stopped })
    }

    fn is_running(&self) -> Result<bool, ServerError> {
        Ok(process::postmaster(&self.site.layout.data())?.is_some())
    }

    /// Stops the server cleanly; one that does not run is left as it is.
    ///
    /// # Errors
    /// If another process is starting it or it cannot be stopped.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        let _lock = self.lock_for_change()?;
        self.site.halt()
    }

    /// Stops the server if it runs and starts it again; the port may become another one.
    ///
    /// A server whose processes were killed is cleaned up and recovered.
    ///
    /// # Errors
    /// If another process is starting it, or it can be neither stopped nor started.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        let lock = self.lock_for_change()?;
        self.site.halt()?;
        let layout = &self.site.layout;
        let guard = || match &lock {
            Some(lock) => lock.share(layout),
            None => Ok(self.watchdog.as_ref().and_then(Watchdog::share).unwrap_or_else(Stdio::null)),
        };
        self.site.launch(&mut self.description, guard)
    }

    /// The lock, unless this value holds it for life.
    fn lock_for_change(&self) -> Result<Option<InstanceLock>, ServerError> {
        match self.lock {
            Some(_) => Ok(None),
            None => InstanceLock::acquire(&self.site.layout, LOCK_PATIENCE).map(Some),
        }
    }

    /// Kills the postmaster with SIGKILL, for tests of what happens then.
    ///
    /// # Errors
    /// If the server does not run or may not be killed.
    pub fn kill_postmaster(&self) -> Result<(), ServerError> {
        let data = self.site.layout.data();
        let Some(pid) = process::postmaster(&data)? else {
            return Err(ServerError::NotRunning { dir: self.instance_dir().to_owned() });
        };
        process::kill_postmaster(pid).map_err(ServerError::file("kill the server of", data))
    }

    /// Process id of the postmaster, if the server runs.
    ///
    /// # Errors
    /// If its files cannot be read.
    pub fn postmaster_pid(&self) -> Result<Option<u32>, ServerError> {
        let pid = process::postmaster(&self.site.layout.data())?;
        Ok(pid.map(|pid| pid.as_raw_nonzero().get().unsigned_abs()))
    }

    /// URL for the superuser and the database `postgres`, over TCP, with the password in it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_for(&self.description.superuser, &self.description.password, "postgres")
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

    /// Port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.description.port
    }

    /// Directory of the Unix socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.description.socket_dir
    }

    /// The instance directory, with no symbolic links in it.
    #[must_use]
    pub fn instance_dir(&self) -> &Path {
        self.site.layout.root()
    }

    /// PostgreSQL's data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.site.layout.data()
    }

    /// Directory of the server's log, which only the server's account (and root) can read.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.site.layout.log()
    }

    /// File that holds the superuser's password; only its owner can read it.
    #[must_use]
    pub fn credentials_file(&self) -> PathBuf {
        self.site.layout.description()
    }

    /// The PostgreSQL programs that run this server.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.site.installation
    }
}

/// Makes the instance directory, if it is not there, and takes its lock.
fn enter(dir: &Path, account: &Account) -> Result<(Layout, InstanceLock), ServerError> {
    loop {
        account.create_passage(dir)?;
        let real = fs::canonicalize(dir).map_err(ServerError::file("find", dir))?;
        let layout = Layout::new(real)?;
        match InstanceLock::acquire(&layout, LOCK_PATIENCE) {
            Ok(lock) => return Ok((layout, lock)),
            // Whoever held the lock deleted the directory with it.
            Err(ServerError::File { .. }) if !dir.exists() => {}
            Err(other) => return Err(other),
        }
    }
}

/// The installation for an instance, which can only be run by the version that made it.
fn installation(
    bin_dir: Option<&Path>,
    major: Option<u32>,
    layout: &Layout,
) -> Result<Installation, ServerError> {
    match (Installation::find(bin_dir, major), major) {
        (Err(ServerError::TooOld { .. } | ServerError::NoPgaudit { .. }), Some(major)) => {
            Err(ServerError::OtherMajor { dir: layout.root().to_owned(), major })
        }
        (result, _) => result,
    }
}
