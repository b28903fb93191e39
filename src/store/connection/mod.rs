//! Connections: the settings in a database URL, the pool, and the server process behind each connection.

pub(super) mod cancellation;
pub(super) mod tls;

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use deadpool::managed::{self, Metrics, Object, Pool, RecycleError, RecycleResult, Timeouts};
use deadpool_postgres::{ClientWrapper, ManagerConfig, RecyclingMethod};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use self::cancellation::Lease;
use self::tls::Verify;
use super::error::Error;
use super::version::Schema;

/// How long to wait for a new connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for a free connection of the pool.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);
/// The idle time after which TCP keepalive probes a connection.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// How many probes may fail, and the pause between them.
const KEEPALIVE_RETRIES: u32 = 3;
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long sent data may go unacknowledged by the peer's network stack.
const UNANSWERED_MAX: Duration = Duration::from_secs(30);
/// The longest program name that the URL can give. The server truncates names to 63 bytes and replaces characters that
/// are not printable ASCII; a session would not be found by a name changed in this way.
const PROGRAM_NAME_LENGTH_MAX: usize = 50;
/// Settings of every session. A posting that waits longer than the lock timeout is retried; a statement that runs
/// longer than the statement timeout has gone wrong. The formats are fixed because the audit compares parameters as
/// text. The memory is what adding up the levels of a large catalogue needs without temporary files.
pub const SESSION_OPTIONS: &str = "-c lock_timeout=10s -c statement_timeout=300s \
     -c idle_in_transaction_session_timeout=60s \
     -c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1 -c jit=off -c work_mem=32MB";

/// Settings that decide which objects a name refers to and which rows a query returns. They come last, so that nothing
/// in the URL overrides them; settings of the role or of the database do not override those that a client sends. In the
/// program's SQL everything but built-in names is schema-qualified: no object that somebody creates can replace a
/// function or view that it reads. With row_security off, a query from which row-level security would hide rows fails
/// instead.
const PINNED_OPTIONS: &str =
    "-c search_path=pg_catalog,pg_temp -c row_security=off -c quote_all_identifiers=off";

/// What the sessions of a pool are for; it decides the isolation level of single statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Reads, master data, and transactions that set their own level: READ COMMITTED.
    General,
    /// Postings: each is one INSERT, which is SERIALIZABLE as a transaction of its own, without the round trips of
    /// BEGIN and COMMIT.
    Posting,
}

impl Purpose {
    fn option(self) -> &'static str {
        match self {
            Self::General => "-c default_transaction_isolation=read\\ committed",
            Self::Posting => "-c default_transaction_isolation=serializable",
        }
    }
}

/// Where the database is and how to log in. No text made from it contains the password.
#[derive(Clone)]
pub struct ConnectionSettings {
    config: tokio_postgres::Config,
    verify: Verify,
    root_certificates: Option<PathBuf>,
    /// Whether the URL has an `sslmode`.
    mode_given: bool,
}

impl std::fmt::Debug for ConnectionSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("ConnectionSettings").field(&self.identity()).finish()
    }
}

