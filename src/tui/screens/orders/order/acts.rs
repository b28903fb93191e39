//! What can be done with an order and its lines: the steps and acts that its state and the rights of the person allow.
//! The server decides in the end.

use crate::domain::{Order, OrderEventKind, OrderKind, OrderLine, OrderState, Sku};
use crate::tui::keymap::Rights;
use crate::tui::text::Words;
use crate::tui::text::orders::{self, OrdersText};
use crate::worker::message::OrderStep;

/// An act that asks for more than a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    ReserveLine,
    ReleaseLine,
    ChangeLine,
    CloseLine,
    Release,
    AddLine,
    Close,
    Cancel,
    Reopen,
}

/// What is chosen in the lists of this view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    Step(OrderStep),
    /// An act, with the number of the line that it is about.
    Act(Act, Option<u32>),
    /// Change the draft in the form.
    Edit,
    /// Show the partner of the order.
    Partner,
    /// Show the product of the line.
    Product(Sku),
}

impl Chosen {
    /// How it is offered.
    pub(super) fn label(&self, words: Words) -> &'static str {
        words.say(match self {
            Self::Step(step) => orders::step(*step).0,
            Self::Act(act, _) => act.label(),
            Self::Edit => OrdersText::EditDraft,
            Self::Partner => OrdersText::ShowPartner,
            Self::Product(_) => OrdersText::ShowProduct,
        })
    }
}

impl Act {
    pub(super) fn label(self) -> OrdersText {
        match self {
            Self::ReserveLine => OrdersText::ActReserveLine,
            Self::ReleaseLine => OrdersText::ActReleaseLine,
            Self::ChangeLine => OrdersText::ActChangeLine,
            Self::CloseLine => OrdersText::ActCloseLine,
            Self::Release => OrdersText::ActRelease,
            Self::AddLine => OrdersText::ActAddLine,
            Self::Close => OrdersText::ActClose,
            Self::Cancel => OrdersText::ActCancel,
            Self::Reopen => OrdersText::ActReopen,
        }
    }

    /// What is said when it is done, with a place for the number of the order.
    pub(super) fn done(self) -> OrdersText {
        match self {
            Self::ReserveLine => OrdersText::DoneReserve,
            Self::ReleaseLine | Self::Release => OrdersText::DoneRelease,
            Self::ChangeLine => OrdersText::DoneChangeLine,
            Self::CloseLine => OrdersText::DoneCloseLine,
            Self::AddLine => OrdersText::DoneAddLine,
            Self::Close => OrdersText::DoneClose,
            Self::Cancel => OrdersText::DoneCancel,
            Self::Reopen => OrdersText::DoneReopen,
        }
    }
}

/// How far an order has come by its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Draft,
    Open,
    Ended,
}

impl Phase {
    fn of(order: &Order) -> Self {
        let step = |kind: OrderEventKind| match kind {
            OrderEventKind::Confirmed | OrderEventKind::Reopened => 1,
            OrderEventKind::Closed | OrderEventKind::Cancelled => -1,
            OrderEventKind::LineAdded | OrderEventKind::LineChanged | OrderEventKind::LineClosed => 0,
        };
        match order.events.iter().map(|event| step(event.kind)).sum::<i32>() {
            1.. => Self::Open,
            0 if order.row.state == OrderState::Draft => Self::Draft,
            _ => Self::Ended,
        }
    }
}

/// The next steps of the order as a whole, the most likely first.
fn steps(order: &Order, rights: Rights) -> Vec<OrderStep> {
    let goes_out = order.row.kind != OrderKind::Purchase;
    match order.row.state {
        OrderState::Draft if rights.administers => vec![OrderStep::Confirm],
        OrderState::Confirmed if goes_out => vec![OrderStep::Reserve],
        OrderState::PartlyReserved | OrderState::PartlyDone if goes_out => {
            vec![OrderStep::Reserve, OrderStep::Pick, OrderStep::Ship]
        }
        OrderState::Reserved if goes_out => vec![OrderStep::Pick, OrderStep::Ship],
        OrderState::Picking if goes_out => vec![OrderStep::Ship, OrderStep::Pick, OrderStep::Reserve],
        _ => Vec::new(),
    }
}

/// What can be done with the order as a whole.
pub(super) fn of_order(order: &Order, rights: Rights) -> Vec<Chosen> {
    let mut chosen: Vec<Chosen> = steps(order, rights).into_iter().map(Chosen::Step).collect();
    if order.row.state == OrderState::Draft && rights.posts {
        chosen.push(Chosen::Edit);
    }
    let mut offer = |act: Act, is_possible: bool| {
        if is_possible {
            chosen.push(Chosen::Act(act, None));
        }
    };
    let phase = Phase::of(order);
    let moved = !order.row.moved.is_zero();
    offer(Act::Release, rights.posts && !order.row.reserved.is_zero());
    if rights.administers {
        offer(Act::AddLine, phase == Phase::Open);
        offer(Act::Close, phase == Phase::Open);
        offer(Act::Cancel, phase != Phase::Ended && !moved);
        offer(Act::Reopen, phase == Phase::Ended);
    }
    if order.row.partner.is_some() {
        chosen.push(Chosen::Partner);
    }
    chosen
}

/// What can be done with one of its lines.
pub(super) fn of_line(order: &Order, line: &OrderLine, rights: Rights) -> Vec<Chosen> {
    let mut chosen = Vec::new();
    let mut offer = |act: Act, is_possible: bool| {
        if is_possible {
            chosen.push(Chosen::Act(act, Some(line.line_no.unsigned_abs())));
        }
    };
    let open = Phase::of(order) == Phase::Open;
    let goes_out = order.row.kind != OrderKind::Purchase;
    offer(Act::ReserveLine, rights.posts && open && goes_out && line.open > line.reserved);
    offer(Act::ReleaseLine, rights.posts && !line.reserved.is_zero());
    offer(Act::ChangeLine, rights.administers && open);
    offer(Act::CloseLine, rights.administers && open && !line.open.is_zero());
    chosen.push(Chosen::Product(line.sku.clone()));
    chosen
}
