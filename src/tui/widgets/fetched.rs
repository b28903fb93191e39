//! Data that are queried as a whole and shown when they have come: one product, one posting, a report.
//!
//! Boundary: keeps the running query and its result. When to query is up to the screen.

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

use super::List;
use super::empty::draw_empty;
use super::table::{Cell, Column};
use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::view::{Canvas, Context};
use crate::worker::message::Failure;
use crate::worker::query::{Answer, Query, Ticket};

/// How an answer relates to the running query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The answer to another question, or to one that was asked again since.
    Other,
    Failure,
    Value,
}

impl Received {
    /// Whether it was the answer to the running query.
    #[must_use]
    pub fn is_own(self) -> bool {
        self != Self::Other
    }
}

/// A value, and the query that fetches it. Until an answer has come the value is the default one.
#[derive(Debug, Default)]
pub struct Fetched<T> {
    pub value: T,
    asked: Option<Ticket>,
    failure: Option<Failure>,
    came_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
}

impl<T> Fetched<T> {
    /// Queries, and supersedes the running query.
    pub fn ask(&mut self, query: impl Query, context: &mut Context<'_>) {
        self.asked = Some(context.ask(query));
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// When the value came, if it has.
    #[must_use]
    pub fn came_at(&self) -> Option<Timestamp> {
        self.came_at
    }

    /// Why the latest query failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// When to query again, a pause after the latest answer; at once if there was none, and never while a query is
    /// running.
    #[must_use]
    pub fn due_at(&self, pause: SignedDuration) -> Option<Timestamp> {
        match (self.asked, self.answered_at) {
            (Some(_), _) => None,
            (None, None) => Some(Timestamp::MIN),
            (None, Some(at)) => Some(at.saturating_add(pause).unwrap_or(Timestamp::MAX)),
        }
    }

    /// Forgets when the answer came, so that a query is due at once.
    pub fn expire(&mut self) {
        self.answered_at = None;
    }

    /// Sets a value that came in another way.
    pub fn set(&mut self, value: T, now: Timestamp) {
        self.value = value;
        self.failure = None;
        self.came_at = Some(now);
    }

    /// Takes the answer to the running query; `take` puts it into the value.
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

    /// Draws why there is no value: the query failed, or is running.
    pub fn draw_missing(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let text = match &self.failure {
            Some(failure) => format!("✗ {}", failure::words(canvas.words, failure)),
            None => canvas.words.say(CommonText::Loading).to_owned(),
        };
        canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
    }
}

impl<T: Clone> Fetched<List<T>> {
    /// Takes the answer to the running query as the rows of the list. The cursor stays on the row that `same`
    /// recognises. Returns whether it was that answer.
    pub fn listed<Q: Query<Answer = Vec<T>>>(
        &mut self,
        ticket: Ticket,
        answer: &Result<Answer, Failure>,
        now: Timestamp,
        same: impl Fn(&T, &T) -> bool,
    ) -> bool {
        self.answered::<Q>(ticket, answer, now, |list, rows| list.replace(rows.clone(), same)).is_own()
    }
}

impl<T> Fetched<List<T>> {
    /// Draws the rows in view as a table, as [`List::draw`] does, or why there are none; `nothing` is said if none were
    /// found.
    pub fn draw(
        &mut self,
        area: Rect,
        columns: &[Column],
        canvas: &mut Canvas<'_, '_>,
        cells: impl Fn(Option<&T>, &T, &Canvas<'_, '_>) -> Vec<Cell>,
        nothing: &str,
    ) {
        self.value.draw(area, columns, canvas, cells);
        if self.value.is_empty() {
            draw_empty(self.is_asked(), self.failure(), nothing, area, canvas);
        }
    }
}
