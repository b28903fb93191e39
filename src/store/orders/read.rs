//! Reading orders, pick lists, and what can be reserved.

use tokio_postgres::Row;

use crate::domain::{
    Allocation, Level, LocationCode, LocationKind, Order, OrderEvent, OrderFilter, OrderId, OrderLine,
    OrderNumber, OrderRow, PostingId, Refusal, ReorderProposal, ShortLived, Sku,
};
use crate::store::connection::Connection;
use crate::store::row::{self, FromRow as _, from_row, plain, plain_if_any};
use crate::store::{Error, Store};

/// How many orders a listing shows when nobody says.
const LIMIT_DEFAULT: u32 = 200;
/// How many products are proposed for reordering at most.
const PROPOSALS_MAX: i64 = 1_000;

from_row!(OrderRow {
    order_id,
    number,
    kind,
    state,
    partner,
    partner_reference,
    ship_to,
    to,
    due_on,
    late,
    note,
    created_by,
    created_at,
    line_count,
    ordered: plain,
    reserved: plain,
    moved: plain,
});

from_row!(OrderLine {
    order_line_id,
    line_no,
    sku,
    name,
    unit,
    quantity: plain,
    reserved: plain,
    picked: plain,
    moved: plain,
    returned: plain,
    open: plain,
    over_percent: plain,
    price,
});

from_row!(ShortLived { quantity: plain, partner, first_expiry });

from_row!(OrderEvent { kind, by, at, reason, line_no, change: plain_if_any });

from_row!(Allocation {
    number,
    line_no,
    order_line_id,
    sku,
    name,
    unit,
    location,
    lot,
    expires_on,
    open: plain,
    picked,
    due_on,
    confirmed_at,
});

from_row!(ReorderProposal {
    sku,
    name,
    supplier,
    their_code,
    price,
    pack: plain,
    lead_days,
    reorder_point: plain,
    available: plain,
    on_order: plain,
    demand: plain,
    quantity: plain,
});

/// The pick list of what a condition says.
pub(super) fn allocations_where(condition: &str) -> String {
    include_str!("allocations.sql").replace("{condition}", condition)
}

async fn lines(connection: &Connection, order: OrderId) -> Result<Vec<OrderLine>, Error> {
    let statement = connection.prepare_cached(include_str!("lines.sql")).await?;
    row::all(&connection.query(&statement, &[&order.uuid()]).await?)
}

async fn events(connection: &Connection, order: OrderId) -> Result<Vec<OrderEvent>, Error> {
    let statement = connection.prepare_cached(include_str!("events.sql")).await?;
    row::all(&connection.query(&statement, &[&order.uuid()]).await?)
}

impl Store {
    /// An order in full.
    ///
    /// # Errors
    /// [`Refusal::UnknownOrder`].
    pub async fn order(&self, number: &OrderNumber) -> Result<Order, Error> {
        let found = self.one_order("o.number = $1", &[&number.as_str()]).await?;
        found.ok_or_else(|| Refusal::UnknownOrder(number.clone()).into())
    }

