//! Running the parts: each in a task of its own, at its own times, with a backoff of its own.
//!
//! A part is stopped by ending its task wherever it is: whatever it does must survive being killed at any moment, so there is
//! no gentler way that would have to be tested besides.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::error::PartError;
use super::parts::instances;
use super::site::Site;
use crate::config::serve::{ImportSettings, Schedule};
use crate::metrics::Metrics;
use crate::metrics::table::{PART_FAILURES, PART_RUNS};
use crate::store::Store;

/// How long a part that failed waits before it tries again, at first and at most.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
const RETRY_PAUSE_MAX: Duration = Duration::from_mins(5);
/// The longest that a part sleeps at one go: the clock may be put forward or back meanwhile.
const SLEEP_MAX: Duration = Duration::from_secs(15);

/// When a part runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pace {
    /// All the time: a run ends only when it fails.
    Endless,
    /// At once, and then so long after each run.
    Every(Duration),
    /// At the times of a schedule.
    At(Schedule),
}

/// A kind of part: an entry of the table in [`super::parts`].
pub(super) struct Part {
    /// Its name, also in metrics.
    pub name: &'static str,
    /// The login that it works with.
    pub login: &'static str,
    /// How many connections it needs at a time.
    pub connections: usize,
    pub run: fn(Work) -> BoxFuture<'static, Result<(), PartError>>,
    /// Shows its counters, which begin at zero and not with the first event.
    pub show_zero: fn(&Metrics, &Instance),
}

/// A part as it is configured.
pub(super) struct Instance {
    pub part: &'static Part,
    pub pace: Pace,
    /// The watched directory of an import.
    pub feed: Option<Arc<ImportSettings>>,
}

impl Instance {
    /// The name on the board.
    pub(super) fn name(&self) -> String {
        match &self.feed {
            Some(feed) => format!("{} {}", self.part.name, feed.feed().as_str()),
            None => self.part.name.to_owned(),
        }
    }

    fn same_as(&self, other: &Self) -> bool {
        self.pace == other.pace && self.feed == other.feed
    }
}

/// What a run works with.
#[derive(Clone)]
pub(super) struct Work {
    pub site: Arc<Site>,
    pub store: Arc<Store>,
    /// The name on the board.
    pub name: String,
    /// The watched directory of an import.
    pub feed: Option<Arc<ImportSettings>>,
}

impl Work {
    /// Says what the run did.
    pub(super) fn did(&self, words: impl Into<String>) {
        self.site.board.did(&self.name, words.into());
    }
}

/// The parts that run.
pub(super) struct Parts(BTreeMap<String, (Arc<Instance>, JoinHandle<()>)>);

impl Parts {
    /// Starts all parts that are configured.
    pub(super) fn start(site: &Arc<Site>) -> Self {
        let mut parts = Self(BTreeMap::new());
        for instance in instances(&site.settings()) {
            parts.begin(site, instance);
        }
        parts
    }

    fn begin(&mut self, site: &Arc<Site>, instance: Instance) {
        let (name, part) = (instance.name(), instance.part);
        site.board.add(&name, part.name, part.login, instance.pace == Pace::Endless);
        site.metrics.add(&PART_RUNS, &[part.name], 0);
        site.metrics.add(&PART_FAILURES, &[part.name], 0);
        (part.show_zero)(&site.metrics, &instance);
        let instance = Arc::new(instance);
        let task = tokio::spawn(keep_running(Arc::clone(site), Arc::clone(&instance)));
        self.0.insert(name, (instance, task));
    }

    /// Takes over changed settings: parts whose settings are the same go on undisturbed.
    pub(super) async fn take_over(&mut self, site: &Arc<Site>) {
        let mut wanted: BTreeMap<String, Instance> =
            instances(&site.settings()).into_iter().map(|instance| (instance.name(), instance)).collect();
        let running = std::mem::take(&mut self.0);
        for (name, (instance, task)) in running {
            match wanted.remove(&name) {
                Some(new) if new.same_as(&instance) => {
                    self.0.insert(name, (instance, task));
                }
                new => {
                    end(task).await;
                    site.board.remove(&name);
                    wanted.extend(new.map(|new| (name, new)));
                }
            }
        }
        wanted.into_values().for_each(|instance| self.begin(site, instance));
    }

