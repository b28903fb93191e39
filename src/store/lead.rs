//! Decides which of several services on one database does the work, and names their logins.

use std::time::Duration;

use deadpool::managed::Object;

use super::audit::COLLECTOR_LOGIN;
use super::connection::Connection;
use super::{Error, Store};

/// The logins of the service, by what they are for. Preparing a server creates them.
pub const SERVICE_LOGINS: [&str; 5] =
    [COLLECTOR_LOGIN, "stock_service", "stock_verifier", "stock_importer", "stock_reserver"];

/// How long the server may take to answer the leading session. After that another service may be leading already.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// The session of the leading service. The service leads until it is dropped.
#[derive(Debug)]
pub struct Leadership {
    // Not from the pool: the lock must be released with it.
    connection: Connection,
}

impl Store {
    /// Tries to become the leader; none if another service is.
    ///
    /// # Errors
    /// As any read; a refusal for another login than that of the service.
    pub async fn try_to_lead(&self) -> Result<Option<Leadership>, Error> {
        let connection = Object::take(self.connection().await?);
        let row = connection.query_one("SELECT stock.try_to_lead()", &[]).await?;
        Ok(row.try_get::<_, bool>(0)?.then_some(Leadership { connection }))
    }
}

impl Store {
    /// How many consecutive months after the present one have a partition of the ledger.
    ///
    /// # Errors
    /// As any read.
    pub async fn months_ahead(&self) -> Result<u32, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_one(
                "SELECT coalesce(min(ahead) FILTER (WHERE to_regclass('stock.transactions_' || to_char((now() AT TIME ZONE 'UTC') + ahead * interval '1 month', 'YYYY_MM')) IS NULL), 25) - 1
                 FROM generate_series(1, 24) AS ahead",
                &[],
            )
            .await?;
        Ok(row.try_get::<_, i32>(0)?.unsigned_abs())
    }
}

impl Leadership {
    /// Checks that the session still exists.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it is gone or does not answer.
    pub async fn hold(&self) -> Result<(), Error> {
        match tokio::time::timeout(ANSWER_TIMEOUT, self.connection.simple_query("SELECT")).await {
            Ok(answer) => Ok(answer.map(drop)?),
            Err(_) => Err(Error::Unavailable {
                message: format!("the server has not answered for {} s", ANSWER_TIMEOUT.as_secs()),
            }),
        }
    }
}
