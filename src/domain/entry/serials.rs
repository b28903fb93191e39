//! Serial numbers as people type them: a list that may contain ranges.

use std::collections::HashMap;
use std::ops::Range;

use super::super::{LINES_MAX, LotCode};
use super::{EntryError, EntryFault};

/// The most digits of a number that can be counted up; a `u128` holds as many.
const DIGITS_MAX: usize = 38;

/// Reads serial numbers, in the order in which they are written.
///
/// Items are separated by commas, semicolons, spaces or line breaks. An item is one of:
///
/// - `SN0010-0015` or `SN0010-SN0015`: all from the first to the last. The prefix before the digits may be repeated, in
///   any case. Either both numbers have the same number of digits, or they have no leading zeros and the prefix is
///   repeated (`9-12`, `SN9-SN12`); anything else that looks like a range (`SN0010-15`, `A1-12`) is ambiguous and
///   refused.
/// - `20+3`: this one and the next three. Leading zeros are kept, and the number may grow longer.
/// - `"10-15"`: exactly the text between the quotes, spaces included; two quotes stand for one.
/// - anything else: exactly that text, including a dash or plus without digits before it (`AB-12`) and a dash that is
///   not followed by a number (`12-B`). A sign at the very beginning or end is refused.
///
/// # Errors
/// [`EntryError`] with the place and the figures: for text that cannot be read, for more than [`LINES_MAX`] serial
/// numbers, and for one that is named twice. No text makes it panic.
pub fn serials(text: &str) -> Result<Vec<LotCode>, EntryError> {
    let mut found = Found::default();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| !is_separator(c)) {
        let start = at + start;
        at = if text[start..].starts_with('"') {
            let (code, end) = quoted(text, start)?;
            found.add(&code, start..end)?;
            end
        } else {
            let end = text[start..].find(is_separator).map_or(text.len(), |end| start + end);
            found.item(&text[start..end], start..end)?;
            end
        };
    }
    if found.codes.is_empty() {
        return Err(EntryError::new(0..text.len(), EntryFault::Empty));
    }
    Ok(found.codes)
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | ';')
}

/// The text of a quoted item, and where it ends.
fn quoted(text: &str, start: usize) -> Result<(String, usize), EntryError> {
    let mut code = String::new();
    let mut at = start + 1;
    loop {
        let Some(part) = text[at..].find('"') else {
            return Err(EntryError::new(start..text.len(), EntryFault::QuoteNotClosed));
        };
        code.push_str(&text[at..at + part]);
        at += part + 1;
        if !text[at..].starts_with('"') {
            break;
        }
        code.push('"');
        at += 1;
    }
    match text[at..].chars().next() {
        Some(next) if !is_separator(next) => {
            Err(EntryError::new(at..at + next.len_utf8(), EntryFault::SeparatorMissing))
        }
        _ => Ok((code, at)),
    }
}

/// A code split into its last digits and what precedes them.
#[derive(Clone, Copy)]
struct Numbered<'text> {
    prefix: &'text str,
    digits: &'text str,
}

impl<'text> Numbered<'text> {
    /// Splits a code; none if it does not end in a digit.
    fn of(code: &'text str) -> Option<Self> {
        let prefix = code.trim_end_matches(|c: char| c.is_ascii_digit());
        Some(Self { prefix, digits: &code[prefix.len()..] }).filter(|numbered| !numbered.digits.is_empty())
    }

    fn number(self, place: &Range<usize>) -> Result<u128, EntryError> {
        let digits = self.digits.len();
        self.digits.parse().ok().filter(|_| digits <= DIGITS_MAX).ok_or_else(|| {
            EntryError::new(place.clone(), EntryFault::NumberTooLong { digits, digits_max: DIGITS_MAX })
        })
    }

    fn begins_with_zero(self) -> bool {
        self.digits.len() > 1 && self.digits.starts_with('0')
    }

    /// The code with another number, padded to the same width.
    fn with(self, number: u128) -> String {
        format!("{}{number:0width$}", self.prefix, width = self.digits.len())
    }
}

/// The two ends of a range.
struct Ends<'text> {
    first: Numbered<'text>,
    /// The digits of the last one.
    last: &'text str,
    /// Whether the prefix is written at both ends, or there is none.
    in_full: bool,
}

