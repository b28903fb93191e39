//! Refusals: the rules that stop a command, with the figures, as a clerk would put it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::display::safe_line;
use super::{
    Barcode, CodeError, IdError, LocationCode, LotCode, MovementId, OrderError, OrderLineId, OrderNumber,
    PartnerCode, PostingError, PostingId, QuantityError, ShortLived, Sku,
};

/// Why the dock must be named, or cannot be.
const NO_DOCK: &str = "there is no dock to pick to; an admin can add a location of kind dock";
const MANY_DOCKS: &str = "there is more than one dock; name the one to pick to";

/// The figures of stock that is on hand and reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReservedFigures {
    pub have: Decimal,
    pub reserved: Decimal,
    pub need: Decimal,
}

/// The line of an order that a refusal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOfOrder {
    pub id: OrderLineId,
    /// The number of the order and of the line; none if they could not be read.
    pub order: Option<(OrderNumber, i32)>,
}

impl LineOfOrder {
    /// A line whose order has not been read yet.
    #[must_use]
    pub fn of(id: OrderLineId) -> Box<Self> {
        Box::new(Self { id, order: None })
    }
}

/// A command that a rule refused. Nothing was changed, and sending it again will not help unless the stock or the
/// command changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Less is on hand than the posting takes.
    #[error("{sku}{lot_words} at {location}: have {have}, need {need}{expired_words}",
        lot_words = lot_words(lot.as_ref()), expired_words = expired_words(*expired))]
    InsufficientStock {
        sku: Sku,
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        have: Decimal,
        need: Decimal,
        /// The quantity on hand in expired lots, which is not counted.
        expired: Decimal,
    },
    /// Enough is on hand, but too much of it is reserved.
    #[error("{sku}{lot_words} at {location}: have {have}, {reserved} reserved{holder_words}, available {available}, need {need}",
        lot_words = lot_words(lot.as_ref()), holder_words = holder_words(holders),
        have = figures.have, reserved = figures.reserved, available = figures.have - figures.reserved, need = figures.need)]
    ReservedStock {
        sku: Sku,
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        figures: Box<ReservedFigures>,
        /// The orders that it is reserved for; empty if they could not be read.
        holders: Vec<OrderNumber>,
    },
    /// Less is reserved there for the order line than is to be moved or released.
    #[error("{sku}{lot_words} at {location}: {reserved} reserved for {line_words}, need {need}",
        lot_words = lot_words(lot.as_ref()), line_words = line_words(line))]
    NotReserved {
        sku: Sku,
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        line: Box<LineOfOrder>,
        reserved: Decimal,
        need: Decimal,
    },
    /// More would be reserved and moved than the order line allows.
    #[error("{line_words}: ordered {ordered}{over_words}; {moved} moved and {reserved} reserved would be too many",
        line_words = line_words(line), over_words = over_words(*over_percent))]
    BeyondOrder {
        line: Box<LineOfOrder>,
        ordered: Decimal,
        over_percent: Decimal,
        moved: Decimal,
        reserved: Decimal,
    },
    /// No order has this number.
    #[error("there is no order {0}; `stockroom order list` lists them")]
    UnknownOrder(OrderNumber),
    /// The order has no line of this number.
    #[error("{number} has no line {line_no}")]
    UnknownOrderLine { number: OrderNumber, line_no: u32 },
    /// The draft is no longer the one that was to be changed.
    #[error("{0} has been changed by another session; open it again and repeat the change")]
    DraftChanged(OrderNumber),
    /// Nothing of the order is reserved where it could be picked, shipped or released.
    #[error("nothing is reserved for {0}; reserve stock for it first")]
    NothingReserved(OrderNumber),
    /// Everything on the order has been delivered or reserved.
    #[error("nothing is left to do for {0}: all of it has been delivered or reserved")]
    NothingOpen(OrderNumber),
    /// Less is available than an order line needs.
    #[error("line {line_no} of {number}: {available} of {sku} available, need {need}")]
    NotAvailable { number: OrderNumber, line_no: i32, sku: Sku, available: Decimal, need: Decimal },
    /// Less is available than an order line needs, and more expires too early for its customer.
    #[error("line {line_no} of {number}: {available} of {sku} available, need {need}; {quantity} more expire before {first_expiry}, too early for {partner}",
        quantity = short_lived.quantity, first_expiry = short_lived.first_expiry, partner = short_lived.partner)]
    ShortLived {
        number: OrderNumber,
        line_no: i32,
        sku: Sku,
        available: Decimal,
        need: Decimal,
        short_lived: Box<ShortLived>,
    },
    /// There is no quarantine location for returned goods.
    #[error("there is no quarantine location; name the location to put the goods into")]
    NoQuarantine,
    /// The location is not a dock, and goods are picked to docks.
    #[error("{0} is not a dock; picked goods go to a location of kind dock")]
    NotADock(LocationCode),
    /// The number of docks is not one, so that a location has to be named.
    #[error("{}", if *docks == 0 { NO_DOCK } else { MANY_DOCKS })]
    DockNotNamed { docks: usize },
    /// The order is malformed, whatever is in the database.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// No product has this code, as SKU or barcode.
    #[error("there is no product \"{code}\"; `stockroom product list` lists them", code = safe_line(.0))]
    UnknownProduct(String),
    /// No location has this code.
    #[error("there is no location {0}; `stockroom location list` lists them")]
    UnknownLocation(LocationCode),
    /// The product has no lot of this code.
    #[error("{sku} has no lot {lot}")]
    UnknownLot { sku: Sku, lot: LotCode },
    /// No supplier or customer has this code.
    #[error("there is no supplier or customer {0}; `stockroom partner list` lists them")]
    UnknownPartner(PartnerCode),
    /// No movement or posting has this id.
    #[error("there is no movement or posting {0}")]
    UnknownMovement(MovementId),
    /// The movement has already been reversed.
    #[error("movement {0} has already been reversed; a movement can be reversed only once")]
    AlreadyReversed(MovementId),
    /// The id was used for something else.
    #[error("the id {0} has already been used for another posting; nothing was posted")]
    IdUsedForAnother(PostingId),
    /// A product of this code exists already.
    #[error("product {0} already exists")]
    ProductExists(Sku),
    /// A location of this code exists already.
    #[error("location {0} already exists")]
    LocationExists(LocationCode),
    /// A partner of this code exists already.
    #[error("supplier or customer {0} already exists")]
    PartnerExists(PartnerCode),
    /// The barcode belongs to a product already.
    #[error("barcode {0} already belongs to a product")]
    BarcodeExists(Barcode),
    /// The product has no such barcode.
    #[error("{sku} has no barcode {barcode}")]
    UnknownBarcode { sku: Sku, barcode: Barcode },
    /// The goods are past their last day of use.
    #[error(
        "lot {lot} of {sku} expired on {expired_on}; write it off with a count of 0, or name a later lot"
    )]
    LotExpired {
        sku: Sku,
        lot: LotCode,
        /// The last day on which it could be used.
        expired_on: Date,
    },
    /// The lot is known with another last day of use.
    #[error("the recorded expiry date of lot {lot} of {sku} is {known}, not {given}", known = day_words(*known))]
    LotExpiryDiffers {
        sku: Sku,
        lot: LotCode,
        /// The day that is recorded.
        known: Option<Date>,
        /// The day that was given.
        given: Date,
    },
    /// The recorded quantity is no longer what it was when the goods were counted.
    #[error("{sku}{lot_words} at {location}: {seen} on hand when it was counted, {have} now; goods have moved, so count again", lot_words = lot_words(lot.as_ref()))]
    MovedSinceCounted {
        sku: Sku,
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        /// The recorded quantity when the goods were counted.
        seen: Decimal,
        have: Decimal,
    },
    /// The ledger has no partition for these months, and this login may not create one.
    #[error("movements {months} cannot be posted: the ledger has no partition for {them}", months = months(*first, *last), them = missing_words(*first, *last))]
    MonthsMissing {
        /// The first day of the first month without a partition.
        first: Date,
        /// The first day of the last one.
        last: Date,
    },
    /// The typed text is not a valid code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The typed text is not a valid quantity or price.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// The typed text is not a valid id.
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    Posting(#[from] PostingError),
    /// The login may not do this.
    #[error("your login does not have permission for this: {message}")]
    NotAllowed { message: String },
    /// Another rule of the database, with the message of the database; [`super::rule_figures`] extracts the figures
    /// from it.
    #[error("{message}")]
    Rule {
        /// The name of the rule or constraint.
        rule: String,
        message: String,
    },
}

