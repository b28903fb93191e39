//! Unfinished work that is kept on this machine until it is posted or discarded.
//!
//! Boundary: plain data. What the content says is known by the view that made it; where it is kept, by the terminal.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::tui::command::Command;

/// What is kept of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// How many lines would be lost without it.
    pub lines: usize,
    /// What the screen needs to go on, as JSON.
    pub content: String,
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
