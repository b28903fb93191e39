//! The words of the trade and their rules: codes, quantities, movements, postings, refusals.
//!
//! Boundary: pure values and parsing. Nothing here does input or output, knows SQL, or reads a clock.

mod catalogue;
mod code;
pub mod entry;
mod id;
mod movement;
mod quantity;
mod refusal;
mod rule;

pub use catalogue::{
    Change, LocationChange, LocationKind, NewLocation, NewPartner, NewProduct, PackBarcode, PartnerKind,
    ProductChange, UnknownWord,
};
pub use code::{Barcode, CodeError, LocationCode, LotCode, Name, Note, PartnerCode, Reference, Sku};
pub use id::{IdError, LINES_MAX, MovementId, PostingId};
pub use movement::{Line, MovementKind, Posting, PostingError, Tracking};
pub use quantity::{Quantity, QuantityError, UnitPrice};
pub use refusal::Refusal;
pub use rule::{RULE_SENTENCES, rule_figures};
