//! Keys that came too early: kept in their order until the sheet can take them.

use std::collections::VecDeque;

use crate::tui::key::{Code, Key};

/// The most keys that are kept; what the program sets free at a time.
pub const KEYS_HELD_MAX: usize = 10_000;

/// Keys that wait.
#[derive(Debug, Default)]
pub struct HeldKeys {
    /// Until something is looked up.
    soon: VecDeque<Key>,
    /// Until the posting stands.
    later: VecDeque<Key>,
}

impl HeldKeys {
    /// Keeps a key until something is looked up. Returns whether there was room.
    pub fn keep(&mut self, key: Key) -> bool {
        let room = self.soon.len() + self.later.len() < KEYS_HELD_MAX;
        if room {
            self.soon.push_back(key);
        }
        room
    }

    /// Keeps a key until the posting stands. Returns whether there was room.
    pub fn keep_until_posted(&mut self, key: Key) -> bool {
        // The second half of a double Enter means the posting that is under way already.
        if self.later.is_empty() && key.code == Code::Enter {
            return true;
        }
        let room = self.soon.len() + self.later.len() < KEYS_HELD_MAX;
        if room {
            self.later.push_back(key);
        }
        room
    }

    /// The posting stands: what waited for it can go on.
    pub fn posted(&mut self) {
        self.soon.append(&mut self.later);
    }

    /// The next key that need not wait any longer.
    pub fn next(&mut self) -> Option<Key> {
        self.soon.pop_front()
    }

    /// How many wait for something that is looked up.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.soon.len()
    }

    /// How many wait for the posting.
    #[must_use]
    pub fn waiting_for_posting(&self) -> usize {
        self.later.len()
    }

    /// Lets go of the keys that wait for something that is looked up, and says how many there were.
    pub fn drop_soon(&mut self) -> usize {
        let dropped = self.soon.len();
        self.soon.clear();
        dropped
    }

    /// Lets go of all of them.
    pub fn drop_all(&mut self) {
        self.soon.clear();
        self.later.clear();
    }
}
