//! Reads the fields of a filter dialog.

use jiff::civil::Date;

use super::{Entry, FilterDialog, FilterField, FilterInput, Meaning};
use crate::domain::entry::{EntryError, EntryFault, past_day};
use crate::domain::{LocationCode, Sku};
use crate::tui::text::filter::FilterText;
use crate::tui::text::{Phrase, Words};

/// The message for a text that is not a date.
fn day_fault(error: &EntryError, words: Words) -> String {
    match &error.fault {
        EntryFault::DayUnclear { day, month_end } => {
            let (day, month_end) = (words.language.day(*day), words.language.day(*month_end));
            words.fill(FilterText::DayUnclear, &[("day", &day), ("other", &month_end)])
        }
        EntryFault::YearFirst { day } => {
            words.fill(FilterText::YearFirst, &[("day", &words.language.day(*day))])
        }
        _ => words.say(FilterText::NoDay).to_owned(),
    }
}

impl<P: Clone, T: Phrase> FilterDialog<P, T> {
    /// The text of a field, unless it is empty or a field of choices.
    pub(super) fn text(&self, field: usize) -> Option<&str> {
        self.entries.typed(field).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The condition that a field was opened with, if its text has not changed.
    fn unchanged(&self, field: usize) -> Option<&P> {
        let text = self.text(field)?;
        match self.meanings.get(field) {
            Some(Meaning::Typed { before: Some((part, before)) }) if before == text => Some(part),
            _ => None,
        }
    }

    /// The position of the field for an item, and its text, if that has changed.
    pub(super) fn item_to_look_up(&self) -> Option<(usize, &str)> {
        let is_item = |field: &FilterField<P, T>| matches!(field.input, FilterInput::Item(_));
        let position = self.form.fields.iter().position(is_item)?;
        if self.unchanged(position).is_some() { None } else { Some((position, self.text(position)?)) }
    }

    /// The conditions of the fields, and those without a field here; or the field at fault and why. `item` is the
    /// result of looking up the item; without it, an item that must be looked up is left out.
    pub(super) fn read(
        &self,
        item: Option<&Sku>,
        today: Date,
        words: Words,
    ) -> Result<Vec<P>, (usize, String)> {
        let mut parts = Vec::new();
        let mut since = None;
        for (position, (field, meaning)) in self.form.fields.iter().zip(&self.meanings).enumerate() {
            if let (Meaning::Chosen(choices), Some(Entry::Chosen { at, .. })) =
                (meaning, self.entries.entry(position))
            {
                parts.extend(choices.get(*at).cloned().flatten());
            }
            let Some(text) = self.text(position) else { continue };
            let day = || past_day(text, today).map_err(|error| (position, day_fault(&error, words)));
            parts.push(match &field.input {
                FilterInput::Item(make) => match (self.unchanged(position), item) {
                    (Some(part), _) => part.clone(),
                    (None, Some(sku)) => make(sku.clone()),
                    (None, None) => continue,
                },
                FilterInput::Text(make) | FilterInput::Suggested(_, make) => make(text.to_owned()),
                FilterInput::Location(make) => {
                    let wrong = |_| (position, words.say(FilterText::NoLocationCode).to_owned());
                    make(text.parse::<LocationCode>().map_err(wrong)?)
                }
                FilterInput::Since(make) => make(*since.insert(day()?)),
                FilterInput::Until(make) => {
                    let until = day()?;
                    if since.is_some_and(|since| since > until) {
                        return Err((position, words.say(FilterText::DaysBackwards).to_owned()));
                    }
                    make(until)
                }
                FilterInput::Choice(_) => continue,
            });
        }
        parts.extend(self.before.all().iter().filter(|part| !self.has_field_for(part)).cloned());
        Ok(parts)
    }

    /// Whether the dialog has a field for a condition.
    fn has_field_for(&self, part: &P) -> bool {
        let same = |other: &P| std::mem::discriminant(other) == std::mem::discriminant(part);
        let chosen = |meaning: &Meaning<P>| match meaning {
            Meaning::Chosen(choices) => choices.iter().flatten().any(same),
            Meaning::Typed { .. } => false,
        };
        (self.form.text_of)(part).is_some() || self.meanings.iter().any(chosen)
    }
}
