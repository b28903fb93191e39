//! The kinds of movement with the rules of each, in one table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{LocationCode, PostingError};

/// Which locations a movement names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Only where the goods are put: stock increases.
    To,
    /// Only where they are taken from: stock decreases.
    From,
    /// Two different locations: total stock stays the same.
    Both,
    /// Either one: stock increases or decreases.
    Either,
    /// Those of the reversed movement, exchanged.
    Reversed,
}

impl Ends {
    /// Whether a movement may name these locations.
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

    /// The locations that a movement needs, for error messages.
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

/// Which lots a movement of a product tracked by lot may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotRule {
    /// Any lot. An unknown one is created, with its last day of use.
    New,
    /// A lot on hand that has not expired. If none is named, those that expire first are taken.
    Unexpired,
    /// A lot on hand, expired or not. If none is named, those that expire first are taken.
    OnHand,
    /// A known lot, which must be named.
    Named,
}

impl LotRule {
    /// Whether the lots that expire first are taken if none is named.
    #[must_use]
    pub fn first_to_expire(self) -> bool {
        match self {
            Self::Unexpired | Self::OnHand => true,
            Self::New | Self::Named => false,
        }
    }
}

/// The rules for the movements of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRules {
    pub ends: Ends,
    pub lots: LotRule,
    /// Whether the forms have a field for the price of one unit.
    pub asks_price: bool,
    /// Whether a reason must be given.
    pub needs_reason: bool,
}

/// Declares the kinds, each with its name in the database, in JSON and on the command line, and its rules.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $code:literal $rules:tt)*) => {
        /// The kinds of movement. [`MovementKind::rules`] gives the locations, lots and reason that each needs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum MovementKind {
            $($(#[$doc])* #[serde(rename = $code)] $kind,)*
        }

        impl MovementKind {
            /// Every kind, in the order of the database.
            pub const ALL: [Self; [$($code),*].len()] = [$(Self::$kind),*];

            /// The kind as the database and JSON spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }

            /// The rules for movements of this kind.
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
    /// Goods come in from outside.
    Receipt "receipt" { ends: Ends::To, lots: LotRule::New, asks_price: true, needs_reason: false }
    /// Goods go out.
    Issue "issue" { ends: Ends::From, lots: LotRule::Unexpired, asks_price: false, needs_reason: false }
    /// Goods move from one location to another.
    Transfer "transfer" { ends: Ends::Both, lots: LotRule::OnHand, asks_price: false, needs_reason: false }
    /// The recorded quantity is corrected to what was counted.
    Adjustment "adjustment" { ends: Ends::Either, lots: LotRule::Named, asks_price: false, needs_reason: true }
    /// One earlier movement is reversed.
    Reversal "reversal" { ends: Ends::Reversed, lots: LotRule::Named, asks_price: false, needs_reason: true }
}

impl MovementKind {
    /// Whether each of its movements reverses another one, and names it.
    #[must_use]
    pub fn reverses(self) -> bool {
        self.rules().ends == Ends::Reversed
    }

    /// The names of all kinds, as an error message lists them.
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
