//! Whether the database can be reached, and how long to wait before the next try.

use std::time::Duration;

/// The wait before the first try; mostly the server is restarted, which is over in a moment.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// The longest wait between two tries: a clerk should not wait longer than that for a server that is back.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Whether the database can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    /// Nobody has logged in.
    None,
    Up,
    /// Lost, after so many tries to reconnect.
    Down {
        attempts: u32,
    },
}

/// How long to wait before the next try: doubling, with up to a quarter more or less, so that the
/// terminals of a warehouse do not all reconnect at the same moment.
pub(super) fn pause(attempts: u32) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(1 << attempts.min(10)).min(PAUSE_MAX);
    doubled.mul_f64(rand::random_range(0.75..1.25)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_its_limit() {
        assert!(pause(0) <= PAUSE_FIRST.mul_f64(1.25));
        assert!(pause(3) > pause(0));
        assert!((0..100).all(|attempts| pause(attempts) <= PAUSE_MAX));
    }
}
