//! Waiting for a condition. Nothing in the tests waits for a length of time, unless that length is what is tested.

use std::thread;
use std::time::{Duration, Instant};

/// The most that a test waits for something to come about, on a busy machine; only a broken test waits that long.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until a condition holds.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until a condition holds, in a test without a runtime.
pub fn until_blocking(what: &str, condition: impl FnMut() -> bool) {
    until_within(PATIENCE, what, condition);
}

/// The same, with more or less patience.
pub fn until_within(patience: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + patience;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(PAUSE);
    }
}
