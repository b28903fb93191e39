//! Measures the stock, the open orders, and what is not covered by a checkpoint.

use crate::audit::AuditError;
use crate::audit::seal::Tree;
use crate::metrics::table::{
    LOTS_EXPIRED, ORDERS_LATE, ORDERS_OPEN, PRODUCTS_BELOW_REORDER_POINT, PRODUCTS_ON_HAND,
    STOCK_VALUE_AT_COST, STOCK_VALUE_AT_PRICE, UNSEALED_LEAVES,
};
use crate::serve::PartError;
use crate::serve::runner::Work;

/// Queries the value and the counts of the stock and the counts of orders, and exports them.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    let metrics = &work.site.metrics;
    let value = work.store.stock_value().await?;
    // A metric is a floating-point number; exact figures are read from the database.
    let number = |decimal: rust_decimal::Decimal| f64::try_from(decimal).unwrap_or_default();
    metrics.set(&STOCK_VALUE_AT_COST, &[], number(value.at_cost));
    metrics.set(&STOCK_VALUE_AT_PRICE, &[], number(value.at_price));
    metrics.set(&PRODUCTS_ON_HAND, &[], value.products_on_hand as f64);
    let counts = work.store.stock_counts().await?;
    metrics.set(&PRODUCTS_BELOW_REORDER_POINT, &[], counts.products_low as f64);
    metrics.set(&LOTS_EXPIRED, &[], counts.lots_expired as f64);
    for orders in work.store.order_counts().await? {
        let kind = orders.kind.as_str();
        metrics.set(&ORDERS_OPEN, &[kind], orders.open as f64);
        metrics.set(&ORDERS_LATE, &[kind], orders.late as f64);
    }
    let sizes = work.store.tree_sizes().await?;
    for (tree, size) in [(Tree::Lines, sizes.lines), (Tree::Ledger, sizes.ledger), (Tree::Rows, sizes.rows)] {
        let signed = work.site.evidence.last_signed(tree).map_err(AuditError::from)?;
        let signed = signed.map_or(0, |checkpoint| checkpoint.size);
        metrics.set(&UNSEALED_LEAVES, &[tree.as_str()], size.saturating_sub(signed) as f64);
    }
    Ok(())
}
