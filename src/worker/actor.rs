//! The actor that owns the worker's state.

mod verifying;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::{self, JoinError, JoinSet};
use tracing::{error, info, warn};

use self::verifying::Verifying;
use super::export;
use super::message::{AuditReport, Exported, Failure, Login, Order, Report, Write, Written};
use super::query::{self, Answer, QueryKey};
use super::queues::{QueryQueues, Running};
use super::reconnect::{Connection, pause};
use super::run::{self, Entered};
use super::{Keep, Settings};
use crate::audit::evidence::Evidence;
use crate::audit::findings::Report as Verification;
use crate::domain::{PeopleNames, PostingId, PostingOutcome};
use crate::privacy::KeyringSource;
use crate::service::Service;
use crate::store::{Cancellation, Watermark};

/// How long a superseded question may continue before it is cancelled. Most are answered sooner, and cancelling costs
/// the server a connection.
const SUPERSEDED_WAIT: Duration = Duration::from_millis(150);
/// How often to check whether others have changed something.
const WATCH_PAUSE: Duration = Duration::from_secs(1);
/// How long that check, or checking whether the server is back, may take before the connection counts as lost.
const WATCH_WAIT_MAX: Duration = Duration::from_secs(5);
/// How long to wait before a posting whose outcome is still unknown is looked up again.
const RESOLVE_PAUSE: Duration = Duration::from_secs(2);

/// How often a question is asked whose connection is lost. If the server answers other questions but never this one,
/// the cause is another, and the person is told.
const TRIES_MAX: u8 = 3;

/// The end of a task or of a pause.
#[derive(Debug)]
enum Event {
    Entered(Result<Entered, Failure>),
    Kept(Result<Option<PathBuf>, String>),
    Named(Result<PeopleNames, Failure>),
    Answered(Result<Answer, Failure>),
    /// The time for a question with this query key is over.
    Overdue(QueryKey),
    CalledOff,
    Written(PostingId, Result<Written, Failure>),
    Resolved(PostingId, Result<PostingOutcome, Failure>),
    Watched(Result<Watermark, Failure>),
    Reconnected(Result<(), Failure>),
    Verified(Result<Box<Verification>, Failure>),
    Decided(Result<(), Failure>),
    Exported(Result<Exported, Failure>),
    RecordChanged(u64, Result<(), Failure>),
}

/// The state of the worker: settings, connection, queued questions and running tasks.
pub(super) struct Actor {
    settings: Settings,
    keep: Keep,
    /// The login whose password is to be kept if it proves right.
    to_keep: Option<Login>,
    keyring: Option<KeyringSource>,
    journal: PathBuf,
    evidence: Evidence,
    reports: mpsc::Sender<Report>,
    service: Option<Service>,
    connection: Connection,
    queues: QueryQueues,
    writes: VecDeque<(PostingId, Box<Write>)>,
    writing: Option<(PostingId, task::Id)>,
    unknown: Vec<PostingId>,
    watermark: Option<Watermark>,
    /// When the last write was reported, until its journal entry has been cleared.
    written_at: Option<Instant>,
    /// A new login starts a new session; results of tasks of the previous one are ignored.
    watching: Option<task::Id>,
    verifying: Option<Verifying>,
    /// The running changes to master data, by their tasks.
    changing: HashMap<task::Id, u64>,
    tasks: JoinSet<Event>,
}

