//! What the collector itself has to say: notes that stand among the collected lines and are sealed with
//! them, so that what went wrong with a file is evidence too.

use serde::{Deserialize, Serialize};

/// Something about a file that no line of the log tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "collector", rename_all = "snake_case")]
pub enum Note {
    /// The file has become shorter than what had been collected of it.
    Truncated {
        file: String,
        /// How far it had been collected.
        read_to: u64,
        /// How long it is now.
        size: u64,
    },
    /// The file that the server was writing to is gone.
    Vanished {
        file: String,
        /// How far it had been collected.
        read_to: u64,
    },
}

impl Note {
    /// The note as a line.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        // Strings and numbers alone: nothing that JSON cannot hold.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a line that is a note.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.starts_with("{\"collector\":").then(|| serde_json::from_str(text).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_back() {
        let note = Note::Truncated { file: "a\"b.json".to_owned(), read_to: 9, size: 3 };
        assert_eq!(Note::read(std::str::from_utf8(&note.line()).unwrap()), Some(note));
        assert_eq!(Note::read("{\"collector\":\"else\"}"), None);
        assert_eq!(Note::read("{\"timestamp\":\"x\"}"), None);
    }
}
