//! From when on what a login writes into the log is a flood, and the floods of the last hour.
//!
//! Boundary: those of any time are found by a verification, in `reconcile`.

use crate::domain::LogFlood;
use crate::store::{Error, Store};

/// From how many entries or bytes within an hour it is a flood: three entries a second all the time, or the size at which a file
/// of the log is rotated. Terminals that poll and reconnect write a hundred an hour.
pub const FLOOD_ENTRIES: u64 = 10_000;
/// See [`FLOOD_ENTRIES`].
pub const FLOOD_BYTES: u64 = 64 << 20;
/// How many of the newest entries are looked at, so that the answer takes no longer on a large log.
const ENTRIES_MAX: u64 = 100_000;

/// The floods of the last hour among the newest log entries, the largest first.
///
/// # Errors
/// As any read.
pub async fn recent(store: &Store) -> Result<Vec<LogFlood>, Error> {
    store.log_floods(ENTRIES_MAX, FLOOD_ENTRIES, FLOOD_BYTES).await
}
