//! How a filter dialog is drawn.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use unicode_width::UnicodeWidthStr as _;

use super::{Entry, FilterDialog, FilterInput};
use crate::domain::entry::past_day;
use crate::tui::text::Phrase;
use crate::tui::text::filter::FilterText;
use crate::tui::view::{Canvas, Hit};
use crate::tui::widgets::panel::dialog;

/// The width of the dialog.
const WIDTH: u16 = 60;
/// The lines below the fields, in which it says what is wrong.
const NOTE_LINES: u16 = 5;
/// The room between the labels and the fields.
const GAP: u16 = 2;

impl<P: Clone, T: Phrase> FilterDialog<P, T> {
    pub(super) fn draw_dialog(&self, area: Rect, canvas: &mut Canvas<'_, '_>) {
        let count = u16::try_from(self.form.fields.len()).unwrap_or(u16::MAX);
        let height = count.saturating_add(NOTE_LINES + 2);
        let inside = dialog(canvas, area, WIDTH, height, canvas.words.say(self.form.title));
        let labels: Vec<&str> = self.form.fields.iter().map(|field| canvas.words.say(field.label)).collect();
        let label_width = labels.iter().map(|label| label.width()).max().unwrap_or(0);
        let label_width =
            u16::try_from(label_width).unwrap_or(u16::MAX).saturating_add(GAP).min(inside.width / 2);
        let mut focused = None;
        for (position, ((entry, label), row)) in
            self.entries.iter().zip(labels).zip(inside.rows()).enumerate()
        {
            canvas.frame.render_widget(Line::from(label), row);
            let spot = Rect { x: row.x + label_width, width: row.width - label_width, ..row };
            let focus = canvas.focus && position == self.focus;
            if focus {
                focused = Some(spot);
            }
            self.draw_entry(position, entry, spot, focus, canvas);
            canvas.hit(spot, Hit::Field(position));
        }
        let used = count.saturating_add(1).min(inside.height);
        let below = Rect { y: inside.y + used, height: inside.height - used, ..inside };
        let note = Paragraph::new(Line::from(self.note(canvas))).wrap(Wrap { trim: true });
        canvas.frame.render_widget(note, below);
        if let Some(spot) = focused {
            self.completion.draw_below(spot, area, canvas);
        }
    }

    fn draw_entry(
        &self,
        position: usize,
        entry: &Entry<P, T>,
        spot: Rect,
        focus: bool,
        canvas: &mut Canvas<'_, '_>,
    ) {
        match entry {
            Entry::Typed { field, .. } => {
                let hint = match self.form.fields.get(position).map(|field| &field.input) {
                    Some(FilterInput::Item(_)) => canvas.words.say(FilterText::ItemHint),
                    Some(FilterInput::Since(_) | FilterInput::Until(_)) => {
                        canvas.words.say(FilterText::DayHint)
                    }
                    _ => "",
                };
                field.show(spot, canvas, focus, hint);
            }
            Entry::Chosen { options, at } => {
                let style = if focus { canvas.theme.field_focus } else { canvas.theme.field };
                canvas.frame.buffer_mut().set_style(spot, style);
                let chosen = options.get(*at).map(|(label, _)| canvas.words.say(*label)).unwrap_or_default();
                let text = format!("◂ {chosen} ▸");
                canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
            }
        }
    }

    /// What is under way or wrong, or else which day the field with the cursor means.
    fn note(&self, canvas: &Canvas<'_, '_>) -> Span<'static> {
        if self.looking_up.is_some() {
            return Span::styled(canvas.words.say(FilterText::LookingUpItem), canvas.theme.dim);
        }
        if let Some(fault) = &self.fault {
            return Span::styled(format!("✗ {fault}"), canvas.theme.bad);
        }
        let is_day = matches!(
            self.form.fields.get(self.focus).map(|field| &field.input),
            Some(FilterInput::Since(_) | FilterInput::Until(_))
        );
        let text = self.text(self.focus).filter(|_| is_day);
        match text.and_then(|text| past_day(text, canvas.today()).ok()) {
            Some(day) => Span::styled(format!("= {}", canvas.words.language.day(day)), canvas.theme.dim),
            None => Span::raw(""),
        }
    }
}
