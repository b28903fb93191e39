//! The state of the connection, and the pause before the next attempt to reconnect.

use std::time::Duration;

/// The pause before the first attempt; usually the server is being restarted, which takes a moment.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// The longest pause between two attempts: a clerk should not wait longer for a server that is back.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The state of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    /// Nobody has logged in yet, so there is no connection.
    None,
    Up,
    /// Lost, after a number of attempts to reconnect.
    Down {
        attempts: u32,
    },
}

/// The pause before the next attempt: doubling, with up to a quarter more or less, so that the terminals of a warehouse
/// do not all reconnect at the same moment.
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