impl FromStr for ConnectionSettings {
    type Err = Error;

    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`. The modes are
    /// those of libpq (PostgreSQL manual, 34.19): disable, prefer, require, verify-ca, verify-full.
    fn from_str(text: &str) -> Result<Self, Error> {
        let settings = |message: String| Error::Settings { message };
        let mut url = Url::parse(text).map_err(|error| {
            settings(format!("{error}; it should look like postgres://user@host:5432/stock_management"))
        })?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(settings(format!("its scheme is {}: instead of postgres:", url.scheme())));
        }
        let mut mode = None;
        let mut root_certificates = None;
        let mut others = Vec::new();
        let mut seen = BTreeSet::new();
        for (key, value) in url.query_pairs() {
            if !seen.insert(key.clone().into_owned()) {
                return Err(settings(format!("{key} is given twice")));
            }
            match key.as_ref() {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => root_certificates = Some(PathBuf::from(value.into_owned())),
                _ => others.push((key.into_owned(), value.into_owned())),
            }
        }
        // A space as `%20`: the client library does not decode `+`, the form encoding.
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let query: Vec<String> =
            others.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
        url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
        // The library's message may quote the URL's parts, but never the password.
        let mut config: tokio_postgres::Config =
            url.as_str().parse().map_err(|error: tokio_postgres::Error| settings(error.to_string()))?;
        let (ssl_mode, verify) = match mode.as_deref() {
            None | Some("prefer" | "allow") => (SslMode::Prefer, Verify::Nothing),
            Some("disable") => (SslMode::Disable, Verify::Nothing),
            Some("require") if root_certificates.is_none() => (SslMode::Require, Verify::Nothing),
            // As in libpq, a root certificate makes `require` behave as `verify-ca`.
            Some("require" | "verify-ca") => (SslMode::Require, Verify::Chain),
            Some("verify-full") => (SslMode::Require, Verify::ChainAndName),
            Some(other) => {
                return Err(settings(format!(
                    "sslmode={other} is unknown; use disable, prefer, require, verify-ca or verify-full"
                )));
            }
        };
        config.ssl_mode(ssl_mode);
        config.connect_timeout(CONNECT_TIMEOUT);
        config.keepalives_idle(KEEPALIVE_IDLE);
        config.keepalives_interval(KEEPALIVE_INTERVAL);
        config.keepalives_retries(KEEPALIVE_RETRIES);
        config.tcp_user_timeout(UNANSWERED_MAX);
        // A unique name for each run of the program, so that the sessions of one that was killed can be distinguished
        // from others.
        let given = config.get_application_name().unwrap_or("stockroom");
        let program: String =
            given.chars().filter(char::is_ascii_graphic).take(PROGRAM_NAME_LENGTH_MAX).collect();
        let session_name = format!("{program}/{:08x}", rand::random::<u32>());
        config.application_name(&session_name);
        let given = config.get_options().unwrap_or_default();
        config.options(format!("{SESSION_OPTIONS} {given} {PINNED_OPTIONS}"));
        Ok(Self { config, verify, root_certificates, mode_given: mode.is_some() })
    }
}

impl ConnectionSettings {
    /// `user@host:port/database`, without the password, for messages and to distinguish databases.
    #[must_use]
    pub fn identity(&self) -> String {
        let (host, port) = self.address();
        format!("{}@{host}:{port}/{}", self.user(), self.database())
    }

    /// The host (or the directory of the socket) and the port.
    #[must_use]
    pub fn address(&self) -> (String, u16) {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "localhost".to_owned(),
        };
        (host, self.config.get_ports().first().copied().unwrap_or(5432))
    }

    /// The name of the database, which is that of the login if the URL has none.
    #[must_use]
    pub fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_else(|| self.user())
    }

    /// A warning for a connection to another machine whose URL has no `sslmode`: it is encrypted only if the server
    /// offers it, and the server's identity is not checked.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let (host, _) = self.address();
        let local = host.starts_with('/')
            || host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        (!self.mode_given && !local).then(|| {
            format!("the connection to {host} is encrypted only if the server offers it, and the server is not verified; add ?sslmode=verify-full to the URL")
        })
    }

    /// Whether the URL contains a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// The same connection with a password.
    #[must_use]
    pub fn with_password(mut self, password: &SecretString) -> Self {
        self.config.password(password.expose_secret());
        self
    }

    /// The same connection without a password: the server authenticates the login by other means, or refuses it.
    #[must_use]
    pub fn without_password(self) -> Self {
        if !self.has_password() {
            return self;
        }
        // The client library has no way to remove a password, so an empty one stands for none.
        self.with_password(&SecretString::from(String::new()))
    }

    /// The same server and login, another database.
    #[must_use]
    pub fn with_database(mut self, database: &str) -> Self {
        self.config.dbname(database);
        self
    }

    /// The `application_name` of the sessions of this program.
    #[must_use]
    pub fn session_name(&self) -> &str {
        self.config.get_application_name().unwrap_or_default()
    }

    /// The same server and database, another login.
    #[must_use]
    pub fn with_user(mut self, user: &str) -> Self {
        self.config.user(user);
        self
    }

    /// The TLS connector, for connections and for cancel requests.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, Error> {
        tls::connector(self.verify, self.root_certificates.as_deref())
    }

    /// The login, as the URL names it.
    #[must_use]
    pub fn user(&self) -> &str {
        self.config.get_user().unwrap_or_default()
    }
}

/// The server process behind a connection. The process number alone may be assigned to another one later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backend {
    pub pid: i32,
    pub started_at: Timestamp,
}

/// A connection that knows its server process, so that it can be ended from another connection when it no longer
/// responds.
#[derive(Debug)]
pub struct Connection {
    client: ClientWrapper,
    pub backend: Backend,
    /// What is known of the schema's version.
    pub(in crate::store) schema: Schema,
    pub(in crate::store) lease: Lease,
}

impl Deref for Connection {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        &mut self.client
    }
}

/// Creates connections for the pool.
#[derive(Debug)]
pub struct Manager(deadpool_postgres::Manager);

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = tokio_postgres::Error;

    async fn create(&self) -> Result<Connection, tokio_postgres::Error> {
        let client = self.0.create().await?;
        let row = client.query_one(include_str!("new_session.sql"), &[]).await?;
        let backend = Backend { pid: row.try_get(0)?, started_at: row.try_get(1)? };
        let schema = Schema::from_name(row.try_get(2)?);
        Ok(Connection { client, backend, schema, lease: Lease::default() })
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<Self::Error> {
        if !connection.lease.renew() {
            return Err(RecycleError::message("its last query was cancelled"));
        }
        self.0.recycle(&mut connection.client, metrics).await
    }

    fn detach(&self, connection: &mut Connection) {
        self.0.detach(&mut connection.client);
    }
}

/// A connection leased from the pool.
pub type PooledConnection = Object<Manager>;

/// Creates a pool, which does not connect yet.
pub(super) fn pool(
    settings: &ConnectionSettings,
    purpose: Purpose,
    connections_max: usize,
) -> Result<Pool<Manager>, Error> {
    let connector = settings.connector()?;
    let mut config = settings.config.clone();
    let options = format!("{} {}", config.get_options().unwrap_or_default(), purpose.option());
    config.options(options);
    let manager = deadpool_postgres::Manager::from_config(
        config,
        connector,
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    Pool::builder(Manager(manager))
        .max_size(connections_max)
        .timeouts(Timeouts { wait: Some(WAIT_TIMEOUT), create: Some(CONNECT_TIMEOUT), recycle: None })
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| Error::Settings { message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_made_from_settings_holds_the_password() {
        let settings: ConnectionSettings =
            "postgres://ann:s3cret@db.example:5433/stock_management".parse().unwrap();
        assert_eq!(settings.identity(), "ann@db.example:5433/stock_management");
        assert!(!format!("{settings:?}").contains("s3cret"));
    }

    #[test]
    fn modes_of_libpq() {
        let verify = |query: &str| {
            let settings: ConnectionSettings = format!("postgres://ann@db/x{query}").parse().unwrap();
            (settings.config.get_ssl_mode(), settings.verify)
        };
        assert_eq!(verify(""), (SslMode::Prefer, Verify::Nothing));
        assert_eq!(verify("?sslmode=require"), (SslMode::Require, Verify::Nothing));
        assert_eq!(verify("?sslmode=require&sslrootcert=ca.pem"), (SslMode::Require, Verify::Chain));
        assert_eq!(verify("?sslmode=verify-full"), (SslMode::Require, Verify::ChainAndName));
        let advice = |url: &str| url.parse::<ConnectionSettings>().unwrap().advice().is_some();
        assert!(advice("postgres://ann@db/x") && advice("postgres://ann@10.0.0.7/x"));
        assert!(!advice("postgres://ann@db/x?sslmode=prefer") && !advice("postgres://ann@127.0.0.1/x"));
        for bad in [
            "postgres://ann@db/x?sslmode=require&sslmode=disable",
            "postgres://ann@db/x?sslmode=maybe",
            "mysql://ann@db/x",
            "nonsense",
        ] {
            assert!(bad.parse::<ConnectionSettings>().is_err(), "{bad}");
        }
    }
}
