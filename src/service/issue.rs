//! Issue: goods go out. When a product is tracked by lot and nobody names one, the lots that expire
//! first go first.

use super::{Error, Service};
use crate::domain::{
    Basket, BasketLine, Details, LocationCode, LotCode, MovementKind, Posted, Quantity, UnitPrice,
};

/// One product going out.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The sku, or a barcode.
    pub code: String,
    /// How many; packs, when the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are taken from.
    pub from: LocationCode,
    /// The lot or serial number; chosen by expiry when left out.
    pub lot: Option<LotCode>,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    pub details: Details,
}

impl Service {
    /// Issues goods.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn issue(&self, issue: Issue) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&issue.code, issue.number).await?;
        let line = BasketLine { sku, quantity, lot: issue.lot, expires: None, unit_price: issue.unit_price };
        self.post_basket(&Basket {
            kind: MovementKind::Issue,
            from: Some(issue.from),
            to: None,
            lines: vec![line],
            details: issue.details,
        })
        .await
    }
}
