//! Drops the oldest months of the collected log, if the settings limit how long it is kept.

use crate::audit::{AuditError, retention};
use crate::serve::PartError;
use crate::serve::runner::Work;

/// Drops the months that are older than the settings allow.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    let Some(keep_months) = work.site.settings().retention.as_ref().map(|retention| retention.keep_months)
    else {
        return Ok(());
    };
    let dropped =
        retention::prune(&work.store, keep_months, &work.site.evidence).await.map_err(AuditError::from)?;
    work.did(match dropped.as_slice() {
        [] => "no month is old enough to drop".to_owned(),
        months => format!("dropped {}", months.join(", ")),
    });
    Ok(())
}