/// The orders that goods are reserved for.
fn holder_words(holders: &[OrderNumber]) -> String {
    match holders {
        [] => String::new(),
        [one] => format!(" for {one}"),
        [most @ .., last] => {
            let most: Vec<String> = most.iter().map(ToString::to_string).collect();
            format!(" for {} and {last}", most.join(", "))
        }
    }
}

fn line_words(line: &LineOfOrder) -> String {
    line.order.as_ref().map_or_else(
        || "the order line".to_owned(),
        |(number, line_no)| format!("line {line_no} of {number}"),
    )
}

fn over_words(over_percent: Decimal) -> String {
    if over_percent.is_zero() { String::new() } else { format!(" and {over_percent} % more allowed") }
}

fn lot_words(lot: Option<&LotCode>) -> String {
    lot.map(|code| format!(" lot {code}")).unwrap_or_default()
}

/// The month of a day as the command line takes it: `2026-11`.
#[must_use]
pub fn month_text(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

fn months(first: Date, last: Date) -> String {
    if first == last {
        format!("of {}", month_text(first))
    } else {
        format!("from {} to {}", month_text(first), month_text(last))
    }
}

/// The missing months, and how an admin creates them.
fn missing_words(first: Date, last: Date) -> String {
    if first == last {
        format!("that month; an admin creates it with `stockroom db partitions {}`", month_text(first))
    } else {
        format!(
            "these months; an admin creates them with `stockroom db partitions {} {}`",
            month_text(first),
            month_text(last)
        )
    }
}

/// The quantity on hand that cannot be taken, if there is any.
fn expired_words(expired: Decimal) -> String {
    if expired.is_zero() { String::new() } else { format!("; {expired} more have expired") }
}

fn day_words(day: Option<Date>) -> String {
    day.map_or_else(|| "none".to_owned(), |date| date.to_string())
}

impl Refusal {
    /// The name of the rule, stable for programs: `--json` prints it as `rule`.
    #[must_use]
    pub fn rule(&self) -> &str {
        match self {
            Self::InsufficientStock { .. } => "insufficient_stock",
            Self::ReservedStock { .. } => "reserved_stock",
            Self::NotReserved { .. } => "not_reserved",
            Self::BeyondOrder { .. } => "beyond_order",
            Self::UnknownOrder(_) => "unknown_order",
            Self::UnknownOrderLine { .. } => "unknown_order_line",
            Self::DraftChanged(_) => "draft_changed",
            Self::NothingReserved(_) => "nothing_reserved",
            Self::NothingOpen(_) => "nothing_open",
            Self::NotAvailable { .. } => "not_available",
            Self::ShortLived { .. } => "short_lived",
            Self::NoQuarantine => "no_quarantine",
            Self::NotADock(_) => "not_a_dock",
            Self::DockNotNamed { .. } => "dock_not_named",
            Self::Order(_) => "order_form",
            Self::UnknownProduct(_) => "unknown_product",
            Self::UnknownLocation(_) => "unknown_location",
            Self::UnknownLot { .. } => "unknown_lot",
            Self::UnknownPartner(_) => "unknown_partner",
            Self::UnknownMovement(_) => "unknown_movement",
            Self::AlreadyReversed(_) => "already_reversed",
            Self::IdUsedForAnother(_) => "id_used_for_another",
            Self::ProductExists(_) => "product_exists",
            Self::LocationExists(_) => "location_exists",
            Self::PartnerExists(_) => "partner_exists",
            Self::BarcodeExists(_) => "barcode_exists",
            Self::UnknownBarcode { .. } => "unknown_barcode",
            Self::LotExpired { .. } => "lot_expired",
            Self::LotExpiryDiffers { .. } => "lot_expiry_differs",
            Self::MovedSinceCounted { .. } => "moved_since_counted",
            Self::MonthsMissing { .. } => "months_missing",
            Self::Code(_) => "code_form",
            Self::Quantity(_) => "quantity_form",
            Self::Id(_) => "id_form",
            Self::Posting(_) => "posting_form",
            Self::NotAllowed { .. } => "not_allowed",
            Self::Rule { rule, .. } => rule,
        }
    }
}
