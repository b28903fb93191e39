//! Runs verifications, one at a time, with progress reports.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task;

use super::{Actor, Event};
use crate::audit::findings::Report as Verification;
use crate::audit::reconcile::Step;
use crate::store::Cancellation;
use crate::worker::message::{AuditReport, Failure, Report};
use crate::worker::run;

/// The least time between two progress reports of a verification.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// A verification in progress, with its task.
#[derive(Debug)]
pub(super) struct Verifying {
    cancellation: Cancellation,
    handle: task::AbortHandle,
}

impl Actor {
    /// Starts a verification, unless one is running.
    pub(super) fn verify(&mut self, full: bool) {
        let Some(service) = self.service.clone().filter(|_| self.verifying.is_none()) else { return };
        let (reports, evidence, cancellation) =
            (self.reports.clone(), self.evidence.clone(), Cancellation::default());
        let scope = cancellation.clone();
        let told_at = Mutex::new(None);
        let progress = move |step, done, of| {
            let mut told_at = told_at.lock().unwrap_or_else(PoisonError::into_inner);
            if told_at
                .is_none_or(|(told, at): (Step, Instant)| told != step || at.elapsed() >= PROGRESS_PAUSE)
            {
                *told_at = Some((step, Instant::now()));
                // A terminal that is behind with its reports gets a later one.
                let _ = reports.try_send(Report::Audit(AuditReport::Verifying(step, done, of)));
            }
        };
        let handle = self.tasks.spawn(async move {
            let verifying = run::verify(service, evidence, full, progress);
            Event::Verified(scope.scope(verifying).await)
        });
        self.verifying = Some(Verifying { cancellation, handle });
    }

    pub(super) async fn stop_verifying(&mut self) {
        let Some(Verifying { cancellation, handle }) = self.verifying.take() else { return };
        self.tasks.spawn(async move {
            cancellation.cancel().await;
            handle.abort();
            // For a query that began in between.
            cancellation.cancel().await;
            Event::CalledOff
        });
        self.report(Report::Audit(AuditReport::Verified(None))).await;
    }

    pub(super) async fn verified(&mut self, task: task::Id, outcome: Result<Box<Verification>, Failure>) {
        if self.verifying.take_if(|verifying| verifying.handle.id() == task).is_some() {
            self.report(Report::Audit(AuditReport::Verified(Some(outcome)))).await;
        }
    }
}
