//! Detects free text that seems to name a person. References and reasons stay in the sealed ledger for ever, so whoever
//! types one is warned; nothing is refused, because many texts only look like a name.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use super::PeopleNames;

/// The fewest digits of a telephone number with its country code, and of one that begins with 0.
const INTERNATIONAL_DIGITS_MIN: usize = 8;
const NATIONAL_DIGITS_MIN: usize = 9;
/// The most digits of a telephone number (ITU-T E.164), with the 00 before it.
const DIGITS_MAX: usize = 17;
/// The length at which digits without separators are taken for a telephone number (or an old ISBN): barcodes have 8,
/// 12, 13 or 14 digits.
const UNBROKEN_DIGITS: usize = 10;
/// The shortest name of a single word that is looked for: shorter ones are also ordinary words.
const SINGLE_NAME_MIN: usize = 5;

/// What kind of personal data a text seems to contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalHint {
    Email,
    Telephone,
    /// The name of a person or contact person that the reader may see.
    Name,
}

impl PersonalHint {
    /// The kind of personal data, as words within a warning.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address",
            Self::Telephone => "a telephone number",
            Self::Name => "the name of a person",
        }
    }
}

/// The kind of personal data that a text seems to contain, if any.
#[must_use]
pub fn personal_hint(text: &str, known: &PeopleNames) -> Option<PersonalHint> {
    FreeTextCheck::new(known).hint(text)
}

/// The known names, arranged so that each of many texts is compared with the few that could be in it.
#[derive(Clone, Default)]
pub struct FreeTextCheck {
    /// The words of each name, by its first word in alphabetical order.
    names: HashMap<String, Vec<BTreeSet<String>>>,
}

/// Without the names.
impl fmt::Debug for FreeTextCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FreeTextCheck").finish_non_exhaustive()
    }
}

impl FreeTextCheck {
    /// Arranges the names of people and contact persons.
    #[must_use]
    pub fn new(known: &PeopleNames) -> Self {
        let mut names: HashMap<String, Vec<BTreeSet<String>>> = HashMap::new();
        for name in known.all() {
            let words = words_of(name);
            let long_enough = words.len() > 1 || name.chars().count() >= SINGLE_NAME_MIN;
            if let Some(first) = words.first().filter(|_| long_enough) {
                names.entry(first.clone()).or_default().push(words);
            }
        }
        Self { names }
    }

    /// What personal data a text seems to hold, if any.
    #[must_use]
    pub fn hint(&self, text: &str) -> Option<PersonalHint> {
        let separates = |character: char| character.is_whitespace() || "<>(),;\"".contains(character);
        if text.split(separates).any(is_email) {
            return Some(PersonalHint::Email);
        }
        let is_of_number = |character: char| character.is_ascii_digit() || " +-/.()".contains(character);
        if text.split(|character| !is_of_number(character)).any(is_telephone) {
            return Some(PersonalHint::Telephone);
        }
        if self.names.is_empty() {
            return None;
        }
        let words = words_of(text);
        let mut candidates = words.iter().filter_map(|word| self.names.get(word)).flatten();
        candidates.any(|name| name.is_subset(&words)).then_some(PersonalHint::Name)
    }
}

fn words_of(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn is_email(word: &str) -> bool {
    let Some((local, domain)) = word.rsplit_once('@') else { return false };
    let domain = domain.trim_end_matches('.');
    let Some((host, ending)) = domain.rsplit_once('.') else { return false };
    !local.is_empty()
        && !host.is_empty()
        && ending.len() > 1
        && domain.chars().all(|character| character.is_alphanumeric() || ".-".contains(character))
}

/// Whether a run of digits and the signs between them is a telephone number, and not a date or the number of a document.
fn is_telephone(run: &str) -> bool {
    let run = run.trim_matches([' ', '-', '/', '.', ')']).trim_start_matches('(');
    let digits = run.chars().filter(char::is_ascii_digit).count();
    if digits > DIGITS_MAX {
        return false;
    }
    if run.starts_with('+') {
        return digits >= INTERNATIONAL_DIGITS_MIN;
    }
    if !run.starts_with('0') || begins_with_date(run) {
        return false;
    }
    if run.len() == digits { digits == UNBROKEN_DIGITS } else { digits >= NATIONAL_DIGITS_MIN }
}

/// Whether a text begins with a date such as `01.02.2026` or `01/02/2026`.
fn begins_with_date(run: &str) -> bool {
    run.bytes()
        .take(10)
        .enumerate()
        .filter(|(place, byte)| match place {
            2 | 5 => matches!(byte, b'.' | b'/' | b'-'),
            _ => byte.is_ascii_digit(),
        })
        .count()
        == 10
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::PersonalText;

    #[test]
    fn texts_that_seem_to_name_somebody() {
        let name = |text: &str| PersonalText::of_person(text).unwrap();
        let people =
            BTreeMap::from([("u17".to_owned(), name("Ann Example")), ("u18".to_owned(), name("Li"))]);
        let known = PeopleNames::new(people).with_contacts(vec![name("Dupont, Marie"), name("Okonkwo")]);
        for (text, expected) in [
            ("PO-1042", None),
            ("Invoice 536365 of 2026-11-20", None),
            ("01.02.2026 10:30, 12 boxes", None),
            ("4006381333931", None),
            ("012345678905", None),
            ("R-0001-22", None),
            ("3 @ 2.50", None),
            ("wrong delivery, see 2026/0117", None),
            ("ask ann@example.com", Some(PersonalHint::Email)),
            ("<j.doe@mail.example.org>.", Some(PersonalHint::Email)),
            ("tel. +33 1 02 03 04 05", Some(PersonalHint::Telephone)),
            ("06 12 34 56 78", Some(PersonalHint::Telephone)),
            ("(030) 123-4567", Some(PersonalHint::Telephone)),
            ("0612345678", Some(PersonalHint::Telephone)),
            ("0049/30/1234567", Some(PersonalHint::Telephone)),
            ("for ann EXAMPLE, damaged", Some(PersonalHint::Name)),
            ("returned by Marie Dupont", Some(PersonalHint::Name)),
            ("okonkwo called", Some(PersonalHint::Name)),
            ("an example of Li-ion cells", None),
            ("Marie", None),
        ] {
            assert_eq!(personal_hint(text, &known), expected, "{text}");
        }
        assert_eq!(
            personal_hint("for Ann Example", &PeopleNames::default()),
            None,
            "the name is not known here"
        );
    }
}
