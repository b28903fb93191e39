//! Runs work that must be SERIALIZABLE: one transaction, which is retried as a whole after a conflict (PostgreSQL
//! manual, 13.5), and looked up if the connection was lost before the answer came.
//!
//! Boundary: knows connections, locks and outcomes, but not what the work does. Postings, groups of postings, counts,
//! orders and archiving each implement [`Work`].

mod hot;
mod locks;
mod outcome;
mod retry;

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use deadpool::managed::Object;
use tracing::{info, warn};

use super::connection::{Backend, Connection, Purpose};
use super::error::{Class, classify};
use super::{Error, Store};
use crate::domain::{PostingId, Refusal, Status};

pub(super) use hot::{HotLevels, LevelKey};
pub(super) use locks::Locks;
pub(super) use outcome::SETTLE_MAX;
pub use retry::RetryPolicy;

/// Work that is one SERIALIZABLE transaction and may be retried as a whole.
pub(super) trait Work: Sync {
    /// What a run returns, and what a look-up finds of an earlier one.
    type Output: Send;

    /// The name of the work in the log.
    const NAME: &'static str;

    /// The sessions that it runs on.
    fn purpose(&self) -> Purpose {
        Purpose::General
    }

    /// The id by which it is looked up if its answer does not come. For work without one, a lost connection is an
    /// error.
    fn id(&self) -> Option<PostingId>;

    /// The levels that it changes. Conflicts over them are remembered, and lead to locks.
    fn levels(&self) -> &[LevelKey] {
        &[]
    }

    /// How often it is retried.
    fn retry(&self) -> RetryPolicy {
        RetryPolicy::POSTING
    }

    /// How long it may run before the connection counts as lost; without a limit of its own, that of the store.
    fn time_max(&self) -> Option<Duration> {
        None
    }

    /// The statements to prepare before anything of the work is sent.
    fn statements(&self) -> &'static [&'static str];

    /// Sends the transaction, and holds the locks while it runs.
    fn run(
        &self,
        connection: &mut Connection,
        locks: &Locks,
    ) -> impl Future<Output = Result<Self::Output, Failed>> + Send;

    /// Looks up what the database holds under its id.
    fn look_up(
        &self,
        connection: &Connection,
    ) -> impl Future<Output = Result<Earlier<Self::Output>, Error>> + Send;

    /// Converts a database error that retrying cannot resolve.
    fn explain(&self, error: tokio_postgres::Error) -> Error {
        error.into()
    }
}

/// What the database holds under the id of some work.
#[derive(Debug)]
pub(super) enum Earlier<T> {
    Nothing,
    /// The same work, which was committed with this output.
    Same(T),
    /// Other work, which used the same id.
    Other,
}

/// Why a run ended without a commit.
#[derive(Debug)]
pub(super) enum Failed {
    Database(tokio_postgres::Error),
    /// The work found a reason to stop, and rolled back.
    Refused(Refusal),
    /// The work rolled back because of an error that was explained already.
    Stopped(Error),
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

/// The result of running the transaction once.
#[derive(Debug)]
pub(super) enum Attempt<T> {
    Committed(T),
    /// The id exists: it belongs to an earlier attempt or to other work.
    IdExists(PostingId),
    /// A conflict with other work; to be retried.
    Collided,
    /// To be retried a few times at most: another session keeps a lock.
    LockTimeout,
    /// To be retried once the month of the id has a partition.
    PartitionMissing(PostingId),
    /// The connection was lost before anything of the work was sent.
    NotSent,
    /// The connection was lost while the work was in progress.
    Lost {
        id: PostingId,
        backend: Backend,
        message: String,
    },
    Failed(Error),
}

/// The result of work that was committed.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub output: T,
    /// Whether this call committed it, or an earlier one with the same id.
    pub status: Status,
    /// How many transactions were attempted.
    pub attempts: u32,
}

