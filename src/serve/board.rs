//! The state of the service's parts: whether they run, when they last succeeded, and when they will run next. Status,
//! health and metrics are derived from it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::display::safe_line;
use crate::metrics::table::{PART_FAILURES, PART_LAST_SUCCESS, PART_NEXT_RUN, PART_RUNS, PART_UP};
use crate::metrics::{METRICS, Metric, Metrics, table};

/// The longest message of a failure that is kept, in characters.
const MESSAGE_CHARS_MAX: usize = 500;
/// How long an endless part may make no progress before its loop is taken to hang. A statement may run for 300 s
/// (`statement_timeout`) before it fails, and twice that is more than any iteration of a loop takes.
const TURN_MAX: Duration = Duration::from_mins(10);
/// The metrics that a waiting service continues to show: everything else is measured by the one that leads.
const OWN: [&Metric; 7] = [
    &table::BUILD_INFO,
    &table::START_TIME,
    &table::LEADER,
    &table::DATABASE_UP,
    &table::RELOAD_SUCCESS,
    &table::RELOAD_TIME,
    &table::CERTIFICATE_EXPIRY,
];

/// What a part is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its last run succeeded, or there was none yet; it waits until it is due.
    Waiting,
    /// A run is in progress.
    Running,
    /// Its last run failed; it will be retried.
    Failing,
}

impl State {
    /// The state as the status and its JSON name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Failing => "failing",
        }
    }
}

/// The status of one part, as `stockroom serve status` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartStatus {
    /// The name; for an import with the name of the feed.
    pub name: String,
    pub state: State,
    /// The login that it uses.
    pub login: String,
    /// Runs since this service became the leader.
    pub runs: u64,
    pub failures: u64,
    pub last_success_at: Option<Timestamp>,
    pub last_failure_at: Option<Timestamp>,
    /// The message of the last failure.
    pub last_failure: Option<String>,
    pub next_run_at: Option<Timestamp>,
    /// A description of what its last run did.
    pub did: Option<String>,
}

/// A part with the data for its metrics.
#[derive(Debug)]
struct Entry {
    status: PartStatus,
    /// The name of the part in metrics.
    label: &'static str,
    /// Whether it runs endlessly, so that its loop must make progress.
    endless: bool,
    turned_at: Instant,
}

/// The state of all parts and of the leadership, which the tasks of the parts update.
#[derive(Debug, Default)]
pub struct Board {
    parts: Mutex<BTreeMap<String, Entry>>,
    leadership: Mutex<Leadership>,
}

/// Whether this service leads, and whether the database answers.
#[derive(Debug, Clone, Default)]
struct Leadership {
    leads: bool,
    /// When the database last answered.
    answered_at: Option<Instant>,
    /// The reason, if it did not answer.
    failure: Option<String>,
}

/// The present time as Prometheus writes it, in seconds since 1970.
#[must_use]
pub fn seconds_now() -> f64 {
    Timestamp::now().as_millisecond() as f64 / 1_000.0
}

/// A time as Prometheus writes it, in seconds since 1970.
#[must_use]
pub fn seconds_of(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1_000.0
}

fn cut(message: &str) -> String {
    safe_line(message).chars().take(MESSAGE_CHARS_MAX).collect()
}

