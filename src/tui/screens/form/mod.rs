//! The forms that receive, issue and transfer, made for keyboard and scanner: the places first, then any
//! number of items, all of it posted as one posting. Goods are received against an order in the same form, which
//! then knows what is expected.
//!
//! The result depends only on the keys and never on how fast the database answers. Scans become lines at once and count
//! in their order; a key whose meaning depends on a pending answer waits for it; keys typed during a posting are kept
//! and applied to the next form. There is one exception: only a key typed while the review was on the screen confirms
//! it.

mod against;
mod asked;
mod commands;
mod draft;
mod draw;
mod draw_expected;
mod draw_lines;
mod edit;
mod effect;
mod kept;
mod line;
mod lots;
mod pasted;
mod place;
mod post;
mod scan;
mod steps;
mod suggest;
#[cfg(test)]
mod tests;
mod waiting;

use jiff::Timestamp;

pub(super) use pasted::scan_of;

use crate::domain::Basket;
use crate::domain::{LocationCode, LotRule, MovementKind, OrderNumber, PostingId, StockRow};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::form::FormText;
use crate::tui::view::{
    Canvas, Context, Draft, Hit, Hold, Picked, Review, Severity, Submission, View, WriteEnd,
};
use crate::tui::widgets::{Completion, Field, ScanQueue, Scroll};
use crate::worker::message::Failure;
use crate::worker::query::{Answer, QueryKey, Ticket};

use against::Against;
use asked::Asked;
use edit::LineField;
use effect::Levels;
use kept::Resumed;
use line::Lines;
use place::{End, Place};
use post::{Outcome, Phase, Trouble};
use scan::Aim;
use waiting::Waiting;

/// The field that has the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Order,
    Place(End),
    Partner,
    Reference,
    Reason,
    /// The field that takes scans.
    Scan,
    /// A field of the selected line.
    Line(LineField),
}

/// The form of one kind of movement.
#[derive(Debug)]
pub struct FormScreen {
    kind: MovementKind,
    /// The order that goods are received against, in the form that does so.
    against: Option<Against>,
    from: Place,
    to: Place,
    partner: Field,
    reference: Field,
    reason: Field,
    scan: Field,
    /// The input field of the selected line.
    editor: Field,
    /// What is wrong with the text in the field.
    fault: Option<String>,
    focus: Focus,
    /// The suggestions for the text in the field for the partner or for items.
    offers: Completion,
    /// When suggestions are to be queried.
    suggest_at: Option<Timestamp>,
    /// The query for the locations of a product.
    asked_where: Option<Ticket>,
    lines: Lines,
    /// Texts that are being looked up, in the order of the scans.
    queue: ScanQueue<Aim>,
    asked: Option<Asked>,
    /// A location that was scanned unexpectedly; scanned again it becomes the location of the form.
    offered: Option<LocationCode>,
    levels: Levels,
    phase: Phase,
    waiting: Waiting,
    /// The basket that the review shows, and whether it has been seen.
    reviewing: Review<Basket>,
    submission: Submission<Basket>,
    /// What may have been sent before the terminal ended, if the form was restored.
    resumed: Option<Resumed>,
    trouble: Option<Trouble>,
    outcome: Option<Outcome>,
    /// The first drawn line, and how many there was room for.
    top: usize,
    rows: usize,
    /// How far the review is scrolled.
    review: Scroll,
}

impl FormScreen {
    /// The empty form for a kind of movement.
    #[must_use]
    pub fn new(kind: MovementKind) -> Self {
        let first = End::of(kind).first().copied().unwrap_or(End::To);
        Self {
            kind,
            against: None,
            from: Place::default(),
            to: Place::default(),
            partner: Field::default(),
            reference: Field::default(),
            reason: Field::default(),
            scan: Field::default(),
            editor: Field::default(),
            fault: None,
            focus: Focus::Place(first),
            offers: Completion::default(),
            suggest_at: None,
            asked_where: None,
            lines: Lines::default(),
            queue: ScanQueue::default(),
            asked: None,
            offered: None,
            levels: Levels::default(),
            phase: Phase::Editing,
            waiting: Waiting::default(),
            reviewing: Review::default(),
            submission: Submission::default(),
            resumed: None,
            trouble: None,
            outcome: None,
            top: 0,
            rows: 0,
            review: Scroll::default(),
        }
    }

    /// Adds a product, as if it had been scanned.
    fn take_product(&mut self, row: &StockRow, context: &mut Context<'_>) {
        match self.phase {
            Phase::Posting => {
                context.say(Severity::Warning, FormText::Busy);
                context.ring();
            }
            Phase::Editing | Phase::Review | Phase::Refused | Phase::Discarding => {
                self.phase = Phase::Editing;
                self.scanned_product(row, context);
                self.ask_where(&row.sku, context);
            }
        }
    }

    /// Whether goods may come in unknown lots.
    fn takes_new_lots(&self) -> bool {
        self.kind.rules().lots == LotRule::New
    }

    /// The text of the field with the cursor.
    fn typed(&self) -> &str {
        self.field().text()
    }

    fn field(&self) -> &Field {
        match self.focus {
            Focus::Order => self.against.as_ref().map_or(&self.scan, |against| &against.field),
            Focus::Place(end) => &self.place(end).picker.field,
            Focus::Partner => &self.partner,
            Focus::Reference => &self.reference,
            Focus::Reason => &self.reason,
            Focus::Scan => &self.scan,
            Focus::Line(_) => &self.editor,
        }
    }

