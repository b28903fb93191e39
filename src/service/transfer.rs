//! Transfers goods between locations. If a product is tracked by lot and no lot is named, those that expire first are
//! taken.

use super::{Error, Service};
use crate::domain::{Basket, BasketLine, Details, LocationCode, LotCode, MovementKind, Posted, Quantity};

/// A transfer of one product, as the command line takes it.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The SKU, or a barcode.
    pub code: String,
    /// The number of units, or of packs if the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are taken from.
    pub from: LocationCode,
    pub to: LocationCode,
    /// The lot or serial number; chosen by expiry if left out.
    pub lot: Option<LotCode>,
    pub details: Details,
}

impl Service {
    /// Transfers goods from one location to another.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn transfer(&self, transfer: Transfer) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&transfer.code, transfer.number).await?;
        let line = BasketLine {
            sku,
            quantity,
            lot: transfer.lot,
            expires: None,
            unit_price: None,
            order_line: None,
        };
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
