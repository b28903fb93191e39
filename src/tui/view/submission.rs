//! Changes the stock: what was reviewed on the screen is sent once, under an id that identifies it, until its outcome
//! is known.
//!
//! Boundary: the only way to a write, see [`Context::write`]. What is sent, and what its outcome means for the screen,
//! is up to the view.

use super::Context;
use crate::domain::{PostingId, Refusal};
use crate::worker::message::{Failure, Write, Written};

/// What is to be confirmed. It must have been on the screen first: a key that was typed before, or that waited for an
/// answer, can never confirm it.
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
    /// Shows new contents, which have to be seen even if they were shown before.
    pub fn open(&mut self, what: T) {
        *self = Self { shown: Some(what), seen: false };
    }

    /// Shows these contents. If they are shown already, they remain seen.
    pub fn show(&mut self, what: T) {
        if self.shown.as_ref() != Some(&what) {
            self.open(what);
        }
    }

    /// Records that it has been drawn in front of everything.
    pub fn seen(&mut self) {
        self.seen = self.shown.is_some();
    }

    /// Confirms these contents, if they are what was seen.
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

/// The outcome of what was sent.
#[derive(Debug)]
pub enum Ended<'a> {
    /// Posted, with the result if it is known.
    Posted(Option<&'a Written>),
    /// It is not known yet whether it was posted.
    Unknown(&'a Failure),
    Refused(&'a Failure),
    /// Its outcome was unknown, and has been determined: it was not posted.
    NotPosted,
}

/// What became known of a write.
#[derive(Debug, Clone, Copy)]
pub enum WriteEnd<'a> {
    /// It was carried out or refused, or the connection was lost meanwhile.
    Written(&'a Result<Written, Failure>),
    /// Its outcome was unknown, and has been determined.
    Resolved { posted: bool },
}

/// The writes of one view, one at a time.
///
/// An id identifies one act with one content. The same content sent again keeps its id, so that it is posted once even
/// if an earlier attempt succeeded. Changed content is another act: under the old id it would be refused if the earlier
/// one had succeeded, which is known not to be the case, because nothing is sent before the outcome of the previous
/// attempt is known.
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
    /// Sends what was confirmed. Returns false, and sends nothing, while the outcome of the previous attempt is
    /// unknown.
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

    /// Handles what became known of a write, if it is the one in progress.
    pub fn ended<'a>(&mut self, id: PostingId, end: WriteEnd<'a>) -> Option<Ended<'a>> {
        match end {
            WriteEnd::Written(outcome) => self.written(id, outcome),
            WriteEnd::Resolved { posted } => self.resolved(id, posted),
        }
    }

    fn written<'a>(&mut self, id: PostingId, outcome: &'a Result<Written, Failure>) -> Option<Ended<'a>> {
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

    fn resolved(&mut self, id: PostingId, posted: bool) -> Option<Ended<'static>> {
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

    /// Forgets the previous attempt: the next act is another one even if it is the same. A write in progress is kept.
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

    /// Whether the connection was lost during the write.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.state == State::Unknown
    }

    /// The id under which the content was last sent.
    #[must_use]
    pub fn tried(&self) -> Option<PostingId> {
        self.tried.as_ref().map(|(id, _)| *id)
    }

    /// Takes over an attempt from before the terminal ended: the same content is sent under its id again.
    pub fn adopt(&mut self, id: PostingId, content: T) {
        if !self.is_under_way() {
            self.tried = Some((id, content));
        }
    }

    /// Whether the write with an id is the one in progress.
    #[must_use]
    pub fn awaits(&self, id: PostingId) -> bool {
        self.is_under_way() && self.tried.as_ref().is_some_and(|(own, _)| *own == id)
    }
}
