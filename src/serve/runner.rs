//! Runs the parts: each in a task of its own, on its own schedule, with its own backoff.
//!
//! A part is stopped by aborting its task at any point: whatever it does must survive being killed at any moment, so
//! there is no gentler way that would need separate tests.

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

/// How long a failed part waits before it is retried, at first and at most.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
const RETRY_PAUSE_MAX: Duration = Duration::from_mins(5);
/// The longest that a part sleeps at a time: the clock may be set meanwhile.
const SLEEP_MAX: Duration = Duration::from_secs(15);

/// When a part runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pace {
    /// Continuously: a run ends only when it fails.
    Endless,
    /// Immediately, and then with this pause after each run.
    Every(Duration),
    /// At the times of a schedule.
    At(Schedule),
}

/// A kind of part: an entry of the table in [`super::parts`].
pub(super) struct Part {
    /// The name, which is also its label in metrics.
    pub name: &'static str,
    /// The login under which it works.
    pub login: &'static str,
    /// How many connections it needs at the same time.
    pub connections: usize,
    pub run: fn(Work) -> BoxFuture<'static, Result<(), PartError>>,
    /// Exports its counters with zero, so that they exist before the first event.
    pub show_zero: fn(&Metrics, &Instance),
}

/// A part with its configuration.
pub(super) struct Instance {
    pub part: &'static Part,
    pub pace: Pace,
    /// The watched directory of an import.
    pub feed: Option<Arc<ImportSettings>>,
}

impl Instance {
    /// The name by which the board knows it.
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

/// What a run of a part has at its disposal.
#[derive(Clone)]
pub(super) struct Work {
    pub site: Arc<Site>,
    pub store: Arc<Store>,
    /// The name by which the board knows it.
    pub name: String,
    /// The watched directory of an import.
    pub feed: Option<Arc<ImportSettings>>,
}

impl Work {
    /// Records what the run did, for the status.
    pub(super) fn did(&self, words: impl Into<String>) {
        self.site.board.did(&self.name, words.into());
    }
}

/// The running parts, by name, each with its task.
pub(super) struct Parts(BTreeMap<String, (Arc<Instance>, JoinHandle<()>)>);

impl Parts {
    /// Starts all configured parts.
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

    /// Applies changed settings; parts whose settings are the same are not interrupted.
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

    /// Aborts the tasks of all parts and waits until they have ended.
    pub(super) async fn end(self) {
        self.0.values().for_each(|(_, task)| task.abort());
        for (_, task) in self.0.into_values() {
            end(task).await;
        }
    }
}

/// Aborts a task and waits for it. That it was aborted is the expected result.
async fn end(task: JoinHandle<()>) {
    task.abort();
    let _ = task.await;
}

/// A task that is aborted when this is dropped, so that stopping a part stops its run.
pub(super) struct Tied<T>(pub JoinHandle<T>);

impl<T> Drop for Tied<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs a part until its task is aborted.
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
            // The password may have been changed, so it is read again.
            store = None;
            let message = error.to_string();
            if site.board.fails(&site.metrics, &name, &message) {
                tracing::error!(part = name, message, "A part failed; trying again");
            }
            // Full jitter: parts that failed at the same time are not retried at the same time.
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

/// Runs a part once. A panic counts as a failure.
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
        // A schedule without future times is refused when it is read.
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
        // A clock that was set back must not make it wait longer than it would from now.
        if let Some(sooner) = next(Timestamp::now()) {
            due = due.min(sooner);
        }
    }
}
