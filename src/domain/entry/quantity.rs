//! Quantities as people type them: an exact decimal, or arithmetic to be evaluated.

use std::ops::Range;

use rust_decimal::Decimal;

use super::super::Quantity;
use super::{DecimalMark, EntryError, EntryFault};

/// The longest entry, in characters. Arithmetic that can be checked by eye is shorter.
const LENGTH_MAX: usize = 120;
/// How deeply brackets may be nested; it also bounds the recursion of the parser.
const DEPTH_MAX: usize = 16;
/// Calculations are in thousandths, the smallest unit that the ledger keeps.
const THOUSAND: i128 = 1_000;

/// Reads a quantity: digits with at most one decimal mark, or arithmetic with `+ - * / ( )`, where `x` and `×` also
/// multiply. Multiplication and division bind more tightly than addition and subtraction.
///
/// Every step is exact. Each number and each intermediate result has at most three decimal places and is not larger
/// than the ledger can hold; a division whose result needs more places is refused. The result may be zero or negative,
/// which [`Quantity::new`] checks.
///
/// # Errors
/// [`EntryError`] with the place and the figures; no text makes it panic.
pub fn quantity(text: &str, decimal: DecimalMark) -> Result<Decimal, EntryError> {
    let length = text.chars().count();
    if length > LENGTH_MAX {
        let fault = EntryFault::TooLong { length, length_max: LENGTH_MAX };
        return Err(EntryError::new(0..text.len(), fault));
    }
    let mut sum = Sum { text, decimal, at: 0, depth: 0 };
    if sum.peek().is_none() {
        return Err(EntryError::new(0..text.len(), EntryFault::Empty));
    }
    let value = sum.terms()?;
    match sum.peek() {
        None => Ok(decimal_of(value.thousandths)),
        Some(')') => Err(sum.fault_here(EntryFault::BracketNotOpened)),
        Some(character) if starts_operand(character) => Err(sum.fault_here(EntryFault::OperationMissing)),
        Some(found) => Err(sum.fault_here(EntryFault::Character { found })),
    }
}

/// Reads a quantity that may be followed by the unit of the product, as in `2.5 kg`.
///
/// # Errors
/// As for [`quantity`]; [`EntryFault::UnitDiffers`] if another unit follows.
pub fn quantity_in(text: &str, unit: &str, decimal: DecimalMark) -> Result<Decimal, EntryError> {
    let typed = text.trim_end();
    let letters = typed.chars().rev().take_while(|character| character.is_alphabetic()).count();
    let last = |count: usize| typed.char_indices().rev().nth(count.checked_sub(1)?).map(|(at, _)| at);
    if let Some(at) = last(unit.chars().count())
        && typed[at..].to_lowercase() == unit.to_lowercase()
    {
        return quantity(&typed[..at], decimal);
    }
    match last(letters) {
        // Unfinished arithmetic, such as `3 x`, has an error of its own, and so has a text that is not a quantity.
        Some(at)
            if typed[..at].contains(|found: char| found.is_ascii_digit())
                && !typed[at..].eq_ignore_ascii_case("x") =>
        {
            let fault = EntryFault::UnitDiffers { found: typed[at..].to_owned(), unit: unit.to_owned() };
            Err(EntryError::new(at..typed.len(), fault))
        }
        _ => quantity(text, decimal),
    }
}

/// An intermediate result, and the part of the text that it comes from.
struct Value {
    thousandths: i64,
    place: Range<usize>,
}

/// The text, and how far it has been read.
struct Sum<'text> {
    text: &'text str,
    decimal: DecimalMark,
    at: usize,
    depth: usize,
}

fn starts_operand(character: char) -> bool {
    character.is_ascii_digit() || matches!(character, '(' | '.' | ',')
}

fn is_times(character: char) -> bool {
    matches!(character, '*' | 'x' | 'X' | '×')
}

/// A number of thousandths as a decimal. Within the limits of the ledger nothing is rounded.
fn decimal_of(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, Quantity::DECIMALS_MAX).normalize()
}

/// The value, if the ledger can hold it.
fn within_limits(thousandths: i128, place: &Range<usize>) -> Result<i64, EntryError> {
    let value_max = Quantity::largest();
    i64::try_from(thousandths)
        .ok()
        .filter(|value| i128::from(*value).abs() <= value_max.mantissa())
        .ok_or_else(|| EntryError::new(place.clone(), EntryFault::TooLarge { value_max }))
}

