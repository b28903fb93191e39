//! Preparing a server: roles, database, migrations, and what is wrong with its settings.

mod check;
pub mod definitions;
mod log_place;
mod settings;

use std::collections::HashSet;
use std::sync::OnceLock;

use tokio_postgres::error::SqlState;
use tracing::info;

pub use log_place::{LogFiles, LogPlace};

use super::connection::{Connection, ConnectionSettings};
use super::{Error, Store};
use crate::domain::CheckFinding;

/// The name of the database unless somebody asks for another.
pub const DATABASE_DEFAULT: &str = "stock_management";
/// The oldest server that will do: the first with UNIQUE NULLS NOT DISTINCT and jsonlog.
pub const SERVER_VERSION_MIN: i32 = 15;
/// The advisory lock under which migrations run, so that two starters do not run them twice.
const MIGRATION_LOCK: i64 = 0x5374_6f63_6b72_6f6f;

/// The advisory lock under which roles and databases are prepared.
const PREPARATION_LOCK: i64 = MIGRATION_LOCK + 1;

/// The advisory lock under which the logins of the service are created.
const SERVICE_LOGINS_LOCK: i64 = MIGRATION_LOCK + 2;

/// What a session is told before it runs migrations.
const MIGRATION_SESSION: &str =
    "SET ROLE stock_owner; SET search_path TO stock; SET default_transaction_isolation TO 'read committed'";
/// How the migration runner makes its table; its own words.
const HISTORY_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_history(
             version int8 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));";

const ROLES: &str = include_str!("roles.sql");
const DATABASE: &str = include_str!("database.sql");
const LIMITS: &str = include_str!("limits.sql");
const SERVICE_LOGINS: &str = include_str!("service_logins.sql");
const ACCESS_TO_CHECKS: &str = include_str!("access_to_checks.sql");

mod embedded {
    //! The files of `migrations/`, compiled into the program.
    refinery::embed_migrations!("migrations");
}

/// What preparing a server did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Prepared {
    pub database: String,
    /// Whether it was made now.
    pub database_created: bool,
    /// The migrations that were run now, by name.
    pub migrations: Vec<String>,
    /// What is wrong with the server's settings all the same.
    pub findings: Vec<CheckFinding>,
}

/// Prepares a server: roles, database, extension, schemas, migrations. Running it again changes
/// nothing that is right.
///
/// # Errors
/// [`Error::NotPrepared`] when the server is too old or does not load pgaudit, with what to change.
pub async fn init(superuser: &ConnectionSettings, database: &str) -> Result<Prepared, Error> {
    let maintenance = Store::new(superuser.clone(), 1)?;
    let connection = maintenance.connection().await?;
    check::require_basics(&connection).await?;
    // Roles belong to the whole server, so two preparations at the same time take turns, however long that takes. The lock goes
    // with its session.
    connection.batch_execute("SET lock_timeout TO 0").await?;
    connection.query_one("SELECT pg_advisory_lock($1)", &[&PREPARATION_LOCK]).await?;
    connection.batch_execute(ROLES).await?;
    let database_created = create_database(&connection, database).await?;
    let store = Store::new(superuser.clone().with_database(database), 1)?;
    let session = store.connection().await?;
    // Extensions go into the first schema of the search path.
    session.batch_execute("SET search_path TO public").await?;
    session.batch_execute(DATABASE).await?;
    session.batch_execute(LIMITS).await?;
    drop(deadpool::managed::Object::take(session));
    let migrations = migrate(&store).await?;
    store.connection().await?.batch_execute(ACCESS_TO_CHECKS).await?;
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

/// The texts that preparing and migrating a server sends, whole. In the audit log each statement of a text
/// appears with the whole of it.
#[must_use]
pub fn known_statements() -> &'static HashSet<&'static str> {
    static KNOWN: OnceLock<HashSet<&'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        // The texts live as long as the program, so that a verification of a million lines need not copy them.
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
                SERVICE_LOGINS,
                ACCESS_TO_CHECKS,
                MIGRATION_SESSION,
                HISTORY_TABLE,
            ])
            .collect()
    })
}

/// Runs the migrations that have not been run, as `stock_owner`, and makes next year's partitions.
///
/// # Errors
/// [`Error::NotPrepared`] when the database was not prepared, or when a migration that has been run
/// was edited since.
pub async fn migrate(store: &Store) -> Result<Vec<String>, Error> {
    let mut connection = store.connection().await?;
    connection.query_one("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await?;
    // The migrations grant privileges to these logins, and stock_owner cannot create them. They belong to the whole server, so
    // migrations of two databases take turns.
    let row = connection.query_one("SELECT current_setting('is_superuser') = 'on'", &[]).await?;
    if row.try_get(0)? {
        let transaction = connection.transaction().await?;
        transaction.query_one("SELECT pg_advisory_xact_lock($1)", &[&SERVICE_LOGINS_LOCK]).await?;
        transaction.batch_execute(SERVICE_LOGINS).await?;
        transaction.commit().await?;
    }
    connection.batch_execute(MIGRATION_SESSION).await?;
    let mut runner = embedded::migrations::runner().set_abort_divergent(true).set_abort_missing(true);
    runner.set_migration_table_name("schema_history");
    let outcome = runner.run_async(&mut ***connection).await;
    let report = outcome.map_err(|error| Error::NotPrepared {
        message: format!("cannot run the migrations: {}", chain(&error)),
    })?;
    let names: Vec<String> = report.applied_migrations().iter().map(ToString::to_string).collect();
    connection
        .query_one("SELECT stock.ensure_partitions(current_date, (now() + interval '12 months')::date)", &[])
        .await?;
    info!(migrations = names.len(), "The schema is up to date");
    // The session has another role and holds a lock, so it is ended and not lent again.
    drop(deadpool::managed::Object::take(connection));
    Ok(names)
}

/// An error with all that stands behind it.
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
    /// What is missing or unsafe on the server, the gravest first; empty when all is well.
    ///
    /// # Errors
    /// As any read.
    pub async fn check(&self) -> Result<Vec<CheckFinding>, Error> {
        let connection = self.connection().await?;
        check::findings(&connection).await
    }

    /// When the server last read its configuration. A session learns of it only with its next statement, so a new one is asked.
    ///
    /// # Errors
    /// As any read.
    pub async fn configuration_loaded_at(&self) -> Result<jiff::Timestamp, Error> {
        let fresh = Self::new(self.settings.clone(), 1)?;
        let row = fresh.connection().await?.query_one("SELECT pg_conf_load_time()", &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// The same without the definitions of what preparing and migrating created; see [`Store::differences`].
    ///
    /// # Errors
    /// As any read.
    pub async fn conditions(&self) -> Result<Vec<CheckFinding>, Error> {
        let connection = self.connection().await?;
        check::conditions(&connection).await
    }
}
