//! Changing the stock: what was reviewed on the screen is sent once, under an id that names it, until it is
//! known what became of it.
//!
//! Boundary: the only way to a write, see [`Context::write`]. What is sent, and what its outcome means on
//! the screen, is the business of the view.

use super::Context;
use crate::domain::{PostingId, Refusal};
use crate::worker::message::{Failure, Write, Written};

/// What is to be confirmed. It must have been on the screen first: a key that was typed before, or that
/// waited for an answer, can never confirm it.
#[derive(Debug)]
pub struct Review<T> {
    shown: Option<T>,
    seen: bool,
}

impl<T> Default for Review<T> {
    fn default() -> Self {
        Self { shown: None, seen: false }
    }
}

/// The proof that what is sent has been on the screen.
#[derive(Debug)]
pub struct Confirmed(());

impl<T: PartialEq> Review<T> {
    /// Shows this, which has to be seen although it may have been shown before.
    pub fn open(&mut self, what: T) {
        *self = Self { shown: Some(what), seen: false };
    }

    /// Shows this from now on. What is shown already stays seen.
    pub fn show(&mut self, what: T) {
        if self.shown.as_ref() != Some(&what) {
            self.open(what);
        }
    }

    /// It has been drawn in front of everything.
    pub fn seen(&mut self) {
        self.seen = self.shown.is_some();
    }

    /// Confirms this, if it is what was seen.
    #[must_use]
    pub fn confirm(&self, what: &T) -> Option<Confirmed> {
        (self.seen && self.shown.as_ref() == Some(what)).then_some(Confirmed(()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Idle,
    Posting,
    Unknown,
}

/// What became of what was sent.
#[derive(Debug)]
pub enum Ended<'a> {
    /// Posted, with what it did where that is known.
    Posted(Option<&'a Written>),
    /// Nobody knows yet whether it was posted.
    Unknown(&'a Failure),
    Refused(&'a Failure),
    /// Its outcome was unknown, and it was found not to have been posted.
    NotPosted,
}

/// The writes of one view, one at a time.
///
/// An id names one act with one content. The same content sent again keeps its id, so that it is posted
/// once even if an earlier try did get through. Changed content is another act: under the old id it would
/// be refused if the earlier one stands, and that is known not to, for nothing is sent before the outcome of
/// the try before it is known.
#[derive(Debug)]
pub struct Submission<T> {
    tried: Option<(PostingId, T)>,
    state: State,
}

impl<T> Default for Submission<T> {
    fn default() -> Self {
        Self { tried: None, state: State::Idle }
    }
}

impl<T: PartialEq> Submission<T> {
    /// Sends what was confirmed. Returns false, and sends nothing, while the outcome of the try before it is
    /// not known.
    pub fn send(
        &mut self,
        content: T,
        _confirmed: Confirmed,
        context: &mut Context<'_>,
        write: impl FnOnce(PostingId, &T) -> Write,
    ) -> bool {
        if self.is_under_way() {
            return false;
        }
        let id = match &self.tried {
            Some((id, tried)) if *tried == content => *id,
            _ => context.new_id(),
        };
        context.write(id, write(id, &content));
        self.tried = Some((id, content));
        self.state = State::Posting;
        true
    }

    /// Takes the end of a write, if it is the one that is under way.
    pub fn written<'a>(&mut self, id: PostingId, outcome: &'a Result<Written, Failure>) -> Option<Ended<'a>> {
        if !self.awaits(id) {
            return None;
        }
        Some(match outcome {
            Ok(written) => {
                *self = Self::default();
                Ended::Posted(Some(written))
            }
            Err(failure @ Failure::OutcomeUnknown { .. }) => {
                self.state = State::Unknown;
                Ended::Unknown(failure)
            }
            Err(failure) => {
                self.state = State::Idle;
                if matches!(failure, Failure::Refused(Refusal::IdUsedForAnother(_))) {
                    self.tried = None;
                }
                Ended::Refused(failure)
            }
        })
    }

    /// Learns whether what is under way was posted, if the id is its own.
    pub fn resolved(&mut self, id: PostingId, posted: bool) -> Option<Ended<'static>> {
        if !self.awaits(id) {
            return None;
        }
        if posted {
            *self = Self::default();
            return Some(Ended::Posted(None));
        }
        self.state = State::Idle;
        Some(Ended::NotPosted)
    }

    /// Gives up what was tried: the next act is another one even if it is the same. What is under way stays.
    pub fn forget(&mut self) {
        if !self.is_under_way() {
            *self = Self::default();
        }
    }

    /// Whether something was sent whose outcome is not known.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.state != State::Idle
    }

    /// Whether the line broke while it was under way.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.state == State::Unknown
    }

    /// The id under which the content was sent last.
    #[must_use]
    pub fn tried(&self) -> Option<PostingId> {
        self.tried.as_ref().map(|(id, _)| *id)
    }

    /// Knows of a try that was made before the terminal ended: the same content is sent under its id again.
    pub fn adopt(&mut self, id: PostingId, content: T) {
        if !self.is_under_way() {
            self.tried = Some((id, content));
        }
    }

    /// Whether the write of an id is the one that is under way.
    #[must_use]
    pub fn awaits(&self, id: PostingId) -> bool {
        self.is_under_way() && self.tried.as_ref().is_some_and(|(own, _)| *own == id)
    }
}
