//! What a view is given when something happens, and what it can ask for in return.
//!
//! Boundary: a view changes only itself. Everything beyond it (a question to the database, another
//! screen, a message) is asked for here and carried out after the view has returned.

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
use crate::worker::message::{Decide, Failure, Order, Write};
use crate::worker::query::{Question, Ticket};

/// What happens around a view while it deals with something.
#[derive(Debug)]
pub struct Context<'a> {
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    pub words: Words,
    /// What the person may do.
    pub rights: Rights,
    /// The names of people that may be shown.
    pub people: &'a PeopleNames,
    /// Which key is which command.
    pub keymap: &'a Keymap,
    pub(in crate::tui) effects: &'a mut Vec<Effect>,
    pub(in crate::tui) actions: &'a mut Vec<Action>,
    pub(in crate::tui) notices: &'a mut Notices,
    pub(in crate::tui) questions: &'a mut u64,
    pub(in crate::tui) random: &'a mut SmallRng,
}

impl Context<'_> {
    /// Today, where the person is.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    /// Asks the database. The answer comes with the same ticket.
    pub fn ask(&mut self, question: impl Into<Question>) -> Ticket {
        let question = question.into();
        *self.questions += 1;
        let ticket = Ticket { query_key: question.key(), number: *self.questions };
        self.effects.push(Effect::Send(Order::Ask(ticket, question)));
        ticket
    }

    /// An id for what the person does now.
    pub fn new_id(&mut self) -> PostingId {
        PostingId::at(self.now, self.random.random())
    }

    /// Changes the stock. Views do so by way of a [`Submission`](super::Submission).
    pub(super) fn write(&mut self, id: PostingId, write: Write) {
        self.effects.push(Effect::Send(Order::Write(id, Box::new(write))));
    }

    /// Verifies everything, or what is new.
    pub fn verify(&mut self, full: bool) {
        self.effects.push(Effect::Send(Order::Verify { full }));
    }

    /// Stops the verification that is under way.
    pub fn stop_verifying(&mut self) {
        self.effects.push(Effect::Send(Order::StopVerifying));
    }

    /// Writes down what was decided about a finding.
    pub fn decide(&mut self, decide: Decide) {
        self.effects.push(Effect::Send(Order::Decide(decide)));
    }

    /// Changes the master data. The end of the change comes with the same number.
    pub fn change_record(&mut self, change: RecordChange) -> u64 {
        *self.questions += 1;
        self.effects.push(Effect::Send(Order::ChangeRecord(*self.questions, Box::new(change))));
        *self.questions
    }

    /// Asks something of the program around the view.
    pub fn request(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Says something to the person.
    pub fn tell(&mut self, severity: Severity, text: String) {
        self.notices.add(self.now, severity, text);
    }

    /// Says a phrase to the person.
    pub fn say(&mut self, severity: Severity, phrase: impl Phrase) {
        self.tell(severity, self.words.say(phrase).to_owned());
    }

    /// Says why something did not succeed.
    pub fn fail(&mut self, error: &Failure) {
        let text = failure::words(self.words, error);
        self.tell(Severity::Bad, text);
    }

    /// Warns of free text that looks as if it named somebody. It can be posted all the same.
    pub fn warn_if_personal<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        let hint = texts.into_iter().find_map(|text| personal_hint(text, self.people));
        match hint {
            None => {}
            Some(PersonalHint::Email) => self.say(Severity::Warning, CommonText::LooksLikeEmail),
            Some(PersonalHint::Telephone) => self.say(Severity::Warning, CommonText::LooksLikeTelephone),
            Some(PersonalHint::Name) => self.say(Severity::Warning, CommonText::LooksLikeName),
        }
    }

    /// Takes the messages at the foot of the screen away; they stay in the list.
    pub fn dismiss_messages(&mut self) {
        self.notices.dismiss(self.now);
    }

    /// Puts a text on the clipboard of the terminal and says so, or rings when there is none.
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

    /// Rings.
    pub fn ring(&mut self) {
        self.effects.push(Effect::Bell);
    }
}
