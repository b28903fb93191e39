//! Posts several products as one receipt, issue or transfer. If a product is tracked by lot and no lot is named, those
//! that expire first are taken.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Error, Service};
use crate::domain::{
    Basket, BasketLine, LedgerRow, Line, LocationCode, LotCode, LotStock, Posted, Posting, PostingId,
    Quantity, Refusal, Sku, Status, Tracking,
};
use crate::store;

/// How often lots are chosen again if others have taken them in the meantime.
const CHOICES_MAX: u32 = 5;

impl Basket {
    fn posting(&self, id: PostingId, lines: Vec<Line>) -> Posting {
        Posting {
            id,
            kind: self.kind,
            reference: self.details.reference.clone(),
            reason: self.details.reason.clone(),
            partner: self.details.partner.clone(),
            lines,
        }
    }

    fn line(&self, line: &BasketLine, quantity: Quantity, lot: Option<LotCode>) -> Line {
        Line {
            sku: line.sku.clone(),
            quantity,
            from: self.from.clone(),
            to: self.to.clone(),
            lot,
            expires: line.expires,
            unit_price: line.unit_price,
            reverses: None,
            order_line: line.order_line,
        }
    }

    fn is_of(&self, row: &LedgerRow) -> bool {
        row.kind == self.kind && row.from == self.from && row.to == self.to
    }
}

/// Which lots are to be chosen: at which location, and for which lines of the basket.
struct Choice<'a> {
    from: &'a LocationCode,
    lines: Vec<bool>,
}

impl<'a> Choice<'a> {
    /// The basket's lines, each with whether its lots are to be chosen.
    fn over<'b>(&'b self, basket: &'b Basket) -> impl Iterator<Item = (&'b BasketLine, bool)> {
        basket.lines.iter().zip(self.lines.iter().copied())
    }
}

