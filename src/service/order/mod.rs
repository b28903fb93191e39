//! Orders: created, decided about, reserved for and carried out. What moves goods is a posting like any other.

mod carry_out;
mod policy;
mod reserve;

use super::journal::Command;
use super::{Error, Service, new_id};
use crate::domain::{
    NewOrder, NewOrderEvent, NewOrderLine, Note, Order, OrderAct, OrderDone, OrderEventKind, OrderFilter,
    OrderHistory, OrderLine, OrderLineId, OrderNumber, OrderRow, PostingId, Quantity, Refusal,
    ReorderProposal, ReservationChange, Status,
};
use crate::store;

pub use carry_out::{PickOrder, ReceiveOrder, ReceivedLine, ReturnGoods, ShipOrder, ToShip};
pub use reserve::{Release, Reserve, Reserved, ReservedLine, ShortPick};

/// How often an act is tried anew when somebody else reserved, released or moved something meanwhile.
const TRIES_MAX: u32 = 10;

/// A quantity of an order line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineQuantity {
    /// The number of the line.
    pub line_no: u32,
    pub quantity: Quantity,
}

/// What an admin decides about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A draft becomes binding.
    Confirm,
    /// It is over; what is reserved is released. Needs a reason if not all of it has been delivered.
    Close,
    /// It is not carried out; what is reserved is released.
    Cancel,
    Reopen,
    AddLine(NewOrderLine),
    /// A line gets another quantity.
    ChangeLine {
        line_no: u32,
        quantity: Quantity,
    },
    /// The rest of a line is not delivered; what is reserved for it is released.
    CloseLine {
        line_no: u32,
    },
}

impl Decision {
    fn kind(&self) -> OrderEventKind {
        match self {
            Self::Confirm => OrderEventKind::Confirmed,
            Self::Close => OrderEventKind::Closed,
            Self::Cancel => OrderEventKind::Cancelled,
            Self::Reopen => OrderEventKind::Reopened,
            Self::AddLine(_) => OrderEventKind::LineAdded,
            Self::ChangeLine { .. } => OrderEventKind::LineChanged,
            Self::CloseLine { .. } => OrderEventKind::LineClosed,
        }
    }
}

/// Adds to a refusal of the server who decides about orders.
fn admins_decide(error: Error) -> Error {
    match error {
        Error::Store(store::Error::Refused(Refusal::NotAllowed { message })) => Refusal::NotAllowed {
            message: format!("only admins confirm, change, close, cancel and reopen orders ({message})"),
        }
        .into(),
        other => other,
    }
}

/// The line of a number.
fn line_of(order: &Order, line_no: u32) -> Result<&OrderLine, Refusal> {
    order.line(line_no).ok_or_else(|| Refusal::UnknownOrderLine { number: order.row.number.clone(), line_no })
}

/// Whether an act may succeed when it is worked out anew: somebody else reserved, released or moved something.
fn is_overtaken(error: &Error) -> bool {
    match error.refusal() {
        Some(
            Refusal::InsufficientStock { .. }
            | Refusal::ReservedStock { .. }
            | Refusal::NotReserved { .. }
            | Refusal::BeyondOrder { .. },
        ) => true,
        Some(Refusal::Rule { rule, .. }) => {
            matches!(rule.as_str(), "nothing_reserved_at_close" | "line_closed_at_delivered")
        }
        _ => false,
    }
}

impl Service {
    /// Creates an order as a draft.
    ///
    /// # Errors
    /// As [`Service::post`].
    pub async fn create_order(&self, order: &NewOrder) -> Result<OrderDone, Error> {
        let words = format!("{} order with {} lines", order.kind, order.lines.len());
        let id = order.id.act();
        let status = self.journalled(id, &words, Command::Order, self.store.create_order(order)).await?;
        let created = self.store.order_by_id(order.id).await?;
        let order = created.ok_or(Refusal::IdUsedForAnother(id))?;
        Ok(OrderDone { status, order })
    }

    /// Changes a draft into what is wanted: lines that are missing there are removed. Its id and kind stay, and so do the
    /// numbers of the lines that it keeps. `shown` is the draft that somebody was shown, if it must still be that. Sent
    /// again, it changes nothing.
    ///
    /// # Errors
    /// The rule `draft_changed_by_author` for whoever is not the author, or when it is no draft any more;
    /// [`Refusal::DraftChanged`] when it is not what was shown; and as [`Service::create_order`].
    pub async fn edit_order(
        &self,
        number: &OrderNumber,
        shown: Option<&NewOrder>,
        wanted: &NewOrder,
    ) -> Result<OrderDone, Error> {
        let row = self.store.order(number).await?.row;
        let wanted = NewOrder { id: row.order_id, kind: row.kind, ..wanted.clone() };
        let status = self.store.edit_order(number, shown, &wanted).await?;
        Ok(OrderDone { status, order: self.store.order(number).await? })
    }

    /// An order in full.
    ///
    /// # Errors
    /// [`Refusal::UnknownOrder`].
    pub async fn order(&self, number: &OrderNumber) -> Result<Order, Error> {
        Ok(self.store.order(number).await?)
    }

    /// An order with its movements and what is reserved for it.
    ///
    /// # Errors
    /// [`Refusal::UnknownOrder`].
    pub async fn order_history(&self, number: &OrderNumber) -> Result<OrderHistory, Error> {
        let order = self.store.order(number).await?;
        let lines: Vec<OrderLineId> = order.lines.iter().map(|line| line.order_line_id).collect();
        let movements = self.store.order_movements(&lines).await?;
        let allocations = self.store.allocations(std::slice::from_ref(number)).await?;
        Ok(OrderHistory { order, movements, allocations })
    }

