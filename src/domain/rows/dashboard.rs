//! The figures of the dashboard's panels.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::listed::{Listed, some};
use crate::domain::{LocationCode, LotCode, MovementKind, Name, Sku};

/// How many movements of a kind occurred in an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct HourCount {
    pub hour: Timestamp,
    pub kind: MovementKind,
    pub movements: i64,
}

/// The value of all stock on hand, in the currency of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct StockValue {
    /// At purchase cost; products without a cost count as zero.
    pub at_cost: Decimal,
    /// At selling price; products without a price count as zero.
    pub at_price: Decimal,
    /// How many products are on hand.
    pub products_on_hand: i64,
    /// How many of these have no cost.
    pub products_without_cost: i64,
}

/// A lot that expires soon, at one location.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpiringLot {
    pub sku: Sku,
    pub name: Name,
    pub lot: LotCode,
    pub location: LocationCode,
    /// The last day of use.
    pub expires_on: Date,
    /// The quantity at that location.
    pub on_hand: Decimal,
}

/// A product on hand that has not been issued or transferred for a long time, in the panel of slow movers.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowMover {
    pub sku: Sku,
    pub name: Name,
    /// How many units are on hand.
    pub on_hand: Decimal,
    /// What they cost, if the cost is known.
    pub value: Option<Decimal>,
    /// When it was last issued or transferred; none if it has only been received.
    pub last_moved_at: Option<Timestamp>,
}

/// A product that was issued often, in the panel of the most issued products.
#[derive(Debug, Clone, PartialEq)]
pub struct TopItem {
    pub sku: Sku,
    pub name: Name,
    /// How many units were issued.
    pub quantity: Decimal,
    pub movements: i64,
}

/// How much a login has posted, in the panel of postings by person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonActivity {
    pub login: String,
    pub postings: i64,
    /// How many movements these had.
    pub movements: i64,
    /// When the last of them occurred.
    pub last_at: Timestamp,
}

/// A product in the turnover report.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductTurnover {
    pub sku: Sku,
    pub name: Name,
    /// How many units were issued.
    pub issued: Decimal,
    /// The purchase cost of these units.
    pub cost_issued: Decimal,
    /// How often the mean stock was sold; none without stock.
    pub turnover: Option<Decimal>,
    /// How many days the stock lasts at this rate; none without demand.
    pub days_of_cover: Option<Decimal>,
}

/// The turnover report in brief: its totals, and the products with the highest cost of issued goods.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnoverInBrief {
    pub cost_issued: Decimal,
    /// The mean of the stock values at the start and at the end.
    pub mean_value: Decimal,
    /// How often the mean stock was sold; none without stock.
    pub turnover: Option<Decimal>,
    pub products: Vec<ProductTurnover>,
}

/// What the server's statistics count for this database.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseActivity {
    /// Committed transactions, including those that only read.
    pub commits: i64,
    /// Transactions that were rolled back, as every refusal and every conflict is.
    pub rollbacks: i64,
    pub deadlocks: i64,
    /// Since when it counts; none if the statistics have never been reset.
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
    /// Connections that were lost during a posting.
    pub lost: u64,
}

impl Listed for HourCount {
    const COLUMNS: &'static [&'static str] = &["hour", "kind", "movements"];

    fn fields(&self) -> Vec<String> {
        vec![self.hour.to_string(), self.kind.to_string(), self.movements.to_string()]
    }
}

impl Listed for ExpiringLot {
    const COLUMNS: &'static [&'static str] = &["sku", "name", "lot", "location", "expires_on", "on_hand"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.lot.to_string(),
            self.location.to_string(),
            self.expires_on.to_string(),
            self.on_hand.to_string(),
        ]
    }
}

impl Listed for SlowMover {
    const COLUMNS: &'static [&'static str] = &["sku", "name", "on_hand", "value", "last_moved_at"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.on_hand.to_string(),
            some(self.value.as_ref()),
            some(self.last_moved_at.as_ref()),
        ]
    }
}

impl Listed for TopItem {
    const COLUMNS: &'static [&'static str] = &["sku", "name", "quantity", "movements"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.quantity.to_string(),
            self.movements.to_string(),
        ]
    }
}

impl Listed for ProductTurnover {
    const COLUMNS: &'static [&'static str] =
        &["sku", "name", "issued", "cost_issued", "turnover", "days_of_cover"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.sku.to_string(),
            self.name.to_string(),
            self.issued.to_string(),
            self.cost_issued.to_string(),
            some(self.turnover.as_ref()),
            some(self.days_of_cover.as_ref()),
        ]
    }
}

impl Listed for PersonActivity {
    const COLUMNS: &'static [&'static str] = &["login", "postings", "movements", "last_at"];

    fn fields(&self) -> Vec<String> {
        vec![
            self.login.clone(),
            self.postings.to_string(),
            self.movements.to_string(),
            self.last_at.to_string(),
        ]
    }
}