/// The ends of the range, if the item looks like one.
fn ends(item: &str) -> Option<Ends<'_>> {
    item.match_indices('-').find_map(|(dash, _)| {
        let first = Numbered::of(&item[..dash])?;
        let right = &item[dash + 1..];
        let repeated = right
            .get(..first.prefix.len())
            .filter(|prefix| prefix.eq_ignore_ascii_case(first.prefix))
            .map(|prefix| &right[prefix.len()..]);
        let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match repeated.filter(is_number) {
            Some(last) => Some(Ends { first, last, in_full: true }),
            None => Some(right).filter(is_number).map(|last| Ends { first, last, in_full: false }),
        }
    })
}

/// The serial numbers read so far.
#[derive(Default)]
struct Found {
    codes: Vec<LotCode>,
    places: HashMap<LotCode, Range<usize>>,
}

impl Found {
    fn item(&mut self, item: &str, place: Range<usize>) -> Result<(), EntryError> {
        if item.starts_with(['-', '+']) {
            return Err(EntryError::new(place.start..place.start + 1, EntryFault::SignAlone));
        }
        if item.ends_with(['-', '+']) {
            return Err(EntryError::new(place.end - 1..place.end, EntryFault::SignAlone));
        }
        let counted = item.rsplit_once('+').and_then(|(code, more)| {
            let more = Numbered::of(more).filter(|more| more.prefix.is_empty())?;
            Some((Numbered::of(code)?, more))
        });
        if let Some((first, more)) = counted {
            let (begin, more) = (first.number(&place)?, more.number(&place)?);
            return self.add_all(first, begin, more, &place);
        }
        match ends(item) {
            Some(ends) => self.range(&ends, &place),
            None => self.add(item, place),
        }
    }

    fn range(&mut self, ends: &Ends<'_>, place: &Range<usize>) -> Result<(), EntryError> {
        let last = Numbered { digits: ends.last, ..ends.first };
        let written = |numbered: Numbered<'_>| format!("{}{}", numbered.prefix, numbered.digits);
        let natural = !ends.first.begins_with_zero() && !last.begins_with_zero();
        let same_width = ends.first.digits.len() == last.digits.len();
        let clear = same_width || (natural && ends.in_full);
        if !clear {
            let (first, last) = (written(ends.first), ends.last.to_owned());
            return Err(EntryError::new(place.clone(), EntryFault::RangeUnclear { first, last }));
        }
        let (begin, end) = (ends.first.number(place)?, last.number(place)?);
        let Some(more) = end.checked_sub(begin) else {
            let (first, last) = (written(ends.first), written(last));
            return Err(EntryError::new(place.clone(), EntryFault::RangeBackwards { first, last }));
        };
        self.add_all(ends.first, begin, more, place)
    }

    /// Adds a code and a number of codes that follow it. The number is checked before they are made.
    fn add_all(
        &mut self,
        first: Numbered<'_>,
        begin: u128,
        more: u128,
        place: &Range<usize>,
    ) -> Result<(), EntryError> {
        if more >= u128::try_from(LINES_MAX - self.codes.len()).unwrap_or(0) {
            return Err(EntryError::new(place.clone(), EntryFault::TooMany { count_max: LINES_MAX }));
        }
        // A number of at most thirty-eight digits and a few thousand more fit the type.
        (begin..=begin.saturating_add(more))
            .try_for_each(|number| self.add(&first.with(number), place.clone()))
    }

