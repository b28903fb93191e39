//! A list of rows with a cursor, of which a part is in view.
//!
//! Boundary: knows rows and positions, not what the rows mean or where they come from.

use ratatui::layout::Rect;

use super::scroll::steps;
use super::table::{Cell, Column, Rows, lines_in, table};
use crate::tui::command::Command;
use crate::tui::view::Canvas;

/// A list with a cursor. The cursor is always in view, and the view moves no farther than necessary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    rows: Vec<T>,
    cursor: usize,
    /// The line of the view that the cursor is on.
    line: usize,
    /// How many lines the view has; zero until it has been drawn.
    lines: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), cursor: 0, line: 0, lines: 0 }
    }
}

impl<T> List<T> {
    /// A list with the cursor on its first row.
    #[must_use]
    pub fn new(rows: Vec<T>) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Every row of the list, in view or not.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Every row, so that its contents can be changed.
    pub fn rows_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The position of the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&T> {
        self.rows.get(self.cursor)
    }

    /// Replaces the rows by refreshed ones. The cursor stays on the row that `same` recognises, and on its line of the
    /// view; if its row is gone, it moves to the next one that still exists.
    pub fn replace(&mut self, rows: Vec<T>, same: impl Fn(&T, &T) -> bool) {
        let cursor = self
            .cursor_in(&rows, &same)
            .or_else(|| self.next_in(&rows, &same))
            .or_else(|| self.previous_in(&rows, &same))
            .unwrap_or(self.cursor);
        self.put(rows, cursor);
    }

    /// Replaces the rows by others, with the cursor on the first or the last of them.
    pub(super) fn restart(&mut self, rows: Vec<T>, at_end: bool) {
        let cursor = if at_end { rows.len().saturating_sub(1) } else { 0 };
        self.put(rows, cursor);
        self.line = if at_end { self.last_line() } else { 0 };
    }

    /// Replaces the rows, and moves the cursor to a position.
    pub(super) fn put(&mut self, rows: Vec<T>, cursor: usize) {
        self.cursor = cursor.min(rows.len().saturating_sub(1));
        self.rows = rows;
    }

    /// Adds rows after the last one.
    pub(super) fn append(&mut self, rows: Vec<T>) {
        self.rows.extend(rows);
    }

    /// Adds rows before the first one.
    pub(super) fn prepend(&mut self, mut rows: Vec<T>) {
        self.cursor += if self.rows.is_empty() { 0 } else { rows.len() };
        rows.append(&mut self.rows);
        self.rows = rows;
    }

    /// Removes the rows before a position.
    pub(super) fn drop_before(&mut self, position: usize) {
        self.rows.drain(..position.min(self.rows.len()));
        self.cursor = self.cursor.saturating_sub(position);
    }

