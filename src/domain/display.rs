//! Text from outside, made safe to show: a login name of a failed connection, a statement in the log, a file, a field.
//!
//! Boundary: the one place that decides what a terminal, a JSON document or a spreadsheet must not receive as it is.

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_decimal::Decimal;

/// Whether a character could command a terminal, or change how the text around it is read. These are the controls of C0
/// and C1, the separators of lines and paragraphs, and the invisible characters of format: direction (Unicode
/// Standard Annex 9), joiners, byte order mark, annotation and tags.
#[must_use]
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// Replaces unsafe characters, except those that `keep` accepts.
fn escaped(text: &str, keep: impl Fn(char) -> bool, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let replaced = |character: char| is_unsafe(character) && !keep(character);
    if !text.chars().any(replaced) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match replaced(character) {
            true => escape(&mut safe, character),
            false => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// Writes a character as its escape, `\u{1b}`, so that it can be seen.
fn by_number(safe: &mut String, character: char) {
    // Writing to a string does not fail.
    let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
}

/// Makes a text safe to show as one line: line breaks and tabs become spaces, and other unsafe characters are escaped.
#[must_use]
pub fn safe_line(text: &str) -> Cow<'_, str> {
    escaped(
        text,
        |_| false,
        |safe, character| match character {
            '\n' | '\t' => safe.push(' '),
            '\r' => {}
            other => by_number(safe, other),
        },
    )
}

/// Makes a text safe to show, as [`safe_line`] does, but keeps its line breaks.
#[must_use]
pub fn safe_text(text: &str) -> Cow<'_, str> {
    escaped(
        text,
        |character| character == '\n',
        |safe, character| match character {
            '\t' => safe.push(' '),
            '\r' => {}
            other => by_number(safe, other),
        },
    )
}

/// A JSON document that is safe on a terminal and means the same: unsafe characters can occur only within its strings,
/// and is written there as JSON writes characters by their numbers.
#[must_use]
pub fn safe_json(document: &str) -> Cow<'_, str> {
    escaped(
        document,
        |character| character == '\n',
        |safe, character| {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        },
    )
}

/// The characters that make a spreadsheet read a field as a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A field of a CSV file that no spreadsheet reads as a formula: one that would be is given an apostrophe in front, as
/// OWASP recommends ("CSV Injection"). Numbers stay as they are.
#[must_use]
pub fn csv_field(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches('\'').chars().next();
    match first.is_some_and(|first| FORMULA.contains(&first)) && text.parse::<Decimal>().is_err() {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// Removes the apostrophe that [`csv_field`] added.
#[must_use]
pub fn from_csv_field(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if csv_field(rest) == text => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[2Jb\u{7}\u{9b}31m\u{202e}c\u{2066}\u{200b}\u{feff}\u{7f}\u{85}\u{2028}\u{e0041}é日🙂\td\r\ne";

    #[test]
    fn nothing_unsafe_is_left() {
        for safe in [safe_line(HOSTILE), safe_text(HOSTILE)] {
            assert!(!safe.chars().any(|character| is_unsafe(character) && character != '\n'), "{safe:?}");
            assert!(safe.contains("\\u{1b}[2J") && safe.contains("é日🙂"), "{safe}");
        }
        assert!(!safe_line(HOSTILE).contains('\n'));
        assert!(safe_text(HOSTILE).ends_with(" d\ne"));
        assert!(matches!(safe_line("Crème brûlée, 3 pièces"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_document_means_the_same() {
        let document = serde_json::to_string(HOSTILE).unwrap();
        let safe = safe_json(&document);
        assert!(!safe.chars().any(is_unsafe), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), HOSTILE);
    }

    #[test]
    fn fields_are_no_formulas_and_read_back() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+33 1 23", "'+33 1 23"),
            ("-2+3", "'-2+3"),
            ("\t=1", "'\t=1"),
            ("'=1", "''=1"),
            ("-2.5", "-2.5"),
            ("'tis", "'tis"),
            ("A-1", "A-1"),
            ("", ""),
        ] {
            assert_eq!(csv_field(text), written, "{text:?}");
            assert_eq!(from_csv_field(written), text, "{written:?}");
        }
    }
}
