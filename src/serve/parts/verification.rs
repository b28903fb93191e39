//! Verifications: incremental ones throughout the day, and full ones by a schedule. Their reports are stored where the
//! auditor's commands and the terminal read them.

use crate::audit::AuditError;
use crate::audit::reconcile::{Mode, Report, verify};
use crate::metrics::Metrics;
use crate::metrics::table::{
    VERIFICATION_ACCEPTED, VERIFICATION_ALARMS, VERIFICATION_CLEAN_TIME, VERIFICATION_DURATION,
    VERIFICATION_NOTICES, VERIFICATION_TIME,
};
use crate::serve::PartError;
use crate::serve::board::seconds_now;
use crate::serve::runner::Work;

/// Verifies what is new since the last verification without alarms.
pub(super) async fn incremental(work: Work) -> Result<(), PartError> {
    run(&work, false).await
}

/// Verifies everything, including what earlier verifications have covered.
pub(super) async fn full(work: Work) -> Result<(), PartError> {
    run(&work, true).await
}

async fn run(work: &Work, full: bool) -> Result<(), PartError> {
    let site = &work.site;
    let _turn = site.verifying.lock().await;
    let plan = site.evidence.plan(&work.store, full)?;
    let report = verify(&work.store, &plan, &|_, _, _| site.board.turns(&work.name))
        .await
        .map_err(AuditError::from)?;
    site.evidence.keep(&work.store, &report).map_err(AuditError::from)?;
    show(&site.metrics, &report);
    work.did(format!(
        "{} alarms, {} accepted, {} notices; {} movements, {} log entries in {} s",
        report.alarms, report.accepted, report.notices, report.movements, report.lines, report.seconds
    ));
    if report.alarms > 0 {
        // The findings may name people; whoever may read them runs `audit verify`.
        tracing::error!(alarms = report.alarms, mode = %report.mode, "A verification found alarms; see `stockroom audit verify`");
    }
    Ok(())
}

/// Exports the result of a verification. The label is the mode that was used: without an earlier verification, an
/// incremental one reads everything.
pub fn show(metrics: &Metrics, report: &Report) {
    let mode = match report.mode {
        Mode::Full => "full",
        Mode::Incremental => "incremental",
    };
    let labels = [mode];
    metrics.set(&VERIFICATION_TIME, &labels, seconds_now());
    metrics.set(&VERIFICATION_DURATION, &labels, report.seconds);
    metrics.set(&VERIFICATION_ALARMS, &labels, report.alarms as f64);
    metrics.set(&VERIFICATION_ACCEPTED, &labels, report.accepted as f64);
    metrics.set(&VERIFICATION_NOTICES, &labels, report.notices as f64);
    if report.alarms == 0 {
        metrics.set(&VERIFICATION_CLEAN_TIME, &labels, seconds_now());
    }
}
