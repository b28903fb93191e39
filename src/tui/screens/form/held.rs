//! Keys that wait: behind a posting that is under way or refused, or for the answer to a scan.
//!
//! Both queues are bounded; a key that finds no room rings and is not taken.

use std::collections::VecDeque;

use super::FormScreen;
use super::post::Phase;
use crate::tui::app::Context;
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;

/// How many keys wait at most: some hundred scans, more than anyone makes before looking up.
pub(super) const KEYS_HELD_MAX: usize = 5_000;

/// The keys that wait.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Typed behind a posting; they belong to the form after it.
    behind: VecDeque<Key>,
    /// The posting was refused: the keys behind it wait until the form is posted or emptied.
    parked: bool,
    /// Typed behind a scan whose answer decides what they mean.
    lookups: VecDeque<Key>,
    /// The first of them is a command that needs every answer.
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
        self.behind.len()
    }

    /// How many keys wait for an answer.
    pub(super) fn lookups(&self) -> usize {
        self.lookups.len()
    }

    /// How many scans are among the keys.
    pub(super) fn scans(&self) -> usize {
        self.behind.iter().chain(&self.lookups).filter(|key| key.code == Code::Enter).count()
    }

    pub(super) fn was_full(&mut self) -> bool {
        std::mem::take(&mut self.full)
    }

    pub(super) fn take_key(&mut self) -> Option<Key> {
        self.key.take()
    }

    /// A command waits for the answers; what is typed after it waits behind it.
    pub(super) fn defer(&mut self, key: Key) {
        self.lookups.push_front(key);
        self.deferred = true;
    }

    /// Gives up waiting for answers.
    pub(super) fn forget_lookups(&mut self) {
        self.lookups.clear();
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
    fn ends_in_text(&self, lookups: bool) -> bool {
        let last = if lookups { self.lookups.back() } else { self.behind.back() };
        last.is_some_and(|key| key.edits_text())
    }

    fn keep(&mut self, key: Key, lookups: bool) -> bool {
        let queue = if lookups { &mut self.lookups } else { &mut self.behind };
        if queue.len() >= KEYS_HELD_MAX {
            self.full = true;
            return false;
        }
        queue.push_back(key);
        true
    }
}

impl FormScreen {
    /// Which queue a key goes to that is typed now; none if it is dealt with at once.
    fn waits_for_answers(&self) -> Option<bool> {
        match self.phase {
            Phase::Posting(_) | Phase::Unknown(_) => Some(false),
            Phase::Refused => None,
            _ if !self.held.behind.is_empty() && !self.held.parked => Some(false),
            // Where the next scan goes depends on whether the place is one.
            _ => (!self.held.lookups.is_empty() || self.awaits_place()).then_some(true),
        }
    }

    pub(super) fn hold_key(&mut self, key: Key) -> bool {
        self.held.releasing = false;
        self.held.key = Some(key);
        let Some(lookups) = self.waits_for_answers() else { return false };
        // Escape is the way out when no answer comes.
        if lookups && key.code == Code::Escape {
            return false;
        }
        self.held.keep(key, lookups)
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
                held.behind.append(&mut held.lookups);
                None
            }
            _ if awaits_place || held.deferred => None,
            _ if !held.lookups.is_empty() => held.lookups.pop_front(),
            _ if held.parked => None,
            _ => held.behind.pop_front(),
        }
    }

    /// What the person is typing into behind the keys that wait; none if what they type counts at once.
    pub(super) fn typing_behind(&self) -> Option<Typing> {
        if self.held.releasing {
            return None;
        }
        let lookups = match self.phase {
            Phase::Refused => false,
            _ => self.waits_for_answers()?,
        };
        Some(if self.held.ends_in_text(lookups) { Typing::Text } else { Typing::Empty })
    }

    /// Keeps a key that was typed before the refusal can have been seen, and rings for each scan.
    pub(super) fn park(&mut self, key: Key, context: &mut Context<'_>) {
        self.held.keep(key, false);
        if key.code == Code::Enter || self.held.was_full() {
            context.ring();
        }
    }
}
