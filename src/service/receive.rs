//! Receipt: goods come in from the outside world.

use jiff::civil::Date;

use super::{Details, Error, Service};
use crate::domain::{Line, LocationCode, LotCode, MovementKind, Posting, Quantity, UnitPrice};
use crate::store::Posted;

/// One product coming in.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The sku, or a barcode.
    pub code: String,
    /// How many; packs, when the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are put.
    pub to: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot.
    pub expires: Option<Date>,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    /// The rest.
    pub details: Details,
}

impl Service {
    /// Receives goods.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn receive(&self, receipt: Receipt) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&receipt.code, receipt.number).await?;
        let line = Line {
            sku,
            quantity,
            from: None,
            to: Some(receipt.to),
            lot: receipt.lot,
            expires: receipt.expires,
            unit_price: receipt.unit_price,
            reverses: None,
        };
        self.post(&Posting {
            id: receipt.details.id_or_new(),
            kind: MovementKind::Receipt,
            reference: receipt.details.reference,
            reason: receipt.details.reason,
            partner: receipt.details.partner,
            lines: vec![line],
        })
        .await
    }
}
