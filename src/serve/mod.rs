//! The service: one program that runs permanently and does the unattended work of a site.
//!
//! It consists of parts (`parts`), each with a login of its own, which run concurrently: one that fails is retried
//! (`runner`) and stops no other. Of several services on one database one leads and does the work; the others wait
//! (`leader`). Their state is available over HTTP ([`http`]) and reported to systemd.
//!
//! Boundary: when something is done, under which login, and what is reported about it. How it is done is up to `audit`,
//! `import`, `service` and `store`.

pub mod board;
pub mod credentials;
mod error;
pub mod http;
mod inbox;
mod leader;
mod notify;
mod parts;
mod runner;
mod site;
pub mod status;
pub mod tls;

pub use error::{PartError, ServeError};
pub use notify::{ready as reloaded, reloading};
pub use parts::{show_import, show_verification};
pub use site::{Reload, Site};

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::metrics::table::{BUILD_INFO, START_TIME};
use board::seconds_now;

/// How long everything may take to end after a SIGTERM. By default systemd kills the service after 90 s.
const END_PATIENCE: Duration = Duration::from_secs(30);

/// Runs the service until `stop` is cancelled. A message on `reloads` makes it apply changed settings.
///
/// # Errors
/// [`ServeError`] if it cannot start: the address is in use, a certificate cannot be read, or other machines could
/// connect without TLS and a token.
pub async fn run(site: Arc<Site>, stop: CancellationToken) -> Result<(), ServeError> {
    let listener = http::Listener::open(&site).await?;
    site.metrics.set(&BUILD_INFO, &[env!("CARGO_PKG_VERSION")], 1.0);
    site.metrics.set(&START_TIME, &[], seconds_now());
    tracing::info!(address = %listener.address(), "Listening");
    // The HTTP server ends last, so that the end of the parts can be observed.
    let answering = CancellationToken::new();
    let http = tokio::spawn(listener.answer(Arc::clone(&site), answering.clone()));
    let watchdog = tokio::spawn(notify::feed_watchdog(Arc::clone(&site), answering.clone()));
    let leading = leader::lead(Arc::clone(&site), stop.clone());
    tokio::pin!(leading);
    notify::ready();
    // It ends by itself only when it is stopped, and may be faster.
    let ended = tokio::select! {
        () = &mut leading => true,
        () = stop.cancelled() => false,
    };
    notify::stopping();
    tracing::info!("Stopping");
    if !ended && tokio::time::timeout(END_PATIENCE, &mut leading).await.is_err() {
        tracing::warn!(seconds = END_PATIENCE.as_secs(), "Some parts did not stop in time and are abandoned");
    }
    answering.cancel();
    // Both end with the token; if one of them panicked, that was logged.
    let _ = tokio::join!(http, watchdog);
    tracing::info!("Stopped");
    Ok(())
}
