//! Pasted rows, as a spreadsheet copies them: each with a code, a tab and a quantity.

use super::FormScreen;
use super::post::Phase;
use crate::domain::LINES_MAX;
use crate::domain::entry::{DecimalMark, quantity};
use crate::tui::view::Context;

impl FormScreen {
    /// Takes the rows as scans, if the text consists of rows and the form is ready for scans. A row that cannot be read
    /// becomes a line with the reason.
    pub(super) fn take_rows(&mut self, text: &str, context: &mut Context<'_>) -> bool {
        let ready = self.phase == Phase::Editing && self.awaits_scan() && self.typing_ahead().is_none();
        if !ready || !text.contains('\t') {
            return false;
        }
        let mark = context.words.mark;
        for row in text.lines().filter(|row| !row.trim().is_empty()).take(LINES_MAX) {
            self.scanned(&scan_of(row, mark), context);
        }
        true
    }
}

/// A row as it would be typed: `12*CODE`.
pub(in crate::tui::screens) fn scan_of(row: &str, mark: DecimalMark) -> String {
    let mut cells = row.split('\t').map(str::trim);
    let (code, number) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
    match quantity(number, mark) {
        Ok(_) if !code.is_empty() => format!("{number}*{code}"),
        _ => format!("{code} {number}").trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_a_quantity_of_a_code() {
        for (row, scan) in [
            ("71053\t12", "12*71053"),
            (" 85123A \t 2.5 \tWhite metal lantern", "2.5*85123A"),
            ("71053", "71053"),
            ("SKU\tQuantity", "SKU Quantity"),
            ("71053\t1,200", "71053 1,200"),
            ("\t12", "12"),
        ] {
            assert_eq!(scan_of(row, DecimalMark::Point), scan, "{row:?}");
        }
    }
}
