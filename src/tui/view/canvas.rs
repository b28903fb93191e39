//! Where and how a view draws, and what a click on what it has drawn means.

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

/// Where and how a view draws.
pub struct Canvas<'a, 'b> {
    pub frame: &'a mut Frame<'b>,
    pub theme: &'a Theme,
    pub words: Words,
    /// Which key is which command, for hints.
    pub keymap: &'a Keymap,
    /// What the person may do.
    pub rights: Rights,
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    /// The names of people that may be shown.
    pub people: &'a PeopleNames,
    /// The messages that are kept.
    pub notices: &'a Notices,
    /// The view draws for the person who types, not in the background.
    pub focus: bool,
    pub(in crate::tui) hits: &'a mut Vec<(Rect, Hit)>,
}

impl std::fmt::Debug for Canvas<'_, '_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Canvas").finish_non_exhaustive()
    }
}

impl Canvas<'_, '_> {
    /// Remembers what a click there means.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        self.hits.push((area, hit));
    }

    /// The preferred key of a command, as people read it, if it has one.
    #[must_use]
    pub fn key(&self, command: Command) -> Option<String> {
        self.keymap.keys(command).first().map(ToString::to_string)
    }

    /// Today, where the person is.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone()).date()
    }
}

/// The sign that stands before a message, so that its severity is not said by colour alone.
#[must_use]
pub fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "✓",
        Severity::Note => "·",
        Severity::Warning => "!",
        Severity::Bad => "✗",
    }
}

/// The text, cut to so many columns.
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
