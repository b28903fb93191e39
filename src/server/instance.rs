//! Creating an instance, and starting and stopping its server, with PostgreSQL's own programs.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use super::account::Account;
use super::error::ServerError;
use super::files::{TemporaryFile, remove_tree};
use super::installation::Installation;
use super::instance_file::InstanceFile;
use super::paths::InstancePaths;
use super::program::run;
use super::{process, settings};

/// Recovery after a crash replays everything since the last checkpoint, which can take minutes.
const START_SECONDS_MAX: &str = "300";

/// A fast shutdown writes all changed pages; after this time the server is stopped without that.
const STOP_SECONDS_MAX: &str = "120";

/// How long a server that reports being ready may take to accept a connection.
const READY_SECONDS_MAX: &str = "30";

/// Another program may take a port between the check that it is free and the start of the server. Five times in a
/// row means that something else is wrong.
const PORT_ATTEMPTS_MAX: u32 = 5;

/// How many lines of the server's log an error shows.
const LOG_LINES_MAX: usize = 12;

/// The first major version with a built-in C.UTF-8, which is independent of the system's locales.
const BUILTIN_LOCALE_MAJOR: u32 = 17;

/// An instance, with the account and the programs that run it.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) paths: InstancePaths,
    pub(super) account: Account,
    pub(super) installation: Installation,
}

impl Instance {
    /// Creates the data directory, under another name until it is complete.
    ///
    /// `child_stdin` gives the standard input of each child: a copy of the instance lock or of the watchdog's
    /// pipe, so that neither is released before the child has ended.
    pub(super) fn create(
        &self,
        file: &InstanceFile,
        sync: bool,
        child_stdin: impl Fn() -> Result<Stdio, ServerError>,
    ) -> Result<(), ServerError> {
        let password_file = TemporaryFile::create(self.paths.password_file(), &file.password)?;
        self.account.make_owner_of(password_file.path())?;
        let mut result = Ok(());
        for locale in self.locales() {
            remove_tree(&self.paths.partial_data())?;
            self.account.create_private_dir(&self.paths.partial_data())?;
            let mut initdb = self.account.command(self.installation.program("initdb"));
            initdb
                .arg("--pgdata")
                .arg(self.paths.partial_data())
                .arg("--username")
                .arg(&file.superuser)
                .arg("--pwfile")
                .arg(password_file.path())
                .args(["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"])
                .args(["--lc-messages=C", "--text-search-config=simple"])
                .args(locale)
                .stdin(child_stdin()?);
            if !sync {
                initdb.arg("--no-sync");
            }
            result = run(&mut initdb, "creating the data directory (initdb)").map(drop);
            let unknown_locale = matches!(&result, Err(ServerError::Program { detail, .. })
                if detail.contains("invalid locale"));
            if !unknown_locale {
                break;
            }
        }
        result?;
        settings::add_includes(&self.paths.partial_data())?;
        fs::rename(self.paths.partial_data(), self.paths.data())
            .map_err(ServerError::file("put in place", self.paths.data()))
    }

