//! The ledger: a movement as it is listed, and which movements to list.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Anchor;
use crate::domain::listed::{Listed, some};
use crate::domain::{
    LocationCode, LotCode, MovementId, MovementKind, Name, Note, OrderLineId, OrderNumber, PartnerCode,
    PostingId, Quantity, Reference, Sku, UnitPrice,
};

/// One movement, as the ledger lists it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LedgerRow {
    pub id: MovementId,
    pub posting_id: PostingId,
    pub kind: MovementKind,
    pub sku: Sku,
    /// The name of the product, for the screens.
    #[serde(skip)]
    pub name: Name,
    /// The unit of the quantity.
    pub unit: Name,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    pub from: Option<LocationCode>,
    pub to: Option<LocationCode>,
    pub partner: Option<PartnerCode>,
    pub quantity: Quantity,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    pub reference: Option<Reference>,
    pub reason: Option<Note>,
    /// The movement that this one reverses.
    pub reverses: Option<MovementId>,
    /// The number of the order that it carries out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderNumber>,
    /// The line of that order.
    #[serde(skip)]
    pub order_line: Option<OrderLineId>,
    /// The movement that reverses this one.
    pub reversed_by: Option<MovementId>,
    pub occurred_at: Timestamp,
    /// When the server inserted it.
    pub posted_at: Timestamp,
    /// The login that posted it.
    pub posted_by: String,
    /// The last day of use of the lot.
    #[serde(skip)]
    pub lot_expires_on: Option<Date>,
}

impl Listed for LedgerRow {
    const COLUMNS: &'static [&'static str] = &[
        "occurred_at",
        "kind",
        "sku",
        "name",
        "quantity",
        "unit",
        "from",
        "to",
        "lot",
        "partner",
        "unit_price",
        "reference",
        "reason",
        "order",
        "posted_by",
        "posted_at",
        "id",
        "posting_id",
        "reverses",
        "reversed_by",
    ];

    fn fields(&self) -> Vec<String> {
        vec![
            self.occurred_at.to_string(),
            self.kind.to_string(),
            self.sku.to_string(),
            self.name.to_string(),
            self.quantity.to_string(),
            self.unit.to_string(),
            some(self.from.as_ref()),
            some(self.to.as_ref()),
            some(self.lot.as_ref()),
            some(self.partner.as_ref()),
            some(self.unit_price.as_ref()),
            some(self.reference.as_ref()),
            some(self.reason.as_ref()),
            some(self.order.as_ref()),
            self.posted_by.clone(),
            self.posted_at.to_string(),
            self.id.to_string(),
            self.posting_id.to_string(),
            some(self.reverses.as_ref()),
            some(self.reversed_by.as_ref()),
        ]
    }
}

/// Which movements to list. Conditions are combined with AND; an empty filter lists all movements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    pub sku: Option<Sku>,
    /// Only movements that occurred at or after this time.
    pub since: Option<Timestamp>,
    pub reference: Option<String>,
    /// Only what this login posted.
    pub posted_by: Option<String>,
    /// Only movements from or to this partner.
    pub partner: Option<String>,
    /// Whether the reference, the login, and the code or name of the partner are matched by any part of them,
    /// regardless of case.
    pub in_part: bool,
    /// Only movements of this kind.
    pub kind: Option<MovementKind>,
    /// Only movements that occurred at or before this time.
    pub until: Option<Timestamp>,
    /// Only movements from or to this location or one within it.
    pub location: Option<LocationCode>,
    /// Where the page begins. The first row is the newest movement.
    pub anchor: Anchor<MovementId>,
    /// The most rows; `LIMIT_DEFAULT` if none is given.
    pub limit: Option<u32>,
}
