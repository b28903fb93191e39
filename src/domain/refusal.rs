//! Refusals: the rules that stop a command, with the figures, in a clerk's words.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::display::safe_line;
use super::{
    Barcode, CodeError, IdError, LocationCode, LotCode, MovementId, PartnerCode, PostingError, PostingId,
    QuantityError, Sku,
};

/// A command that a rule refused. Nothing was changed, and sending it again will not help until the
/// stock or the command is another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Less on hand than the posting takes.
    #[error("{sku}{lot_words} at {location}: have {have}, need {need}{expired_words}",
        lot_words = lot_words(lot.as_ref()), expired_words = expired_words(*expired))]
    InsufficientStock {
        sku: Sku,
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        have: Decimal,
        need: Decimal,
        /// What is there besides, in lots that have expired.
        expired: Decimal,
    },
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
    /// The movement has been undone before.
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
    /// The books no longer hold what the counter saw.
    #[error("{sku}{lot_words} at {location}: {seen} was on hand when it was counted, {have} is now; goods have moved, so count it again", lot_words = lot_words(lot.as_ref()))]
    MovedSinceCounted {
        sku: Sku,
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        /// What the books held when it was counted.
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
    /// What was typed is no valid code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// What was typed is no valid quantity or price.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// What was typed is no valid id.
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    Posting(#[from] PostingError),
    /// The login may not do this.
    #[error("your login does not have permission for this: {message}")]
    NotAllowed { message: String },
    /// Another rule of the database, in the database's own words; [`super::rule_figures`] takes the figures
    /// out of them.
    #[error("{message}")]
    Rule {
        /// The name of the rule or constraint.
        rule: String,
        message: String,
    },
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

/// The months that are missing, and how an admin creates them.
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

/// What is on hand and cannot be taken, if there is any.
fn expired_words(expired: Decimal) -> String {
    if expired.is_zero() { String::new() } else { format!("; {expired} more have expired") }
}

fn day_words(day: Option<Date>) -> String {
    day.map_or_else(|| "none".to_owned(), |date| date.to_string())
}

impl Refusal {
    /// The name of the rule, stable for programs: what `--json` prints as `rule`.
    #[must_use]
    pub fn rule(&self) -> &str {
        match self {
            Self::InsufficientStock { .. } => "insufficient_stock",
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
