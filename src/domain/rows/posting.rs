//! The result of a posting.

use super::Level;
use crate::domain::{LocationCode, LotCode, MovementId, MovementKind, PostingId, Quantity, Sku};

/// The result of a posting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Posted {
    pub status: Status,
    pub posting_id: PostingId,
    pub transactions: Vec<PostedLine>,
    /// The stock levels that it touched, as they are afterwards.
    pub levels: Vec<Level>,
    /// How many transactions were attempted.
    pub attempts: u32,
}

/// One movement that was posted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PostedLine {
    pub id: MovementId,
    pub kind: MovementKind,
    pub sku: Sku,
    pub quantity: Quantity,
    pub from: Option<LocationCode>,
    pub to: Option<LocationCode>,
    pub lot: Option<LotCode>,
}

/// Whether a posting was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was posted by this call.
    Posted,
    /// The same posting had been posted before; nothing was posted now.
    AlreadyPosted,
}