impl Service {
    /// Posts the whole basket as one posting, or nothing of it.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn post_basket(&self, basket: &Basket) -> Result<Posted, Error> {
        let id = basket.details.id_or_new();
        match self.lots_to_choose(basket).await? {
            Some(choice) => self.post_first_to_expire(id, basket, &choice).await,
            None => {
                let lines =
                    basket.lines.iter().map(|line| basket.line(line, line.quantity, line.lot.clone()));
                self.post(&basket.posting(id, lines.collect())).await
            }
        }
    }

    async fn lots_to_choose<'a>(&self, basket: &'a Basket) -> Result<Option<Choice<'a>>, Error> {
        let chooses = basket.kind.rules().lots.first_to_expire();
        let Some(from) = basket.from.as_ref().filter(|_| chooses) else { return Ok(None) };
        let mut by_lot: HashMap<&Sku, bool> = HashMap::new();
        let mut lines = Vec::with_capacity(basket.lines.len());
        for line in &basket.lines {
            if line.lot.is_none() && !by_lot.contains_key(&line.sku) {
                by_lot.insert(&line.sku, self.store.tracking(&line.sku).await? == Tracking::Lot);
            }
            lines.push(line.lot.is_none() && by_lot.get(&line.sku).copied().unwrap_or_default());
        }
        Ok(lines.contains(&true).then_some(Choice { from, lines }))
    }

    /// Chooses lots from the present stock and posts. If another terminal takes them first, the posting is refused as a
    /// whole and lots are chosen again.
    async fn post_first_to_expire(
        &self,
        id: PostingId,
        basket: &Basket,
        choice: &Choice<'_>,
    ) -> Result<Posted, Error> {
        // The choice depends on the stock, so an id that was posted before must be recognised first: a new choice would
        // give other lines.
        if basket.details.id.is_some()
            && let Some(posted) = self.posted_before(id, basket, choice).await?
        {
            return Ok(posted);
        }
        let mut choices = 0;
        loop {
            choices += 1;
            let outcome = match self.choose_lots(basket, choice).await {
                Ok(lines) => self.post(&basket.posting(id, lines)).await,
                Err(error) => return self.posted_or(error, id, basket, choice).await,
            };
            match outcome {
                Err(error)
                    if choices < CHOICES_MAX
                        && matches!(
                            error.refusal(),
                            Some(Refusal::InsufficientStock { .. } | Refusal::ReservedStock { .. })
                        ) => {}
                Err(error) => return self.posted_or(error, id, basket, choice).await,
                posted => return posted,
            }
        }
    }

    /// If the same basket was sent twice at the same time, the other posting may have taken the goods, perhaps from
    /// other lots, and caused the refusal. Then its result is returned for both.
    async fn posted_or(
        &self,
        error: Error,
        id: PostingId,
        basket: &Basket,
        choice: &Choice<'_>,
    ) -> Result<Posted, Error> {
        if basket.details.id.is_none() || error.refusal().is_none() {
            return Err(error);
        }
        self.posted_before(id, basket, choice).await?.ok_or(error)
    }

    /// The basket's lines, where those whose lots are to be chosen are split over the lots that expire first. What one
    /// line takes, and lots that other lines name, are not available to the next.
    async fn choose_lots(&self, basket: &Basket, choice: &Choice<'_>) -> Result<Vec<Line>, Error> {
        let mut stock: HashMap<&Sku, LotStock> = HashMap::new();
        for (line, _) in choice.over(basket).filter(|(_, chosen)| *chosen) {
            if stock.contains_key(&line.sku) {
                continue;
            }
            let mut lots = LotStock::of(&self.store.lots_to_issue(&line.sku, choice.from).await?);
            for named in basket.lines.iter().filter(|named| named.sku == line.sku) {
                if let Some(lot) = &named.lot {
                    lots.set_aside(lot, named.quantity.value());
                }
            }
            stock.insert(&line.sku, lots);
        }
        let mut lines = Vec::new();
        for (line, chosen) in choice.over(basket) {
            match stock.get_mut(&line.sku).filter(|_| chosen) {
                Some(lots) => lines.extend(take(basket, line, choice.from, lots)?),
                None => lines.push(basket.line(line, line.quantity, line.lot.clone())),
            }
        }
        Ok(lines)
    }

    /// The posting with this id, if there is one. It must be of the same basket, from any lots.
    async fn posted_before(
        &self,
        id: PostingId,
        basket: &Basket,
        choice: &Choice<'_>,
    ) -> Result<Option<Posted>, Error> {
        let rows = match self.store.movements(id.line(0)).await {
            Ok(rows) => rows,
            Err(store::Error::Refused(Refusal::UnknownMovement(_))) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(lines) = lines_as_posted(basket, choice, &rows) else {
            return Err(Refusal::IdUsedForAnother(id).into());
        };
        let posted = self.post(&basket.posting(id, lines)).await?;
        Ok(Some(Posted { status: Status::AlreadyPosted, ..posted }))
    }
}

/// Takes the quantity of a line from the lots, in their order.
fn take(
    basket: &Basket,
    line: &BasketLine,
    from: &LocationCode,
    stock: &mut LotStock,
) -> Result<Vec<Line>, Refusal> {
    let need = line.quantity.value();
    let taken = stock.take(need).map_err(|short| Refusal::InsufficientStock {
        sku: line.sku.clone(),
        location: from.clone(),
        lot: None,
        have: short.have,
        need,
        expired: short.expired,
    })?;
    taken
        .into_iter()
        .map(|part| Ok(basket.line(line, Quantity::new(part.quantity)?, Some(part.lot))))
        .collect()
}

/// The lines in the ledger, if they match the basket: in the same order and each line once, except that a line whose
/// lots were chosen may have become several.
fn lines_as_posted(basket: &Basket, choice: &Choice<'_>, rows: &[LedgerRow]) -> Option<Vec<Line>> {
    let mut rows = rows.iter();
    let mut lines = Vec::with_capacity(rows.len());
    for (line, chosen) in choice.over(basket) {
        let mut missing = line.quantity.value();
        while missing > Decimal::ZERO {
            let row = rows.next().filter(|row| basket.is_of(row) && row.sku == line.sku)?;
            if !chosen && (row.lot != line.lot || row.quantity != line.quantity) {
                return None;
            }
            missing -= row.quantity.value();
            lines.push(basket.line(line, row.quantity, row.lot.clone()));
        }
        if missing < Decimal::ZERO {
            return None;
        }
    }
    rows.next().is_none().then_some(lines)
}
