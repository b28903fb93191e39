//! Which place is to be counted: scanned, or typed with completion.

use crate::domain::LocationCode;
use crate::tui::app::Context;
use crate::tui::key::Key;
use crate::tui::text::sheet::SheetText;
use crate::tui::widgets::Field;
use crate::worker::message::{Answer, Failure, LocationRow, Question, Strand, Ticket};

/// How many places are offered at a time.
const OFFERED_MAX: u16 = 8;

/// The field for the place, and what is offered for it.
#[derive(Debug, Default)]
pub struct PlaceEntry {
    /// What is typed.
    pub field: Field,
    /// The places that fit it.
    pub offered: Vec<LocationRow>,
    /// The one that was chosen, once one was.
    pub chosen: Option<usize>,
    /// Why the place was not taken.
    pub fault: Option<String>,
    asked: Option<Ticket>,
}

impl PlaceEntry {
    pub(super) fn key(&mut self, key: Key, context: &mut Context<'_>) {
        let before = self.field.text().trim().to_owned();
        if self.field.key(key) && self.field.text().trim() != before {
            self.fault = None;
            self.changed(context);
        }
    }

    fn changed(&mut self, context: &mut Context<'_>) {
        self.chosen = None;
        let text = self.field.text().trim().to_owned();
        if text.is_empty() {
            self.offered.clear();
            self.asked = None;
        } else {
            self.asked = Some(context.ask(Strand::Completion, Question::Places { text, limit: OFFERED_MAX }));
        }
    }

    pub(super) fn step(&mut self, down: bool) {
        let last = self.offered.len().saturating_sub(1);
        self.chosen = match (self.chosen, down) {
            _ if self.offered.is_empty() => None,
            (None, true) => Some(0),
            (None | Some(0), false) => None,
            (Some(at), true) => Some((at + 1).min(last)),
            (Some(at), false) => Some(at - 1),
        };
    }

    /// Puts the chosen place, or the first one, into the field.
    pub(super) fn complete(&mut self, context: &mut Context<'_>) {
        let Some(row) = self.offered.get(self.chosen.unwrap_or(0)) else {
            context.ring();
            return;
        };
        let code = row.code.clone();
        self.field.set(&code);
        self.changed(context);
    }

    /// The chosen place, or else what is typed. Nothing when neither is a place.
    pub(super) fn take(&mut self, context: &mut Context<'_>) -> Option<LocationCode> {
        let chosen = self.chosen.and_then(|at| self.offered.get(at)).map(|row| row.code.clone());
        let text = chosen.unwrap_or_else(|| self.field.text().trim().to_owned());
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
        self.offered.clear();
        self.chosen = None;
        self.fault = Some(fault);
    }

    pub(super) fn clear(&mut self) -> bool {
        let any = !self.field.is_empty() || self.fault.is_some();
        *self = Self::default();
        any
    }

    pub(super) fn answered(&mut self, ticket: Ticket, answer: &Result<Answer, Failure>) -> bool {
        if self.asked.take_if(|asked| *asked == ticket).is_none() {
            return false;
        }
        if let Ok(Answer::Places(places)) = answer {
            self.offered.clone_from(places);
            self.chosen = None;
        }
        true
    }
}
