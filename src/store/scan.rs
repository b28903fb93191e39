//! What a scanned or typed code means, what stands in a place, and the sheet to count it by.

use futures_util::try_join;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;

use super::browse::{ON_HAND, ROW_COLUMNS, StockRow, stock_row};
use super::catalogue::location_row;
use super::levels::{Level, level};
use super::{Error, LocationRow, Store};
use crate::domain::{LocationCode, Refusal, Sku, Tracking};

/// The most lines of one count sheet: about what one person counts in a day. A larger place is counted
/// by its parts.
pub const SHEET_LINES_MAX: usize = 5_000;
/// The most places that are offered to complete a code.
const LOCATIONS_OFFERED_MAX: u16 = 200;

/// What a code means.
#[derive(Debug, Clone, PartialEq)]
pub enum Scanned {
    /// A product, by its sku or one of its barcodes.
    Product {
        /// The product.
        row: StockRow,
        /// How many units one scan counts.
        pack_quantity: Decimal,
    },
    /// A place.
    Location {
        /// Its code.
        code: LocationCode,
        /// What people call it.
        name: Option<String>,
        /// Whether it is out of use.
        archived: bool,
    },
    /// Nothing that is known.
    Nothing,
}

/// What the books hold in one place, to be counted.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetLine {
    /// The product.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// The unit that it is counted in.
    pub unit: String,
    /// How many decimal places its quantities may have.
    pub decimals: i16,
    /// How its units are told apart.
    pub tracking: Tracking,
    /// The very place.
    pub location: String,
    /// The lot or serial number.
    pub lot: Option<String>,
    /// The last day of use of the lot.
    pub expires_on: Option<Date>,
    /// How many units the books hold there.
    pub on_hand: Decimal,
    /// When it was last counted there.
    pub last_counted_at: Option<Timestamp>,
}

const PRODUCT: &str = "WITH hit AS MATERIALIZED (
         (SELECT product_id, 1::numeric AS pack_quantity, 0 AS rank FROM stock.products WHERE sku = $2)
         UNION ALL
         (SELECT product_id, pack_quantity, CASE WHEN barcode = $1 THEN 1 ELSE 2 END FROM stock.barcodes WHERE barcode IN ($1, $2, $3))
         ORDER BY rank LIMIT 1)";
const LOCATION: &str = "SELECT code, name, archived_at IS NOT NULL FROM stock.locations WHERE code = $1";

const ON_HAND_AT: &str = "SELECT p.sku, l.code, lot.code, lot.expires_on, s.on_hand
     FROM stock.stock_levels s
     JOIN stock.products p ON p.product_id = s.product_id
     JOIN stock.locations l ON l.location_id = s.location_id
     LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id
     WHERE s.product_id = (SELECT product_id FROM stock.products WHERE sku = $1)
       AND s.location_id = (SELECT location_id FROM stock.locations WHERE code = $2) AND s.on_hand > 0
     ORDER BY lot.expires_on NULLS LAST, lot.lot_id";

const SHEET: &str = "SELECT p.sku, p.name, p.unit, p.decimals, p.tracking, place.code, lot.code, lot.expires_on, l.on_hand,
         (SELECT max(c.counted_at) FROM stock.stock_counts c
          WHERE c.product_id = l.product_id AND c.location_id = l.location_id AND c.lot_id IS NOT DISTINCT FROM l.lot_id)
     FROM unnest($1::bigint[]) AS within (location_id)
     JOIN stock.stock_levels l ON l.location_id = within.location_id AND l.on_hand > 0
     JOIN stock.locations place ON place.location_id = l.location_id
     JOIN stock.products p ON p.product_id = l.product_id
     LEFT JOIN stock.lots lot ON lot.lot_id = l.lot_id
     ORDER BY place.code, p.sku, lot.expires_on NULLS LAST, lot.code";
const SHEET_LENGTH: &str = "SELECT count(*) FROM unnest($1::bigint[]) AS within (location_id)
     JOIN stock.stock_levels l ON l.location_id = within.location_id AND l.on_hand > 0";

