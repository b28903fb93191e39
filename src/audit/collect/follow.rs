//! Collects continuously: read, store, seal, sign, and again, also across restarts of the server.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{CollectError, Collected, Collector, Source};
use crate::audit::disk_space::{DiskSpace, DiskSpaceWatch};
use crate::audit::evidence::Evidence;
use crate::audit::seal::key::public_path;
use crate::audit::seal::{Checkpoint, SealError, SealKey, Sealer};
use crate::domain::EndedSession;
use crate::store::audit::SealScope;
use crate::store::{self, Store};

/// The pause before looking for new lines again if there were none.
const POLL_PAUSE: Duration = Duration::from_millis(200);
/// How often the ledger is sealed and checkpoints are signed; what happens in between is not protected yet.
const SEAL_PAUSE: Duration = Duration::from_secs(2);
/// The pause before connecting to the database again, at first and at most.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
const RETRY_PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often sessions that block others are looked for.
const SESSIONS_PAUSE: Duration = Duration::from_secs(5);
/// How often missing partitions of coming months are created, and for how many months. After a day on which a site
/// could not create one, because the ledger was locked, a year of further attempts remains.
const MONTHS_PAUSE: Duration = Duration::from_hours(24);
const MONTHS_AHEAD: i32 = 12;

/// What to collect, and where the key and the checkpoints are.
#[derive(Debug, Clone)]
pub struct Plan {
    pub source: Source,
    /// The key of the seal and the directory of checkpoints; without them nothing is signed.
    pub seal: Option<Evidence>,
}

impl Plan {
    /// Starts monitoring the free space on the log's disk.
    async fn watch(&self, store: &Store, tell: &impl Fn(&str)) -> Result<DiskSpaceWatch, RunError> {
        let directory = match &self.source {
            Source::Sql => None,
            Source::Directory(directory) => Some(directory.as_path()),
        };
        Ok(DiskSpaceWatch::open(store, directory, tell).await.map_err(CollectError::from)?)
    }
}