    fn add(&mut self, code: &str, place: Range<usize>) -> Result<(), EntryError> {
        if self.codes.len() == LINES_MAX {
            return Err(EntryError::new(place, EntryFault::TooMany { count_max: LINES_MAX }));
        }
        let code: LotCode =
            code.parse().map_err(|error| EntryError::new(place.clone(), EntryFault::Code(error)))?;
        if let Some(first) = self.places.get(&code) {
            let fault = EntryFault::Duplicate { code, first: first.clone() };
            return Err(EntryError::new(place, fault));
        }
        self.places.insert(code.clone(), place);
        self.codes.push(code);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        serials(text).unwrap().iter().map(LotCode::as_str).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn reads_lists_ranges_and_counts() {
        for (text, expected) in [
            ("SN1", "SN1"),
            ("10, 14, 20+3", "10 | 14 | 20 | 21 | 22 | 23"),
            ("1 3-5;9+2\n12", "1 | 3 | 4 | 5 | 9 | 10 | 11 | 12"),
            ("SN0010-0012", "SN0010 | SN0011 | SN0012"),
            ("SN0010-SN0012", "SN0010 | SN0011 | SN0012"),
            ("SN0010-sn0012", "SN0010 | SN0011 | SN0012"),
            ("SN-0010-0012", "SN-0010 | SN-0011 | SN-0012"),
            ("SN-0010-SN-0012", "SN-0010 | SN-0011 | SN-0012"),
            ("9-12", "9 | 10 | 11 | 12"),
            ("SN9-SN11", "SN9 | SN10 | SN11"),
            ("7-7", "7"),
            ("SN0099+2", "SN0099 | SN0100 | SN0101"),
            ("99+1", "99 | 100"),
            ("20+0", "20"),
            ("AB-12", "AB-12"),
            ("12-B", "12-B"),
            ("A1-B2", "A1-B2"),
            ("X+3", "X+3"),
            ("É7-É9", "É7 | É8 | É9"),
            ("\"10-15\", 3", "10-15 | 3"),
            ("\"Lot 7\" \"a\"\"b\"", "Lot 7 | a\"b"),
            ("  ,; 4 ,", "4"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_at_the_place() {
        use EntryFault as F;
        let unclear = |first: &str, last: &str| F::RangeUnclear { first: first.into(), last: last.into() };
        let backwards =
            |first: &str, last: &str| F::RangeBackwards { first: first.into(), last: last.into() };
        for (text, place, fault) in [
            ("", 0..0, F::Empty),
            (" , ", 0..3, F::Empty),
            ("1 - 3", 2..3, F::SignAlone),
            ("1, -3", 3..4, F::SignAlone),
            ("20+", 2..3, F::SignAlone),
            ("1 SN0010-15", 2..11, unclear("SN0010", "15")),
            ("A1-12", 0..5, unclear("A1", "12")),
            ("2027-01", 0..7, unclear("2027", "01")),
            ("SN0015-0010", 0..11, backwards("SN0015", "SN0010")),
            ("12-9", 0..4, backwards("12", "9")),
            ("1, \"2", 3..5, F::QuoteNotClosed),
            ("\"1\"2", 3..4, F::SeparatorMissing),
            ("\"\"", 0..2, F::Code("".parse::<LotCode>().unwrap_err())),
            ("5, 3-6", 3..6, F::Duplicate { code: "5".parse().unwrap(), first: 0..1 }),
            ("1-5000 9000", 7..11, F::TooMany { count_max: LINES_MAX }),
            ("1-5001", 0..6, F::TooMany { count_max: LINES_MAX }),
            ("7 1+5000", 2..8, F::TooMany { count_max: LINES_MAX }),
        ] {
            assert_eq!(serials(text), Err(EntryError::new(place, fault)), "{text}");
        }
        assert_eq!(serials("1-5000").unwrap().len(), LINES_MAX);
    }

    #[test]
    fn long_numbers_have_an_end() {
        let nines = "9".repeat(DIGITS_MAX);
        assert_eq!(read(&format!("{nines}+1")), format!("{nines} | 1{}", "0".repeat(DIGITS_MAX)));
        let error = serials(&format!("A{nines}9+1")).unwrap_err();
        assert_eq!(error.fault, EntryFault::NumberTooLong { digits: 39, digits_max: 38 });
        assert!(serials(&format!("1+{nines}")).is_err());
        assert!(serials(&format!("0-{nines}")).is_err());
        let long = serials(&"7".repeat(61)).unwrap_err();
        assert!(matches!(long.fault, EntryFault::Code(_)), "{long:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_places_can_be_sliced(text in "\\PC{0,40}|[-+0-9AB\", é]{0,40}") {
            match serials(&text) {
                Ok(codes) => {
                    let distinct: std::collections::HashSet<_> = codes.iter().collect();
                    prop_assert!(!codes.is_empty() && codes.len() <= LINES_MAX);
                    prop_assert_eq!(distinct.len(), codes.len());
                }
                Err(error) => prop_assert!(text.get(error.place.clone()).is_some(), "{error:?}"),
            }
        }

        #[test]
        fn a_quoted_code_is_taken_as_it_stands(code in "[ -~é]{1,60}") {
            if let Ok(expected) = code.parse::<LotCode>() {
                let text = format!("\"{}\"", code.replace('"', "\"\""));
                prop_assert_eq!(serials(&text), Ok(vec![expected]));
            }
        }

        #[test]
        fn a_range_has_every_number_and_keeps_the_width(first in 0..9_000_u32, more in 0..900_u32) {
            let codes = serials(&format!("SN{first:05}-{:05}", first + more)).unwrap();
            let expected: Vec<String> = (first..=first + more).map(|number| format!("SN{number:05}")).collect();
            prop_assert_eq!(codes.iter().map(LotCode::as_str).collect::<Vec<_>>(), expected);
        }
    }
}
