//! Orders as they are listed and shown, and the goods that are reserved for them.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::domain::{
    LedgerRow, LocationCode, LotCode, Name, NewOrder, NewOrderLine, Note, OrderEventKind, OrderId, OrderKind,
    OrderLineId, OrderNumber, OrderState, PartnerCode, Quantity, Reference, ShortLived, Sku, Status,
    UnitPrice,
};

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    pub order_id: OrderId,
    pub number: OrderNumber,
    pub kind: OrderKind,
    pub state: OrderState,
    /// The supplier or customer; none for a transfer order.
    pub partner: Option<PartnerCode>,
    /// The partner's own number for the order.
    pub partner_reference: Option<Reference>,
    /// The recipient, if it is not the customer.
    pub ship_to: Option<PartnerCode>,
    /// Where the goods of a transfer order go.
    pub to: Option<LocationCode>,
    pub due_on: Option<Date>,
    /// Whether it is open and its day has passed.
    pub late: bool,
    pub note: Option<Note>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub line_count: i64,
    /// Units ordered, over all lines.
    pub ordered: Decimal,
    /// Units reserved and not shipped yet.
    pub reserved: Decimal,
    /// Units received, shipped or delivered.
    pub moved: Decimal,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderLine {
    #[serde(skip)]
    pub order_line_id: OrderLineId,
    pub line_no: i32,
    pub sku: Sku,
    pub name: Name,
    pub unit: Name,
    /// Units ordered, with the changes since confirmation.
    pub quantity: Decimal,
    /// Units reserved and not shipped yet.
    pub reserved: Decimal,
    /// Units of these that are at a dock.
    pub picked: Decimal,
    /// Units received, shipped or delivered.
    pub moved: Decimal,
    /// Units of these that were returned.
    pub returned: Decimal,
    /// Units still to be moved.
    pub open: Decimal,
    /// The percentage by which more may be delivered.
    pub over_percent: Decimal,
    pub price: Option<UnitPrice>,
}

/// A decision about an order: who, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderEvent {
    pub kind: OrderEventKind,
    pub by: String,
    pub at: Timestamp,
    pub reason: Option<Note>,
    /// The line, for events about one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_no: Option<i32>,
    /// By how much the quantity of the line changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Decimal>,
}

/// An order with its lines and events, as `order show` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Order {
    #[serde(flatten)]
    pub row: OrderRow,
    pub lines: Vec<OrderLine>,
    pub events: Vec<OrderEvent>,
}

impl From<&OrderLine> for NewOrderLine {
    fn from(line: &OrderLine) -> Self {
        Self {
            sku: line.sku.clone(),
            // What is ordered on the line of a draft is above zero, and has no more decimal places than a quantity.
            quantity: Quantity::new(line.quantity).unwrap_or(Quantity::ONE),
            unit_price: line.price,
            over_percent: line.over_percent,
        }
    }
}

impl Order {
    /// A draft as it was entered.
    #[must_use]
    pub fn entered(&self) -> NewOrder {
        let row = &self.row;
        NewOrder {
            id: row.order_id,
            kind: row.kind,
            partner: row.partner.clone(),
            partner_reference: row.partner_reference.clone(),
            due_on: row.due_on,
            ship_to: row.ship_to.clone(),
            to: row.to.clone(),
            note: row.note.clone(),
            lines: self.lines.iter().map(NewOrderLine::from).collect(),
        }
    }

    /// The line with a number.
    #[must_use]
    pub fn line(&self, line_no: u32) -> Option<&OrderLine> {
        self.lines.iter().find(|line| u32::try_from(line.line_no) == Ok(line_no))
    }
}

/// The result of an act on an order, and the order after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderDone {
    pub status: Status,
    #[serde(flatten)]
    pub order: Order,
}

/// Goods reserved for an order line at one level: an entry of a pick list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allocation {
    pub number: OrderNumber,
    pub line_no: i32,
    #[serde(skip)]
    pub order_line_id: OrderLineId,
    pub sku: Sku,
    pub name: Name,
    pub unit: Name,
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    pub expires_on: Option<Date>,
    /// Units that are reserved at this level.
    pub open: Decimal,
    /// Whether they are at a dock: picked, and to be shipped.
    pub picked: bool,
    pub due_on: Option<Date>,
    /// When the order was confirmed; the reservations of the newest orders are released first.
    #[serde(skip)]
    pub confirmed_at: Option<Timestamp>,
}

