//! Count: the quantity on the shelf is recorded, and the difference is posted as an adjustment.

use rust_decimal::Decimal;

use super::{Error, Service};
use crate::domain::{
    CountSheet, Details, Level, LocationCode, LotCode, Posted, PostedLine, PostingId, Quantity, Refusal,
    SheetCounted, SheetFigure, Status,
};

/// One product counted in one place.
#[derive(Debug, Clone)]
pub struct Count {
    /// The sku, or a barcode.
    pub code: String,
    /// How many were found; packs, when the code is that of a pack. May be zero.
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
    /// The adjustment; empty when the figure agreed.
    pub transactions: Vec<PostedLine>,
    /// What is on hand afterwards.
    pub levels: Vec<Level>,
    /// How many transactions it took.
    pub attempts: u32,
}

impl Counted {
    /// The count as a posting, which is what other commands print.
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

    /// What a sheet of one line found.
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
    /// Records a count, also when the figure agrees, and posts the difference.
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
