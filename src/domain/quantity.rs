//! Quantities and prices: exact decimals with the limits of the ledger's columns.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Why a text is not a quantity or a price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a number in plain decimal notation.
    #[error("\"{text}\" is not {what}; write digits with at most one decimal point, such as 12 or 2.5")]
    NotANumber { what: &'static str, text: String },
    /// Zero or less where the value must be positive, or a negative value.
    #[error("{what} must be {bound}, not {value}")]
    TooSmall {
        what: &'static str,
        /// What it must be, in words.
        bound: &'static str,
        value: Decimal,
    },
    /// A value larger than the column can hold.
    #[error("{what} {value} is too large; at most {value_max} can be posted")]
    TooLarge {
        what: &'static str,
        value: Decimal,
        /// The largest value allowed.
        value_max: Decimal,
    },
    /// More decimal places than the column can hold.
    #[error("{what} {value} has more than {decimals_max} decimal places")]
    TooPrecise {
        what: &'static str,
        value: Decimal,
        /// The most decimal places allowed.
        decimals_max: u32,
    },
}

/// Accepts plain notation only: `Decimal` itself would also accept `1_000` and a lone sign, which are typing errors.
fn parse_plain(what: &'static str, text: &str) -> Result<Decimal, QuantityError> {
    let trimmed = text.trim();
    let unsigned = trimmed.strip_prefix('-').unwrap_or(trimmed);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let not_a_number = || QuantityError::NotANumber { what, text: text.to_owned() };
    if !digits(whole) || !digits(fraction) {
        return Err(not_a_number());
    }
    Decimal::from_str_exact(trimmed).map_err(|_| not_a_number())
}

/// A number as programs write it: preferably text, which is exact; a bare JSON number is read in its shortest decimal
/// form, which is what the sender wrote for any realistic quantity.
#[derive(Deserialize)]
#[serde(untagged)]
enum NumberForm {
    Text(String),
    Whole(u64),
    Fraction(f64),
}

#[derive(Deserialize)]
#[serde(from = "NumberForm")]
struct NumberText(String);

impl From<NumberForm> for NumberText {
    fn from(form: NumberForm) -> Self {
        Self(match form {
            NumberForm::Text(text) => text,
            NumberForm::Whole(number) => number.to_string(),
            NumberForm::Fraction(number) => number.to_string(),
        })
    }
}

/// A number of units, in the unit of the product: greater than zero, at most three decimal places, less than
/// 100,000,000,000 (`numeric(14, 3)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "NumberText", into = "String")]
pub struct Quantity(Decimal);

impl Quantity {
    /// One unit, which is also what each serial number counts.
    pub const ONE: Self = Self(Decimal::ONE);
    /// The most decimal places that any product may have.
    pub const DECIMALS_MAX: u32 = 3;

    /// The largest quantity that the ledger's column holds.
    #[must_use]
    pub fn largest() -> Decimal {
        Decimal::new(99_999_999_999_999, Self::DECIMALS_MAX)
    }

    /// A quantity, if the value is within the limits.
    ///
    /// # Errors
    /// [`QuantityError`] when the value is zero or less, too large or too precise.
    pub fn new(value: Decimal) -> Result<Self, QuantityError> {
        let what = "the quantity";
        let value = value.normalize();
        if value <= Decimal::ZERO {
            return Err(QuantityError::TooSmall { what, bound: "greater than zero", value });
        }
        Self::within(what, value).map(Self)
    }

    /// Checks a counted quantity, which may be zero.
    ///
    /// # Errors
    /// [`QuantityError`] when the value is negative, too large or too precise.
    pub fn counted(value: Decimal) -> Result<Decimal, QuantityError> {
        let what = "the counted quantity";
        if value < Decimal::ZERO {
            return Err(QuantityError::TooSmall { what, bound: "zero or more", value });
        }
        Self::within(what, value.normalize())
    }

    /// Reads a counted quantity, which may be zero.
    ///
    /// # Errors
    /// As for [`Quantity::counted`], and when the text is not a number.
    pub fn parse_counted(text: &str) -> Result<Decimal, QuantityError> {
        Self::counted(parse_plain("a counted quantity", text)?)
    }

    fn within(what: &'static str, value: Decimal) -> Result<Decimal, QuantityError> {
        if value > Self::largest() {
            return Err(QuantityError::TooLarge { what, value, value_max: Self::largest() });
        }
        if value.scale() > Self::DECIMALS_MAX {
            return Err(QuantityError::TooPrecise { what, value, decimals_max: Self::DECIMALS_MAX });
        }
        Ok(value)
    }

    /// The exact value, greater than zero.
    #[must_use]
    pub fn value(self) -> Decimal {
        self.0
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::new(parse_plain("a quantity", text)?)
    }
}

impl TryFrom<NumberText> for Quantity {
    type Error = QuantityError;

    fn try_from(text: NumberText) -> Result<Self, QuantityError> {
        text.0.parse()
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.0.to_string()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// Price of one unit: zero or more, at most four decimal places, less than 10,000,000,000
/// (`numeric(14, 4)`), in the currency of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "NumberText", into = "String")]
pub struct UnitPrice(Decimal);

impl UnitPrice {
    /// The most decimal places of a price.
    pub const DECIMALS_MAX: u32 = 4;

    /// The largest price that the column holds.
    #[must_use]
    pub fn largest() -> Decimal {
        Decimal::new(99_999_999_999_999, Self::DECIMALS_MAX)
    }

    /// A price, if the value is within the limits.
    ///
    /// # Errors
    /// [`QuantityError`] when the value is negative, too large or too precise.
    pub fn new(value: Decimal) -> Result<Self, QuantityError> {
        let what = "the price";
        let value = value.normalize();
        if value < Decimal::ZERO {
            return Err(QuantityError::TooSmall { what, bound: "zero or more", value });
        }
        if value > Self::largest() {
            return Err(QuantityError::TooLarge { what, value, value_max: Self::largest() });
        }
        if value.scale() > Self::DECIMALS_MAX {
            return Err(QuantityError::TooPrecise { what, value, decimals_max: Self::DECIMALS_MAX });
        }
        Ok(Self(value))
    }

    /// The exact value, zero or more.
    #[must_use]
    pub fn value(self) -> Decimal {
        self.0
    }
}

impl FromStr for UnitPrice {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::new(parse_plain("a price", text)?)
    }
}

impl TryFrom<NumberText> for UnitPrice {
    type Error = QuantityError;

    fn try_from(text: NumberText) -> Result<Self, QuantityError> {
        text.0.parse()
    }
}

impl From<UnitPrice> for String {
    fn from(price: UnitPrice) -> Self {
        price.0.to_string()
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_plain_numbers_only() {
        for good in ["1", "0.001", "99999999999.999", " 12 ", "2.500"] {
            assert!(good.parse::<Quantity>().is_ok(), "{good}");
        }
        for bad in
            ["", "0", "-1", "1e3", "1_000", "1,5", "+3", ".5", "5.", "0.0001", "100000000000", "NaN", "１"]
        {
            assert!(bad.parse::<Quantity>().is_err(), "{bad}");
        }
        assert_eq!("2.500".parse::<Quantity>().unwrap().to_string(), "2.5");
    }

    #[test]
    fn a_count_may_be_zero_and_a_price_too() {
        assert_eq!(Quantity::parse_counted("0").unwrap(), Decimal::ZERO);
        assert!(Quantity::parse_counted("-1").is_err());
        assert!("0".parse::<UnitPrice>().is_ok());
        assert!("0.00001".parse::<UnitPrice>().is_err());
        assert!("-0.01".parse::<UnitPrice>().is_err());
    }
}
