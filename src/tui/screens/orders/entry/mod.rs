//! Entering an order: its head in fields, its lines scanned or typed as in the forms of movements, a review, and then it is
//! saved as a draft, or by an admin saved and confirmed. A draft is changed here too, by its author.

mod draw;
mod head;
mod kept;
mod line_dialog;
mod lines;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use ratatui::layout::Rect;
use serde::{Deserialize, Serialize};

use self::head::{Head, Position};
use self::line_dialog::{LineDialog, LineEdit};
use self::lines::FormLine;
use crate::domain::{NewOrder, NewOrderLine, Order, OrderNumber, PostingId};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::screens::orders::draft::EditDraft;
use crate::tui::screens::orders::order::OrderView;
use crate::tui::text::failure;
use crate::tui::text::orders::OrdersText;
use crate::tui::view::{
    Action, Binding, Bindings, Bound, Canvas, Context, Draft, Ended, Hit, Picked, Review, Severity,
    Submission, View, WriteEnd,
};
use crate::tui::widgets::{Completion, Field, List, ScanQueue};
use crate::worker::message::{Failure, Write, Written};
use crate::worker::query::{Answer, Ticket};

/// A draft that is changed: its number, which stays, and what it was when it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Edited {
    number: OrderNumber,
    shown: NewOrder,
}

/// The form.
#[derive(Debug)]
pub struct OrderForm {
    head: Head,
    /// The cursor is in the field for items, not in the head.
    scanning: bool,
    scan: Field,
    lines: List<FormLine>,
    /// Texts that are being looked up, in the order of the scans.
    queue: ScanQueue<()>,
    completion: Completion,
    /// When products are asked for that fit what is typed.
    suggest_at: Option<Timestamp>,
    editing: Option<Edited>,
    /// What the review shows, while it is shown.
    review: Option<NewOrder>,
    reviewing: Review<NewOrder>,
    submission: Submission<NewOrder>,
    /// The order that is on its way was to be confirmed too.
    confirming: bool,
    /// The key that discards the form was pressed once.
    discarding: bool,
    fault: Option<String>,
}

impl Default for OrderForm {
    fn default() -> Self {
        Self {
            head: Head::new(None),
            scanning: false,
            scan: Field::default(),
            lines: List::default(),
            queue: ScanQueue::default(),
            completion: Completion::default(),
            suggest_at: None,
            editing: None,
            review: None,
            reviewing: Review::default(),
            submission: Submission::default(),
            confirming: false,
            discarding: false,
            fault: None,
        }
    }
}

impl OrderForm {
    fn is_begun(&self) -> bool {
        !self.lines.is_empty() || self.editing.is_some()
    }

    /// Takes a draft to be changed, unless something else is begun.
    fn edit(&mut self, order: &Order, context: &mut Context<'_>) {
        if self.is_begun() {
            context.say(Severity::Warning, OrdersText::FormBegun);
            return;
        }
        let edited = Edited { number: order.row.number.clone(), shown: order.entered() };
        *self = Self {
            head: Head::new(Some(&order.row)),
            lines: List::new(order.lines.iter().map(FormLine::of).collect()),
            editing: Some(edited),
            ..Self::default()
        };
    }

    fn fault_at(&mut self, position: Option<Position>, fault: String, context: &mut Context<'_>) {
        self.fault = Some(fault);
        self.completion.close();
        match position {
            Some(position) => {
                self.scanning = false;
                self.head.go_to(position);
            }
            None => self.scanning = true,
        }
        context.ring();
    }

    /// The order as it is filled in, under an id that stands for any.
    fn content(&self, context: &Context<'_>) -> Result<NewOrder, (Option<Position>, String)> {
        let words = context.words;
        if !self.queue.is_empty() {
            return Err((None, words.say(OrdersText::StillLooking).to_owned()));
        }
        if self.lines.is_empty() {
            return Err((None, words.say(OrdersText::NoLinesYet).to_owned()));
        }
        let lines: Vec<NewOrderLine> = self.lines.rows().iter().map(FormLine::line).collect();
        let id = match &self.editing {
            Some(edited) => edited.shown.id,
            None => PostingId::at(Timestamp::UNIX_EPOCH, [0; 10]).into(),
        };
        let order =
            self.head.order(id, lines, context).map_err(|(position, fault)| (Some(position), fault))?;
        match order.validate() {
            Ok(()) => Ok(order),
            Err(error) => Err((Some(Position::Partner), failure::order(words, &error))),
        }
    }

