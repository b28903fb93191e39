//! The audit of the demo: a collector for its server, which works as long as the server does, and makes the
//! first verification, so that there is one to look at.
//!
//! The collector of a server that is left running is a process of its own. It ends by itself when the server
//! of its demo is gone, whoever stopped it, so that nobody has to find and end it, and says in its log why it ended. As long
//! as a server runs it never gives up. That of a server that is tied to this program is a task of this program. A lock, held
//! as long as one works, tells the others.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::super::audit::interrupted;
use super::{CliError, Demo, Exit};
use crate::audit::AuditError;
use crate::audit::collect::{Plan, Source, follow};
use crate::audit::evidence::Evidence;
use crate::audit::reconcile::verify;
use crate::audit::seal::Tree;
use crate::server::{Lifetime, PrivateServer};
use crate::store::Store;
use crate::store::audit::COLLECTOR_LOGIN;

/// What the demo keeps beside its server: journal, log, and the evidence of the audit.
const STATE_DIR: &str = "state";
/// The file whose lock a collector holds.
const LOCK_FILE: &str = "collector.lock";
/// How many connections a collector, or a verification, needs at a time.
const CONNECTIONS: usize = 2;
/// How often a collector looks whether its server is still there.
const SERVER_PAUSE: Duration = Duration::from_millis(250);
/// How long no server may be there before the demo counts as stopped: a server that is started anew takes less.
const RESTART_MAX: Duration = Duration::from_secs(1);
/// How long it waits after a failure before it begins again.
const FAILURE_PAUSE: Duration = Duration::from_secs(2);
/// How long one collector may take to end before another begins, or the demo is removed.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// How often that is looked at.
const END_PAUSE: Duration = Duration::from_millis(50);
/// How long the first verification waits for the first checkpoints. An empty ledger has none.
const SEAL_PATIENCE: Duration = Duration::from_secs(3);

/// Where the demo in a directory keeps what it knows beside its server.
pub(super) fn state_dir(instance_dir: &Path) -> PathBuf {
    instance_dir.join(STATE_DIR)
}

fn make_state_dir(instance_dir: &Path) -> Result<PathBuf, CliError> {
    let state = state_dir(instance_dir);
    DirBuilder::new().recursive(true).mode(0o700).create(&state)?;
    Ok(state)
}

/// Takes the lock of the collector; `None` when one is at work.
fn lock(state: &Path) -> Result<Option<File>, CliError> {
    let path = state.join(LOCK_FILE);
    let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The same, with some time for the one that is at work to end.
fn lock_patiently(state: &Path) -> Result<Option<File>, CliError> {
    let began = Instant::now();
    loop {
        match lock(state)? {
            None if began.elapsed() < END_PATIENCE => std::thread::sleep(END_PAUSE),
            outcome => return Ok(outcome),
        }
    }
}

/// Whether a collector is at work for the demo in a directory.
pub(super) fn is_at_work(instance_dir: &Path) -> Result<bool, CliError> {
    let state = state_dir(instance_dir);
    Ok(state.exists() && lock(&state)?.is_none())
}

/// Waits until the collector of a server that was stopped has ended.
pub(super) fn wait_for_end(instance_dir: &Path) -> Result<(), CliError> {
    let state = state_dir(instance_dir);
    if state.exists() && lock_patiently(&state)?.is_none() {
        return Err(CliError::Io(std::io::Error::other(
            "the server has stopped, but its collector is still running; try again in a moment",
        )));
    }
    Ok(())
}

/// A collector that is a task of this program.
pub(super) struct Following {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Following {
    fn start(audit: Audit, lock: File) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            // A sender that is gone means that the program ends.
            let why = audit
                .keep_at_work(async {
                    drop(stopped.await);
                    "the terminal was closed"
                })
                .await;
            tracing::info!(why, "The demo collector has ended");
            drop(lock);
        });
        Self { stop, task }
    }

    /// Lets it end.
    pub async fn end(self) {
        // It may have ended already.
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(END_PATIENCE, self.task).await;
    }
}

/// What the audit of a demo works with.
struct Audit {
    evidence: Evidence,
    collector: Store,
    auditor: Store,
}

impl Audit {
    fn of(demo: &Demo) -> Result<Self, CliError> {
        let store = |login: &str| -> Result<Store, CliError> {
            Ok(Store::new(demo.url(login).parse()?, CONNECTIONS)?)
        };
        Ok(Self {
            evidence: Evidence::at(&state_dir(demo.server.instance_dir())),
            collector: store(COLLECTOR_LOGIN)?,
            auditor: store("auditor")?,
        })
    }

