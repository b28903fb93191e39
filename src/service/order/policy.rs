//! What a site has decided about its orders, and carrying it out.

use std::collections::BTreeMap;

use super::reserve::released;
use super::{Reserve, is_overtaken};
use crate::domain::{
    Allocation, LINES_MAX, Note, Order, OrderKind, OrderNumber, OrderPolicy, Refusal, Reservations,
    ReserveRule,
};
use crate::service::master_data::admins_only;
use crate::service::{Error, Service, new_id};

/// The reason of a release that nobody asked for.
const EXPIRED: &str = "the reservation has expired";

impl Service {
    /// What has been decided about the orders of each kind.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_policies(&self) -> Result<Vec<OrderPolicy>, Error> {
        let decided = self.store.order_policies().await?;
        let of_kind = |kind| {
            let found = decided.iter().find(|policy| policy.kind == kind);
            found.cloned().unwrap_or_else(|| OrderPolicy::default_of(kind))
        };
        Ok(OrderKind::ALL.map(of_kind).into())
    }

    /// Decides about the orders of a kind.
    ///
    /// # Errors
    /// A refusal when the caller is no admin.
    pub async fn set_order_policy(&self, policy: &OrderPolicy) -> Result<(), Error> {
        self.store.set_order_policy(policy).await.map_err(admins_only)
    }

    /// Reserves for an order that was just confirmed, if that is its policy. The confirmation stands whatever comes of it;
    /// the service reserves later what could not be reserved now.
    pub(super) async fn reserve_at_confirmation(&self, order: &Order) {
        let number = &order.row.number;
        let outcome = async {
            let kind = order.row.kind;
            let policies = self.store.order_policies().await?;
            let wanted =
                |policy: &OrderPolicy| policy.kind == kind && policy.reserve == ReserveRule::AtConfirmation;
            if policies.iter().any(wanted) {
                self.reserve_order(&Reserve { number: number.clone(), lines: Vec::new(), id: None }).await?;
            }
            Ok::<(), Error>(())
        };
        if let Err(error) = outcome.await
            && error.refusal().is_none()
        {
            tracing::warn!(%number, %error, "The order is confirmed, and stock could not be reserved for it");
        }
    }

    /// Reserves for the orders whose policy says so, the most urgent first, and returns for how many it did. An order for
    /// which nothing can be reserved does not stop the others.
    ///
    /// # Errors
    /// As any read or write; a refusal is none.
    pub async fn reserve_by_policy(&self) -> Result<u64, Error> {
        let mut reserved = 0;
        for number in self.store.orders_to_reserve().await? {
            match self.reserve_order(&Reserve { number, lines: Vec::new(), id: None }).await {
                Ok(_) => reserved += 1,
                Err(error) if error.refusal().is_some_and(is_of_order) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(reserved)
    }

    /// Releases what is reserved, not picked, and has expired by the policy of its order; returns how many allocations it
    /// released. Each order is a posting of its own, so that whatever ends this leaves whole releases.
    ///
    /// # Errors
    /// As any read or write.
    pub async fn release_expired(&self) -> Result<u64, Error> {
        let mut by_order: BTreeMap<OrderNumber, Vec<Allocation>> = BTreeMap::new();
        for allocation in self.store.expired_allocations().await? {
            by_order.entry(allocation.number.clone()).or_default().push(allocation);
        }
        let reason: Note = EXPIRED.parse().map_err(Refusal::from)?;
        let mut released_count = 0;
        for allocations in by_order.values() {
            for part in allocations.chunks(LINES_MAX) {
                let changes = part.iter().map(|allocation| released(allocation, allocation.open)).collect();
                let reason = Some(reason.clone());
                match self.store.reserve(&Reservations { id: new_id(), reason, changes }).await {
                    Ok(_) => released_count += part.len() as u64,
                    // Picked or released meanwhile: what is left of it has its turn in the next run.
                    Err(error) => {
                        let error = Error::from(error);
                        if !is_overtaken(&error) {
                            return Err(error);
                        }
                    }
                }
            }
        }
        Ok(released_count)
    }
}

/// Whether a refusal is about the order and its goods, so that another order may fare better.
fn is_of_order(refusal: &Refusal) -> bool {
    !matches!(refusal, Refusal::NotAllowed { .. })
}
