//! The kinds of movement, with all that holds for each of them, in one table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{LocationCode, PostingError};

/// Which places a movement names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Only where the goods are put: stock grows.
    To,
    /// Only where they are taken from: stock shrinks.
    From,
    /// Two different places: stock stays the same.
    Both,
    /// Either one: stock grows or shrinks.
    Either,
    /// Those of another movement, the other way round.
    Reversed,
}

impl Ends {
    /// Whether a movement may name these places.
    pub(super) fn allow(self, from: Option<&LocationCode>, to: Option<&LocationCode>) -> bool {
        match (self, from, to) {
            (Self::To | Self::Either | Self::Reversed, None, Some(_))
            | (Self::From | Self::Either | Self::Reversed, Some(_), None) => true,
            (Self::Both | Self::Reversed, Some(from), Some(to)) => from != to,
            (_, None, None)
            | (Self::To | Self::Either, Some(_), _)
            | (Self::From, _, Some(_))
            | (Self::Both, None, _)
            | (Self::Both, _, None) => false,
        }
    }

    /// What a movement needs, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::To => "a location to put the goods into and none to take them from",
            Self::From => "a location to take the goods from and none to put them into",
            Self::Both => "a location to take the goods from and another to put them into",
            Self::Either => "one location, either to take from or to put into",
            Self::Reversed => "the locations of the movement that it reverses, the other way round",
        }
    }
}

/// Which lots a movement of a product that is tracked by lot may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotRule {
    /// Any. One that is not known yet is created, with its last day of use.
    New,
    /// One on hand that has not expired. Without one, those that expire first are taken.
    Unexpired,
    /// One on hand, expired or not. Without one, those that expire first are taken.
    OnHand,
    /// A known one, which must be named.
    Named,
}

impl LotRule {
    /// Whether the lots that expire first are taken where none is named.
    #[must_use]
    pub fn first_to_expire(self) -> bool {
        match self {
            Self::Unexpired | Self::OnHand => true,
            Self::New | Self::Named => false,
        }
    }
}

/// What holds for the movements of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRules {
    pub ends: Ends,
    pub lots: LotRule,
    /// Whether the terminal asks for the price of one unit.
    pub asks_price: bool,
    /// Whether somebody has to say why.
    pub needs_reason: bool,
}

/// Declares the kinds, each with its word in the database, in JSON and on the command line, and its rules.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $code:literal $rules:tt)*) => {
        /// Why stock moves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum MovementKind {
            $($(#[$doc])* #[serde(rename = $code)] $kind,)*
        }

        impl MovementKind {
            /// Every kind, in the order of the database.
            pub const ALL: [Self; [$($code),*].len()] = [$(Self::$kind),*];

            /// The word for it, as the database and JSON spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }

            /// What holds for its movements.
            #[must_use]
            pub const fn rules(self) -> KindRules {
                match self {
                    $(Self::$kind => KindRules $rules,)*
                }
            }
        }
    };
}

kinds! {
    /// Goods come in from the outside world.
    Receipt "receipt" { ends: Ends::To, lots: LotRule::New, asks_price: true, needs_reason: false }
    /// Goods go out to the outside world.
    Issue "issue" { ends: Ends::From, lots: LotRule::Unexpired, asks_price: false, needs_reason: false }
    /// Goods go from one place to another.
    Transfer "transfer" { ends: Ends::Both, lots: LotRule::OnHand, asks_price: false, needs_reason: false }
    /// The books are brought to what is on the shelf.
    Adjustment "adjustment" { ends: Ends::Either, lots: LotRule::Named, asks_price: false, needs_reason: true }
    /// One earlier movement is undone.
    Reversal "reversal" { ends: Ends::Reversed, lots: LotRule::Named, asks_price: false, needs_reason: true }
}

impl MovementKind {
    /// Whether each of its movements undoes another one, and names it.
    #[must_use]
    pub fn reverses(self) -> bool {
        self.rules().ends == Ends::Reversed
    }

    /// The words for all kinds, as a sentence lists them.
    pub(super) fn listed() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl fmt::Display for MovementKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for MovementKind {
    type Err = PostingError;

    fn from_str(text: &str) -> Result<Self, PostingError> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| PostingError::UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_allows_only_its_ends() {
        let (a, b): (LocationCode, LocationCode) = ("A".parse().unwrap(), "B".parse().unwrap());
        let ends =
            [(None, None), (None, Some(&a)), (Some(&a), None), (Some(&a), Some(&a)), (Some(&a), Some(&b))];
        for (kind, allowed) in [
            (MovementKind::Receipt, [false, true, false, false, false]),
            (MovementKind::Issue, [false, false, true, false, false]),
            (MovementKind::Transfer, [false, false, false, false, true]),
            (MovementKind::Adjustment, [false, true, true, false, false]),
            (MovementKind::Reversal, [false, true, true, false, true]),
        ] {
            assert_eq!(ends.map(|(from, to)| kind.rules().ends.allow(from, to)), allowed, "{kind}");
        }
    }

    #[test]
    fn a_kind_is_spelled_alike_in_text_and_json() {
        for kind in MovementKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        let error = "x".parse::<MovementKind>().unwrap_err();
        assert!(error.to_string().ends_with("the kinds are receipt, issue, transfer, adjustment, reversal"));
    }
}
