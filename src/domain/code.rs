//! The codes that people type and scan: SKU, location, lot, partner, barcode, and the two free texts
//! of a movement. Every type here is the only way to make its value, so a value that exists is valid.
//!
//! `migrations/V0001__catalogue.sql` has the same forms as CHECK constraints; a test compares them.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a valid code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("{what} is empty")]
    Empty {
        /// What the text should have been, as a clerk would call it.
        what: &'static str,
    },
    /// More characters than the field holds.
    #[error("{what} has {length} characters; at most {length_max} are allowed")]
    TooLong {
        /// What the text should have been.
        what: &'static str,
        /// How many characters it has.
        length: usize,
        /// How many it may have.
        length_max: usize,
    },
    /// A character that such a code cannot have.
    #[error("{what} \"{text}\" contains the character {found:?}; allowed are {allowed}")]
    Character {
        /// What the text should have been.
        what: &'static str,
        text: String,
        /// The first character that is not allowed.
        found: char,
        /// The characters that are allowed, in words.
        allowed: &'static str,
    },
}

/// The form of one kind of code: its characters, its longest length, and whether case is folded.
struct Form {
    what: &'static str,
    length_max: usize,
    upper: bool,
    first: fn(char) -> bool,
    rest: fn(char) -> bool,
    allowed: &'static str,
}

impl Form {
    /// Trims, changes to upper case if the form says so, and checks every character.
    fn parse(&self, text: &str) -> Result<String, CodeError> {
        let trimmed = text.trim();
        let folded = if self.upper { trimmed.to_ascii_uppercase() } else { trimmed.to_owned() };
        let length = folded.chars().count();
        if length == 0 {
            return Err(CodeError::Empty { what: self.what });
        }
        if length > self.length_max {
            return Err(CodeError::TooLong { what: self.what, length, length_max: self.length_max });
        }
        let wrong = folded
            .chars()
            .enumerate()
            .find(|(position, character)| !(if *position == 0 { self.first } else { self.rest })(*character));
        match wrong {
            Some((_, found)) => Err(CodeError::Character {
                what: self.what,
                text: trimmed.to_owned(),
                found,
                allowed: self.allowed,
            }),
            None => Ok(folded),
        }
    }
}

fn letter_or_digit(character: char) -> bool {
    character.is_ascii_uppercase() || character.is_ascii_digit()
}

fn not_control(character: char) -> bool {
    !character.is_control()
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $form:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            const FORM: Form = $form;

            /// The code as it is stored.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = CodeError;

            fn from_str(text: &str) -> Result<Self, CodeError> {
                Self::FORM.parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = CodeError;

            fn try_from(text: String) -> Result<Self, CodeError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.0 == text
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                self.0 == *text
            }
        }
    };
}

code! {
    /// Stock keeping unit: the code of a product. Kept in upper case: codes that differ only in case
    /// are one product, because scanners and hands do not keep case apart.
    Sku,
    Form {
        what: "the SKU",
        length_max: 40,
        upper: true,
        first: letter_or_digit,
        rest: |c| letter_or_digit(c) || "._/+-".contains(c),
        allowed: "letters, digits and . _ / + - (the first a letter or digit)",
    }
}

code! {
    /// The code on the label of a location, in upper case.
    LocationCode,
    Form {
        what: "the location",
        length_max: 30,
        upper: true,
        first: letter_or_digit,
        rest: |c| letter_or_digit(c) || "._/-".contains(c),
        allowed: "letters, digits and . _ / - (the first a letter or digit)",
    }
}

code! {
    /// A lot code or serial number, as printed on the goods; case is kept.
    LotCode,
    Form { what: "the lot", length_max: 60, upper: false, first: not_control, rest: not_control, allowed: "any printable characters" }
}

code! {
    /// The number of a supplier or customer in the accounts, in upper case.
    PartnerCode,
    Form {
        what: "the partner",
        length_max: 40,
        upper: true,
        first: letter_or_digit,
        rest: |c| letter_or_digit(c) || "._/-".contains(c),
        allowed: "letters, digits and . _ / - (the first a letter or digit)",
    }
}

code! {
    /// The characters that a scanner reads from a label.
    Barcode,
    Form {
        what: "the barcode",
        length_max: 48,
        upper: false,
        first: |c| c.is_ascii_graphic(),
        rest: |c| c.is_ascii_graphic(),
        allowed: "printable ASCII without spaces",
    }
}

code! {
    /// The name of something: a product, a location, a unit, a category.
    Name,
    Form { what: "the name", length_max: 200, upper: false, first: not_control, rest: not_control, allowed: "any printable characters" }
}

code! {
    /// The document behind a movement: an order, invoice or delivery note.
    Reference,
    Form { what: "the reference", length_max: 100, upper: false, first: not_control, rest: not_control, allowed: "any printable characters" }
}

code! {
    /// A supplier's code for a product; case is kept.
    SupplierCode,
    Form { what: "the supplier's code", length_max: 60, upper: false, first: not_control, rest: not_control, allowed: "any printable characters" }
}

code! {
    /// The reason of a movement, in a person's words.
    Note,
    Form { what: "the reason", length_max: 200, upper: false, first: not_control, rest: not_control, allowed: "any printable characters" }
}

impl Barcode {
    /// Whether the last digit is the check digit of a GTIN-8, -12, -13 or -14 (GS1 General
    /// Specifications, section 7.9). Codes of another shape have none and answer `false`.
    #[must_use]
    pub fn has_gtin_check_digit(&self) -> bool {
        let digits: Option<Vec<u32>> = self.0.chars().map(|character| character.to_digit(10)).collect();
        let Some(digits) = digits else { return false };
        if !matches!(digits.len(), 8 | 12 | 13 | 14) {
            return false;
        }
        let weighted: u32 = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(position, digit)| if position % 2 == 1 { digit * 3 } else { *digit })
            .sum();
        weighted.is_multiple_of(10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_folds_for_codes_but_not_for_lots() {
        assert_eq!("85123a ".parse::<Sku>().unwrap().as_str(), "85123A");
        assert_eq!("b-01-02".parse::<LocationCode>().unwrap().as_str(), "B-01-02");
        assert_eq!("Lot 7b".parse::<LotCode>().unwrap().as_str(), "Lot 7b");
    }

    #[test]
    fn refuses_with_the_character_named() {
        let error = "BANK CHARGES".parse::<Sku>().unwrap_err();
        assert!(error.to_string().contains("' '"), "{error}");
        assert!("".parse::<Sku>().is_err());
        assert!("-A".parse::<Sku>().is_err());
        assert!("a\tb".parse::<Note>().is_err());
        assert!("x".repeat(41).parse::<Sku>().unwrap_err().to_string().contains("41 characters; at most 40"));
    }

    #[test]
    fn gtin_check_digits() {
        for good in ["8076809570787", "96385074", "036000291452", "10012345678902"] {
            assert!(good.parse::<Barcode>().unwrap().has_gtin_check_digit(), "{good}");
        }
        for bad in ["8076809570788", "8,02E+12", "1234", "96385075"] {
            assert!(!bad.parse::<Barcode>().unwrap().has_gtin_check_digit(), "{bad}");
        }
    }
}