impl Store {
    /// What a code means: a sku, else a barcode, else a place. Case does not matter.
    ///
    /// # Errors
    /// As any read; a code that means nothing is no error.
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
            let pack_quantity: Decimal = row.try_get(10)?;
            return Ok(Scanned::Product { row: stock_row(&row)?, pack_quantity: pack_quantity.normalize() });
        }
        let Some(row) = location else { return Ok(Scanned::Nothing) };
        let code: String = row.try_get(0)?;
        Ok(Scanned::Location {
            code: code.parse().map_err(Refusal::from)?,
            name: row.try_get(1)?,
            archived: row.try_get(2)?,
        })
    }

    /// What is on hand of a product in this very place: every lot, expired ones too, the first to expire
    /// first.
    ///
    /// # Errors
    /// As any read; a product or place that does not exist holds nothing.
    pub async fn on_hand_at(&self, sku: &Sku, location: &LocationCode) -> Result<Vec<Level>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(ON_HAND_AT).await?;
        let rows = connection.query(&statement, &[&sku.as_str(), &location.as_str()]).await?;
        Ok(rows.iter().map(level).collect::<Result<_, _>>()?)
    }

    /// Places in use whose code begins so, by code, and after them those that hold the text in their
    /// name.
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
            .prepare_cached(
                "WITH hits AS MATERIALIZED (
                     (SELECT location_id, 0 AS rank FROM stock.locations
                      WHERE code >= $1 AND code < $2 AND archived_at IS NULL ORDER BY code LIMIT 200)
                     UNION ALL
                     (SELECT location_id, 1 FROM stock.locations
                      WHERE name IS NOT NULL AND archived_at IS NULL AND NOT (code >= $1 AND code < $2)
                        AND strpos(stock.search_text(name), stock.search_text($3::text)) > 0 ORDER BY code LIMIT 200))
                 SELECT l.code, l.name, parent.code, l.kind,
                     (SELECT count(DISTINCT s.product_id) FROM stock.stock_levels s WHERE s.location_id = l.location_id AND s.on_hand > 0),
                     l.archived_at
                 FROM (SELECT l.*, hits.rank FROM hits JOIN stock.locations l USING (location_id) ORDER BY hits.rank, l.code LIMIT $4) AS l
                 LEFT JOIN stock.locations parent ON parent.location_id = l.parent_id
                 ORDER BY l.rank, l.code",
            )
            .await?;
        let rows = connection.query(&statement, &[&upper, &end, &typed, &i64::from(limit)]).await?;
        rows.iter().map(location_row).collect()
    }

    /// What the books hold in a place and all within it, by place and sku: the sheet to count by.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`]; a refusal with the figures when there are more than
    /// [`SHEET_LINES_MAX`] lines; and as any read.
    pub async fn sheet(&self, location: &LocationCode) -> Result<Vec<SheetLine>, Error> {
        let places = self.places_within(location).await?;
        let connection = self.connection().await?;
        let length = connection.prepare_cached(SHEET_LENGTH).await?;
        let lines: i64 = connection.query_one(&length, &[&places]).await?.try_get(0)?;
        if lines > SHEET_LINES_MAX as i64 {
            let message = format!(
                "{location} holds {lines} lines; at most {SHEET_LINES_MAX} are counted on one sheet, so count its parts one by one"
            );
            return Err(Refusal::Rule { rule: "sheet_too_long".to_owned(), message }.into());
        }
        let statement = connection.prepare_cached(SHEET).await?;
        let rows = connection.query(&statement, &[&places]).await?;
        let line = |row: &tokio_postgres::Row| -> Result<SheetLine, Error> {
            let tracking: String = row.try_get(4)?;
            Ok(SheetLine {
                sku: row.try_get(0)?,
                name: row.try_get(1)?,
                unit: row.try_get(2)?,
                decimals: row.try_get(3)?,
                tracking: tracking.parse().map_err(Refusal::from)?,
                location: row.try_get(5)?,
                lot: row.try_get(6)?,
                expires_on: row.try_get(7)?,
                on_hand: row.try_get::<_, Decimal>(8)?.normalize(),
                last_counted_at: row.try_get(9)?,
            })
        };
        rows.iter().map(line).collect()
    }
}
