//! Keys typed before they can be handled, kept in their order.
//!
//! Boundary: keeps and counts keys. Which of them wait, for how long, and what to say if there is no more room is up to
//! the screen for which they are meant.

use std::collections::VecDeque;

use super::key::{Code, Key};

/// The most keys that one screen keeps: some hundred scans, more than anyone makes without looking up.
pub const KEYS_KEPT_MAX: usize = 10_000;

/// What a key waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    /// An answer that determines what they mean.
    Answer,
    /// The outcome of a posting; they are meant for what comes after it.
    Posting,
}

/// The waiting keys of one screen, for each reason in the order in which they were typed.
#[derive(Debug, Default)]
pub struct TypedAhead {
    answer: VecDeque<Key>,
    posting: VecDeque<Key>,
}

impl TypedAhead {
    fn queue(&self, waiting_for: WaitingFor) -> &VecDeque<Key> {
        match waiting_for {
            WaitingFor::Answer => &self.answer,
            WaitingFor::Posting => &self.posting,
        }
    }

    fn queue_mut(&mut self, waiting_for: WaitingFor) -> &mut VecDeque<Key> {
        match waiting_for {
            WaitingFor::Answer => &mut self.answer,
            WaitingFor::Posting => &mut self.posting,
        }
    }

    /// Keeps a key until it can be handled. Returns whether there was room. Enter directly after a posting is the
    /// second half of a double Enter, or was pressed out of impatience: it refers to that posting, and is dropped.
    #[must_use]
    pub fn defer(&mut self, waiting_for: WaitingFor, key: Key) -> bool {
        if waiting_for == WaitingFor::Posting && self.posting.is_empty() && key.code == Code::Enter {
            return true;
        }
        let room = self.answer.len() + self.posting.len() < KEYS_KEPT_MAX;
        if room {
            self.queue_mut(waiting_for).push_back(key);
        }
        room
    }

    /// Puts a key that came too early before those that wait for an answer.
    pub fn put_back(&mut self, key: Key) {
        self.answer.push_front(key);
    }

    /// Removes and returns the key that has waited longest.
    pub fn next(&mut self, waiting_for: WaitingFor) -> Option<Key> {
        self.queue_mut(waiting_for).pop_front()
    }

    /// How many keys wait for the same.
    #[must_use]
    pub fn count(&self, waiting_for: WaitingFor) -> usize {
        self.queue(waiting_for).len()
    }

    /// The key that was typed last.
    #[must_use]
    pub fn last(&self, waiting_for: WaitingFor) -> Option<Key> {
        self.queue(waiting_for).back().copied()
    }

    /// Every waiting key, those for an answer first.
    pub fn all(&self) -> impl Iterator<Item = Key> {
        self.answer.iter().chain(&self.posting).copied()
    }

    /// Makes the keys that waited for an answer wait for the posting, after those that do already.
    pub fn wait_for_posting(&mut self) {
        self.posting.append(&mut self.answer);
    }

    /// The posting has succeeded: the keys that waited for it now wait for answers at most.
    pub fn posted(&mut self) {
        self.answer.append(&mut self.posting);
    }

    /// Drops keys, and returns how many there were.
    pub fn forget(&mut self, waiting_for: WaitingFor) -> usize {
        std::mem::take(self.queue_mut(waiting_for)).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(keys: &mut TypedAhead, waiting_for: WaitingFor) -> String {
        std::iter::from_fn(|| keys.next(waiting_for)?.typed()).collect()
    }

    #[test]
    fn keys_keep_their_order_wherever_they_wait() {
        let mut keys = TypedAhead::default();
        for (waiting_for, character) in [
            (WaitingFor::Answer, 'b'),
            (WaitingFor::Posting, 'd'),
            (WaitingFor::Answer, 'c'),
            (WaitingFor::Posting, 'e'),
        ] {
            assert!(keys.defer(waiting_for, Key::char(character)));
        }
        keys.put_back(Key::char('a'));
        assert_eq!(
            (keys.count(WaitingFor::Answer), keys.last(WaitingFor::Posting)),
            (3, Some(Key::char('e')))
        );
        keys.posted();
        assert_eq!(taken(&mut keys, WaitingFor::Answer), "abcde");
        assert!(
            keys.defer(WaitingFor::Posting, Key::char('x')) && keys.defer(WaitingFor::Answer, Key::char('y'))
        );
        keys.wait_for_posting();
        assert_eq!(
            (keys.forget(WaitingFor::Answer), taken(&mut keys, WaitingFor::Posting)),
            (0, "xy".to_owned())
        );
    }

    #[test]
    fn an_enter_directly_after_a_posting_belongs_to_it() {
        let mut keys = TypedAhead::default();
        let enter = Key::plain(Code::Enter);
        assert!(keys.defer(WaitingFor::Posting, enter) && keys.defer(WaitingFor::Posting, enter));
        assert_eq!(keys.count(WaitingFor::Posting), 0);
        assert!(keys.defer(WaitingFor::Posting, Key::char('x')) && keys.defer(WaitingFor::Posting, enter));
        assert!(keys.defer(WaitingFor::Answer, enter));
        assert_eq!((keys.count(WaitingFor::Posting), keys.count(WaitingFor::Answer)), (2, 1));
    }

    #[test]
    fn the_room_is_for_all_of_them_together() {
        let mut keys = TypedAhead::default();
        for number in 0..KEYS_KEPT_MAX {
            let waiting_for = if number % 2 == 0 { WaitingFor::Answer } else { WaitingFor::Posting };
            assert!(keys.defer(waiting_for, Key::char('x')));
        }
        assert!(!keys.defer(WaitingFor::Answer, Key::char('y')));
        assert_eq!(keys.forget(WaitingFor::Posting), KEYS_KEPT_MAX / 2);
        assert!(keys.defer(WaitingFor::Answer, Key::char('y')));
    }
}
