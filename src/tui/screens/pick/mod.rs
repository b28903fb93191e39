//! Picking: the orders are chosen, their goods are scanned one location after the other in walking order, and what
//! was picked is moved to a dock in one posting; from there the orders are shipped.
//!
//! What is scanned is kept on this machine and posted when the picker reaches a dock or stops. Until then it is reserved
//! where it stood, so that nobody else takes it and nothing is posted that has not been reviewed. What is not picked in
//! full stays reserved; anybody can go on with it.

mod choose;
mod commands;
mod draw;
mod draw_review;
mod kept;
mod post;
mod scan;
mod short;
#[cfg(test)]
mod tests;
mod walk;
mod words;

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::domain::{Allocation, LocationCode, OrderNumber, OrderRow, PostingId};
use crate::tui::command::{Command, Scope};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::text::pick::PickText;
use crate::tui::typed_ahead::{TypedAhead, WaitingFor};
use crate::tui::view::{
    Canvas, Context, Draft, Hit, Hold, Picked, Review, Severity, Submission, View, WriteEnd,
};
use crate::tui::widgets::{Fetched, Field, List, ScanQueue, Scroll};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, QueryKey, Ticket};

use kept::Resuming;
use post::{Act, DockChosen};
use short::{Short, ShortChosen};
use walk::Walk;

/// The most orders that are listed, the most urgent first.
const ORDERS_MAX: u32 = 2_000;

/// The state of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Orders are being chosen.
    Choosing,
    Walking,
    /// The quantity picked at a stop is being typed.
    Quantity,
    /// The effect of the posting is shown; Enter posts it.
    Review,
    /// The posting was sent; its outcome is not known yet.
    Posting,
    /// Asks whether to discard what was picked.
    Discarding,
}

/// The screen for picking and shipping orders.
#[derive(Debug)]
pub struct PickScreen {
    phase: Phase,
    orders: Fetched<List<OrderRow>>,
    marked: BTreeSet<OrderNumber>,
    /// The orders of the walk.
    chosen: Vec<OrderNumber>,
    walk: Walk,
    /// Goods at docks that wait to be shipped.
    docked: Vec<Allocation>,
    /// The query for the pick list, until it has been answered for the first time.
    list_asked: Option<Ticket>,
    listed: bool,
    docks: Vec<LocationCode>,
    docks_asked: Option<Ticket>,
    dock: Option<LocationCode>,
    field: Field,
    /// The texts that are being looked up.
    queue: ScanQueue<()>,
    fault: Option<String>,
    short: Option<Short>,
    /// The posting under review.
    act: Option<Act>,
    reviewing: Review<Act>,
    review: Scroll,
    submission: Submission<Act>,
    /// The saved walk, until the list has been read.
    resuming: Option<Resuming>,
    keys: TypedAhead,
    /// Whether the key being handled is one that waited.
    releasing: bool,
    /// The first line of the list that is drawn, and how many fit.
    top: usize,
    rows: usize,
}

impl Default for PickScreen {
    fn default() -> Self {
        Self {
            phase: Phase::Choosing,
            orders: Fetched::default(),
            marked: BTreeSet::new(),
            chosen: Vec::new(),
            walk: Walk::default(),
            docked: Vec::new(),
            list_asked: None,
            listed: false,
            docks: Vec::new(),
            docks_asked: None,
            dock: None,
            field: Field::default(),
            queue: ScanQueue::default(),
            fault: None,
            short: None,
            act: None,
            reviewing: Review::default(),
            review: Scroll::default(),
            submission: Submission::default(),
            resuming: None,
            keys: TypedAhead::default(),
            releasing: false,
            top: 0,
            rows: 0,
        }
    }
}

impl PickScreen {
    /// Sends the queries for what is shown.
    fn ask(&mut self, context: &mut Context<'_>) {
        self.docks_asked = Some(context.ask(query::Docks {}));
        if self.phase == Phase::Choosing {
            self.ask_list_of_orders(context);
        } else {
            self.ask_pick_list(context);
        }
    }

    fn ask_pick_list(&mut self, context: &mut Context<'_>) {
        // Whether something was posted before decides what is put back into the list.
        if !self.ask_sent(context) {
            self.list_asked = Some(context.ask(query::PickList { numbers: self.chosen.clone() }));
        }
    }

    fn list_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.list_asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        match answer {
            Ok(Answer::PickList(list)) => {
                let (docked, open): (Vec<_>, Vec<_>) =
                    list.iter().cloned().partition(|allocation| allocation.picked);
                self.docked = docked;
                let at = self.walk.current().map(walk::Stop::key);
                self.walk.merge(open);
                self.restore();
                self.listed = true;
                if self.phase == Phase::Quantity && self.walk.current().map(walk::Stop::key) != at {
                    // What was being typed was for a line that is no longer there.
                    self.field.take();
                    self.phase = Phase::Walking;
                }
                self.review_again();
                self.end_if_done(context);
            }
            Ok(_) => {}
            Err(failure) => context.fail(failure),
        }
        true
    }

    /// Returns to the choice of orders once the walk is finished.
    fn end_if_done(&mut self, context: &mut Context<'_>) {
        if self.phase == Phase::Walking && self.walk.stops().is_empty() && self.docked.is_empty() {
            context.say(Severity::Good, PickText::AllDone);
            self.choose_again(context);
        }
    }

    /// What a key typed now has to wait for; `None` if it is handled at once.
    fn waits_for(&self) -> Option<WaitingFor> {
        let loads = self.phase == Phase::Walking && !self.listed;
        match self.phase {
            Phase::Posting => Some(WaitingFor::Posting),
            _ => (loads || self.short.is_some() || !self.queue.is_empty()).then_some(WaitingFor::Answer),
        }
    }

    /// What the keys that already wait will do, if there are any.
    fn waits_behind(&self) -> Option<WaitingFor> {
        let of = |waiting_for| (self.keys.count(waiting_for) > 0).then_some(waiting_for);
        self.waits_for().or_else(|| of(WaitingFor::Answer)).or_else(|| of(WaitingFor::Posting))
    }
}

