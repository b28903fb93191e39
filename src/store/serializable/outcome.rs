//! Determines the outcome of work whose answer was lost.
//!
//! A connection that breaks at COMMIT says nothing about the commit. Looking up the id is not enough: the server
//! process may still be working and commit a moment later. So that process is ended first, from another connection, and
//! waited for; what the database holds then is final.

use std::time::{Duration, Instant};

use deadpool::managed::Object;
use tracing::{info, warn};

use super::{Earlier, Work};
use crate::domain::{PostingId, Status};
use crate::store::connection::{Backend, Connection};
use crate::store::{Error, Store};

/// The pause before checking again whether a session that was told to end has ended.
const ENDING_PAUSE: Duration = Duration::from_millis(20);
/// How long one look-up may take before it is repeated on another connection.
const LOOK_UP_MAX: Duration = Duration::from_secs(5);
/// How long to try to reach the database before an outcome is called unknown. A restart of the server or a failover
/// takes less; a clerk should not have to wait longer.
pub(in crate::store) const SETTLE_MAX: Duration = Duration::from_secs(20);
/// The pause between two attempts.
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

impl Store {
    /// Ends the old session, waits until it is gone, and looks up the work. Nothing of it is in progress after that, so
    /// work that is not found may be sent again. While this cannot be done the outcome is unknown, whatever the reason:
    /// no error from here may be taken to mean that nothing was posted.
    pub(in crate::store) async fn end_and_look_up<W: Work>(
        &self,
        work: &W,
        id: PostingId,
        backend: Backend,
        message: &str,
    ) -> Result<Earlier<W::Output>, Error> {
        warn!(work = W::NAME, %id, backend_pid = backend.pid, message, "Connection lost during a transaction; checking the outcome");
        let deadline = Instant::now() + self.settle_max;
        loop {
            let problem = match self.end_and_look_up_once(work, backend).await {
                Ok(Some(earlier)) => {
                    let found = !matches!(earlier, Earlier::Nothing);
                    info!(work = W::NAME, %id, found, "Outcome of the transaction determined");
                    return Ok(earlier);
                }
                Ok(None) => "its server process has not ended".to_owned(),
                Err(error) => error.to_string(),
            };
            if Instant::now() >= deadline {
                return Err(Error::OutcomeUnknown { posting: id, message: format!("{message}; {problem}") });
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    /// One attempt: `None` if the old server process has not ended yet.
    async fn end_and_look_up_once<W: Work>(
        &self,
        work: &W,
        backend: Backend,
    ) -> Result<Option<Earlier<W::Output>>, Error> {
        let connection = self.connection().await?;
        let question = async {
            match ended(&connection, backend).await? {
                true => work.look_up(&connection).await.map(Some),
                false => Ok(None),
            }
        };
        match tokio::time::timeout(LOOK_UP_MAX, question).await {
            Ok(answer) => answer,
            Err(_) => {
                // Whatever swallowed the first answer may have swallowed this one too.
                drop(Object::take(connection));
                Err(Error::Unavailable { message: format!("no answer for {} s", LOOK_UP_MAX.as_secs()) })
            }
        }
    }

    /// Whether anything was posted or counted under an id by a program that has ended. Its sessions are ended first:
    /// `None` while one has not ended yet, so that it may still post.
    ///
    /// # Errors
    /// As any read.
    pub async fn was_posted(&self, posting: PostingId, session_name: &str) -> Result<Option<bool>, Error> {
        const SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = session_user AND application_name = $1 AND pid <> pg_backend_pid()";
        let connection = self.connection().await?;
        let deadline = Instant::now() + LOOK_UP_MAX;
        // A session that was told to end needs a moment.
        while !connection.query(SESSIONS, &[&session_name]).await?.is_empty() {
            if Instant::now() >= deadline {
                return Ok(None);
            }
            tokio::time::sleep(ENDING_PAUSE).await;
        }
        self.is_known(&connection, posting).await.map(Some)
    }

    /// Whether a posting that was found after a lost connection is that of this command, which began at `began`, or of
    /// an earlier one that sent the same id. The server compares its own clock with its own timestamp; the duration is
    /// measured here. If it cannot be queried again, the posting counts as this command's, which is likely.
    pub(in crate::store) async fn posted_since(&self, id: PostingId, began: Instant) -> Status {
        match self.was_posted_before(id, began).await {
            Ok(true) => Status::AlreadyPosted,
            Ok(false) => Status::Posted,
            Err(error) => {
                warn!(%id, %error, "Could not determine which command posted this");
                Status::Posted
            }
        }
    }

    async fn was_posted_before(&self, id: PostingId, began: Instant) -> Result<bool, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT extract(epoch FROM clock_timestamp() - coalesce(
                     (SELECT t.posted_at FROM stock.transactions t WHERE t.id = $1 AND t.occurred_at = $2),
                     (SELECT c.posted_at FROM stock.stock_counts c WHERE c.id = $1),
                     (SELECT r.posted_at FROM stock.reservations r WHERE r.id = $1),
                     (SELECT e.posted_at FROM stock.order_events e WHERE e.id = $1),
                     (SELECT o.created_at FROM stock.orders o WHERE o.order_id = $1)))::float8",
                &[&id.uuid(), &id.occurred_at()],
            )
            .await?;
        // Measured after the answer: a slow answer must not make this command's own posting look older than it is.
        let age: Option<f64> = row.try_get(0)?;
        Ok(age.is_some_and(|age| age > began.elapsed().as_secs_f64()))
    }

    /// Whether the ledgers, the counts or the orders contain this id.
    async fn is_known(&self, connection: &Connection, posting: PostingId) -> Result<bool, Error> {
        let row = connection
            .query_one(
                "SELECT EXISTS (SELECT FROM stock.transactions WHERE id = $1 AND occurred_at = $2)
                     OR EXISTS (SELECT FROM stock.stock_counts WHERE id = $1)
                     OR EXISTS (SELECT FROM stock.reservations WHERE id = $1)
                     OR EXISTS (SELECT FROM stock.order_events WHERE id = $1)
                     OR EXISTS (SELECT FROM stock.orders WHERE order_id = $1)",
                &[&posting.uuid(), &posting.occurred_at()],
            )
            .await?;
        Ok(row.try_get(0)?)
    }
}

/// Ends the server process, which must be one of the same login, and returns whether it is gone.
async fn ended(connection: &Connection, backend: Backend) -> Result<bool, Error> {
    let row = connection
        .query_opt(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2",
            &[&backend.pid, &backend.started_at],
        )
        .await?;
    if row.is_none() {
        return Ok(true);
    }
    let still_there = connection
        .query_opt(
            "SELECT FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2",
            &[&backend.pid, &backend.started_at],
        )
        .await?;
    Ok(still_there.is_none())
}
