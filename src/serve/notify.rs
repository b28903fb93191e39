//! Notifications to systemd: ready, stopping, and the watchdog.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use super::Site;

/// Notifies systemd. Without a socket nothing is sent; a socket that fails is logged.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "Cannot notify systemd");
    }
}

/// The service has started, or has applied its settings again.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Notifies systemd that the service is stopping.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The settings are being read again; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "Cannot notify systemd"),
    }
}

/// Notifies the watchdog as long as the loops of the parts make progress, and stops when one hangs.
pub(super) async fn feed_watchdog(site: Arc<Site>, stop: CancellationToken) {
    let Some(interval) = sd_notify::watchdog_enabled() else { return };
    let pause = (interval / 3).max(Duration::from_millis(100));
    loop {
        let hanging = site.board.hanging();
        if hanging.is_empty() {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::error!(
                ?hanging,
                "These parts do not respond; systemd is not notified and will restart the service"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}
