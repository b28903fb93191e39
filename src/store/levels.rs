//! What is on hand: after a posting, now, and as of a past time.

use deadpool::managed::Object;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::{Row, Statement};
use tracing::warn;

use super::catalogue::ROWS_MAX;
use super::connection::Connection;
use super::hot::LevelKey;
use super::{Error, Store};
use crate::domain::{LocationCode, Refusal, Sku};

/// The levels of given keys; those that have no row yet are left out.
pub(super) const LEVELS_BY_KEY: &str = "SELECT p.sku, l.code, lot.code, lot.expires_on, s.on_hand \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (product_id, location_id, lot_id) \
     JOIN stock.stock_levels s ON s.product_id = k.product_id AND s.location_id = k.location_id \
         AND (s.lot_id = k.lot_id OR (s.lot_id IS NULL AND k.lot_id IS NULL)) \
     JOIN stock.products p ON p.product_id = s.product_id \
     JOIN stock.locations l ON l.location_id = s.location_id \
     LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id \
     ORDER BY p.sku, l.code, lot.code";

/// What is on hand of one product, in one place, of one lot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Level {
    /// The product.
    pub sku: String,
    /// The place.
    pub location: String,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<String>,
    /// The last day of use of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// How many units.
    pub on_hand: Decimal,
}

/// Which levels to list.
#[derive(Debug, Clone, Default)]
pub struct StockFilter {
    /// Only this product.
    pub sku: Option<Sku>,
    /// Only this location and those within it.
    pub location: Option<LocationCode>,
    /// What was on hand at the end of this moment, by when the movements occurred.
    pub as_of: Option<Timestamp>,
}

pub(super) fn level(row: &Row) -> Result<Level, tokio_postgres::Error> {
    Ok(Level {
        sku: row.try_get(0)?,
        location: row.try_get(1)?,
        lot: row.try_get(2)?,
        expires_on: row.try_get(3)?,
        on_hand: row.try_get::<_, Decimal>(4)?.normalize(),
    })
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
    rows.iter().map(level).collect()
}

impl Store {
    /// What is on hand after a posting that stands. A database that goes away now must not turn
    /// "posted" into an error, so what cannot be read is left out.
    pub(super) async fn levels_after(&self, keys: &[LevelKey]) -> Vec<Level> {
        let connection = match self.connection().await {
            Ok(connection) => connection,
            Err(error) => {
                warn!(%error, "What is on hand after a posting could not be read");
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
                warn!(%error, "What is on hand after a posting could not be read");
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
    /// [`Refusal`] for a product or location that does not exist.
    pub async fn stock(&self, filter: &StockFilter) -> Result<Vec<Level>, Error> {
        self.learn(filter.sku.as_ref().as_slice(), filter.location.as_ref().as_slice(), None).await?;
        let product =
            filter.sku.as_ref().map(|sku| self.catalogue.product(sku)).transpose()?.map(|known| known.id);
        let location = filter.location.as_ref().map(|code| self.catalogue.location(code)).transpose()?;
        let connection = self.connection().await?;
        // Past stock is present stock less what moved since. That reads only the months since then.
        let rows = connection
            .query(
                "WITH RECURSIVE within (location_id) AS (
                     SELECT l.location_id FROM stock.locations l WHERE ($2::bigint IS NULL AND l.parent_id IS NULL) OR l.location_id = $2
                     UNION
                     SELECT l.location_id FROM stock.locations l JOIN within w ON l.parent_id = w.location_id
                 ), later AS (
                     SELECT m.product_id, m.location_id, m.lot_id, sum(m.delta) AS delta
                     FROM (SELECT t.product_id, t.to_location_id AS location_id, t.lot_id, t.quantity AS delta
                           FROM stock.transactions t
                           WHERE $3::timestamptz IS NOT NULL AND t.occurred_at > $3 AND t.to_location_id IS NOT NULL AND ($1::bigint IS NULL OR t.product_id = $1)
                           UNION ALL
                           SELECT t.product_id, t.from_location_id, t.lot_id, -t.quantity
                           FROM stock.transactions t
                           WHERE $3::timestamptz IS NOT NULL AND t.occurred_at > $3 AND t.from_location_id IS NOT NULL AND ($1::bigint IS NULL OR t.product_id = $1)) AS m
                     GROUP BY m.product_id, m.location_id, m.lot_id
                 )
                 SELECT p.sku, l.code, lot.code, lot.expires_on, s.on_hand - coalesce(later.delta, 0)
                 FROM stock.stock_levels s
                 JOIN within w ON w.location_id = s.location_id
                 JOIN stock.products p ON p.product_id = s.product_id
                 JOIN stock.locations l ON l.location_id = s.location_id
                 LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id
                 LEFT JOIN later ON later.product_id = s.product_id AND later.location_id = s.location_id AND later.lot_id IS NOT DISTINCT FROM s.lot_id
                 WHERE ($1::bigint IS NULL OR s.product_id = $1) AND s.on_hand - coalesce(later.delta, 0) <> 0
                 ORDER BY p.sku, l.code, lot.expires_on, lot.code
                 LIMIT $4",
                &[&product, &location, &filter.as_of, &i64::from(ROWS_MAX)],
            )
            .await?;
        Ok(rows.iter().map(level).collect::<Result<_, _>>()?)
    }

    /// The lots of a product in one place, first to expire first: what an issue takes when nobody
    /// names a lot. Expired ones are left out.
    ///
    /// # Errors
    /// [`Refusal`] for a product or location that does not exist.
    pub async fn lots_to_issue(&self, sku: &Sku, location: &LocationCode) -> Result<Vec<Level>, Error> {
        self.learn(&[sku], &[location], None).await?;
        let product = self.catalogue.product(sku)?.id;
        let location_id = self.catalogue.location(location).map_err(Error::from)?;
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT p.sku, l.code, lot.code, lot.expires_on, s.on_hand
                 FROM stock.stock_levels s
                 JOIN stock.products p ON p.product_id = s.product_id
                 JOIN stock.locations l ON l.location_id = s.location_id
                 JOIN stock.lots lot ON lot.lot_id = s.lot_id
                 WHERE s.product_id = $1 AND s.location_id = $2 AND s.on_hand > 0
                   AND (lot.expires_on IS NULL OR lot.expires_on >= (now() AT TIME ZONE 'UTC')::date)
                 ORDER BY lot.expires_on NULLS LAST, lot.lot_id",
                &[&product, &location_id],
            )
            .await?;
        Ok(rows.iter().map(level).collect::<Result<_, _>>()?)
    }

    /// How the units of a product are told apart.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] when there is no such product.
    pub async fn tracking(&self, sku: &Sku) -> Result<crate::domain::Tracking, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_opt("SELECT tracking FROM stock.products WHERE sku = $1", &[&sku.as_str()])
            .await?;
        let row = row.ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
        let text: String = row.try_get(0)?;
        Ok(text.parse().map_err(Refusal::from)?)
    }
}
