//! The master data, for admins: the records of each kind, to be added, changed, archived and restored, each with its
//! history.
//!
//! Boundary: `domain` reads what a form contains; whether a change is allowed is decided by the database.

mod draw;
pub(super) mod form;
pub(super) mod history;
#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use self::form::RecordForm;
use self::history::HistoryView;
use super::choice::Choice;
use super::export::ExportDialog;
use crate::domain::{ListedTable, Record, RecordKey, RecordKind};
use crate::tui::command::{Command, Scope};
use crate::tui::key::Key;
use crate::tui::keymap::Typing;
use crate::tui::text::records::RecordText;
use crate::tui::view::{Action, Binding, Bindings, Bound, Canvas, Context, Hit, Picked, Severity, View};
use crate::tui::widgets::{Fetched, Field, List};
use crate::worker::message::{ExportWhat, Failure};
use crate::worker::query::{self, Answer, QueryKey, Ticket};

/// How many records are listed at most; others are found by typing part of their code or name.
const RECORDS_MAX: u16 = 300;

/// The question whether to take a record out of use, or back into use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Yes,
    No,
}

/// The screen of the master data: a page for each kind, with a search field.
#[derive(Debug)]
pub struct RecordsScreen {
    kind: RecordKind,
    search: Field,
    found: Fetched<List<Record>>,
    /// The kind and the search text for which `found` was queried.
    found_for: Option<(RecordKind, String)>,
    /// The record about whose archiving was asked.
    asked_about: Option<RecordKey>,
    /// The number of the change in progress, and the message when it has been made.
    changing: Option<(u64, String)>,
}

impl Default for RecordsScreen {
    fn default() -> Self {
        Self {
            kind: RecordKind::Product,
            search: Field::default(),
            found: Fetched::default(),
            found_for: None,
            asked_about: None,
            changing: None,
        }
    }
}

impl RecordsScreen {
    fn ask(&mut self, context: &mut Context<'_>) {
        let text = self.search.text().trim().to_owned();
        self.found.ask(query::Records { kind: self.kind, text, limit: RECORDS_MAX }, context);
    }

    fn selected(&self) -> Option<&Record> {
        self.found.value.selected()
    }

    /// Shows the page of another kind.
    fn turn(&mut self, forward: bool, context: &mut Context<'_>) {
        let count = RecordKind::ALL.len();
        let own = RecordKind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or_default();
        let step = if forward { 1 } else { count - 1 };
        self.show_kind(RecordKind::ALL[(own + step) % count], context);
    }

    fn show_kind(&mut self, kind: RecordKind, context: &mut Context<'_>) {
        self.kind = kind;
        self.search.take();
        self.found = Fetched::default();
        self.found_for = None;
        self.ask(context);
    }

    /// Shows one record alone.
    fn show_record(&mut self, key: &RecordKey, context: &mut Context<'_>) {
        self.kind = key.kind();
        self.found = Fetched::default();
        self.found_for = None;
        self.search.set(&key.to_string());
        self.ask(context);
    }

    fn open(&self, context: &mut Context<'_>) {
        match self.selected() {
            Some(record) => {
                let form = RecordForm::of(record.clone());
                context.request(Action::Open(Box::new(form)));
            }
            None => context.ring(),
        }
    }

    fn add(&self, context: &mut Context<'_>) {
        if self.kind.is_added() {
            context.request(Action::Open(Box::new(RecordForm::new(self.kind))));
        } else {
            context.say(Severity::Note, RecordText::LotsComeWithGoods);
        }
    }

    fn show_history(&self, context: &mut Context<'_>) {
        match self.selected().map(Record::key) {
            Some(RecordKey::Person(_)) => context.say(Severity::Note, RecordText::NoHistory),
            Some(key) => {
                let view = HistoryView::new(key, context);
                context.request(Action::Open(Box::new(view)));
            }
            None => context.ring(),
        }
    }

    /// Asks whether to take the record under the cursor out of use, or back into use.
    fn ask_archive(&mut self, context: &mut Context<'_>) {
        let Some(record) = self.found.value.selected() else {
            context.ring();
            return;
        };
        if record.toggled().is_none() {
            context.say(Severity::Note, RecordText::StaysInUse);
            return;
        }
        let question = match (record, record.is_out_of_use()) {
            (Record::Person(_), false) => RecordText::DisableAsk,
            (Record::Person(_), true) => RecordText::EnableAsk,
            (_, false) => RecordText::ArchiveAsk,
            (_, true) => RecordText::RestoreAsk,
        };
        let words = context.words;
        let title = words.fill(question, &[("key", &record.key().to_string())]);
        let answers = [(RecordText::Yes, Asked::Yes), (RecordText::No, Asked::No)];
        let answers = answers.map(|(phrase, asked)| (words.say(phrase).to_owned(), asked)).into();
        self.asked_about = Some(record.key());
        context.request(Action::Open(Box::new(Choice::new(&title, answers, &Asked::No))));
    }

