//! A real server with pgaudit for tests, which ends with the test process, however that ends.

use std::env;
use std::ops::{Deref, DerefMut};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use stockroom::server::{Lifetime, Options, PrivateServer};

/// Enough for a test on each core of a large machine; the default is 100.
const SHARED_CONNECTIONS_MAX: &str = "400";

/// A server in a directory of its own, which is deleted with it.
#[derive(Debug)]
pub struct TestServer {
    server: PrivateServer,
}

impl TestServer {
    /// The one server of this test process. It is stopped when the process ends.
    ///
    /// Tests of a process run side by side on it, each in a database of its own. Logins, the log and the settings are
    /// those of all of them: a test that changes these, counts them or reads all of the log takes a server of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestServer> = OnceLock::new();
        SHARED.get_or_init(|| Self::own(&[("max_connections", SHARED_CONNECTIONS_MAX)]))
    }

    /// A server for one test that stops, kills or configures it.
    pub fn own(extra_settings: &[(&str, &str)]) -> Self {
        let mut options = Self::options();
        for (name, value) in extra_settings {
            options = options.setting(name, value);
        }
        let server = PrivateServer::start(&options).unwrap_or_else(|error| panic!("{error}"));
        Self { server }
    }

    /// A server that was started otherwise.
    pub fn of(server: PrivateServer) -> Self {
        Self { server }
    }

    /// Options of a server in a new directory that is deleted when this process ends.
    pub fn options() -> Options {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("stockroom-test-{}-{number}", std::process::id());
        let lifetime = Lifetime::Tied { delete_directory: true };
        // What is lost in a power cut does not matter to a server that is deleted anyway.
        Options::new(env::temp_dir().join(name), lifetime).setting("fsync", "off")
    }

    /// URL of the superuser for the database `postgres`.
    pub fn superuser_url(&self) -> String {
        self.server.url()
    }
}

impl Deref for TestServer {
    type Target = PrivateServer;

    fn deref(&self) -> &PrivateServer {
        &self.server
    }
}

impl DerefMut for TestServer {
    fn deref_mut(&mut self) -> &mut PrivateServer {
        &mut self.server
    }
}

/// Runs SQL with `psql` as the superuser; gives what it prints, one row per line, or what it complains of.
pub fn psql(server: &PrivateServer, sql: &str) -> Result<String, String> {
    psql_at(server, &server.url(), sql)
}

/// Runs SQL with `psql` at a URL.
pub fn psql_at(server: &PrivateServer, url: &str, sql: &str) -> Result<String, String> {
    let answer = Command::new(server.installation().program("psql"))
        .args(["--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-qAt", "-d", url, "-c", sql])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if answer.status.success() { Ok(text(&answer.stdout)) } else { Err(text(&answer.stderr)) }
}
