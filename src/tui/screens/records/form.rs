//! The form of one record: a new one, or the changes to an existing one.

use std::collections::BTreeMap;

use ratatui::layout::{Constraint, Layout, Rect};

use crate::domain::{
    CONTACTS, ContactsLocked, FieldEntry, FieldRule, FieldValue, PASSWORD_LENGTH_MIN, PartnerContacts,
    PartnerField, ProductField, Record, RecordChange, RecordField, RecordKind, Suggested, read_record,
};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::records::{self, RecordText};
use crate::tui::text::{Words, failure};
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Severity, View};
use crate::tui::widgets::entry_form::{Entry, EntryForm};
use crate::tui::widgets::panel::{dialog, draw_note};
use crate::tui::widgets::{Completion, Fetched, Field, Received};
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, Ticket};

/// The width of the dialog, in columns.
const WIDTH: u16 = 76;
/// The lines below the fields, for a hint or an error.
const NOTE_LINES: u16 = 4;
/// The lines beneath, for why there are no personal fields.
const LOCKED_LINES: u16 = 3;
/// What stands for a value that stays encrypted.
const ENCRYPTED: &str = "…";
/// The unit of a new product unless another is entered.
const UNIT: &str = "each";

/// Dialog in which an admin adds or changes a product, location, lot, partner or person.
#[derive(Debug)]
pub struct RecordForm {
    kind: RecordKind,
    /// The record as it was when the form was opened; none for a new one.
    before: Option<Record>,
    form: EntryForm<RecordText>,
    /// The personal fields of a partner, which are on the form once they have come and can be entered here.
    contacts: Fetched<Option<Box<PartnerContacts>>>,
    completion: Completion,
    /// The number of the change that is being saved.
    saving: Option<u64>,
    fault: Option<String>,
}

impl RecordForm {
    /// The form of a new record.
    #[must_use]
    pub fn new(kind: RecordKind) -> Self {
        Self::with(kind, None)
    }

    /// The form of an existing record.
    #[must_use]
    pub fn of(record: Record) -> Self {
        Self::with(record.key().kind(), Some(record))
    }

    fn with(kind: RecordKind, before: Option<Record>) -> Self {
        let fields = kind.fields().iter().map(|rule| {
            let (label, _) = records::field(rule.field);
            (label, entry(rule, before.as_ref()))
        });
        let form = EntryForm::new(fields.collect());
        let (contacts, completion) = (Fetched::default(), Completion::default());
        Self { kind, before, form, contacts, completion, saving: None, fault: None }
    }

