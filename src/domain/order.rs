//! Orders: what is bought, sold or moved between sites, line by line, and the names of their kinds, states and events.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    Allocation, LINES_MAX, LocationCode, LotCode, Note, OrderId, OrderLineId, PartnerCode, Posting,
    PostingError, PostingId, Quantity, Reference, Refusal, Sku, UnitPrice, UnknownWord,
};

/// The highest percentage by which a line may be delivered in excess.
const OVER_PERCENT_MAX: u32 = 100;
/// The most decimal places of that percentage.
const OVER_PERCENT_DECIMALS_MAX: u32 = 2;
/// The fewest digits of the number of an order.
const NUMBER_DIGITS_MIN: usize = 6;

/// Declares an enumeration in which each value has one name in the database, in JSON and on the command line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $known:literal { $($(#[$value_doc:meta])* $value:ident $word:literal)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$value_doc])* #[serde(rename = $word)] $value,)*
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$value),*];

            /// The name in the database, in JSON and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let known = Self::ALL.into_iter().find(|value| value.as_str() == text);
                known.ok_or_else(|| UnknownWord { text: text.to_owned(), known: $known })
            }
        }
    };
}

pub(super) use words;

words! {
    /// What an order is for.
    OrderKind, "purchase, sales and transfer" {
        /// Goods come from a supplier.
        Purchase "purchase"
        /// Goods go to a customer.
        Sales "sales"
        /// Goods go to another location.
        Transfer "transfer"
    }
}

words! {
    /// The state of an order. Computed from its events and sums (`stock.order_states`), never stored.
    OrderState, "draft, confirmed, partly_reserved, reserved, picking, partly_done, done and cancelled" {
        Draft "draft"
        Confirmed "confirmed"
        PartlyReserved "partly_reserved"
        Reserved "reserved"
        /// Reserved goods are at a dock.
        Picking "picking"
        PartlyDone "partly_done"
        Done "done"
        Cancelled "cancelled"
    }
}

words! {
    /// What was decided about an order.
    OrderEventKind, "confirmed, line_added, line_changed, line_closed, closed, cancelled and reopened" {
        Confirmed "confirmed"
        LineAdded "line_added"
        LineChanged "line_changed"
        /// The rest of a line will not be delivered.
        LineClosed "line_closed"
        Closed "closed"
        Cancelled "cancelled"
        Reopened "reopened"
    }
}

impl OrderKind {
    /// Whether goods leave for such an order, so that stock is reserved for its lines.
    #[must_use]
    pub fn reserves(self) -> bool {
        match self {
            Self::Purchase => false,
            Self::Sales | Self::Transfer => true,
        }
    }

    /// The two letters that its numbers begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Purchase => "PO-",
            Self::Sales => "SO-",
            Self::Transfer => "TO-",
        }
    }
}

/// The number that people use for an order, such as `SO-000123`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderNumber(String);

impl OrderNumber {
    /// The number as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderNumber {
    type Err = OrderError;

    /// Reads a number as typed: in any case, and `SO-17` for `SO-000017`.
    fn from_str(text: &str) -> Result<Self, OrderError> {
        let upper = text.trim().to_ascii_uppercase();
        let digits =
            OrderKind::ALL.into_iter().find_map(|kind| Some((kind, upper.strip_prefix(kind.prefix())?)));
        match digits {
            Some((kind, digits))
                if !digits.is_empty()
                    && digits.len() <= 18
                    && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Ok(Self(format!("{}{digits:0>NUMBER_DIGITS_MIN$}", kind.prefix())))
            }
            _ => Err(OrderError::Number(text.to_owned())),
        }
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = OrderError;

    fn try_from(text: String) -> Result<Self, OrderError> {
        text.parse()
    }
}

impl From<OrderNumber> for String {
    fn from(number: OrderNumber) -> Self {
        number.0
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// An order before it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrder {
    pub id: OrderId,
    pub kind: OrderKind,
    /// The supplier or customer; none for a transfer.
    pub partner: Option<PartnerCode>,
    /// The partner's own number for the order.
    pub partner_reference: Option<Reference>,
    pub due_on: Option<Date>,
    /// The recipient of a sales order, if it is not the customer.
    pub ship_to: Option<PartnerCode>,
    /// Where the goods of a transfer order go.
    pub to: Option<LocationCode>,
    pub note: Option<Note>,
    pub lines: Vec<NewOrderLine>,
}

/// A line of an order before it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrderLine {
    pub sku: Sku,
    pub quantity: Quantity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
    /// The percentage by which more may be delivered.
    #[serde(default)]
    pub over_percent: Decimal,
}

