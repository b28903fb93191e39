//! Creates the monthly partitions of the ledger in advance.

use crate::audit::collect::keep_months_ahead;
use crate::metrics::table::PARTITIONS_AHEAD;
use crate::serve::PartError;
use crate::serve::runner::Work;

/// Creates the missing partitions of the coming year, and exports how many months there are.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    keep_months_ahead(&work.store).await?;
    let ahead = work.store.months_ahead().await?;
    work.site.metrics.set(&PARTITIONS_AHEAD, &[], f64::from(ahead));
    work.did(format!("{ahead} months ahead have a partition"));
    Ok(())
}
