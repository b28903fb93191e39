//! Reverses a posting, or one movement of it, by a posting in the opposite direction.

use super::{Error, Service, new_id};
use crate::domain::{LedgerRow, Line, MovementKind, Posted, Posting, PostingId, Refusal, Reversal};

impl Service {
    /// Reverses a posting or one of its movements.
    ///
    /// # Errors
    /// [`Refusal::UnknownMovement`], [`Refusal::AlreadyReversed`], or a refusal because the goods are no longer where
    /// they would have to be taken from; and as [`Service::post`].
    pub async fn reverse(&self, reversal: Reversal) -> Result<Posted, Error> {
        let id = reversal.id.unwrap_or_else(new_id);
        let rows = self.to_undo(&reversal).await?;
        already_reversed(&rows, id)?;
        let posting = Posting {
            id,
            kind: MovementKind::Reversal,
            reference: rows.first().and_then(|row| row.reference.clone()),
            reason: Some(reversal.reason.clone()),
            partner: None,
            lines: rows.iter().map(mirror).collect(),
        };
        let outcome = self.post(&posting).await;
        if matches!(&outcome, Err(error) if matches!(error.refusal(), Some(Refusal::InsufficientStock { .. } | Refusal::ReservedStock { .. } | Refusal::NotReserved { .. })))
        {
            // Somebody else's reversal of the same movement has taken the goods back: report that.
            already_reversed(&self.to_undo(&reversal).await?, id)?;
        }
        outcome
    }

    async fn to_undo(&self, reversal: &Reversal) -> Result<Vec<LedgerRow>, Error> {
        let mut rows = self.store.movements(reversal.target).await?;
        let is_posting = rows.iter().any(|row| row.posting_id == reversal.target.into());
        if reversal.movement_only || !is_posting {
            rows.retain(|row| row.id == reversal.target);
        }
        Ok(rows)
    }
}

/// Refuses movements that are already reversed. The database refuses them too, but reports first that the goods are not
/// there, which would send the clerk looking for them.
fn already_reversed(rows: &[LedgerRow], id: PostingId) -> Result<(), Refusal> {
    let ours = id.line(0)..=id.last_line();
    match rows.iter().find(|row| row.reversed_by.is_some_and(|by| !ours.contains(&by))) {
        Some(row) => Err(Refusal::AlreadyReversed(row.id)),
        None => Ok(()),
    }
}

/// The same goods in the opposite direction.
fn mirror(row: &LedgerRow) -> Line {
    Line {
        sku: row.sku.clone(),
        quantity: row.quantity,
        from: row.to.clone(),
        to: row.from.clone(),
        lot: row.lot.clone(),
        expires: None,
        unit_price: None,
        reverses: Some(row.id),
        order_line: row.order_line,
    }
}
