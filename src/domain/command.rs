//! A command before its lots are chosen, and its outcome.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{
    LocationCode, LotCode, MovementId, MovementKind, Note, OrderLineId, PartnerCode, PostingId, Quantity,
    Reference, SheetFigure, Sku, UnitPrice,
};

/// What every posting may carry besides goods and locations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// The id, if the caller has generated one.
    pub id: Option<PostingId>,
    pub reference: Option<Reference>,
    pub reason: Option<Note>,
    pub partner: Option<PartnerCode>,
}

/// Products that are moved together, all between the same locations.
#[derive(Debug, Clone, PartialEq)]
pub struct Basket {
    pub kind: MovementKind,
    /// Where the goods are taken from; none for a receipt.
    pub from: Option<LocationCode>,
    /// Where the goods are put; none for an issue.
    pub to: Option<LocationCode>,
    pub lines: Vec<BasketLine>,
    pub details: Details,
}

/// One product in a basket.
#[derive(Debug, Clone, PartialEq)]
pub struct BasketLine {
    pub sku: Sku,
    pub quantity: Quantity,
    /// The lot or serial number; chosen by expiry when left out of an issue or transfer.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot, when a receipt brings a new one.
    pub expires: Option<Date>,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    /// The order line that the movement fulfils, if it belongs to an order.
    pub order_line: Option<OrderLineId>,
}

/// The counts of one location.
#[derive(Debug, Clone)]
pub struct CountSheet {
    /// The location of the sheet; its lines are at this location or within it.
    pub location: LocationCode,
    /// The counted quantities; each product, location and lot once.
    pub lines: Vec<SheetFigure>,
    /// A count has no partner.
    pub details: Details,
}

/// What is to be reversed.
#[derive(Debug, Clone)]
pub struct Reversal {
    /// A movement, or a posting: its id is that of its first movement.
    pub target: MovementId,
    /// Whether to reverse only this movement where the id is also that of a posting with more lines.
    pub movement_only: bool,
    pub reason: Note,
    /// The id of the reversal, if the caller has generated one.
    pub id: Option<PostingId>,
}

/// The outcome of a command whose program ended before it was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingOutcome {
    Posted,
    /// It was not posted, and will not be.
    NotPosted,
    /// The database cannot be queried; the command is looked up again at the next start.
    Unknown,
}

/// A command found in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// The id that was sent.
    pub id: PostingId,
    /// A short description of the command.
    pub words: String,
    pub written_at: Timestamp,
    pub outcome: PostingOutcome,
}