    /// Shows what will be saved, or says what is missing.
    fn show_review(&mut self, context: &mut Context<'_>) {
        match self.content(context) {
            Ok(order) => {
                self.fault = None;
                self.reviewing.open(order.clone());
                self.review = Some(order);
            }
            Err((position, fault)) => self.fault_at(position, fault, context),
        }
    }

    /// Saves what was reviewed; an admin may confirm it at the same time.
    fn save(&mut self, confirm: bool, context: &mut Context<'_>) {
        let Some(order) = self.review.clone() else { return };
        let Some(confirmed) = self.reviewing.confirm(&order) else { return context.ring() };
        context.warn_if_personal(order.note.as_ref().map(|note| note.as_str()));
        let edited = self.editing.clone();
        let write = |id: PostingId, order: &NewOrder| match edited {
            Some(Edited { number, shown }) => {
                Write::EditOrder { number, shown: Box::new(shown), order: Box::new(order.clone()) }
            }
            None => {
                let order = Box::new(NewOrder { id: id.into(), ..order.clone() });
                Write::NewOrder { order, confirm }
            }
        };
        if self.submission.send(order, confirmed, context, write) {
            self.confirming = confirm;
            self.fault = None;
        }
    }

    fn ended(&mut self, ended: &Ended<'_>, context: &mut Context<'_>) {
        match ended {
            Ended::Posted(written) => {
                let phrase = match (&self.editing, self.confirming) {
                    (Some(_), _) => OrdersText::DraftChanged,
                    (None, true) => OrdersText::SavedAndConfirmed,
                    (None, false) => OrdersText::Saved,
                };
                *self = Self::default();
                match written {
                    Some(Written::OrderSaved { number }) => {
                        context
                            .tell(Severity::Good, context.words.fill(phrase, &[("number", number.as_str())]));
                        let view = OrderView::new(number.clone(), context);
                        context.request(Action::Open(Box::new(view)));
                    }
                    _ => context.say(Severity::Good, OrdersText::SavedSomehow),
                }
            }
            // The line below the fields says so.
            Ended::Unknown(_) => {}
            Ended::Refused(error) => {
                self.review = None;
                self.fault = Some(failure::words(context.words, error));
                context.ring();
            }
            Ended::NotPosted => self.fault = Some(context.words.say(OrdersText::WasNotPosted).to_owned()),
        }
    }

    fn accept(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() {
            return context.ring();
        }
        if self.review.is_some() {
            return self.save(false, context);
        }
        if !self.scanning && self.head.form.take_offered(&mut self.completion) {
            return self.step(true);
        }
        if let Some(code) = self.completion.picked().map(|row| row.code.clone()) {
            self.stop_suggesting();
            self.scan.take();
            return self.scanned(&code, context);
        }
        let text = self.scan.text().trim().to_owned();
        match (self.scanning, text.is_empty()) {
            (false, _) => self.step(true),
            (true, true) => self.show_review(context),
            (true, false) => {
                self.scan.take();
                self.stop_suggesting();
                self.scanned(&text, context);
            }
        }
    }

    /// The key that reviews; in the review, an admin saves and confirms with it.
    fn post(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() {
            context.ring();
        } else if self.review.is_none() {
            self.show_review(context);
        } else if context.rights.administers && self.editing.is_none() {
            self.save(true, context);
        } else {
            self.save(false, context);
        }
    }

    /// Goes through the fields of the head and the field for items, round and round.
    fn step(&mut self, forward: bool) {
        self.stop_suggesting();
        let (at, last) = (self.head.form.focus(), self.head.form.count() - 1);
        match (self.scanning, forward) {
            (true, true) => {
                self.scanning = false;
                self.head.form.go_to(last);
                self.head.form.step(true);
            }
            (true, false) => {
                self.scanning = false;
                self.head.form.go_to(last);
            }
            (false, true) if at == last => self.scanning = true,
            (false, false) if at == self.head.first() => self.scanning = true,
            (false, forward) => self.head.form.step(forward),
        }
    }

    fn next_field(&mut self) {
        if !self.scanning {
            self.completion.pick_any();
            self.head.form.take_offered(&mut self.completion);
        }
        self.step(true);
    }

    fn scroll(&mut self, command: Command) {
        match command {
            Command::Down | Command::Up if self.completion.arrow(command == Command::Down) => {}
            Command::Down | Command::Up if !self.scanning => self.step(command == Command::Down),
            _ => {
                self.lines.command(command);
            }
        }
    }

