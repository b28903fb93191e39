//! What a scanned or typed code refers to, the stock at a location, and its count sheet.

use futures_util::try_join;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::browse::{ON_HAND, ROW_COLUMNS};
use crate::domain::{
    Level, LocationCode, LocationRow, Refusal, Scanned, ScannedLot, SheetLine, Sku, StockRow,
};
use crate::store::master_data::LOCATION_ROW;
use crate::store::row::{self, FromRow, decimals, from_row, plain};
use crate::store::{Error, Store};

/// The most lines of one count sheet: about what one person counts in a day. A larger location is counted in parts.
pub const SHEET_LINES_MAX: usize = 5_000;
/// The most locations that are offered to complete a code.
const LOCATIONS_OFFERED_MAX: u16 = 200;

const PRODUCT: &str = "WITH hit AS MATERIALIZED (
         (SELECT product_id, 1::numeric AS pack_quantity, 0 AS rank FROM stock.products WHERE sku = $2)
         UNION ALL
         (SELECT product_id, pack_quantity, CASE WHEN barcode = $1 THEN 1 ELSE 2 END FROM stock.barcodes WHERE barcode IN ($1, $2, $3))
         ORDER BY rank LIMIT 1)";
const LOCATION: &str =
    "SELECT code, name, archived_at IS NOT NULL AS archived FROM stock.locations WHERE code = $1";

/// The lots with a code. The columns of the product and its stock are inserted into the text.
const LOTS: &str = include_str!("scanned_lots.sql");
/// The most products with a lot of the same code that a scan returns. With more, the product has to be scanned first.
const SCANNED_LOTS_MAX: i64 = 20;

const ON_HAND_AT: &str = include_str!("on_hand_at.sql");

const SHEET: &str = include_str!("sheet.sql");
from_row!(SheetLine {
    sku,
    name,
    unit,
    decimals: decimals,
    tracking,
    location,
    lot,
    expires_on,
    on_hand: plain,
    last_counted_at,
});

const SHEET_LENGTH: &str = "SELECT count(*) FROM unnest($1::bigint[]) AS within (location_id)
     JOIN stock.stock_levels l ON l.location_id = within.location_id AND l.on_hand > 0";

impl FromRow for ScannedLot {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            row: StockRow::from_row(row)?,
            lot: row.try_get("lot")?,
            expires_on: row.try_get("lot_expires_on")?,
            held_at: row.try_get("held_at")?,
        })
    }
}

impl Store {
    /// What a code stands for: a SKU, else a barcode, else a location, else a lot or serial number. Case does not
    /// matter.
    ///
    /// # Errors
    /// As any read; an unknown code is not an error.
    pub async fn scan(&self, text: &str) -> Result<Scanned, Error> {
        let typed = text.trim();
        let (upper, lower) = (typed.to_ascii_uppercase(), typed.to_ascii_lowercase());
        let connection = self.connection().await?;
        let product = connection
            .prepare_cached(&format!(
                "{PRODUCT} SELECT {ROW_COLUMNS}, hit.pack_quantity FROM hit JOIN stock.products p USING (product_id) {ON_HAND}"
            ))
            .await?;
        let location = connection.prepare_cached(LOCATION).await?;
        let (forms, code): ([&(dyn ToSql + Sync); 3], [&(dyn ToSql + Sync); 1]) =
            ([&typed, &upper, &lower], [&upper]);
        let (product, location) =
            try_join!(connection.query_opt(&product, &forms), connection.query_opt(&location, &code))?;
        if let Some(row) = product {
            let pack_quantity = plain(row.try_get("pack_quantity")?);
            return Ok(Scanned::Product { row: StockRow::from_row(&row)?, pack_quantity });
        }
        if let Some(row) = location {
            return Ok(Scanned::Location {
                code: row.try_get("code")?,
                name: row.try_get("name")?,
                archived: row.try_get("archived")?,
            });
        }
        if typed.is_empty() {
            return Ok(Scanned::Nothing);
        }
        let lots = LOTS.replace("{columns}", ROW_COLUMNS).replace("{on_hand}", ON_HAND);
        let lots = connection.prepare_cached(&lots).await?;
        let lots: Vec<ScannedLot> = row::all(&connection.query(&lots, &[&typed, &SCANNED_LOTS_MAX]).await?)?;
        Ok(if lots.is_empty() { Scanned::Nothing } else { Scanned::Lots(lots) })
    }

    /// The stock of a product at this location itself: every lot, including expired ones, those that expire first at
    /// the front.
    ///
    /// # Errors
    /// As any read; for a product or location that does not exist the result is empty.
    pub async fn on_hand_at(&self, sku: &Sku, location: &LocationCode) -> Result<Vec<Level>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(ON_HAND_AT).await?;
        let rows = connection.query(&statement, &[&sku.as_str(), &location.as_str()]).await?;
        row::all(&rows)
    }

    /// Locations in use whose code begins with a text, by code, and after them those whose name contains it.
    ///
    /// # Errors
    /// As any read.
    pub async fn locations_matching(&self, text: &str, limit: u16) -> Result<Vec<LocationRow>, Error> {
        let typed = text.trim();
        let upper = typed.to_ascii_uppercase();
        let end = format!("{upper}\u{10FFFF}");
        let limit = limit.clamp(1, LOCATIONS_OFFERED_MAX);
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(&format!(
                "WITH hits AS MATERIALIZED (
                     (SELECT location_id, 0 AS rank FROM stock.locations
                      WHERE code >= $1 AND code < $2 AND archived_at IS NULL ORDER BY code LIMIT 200)
                     UNION ALL
                     (SELECT location_id, 1 FROM stock.locations
                      WHERE name IS NOT NULL AND archived_at IS NULL AND NOT (code >= $1 AND code < $2)
                        AND strpos(stock.search_text(name), stock.search_text($3::text)) > 0 ORDER BY code LIMIT 200))
                 SELECT {LOCATION_ROW}
                 FROM (SELECT l.*, hits.rank FROM hits JOIN stock.locations l USING (location_id) ORDER BY hits.rank, l.code LIMIT $4) AS l
                 LEFT JOIN stock.locations parent ON parent.location_id = l.parent_id
                 ORDER BY l.rank, l.code"
            ))
            .await?;
        let rows = connection.query(&statement, &[&upper, &end, &typed, &i64::from(limit)]).await?;
        row::all(&rows)
    }

    /// The recorded stock at a location and within it, by location and SKU: the count sheet.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`]; a refusal with the figures if there are more than [`SHEET_LINES_MAX`] lines; and
    /// as any read.
    pub async fn sheet(&self, location: &LocationCode) -> Result<Vec<SheetLine>, Error> {
        let places = self.places_within(location).await?;
        let connection = self.connection().await?;
        let length = connection.prepare_cached(SHEET_LENGTH).await?;
        let lines: i64 = connection.query_one(&length, &[&places]).await?.try_get(0)?;
        if lines > SHEET_LINES_MAX as i64 {
            let message = format!(
                "{location} has {lines} lines, more than the {SHEET_LINES_MAX} of one count sheet; count the locations within it one at a time"
            );
            return Err(Refusal::Rule { rule: "sheet_too_long".to_owned(), message }.into());
        }
        let statement = connection.prepare_cached(SHEET).await?;
        let rows = connection.query(&statement, &[&places]).await?;
        row::all(&rows)
    }
}
