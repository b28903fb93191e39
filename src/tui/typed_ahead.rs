//! Keys that come before what they are meant for: kept in their order until it is there.
//!
//! Boundary: keeps and counts keys. Which of them wait, how long, and what to say when there is no more
//! room is known by the screen that they are meant for.

use std::collections::VecDeque;

use super::key::{Code, Key};

/// The most keys that one screen keeps: some hundred scans, more than anyone makes before looking up.
pub const KEYS_KEPT_MAX: usize = 10_000;

/// What keys wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// An answer that decides what they mean.
    Answer,
    /// The outcome of a posting; they belong to what comes after it.
    Posting,
}

/// The keys that wait at one screen, those of each sort in the order in which they were typed.
#[derive(Debug, Default)]
pub struct TypedAhead {
    answer: VecDeque<Key>,
    posting: VecDeque<Key>,
}

impl TypedAhead {
    fn queue(&self, behind: Behind) -> &VecDeque<Key> {
        match behind {
            Behind::Answer => &self.answer,
            Behind::Posting => &self.posting,
        }
    }

    fn queue_mut(&mut self, behind: Behind) -> &mut VecDeque<Key> {
        match behind {
            Behind::Answer => &mut self.answer,
            Behind::Posting => &mut self.posting,
        }
    }

    /// Keeps a key. Returns whether there was room. Enter right behind a posting is the second half of a
    /// double Enter, or the Enter of somebody who cannot wait: it means that posting, and is let go.
    #[must_use]
    pub fn keep(&mut self, behind: Behind, key: Key) -> bool {
        if behind == Behind::Posting && self.posting.is_empty() && key.code == Code::Enter {
            return true;
        }
        let room = self.answer.len() + self.posting.len() < KEYS_KEPT_MAX;
        if room {
            self.queue_mut(behind).push_back(key);
        }
        room
    }

    /// Puts a key that turned out to come too early before those that wait for an answer.
    pub fn put_back(&mut self, key: Key) {
        self.answer.push_front(key);
    }

    /// Takes the key that has waited longest.
    pub fn next(&mut self, behind: Behind) -> Option<Key> {
        self.queue_mut(behind).pop_front()
    }

    /// How many keys wait.
    #[must_use]
    pub fn count(&self, behind: Behind) -> usize {
        self.queue(behind).len()
    }

    /// The key that was typed last.
    #[must_use]
    pub fn last(&self, behind: Behind) -> Option<Key> {
        self.queue(behind).back().copied()
    }

    /// Every key that waits.
    pub fn all(&self) -> impl Iterator<Item = Key> {
        self.answer.iter().chain(&self.posting).copied()
    }

    /// What waited for an answer waits for the posting from now on, behind what waits for it already.
    pub fn wait_for_posting(&mut self) {
        self.posting.append(&mut self.answer);
    }

    /// The posting stands: what waited for it waits for answers at most.
    pub fn posted(&mut self) {
        self.answer.append(&mut self.posting);
    }

    /// Lets go of keys, and says how many there were.
    pub fn forget(&mut self, behind: Behind) -> usize {
        std::mem::take(self.queue_mut(behind)).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(keys: &mut TypedAhead, behind: Behind) -> String {
        std::iter::from_fn(|| keys.next(behind)?.typed()).collect()
    }

    #[test]
    fn keys_keep_their_order_wherever_they_wait() {
        let mut keys = TypedAhead::default();
        for (behind, character) in
            [(Behind::Answer, 'b'), (Behind::Posting, 'd'), (Behind::Answer, 'c'), (Behind::Posting, 'e')]
        {
            assert!(keys.keep(behind, Key::char(character)));
        }
        keys.put_back(Key::char('a'));
        assert_eq!((keys.count(Behind::Answer), keys.last(Behind::Posting)), (3, Some(Key::char('e'))));
        keys.posted();
        assert_eq!(taken(&mut keys, Behind::Answer), "abcde");
        assert!(keys.keep(Behind::Posting, Key::char('x')) && keys.keep(Behind::Answer, Key::char('y')));
        keys.wait_for_posting();
        assert_eq!((keys.forget(Behind::Answer), taken(&mut keys, Behind::Posting)), (0, "xy".to_owned()));
    }

    #[test]
    fn enter_right_behind_a_posting_means_the_posting() {
        let mut keys = TypedAhead::default();
        let enter = Key::plain(Code::Enter);
        assert!(keys.keep(Behind::Posting, enter) && keys.keep(Behind::Posting, enter));
        assert_eq!(keys.count(Behind::Posting), 0);
        assert!(keys.keep(Behind::Posting, Key::char('x')) && keys.keep(Behind::Posting, enter));
        assert!(keys.keep(Behind::Answer, enter));
        assert_eq!((keys.count(Behind::Posting), keys.count(Behind::Answer)), (2, 1));
    }

    #[test]
    fn the_room_is_for_all_of_them_together() {
        let mut keys = TypedAhead::default();
        for number in 0..KEYS_KEPT_MAX {
            let behind = if number % 2 == 0 { Behind::Answer } else { Behind::Posting };
            assert!(keys.keep(behind, Key::char('x')));
        }
        assert!(!keys.keep(Behind::Answer, Key::char('y')));
        assert_eq!(keys.forget(Behind::Posting), KEYS_KEPT_MAX / 2);
        assert!(keys.keep(Behind::Answer, Key::char('y')));
    }
}
