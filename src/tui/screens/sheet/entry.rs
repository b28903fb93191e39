//! Distinguishes a typed quantity from a scanned code, since a scanner types like a person.
//!
//! Boundary: values only.

use rust_decimal::Decimal;

use crate::domain::Barcode;
use crate::domain::entry::{self, DecimalMark, EntryError};

/// From this number of digits on, a number typed into the count may be a code, and the database is queried. Shorter
/// numbers are quantities: most counts are below a thousand.
const CODE_DIGITS_MIN: usize = 4;
/// Characters that occur in arithmetic but in no code.
const SUM_SIGNS: [char; 5] = ['*', '(', ')', '×', ' '];

/// The meaning of a text in the column of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    Figure(Decimal),
    Code,
    /// A code if the database knows it, otherwise this quantity.
    Either(Decimal),
    Fault(EntryError),
}

/// Determines the meaning of a text in the column of counts, for a line with a unit. `known` tells the codes of the
/// sheet.
#[must_use]
pub fn typed(text: &str, unit: &str, mark: DecimalMark, known: impl Fn(&str) -> bool) -> Typed {
    let barcode = text.parse::<Barcode>();
    if known(text) || barcode.as_ref().is_ok_and(Barcode::has_gtin_check_digit) {
        return Typed::Code;
    }
    match entry::quantity_in(text, unit, mark) {
        Ok(figure) if is_surely_figure(text) => Typed::Figure(figure),
        Ok(figure) => Typed::Either(figure),
        Err(error) if barcode.is_err() || text.contains(SUM_SIGNS) => Typed::Fault(error),
        Err(_) => Typed::Code,
    }
}

fn is_surely_figure(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    text.contains(SUM_SIGNS) || (digits(whole) && digits(fraction) && whole.len() < CODE_DIGITS_MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Typed {
        typed(text, "pcs", DecimalMark::Point, |code| code == "12" || code == "71053")
    }

    #[test]
    fn figures_and_codes_are_told_apart() {
        let figure = |text: &str| Typed::Figure(text.parse().unwrap());
        let either = |text: &str| Typed::Either(text.parse().unwrap());
        for (text, expected) in [
            ("0", figure("0")),
            ("999", figure("999")),
            ("2.5", figure("2.5")),
            ("3*12", figure("36")),
            ("3 x 12", figure("36")),
            ("12 pcs", figure("12")),
            (".5", figure("0.5")),
            ("(10+2)*1000", figure("12000")),
            // A short label of a location could be arithmetic, and a number could be a SKU.
            ("12-4", either("8")),
            ("3x12", either("36")),
            ("1200", either("1200")),
            ("5012345678901", Typed::Code),
            ("4006381333931", Typed::Code),
            ("96385074", Typed::Code),
            ("71053", Typed::Code),
            ("12", Typed::Code),
            ("A-01-02", Typed::Code),
            ("85123A", Typed::Code),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        for text in ["3*", "2 3", "(2", "1 / 3"] {
            assert!(matches!(of(text), Typed::Fault(_)), "{text}");
        }
        assert_eq!(typed("2,5", "kg", DecimalMark::Comma, |_| false), figure("2.5"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = of(&text);
        }
    }
}
