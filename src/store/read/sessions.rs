//! The sessions of others on this database: lists them, names those that others wait for, and ends one.

use crate::domain::{LockHolder, Session};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

from_row!(Session {
    pid,
    login,
    client,
    program,
    state,
    connected_at,
    transaction_since,
    idle_since,
    is_waiting,
    is_blocking
});
from_row!(LockHolder { pid, login, client, since, held_seconds });

impl Store {
    /// The sessions on this database, the oldest first.
    ///
    /// # Errors
    /// A refusal if the caller is neither admin nor auditor.
    pub async fn sessions(&self) -> Result<Vec<Session>, Error> {
        let connection = self.connection().await?;
        let sql = "SELECT pid, login::text, client, program, state, connected_at, transaction_since, idle_since, is_waiting, is_blocking FROM stock.sessions()";
        row::all(&connection.query(sql, &[]).await?)
    }

    /// Ends a session, which rolls back its transaction, and returns its login.
    ///
    /// # Errors
    /// A refusal if there is no such session, it is a superuser's, or the caller is not an admin.
    pub async fn end_session(&self, pid: i32) -> Result<String, Error> {
        let connection = self.connection().await?;
        let row = connection.query_one("SELECT stock.end_session($1)::text", &[&pid]).await?;
        Ok(row.try_get(0)?)
    }

    /// The sessions that have held locks on stock for some seconds, the oldest first; a few at most.
    ///
    /// # Errors
    /// As any read.
    pub async fn lock_holders(&self) -> Result<Vec<LockHolder>, Error> {
        let connection = self.connection().await?;
        let sql = "SELECT pid, login::text, client, since, extract(epoch FROM clock_timestamp() - since)::bigint AS held_seconds FROM stock.lock_holders()";
        row::all(&connection.query(sql, &[]).await?)
    }

    /// The error for a lock that was not granted in time: who holds it, if that can be determined.
    pub(in crate::store) async fn blocked(&self) -> Error {
        match self.lock_holders().await {
            Ok(holders) => Error::Blocked { holders },
            Err(error) => {
                tracing::warn!(%error, "Could not find out who holds a lock");
                Error::Blocked { holders: Vec::new() }
            }
        }
    }
}
