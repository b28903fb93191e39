//! Count: what stands on the shelf is recorded, and the books follow.

use rust_decimal::Decimal;

use super::journal::Command;
use super::{Details, Error, Service};
use crate::domain::{LocationCode, LotCode, Note, Quantity, Refusal};
use crate::store::{CountFigure, Counted};

/// The reason of an adjustment when the person gives none.
const REASON_DEFAULT: &str = "count";

/// One product counted in one place.
#[derive(Debug, Clone)]
pub struct Count {
    /// The sku, or a barcode.
    pub code: String,
    /// How many were found; packs, when the code is that of a pack. May be zero.
    pub number: Decimal,
    /// Where.
    pub at: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The rest. A count concerns no partner.
    pub details: Details,
}

impl Service {
    /// Records a count, also when the figure agrees, and posts the difference.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn count(&self, count: Count) -> Result<Counted, Error> {
        let (sku, units) = self.identify(&count.code, count.number).await?;
        let counted = Quantity::counted(units).map_err(Refusal::from)?;
        let id = count.details.id_or_new();
        let reason: Note = match count.details.reason {
            Some(reason) => reason,
            None => REASON_DEFAULT.parse().map_err(Refusal::from)?,
        };
        let entry = match &self.journal {
            Some(journal) => {
                let words = format!("count of {counted} {sku} at {}", count.at);
                Some(journal.write(self.store.settings(), id, &words, Command::Count)?)
            }
            None => None,
        };
        let figure = CountFigure { sku, location: count.at, lot: count.lot, counted };
        let outcome = self
            .store
            .count(id, &figure, &reason, count.details.reference.as_ref())
            .await
            .map_err(Error::from);
        if let Some(entry) = entry
            && !outcome.as_ref().is_err_and(Error::outcome_unknown)
        {
            entry.strike_if_possible();
        }
        outcome
    }
}
