//! Fields one below the other: typed texts, choices, and values that are only shown. One of them has the cursor.
//!
//! Boundary: knows what is entered, not what it means. Dialogs read it and offer completions.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::{Completion, Field};
use crate::tui::key::{Code, Key};
use crate::tui::keymap::Typing;
use crate::tui::text::{Phrase, Words};
use crate::tui::view::{Canvas, Hit};

/// The space between the labels and the fields.
const GAP: u16 = 2;

/// The kinds of fields. `T` is the type of the dialog's texts.
#[derive(Debug)]
pub enum Entry<T> {
    Typed(Field),
    Chosen {
        options: Vec<T>,
        at: usize,
    },
    /// A value that is shown and cannot be changed.
    Fixed(String),
    /// A choice that is shown and cannot be changed.
    FixedChoice(T),
}

/// The fields of a dialog with their labels.
#[derive(Debug)]
pub struct EntryForm<T> {
    fields: Vec<(T, Entry<T>)>,
    focus: usize,
}

impl<T: Phrase> EntryForm<T> {
    /// Fields with the cursor in the first text field.
    #[must_use]
    pub fn new(fields: Vec<(T, Entry<T>)>) -> Self {
        let first = fields.iter().position(|(_, entry)| matches!(entry, Entry::Typed(_))).unwrap_or_default();
        let mut form = Self { fields, focus: first };
        form.go_to(first);
        form
    }

    /// Adds fields below the others. The cursor stays where it is.
    pub fn add(&mut self, fields: impl IntoIterator<Item = (T, Entry<T>)>) {
        self.fields.extend(fields);
    }

