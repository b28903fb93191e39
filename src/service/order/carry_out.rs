//! Carrying out orders: goods are received for them, picked, shipped and returned. Each is one posting whose lines name
//! the order lines; the ledger's trigger takes the reservations along.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{LineQuantity, TRIES_MAX, is_overtaken, line_of};
use crate::domain::{
    Allocation, Line, LocationCode, LocationKind, LotCode, MovementKind, Order, OrderKind, OrderNumber,
    PickedGoods, Posted, Posting, PostingId, Quantity, Reference, Refusal, Status, UnitPrice,
};
use crate::service::{Error, Service, new_id};

/// Goods that arrive for a purchase order.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiveOrder {
    pub number: OrderNumber,
    pub to: LocationCode,
    /// What arrived; without any, everything that is open.
    pub lines: Vec<ReceivedLine>,
    /// The delivery note; else the number of the order.
    pub reference: Option<Reference>,
    pub id: Option<PostingId>,
}

/// Goods of one order line that arrive or come back.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedLine {
    /// The number of the line.
    pub line_no: u32,
    pub quantity: Quantity,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// The last day of use of the lot.
    pub expires: Option<Date>,
    /// The price of one unit; else that of the line.
    pub unit_price: Option<UnitPrice>,
}

impl PickedGoods {
    fn line(&self, to: Option<&LocationCode>) -> Line {
        Line {
            sku: self.sku.clone(),
            quantity: self.quantity,
            from: Some(self.from.clone()),
            to: to.cloned(),
            lot: self.lot.clone(),
            expires: None,
            unit_price: None,
            reverses: None,
            order_line: Some(self.order_line),
        }
    }
}

/// Goods of an order to be picked.
#[derive(Debug, Clone, PartialEq)]
pub struct PickOrder {
    pub number: OrderNumber,
    /// The dock; may be left out where there is only one.
    pub to: Option<LocationCode>,
    /// How much of which lines, in walking order; without any, everything that is reserved.
    pub lines: Vec<LineQuantity>,
    pub id: Option<PostingId>,
}

/// What is shipped of an order. It is found once: if some of it is gone when it is posted, nothing is shipped.
#[derive(Debug, Clone, PartialEq)]
pub enum ToShip {
    /// What has been picked, or where nothing has, everything that is reserved.
    Ready,
    /// As much of these lines, from the same.
    Lines(Vec<LineQuantity>),
    /// Goods that somebody was shown.
    Goods(Vec<PickedGoods>),
}

impl ToShip {
    /// As much of these lines; without any, everything.
    #[must_use]
    pub fn of(lines: Vec<LineQuantity>) -> Self {
        if lines.is_empty() { Self::Ready } else { Self::Lines(lines) }
    }
}

/// Goods of an order to be shipped: what has been picked, or where nothing has, straight from where it is reserved.
#[derive(Debug, Clone, PartialEq)]
pub struct ShipOrder {
    pub number: OrderNumber,
    pub goods: ToShip,
    /// The delivery note; else the number of the order.
    pub reference: Option<Reference>,
    pub id: Option<PostingId>,
}

/// Goods that come back from the customer of a sales order.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnGoods {
    pub number: OrderNumber,
    /// Where they are put; else the first location of the kind quarantine.
    pub to: Option<LocationCode>,
    pub lines: Vec<ReceivedLine>,
    pub reference: Option<Reference>,
    pub id: Option<PostingId>,
}

fn posting(
    id: PostingId,
    kind: MovementKind,
    order: &Order,
    reference: Option<&Reference>,
    lines: Vec<Line>,
) -> Result<Posting, Refusal> {
    let reference = match reference {
        Some(reference) => reference.clone(),
        None => order.row.number.as_str().parse()?,
    };
    let partner = if kind == MovementKind::Transfer { None } else { order.row.partner.clone() };
    Ok(Posting { id, kind, reference: Some(reference), reason: None, partner, lines })
}

fn received(order: &Order, lines: &[ReceivedLine], to: &LocationCode) -> Result<Vec<Line>, Refusal> {
    let line = |received: &ReceivedLine| {
        let line = line_of(order, received.line_no)?;
        Ok(Line {
            sku: line.sku.clone(),
            quantity: received.quantity,
            from: None,
            to: Some(to.clone()),
            lot: received.lot.clone(),
            expires: received.expires,
            unit_price: received.unit_price.or(line.price),
            reverses: None,
            order_line: Some(line.order_line_id),
        })
    };
    lines.iter().map(line).collect()
}

