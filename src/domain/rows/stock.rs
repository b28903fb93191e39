//! Stock on hand: the stock table with its orders and filters, levels, and the results of searches and scans.

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
    /// The unit of the quantities.
    pub unit: Name,
    /// How many decimal places its quantities may have.
    pub decimals: u8,
    /// The category that it is grouped under.
    pub category: Option<Name>,
    /// How its units are identified.
    pub tracking: Tracking,
    /// The quantity at or below which it counts as low.
    pub reorder_point: Option<Decimal>,
    /// The quantity on hand in all locations, whatever location was asked for, so that a product shows the same figure
    /// wherever it is listed.
    pub on_hand: Decimal,
    /// How much of it may be used: not reserved, not in quarantine, and not past its last day of use.
    pub available: Decimal,
    /// How many levels (a location and a lot) are above zero.
    pub places: i64,
    /// The earliest expiry date among the lots on hand.
    pub expires_on: Option<Date>,
}

impl StockRow {
    /// Whether the available quantity is at or below the reorder point.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.reorder_point.is_some_and(|point| self.available <= point)
    }
}

/// The order of the stock table. Rows that are otherwise equal are ordered by SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StockOrder {
    #[default]
    Sku,
    /// By name, regardless of case and accents.
    Name,
    /// The least on hand first.
    OnHandLeast,
    /// The most on hand first.
    OnHandMost,
    /// The earliest expiry date first; products that do not expire are last.
    Expiry,
}

/// Limits the stock table to some products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StockOnly {
    /// Only products at or below the reorder point.
    Low,
    /// Only products with a lot on hand that expires within some days, or has expired.
    Expiring {
        /// How many days from today, in UTC.
        within_days: u16,
    },
    Zero,
}

/// Which products to list, and in which order. Archived ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StockSelection {
    pub order: StockOrder,
    /// Only stock at this location or within it; with [`StockOnly::Zero`], products that once had stock there.
    pub location: Option<LocationCode>,
    pub only: Option<StockOnly>,
}

/// The position of a row in an order.
#[derive(Debug, Clone, PartialEq)]
pub struct StockKey {
    pub value: SortValue,
    pub sku: Sku,
}

/// The value that an order of the stock table sorts by, before the SKU.
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

/// The stock of one product and lot at one location.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Level {
    pub sku: Sku,
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    /// The expiry date of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    pub on_hand: Decimal,
    /// How much of it is reserved for order lines.
    pub reserved: Decimal,
    /// How much of it may be used: what is not reserved, or zero if it is blocked.
    pub available: Decimal,
    /// Why it is blocked; none if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<BlockedBy>,
}

/// Why goods on hand cannot be used. The database decides (`stock.blocked_by`), so that every list agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockedBy {
    /// The last day of use of the lot has passed.
    Expired,
    /// The location, or one that contains it, is a quarantine location.
    Quarantine,
}

impl BlockedBy {
    /// Every reason, in the order of declaration.
    pub const ALL: [Self; 2] = [Self::Expired, Self::Quarantine];

    /// The name in the database and in files.
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

/// Which stock levels to list. Conditions are combined with AND; an empty filter lists all levels.
#[derive(Debug, Clone, Default)]
pub struct StockFilter {
    pub sku: Option<Sku>,
    /// Only this location and those within it.
    pub location: Option<LocationCode>,
    /// The stock at the end of this moment, according to when the movements occurred.
    pub as_of: Option<Timestamp>,
}

/// A product that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub row: StockRow,
    /// Which part of its data matches the text.
    pub matched: Matched,
    /// The stock at the location, or of the lot, that matches the text.
    pub matched_stock: Option<MatchedStock>,
}

/// The part of a product's stock that a search refers to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MatchedStock {
    pub on_hand: Decimal,
    /// How much of it may be used.
    pub available: Decimal,
    /// The earliest expiry date of that stock.
    pub expires_on: Option<Date>,
}

/// Which part of a product's data matches a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Matched {
    Sku,
    Barcode(Barcode),
    /// This lot or serial number.
    Lot(LotCode),
    /// The location at which it has stock.
    Location(LocationCode),
    Name,
}

/// What a scanned code refers to.
#[derive(Debug, Clone, PartialEq)]
pub enum Scanned {
    /// A product, by its SKU or one of its barcodes.
    Product {
        row: StockRow,
        /// How many units one scan counts.
        pack_quantity: Decimal,
    },
    Location {
        code: LocationCode,
        name: Option<Name>,
        /// Whether it is archived.
        archived: bool,
    },
    /// The lots or serial numbers with this code, at most one per product; never empty.
    Lots(Vec<ScannedLot>),
    Nothing,
}

/// A lot or serial number whose code was scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedLot {
    /// The product that it is of.
    pub row: StockRow,
    pub lot: LotCode,
    /// The expiry date of the lot.
    pub expires_on: Option<Date>,
    /// The locations at which it is on hand.
    pub held_at: Vec<LocationCode>,
}
