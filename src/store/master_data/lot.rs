//! The last days of use of lots.

use jiff::civil::Date;

use crate::domain::{Change, LotChanged, LotCode, Refusal, Sku};
use crate::store::{Error, Store};

impl Store {
    /// Changes or removes the last day of use of a lot, and returns the previous one.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`], [`Refusal::UnknownLot`]; and as any write.
    pub async fn change_lot(
        &self,
        sku: &Sku,
        lot: &LotCode,
        expires: Change<Date>,
    ) -> Result<LotChanged, Error> {
        self.learn(&[sku], &[], None).await?;
        let product = self.keys.product(sku)?;
        let connection = self.connection().await?;
        let row = connection
            .query_opt(
                super::statements::CHANGE_LOT,
                &[&product, &lot.as_str(), &expires.is_wanted(), &expires.value()],
            )
            .await?
            .ok_or_else(|| Refusal::UnknownLot { sku: sku.clone(), lot: lot.clone() })?;
        Ok(LotChanged { before: row.try_get("expires_on")? })
    }
}