    /// The fields of the form, from top to bottom.
    fn rules(&self) -> impl Iterator<Item = &'static FieldRule> {
        let contacts = self.contacts.value.as_ref().filter(|contacts| contacts.locked.is_none());
        self.kind.fields().iter().chain(CONTACTS.iter().filter(move |_| contacts.is_some()))
    }

    fn rule(&self) -> Option<&'static FieldRule> {
        self.rules().nth(self.form.focus())
    }

    fn position(&self, field: RecordField) -> Option<usize> {
        self.rules().position(|rule| rule.field == field)
    }

    /// Adds the personal fields, if they can be entered here. What is typed into the others stays.
    fn show_contacts(&mut self) {
        let Some(contacts) = self.contacts.value.as_ref().filter(|contacts| contacts.locked.is_none()) else {
            return;
        };
        let fields = PartnerField::ALL.map(|field| {
            let (label, _) = records::field(RecordField::Contact(field));
            let entry = match contacts.fields.get(&field) {
                None => Entry::Typed(Field::default()),
                Some(FieldValue::Text(text)) => Entry::Typed(Field::with(&text.in_one_line())),
                Some(FieldValue::Hidden) => Entry::Fixed(ENCRYPTED.to_owned()),
            };
            (label, entry)
        });
        self.form.add(fields);
    }

    /// Why the form of a partner has no personal fields.
    fn locked(&self, words: Words) -> Option<String> {
        if let Some(failure) = self.contacts.failure() {
            return Some(failure::words(words, failure));
        }
        Some(match self.contacts.value.as_ref()?.locked.as_ref()? {
            ContactsLocked::NoKeyring => words.say(RecordText::NoKeyring).to_owned(),
            ContactsLocked::NotInitialised => words.say(RecordText::NotInitialised).to_owned(),
            ContactsLocked::Unusable(why) => words.fill(RecordText::KeyringUnusable, &[("why", why)]),
        })
    }

    /// The text of a field: as typed, as chosen, or as the record has it.
    fn text(&self, field: RecordField) -> String {
        let entry = self.position(field).and_then(|position| self.form.entry(position));
        let rule = self.rules().find(|rule| rule.field == field);
        match (entry, rule.map(|rule| rule.entry)) {
            (Some(Entry::Typed(typed)), _) => typed.text().to_owned(),
            (Some(Entry::Chosen { at, .. }), Some(FieldEntry::Choice(words))) => {
                words.get(*at).copied().unwrap_or_default().to_owned()
            }
            _ => self.before.as_ref().map(|before| before.text(field)).unwrap_or_default(),
        }
    }

    fn key_text(&self) -> String {
        match &self.before {
            Some(record) => record.key().to_string(),
            None => self
                .kind
                .fields()
                .first()
                .map(|rule| self.text(rule.field).trim().to_owned())
                .unwrap_or_default(),
        }
    }

    fn fault_at(&mut self, field: RecordField, fault: String, context: &mut Context<'_>) {
        self.fault = Some(fault);
        if let Some(position) = self.position(field) {
            self.completion.close();
            self.form.go_to(position);
        }
        context.ring();
    }

    /// Saves the completed form.
    fn save(&mut self, context: &mut Context<'_>) {
        if self.saving.is_some() {
            return;
        }
        self.fault = None;
        let mark = context.words.mark;
        let none = BTreeMap::new();
        let contacts = self.contacts.value.as_ref().map_or(&none, |contacts| &contacts.fields);
        let texts = |field| self.text(field);
        let read = read_record(self.kind, self.before.as_ref(), contacts, &texts, mark, context.today());
        match read {
            Ok(Some(
                RecordChange::AddPerson { .. } | RecordChange::ChangePerson { password: Some(_), .. },
            )) if self.text(RecordField::Password).chars().count() < PASSWORD_LENGTH_MIN => {
                let text = hint(RecordField::Password, context.words);
                self.fault_at(RecordField::Password, text, context);
            }
            Ok(Some(change)) => self.saving = Some(context.change_record(change)),
            Ok(None) => {
                context.say(Severity::Note, RecordText::Unchanged);
                context.request(Action::Close);
            }
            Err((field, fault)) => {
                let text = records::fault(context.words, field, fault, &limit(field).to_string());
                self.fault_at(field, text, context);
            }
        }
    }

    fn accept(&mut self, context: &mut Context<'_>) {
        if !self.form.take_offered(&mut self.completion) {
            self.save(context);
        }
    }

    fn step(&mut self, forward: bool) {
        self.form.leave(forward, &mut self.completion);
    }

    fn close(&mut self, context: &mut Context<'_>) {
        if !self.completion.dismiss() {
            context.request(Action::Close);
        }
    }
}

/// The hint about what a field accepts.
fn hint(field: RecordField, words: Words) -> String {
    words.fill(records::field(field).1, &[("n", &limit(field).to_string())])
}

/// How many characters a field has at most, or a password at least.
fn limit(field: RecordField) -> usize {
    match field {
        RecordField::Contact(field) => field.length_max(),
        _ => PASSWORD_LENGTH_MIN,
    }
}

/// The initial value of a field: that of the record, or the default.
fn entry(rule: &FieldRule, before: Option<&Record>) -> Entry<RecordText> {
    let text = before.map(|before| before.text(rule.field)).unwrap_or_default();
    match rule.entry {
        FieldEntry::Choice(_) if before.is_some() && rule.is_fixed => {
            records::word(&text).map_or(Entry::Fixed(text), Entry::FixedChoice)
        }
        _ if before.is_some() && rule.is_fixed => Entry::Fixed(text),
        FieldEntry::Choice(words) => {
            let at = words.iter().position(|word| **word == text).unwrap_or_default();
            // A test ensures that every choice has a text.
            Entry::Chosen { options: words.iter().filter_map(|word| records::word(word)).collect(), at }
        }
        FieldEntry::Secret => Entry::Typed(Field::masked()),
        FieldEntry::Text if rule.field == RecordField::Product(ProductField::Unit) && before.is_none() => {
            Entry::Typed(Field::with(UNIT))
        }
        FieldEntry::Text | FieldEntry::Location => Entry::Typed(Field::with(&text)),
    }
}

