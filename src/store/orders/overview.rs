//! What the dashboard says of orders: which are late, which wait for stock, and who picked how much.

use jiff::Timestamp;

use crate::domain::{LateOrders, OrderRow, PersonPicks, PostingId, WaitingOrder};
use crate::store::row::{self, from_row, plain};
use crate::store::{Error, Store};

/// The most rows of a list.
const ROWS_MAX: i64 = 500;

from_row!(WaitingOrder { number, kind, partner, to, due_on, late, lines, missing: plain, expected_on });
from_row!(PersonPicks { login, picks, orders, last_at });

/// How many rows there are in all, which each of them says.
fn total(rows: &[tokio_postgres::Row]) -> Result<u64, Error> {
    let total = rows.first().map(|row| row.try_get::<_, i64>("total")).transpose()?;
    Ok(total.unwrap_or_default().unsigned_abs())
}

fn rows_max(limit: u16) -> i64 {
    i64::from(limit).clamp(1, ROWS_MAX)
}

impl Store {
    /// Open orders whose day has passed, the longest overdue first; and of what was due to go out in the last days, how
    /// much had left by its day.
    ///
    /// # Errors
    /// As any read.
    pub async fn late_orders(&self, days: u16, limit: u16) -> Result<LateOrders, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("late.sql")).await?;
        let rows = connection.query(&statement, &[&rows_max(limit)]).await?;
        let (late, orders): (u64, Vec<OrderRow>) = (total(&rows)?, row::all(&rows)?);
        let statement = connection.prepare_cached(include_str!("on_time.sql")).await?;
        let counts = connection.query_one(&statement, &[&i32::from(days)]).await?;
        let count = |name: &str| counts.try_get::<_, i64>(name).map(i64::unsigned_abs);
        Ok(LateOrders { orders, late, due: count("due")?, on_time: count("on_time")? })
    }

    /// Open sales and transfer orders that need more of a product than is available, the most urgent first, and how many
    /// there are in all.
    ///
    /// # Errors
    /// As any read.
    pub async fn waiting_orders(&self, limit: u16) -> Result<(Vec<WaitingOrder>, u64), Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("waiting.sql")).await?;
        let rows = connection.query(&statement, &[&rows_max(limit)]).await?;
        Ok((row::all(&rows)?, total(&rows)?))
    }

    /// What each person has picked since a moment, the busiest first. Reversed picks do not count.
    ///
    /// # Errors
    /// As any read.
    pub async fn picks_by_person(&self, since: Timestamp) -> Result<Vec<PersonPicks>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("picks.sql")).await?;
        let first = PostingId::at(since, [0; 10]).uuid();
        row::all(&connection.query(&statement, &[&since, &first, &ROWS_MAX]).await?)
    }
}