    /// Removes the rows from a position on.
    pub(super) fn drop_from(&mut self, position: usize) {
        self.rows.truncate(position);
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// Removes the rows for which `keep` is false, by position.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        self.cursor = keep.iter().take(self.cursor).filter(|keep| **keep).count();
        let mut keep = keep.iter();
        self.rows.retain(|_| keep.next().is_none_or(|keep| *keep));
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// The position of the cursor's row among other rows.
    pub(super) fn cursor_in(&self, rows: &[T], same: impl Fn(&T, &T) -> bool) -> Option<usize> {
        let selected = self.selected()?;
        rows.iter().position(|row| same(selected, row))
    }

    /// The position among other rows of the first row after the cursor that they contain.
    pub(super) fn next_in(&self, rows: &[T], same: impl Fn(&T, &T) -> bool) -> Option<usize> {
        let behind = self.rows.iter().skip(self.cursor + 1);
        behind.filter_map(|old| rows.iter().position(|row| same(old, row))).next()
    }

    /// The position among other rows of the last row before the cursor that they contain.
    pub(super) fn previous_in(&self, rows: &[T], same: impl Fn(&T, &T) -> bool) -> Option<usize> {
        let before = self.rows.iter().take(self.cursor).rev();
        before.filter_map(|old| rows.iter().position(|row| same(old, row))).next()
    }

    /// Moves the cursor by a number of rows, as far as there are rows.
    pub fn step(&mut self, rows: isize) {
        self.select(self.cursor.saturating_add_signed(rows));
    }

    /// Moves the cursor to a row, or to the last one if there are fewer.
    pub fn select(&mut self, position: usize) {
        let to = position.min(self.rows.len().saturating_sub(1));
        self.line = if to < self.cursor {
            self.line.saturating_sub(self.cursor - to)
        } else {
            self.line.saturating_add(to - self.cursor).min(self.last_line())
        };
        self.cursor = to;
    }

    /// Moves the cursor to a clicked row. Returns whether it was there already.
    pub fn click(&mut self, position: usize) -> bool {
        let again = position == self.cursor;
        self.select(position);
        again
    }

    /// Carries out a command of lists. Returns whether it was one.
    pub fn command(&mut self, command: Command) -> bool {
        let Some(rows) = steps(command, self.lines) else { return false };
        self.step(rows);
        true
    }

    /// Scrolls to the first row, as far as the cursor stays in view.
    pub fn show_start(&mut self) {
        self.line = self.cursor;
    }

    /// How many lines the view had when it was last drawn.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// The position of the first row in view.
    #[must_use]
    pub fn first_in_view(&self) -> usize {
        let lines = self.lines.max(1);
        let first = self.cursor.saturating_sub(self.line.min(lines - 1));
        // No line stays empty while there are rows above.
        first.min(self.rows.len().saturating_sub(lines))
    }

    /// Which rows a view of a number of lines shows. The list remembers it, so that the view stays where it is.
    pub fn view(&mut self, lines: usize, focus: bool) -> Rows {
        self.lines = lines;
        let first = self.first_in_view();
        self.line = self.cursor - first;
        Rows { first, cursor: (!self.rows.is_empty()).then_some(self.cursor), focus }
    }

    /// Draws the rows in view as a table. `cells` makes the cells of a row, in the order of the columns; it is given
    /// the row above, unless the row is the first in view.
    pub fn draw(
        &mut self,
        area: Rect,
        columns: &[Column],
        canvas: &mut Canvas<'_, '_>,
        cells: impl Fn(Option<&T>, &T, &Canvas<'_, '_>) -> Vec<Cell>,
    ) {
        let view = self.view(lines_in(area), canvas.focus);
        let shown = self.in_view();
        let above = std::iter::once(None).chain(shown.iter().map(Some));
        let drawn: Vec<Vec<Cell>> = above.zip(shown).map(|(above, row)| cells(above, row, canvas)).collect();
        table(canvas, area, columns, view, |position| drawn.get(position.checked_sub(view.first)?).cloned());
    }

    /// The rows in view when the list was last drawn.
    #[must_use]
    pub fn in_view(&self) -> &[T] {
        let first = self.first_in_view();
        let end = self.rows.len().min(first.saturating_add(self.lines));
        self.rows.get(first..end).unwrap_or_default()
    }

    /// The last line of the view, or the maximum before the view has been drawn.
    fn last_line(&self) -> usize {
        self.lines.checked_sub(1).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(old: &u32, new: &u32) -> bool {
        old == new
    }

    #[test]
    fn the_view_moves_only_as_far_as_it_must() {
        let mut list = List::new((0..100).collect::<Vec<u32>>());
        assert_eq!(list.view(10, true).first, 0);
        list.step(9);
        assert_eq!(list.view(10, true).first, 0);
        list.step(1);
        assert_eq!(list.view(10, true).first, 1);
        list.step(-5);
        assert_eq!(list.view(10, true).first, 1);
        list.step(-6);
        assert_eq!((list.view(10, true).first, list.cursor()), (0, 0));
        assert!(list.command(Command::PageDown) && list.command(Command::PageDown));
        assert_eq!((list.view(10, true).first, list.cursor()), (9, 18), "a page keeps one line");
        assert!(list.command(Command::Last) && !list.command(Command::Open));
        assert_eq!((list.view(10, true).first, list.cursor()), (90, 99));
        assert_eq!(list.in_view(), (90..100).collect::<Vec<u32>>());
        assert!(!list.click(92));
        assert!(list.click(92));
        assert_eq!(list.view(10, true).first, 90, "a click does not move the view");
        assert_eq!(list.view(50, true).first, 50, "a taller window shows more rows above, not empty lines");
    }

    #[test]
    fn fresh_rows_leave_the_cursor_on_its_row_and_line() {
        let mut list = List::new((0..100).collect::<Vec<u32>>());
        list.view(10, true);
        list.step(50);
        list.step(-3);
        assert_eq!((list.cursor(), list.view(10, true).first), (47, 41));
        list.replace((20..120).collect(), same);
        assert_eq!((list.view(10, true).first, list.selected()), (21, Some(&47)));
        list.show_start();
        assert_eq!(list.view(10, true).first, 18, "the cursor stays in view");
        list.replace((40..50).filter(|row| *row != 47).collect(), same);
        assert_eq!(list.selected(), Some(&48), "the next one, where the row is gone");
        list.replace(vec![1, 2, 44], same);
        assert_eq!(list.selected(), Some(&44), "the one before, where no later one is left");
        list.replace(vec![5], same);
        assert_eq!(list.selected(), Some(&5));
        list.replace(Vec::new(), same);
        assert_eq!((list.view(10, true).cursor, list.selected()), (None, None));
        list.step(3);
        assert_eq!(list.cursor(), 0);
    }

    #[test]
    fn rows_come_and_go_around_the_cursor() {
        let mut list = List::new((10..20).collect::<Vec<u32>>());
        list.view(5, true);
        list.select(6);
        let line = |list: &mut List<u32>| list.cursor() - list.view(5, true).first;
        assert_eq!((line(&mut list), list.selected()), (4, Some(&16)));
        list.prepend((0..10).collect());
        list.append((20..30).collect());
        assert_eq!((line(&mut list), list.selected()), (4, Some(&16)));
        list.drop_before(5);
        list.drop_from(20);
        assert_eq!((list.selected(), list.rows().len()), (Some(&16), 20));
        let even: Vec<bool> = list.rows().iter().map(|row| row % 2 == 0).collect();
        list.retain(&even);
        assert_eq!((list.selected(), list.cursor()), (Some(&16), 5));
        let others: Vec<bool> = list.rows().iter().map(|row| *row != 16).collect();
        list.retain(&others);
        assert_eq!(list.selected(), Some(&18));
    }

    #[test]
    fn a_view_at_the_end_shows_the_last_rows_from_the_first_drawing_on() {
        let mut list = List::default();
        list.restart((0..50).collect::<Vec<u32>>(), true);
        assert_eq!((list.view(10, true).first, list.cursor()), (40, 49));
        list.restart(Vec::new(), true);
        assert_eq!(list.view(10, true).first, 0);
    }
}
