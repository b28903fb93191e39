//! A number before a code, such as `12*71053`: that many times what the code stands for.

use rust_decimal::Decimal;

use super::{DecimalMark, quantity};

/// Reads a number, `*` or `x`, and a code. How many decimal places the number may have depends on the product, which is
/// not known yet.
#[must_use]
pub fn multiple(text: &str, mark: DecimalMark) -> Option<(Decimal, &str)> {
    let (number, code) = text.split_once(['*', 'x', 'X', '×'])?;
    let (number, code) = (number.trim(), code.trim());
    let plain = number.chars().all(|character| character.is_ascii_digit() || matches!(character, '.' | ','));
    if !plain || code.is_empty() {
        return None;
    }
    let number = quantity(number, mark).ok()?;
    (number > Decimal::ZERO).then_some((number, code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_before_a_code_multiplies_it() {
        let read = |text| multiple(text, DecimalMark::Point).map(|(n, code)| (n.to_string(), code));
        assert_eq!(read("12*71053"), Some(("12".to_owned(), "71053")));
        assert_eq!(read("3x 85123A"), Some(("3".to_owned(), "85123A")));
        assert_eq!(read("3x A-1"), Some(("3".to_owned(), "A-1")));
        assert_eq!(read("2.5 × W1"), Some(("2.5".to_owned(), "W1")));
        for text in ["71053", "*71053", "12*", "0*A", "A*B", "1,2*A", "x12", "1+1*A", "-2*7", ""] {
            assert_eq!(read(text), None, "{text}");
        }
        let french = multiple("2,5*W1", DecimalMark::Comma);
        assert_eq!(french, Some((Decimal::new(25, 1), "W1")));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = multiple(&text, DecimalMark::Point);
        }
    }
}
