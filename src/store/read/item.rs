//! Everything about one product, queried in one round trip: its master data, its levels, its newest movements, and its
//! quantity day by day.

use futures_util::try_join;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use tokio_postgres::types::ToSql;

use super::ledger;
use crate::domain::{DayLevel, Item, PostingId, ProductRow, Refusal, Sku};
use crate::store::master_data::product_row;
use crate::store::row::{self, FromRow as _, from_row, plain};
use crate::store::{Error, Store};

/// How many movements are shown with a product.
const HISTORY_ROWS: u32 = 50;
/// For how many days its quantity is shown; a screen is not much wider.
const DAYS: i32 = 60;

from_row!(DayLevel { day, on_hand: plain });

const LEVELS: &str = include_str!("levels_of_product.sql");

/// A past quantity is the present one less what moved since.
const LEVEL_BY_DAY: &str = include_str!("level_by_day.sql");

impl Store {
    /// One product with its levels, movements and history of quantities.
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
            .prepare_cached(&format!("SELECT {} FROM stock.products p WHERE p.sku = $1", product_row()))
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
        Ok(Item {
            row: ProductRow::from_row(&product)?,
            levels: row::all(&levels)?,
            history: row::all(&history)?,
            days: row::all(&days)?,
        })
    }
}
