//! Prepares a server: roles, database, migrations; and checks its settings.

mod check;
pub mod definitions;
mod log_place;
mod settings;

use std::collections::HashSet;
use std::sync::OnceLock;
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tracing::info;

pub use log_place::{LogFiles, LogPlace};

use super::connection::{Connection, ConnectionSettings};
use super::version::{self, Schema};
use super::{Error, Store};
use crate::domain::CheckFinding;

/// The name of the database if no other is given.
pub const DATABASE_DEFAULT: &str = "stock_management";
/// The oldest supported server: the first with UNIQUE NULLS NOT DISTINCT and jsonlog.
pub const SERVER_VERSION_MIN: i32 = 15;
/// The advisory lock for migrations, so that two programs do not run them at the same time.
const MIGRATION_LOCK: i64 = 0x5374_6f63_6b72_6f6f;

/// The advisory lock for preparing roles and databases.
const PREPARATION_LOCK: i64 = MIGRATION_LOCK + 1;

/// Roles belong to the whole server, and advisory locks to one database: this lock works across databases, because the
/// table is shared by all of them. Reading the table, as every login does, is not blocked.
const LOCK_ROLES: &str = "LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE";

/// The longest that a migration waits for a lock. Postings queue behind it meanwhile.
const LOCK_WAIT: &str = "SET lock_timeout TO '500ms'";
/// How often a migration that did not get a lock is begun again, and the pause before it: longer than the wait, so that
/// postings have more time than the migration. Three minutes in all, by which time any transaction of Stockroom has
/// ended.
const LOCK_ATTEMPTS_MAX: u32 = 120;
const LOCK_PAUSE: Duration = Duration::from_secs(1);

/// The settings of a session that runs migrations.
const MIGRATION_SESSION: &str =
    "SET ROLE stock_owner; SET search_path TO stock; SET default_transaction_isolation TO 'read committed'";
/// The statement with which the migration runner creates its table.
const HISTORY_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_history(
             version int8 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));";

const ROLES: &str = include_str!("roles.sql");
const DATABASE: &str = include_str!("database.sql");
const LIMITS: &str = include_str!("limits.sql");
const LOG_MESSAGES: &str = include_str!("log_messages.sql");
const SERVICE_LOGINS: &str = include_str!("service_logins.sql");
const ORDER_LOGIN: &str = include_str!("order_login.sql");
const ACCESS_TO_CHECKS: &str = include_str!("access_to_checks.sql");

mod embedded {
    //! The files of `migrations/`, compiled into the program.
    refinery::embed_migrations!("migrations");
}

/// The result of preparing a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Prepared {
    pub database: String,
    /// Whether the database was created.
    pub database_created: bool,
    /// The names of the migrations that were run.
    pub migrations: Vec<String>,
    /// What is still wrong with the server's settings.
    pub findings: Vec<CheckFinding>,
}

/// Prepares a server: roles, database, extension, schemas, migrations. It is idempotent.
///
/// # Errors
/// [`Error::NotPrepared`] if the server is too old or does not load pgaudit, with what to change.
pub async fn init(superuser: &ConnectionSettings, database: &str) -> Result<Prepared, Error> {
    let maintenance = Store::new(superuser.clone(), 1)?;
    let mut connection = maintenance.connection_of_any_version().await?;
    check::require_basics(&connection).await?;
    // Roles belong to the whole server, so two preparations take turns, however long that takes. The lock ends with its
    // session.
    connection.batch_execute("SET lock_timeout TO 0").await?;
    connection.query_one("SELECT pg_advisory_lock($1)", &[&PREPARATION_LOCK]).await?;
    in_turn(&mut connection, ROLES).await?;
    let database_created = create_database(&connection, database).await?;
    let store = Store::new(superuser.clone().with_database(database), 1)?;
    let mut session = store.connection_of_any_version().await?;
    // Extensions are installed into the first schema of the search path. What is set for a database is in a row that a
    // migration of it changes as well, when it grants its logins access.
    session.batch_execute("SET search_path TO public; SET lock_timeout TO 0").await?;
    in_turn(&mut session, DATABASE).await?;
    in_turn(&mut session, LIMITS).await?;
    drop(deadpool::managed::Object::take(session));
    let migrations = migrate(&store).await?;
    store.connection_of_any_version().await?.batch_execute(ACCESS_TO_CHECKS).await?;
    let findings = store.check().await?;
    drop(deadpool::managed::Object::take(connection));
    Ok(Prepared { database: database.to_owned(), database_created, migrations, findings })
}

async fn create_database(connection: &Connection, database: &str) -> Result<bool, Error> {
    let exists = connection.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&database]).await?;
    if exists.is_some() {
        return Ok(false);
    }
    // CREATE DATABASE takes no parameters, so the server itself quotes the name.
    let quoted = connection
        .query_one("SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8'' OWNER stock_owner', $1::text)", &[&database])
        .await?;
    let statement: String = quoted.try_get(0)?;
    match connection.batch_execute(&statement).await {
        Ok(()) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::DUPLICATE_DATABASE) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The versions of the migrations that this program has.
pub(super) fn migration_versions() -> impl Iterator<Item = i64> {
    embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(|one| one.version())
        .collect::<Vec<_>>()
        .into_iter()
}

