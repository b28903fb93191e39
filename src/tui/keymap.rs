//! The keymap: which key is which command, by scope; the defaults of the table with the user's changes.
//!
//! A key that a text field handles (a character, Backspace, Home, …) is a command only while the field is empty. So a
//! scan into a field is never taken for commands, and `?` still shows the help.

use std::collections::{BTreeMap, HashMap};

use super::command::{Audience, Command, Scope, TABLE};
use super::key::{Key, UnknownKey};

/// What the person is typing into, which decides whether characters are commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// No text field has the focus.
    Nothing,
    /// A field that is empty.
    Empty,
    /// A field that contains text.
    Text,
}

/// Why the keys of the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// A command that does not exist.
    #[error("[keys] names the command \"{0}\", which does not exist; docs/keys.md lists them")]
    UnknownCommand(String),
    /// A key that does not exist.
    #[error("[keys] {command}: {source}")]
    UnknownKey {
        command: String,
        /// What is wrong with the key.
        source: UnknownKey,
    },
    /// One key is assigned to two commands with the same scope.
    #[error("[keys] gives {key} to both {first} and {second}, which apply in the same place")]
    Clash {
        key: Key,
        /// The command that has the key.
        first: &'static str,
        /// The command to which it is also assigned.
        second: &'static str,
    },
}

/// The assignment of keys to commands.
#[derive(Debug, Clone)]
pub struct Keymap {
    by_key: HashMap<(Scope, Key), Command>,
    by_command: HashMap<Command, Vec<Key>>,
}

impl Keymap {
    /// The default keys, replaced by those of the configuration for the commands it names. An empty list removes all
    /// keys of a command.
    ///
    /// # Errors
    /// [`KeymapError`] with the command and key at fault.
    pub fn new(changes: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        if let Some(name) = changes.keys().find(|name| Command::named(name).is_none()) {
            return Err(KeymapError::UnknownCommand(name.clone()));
        }
        let mut keymap = Self { by_key: HashMap::new(), by_command: HashMap::new() };
        for entry in TABLE {
            let keys: Vec<&str> = match changes.get(entry.name) {
                Some(keys) => keys.iter().map(String::as_str).collect(),
                None => entry.keys.to_vec(),
            };
            for text in keys {
                let key = text
                    .parse()
                    .map_err(|source| KeymapError::UnknownKey { command: entry.name.to_owned(), source })?;
                keymap.bind(entry.command, key, changes)?;
            }
        }
        Ok(keymap)
    }

    fn bind(
        &mut self,
        command: Command,
        key: Key,
        changes: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), KeymapError> {
        for scope in command.entry().scopes {
            if let Some(other) = self.by_key.insert((*scope, key), command) {
                let changed = |command: Command| changes.contains_key(command.entry().name);
                if changed(command) == changed(other) {
                    return Err(KeymapError::Clash {
                        key,
                        first: other.entry().name,
                        second: command.entry().name,
                    });
                }
                // A key that the configuration assigns to a command no longer belongs to the one that has it by
                // default.
                let (winner, loser) = if changed(command) { (command, other) } else { (other, command) };
                self.by_key.insert((*scope, key), winner);
                if let Some(keys) = self.by_command.get_mut(&loser) {
                    keys.retain(|held| *held != key);
                }
                if winner == other {
                    continue;
                }
            }
            let keys = self.by_command.entry(command).or_default();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(())
    }

    /// The command of a key, if it has one in these scopes: the innermost scope takes precedence.
    #[must_use]
    pub fn resolve(&self, scopes: &[Scope], key: Key, typing: Typing) -> Option<Command> {
        if typing == Typing::Text && key.edits_text() {
            return None;
        }
        scopes.iter().find_map(|scope| self.by_key.get(&(*scope, key)).copied())
    }

    /// The keys of a command, the preferred one first.
    #[must_use]
    pub fn keys(&self, command: Command) -> &[Key] {
        self.by_command.get(&command).map_or(&[], Vec::as_slice)
    }
}

/// What a person may do, as far as it affects the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    pub posts: bool,
    /// May see figures about the whole warehouse and about people.
    pub oversees: bool,
    /// May change the master data.
    pub administers: bool,
}

impl Rights {
    /// Whether this person may use a command.
    #[must_use]
    pub fn allow(self, command: Command) -> bool {
        match command.entry().audience {
            Audience::Everyone => true,
            Audience::Posters => self.posts,
            Audience::Overseers => self.oversees,
            Audience::Admins => self.administers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(list: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        list.iter()
            .map(|(name, keys)| ((*name).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn the_defaults_do_not_clash() {
        let keymap = Keymap::new(&BTreeMap::new()).unwrap();
        for entry in TABLE {
            assert!(!keymap.keys(entry.command).is_empty(), "{} has no key", entry.name);
        }
    }

    #[test]
    fn the_innermost_scope_decides_and_text_comes_first() {
        let keymap = Keymap::new(&BTreeMap::new()).unwrap();
        let form = [Scope::Form, Scope::List, Scope::Anywhere, Scope::Always];
        let question = Key::char('?');
        assert_eq!(keymap.resolve(&form, question, Typing::Empty), Some(Command::Help));
        assert_eq!(keymap.resolve(&form, question, Typing::Text), None);
        let enter: Key = "enter".parse().unwrap();
        assert_eq!(keymap.resolve(&form, enter, Typing::Text), Some(Command::Accept));
        assert_eq!(keymap.resolve(&[Scope::Dialog], enter, Typing::Nothing), Some(Command::Confirm));
        let backspace: Key = "backspace".parse().unwrap();
        assert_eq!(keymap.resolve(&form, backspace, Typing::Text), None);
        assert_eq!(keymap.resolve(&form, backspace, Typing::Empty), Some(Command::UndoScan));
    }

    #[test]
    fn keys_can_be_changed() {
        let keymap =
            Keymap::new(&changes(&[("help", &["ctrl-h"]), ("quit", &["f2"]), ("mouse", &[])])).unwrap();
        let key = |text: &str| text.parse::<Key>().unwrap();
        let anywhere = [Scope::Anywhere, Scope::Always];
        assert_eq!(keymap.resolve(&anywhere, key("ctrl-h"), Typing::Nothing), Some(Command::Help));
        assert_eq!(keymap.resolve(&anywhere, key("f1"), Typing::Nothing), None);
        assert!(keymap.keys(Command::Mouse).is_empty());
        let error = Keymap::new(&changes(&[("hop", &[])])).unwrap_err();
        assert_eq!(error, KeymapError::UnknownCommand("hop".to_owned()));
        assert!(Keymap::new(&changes(&[("quit", &["f99"])])).is_err());
        assert!(Keymap::new(&changes(&[("receive", &["f9"]), ("issue", &["f9"])])).is_err());
    }
}
