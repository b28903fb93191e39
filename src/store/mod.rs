//! The database: connections, the runner of SERIALIZABLE work, all SQL that the program sends, and the mapping of
//! SQLSTATEs to errors.
//!
//! The operations are methods of [`Store`], in one folder for each subject: `posting`, `orders`, `master_data`, `read`,
//! `report`, `audit` and `prepare`. A fixed statement of more than a few lines is an `.sql` file beside its module.
//!
//! Under `# Errors`, "as any read" stands for [`Error::Unavailable`] if there is no connection, [`Error::OtherVersion`] for
//! an older schema, a refusal for a login without the privilege, and [`Error::Database`] for whatever else the server
//! reports. "As any write" adds a refusal by any rule of the database.
//!
//! Boundary: nothing above this module names the PostgreSQL client library or contains SQL; nothing in it knows of
//! files, terminals or the command line.

pub mod audit;
mod connection;
mod error;
mod imports;
mod keys;
mod lead;
mod master_data;
mod measure;
mod orders;
mod posting;
pub mod prepare;
mod read;
mod report;
mod row;
mod serializable;
mod values;
mod version;
mod whole;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::Pool;
use jiff::civil::Date;
use tokio_postgres::error::SqlState;

pub use connection::cancellation::Cancellation;
pub use connection::{Backend, ConnectionSettings, SESSION_OPTIONS};
pub use error::Error;
pub use lead::{Leadership, SERVICE_LOGINS};
pub use master_data::statements as master_data_statements;
pub use measure::{KindActivity, StockCounts, TreeSizes};
pub use orders::statements as order_statements;
pub use posting::{INSERT_COUNT, INSERT_MOVEMENT, INSERT_ORDER_POSTING, INSERT_POSTING};
pub use read::{CodeOf, FOUND_MAX, PAGE_ROWS, SEARCH_LENGTH_MAX, SHEET_LINES_MAX, Watermark};
pub use serializable::RetryPolicy;
pub use whole::{Portion, Whole, WholeEnded};

use crate::domain::{Refusal, StoreCounts};
use connection::{Manager, PooledConnection, Purpose, cancellation};

/// How many connections each of the two pools may open. A terminal needs a few; a load generator needs more.
pub const CONNECTIONS_DEFAULT: usize = 4;
/// How long to wait for the server's answer to a posting before the connection is given up. Longer than the server's
/// own lock timeout, so that waiting for a lock is never taken for a broken connection.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// Counts of what happened in the store since the program began.
#[derive(Debug, Default)]
struct Counters {
    attempts: AtomicU64,
    retries: AtomicU64,
    locked: AtomicU64,
    lost: AtomicU64,
}

/// How the connections of a store are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    pub idle: usize,
    pub busy: usize,
    pub connections_max: usize,
}

/// The database, as the modules above use it.
#[derive(Debug)]
pub struct Store {
    pool: Pool<Manager>,
    posting_pool: Pool<Manager>,
    settings: ConnectionSettings,
    canceller: cancellation::Canceller,
    keys: keys::KnownKeys,
    hot: serializable::HotLevels,
    counters: Counters,
    reply_timeout: Duration,
    settle_max: Duration,
}

impl Store {
    /// Creates a store, which connects when it is first used.
    ///
    /// # Errors
    /// [`Error::Settings`] when the TLS settings cannot be used.
    pub fn new(settings: ConnectionSettings, connections_max: usize) -> Result<Self, Error> {
        Ok(Self {
            pool: connection::pool(&settings, Purpose::General, connections_max)?,
            posting_pool: connection::pool(&settings, Purpose::Posting, connections_max)?,
            canceller: cancellation::Canceller(settings.connector()?),
            settings,
            keys: keys::KnownKeys::default(),
            hot: serializable::HotLevels::default(),
            counters: Counters::default(),
            reply_timeout: REPLY_TIMEOUT,
            settle_max: serializable::SETTLE_MAX,
        })
    }

    /// The same store with another time limit for the server's answer to a posting.
    #[must_use]
    pub fn with_reply_timeout(mut self, timeout: Duration) -> Self {
        self.reply_timeout = timeout;
        self
    }

    /// The same store with another time limit for determining an outcome.
    #[must_use]
    pub fn with_settle_max(mut self, patience: Duration) -> Self {
        self.settle_max = patience;
        self
    }

    /// The connection settings that the store was created with.
    #[must_use]
    pub fn settings(&self) -> &ConnectionSettings {
        &self.settings
    }

    /// The counts since the store was created.
    #[must_use]
    pub fn counts(&self) -> StoreCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StoreCounts {
            attempts: read(&self.counters.attempts),
            retries: read(&self.counters.retries),
            locked: read(&self.counters.locked),
            lost: read(&self.counters.lost),
        }
    }

    /// How many connections are idle, busy and allowed, over both pools.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let mut total = PoolUse { idle: 0, busy: 0, connections_max: 0 };
        for status in [self.pool.status(), self.posting_pool.status()] {
            total.idle += status.available;
            total.busy += status.size.saturating_sub(status.available);
            total.connections_max += status.max_size;
        }
        total
    }

    /// Connects once and returns which server answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it cannot be reached or refuses the login.
    pub async fn ping(&self) -> Result<String, Error> {
        let connection = self.connection().await?;
        let row = connection.query_one("SELECT current_setting('server_version')", &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// Creates the partition of the ledger for a moment, if it does not exist.
    async fn ensure_month(&self, moment: jiff::Timestamp) -> Result<(), Error> {
        let day = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.ensure_months(day, day).await.map(|_| ())
    }

    /// Creates the monthly partitions of the ledger between two days that do not exist, and returns how many it
    /// created. If none is missing, nothing is locked, so that clerks may call it too.
    ///
    /// # Errors
    /// [`Refusal::MonthsMissing`] for a login that may not create them; a refusal for days outside 2000-01-01 to two
    /// years ahead.
    pub async fn ensure_months(&self, first: Date, last: Date) -> Result<u32, Error> {
        let connection = self.connection().await?;
        let row = connection.query_one(include_str!("missing_months.sql"), &[&first, &last]).await?;
        let (Some(missing_first), Some(missing_last)) = (row.try_get("first")?, row.try_get("last")?) else {
            return Ok(0);
        };
        match connection.query_one("SELECT stock.ensure_partitions($1, $2)", &[&first, &last]).await {
            Ok(row) => Ok(row.try_get::<_, i32>(0)?.unsigned_abs()),
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                // No admin could create these either.
                if row.try_get("refused")? {
                    let days = [first.to_string(), last.to_string()];
                    return Err(Refusal::by_rule("date_out_of_range", &[&days[0], &days[1]]).into());
                }
                Err(Refusal::MonthsMissing { first: missing_first, last: missing_last }.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A connection to a database whose schema is not older than this program.
    async fn connection(&self) -> Result<PooledConnection, Error> {
        let mut connection = self.connection_of_any_version().await?;
        version::require(&mut connection).await?;
        Ok(connection)
    }

    /// A connection for preparing, migrating and checking a database, whatever its schema is.
    async fn connection_of_any_version(&self) -> Result<PooledConnection, Error> {
        let connection = self.pool.get().await?;
        cancellation::register(&connection.lease, connection.cancel_token(), &self.canceller);
        Ok(connection)
    }

    /// A connection of the pool for this purpose.
    async fn connection_for(&self, purpose: Purpose) -> Result<PooledConnection, Error> {
        match purpose {
            Purpose::General => self.connection().await,
            Purpose::Posting => {
                let mut connection = self.posting_pool.get().await?;
                version::require(&mut connection).await?;
                Ok(connection)
            }
        }
    }
}