/// Why an order is malformed, whatever is in the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    #[error("\"{0}\" is not the number of an order, such as PO-000123, SO-000123 or TO-000123")]
    Number(String),
    #[error("an order needs at least one line")]
    NoLines,
    #[error("the order has {lines} lines; at most {lines_max} are allowed", lines_max = LINES_MAX)]
    TooManyLines { lines: usize },
    #[error("a {kind} order needs {needed}")]
    Needs { kind: OrderKind, needed: &'static str },
    #[error("line {line}: over_percent must be between 0 and {percent_max} with at most {decimals_max} decimal places, not {value}",
        percent_max = OVER_PERCENT_MAX, decimals_max = OVER_PERCENT_DECIMALS_MAX)]
    OverPercent { line: usize, value: Decimal },
    #[error("the id {0} leaves no room for the ids of the lines; use another one")]
    NoRoomForLines(OrderId),
}

impl NewOrder {
    /// Checks what can be checked without the database.
    ///
    /// # Errors
    /// [`OrderError`] with what is wrong.
    pub fn validate(&self) -> Result<(), OrderError> {
        let needs = |needed| Err(OrderError::Needs { kind: self.kind, needed });
        if self.lines.is_empty() {
            return Err(OrderError::NoLines);
        }
        if self.lines.len() > LINES_MAX {
            return Err(OrderError::TooManyLines { lines: self.lines.len() });
        }
        if self.id.line(self.lines.len()) <= self.id.line(0) {
            return Err(OrderError::NoRoomForLines(self.id));
        }
        match (self.kind, self.partner.is_some(), self.to.is_some()) {
            (OrderKind::Transfer, false, true) | (OrderKind::Purchase | OrderKind::Sales, true, false) => {}
            (OrderKind::Transfer, ..) => return needs("the location that the goods go to, and no partner"),
            (OrderKind::Purchase, ..) => return needs("a supplier, and no destination"),
            (OrderKind::Sales, ..) => return needs("a customer, and no destination"),
        }
        if self.ship_to.is_some() && self.kind != OrderKind::Sales {
            return needs("no partner to ship to; only a sales order has one");
        }
        for (position, line) in self.lines.iter().enumerate() {
            line.validate(position + 1)?;
        }
        Ok(())
    }
}

impl NewOrderLine {
    /// Checks the line at a position, counted from 1.
    ///
    /// # Errors
    /// [`OrderError::OverPercent`].
    pub fn validate(&self, line: usize) -> Result<(), OrderError> {
        let value = self.over_percent.normalize();
        let range = Decimal::ZERO..=Decimal::from(OVER_PERCENT_MAX);
        if !range.contains(&value) || value.scale() > OVER_PERCENT_DECIMALS_MAX {
            return Err(OrderError::OverPercent { line, value });
        }
        Ok(())
    }
}

/// A change of what is reserved for an order line at one level: a reservation or a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservationChange {
    pub order_line: OrderLineId,
    pub sku: Sku,
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    /// Units reserved; negative for a release.
    pub change: Decimal,
}

/// Goods picked from the location at which they are reserved: all or part of an allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickedGoods {
    pub order_line: OrderLineId,
    pub sku: Sku,
    pub from: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    pub quantity: Quantity,
}

impl PickedGoods {
    /// What a shipment takes of what is reserved for an order: what is at docks, or where nothing is, everything.
    ///
    /// # Errors
    /// As [`PickedGoods::of`].
    pub fn to_ship(allocations: &[Allocation]) -> Result<Vec<Self>, Refusal> {
        Allocation::ready(allocations).map(|allocation| Self::of(allocation, allocation.open)).collect()
    }

