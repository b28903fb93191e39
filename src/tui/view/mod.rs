//! Views: the trait that every screen, dialog and full view implements, and what it is given to handle events and to
//! draw.
//!
//! Boundary: knows no screen and no widget. `app` owns the views and carries out what they request.

mod bindings;
mod canvas;
mod context;
mod draft;
mod effect;
mod notices;
mod submission;
#[cfg(test)]
pub(in crate::tui) mod testing;
#[cfg(test)]
mod tests;

use std::any::Any;

use jiff::Timestamp;
use ratatui::layout::Rect;

pub use bindings::{Binding, Bindings, Bound, Dispatch};
pub use canvas::{Canvas, Hit, fit, sign};
pub use context::Context;
pub use draft::{Draft, FoundDraft};
pub use effect::{Action, Effect, Picked};
pub use notices::{Notice, Notices, Severity};
pub use submission::{Confirmed, Ended, Review, Submission, WriteEnd};

use super::command::{Command, Scope};
use super::key::Key;
use super::keymap::Typing;
use crate::domain::PostingId;
use crate::worker::message::{AuditReport, Failure};
use crate::worker::query::{Answer, Ticket};

/// Whether a view defers a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It is handled now.
    No,
    Kept,
    /// It would have to wait, but there is no room: it is dropped.
    Full,
}

/// A screen, or a layer over one. All methods have defaults, except for drawing and a few others.
pub trait View: Dispatch + std::fmt::Debug + Any {
    /// The scopes of its commands, the innermost first.
    fn scopes(&self) -> &'static [Scope];

    /// Whether it must be answered before anything else: a question, not a view.
    fn asks(&self) -> bool {
        false
    }

    /// What the person is typing into.
    fn typing(&self) -> Typing {
        Typing::Nothing
    }

    /// The commands named in the last line, the most useful first. Each is one that the view handles, or one of the
    /// program as a whole.
    fn hints(&self) -> &'static [Command];

    /// Handles a key that is not a command.
    fn key(&mut self, _key: Key, _context: &mut Context<'_>) {}

    /// Handles a choice made in a list that it opened, or what another view wants it to show.
    fn picked(&mut self, _picked: Picked, _context: &mut Context<'_>) {}

    /// Handles a pasted text as a whole. Returns false to have it typed instead, character by character.
    fn pasted(&mut self, _text: &str, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Handles a click on something it has drawn.
    fn clicked(&mut self, _hit: Hit, _context: &mut Context<'_>) {}

    /// Called when the view comes to the front.
    fn shown(&mut self, _context: &mut Context<'_>) {}

    /// Handles the answer to one of its questions. Returns whether it was one.
    fn answered(
        &mut self,
        _ticket: Ticket,
        _answer: &Result<Answer, Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Handles what became known of one of its writes. Returns whether it was one.
    fn write_ended(&mut self, _id: PostingId, _end: WriteEnd<'_>, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Called after something was posted at this terminal, perhaps by another view: messages about an earlier posting
    /// are out of date.
    fn posted(&mut self, _id: PostingId) {}

    /// Handles the progress or end of a verification, or the result of a decision. Returns whether it concerns this
    /// view.
    fn audited(&mut self, _report: &AuditReport, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Handles the end of a change to the master data. Returns whether the change is its own.
    fn record_changed(
        &mut self,
        _number: u64,
        _outcome: &Result<(), Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Called if somebody may have changed what is shown; only for the view in front.
    fn changed(&mut self, _context: &mut Context<'_>) {}

    /// Keeps a key that comes too early, such as during a posting of this view.
    fn hold(&mut self, _key: Key) -> Hold {
        Hold::No
    }

    /// Returns the next kept key once the posting has ended.
    fn release(&mut self) -> Option<Key> {
        None
    }

    /// How many lines would be lost if the program ended.
    fn unfinished(&self) -> usize {
        0
    }

    /// A number that changes whenever the contents of [`View::draft`] do; zero if there is nothing to save.
    fn draft_mark(&self) -> u64 {
        0
    }

    /// What is saved on this machine until it is posted or discarded, if anything would be lost.
    fn draft(&self) -> Option<Draft> {
        None
    }

    /// Restores a draft. Returns false if it cannot, because something else is begun or the draft cannot be read.
    fn resume(&mut self, _content: &str, _context: &mut Context<'_>) -> bool {
        false
    }

    /// When the view wants to be drawn again, or to be notified, without an event.
    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// Called at the time that [`View::next_change`] named, or at another; only for the view in front.
    fn ticked(&mut self, _context: &mut Context<'_>) {}

    /// Called when it has been drawn with nothing over it, so that what it shows can have been seen.
    fn seen(&mut self) {}

    /// Draws the view. Changes nothing but the remembered layout.
    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>);
}
