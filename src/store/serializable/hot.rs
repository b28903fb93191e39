//! Remembers hot levels: those over which postings conflicted a short while ago.
//!
//! A posting that touches one takes session advisory locks before its transaction begins, so that it waits before it
//! has a snapshot and not after. For levels without contention the lock would only cost time, so it is taken after a
//! first conflict and dropped when there have been none for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a level counts as hot after a conflict. Long enough to span the pauses of a busy picking wave, short enough
/// that an item is not slowed for minutes afterwards.
const HOT_FOR: Duration = Duration::from_secs(5);
/// The most levels remembered. Beyond it the oldest are dropped.
const LEVELS_MAX: usize = 10_000;
/// The most advisory locks for one posting. They improve throughput and are not needed for correctness: a posting of
/// thousands of lines must not fill the server's lock table. `stock.lock_levels` refuses more.
const LOCKS_MAX: usize = 64;

/// The keys of a level, for its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::store) struct LevelKey {
    pub product: i64,
    pub location: i64,
    pub lot: Option<i64>,
}

impl LevelKey {
    /// The advisory lock of the level: a mix of its three numbers (the finalizer of MurmurHash3). Two levels with the
    /// same lock would only wait for each other unnecessarily.
    fn lock(self) -> i32 {
        let mix = |state: u64, value: i64| {
            let mut hash = state ^ u64::from_ne_bytes(value.to_ne_bytes());
            hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
            hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
            hash ^ (hash >> 33)
        };
        let hash = mix(mix(mix(0x5374_6f63_6b72_6f6f, self.product), self.location), self.lot.unwrap_or(0));
        // The lower half; all of its bits are mixed.
        let [a, b, c, d, ..] = hash.to_le_bytes();
        i32::from_le_bytes([a, b, c, d])
    }
}

/// The levels that are hot now.
#[derive(Debug, Default)]
pub(in crate::store) struct HotLevels {
    until: Mutex<HashMap<LevelKey, Instant>>,
}

impl HotLevels {
    /// Records a conflict over these levels.
    pub fn note(&self, levels: &[LevelKey]) {
        let now = Instant::now();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() + levels.len() > LEVELS_MAX {
            until.retain(|_, end| *end > now);
        }
        if until.len() + levels.len() <= LEVELS_MAX {
            until.extend(levels.iter().map(|level| (*level, now + HOT_FOR)));
        }
    }

    /// The advisory locks to take for a posting that touches these levels, in the order that every session uses. Empty
    /// if none of them is hot.
    pub fn locks(&self, levels: &[LevelKey]) -> Vec<i32> {
        let now = Instant::now();
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_empty() {
            return Vec::new();
        }
        let mut locks: Vec<i32> = levels
            .iter()
            .filter(|level| until.get(level).is_some_and(|end| *end > now))
            .map(|level| level.lock())
            .collect();
        locks.sort_unstable();
        locks.dedup();
        locks.truncate(LOCKS_MAX);
        locks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_noted_levels_are_locked_and_in_order() {
        let hot = HotLevels::default();
        let level = |product| LevelKey { product, location: 1, lot: None };
        assert!(hot.locks(&[level(1)]).is_empty());
        hot.note(&[level(1), level(2), level(3)]);
        let locks = hot.locks(&[level(3), level(1), level(9), level(2), level(1)]);
        assert_eq!(locks.len(), 3);
        assert!(locks.is_sorted());
        assert_eq!(locks, hot.locks(&[level(2), level(3), level(1)]));
    }

    #[test]
    fn a_long_posting_takes_a_bounded_number_of_locks() {
        let hot = HotLevels::default();
        let levels: Vec<LevelKey> =
            (0..1_000).map(|product| LevelKey { product, location: 1, lot: Some(2) }).collect();
        hot.note(&levels);
        assert_eq!(hot.locks(&levels).len(), LOCKS_MAX);
    }
}
