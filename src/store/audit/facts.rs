//! The contents of a movement or a count in the form in which ledger rows and audit records are compared, and the bytes
//! that are sealed. The serialisation is part of the evidence: a change to it would invalidate every earlier
//! checkpoint.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::domain::MovementKind;

/// The part of a ledger row that comes from the person or program that posted it, not from the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementFacts {
    pub id: Uuid,
    pub occurred_at: Timestamp,
    pub posting_id: Uuid,
    pub kind: MovementKind,
    pub product_id: i64,
    pub lot_id: Option<i64>,
    /// The key of the location that the goods left.
    pub from_location_id: Option<i64>,
    /// The key of the location where they arrived.
    pub to_location_id: Option<i64>,
    pub partner_id: Option<i64>,
    /// The quantity, without trailing zeros.
    pub quantity: Decimal,
    /// The price, without trailing zeros.
    pub unit_price: Option<Decimal>,
    pub reference: Option<String>,
    pub reason: Option<String>,
    pub reverses: Option<Uuid>,
    /// The order line that it carries out. Left out of the serialisation if there is none, so that rows sealed before
    /// there were orders keep their bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<Uuid>,
}

/// A ledger row as it is sealed: the facts, and what the server filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedMovement {
    #[serde(flatten)]
    pub facts: MovementFacts,
    /// When the server inserted it.
    pub posted_at: Timestamp,
    pub posted_by: String,
    pub xid: u64,
}

/// The part of a count that does not come from the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountFacts {
    pub id: Uuid,
    pub counted_at: Timestamp,
    pub posting_id: Uuid,
    pub product_id: i64,
    pub location_id: i64,
    pub lot_id: Option<i64>,
    /// The counted quantity, without trailing zeros.
    pub counted: Decimal,
}

/// The columns that [`SealedMovement`] is read from; to be followed by FROM.
pub(super) const COLUMNS: &str = "t.id, t.occurred_at, t.posting_id, t.kind::text, t.product_id, t.lot_id, \
     t.from_location_id, t.to_location_id, t.partner_id, t.quantity, t.unit_price, t.reference, t.reason, t.reverses, \
     t.posted_at, t.posted_by::text, t.xid::text, t.order_line_id";

/// The same columns of `stock.transactions r`, as they are stored. They are qualified, so that a column added to the
/// ledger cannot make the names of a statement ambiguous.
pub(super) const STORED_COLUMNS: &str = "r.id, r.occurred_at, r.posting_id, r.kind, r.product_id, r.lot_id, \
     r.from_location_id, r.to_location_id, r.partner_id, r.quantity, r.unit_price, r.reference, r.reason, r.reverses, \
     r.posted_at, r.posted_by, r.xid, r.order_line_id";

impl SealedMovement {
    /// The bytes of its leaf in the tree over the ledger.
    ///
    /// # Errors
    /// None in practice: every value can be represented in JSON.
    pub fn leaf(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads a row of [`COLUMNS`].
    pub(super) fn from_row(row: &Row) -> Result<Self, super::super::Error> {
        let kind: &str = row.try_get(3)?;
        let xid: &str = row.try_get(16)?;
        let unknown = |what: &str| super::super::Error::Database {
            sqlstate: "client".to_owned(),
            message: format!("a movement of the ledger has {what} that is unknown"),
        };
        Ok(Self {
            facts: MovementFacts {
                id: row.try_get(0)?,
                occurred_at: row.try_get(1)?,
                posting_id: row.try_get(2)?,
                kind: kind.parse().map_err(|_| unknown("a kind"))?,
                product_id: row.try_get(4)?,
                lot_id: row.try_get(5)?,
                from_location_id: row.try_get(6)?,
                to_location_id: row.try_get(7)?,
                partner_id: row.try_get(8)?,
                quantity: row.try_get::<_, Decimal>(9)?.normalize(),
                unit_price: row.try_get::<_, Option<Decimal>>(10)?.map(|price| price.normalize()),
                reference: row.try_get(11)?,
                reason: row.try_get(12)?,
                reverses: row.try_get(13)?,
                order_line_id: row.try_get(17)?,
            },
            posted_at: row.try_get(14)?,
            posted_by: row.try_get(15)?,
            xid: xid.parse().map_err(|_| unknown("a transaction"))?,
        })
    }
}
