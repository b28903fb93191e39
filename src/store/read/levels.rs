//! Stock on hand: after a posting, at present, and at a past moment.

use std::collections::HashMap;

use deadpool::managed::Object;
use jiff::Timestamp;
use tokio_postgres::{Row, Statement};
use tracing::warn;

use crate::domain::{Level, LocationCode, Name, Sku, StockFilter, StockRow};
use crate::store::connection::Connection;
use crate::store::master_data::ROWS_MAX;
use crate::store::row::{self, FromRow, plain};
use crate::store::serializable::LevelKey;
use crate::store::{Error, Store};

/// Stock on hand per level as of a moment: present stock less what has moved since, so that only the partitions since
/// then are read.
const STOCK: &str = concat!(include_str!("past_levels.sql"), include_str!("stock.sql"));
/// Stock on hand per product as of a moment.
const PAST_PRODUCTS: &str = concat!(include_str!("past_levels.sql"), include_str!("past_products.sql"));

/// The levels with the given keys; those without a row are left out.
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
    /// The levels after a posting that was committed. If the database becomes unavailable now, that must not turn
    /// "posted" into an error, so levels that cannot be read are left out.
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
                // An answer that is still to come must not be mistaken for that of the next query.
                drop(Object::take(connection));
                Vec::new()
            }
        }
    }

    /// Lists stock on hand, by product and location; levels of zero are left out.
    ///
    /// # Errors
    /// [`Refusal`](crate::domain::Refusal) for a product or location that does not exist.
    pub async fn stock(&self, filter: &StockFilter) -> Result<Vec<Level>, Error> {
        self.learn(filter.sku.as_ref().as_slice(), filter.location.as_ref().as_slice(), None).await?;
        let product = filter.sku.as_ref().map(|sku| self.keys.product(sku)).transpose()?;
        let location = filter.location.as_ref().map(|code| self.keys.location(code)).transpose()?;
        let connection = self.connection().await?;
        let rows =
            connection.query(STOCK, &[&product, &location, &filter.as_of, &i64::from(ROWS_MAX)]).await?;
        row::all(&rows)
    }

    /// The products whose code or name contains a text and that were on hand at a moment, with their stock of that
    /// moment, by SKU. Names and reorder points are the present ones.
    ///
    /// # Errors
    /// As any read.
    pub async fn stock_as_of(
        &self,
        as_of: Timestamp,
        text: &str,
        limit: u16,
    ) -> Result<Vec<StockRow>, Error> {
        let none: Option<i64> = None;
        let connection = self.connection().await?;
        let rows = connection
            .query(PAST_PRODUCTS, &[&none, &none, &Some(as_of), &i64::from(limit), &text.trim()])
            .await?;
        row::all(&rows)
    }

    /// The names of the products of these levels.
    ///
    /// # Errors
    /// As any read.
    pub async fn product_names(&self, levels: &[Level]) -> Result<HashMap<Sku, Name>, Error> {
        let mut skus: Vec<&str> = levels.iter().map(|level| level.sku.as_str()).collect();
        skus.sort_unstable();
        skus.dedup();
        let connection = self.connection().await?;
        let rows =
            connection.query("SELECT sku, name FROM stock.products WHERE sku = ANY ($1)", &[&skus]).await?;
        let names = rows.iter().map(|row| Ok((row.try_get("sku")?, row.try_get("name")?)));
        Ok(names.collect::<Result<_, tokio_postgres::Error>>()?)
    }

    /// The lots of a product at one location, those that expire first at the front: what an issue takes if no lot is
    /// named ([`LotStock`](crate::domain::LotStock) leaves out those that have expired).
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
