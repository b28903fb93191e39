//! Reversal: a posting, or one movement of it, is undone by its mirror image.

use super::{Error, Service, new_id};
use crate::domain::{Line, MovementId, MovementKind, Note, Posting, PostingId, Quantity, Refusal};
use crate::store::{LedgerRow, Posted};

/// What is to be undone.
#[derive(Debug, Clone)]
pub struct Reversal {
    /// A movement, or a posting: its id is that of its first movement.
    pub target: MovementId,
    /// Only the movement, when the id is also that of a posting with more lines.
    pub movement_only: bool,
    /// Why it is undone.
    pub reason: Note,
    /// The id of the reversal, when the caller has made one.
    pub id: Option<PostingId>,
}

impl Service {
    /// Undoes a posting or one of its movements.
    ///
    /// # Errors
    /// [`Refusal::UnknownMovement`], [`Refusal::AlreadyReversed`], or that the goods are no longer
    /// where they would have to be taken back from; and as [`Service::post`].
    pub async fn reverse(&self, reversal: Reversal) -> Result<Posted, Error> {
        let id = reversal.id.unwrap_or_else(new_id);
        let rows = self.to_undo(&reversal).await?;
        already_reversed(&rows, id)?;
        let lines = rows.iter().map(mirror).collect::<Result<Vec<Line>, Refusal>>()?;
        let reference = rows.first().and_then(|row| row.reference.clone());
        let posting = Posting {
            id,
            kind: MovementKind::Reversal,
            reference: reference.map(|text| text.parse()).transpose().map_err(Refusal::from)?,
            reason: Some(reversal.reason.clone()),
            partner: None,
            lines,
        };
        let outcome = self.post(&posting).await;
        if matches!(&outcome, Err(error) if matches!(error.refusal(), Some(Refusal::InsufficientStock { .. })))
        {
            // Somebody else's reversal of the same movement has taken the goods back: say so.
            already_reversed(&self.to_undo(&reversal).await?, id)?;
        }
        outcome
    }

    async fn to_undo(&self, reversal: &Reversal) -> Result<Vec<LedgerRow>, Error> {
        let mut rows = self.store.movements(reversal.target).await?;
        let is_posting = rows.iter().any(|row| row.posting_id == reversal.target.uuid());
        if reversal.movement_only || !is_posting {
            rows.retain(|row| row.id == reversal.target.uuid());
        }
        Ok(rows)
    }
}

/// Refuses what another reversal has undone. The database refuses it too, but notices first that the
/// goods are no longer there, which would send the clerk looking for them.
fn already_reversed(rows: &[LedgerRow], id: PostingId) -> Result<(), Refusal> {
    let ours = id.uuid()..=id.last_line().uuid();
    match rows.iter().find(|row| row.reversed_by.is_some_and(|by| !ours.contains(&by))) {
        Some(row) => Err(Refusal::AlreadyReversed(MovementId::try_from(row.id)?)),
        None => Ok(()),
    }
}

/// The same goods, the other way round.
fn mirror(row: &LedgerRow) -> Result<Line, Refusal> {
    let id = MovementId::try_from(row.id)?;
    let code = |text: &Option<String>| text.as_ref().map(|code| code.parse()).transpose();
    Ok(Line {
        sku: row.sku.parse()?,
        quantity: Quantity::new(row.quantity)?,
        from: code(&row.to)?,
        to: code(&row.from)?,
        lot: row.lot.as_ref().map(|code| code.parse()).transpose()?,
        expires: None,
        unit_price: None,
        reverses: Some(id),
    })
}