impl View for PickScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Pick, Scope::List]
    }

    fn typing(&self) -> Typing {
        if let Some(waiting_for) = self.waits_behind().filter(|_| !self.releasing) {
            let in_text = self.keys.last(waiting_for).is_some_and(Key::edits_text);
            return if in_text { Typing::Text } else { Typing::Empty };
        }
        if self.field.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        match self.phase {
            Phase::Choosing => &[Command::Accept, Command::MarkOrder, Command::Refresh],
            Phase::Walking => &[
                Command::Post,
                Command::ShortPick,
                Command::EditQuantity,
                Command::UndoScan,
                Command::Discard,
            ],
            Phase::Quantity => &[Command::Accept, Command::Close],
            Phase::Review => &[Command::Post, Command::Close],
            Phase::Discarding => &[Command::Discard, Command::Close],
            Phase::Posting => &[],
        }
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn key(&mut self, key: Key, _context: &mut Context<'_>) {
        match self.phase {
            Phase::Review | Phase::Discarding if key.typed().is_some() => self.leave_review(),
            Phase::Review | Phase::Discarding | Phase::Posting => return,
            Phase::Choosing | Phase::Walking | Phase::Quantity => {}
        }
        let before = self.field.text().to_owned();
        if self.field.key(key) && self.field.text() != before {
            self.fault = None;
        }
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        let picked = match picked.downcast::<OrderNumber>() {
            Ok(number) => return self.begin_with(number, context),
            Err(other) => other,
        };
        match picked.downcast::<ShortChosen>() {
            Ok(chosen) => self.short_because(chosen, context),
            Err(other) => {
                if let Ok(DockChosen(dock)) = other.downcast::<DockChosen>() {
                    self.dock = Some(dock);
                    self.review_next(context);
                }
            }
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        let Hit::Row(position) = hit else { return };
        match self.phase {
            Phase::Choosing if self.orders.value.click(position) => self.mark(),
            Phase::Walking => self.walk.go_to(position),
            _ => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        match ticket.query_key {
            QueryKey::OrdersToPick => self.orders_answered(ticket, answer, context),
            QueryKey::PickList => self.list_answered(ticket, answer, context),
            QueryKey::Scan => self.scan_answered(ticket, answer, context),
            QueryKey::ToReserve => self.places_answered(ticket, answer, context),
            QueryKey::Posting => self.sent_answered(ticket, answer, context),
            QueryKey::Docks => {
                let own = self.docks_asked.take_if(|asked| *asked == ticket).is_some();
                if let (true, Ok(Answer::Docks(docks))) = (own, answer) {
                    self.docks.clone_from(docks);
                    self.dock.take_if(|dock| !docks.contains(dock));
                }
                own
            }
            _ => false,
        }
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.post_ended(&ended, context);
        true
    }

    fn hold(&mut self, key: Key) -> Hold {
        self.releasing = false;
        let Some(waiting_for) = self.waits_behind() else { return Hold::No };
        // Escape is the way out when no answer comes, unless something would be lost that was picked before.
        let way_out = waiting_for == WaitingFor::Answer && !self.is_restoring();
        if way_out && key.code == Code::Escape {
            self.keys.forget(WaitingFor::Answer);
            self.queue.clear();
            self.short = None;
            return Hold::No;
        }
        if self.keys.defer(waiting_for, key) { Hold::Kept } else { Hold::Full }
    }

    fn release(&mut self) -> Option<Key> {
        let key = match self.waits_for() {
            Some(WaitingFor::Posting) => {
                self.keys.wait_for_posting();
                None
            }
            Some(WaitingFor::Answer) => None,
            None => self.keys.next(WaitingFor::Answer).or_else(|| self.keys.next(WaitingFor::Posting)),
        };
        self.releasing = key.is_some();
        key
    }

    fn unfinished(&self) -> usize {
        if self.phase == Phase::Posting { 0 } else { self.walk.picked().count() }
    }

    fn draft_mark(&self) -> u64 {
        self.kept_mark()
    }

    fn draft(&self) -> Option<Draft> {
        self.kept()
    }

    fn resume(&mut self, content: &str, context: &mut Context<'_>) -> bool {
        self.resume_kept(content, context)
    }

    fn seen(&mut self) {
        if self.phase == Phase::Review {
            self.reviewing.seen();
        }
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
