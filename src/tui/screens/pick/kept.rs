//! Saving a walk on this machine, and resuming it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::post::Act;
use super::walk::Stop;
use super::{Phase, PickScreen};
use crate::domain::{
    Allocation, LocationCode, LotCode, Name, OrderLineId, OrderNumber, PostingId, Refusal, Sku,
};
use crate::tui::text::pick::PickText;
use crate::tui::view::{Context, Draft, Severity};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// The saved state of a walk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    orders: Vec<OrderNumber>,
    dock: Option<LocationCode>,
    stops: Vec<KeptStop>,
    /// The id of the posting in which exactly this was sent, whose outcome may be unknown.
    sent: Option<PostingId>,
}

/// What was picked at a stop, with its description in case it is no longer on the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptStop {
    order_line: OrderLineId,
    number: OrderNumber,
    line_no: i32,
    sku: Sku,
    name: Name,
    unit: Name,
    place: LocationCode,
    lot: Option<LotCode>,
    expires_on: Option<Date>,
    picked: Decimal,
    lot_seen: bool,
    decimals: Option<u32>,
}

/// A walk that is being resumed, until the list has been read.
#[derive(Debug)]
pub(super) struct Resuming {
    stops: Vec<Stop>,
    /// What was sent before the program ended.
    sent: Option<Sent>,
    /// The number of changes to the walk at the time it was restored.
    restored: Option<u64>,
}

/// A posting that was sent before the program ended.
#[derive(Debug)]
struct Sent {
    id: PostingId,
    /// The query whether it was posted, while it is under way.
    asked: Option<Ticket>,
    /// Whether it is known that it was not posted.
    known: bool,
}

impl Sent {
    fn new(id: PostingId) -> Self {
        Self { id, asked: None, known: false }
    }
}

impl From<&Stop> for KeptStop {
    fn from(stop: &Stop) -> Self {
        let at = stop.allocation.clone();
        Self {
            order_line: at.order_line_id,
            number: at.number,
            line_no: at.line_no,
            sku: at.sku,
            name: at.name,
            unit: at.unit,
            place: at.location,
            lot: at.lot,
            expires_on: at.expires_on,
            picked: stop.picked,
            lot_seen: stop.lot_seen,
            decimals: stop.decimals,
        }
    }
}

impl From<KeptStop> for Stop {
    fn from(kept: KeptStop) -> Self {
        let allocation = Allocation {
            number: kept.number,
            line_no: kept.line_no,
            order_line_id: kept.order_line,
            sku: kept.sku,
            name: kept.name,
            unit: kept.unit,
            location: kept.place,
            lot: kept.lot,
            expires_on: kept.expires_on,
            open: Decimal::ZERO,
            picked: false,
            due_on: None,
            confirmed_at: None,
        };
        Self { allocation, picked: kept.picked, lot_seen: kept.lot_seen, decimals: kept.decimals }
    }
}

impl PickScreen {
    /// Whether what was picked before the program ended is still to be put back into the list.
    pub(super) fn is_restoring(&self) -> bool {
        self.resuming.as_ref().is_some_and(|resuming| resuming.restored.is_none())
    }

    /// A number that changes whenever the saved state does.
    pub(super) fn kept_mark(&self) -> u64 {
        let waiting = self.is_restoring();
        if self.walk.picked().next().is_none() && !waiting {
            return 0;
        }
        Draft::mark((self.walk.changes(), self.phase == Phase::Posting, self.dock.as_deref(), waiting))
    }

    pub(super) fn kept(&self) -> Option<Draft> {
        let waiting = self.resuming.as_ref().filter(|resuming| resuming.restored.is_none());
        let stops: Vec<KeptStop> = match waiting {
            Some(resuming) => resuming.stops.iter().map(KeptStop::from).collect(),
            None => self.walk.picked().map(KeptStop::from).collect(),
        };
        let sent = match waiting {
            Some(resuming) => resuming.sent.as_ref().map(|sent| sent.id),
            // A shortage or shipment says nothing about what was picked.
            None => self
                .submission
                .tried()
                .filter(|_| self.submission.is_under_way() && matches!(self.act, Some(Act::Pick { .. }))),
        };
        let kept = Kept { orders: self.chosen.clone(), dock: self.dock.clone(), stops, sent };
        Draft::of(kept.stops.len(), &kept)
    }

    /// Resumes the saved walk, unless another one has begun.
    pub(super) fn resume_kept(&mut self, content: &str, context: &mut Context<'_>) -> bool {
        let free = match self.phase {
            Phase::Choosing => true,
            Phase::Walking => self.walk.picked().next().is_none() && self.resuming.is_none(),
            _ => false,
        };
        let Some(kept) = serde_json::from_str::<Kept>(content).ok().filter(|_| free) else { return false };
        self.walk.forget();
        (self.chosen, self.dock) = (kept.orders, kept.dock);
        self.listed = false;
        self.phase = Phase::Walking;
        let stops = kept.stops.into_iter().map(Stop::from).collect();
        self.resuming = Some(Resuming { stops, sent: kept.sent.map(Sent::new), restored: None });
        self.ask_pick_list(context);
        true
    }

    /// Queries whether the posting that was sent before the program ended was stored, unless that is known. Returns
    /// whether it sent the query.
    pub(super) fn ask_sent(&mut self, context: &mut Context<'_>) -> bool {
        let sent = self.resuming.as_mut().and_then(|resuming| resuming.sent.as_mut());
        let Some(sent) = sent.filter(|sent| !sent.known) else { return false };
        sent.asked = Some(context.ask(query::Posting { id: sent.id.line(0) }));
        true
    }

    /// Handles the answer to whether the earlier posting was stored. If so, its goods are no longer to be posted.
    pub(super) fn sent_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some(resuming) = &mut self.resuming else { return false };
        let Some(sent) = resuming.sent.as_mut().filter(|sent| sent.asked == Some(ticket)) else {
            return false;
        };
        sent.asked = None;
        match answer {
            Ok(Answer::Posting(rows)) if !rows.is_empty() => {
                context.say(Severity::Good, PickText::WasPosted);
                self.resuming = None;
            }
            Ok(_) | Err(Failure::Refused(Refusal::UnknownMovement(_))) => sent.known = true,
            // It is asked again as soon as the database answers.
            Err(failure) => {
                context.fail(failure);
                return true;
            }
        }
        self.ask_pick_list(context);
        true
    }

    /// Restores what was picked before the program ended, once the list has been read.
    pub(super) fn restore(&mut self) {
        let Some(resuming) = self.resuming.as_mut().filter(|resuming| resuming.restored.is_none()) else {
            return;
        };
        for stop in std::mem::take(&mut resuming.stops) {
            self.walk.restore(stop);
        }
        resuming.restored = Some(self.walk.changes());
    }

    /// Reuses the id of the posting that was sent before, unless something has been picked since.
    pub(super) fn adopt_resumed(&mut self, act: &Act) {
        let changes = self.walk.changes();
        if let Some(Resuming { sent: Some(Sent { id, .. }), restored: Some(restored), .. }) = &self.resuming
            && *restored == changes
            && matches!(act, Act::Pick { .. })
        {
            self.submission.adopt(*id, act.clone());
        }
    }
}
