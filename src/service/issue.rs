//! Issue: goods go out. When a product is tracked by lot and nobody names one, the lots that expire
//! first go first.

use rust_decimal::Decimal;

use super::{Details, Error, Service};
use crate::domain::{
    Line, LocationCode, LotCode, MovementId, MovementKind, Posting, PostingId, Quantity, Refusal, Sku,
    Tracking, UnitPrice,
};
use crate::store::{self, LedgerRow, Posted, Status};

/// How often lots are chosen anew when others took them in the meantime.
const CHOICES_MAX: u32 = 5;

/// One product going out.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The sku, or a barcode.
    pub code: String,
    /// How many; packs, when the code is that of a pack.
    pub number: Quantity,
    /// Where the goods are taken from.
    pub from: LocationCode,
    /// The lot or serial number; chosen by expiry when left out.
    pub lot: Option<LotCode>,
    /// The price of one unit.
    pub unit_price: Option<UnitPrice>,
    /// The rest.
    pub details: Details,
}

impl Service {
    /// Issues goods.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn issue(&self, issue: Issue) -> Result<Posted, Error> {
        let (sku, quantity) = self.units(&issue.code, issue.number).await?;
        let id = issue.details.id_or_new();
        if issue.lot.is_none() && self.store.tracking(&sku).await? == Tracking::Lot {
            return self.issue_first_to_expire(id, &issue, &sku, quantity).await;
        }
        let line = issue_line(&issue, sku, quantity, issue.lot.clone());
        self.post(&posting(id, &issue, vec![line])).await
    }

    /// Lots are chosen by what is on hand now. If another terminal takes them first, the posting is
    /// refused as a whole and the choice is made again.
    async fn issue_first_to_expire(
        &self,
        id: PostingId,
        issue: &Issue,
        sku: &Sku,
        quantity: Quantity,
    ) -> Result<Posted, Error> {
        // The choice depends on the stock, so an id that was posted before must be recognised first:
        // chosen now, the lines would be others.
        if issue.details.id.is_some()
            && let Some(posted) = self.issued_before(id, issue, sku, quantity).await?
        {
            return Ok(posted);
        }
        let mut choices = 0;
        loop {
            choices += 1;
            let outcome = match self.choose_lots(issue, sku, quantity).await {
                Ok(lines) => self.post(&posting(id, issue, lines)).await,
                Err(error) => return self.issued_or(error, id, issue, sku, quantity).await,
            };
            match outcome {
                Err(error)
                    if choices < CHOICES_MAX
                        && matches!(error.refusal(), Some(Refusal::InsufficientStock { .. })) => {}
                Err(error) => return self.issued_or(error, id, issue, sku, quantity).await,
                posted => return posted,
            }
        }
    }

    /// A refusal may be the work of the very same issue, sent twice at the same time: the other one
    /// has the goods, perhaps from other lots. Then it is the answer.
    async fn issued_or(
        &self,
        error: Error,
        id: PostingId,
        issue: &Issue,
        sku: &Sku,
        quantity: Quantity,
    ) -> Result<Posted, Error> {
        if issue.details.id.is_none() || error.refusal().is_none() {
            return Err(error);
        }
        self.issued_before(id, issue, sku, quantity).await?.ok_or(error)
    }

    async fn choose_lots(&self, issue: &Issue, sku: &Sku, quantity: Quantity) -> Result<Vec<Line>, Error> {
        let mut needed = quantity.value();
        let mut lines = Vec::new();
        for level in self.store.lots_to_issue(sku, &issue.from).await? {
            let Some(lot) = level.lot else { continue };
            let taken = needed.min(level.on_hand);
            let part = Quantity::new(taken).map_err(Refusal::from)?;
            lines.push(issue_line(issue, sku.clone(), part, Some(lot.parse().map_err(Refusal::from)?)));
            needed -= taken;
            if needed.is_zero() {
                return Ok(lines);
            }
        }
        let have = quantity.value() - needed;
        Err(Refusal::InsufficientStock {
            sku: sku.clone(),
            location: issue.from.clone(),
            lot: None,
            have,
            need: quantity.value(),
        }
        .into())
    }

    async fn issued_before(
        &self,
        id: PostingId,
        issue: &Issue,
        sku: &Sku,
        quantity: Quantity,
    ) -> Result<Option<Posted>, Error> {
        let rows = match self.store.movements(MovementId::try_from(id.uuid()).map_err(Refusal::from)?).await {
            Ok(rows) => rows,
            Err(store::Error::Refused(Refusal::UnknownMovement(_))) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let same = |row: &LedgerRow| {
            row.kind == MovementKind::Issue.as_str()
                && row.sku == sku.as_str()
                && row.from.as_deref() == Some(issue.from.as_str())
        };
        let total: Decimal = rows.iter().map(|row| row.quantity).sum();
        if !rows.iter().all(same) || total != quantity.value() {
            return Err(Refusal::IdUsedForAnother(id).into());
        }
        let mut lines = Vec::with_capacity(rows.len());
        for row in &rows {
            let lot = row.lot.as_ref().map(|code| code.parse()).transpose().map_err(Refusal::from)?;
            lines.push(issue_line(
                issue,
                sku.clone(),
                Quantity::new(row.quantity).map_err(Refusal::from)?,
                lot,
            ));
        }
        let posted = self.post(&posting(id, issue, lines)).await?;
        Ok(Some(Posted { status: Status::AlreadyPosted, ..posted }))
    }
}

fn issue_line(issue: &Issue, sku: Sku, quantity: Quantity, lot: Option<LotCode>) -> Line {
    Line {
        sku,
        quantity,
        from: Some(issue.from.clone()),
        to: None,
        lot,
        expires: None,
        unit_price: issue.unit_price,
        reverses: None,
    }
}

fn posting(id: PostingId, issue: &Issue, lines: Vec<Line>) -> Posting {
    Posting {
        id,
        kind: MovementKind::Issue,
        reference: issue.details.reference.clone(),
        reason: issue.details.reason.clone(),
        partner: issue.details.partner.clone(),
        lines,
    }
}
