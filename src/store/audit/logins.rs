//! The logins and groups of the server, with what they may do.

use serde::{Deserialize, Serialize};

use super::super::{Error, Store};

/// A login or a group of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub name: String,
    /// The number of the role: one that was dropped and created again has another.
    pub oid: u32,
    /// What it may do, in the words of CREATE ROLE, without what it may not.
    pub attributes: Vec<String>,
    /// The groups it is a member of.
    pub groups: Vec<String>,
}

impl Store {
    /// All logins and groups but those of PostgreSQL itself.
    ///
    /// # Errors
    /// As any read.
    pub async fn logins(&self) -> Result<Vec<Login>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT r.rolname::text, r.oid,
                        pg_catalog.array_remove(ARRAY[
                            CASE WHEN r.rolcanlogin THEN 'login' END, CASE WHEN r.rolsuper THEN 'superuser' END,
                            CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN r.rolcreatedb THEN 'createdb' END,
                            CASE WHEN r.rolreplication THEN 'replication' END, CASE WHEN r.rolbypassrls THEN 'bypassrls' END,
                            CASE WHEN r.rolinherit THEN 'inherit' END,
                            CASE WHEN r.rolconnlimit <> -1 THEN 'connection limit ' || r.rolconnlimit END,
                            'valid until ' || r.rolvaliduntil], NULL),
                        ARRAY(SELECT g.rolname::text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
                              WHERE m.member = r.oid ORDER BY g.rolname)
                 FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname",
                &[],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Login {
                    name: row.try_get(0)?,
                    oid: row.try_get(1)?,
                    attributes: row.try_get(2)?,
                    groups: row.try_get(3)?,
                })
            })
            .collect()
    }
}
