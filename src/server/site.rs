//! Making, launching and halting the server of one instance with PostgreSQL's own programs.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use super::account::{Account, run};
use super::binaries::Installation;
use super::error::ServerError;
use super::instance::{Description, Layout, write_private};
use super::{process, settings};

/// Recovery after a kill replays what was written since the last checkpoint, which can take minutes.
const START_SECONDS_MAX: &str = "300";

/// A clean stop writes out all changed pages; past this time the server is stopped without that.
const STOP_SECONDS_MAX: &str = "120";

/// How long a server that says it is ready may take to accept a connection.
const READY_SECONDS_MAX: &str = "30";

/// Somebody may take a port between the test that it is free and the server's own try; never five times over.
const PORT_ATTEMPTS_MAX: u32 = 5;

/// Lines of the server's log that an error shows.
const COMPLAINT_LINES_MAX: usize = 12;

/// First major version whose own C.UTF-8 works without the system's locales.
const BUILTIN_LOCALE_MAJOR: u32 = 17;

/// An instance together with what is needed to work on it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) layout: Layout,
    pub(super) account: Account,
    pub(super) installation: Installation,
}

/// A file that is gone when this is.
struct Fleeting(PathBuf);

impl Drop for Fleeting {
    fn drop(&mut self) {
        // It may be gone already; if it cannot be removed, only the server's account can read it.
        let _ = fs::remove_file(&self.0);
    }
}

impl Site {
    /// Makes the data directory under another name, so that a half-made one is never taken for whole.
    ///
    /// `guard` gives the standard input of children: it holds what must not be let go before they end.
    pub(super) fn create(
        &self,
        description: &Description,
        sync: bool,
        guard: impl Fn() -> Result<Stdio, ServerError>,
    ) -> Result<(), ServerError> {
        let password_file = Fleeting(self.layout.password_file());
        write_private(&password_file.0, &description.password)?;
        self.account.give(&password_file.0)?;
        let mut result = Ok(());
        for locale in self.locales() {
            self.clear_partial()?;
            self.account.create_private(&self.layout.partial())?;
            let mut initdb = self.account.command(self.installation.program("initdb"));
            initdb
                .arg("--pgdata")
                .arg(self.layout.partial())
                .arg("--username")
                .arg(&description.superuser)
                .arg("--pwfile")
                .arg(&password_file.0)
                .args(["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"])
                .args(["--lc-messages=C", "--text-search-config=simple"])
                .args(locale)
                .stdin(guard()?);
            if !sync {
                initdb.arg("--no-sync");
            }
            result = run(&mut initdb, "making the data directory (initdb)").map(drop);
            let unknown_locale = matches!(&result, Err(ServerError::Program { detail, .. })
                if detail.contains("invalid locale"));
            if !unknown_locale {
                break;
            }
        }
        result?;
        settings::add_includes(&self.layout.partial())?;
        fs::rename(self.layout.partial(), self.layout.data())
            .map_err(ServerError::file("put in place", self.layout.data()))
    }

    /// Locales to try in turn: UTF-8 with the order of code points, which never changes under an index.
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

    fn clear_partial(&self) -> Result<(), ServerError> {
        remove_tree(&self.layout.partial())
    }

    /// Starts the server and waits until it accepts connections; the port may become another one.
    pub(super) fn launch(
        &self,
        description: &mut Description,
        guard: impl Fn() -> Result<Stdio, ServerError>,
    ) -> Result<(), ServerError> {
        let data = self.layout.data();
        self.layout.check_owner(&self.account)?;
        description.prepare_socket_dir(&self.layout, &self.account)?;
        process::clear_remains(&data, &description.socket_dir, &self.account)?;
        settings::write_shared(&data, &self.account)?;
        let mut last = String::new();
        for _ in 0..PORT_ATTEMPTS_MAX {
            description.port = free_port(description.port)?;
            description.write(&self.layout)?;
            settings::write_private_endpoint(
                &data,
                description.port,
                &description.socket_dir,
                &self.account,
            )?;
            match self.start_once(guard()?) {
                Ok(()) => return self.check_ready(description.port),
                Err(ServerError::Program { detail, .. }) if says_port_taken(&detail) => {
                    description.port = 0;
                    last = detail;
                }
                Err(other) => return Err(other),
            }
        }
        Err(ServerError::NoPort { detail: last })
    }

