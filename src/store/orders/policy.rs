//! What a site has decided about its orders, and what follows from it today: orders to reserve for, and reservations that have
//! expired.

use super::read::allocations_where;
use crate::domain::{Allocation, OrderNumber, OrderPolicy};
use crate::store::master_data::statements::SET_ORDER_POLICY;
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

/// How many orders are reserved for, and how many allocations released, in one go. What remains has its turn in the next.
const ORDERS_MAX: i64 = 1_000;
const ALLOCATIONS_MAX: i64 = 10_000;

/// What is picked has left its place on the shelf for the order, so it does not expire.
const EXPIRED: &str = "c.kind <> 'dock' AND EXISTS (
    SELECT FROM stock.order_policies k
    WHERE k.kind = o.kind AND (SELECT max(r.posted_at) FROM stock.reservations r WHERE r.order_line_id = a.order_line_id AND r.change > 0)
        < now() - make_interval(days => k.expire_days))";

from_row!(OrderPolicy { kind, reserve, reserve_days, expire_days, clerks_decide });

impl Store {
    /// What has been decided, for the kinds about which something has been.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_policies(&self) -> Result<Vec<OrderPolicy>, Error> {
        let connection = self.connection().await?;
        let select =
            "SELECT kind, reserve, reserve_days, expire_days, clerks_decide FROM stock.order_policies";
        row::all(&connection.query(select, &[]).await?)
    }

    /// Decides about the orders of a kind.
    ///
    /// # Errors
    /// A refusal for whoever is no admin.
    pub async fn set_order_policy(&self, policy: &OrderPolicy) -> Result<(), Error> {
        let connection = self.connection().await?;
        let OrderPolicy { kind, reserve, reserve_days, expire_days, clerks_decide } = policy;
        connection
            .execute(
                SET_ORDER_POLICY,
                &[&kind.as_str(), &reserve.as_str(), reserve_days, expire_days, clerks_decide],
            )
            .await?;
        Ok(())
    }

    /// The orders for which stock is to be reserved by their policy, and some is available; the most urgent first. An order
    /// from which something was released is left to people.
    ///
    /// # Errors
    /// As any read.
    pub async fn orders_to_reserve(&self) -> Result<Vec<OrderNumber>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query(include_str!("orders_to_reserve.sql"), &[&ORDERS_MAX]).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }

    /// What is reserved, not picked, and has expired by the policy of its order.
    ///
    /// # Errors
    /// As any read.
    pub async fn expired_allocations(&self) -> Result<Vec<Allocation>, Error> {
        let connection = self.connection().await?;
        let select = format!("{} LIMIT $1", allocations_where(EXPIRED).trim_end());
        row::all(&connection.query(&select, &[&ALLOCATIONS_MAX]).await?)
    }
}