    /// The locales to try in this order: UTF-8 in code point order, which never changes under an index.
    fn locales(&self) -> Vec<&'static [&'static str]> {
        let builtin: &[&str] = &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
        let system: &[&str] = &["--locale=C.UTF-8"];
        let plain: &[&str] = &["--locale=C"];
        if self.installation.major() >= BUILTIN_LOCALE_MAJOR {
            vec![builtin, plain]
        } else {
            vec![system, plain]
        }
    }

    /// Starts the server and waits until it accepts connections; the port may become another one.
    pub(super) fn start(
        &self,
        file: &mut InstanceFile,
        child_stdin: impl Fn() -> Result<Stdio, ServerError>,
    ) -> Result<(), ServerError> {
        let data = self.paths.data();
        self.paths.check_data_owner(&self.account)?;
        file.prepare_socket_dir(&self.paths, &self.account)?;
        process::clean_up_after_crash(&data, &file.socket_dir, &self.account)?;
        settings::write_shared(&data, &self.account)?;
        let mut last_error = String::new();
        for _ in 0..PORT_ATTEMPTS_MAX {
            file.port = free_port(file.port)?;
            file.write(&self.paths)?;
            settings::write_private_endpoint(&data, file.port, &file.socket_dir, &self.account)?;
            match self.try_start(child_stdin()?) {
                Ok(()) => return self.check_ready(file.port),
                Err(ServerError::Program { detail, .. }) if says_port_taken(&detail) => {
                    file.port = 0;
                    last_error = detail;
                }
                Err(other) => return Err(other),
            }
        }
        Err(ServerError::NoPort { detail: last_error })
    }

    fn try_start(&self, stdin: Stdio) -> Result<(), ServerError> {
        let startup_log = self.paths.startup_log();
        if startup_log.exists() {
            fs::remove_file(&startup_log).map_err(ServerError::file("remove", &startup_log))?;
        }
        let started_at = SystemTime::now();
        let mut pg_ctl = self.account.command(self.installation.program("pg_ctl"));
        pg_ctl
            .arg("start")
            .arg("-D")
            .arg(self.paths.data())
            .arg("-l")
            .arg(&startup_log)
            .args(["-w", "-s", "-t", START_SECONDS_MAX])
            .stdin(stdin);
        match run(&mut pg_ctl, "starting the server") {
            Err(ServerError::Program { action, detail }) => Err(ServerError::Program {
                action,
                detail: format!("{detail}\n{}", self.errors_since(started_at)),
            }),
            other => other.map(drop),
        }
    }

    fn check_ready(&self, port: u16) -> Result<(), ServerError> {
        let mut pg_isready = self.account.command(self.installation.program("pg_isready"));
        pg_isready.args(["-h", "127.0.0.1", "-t", READY_SECONDS_MAX, "-p"]).arg(port.to_string());
        run(&mut pg_isready, "connecting to the server (pg_isready)").map(drop)
    }

    /// Stops the server with a fast shutdown, or an immediate one if that takes too long.
    pub(super) fn stop(&self) -> Result<(), ServerError> {
        let pg_ctl_stop = |mode| {
            let mut pg_ctl = self.account.command(self.installation.program("pg_ctl"));
            pg_ctl.arg("stop").arg("-D").arg(self.paths.data()).args([
                "-m",
                mode,
                "-w",
                "-s",
                "-t",
                STOP_SECONDS_MAX,
            ]);
            run(&mut pg_ctl, "stopping the server").map(drop)
        };
        let data = self.paths.data();
        if process::postmaster(&data)?.is_none() {
            return Ok(());
        }
        match pg_ctl_stop("fast") {
            // It may have stopped by itself in the meantime.
            Err(_) if process::postmaster(&data)?.is_none() => Ok(()),
            Err(_) => pg_ctl_stop("immediate"),
            Ok(()) => Ok(()),
        }
    }

    /// What the server has printed and logged since `started_at` about why it failed.
    fn errors_since(&self, started_at: SystemTime) -> String {
        let mut lines: Vec<String> = fs::read_to_string(self.paths.startup_log())
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        for path in files_since(&self.paths.log_dir(), started_at) {
            let text = fs::read(&path).unwrap_or_default();
            lines.extend(String::from_utf8_lossy(&text).lines().filter_map(severe_message));
        }
        let excess = lines.len().saturating_sub(LOG_LINES_MAX);
        lines.split_off(excess).join("\n")
    }
}

/// The severity and text of a line of the JSON log, if it is a warning or an error.
fn severe_message(line: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| record.get(key).and_then(serde_json::Value::as_str);
    let severity = text("error_severity")?;
    // A failed bind is logged at LOG, and why the server gives up at FATAL.
    let is_relevant = matches!(severity, "WARNING" | "ERROR" | "FATAL" | "PANIC")
        || text("message").is_some_and(says_port_taken);
    is_relevant.then(|| format!("{severity}: {}", text("message").unwrap_or_default()))
}

fn says_port_taken(text: &str) -> bool {
    text.contains("Address already in use") || text.contains("could not create any TCP/IP sockets")
}

fn files_since(dir: &Path, started_at: SystemTime) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|modified| modified >= started_at)
        })
        .map(|entry| entry.path())
        .collect()
}

/// The preferred port if it is free, else one that the system chooses.
fn free_port(preferred: u16) -> Result<u16, ServerError> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bind(preferred)
        .or_else(|_| bind(0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| ServerError::NoPort { detail: error.to_string() })
}