    /// The position of the field with the cursor.
    #[must_use]
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// How many fields there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.fields.len()
    }

    /// The field at a position, counted from 0; none beyond the last.
    #[must_use]
    pub fn entry(&self, position: usize) -> Option<&Entry<T>> {
        self.fields.get(position).map(|(_, entry)| entry)
    }

    /// The text of a text field, unchanged.
    #[must_use]
    pub fn typed(&self, position: usize) -> Option<&str> {
        match self.entry(position) {
            Some(Entry::Typed(field)) => Some(field.text()),
            _ => None,
        }
    }

    /// Chooses one of the options of a field of choices.
    pub fn choose(&mut self, position: usize, option: usize) {
        if let Some((_, Entry::Chosen { options, at })) = self.fields.get_mut(position)
            && option < options.len()
        {
            *at = option;
        }
    }

    /// Makes a field one that is only shown.
    pub fn fix(&mut self, position: usize, text: String) {
        if let Some((_, entry)) = self.fields.get_mut(position) {
            *entry = Entry::Fixed(text);
        }
    }

    /// Puts a text into the field with the cursor, if it is a text field.
    pub fn set(&mut self, text: &str) {
        if let Some((_, Entry::Typed(field))) = self.fields.get_mut(self.focus) {
            field.set(text);
        }
    }

    /// Moves the cursor to a field. Typing replaces its text.
    pub fn go_to(&mut self, position: usize) {
        self.focus = position;
        if let Some((_, Entry::Typed(field))) = self.fields.get_mut(position) {
            field.preselect();
        }
    }

    fn is_fixed(&self, position: usize) -> bool {
        matches!(self.entry(position), Some(Entry::Fixed(_) | Entry::FixedChoice(_)))
    }

    /// Moves to the next field that can be changed, or the previous one; the last is followed by the first.
    pub fn step(&mut self, forward: bool) {
        let count = self.fields.len().max(1);
        let by = if forward { 1 } else { count - 1 };
        let mut positions = (1..=count).map(|steps| (self.focus + steps * by) % count);
        let next = positions.find(|position| !self.is_fixed(*position));
        self.go_to(next.unwrap_or(self.focus));
    }

    /// Moves a number of choices further; the last is followed by the first.
    fn step_choice(&mut self, choices: usize) {
        if let Some((_, Entry::Chosen { options, at })) = self.fields.get_mut(self.focus) {
            *at = (*at + choices) % options.len().max(1);
        }
    }

    fn step_choice_back(&mut self) {
        if let Some(Entry::Chosen { options, .. }) = self.entry(self.focus) {
            self.step_choice(options.len().saturating_sub(1));
        }
    }

    /// Selects the next choice that begins with a letter, or else the next one.
    fn choose_by_letter(&mut self, letter: char, words: Words) {
        let Some(Entry::Chosen { options, at }) = self.entry(self.focus) else { return };
        let letter = letter.to_lowercase().next();
        let begins = |steps: &usize| {
            let option = options.get((at + steps) % options.len());
            option.is_some_and(|label| words.say(*label).to_lowercase().chars().next() == letter)
        };
        let steps = (1..options.len()).find(begins).unwrap_or(1);
        self.step_choice(steps);
    }

    /// Handles a key in the field with the cursor. Returns whether it changed a typed text.
    pub fn key(&mut self, key: Key, words: Words) -> bool {
        match self.fields.get_mut(self.focus) {
            Some((_, Entry::Typed(field))) => {
                let before = field.text().to_owned();
                field.key(key);
                return field.text() != before;
            }
            Some((_, Entry::Chosen { .. })) => match key.code {
                Code::Left => self.step_choice_back(),
                Code::Right | Code::Char(' ') => self.step_choice(1),
                Code::Char(letter) if key.typed().is_some() => self.choose_by_letter(letter, words),
                _ => {}
            },
            Some((_, Entry::Fixed(_) | Entry::FixedChoice(_))) | None => {}
        }
        false
    }

    /// Moves with an arrow key: among what is offered for the field with the cursor, or else from field to field.
    /// Returns whether it is such a key.
    pub fn arrow(&mut self, key: Key, completion: &mut Completion) -> bool {
        let down = match key.code {
            Code::Down => true,
            Code::Up => false,
            _ => return false,
        };
        if !completion.arrow(down) {
            completion.close();
            self.step(down);
        }
        true
    }

    /// Leaves the field with the cursor for the next or the previous one. Forwards it takes what is offered: the chosen
    /// one, or else the first.
    pub fn leave(&mut self, forward: bool, completion: &mut Completion) {
        if forward {
            completion.pick_any();
            self.take_offered(completion);
        }
        completion.close();
        self.step(forward);
    }

    /// Puts what was chosen among the offered ones into the field with the cursor. Returns whether one was.
    pub fn take_offered(&mut self, completion: &mut Completion) -> bool {
        let Some(row) = completion.picked() else { return false };
        self.set(&row.code);
        completion.close();
        true
    }

    /// Handles a click on a field: moves to it, or to its next choice if it has the cursor. Returns whether there is
    /// such a field.
    pub fn click(&mut self, position: usize) -> bool {
        if position >= self.fields.len() || self.is_fixed(position) {
            return false;
        }
        if position == self.focus {
            self.step_choice(1);
        }
        self.go_to(position);
        true
    }

    /// What the person is typing into.
    #[must_use]
    pub fn typing(&self) -> Typing {
        match self.entry(self.focus) {
            Some(Entry::Typed(field)) if field.is_empty() => Typing::Empty,
            Some(Entry::Typed(_)) => Typing::Text,
            Some(Entry::Chosen { .. } | Entry::Fixed(_) | Entry::FixedChoice(_)) | None => Typing::Nothing,
        }
    }

    /// Draws the fields, one per line, from the top of an area. `hint` is the placeholder of empty fields. Returns the
    /// area of the field with the cursor.
    pub fn draw(
        &self,
        area: Rect,
        canvas: &mut Canvas<'_, '_>,
        hint: impl Fn(usize, &Canvas<'_, '_>) -> &'static str,
    ) -> Option<Rect> {
        let labels: Vec<&str> = self.fields.iter().map(|(label, _)| canvas.words.say(*label)).collect();
        let label_width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
        let label_width =
            u16::try_from(label_width).unwrap_or(u16::MAX).saturating_add(GAP).min(area.width / 2);
        let mut focused = None;
        for (position, (((_, entry), label), row)) in
            self.fields.iter().zip(labels).zip(area.rows()).enumerate()
        {
            canvas.frame.render_widget(Line::from(label), row);
            let spot = Rect { x: row.x + label_width, width: row.width - label_width, ..row };
            let focus = canvas.focus && position == self.focus;
            if focus {
                focused = Some(spot);
            }
            match entry {
                Entry::Typed(field) => {
                    let hint = hint(position, canvas);
                    field.show(spot, canvas, focus, hint);
                }
                Entry::Chosen { options, at } => {
                    let style = if focus { canvas.theme.field_focus } else { canvas.theme.field };
                    canvas.frame.buffer_mut().set_style(spot, style);
                    let chosen = options.get(*at).map(|label| canvas.words.say(*label)).unwrap_or_default();
                    let text = format!("◂ {chosen} ▸");
                    canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
                }
                Entry::Fixed(text) => draw_fixed(text, spot, canvas),
                Entry::FixedChoice(choice) => draw_fixed(canvas.words.say(*choice), spot, canvas),
            }
            canvas.hit(spot, Hit::Field(position));
        }
        focused
    }
}

fn draw_fixed(text: &str, area: Rect, canvas: &mut Canvas<'_, '_>) {
    canvas.frame.render_widget(Line::from(Span::styled(text, canvas.theme.dim)), area);
}
