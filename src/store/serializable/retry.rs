//! When to retry and how long to wait: full jitter below a ceiling that doubles.
//!
//! Full jitter (a pause drawn uniformly from zero to the ceiling) keeps sessions that conflicted once from conflicting
//! again in step; see the AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).

use std::time::Duration;

use rand::RngExt as _;

/// How often a transaction is retried, and with which pauses.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// The most attempts, including the first.
    pub attempts_max: u32,
    /// The most attempts that may end at the lock timeout. A lock held for so long is held by an idle session, and
    /// whoever waits should learn whose it is.
    pub lock_timeouts_max: u32,
    /// The ceiling of the first pause.
    pub pause_first: Duration,
    /// The ceiling that later pauses never exceed.
    pub pause_max: Duration,
}

impl RetryPolicy {
    /// The policy for postings. Twenty attempts are far more than a queue behind advisory locks needs, and end a
    /// livelock within about two seconds.
    pub const POSTING: Self = Self {
        attempts_max: 20,
        lock_timeouts_max: 2,
        pause_first: Duration::from_millis(2),
        pause_max: Duration::from_millis(100),
    };

    /// The policy for a whole file in one transaction, which may take a minute: whoever works meanwhile may make it
    /// conflict every time, and each attempt makes them wait.
    pub const WHOLE_FILE: Self = Self {
        attempts_max: 5,
        lock_timeouts_max: 2,
        pause_first: Duration::from_millis(500),
        pause_max: Duration::from_secs(4),
    };

    /// The ceiling of the pause after the given attempt, counted from 1.
    #[must_use]
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(16);
        self.pause_first.saturating_mul(1 << doublings).min(self.pause_max)
    }

    /// A pause for after the given attempt, drawn uniformly from zero to its ceiling.
    #[must_use]
    pub fn pause(&self, attempt: u32) -> Duration {
        rand::rng().random_range(Duration::ZERO..=self.ceiling(attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_double_and_stop() {
        let policy = RetryPolicy::POSTING;
        assert_eq!(policy.ceiling(1), Duration::from_millis(2));
        assert_eq!(policy.ceiling(2), Duration::from_millis(4));
        assert_eq!(policy.ceiling(7), Duration::from_millis(100));
        assert_eq!(policy.ceiling(u32::MAX), Duration::from_millis(100));
        for attempt in 1..policy.attempts_max {
            assert!(policy.pause(attempt) <= policy.ceiling(attempt));
        }
    }
}
