//! Transfer: goods go from one place to another.

use super::{Details, Error, Service};
use crate::domain::{Line, LocationCode, LotCode, MovementKind, Posting, Quantity};
use crate::store::Posted;

/// One product going from place to place.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The sku, or a barcode.
    pub code: String,
    /// How many; packs, when the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are taken from.
    pub from: LocationCode,
    /// Where they are put.
    pub to: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The rest.
    pub details: Details,
}

impl Service {
    /// Moves goods from one place to another.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn transfer(&self, transfer: Transfer) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&transfer.code, transfer.number).await?;
        let line = Line {
            sku,
            quantity,
            from: Some(transfer.from),
            to: Some(transfer.to),
            lot: transfer.lot,
            expires: None,
            unit_price: None,
            reverses: None,
        };
        self.post(&Posting {
            id: transfer.details.id_or_new(),
            kind: MovementKind::Transfer,
            reference: transfer.details.reference,
            reason: transfer.details.reason,
            partner: transfer.details.partner,
            lines: vec![line],
        })
        .await
    }
}