    fn back(&mut self, context: &mut Context<'_>) {
        self.discarding = false;
        if self.completion.dismiss() {
            self.suggest_at = None;
        } else if self.review.is_some() && !self.submission.is_under_way() {
            self.review = None;
        } else if self.scanning && !self.scan.is_empty() {
            self.scan.take();
        } else {
            context.dismiss_messages();
            context.request(Action::Back);
        }
    }

    /// Empties the form when the key is pressed a second time.
    fn discard(&mut self, context: &mut Context<'_>) {
        if self.submission.is_under_way() {
            context.ring();
        } else if std::mem::replace(&mut self.discarding, true) || !self.is_begun() {
            *self = Self::default();
            context.say(Severity::Note, OrdersText::FormDiscarded);
        } else {
            context.say(Severity::Warning, OrdersText::DiscardAgain);
        }
    }

    /// Opens the dialog that changes the selected line.
    fn edit_line(&mut self, context: &mut Context<'_>) {
        match self.lines.selected().filter(|_| self.review.is_none()) {
            Some(line) => {
                let dialog = LineDialog::new(self.lines.cursor(), line);
                context.request(Action::Open(Box::new(dialog)));
            }
            None => context.ring(),
        }
    }
}

impl Bound for OrderForm {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Accept, |view, context| view.accept(context)),
        Binding::One(Command::Post, |view, context| view.post(context)),
        Binding::One(Command::NextField, |view, _| view.next_field()),
        Binding::One(Command::PreviousField, |view, _| view.step(false)),
        Binding::One(Command::EditQuantity, |view, context| view.edit_line(context)),
        Binding::One(Command::RemoveLine, |view, context| view.remove_line(context)),
        Binding::One(Command::Discard, |view, context| view.discard(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
        Binding::Several(Command::LIST, |view, command, _| view.scroll(command)),
    ]];
}

impl View for OrderForm {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::OrderForm, Scope::List]
    }

    fn typing(&self) -> Typing {
        match (self.review.is_some(), self.scanning, self.scan.is_empty()) {
            (true, ..) => Typing::Nothing,
            (false, true, true) => Typing::Empty,
            (false, true, false) => Typing::Text,
            (false, false, _) => self.head.form.typing(),
        }
    }

    fn hints(&self) -> &'static [Command] {
        if self.review.is_some() {
            return &[Command::Accept, Command::Post, Command::Close];
        }
        &[
            Command::Accept,
            Command::Post,
            Command::NextField,
            Command::EditQuantity,
            Command::RemoveLine,
            Command::Discard,
            Command::Close,
        ]
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        self.discarding = false;
        if self.submission.is_under_way() || self.review.is_some() {
            return context.ring();
        }
        self.fault = None;
        if self.scanning {
            if self.scan.key(key) {
                self.suggest_later(context);
            }
        } else if self.head.form.key(key, context.words)
            && let Some(what) = self.head.suggested()
        {
            let text = self.head.form.typed(self.head.form.focus()).unwrap_or_default();
            self.completion.ask(what, text, context);
        }
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        match picked.downcast::<EditDraft>() {
            Ok(EditDraft(order)) => self.edit(&order, context),
            Err(picked) => {
                if let Ok(edit) = picked.downcast::<LineEdit>() {
                    self.take_edit(edit);
                }
            }
        }
    }

    fn pasted(&mut self, text: &str, context: &mut Context<'_>) -> bool {
        self.take_rows(text, context)
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Row(position) => {
                if self.lines.click(position) {
                    self.edit_line(context);
                }
            }
            Hit::Field(position) if self.review.is_none() => {
                self.stop_suggesting();
                self.scanning = !self.head.form.click(position);
            }
            Hit::Field(_) | Hit::Command(_) => {}
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.queue.answered(ticket, answer) {
            self.settle(context);
            return true;
        }
        self.completion.answered(ticket, answer)
    }

    fn write_ended(&mut self, id: PostingId, end: WriteEnd<'_>, context: &mut Context<'_>) -> bool {
        let Some(ended) = self.submission.ended(id, end) else { return false };
        self.ended(&ended, context);
        true
    }

    fn unfinished(&self) -> usize {
        self.lines.rows().len()
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

    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        self.suggest_at
    }

    fn ticked(&mut self, context: &mut Context<'_>) {
        self.suggest_if_due(context);
    }

    fn seen(&mut self) {
        self.reviewing.seen();
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_form(area, canvas);
    }
}
