//! Something that is asked for as a whole and shown when it has come: one product, one posting, a report.
//!
//! Boundary: keeps the question under way and what came of it. When to ask is for the screen to say.

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::view::{Canvas, Context};
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Query, Ticket};

/// What an answer was to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The answer to another question, or to one that was asked again since.
    Other,
    Failure,
    Value,
}

impl Received {
    /// Whether it was the answer to the question under way.
    #[must_use]
    pub fn is_own(self) -> bool {
        self != Self::Other
    }
}

/// A value, and the question that fetches it. Until one has come the value is the default one.
#[derive(Debug, Default)]
pub struct Fetched<T> {
    pub value: T,
    asked: Option<Ticket>,
    failure: Option<Failure>,
    came_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
}

impl<T> Fetched<T> {
    /// Asks, in place of the question that is under way.
    pub fn ask(&mut self, query: impl Query, context: &mut Context<'_>) {
        self.asked = Some(context.ask(query));
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// When the value came, if one has.
    #[must_use]
    pub fn came_at(&self) -> Option<Timestamp> {
        self.came_at
    }

    /// Why the latest question was not answered, if it was not.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// When to ask again, so long after the latest answer; at once if there was none, and never while an answer is
    /// on its way.
    #[must_use]
    pub fn due_at(&self, pause: SignedDuration) -> Option<Timestamp> {
        match (self.asked, self.answered_at) {
            (Some(_), _) => None,
            (None, None) => Some(Timestamp::MIN),
            (None, Some(at)) => Some(at.saturating_add(pause).unwrap_or(Timestamp::MAX)),
        }
    }

    /// Forgets when it was answered, so that it is due at once.
    pub fn expire(&mut self) {
        self.answered_at = None;
    }

    /// Puts a value in that came in another way.
    pub fn set(&mut self, value: T, now: Timestamp) {
        self.value = value;
        self.failure = None;
        self.came_at = Some(now);
    }

    /// Takes the answer to the question under way; `take` puts it into the value.
    pub fn answered<Q: Query>(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        now: Timestamp,
        take: impl FnOnce(&mut T, &Q::Answer),
    ) -> Received {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return Received::Other;
        }
        self.answered_at = Some(now);
        match answer {
            Ok(answer) => {
                let Some(answer) = Q::answer(answer) else { return Received::Other };
                take(&mut self.value, answer);
                self.failure = None;
                self.came_at = Some(now);
                Received::Value
            }
            Err(failure) => {
                self.failure = Some(failure.clone());
                Received::Failure
            }
        }
    }

    /// Draws why there is no value: it could not be fetched, or has not come yet.
    pub fn draw_missing(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let text = match &self.failure {
            Some(failure) => format!("✗ {}", failure::words(canvas.words, failure)),
            None => canvas.words.say(CommonText::Loading).to_owned(),
        };
        canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }
}
