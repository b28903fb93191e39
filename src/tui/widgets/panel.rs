//! Boxes: panels side by side on a screen, and dialogs over it.

use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Wrap};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::view::{Canvas, fit};

/// How many columns the title of a panel can have: those between the corners, without the spaces around it.
#[must_use]
pub fn title_room(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(4))
}

/// Draws the border and the title of a panel, cut with a mark if it is too long, and returns the area inside.
pub fn panel(canvas: &mut Canvas<'_, '_>, area: Rect, title: &str, focus: bool) -> Rect {
    let (border, kind) = if focus {
        (canvas.theme.border_focus, BorderType::Thick)
    } else {
        (canvas.theme.border, BorderType::Plain)
    };
    let room = title_room(area);
    let title = if title.width() > room {
        format!("{}…", fit(title, room.saturating_sub(1)))
    } else {
        title.to_owned()
    };
    let block = Block::bordered()
        .border_style(border)
        .border_type(kind)
        .title(Line::from(Span::styled(format!(" {title} "), canvas.theme.title)));
    let inside = block.inner(area);
    canvas.frame.render_widget(block, area);
    inside
}

/// Draws an empty dialog in the middle and returns the area inside. It is never larger than the area.
pub fn dialog(canvas: &mut Canvas<'_, '_>, area: Rect, width: u16, height: u16, title: &str) -> Rect {
    let area = area.centered(Constraint::Max(width), Constraint::Max(height));
    canvas.frame.render_widget(Clear, area);
    canvas.frame.buffer_mut().set_style(area, canvas.theme.text);
    padded(panel(canvas, area, title, true))
}

/// Draws an empty panel over the whole area and returns the area inside.
pub fn cover(canvas: &mut Canvas<'_, '_>, area: Rect, title: &str) -> Rect {
    canvas.frame.render_widget(Clear, area);
    canvas.frame.buffer_mut().set_style(area, canvas.theme.text);
    panel(canvas, area, title, true)
}

/// Draws what is wrong with what a dialog was given, or else a hint.
pub fn draw_note(canvas: &mut Canvas<'_, '_>, area: Rect, fault: Option<&str>, hint: &str) {
    let note = match fault {
        Some(fault) => Span::styled(format!("✗ {fault}"), canvas.theme.bad),
        None => Span::styled(hint, canvas.theme.dim),
    };
    canvas.frame.render_widget(Paragraph::new(Line::from(note)).wrap(Wrap { trim: true }), area);
}

/// The area without its first and last column, so that text does not touch the border.
#[must_use]
pub fn padded(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}
