//! Maps the fields of a profile to the columns of a file, by the names in its header.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::ImportError;
use super::records::{Fault, Record};
use super::rejects::Reject;
use crate::domain::display::from_csv_field;

/// The most columns that an error message lists.
const LISTED_MAX: usize = 40;

/// The header of a file, and the column of each field of a profile.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    names: Vec<String>,
    columns: Vec<Option<usize>>,
}

impl Layout {
    /// Finds every column that the profile names; only those of `optional` fields may be missing.
    pub(super) fn find<F: Copy + Ord>(
        header: &Record<'_>,
        wanted: &BTreeMap<F, String>,
        optional: &[F],
        slot: fn(F) -> usize,
    ) -> Result<Self, ImportError> {
        let lossy =
            |column| String::from_utf8_lossy(header.bytes(column).unwrap_or_default()).trim().to_owned();
        let names: Vec<String> = (0..header.len()).map(lossy).collect();
        let mut columns = Vec::new();
        let mut missing = Vec::new();
        for (field, name) in wanted {
            let found: Vec<usize> = (0..names.len()).filter(|column| names[*column] == *name).collect();
            if let [_, _, ..] = found[..] {
                return Err(ImportError::ColumnTwice { column: name.clone() });
            }
            if found.is_empty() && !optional.contains(field) {
                missing.push(name.clone());
            }
            let position = slot(*field);
            columns.resize(columns.len().max(position + 1), None);
            columns[position] = found.first().copied();
        }
        if !missing.is_empty() {
            let mut found = names.iter().take(LISTED_MAX).cloned().collect::<Vec<_>>().join(", ");
            if names.len() > LISTED_MAX {
                found = format!("{found} and {} more", names.len() - LISTED_MAX);
            }
            return Err(ImportError::ColumnsMissing { missing: missing.join(", "), found });
        }
        Ok(Self { names, columns })
    }

    /// The column of a field, if the file has it.
    pub(super) fn column(&self, slot: usize) -> Option<usize> {
        self.columns.get(slot).copied().flatten()
    }

    /// The name of a field's column in the file.
    pub(super) fn name(&self, slot: usize) -> &str {
        self.column(slot).map_or("", |column| self.header(column))
    }

    /// The name of a column in the file.
    pub(super) fn header(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// The rejection of the row on `line` because it is malformed.
    pub(super) fn reject_form(&self, line: u64, fault: &Fault) -> Reject {
        let (field, group) = match fault {
            Fault::TooLong { .. } => ("", "the row is too long"),
            Fault::Quote => ("", "a quote is not closed"),
            Fault::FieldCount { .. } => ("", "the number of fields differs from the header"),
            Fault::NotUtf8 { column, .. } => (self.header(*column), "a field is not UTF-8"),
        };
        Reject { line, field: field.to_owned(), group: group.into(), reason: fault.to_string() }
    }

    /// The text of a field, without spaces at either end and without the apostrophe that keeps a spreadsheet from
    /// reading it as a formula; empty if the file does not have the field.
    pub(super) fn text<'r>(&self, record: &Record<'r>, slot: usize) -> &'r str {
        self.column(slot).map_or("", |column| from_csv_field(record.text(column)))
    }
}

/// Numbers with at most this many digits fit an `i64`, which is the fast way to read nearly all of them.
const QUICK_DIGITS_MAX: u32 = 18;

/// Reads a number in plain decimal notation, which may be negative.
pub(super) fn decimal(text: &str, comma: bool) -> Option<Decimal> {
    let point = if comma { b',' } else { b'.' };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mut mantissa, mut count, mut scale): (i64, u32, Option<u32>) = (0, 0, None);
    for byte in digits.bytes() {
        if byte.is_ascii_digit() {
            count += 1;
            if count > QUICK_DIGITS_MAX {
                return long_decimal(text, comma);
            }
            mantissa = mantissa * 10 + i64::from(byte - b'0');
            scale = scale.map(|scale| scale + 1);
        } else if byte == point && scale.is_none() && count > 0 {
            scale = Some(0);
        } else {
            return None;
        }
    }
    if count == 0 || scale == Some(0) {
        return None;
    }
    Some(Decimal::new(if negative { -mantissa } else { mantissa }, scale.unwrap_or(0)))
}

fn long_decimal(text: &str, comma: bool) -> Option<Decimal> {
    let point = if comma { ',' } else { '.' };
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == point || c == '-');
    let ends = text.ends_with(point) || text.trim_start_matches('-').starts_with(point);
    if !plain || ends {
        return None;
    }
    Decimal::from_str_exact(&text.replace(point, ".")).ok()
}

/// Whether a long number such as a barcode was written by a spreadsheet as `8,02E+12`.
pub(super) fn scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once([',', '.']).unwrap_or((mantissa, "0"));
    // `23E1` may be a code; with a point or a comma before the E it cannot be.
    mantissa.contains([',', '.']) && digits(whole) && digits(fraction) && digits(exponent)
}

/// Replaces each run of spaces by one space; the result is appended to `into`.
pub(super) fn collapse_spaces(text: &str, into: &mut String) {
    into.clear();
    for word in text.split_whitespace() {
        if !into.is_empty() {
            into.push(' ');
        }
        into.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_plain_decimals_only() {
        for (text, comma, known) in [
            ("12", false, "12"),
            ("-2.50", false, "-2.50"),
            ("2,5", true, "2.5"),
            ("-11062.06", false, "-11062.06"),
            ("1234567890123456789.25", false, "1234567890123456789.25"),
        ] {
            assert_eq!(decimal(text, comma).unwrap().to_string(), known);
        }
        for bad in
            ["", "-", "1e3", "1_0", ".5", "5.", "1.2.3", "+1", "2,5", "NaN", "1234567890123456789_1", "--1"]
        {
            assert!(decimal(bad, false).is_none(), "{bad}");
        }
    }

    #[test]
    fn knows_what_a_spreadsheet_does_to_barcodes() {
        assert!(scientific("8,02E+12") && scientific("8.02E+12"));
        assert!(
            !scientific("23E1") && !scientific("8076809570787") && !scientific("E") && !scientific("1.2E")
        );
    }

    #[test]
    fn spaces_collapse() {
        let mut into = String::new();
        collapse_spaces("  SET 2  TEA\u{a0} TOWELS ", &mut into);
        assert_eq!(into, "SET 2 TEA TOWELS");
    }
}
