//! What the dashboard shows.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::{LocationCode, LotCode, MovementKind, Name, Sku};

/// How many movements of a kind happened in an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct HourCount {
    pub hour: Timestamp,
    pub kind: MovementKind,
    pub movements: i64,
}

/// What all that is on hand is worth, in the currency of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct StockValue {
    /// At what it costs to buy; what has no cost counts as nothing.
    pub at_cost: Decimal,
    /// At what it sells for; what has no price counts as nothing.
    pub at_price: Decimal,
    /// How many products are on hand.
    pub products_on_hand: i64,
    /// How many of these have no cost.
    pub products_without_cost: i64,
}

/// A lot that expires, in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpiringLot {
    pub sku: Sku,
    pub name: Name,
    pub lot: LotCode,
    pub location: LocationCode,
    /// The last day of use.
    pub expires_on: Date,
    /// How many units stand there.
    pub on_hand: Decimal,
}

/// A product that lies.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowMover {
    pub sku: Sku,
    pub name: Name,
    /// How many units are on hand.
    pub on_hand: Decimal,
    /// What they cost, if the cost is known.
    pub value: Option<Decimal>,
    /// When it was last issued or transferred; never, when it has only come in.
    pub last_moved_at: Option<Timestamp>,
}

/// A product that goes.
#[derive(Debug, Clone, PartialEq)]
pub struct TopItem {
    pub sku: Sku,
    pub name: Name,
    /// How many units were issued.
    pub quantity: Decimal,
    pub movements: i64,
}

/// What a person posted.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonActivity {
    pub login: String,
    pub postings: i64,
    /// How many movements these had.
    pub movements: i64,
    /// When the last of them occurred.
    pub last_at: Timestamp,
}

/// A product in the report of turnover.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductTurnover {
    pub sku: Sku,
    pub name: Name,
    /// How many units were issued.
    pub issued: Decimal,
    /// What they had cost.
    pub cost_issued: Decimal,
    /// How often the mean stock was sold; none without stock.
    pub turnover: Option<Decimal>,
    /// How many days the stock lasts at this rate; none without demand.
    pub days_of_cover: Option<Decimal>,
}

/// The report of turnover in brief: its totals, and the products of which most was issued, by cost.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnoverInBrief {
    pub cost_issued: Decimal,
    /// The mean of the stock value at the start and at the end.
    pub mean_value: Decimal,
    /// How often the mean stock was sold; none without stock.
    pub turnover: Option<Decimal>,
    pub products: Vec<ProductTurnover>,
}

/// What the server counted in this database.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseActivity {
    /// Transactions that were committed, reading ones included.
    pub commits: i64,
    /// Transactions that were taken back, which every refusal and every collision is.
    pub rollbacks: i64,
    pub deadlocks: i64,
    /// Since when it counts; none when it has never been reset.
    pub since: Option<Timestamp>,
}

/// A reading of the store's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct StoreCounts {
    pub attempts: u64,
    /// Of these, how many were run again after a conflict.
    pub retries: u64,
    /// Of these, how many waited for the advisory lock of a hot level first.
    pub locked: u64,
    /// Connections that broke while a posting was under way.
    pub lost: u64,
}