    /// All or a part of an allocation.
    ///
    /// # Errors
    /// When the quantity is none.
    pub fn of(allocation: &Allocation, quantity: Decimal) -> Result<Self, Refusal> {
        Ok(Self {
            order_line: allocation.order_line_id,
            sku: allocation.sku.clone(),
            from: allocation.location.clone(),
            lot: allocation.lot.clone(),
            quantity: Quantity::new(quantity)?,
        })
    }
}

/// Reservations and releases that are posted together: all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservations {
    /// Generated when the person acts, and kept when they are sent again.
    pub id: PostingId,
    /// The reason; a release needs one.
    pub reason: Option<Note>,
    pub changes: Vec<ReservationChange>,
}

impl Reservations {
    /// Checks what can be checked without knowing the stock.
    ///
    /// # Errors
    /// [`PostingError`]: no lines, too many, or no reason for a release.
    pub fn validate(&self) -> Result<(), PostingError> {
        if self.changes.is_empty() {
            return Err(PostingError::NoLines);
        }
        if self.changes.len() > LINES_MAX {
            return Err(PostingError::TooManyLines { lines: self.changes.len() });
        }
        if self.id.line(self.changes.len() - 1) < self.id.line(0) {
            return Err(PostingError::NoRoomForLines(self.id));
        }
        if self.reason.is_none() && self.changes.iter().any(|change| change.change < Decimal::ZERO) {
            return Err(PostingError::ReleaseReasonMissing);
        }
        Ok(())
    }
}

/// An event of an order before it is stored. Its id follows from that of the act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrderEvent {
    pub kind: OrderEventKind,
    /// The line, for events about one line.
    pub order_line: Option<OrderLineId>,
    /// The change of the quantity of the line.
    pub change: Option<Decimal>,
}

/// What is done to an order in one transaction: releases, then events, then a new line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderAct {
    /// The id of the act, and of its first row in each table.
    pub id: PostingId,
    pub order: OrderId,
    pub reason: Option<Note>,
    pub releases: Vec<ReservationChange>,
    /// A line to add to a confirmed order, with its number.
    pub added_line: Option<(u32, NewOrderLine)>,
    pub events: Vec<NewOrderEvent>,
}

impl Posting {
    /// Whether any of the lines carries out an order line.
    #[must_use]
    pub fn carries_out_order(&self) -> bool {
        self.lines.iter().any(|line| line.order_line.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{parsed, some};

    #[test]
    fn numbers_are_read_as_typed() {
        for (text, number) in
            [("so-17", "SO-000017"), (" PO-000123 ", "PO-000123"), ("TO-1234567", "TO-1234567")]
        {
            assert_eq!(text.parse::<OrderNumber>().unwrap().as_str(), number);
        }
        for text in ["17", "SO-", "SO-1x", "XO-1", "SO--1", "SO-1234567890123456789"] {
            assert!(text.parse::<OrderNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn words_are_alike_in_text_and_json() {
        for state in OrderState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert!("x".parse::<OrderKind>().unwrap_err().to_string().contains("transfer"));
    }

    #[test]
    fn an_order_has_the_partner_and_destination_of_its_kind() {
        let line = NewOrderLine {
            sku: parsed("A"),
            quantity: parsed("2"),
            unit_price: None,
            over_percent: Decimal::ZERO,
        };
        let order = |kind, partner, to| NewOrder {
            id: parsed("01930000-0000-7000-8000-000000000001"),
            kind,
            partner,
            partner_reference: None,
            due_on: None,
            ship_to: None,
            to,
            note: None,
            lines: vec![line.clone()],
        };
        assert_eq!(order(OrderKind::Sales, some("C"), None).validate(), Ok(()));
        assert_eq!(order(OrderKind::Transfer, None, some("B")).validate(), Ok(()));
        for wrong in [
            order(OrderKind::Sales, None, None),
            order(OrderKind::Purchase, some("S"), some("B")),
            order(OrderKind::Transfer, some("S"), some("B")),
        ] {
            assert!(matches!(wrong.validate(), Err(OrderError::Needs { .. })));
        }
        let mut over = order(OrderKind::Purchase, some("S"), None);
        over.lines[0].over_percent = "100.5".parse().unwrap();
        assert!(matches!(over.validate(), Err(OrderError::OverPercent { line: 1, .. })));
    }
}