/// The complete texts that preparing and migrating a server send. In the audit log each statement of such a text
/// appears with the whole text.
#[must_use]
pub fn known_statements() -> &'static HashSet<&'static str> {
    static KNOWN: OnceLock<HashSet<&'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        // Kept for the life of the program, so that a verification of a million lines need not copy them.
        let migrations = embedded::migrations::runner()
            .get_migrations()
            .iter()
            .filter_map(|migration| migration.sql())
            .map(|text| &*text.to_owned().leak())
            .collect::<Vec<&'static str>>();
        migrations
            .into_iter()
            .chain([
                ROLES,
                DATABASE,
                LIMITS,
                LOG_MESSAGES,
                SERVICE_LOGINS,
                ORDER_LOGIN,
                ACCESS_TO_CHECKS,
                MIGRATION_SESSION,
                HISTORY_TABLE,
            ])
            .collect()
    })
}

/// Runs statements that change roles, while no other preparation does.
async fn in_turn(connection: &mut Connection, statements: &str) -> Result<(), Error> {
    let transaction = connection.transaction().await?;
    transaction.batch_execute(LOCK_ROLES).await?;
    transaction.batch_execute(statements).await?;
    Ok(transaction.commit().await?)
}

/// Runs the missing migrations as `stock_owner`, and creates next year's partitions. Terminals may post meanwhile: each
/// migration is a transaction of its own, which is rolled back if it does not get a lock soon, and begun again.
///
/// # Errors
/// [`Error::NotPrepared`] if the database was not prepared, a migration that has been run was edited since, or a lock
/// could not be obtained.
pub async fn migrate(store: &Store) -> Result<Vec<String>, Error> {
    let mut connection = store.connection_of_any_version().await?;
    connection.query_one("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await?;
    if connection.schema == Schema::Readable
        && let Some(database) = version::read(&connection).await?
        && database > version::known()
    {
        return Err(Error::OtherVersion { database: Some(database), program: version::known() });
    }
    // The migrations grant privileges to these logins, and stock_owner cannot create them, nor revoke what the server grants.
    let row = connection.query_one("SELECT current_setting('is_superuser') = 'on'", &[]).await?;
    if row.try_get(0)? {
        in_turn(&mut connection, SERVICE_LOGINS).await?;
        in_turn(&mut connection, ORDER_LOGIN).await?;
        connection.batch_execute(LOG_MESSAGES).await?;
    }
    connection.batch_execute(MIGRATION_SESSION).await?;
    connection.batch_execute(LOCK_WAIT).await?;
    let mut names = Vec::new();
    let mut attempt = 1;
    while let Err(failure) = run_missing(&mut connection, &mut names).await {
        if !failure.is_locked || attempt == LOCK_ATTEMPTS_MAX {
            return Err(Error::NotPrepared { message: failure.message });
        }
        info!(attempt, "A migration could not get a lock and is started again");
        attempt += 1;
        tokio::time::sleep(LOCK_PAUSE.mul_f64(rand::random_range(0.5..1.5))).await;
    }
    info!(migrations = names.len(), "The schema is up to date");
    // The session has another role and holds a lock, so it is closed instead of returned to the pool.
    drop(deadpool::managed::Object::take(connection));
    Ok(names)
}

/// Why the migrations were not completed.
struct Failure {
    message: String,
    /// Whether another session held a lock.
    is_locked: bool,
}

/// Runs the missing migrations, and appends their names.
async fn run_missing(connection: &mut Connection, names: &mut Vec<String>) -> Result<(), Failure> {
    let mut runner = embedded::migrations::runner().set_abort_divergent(true).set_abort_missing(true);
    runner.set_migration_table_name("schema_history");
    let outcome = runner.run_async(&mut ***connection).await;
    let applied = match &outcome {
        Ok(report) => report.applied_migrations().as_slice(),
        Err(error) => error.report().map_or(&[][..], |report| report.applied_migrations().as_slice()),
    };
    names.extend(applied.iter().map(ToString::to_string));
    outcome.map_err(|error| failure("cannot run the migrations", &error))?;
    let partitions = connection
        .query_one("SELECT stock.ensure_partitions(current_date, (now() + interval '12 months')::date)", &[])
        .await;
    partitions.map(drop).map_err(|error| failure("cannot create the partitions of the coming year", &error))
}

fn failure(what: &str, error: &(dyn std::error::Error + 'static)) -> Failure {
    let is_locked = is_locked(error);
    let advice = if is_locked {
        "; another session holds a lock (see `stockroom session list`); the migrations that succeeded are kept, and running the command again continues with the next"
    } else {
        ""
    };
    Failure { message: format!("{what}: {}{advice}", chain(error)), is_locked }
}

/// Whether a lock could not be obtained, or a deadlock was detected.
fn is_locked(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<tokio_postgres::Error>())
        .filter_map(tokio_postgres::Error::code)
        .any(|code| [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].contains(code))
}

/// The text of an error with all of its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

impl Store {
    /// What is missing or unsafe on the server, the most serious first; empty if everything is in order.
    ///
    /// # Errors
    /// As any read.
    pub async fn check(&self) -> Result<Vec<CheckFinding>, Error> {
        let connection = self.connection_of_any_version().await?;
        check::findings(&connection).await
    }

    /// When the server last read its configuration. A session learns of it only with its next statement, so a new
    /// session is used.
    ///
    /// # Errors
    /// As any read.
    pub async fn configuration_loaded_at(&self) -> Result<jiff::Timestamp, Error> {
        let fresh = Self::new(self.settings.clone(), 1)?;
        let row =
            fresh.connection_of_any_version().await?.query_one("SELECT pg_conf_load_time()", &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// The findings of [`Store::check`] without those about definitions; see [`Store::differences`].
    ///
    /// # Errors
    /// As any read.
    pub async fn conditions(&self) -> Result<Vec<CheckFinding>, Error> {
        let connection = self.connection_of_any_version().await?;
        check::conditions(&connection).await
    }
}
