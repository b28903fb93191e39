//! Count sheets: the lines to count, what was counted, and the result.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Level, PostedLine, Status};
use crate::domain::{LocationCode, LotCode, MovementKind, Name, PostingId, Quantity, Sku, Tracking};

/// The recorded quantity of one product (and lot) at one location, to be counted.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetLine {
    pub sku: Sku,
    pub name: Name,
    /// The unit of the quantities.
    pub unit: Name,
    /// How many decimal places its quantities may have.
    pub decimals: u8,
    /// How its units are identified.
    pub tracking: Tracking,
    pub location: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot.
    pub expires_on: Option<Date>,
    /// The recorded quantity, in units.
    pub on_hand: Decimal,
    /// When it was last counted there.
    pub last_counted_at: Option<Timestamp>,
}

/// The counted quantity of one product at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFigure {
    pub sku: Sku,
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    /// The counted quantity; zero or more.
    pub counted: Decimal,
    /// The recorded quantity when it was counted. If it is another one by the time of posting, goods have moved in
    /// between, and the count is refused. If left out, this is not checked.
    pub seen: Option<Decimal>,
}

/// One line of a sheet that was posted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CountedLine {
    pub sku: Sku,
    pub location: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    pub expected: Decimal,
    pub counted: Decimal,
}

/// The result of posting a count sheet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SheetCounted {
    pub status: Status,
    /// The counts; the adjustments have the same id.
    pub posting_id: PostingId,
    /// The lines, in the order of the sheet.
    pub lines: Vec<CountedLine>,
    /// The stock levels afterwards.
    pub levels: Vec<Level>,
    /// How many transactions were attempted.
    pub attempts: u32,
}

impl SheetCounted {
    /// The adjustments that were posted: one for each line whose figure differs.
    #[must_use]
    pub fn transactions(&self) -> Vec<PostedLine> {
        let adjustment = |(position, line): (usize, &CountedLine)| {
            let difference = line.counted - line.expected;
            // A figure that agrees has no quantity to post.
            let quantity = Quantity::new(difference.abs()).ok()?;
            Some(PostedLine {
                id: self.posting_id.line(position),
                kind: MovementKind::Adjustment,
                sku: line.sku.clone(),
                quantity,
                from: (difference < Decimal::ZERO).then(|| line.location.clone()),
                to: (difference > Decimal::ZERO).then(|| line.location.clone()),
                lot: line.lot.clone(),
            })
        };
        self.lines.iter().enumerate().filter_map(adjustment).collect()
    }
}
