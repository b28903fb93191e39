//! The conditions of a filter, in the order in which they were set, each kind at most once; and the line above the list
//! that names them.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::view::{Canvas, Hit};

/// The conditions, the latest last. A kind is a variant of `P`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts<P>(Vec<P>);

impl<P> Default for Parts<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

fn same_sort<P>(one: &P, other: &P) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

impl<P> Parts<P> {
    /// Every condition, in the order of setting.
    #[must_use]
    pub fn all(&self) -> &[P] {
        &self.0
    }

    /// Whether no condition is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a condition, and replaces one of the same kind.
    pub fn set(&mut self, part: P) {
        match self.0.iter_mut().find(|old| same_sort(*old, &part)) {
            Some(old) => *old = part,
            None => self.0.push(part),
        }
    }

    /// Removes the latest condition. Returns whether there was one.
    pub fn pop(&mut self) -> bool {
        self.0.pop().is_some()
    }

    /// Removes the condition at a position.
    pub fn remove(&mut self, position: usize) {
        if position < self.0.len() {
            self.0.remove(position);
        }
    }

    /// Other conditions in place of these. Those that were set before keep their positions, so that conditions can be
    /// removed in the order of setting.
    #[must_use]
    pub fn replaced(&self, mut parts: Vec<P>) -> Self {
        let rank = |part: &P| self.0.iter().position(|old| same_sort(old, part)).unwrap_or(usize::MAX);
        parts.sort_by_key(rank);
        Self(parts)
    }
}

/// Draws the conditions and the progress of loading. A click on a condition is a click on the field with its number,
/// counted from `first_field`; it removes the condition.
pub fn draw_parts(
    parts: &[String],
    first_field: usize,
    note: String,
    area: Rect,
    canvas: &mut Canvas<'_, '_>,
) {
    let mut spans = vec![Span::raw("   ")];
    let mut used = 3;
    for (position, part) in parts.iter().enumerate() {
        let text = format!("[{part} ✕]");
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
        let spot = Rect { x: area.x + used, width: width.min(area.width.saturating_sub(used)), ..area };
        canvas.hit(spot, Hit::Field(first_field + position));
        used = used.saturating_add(width + 1);
        spans.push(Span::styled(text, canvas.theme.key));
        spans.push(Span::raw(" "));
    }
    spans.push(Span::styled(note, canvas.theme.dim));
    canvas.frame.render_widget(Line::from(spans), area);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq)]
    enum Part {
        Person(&'static str),
        Day(u8),
        Text(&'static str),
    }

    #[test]
    fn each_sort_stands_once_in_the_order_of_setting() {
        let mut parts = Parts::default();
        parts.set(Part::Day(1));
        parts.set(Part::Person("ann"));
        parts.set(Part::Day(2));
        assert_eq!(parts.all(), [Part::Day(2), Part::Person("ann")]);
        let parts = parts.replaced(vec![Part::Text("x"), Part::Person("bob"), Part::Day(3)]);
        assert_eq!(parts.all(), [Part::Day(3), Part::Person("bob"), Part::Text("x")]);
        let mut parts = parts;
        parts.remove(7);
        parts.remove(0);
        assert!(parts.pop() && parts.pop() && !parts.pop() && parts.is_empty());
    }
}
