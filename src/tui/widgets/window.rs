//! A window on a list that is far longer than what is fetched of it: some pages of rows around the
//! cursor, and where to go on in both directions.
//!
//! Boundary: knows rows and positions, not what they show or how they are asked for.

/// The most rows that a window keeps; what is farther from the cursor is let go.
pub const ROWS_KEPT_MAX: usize = 800;
/// How near the end of the fetched rows the cursor may come before more are asked for.
const MARGIN_ROWS: usize = 100;

/// What to fetch next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The rows after the last one.
    After,
    /// The rows before the first one.
    Before,
}

/// Some rows of a list, with a cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct Window<T> {
    rows: Vec<T>,
    cursor: usize,
    top: usize,
    more_before: bool,
    more_after: bool,
}

impl<T> Default for Window<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), cursor: 0, top: 0, more_before: false, more_after: false }
    }
}

impl<T> Window<T> {
    /// The fetched rows.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The fetched rows, to change what they say.
    pub fn rows_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }

    /// Where the cursor stands among the fetched rows.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&T> {
        self.rows.get(self.cursor)
    }

    /// Whether there are rows before the fetched ones.
    #[must_use]
    pub fn more_before(&self) -> bool {
        self.more_before
    }

    /// Whether there are rows after the fetched ones.
    #[must_use]
    pub fn more_after(&self) -> bool {
        self.more_after
    }

    /// Starts anew with a page; the cursor goes to its first or last row.
    pub fn restart(&mut self, rows: Vec<T>, more_before: bool, more_after: bool, at_end: bool) {
        self.cursor = if at_end { rows.len().saturating_sub(1) } else { 0 };
        self.top = if at_end { usize::MAX } else { 0 };
        *self = Self { rows, more_before, more_after, ..std::mem::take(self) };
    }

    /// Puts fresh rows in the place of the old ones. The cursor stays on the row that `same` knows
    /// again, and as high on the screen as it was; a row that is gone gives it to its neighbour.
    pub fn replace(&mut self, rows: Vec<T>, more_after: bool, same: impl Fn(&T, &T) -> bool) {
        let height = self.cursor.saturating_sub(self.top);
        let found = self.selected().and_then(|old| rows.iter().position(|row| same(old, row)));
        self.cursor = found.unwrap_or(self.cursor).min(rows.len().saturating_sub(1));
        self.top = self.cursor.saturating_sub(height);
        self.rows = rows;
        self.more_after = more_after;
    }

    /// Adds the rows after the last one.
    pub fn append(&mut self, rows: Vec<T>, more_after: bool) {
        self.rows.extend(rows);
        self.more_after = more_after;
        let surplus =
            self.rows.len().saturating_sub(ROWS_KEPT_MAX).min(self.cursor.saturating_sub(MARGIN_ROWS));
        if surplus > 0 {
            self.rows.drain(..surplus);
            self.cursor -= surplus;
            self.top = self.top.saturating_sub(surplus);
            self.more_before = true;
        }
    }

    /// Adds the rows before the first one.
    pub fn prepend(&mut self, mut rows: Vec<T>, more_before: bool) {
        let added = rows.len();
        rows.append(&mut self.rows);
        self.rows = rows;
        self.cursor += added;
        self.top = self.top.saturating_add(added);
        self.more_before = more_before;
        let kept = ROWS_KEPT_MAX.max(self.cursor + MARGIN_ROWS);
        if self.rows.len() > kept {
            self.rows.truncate(kept);
            self.more_after = true;
        }
    }

    /// Lets the view begin with the first row again, as far as the cursor stays in view.
    pub fn show_start(&mut self) {
        self.top = 0;
    }

    /// Notes that there are rows before the first one which were not fetched.
    pub fn note_before(&mut self) {
        self.more_before = true;
    }

    /// Moves the cursor by so many rows, as far as rows are there.
    pub fn step(&mut self, rows: isize) {
        let last = self.rows.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(rows).min(last);
    }

    /// Puts the cursor on a fetched row.
    pub fn select(&mut self, position: usize) {
        self.cursor = position.min(self.rows.len().saturating_sub(1));
    }

    /// What should be fetched, seen from the cursor.
    #[must_use]
    pub fn wanted(&self) -> Option<Wanted> {
        if self.more_after && self.cursor + MARGIN_ROWS >= self.rows.len() {
            Some(Wanted::After)
        } else if self.more_before && self.cursor < MARGIN_ROWS {
            Some(Wanted::Before)
        } else {
            None
        }
    }

    /// The position of the first row that is drawn, for a view of so many lines. The cursor is always
    /// in view; the view moves no farther than that takes.
    #[must_use]
    pub fn first_drawn(&self, lines: usize) -> usize {
        let lines = lines.max(1);
        let lowest = self.cursor.saturating_sub(lines - 1);
        let bottom = self.rows.len().saturating_sub(lines);
        self.top.clamp(lowest, self.cursor).min(bottom.max(lowest))
    }

    /// Remembers what was drawn first, so that the view stays where it is.
    pub fn drawn(&mut self, lines: usize) {
        self.top = self.first_drawn(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(range: std::ops::Range<u32>, more_before: bool, more_after: bool) -> Window<u32> {
        let mut window = Window::default();
        window.restart(range.collect(), more_before, more_after, false);
        window
    }

    #[test]
    fn the_cursor_stays_on_its_row() {
        let mut window = window(100..300, true, true);
        window.step(50);
        assert_eq!(window.selected(), Some(&150));
        window.replace((90..290).collect(), true, |old, new| old == new);
        assert_eq!(window.selected(), Some(&150));
        window.prepend((0..90).collect(), false);
        assert_eq!(window.selected(), Some(&150));
        window.append((290..2000).collect(), true);
        assert_eq!(window.selected(), Some(&150));
        assert_eq!(window.rows().len(), 2000 - 50, "what is far above the cursor is let go");
        window.replace(vec![1, 2, 3], false, |old, new| old == new);
        assert_eq!(window.selected(), Some(&3), "a row that is gone gives the cursor to the nearest");
    }

    #[test]
    fn more_is_wanted_near_the_ends_only() {
        let mut window = window(0..400, false, true);
        assert_eq!(window.wanted(), None);
        window.step(250);
        assert_eq!(window.wanted(), None);
        window.step(60);
        assert_eq!(window.wanted(), Some(Wanted::After));
        window.append((400..500).collect(), false);
        assert_eq!(window.wanted(), None);
        window.step(-10_000);
        assert_eq!(window.cursor(), 0);
    }

    #[test]
    fn the_view_moves_only_as_far_as_it_must() {
        let mut window = window(0..100, false, false);
        assert_eq!(window.first_drawn(10), 0);
        window.step(9);
        assert_eq!(window.first_drawn(10), 0);
        window.step(1);
        assert_eq!(window.first_drawn(10), 1);
        window.drawn(10);
        window.step(-5);
        assert_eq!(window.first_drawn(10), 1);
        window.step(-6);
        window.drawn(10);
        assert_eq!((window.cursor(), window.first_drawn(10)), (0, 0));
        window.replace((90..190).collect(), false, |_, new| *new == 95);
        assert_eq!(window.first_drawn(10), 5, "the cursor is as high as it was");
        window.show_start();
        assert_eq!((window.cursor(), window.first_drawn(10)), (5, 0));
        window.restart((0..50).collect(), false, false, true);
        assert_eq!(window.first_drawn(10), 40);
        window.restart(Vec::new(), false, false, true);
        assert_eq!(window.first_drawn(10), 0);
    }
}