    /// Ends all parts.
    pub(super) async fn end(self) {
        self.0.values().for_each(|(_, task)| task.abort());
        for (_, task) in self.0.into_values() {
            end(task).await;
        }
    }
}

/// Ends a task and waits for it. That it was ended is what was wanted.
async fn end(task: JoinHandle<()>) {
    task.abort();
    let _ = task.await;
}

/// A task that ends with the value, so that whoever ends the part ends its run.
pub(super) struct Tied<T>(pub JoinHandle<T>);

impl<T> Drop for Tied<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs a part for ever.
async fn keep_running(site: Arc<Site>, instance: Arc<Instance>) {
    let name = instance.name();
    let mut pause = RETRY_PAUSE;
    let mut store = None;
    let mut last_run = None;
    loop {
        wait_for_time(&site, &instance, &name, last_run).await;
        last_run = Some(Timestamp::now());
        loop {
            site.board.begins(&site.metrics, &name);
            let Err(error) = run_once(&site, &instance, &name, &mut store).await else { break };
            // The password may have been changed, and is read again.
            store = None;
            let message = error.to_string();
            if site.board.fails(&site.metrics, &name, &message) {
                tracing::error!(part = name, message, "A part failed; trying again");
            }
            // Full jitter: what failed together does not try again together.
            let wait = pause.mul_f64(rand::random_range(0.5..1.0));
            site.board.waits(&site.metrics, &name, later(Timestamp::now(), wait));
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(RETRY_PAUSE_MAX);
            if site.board.has_worked_since(&name, last_run) {
                (pause, last_run) = (RETRY_PAUSE, Some(Timestamp::now()));
            }
        }
        pause = RETRY_PAUSE;
        site.board.succeeds(&site.metrics, &name);
    }
}

fn later(time: Timestamp, wait: Duration) -> Timestamp {
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Runs a part once. A panic is a failure like any other.
async fn run_once(
    site: &Arc<Site>,
    instance: &Instance,
    name: &str,
    store: &mut Option<Arc<Store>>,
) -> Result<(), PartError> {
    let part = instance.part;
    let ready = match store {
        Some(store) => Arc::clone(store),
        None => {
            let new = Arc::new(site.store(part.login, part.connections)?);
            site.watch_pool(part.name, &new);
            Arc::clone(store.insert(new))
        }
    };
    let work =
        Work { site: Arc::clone(site), store: ready, name: name.to_owned(), feed: instance.feed.clone() };
    let mut task = Tied(tokio::spawn((part.run)(work)));
    match (&mut task.0).await {
        Ok(outcome) => outcome,
        Err(error) => Err(PartError::Panicked(error.to_string())),
    }
}

/// Waits until a part is due.
async fn wait_for_time(site: &Site, instance: &Instance, name: &str, last_run: Option<Timestamp>) {
    let next = |now: Timestamp| match &instance.pace {
        Pace::Endless => Some(now),
        Pace::Every(pause) => Some(last_run.map_or(now, |_| later(now, *pause))),
        Pace::At(schedule) => schedule.next_after(now),
    };
    let Some(mut due) = next(Timestamp::now()) else {
        // A schedule without any time to come is refused when it is read.
        return std::future::pending().await;
    };
    loop {
        let now = Timestamp::now();
        if now >= due {
            return;
        }
        site.board.waits(&site.metrics, name, due);
        let rest = Duration::try_from(due.duration_since(now)).unwrap_or_default();
        tokio::time::sleep(rest.min(SLEEP_MAX)).await;
        // A clock that was put back must not make it wait longer than it would from now on.
        if let Some(sooner) = next(Timestamp::now()) {
            due = due.min(sooner);
        }
    }
}
