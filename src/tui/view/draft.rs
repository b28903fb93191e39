//! Unfinished work that is kept on this machine until it is posted or discarded.
//!
//! Boundary: plain data. What the content says is known by the view that made it; where it is kept, by the terminal.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::tui::command::Command;

/// What is kept of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// How many lines would be lost without it.
    pub lines: usize,
    /// What the screen needs to go on, as JSON.
    pub content: String,
}

impl Draft {
    /// The draft of a screen that keeps this, or none if it has no lines.
    #[must_use]
    pub fn of(lines: usize, kept: &impl Serialize) -> Option<Self> {
        // Codes, texts and figures can always be written as JSON.
        let content = (lines > 0).then(|| serde_json::to_string(kept).ok())??;
        Some(Self { lines, content })
    }

    /// A number that changes whenever what is kept does.
    #[must_use]
    pub fn mark(kept: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        kept.hash(&mut hasher);
        hasher.finish()
    }
}

/// A draft that a terminal left which is no longer running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDraft {
    pub path: PathBuf,
    /// The command of the screen that it is for.
    pub screen: Command,
    pub saved_at: Timestamp,
    pub draft: Draft,
}
