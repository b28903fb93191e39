//! Reserving stock for an order, releasing it, and finding another location if there is less on the shelf than recorded.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{LineQuantity, TRIES_MAX, is_overtaken, line_of};
use crate::domain::{
    Allocation, LocationCode, LotCode, Need, Note, Order, OrderLineId, OrderNumber, PostingId, Proposal,
    Refusal, ReservationChange, Reservations, ShortLine, Sku, Status,
};
use crate::service::journal::Command;
use crate::service::{Error, Service, new_id};

/// What an act is called under whose id there are reservations only.
const RESERVATION: &str = "reservation";

/// Stock to be reserved for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    pub number: OrderNumber,
    /// How much of which lines, all or nothing; without any, as much as is available of what all lines still need.
    pub lines: Vec<LineQuantity>,
    /// The id, if the caller has made one.
    pub id: Option<PostingId>,
}

/// Stock to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub number: OrderNumber,
    /// How much of which lines; without any, everything.
    pub lines: Vec<LineQuantity>,
    pub reason: Note,
    pub id: Option<PostingId>,
}

/// Goods that a picker did not find where they are reserved.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortPick {
    /// Where they are reserved.
    pub allocation: Allocation,
    /// How many are missing there.
    pub missing: Decimal,
    pub reason: Note,
    pub id: Option<PostingId>,
}

/// A change of what is reserved for a line at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReservedLine {
    pub line_no: i32,
    pub sku: Sku,
    pub location: LocationCode,
    pub lot: Option<LotCode>,
    /// Units reserved; below zero, units released.
    pub change: Decimal,
}

/// What became of a reservation or release, and the order after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reserved {
    pub status: Status,
    pub posting_id: PostingId,
    pub reservations: Vec<ReservedLine>,
    /// What could not be reserved.
    pub short: Vec<ShortLine>,
    #[serde(flatten)]
    pub order: Order,
}

/// The quantities that are wanted of an order's lines: those named, or what `of_line` says of each.
fn wanted(
    order: &Order,
    lines: &[LineQuantity],
    of_line: impl Fn(&crate::domain::OrderLine) -> Decimal,
) -> Result<Vec<Need>, Refusal> {
    let need = |line: &crate::domain::OrderLine, quantity| Need {
        order_line: line.order_line_id,
        sku: line.sku.clone(),
        quantity,
    };
    if lines.is_empty() {
        let all = order.lines.iter().map(|line| need(line, of_line(line)));
        return Ok(all.filter(|need| need.quantity > Decimal::ZERO).collect());
    }
    lines.iter().map(|wanted| Ok(need(line_of(order, wanted.line_no)?, wanted.quantity.value()))).collect()
}

fn line_no(order: &Order, id: crate::domain::OrderLineId) -> i32 {
    order.lines.iter().find(|line| line.order_line_id == id).map_or(0, |line| line.line_no)
}

impl Service {
    /// Reserves stock for an order: first what expires first, then the oldest lots, then in walking order. The database
    /// decides; when somebody else was faster, another proposal is made.
    ///
    /// # Errors
    /// [`Refusal::NotAvailable`] with the figures, [`Refusal::NothingOpen`]; and as [`Service::post`].
    pub async fn reserve_order(&self, reserve: &Reserve) -> Result<Reserved, Error> {
        if let Some(order) = self.acted_before(&reserve.number, RESERVATION, reserve.id).await? {
            return Ok(already(order, reserve.id));
        }
        let id = reserve.id.unwrap_or_else(new_id);
        let mut tries = 0;
        loop {
            tries += 1;
            let order = self.store.order(&reserve.number).await?;
            let needs = wanted(&order, &reserve.lines, |line| line.open - line.reserved)?;
            if needs.is_empty() {
                return Err(Refusal::NothingOpen(reserve.number.clone()).into());
            }
            let skus: Vec<Sku> = needs.iter().map(|need| need.sku.clone()).collect();
            let levels = self.store.levels_to_reserve(&reserve.number, &skus).await?;
            let proposal = Proposal::of(&needs, &levels);
            if let Some((line, missing)) = proposal.short.first()
                && (proposal.changes.is_empty() || !reserve.lines.is_empty())
                && let Some(need) = needs.iter().find(|need| need.order_line == *line)
            {
                return Err(self.not_available(&order, need, *missing).await?.into());
            }
            let reservations = Reservations { id, reason: None, changes: proposal.changes };
            match self.post_reservations(&order, &reservations).await {
                Err(error) if tries < TRIES_MAX && is_overtaken(&error) => {}
                Err(error) => return Err(error),
                Ok(status) => {
                    let short = self.short_lines(&order, &needs, &proposal.short).await?;
                    return self.reserved(status, &reservations, short, &reserve.number).await;
                }
            }
        }
    }