    fn start_once(&self, guard: Stdio) -> Result<(), ServerError> {
        let startup_log = self.layout.startup_log();
        if startup_log.exists() {
            fs::remove_file(&startup_log).map_err(ServerError::file("remove", &startup_log))?;
        }
        let begun = SystemTime::now();
        let mut pg_ctl = self.account.command(self.installation.program("pg_ctl"));
        pg_ctl
            .arg("start")
            .arg("-D")
            .arg(self.layout.data())
            .arg("-l")
            .arg(&startup_log)
            .args(["-w", "-s", "-t", START_SECONDS_MAX])
            .stdin(guard);
        match run(&mut pg_ctl, "starting the server") {
            Err(ServerError::Program { action, detail }) => Err(ServerError::Program {
                action,
                detail: format!("{detail}\n{}", self.complaints_since(begun)),
            }),
            other => other.map(drop),
        }
    }

    fn check_ready(&self, port: u16) -> Result<(), ServerError> {
        let mut pg_isready = self.account.command(self.installation.program("pg_isready"));
        pg_isready.args(["-h", "127.0.0.1", "-t", READY_SECONDS_MAX, "-p"]).arg(port.to_string());
        run(&mut pg_isready, "connecting to the server (pg_isready)").map(drop)
    }

    /// Stops the server cleanly; if it does not stop in time, without waiting for its pages to be written.
    pub(super) fn halt(&self) -> Result<(), ServerError> {
        let stop = |mode| {
            let mut pg_ctl = self.account.command(self.installation.program("pg_ctl"));
            pg_ctl.arg("stop").arg("-D").arg(self.layout.data()).args([
                "-m",
                mode,
                "-w",
                "-s",
                "-t",
                STOP_SECONDS_MAX,
            ]);
            run(&mut pg_ctl, "stopping the server").map(drop)
        };
        let data = self.layout.data();
        if process::postmaster(&data)?.is_none() {
            return Ok(());
        }
        match stop("fast") {
            // It may have gone by itself in the meantime.
            Err(_) if process::postmaster(&data)?.is_none() => Ok(()),
            Err(_) => stop("immediate"),
            Ok(()) => Ok(()),
        }
    }

    /// What the server said since a moment, from its first words and its log.
    fn complaints_since(&self, begun: SystemTime) -> String {
        let mut lines: Vec<String> = fs::read_to_string(self.layout.startup_log())
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        for path in files_since(&self.layout.log(), begun) {
            let text = fs::read(&path).unwrap_or_default();
            lines.extend(String::from_utf8_lossy(&text).lines().filter_map(severe_message));
        }
        let surplus = lines.len().saturating_sub(COMPLAINT_LINES_MAX);
        lines.split_off(surplus).join("\n")
    }
}

/// Severity and text of a line of the JSON log, if it is about more than the usual.
fn severe_message(line: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| record.get(key).and_then(serde_json::Value::as_str);
    let severity = text("error_severity")?;
    // A failed bind is told as a LOG line, the reason why the server gives up as FATAL.
    let worth_showing = matches!(severity, "WARNING" | "ERROR" | "FATAL" | "PANIC")
        || text("message").is_some_and(says_port_taken);
    worth_showing.then(|| format!("{severity}: {}", text("message").unwrap_or_default()))
}

fn says_port_taken(text: &str) -> bool {
    text.contains("Address already in use") || text.contains("could not create any TCP/IP sockets")
}

fn files_since(dir: &Path, begun: SystemTime) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            entry.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|modified| modified >= begun)
        })
        .map(|entry| entry.path())
        .collect()
}

/// The preferred port if it is free, else one that the system gives out.
fn free_port(preferred: u16) -> Result<u16, ServerError> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bind(preferred)
        .or_else(|_| bind(0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| ServerError::NoPort { detail: error.to_string() })
}

/// Removes a directory and all in it, if it is there.
pub(super) fn remove_tree(dir: &Path) -> Result<(), ServerError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ServerError::file("remove", dir)(error))
        }
        _ => Ok(()),
    }
}
