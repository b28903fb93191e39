//! Checks whether the schema of a database is recent enough for the program. With an older schema a program would fail
//! in the middle of its work, so only preparing, migrating and checking are allowed. A newer schema has everything that
//! the program uses: migrations neither remove nor rename it.

use std::sync::OnceLock;

use tracing::warn;

use super::connection::Connection;
use super::{Error, prepare};

/// What a new session knows of the schema without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// There is no schema: the database was not prepared.
    Absent,
    /// The login may not read the version, which every login of Stockroom may.
    Hidden,
    /// The schema dates from when only auditors could read its version.
    Older,
    /// The login may read the version.
    Readable,
    /// The version was read, and is that of the program or a newer one.
    Fits,
}

impl Schema {
    /// The state named by the result of `connection/new_session.sql`.
    pub(super) fn from_name(name: Option<&str>) -> Self {
        match name {
            None => Self::Absent,
            Some("readable") => Self::Readable,
            Some("older") => Self::Older,
            Some(_) => Self::Hidden,
        }
    }
}

/// The version of the schema that this program needs: its last migration.
pub(super) fn known() -> i64 {
    static KNOWN: OnceLock<i64> = OnceLock::new();
    *KNOWN.get_or_init(|| prepare::migration_versions().max().unwrap_or_default())
}

/// The version of the schema, for a login that may read it.
pub(super) async fn read(connection: &Connection) -> Result<Option<i64>, Error> {
    let row = connection.query_one("SELECT max(version) FROM stock.schema_history", &[]).await?;
    Ok(row.try_get(0)?)
}

/// Returns an error for a schema that is older than the program.
pub(super) async fn require(connection: &mut Connection) -> Result<(), Error> {
    let program = known();
    match connection.schema {
        // Without a schema or the privilege, the next query fails with a message of its own.
        Schema::Fits | Schema::Absent | Schema::Hidden => Ok(()),
        Schema::Older => Err(Error::OtherVersion { database: None, program }),
        Schema::Readable => match read(connection).await? {
            Some(database) if database < program => {
                Err(Error::OtherVersion { database: Some(database), program })
            }
            found => {
                if let Some(database) = found.filter(|database| *database > program) {
                    warn!(
                        database,
                        program,
                        "The schema of the database is newer than this program; install the current version of stockroom"
                    );
                }
                connection.schema = Schema::Fits;
                Ok(())
            }
        },
    }
}
