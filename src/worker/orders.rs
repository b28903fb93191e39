//! Actions of the terminal on orders, and the calls to the service layer that they stand for.

use super::message::{Failure, OrderStep, Written};
use crate::domain::{NewOrder, NewOrderLine, Note, OrderNumber, PickedGoods, PostingId, Quantity};
use crate::service::{Decision, LineQuantity, PickOrder, Release, Reserve, Service, ShipOrder, ToShip};

/// A change to an order or to one of its lines that needs a quantity or a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderChange {
    ReserveLine {
        line_no: u32,
        quantity: Quantity,
    },
    ReleaseLine {
        line_no: u32,
        quantity: Quantity,
        reason: Note,
    },
    /// Releases everything that is reserved for the order.
    Release {
        reason: Note,
    },
    ChangeLine {
        line_no: u32,
        quantity: Quantity,
        reason: Note,
    },
    /// The rest of the line is not delivered.
    CloseLine {
        line_no: u32,
        reason: Note,
    },
    AddLine {
        line: NewOrderLine,
        reason: Option<Note>,
    },
    Close {
        reason: Option<Note>,
    },
    Cancel {
        reason: Note,
    },
    Reopen {
        reason: Note,
    },
}

/// Saves a new order, and confirms it if it is to be. Both are known by the id of the order, so that neither is done twice.
pub(super) async fn save(service: &Service, order: &NewOrder, confirm: bool) -> Result<Written, Failure> {
    let number = service.create_order(order).await?.order.row.number;
    if confirm {
        service.decide(&number, &Decision::Confirm, None, Some(order.id.act())).await?;
    }
    Ok(Written::OrderSaved { number })
}

/// Saves new orders, each by itself: one that is refused does not stop the others.
pub(super) async fn save_all(service: &Service, orders: &[NewOrder]) -> Result<Written, Failure> {
    let (mut numbers, mut refused) = (Vec::new(), Vec::new());
    for order in orders {
        match service.create_order(order).await {
            Ok(done) => numbers.push(done.order.row.number),
            Err(error) => match (error.refusal().cloned(), &order.partner) {
                (Some(refusal), Some(partner)) => refused.push((partner.clone(), refusal)),
                _ => return Err(error.into()),
            },
        }
    }
    Ok(Written::OrdersSaved { numbers, refused })
}

/// Changes a draft that must still be as it was shown.
pub(super) async fn edit(
    service: &Service,
    number: &OrderNumber,
    shown: &NewOrder,
    order: &NewOrder,
) -> Result<Written, Failure> {
    service.edit_order(number, Some(shown), order).await?;
    Ok(Written::OrderSaved { number: number.clone() })
}

/// Carries out a step of an order as a whole, such as confirming it or reserving for it, or ships these goods.
pub(super) async fn step(
    service: &Service,
    number: OrderNumber,
    (step, goods): (OrderStep, Vec<PickedGoods>),
    id: PostingId,
) -> Result<Written, Failure> {
    let id = Some(id);
    let short = match step {
        OrderStep::Confirm => {
            service.decide(&number, &Decision::Confirm, None, id).await?;
            0
        }
        OrderStep::Reserve => {
            let reserve = Reserve { number, lines: Vec::new(), id };
            service.reserve_order(&reserve).await?.short.len()
        }
        OrderStep::Pick => {
            service.pick_order(&PickOrder { number, to: None, lines: Vec::new(), id }).await?;
            0
        }
        OrderStep::Ship => {
            let goods = ToShip::Goods(goods);
            service.ship_order(&ShipOrder { number, goods, reference: None, id }).await?;
            0
        }
    };
    Ok(Written::Order { moved: matches!(step, OrderStep::Pick | OrderStep::Ship), short })
}

/// Changes an order or one of its lines.
pub(super) async fn change(
    service: &Service,
    number: OrderNumber,
    change: OrderChange,
    id: PostingId,
) -> Result<Written, Failure> {
    let id = Some(id);
    let (decision, reason) = match change {
        OrderChange::ReserveLine { line_no, quantity } => {
            let reserve = Reserve { number, lines: vec![LineQuantity { line_no, quantity }], id };
            let short = service.reserve_order(&reserve).await?.short.len();
            return Ok(Written::Order { moved: false, short });
        }
        OrderChange::ReleaseLine { line_no, quantity, reason } => {
            let lines = vec![LineQuantity { line_no, quantity }];
            service.release_order(&Release { number, lines, reason, id }).await?;
            return Ok(Written::Order { moved: false, short: 0 });
        }
        OrderChange::Release { reason } => {
            service.release_order(&Release { number, lines: Vec::new(), reason, id }).await?;
            return Ok(Written::Order { moved: false, short: 0 });
        }
        OrderChange::ChangeLine { line_no, quantity, reason } => {
            (Decision::ChangeLine { line_no, quantity }, Some(reason))
        }
        OrderChange::CloseLine { line_no, reason } => (Decision::CloseLine { line_no }, Some(reason)),
        OrderChange::AddLine { line, reason } => (Decision::AddLine(line), reason),
        OrderChange::Close { reason } => (Decision::Close, reason),
        OrderChange::Cancel { reason } => (Decision::Cancel, Some(reason)),
        OrderChange::Reopen { reason } => (Decision::Reopen, Some(reason)),
    };
    service.decide(&number, &decision, reason.as_ref(), id).await?;
    Ok(Written::Order { moved: false, short: 0 })
}
