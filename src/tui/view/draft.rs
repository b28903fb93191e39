//! Unfinished work that is saved on this machine until it is posted or discarded.
//!
//! Boundary: plain data. The contents are known to the view that made them; storing them is up to the terminal.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::tui::command::Command;

/// What is saved of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// How many lines would be lost without it.
    pub lines: usize,
    /// What the screen needs to continue, as JSON.
    pub content: String,
}

impl Draft {
    /// The draft of a screen with these contents, or none if it has no lines.
    #[must_use]
    pub fn of(lines: usize, kept: &impl Serialize) -> Option<Self> {
        // Codes, texts and figures can always be represented in JSON.
        let content = (lines > 0).then(|| serde_json::to_string(kept).ok())??;
        Some(Self { lines, content })
    }

    /// A number that changes whenever the contents do.
    #[must_use]
    pub fn mark(kept: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        kept.hash(&mut hasher);
        hasher.finish()
    }
}

/// A draft left by a terminal that is no longer running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDraft {
    pub path: PathBuf,
    /// The command of the screen that it is for.
    pub screen: Command,
    pub saved_at: Timestamp,
    pub draft: Draft,
}