impl Sum<'_> {
    /// The next character that is not a space, without consuming it.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    /// The error at the next character, or at the end of the text.
    fn fault_here(&mut self, fault: EntryFault) -> EntryError {
        let length = self.peek().map_or(0, char::len_utf8);
        EntryError::new(self.at..self.at + length, fault)
    }

    fn terms(&mut self) -> Result<Value, EntryError> {
        let mut value = self.factors()?;
        while let Some(sign @ ('+' | '-')) = self.peek() {
            self.at += sign.len_utf8();
            let right = self.factors()?;
            let place = value.place.start..right.place.end;
            let (a, b) = (i128::from(value.thousandths), i128::from(right.thousandths));
            let thousandths = within_limits(if sign == '+' { a + b } else { a - b }, &place)?;
            value = Value { thousandths, place };
        }
        Ok(value)
    }

    fn factors(&mut self) -> Result<Value, EntryError> {
        let mut value = self.operand()?;
        while let Some(sign) = self.peek().filter(|sign| is_times(*sign) || *sign == '/') {
            self.at += sign.len_utf8();
            let right = self.operand()?;
            value = if sign == '/' { divide(&value, &right)? } else { multiply(&value, &right)? };
        }
        Ok(value)
    }

    fn operand(&mut self) -> Result<Value, EntryError> {
        match self.peek() {
            Some('(') => self.bracket(),
            Some(character) if starts_operand(character) => self.number(),
            Some(character) if is_times(character) || matches!(character, '+' | '-' | '/' | ')') => {
                Err(self.fault_here(EntryFault::NumberMissing))
            }
            Some(found) => Err(self.fault_here(EntryFault::Character { found })),
            None => Err(self.fault_here(EntryFault::NumberMissing)),
        }
    }

    fn bracket(&mut self) -> Result<Value, EntryError> {
        let opened = self.at;
        if self.depth == DEPTH_MAX {
            return Err(self.fault_here(EntryFault::TooDeep { depth_max: DEPTH_MAX }));
        }
        self.at += 1;
        self.depth += 1;
        let value = self.terms()?;
        match self.peek() {
            Some(')') => self.at += 1,
            Some(character) if starts_operand(character) => {
                return Err(self.fault_here(EntryFault::OperationMissing));
            }
            Some(found) => return Err(self.fault_here(EntryFault::Character { found })),
            None => return Err(EntryError::new(opened..opened + 1, EntryFault::BracketNotClosed)),
        }
        self.depth -= 1;
        Ok(Value { thousandths: value.thousandths, place: opened..self.at })
    }

    /// Reads digits with at most one decimal mark. A second mark is read as part of the number, so that the error can
    /// name it.
    fn number(&mut self) -> Result<Value, EntryError> {
        let start = self.at;
        let word = &self.text[start..];
        let word =
            word.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').map_or(word, |end| &word[..end]);
        let place = start..start + word.len();
        self.at = place.end;
        let comma = word.find(',').filter(|_| !self.decimal.takes_comma(word));
        if let Some(comma) = comma {
            let (joined, decimal) = (word.replace(',', ""), word.replacen(',', ".", 1).replace(',', ""));
            let fault = EntryFault::CommaUnclear { joined, decimal };
            return Err(EntryError::new(start + comma..start + comma + 1, fault));
        }
        let (whole, fraction) = word.split_once(['.', ',']).unwrap_or((word, "0"));
        if let Some(second) = fraction.find(['.', ',']) {
            let second = start + whole.len() + 1 + second;
            return Err(EntryError::new(second..second + 1, EntryFault::TwoMarks));
        }
        if fraction.is_empty() {
            return Err(EntryError::new(place, EntryFault::DigitMissing));
        }
        let fraction = fraction.trim_end_matches('0');
        // The text is short, so its length fits any integer.
        let decimals = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        if decimals > Quantity::DECIMALS_MAX {
            let fault = EntryFault::TooPrecise { decimals, decimals_max: Quantity::DECIMALS_MAX };
            return Err(EntryError::new(place, fault));
        }
        let digits = whole.chars().chain(fraction.chars().chain("000".chars()).take(3));
        let thousandths = digits.fold(0_i128, |value, digit| {
            // Saturates far above the largest quantity, where the check below refuses it.
            value.saturating_mul(10).saturating_add(digit.to_digit(10).map_or(0, i128::from))
        });
        Ok(Value { thousandths: within_limits(thousandths, &place)?, place })
    }
}

