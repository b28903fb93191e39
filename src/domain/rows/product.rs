//! Products: as they are listed, which ones to list, and one in detail.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{LedgerRow, Level};
use crate::domain::Product;

/// A product with its quantity on hand.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProductRow {
    #[serde(flatten)]
    pub product: Product,
    /// The quantity on hand in all locations.
    pub on_hand: Decimal,
    /// How much of it may be used: not reserved, not in quarantine, and not past its last day of use.
    pub available: Decimal,
    /// When it was archived; none while it is in use.
    pub archived_at: Option<Timestamp>,
}

/// Which products to list. Conditions are combined with AND; an empty filter lists all products.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Part of the SKU or name, or a whole barcode; case is ignored.
    pub search: Option<String>,
    /// Only products at or below their reorder point.
    pub low: bool,
    pub archived: bool,
    /// The most rows; without one, all.
    pub limit: Option<u32>,
}

/// One product with everything that its screen shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub row: ProductRow,
    /// The stock levels that are not zero.
    pub levels: Vec<Level>,
    /// The newest movements, the newest first.
    pub history: Vec<LedgerRow>,
    /// The quantity at the end of each of the last 60 days, the oldest first; the last is today, as it is now.
    pub days: Vec<DayLevel>,
}

/// The quantity on hand at the end of a day, in all locations.
#[derive(Debug, Clone, PartialEq)]
pub struct DayLevel {
    pub day: Date,
    pub on_hand: Decimal,
}
