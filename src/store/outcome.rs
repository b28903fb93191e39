//! What became of a posting whose answer never came, and whether an id that exists is the same posting.
//!
//! A connection that breaks at COMMIT says nothing about the commit. Looking the id up is not enough
//! either: the server process may still be at work and commit a moment later. So it is ended first,
//! from another connection, and waited for; then what the ledger holds is the last word.

use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use tracing::{info, warn};
use uuid::Uuid;

use super::connection::{Backend, Connection};
use super::resolve::{Resolved, at};
use super::{Error, Store};
use crate::domain::{LINES_MAX, PostingId};

/// How long to try to reach the database before an outcome is called unknown. A restart of the server
/// or a failover takes less; a clerk should not look at a spinner for longer.
const SETTLE_MAX: Duration = Duration::from_secs(20);
/// How long to wait between two tries.
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// A row of the ledger as it was posted, for comparison.
#[derive(Debug, PartialEq)]
struct Stored {
    id: Uuid,
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
        warn!(posting = %resolved.id, backend_pid = backend.pid, message, "The connection broke while a posting was under way; its outcome is being looked up");
        let deadline = Instant::now() + SETTLE_MAX;
        loop {
            let problem = match self.settle_once(resolved, backend).await {
                Ok(Some(posted)) => {
                    info!(posting = %resolved.id, posted, "The outcome of a posting was found out");
                    return Ok(posted);
                }
                Ok(None) => "its server process has not ended".to_owned(),
                Err(error @ (Error::Unavailable { .. } | Error::NotPrepared { .. })) => error.to_string(),
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(Error::OutcomeUnknown {
                    posting: resolved.id,
                    message: format!("{message}; {problem}"),
                });
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
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
        let deadline = Instant::now() + SETTLE_MAX;
        loop {
            let gone = match self.connection().await {
                Ok(connection) => ended(&connection, backend).await,
                Err(error) => Err(error),
            };
            let problem = match gone {
                Ok(true) => return Ok(()),
                Ok(false) => "its server process has not ended".to_owned(),
                Err(error @ (Error::Unavailable { .. } | Error::NotPrepared { .. })) => error.to_string(),
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(Error::OutcomeUnknown { posting, message: format!("{message}; {problem}") });
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    /// One try: `None` when the old server process has not ended yet.
    async fn settle_once(&self, resolved: &Resolved, backend: Backend) -> Result<Option<bool>, Error> {
        let connection = self.connection().await?;
        if !ended(&connection, backend).await? {
            return Ok(None);
        }
        drop(connection);
        match self.find_posting(resolved).await? {
            Some(true) => Ok(Some(true)),
            Some(false) => Err(crate::domain::Refusal::IdUsedForAnother(resolved.id).into()),
            None => Ok(Some(false)),
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
        let first: Vec<Uuid> = postings.iter().map(|posting| posting.id.uuid()).collect();
        let last: Vec<Uuid> = postings.iter().map(|posting| posting.id.line(LINES_MAX).uuid()).collect();
        let times: Vec<jiff::Timestamp> = postings.iter().map(|posting| posting.occurred_at).collect();
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(
                "SELECT k.number, t.id, t.kind::text, t.product_id, t.lot_id, t.from_location_id, t.to_location_id, t.partner_id,
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
                kind: row.try_get(2)?,
                product: row.try_get(3)?,
                lot: row.try_get(4)?,
                from: row.try_get(5)?,
                to: row.try_get(6)?,
                partner: row.try_get(7)?,
                quantity: row.try_get(8)?,
                unit_price: row.try_get(9)?,
                reference: row.try_get(10)?,
                reason: row.try_get(11)?,
                reverses: row.try_get(12)?,
            });
        }
        Ok(postings
            .iter()
            .zip(stored)
            .map(|(posting, rows)| if rows.is_empty() { None } else { Some(same(posting, rows)) })
            .collect())
    }

    /// Whether anything was posted or counted under an id by a program that is gone. Its sessions are
    /// ended first: `None` while one has not ended yet, so that it may still post.
    ///
    /// # Errors
    /// As any read.
    pub async fn was_posted(&self, posting: PostingId, session_name: &str) -> Result<Option<bool>, Error> {
        const SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = session_user AND application_name = $1";
        let connection = self.connection().await?;
        if !connection.query(SESSIONS, &[&session_name]).await?.is_empty()
            && !connection.query(SESSIONS, &[&session_name]).await?.is_empty()
        {
            return Ok(None);
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