    /// Works until it is to stop, whatever fails, and returns why it was to stop.
    async fn keep_at_work(&self, stop: impl Future<Output = &'static str>) -> &'static str {
        tokio::pin!(stop);
        let mut told = String::new();
        loop {
            let ended = tokio::select! {
                why = &mut stop => return why,
                ended = self.work() => ended,
            };
            let message = ended.map_or_else(|error| error.to_string(), |()| "it ended".to_owned());
            if message != told {
                tracing::error!(message, "The demo collector failed; trying again every few seconds");
                told = message;
            }
            tokio::select! {
                why = &mut stop => return why,
                () = tokio::time::sleep(FAILURE_PAUSE) => {}
            }
        }
    }

    /// Collects, and verifies once where nobody has.
    async fn work(&self) -> Result<(), AuditError> {
        let plan = Plan { source: Source::Sql, seal: Some(self.evidence.clone()) };
        let tell = |message: &str| tracing::info!(message, "Demo collector");
        let following = follow(&self.collector, &plan, std::future::pending(), tell);
        tokio::pin!(following);
        tokio::select! {
            ended = &mut following => return Ok(ended.map(drop)?),
            verified = self.verify_first() => match verified {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "Could not verify the demo yet"),
            }
        }
        Ok(following.await.map(drop)?)
    }

    /// Makes the first verification, as the auditor.
    async fn verify_first(&self) -> Result<(), AuditError> {
        if self.evidence.last_report(&self.auditor).is_some() {
            return Ok(());
        }
        let began = Instant::now();
        // Until then the key may be in the making.
        while !matches!(self.evidence.last_signed(Tree::Ledger), Ok(Some(_)))
            && began.elapsed() < SEAL_PATIENCE
        {
            tokio::time::sleep(END_PAUSE).await;
        }
        let plan = self.evidence.plan(&self.auditor, true)?;
        let report = verify(&self.auditor, &plan, &|_, _, _| {}).await?;
        Ok(self.evidence.keep(&self.auditor, &report)?)
    }
}

/// Lets a collector begin, unless one is at work: as a process, or as a task that is returned. `fresh` says that the
/// server has just been started, so that one at work can only be about to end.
pub(super) fn begin(demo: &Demo, lifetime: Lifetime, fresh: bool) -> Result<Option<Following>, CliError> {
    let directory = demo.server.instance_dir();
    let state = make_state_dir(directory)?;
    let lock = if fresh { lock_patiently(&state)? } else { lock(&state)? };
    let Some(lock) = lock else { return Ok(None) };
    if matches!(lifetime, Lifetime::Tied { .. }) {
        return Ok(Some(Following::start(Audit::of(demo)?, lock)));
    }
    drop(lock);
    Command::new(std::env::current_exe()?)
        .args(["demo", "collect", "--data-dir"])
        .arg(directory)
        .env("STOCKROOM_STATE_DIR", &state)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C on the terminal of the start is not meant for it.
        .process_group(0)
        .spawn()?;
    Ok(None)
}

/// The collector as a process: works until its server is gone.
pub(super) async fn run(directory: &Path) -> Result<Exit, CliError> {
    let ended = work_until_gone(directory).await;
    // Nobody sees its standard error.
    match &ended {
        Ok(why) => tracing::info!(why, "The demo collector has ended"),
        Err(error) => tracing::error!(%error, "The demo collector could not start"),
    }
    ended.map(|_| Exit::Done)
}

async fn work_until_gone(directory: &Path) -> Result<&'static str, CliError> {
    let server = PrivateServer::open(directory)?;
    let state = make_state_dir(server.instance_dir())?;
    // Whoever holds the lock for so long is another one.
    let Some(_lock) = lock_patiently(&state)? else { return Ok("another one is running") };
    let demo = Demo::of(server)?;
    let audit = Audit::of(&demo)?;
    // The terminal that the demo was started in may be closed.
    let _hangup = signal(SignalKind::hangup())?;
    let stop = async {
        tokio::select! {
            () = gone(&demo.server) => "the server has stopped",
            () = interrupted() => "it received a signal",
        }
    };
    Ok(audit.keep_at_work(stop).await)
}

/// Ready when no server runs any more. One that was started anew is another process, and a file that cannot be read says nothing.
async fn gone(server: &PrivateServer) {
    let mut seen_at = Instant::now();
    while seen_at.elapsed() < RESTART_MAX {
        match server.postmaster_pid() {
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => seen_at = Instant::now(),
        }
        tokio::time::sleep(SERVER_PAUSE).await;
    }
}
