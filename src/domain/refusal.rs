//! Refusals: the rules that stop a command, with the figures, in a clerk's words.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Barcode, CodeError, IdError, LocationCode, LotCode, MovementId, PartnerCode, PostingError, PostingId,
    QuantityError, Sku,
};

/// A command that a rule refused. Nothing was changed, and sending it again will not help until the
/// stock or the command is another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Less on hand than the posting takes.
    #[error("{sku}{lot_words} at {location}: have {have}, need {need}", lot_words = lot_words(lot.as_ref()))]
    InsufficientStock {
        /// The product.
        sku: Sku,
        /// The place.
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        /// What is on hand.
        have: Decimal,
        /// What the posting takes.
        need: Decimal,
    },
    /// No product has this code, as SKU or barcode.
    #[error("there is no product \"{0}\"; `stockroom product list` shows what there is")]
    UnknownProduct(String),
    /// No location has this code.
    #[error("there is no location {0}; `stockroom location list` shows what there is")]
    UnknownLocation(LocationCode),
    /// The product has no lot of this code.
    #[error("{sku} has no lot {lot}")]
    UnknownLot {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: LotCode,
    },
    /// No supplier or customer has this code.
    #[error("there is no supplier or customer {0}; `stockroom partner list` shows who there is")]
    UnknownPartner(PartnerCode),
    /// No movement or posting has this id.
    #[error("there is no movement or posting {0}")]
    UnknownMovement(MovementId),
    /// The movement has been undone before.
    #[error("movement {0} has been reversed already; a movement is reversed once at most")]
    AlreadyReversed(MovementId),
    /// The id was used for something else.
    #[error("the id {0} has been used for another posting; nothing was posted now")]
    IdUsedForAnother(PostingId),
    /// A product of this code exists already.
    #[error("there is a product {0} already")]
    ProductExists(Sku),
    /// A location of this code exists already.
    #[error("there is a location {0} already")]
    LocationExists(LocationCode),
    /// A partner of this code exists already.
    #[error("there is a supplier or customer {0} already")]
    PartnerExists(PartnerCode),
    /// The barcode belongs to a product already.
    #[error("the barcode {0} belongs to a product already")]
    BarcodeExists(Barcode),
    /// The product has no such barcode.
    #[error("{sku} has no barcode {barcode}")]
    UnknownBarcode {
        /// The product.
        sku: Sku,
        /// The barcode.
        barcode: Barcode,
    },
    /// The goods are past their last day of use.
    #[error("lot {lot} of {sku} expired on {expired_on}; adjust it out, or name a later lot")]
    LotExpired {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: LotCode,
        /// The last day on which it could be used.
        expired_on: Date,
    },
    /// The lot is known with another last day of use.
    #[error("lot {lot} of {sku} is known to expire {known}, not {given}", known = day_words(*known), given = day_words(Some(*given)))]
    LotExpiryDiffers {
        /// The product.
        sku: Sku,
        /// The lot.
        lot: LotCode,
        /// The day that is recorded.
        known: Option<Date>,
        /// The day that was given.
        given: Date,
    },
    /// The books no longer hold what the counter saw.
    #[error("{sku}{lot_words} at {location}: the books held {seen} when it was counted and hold {have} now; goods have moved, so count it again", lot_words = lot_words(lot.as_ref()))]
    MovedSinceCounted {
        /// The product.
        sku: Sku,
        /// The place.
        location: LocationCode,
        /// The lot, if the product is tracked.
        lot: Option<LotCode>,
        /// What the books held when it was counted.
        seen: Decimal,
        /// What they hold now.
        have: Decimal,
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
    /// The posting is malformed.
    #[error(transparent)]
    Posting(#[from] PostingError),
    /// The login may not do this.
    #[error("your login may not do this: {message}")]
    NotAllowed {
        /// What the server said.
        message: String,
    },
    /// Another rule of the database, in the database's own words; [`super::rule_figures`] takes the figures
    /// out of them.
    #[error("{message}")]
    Rule {
        /// The name of the rule or constraint.
        rule: String,
        /// What it says.
        message: String,
    },
}

fn lot_words(lot: Option<&LotCode>) -> String {
    lot.map(|code| format!(" lot {code}")).unwrap_or_default()
}

fn day_words(day: Option<Date>) -> String {
    day.map_or_else(|| "never".to_owned(), |date| format!("on {date}"))
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
            Self::Code(_) => "code_form",
            Self::Quantity(_) => "quantity_form",
            Self::Id(_) => "id_form",
            Self::Posting(_) => "posting_form",
            Self::NotAllowed { .. } => "not_allowed",
            Self::Rule { rule, .. } => rule,
        }
    }
}
