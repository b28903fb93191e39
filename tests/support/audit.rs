//! What the tests of the audit share: the collector's login, and places for keys and checkpoints.

use std::path::PathBuf;

use secrecy::SecretString;
use stockroom::audit::collect::{Plan, Source};
use stockroom::audit::decisions::Decisions;
use stockroom::audit::evidence::Evidence;
use stockroom::audit::reconcile::{Report, VerifyError, VerifyPlan, verify};
use stockroom::audit::seal::key::public_path;
use stockroom::audit::seal::{Checkpoint, CheckpointDir, PublicKey};
use stockroom::store::Store;
use stockroom::store::audit::COLLECTOR_LOGIN;
use tempfile::TempDir;

use super::database::{PASSWORD, TestDatabase};
use super::wait::until;

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
        until("the collector has its password", async || {
            superuser.set_collector_password(&SecretString::from(PASSWORD)).await.is_ok()
        })
        .await;
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

    /// Where everything lies.
    pub fn evidence(&self) -> Evidence {
        Evidence::at(self.place.path()).with_key(Some(self.key())).with_checkpoints(Some(self.checkpoints()))
    }

    /// A plan that seals.
    pub fn plan(&self) -> Plan {
        Plan { source: Source::Sql, seal: Some(self.evidence()) }
    }
}

/// A collector that follows in the background, as long as the value lives.
pub struct Following(tokio::task::JoinHandle<()>);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Collecting {
    /// Follows the log in the background.
    pub fn follow(&self, database: &TestDatabase) -> Following {
        Self::start(self.plan(), database)
    }

    /// The same, without signing anything.
    pub fn follow_without_seal(&self, database: &TestDatabase) -> Following {
        Self::start(Plan { seal: None, ..self.plan() }, database)
    }

    /// Follows by a plan of one's own.
    pub fn follow_plan(&self, plan: Plan, database: &TestDatabase) -> Following {
        Self::start(plan, database)
    }

    fn start(plan: Plan, database: &TestDatabase) -> Following {
        let url = database.url(COLLECTOR_LOGIN);
        Following(tokio::spawn(async move {
            let store = Store::new(url.parse().unwrap(), 2).unwrap();
            let never = std::future::pending();
            if let Err(error) = stockroom::audit::collect::follow(&store, &plan, never, |words| {
                eprintln!("collector: {words}")
            })
            .await
            {
                eprintln!("the collector ended: {error}");
            }
        }))
    }

    /// All checkpoints that have been signed.
    pub fn signed(&self) -> Vec<Checkpoint> {
        let Ok(key) = PublicKey::load(&public_path(&self.key())) else { return Vec::new() };
        let files = CheckpointDir::open(&self.checkpoints()).unwrap().files().unwrap();
        files
            .iter()
            .flat_map(|file| Checkpoint::read_all(&std::fs::read_to_string(file).unwrap(), &key).unwrap())
            .collect()
    }

    /// Verifies all, as the auditor.
    pub async fn verify(&self, database: &TestDatabase) -> Report {
        self.verify_with(database, true).await
    }

    /// Verifies all, or what is new, as the auditor.
    pub async fn verify_with(&self, database: &TestDatabase, full: bool) -> Report {
        self.try_verify(database, full).await.unwrap()
    }

    /// The same, where the server may be away.
    pub async fn try_verify(&self, database: &TestDatabase, full: bool) -> Result<Report, VerifyError> {
        let store = database.store("auditor");
        let plan = VerifyPlan {
            full,
            checkpoints: self.signed(),
            state: Some(self.evidence().state_file(&store)),
            patience: std::time::Duration::from_secs(30),
            decisions: Decisions::default(),
        };
        verify(&store, &plan, &|_, _, _| {}).await
    }
}