    fn archive(&mut self, context: &mut Context<'_>) {
        // The list may have changed while the question was shown.
        let about = self.asked_about.take();
        let record = self.found.value.rows().iter().find(|record| Some(record.key()) == about);
        let Some((record, change)) = record.and_then(|record| Some((record, record.toggled()?))) else {
            context.ring();
            return;
        };
        let done = match (record, record.is_out_of_use()) {
            (Record::Person(_), false) => RecordText::LoginDisabled,
            (Record::Person(_), true) => RecordText::LoginEnabled,
            (_, false) => RecordText::Archived,
            (_, true) => RecordText::Restored,
        };
        let said = context.words.fill(done, &[("key", &record.key().to_string())]);
        self.changing = Some((context.change_record(change), said));
    }

    fn export(&self, context: &mut Context<'_>) {
        let name = match self.kind {
            RecordKind::Product => "products",
            RecordKind::Location => "locations",
            RecordKind::Lot => "lots",
            RecordKind::Partner => "partners",
            RecordKind::Person => "people",
        };
        let table = ListedTable::of_records(self.kind, self.found.value.rows());
        ExportDialog::open(name, ExportWhat::Table(table), context);
    }

    fn back(&mut self, context: &mut Context<'_>) {
        if self.search.is_empty() {
            context.dismiss_messages();
        } else {
            self.search.take();
            self.ask(context);
        }
    }
}

impl Bound for RecordsScreen {
    const TABLES: &'static [Bindings<Self>] = &[&[
        Binding::One(Command::Open, |view, context| view.open(context)),
        Binding::One(Command::NewRecord, |view, context| view.add(context)),
        Binding::One(Command::ArchiveRecord, |view, context| view.ask_archive(context)),
        Binding::One(Command::RecordHistory, |view, context| view.show_history(context)),
        Binding::One(Command::NextPanel, |view, context| view.turn(true, context)),
        Binding::One(Command::PreviousPanel, |view, context| view.turn(false, context)),
        Binding::One(Command::Export, |view, context| view.export(context)),
        Binding::One(Command::Copy, |view, context| {
            context.copy(view.selected().map(|record| record.key().to_string()));
        }),
        Binding::One(Command::Refresh, |view, context| view.ask(context)),
        Binding::One(Command::Close, |view, context| view.back(context)),
        Binding::Several(Command::LIST, |view, command, _| {
            view.found.value.command(command);
        }),
    ]];
}

impl View for RecordsScreen {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Records, Scope::List]
    }

    fn typing(&self) -> Typing {
        if self.search.is_empty() { Typing::Empty } else { Typing::Text }
    }

    fn hints(&self) -> &'static [Command] {
        &[
            Command::Open,
            Command::NewRecord,
            Command::ArchiveRecord,
            Command::RecordHistory,
            Command::NextPanel,
            Command::Palette,
        ]
    }

    fn shown(&mut self, context: &mut Context<'_>) {
        self.ask(context);
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        if !self.found.is_asked() {
            self.ask(context);
        }
    }

    fn key(&mut self, key: Key, context: &mut Context<'_>) {
        let before = self.search.text().trim().to_owned();
        if self.search.key(key) && self.search.text().trim() != before {
            self.ask(context);
        }
    }

    fn picked(&mut self, picked: Picked, context: &mut Context<'_>) {
        let picked = match picked.downcast::<RecordKey>() {
            Ok(key) => return self.show_record(&key, context),
            Err(other) => other,
        };
        match picked.downcast() {
            Ok(Asked::Yes) => self.archive(context),
            Ok(Asked::No) | Err(_) => self.asked_about = None,
        }
    }

    fn clicked(&mut self, hit: Hit, context: &mut Context<'_>) {
        match hit {
            Hit::Row(position) => {
                if self.found.value.click(position) {
                    self.open(context);
                }
            }
            Hit::Field(position) => {
                if let Some(kind) = RecordKind::ALL.get(position) {
                    self.show_kind(*kind, context);
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
        if ticket.query_key != QueryKey::Records {
            return false;
        }
        let asked = (self.kind, self.search.text().trim().to_owned());
        let again = self.found_for.as_ref() == Some(&asked);
        let received = self.found.answered::<query::Records>(ticket, answer, context.now, |found, rows| {
            if again {
                found.replace(rows.clone(), |old, new| old.key() == new.key());
            } else {
                *found = List::new(rows.clone());
            }
        });
        if received.is_own() {
            self.found_for = Some(asked);
        }
        true
    }

    fn record_changed(
        &mut self,
        number: u64,
        outcome: &Result<(), Failure>,
        context: &mut Context<'_>,
    ) -> bool {
        let Some((_, said)) = self.changing.take_if(|(own, _)| *own == number) else { return false };
        match outcome {
            Ok(()) => context.tell(Severity::Good, said),
            Err(Failure::Unavailable(message)) => {
                let text = context.words.fill(RecordText::NotKnown, &[("message", message)]);
                context.tell(Severity::Bad, text);
            }
            Err(failure) => context.fail(failure),
        }
        true
    }

    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.draw_screen(area, canvas);
    }
}
