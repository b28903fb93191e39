//! What a terminal polls: whether anything may have changed, and as whom it is logged in.

use crate::domain::{Group, SessionFacts};
use crate::store::row::{FromRow as _, from_row};
use crate::store::{Error, Store};

/// A text that differs after any session has committed a write. It has no other meaning.
///
/// It is the set of visible transactions, so that no commit is missed, including those to master data. It also changes
/// when a transaction is rolled back or another database of the server is written to, which causes an unnecessary
/// refresh. Reading it touches no table and takes no lock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Watermark(String);

from_row!(SessionFacts { login, groups: groups, server_version, database, encrypted });

/// The groups of roles, in the order of [`Group::ALL`].
fn groups(roles: Vec<String>) -> Vec<Group> {
    Group::ALL.into_iter().filter(|group| roles.iter().any(|role| role == group.role())).collect()
}

impl Store {
    /// The present watermark, for comparison with a later one: see [`Watermark`].
    ///
    /// # Errors
    /// As any read.
    pub async fn watermark(&self) -> Result<Watermark, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached("SELECT pg_current_snapshot()::text").await?;
        Ok(Watermark(connection.query_one(&statement, &[]).await?.try_get(0)?))
    }

    /// Who is logged in, and to which database.
    ///
    /// # Errors
    /// As any read.
    pub async fn session_facts(&self) -> Result<SessionFacts, Error> {
        let connection = self.connection().await?;
        let row = connection.query_one(include_str!("session_facts.sql"), &[]).await?;
        Ok(SessionFacts::from_row(&row)?)
    }
}
