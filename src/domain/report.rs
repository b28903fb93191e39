//! Reports: which ones exist, their columns, and their rows and totals.
//!
//! Boundary: pure values. To add a report, add it to [`Report`] and its query to `store/report`.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// The reports of `stockroom report`, which `docs/reports.md` defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    Turnover,
    Value,
    Movers,
    Abc,
    DeadStock,
    Shrinkage,
}

/// What a column contains, which decides how it is aligned and whether it has a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Number,
    /// A number with a total over all rows.
    Total,
    Time,
}

/// A column: its name, the same in SQL, CSV and JSON, and what it holds.
pub type ReportColumn = (&'static str, ColumnKind);

/// The columns that identify the product, with which every report begins.
const PRODUCT: [ReportColumn; 3] =
    [("sku", ColumnKind::Text), ("name", ColumnKind::Text), ("category", ColumnKind::Text)];

impl Report {
    /// Every report, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::Turnover, Self::Value, Self::Movers, Self::Abc, Self::DeadStock, Self::Shrinkage];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Turnover => "turnover",
            Self::Value => "value",
            Self::Movers => "movers",
            Self::Abc => "abc",
            Self::DeadStock => "dead-stock",
            Self::Shrinkage => "shrinkage",
        }
    }

    /// The columns of the report, from left to right.
    #[must_use]
    pub fn columns(self) -> Vec<ReportColumn> {
        use ColumnKind::{Number, Text, Time, Total};
        let own: &[ReportColumn] = match self {
            Self::Turnover => &[
                ("issued", Total),
                ("cost_issued", Total),
                ("mean_value", Total),
                ("turnover", Number),
                ("on_hand", Total),
                ("days_of_cover", Number),
            ],
            Self::Value => {
                &[("on_hand", Total), ("value", Total), ("at_standard_cost", Total), ("without_cost", Total)]
            }
            Self::Movers => &[("issues", Total), ("issued", Total), ("returned", Total), ("revenue", Total)],
            Self::Abc => {
                &[("cost_issued", Total), ("share", Number), ("cumulative_share", Number), ("class", Text)]
            }
            Self::DeadStock => {
                &[("on_hand", Total), ("value", Total), ("last_issue", Time), ("last_receipt", Time)]
            }
            Self::Shrinkage => &[
                ("lost", Total),
                ("found", Total),
                ("cost_lost", Total),
                ("cost_found", Total),
                ("shrinkage", Total),
            ],
        };
        PRODUCT.iter().chain(own).copied().collect()
    }

    /// The text shown for a missing value of a column.
    #[must_use]
    pub fn missing(column: &str) -> &'static str {
        match column {
            "days_of_cover" => "no demand",
            "last_issue" | "last_receipt" => "never",
            _ => "",
        }
    }
}

/// The period and the products that a report covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFilter {
    /// The start of the period.
    pub from: Timestamp,
    /// The end of the period, exclusive.
    pub to: Timestamp,
    /// Only the products of this category.
    pub category: Option<String>,
}

/// One field of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportCell {
    Missing,
    Text(String),
    Number(Decimal),
    Time(Timestamp),
}

impl Serialize for ReportCell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.collect_str(number),
            Self::Time(time) => serializer.collect_str(time),
        }
    }
}

/// The rows of a report, and the totals over all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRows {
    pub rows: Vec<Vec<ReportCell>>,
    /// The total of each column that has one.
    pub totals: Vec<Option<Decimal>>,
}

impl ReportRows {
    /// The rows with the totals of the columns that have one.
    #[must_use]
    pub fn new(columns: &[ReportColumn], rows: Vec<Vec<ReportCell>>) -> Self {
        let sum = |at: usize| {
            rows.iter()
                .filter_map(|row| match row.get(at) {
                    Some(ReportCell::Number(number)) => Some(*number),
                    _ => None,
                })
                .sum::<Decimal>()
                .normalize()
        };
        let totals = columns
            .iter()
            .enumerate()
            .map(|(at, (_, kind))| (*kind == ColumnKind::Total).then(|| sum(at)))
            .collect();
        Self { rows, totals }
    }

    /// The total of the column with a name.
    #[must_use]
    pub fn total(&self, columns: &[ReportColumn], name: &str) -> Option<Decimal> {
        let at = columns.iter().position(|(column, _)| *column == name)?;
        *self.totals.get(at)?
    }
}
