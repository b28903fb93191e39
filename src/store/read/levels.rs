//! What is on hand: after a posting, now, and as of a past time.

use deadpool::managed::Object;
use tokio_postgres::{Row, Statement};
use tracing::warn;

use crate::domain::{Level, LocationCode, Sku, StockFilter};
use crate::store::connection::Connection;
use crate::store::master_data::ROWS_MAX;
use crate::store::row::{self, FromRow, plain};
use crate::store::serializable::LevelKey;
use crate::store::{Error, Store};

/// The levels of given keys; those that have no row yet are left out.
pub(super) const LEVELS_BY_KEY: &str = include_str!("levels_by_key.sql");

impl FromRow for Level {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            sku: row.try_get("sku")?,
            location: row.try_get("location")?,
            lot: row.try_get("lot")?,
            expires_on: row.try_get("expires_on")?,
            on_hand: plain(row.try_get("on_hand")?),
            reserved: plain(row.try_get("reserved")?),
            available: plain(row.try_get("available")?),
            blocked_by: row.try_get("blocked_by")?,
        })
    }
}

/// Reads the levels of these keys.
pub(super) async fn read(
    connection: &Connection,
    statement: &Statement,
    keys: &[LevelKey],
) -> Result<Vec<Level>, tokio_postgres::Error> {
    let products: Vec<i64> = keys.iter().map(|key| key.product).collect();
    let locations: Vec<i64> = keys.iter().map(|key| key.location).collect();
    let lots: Vec<Option<i64>> = keys.iter().map(|key| key.lot).collect();
    let rows = connection.query(statement, &[&products, &locations, &lots]).await?;
    rows.iter().map(Level::from_row).collect()
}

impl Store {
    /// What is on hand after a posting that stands. A database that goes away now must not turn
    /// "posted" into an error, so what cannot be read is left out.
    pub(in crate::store) async fn levels_after(&self, keys: &[LevelKey]) -> Vec<Level> {
        let connection = match self.connection().await {
            Ok(connection) => connection,
            Err(error) => {
                warn!(%error, "Could not read the stock on hand after a posting");
                return Vec::new();
            }
        };
        let reading = async {
            let statement = connection.prepare_cached(LEVELS_BY_KEY).await?;
            read(&connection, &statement, keys).await
        };
        match tokio::time::timeout(self.reply_timeout, reading).await {
            Ok(Ok(levels)) => levels,
            Ok(Err(error)) => {
                warn!(%error, "Could not read the stock on hand after a posting");
                Vec::new()
            }
            Err(_) => {
                // An answer that is still to come must not meet the next question.
                drop(Object::take(connection));
                Vec::new()
            }
        }
    }

    /// Lists what is on hand, by product and place; levels of zero are left out.
    ///
    /// # Errors
    /// [`Refusal`](crate::domain::Refusal) for a product or location that does not exist.
    pub async fn stock(&self, filter: &StockFilter) -> Result<Vec<Level>, Error> {
        self.learn(filter.sku.as_ref().as_slice(), filter.location.as_ref().as_slice(), None).await?;
        let product = filter.sku.as_ref().map(|sku| self.keys.product(sku)).transpose()?;
        let location = filter.location.as_ref().map(|code| self.keys.location(code)).transpose()?;
        let connection = self.connection().await?;
        // Past stock is present stock less what moved since. That reads only the months since then.
        let rows = connection
            .query(include_str!("stock.sql"), &[&product, &location, &filter.as_of, &i64::from(ROWS_MAX)])
            .await?;
        row::all(&rows)
    }

    /// The lots of a product in one place, first to expire first: what an issue takes when nobody
    /// names a lot ([`LotStock`](crate::domain::LotStock) leaves out what has expired).
    ///
    /// # Errors
    /// [`Refusal`](crate::domain::Refusal) for a product or location that does not exist.
    pub async fn lots_to_issue(&self, sku: &Sku, location: &LocationCode) -> Result<Vec<Level>, Error> {
        self.learn(&[sku], &[location], None).await?;
        let product = self.keys.product(sku)?;
        let location_id = self.keys.location(location).map_err(Error::from)?;
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("lots_to_issue.sql"), &[&product, &location_id]).await?;
        row::all(&rows)
    }
}
