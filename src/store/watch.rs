//! What a terminal polls: whether anything may have changed, and who it is logged in as.

use super::{Error, Group, Store};

/// A text that is another one after any session has committed a write. Nothing else can be read from it.
///
/// It is the set of transactions that are visible now, so nothing that was committed is missed, master data
/// included. It also changes when a transaction is taken back or another database of the server is
/// written, which costs a needless look. Reading it touches no table and takes no lock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Watermark(String);

/// Who is logged in, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// The login.
    pub login: String,
    /// The groups that the login is a member of; none for a superuser or the owner of the schema, who are
    /// no people of the warehouse.
    pub groups: Vec<Group>,
    /// The server's version.
    pub server_version: String,
    /// The database.
    pub database: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
}

impl Store {
    /// What to compare with a later reading: see [`Watermark`].
    ///
    /// # Errors
    /// As any read.
    pub async fn watermark(&self) -> Result<Watermark, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached("SELECT pg_current_snapshot()::text").await?;
        Ok(Watermark(connection.query_one(&statement, &[]).await?.try_get(0)?))
    }

    /// Who is logged in, and to what.
    ///
    /// # Errors
    /// As any read.
    pub async fn session_facts(&self) -> Result<SessionFacts, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT session_user::text, current_setting('server_version'), current_database()::text,
                     coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false),
                     ARRAY(SELECT g.rolname::text FROM pg_roles g
                           JOIN pg_roles me ON me.rolname = session_user AND NOT me.rolsuper
                           WHERE g.rolname IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst')
                             AND pg_has_role(session_user, g.oid, 'USAGE')
                             AND NOT EXISTS (SELECT FROM pg_roles o WHERE o.rolname IN ('stock_owner', 'stock_user_manager')
                                             AND pg_has_role(session_user, o.oid, 'MEMBER'))
                           ORDER BY g.rolname)",
                &[],
            )
            .await?;
        let roles: Vec<String> = row.try_get(4)?;
        let known = [Group::Clerk, Group::Admin, Group::Auditor, Group::Analyst];
        Ok(SessionFacts {
            login: row.try_get(0)?,
            groups: known.into_iter().filter(|group| roles.iter().any(|role| role == group.role())).collect(),
            server_version: row.try_get(1)?,
            database: row.try_get(2)?,
            encrypted: row.try_get(3)?,
        })
    }
}
