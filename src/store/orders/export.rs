//! Reading all orders line by line, for an export.

use crate::domain::{OrderId, OrderLineRow};
use crate::store::read::PAGE_ROWS;
use crate::store::row::{self, from_row, plain};
use crate::store::{Error, Store};

from_row!(OrderLineRow {
    order_id,
    number,
    kind,
    state,
    partner,
    partner_reference,
    due_on,
    ship_to,
    to,
    note,
    line_no,
    sku,
    quantity: plain,
    unit_price,
    over_percent: plain,
    reserved: plain,
    moved: plain,
});

impl Store {
    /// The lines of all orders, the lines of an order together: one page of [`PAGE_ROWS`] after that line. Lines of which
    /// nothing is ordered any more are left out.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_lines_after(&self, after: Option<(OrderId, i32)>) -> Result<Vec<OrderLineRow>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("lines_after.sql")).await?;
        let (order, line_no) =
            after.map_or_else(Default::default, |(order, line_no)| (order.uuid(), line_no));
        row::all(&connection.query(&statement, &[&order, &line_no, &(PAGE_ROWS as i64)]).await?)
    }
}
