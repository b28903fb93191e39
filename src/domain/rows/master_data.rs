//! Locations as they are listed, and what a change of the master data did.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{LocationCode, LocationKind, Name};

/// A location with what it is part of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LocationRow {
    pub code: LocationCode,
    pub name: Option<Name>,
    /// The location that it is part of.
    pub parent: Option<LocationCode>,
    pub kind: LocationKind,
    /// How many products have stock there.
    pub products: i64,
    /// Since when it is out of use.
    pub archived_at: Option<Timestamp>,
}

/// How many rows a bulk addition made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Added {
    pub added: u64,
    /// Rows whose code existed already; they were left as they are.
    pub existing: u64,
}

/// What an archiving or restoring did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archiving {
    /// Whether something changed; otherwise it was so before.
    pub changed: bool,
    /// What is still on hand in all places, for a product; zero for a place, which must be empty.
    pub on_hand: Decimal,
}

impl Archiving {
    /// The word for programs, of something that was to be archived, or else restored.
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

/// What a change of a lot's last day of use did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotChanged {
    /// The last day of use before.
    pub before: Option<Date>,
}