impl Allocation {
    /// What is shipped of what is reserved for an order: what is at docks, or where nothing is, everything.
    pub fn ready(allocations: &[Self]) -> impl Iterator<Item = &Self> {
        let any_picked = allocations.iter().any(|allocation| allocation.picked);
        allocations.iter().filter(move |allocation| allocation.picked || !any_picked)
    }
}

/// An order line with the columns of its order, as exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLineRow {
    pub order_id: OrderId,
    pub number: OrderNumber,
    pub kind: OrderKind,
    pub state: OrderState,
    pub partner: Option<PartnerCode>,
    pub partner_reference: Option<Reference>,
    pub due_on: Option<Date>,
    pub ship_to: Option<PartnerCode>,
    pub to: Option<LocationCode>,
    pub note: Option<Note>,
    pub line_no: i32,
    pub sku: Sku,
    /// Units ordered, with the changes since confirmation.
    pub quantity: Decimal,
    pub unit_price: Option<UnitPrice>,
    pub over_percent: Decimal,
    /// Units reserved and not shipped yet.
    pub reserved: Decimal,
    /// Units received, shipped or delivered.
    pub moved: Decimal,
}

/// Which orders to list: the most urgent first, those without a due date last, then by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    pub kind: Option<OrderKind>,
    pub state: Option<OrderState>,
    pub partner: Option<PartnerCode>,
    /// Only open orders whose day has passed.
    pub late: bool,
    /// Only orders that are due on this day or before.
    pub due_until: Option<Date>,
    /// Leave out what is done or cancelled.
    pub unfinished: bool,
    /// Only orders whose number, partner, reference or note contains this, or that have a line for the SKU.
    pub text: Option<String>,
    /// Only orders with reserved goods, to be picked or, if picked, to be shipped.
    pub to_pick: bool,
    pub limit: Option<u32>,
}

impl OrderFilter {
    /// The most orders that one listing returns.
    pub const LIMIT_MAX: u32 = 10_000;
}

/// An order with all of its movements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHistory {
    pub order: Order,
    /// The movements of the order, oldest first.
    pub movements: Vec<LedgerRow>,
    /// The goods reserved for it, in walking order.
    pub allocations: Vec<Allocation>,
}

/// The late orders, and how many of those due in the last days were shipped on time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LateOrders {
    /// Open orders past their due date, the longest overdue first, up to the limit of the query.
    pub orders: Vec<OrderRow>,
    /// How many orders are late, including those not listed.
    pub late: u64,
    /// How many sales and transfer orders were due in the last days.
    pub due: u64,
    /// How many of these had left completely by their due date.
    pub on_time: u64,
}

/// An open order that needs more of a product than is available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingOrder {
    pub number: OrderNumber,
    pub kind: OrderKind,
    pub partner: Option<PartnerCode>,
    /// Where the goods of a transfer order go.
    pub to: Option<LocationCode>,
    pub due_on: Option<Date>,
    /// Whether the order is past its due date.
    pub late: bool,
    /// How many of its products are short.
    pub lines: i64,
    /// Units that are missing of these products.
    pub missing: Decimal,
    /// The day by which purchase orders are due to bring some of each of them; `None` if one of them is not on order.
    pub expected_on: Option<Date>,
}

/// What one person has picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonPicks {
    pub login: String,
    pub picks: i64,
    /// How many orders it was picked for.
    pub orders: i64,
    pub last_at: Timestamp,
}

/// A line for which less could be reserved than it still needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortLine {
    pub line_no: i32,
    pub sku: Sku,
    /// Units that are not available anywhere.
    pub missing: Decimal,
    /// Goods that are available, but expire too early for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_lived: Option<ShortLived>,
}

/// A product that is to be ordered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReorderProposal {
    pub sku: Sku,
    pub name: Name,
    pub supplier: Option<PartnerCode>,
    /// The supplier's code for the product.
    pub their_code: Option<String>,
    pub price: Option<UnitPrice>,
    /// Units in the smallest pack that is supplied.
    pub pack: Decimal,
    pub lead_days: Option<i32>,
    pub reorder_point: Decimal,
    pub available: Decimal,
    /// Units still to come on open purchase orders.
    pub on_order: Decimal,
    /// Units issued in the last weeks.
    pub demand: Decimal,
    /// Units to order: whole packs, at least the supplier's minimum.
    pub quantity: Decimal,
}
