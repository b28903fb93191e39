//! The pages of a screen, side by side in one line; a click on one is a click on a field.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::view::{Canvas, Hit};

/// Draws the titles of the pages, with the shown one highlighted.
pub fn draw_pages(titles: &[String], shown: usize, area: Rect, canvas: &mut Canvas<'_, '_>) {
    let mut used = 1_u16.min(area.width);
    for (position, title) in titles.iter().enumerate() {
        let text = format!(" {title} ");
        let style = if position == shown { canvas.theme.tab } else { canvas.theme.dim };
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX).min(area.width.saturating_sub(used));
        let spot = Rect { x: area.x + used, width, ..area };
        used = used.saturating_add(width);
        canvas.frame.render_widget(Line::from(Span::styled(text, style)), spot);
        canvas.hit(spot, Hit::Field(position));
    }
}
