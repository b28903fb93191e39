//! Which place is to be counted: scanned, or typed with completion.

use crate::domain::LocationCode;
use crate::tui::app::Context;
use crate::tui::key::Key;
use crate::tui::text::sheet::SheetText;
use crate::tui::widgets::{Completion, Field};

/// The field for the place, and what is offered for it.
#[derive(Debug, Default)]
pub struct PlaceEntry {
    /// What is typed.
    pub field: Field,
    /// The places that fit it.
    pub completion: Completion,
    /// Why the place was not taken.
    pub fault: Option<String>,
}

impl PlaceEntry {
    pub(super) fn key(&mut self, key: Key, context: &mut Context<'_>) {
        let before = self.field.text().trim().to_owned();
        if self.field.key(key) && self.field.text().trim() != before {
            self.fault = None;
            self.completion.ask(self.field.text(), context);
        }
    }

    /// Puts the chosen place, or the first one, into the field.
    pub(super) fn complete(&mut self, context: &mut Context<'_>) {
        self.completion.pick_any();
        let Some(row) = self.completion.picked() else {
            context.ring();
            return;
        };
        self.field.set(&row.code);
        self.completion.ask(self.field.text(), context);
    }

    /// The chosen place, or else what is typed. Nothing when neither is a place.
    pub(super) fn take(&mut self, context: &mut Context<'_>) -> Option<LocationCode> {
        let picked = self.completion.picked().map(|row| row.code.as_str());
        let text = picked.unwrap_or_else(|| self.field.text().trim()).to_owned();
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

    /// The place cannot be counted. Typing another one replaces it.
    pub(super) fn refuse(&mut self, text: &str, fault: String) {
        self.field.set(text);
        self.field.preselect();
        self.completion.close();
        self.fault = Some(fault);
    }

    pub(super) fn clear(&mut self) -> bool {
        let any = !self.field.is_empty() || self.fault.is_some();
        *self = Self::default();
        any
    }
}
