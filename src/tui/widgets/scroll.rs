//! How a cursor and a view follow the commands of lists, and how far a long text is scrolled.

use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::panel::dialog;
use crate::tui::command::Command;
use crate::tui::view::Canvas;

/// By how many rows a command of lists moves if a number of lines is in view. A page keeps one line of the previous
/// page; the first and the last row are at any distance.
#[must_use]
pub fn steps(command: Command, lines_in_view: usize) -> Option<isize> {
    let page = isize::try_from(lines_in_view.max(2) - 1).unwrap_or(isize::MAX);
    match command {
        Command::Up => Some(-1),
        Command::Down => Some(1),
        Command::PageUp => Some(-page),
        Command::PageDown => Some(page),
        Command::First => Some(isize::MIN),
        Command::Last => Some(isize::MAX),
        _ => None,
    }
}

/// How many lines texts take when they are wrapped at words to a number of columns.
#[must_use]
pub fn lines_wrapped(texts: &[Line<'_>], columns: u16) -> usize {
    Paragraph::new(texts.to_vec()).wrap(Wrap { trim: false }).line_count(columns.max(1))
}

/// How far a text is scrolled that may be longer than its area.
#[derive(Debug, Default)]
pub struct Scroll {
    first: usize,
    lines: usize,
    in_view: usize,
}

impl Scroll {
    /// Carries out a command of lists. Returns whether it was one.
    pub fn command(&mut self, command: Command) -> bool {
        let Some(steps) = steps(command, self.in_view) else { return false };
        self.first = self.first.saturating_add_signed(steps).min(self.last_first());
        true
    }

    /// Records how long the text is and how much of it is in view. It is never scrolled beyond its end.
    pub fn fit(&mut self, lines: usize, in_view: u16) {
        (self.lines, self.in_view) = (lines, usize::from(in_view));
        self.first = self.first.min(self.last_first());
    }

    /// Draws as much of a text as fits, wrapped at words.
    pub fn draw(&mut self, lines: Vec<Line<'_>>, area: Rect, canvas: &mut Canvas<'_, '_>) {
        self.fit(lines_wrapped(&lines, area.width), area.height);
        let text = Paragraph::new(lines).wrap(Wrap { trim: false }).scroll(self.offset());
        canvas.frame.render_widget(text, area);
    }

    /// Draws a text in a dialog of at most a given width and no higher than the text.
    pub fn draw_dialog(
        &mut self,
        lines: Vec<Line<'_>>,
        width_max: u16,
        title: &str,
        area: Rect,
        canvas: &mut Canvas<'_, '_>,
    ) {
        let height = lines_wrapped(&lines, width_max.min(area.width).saturating_sub(4)).saturating_add(2);
        let height = u16::try_from(height).unwrap_or(u16::MAX);
        let inside = dialog(canvas, area, width_max, height, title);
        self.draw(lines, inside, canvas);
    }

    /// The position of the first line in view.
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// The first line in view, as a paragraph takes it.
    #[must_use]
    pub fn offset(&self) -> (u16, u16) {
        (u16::try_from(self.first).unwrap_or(u16::MAX), 0)
    }

    /// How many lines are below those in view.
    #[must_use]
    pub fn below(&self) -> usize {
        self.last_first() - self.first
    }

    /// The first line in view when the text is scrolled to its end.
    fn last_first(&self) -> usize {
        self.lines.saturating_sub(self.in_view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_scrolled_as_far_as_its_end() {
        let mut scroll = Scroll::default();
        assert!(scroll.command(Command::Last), "nothing was drawn yet");
        assert_eq!(scroll.first(), 0);
        scroll.fit(25, 10);
        assert!(scroll.command(Command::PageDown));
        assert_eq!((scroll.first(), scroll.below()), (9, 6));
        assert!(scroll.command(Command::PageDown) && scroll.command(Command::Down));
        assert_eq!((scroll.first(), scroll.below()), (15, 0));
        assert!(scroll.command(Command::Up) && !scroll.command(Command::Open));
        assert_eq!(scroll.offset(), (14, 0));
        // In a larger window there is less to scroll.
        scroll.fit(25, 20);
        assert_eq!(scroll.first(), 5);
        assert!(scroll.command(Command::First));
        assert_eq!((scroll.first(), scroll.below()), (0, 5));
    }

    #[test]
    fn a_page_of_hardly_any_lines_still_moves() {
        for lines in 0..3 {
            assert_eq!(steps(Command::PageDown, lines), Some(1));
        }
        assert_eq!(steps(Command::Close, 10), None);
    }

    #[test]
    fn wrapped_texts_take_more_lines() {
        let texts = [Line::from(""), Line::from("ten letters"), Line::from("x")];
        assert_eq!(lines_wrapped(&texts, 11), 3);
        assert_eq!(lines_wrapped(&texts, 6), 5);
        assert_eq!(lines_wrapped(&texts[2..], 0), 1);
    }
}
