//! The dialog that sets the filter of a list: fields for typing or choosing, which are read together when it is
//! confirmed.
//!
//! Boundary: the fields come from a [`FilterForm`], and the conditions are passed to the view below as [`Parts`].
//! Applying them to rows is up to that view.

mod draw;
mod form;
mod read;
#[cfg(test)]
mod tests;

use std::fmt::Debug;

use ratatui::layout::Rect;

pub use self::form::{FilterField, FilterForm, FilterInput};
use super::entry_form::{Entry, EntryForm};
use super::parts::Parts;
use super::{Completion, Field};
use crate::domain::Scanned;
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::filter::FilterText;
use crate::tui::text::{Phrase, failure};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, View};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// How a condition is made from a field.
#[derive(Debug)]
enum Meaning<P> {
    /// The condition that the field was opened with, and its text.
    Typed { before: Option<(P, String)> },
    /// The condition of each choice.
    Chosen(Vec<Option<P>>),
}

/// The dialog of a filter. Confirming it passes on a choice of [`Parts<P>`].
#[derive(Debug)]
pub struct FilterDialog<P: 'static, T: 'static> {
    form: &'static FilterForm<P, T>,
    before: Parts<P>,
    /// The entries, in the order of the fields.
    entries: EntryForm<T>,
    /// How each becomes a condition, in the same order.
    meanings: Vec<Meaning<P>>,
    /// The suggestions for the field with the cursor.
    completion: Completion,
    /// The query that looks up the item, because it may be a barcode.
    looking_up: Option<Ticket>,
    fault: Option<String>,
}

impl<P, T> FilterDialog<P, T>
where
    P: Clone + PartialEq + 'static,
    T: Phrase + PartialEq + 'static,
{
    /// The dialog with the present conditions, and the cursor in the first text field.
    #[must_use]
    pub fn new(form: &'static FilterForm<P, T>, filter: &Parts<P>) -> Self {
        let typed = |label: T| {
            let parts = filter.all().iter();
            let held = parts.filter_map(|part| (form.text_of)(part).map(|(of, text)| (of, part, text)));
            held.filter(|(of, ..)| *of == label).map(|(_, part, text)| (part.clone(), text)).next()
        };
        let entry = |field: &FilterField<P, T>| match field.input {
            FilterInput::Choice(options) => {
                let (options, parts): (Vec<T>, Vec<Option<P>>) = options().into_iter().unzip();
                let is_set = |part: &Option<P>| part.as_ref().is_some_and(|part| filter.all().contains(part));
                let at = parts.iter().position(is_set).unwrap_or_default();
                ((field.label, Entry::Chosen { options, at }), Meaning::Chosen(parts))
            }
            _ => {
                let before = typed(field.label);
                let text = before.as_ref().map(|(_, text)| text.as_str()).unwrap_or_default();
                ((field.label, Entry::Typed(Field::with(text))), Meaning::Typed { before })
            }
        };
        let (entries, meanings) = form.fields.iter().map(entry).unzip();
        Self {
            form,
            before: filter.clone(),
            entries: EntryForm::new(entries),
            meanings,
            completion: Completion::default(),
            looking_up: None,
            fault: None,
        }
    }

    fn input(&self) -> Option<&'static FilterInput<P, T>> {
        self.form.fields.get(self.entries.focus()).map(|field| &field.input)
    }

    fn go_to(&mut self, field: usize) {
        self.completion.close();
        self.entries.go_to(field);
    }

    fn next_field(&mut self) {
        // A part of a name or login is a valid condition; only a code has to be complete.
        if matches!(self.input(), Some(FilterInput::Suggested(..))) && self.completion.picked().is_none() {
            self.completion.close();
        }
        self.entries.leave(true, &mut self.completion);
    }

    /// Takes the chosen suggestion, or else confirms the dialog.
    fn accept(&mut self, context: &mut Context<'_>) {
        if !self.entries.take_offered(&mut self.completion) {
            self.confirm(context);
        }
    }

    fn close(&mut self, context: &mut Context<'_>) {
        if !self.completion.dismiss() {
            context.request(Action::Close);
        }
    }

    /// Reads the fields, and looks up the item unless it is known.
    fn confirm(&mut self, context: &mut Context<'_>) {
        self.fault = None;
        match self.read(None, context.today(), context.words) {
            Err((field, fault)) => self.fault_at(field, fault, context),
            Ok(parts) => match self.item_to_look_up() {
                Some((_, text)) => self.looking_up = Some(context.ask(query::Scan { text: text.to_owned() })),
                None => self.finish(parts, context),
            },
        }
    }

    fn finish(&self, parts: Vec<P>, context: &mut Context<'_>) {
        context.request(Action::Close);
        context.request(Action::Picked(Picked::new(self.before.replaced(parts))));
    }

    fn fault_at(&mut self, field: usize, fault: String, context: &mut Context<'_>) {
        self.fault = Some(fault);
        self.go_to(field);
        context.ring();
    }

    fn looked_up(&mut self, scanned: &Scanned, context: &mut Context<'_>) {
        let words = context.words;
        let Some((field, text)) = self.item_to_look_up() else { return };
        let fault = match scanned {
            Scanned::Product { row, .. } => match self.read(Some(&row.sku), context.today(), words) {
                Ok(parts) => return self.finish(parts, context),
                Err((field, fault)) => return self.fault_at(field, fault, context),
            },
            Scanned::Location { code, .. } => {
                words.fill(FilterText::ItemIsLocation, &[("code", code.as_str())])
            }
            Scanned::Lots(_) | Scanned::Nothing => words.fill(FilterText::NoItem, &[("code", text)]),
        };
        self.fault_at(field, fault, context);
    }

    fn type_key(&mut self, key: Key, context: &mut Context<'_>) {
        let is_typed = self.entries.typed(self.entries.focus()).is_some();
        if is_typed {
            // The text has changed since the look-up began.
            self.looking_up = None;
        }
        if self.entries.key(key, context.words)
            && let Some(what) = self.input().and_then(FilterInput::suggested)
        {
            let text = self.entries.typed(self.entries.focus()).unwrap_or_default();
            self.completion.ask(what, text, context);
        }
    }
}

impl<P, T> Bound for FilterDialog<P, T>
where
    P: Clone + PartialEq + 'static,
    T: Phrase + PartialEq + 'static,
{
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::NextField, |view, _| view.next_field()),
        Binding::One(Command::PreviousField, |view, _| {
            view.entries.leave(false, &mut view.completion);
        }),
        Binding::One(Command::Confirm, |view, context| view.accept(context)),
        Binding::One(Command::Close, |view, context| view.close(context)),
    ]];
}

impl<P, T> View for FilterDialog<P, T>
where
    P: Clone + PartialEq + Debug + 'static,
    T: Phrase + PartialEq + Debug + 'static,
{
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        self.entries.typing()
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField, Command::Close]
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        if !self.entries.arrow(key, &mut self.completion) {
            self.type_key(key, context);
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(field) = hit
            && self.entries.click(field)
        {
            self.completion.close();
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.looking_up.take_if(|asked| *asked == ticket).is_none() {
            return self.completion.answered(ticket, answer);
        }
        match answer {
            Ok(Answer::Scan(scanned)) => self.looked_up(scanned, context),
            Ok(_) => {}
            Err(error) => {
                let fault = failure::words(context.words, error);
                let field = self.item_to_look_up().map_or(self.entries.focus(), |(field, _)| field);
                self.fault_at(field, fault, context);
            }
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_dialog(area, canvas);
    }
}