impl Store {
    /// Runs work until it is committed, is refused, or has conflicted too often.
    ///
    /// # Errors
    /// [`Error::Refused`] if a rule forbids it, [`Error::Conflict`] if every attempt conflicted, [`Error::Blocked`] if
    /// another session keeps a lock on what is to be changed, [`Error::OutcomeUnknown`] if the connection was lost and
    /// the database cannot be queried.
    pub(super) async fn run<W: Work>(&self, work: &W) -> Result<Done<W::Output>, Error> {
        let policy = work.retry();
        let id = || work.id().map(tracing::field::display);
        let mut sent_before = false;
        let mut lock_timeouts = 0;
        let began = Instant::now();
        for attempts in 1..=policy.attempts_max {
            let done = |output, status| Ok(Done { output, status, attempts });
            match self.attempt(work).await {
                Attempt::Committed(output) => return done(output, Status::Posted),
                Attempt::IdExists(id) => {
                    let status = match sent_before {
                        true => self.posted_since(id, began).await,
                        false => Status::AlreadyPosted,
                    };
                    return match work.look_up(&*self.connection().await?).await? {
                        Earlier::Same(output) => done(output, status),
                        Earlier::Nothing | Earlier::Other => Err(Refusal::IdUsedForAnother(id).into()),
                    };
                }
                Attempt::Lost { id, backend, message } => {
                    sent_before = true;
                    match self.end_and_look_up(work, id, backend, &message).await? {
                        Earlier::Same(output) => {
                            return done(output, self.posted_since(id, began).await);
                        }
                        Earlier::Other => return Err(Refusal::IdUsedForAnother(id).into()),
                        Earlier::Nothing => {}
                    }
                }
                Attempt::NotSent => {
                    info!(
                        work = W::NAME,
                        id = id(),
                        attempts,
                        "Idle connection was closed; using another one"
                    );
                }
                Attempt::PartitionMissing(id) => self.ensure_month(id.occurred_at()).await?,
                Attempt::Collided => {
                    self.counters.retries.fetch_add(1, Ordering::Relaxed);
                    self.hot.note(work.levels());
                    info!(work = W::NAME, id = id(), attempts, "Conflict with another transaction; retrying");
                    tokio::time::sleep(policy.pause(attempts)).await;
                }
                Attempt::LockTimeout => {
                    self.counters.retries.fetch_add(1, Ordering::Relaxed);
                    lock_timeouts += 1;
                    warn!(
                        work = W::NAME,
                        id = id(),
                        lock_timeouts,
                        "Waited for a lock until the lock timeout"
                    );
                    if lock_timeouts == policy.lock_timeouts_max {
                        return Err(self.blocked().await);
                    }
                }
                Attempt::Failed(error) => return Err(error),
            }
        }
        warn!(work = W::NAME, id = id(), attempts = policy.attempts_max, "Gave up after too many conflicts");
        Err(Error::Conflict { attempts: policy.attempts_max })
    }

    /// Runs work once, with the locks of those of its levels that are hot.
    pub(super) async fn attempt<W: Work>(&self, work: &W) -> Attempt<W::Output> {
        let mut connection = match self.connection_for(work.purpose()).await {
            Ok(connection) => connection,
            Err(error) => return Attempt::Failed(error),
        };
        // Preparing sends nothing of the work, so after an error here nothing can have been committed.
        let locks = match self.prepare(&connection, work).await {
            Ok(locks) => locks,
            Err(error) if classify(&error) == Class::Lost => {
                drop(Object::take(connection));
                return Attempt::NotSent;
            }
            Err(error) => return Attempt::Failed(error.into()),
        };
        self.counters.attempts.fetch_add(1, Ordering::Relaxed);
        if locks.are_held() {
            self.counters.locked.fetch_add(1, Ordering::Relaxed);
        }
        let backend = connection.backend;
        let time_max = work.time_max().unwrap_or(self.reply_timeout);
        let message = match tokio::time::timeout(time_max, work.run(&mut connection, &locks)).await {
            Ok(Ok(output)) => return Attempt::Committed(output),
            Ok(Err(Failed::Refused(refusal))) => return Attempt::Failed(refusal.into()),
            Ok(Err(Failed::Stopped(error))) => return Attempt::Failed(error),
            Ok(Err(Failed::Database(error))) => match (classify(&error), work.id()) {
                (Class::Retry, _) => return Attempt::Collided,
                (Class::LockTimeout, _) => return Attempt::LockTimeout,
                (Class::IdExists, Some(id)) => return Attempt::IdExists(id),
                (Class::PartitionMissing, Some(id)) => return Attempt::PartitionMissing(id),
                (Class::Lost, _) => Error::from(error).to_string(),
                _ => return Attempt::Failed(work.explain(error)),
            },
            Err(_) => format!("no answer for {} s", time_max.as_secs()),
        };
        // An answer that is still to come must not be mistaken for that of the next query.
        drop(Object::take(connection));
        self.counters.lost.fetch_add(1, Ordering::Relaxed);
        match work.id() {
            Some(id) => Attempt::Lost { id, backend, message },
            None => Attempt::Failed(Error::Unavailable { message }),
        }
    }

    /// Prepares the statements of some work, and those of its locks if it needs any.
    async fn prepare<W: Work>(
        &self,
        connection: &Connection,
        work: &W,
    ) -> Result<Locks, tokio_postgres::Error> {
        for statement in work.statements() {
            connection.prepare_cached(statement).await?;
        }
        Locks::prepare(connection, self.hot.locks(work.levels())).await
    }
}