    /// Lists orders, the most urgent first.
    ///
    /// # Errors
    /// As any read.
    pub async fn orders(&self, filter: &OrderFilter) -> Result<Vec<OrderRow>, Error> {
        Ok(self.store.orders(filter).await?)
    }

    /// What should be ordered, by supplier.
    ///
    /// # Errors
    /// As any read.
    pub async fn reorder_proposals(&self) -> Result<Vec<ReorderProposal>, Error> {
        Ok(self.store.reorder_proposals().await?)
    }

    /// Posts a decision about an order, with the releases that it needs, in one transaction.
    ///
    /// # Errors
    /// A refusal when the decision does not fit the state of the order, or the login may not decide; and as
    /// [`Service::post`].
    pub async fn decide(
        &self,
        number: &OrderNumber,
        decision: &Decision,
        reason: Option<&Note>,
        id: Option<PostingId>,
    ) -> Result<OrderDone, Error> {
        if let Some(done) = self.decided_before(number, decision.kind(), id).await? {
            return Ok(done);
        }
        let id = id.unwrap_or_else(new_id);
        let mut tries = 0;
        loop {
            tries += 1;
            let order = self.store.order(number).await?;
            let act = self.act(&order, decision, reason, id).await?;
            let words = format!("{} of order {number}", decision.kind());
            match self.journalled(id, &words, Command::Order, self.store.act_on_order(&act)).await {
                Err(error) if tries < TRIES_MAX && is_overtaken(&error) => {}
                Err(error) => return Err(admins_decide(error)),
                Ok(status) => {
                    if *decision == Decision::Confirm && status == Status::Posted {
                        self.reserve_at_confirmation(&order).await;
                    }
                    return Ok(OrderDone { status, order: self.store.order(number).await? });
                }
            }
        }
    }

    /// What a decision is for an order as it is now.
    async fn act(
        &self,
        order: &Order,
        decision: &Decision,
        reason: Option<&Note>,
        id: PostingId,
    ) -> Result<OrderAct, Error> {
        let mut event = NewOrderEvent { kind: decision.kind(), order_line: None, change: None };
        let mut releases = Vec::new();
        let mut added_line = None;
        match decision {
            Decision::Confirm | Decision::Reopen => {}
            Decision::Close | Decision::Cancel => releases = self.releases(order, None).await?,
            Decision::AddLine(line) => {
                let last = order.lines.iter().map(|line| line.line_no).max().unwrap_or(0);
                let line_no = last.unsigned_abs() + 1;
                event.order_line = Some(order.row.order_id.line(line_no as usize));
                added_line = Some((line_no, line.clone()));
            }
            Decision::ChangeLine { line_no, quantity } => {
                let line = line_of(order, *line_no)?;
                event.order_line = Some(line.order_line_id);
                event.change = Some(quantity.value() - line.quantity);
            }
            Decision::CloseLine { line_no } => {
                let line = line_of(order, *line_no)?;
                event.order_line = Some(line.order_line_id);
                event.change = Some(line.moved - line.quantity);
                releases = self.releases(order, Some(line.order_line_id)).await?;
            }
        }
        if event.change.is_some_and(|change| change.is_zero()) {
            return Err(Refusal::NothingOpen(order.row.number.clone()).into());
        }
        // A release needs a reason even where the decision does not.
        let reason = match (reason, releases.is_empty()) {
            (None, false) => Some(decision.kind().as_str().parse().map_err(Refusal::from)?),
            (reason, _) => reason.cloned(),
        };
        let order = order.row.order_id;
        Ok(OrderAct { id, order, reason, releases, added_line, events: vec![event] })
    }

    /// The release of everything that is reserved for an order, or for one of its lines.
    async fn releases(
        &self,
        order: &Order,
        line: Option<OrderLineId>,
    ) -> Result<Vec<ReservationChange>, Error> {
        let allocations = self.store.allocations(std::slice::from_ref(&order.row.number)).await?;
        let of_line = allocations
            .into_iter()
            .filter(|allocation| line.is_none_or(|line| line == allocation.order_line_id));
        Ok(of_line
            .map(|allocation| ReservationChange {
                order_line: allocation.order_line_id,
                sku: allocation.sku,
                location: allocation.location,
                lot: allocation.lot,
                change: -allocation.open,
            })
            .collect())
    }

    /// A decision that was posted under this id before.
    async fn decided_before(
        &self,
        number: &OrderNumber,
        kind: OrderEventKind,
        id: Option<PostingId>,
    ) -> Result<Option<OrderDone>, Error> {
        match self.acted_before(number, kind.as_str(), id).await? {
            Some(order) => Ok(Some(OrderDone { status: Status::AlreadyPosted, order })),
            None => Ok(None),
        }
    }

    /// The order, if an act of this kind was posted for it under this id before. What an act moves, reserves or releases
    /// is chosen by the stock of the moment, so that it cannot be compared with what would be chosen now.
    pub(super) async fn acted_before(
        &self,
        number: &OrderNumber,
        kind: &str,
        id: Option<PostingId>,
    ) -> Result<Option<Order>, Error> {
        let Some(id) = id else { return Ok(None) };
        let Some((order_id, what)) = self.store.order_of_act(id).await? else { return Ok(None) };
        let order = self.store.order(number).await?;
        if order.row.order_id != order_id || what != kind {
            return Err(Refusal::IdUsedForAnother(id).into());
        }
        Ok(Some(order))
    }
}
