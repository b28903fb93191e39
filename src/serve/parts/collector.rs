//! Collects the server's log and seals, continuously.

use crate::audit::collect::{Notice, Plan, Source, collect_until_failure};
use crate::audit::seal::Checkpoint;
use crate::audit::{AuditError, seal::Tree};
use crate::metrics::Metrics;
use crate::metrics::table::{
    CHECKPOINT_TIME, COLLECTOR_LAG_BYTES, LOG_BYTES, LOG_DISK_FREE, LOG_DISK_SIZE, LOG_LINES,
    LOG_LINES_FORGED, LOG_LINES_UNREADABLE, SESSIONS_ENDED,
};
use crate::serve::PartError;
use crate::serve::board::seconds_of;
use crate::serve::runner::Work;

/// Collects and seals until something fails; the runner then starts it again.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    let source = work.site.settings().log_dir.clone().map_or(Source::Sql, Source::Directory);
    let plan = Plan { source, seal: Some(work.site.evidence.clone()) };
    for tree in Tree::ALL {
        let last = work.site.evidence.last_signed(tree).map_err(AuditError::from)?;
        last.iter().for_each(|checkpoint| show_checkpoint(&work, checkpoint));
    }
    let collecting = collect_until_failure(&work.store, &plan, |notice| note(&work, &notice));
    Ok(collecting.await.map_err(AuditError::from)?)
}

/// Exports the counters with the value zero.
pub(super) fn show_zero(metrics: &Metrics) {
    for counter in [&LOG_LINES, &LOG_BYTES, &LOG_LINES_UNREADABLE, &LOG_LINES_FORGED, &SESSIONS_ENDED] {
        metrics.add(counter, &[], 0);
    }
}

fn note(work: &Work, notice: &Notice<'_>) {
    let (site, metrics) = (&work.site, &work.site.metrics);
    match notice {
        Notice::Words(words) => tracing::info!(part = work.name, "{words}"),
        Notice::Pass { found, waiting_bytes, room } => {
            site.board.works(metrics, &work.name);
            site.seal_age.passed(found.lines > 0);
            metrics.set(&COLLECTOR_LAG_BYTES, &[], *waiting_bytes as f64);
            if let Some(room) = room {
                metrics.set(&LOG_DISK_FREE, &[], room.free_bytes as f64);
                metrics.set(&LOG_DISK_SIZE, &[], room.total_bytes as f64);
            }
            metrics.add(&LOG_LINES, &[], found.lines);
            metrics.add(&LOG_BYTES, &[], found.bytes);
            metrics.add(&LOG_LINES_UNREADABLE, &[], found.unreadable);
            metrics.add(&LOG_LINES_FORGED, &[], found.forged);
        }
        Notice::Sealed(checkpoints) => {
            site.seal_age.sealed();
            checkpoints.iter().for_each(|checkpoint| show_checkpoint(work, checkpoint));
        }
        Notice::Ended(ended) => {
            metrics.add(&SESSIONS_ENDED, &[], 1);
            tracing::warn!(part = work.name, pid = ended.pid, reason = ended.reason, "A session was ended");
        }
    }
}

fn show_checkpoint(work: &Work, checkpoint: &Checkpoint) {
    if let Some(time) = checkpoint.signed_at {
        work.site.metrics.set(&CHECKPOINT_TIME, &[checkpoint.tree.as_str()], seconds_of(time));
    }
}
