//! One panel's figures, and when to ask for them again.
//!
//! What others change is heard of once a second, which is too often to add up the ledger. So each panel
//! rests for a while after an answer, and is asked again when it has rested and something has changed;
//! and, as its window moves with the clock, at the latest after a longer while. A question that takes
//! long holds up nothing but its own panel, and rests as long after its answer as any.

use jiff::Timestamp;

use super::panels::{Content, Panel, RowKey};
use crate::tui::text::Words;
use crate::tui::view::Context;
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Ticket};

/// One panel's figures.
#[derive(Debug)]
pub(super) struct PanelData {
    pub panel: &'static Panel,
    /// The latest figures, and when they came.
    pub shown: Option<(Answer, Timestamp)>,
    /// Why the latest question was not answered, if it was not.
    pub failure: Option<Failure>,
    asked: Option<Ticket>,
    answered_at: Option<Timestamp>,
    /// Something may have changed since it was asked.
    stale: bool,
}

impl PanelData {
    pub fn new(panel: &'static Panel) -> Self {
        Self { panel, shown: None, failure: None, asked: None, answered_at: None, stale: true }
    }

    /// Whether this is the ticket of its latest question.
    pub fn asked_with(&self, ticket: Ticket) -> bool {
        self.asked == Some(ticket)
    }

    /// Whether an answer is on its way.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// What is shown may no longer hold.
    pub fn invalidate(&mut self) {
        self.stale = true;
    }

    /// When the panel is to be asked; none while it is being asked.
    pub fn due_at(&self) -> Option<Timestamp> {
        if self.is_asked() {
            return None;
        }
        let Some(answered_at) = self.answered_at else { return Some(Timestamp::MIN) };
        let refresh = self.panel.refresh;
        let pause = if self.stale { refresh.least } else { refresh.most };
        Some(answered_at.saturating_add(pause).unwrap_or(Timestamp::MAX))
    }

    /// The title, with a figure of the answer where it has one.
    pub fn title(&self, words: Words) -> String {
        (self.panel.title)(words, self.shown.as_ref().map(|(answer, _)| answer))
    }

    /// What the rows that came last are known by.
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

    /// Takes the answer to its latest question, if it is that.
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
