//! Creating an order: the order and its lines, in one transaction. The id of the order is that of the act, so that an order
//! that is sent again is recognised.

use rust_decimal::Decimal;
use tokio_postgres::{GenericClient, IsolationLevel, Statement};
use uuid::Uuid;

use super::statements::{INSERT_LINES, INSERT_ORDER};
use crate::domain::{
    LocationCode, NewOrder, NewOrderLine, OrderId, OrderLineId, PostingId, Refusal, Sku, Status,
};
use crate::store::connection::Connection;
use crate::store::serializable::{Earlier, Failed, Locks, Work};
use crate::store::{Error, Store};

const SAME_ORDER: &str = "SELECT o.kind = $2 AND o.partner_id IS NOT DISTINCT FROM $3 AND o.partner_reference IS NOT DISTINCT FROM $4 \
         AND o.created_by = session_user \
         AND (SELECT coalesce(array_agg(l.product_id ORDER BY l.line_no), '{}') FROM stock.order_lines l WHERE l.order_id = o.order_id AND l.line_no <= $6) = $5::bigint[] \
     FROM stock.orders o WHERE o.order_id = $1";

/// A new order with its keys.
struct Creating<'a> {
    order: &'a NewOrder,
    partner: Option<i64>,
    ship_to: Option<i64>,
    to: Option<i64>,
    lines: Lines,
}

/// New lines with their keys, one list per column.
pub(super) struct Lines {
    order: Uuid,
    pub ids: Vec<Uuid>,
    numbers: Vec<i32>,
    products: Vec<i64>,
    pub quantities: Vec<Decimal>,
    pub prices: Vec<Option<Decimal>>,
    pub over_percents: Vec<Decimal>,
}

impl Lines {
    /// No lines of an order yet.
    pub fn of(order: OrderId) -> Self {
        Self {
            order: order.uuid(),
            ids: Vec::new(),
            numbers: Vec::new(),
            products: Vec::new(),
            quantities: Vec::new(),
            prices: Vec::new(),
            over_percents: Vec::new(),
        }
    }

    /// Adds a line with its number and the key of its product.
    pub fn push(&mut self, (id, number): (OrderLineId, i32), product: i64, line: &NewOrderLine) {
        self.ids.push(id.uuid());
        self.numbers.push(number);
        self.products.push(product);
        self.quantities.push(line.quantity.value());
        self.prices.push(line.unit_price.map(|price| price.value()));
        self.over_percents.push(line.over_percent.normalize());
    }

    /// Sends the one INSERT within a transaction.
    pub async fn insert(
        &self,
        transaction: &deadpool_postgres::Transaction<'_>,
    ) -> Result<(), tokio_postgres::Error> {
        let insert = transaction.prepare_cached(INSERT_LINES).await?;
        self.insert_by(&**transaction, &insert).await
    }

    /// The same with the statement prepared.
    async fn insert_by(
        &self,
        connection: &impl GenericClient,
        insert: &Statement,
    ) -> Result<(), tokio_postgres::Error> {
        connection
            .execute(
                insert,
                &[
                    &self.order,
                    &self.ids,
                    &self.numbers,
                    &self.products,
                    &self.quantities,
                    &self.prices,
                    &self.over_percents,
                ],
            )
            .await?;
        Ok(())
    }
}

impl Creating<'_> {
    /// Sends the two INSERTs, [`INSERT_ORDER`] and [`INSERT_LINES`].
    async fn insert(
        &self,
        connection: &impl GenericClient,
        insert_order: &Statement,
        insert_lines: &Statement,
    ) -> Result<(), tokio_postgres::Error> {
        let order = self.order;
        let reference = order.partner_reference.as_ref().map(|reference| reference.as_str());
        let note = order.note.as_ref().map(|note| note.as_str());
        connection
            .execute(
                insert_order,
                &[
                    &order.id.uuid(),
                    &order.kind.as_str(),
                    &self.partner,
                    &reference,
                    &order.due_on,
                    &self.ship_to,
                    &self.to,
                    &note,
                ],
            )
            .await?;
        self.lines.insert_by(connection, insert_lines).await
    }
}

