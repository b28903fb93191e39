//! The figures of one panel, and when to query them again.
//!
//! Changes by others are noticed once a second, which is too often to add up the ledger. So each panel pauses after an
//! answer, and is queried again when the pause is over and something has changed; and, because its period moves with
//! the clock, at the latest after a longer pause. A slow query delays only its own panel, and pauses after its answer
//! like any other.

use jiff::Timestamp;

use super::panels::{Content, Panel, RowKey};
use crate::tui::text::Words;
use crate::tui::view::Context;
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Ticket};

/// The figures of one panel, with the state of its query.
#[derive(Debug)]
pub(super) struct PanelData {
    pub panel: &'static Panel,
    /// The latest answer, and when it came.
    pub shown: Option<(Answer, Timestamp)>,
    /// Why the latest query failed, if it did.
    pub failure: Option<Failure>,
    asked: Option<Ticket>,
    answered_at: Option<Timestamp>,
    /// Whether something may have changed since the query.
    stale: bool,
}

impl PanelData {
    pub fn new(panel: &'static Panel) -> Self {
        Self { panel, shown: None, failure: None, asked: None, answered_at: None, stale: true }
    }

    /// Whether this is the ticket of the latest query.
    pub fn asked_with(&self, ticket: Ticket) -> bool {
        self.asked == Some(ticket)
    }

    /// Whether an answer is pending.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Marks the figures as possibly out of date.
    pub fn invalidate(&mut self) {
        self.stale = true;
    }

    /// When the panel is to be queried; none while a query is running.
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.is_asked() {
            return None;
        }
        let Some(answered_at) = self.answered_at else { return Some(Timestamp::MIN) };
        let refresh = self.panel.refresh;
        let pause = if self.stale { refresh.least } else { refresh.most };
        Some(answered_at.saturating_add(pause).unwrap_or(Timestamp::MAX))
    }

    /// The title, which may contain a figure of the answer.
    pub fn title(&self, words: Words, room: usize) -> String {
        (self.panel.title)(words, self.shown.as_ref().map(|(answer, _)| answer), room)
    }

    /// The keys of the rows in the latest answer.
    pub fn keys(&self) -> Vec<RowKey> {
        match (&self.panel.content, &self.shown) {
            (Content::List(listing) | Content::Chart(_, listing), Some((answer, _))) => {
                (listing.keys)(answer)
            }
            _ => Vec::new(),
        }
    }

    pub fn ask(&mut self, context: &mut Context<'_>) {
        self.stale = false;
        self.asked = Some(context.ask((self.panel.question)()));
    }

    pub fn ask_if_due(&mut self, context: &mut Context<'_>) {
        if self.due_at().is_some_and(|due| due <= context.now) {
            self.ask(context);
        }
    }

    /// Takes the answer to the latest query, if it is that.
    pub fn answered(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>, now: Timestamp) {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return;
        }
        self.answered_at = Some(now);
        match answer {
            Ok(answer) => {
                self.shown = Some((answer.clone(), now));
                self.failure = None;
            }
            Err(failure) => {
                self.failure = Some(failure.clone());
                self.stale = true;
            }
        }
    }
}
