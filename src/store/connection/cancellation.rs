//! Calling off a question that nobody waits for any more, or that a dead line will never answer.
//!
//! A future that is merely dropped leaves its query running on the server, and its connection busy for
//! whoever borrows it next. So the connections that are borrowed on behalf of a question are noted
//! down; calling off asks the server to cancel what runs on them and keeps them from being lent again.
//! The cancel request of PostgreSQL (manual, 55.2.8) names a session, not a query, so one that arrives
//! late could hit the query of the next borrower. That is why each lease has a number: only a connection
//! that is still on the very lease is cancelled, and then it is never lent again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_postgres::CancelToken;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The number of a lease that was called off; real ones never get there.
const CALLED_OFF: u64 = u64::MAX;

tokio::task_local! {
    /// The question on whose behalf connections are borrowed.
    static QUESTION: Interrupt;
}

/// The number of the current lease of a connection.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Lease(Arc<AtomicU64>);

impl Lease {
    /// Begins the next lease. Returns false when the connection must not be lent again.
    pub fn renew(&self) -> bool {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |lease| {
                (lease != CALLED_OFF).then(|| lease + 1)
            })
            .is_ok()
    }

    fn number(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Ends the lease of this number for good. Returns false when the connection has gone on since.
    fn call_off(&self, number: u64) -> bool {
        self.0.compare_exchange(number, CALLED_OFF, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// What it takes to open a connection that cancels what runs on another.
#[derive(Clone)]
pub(in crate::store) struct Canceller(pub MakeRustlsConnect);

impl std::fmt::Debug for Canceller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Canceller")
    }
}

/// A connection as far as calling off is concerned.
struct Borrowed {
    lease: Lease,
    number: u64,
    cancel: CancelToken,
    canceller: Canceller,
}

/// What can call off a question.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<Vec<Borrowed>>>);

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Interrupt").finish_non_exhaustive()
    }
}

impl Interrupt {
    /// Carries out a question in such a way that this calls it off.
    pub async fn covering<T>(&self, question: impl Future<Output = T>) -> T {
        QUESTION.scope(self.clone(), question).await
    }

    fn take(&self) -> Vec<Borrowed> {
        let mut borrowed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        borrowed.drain(..).filter(|connection| connection.lease.call_off(connection.number)).collect()
    }

    /// Keeps the borrowed connections from being lent again, without a word to the server: for a line
    /// that is dead anyway.
    pub fn abandon(&self) {
        self.take();
    }

    /// Asks the server to cancel what runs for the question, which then ends with an error. A server
    /// that cannot be asked is left alone; the question then ends when it ends.
    pub async fn call_off(&self) {
        for connection in self.take() {
            if let Err(error) = connection.cancel.cancel_query(connection.canceller.0).await {
                tracing::debug!(%error, "Could not cancel a superseded query");
            }
        }
    }
}

/// Notes down that a connection is borrowed on behalf of the current question, if there is one.
pub(in crate::store) fn note(lease: &Lease, cancel: CancelToken, canceller: &Canceller) {
    // Outside a question nothing is noted down: writes are never called off.
    let _ = QUESTION.try_with(|interrupt| {
        let borrowed =
            Borrowed { lease: lease.clone(), number: lease.number(), cancel, canceller: canceller.clone() };
        interrupt.0.lock().unwrap_or_else(PoisonError::into_inner).push(borrowed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_lease_is_called_off() {
        let lease = Lease::default();
        assert!(lease.renew());
        let number = lease.number();
        assert!(lease.renew());
        assert!(!lease.call_off(number), "somebody else has it now");
        assert!(lease.call_off(lease.number()));
        assert!(!lease.renew(), "it is never lent again");
    }
}
