//! Leadership: of all services on one database, the one whose session holds the lock does the work. The others check
//! every few seconds whether the lock is free.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::runner::Parts;
use super::site::Site;
use crate::store::Leadership;

/// The login whose session holds the lock.
pub(super) const LEAD_LOGIN: &str = "stock_service";
/// How often a waiting service tries to become the leader, and the leader checks that it still is.
const PAUSE: Duration = Duration::from_secs(2);
/// The most that is added to a pause, so that several services do not query at the same time.
const JITTER_MILLISECONDS_MAX: u64 = 1_000;

/// Waits until it can lead, leads until its session is lost, and starts again, until it is stopped.
pub(super) async fn lead(site: Arc<Site>, stop: CancellationToken) {
    site.board.leads(&site.metrics, false);
    let mut waiting_told = false;
    while !stop.is_cancelled() {
        match take(&site).await {
            Ok(Some(leadership)) => {
                waiting_told = false;
                work(&site, &leadership, &stop).await;
            }
            Ok(None) => {
                if !std::mem::replace(&mut waiting_told, true) {
                    tracing::info!("Another service leads; waiting");
                }
            }
            Err(message) => {
                if site.board.answered(&site.metrics, Err(&message)) {
                    tracing::warn!(message, "The database cannot be used; trying again every few seconds");
                }
            }
        }
        pause(&stop).await;
    }
}

/// Waits for a short time, or until the service is stopped.
async fn pause(stop: &CancellationToken) {
    let jitter = Duration::from_millis(rand::random_range(0..JITTER_MILLISECONDS_MAX));
    tokio::select! {
        () = tokio::time::sleep(PAUSE + jitter) => {}
        () = stop.cancelled() => {}
    }
}

async fn take(site: &Site) -> Result<Option<Leadership>, String> {
    // A new store each time: the password may have been changed.
    let store = site.store(LEAD_LOGIN, 1).map_err(|error| error.to_string())?;
    let leadership = store.try_to_lead().await.map_err(|error| error.to_string())?;
    site.board.answered(&site.metrics, Ok(()));
    Ok(leadership)
}

/// Runs the parts as long as the session exists.
async fn work(site: &Arc<Site>, leadership: &Leadership, stop: &CancellationToken) {
    tracing::info!("Leading");
    site.board.leads(&site.metrics, true);
    site.seal_age.begins();
    site.counted.begins();
    let mut reloads = site.reloads();
    let mut parts = Parts::start(site);
    loop {
        tokio::select! {
            () = pause(stop) => {}
            changed = reloads.changed() => {
                // The sender is part of the site, which outlives this task.
                if changed.is_ok() {
                    parts.take_over(site).await;
                }
            }
        }
        if stop.is_cancelled() {
            break;
        }
        if let Err(error) = leadership.hold().await {
            let message = error.to_string();
            site.board.answered(&site.metrics, Err(&message));
            tracing::warn!(message, "The session of the leading service was lost; all parts stop");
            break;
        }
        site.board.answered(&site.metrics, Ok(()));
    }
    parts.end().await;
    site.board.leads(&site.metrics, false);
}
