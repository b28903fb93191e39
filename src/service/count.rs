//! Counts one product: records the counted quantity and posts the difference as an adjustment.

use rust_decimal::Decimal;

use super::{Error, Service};
use crate::domain::{
    CountSheet, Details, Level, LocationCode, LotCode, Posted, PostedLine, PostingId, Quantity, Refusal,
    SheetCounted, SheetFigure, Status,
};

/// One product counted at one location.
#[derive(Debug, Clone)]
pub struct Count {
    /// The SKU, or a barcode.
    pub code: String,
    /// The counted number, which may be zero; in packs if the code is that of a pack.
    pub number: Decimal,
    pub at: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// A count has no partner.
    pub details: Details,
}

/// The result of a count.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Counted {
    pub status: Status,
    /// The id of the count, and of the adjustment if there is one.
    pub posting_id: PostingId,
    pub expected: Decimal,
    pub counted: Decimal,
    /// The adjustment; empty if the count agreed.
    pub transactions: Vec<PostedLine>,
    /// The stock levels afterwards.
    pub levels: Vec<Level>,
    /// How many transactions were attempted.
    pub attempts: u32,
}

impl Counted {
    /// The count in the form of a posting, which other commands print.
    #[must_use]
    pub fn posted(&self) -> Posted {
        Posted {
            status: self.status,
            posting_id: self.posting_id,
            transactions: self.transactions.clone(),
            levels: self.levels.clone(),
            attempts: self.attempts,
        }
    }

    /// The result of a sheet of one line.
    fn of(sheet: SheetCounted, counted: Decimal) -> Self {
        Self {
            status: sheet.status,
            posting_id: sheet.posting_id,
            expected: sheet.lines.first().map_or(counted, |line| line.expected),
            counted,
            transactions: sheet.transactions(),
            levels: sheet.levels,
            attempts: sheet.attempts,
        }
    }
}

impl Service {
    /// Records a count, including one that agrees, and posts the difference.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn count(&self, count: Count) -> Result<Counted, Error> {
        let (sku, units) = self.identify(&count.code, count.number).await?;
        let counted = Quantity::counted(units).map_err(Refusal::from)?;
        let words = format!("count of {counted} {sku} at {}", count.at);
        let figure = SheetFigure { sku, location: count.at.clone(), lot: count.lot, counted, seen: None };
        let sheet = CountSheet { location: count.at, lines: vec![figure], details: count.details };
        Ok(Counted::of(self.post_sheet(&sheet, &words).await?, counted))
    }
}