/// What a collector reports about its work.
#[derive(Debug)]
pub enum Notice<'a> {
    /// A message to show to people or to log.
    Words(&'a str),
    /// It has read everything that there was.
    Pass {
        found: Collected,
        /// How many bytes of the log were waiting when the pass began.
        waiting_bytes: u64,
        /// The free space on the log's disk, if it is accessible from here.
        room: Option<DiskSpace>,
    },
    /// It has sealed; these checkpoints were signed.
    Sealed(&'a [Checkpoint]),
    /// It has ended a session that blocked others.
    Ended(&'a EndedSession),
}

/// The error that ended a run of the collector.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Collect(#[from] CollectError),
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl RunError {
    /// Whether a collector that has just been started may wait for the failure to pass. Wrong settings are better
    /// reported at once.
    fn passes(&self) -> bool {
        let error = match self {
            Self::Collect(CollectError::Store(error)) | Self::Seal(SealError::Store(error)) => error,
            _ => return false,
        };
        !matches!(
            error,
            store::Error::NotPrepared { .. }
                | store::Error::OtherVersion { .. }
                | store::Error::Settings { .. }
        )
    }
}

/// Opens the seal of a plan; reports through `tell` if a key was created.
async fn open_seal(store: &Store, plan: &Plan, tell: &impl Fn(&str)) -> Result<Option<Sealer>, SealError> {
    let Some(evidence) = &plan.seal else { return Ok(None) };
    let path = evidence.private_key();
    let (key, made) = SealKey::load_or_make(path)?;
    if made {
        tell(&format!(
            "created the key of the seal: {}; give {} to those who verify",
            path.display(),
            public_path(path).display()
        ));
    }
    Ok(Some(Sealer::open(store, key, &evidence.key()?, evidence.directory()?).await?))
}

/// Collects and seals everything that there is, once.
///
/// # Errors
/// [`RunError`]; what was stored before remains.
pub async fn collect_once(store: &Store, plan: &Plan, tell: impl Fn(&str)) -> Result<Collected, RunError> {
    let mut collector = Collector::open(store, plan.source.clone()).await?;
    let mut sealer = open_seal(store, plan, &tell).await?;
    plan.watch(store, &tell).await?.look(&tell);
    let mut total = Collected::default();
    if let Some(sealer) = &sealer {
        total.add(collector.recheck(store, sealer.signed_lines()).await?);
    }
    total.add(collector.pass().await?);
    total.add(collector.seal(SealScope::All).await?);
    if let Some(sealer) = &mut sealer {
        sealer.seal(store, Some(collector.lines())).await?;
    }
    Ok(total)
}

/// Collects and seals until `stop` is ready. Once it has collected, it retries after every failure: a collector that
/// gives up leaves the site without an audit.
///
/// # Errors
/// [`RunError`] for wrong settings at the start: another login, or a seal that cannot be opened.
pub async fn follow(
    store: &Store,
    plan: &Plan,
    stop: impl Future<Output = ()>,
    tell: impl Fn(&str),
) -> Result<Collected, RunError> {
    let mut progress = Progress::default();
    let mut pause = RETRY_PAUSE;
    let mut told = String::new();
    let notify = |notice: Notice<'_>| match notice {
        Notice::Words(words) => tell(words),
        Notice::Ended(ended) => tell(&ended.to_string()),
        Notice::Pass { .. } | Notice::Sealed(_) => {}
    };
    tokio::pin!(stop);
    loop {
        let before = progress.passes;
        let ended = tokio::select! {
            ended = work(store, plan, &mut progress, &notify) => ended,
            () = &mut stop => return Ok(progress.total),
        };
        match ended {
            Err(error) if progress.passes > 0 || error.passes() => {
                // It has made progress, so this is a new failure.
                if progress.passes > before {
                    pause = RETRY_PAUSE;
                    told.clear();
                }
                let message = error.to_string();
                if message != told {
                    tell(&format!("{message}; trying again every few seconds"));
                    told = message;
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = &mut stop => return Ok(progress.total),
                }
                pause = (pause * 2).min(RETRY_PAUSE_MAX);
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(progress.total),
        }
    }
}

/// What a follower has done since it was started.
#[derive(Debug, Default)]
struct Progress {
    total: Collected,
    /// How many passes it has completed.
    passes: u64,
}

/// A timer for something that is due immediately and then at regular intervals.
#[derive(Debug)]
struct Every {
    pause: Duration,
    done_at: Option<Instant>,
}

impl Every {
    fn new(pause: Duration) -> Self {
        Self { pause, done_at: None }
    }

    /// Whether it is due; if so, the interval begins again now.
    fn is_due(&mut self) -> bool {
        let due = self.done_at.is_none_or(|time| time.elapsed() >= self.pause);
        if due {
            self.done_at = Some(Instant::now());
        }
        due
    }
}

/// Collects and seals until something fails, for a caller that retries.
///
/// # Errors
/// [`RunError`]; what was stored before remains.
pub async fn collect_until_failure(
    store: &Store,
    plan: &Plan,
    notify: impl Fn(Notice<'_>),
) -> Result<(), RunError> {
    work(store, plan, &mut Progress::default(), &notify).await
}

/// The loop of a follower: reads, seals, signs and does the periodic work, and returns only with an error.
async fn work(
    store: &Store,
    plan: &Plan,
    progress: &mut Progress,
    notify: &impl Fn(Notice<'_>),
) -> Result<(), RunError> {
    let tell = &|words: &str| notify(Notice::Words(words));
    let mut collector = Collector::open(store, plan.source.clone()).await?;
    let mut sealer = open_seal(store, plan, tell).await?;
    if let Some(sealer) = &sealer {
        progress.total.add(collector.recheck(store, sealer.signed_lines()).await?);
    }
    // Rows that were inserted while no collector was running, in whatever way.
    progress.total.add(collector.seal(SealScope::All).await?);
    let mut seal = Every::new(SEAL_PAUSE);
    let mut sessions = Every::new(SESSIONS_PAUSE);
    let mut months = Every::new(MONTHS_PAUSE);
    let mut watch = plan.watch(store, tell).await?;
    loop {
        watch.look(tell);
        // Before the pass, which takes minutes if there is much to catch up with.
        if sessions.is_due() {
            collector.end_stale_sessions().await?.iter().for_each(|ended| notify(Notice::Ended(ended)));
        }
        let found = collector.pass().await?;
        progress.total.add(found);
        notify(Notice::Pass { found, waiting_bytes: collector.waiting_bytes(), room: watch.room() });
        if seal.is_due() {
            progress.total.add(collector.seal(SealScope::New).await?);
            if let Some(sealer) = &mut sealer {
                notify(Notice::Sealed(&sealer.seal(store, Some(collector.lines())).await?));
            }
        }
        progress.passes += 1;
        if months.is_due()
            && let Err(error) = keep_months_ahead(store).await
        {
            tell(&format!(
                "cannot create the ledger's partitions for the coming months: {error}; trying again tomorrow"
            ));
        }
        if found.lines == 0 {
            tokio::time::sleep(POLL_PAUSE).await;
        }
    }
}

/// Creates the missing monthly partitions of the coming year.
///
/// # Errors
/// As any write.
pub async fn keep_months_ahead(store: &Store) -> Result<(), store::Error> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    store.ensure_months(today, today.saturating_add(MONTHS_AHEAD.months())).await?;
    Ok(())
}
