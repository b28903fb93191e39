//! What the tests of the audit share: the collector's login, and places for keys and checkpoints.

use std::path::PathBuf;

use secrecy::SecretString;
use stockroom::audit::collect::{Plan, Source};
use stockroom::store::Store;
use stockroom::store::audit::COLLECTOR_LOGIN;
use tempfile::TempDir;

use super::database::{PASSWORD, TestDatabase};

/// A database whose log can be collected.
pub struct Collecting {
    /// The store of the collector.
    pub store: Store,
    /// Keys and checkpoints; gone with the value.
    pub place: TempDir,
}

impl Collecting {
    /// Gives the collector a password and logs it in.
    pub async fn of(database: &TestDatabase) -> Self {
        let superuser = Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
        // Another test of this process may be changing the same login.
        for _ in 0..50 {
            if superuser.set_collector_password(&SecretString::from(PASSWORD)).await.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let store = Store::new(database.url(COLLECTOR_LOGIN).parse().unwrap(), 2).unwrap();
        Self { store, place: tempfile::tempdir().unwrap() }
    }

    /// The private key.
    pub fn key(&self) -> PathBuf {
        self.place.path().join("seal.key")
    }

    /// The checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.place.path().join("checkpoints")
    }

    /// A plan that seals.
    pub fn plan(&self) -> Plan {
        Plan { source: Source::Sql, seal: Some((self.key(), self.checkpoints())) }
    }
}
