//! Periods in which records may have been lost: around lines that cannot be read, and before crashes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far the clock of a posting and that of a line may differ, in milliseconds, when deciding whether a posting fell
/// into a window in which records may have been lost.
pub const WINDOW_MARGIN_MS: i64 = 2_000;

/// A period in which records may have been lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub from: Option<Timestamp>,
    /// The first line after it; `None` while there is none.
    pub to: Option<Timestamp>,
}

impl Window {
    /// Whether the record of something at this time may have been lost.
    pub fn covers(&self, time: Timestamp) -> bool {
        let after =
            self.from.is_none_or(|from| time.as_millisecond() >= from.as_millisecond() - WINDOW_MARGIN_MS);
        let before = self.to.is_none_or(|to| time.as_millisecond() <= to.as_millisecond() + WINDOW_MARGIN_MS);
        after && before
    }
}