fn multiply(left: &Value, right: &Value) -> Result<Value, EntryError> {
    let place = left.place.start..right.place.end;
    // Both are below 10^14, so the product is far from the end of the type.
    let millionths = i128::from(left.thousandths) * i128::from(right.thousandths);
    let value = within_limits(millionths / THOUSAND, &place)?;
    if millionths % THOUSAND != 0 {
        let (left, right) = (decimal_of(left.thousandths), decimal_of(right.thousandths));
        let fault = EntryFault::ProductTooPrecise {
            left,
            right,
            product: (left * right).normalize(),
            decimals_max: Quantity::DECIMALS_MAX,
        };
        return Err(EntryError::new(place, fault));
    }
    Ok(Value { thousandths: value, place })
}

fn divide(left: &Value, right: &Value) -> Result<Value, EntryError> {
    let place = left.place.start..right.place.end;
    let (dividend, divisor) = (decimal_of(left.thousandths), decimal_of(right.thousandths));
    if right.thousandths == 0 {
        return Err(EntryError::new(place, EntryFault::DividedByZero { dividend }));
    }
    let (scaled, by) = (i128::from(left.thousandths) * THOUSAND, i128::from(right.thousandths));
    let thousandths = within_limits(scaled / by, &place)?;
    if scaled % by != 0 {
        let quotient = decimal_of(thousandths);
        return Err(EntryError::new(place, EntryFault::NotExact { dividend, divisor, quotient }));
    }
    Ok(Value { thousandths, place })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(text: &str) -> Result<Decimal, EntryError> {
        quantity(text, DecimalMark::Point)
    }

    #[test]
    fn reads_numbers_and_sums() {
        for (text, value) in [
            ("12", "12"),
            (" 2.500 ", "2.5"),
            ("3*12", "36"),
            ("3x12", "36"),
            ("3 X 12 + 2×2", "40"),
            ("2+3*4", "14"),
            ("(2+3)*4", "20"),
            ("10/4", "2.5"),
            ("10-2-3", "5"),
            ("64/8/2", "4"),
            ("3-5", "-2"),
            ("3-5+4", "2"),
            ("0", "0"),
            ("007", "7"),
            ("1.0000", "1"),
            ("99999999999.999", "99999999999.999"),
            ("0.1+0.2", "0.3"),
            (".5", "0.5"),
            ("3*.5", "1.5"),
        ] {
            assert_eq!(point(text).unwrap().to_string(), value, "{text}");
        }
    }

    #[test]
    fn the_comma_is_a_mark_only_where_it_is_one() {
        assert_eq!(quantity("2,5", DecimalMark::Comma).unwrap().to_string(), "2.5");
        assert_eq!(quantity("2.5", DecimalMark::Comma).unwrap().to_string(), "2.5");
        assert_eq!(quantity("1,5x2", DecimalMark::Comma).unwrap().to_string(), "3");
        for (text, joined, decimal) in [("1,200", "1200", "1.200"), ("1,25", "125", "1.25")] {
            let fault = EntryFault::CommaUnclear { joined: joined.to_owned(), decimal: decimal.to_owned() };
            assert_eq!(point(text).unwrap_err(), EntryError::new(1..2, fault));
        }
        assert_eq!(quantity("1,25", DecimalMark::Comma).unwrap().to_string(), "1.25");
        let either = |text| quantity(text, DecimalMark::Either);
        for (text, value) in
            [("1,25", "1.25"), ("1.25", "1.25"), (",5", "0.5"), (".5", "0.5"), ("0,500", "0.5")]
        {
            assert_eq!(either(text).unwrap().to_string(), value, "{text}");
        }
        let fault = EntryFault::CommaUnclear { joined: "1250".to_owned(), decimal: "1.250".to_owned() };
        assert_eq!(either("1,250").unwrap_err(), EntryError::new(1..2, fault));
        let both = quantity("1.234,5", DecimalMark::Comma).unwrap_err();
        assert_eq!(both, EntryError::new(5..6, EntryFault::TwoMarks));
    }

    #[test]
    fn the_unit_of_the_product_may_follow() {
        let read = |text, unit| quantity_in(text, unit, DecimalMark::Point).map(|value| value.to_string());
        for (text, unit, value) in [
            ("2.5 kg", "kg", "2.5"),
            ("2.5KG ", "kg", "2.5"),
            ("3*12 Stück", "stück", "36"),
            ("4 m²", "m²", "4"),
            ("7", "kg", "7"),
            ("3x12", "kg", "36"),
            ("5", "", "5"),
        ] {
            assert_eq!(read(text, unit), Ok(value.to_owned()), "{text}");
        }
        let other = EntryFault::UnitDiffers { found: "g".to_owned(), unit: "kg".to_owned() };
        assert_eq!(read("500 g", "kg"), Err(EntryError::new(4..5, other)));
        assert_eq!(read("3 x", "kg").unwrap_err().fault, EntryFault::NumberMissing);
        assert_eq!(read("kg", "kg").unwrap_err().fault, EntryFault::Empty);
        assert_eq!(read("abc", "kg").unwrap_err().fault, EntryFault::Character { found: 'a' });
    }

    #[test]
    fn refuses_at_the_place() {
        use EntryFault as F;
        for (text, place, fault) in [
            ("", 0..0, F::Empty),
            ("  ", 0..2, F::Empty),
            ("3*", 2..2, F::NumberMissing),
            ("-5", 0..1, F::NumberMissing),
            ("3 * * 4", 4..5, F::NumberMissing),
            ("()", 1..2, F::NumberMissing),
            ("1 000", 2..3, F::OperationMissing),
            ("2(3)", 1..2, F::OperationMissing),
            ("(2 3)", 3..4, F::OperationMissing),
            ("(2+3", 0..1, F::BracketNotClosed),
            ("2+3)", 3..4, F::BracketNotOpened),
            ("1e3", 1..2, F::Character { found: 'e' }),
            ("é", 0..2, F::Character { found: 'é' }),
            ("(1é)", 2..4, F::Character { found: 'é' }),
            (".", 0..1, F::DigitMissing),
            ("1+5.", 2..4, F::DigitMissing),
            ("1.2.3", 3..4, F::TwoMarks),
            ("2+0.0001", 2..8, F::TooPrecise { decimals: 4, decimals_max: 3 }),
            ("100000000000", 0..12, F::TooLarge { value_max: Quantity::largest() }),
            ("1+99999999999.999", 0..17, F::TooLarge { value_max: Quantity::largest() }),
            ("5/(2-2)", 0..7, F::DividedByZero { dividend: Decimal::from(5) }),
        ] {
            assert_eq!(point(text), Err(EntryError::new(place, fault)), "{text}");
        }
    }

    #[test]
    fn what_does_not_come_out_is_refused_with_the_figures() {
        let error = point("2+10/3").unwrap_err();
        assert_eq!(error.place, 2..6);
        assert_eq!(error.to_string(), "10 / 3 is not exact: it is about 3.333");
        let error = point("0.125*0.5").unwrap_err();
        assert_eq!(error.to_string(), "0.125 * 0.5 is 0.0625, which has more than 3 decimal places");
    }

    #[test]
    fn length_and_depth_have_an_end() {
        let deep = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(point(&deep(DEPTH_MAX)).unwrap(), Decimal::ONE);
        let error = point(&deep(DEPTH_MAX + 1)).unwrap_err();
        assert_eq!(error, EntryError::new(16..17, EntryFault::TooDeep { depth_max: DEPTH_MAX }));
        assert!(point(&format!("{}1", "0".repeat(LENGTH_MAX - 1))).is_ok());
        let error = point(&"1".repeat(LENGTH_MAX + 1)).unwrap_err();
        assert_eq!(error.fault, EntryFault::TooLong { length: 121, length_max: 120 });
        let longest = point(&"9".repeat(LENGTH_MAX)).unwrap_err();
        assert!(matches!(longest.fault, EntryFault::TooLarge { .. }), "{longest:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_places_can_be_sliced(text in "\\PC{0,40}|[-0-9.,x*/+() é]{0,60}") {
            for mark in [DecimalMark::Point, DecimalMark::Comma, DecimalMark::Either] {
                if let Err(error) = quantity_in(&text, "kg", mark) {
                    prop_assert!(text.get(error.place.clone()).is_some(), "{error:?}");
                }
                match quantity(&text, mark) {
                    Ok(value) => prop_assert!(value.scale() <= 3 && value.abs() <= Quantity::largest()),
                    Err(error) => prop_assert!(text.get(error.place.clone()).is_some(), "{error:?}"),
                }
            }
        }

        #[test]
        fn agrees_with_exact_arithmetic(a in 0..100_000_i64, b in 0..100_000_i64, c in 1..1_000_i64) {
            let (x, y, z) = (Decimal::new(a, 2), Decimal::new(b, 1), Decimal::from(c));
            prop_assert_eq!(point(&format!("{x}*{y}+{z}")).unwrap(), x * y + z);
            prop_assert_eq!(point(&format!("({x}-{y})x{z}")).unwrap(), (x - y) * z);
            match point(&format!("{x}/{z}")) {
                Ok(value) => prop_assert_eq!(value * z, x),
                Err(error) => {
                    let thousandfold = x * Decimal::ONE_THOUSAND;
                    prop_assert!(!(thousandfold % z).is_zero(), "{:?}", error);
                }
            }
        }
    }
}
