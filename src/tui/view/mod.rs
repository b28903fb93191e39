//! What a view is: the trait that every screen, dialog and full view implements, and what it is given to
//! work and to draw with.
//!
//! Boundary: knows no screen and no widget. `app` holds the views and carries out what they ask for.

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
pub use submission::{Confirmed, Ended, Review, Submission};

use super::command::{Command, Scope};
use super::key::Key;
use super::keymap::Typing;
use crate::domain::PostingId;
use crate::worker::message::{AuditReport, Failure, Written};
use crate::worker::query::{Answer, Ticket};

/// What became of a key that a view might keep for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It is dealt with now.
    No,
    Kept,
    /// It would have to wait, and there is no room: it is not taken.
    Full,
}

/// A screen, or something that lies over one. All parts have sensible defaults except drawing.
pub trait View: Dispatch + std::fmt::Debug + Any {
    /// Where commands come from, the innermost first.
    fn scopes(&self) -> &'static [Scope];

    /// Whether this must be dealt with before anything else: a question, not a view.
    fn asks(&self) -> bool {
        false
    }

    /// What the person is typing into.
    fn typing(&self) -> Typing {
        Typing::Nothing
    }

    /// The commands that the last line names, the most useful first. Each is one that the view handles, or
    /// one of the program as a whole.
    fn hints(&self) -> &'static [Command];

    /// Takes a key that is no command.
    fn key(&mut self, _key: Key, _context: &mut Context<'_>) {}

    /// Takes what was chosen in a list that it opened, or what another view wants it to show.
    fn picked(&mut self, _picked: Picked, _context: &mut Context<'_>) {}

    /// Takes a pasted text as a whole. Returns false to have it typed instead, character by character.
    fn pasted(&mut self, _text: &str, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Deals with a click on something it has drawn.
    fn clicked(&mut self, _hit: Hit, _context: &mut Context<'_>) {}

    /// The view comes to the front.
    fn shown(&mut self, _context: &mut Context<'_>) {}

    /// Takes the answer to a question of its own. Returns whether it was one.
    fn answered(
        &mut self,
        _ticket: Ticket,
        _answer: &Result<Answer, Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Takes the end of a write of its own. Returns whether it was one.
    fn written(
        &mut self,
        _id: PostingId,
        _outcome: &Result<Written, Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Something was posted at this terminal, perhaps by another view: what is said of an earlier posting is out of
    /// date.
    fn posted(&mut self, _id: PostingId) {}

    /// Learns what became of a write of its own whose outcome was not known. Returns whether it was one.
    fn resolved(&mut self, _id: PostingId, _posted: bool, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Learns how a verification goes on or ended, or what became of a decision. Returns whether it concerns this
    /// view.
    fn audited(&mut self, _report: &AuditReport, _context: &mut Context<'_>) -> bool {
        false
    }

    /// Learns the end of a change to the master data. Returns whether the change is its own.
    fn record_changed(
        &mut self,
        _number: u64,
        _outcome: &Result<(), Failure>,
        _context: &mut Context<'_>,
    ) -> bool {
        false
    }

    /// Somebody may have changed what is shown; only the view in front is told.
    fn changed(&mut self, _context: &mut Context<'_>) {}

    /// Keeps a key that comes too early, such as while a posting of this view is under way.
    fn hold(&mut self, _key: Key) -> Hold {
        Hold::No
    }

    /// Gives back the next kept key once the posting is done.
    fn release(&mut self) -> Option<Key> {
        None
    }

    /// How many lines there are that would be lost if the program ended.
    fn unfinished(&self) -> usize {
        0
    }

    /// Another number whenever what [`View::draft`] keeps is another; zero while there is nothing to keep.
    fn draft_mark(&self) -> u64 {
        0
    }

    /// What is kept on this machine until it is posted or discarded, if anything would be lost.
    fn draft(&self) -> Option<Draft> {
        None
    }

    /// Takes a draft up again. Returns false when it cannot, because something else is begun or the draft is not
    /// understood.
    fn resume(&mut self, _content: &str, _context: &mut Context<'_>) -> bool {
        false
    }

    /// When the view wants to be drawn again, or told that the time has come, though nothing happens.
    fn next_change(&self, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// The time has come that [`View::next_change`] named, or some other; only the view in front is told.
    fn ticked(&mut self, _context: &mut Context<'_>) {}

    /// It has been drawn with nothing over it, so that what it shows can have been seen.
    fn seen(&mut self) {}

    /// Draws. Changes nothing but the memory of the layout.
    fn draw(&mut self, area: Rect, canvas: &mut Canvas<'_, '_>);
}
