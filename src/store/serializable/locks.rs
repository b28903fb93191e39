//! The session advisory locks of hot levels, taken before a transaction begins, so that it waits before it has a
//! snapshot and not after.
//!
//! They only save attempts: if waiting for them times out, the transaction runs without them.

use std::future::Future;

use futures_util::join;
use tokio_postgres::Statement;
use tracing::warn;

use crate::store::connection::Connection;
use crate::store::error::{Class, classify};

const LOCK: &str = "SELECT stock.lock_levels($1)";
/// Prepared as well, because others wait for the release.
const UNLOCK: &str = "SELECT pg_advisory_unlock_all()";

/// The locks of one attempt; usually none.
#[derive(Debug)]
pub(in crate::store) struct Locks {
    keys: Vec<i32>,
    statements: Option<(Statement, Statement)>,
}

impl Locks {
    pub(super) async fn prepare(
        connection: &Connection,
        keys: Vec<i32>,
    ) -> Result<Self, tokio_postgres::Error> {
        let statements = match keys.is_empty() {
            true => None,
            false => Some((connection.prepare_cached(LOCK).await?, connection.prepare_cached(UNLOCK).await?)),
        };
        Ok(Self { keys, statements })
    }

    pub(super) fn are_held(&self) -> bool {
        self.statements.is_some()
    }

    /// Holds the locks while one statement runs. Everything is sent at once: the server takes the locks, runs the
    /// statement and releases the locks, in this order.
    pub async fn around_statement<T>(
        &self,
        connection: &Connection,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        let Some((lock, unlock)) = &self.statements else { return statement.await };
        let (locked, output, unlocked) = join!(
            async { connection.execute(lock, &[&self.keys]).await },
            statement,
            connection.execute(unlock, &[]),
        );
        let output = output?;
        if let Err(error) = locked.and(unlocked) {
            warn!(%error, "Could not hold the advisory locks of a transaction");
        }
        Ok(output)
    }

    /// Takes the locks, for a transaction of several statements.
    ///
    /// # Errors
    /// Only if the connection was lost.
    pub async fn take(&self, connection: &Connection) -> Result<(), tokio_postgres::Error> {
        let Some((lock, _)) = &self.statements else { return Ok(()) };
        match connection.execute(lock, &[&self.keys]).await {
            Err(error) if classify(&error) == Class::Lost => Err(error),
            Err(error) => {
                warn!(%error, "Could not take the advisory locks of a transaction");
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// Releases the locks. If that fails, they end with the session.
    pub async fn release(&self, connection: &Connection) {
        let Some((_, unlock)) = &self.statements else { return };
        if let Err(error) = connection.execute(unlock, &[]).await {
            warn!(%error, "Could not release the advisory locks of a transaction; they end with its session");
        }
    }
}