impl Actor {
    pub fn new(
        settings: Settings,
        keep: Keep,
        state_dir: &Path,
        keyring: Option<KeyringSource>,
        reports: mpsc::Sender<Report>,
    ) -> Self {
        Self {
            settings,
            keep,
            to_keep: None,
            keyring,
            journal: state_dir.join("journal"),
            evidence: Evidence::at(state_dir),
            reports,
            service: None,
            connection: Connection::None,
            queues: QueryQueues::default(),
            writes: VecDeque::new(),
            writing: None,
            unknown: Vec::new(),
            watermark: None,
            written_at: None,
            watching: None,
            verifying: None,
            changing: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Handles orders until the terminal has ended.
    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended).await,
                order = orders.recv() => match order {
                    Some(order) => self.order(order).await,
                    None => return self.told(),
                },
            }
        }
    }

    /// Clears the journal entries of what the terminal has shown.
    fn told(&mut self) {
        self.written_at = None;
        if let Some(service) = &self.service {
            service.told();
        }
    }

    async fn report(&self, report: Report) {
        // Only a terminal that has ended accepts no reports, and then `run` ends too.
        let _ = self.reports.send(report).await;
    }

    async fn order(&mut self, order: Order) {
        match order {
            Order::Connect(login) => self.connect(login),
            Order::Ask(ticket, question) => {
                if self.queues.admit(ticket, question) {
                    self.supersede(ticket.query_key);
                    self.ask_next(ticket.query_key);
                } else {
                    let failure = Failure::Other("too many queries are waiting for the database".to_owned());
                    self.report(Report::Answered(ticket, Err(failure))).await;
                }
            }
            Order::Write(id, write) => {
                self.writes.push_back((id, write));
                self.write_next();
            }
            Order::Verify { full } => self.verify(full),
            Order::StopVerifying => self.stop_verifying().await,
            Order::Decide(decide) => {
                if let Some(service) = self.service.clone() {
                    let deciding = run::decide(service, self.evidence.clone(), decide);
                    self.tasks.spawn(async move { Event::Decided(deciding.await) });
                }
            }
            Order::Export(list) => {
                if let Some(service) = self.service.clone() {
                    let exporting = export::export(service, *list);
                    self.tasks.spawn(async move { Event::Exported(exporting.await) });
                }
            }
            Order::ChangeRecord(number, change) => {
                if let Some(service) = self.service.clone() {
                    let changing = run::change_record(service, self.keyring.clone(), *change);
                    let handle =
                        self.tasks.spawn(async move { Event::RecordChanged(number, changing.await) });
                    self.changing.insert(handle.id(), number);
                }
            }
        }
    }

    fn connect(&mut self, login: Login) {
        self.to_keep = Some(&login).filter(|login| login.keep && login.password.is_some()).cloned();
        let entering = run::connect(self.settings.clone(), self.journal.clone(), login);
        self.tasks.spawn(async move { Event::Entered(entering.await) });
    }

    /// Gives a superseded question a short time before it is cancelled.
    fn supersede(&mut self, query_key: QueryKey) {
        if self.queues.is_superseded(query_key) && self.queues.overdue(query_key, Instant::now()).is_some() {
            self.tasks.spawn(async move {
                tokio::time::sleep(SUPERSEDED_WAIT).await;
                Event::Overdue(query_key)
            });
        }
    }

    fn ask_next(&mut self, query_key: QueryKey) {
        if self.connection != Connection::Up {
            return;
        }
        let Some(service) = self.service.clone() else { return };
        let Some((ticket, question, tries)) = self.queues.next(query_key) else { return };
        let cancellation = Cancellation::default();
        let (scope, asked) = (cancellation.clone(), question.clone());
        let (evidence, keyring) = (self.evidence.clone(), self.keyring.clone());
        let handle = self.tasks.spawn(async move {
            Event::Answered(scope.scope(query::answer(&service, &evidence, keyring, asked)).await)
        });
        let (since, task) = (Instant::now(), handle.id());
        self.queues.started(Running { ticket, question, cancellation, since, task, tries });
    }

    fn write_next(&mut self) {
        let Some(service) = self.service.clone() else { return };
        if self.writing.is_some() {
            return;
        }
        let Some((id, write)) = self.writes.pop_front() else { return };
        let handle = self.tasks.spawn(async move { Event::Written(id, run::write(service, *write).await) });
        self.writing = Some((id, handle.id()));
    }

    async fn ended(&mut self, ended: Result<(task::Id, Event), JoinError>) {
        match ended {
            Ok((task, event)) => self.event(task, event).await,
            Err(broken) => self.broken(&broken).await,
        }
    }

    async fn event(&mut self, task: task::Id, event: Event) {
        match event {
            Event::Entered(entered) => self.entered(entered).await,
            Event::Answered(answer) => {
                if let Some(running) = self.queues.ended(task) {
                    self.answered(running, answer).await;
                }
            }
            Event::Overdue(query_key) => {
                let then = Instant::now().checked_sub(SUPERSEDED_WAIT);
                if let Some(running) = then.and_then(|then| self.queues.overdue(query_key, then)) {
                    let cancellation = running.cancellation.clone();
                    self.tasks.spawn(async move {
                        cancellation.cancel().await;
                        Event::CalledOff
                    });
                }
            }
            Event::CalledOff => {}
            Event::Kept(kept) => self.report(Report::Kept(kept)).await,
            Event::Named(names) => self.report(Report::Named(names)).await,
            Event::Written(id, outcome) => self.written(id, outcome).await,
            Event::Resolved(id, outcome) => self.resolved(id, outcome).await,
            Event::Watched(watermark) if self.watching == Some(task) => self.watched(watermark).await,
            Event::Watched(_) => {}
            Event::Reconnected(outcome) => self.reconnected(outcome).await,
            Event::Verified(outcome) => self.verified(task, outcome).await,
            Event::RecordChanged(number, outcome) => {
                self.changing.remove(&task);
                let lost = match &outcome {
                    Err(Failure::Unavailable(message)) => Some(message.clone()),
                    _ => None,
                };
                self.report(Report::RecordChanged(number, outcome)).await;
                if let Some(message) = lost {
                    self.lost(message).await;
                }
            }
            Event::Exported(outcome) => self.report(Report::Exported(outcome)).await,
            Event::Decided(outcome) => self.report(Report::Audit(AuditReport::Decided(outcome))).await,
        }
    }

    /// Handles a task that panicked, which is a defect; whoever waits for it is told.
    async fn broken(&mut self, broken: &JoinError) {
        if broken.is_cancelled() {
            return;
        }
        error!(error = %broken, "A worker task panicked");
        let failure = Failure::Other("this is a bug in Stockroom; see the log file for details".to_owned());
        if let Some(running) = self.queues.ended(broken.id()) {
            let query_key = running.ticket.query_key;
            self.report(Report::Answered(running.ticket, Err(failure))).await;
            self.ask_next(query_key);
        } else if let Some((id, _)) = self.writing.take_if(|(_, task)| *task == broken.id()) {
            // Whether it was posted before the panic is not known.
            self.unknown.push(id);
            let message = "the program failed while posting".to_owned();
            self.report(Report::Written(id, Err(Failure::OutcomeUnknown { posting: id, message }))).await;
            self.resolve(id, Duration::ZERO);
            self.write_next();
        } else if let Some(number) = self.changing.remove(&broken.id()) {
            self.report(Report::RecordChanged(number, Err(failure))).await;
        } else {
            self.verified(broken.id(), Err(failure)).await;
        }
    }

    async fn entered(&mut self, entered: Result<Entered, Failure>) {
        match entered {
            Ok(Entered { service, facts, recovered }) => {
                info!(login = facts.login, database = facts.database, "Logged in");
                if let Some(source) = self.keyring.clone() {
                    let named = run::read_names(service.clone(), source);
                    self.tasks.spawn(async { Event::Named(named.await) });
                }
                if let Some(login) = self.to_keep.take() {
                    let keep = self.keep.clone();
                    // The desktop may ask the person to unlock its keyring.
                    self.tasks.spawn_blocking(move || Event::Kept(keep(&login)));
                }
                self.service = Some(service);
                self.connection = Connection::Up;
                self.watermark = None;
                self.report(Report::Connected(Ok(facts))).await;
                if !recovered.is_empty() {
                    self.report(Report::Recovered(recovered)).await;
                }
                self.watch(Duration::ZERO);
            }
            Err(failure) => self.report(Report::Connected(Err(failure))).await,
        }
    }

    async fn answered(&mut self, running: Running, answer: Result<Answer, Failure>) {
        let (ticket, query_key) = (running.ticket, running.ticket.query_key);
        let superseded = self.queues.is_superseded(query_key);
        match answer {
            // Nobody waits for it any more, whatever it was.
            _ if superseded => {}
            Err(Failure::Unavailable(message)) if running.tries < TRIES_MAX => {
                self.queues.put_back(running);
                self.lost(message).await;
            }
            answer => self.report(Report::Answered(ticket, answer)).await,
        }
        self.ask_next(query_key);
    }

    async fn written(&mut self, id: PostingId, outcome: Result<Written, Failure>) {
        self.writing = None;
        let lost = match &outcome {
            Err(Failure::OutcomeUnknown { message, .. }) => {
                self.unknown.push(id);
                Some(message.clone())
            }
            Err(Failure::Unavailable(message)) => Some(message.clone()),
            _ => None,
        };
        self.report(Report::Written(id, outcome)).await;
        self.written_at = Some(Instant::now());
        if let Some(message) = lost {
            self.lost(message).await;
        }
        self.write_next();
    }

    fn resolve(&mut self, id: PostingId, wait: Duration) {
        let Some(service) = self.service.clone() else { return };
        self.tasks.spawn(async move {
            tokio::time::sleep(wait).await;
            Event::Resolved(id, service.resolve(id).await.map_err(Failure::from))
        });
    }

    async fn resolved(&mut self, id: PostingId, outcome: Result<PostingOutcome, Failure>) {
        match outcome {
            Ok(outcome @ (PostingOutcome::Posted | PostingOutcome::NotPosted)) => {
                self.unknown.retain(|unknown| *unknown != id);
                self.report(Report::Resolved(id, outcome)).await;
            }
            Err(Failure::Unavailable(message)) => self.lost(message).await,
            outcome => {
                warn!(posting = %id, ?outcome, "The outcome of a posting is still not known");
                self.resolve(id, RESOLVE_PAUSE);
            }
        }
    }

    /// Starts a check, after a pause, whether others have changed something.
    fn watch(&mut self, wait: Duration) {
        let Some(service) = self.service.clone() else { return };
        let handle = self.tasks.spawn(async move {
            tokio::time::sleep(wait).await;
            let cancellation = Cancellation::default();
            let looking = cancellation.scope(service.store().watermark());
            let watermark = if let Ok(watermark) = tokio::time::timeout(WATCH_WAIT_MAX, looking).await {
                watermark.map_err(Failure::from)
            } else {
                // An answer that is still to come must not be mistaken for that of the next query.
                cancellation.abandon();
                Err(Failure::Unavailable(format!("no answer for {} s", WATCH_WAIT_MAX.as_secs())))
            };
            Event::Watched(watermark)
        });
        self.watching = Some(handle.id());
    }

    async fn watched(&mut self, watermark: Result<Watermark, Failure>) {
        // The report of the last write has long been drawn.
        if self.written_at.is_some_and(|at| at.elapsed() >= WATCH_PAUSE) {
            self.told();
        }
        match watermark {
            Ok(watermark) => {
                let changed = self.watermark.as_ref().is_some_and(|known| *known != watermark);
                self.watermark = Some(watermark);
                if changed {
                    self.report(Report::Changed).await;
                }
            }
            Err(Failure::Unavailable(message)) => return self.lost(message).await,
            Err(failure) => warn!(%failure, "Could not check for changes"),
        }
        self.watch(WATCH_PAUSE);
    }

    /// Handles the loss of the connection: questions wait, and reconnecting is attempted until the server answers.
    async fn lost(&mut self, message: String) {
        if self.connection != Connection::Up {
            return;
        }
        warn!(message, "Connection lost");
        self.watching = None;
        for running in self.queues.take_running() {
            running.cancellation.abandon();
            self.queues.put_back(running);
        }
        self.reconnect(message, 0).await;
    }

    async fn reconnect(&mut self, message: String, attempts: u32) {
        self.connection = Connection::Down { attempts };
        let Some(service) = self.service.clone() else { return };
        let wait = pause(attempts);
        let retry_seconds = wait.as_secs_f64().ceil() as u64;
        self.report(Report::Lost { message, attempts: attempts + 1, retry_seconds }).await;
        self.tasks.spawn(async move {
            tokio::time::sleep(wait).await;
            let answer = tokio::time::timeout(WATCH_WAIT_MAX, service.store().ping()).await;
            Event::Reconnected(match answer {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.into()),
                Err(_) => Err(Failure::Unavailable(format!("no answer for {} s", WATCH_WAIT_MAX.as_secs()))),
            })
        });
    }

    async fn reconnected(&mut self, outcome: Result<(), Failure>) {
        let Connection::Down { attempts } = self.connection else { return };
        if let Err(failure) = outcome {
            self.reconnect(failure.to_string(), attempts.saturating_add(1)).await;
            return;
        }
        info!(attempts = attempts + 1, "Reconnected");
        self.connection = Connection::Up;
        self.report(Report::Restored).await;
        for id in self.unknown.clone() {
            self.resolve(id, Duration::ZERO);
        }
        for query_key in self.queues.waiting() {
            self.ask_next(query_key);
        }
        self.watch(Duration::ZERO);
    }
}
