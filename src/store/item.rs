//! All that is known of one product, asked with one round trip: its master data, where it stands, its
//! newest movements, and its level day by day.

use futures_util::try_join;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;

use super::catalogue::{PRODUCT_ROW, product_row};
use super::ledger::{self, LedgerRow};
use super::levels::{Level, level};
use super::{Error, ProductRow, Store};
use crate::domain::{PostingId, Refusal, Sku};

/// How many movements are shown with an item.
const HISTORY_ROWS: u32 = 50;
/// How many days its level is followed back; a screen is not much wider.
const DAYS: i32 = 60;

/// What was on hand at the end of a day, in all places.
#[derive(Debug, Clone, PartialEq)]
pub struct DayLevel {
    /// The day, in UTC.
    pub day: Date,
    /// How many units.
    pub on_hand: Decimal,
}

/// One product with all that a person asks about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The master data.
    pub product: ProductRow,
    /// Where it stands; what is zero is left out.
    pub levels: Vec<Level>,
    /// The newest movements, the newest first.
    pub history: Vec<LedgerRow>,
    /// The end of each of the last 60 days, the oldest first; the last is today, as it is now.
    pub days: Vec<DayLevel>,
}

const LEVELS: &str = "SELECT p.sku, l.code, lot.code, lot.expires_on, s.on_hand \
     FROM stock.stock_levels s \
     JOIN stock.products p ON p.product_id = s.product_id \
     JOIN stock.locations l ON l.location_id = s.location_id \
     LEFT JOIN stock.lots lot ON lot.lot_id = s.lot_id \
     WHERE s.product_id = (SELECT product_id FROM stock.products WHERE sku = $1) AND s.on_hand > 0 \
     ORDER BY l.code, lot.expires_on, lot.code";

/// A past level is the present one less what moved since.
const LEVEL_BY_DAY: &str = "WITH this AS MATERIALIZED (SELECT product_id FROM stock.products WHERE sku = $1), \
     moved AS ( \
         SELECT least((t.occurred_at AT TIME ZONE 'UTC')::date, $4::date) AS day, \
             sum(CASE WHEN t.to_location_id IS NULL THEN 0 ELSE t.quantity END - CASE WHEN t.from_location_id IS NULL THEN 0 ELSE t.quantity END) AS delta \
         FROM stock.transactions t \
         WHERE t.product_id = (SELECT product_id FROM this) AND t.id >= $2 AND t.occurred_at >= $3 GROUP BY 1), \
     now (on_hand) AS (SELECT coalesce(sum(s.on_hand), 0) FROM stock.stock_levels s WHERE s.product_id = (SELECT product_id FROM this)) \
     SELECT days.day, now.on_hand - (sum(coalesce(moved.delta, 0)) OVER (ORDER BY days.day DESC) - coalesce(moved.delta, 0)) \
     FROM (SELECT $4::date - back AS day FROM generate_series(0, $5::integer - 1) AS back) AS days \
     CROSS JOIN now LEFT JOIN moved ON moved.day = days.day \
     ORDER BY days.day";

impl Store {
    /// All that is known of one product.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`]; and as any read.
    pub async fn item(&self, sku: &Sku) -> Result<Item, Error> {
        let connection = self.connection().await?;
        let code = sku.as_str();
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let first_day = today.saturating_sub((DAYS - 1).days());
        let since = first_day.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |start| start.timestamp());
        let first_id = PostingId::at(since, [0; 10]).uuid();
        let product = connection
            .prepare_cached(&format!("SELECT {PRODUCT_ROW} FROM stock.products p WHERE p.sku = $1"))
            .await?;
        let levels = connection.prepare_cached(LEVELS).await?;
        let history = connection.prepare_cached(&ledger::newest_of_product(HISTORY_ROWS)).await?;
        let days = connection.prepare_cached(LEVEL_BY_DAY).await?;
        let of_code: [&(dyn ToSql + Sync); 1] = [&code];
        let of_days: [&(dyn ToSql + Sync); 5] = [&code, &first_id, &since, &today, &DAYS];
        // Polled together, the four are sent together.
        let (product, levels, history, days) = try_join!(
            connection.query_opt(&product, &of_code),
            connection.query(&levels, &of_code),
            connection.query(&history, &of_code),
            connection.query(&days, &of_days),
        )?;
        let product = product.ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
        let day = |row: &tokio_postgres::Row| -> Result<DayLevel, tokio_postgres::Error> {
            Ok(DayLevel { day: row.try_get(0)?, on_hand: row.try_get::<_, Decimal>(1)?.normalize() })
        };
        Ok(Item {
            product: product_row(&product)?,
            levels: levels.iter().map(level).collect::<Result<_, _>>()?,
            history: history.iter().map(ledger::movement).collect::<Result<_, _>>()?,
            days: days.iter().map(day).collect::<Result<_, _>>()?,
        })
    }
}
