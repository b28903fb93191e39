//! Cancels queries that nobody waits for any more, or that a dead connection will never answer.
//!
//! A future that is merely dropped leaves its query running on the server, and its connection busy for the next user.
//! Connections that are leased for a query are therefore registered; cancelling asks the server to cancel their queries
//! and keeps them from being leased again. The cancel request of PostgreSQL (manual, 55.2.8) names a session, not a
//! query, so a late one could hit the query of the next user. That is why each lease has a number: a connection is
//! cancelled only during the lease that was registered, and is never leased again after that.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_postgres::CancelToken;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The number of a cancelled lease; real ones never become that large.
const CANCELLED: u64 = u64::MAX;

tokio::task_local! {
    /// The cancellation that applies to the query of the current task.
    static QUERY: Cancellation;
}

/// The number of the current lease of a connection.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Lease(Arc<AtomicU64>);

impl Lease {
    /// Begins the next lease. Returns false if the connection must not be leased again.
    pub fn renew(&self) -> bool {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |lease| {
                (lease != CANCELLED).then(|| lease + 1)
            })
            .is_ok()
    }

    fn number(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Ends the lease with this number for good. Returns false if the connection has been leased again since.
    fn cancel(&self, number: u64) -> bool {
        self.0.compare_exchange(number, CANCELLED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// The TLS settings for the connection over which a cancel request is sent.
#[derive(Clone)]
pub(in crate::store) struct Canceller(pub MakeRustlsConnect);

impl std::fmt::Debug for Canceller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Canceller")
    }
}

/// A connection leased for a query, with its lease number.
struct Leased {
    lease: Lease,
    number: u64,
    cancel: CancelToken,
    canceller: Canceller,
}

/// Cancels the queries that run in its scope.
#[derive(Clone, Default)]
pub struct Cancellation(Arc<Mutex<Vec<Leased>>>);

impl std::fmt::Debug for Cancellation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cancellation").finish_non_exhaustive()
    }
}

impl Cancellation {
    /// Runs a query so that this can cancel it.
    pub async fn scope<T>(&self, query: impl Future<Output = T>) -> T {
        QUERY.scope(self.clone(), query).await
    }

    fn take(&self) -> Vec<Leased> {
        let mut leased = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leased.drain(..).filter(|connection| connection.lease.cancel(connection.number)).collect()
    }

    /// Keeps the connections from being leased again, without asking the server: for connections that are dead anyway.
    pub fn abandon(&self) {
        self.take();
    }

    /// Asks the server to cancel the query, which then ends with an error. If the server cannot be reached, the query
    /// runs to its end.
    pub async fn cancel(&self) {
        for connection in self.take() {
            if let Err(error) = connection.cancel.cancel_query(connection.canceller.0).await {
                tracing::debug!(%error, "Could not cancel a superseded query");
            }
        }
    }
}

/// Registers that a connection is leased for the current query, if there is one.
pub(in crate::store) fn register(lease: &Lease, cancel: CancelToken, canceller: &Canceller) {
    // Outside a query nothing is registered: writes are never cancelled.
    let _ = QUERY.try_with(|cancellation| {
        let leased =
            Leased { lease: lease.clone(), number: lease.number(), cancel, canceller: canceller.clone() };
        cancellation.0.lock().unwrap_or_else(PoisonError::into_inner).push(leased);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_registered_lease_is_cancelled() {
        let lease = Lease::default();
        assert!(lease.renew());
        let number = lease.number();
        assert!(lease.renew());
        assert!(!lease.cancel(number), "somebody else has it now");
        assert!(lease.cancel(lease.number()));
        assert!(!lease.renew(), "it is never leased again");
    }
}
