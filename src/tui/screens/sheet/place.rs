//! The choice of the location to count: scanned, or typed with completion.

use crate::domain::{LocationCode, Suggested};
use crate::tui::key::Key;
use crate::tui::text::sheet::SheetText;
use crate::tui::view::Context;
use crate::tui::widgets::LocationPicker;

/// The field for the location, with its suggestions.
#[derive(Debug, Default)]
pub struct PlaceEntry {
    pub picker: LocationPicker,
    /// Why the location was not accepted.
    pub fault: Option<String>,
}

impl PlaceEntry {
    pub(super) fn key(&mut self, key: Key, context: &mut Context<'_>) {
        if self.picker.key(key, context) {
            self.fault = None;
        }
    }

    /// Puts the chosen location, or the first one, into the field.
    pub(super) fn complete(&mut self, context: &mut Context<'_>) {
        let Some(row) = self.picker.complete().cloned() else {
            context.ring();
            return;
        };
        self.picker.set(&row.code);
        self.picker.completion.ask(Suggested::Location, &row.code, context);
    }

    /// The chosen location, or else the typed one; none if neither is a location.
    pub(super) fn take(&mut self, context: &mut Context<'_>) -> Option<LocationCode> {
        let chosen = self.picker.chosen().map(|row| row.code.as_str());
        let text = chosen.unwrap_or_else(|| self.picker.text()).to_owned();
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(code) => {
                *self = Self::default();
                Some(code)
            }
            Err(_) => {
                let fault = context.words.fill(SheetText::NoPlaceCode, &[("text", &text)]);
                self.refuse(&text, fault);
                context.ring();
                None
            }
        }
    }

    /// Reports that the location cannot be counted. Typing another one replaces it.
    pub(super) fn refuse(&mut self, text: &str, fault: String) {
        self.picker.set(text);
        self.picker.field.preselect();
        self.fault = Some(fault);
    }

    pub(super) fn clear(&mut self) -> bool {
        let any = !self.picker.field.is_empty() || self.fault.is_some();
        *self = Self::default();
        any
    }
}
