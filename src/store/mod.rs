//! The database: connections, the SERIALIZABLE runner, every line of SQL that the program sends, and
//! the mapping of SQLSTATEs to errors.
//!
//! Boundary: nothing above this module names the PostgreSQL client library or writes SQL; nothing in
//! it knows of files, terminals or the command line.

pub mod audit;
mod baseline;
mod batch;
mod browse;
mod catalogue;
mod connection;
mod count;
mod dashboard;
pub mod describe;
mod error;
mod hot;
mod interrupt;
mod item;
mod keeping;
mod large;
mod ledger;
mod levels;
mod outcome;
mod people;
mod pipeline;
mod posting;
pub mod prepare;
mod query;
mod resolve;
mod retry;
mod scan;
mod search;
mod tls;
mod watch;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::Pool;

pub use baseline::{BASELINE_LOGIN, BaselineOutcome, PGBENCH_DATABASE, UNAUDITED_LOGIN};
pub use browse::{
    Anchor, Page, STOCK_PAGE_ROWS_MAX, StockKey, StockOnly, StockOrder, StockRow, StockSelection,
};
pub use catalogue::{Added, LocationRow, PackRow, PartnerRow, ProductFilter, ProductRow};
pub use connection::{Backend, ConnectionSettings};
pub use count::{CountedLine, INSERT_COUNT, SheetCounted, SheetFigure};
pub use dashboard::{
    DatabaseActivity, ExpiringLot, HourCount, PersonActivity, SlowMover, StockValue, TopItem,
};
pub use error::Error;
pub use interrupt::Interrupt;
pub use item::{DayLevel, Item};
pub use keeping::{Archiving, LotChanged};
pub use large::SampleText;
pub use ledger::{LedgerFilter, LedgerRow, PAGE_ROWS};
pub use levels::{Level, StockFilter};
pub use people::{Group, PASSWORD_LENGTH_MIN, Person, UnknownGroup};
pub use posting::{INSERT_MOVEMENT, INSERT_POSTING, Posted, PostedLine, Status};
pub use retry::RetryPolicy;
pub use scan::{SHEET_LINES_MAX, Scanned, SheetLine};
pub use search::{FOUND_MAX, Found, Matched, SEARCH_LENGTH_MAX};
pub use watch::{SessionFacts, Watermark};

use connection::{Lent, Manager, Purpose};

/// How many connections each of the two pools may open. A terminal needs a few; a load generator asks for more.
pub const CONNECTIONS_DEFAULT: usize = 4;
/// How long to wait for the server's answer to a posting before the connection is given up. Longer
/// than the server's own lock timeout, so that a mere queue is never taken for a broken line.
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);

/// What happened in the store since the program began. Counters only grow.
#[derive(Debug, Default)]
struct Counters {
    attempts: AtomicU64,
    retries: AtomicU64,
    locked: AtomicU64,
    lost: AtomicU64,
}

/// A reading of the store's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct StoreCounts {
    /// Transactions begun for postings.
    pub attempts: u64,
    /// Of these, how many were run again after a conflict.
    pub retries: u64,
    /// Of these, how many waited for the advisory lock of a hot level first.
    pub locked: u64,
    /// Connections that broke while a posting was under way.
    pub lost: u64,
}

/// The database, as everything above sees it.
#[derive(Debug)]
pub struct Store {
    pool: Pool<Manager>,
    posting_pool: Pool<Manager>,
    settings: ConnectionSettings,
    canceller: interrupt::Canceller,
    catalogue: catalogue::Cache,
    hot: hot::HotLevels,
    counters: Counters,
    reply_timeout: Duration,
    settle_max: Duration,
}

impl Store {
    /// Prepares a store; connects when first used.
    ///
    /// # Errors
    /// [`Error::Settings`] when the TLS settings cannot be used.
    pub fn new(settings: ConnectionSettings, connections_max: usize) -> Result<Self, Error> {
        Ok(Self {
            pool: connection::pool(&settings, Purpose::General, connections_max)?,
            posting_pool: connection::pool(&settings, Purpose::Posting, connections_max)?,
            canceller: interrupt::Canceller(settings.connector()?),
            settings,
            catalogue: catalogue::Cache::default(),
            hot: hot::HotLevels::default(),
            counters: Counters::default(),
            reply_timeout: REPLY_TIMEOUT,
            settle_max: outcome::SETTLE_MAX,
        })
    }

    /// The same store, giving up on a silent server after `timeout` instead of half a minute.
    #[must_use]
    pub fn with_reply_timeout(mut self, timeout: Duration) -> Self {
        self.reply_timeout = timeout;
        self
    }

    /// The same store, calling an outcome unknown after `patience` instead of twenty seconds.
    #[must_use]
    pub fn with_settle_max(mut self, patience: Duration) -> Self {
        self.settle_max = patience;
        self
    }

    /// Which database this is, without the password.
    #[must_use]
    pub fn settings(&self) -> &ConnectionSettings {
        &self.settings
    }

    /// What has happened so far.
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

    /// Connects once and says which server answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached or does not let us in.
    pub async fn ping(&self) -> Result<String, Error> {
        let connection = self.connection().await?;
        let row = connection.query_one("SELECT current_setting('server_version')", &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// Makes the partition of the ledger that holds this moment, if it is missing.
    async fn ensure_month(&self, moment: jiff::Timestamp) -> Result<(), Error> {
        let day = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.ensure_months(day, day).await.map(|_| ())
    }

    /// Makes the monthly partitions of the ledger between two days, where they are missing.
    ///
    /// # Errors
    /// A refusal for days outside 2000-01-01 to two years ahead.
    pub async fn ensure_months(
        &self,
        first: jiff::civil::Date,
        last: jiff::civil::Date,
    ) -> Result<u32, Error> {
        let connection = self.connection().await?;
        let row = connection.query_one("SELECT stock.ensure_partitions($1, $2)", &[&first, &last]).await?;
        let made: i32 = row.try_get(0)?;
        Ok(made.unsigned_abs())
    }

    /// Says that the server fell silent.
    fn silence(&self) -> String {
        format!("no answer for {} s", self.reply_timeout.as_secs())
    }

    async fn connection(&self) -> Result<Lent, Error> {
        let connection = self.pool.get().await?;
        interrupt::note(&connection.loan, connection.cancel_token(), &self.canceller);
        Ok(connection)
    }

    /// A connection whose single statements are SERIALIZABLE transactions.
    async fn posting_connection(&self) -> Result<Lent, Error> {
        Ok(self.posting_pool.get().await?)
    }
}