    fn field_mut(&mut self) -> &mut Field {
        match self.focus {
            Focus::Order => self.against.as_mut().map_or(&mut self.scan, |against| &mut against.field),
            Focus::Place(end) => &mut self.place_mut(end).picker.field,
            Focus::Partner => &mut self.partner,
            Focus::Reference => &mut self.reference,
            Focus::Reason => &mut self.reason,
            Focus::Scan => &mut self.scan,
            Focus::Line(_) => &mut self.editor,
        }
    }

    /// Moves the cursor to a field of the form; typing replaces its text.
    fn focus_on(&mut self, focus: Focus) {
        if matches!(self.focus, Focus::Line(_)) {
            self.editor.take();
        }
        for place in [&mut self.from, &mut self.to] {
            place.picker.completion.close();
        }
        self.stop_suggesting();
        if let Some(against) = &mut self.against {
            against.offers.close();
        }
        self.fault = None;
        self.focus = focus;
        if focus != Focus::Scan {
            self.field_mut().preselect();
        }
    }

    /// The order or the first location that is still missing, or else the item field.
    fn next_asked(&self) -> Focus {
        if self.against.as_ref().is_some_and(Against::is_missing) {
            return Focus::Order;
        }
        self.missing_end().map_or(Focus::Scan, Focus::Place)
    }

    /// A line has changed, so what a refusal said about it no longer applies.
    fn changed_line(&mut self, key: line::LineKey) {
        self.trouble.take_if(|trouble| trouble.is_about(key));
    }

    /// Whether the item field has the cursor and is empty.
    fn awaits_scan(&self) -> bool {
        self.focus == Focus::Scan && self.scan.text().trim().is_empty()
    }

    fn on_hand_answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let found = match answer {
            Ok(Answer::OnHand(levels)) => Some(levels.as_slice()),
            _ => None,
        };
        let Some((sku, place)) = self.levels.answered(ticket, found) else { return false };
        if let (Some(outcome), Some(levels)) = (&mut self.outcome, found) {
            outcome.learn(&sku, &place, levels, context.words);
        }
        // A scan may have waited for the lots.
        self.settle(context);
        if self.offers.cursor().is_none() {
            self.offer_lots(context.words);
        }
        true
    }
}

impl View for FormScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Form, Scope::List]
    }

    fn typing(&self) -> Typing {
        if let Some(typing) = self.typing_ahead() {
            return typing;
        }
        if self.typed().is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        match self.phase {
            Phase::Editing if matches!(self.focus, Focus::Line(_)) => {
                &[Command::Accept, Command::NextField, Command::Close]
            }
            Phase::Editing if self.lines.is_empty() => &[Command::NextField, Command::Palette],
            Phase::Editing => &[
                Command::Post,
                Command::EditQuantity,
                Command::UndoScan,
                Command::RemoveLine,
                Command::NextField,
                Command::Discard,
            ],
            Phase::Review | Phase::Refused => &[Command::Post, Command::Close, Command::Discard],
            Phase::Discarding => &[Command::Discard, Command::Close],
            Phase::Posting => &[],
        }
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        if matches!(self.focus, Focus::Scan | Focus::Place(_) | Focus::Order) && self.typed().is_empty() {
            self.focus_on(self.next_asked());
        }
        self.changed(context);
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        match self.phase {
            Phase::Editing => {}
            Phase::Refused => return self.defer_key(key, context),
            Phase::Review | Phase::Discarding if key.typed().is_some() => {
                self.phase = Phase::Editing;
                self.focus_on(Focus::Scan);
            }
            _ => return,
        }
        self.type_key(key, context);
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        match picked.downcast::<StockRow>() {
            Ok(row) => self.take_product(&row, context),
            Err(other) => {
                if let Ok(number) = other.downcast::<OrderNumber>() {
                    self.take_order(number, context);
                }
            }
        }
    }

    fn pasted(&mut self, text: &str, context: &mut Context<'_>) -> bool {
        self.take_rows(text, context)
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        if self.phase != Phase::Editing || !self.commit(context) {
            return;
        }
        match hit {
            Hit::Row(position) => {
                self.focus_on(Focus::Scan);
                self.lines.select(position);
            }
            Hit::Field(position) => {
                if let Some(focus) = self.fields().get(position).copied() {
                    self.go_to(focus, context);
                }
            }
            Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        match ticket.query_key {
            QueryKey::Scan => self.scan_answered(ticket, answer, context),
            QueryKey::OnHand => self.on_hand_answered(ticket, answer, context),
            QueryKey::Suggest => self.offers.answered(ticket, answer),
            QueryKey::OrderToReceive | QueryKey::OrdersToReceive => {
                self.orders_answered(ticket, answer, context)
            }
            QueryKey::Item => self.where_answered(ticket, answer, context),
            QueryKey::Places => [&mut self.from, &mut self.to]
                .into_iter()
                .any(|place| place.picker.completion.answered(ticket, answer)),
            _ => false,
        }
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.post_ended(&ended, context);
        true
    }

    fn posted(&mut self, id: PostingId) {
        if !self.submission.awaits(id) {
            self.outcome = None;
        }
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.ask_again(context);
        self.ask_orders(context);
        self.refresh_on_hand(context);
    }

    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        self.suggest_at()
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        self.suggest_if_due(context);
    }

    fn hold(&mut self, key: Key) -> Hold {
        self.hold_key(key)
    }

    fn release(&mut self) -> Option<Key> {
        self.release_key()
    }

    fn unfinished(&self) -> usize {
        let lines = match self.phase {
            // A posting that was sent is in the journal; quitting waits for it or it is looked up later.
            Phase::Posting => 0,
            _ => self.lines.all().len(),
        };
        lines + self.waiting.scans()
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

    fn draw(&mut self, area: ratatui::layout::Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_form(area, canvas);
    }
}
