//! What a view is given when it handles an event, and what it can request in return.
//!
//! Boundary: a view changes only itself. Everything beyond it (a query, another screen, a message) is requested here
//! and carried out after the view has returned.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rand::RngExt as _;
use rand::rngs::SmallRng;

use super::effect::{Action, Effect};
use super::notices::{Notices, Severity};
use crate::domain::{PeopleNames, PersonalHint, PostingId, RecordChange, personal_hint};
use crate::tui::keymap::{Keymap, Rights};
use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::text::{Phrase, Words};
use crate::worker::message::{Decide, Export, Failure, Order, Write};
use crate::worker::query::{Question, Ticket};

/// The context in which a view handles an event.
#[derive(Debug)]
pub struct Context<'a> {
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    pub words: Words,
    /// What the person may do.
    pub rights: Rights,
    /// The names of people that may be shown.
    pub people: &'a PeopleNames,
    /// The assignment of keys to commands.
    pub keymap: &'a Keymap,
    pub(in crate::tui) effects: &'a mut Vec<Effect>,
    pub(in crate::tui) actions: &'a mut Vec<Action>,
    pub(in crate::tui) notices: &'a mut Notices,
    pub(in crate::tui) questions: &'a mut u64,
    pub(in crate::tui) random: &'a mut SmallRng,
}

impl Context<'_> {
    /// The present date in the person's time zone.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    /// Sends a question to the database. The answer comes with the same ticket.
    pub fn ask(&mut self, question: impl Into<Question>) -> Ticket {
        let question = question.into();
        *self.questions += 1;
        let ticket = Ticket { query_key: question.key(), number: *self.questions };
        self.effects.push(Effect::Send(Order::Ask(ticket, question)));
        ticket
    }

    /// A new id for what the person does now.
    pub fn new_id(&mut self) -> PostingId {
        PostingId::at(self.now, self.random.random())
    }

    /// Changes the stock. Views do so by way of a [`Submission`](super::Submission).
    pub(super) fn write(&mut self, id: PostingId, write: Write) {
        self.effects.push(Effect::Send(Order::Write(id, Box::new(write))));
    }

    /// Starts a verification, full or incremental.
    pub fn verify(&mut self, full: bool) {
        self.effects.push(Effect::Send(Order::Verify { full }));
    }

    /// Stops the verification that is running, if one is.
    pub fn stop_verifying(&mut self) {
        self.effects.push(Effect::Send(Order::StopVerifying));
    }

    /// Records a decision about findings.
    pub fn decide(&mut self, decide: Decide) {
        self.effects.push(Effect::Send(Order::Decide(decide)));
    }

    /// Has a list written to a file. The application reports the outcome.
    pub fn export(&mut self, export: Export) {
        self.effects.push(Effect::Send(Order::Export(Box::new(export))));
    }

    /// Changes the master data. The end of the change is reported with the same number.
    pub fn change_record(&mut self, change: RecordChange) -> u64 {
        *self.questions += 1;
        self.effects.push(Effect::Send(Order::ChangeRecord(*self.questions, Box::new(change))));
        *self.questions
    }

    /// Requests something of the program around the view.
    pub fn request(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Shows a message to the person.
    pub fn tell(&mut self, severity: Severity, text: String) {
        self.notices.add(self.now, severity, text);
    }

    /// Shows a text to the person.
    pub fn say(&mut self, severity: Severity, phrase: impl Phrase) {
        self.tell(severity, self.words.say(phrase).to_owned());
    }

    /// Shows a message about why something failed.
    pub fn fail(&mut self, error: &Failure) {
        let text = failure::words(self.words, error);
        self.tell(Severity::Bad, text);
    }

    /// Warns about free text that seems to name a person. It can be posted all the same.
    pub fn warn_if_personal<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        let hint = texts.into_iter().find_map(|text| personal_hint(text, self.people));
        match hint {
            None => {}
            Some(PersonalHint::Email) => self.say(Severity::Warning, CommonText::LooksLikeEmail),
            Some(PersonalHint::Telephone) => self.say(Severity::Warning, CommonText::LooksLikeTelephone),
            Some(PersonalHint::Name) => self.say(Severity::Warning, CommonText::LooksLikeName),
        }
    }

    /// Removes the messages at the bottom of the screen; they stay in the list.
    pub fn dismiss_messages(&mut self) {
        self.notices.dismiss(self.now);
    }

    /// Copies a text to the clipboard of the terminal and says so, or rings the bell if there is none.
    pub fn copy(&mut self, text: Option<String>) {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => {
                let first = text.lines().next().unwrap_or_default().to_owned();
                self.tell(Severity::Note, self.words.fill(CommonText::Copied, &[("text", &first)]));
                self.effects.push(Effect::Copy(text));
            }
            None => self.ring(),
        }
    }

    /// Rings the terminal's bell: something typed or scanned was not accepted.
    pub fn ring(&mut self) {
        self.effects.push(Effect::Bell);
    }
}
