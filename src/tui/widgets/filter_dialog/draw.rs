//! Draws a filter dialog.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::{FilterDialog, FilterInput};
use crate::domain::entry::past_day;
use crate::tui::text::Phrase;
use crate::tui::text::filter::FilterText;
use crate::tui::view::Canvas;
use crate::tui::widgets::panel::dialog;

/// The width of the dialog.
const WIDTH: u16 = 60;
/// The lines below the fields, for errors and hints.
const NOTE_LINES: u16 = 5;

impl<P: Clone, T: Phrase> FilterDialog<P, T> {
    pub(super) fn draw_dialog(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let count = u16::try_from(self.form.fields.len()).unwrap_or(u16::MAX);
        let height = count.saturating_add(NOTE_LINES + 2);
        let inside = dialog(canvas, area, WIDTH, height, canvas.words.say(self.form.title));
        let form = self.form;
        let focused = self.entries.draw(inside, canvas, |position, canvas| {
            match form.fields.get(position).map(|field| &field.input) {
                Some(FilterInput::Item(_)) => canvas.words.say(FilterText::ItemHint),
                Some(FilterInput::Since(_) | FilterInput::Until(_)) => canvas.words.say(FilterText::DayHint),
                _ => "",
            }
        });
        let used = count.saturating_add(1).min(inside.height);
        let below = Rect { y: inside.y + used, height: inside.height - used, ..inside };
        let note = Paragraph::new(Line::from(self.note(canvas))).wrap(Wrap { trim: true });
        canvas.frame.render_widget(note, below);
        if let Some(spot) = focused {
            self.completion.draw_below(spot, area, canvas);
        }
    }

    /// The progress or error, or else the date that the field with the cursor means.
    fn note(&self, canvas: &Canvas<'_, '_>) -> Span<'static> {
        if self.looking_up.is_some() {
            return Span::styled(canvas.words.say(FilterText::LookingUpItem), canvas.theme.dim);
        }
        if let Some(fault) = &self.fault {
            return Span::styled(format!("✗ {fault}"), canvas.theme.bad);
        }
        let is_day = matches!(
            self.form.fields.get(self.entries.focus()).map(|field| &field.input),
            Some(FilterInput::Since(_) | FilterInput::Until(_))
        );
        let text = self.text(self.entries.focus()).filter(|_| is_day);
        match text.and_then(|text| past_day(text, canvas.today()).ok()) {
            Some(day) => Span::styled(format!("= {}", canvas.words.language.day(day)), canvas.theme.dim),
            None => Span::raw(""),
        }
    }
}
