//! Issues goods. If a product is tracked by lot and no lot is named, those that expire first are taken.

use super::{Error, Service};
use crate::domain::{
    Basket, BasketLine, Details, LocationCode, LotCode, MovementKind, Posted, Quantity, UnitPrice,
};

/// An issue of one product, as the command line takes it.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The SKU, or a barcode.
    pub code: String,
    /// The number of units, or of packs if the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are taken from.
    pub from: LocationCode,
    /// The lot or serial number; chosen by expiry if left out.
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
        let line = BasketLine {
            sku,
            quantity,
            lot: issue.lot,
            expires: None,
            unit_price: issue.unit_price,
            order_line: None,
        };
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