    /// Releases what is reserved for an order, in the opposite of the walking order, and what is picked last.
    ///
    /// # Errors
    /// [`Refusal::NothingReserved`], [`Refusal::NotReserved`] with the figures; and as [`Service::post`].
    pub async fn release_order(&self, release: &Release) -> Result<Reserved, Error> {
        if let Some(order) = self.acted_before(&release.number, RESERVATION, release.id).await? {
            return Ok(already(order, release.id));
        }
        let id = release.id.unwrap_or_else(new_id);
        let mut tries = 0;
        loop {
            tries += 1;
            let order = self.store.order(&release.number).await?;
            let mut allocations = self.store.allocations(std::slice::from_ref(&release.number)).await?;
            allocations.reverse();
            allocations.sort_by_key(|allocation| allocation.picked);
            let needs = wanted(&order, &release.lines, |line| line.reserved)?;
            let mut changes = Vec::new();
            for need in &needs {
                let mut missing = need.quantity;
                for allocation in
                    allocations.iter_mut().filter(|found| found.order_line_id == need.order_line)
                {
                    let taken = missing.min(allocation.open);
                    if taken > Decimal::ZERO {
                        allocation.open -= taken;
                        missing -= taken;
                        changes.push(released(allocation, taken));
                    }
                }
                if missing > Decimal::ZERO {
                    return Err(Refusal::NothingReserved(release.number.clone()).into());
                }
            }
            if changes.is_empty() {
                return Err(Refusal::NothingReserved(release.number.clone()).into());
            }
            let reservations = Reservations { id, reason: Some(release.reason.clone()), changes };
            match self.post_reservations(&order, &reservations).await {
                Err(error) if tries < TRIES_MAX && is_overtaken(&error) => {}
                Err(error) => return Err(error),
                Ok(status) => return self.reserved(status, &reservations, Vec::new(), &release.number).await,
            }
        }
    }

    /// Releases what a picker did not find, and reserves it elsewhere as far as it is available, in one posting.
    ///
    /// # Errors
    /// As [`Service::release_order`].
    pub async fn short_pick(&self, short: &ShortPick) -> Result<Reserved, Error> {
        let number = &short.allocation.number;
        if let Some(order) = self.acted_before(number, RESERVATION, short.id).await? {
            return Ok(already(order, short.id));
        }
        let id = short.id.unwrap_or_else(new_id);
        let order = self.store.order(number).await?;
        let sku = short.allocation.sku.clone();
        let levels = self.store.levels_to_reserve(number, std::slice::from_ref(&sku)).await?;
        let needs = [Need { order_line: short.allocation.order_line_id, sku, quantity: short.missing }];
        let proposal = Proposal::elsewhere(&short.allocation, short.missing, &levels);
        let mut changes = vec![released(&short.allocation, short.missing)];
        changes.extend(proposal.changes);
        let reservations = Reservations { id, reason: Some(short.reason.clone()), changes };
        let status = self.post_reservations(&order, &reservations).await?;
        let missing = self.short_lines(&order, &needs, &proposal.short).await?;
        self.reserved(status, &reservations, missing, number).await
    }

    /// The refusal of a line for which less is available than it needs.
    async fn not_available(&self, order: &Order, need: &Need, missing: Decimal) -> Result<Refusal, Error> {
        let number = order.row.number.clone();
        let (line_no, sku) = (line_no(order, need.order_line), need.sku.clone());
        let (available, need) = ((need.quantity - missing).normalize(), need.quantity.normalize());
        Ok(match self.store.short_lived(order.row.order_id, &sku).await? {
            None => Refusal::NotAvailable { number, line_no, sku, available, need },
            Some(found) => {
                let short_lived = Box::new(found);
                Refusal::ShortLived { number, line_no, sku, available, need, short_lived }
            }
        })
    }

    /// What could not be reserved.
    async fn short_lines(
        &self,
        order: &Order,
        needs: &[Need],
        short: &[(OrderLineId, Decimal)],
    ) -> Result<Vec<ShortLine>, Error> {
        let mut lines = Vec::with_capacity(short.len());
        for (line, missing) in short {
            let Some(need) = needs.iter().find(|need| need.order_line == *line) else { continue };
            let short_lived = self.store.short_lived(order.row.order_id, &need.sku).await?;
            let (line_no, sku) = (line_no(order, *line), need.sku.clone());
            lines.push(ShortLine { line_no, sku, missing: missing.normalize(), short_lived });
        }
        Ok(lines)
    }

    async fn post_reservations(&self, order: &Order, reservations: &Reservations) -> Result<Status, Error> {
        let words = format!("reservation for {} with {} lines", order.row.number, reservations.changes.len());
        let work = self.store.reserve(reservations);
        self.journalled(reservations.id, &words, Command::Reserve, work).await
    }

    async fn reserved(
        &self,
        status: Status,
        posted: &Reservations,
        short: Vec<ShortLine>,
        number: &OrderNumber,
    ) -> Result<Reserved, Error> {
        let order = self.store.order(number).await?;
        let line = |change: &ReservationChange| ReservedLine {
            line_no: line_no(&order, change.order_line),
            sku: change.sku.clone(),
            location: change.location.clone(),
            lot: change.lot.clone(),
            change: change.change.normalize(),
        };
        let reservations = posted.changes.iter().map(line).collect();
        Ok(Reserved { status, posting_id: posted.id, reservations, short, order })
    }
}

/// What is told of an id that was posted before.
fn already(order: Order, id: Option<PostingId>) -> Reserved {
    Reserved {
        status: Status::AlreadyPosted,
        posting_id: id.unwrap_or_else(new_id),
        reservations: Vec::new(),
        short: Vec::new(),
        order,
    }
}

/// The release of a part of an allocation.
pub(super) fn released(allocation: &Allocation, quantity: Decimal) -> ReservationChange {
    ReservationChange {
        order_line: allocation.order_line_id,
        sku: allocation.sku.clone(),
        location: allocation.location.clone(),
        lot: allocation.lot.clone(),
        change: -quantity,
    }
}
