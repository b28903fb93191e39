//! Receives goods.

use jiff::civil::Date;

use super::{Error, Service};
use crate::domain::{
    Basket, BasketLine, Details, LocationCode, LotCode, MovementKind, Posted, Quantity, UnitPrice,
};

/// A receipt of one product, as the command line takes it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The SKU, or a barcode.
    pub code: String,
    /// The number of units, or of packs if the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are put.
    pub to: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot.
    pub expires: Option<Date>,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    pub details: Details,
}

impl Service {
    /// Receives goods.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn receive(&self, receipt: Receipt) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&receipt.code, receipt.number).await?;
        let (lot, expires, unit_price) = (receipt.lot, receipt.expires, receipt.unit_price);
        self.post_basket(&Basket {
            kind: MovementKind::Receipt,
            from: None,
            to: Some(receipt.to),
            lines: vec![BasketLine { sku, quantity, lot, expires, unit_price, order_line: None }],
            details: receipt.details,
        })
        .await
    }
}
