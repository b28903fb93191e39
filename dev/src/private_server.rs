//! A private server with a prepared database, which is deleted when the tool ends.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::{ExposeSecret as _, SecretString};
use stockroom::domain::Group;
use stockroom::server::{Lifetime, Options, PrivateServer};
use stockroom::store::{ConnectionSettings, Store, prepare};
use tokio_postgres::Client;

use crate::Error;
use crate::database::{connect_with, session_config};

/// A private server with an empty Stockroom database.
pub struct DevServer {
    /// Stopped and deleted when this is dropped.
    server: PrivateServer,
    superuser: Store,
    password: SecretString,
}

impl DevServer {
    /// Creates and starts the server. `settings` override those of `pgaudit/`.
    ///
    /// # Errors
    /// [`Error`] if PostgreSQL with pgaudit is not installed or the server cannot be prepared.
    pub async fn start(settings: &[(&str, &str)]) -> Result<Self, Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("stockroom-dev-{}-{number}", std::process::id());
        let lifetime = Lifetime::Tied { delete_directory: true };
        let mut options = Options::new(std::env::temp_dir().join(name), lifetime);
        for (name, value) in settings {
            options = options.setting(name, value);
        }
        let server = tokio::task::spawn_blocking(move || PrivateServer::start(&options))
            .await
            .map_err(Error::measure)??;
        let superuser: ConnectionSettings = server.url().parse()?;
        prepare::init(&superuser, prepare::DATABASE_DEFAULT).await?;
        let superuser = Store::new(superuser.with_database(prepare::DATABASE_DEFAULT), 1)?;
        Ok(Self { server, superuser, password: stockroom::service::generate_password() })
    }

    /// Adds a login and returns its URL for Stockroom's database.
    ///
    /// # Errors
    /// As [`Store::add_person`].
    pub async fn add_login(&self, login: &str, group: Group) -> Result<String, Error> {
        self.superuser.add_person(login, group, &self.password).await?;
        Ok(self.url_for(login, prepare::DATABASE_DEFAULT))
    }

    /// The path of one of PostgreSQL's programs, such as `pgbench`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.server.installation().program(name)
    }

    /// A directory that is deleted with the server.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.server.instance_dir()
    }

    /// The URL of the superuser, for the database `postgres`.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        self.server.url()
    }

    /// The URL of a login that was added, for a database of the server.
    #[must_use]
    pub fn url_for(&self, login: &str, database: &str) -> String {
        self.server.url_for(login, self.password.expose_secret(), database)
    }

    /// Connects to Stockroom's database as the superuser.
    ///
    /// # Errors
    /// [`Error::Database`] if the connection fails.
    pub async fn connect_as_superuser(&self) -> Result<Client, Error> {
        let mut config = session_config(&self.superuser_url())?;
        connect_with(config.dbname(prepare::DATABASE_DEFAULT)).await
    }
}