impl Work for Creating<'_> {
    type Output = ();

    const NAME: &'static str = "order";

    fn id(&self) -> Option<PostingId> {
        Some(self.order.id.act())
    }

    fn statements(&self) -> &'static [&'static str] {
        &[INSERT_ORDER, INSERT_LINES]
    }

    async fn run(&self, connection: &mut Connection, _locks: &Locks) -> Result<(), Failed> {
        let transaction =
            connection.build_transaction().isolation_level(IsolationLevel::Serializable).start().await?;
        let order = transaction.prepare_cached(INSERT_ORDER).await?;
        let lines = transaction.prepare_cached(INSERT_LINES).await?;
        self.insert(&*transaction, &order, &lines).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn look_up(&self, connection: &Connection) -> Result<Earlier<()>, Error> {
        let reference = self.order.partner_reference.as_ref().map(|reference| reference.as_str());
        let count = i32::try_from(self.lines.ids.len()).unwrap_or(i32::MAX);
        let row = connection
            .query_opt(
                SAME_ORDER,
                &[
                    &self.order.id.uuid(),
                    &self.order.kind.as_str(),
                    &self.partner,
                    &reference,
                    &self.lines.products,
                    &count,
                ],
            )
            .await?;
        Ok(match row.map(|row| row.try_get::<_, bool>(0)).transpose()? {
            None => Earlier::Nothing,
            Some(true) => Earlier::Same(()),
            Some(false) => Earlier::Other,
        })
    }
}

impl Store {
    /// Creates an order as a draft.
    ///
    /// # Errors
    /// A refusal for what does not exist or does not fit; and as [`Store::post`].
    pub async fn create_order(&self, order: &NewOrder) -> Result<Status, Error> {
        Ok(self.run(&self.creating(order).await?).await?.status)
    }

    /// What is known of an order before it is sent: whether it exists, or why it would be refused.
    ///
    /// # Errors
    /// A refusal for what does not exist, and for an id that another order has.
    pub async fn check_order(&self, order: &NewOrder) -> Result<Status, Error> {
        let work = self.creating(order).await?;
        match work.look_up(&*self.connection().await?).await? {
            Earlier::Same(()) => Ok(Status::AlreadyPosted),
            Earlier::Other => Err(Refusal::IdUsedForAnother(order.id.act()).into()),
            Earlier::Nothing => Ok(Status::Posted),
        }
    }

    /// Inserts orders in the transaction that is open on this connection. An error says at which of them.
    pub(in crate::store) async fn insert_orders(
        &self,
        connection: &Connection,
        orders: &[NewOrder],
    ) -> Result<(), (usize, Failed)> {
        let failed = |error: tokio_postgres::Error| (0, error.into());
        let insert_order = connection.prepare_cached(INSERT_ORDER).await.map_err(failed)?;
        let insert_lines = connection.prepare_cached(INSERT_LINES).await.map_err(failed)?;
        for (position, order) in orders.iter().enumerate() {
            let work = self.creating(order).await.map_err(|error| (position, Failed::Stopped(error)))?;
            let client: &tokio_postgres::Client = connection;
            let inserted = work.insert(client, &insert_order, &insert_lines).await;
            inserted.map_err(|error| (position, error.into()))?;
        }
        Ok(())
    }

    async fn creating<'a>(&self, order: &'a NewOrder) -> Result<Creating<'a>, Error> {
        order.validate().map_err(Refusal::from)?;
        let skus: Vec<&Sku> = order.lines.iter().map(|line| &line.sku).collect();
        let places: Vec<&LocationCode> = order.to.iter().collect();
        self.learn(&skus, &places, order.partner.as_ref()).await?;
        self.learn(&[], &[], order.ship_to.as_ref()).await?;
        let lines: Vec<(u32, &NewOrderLine)> = (1..).zip(&order.lines).collect();
        Ok(Creating {
            order,
            partner: order.partner.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            ship_to: order.ship_to.as_ref().map(|code| self.keys.partner(code)).transpose()?,
            to: order.to.as_ref().map(|code| self.keys.location(code)).transpose()?,
            lines: self.resolve_lines(order.id, &lines)?,
        })
    }

    /// New lines, whose products have been learned, with their keys.
    pub(super) fn resolve_lines(
        &self,
        order: OrderId,
        lines: &[(u32, &NewOrderLine)],
    ) -> Result<Lines, Error> {
        let mut resolved = Lines::of(order);
        for (line_no, line) in lines {
            let number = i32::try_from(*line_no).unwrap_or(i32::MAX);
            resolved.push((order.line(*line_no as usize), number), self.keys.product(&line.sku)?, line);
        }
        Ok(resolved)
    }
}
