//! Keys that wait: behind a posting that is under way or refused, or for the answer to a scan.
//!
//! A key that finds no room rings and is not taken.

use super::FormScreen;
use super::post::Phase;
use crate::tui::app::Context;
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::typed_ahead::{Behind, TypedAhead};

/// The keys that wait.
#[derive(Debug, Default)]
pub(super) struct Held {
    keys: TypedAhead,
    /// The posting was refused: the keys behind it wait until the form is posted or emptied.
    parked: bool,
    /// The first that waits for an answer is a command that needs every answer.
    deferred: bool,
    /// The key that is being dealt with.
    key: Option<Key>,
    full: bool,
    /// The keys that are dealt with now are those that waited.
    releasing: bool,
}

impl Held {
    /// How many keys wait for the posting.
    pub(super) fn behind(&self) -> usize {
        self.keys.count(Behind::Posting)
    }

    /// How many keys wait for an answer.
    pub(super) fn lookups(&self) -> usize {
        self.keys.count(Behind::Answer)
    }

    /// How many scans are among the keys.
    pub(super) fn scans(&self) -> usize {
        self.keys.all().filter(|key| key.code == Code::Enter).count()
    }

    pub(super) fn was_full(&mut self) -> bool {
        std::mem::take(&mut self.full)
    }

    pub(super) fn take_key(&mut self) -> Option<Key> {
        self.key.take()
    }

    /// A command waits for the answers; what is typed after it waits behind it.
    pub(super) fn defer(&mut self, key: Key) {
        self.keys.put_back(key);
        self.deferred = true;
    }

    /// Gives up waiting for answers.
    pub(super) fn forget_lookups(&mut self) {
        self.keys.forget(Behind::Answer);
        self.deferred = false;
    }

    pub(super) fn park(&mut self) {
        self.parked = true;
    }

    /// The form is free for the keys that wait.
    pub(super) fn unpark(&mut self) {
        self.parked = false;
    }

    pub(super) fn forget(&mut self) {
        *self = Self { releasing: self.releasing, ..Self::default() };
    }

    /// Whether the last key that waits is part of a text.
    fn ends_in_text(&self, behind: Behind) -> bool {
        self.keys.last(behind).is_some_and(Key::edits_text)
    }

    fn keep(&mut self, behind: Behind, key: Key) -> bool {
        self.full = !self.keys.keep(behind, key);
        !self.full
    }
}

impl FormScreen {
    /// What a key waits for that is typed now; nothing if it is dealt with at once.
    fn waits_behind(&self) -> Option<Behind> {
        match self.phase {
            Phase::Posting(_) | Phase::Unknown(_) => Some(Behind::Posting),
            Phase::Refused => None,
            _ if self.held.behind() > 0 && !self.held.parked => Some(Behind::Posting),
            // Where the next scan goes depends on whether the place is one.
            _ => (self.held.lookups() > 0 || self.awaits_place()).then_some(Behind::Answer),
        }
    }

    pub(super) fn hold_key(&mut self, key: Key) -> bool {
        self.held.releasing = false;
        self.held.key = Some(key);
        let Some(behind) = self.waits_behind() else { return false };
        // Escape is the way out when no answer comes.
        if behind == Behind::Answer && key.code == Code::Escape {
            return false;
        }
        self.held.keep(behind, key)
    }

    pub(super) fn release_key(&mut self) -> Option<Key> {
        let key = self.next_released();
        self.held.releasing = key.is_some();
        self.held.key = key;
        key
    }

    fn next_released(&mut self) -> Option<Key> {
        let awaits_place = self.awaits_place();
        let held = &mut self.held;
        held.deferred &= !self.queue.is_empty();
        match self.phase {
            Phase::Posting(_) | Phase::Unknown(_) | Phase::Refused => {
                // What waited for an answer has posted the form; the rest belongs to the next one.
                held.keys.wait_for_posting();
                None
            }
            _ if awaits_place || held.deferred => None,
            _ if held.lookups() > 0 => held.keys.next(Behind::Answer),
            _ if held.parked => None,
            _ => held.keys.next(Behind::Posting),
        }
    }

    /// What the person is typing into behind the keys that wait; none if what they type counts at once.
    pub(super) fn typing_behind(&self) -> Option<Typing> {
        if self.held.releasing {
            return None;
        }
        let behind = match self.phase {
            Phase::Refused => Behind::Posting,
            _ => self.waits_behind()?,
        };
        Some(if self.held.ends_in_text(behind) { Typing::Text } else { Typing::Empty })
    }

    /// Keeps a key that was typed before the refusal can have been seen, and rings for each scan.
    pub(super) fn park(&mut self, key: Key, context: &mut Context<'_>) {
        self.held.keep(Behind::Posting, key);
        if key.code == Code::Enter || self.held.was_full() {
            context.ring();
        }
    }
}