impl Bound for RecordForm {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::NextField, |view, _| view.step(true)),
        Binding::One(Command::PreviousField, |view, _| view.step(false)),
        Binding::One(Command::Confirm, |view, context| view.accept(context)),
        Binding::One(Command::Close, |view, context| view.close(context)),
    ]];
}

impl View for RecordForm {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Dialog]
    }

    fn asks(&self) -> bool {
        true
    }

    fn typing(&self) -> Typing {
        self.form.typing()
    }

    fn hints(&self) -> &'static [Command] {
        &[Command::Confirm, Command::NextField, Command::Close]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        let is_known = self.contacts.is_asked() || self.contacts.came_at().is_some();
        if self.kind == RecordKind::Partner && !is_known {
            let code = match &self.before {
                Some(Record::Partner(row)) => Some(row.code.clone()),
                _ => None,
            };
            self.contacts.ask(query::Contacts { code }, context);
        }
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        if self.form.arrow(key, &mut self.completion) {
            return;
        }
        if self.saving.is_some() {
            return context.ring();
        }
        let offers = self.rule().is_some_and(|rule| rule.entry == FieldEntry::Location);
        if self.form.key(key, context.words) && offers {
            let text = self.form.typed(self.form.focus()).unwrap_or_default();
            self.completion.ask(Suggested::Location, text, context);
        }
    }

    fn clicked(&mut self, hit: Hit, _context: &mut Context<'_>) {
        if let Hit::Field(position) = hit
            && self.form.click(position)
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
        let received =
            self.contacts.answered::<query::Contacts>(ticket, answer, context.now, |shown, found| {
                *shown = Some(found.clone())
            });
        match received {
            Received::Other => self.completion.answered(ticket, answer),
            Received::Failure => true,
            Received::Value => {
                self.show_contacts();
                true
            }
        }
    }

    fn record_changed(
        &mut self,
        number: u64,
        outcome: &Result<(), Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        if self.saving.take_if(|own| *own == number).is_none() {
            return false;
        }
        match outcome {
            Ok(()) => {
                let text = context.words.fill(RecordText::Saved, &[("key", &self.key_text())]);
                context.tell(Severity::Good, text);
                context.request(Action::Close);
            }
            Err(Failure::Unavailable(message)) => {
                self.fault = Some(context.words.fill(RecordText::NotKnown, &[("message", message)]));
                context.ring();
            }
            Err(error) => {
                self.fault = Some(failure::words(context.words, error));
                context.ring();
            }
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let words = canvas.words;
        let title = match &self.before {
            Some(_) => words.fill(RecordText::ChangeTitle, &[("key", &self.key_text())]),
            None => words.say(records::new_title(self.kind)).to_owned(),
        };
        let count = u16::try_from(self.form.count()).unwrap_or(u16::MAX);
        let locked = self.locked(words);
        let locked_lines = if locked.is_some() { LOCKED_LINES } else { 0 };
        let height = count.saturating_add(locked_lines + NOTE_LINES + 3);
        let inside = dialog(canvas, area, WIDTH, height, &title);
        let focused = self.form.draw(inside, canvas, |_, _| "");
        let [_, below, beneath] = Layout::vertical([
            Constraint::Length(count.saturating_add(1)),
            Constraint::Min(1),
            Constraint::Length(locked_lines),
        ])
        .areas(inside);
        draw_note(canvas, beneath, None, &locked.unwrap_or_default());
        // A form that is being saved has no fault.
        let hint = match self.rule().map(|rule| rule.field) {
            _ if self.saving.is_some() => words.say(RecordText::Saving).to_owned(),
            Some(RecordField::Password) if self.before.is_some() => {
                words.say(RecordText::HintKeepPassword).to_owned()
            }
            field => field.map(|field| hint(field, words)).unwrap_or_default(),
        };
        draw_note(canvas, below, self.fault.as_deref(), &hint);
        if let Some(spot) = focused {
            self.completion.draw_below(spot, area, canvas);
        }
    }
}