/// Locks a mutex. After a panic elsewhere its contents are still consistent, because each change is complete.
fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    /// Adds a part that may start.
    pub(super) fn add(&self, name: &str, label: &'static str, login: &str, endless: bool) {
        let status = PartStatus {
            name: name.to_owned(),
            state: State::Waiting,
            login: login.to_owned(),
            runs: 0,
            failures: 0,
            last_success_at: None,
            last_failure_at: None,
            last_failure: None,
            next_run_at: None,
            did: None,
        };
        let entry = Entry { status, label, endless, turned_at: Instant::now() };
        open(&self.parts).insert(name.to_owned(), entry);
    }

    /// Removes a part that is no longer configured.
    pub(super) fn remove(&self, name: &str) {
        open(&self.parts).remove(name);
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = open(&self.parts).get_mut(name) {
            entry.turned_at = Instant::now();
            change(entry);
        }
    }

    /// Records that a part waits until a time.
    pub(super) fn waits(&self, metrics: &Metrics, name: &str, until: Timestamp) {
        self.change(name, |entry| {
            entry.status.next_run_at = Some(until);
            metrics.set(&PART_NEXT_RUN, &[entry.label], seconds_of(until));
        });
    }

    /// Records that a run of a part begins.
    pub(super) fn begins(&self, metrics: &Metrics, name: &str) {
        self.change(name, |entry| {
            entry.status.runs += 1;
            entry.status.next_run_at = None;
            // A part that fails repeatedly remains failing while it is retried.
            if entry.status.state != State::Failing {
                entry.status.state = State::Running;
            }
            metrics.add(&PART_RUNS, &[entry.label], 1);
        });
    }

    /// Records that an endless part has completed an iteration.
    pub(super) fn works(&self, metrics: &Metrics, name: &str) {
        self.change(name, |entry| {
            entry.status.state = State::Running;
            entry.status.last_success_at = Some(Timestamp::now());
            metrics.set(&PART_LAST_SUCCESS, &[entry.label], seconds_now());
        });
        self.show_up(metrics, name);
    }

    /// Records that a part is still working, however long that takes.
    pub(super) fn turns(&self, name: &str) {
        self.change(name, |_| {});
    }

    /// Whether a part has worked since a time.
    pub(super) fn has_worked_since(&self, name: &str, since: Option<Timestamp>) -> bool {
        open(&self.parts).get(name).is_some_and(|entry| entry.status.last_success_at > since)
    }

    /// Records what a run did, as a description for the status.
    pub(super) fn did(&self, name: &str, words: String) {
        self.change(name, |entry| entry.status.did = Some(cut(&words)));
    }

    /// Records that a run of a part succeeded.
    pub(super) fn succeeds(&self, metrics: &Metrics, name: &str) {
        self.change(name, |entry| {
            entry.status.state = State::Waiting;
            entry.status.last_success_at = Some(Timestamp::now());
            metrics.set(&PART_LAST_SUCCESS, &[entry.label], seconds_now());
        });
        self.show_up(metrics, name);
    }

    /// Records that a run failed. Returns whether the failure is a new one.
    pub(super) fn fails(&self, metrics: &Metrics, name: &str, message: &str) -> bool {
        let mut news = true;
        self.change(name, |entry| {
            let status = &mut entry.status;
            let message = cut(message);
            news = status.state != State::Failing || status.last_failure.as_ref() != Some(&message);
            status.state = State::Failing;
            status.failures += 1;
            status.last_failure_at = Some(Timestamp::now());
            status.last_failure = Some(message);
            metrics.add(&PART_FAILURES, &[entry.label], 1);
        });
        self.show_up(metrics, name);
        news
    }

    /// Exports whether a part works; if several have the same label, whether all of them do.
    fn show_up(&self, metrics: &Metrics, name: &str) {
        let parts = open(&self.parts);
        let Some(label) = parts.get(name).map(|entry| entry.label) else { return };
        let mut of_label = parts.values().filter(|entry| entry.label == label);
        let up = of_label.all(|entry| entry.status.state != State::Failing);
        metrics.set(&PART_UP, &[label], f64::from(u8::from(up)));
    }

    /// Records whether this service leads.
    pub(super) fn leads(&self, metrics: &Metrics, leads: bool) {
        open(&self.leadership).leads = leads;
        metrics.set(&table::LEADER, &[], f64::from(u8::from(leads)));
        if !leads {
            open(&self.parts).clear();
            METRICS.iter().filter(|metric| !OWN.contains(metric)).for_each(|metric| metrics.forget(metric));
        }
    }

    /// Records whether the database answered, or why not. Returns whether this has changed.
    pub(super) fn answered(&self, metrics: &Metrics, outcome: Result<(), &str>) -> bool {
        let mut leadership = open(&self.leadership);
        let before = leadership.failure.clone();
        match outcome {
            Ok(()) => (leadership.answered_at, leadership.failure) = (Some(Instant::now()), None),
            Err(message) => leadership.failure = Some(cut(message)),
        }
        metrics.set(&table::DATABASE_UP, &[], f64::from(u8::from(outcome.is_ok())));
        leadership.failure != before
    }

    /// Whether this service is the leader.
    #[must_use]
    pub fn is_leading(&self) -> bool {
        open(&self.leadership).leads
    }

    /// Why the database cannot be used, if it did not answer the last question.
    #[must_use]
    pub fn database_failure(&self) -> Option<String> {
        let leadership = open(&self.leadership);
        match (&leadership.failure, leadership.answered_at) {
            (Some(failure), _) => Some(failure.clone()),
            (None, None) => Some("the database has not been asked yet".to_owned()),
            (None, Some(at)) if at.elapsed() > TURN_MAX => {
                Some(format!("the database was last asked {} s ago", at.elapsed().as_secs()))
            }
            (None, Some(_)) => None,
        }
    }

    /// The parts whose loop has made no progress for too long.
    #[must_use]
    pub fn hanging(&self) -> Vec<String> {
        let parts = open(&self.parts);
        let hang = |entry: &&Entry| entry.endless && entry.turned_at.elapsed() > TURN_MAX;
        parts.values().filter(hang).map(|entry| entry.status.name.clone()).collect()
    }

    /// The status of each part, by name.
    #[must_use]
    pub fn parts(&self) -> Vec<PartStatus> {
        open(&self.parts).values().map(|entry| entry.status.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_part_stays_failing_until_it_succeeds() {
        let (board, metrics) = (Board::default(), Metrics::new());
        board.add("import a", "import", "stock_importer", false);
        board.add("import b", "import", "stock_importer", false);
        board.begins(&metrics, "import a");
        assert!(board.fails(&metrics, "import a", "no\u{1b}[31m directory"));
        assert!(!board.fails(&metrics, "import a", "no\u{1b}[31m directory"), "the same again is no news");
        board.begins(&metrics, "import a");
        board.succeeds(&metrics, "import b");
        let up = |value: &str| {
            assert!(
                metrics
                    .render()
                    .unwrap()
                    .contains(&format!("stockroom_part_up{{part=\"import\"}} {value}\n"))
            );
        };
        up("0");
        let parts = board.parts();
        assert_eq!((parts[0].state, parts[0].failures), (State::Failing, 2));
        assert!(!parts[0].last_failure.as_ref().unwrap().contains('\u{1b}'));
        board.succeeds(&metrics, "import a");
        up("1");
    }

    #[test]
    fn a_service_that_waits_shows_nothing_of_the_work() {
        let (board, metrics) = (Board::default(), Metrics::new());
        board.leads(&metrics, true);
        board.add("collector", "collector", "stock_collector", true);
        board.works(&metrics, "collector");
        assert!(metrics.render().unwrap().contains("stockroom_part_up"));
        assert!(board.hanging().is_empty());
        board.leads(&metrics, false);
        let text = metrics.render().unwrap();
        assert!(text.contains("stockroom_leader 0\n"));
        assert!(!text.contains("stockroom_part_up{"), "{text}");
        assert!(board.parts().is_empty());
    }
}