impl Service {
    /// Receives goods for a purchase order.
    ///
    /// # Errors
    /// [`Refusal::BeyondOrder`] when more arrives than the line takes, [`Refusal::NothingOpen`]; and as
    /// [`Service::post`].
    pub async fn receive_order(&self, receive: &ReceiveOrder) -> Result<Posted, Error> {
        let kind = MovementKind::Receipt;
        if let Some(posted) = self.carried_out_before(&receive.number, kind, receive.id).await? {
            return Ok(posted);
        }
        let order = self.store.order(&receive.number).await?;
        let lines = match receive.lines.is_empty() {
            false => received(&order, &receive.lines, &receive.to)?,
            true => {
                let open = order.lines.iter().filter(|line| line.open > Decimal::ZERO);
                let whole = |line: &crate::domain::OrderLine| {
                    Ok(ReceivedLine {
                        line_no: line.line_no.unsigned_abs(),
                        quantity: Quantity::new(line.open)?,
                        lot: None,
                        expires: None,
                        unit_price: None,
                    })
                };
                let open: Vec<ReceivedLine> = open.map(whole).collect::<Result<_, Refusal>>()?;
                received(&order, &open, &receive.to)?
            }
        };
        if lines.is_empty() {
            return Err(Refusal::NothingOpen(receive.number.clone()).into());
        }
        let id = receive.id.unwrap_or_else(new_id);
        self.post(&posting(id, kind, &order, receive.reference.as_ref(), lines)?).await
    }

    /// Moves goods that are reserved for order lines to a dock, with their reservations. They may be of several orders.
    ///
    /// # Errors
    /// [`Refusal::NotADock`], [`Refusal::NotReserved`]; and as [`Service::post`].
    pub async fn pick(
        &self,
        picked: &[PickedGoods],
        to: &LocationCode,
        id: PostingId,
    ) -> Result<Posted, Error> {
        if !self.store.docks().await?.contains(to) {
            return Err(Refusal::NotADock(to.clone()).into());
        }
        let lines = picked.iter().map(|part| part.line(Some(to))).collect();
        let posting =
            Posting { id, kind: MovementKind::Transfer, reference: None, reason: None, partner: None, lines };
        self.post(&posting).await
    }

    /// Picks what is reserved for an order.
    ///
    /// # Errors
    /// [`Refusal::NothingReserved`], [`Refusal::DockNotNamed`]; and as [`Service::pick`].
    pub async fn pick_order(&self, pick: &PickOrder) -> Result<Posted, Error> {
        let kind = MovementKind::Transfer;
        if let Some(posted) = self.carried_out_before(&pick.number, kind, pick.id).await? {
            return Ok(posted);
        }
        let docks = self.store.docks().await?;
        let to = match (&pick.to, docks.as_slice()) {
            (Some(to), _) => to.clone(),
            (None, [dock]) => dock.clone(),
            (None, _) => return Err(Refusal::DockNotNamed { docks: docks.len() }.into()),
        };
        let id = pick.id.unwrap_or_else(new_id);
        let mut tries = 0;
        loop {
            tries += 1;
            let order = self.store.order(&pick.number).await?;
            let mut allocations = self.store.allocations(std::slice::from_ref(&pick.number)).await?;
            allocations.retain(|allocation| !allocation.picked);
            let picked = match pick.lines.is_empty() {
                true => allocations
                    .iter()
                    .map(|found| PickedGoods::of(found, found.open))
                    .collect::<Result<_, _>>()?,
                false => parts(&order, &pick.lines, &mut allocations)?,
            };
            if picked.is_empty() {
                return Err(Refusal::NothingReserved(pick.number.clone()).into());
            }
            match self.pick(&picked, &to, id).await {
                Err(error) if tries < TRIES_MAX && is_overtaken(&error) => {}
                outcome => return outcome,
            }
        }
    }

