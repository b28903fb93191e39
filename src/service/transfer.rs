//! Transfer: goods go from one place to another. When a product is tracked by lot and nobody names one, the
//! lots that expire first go first.

use super::{Error, Service};
use crate::domain::{Basket, BasketLine, Details, LocationCode, LotCode, MovementKind, Posted, Quantity};

/// One product going from place to place.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The sku, or a barcode.
    pub code: String,
    /// How many; packs, when the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are taken from.
    pub from: LocationCode,
    pub to: LocationCode,
    /// The lot or serial number; chosen by expiry when left out.
    pub lot: Option<LotCode>,
    pub details: Details,
}

impl Service {
    /// Moves goods from one place to another.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn transfer(&self, transfer: Transfer) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&transfer.code, transfer.number).await?;
        let line = BasketLine { sku, quantity, lot: transfer.lot, expires: None, unit_price: None };
        self.post_basket(&Basket {
            kind: MovementKind::Transfer,
            from: Some(transfer.from),
            to: Some(transfer.to),
            lines: vec![line],
            details: transfer.details,
        })
        .await
    }
}
