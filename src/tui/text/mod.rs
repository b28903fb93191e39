//! Every word that the screens show, in English and French side by side, so that neither can lack one.
//!
//! Each file holds the phrases of one area. A phrase may name places to be filled, such as `{item}`;
//! the test below checks that both languages name the same ones.

pub mod audit;
pub mod common;
pub mod dashboard;
pub mod failure;
pub mod form;
pub mod ledger;
pub mod login;
pub mod sheet;
pub mod stock;

use super::locale::Language;

/// Something that can be said in both languages.
pub trait Phrase: Copy {
    /// The phrase in English and in French.
    fn pair(self) -> (&'static str, &'static str);
}

/// Declares the phrases of an area: an enum whose variants are documented by their English text.
macro_rules! phrases {
    ($(#[$doc:meta])* $name:ident { $($key:ident: $english:literal, $french:literal;)* }) => {
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
            fn pair(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$key => ($english, $french),)*
                }
            }
        }
    };
}
pub(crate) use phrases;

/// Says phrases in the chosen language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub language: Language,
}

impl Words {
    /// The phrase as it stands.
    #[must_use]
    pub fn say(self, phrase: impl Phrase) -> &'static str {
        let (english, french) = phrase.pair();
        match self.language {
            Language::English => english,
            Language::French => french,
        }
    }

    /// The phrase with its places filled.
    #[must_use]
    pub fn fill(self, phrase: impl Phrase, places: &[(&str, &str)]) -> String {
        let template = self.say(phrase);
        let mut filled = String::with_capacity(template.len() + 32);
        let mut rest = template;
        // One pass, so that a value that looks like a place stays as it is.
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

    /// The form for one or for several, with `{n}` filled. French takes the form for one for zero too.
    #[must_use]
    pub fn count(self, number: u64, one: impl Phrase, several: impl Phrase) -> String {
        let single = match self.language {
            Language::English => number == 1,
            Language::French => number < 2,
        };
        let figure = self.language.number(rust_decimal::Decimal::from(number));
        let places = [("n", figure.as_str())];
        if single { self.fill(one, &places) } else { self.fill(several, &places) }
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
            let (english, french) = phrase.pair();
            assert!(!english.trim().is_empty() && !french.trim().is_empty(), "{phrase:?} is empty");
            assert_eq!(places(english), places(french), "{phrase:?} names other places");
        }
    }

    #[test]
    fn both_languages_are_complete() {
        check(audit::AuditText::ALL);
        check(common::CommonText::ALL);
        check(dashboard::DashboardText::ALL);
        check(failure::FailureText::ALL);
        check(form::FormText::ALL);
        check(failure::RefusalText::ALL);
        check(failure::FormText::ALL);
        check(failure::PostingText::ALL);
        check(failure::EntryText::ALL);
        check(failure::RuleText::ALL);
        check(ledger::LedgerText::ALL);
        check(login::LoginText::ALL);
        check(sheet::SheetText::ALL);
        check(stock::StockText::ALL);
    }

    #[test]
    fn places_are_filled_once() {
        let words = Words { language: Language::English };
        let text = words.fill(common::CommonText::TooSmall, &[("width", "{height}"), ("height", "9")]);
        assert!(text.contains("{height}"), "{text}");
    }
}
