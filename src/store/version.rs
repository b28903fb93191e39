//! Whether a program and the schema of a database fit. On an older schema than it was made for, a program would fail in the
//! middle of its work, so nothing is read or written but by what prepares, migrates and checks a database. A newer one has
//! all that the program uses: migrations neither remove nor rename it.

use std::sync::OnceLock;

use tracing::warn;

use super::connection::Connection;
use super::{Error, prepare};

/// What a new session can say of the schema without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// There is none: the database was not prepared.
    Absent,
    /// The login may not read its version, which everybody of Stockroom may.
    Hidden,
    /// It is of a time when only auditors could read its version.
    Older,
    /// Its version can be read.
    Readable,
    /// Its version was read, and is that of the program or a newer one.
    Fits,
}

impl Schema {
    /// By the word of `connection/new_session.sql`.
    pub(super) fn from_name(name: Option<&str>) -> Self {
        match name {
            None => Self::Absent,
            Some("readable") => Self::Readable,
            Some("older") => Self::Older,
            Some(_) => Self::Hidden,
        }
    }
}

/// The version of the schema that this program was made for: its last migration.
pub(super) fn known() -> i64 {
    static KNOWN: OnceLock<i64> = OnceLock::new();
    *KNOWN.get_or_init(|| prepare::migration_versions().max().unwrap_or_default())
}

/// The version of the schema, for a login that may read it.
pub(super) async fn read(connection: &Connection) -> Result<Option<i64>, Error> {
    let row = connection.query_one("SELECT max(version) FROM stock.schema_history", &[]).await?;
    Ok(row.try_get(0)?)
}

/// Refuses a schema that is older than the program.
pub(super) async fn require(connection: &mut Connection) -> Result<(), Error> {
    let program = known();
    match connection.schema {
        // Without a schema or a right to it, what is asked next fails with a message of its own.
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
