//! A field for a location: scanned, or typed with completion.
//!
//! Boundary: has the text and offers locations. Whether the named one can be used is up to the screen.

use super::{Completion, Field};
use crate::domain::{Suggested, Suggestion};
use crate::tui::key::Key;
use crate::tui::view::Context;

/// A field for a location, with suggestions for the typed text.
#[derive(Debug, Clone, Default)]
pub struct LocationPicker {
    pub field: Field,
    pub completion: Completion,
}

impl LocationPicker {
    /// Handles a key. Returns whether it changed the text.
    pub fn key(&mut self, key: Key, context: &mut Context<'_>) -> bool {
        let before = self.field.text().to_owned();
        if !self.field.key(key) || self.field.text() == before {
            return false;
        }
        if self.field.text().trim() != before.trim() {
            self.completion.ask(Suggested::Location, self.field.text(), context);
        }
        true
    }

    /// The text, typed or set.
    #[must_use]
    pub fn text(&self) -> &str {
        self.field.text().trim()
    }

    /// Sets the text and closes the suggestions.
    pub fn set(&mut self, text: &str) {
        self.field.set(text);
        self.completion.close();
    }

    /// The location chosen among the suggestions.
    #[must_use]
    pub fn chosen(&self) -> Option<&Suggestion> {
        self.completion.picked()
    }

    /// Chooses the first suggested location, unless one is chosen already.
    pub fn complete(&mut self) -> Option<&Suggestion> {
        self.completion.pick_any();
        self.completion.picked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::location_row;
    use crate::tui::key::Code;
    use crate::tui::view::Effect;
    use crate::tui::view::testing::Fixture;
    use crate::worker::message::Order;
    use crate::worker::query::Answer;

    #[test]
    fn locations_are_offered_for_what_is_typed() {
        let (mut fixture, mut picker) = (Fixture::new(), LocationPicker::default());
        assert!(picker.key(Key::char('B'), &mut fixture.context()));
        assert!(picker.key(Key::char(' '), &mut fixture.context()), "the text is another");
        assert!(!picker.key(Key::plain(Code::Enter), &mut fixture.context()));
        let tickets: Vec<_> = (fixture.effects.iter())
            .filter_map(|effect| match effect {
                Effect::Send(Order::Ask(ticket, _)) => Some(*ticket),
                _ => None,
            })
            .collect();
        assert_eq!(tickets.len(), 1, "a space asks for nothing else");
        let offered = Ok(Answer::Places(vec![location_row("B-01"), location_row("B-02")]));
        assert!(picker.completion.answered(tickets[0], &offered));
        assert_eq!((picker.text(), picker.chosen()), ("B", None));
        assert_eq!(picker.complete().map(|row| row.code.clone()), Some("B-01".to_owned()));
        picker.completion.step(true);
        assert_eq!(picker.complete().map(|row| row.code.clone()), Some("B-02".to_owned()));
        picker.set("B-02");
        assert_eq!((picker.text(), picker.chosen()), ("B-02", None));
    }
}
