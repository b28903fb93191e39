//! How a view draws, and what a click on what it has drawn means.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthChar as _;

use super::notices::{Notices, Severity};
use crate::domain::PeopleNames;
use crate::tui::command::Command;
use crate::tui::keymap::{Keymap, Rights};
use crate::tui::text::Words;
use crate::tui::theme::Theme;

/// Something on the screen that can be clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    Command(Command),
    /// A row of the view's list, counted from the first fetched one.
    Row(usize),
    /// A field of the view.
    Field(usize),
}

/// The frame that a view draws on, with everything that drawing needs.
pub struct Canvas<'a, 'b> {
    pub frame: &'a mut Frame<'b>,
    pub theme: &'a Theme,
    pub words: Words,
    /// The assignment of keys to commands, for hints.
    pub keymap: &'a Keymap,
    /// What the person may do.
    pub rights: Rights,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    /// The names of people that may be shown.
    pub people: &'a PeopleNames,
    /// The messages in the list.
    pub notices: &'a Notices,
    /// Whether the view receives input, and is not drawn in the background.
    pub focus: bool,
    pub(in crate::tui) hits: &'a mut Vec<(Rect, Hit)>,
}

impl std::fmt::Debug for Canvas<'_, '_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Canvas").finish_non_exhaustive()
    }
}

impl Canvas<'_, '_> {
    /// Records what a click in an area means.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        self.hits.push((area, hit));
    }

    /// The preferred key of a command as text, if it has one.
    #[must_use]
    pub fn key(&self, command: Command) -> Option<String> {
        self.keymap.keys(command).first().map(|key| key.shown(self.words))
    }

    /// The present date in the person's time zone.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }
}

/// The sign before a message, so that its severity is not conveyed by colour alone.
#[must_use]
pub fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "✓",
        Severity::Note => "·",
        Severity::Warning => "!",
        Severity::Bad => "✗",
    }
}

/// The text, truncated to a number of columns.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}
