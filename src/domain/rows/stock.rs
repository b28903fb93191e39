//! What is on hand: the stock table, its order and its filters, levels, and what a search or a scan finds.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{Barcode, LocationCode, LotCode, Name, Sku, Tracking, UnknownWord};

/// One product in the stock table.
#[derive(Debug, Clone, PartialEq)]
pub struct StockRow {
    pub sku: Sku,
    pub name: Name,
    /// The unit that it is counted in.
    pub unit: Name,
    /// How many decimal places its quantities may have.
    pub decimals: u8,
    /// The heading that it is grouped under.
    pub category: Option<Name>,
    /// How its units are told apart.
    pub tracking: Tracking,
    /// The quantity at or below which it counts as low.
    pub reorder_point: Option<Decimal>,
    /// How many units are on hand in all places together, whatever place was asked for: it is what the
    /// reorder point is compared with, and a product shows one figure wherever it is listed.
    pub on_hand: Decimal,
    /// How many of them may be used: not reserved, not in quarantine, and not past their last day of use.
    pub available: Decimal,
    /// How many levels (a place and a lot) are above zero.
    pub places: i64,
    /// The first day of expiry among the lots that are on hand.
    pub expires_on: Option<Date>,
}

impl StockRow {
    /// Whether what is available is at or below the reorder point.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.reorder_point.is_some_and(|point| self.available <= point)
    }
}

/// In which order the stock table stands. Rows that are otherwise equal stand by sku.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StockOrder {
    #[default]
    Sku,
    /// By name, without regard to case and accents.
    Name,
    /// The least on hand first.
    OnHandLeast,
    /// The most on hand first.
    OnHandMost,
    /// The first to expire first; what does not expire at the end.
    Expiry,
}

/// What alone is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StockOnly {
    /// At or below the reorder point.
    Low,
    /// With a lot on hand that expires within so many days, or has expired.
    Expiring {
        /// How many days from today, in UTC.
        within_days: u16,
    },
    Zero,
}

/// Which products, and in which order. Archived ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StockSelection {
    pub order: StockOrder,
    /// Only what stands in this place or in one within it; with [`StockOnly::Zero`], what once stood there.
    pub location: Option<LocationCode>,
    pub only: Option<StockOnly>,
}

/// Where a row stands in an order.
#[derive(Debug, Clone, PartialEq)]
pub struct StockKey {
    pub value: SortValue,
    pub sku: Sku,
}

/// What an order of the stock table goes by besides the sku.
#[derive(Debug, Clone, PartialEq)]
pub enum SortValue {
    Sku,
    Name(Name),
    OnHand(Decimal),
    Expiry(Option<Date>),
}

impl StockKey {
    /// The key of a row in an order.
    #[must_use]
    pub fn of(row: &StockRow, order: StockOrder) -> Self {
        let value = match order {
            StockOrder::Sku => SortValue::Sku,
            StockOrder::Name => SortValue::Name(row.name.clone()),
            StockOrder::OnHandLeast | StockOrder::OnHandMost => SortValue::OnHand(row.on_hand),
            StockOrder::Expiry => SortValue::Expiry(row.expires_on),
        };
        Self { value, sku: row.sku.clone() }
    }
}

/// What is on hand of one product, in one place, of one lot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Level {
    pub sku: Sku,
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    pub on_hand: Decimal,
    /// How much of it is promised to order lines.
    pub reserved: Decimal,
    /// How much of it may be used: what is not reserved, or nothing if it is blocked.
    pub available: Decimal,
    /// Why it is not available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<BlockedBy>,
}

/// Why goods that are on hand cannot be used. The database decides (`stock.blocked_by`), so that every list agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockedBy {
    /// The last day of use of the lot has passed.
    Expired,
    /// The location, or one that it is in, is a quarantine location.
    Quarantine,
}

impl BlockedBy {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Expired, Self::Quarantine];

    /// The word in the database and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Quarantine => "quarantine",
        }
    }
}

impl FromStr for BlockedBy {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or_else(|| UnknownWord { text: text.to_owned(), known: "expired and quarantine" })
    }
}

impl fmt::Display for BlockedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Which levels to list.
#[derive(Debug, Clone, Default)]
pub struct StockFilter {
    pub sku: Option<Sku>,
    /// Only this location and those within it.
    pub location: Option<LocationCode>,
    /// What was on hand at the end of this moment, by when the movements occurred.
    pub as_of: Option<Timestamp>,
}

/// A product that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub row: StockRow,
    /// What the text was found in.
    pub matched: Matched,
    /// What is on hand at the location, or of the lot, that the text was found in.
    pub matched_stock: Option<MatchedStock>,
}

/// The part of a product's stock that a search was about.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MatchedStock {
    pub on_hand: Decimal,
    /// How much of it may be used.
    pub available: Decimal,
    /// The earliest expiry date of what is on hand there.
    pub expires_on: Option<Date>,
}

/// What of a product the text was found in.
#[derive(Debug, Clone, PartialEq)]
pub enum Matched {
    Sku,
    Barcode(Barcode),
    /// This lot or serial number.
    Lot(LotCode),
    /// It stands in this place.
    Location(LocationCode),
    Name,
}

/// What a code means.
#[derive(Debug, Clone, PartialEq)]
pub enum Scanned {
    /// A product, by its sku or one of its barcodes.
    Product {
        row: StockRow,
        /// How many units one scan counts.
        pack_quantity: Decimal,
    },
    Location {
        code: LocationCode,
        name: Option<Name>,
        /// Whether it is out of use.
        archived: bool,
    },
    Nothing,
}