    /// An order in full by its id; none if there is no such order.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_by_id(&self, id: OrderId) -> Result<Option<Order>, Error> {
        self.one_order("o.order_id = $1", &[&id.uuid()]).await
    }

    async fn one_order(
        &self,
        condition: &str,
        value: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Option<Order>, Error> {
        let connection = self.connection().await?;
        let select = include_str!("orders.sql").replace("{condition}", condition);
        let statement = connection.prepare_cached(&select).await?;
        let rows: Vec<OrderRow> = row::all(&connection.query(&statement, value).await?)?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let lines = lines(&connection, row.order_id).await?;
        let events = events(&connection, row.order_id).await?;
        Ok(Some(Order { row, lines, events }))
    }

    /// Lists orders: the most urgent first, those without a day last.
    ///
    /// # Errors
    /// As any read.
    pub async fn orders(&self, filter: &OrderFilter) -> Result<Vec<OrderRow>, Error> {
        let connection = self.connection().await?;
        let select = include_str!("orders.sql").replace(
            "{condition}",
            "($1::text IS NULL OR o.kind = $1) AND ($2::text IS NULL OR s.state = $2) AND ($3::text IS NULL OR p.code = $3)
             AND (NOT $4 OR s.is_late) AND ($5::date IS NULL OR o.due_on <= $5) AND (NOT $6 OR s.state NOT IN ('done', 'cancelled'))
             AND ($8::text IS NULL OR strpos(lower(concat_ws(' ', o.number, p.code, ship_to.code, o.partner_reference, o.note)), lower($8)) > 0
                  OR EXISTS (SELECT FROM stock.order_lines l JOIN stock.products i ON i.product_id = l.product_id AND i.sku = upper($8) WHERE l.order_id = o.order_id))
             AND (NOT $9 OR s.reserved > 0)
             ORDER BY o.due_on NULLS LAST, o.number LIMIT $7",
        );
        let statement = connection.prepare_cached(&select).await?;
        let limit = i64::from(filter.limit.unwrap_or(LIMIT_DEFAULT).min(OrderFilter::LIMIT_MAX));
        let rows = connection
            .query(
                &statement,
                &[
                    &filter.kind.map(|kind| kind.as_str()),
                    &filter.state.map(|state| state.as_str()),
                    &filter.partner.as_ref().map(|partner| partner.as_str()),
                    &filter.late,
                    &filter.due_until,
                    &filter.unfinished,
                    &limit,
                    &filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()),
                    &filter.to_pick,
                ],
            )
            .await?;
        row::all(&rows)
    }

    /// The pick list of these orders: what is reserved for them, in walking order.
    ///
    /// # Errors
    /// As any read.
    pub async fn allocations(&self, numbers: &[OrderNumber]) -> Result<Vec<Allocation>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(&allocations_where("o.number = ANY ($1)")).await?;
        let numbers: Vec<&str> = numbers.iter().map(OrderNumber::as_str).collect();
        row::all(&connection.query(&statement, &[&numbers]).await?)
    }

    /// The levels of some products from which stock can be reserved, in the order in which it should be: first to expire,
    /// then oldest lot, then walking order. Expired lots, quarantine, lots that expire too early for the customer of the
    /// order, and the destination of a transfer order are left out.
    ///
    /// # Errors
    /// As any read.
    pub async fn levels_to_reserve(&self, order: &OrderNumber, skus: &[Sku]) -> Result<Vec<Level>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("levels_to_reserve.sql")).await?;
        let skus: Vec<&str> = skus.iter().map(|sku| sku.as_str()).collect();
        row::all(&connection.query(&statement, &[&skus, &order.as_str()]).await?)
    }

    /// What is available of a product and expires too early for the customer of an order; none if nothing does.
    ///
    /// # Errors
    /// As any read.
    pub async fn short_lived(&self, order: OrderId, sku: &Sku) -> Result<Option<ShortLived>, Error> {
        let connection = self.connection().await?;
        let select = include_str!("short_lived.sql");
        let row = connection.query_opt(select, &[&order.uuid(), &sku.as_str()]).await?;
        Ok(row.as_ref().map(ShortLived::from_row).transpose()?)
    }

    /// The order that an act concerned and what it was: the kind of its event or movements, or `reservation`. None if
    /// nothing was posted for an order under the id.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_of_act(&self, act: PostingId) -> Result<Option<(OrderId, String)>, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("order_of_act.sql")).await?;
        let row = connection
            .query_opt(&statement, &[&act.uuid(), &act.last_line().uuid(), &act.occurred_at()])
            .await?;
        Ok(row
            .map(|row: Row| Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?)))
            .transpose()?)
    }

    /// The codes of the docks, where picked goods wait to be shipped.
    ///
    /// # Errors
    /// As any read.
    pub async fn docks(&self) -> Result<Vec<LocationCode>, Error> {
        self.locations_of_kind(LocationKind::Dock).await
    }

    /// The codes of the locations of a kind that are in use.
    ///
    /// # Errors
    /// As any read.
    pub async fn locations_of_kind(&self, kind: LocationKind) -> Result<Vec<LocationCode>, Error> {
        let connection = self.connection().await?;
        let select = "SELECT code FROM stock.locations WHERE kind = $1 AND archived_at IS NULL ORDER BY code";
        let rows = connection.query(select, &[&kind.as_str()]).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }

    /// Products whose available stock and open purchase orders together are at or below their reorder point, by supplier.
    ///
    /// # Errors
    /// As any read.
    pub async fn reorder_proposals(&self) -> Result<Vec<ReorderProposal>, Error> {
        let connection = self.connection().await?;
        row::all(&connection.query(include_str!("reorder.sql"), &[&PROPOSALS_MAX]).await?)
    }
}
