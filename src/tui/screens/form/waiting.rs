//! Deferred keys: typed during a posting or after a refusal, or before the answer to a scan.
//!
//! A key for which there is no room rings the bell and is dropped.

use super::FormScreen;
use super::post::Phase;
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::typed_ahead::{TypedAhead, WaitingFor};
use crate::tui::view::{Context, Hold};

/// The deferred keys of a form, and why they wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    keys: TypedAhead,
    /// The posting was refused, or has to be confirmed by somebody who has seen it: later keys are deferred until the
    /// form is posted or emptied.
    deferred: bool,
    /// Whether the first key that waits for an answer is a command that needs every answer.
    needs_all_answers: bool,
    /// The key that is being handled.
    key: Option<Key>,
    /// Whether the keys handled now are deferred ones.
    releasing: bool,
}

impl Waiting {
    /// How many keys wait for the posting.
    pub(super) fn for_posting(&self) -> usize {
        self.keys.count(WaitingFor::Posting)
    }

    /// How many keys wait for an answer.
    pub(super) fn for_answers(&self) -> usize {
        self.keys.count(WaitingFor::Answer)
    }

    /// How many scans the keys contain.
    pub(super) fn scans(&self) -> usize {
        self.keys.all().filter(|key| key.code == Code::Enter).count()
    }

    pub(super) fn take_key(&mut self) -> Option<Key> {
        self.key.take()
    }

    /// A command waits for the answers; keys typed after it wait behind it.
    pub(super) fn put_back(&mut self, key: Key) {
        self.keys.put_back(key);
        self.needs_all_answers = true;
    }

    /// Stops waiting for answers.
    pub(super) fn forget_answers(&mut self) {
        self.keys.forget(WaitingFor::Answer);
        self.needs_all_answers = false;
    }

    /// Defers the keys that wait for the posting until the form is posted or emptied.
    pub(super) fn defer(&mut self) {
        self.deferred = true;
    }

    /// The form can take the deferred keys.
    pub(super) fn resume(&mut self) {
        self.deferred = false;
    }

    pub(super) fn forget(&mut self) {
        *self = Self { releasing: self.releasing, ..Self::default() };
    }

    /// Whether the last deferred key is part of a text.
    fn ends_in_text(&self, waiting_for: WaitingFor) -> bool {
        self.keys.last(waiting_for).is_some_and(Key::edits_text)
    }
}

impl FormScreen {
    /// Whether the order or a place is being looked up.
    fn awaits_target(&self) -> bool {
        self.awaits_order() || self.awaits_place()
    }

    /// What a key that is typed now has to wait for; none if it is handled at once.
    fn waits_for(&self) -> Option<WaitingFor> {
        match self.phase {
            Phase::Posting => Some(WaitingFor::Posting),
            Phase::Refused => None,
            _ if self.waiting.for_posting() > 0 && !self.waiting.deferred => Some(WaitingFor::Posting),
            // Where the next scan goes depends on whether the order and the place are known.
            _ => (self.waiting.for_answers() > 0 || self.awaits_target()).then_some(WaitingFor::Answer),
        }
    }

    pub(super) fn hold_key(&mut self, key: Key) -> Hold {
        self.waiting.releasing = false;
        self.waiting.key = Some(key);
        let Some(waiting_for) = self.waits_for() else { return Hold::No };
        // Escape must work even if no answer comes.
        if waiting_for == WaitingFor::Answer && key.code == Code::Escape {
            return Hold::No;
        }
        if self.waiting.keys.defer(waiting_for, key) { Hold::Kept } else { Hold::Full }
    }

    pub(super) fn release_key(&mut self) -> Option<Key> {
        let key = self.next_released();
        self.waiting.releasing = key.is_some();
        self.waiting.key = key;
        key
    }

    fn next_released(&mut self) -> Option<Key> {
        let awaits_target = self.awaits_target();
        let waiting = &mut self.waiting;
        waiting.needs_all_answers &= !self.queue.is_empty();
        match self.phase {
            Phase::Posting | Phase::Refused => {
                // The keys that waited for an answer have posted the form; the rest belongs to the next one.
                waiting.keys.wait_for_posting();
                None
            }
            Phase::Review if waiting.deferred => {
                waiting.keys.wait_for_posting();
                None
            }
            _ if awaits_target || waiting.needs_all_answers => None,
            _ if waiting.for_answers() > 0 => waiting.keys.next(WaitingFor::Answer),
            _ if waiting.deferred => None,
            _ => waiting.keys.next(WaitingFor::Posting),
        }
    }

    /// What the person is typing into after the deferred keys; none if keys are handled at once.
    pub(super) fn typing_ahead(&self) -> Option<Typing> {
        if self.waiting.releasing {
            return None;
        }
        let waiting_for = match self.phase {
            Phase::Refused => WaitingFor::Posting,
            _ => self.waits_for()?,
        };
        Some(if self.waiting.ends_in_text(waiting_for) { Typing::Text } else { Typing::Empty })
    }

    /// Defers a key that was typed before the refusal can have been seen, and rings the bell for each scan.
    pub(super) fn defer_key(&mut self, key: Key, context: &mut Context<'_>) {
        let kept = self.waiting.keys.defer(WaitingFor::Posting, key);
        if key.code == Code::Enter || !kept {
            context.ring();
        }
    }
}
