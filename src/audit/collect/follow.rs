//! Collecting without end: look, keep, seal, sign, and again; through restarts of the server.

use std::time::{Duration, Instant};

use super::{CollectError, Collected, Collector, Source};
use crate::audit::evidence::Evidence;
use crate::audit::room::RoomWatch;
use crate::audit::seal::key::public_path;
use crate::audit::seal::{SealError, SealKey, Sealer};
use crate::store::audit::SealScope;
use crate::store::{self, Store};

/// How often a follower looks for new lines when there were none.
const POLL_PAUSE: Duration = Duration::from_millis(200);
/// How often the ledger is sealed and checkpoints are signed; what happens in between is not protected yet.
const SEAL_PAUSE: Duration = Duration::from_secs(2);
/// How long to wait before the database is tried again, at first and at most.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(5);

/// What to collect, and where to keep the seal.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the log is.
    pub source: Source,
    /// Where the key of the seal and the checkpoints are; none signs nothing.
    pub seal: Option<Evidence>,
}

impl Plan {
    /// Watches the room on the disk of the log.
    async fn watch(&self, store: &Store, tell: &impl Fn(&str)) -> Result<RoomWatch, RunError> {
        let directory = match &self.source {
            Source::Sql => None,
            Source::Directory(directory) => Some(directory.as_path()),
        };
        Ok(RoomWatch::open(store, directory, tell).await.map_err(CollectError::from)?)
    }
}

/// Why a run ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Collecting.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl RunError {
    /// Whether the database may be there again later.
    fn passes(&self) -> bool {
        let error = match self {
            Self::Collect(CollectError::Store(error)) | Self::Seal(SealError::Store(error)) => error,
            _ => return false,
        };
        matches!(error, store::Error::Unavailable { .. } | store::Error::Database { .. })
    }
}

/// Opens the seal of a plan; says with `tell` when a key was made.
async fn open_seal(store: &Store, plan: &Plan, tell: &impl Fn(&str)) -> Result<Option<Sealer>, SealError> {
    let Some(evidence) = &plan.seal else { return Ok(None) };
    let path = evidence.private_key();
    let (key, made) = SealKey::load_or_make(path)?;
    if made {
        tell(&format!(
            "made the key of the seal: {}; give {} to whoever checks",
            path.display(),
            public_path(path).display()
        ));
    }
    Ok(Some(Sealer::open(store, key, &evidence.key()?, evidence.directory()?).await?))
}

/// Collects and seals all that there is, once.
///
/// # Errors
/// [`RunError`]; what was kept before stands.
pub async fn collect_once(store: &Store, plan: &Plan, tell: impl Fn(&str)) -> Result<Collected, RunError> {
    let mut collector = Collector::open(store, plan.source.clone()).await?;
    let mut sealer = open_seal(store, plan, &tell).await?;
    plan.watch(store, &tell).await?.look(&tell);
    let mut total = collector.pass().await?;
    total.add(collector.seal(SealScope::All).await?);
    if let Some(sealer) = &mut sealer {
        sealer.seal(store).await?;
    }
    Ok(total)
}

/// Collects and seals until `stop` is ready. A database that is away for a while is waited for.
///
/// # Errors
/// [`RunError`] for what no waiting cures: another collector, another login, a broken seal.
pub async fn follow(
    store: &Store,
    plan: &Plan,
    stop: impl Future<Output = ()>,
    tell: impl Fn(&str),
) -> Result<Collected, RunError> {
    let mut total = Collected::default();
    let mut pause = RETRY_PAUSE;
    tokio::pin!(stop);
    loop {
        let before = total;
        let ended = tokio::select! {
            ended = work(store, plan, &mut total, &tell) => ended,
            () = &mut stop => return Ok(total),
        };
        match ended {
            Err(error) if error.passes() => {
                // It got somewhere, so this is a new trouble and not the old one.
                if total != before {
                    pause = RETRY_PAUSE;
                }
                tell(&format!("{error}; trying again in {} s", pause.as_secs()));
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = &mut stop => return Ok(total),
                }
                pause = (pause * 2).min(RETRY_PAUSE_MAX);
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(total),
        }
    }
}

/// Works until something fails.
async fn work(
    store: &Store,
    plan: &Plan,
    total: &mut Collected,
    tell: &impl Fn(&str),
) -> Result<(), RunError> {
    let mut collector = Collector::open(store, plan.source.clone()).await?;
    let mut sealer = open_seal(store, plan, tell).await?;
    // What came to be in the ledger while no collector was at work, by whatever way.
    total.add(collector.seal(SealScope::All).await?);
    let mut sealed_at: Option<Instant> = None;
    let mut watch = plan.watch(store, tell).await?;
    loop {
        watch.look(tell);
        let found = collector.pass().await?;
        total.add(found);
        if sealed_at.is_none_or(|time| time.elapsed() >= SEAL_PAUSE) {
            total.add(collector.seal(SealScope::New).await?);
            if let Some(sealer) = &mut sealer {
                sealer.seal(store).await?;
            }
            sealed_at = Some(Instant::now());
        }
        if found.lines == 0 {
            tokio::time::sleep(POLL_PAUSE).await;
        }
    }
}
