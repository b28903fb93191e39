//! Locations as they are listed, and the results of changes to master data.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{LocationCode, LocationKind, Name};

/// A location with the location that contains it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LocationRow {
    pub code: LocationCode,
    pub name: Option<Name>,
    /// The location that contains it.
    pub parent: Option<LocationCode>,
    pub kind: LocationKind,
    /// How many products have stock there.
    pub products: i64,
    /// When it was archived; none while it is in use.
    pub archived_at: Option<Timestamp>,
}

/// The result of adding many records at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Added {
    pub added: u64,
    /// Rows whose code existed already; they were not changed.
    pub existing: u64,
}

/// The result of archiving or restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archiving {
    /// Whether something changed; otherwise it was in that state before.
    pub changed: bool,
    /// For a product the quantity still on hand in all locations; zero for a location, which must be empty.
    pub on_hand: Decimal,
}

impl Archiving {
    /// The status as programs read it, for a record that was to be archived or restored.
    #[must_use]
    pub fn status(&self, archived: bool) -> &'static str {
        match (archived, self.changed) {
            (true, true) => "archived",
            (true, false) => "already_archived",
            (false, true) => "restored",
            (false, false) => "already_in_use",
        }
    }
}

/// The result of changing a lot's last day of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotChanged {
    /// The last day of use before.
    pub before: Option<Date>,
}
