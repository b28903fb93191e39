//! Products: one as it is listed, which to list, and all that is known of one.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{LedgerRow, Level};
use crate::domain::Product;

/// A product with what is on hand of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProductRow {
    #[serde(flatten)]
    pub product: Product,
    /// What is on hand in all places.
    pub on_hand: Decimal,
    /// How much of it may be used: not in quarantine, and not past its last day of use.
    pub available: Decimal,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
}

/// Which products to list.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Part of the sku or name, or a whole barcode; any case.
    pub search: Option<String>,
    /// Only those at or below their reorder point.
    pub low: bool,
    pub archived: bool,
    /// The most rows; the default is all.
    pub limit: Option<u32>,
}

/// One product with all that a person asks about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub row: ProductRow,
    /// Where it stands; what is zero is left out.
    pub levels: Vec<Level>,
    /// The newest movements, the newest first.
    pub history: Vec<LedgerRow>,
    /// The end of each of the last 60 days, the oldest first; the last is today, as it is now.
    pub days: Vec<DayLevel>,
}

/// What was on hand at the end of a day, in all places.
#[derive(Debug, Clone, PartialEq)]
pub struct DayLevel {
    pub day: Date,
    pub on_hand: Decimal,
}
