//! All text of the screens, in all languages side by side, so that none can lack a phrase.
//!
//! Each file holds the phrases of one area. A phrase may have placeholders, such as `{item}`; the tests below
//! check that all languages have the same ones, and that French has a no-break space (U+00A0) where its
//! typography requires one.

pub mod audit;
pub mod common;
pub mod dashboard;
pub mod failure;
pub mod filter;
pub mod form;
pub mod imports;
pub mod keys;
pub mod ledger;
pub mod login;
pub mod orders;
pub mod pick;
pub mod receive_order;
pub mod records;
pub mod sheet;
pub mod stock;

use super::locale::Language;
use crate::domain::entry::DecimalMark;

/// A phrase in each language, in the order of [`Language::ALL`].
pub type Texts = [&'static str; Language::ALL.len()];

/// Something that can be expressed in every language.
pub trait Phrase: Copy {
    /// The text in each language.
    fn texts(self) -> Texts;
}

/// Declares the phrases of an area: an enum whose variants are documented by their English text.
macro_rules! phrases {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $english:literal $(, $other:literal)+;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $english] $key,)*
        }

        impl $name {
            /// Every phrase of the area.
            pub const ALL: &'static [Self] = &[$(Self::$key,)*];
        }

        impl $crate::tui::text::Phrase for $name {
            fn texts(self) -> $crate::tui::text::Texts {
                match self {
                    $(Self::$key => [$english $(, $other)+],)*
                }
            }
        }
    };
}
pub(crate) use phrases;

/// Looks up texts in the chosen language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub language: Language,
    /// The mark of typed numbers.
    pub mark: DecimalMark,
}

impl Words {
    /// The words of a language, with numbers as it writes them.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self { language, mark: language.decimal_mark() }
    }

    /// The text in the chosen language, with its placeholders unfilled.
    #[must_use]
    pub fn say(self, phrase: impl Phrase) -> &'static str {
        phrase.texts()[self.language as usize]
    }

    /// The text with its placeholders filled.
    #[must_use]
    pub fn fill(self, phrase: impl Phrase, places: &[(&str, &str)]) -> String {
        let template = self.say(phrase);
        let mut filled = String::with_capacity(template.len() + 32);
        let mut rest = template;
        // In one pass, so that a value that looks like a placeholder stays as it is.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            if let Some((_, value)) = places.iter().find(|(place, _)| *place == name) {
                filled.push_str(value);
            } else {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// The singular or plural form, with `{n}` filled. In French zero takes the singular too.
    #[must_use]
    pub fn count(self, number: u64, one: impl Phrase, several: impl Phrase) -> String {
        let figure = self.language.number(rust_decimal::Decimal::from(number));
        let places = [("n", figure.as_str())];
        if self.language.singular(number) { self.fill(one, &places) } else { self.fill(several, &places) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
    }

    fn check<P: Phrase + std::fmt::Debug>(all: &[P]) {
        for phrase in all {
            let texts = phrase.texts();
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{phrase:?} is empty");
            for text in texts {
                assert_eq!(places(text), places(texts[0]), "{phrase:?} has other placeholders");
            }
            let french = texts[Language::French as usize];
            for sign in [':', ';', '!', '?', '»'] {
                assert!(
                    !french.contains(&format!(" {sign}")),
                    "{phrase:?} needs a no-break space before {sign}"
                );
            }
            assert!(!french.contains("« "), "{phrase:?} needs a no-break space after «");
        }
    }

    #[test]
    fn every_language_is_complete() {
        check(audit::AuditText::ALL);
        check(common::CommonText::ALL);
        check(dashboard::DashboardText::ALL);
        check(failure::FailureText::ALL);
        check(filter::FilterText::ALL);
        check(form::FormText::ALL);
        check(imports::ImportText::ALL);
        check(keys::KeyText::ALL);
        check(failure::RefusalText::ALL);
        check(failure::FormText::ALL);
        check(failure::PostingText::ALL);
        check(failure::EntryText::ALL);
        check(failure::RuleText::ALL);
        check(ledger::LedgerText::ALL);
        check(login::LoginText::ALL);
        check(orders::OrdersText::ALL);
        check(pick::PickText::ALL);
        check(receive_order::ReceiveOrderText::ALL);
        check(records::RecordText::ALL);
        check(sheet::SheetText::ALL);
        check(stock::StockText::ALL);
    }

    #[test]
    fn places_are_filled_once() {
        let words = Words::new(Language::English);
        let text = words.fill(common::CommonText::TooSmall, &[("width", "{height}"), ("height", "9")]);
        assert!(text.contains("{height}"), "{text}");
    }
}
