//! Carries out order policies: reserves for orders that are due, and releases expired reservations.
//!
//! Both parts read the present state and post complete reservations and releases, so a run that was killed can be
//! repeated.

use crate::metrics::Metrics;
use crate::metrics::table::{ORDERS_RESERVED, RESERVATIONS_EXPIRED};
use crate::serve::PartError;
use crate::serve::runner::Work;
use crate::service::Service;

/// Releases expired reservations.
pub(super) async fn expire(work: Work) -> Result<(), PartError> {
    let released = Service::of(&work.store).release_expired().await?;
    work.site.metrics.add(&RESERVATIONS_EXPIRED, &[], released);
    if released > 0 {
        work.did(format!("{released} reservations had expired and were released"));
    }
    Ok(())
}

/// Reserves for orders that are due, or for which stock has arrived.
pub(super) async fn reserve(work: Work) -> Result<(), PartError> {
    let reserved = Service::of(&work.store).reserve_by_policy().await?;
    work.site.metrics.add(&ORDERS_RESERVED, &[], reserved);
    if reserved > 0 {
        work.did(format!("reserved for {reserved} orders"));
    }
    Ok(())
}

/// Creates the counter of expired reservations, at zero.
pub(super) fn show_zero_expired(metrics: &Metrics) {
    metrics.add(&RESERVATIONS_EXPIRED, &[], 0);
}

/// Creates the counter of orders reserved for, at zero.
pub(super) fn show_zero_reserved(metrics: &Metrics) {
    metrics.add(&ORDERS_RESERVED, &[], 0);
}
