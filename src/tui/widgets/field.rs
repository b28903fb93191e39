//! A text field of one line: its text and its cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use tui_input::{Input, InputRequest};

use crate::tui::key::{Code, Key};
use crate::tui::theme::Theme;
use crate::tui::view::Canvas;

/// The longest text of a field, in characters: a note of the ledger has 200, a list of serial numbers more.
pub const FIELD_LENGTH_MAX: usize = 500;

/// A text field of one line, with its cursor and selection.
#[derive(Debug, Clone, Default)]
pub struct Field {
    input: Input,
    /// Whether the next character replaces everything, as in a field that was just entered.
    preselected: bool,
    masked: bool,
}

impl Field {
    /// A field with a text, and the cursor at its end.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()), ..Self::default() }
    }

    /// A field that does not display what is typed.
    #[must_use]
    pub fn masked() -> Self {
        Self { masked: true, ..Self::default() }
    }

    /// The text of the field, as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Whether the field contains no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// Sets the text, with the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
        self.preselected = false;
    }

    /// Empties the field and returns its text.
    pub fn take(&mut self) -> String {
        self.preselected = false;
        self.input.value_and_reset()
    }

    /// Selects the text so that typing replaces it.
    pub fn preselect(&mut self) {
        self.preselected = !self.is_empty();
    }

    /// Handles a key that edits text. Returns whether it did.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(character) = key.typed() {
            if self.preselected {
                self.input.reset();
            }
            self.preselected = false;
            if !character.is_control() && self.input.value().chars().count() < FIELD_LENGTH_MAX {
                self.input.handle(InputRequest::InsertChar(character));
            }
            return true;
        }
        let request = match (key.code, key.ctrl, key.alt) {
            (Code::Backspace, false, false) if self.preselected => {
                self.preselected = false;
                self.input.reset();
                return true;
            }
            (Code::Backspace, false, false) => InputRequest::DeletePrevChar,
            (Code::Delete, false, false) => InputRequest::DeleteNextChar,
            (Code::Left, false, false) => InputRequest::GoToPrevChar,
            (Code::Right, false, false) => InputRequest::GoToNextChar,
            (Code::Left, true, false) => InputRequest::GoToPrevWord,
            (Code::Right, true, false) => InputRequest::GoToNextWord,
            (Code::Home, ..) | (Code::Char('a'), true, false) => InputRequest::GoToStart,
            (Code::End, ..) | (Code::Char('e'), true, false) => InputRequest::GoToEnd,
            (Code::Char('w'), true, false) => InputRequest::DeletePrevWord,
            (Code::Char('u'), true, false) => InputRequest::DeleteLine,
            (Code::Char('k'), true, false) => InputRequest::DeleteTillEnd,
            _ => return false,
        };
        self.preselected = false;
        self.input.handle(request);
        true
    }

    /// Draws the field in one line, with the cursor if it has the focus.
    pub fn show(&self, area: Rect, canvas: &mut Canvas<'_, '_>, focus: bool, placeholder: &str) {
        let cursor = self.draw(area, canvas.frame.buffer_mut(), canvas.theme, focus, placeholder);
        if let Some(cursor) = cursor {
            canvas.frame.set_cursor_position(cursor);
        }
    }

    /// Draws the field after a search sign.
    pub fn show_as_search(&self, area: Rect, canvas: &mut Canvas<'_, '_>, focus: bool, placeholder: &str) {
        let [mark, field] = Layout::horizontal([Constraint::Length(3), Constraint::Min(1)]).areas(area);
        canvas.frame.render_widget(Line::from(Span::styled(" ⌕ ", canvas.theme.title)), mark);
        self.show(field, canvas, focus, placeholder);
    }

    /// Draws the field in one line and returns the position of the cursor, if the field has the focus.
    pub fn draw(
        &self,
        area: Rect,
        buffer: &mut Buffer,
        theme: &Theme,
        focus: bool,
        placeholder: &str,
    ) -> Option<(u16, u16)> {
        if area.width == 0 || area.height == 0 {
            return None;
        }
        let style = if focus { theme.field_focus } else { theme.field };
        buffer.set_style(Rect { height: 1, ..area }, style);
        let width = usize::from(area.width);
        let scroll = self.input.visual_scroll(width.saturating_sub(1));
        if self.is_empty() {
            // In the colour of typed text it would look like typed text.
            let hint = Style { fg: theme.dim.fg.or(style.fg), ..style }.add_modifier(Modifier::ITALIC);
            Line::from(Span::styled(placeholder, hint)).render(area, buffer);
        } else {
            let shown =
                if self.masked { "•".repeat(self.text().chars().count()) } else { self.text().to_owned() };
            let marked = if self.preselected && focus { theme.selection } else { style };
            let visible = skip_columns(&shown, scroll);
            Line::from(Span::styled(visible, marked)).render(area, buffer);
        }
        let column = self.input.visual_cursor().saturating_sub(scroll).min(width - 1);
        focus.then(|| (area.x.saturating_add(u16::try_from(column).unwrap_or(u16::MAX)), area.y))
    }
}

/// The text from a column on.
fn skip_columns(text: &str, columns: usize) -> String {
    let mut passed = 0;
    text.chars()
        .skip_while(|character| {
            let hidden = passed < columns;
            passed += unicode_width::UnicodeWidthChar::width(*character).unwrap_or(0);
            hidden
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(field: &mut Field, text: &str) {
        for character in text.chars() {
            assert!(field.key(Key::char(character)));
        }
    }

    #[test]
    fn typing_replaces_what_is_preselected() {
        let mut field = Field::with("1");
        field.preselect();
        typed(&mut field, "24");
        assert_eq!(field.text(), "24");
        assert!(field.key(Key::plain(Code::Backspace)));
        assert_eq!(field.text(), "2");
        field.preselect();
        assert!(field.key(Key::plain(Code::Backspace)));
        assert!(field.is_empty());
    }

    #[test]
    fn a_placeholder_does_not_look_like_what_is_typed() {
        let area = Rect { x: 0, y: 0, width: 10, height: 1 };
        for name in crate::tui::theme::BUILT_IN {
            let theme = Theme::new(Some(name), &std::collections::BTreeMap::new(), true).unwrap();
            let drawn = |field: &Field, focus| {
                let mut buffer = Buffer::empty(area);
                field.draw(area, &mut buffer, &theme, focus, "SKU");
                buffer[(0, 0)].style()
            };
            for focus in [false, true] {
                let (hint, typed) = (drawn(&Field::default(), focus), drawn(&Field::with("SKU"), focus));
                assert!(hint.add_modifier.contains(Modifier::ITALIC), "{name}");
                assert_eq!(hint.bg, typed.bg, "{name}");
            }
        }
        let theme = Theme::new(None, &std::collections::BTreeMap::new(), true).unwrap();
        let mut buffer = Buffer::empty(area);
        Field::default().draw(area, &mut buffer, &theme, false, "SKU");
        assert_eq!(buffer[(0, 0)].style().fg, theme.dim.fg);
    }

    #[test]
    fn length_is_limited_and_other_keys_are_left_alone() {
        let mut field = Field::default();
        typed(&mut field, &"x".repeat(FIELD_LENGTH_MAX + 10));
        assert_eq!(field.text().len(), FIELD_LENGTH_MAX);
        assert!(!field.key(Key::plain(Code::Enter)));
        assert!(!field.key("f3".parse().unwrap()));
        assert_eq!(field.take().len(), FIELD_LENGTH_MAX);
        assert!(field.is_empty());
    }
}
