//! What became of a posting whose answer never came, and whether an id that exists is the same posting.
//!
//! A connection that breaks at COMMIT says nothing about the commit. Looking the id up is not enough
//! either: the server process may still be at work and commit a moment later. So it is ended first,
//! from another connection, and waited for; then what the ledger holds is the last word.

use std::time::{Duration, Instant};

use deadpool::managed::Object;
use rust_decimal::Decimal;
use tracing::{info, warn};
use uuid::Uuid;

use super::connection::{Backend, Connection};
use super::resolve::{Resolved, at};
use super::{Error, Store};
use crate::domain::PostingId;

/// How long a session that was told to end is given before it is looked at again.
const ENDING_PAUSE: Duration = Duration::from_millis(20);
/// How long one look-up may take before it is tried on another connection.
const LOOK_UP_MAX: Duration = Duration::from_secs(5);
/// How long to try to reach the database before an outcome is called unknown. A restart of the server
/// or a failover takes less; a clerk should not look at a spinner for longer.
pub(super) const SETTLE_MAX: Duration = Duration::from_secs(20);
/// How long to wait between two tries.
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// A row of the ledger as it was posted, for comparison.
#[derive(Debug, PartialEq)]
struct Stored {
    id: Uuid,
    posting: Uuid,
    kind: String,
    product: i64,
    lot: Option<i64>,
    from: Option<i64>,
    to: Option<i64>,
    partner: Option<i64>,
    quantity: Decimal,
    unit_price: Option<Decimal>,
    reference: Option<String>,
    reason: Option<String>,
    reverses: Option<Uuid>,
}

impl Store {
    /// Finds out whether a posting went through whose connection broke. Afterwards nothing of it is
    /// under way any more, so `false` means that it was not posted and may be sent again.
    pub(super) async fn settle(
        &self,
        resolved: &Resolved,
        backend: Backend,
        message: &str,
    ) -> Result<bool, Error> {
        match self.end_and_look(resolved.id, Some(resolved), backend, message).await? {
            Some(false) => Err(crate::domain::Refusal::IdUsedForAnother(resolved.id).into()),
            found => Ok(found.is_some()),
        }
    }

    /// Ends the session of a transaction whose answer never came, so that it can be run again: its id
    /// decides whether it went through.
    pub(super) async fn wait_for_end(
        &self,
        posting: PostingId,
        backend: Backend,
        message: &str,
    ) -> Result<(), Error> {
        self.end_and_look(posting, None, backend, message).await.map(|_| ())
    }

