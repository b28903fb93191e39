//! What all parts share: the settings, the connection settings, the evidence, the board and the metrics.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::watch;

use super::ServeError;
use super::board::{Board, seconds_now};
use super::credentials;
use super::parts::Counted;
use crate::audit::evidence::Evidence;
use crate::config::serve::ServeSettings;
use crate::metrics::Metrics;
use crate::metrics::table::{
    COLLECTOR_LAG_SECONDS, COLLECTOR_LAST_PASS, OUTCOME_UNKNOWN, POOL_CONNECTIONS, POOL_CONNECTIONS_MAX,
    RELOAD_SUCCESS, RELOAD_TIME, UNSEALED_AGE,
};
use crate::store::{ConnectionSettings, Store};

/// A store whose connections are exported, and how many of its lost connections were counted.
#[derive(Debug)]
struct Watched {
    store: Weak<Store>,
    lost: u64,
}

/// What all parts share: settings, connection settings, evidence, board and metrics.
#[derive(Debug)]
pub struct Site {
    settings: RwLock<Arc<ServeSettings>>,
    reloads: watch::Sender<()>,
    database: ConnectionSettings,
    /// The folder of profiles that the site has added.
    profiles: Option<PathBuf>,
    pub(super) evidence: Evidence,
    pub(super) board: Board,
    pub(super) metrics: Metrics,
    /// Verifications write the same state file, so only one runs at a time.
    pub(super) verifying: tokio::sync::Mutex<()>,
    stores: Mutex<BTreeMap<&'static str, Watched>>,
    pub(super) seal_age: SealAge,
    /// The position up to which the activity of the site has been counted.
    pub(super) counted: Counted,
    pub(super) started_at: Timestamp,
}

/// Since when something has been waiting to be collected, or to be covered by a checkpoint.
#[derive(Debug, Default)]
pub(super) struct SealAge(Mutex<Ages>);

#[derive(Debug, Default)]
struct Ages {
    passed_at: Option<Instant>,
    /// Since when there has been something that no checkpoint covers.
    unsealed_since: Option<Instant>,
}

impl SealAge {
    fn open(&self) -> MutexGuard<'_, Ages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This service becomes the leader. It does not know what covers anything that happened before.
    pub(super) fn begins(&self) {
        *self.open() = Ages { passed_at: Some(Instant::now()), unsealed_since: Some(Instant::now()) };
    }

    /// The whole log has been collected; `something_new` says whether it had anything new.
    pub(super) fn passed(&self, something_new: bool) {
        let mut ages = self.open();
        ages.passed_at = Some(Instant::now());
        if something_new {
            ages.unsealed_since.get_or_insert_with(Instant::now);
        }
    }

    /// Everything that was collected is covered by a checkpoint.
    pub(super) fn sealed(&self) {
        self.open().unsealed_since = None;
    }

    fn show(&self, metrics: &Metrics) {
        let ages = self.open();
        if let Some(passed_at) = ages.passed_at {
            let seconds = passed_at.elapsed().as_secs_f64();
            metrics.set(&COLLECTOR_LAG_SECONDS, &[], seconds);
            metrics.set(&COLLECTOR_LAST_PASS, &[], seconds_now() - seconds);
        }
        let unsealed = ages.unsealed_since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        metrics.set(&UNSEALED_AGE, &[], unsealed);
    }
}

/// The result of applying changed settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reload {
    /// Settings that were changed in the file but need a restart.
    pub takes_restart: Vec<&'static str>,
}

impl Site {
    /// A site on the server of `database`; the parts connect with their own logins.
    #[must_use]
    pub fn new(
        settings: ServeSettings,
        database: ConnectionSettings,
        state_dir: &Path,
        profiles: Option<PathBuf>,
    ) -> Self {
        Self {
            settings: RwLock::new(Arc::new(settings)),
            reloads: watch::Sender::new(()),
            database,
            profiles,
            evidence: Evidence::at(state_dir),
            board: Board::default(),
            metrics: Metrics::new(),
            verifying: tokio::sync::Mutex::new(()),
            stores: Mutex::new(BTreeMap::new()),
            seal_age: SealAge::default(),
            counted: Counted::default(),
            started_at: Timestamp::now(),
        }
    }

    /// The settings that are in effect, including those of the last reload.
    #[must_use]
    pub fn settings(&self) -> Arc<ServeSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The folder of profiles that the site has added.
    #[must_use]
    pub fn profiles(&self) -> Option<&Path> {
        self.profiles.as_deref()
    }

    /// A receiver that is notified when the settings have changed.
    pub(super) fn reloads(&self) -> watch::Receiver<()> {
        self.reloads.subscribe()
    }

    /// Applies new settings: schedules, imports, retention and passwords. Settings that need a restart are not changed.
    pub fn reload(&self, new: ServeSettings) -> Reload {
        let old = self.settings();
        let takes_restart = [
            ("listen", old.listen != new.listen),
            ("tls_certificate", old.tls_certificate != new.tls_certificate),
            ("tls_key", old.tls_key != new.tls_key),
            ("token_file", old.token_file != new.token_file),
        ];
        let takes_restart: Vec<_> =
            takes_restart.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name).collect();
        let kept = ServeSettings {
            listen: old.listen,
            tls_certificate: old.tls_certificate.clone(),
            tls_key: old.tls_key.clone(),
            token_file: old.token_file.clone(),
            ..new
        };
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept);
        self.metrics.set(&RELOAD_SUCCESS, &[], 1.0);
        self.metrics.set(&RELOAD_TIME, &[], seconds_now());
        self.reloads.send_replace(());
        Reload { takes_restart }
    }

    /// Records that new settings could not be read; the old ones remain in effect.
    pub fn reload_failed(&self) {
        self.metrics.set(&RELOAD_SUCCESS, &[], 0.0);
    }

    /// A store for one of the logins of the service.
    pub(super) fn store(&self, login: &str, connections: usize) -> Result<Store, ServeError> {
        let settings = credentials::log_in(&self.database, login, &self.settings().password_files)?;
        Ok(Store::new(settings, connections)?)
    }

    /// Exports the connections of a part.
    pub(super) fn watch_pool(&self, part: &'static str, store: &Arc<Store>) {
        let watched = Watched { store: Arc::downgrade(store), lost: 0 };
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).insert(part, watched);
    }

    /// Updates the metrics that are computed when they are queried.
    pub(super) fn refresh(&self) {
        self.metrics.add(&OUTCOME_UNKNOWN, &[], 0);
        if self.board.is_leading() {
            self.seal_age.show(&self.metrics);
        }
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        for (part, watched) in stores.iter_mut() {
            let Some(store) = watched.store.upgrade() else { continue };
            let lost = store.counts().lost;
            self.metrics.add(&OUTCOME_UNKNOWN, &[], lost.saturating_sub(watched.lost));
            watched.lost = lost;
            if !self.board.is_leading() {
                continue;
            }
            let pools = store.pool_use();
            self.metrics.set(&POOL_CONNECTIONS, &[part, "idle"], pools.idle as f64);
            self.metrics.set(&POOL_CONNECTIONS, &[part, "busy"], pools.busy as f64);
            self.metrics.set(&POOL_CONNECTIONS_MAX, &[part], pools.connections_max as f64);
        }
    }
}
