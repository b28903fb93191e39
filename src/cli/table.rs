//! Tables as text: aligned columns, truncated to the width of a terminal, and shown in a pager if they are longer than
//! its height.
//!
//! Boundary: cells are already safe to print; nothing here is for programs, which read JSON.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use rust_decimal::Decimal;
use terminal_size::{Height, Width, terminal_size};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The space between two columns.
const GAP: usize = 2;
/// The least width to which a column of text is truncated, in terminal columns; less would be meaningless.
const CUT_WIDTH_MIN: usize = 10;
/// Columns that are never truncated, because people copy them.
const WHOLE: [&str; 3] = ["id", "sku", "code"];
/// The variables that name the pager, the first that is set takes precedence, and the default pager.
const PAGERS: [&str; 2] = ["STOCKROOM_PAGER", "PAGER"];
const PAGER: &str = "less";
/// The options of `less` unless `LESS` is set: exit if everything fits on one screen, pass colours on, do not wrap
/// lines, and leave the text on the screen.
const LESS: &str = "FRSX";

/// Prints a table, in a pager if it is too long for the terminal.
///
/// # Errors
/// If standard output cannot be written to.
pub(super) fn print(headers: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let size = io::stdout().is_terminal().then(terminal_size).flatten();
    let Some((Width(width), Height(height))) = size else {
        return write_out(&format!("{}\n", layout(headers, rows, None).join("\n")));
    };
    let mut lines = layout(headers, rows, Some(usize::from(width)));
    if env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && let Some(head) = lines.first_mut()
    {
        *head = format!("\u{1b}[1m{head}\u{1b}[0m");
    }
    let is_long = lines.len() >= usize::from(height);
    let text = format!("{}\n", lines.join("\n"));
    match pager().filter(|_| is_long) {
        Some(pager) => match page(&pager, &text) {
            // If the pager cannot be started, the table is printed without it.
            Err(_) => write_out(&text),
            Ok(()) => Ok(()),
        },
        None => write_out(&text),
    }
}

fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // The reader has closed the pipe, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// The pager set in the environment; none if that is an empty text or `cat`.
fn pager() -> Option<String> {
    let named = PAGERS.iter().find_map(|name| env::var(name).ok());
    let pager = named.unwrap_or_else(|| PAGER.to_owned());
    Some(pager.trim().to_owned()).filter(|pager| !pager.is_empty() && pager != "cat")
}

/// Shows a text in a pager, and waits until the person has left it.
fn page(pager: &str, text: &str) -> io::Result<()> {
    let mut command = Command::new("sh");
    command.args(["-c", pager]).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // The pager may be left before it has read everything.
        let _ = input.write_all(text.as_bytes());
    }
    let status = child.wait()?;
    // 126 and 127: the shell could not start it.
    match status.code() {
        Some(126 | 127) => Err(io::ErrorKind::NotFound.into()),
        _ => Ok(()),
    }
}

/// The lines of a table. Columns of numbers are aligned to the right. With a width, columns of text are truncated, the
/// widest first, until the lines fit or nothing more can be truncated.
fn layout(headers: &[&str], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let is_figure = |column: usize| {
        let mut filled = cells(column).filter(|cell| !cell.is_empty()).peekable();
        filled.peek().is_some() && filled.all(|cell| cell.parse::<Decimal>().is_ok())
    };
    let figures: Vec<bool> = (0..headers.len()).map(is_figure).collect();
    let widest = |(column, header): (usize, &&str)| {
        cells(column).map(|cell| cell.width()).chain([header.width()]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = headers.iter().enumerate().map(widest).collect();
    if let Some(width) = width {
        cut(&mut widths, headers, &figures, width);
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(widths.iter().zip(&figures))
            .map(|(cell, (width, is_figure))| {
                let cell = fitted(cell, *width);
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                if *is_figure { format!("{padding}{cell}") } else { format!("{cell}{padding}") }
            })
            .collect();
        padded.join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    let head = line(&mut headers.iter().copied());
    let rows = rows.iter().map(|row| line(&mut row.iter().map(String::as_str)));
    std::iter::once(head).chain(rows).collect()
}

/// Narrows the widest columns of text until the table fits the width.
fn cut(widths: &mut [usize], headers: &[&str], figures: &[bool], width: usize) {
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    while total(widths) > width {
        let candidates = widths.iter().enumerate().filter(|(column, width)| {
            let least = CUT_WIDTH_MIN.max(headers[*column].width());
            !figures[*column] && !WHOLE.contains(&headers[*column]) && **width > least
        });
        let Some((widest, _)) = candidates.max_by_key(|(_, width)| **width) else { return };
        widths[widest] -= 1;
    }
}

/// A cell truncated to a width.
fn fitted(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut used = 1;
    let kept = cell.chars().take_while(|character| {
        used += character.width().unwrap_or(0);
        used <= width
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn figures_stand_to_the_right() {
        let rows = rows(&[&["A", "5"], &["LONG", "12.5"]]);
        assert_eq!(
            layout(&["sku", "on hand"], &rows, None),
            ["sku   on hand", "A           5", "LONG     12.5"]
        );
    }

    #[test]
    fn text_is_cut_and_what_people_copy_is_not() {
        let long = "a name that is much too long for the terminal";
        let rows = rows(&[&["SKU-1234567890", long, "12.5"], &["B", "短い名前", "1"]]);
        let lines = layout(&["sku", "name", "on hand"], &rows, Some(40));
        assert!(lines.iter().all(|line| line.width() <= 40), "{lines:#?}");
        assert_eq!(lines[1], "SKU-1234567890  a name that is…     12.5");
        assert_eq!(lines[2], "B               短い名前               1");
        // On a terminal that is too narrow for the columns that are never truncated, lines are longer than its width.
        let narrow = layout(&["sku", "name", "on hand"], &rows, Some(10));
        assert!(narrow[1].contains("SKU-1234567890") && narrow[1].contains("12.5"), "{narrow:#?}");
    }
}
