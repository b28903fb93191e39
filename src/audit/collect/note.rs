//! Notes of the collector itself, stored and sealed among the collected lines, so that what went wrong with a file is
//! evidence too.

use serde::{Deserialize, Serialize};

/// An event about a file that no line of the log describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "collector", rename_all = "snake_case")]
pub enum Note {
    /// The file is shorter than what had been collected of it.
    Truncated {
        file: String,
        /// The position up to which it had been collected.
        read_to: u64,
        /// Its present length.
        size: u64,
    },
    /// The file that the server was writing to is gone.
    Vanished {
        file: String,
        /// The position up to which it had been collected.
        read_to: u64,
    },
    /// Entries that were stored before they were signed are not what the file holds.
    Replaced {
        file: String,
        /// The numbers of the first and the last of them.
        first: u64,
        last: u64,
    },
}

impl Note {
    /// The note as a line of JSON.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        // It contains only strings and numbers, which JSON can always represent.
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