    /// Ships goods that are reserved for an order: to the customer, or to the destination of a transfer order.
    ///
    /// # Errors
    /// [`Refusal::NothingReserved`]; [`Refusal::InsufficientStock`], [`Refusal::NotReserved`] or
    /// [`Refusal::NotAvailable`] with the figures when less is there than is to be shipped; and as [`Service::post`].
    pub async fn ship_order(&self, ship: &ShipOrder) -> Result<Posted, Error> {
        let order = self.store.order(&ship.number).await?;
        let (kind, to) = match order.row.kind {
            OrderKind::Sales | OrderKind::Purchase => (MovementKind::Issue, None),
            OrderKind::Transfer => (MovementKind::Transfer, order.row.to.as_ref()),
        };
        if let Some(posted) = self.carried_out_before(&ship.number, kind, ship.id).await? {
            return Ok(posted);
        }
        let allocations = async || self.store.allocations(std::slice::from_ref(&ship.number)).await;
        let goods = match &ship.goods {
            ToShip::Ready => PickedGoods::to_ship(&allocations().await?)?,
            ToShip::Lines(lines) => {
                let mut ready: Vec<_> = Allocation::ready(&allocations().await?).cloned().collect();
                parts(&order, lines, &mut ready)?
            }
            ToShip::Goods(goods) => goods.clone(),
        };
        if goods.is_empty() {
            return Err(Refusal::NothingReserved(ship.number.clone()).into());
        }
        let lines = goods.iter().map(|part| part.line(to)).collect();
        let id = ship.id.unwrap_or_else(new_id);
        self.post(&posting(id, kind, &order, ship.reference.as_ref(), lines)?).await
    }

    /// Takes goods of a sales order back, into quarantine unless told otherwise.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn return_goods(&self, returned: &ReturnGoods) -> Result<Posted, Error> {
        let kind = MovementKind::Receipt;
        if let Some(posted) = self.carried_out_before(&returned.number, kind, returned.id).await? {
            return Ok(posted);
        }
        let order = self.store.order(&returned.number).await?;
        let to = match &returned.to {
            Some(to) => to.clone(),
            None => {
                let quarantine = self.store.locations_of_kind(LocationKind::Quarantine).await?;
                quarantine.into_iter().next().ok_or(Refusal::NoQuarantine)?
            }
        };
        let lines = received(&order, &returned.lines, &to)?;
        let id = returned.id.unwrap_or_else(new_id);
        self.post(&posting(id, kind, &order, returned.reference.as_ref(), lines)?).await
    }

    /// What was posted under this id before, which must be movements of this order and kind.
    async fn carried_out_before(
        &self,
        number: &OrderNumber,
        kind: MovementKind,
        id: Option<PostingId>,
    ) -> Result<Option<Posted>, Error> {
        let Some(id) = id else { return Ok(None) };
        if self.acted_before(number, kind.as_str(), Some(id)).await?.is_none() {
            return Ok(None);
        }
        let rows = self.store.movements(id.line(0)).await?;
        let lines = rows.iter().map(|row| Line {
            sku: row.sku.clone(),
            quantity: row.quantity,
            from: row.from.clone(),
            to: row.to.clone(),
            lot: row.lot.clone(),
            expires: None,
            unit_price: row.unit_price,
            reverses: row.reverses,
            order_line: row.order_line,
        });
        let first = rows.first();
        let posting = Posting {
            id,
            kind,
            reference: first.and_then(|row| row.reference.clone()),
            reason: first.and_then(|row| row.reason.clone()),
            partner: first.and_then(|row| row.partner.clone()),
            lines: lines.collect(),
        };
        let posted = self.post(&posting).await?;
        Ok(Some(Posted { status: Status::AlreadyPosted, ..posted }))
    }
}

/// The parts of the allocations that make up these quantities, in walking order.
fn parts(
    order: &Order,
    lines: &[LineQuantity],
    allocations: &mut [Allocation],
) -> Result<Vec<PickedGoods>, Refusal> {
    let mut picked = Vec::new();
    for wanted in lines {
        let line = line_of(order, wanted.line_no)?;
        let mut missing = wanted.quantity.value();
        for allocation in allocations.iter_mut().filter(|found| found.order_line_id == line.order_line_id) {
            let taken = missing.min(allocation.open);
            if taken > Decimal::ZERO {
                picked.push(PickedGoods::of(allocation, taken)?);
                allocation.open -= taken;
                missing -= taken;
            }
        }
        if missing > Decimal::ZERO {
            return Err(Refusal::NotAvailable {
                number: order.row.number.clone(),
                line_no: line.line_no,
                sku: line.sku.clone(),
                available: (wanted.quantity.value() - missing).normalize(),
                need: wanted.quantity.value(),
            });
        }
    }
    Ok(picked)
}