    /// Ends the old session, waits until it is gone, and looks a posting up, if one is given. While
    /// this cannot be done the outcome is unknown, whatever the reason: no error from here may be
    /// taken to mean that nothing was posted.
    async fn end_and_look(
        &self,
        posting: PostingId,
        resolved: Option<&Resolved>,
        backend: Backend,
        message: &str,
    ) -> Result<Option<bool>, Error> {
        warn!(%posting, backend_pid = backend.pid, message, "The connection broke while a posting was under way; its outcome is being looked up");
        let deadline = Instant::now() + self.settle_max;
        loop {
            let problem = match self.end_and_look_once(resolved, backend).await {
                Ok(Some(found)) => {
                    info!(%posting, posted = found.is_some(), "The outcome of a posting was found out");
                    return Ok(found);
                }
                Ok(None) => "its server process has not ended".to_owned(),
                Err(error) => error.to_string(),
            };
            if Instant::now() >= deadline {
                return Err(Error::OutcomeUnknown { posting, message: format!("{message}; {problem}") });
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    /// One try: `None` when the old server process has not ended yet.
    async fn end_and_look_once(
        &self,
        resolved: Option<&Resolved>,
        backend: Backend,
    ) -> Result<Option<Option<bool>>, Error> {
        let connection = self.connection().await?;
        let question = async {
            if !ended(&connection, backend).await? {
                return Ok(None);
            }
            match resolved {
                None => Ok(Some(None)),
                Some(resolved) => Ok(Some(find_on(&connection, &[resolved]).await?.pop().flatten())),
            }
        };
        match tokio::time::timeout(LOOK_UP_MAX, question).await {
            Ok(answer) => answer,
            Err(_) => {
                // The line that swallowed the first answer may have swallowed this one too.
                drop(Object::take(connection));
                Err(Error::Unavailable { message: format!("no answer for {} s", LOOK_UP_MAX.as_secs()) })
            }
        }
    }

    /// Compares the posting with what the ledger holds under its ids: `None` when there is nothing,
    /// `Some(true)` when it is the same posting, `Some(false)` when it is another one.
    pub(super) async fn find_posting(&self, resolved: &Resolved) -> Result<Option<bool>, Error> {
        let mut found = self.find_postings(&[resolved]).await?;
        Ok(found.pop().flatten())
    }

    /// As [`Store::find_posting`], for many with one question.
    pub(super) async fn find_postings(&self, postings: &[&Resolved]) -> Result<Vec<Option<bool>>, Error> {
        find_on(&*self.connection().await?, postings).await
    }

    /// Whether anything was posted or counted under an id by a program that is gone. Its sessions are
    /// ended first: `None` while one has not ended yet, so that it may still post.
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

    /// Whether the ledger or the counts hold this id.
    async fn is_known(&self, connection: &Connection, posting: PostingId) -> Result<bool, Error> {
        let row = connection
            .query_one(
                "SELECT EXISTS (SELECT FROM stock.transactions WHERE id = $1 AND occurred_at = $2)
                     OR EXISTS (SELECT FROM stock.stock_counts WHERE id = $1)",
                &[&posting.uuid(), &posting.occurred_at()],
            )
            .await?;
        Ok(row.try_get(0)?)
    }
}

/// Compares postings with what the ledger holds under their ids, with one question.
async fn find_on(connection: &Connection, postings: &[&Resolved]) -> Result<Vec<Option<bool>>, Error> {
    let first: Vec<Uuid> = postings.iter().map(|posting| posting.id.uuid()).collect();
    let last: Vec<Uuid> = postings.iter().map(|posting| posting.id.last_line().uuid()).collect();
    let times: Vec<jiff::Timestamp> = postings.iter().map(|posting| posting.occurred_at).collect();
    let statement = connection
        .prepare_cached(
            "SELECT k.number, t.id, t.posting_id, t.kind::text, t.product_id, t.lot_id, t.from_location_id, t.to_location_id, t.partner_id,
                    t.quantity, t.unit_price, t.reference, t.reason, t.reverses
             FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) WITH ORDINALITY AS k (first_id, last_id, occurred_at, number)
             JOIN stock.transactions t ON t.occurred_at = k.occurred_at AND t.id BETWEEN k.first_id AND k.last_id
                  AND (t.posting_id = k.first_id OR t.id = k.first_id)
             ORDER BY k.number, t.id",
        )
        .await?;
    let rows = connection.query(&statement, &[&first, &last, &times]).await?;
    let mut stored: Vec<Vec<Stored>> = postings.iter().map(|_| Vec::new()).collect();
    for row in &rows {
        let number: i64 = row.try_get(0)?;
        let Some(list) = usize::try_from(number - 1).ok().and_then(|position| stored.get_mut(position))
        else {
            continue;
        };
        list.push(Stored {
            id: row.try_get(1)?,
            posting: row.try_get(2)?,
            kind: row.try_get(3)?,
            product: row.try_get(4)?,
            lot: row.try_get(5)?,
            from: row.try_get(6)?,
            to: row.try_get(7)?,
            partner: row.try_get(8)?,
            quantity: row.try_get(9)?,
            unit_price: row.try_get(10)?,
            reference: row.try_get(11)?,
            reason: row.try_get(12)?,
            reverses: row.try_get(13)?,
        });
    }
    Ok(postings
        .iter()
        .zip(stored)
        .map(|(posting, rows)| if rows.is_empty() { None } else { Some(same(posting, rows)) })
        .collect())
}

/// Ends the server process, which belongs to the same login, and says whether it is gone.
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

fn same(posting: &Resolved, mut rows: Vec<Stored>) -> bool {
    let kind = posting.kind.as_str();
    let mut wanted: Vec<Stored> = (0..posting.ids.len())
        .map(|line| Stored {
            id: posting.ids[line],
            posting: posting.id.uuid(),
            kind: kind.to_owned(),
            product: posting.products[line],
            lot: at(&posting.lots, line),
            from: at(&posting.from, line),
            to: at(&posting.to, line),
            partner: posting.partner,
            quantity: posting.quantities[line],
            unit_price: at(&posting.prices, line),
            reference: posting.reference.clone(),
            reason: posting.reason.clone(),
            reverses: at(&posting.reverses, line),
        })
        .collect();
    wanted.sort_by_key(|row| row.id);
    rows.sort_by_key(|row| row.id);
    wanted == rows
}
