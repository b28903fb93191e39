//! The limit above which a login's log entries count as a flood, and the floods of the last hour.
//!
//! Boundary: floods at other times are found by a verification, in `reconcile`.

use crate::domain::LogFlood;
use crate::store::{Error, Store};

/// The number of entries within an hour that counts as a flood: three per second all the time. Terminals that poll and
/// reconnect write a hundred an hour.
pub const FLOOD_ENTRIES: u64 = 10_000;
/// The size of entries within an hour that counts as a flood, in bytes: the size at which a file of the log is rotated.
pub const FLOOD_BYTES: u64 = 64 << 20;
/// How many of the newest entries are examined, so that the query takes no longer on a large log.
const ENTRIES_MAX: u64 = 100_000;

/// The floods of the last hour among the newest log entries, the largest first.
///
/// # Errors
/// As any read.
pub async fn recent(store: &Store) -> Result<Vec<LogFlood>, Error> {
    store.log_floods(ENTRIES_MAX, FLOOD_ENTRIES, FLOOD_BYTES).await
}
