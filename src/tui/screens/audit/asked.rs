//! A question that is asked now and then, and what came of it.

use jiff::{SignedDuration, Timestamp};

use crate::tui::app::Context;
use crate::worker::message::{Failure, Question, Strand, Ticket};

/// Something that is asked for now and then: the question under way, and what came of it.
#[derive(Debug)]
pub(super) struct Asked<T> {
    pub ticket: Option<Ticket>,
    pub value: Option<T>,
    pub failure: Option<Failure>,
    pub at: Option<Timestamp>,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self { ticket: None, value: None, failure: None, at: None }
    }
}

impl<T> Asked<T> {
    pub fn ask(&mut self, strand: Strand, question: Question, context: &mut Context<'_>) {
        self.ticket = Some(context.ask(strand, question));
    }

    /// When it should be asked again.
    pub fn due_at(&self, pause: SignedDuration) -> Option<Timestamp> {
        match (self.ticket, self.at) {
            (Some(_), _) => None,
            (None, None) => Some(Timestamp::UNIX_EPOCH),
            (None, Some(at)) => at.checked_add(pause).ok(),
        }
    }

    /// Takes an answer. Returns whether it was to this question and brought something new.
    pub fn answered(&mut self, ticket: Ticket, answer: Result<T, &Failure>, now: Timestamp) -> bool {
        if self.ticket.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        self.at = Some(now);
        match answer {
            Ok(value) => {
                self.value = Some(value);
                self.failure = None;
                true
            }
            Err(failure) => {
                self.failure = Some(failure.clone());
                false
            }
        }
    }
}
