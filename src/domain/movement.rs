//! Movements and postings: what moves, where from, where to, and what is posted together.

use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    LINES_MAX, LocationCode, LotCode, MovementId, MovementKind, Note, OrderLineId, PartnerCode, PostingId,
    Quantity, Reference, Sku, UnitPrice,
};

/// How the units of a product are identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tracking {
    #[default]
    None,
    /// Every movement names a lot.
    Lot,
    /// Every movement names one serial number and moves one unit.
    Serial,
}

impl Tracking {
    /// The tracking as the database and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lot => "lot",
            Self::Serial => "serial",
        }
    }
}

impl FromStr for Tracking {
    type Err = PostingError;

    fn from_str(text: &str) -> Result<Self, PostingError> {
        match text {
            "none" => Ok(Self::None),
            "lot" => Ok(Self::Lot),
            "serial" => Ok(Self::Serial),
            other => Err(PostingError::UnknownTracking(other.to_owned())),
        }
    }
}

/// One movement of one product, before it is posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub sku: Sku,
    pub quantity: Quantity,
    /// Where the units leave; none if they come from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<LocationCode>,
    /// Where they arrive; none if they go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<LocationCode>,
    /// Lot or serial number, for tracked products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<LotCode>,
    /// Expiry date (last day of use) of the lot, when a receipt brings a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// The price of one unit, in the currency of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
    /// The movement that this line reverses; only in a reversal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<MovementId>,
    /// The order line that this line carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line: Option<OrderLineId>,
}

/// What is posted together: every line or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    /// Generated when the person acts, and kept when the posting is sent again.
    pub id: PostingId,
    pub kind: MovementKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The reason; adjustments and reversals need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerCode>,
    /// The movements, at least one and at most [`LINES_MAX`].
    pub lines: Vec<Line>,
}

/// Why a posting is malformed, whatever the stock is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostingError {
    /// A kind that does not exist.
    #[error("\"{0}\" is not a kind of movement; the kinds are {listed}", listed = MovementKind::listed())]
    UnknownKind(String),
    /// A tracking that does not exist.
    #[error("\"{0}\" is not a way to track a product; use none, lot or serial")]
    UnknownTracking(String),
    #[error("a posting needs at least one line")]
    NoLines,
    /// More lines than one posting may have.
    #[error("the posting has {lines} lines; at most {lines_max} can be posted together", lines_max = LINES_MAX)]
    TooManyLines { lines: usize },
    /// An id so near the end of its range that the lines cannot be counted up from it.
    #[error("the id {0} leaves no room for the ids of the lines; use another one")]
    NoRoomForLines(PostingId),
    /// A line whose locations do not fit the kind.
    #[error("line {line}: {kind} of {sku} needs {needed}")]
    WrongEnds {
        /// The line, counted from 1.
        line: usize,
        /// The kind of the posting.
        kind: MovementKind,
        /// The product of the line.
        sku: Sku,
        /// The locations that it needs, in words.
        needed: &'static str,
    },
    /// An adjustment or reversal without a reason.
    #[error("this {0} needs a reason")]
    ReasonMissing(MovementKind),
    /// A release without a reason.
    #[error("a release needs a reason")]
    ReleaseReasonMissing,
    /// A reversal that does not name the movement it reverses, or another kind that names one.
    #[error(
        "line {line}: every line of a reversal, and no other line, must name the movement that it reverses"
    )]
    ReversesMisplaced {
        /// The line, counted from 1.
        line: usize,
    },
}

impl Posting {
    /// Checks what can be checked without knowing the stock.
    ///
    /// # Errors
    /// [`PostingError`] with the line at fault.
    pub fn validate(&self) -> Result<(), PostingError> {
        if self.lines.is_empty() {
            return Err(PostingError::NoLines);
        }
        if self.lines.len() > LINES_MAX {
            return Err(PostingError::TooManyLines { lines: self.lines.len() });
        }
        if self.id.line(self.lines.len() - 1) < self.id.line(0) {
            return Err(PostingError::NoRoomForLines(self.id));
        }
        let rules = self.kind.rules();
        if rules.needs_reason && self.reason.is_none() {
            return Err(PostingError::ReasonMissing(self.kind));
        }
        for (position, line) in self.lines.iter().enumerate() {
            if !rules.ends.allow(line.from.as_ref(), line.to.as_ref()) {
                return Err(PostingError::WrongEnds {
                    line: position + 1,
                    kind: self.kind,
                    sku: line.sku.clone(),
                    needed: rules.ends.in_words(),
                });
            }
            if line.reverses.is_some() != self.kind.reverses() {
                return Err(PostingError::ReversesMisplaced { line: position + 1 });
            }
        }
        Ok(())
    }
}
