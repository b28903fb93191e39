//! Tables: columns are dropped by rank when the screen is narrow, and only the rows in view are drawn.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::view::{Canvas, Hit, fit};

/// The gap between two columns.
const GAP: u16 = 2;
/// The marker of the selected row, so that it is not conveyed by colour alone.
const MARK: &str = "▸";

/// A column: its heading, its width and alignment, and its rank for being dropped.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub title: &'static str,
    /// The width in columns of the screen; for a column that fills the remaining width the least one. Zero hides it.
    pub width: u16,
    /// Whether it fills the remaining width. If several such columns are shown, the last one does.
    pub fills: bool,
    /// Whether it is aligned to the right, as numbers are.
    pub right: bool,
    /// The columns with the highest number are dropped first; those with zero never are.
    pub gives_way: u8,
}

impl Column {
    /// A column of text, which is aligned to the left.
    #[must_use]
    pub const fn text(title: &'static str, width: u16, gives_way: u8) -> Self {
        Self { title, width, fills: false, right: false, gives_way }
    }

    /// A column of numbers, which is aligned to the right.
    #[must_use]
    pub const fn figure(title: &'static str, width: u16, gives_way: u8) -> Self {
        Self { title, width, fills: false, right: true, gives_way }
    }

    /// The column that fills the remaining width.
    #[must_use]
    pub const fn fill(title: &'static str, width_min: u16) -> Self {
        Self { title, width: width_min, fills: true, right: false, gives_way: 0 }
    }
}

/// One cell: its text and style.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell in the style of its row.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::new() }
    }

    /// A cell with a style; on the selected row the row's style is used, so that it can be read.
    #[must_use]
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// Which of the rows are drawn, and with which cursor.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    pub first: usize,
    /// The position of the selected row, if there is one.
    pub cursor: Option<usize>,
    /// Whether the list has the focus.
    pub focus: bool,
}

/// Draws the heading and as many rows as fit. `row` returns the cells of the row at a position, in the order of the
/// columns, or none after the last.
pub fn table(
    canvas: &mut Canvas<'_, '_>,
    area: Rect,
    columns: &[Column],
    rows: Rows,
    row: impl Fn(usize) -> Option<Vec<Cell>>,
) {
    let widths = widths(columns, area.width.saturating_sub(GAP));
    let mut lines = area.rows();
    let Some(head) = lines.next() else { return };
    let titles: Vec<Cell> = columns.iter().map(|column| Cell::new(column.title)).collect();
    canvas.frame.render_widget(line(columns, &widths, &titles, " ", Some(canvas.theme.dim)), head);
    for (offset, spot) in lines.enumerate() {
        let position = rows.first + offset;
        let Some(cells) = row(position) else { break };
        let selected = rows.cursor == Some(position);
        let style = match (selected, rows.focus) {
            (true, true) => canvas.theme.selection,
            (true, false) => canvas.theme.selection_dim,
            (false, _) => canvas.theme.text,
        };
        let mark = if selected { MARK } else { " " };
        canvas.frame.buffer_mut().set_style(spot, style);
        canvas.frame.render_widget(line(columns, &widths, &cells, mark, selected.then_some(style)), spot);
        canvas.hit(spot, Hit::Row(position));
    }
}

/// How many rows of a table fit into an area.
#[must_use]
pub fn lines_in(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(1))
}

/// The widths of the columns; zero for those that are dropped.
fn widths(columns: &[Column], room: u16) -> Vec<u16> {
    let mut shown: Vec<bool> = columns.iter().map(|column| column.width > 0).collect();
    let total = |shown: &[bool]| -> u16 {
        let widths =
            columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| column.width + GAP);
        widths.sum::<u16>().saturating_sub(GAP)
    };
    while total(&shown) > room {
        let candidates = columns.iter().enumerate().filter(|(at, column)| shown[*at] && column.gives_way > 0);
        let Some((weakest, _)) = candidates.max_by_key(|(_, column)| column.gives_way) else { break };
        shown[weakest] = false;
    }
    let left = room.saturating_sub(total(&shown));
    let filled = columns.iter().zip(&shown).rposition(|(column, shown)| *shown && column.fills);
    columns
        .iter()
        .zip(&shown)
        .enumerate()
        .map(|(position, (column, shown))| match shown {
            false => 0,
            true if filled == Some(position) => column.width + left,
            true => column.width,
        })
        .collect()
}

fn line<'a>(
    columns: &[Column],
    widths: &[u16],
    cells: &[Cell],
    mark: &'a str,
    whole: Option<Style>,
) -> Line<'a> {
    let mut spans = vec![Span::styled(format!("{mark} "), whole.unwrap_or_default())];
    for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
        let width = usize::from(*width);
        if width == 0 {
            continue;
        }
        let text = if cell.text.width() > width {
            format!("{}…", fit(&cell.text, width - 1))
        } else {
            cell.text.clone()
        };
        let padding = " ".repeat(width - text.width().min(width));
        let gap = " ".repeat(usize::from(GAP));
        let padded =
            if column.right { format!("{padding}{text}{gap}") } else { format!("{text}{padding}{gap}") };
        spans.push(Span::styled(padded, whole.unwrap_or(cell.style)));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way_by_importance() {
        let columns = [
            Column::text("a", 10, 0),
            Column::fill("b", 20),
            Column::figure("c", 10, 2),
            Column::figure("d", 10, 1),
        ];
        assert_eq!(widths(&columns, 80), [10, 44, 10, 10]);
        assert_eq!(widths(&columns, 50), [10, 26, 0, 10]);
        assert_eq!(widths(&columns, 35), [10, 23, 0, 0]);
        // If the column that fills the remaining width is dropped, another one does.
        let names = Column { gives_way: 3, ..Column::fill("name", 20) };
        let columns =
            [Column { fills: true, ..Column::text("code", 8, 0) }, names, Column::figure("n", 6, 0)];
        assert_eq!(widths(&columns, 40), [8, 22, 6]);
        assert_eq!(widths(&columns, 30), [22, 0, 6]);
    }
}
