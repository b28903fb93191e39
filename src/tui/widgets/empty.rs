//! The text in place of rows if there are none.

use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};

use crate::tui::text::common::CommonText;
use crate::tui::text::failure;
use crate::tui::view::Canvas;
use crate::worker::message::Failure;

/// Draws why there are no rows: the query failed, or is running, or found none.
pub fn draw_empty(
    is_loading: bool,
    failed: Option<&Failure>,
    nothing: &str,
    area: Rect,
    canvas: &mut Canvas<'_, '_>,
) {
    let text = match failed {
        Some(failed) => format!("✗ {}", failure::words(canvas.words, failed)),
        None if is_loading => canvas.words.say(CommonText::Loading).to_owned(),
        None => nothing.to_owned(),
    };
    // Below the heading, aligned with the first column.
    let spot = Rect {
        x: area.x + 2,
        y: area.y + 2.min(area.height),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    canvas.frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), spot);
}
