//! Personal data: the fields of a partner besides code, name and kind, and their texts.
//!
//! Boundary: which texts are valid. Encryption is in `privacy`.

use std::collections::BTreeMap;
use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::display::safe_line;
use super::{Change, Name, PartnerCode, PartnerKind, UnknownWord};

/// A field of a partner. Adding one is a column of `stock.partners` and an entry here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartnerField {
    ContactName,
    Email,
    Telephone,
    Address,
    TaxNumber,
    Note,
}

impl PartnerField {
    /// Every field, in the order in which they are displayed.
    pub const ALL: [Self; 6] =
        [Self::ContactName, Self::Email, Self::Telephone, Self::Address, Self::TaxNumber, Self::Note];

    /// The name of its column, which is also its name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContactName => "contact_name",
            Self::Email => "email",
            Self::Telephone => "telephone",
            Self::Address => "address",
            Self::TaxNumber => "tax_number",
            Self::Note => "note",
        }
    }

    /// The English name of the field in texts for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ContactName => "contact",
            Self::Email => "e-mail",
            Self::Telephone => "telephone",
            Self::Address => "address",
            Self::TaxNumber => "tax number",
            Self::Note => "note",
        }
    }

    /// The most characters: RFC 5321 for an e-mail address, room for an international number and for seven lines of
    /// an address. The column takes 4,000 bytes, so four for each character of the longest.
    #[must_use]
    pub fn length_max(self) -> usize {
        match self {
            Self::ContactName => 200,
            Self::Email => 254,
            Self::Telephone => 40,
            Self::Address => 500,
            Self::TaxNumber => 40,
            Self::Note => 1_000,
        }
    }

    /// Whether its text may have several lines.
    #[must_use]
    pub fn has_lines(self) -> bool {
        matches!(self, Self::Address | Self::Note)
    }
}

impl FromStr for PartnerField {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|field| field.as_str() == text).ok_or_else(|| UnknownWord {
            text: text.to_owned(),
            known: "contact_name, email, telephone, address, tax_number and note",
        })
    }
}

/// Why a text is not valid for a field. The error never contains the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonalTextError {
    #[error("the {field} is empty; write \"none\" to remove it")]
    Empty { field: &'static str },
    #[error("the {field} has {length} characters; at most {length_max} are allowed")]
    TooLong { field: &'static str, length: usize, length_max: usize },
    #[error("the {field} has a control character, which is not allowed")]
    Control { field: &'static str },
    #[error("an e-mail address has one @ with text on both sides, and no spaces")]
    NoAddress,
}

/// A text about a person. Neither its `Debug` output nor any error shows it, and its memory is overwritten when it is
/// dropped.
#[derive(Debug, Clone)]
pub struct PersonalText(SecretString);

impl PersonalText {
    /// The text of a field of a partner.
    ///
    /// # Errors
    /// [`PersonalTextError`] when it is empty, too long, or malformed.
    pub fn of_partner(field: PartnerField, text: &str) -> Result<Self, PersonalTextError> {
        let text = text.trim();
        let found = checked(text, field.label(), field.length_max(), field.has_lines())?;
        if field == PartnerField::Email {
            let sides = text
                .split_once('@')
                .filter(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
            if sides.is_none() || text.chars().any(char::is_whitespace) {
                return Err(PersonalTextError::NoAddress);
            }
        }
        Ok(found)
    }

    /// The name of a person.
    ///
    /// # Errors
    /// [`PersonalTextError`] when it is empty, too long, or has control characters.
    pub fn of_person(text: &str) -> Result<Self, PersonalTextError> {
        checked(text.trim(), "name", PartnerField::ContactName.length_max(), false)
    }

    /// The text of a field of a partner as it is entered in one line: the lines of a text that has several are separated
    /// by `|`.
    ///
    /// # Errors
    /// As for [`PersonalText::of_partner`].
    pub fn of_line(field: PartnerField, line: &str) -> Result<Self, PersonalTextError> {
        if field.has_lines() {
            let lines: Vec<&str> = line.split('|').map(str::trim).collect();
            Self::of_partner(field, &lines.join("\n"))
        } else {
            Self::of_partner(field, line)
        }
    }

    /// The text in one line, as [`PersonalText::of_line`] reads it.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        self.expose().replace('\n', " | ")
    }

    /// A text that was decrypted or read from the database, without validation.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text itself, to encrypt it or to show it to those who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for PersonalText {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

fn checked(
    text: &str,
    field: &'static str,
    length_max: usize,
    lines: bool,
) -> Result<PersonalText, PersonalTextError> {
    let length = text.chars().count();
    if length == 0 {
        return Err(PersonalTextError::Empty { field });
    }
    if length > length_max {
        return Err(PersonalTextError::TooLong { field, length, length_max });
    }
    if text.chars().any(|character| character.is_control() && !(lines && character == '\n')) {
        return Err(PersonalTextError::Control { field });
    }
    Ok(PersonalText(SecretString::from(text)))
}

/// The changes to the fields of a partner; fields that are not named stay as they are.
pub type FieldChanges = BTreeMap<PartnerField, Change<PersonalText>>;

/// Changes to a partner. Its code and kind never change.
#[derive(Debug, Clone)]
pub struct PartnerChange {
    pub code: PartnerCode,
    /// The name of the company.
    pub name: Change<Name>,
    /// The least remaining life of goods, in days, on the day a customer receives them.
    pub min_life_days: Change<i32>,
    pub fields: FieldChanges,
}

impl PartnerChange {
    /// A change that leaves everything as it is, to be filled in.
    #[must_use]
    pub fn of(code: PartnerCode) -> Self {
        Self { code, name: Change::Keep, min_life_days: Change::Keep, fields: FieldChanges::new() }
    }
}

/// The value of a field, as far as the reader may see it.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    Text(PersonalText),
    /// There is a value, but it stays encrypted: without the keyring, for this role, or because it is restricted.
    Hidden,
}

impl FieldValue {
    /// The text, if the reader may see it.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.expose()),
            Self::Hidden => None,
        }
    }
}

/// The fields of a partner as a form may show and change them; those that are empty are missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartnerContacts {
    pub fields: BTreeMap<PartnerField, FieldValue>,
    /// Why they can be neither shown nor entered here; then there are none.
    pub locked: Option<ContactsLocked>,
}

/// Why the personal fields of partners can be neither shown nor entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactsLocked {
    /// The program was given no keyring.
    NoKeyring,
    /// The database has not been set up for a keyring.
    NotInitialised,
    /// The keyring cannot be used, for this reason.
    Unusable(String),
}

/// A partner with its fields; those that are empty are missing.
#[derive(Debug, Clone)]
pub struct PartnerDetails {
    pub code: PartnerCode,
    pub name: Option<Name>,
    pub kind: PartnerKind,
    /// The least remaining life of goods, in days, on the day a customer receives them.
    pub min_life_days: Option<i32>,
    pub fields: BTreeMap<PartnerField, FieldValue>,
}

/// The value of a field as the database gives it to this login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredField {
    Bytes(Vec<u8>),
    /// There is a ciphertext that the login may not even read.
    Withheld,
}

/// A partner as the database gives it to this login; empty fields are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPartner {
    pub code: PartnerCode,
    pub name: Option<Name>,
    pub kind: PartnerKind,
    pub min_life_days: Option<i32>,
    pub fields: BTreeMap<PartnerField, StoredField>,
}

/// The fields of a partner as they were after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierFields {
    pub changed_at: jiff::Timestamp,
    pub changed_by: String,
    pub fields: BTreeMap<PartnerField, Vec<u8>>,
}

/// The values that a statement writes into the row of a partner: ciphertext, and texts that are not personal.
#[derive(Debug, Clone, Default)]
pub struct FieldBytes(pub BTreeMap<PartnerField, Option<Vec<u8>>>);

/// The name of a person as the database stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredName {
    pub login: String,
    pub full_name: Vec<u8>,
}

/// Whom personal data are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Partner(PartnerCode),
    /// The person behind a login.
    Person(String),
}

impl Subject {
    /// The kind of subject, as the database spells it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Partner(_) => "partner",
            Self::Person(_) => "person",
        }
    }

    /// The code of the partner or the login of the person.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Partner(code) => code.as_str(),
            Self::Person(login) => login,
        }
    }
}

/// A data key as the database stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    pub key_id: Uuid,
    /// The code or login that it belongs to.
    pub subject: String,
    /// The version of the key in the keyring that wraps it.
    pub key_version: u32,
    pub wrapped: Vec<u8>,
}

/// How many data keys are wrapped by a version of the wrapping key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyCount {
    pub subject_kind: String,
    pub key_version: u32,
    pub keys: i64,
    /// Keys of subjects whose processing is restricted.
    pub restricted: i64,
}

/// The keyring that the database expects, according to its last event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyringState {
    pub key_version: u32,
    pub fingerprint: String,
}

/// Changes to how somebody's data may be processed; each needs a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restriction {
    /// Only admins read the data.
    Restrict,
    /// Clerks may read the data again.
    Lift,
}

/// A recorded event about a data key or the keyring.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PrivacyEvent {
    pub kind: String,
    pub ground: Option<String>,
    pub posted_at: jiff::Timestamp,
    pub posted_by: String,
}

/// The names of people by login, for display, and the names of contact persons. Empty for whoever may see none.
#[derive(Debug, Clone, Default)]
pub struct PeopleNames {
    people: BTreeMap<String, PersonalText>,
    contacts: Vec<PersonalText>,
}

impl PeopleNames {
    /// The names as decrypted, made safe for a terminal.
    #[must_use]
    pub fn new(names: BTreeMap<String, PersonalText>) -> Self {
        let safe = |name: &PersonalText| PersonalText::stored(safe_line(name.expose()).into_owned());
        let people = names.iter().map(|(login, name)| (login.clone(), safe(name))).collect();
        Self { people, contacts: Vec::new() }
    }

    /// Adds the names of contact persons, which are searched for but never shown.
    #[must_use]
    pub fn with_contacts(self, contacts: Vec<PersonalText>) -> Self {
        Self { contacts, ..self }
    }

    /// The name of the person behind a login, or the login if no name may be shown.
    #[must_use]
    pub fn shown<'a>(&'a self, login: &'a str) -> &'a str {
        self.people.get(login).map_or(login, PersonalText::expose)
    }

    /// The name and the login, or the login alone.
    #[must_use]
    pub fn with_login(&self, login: &str) -> String {
        self.people.get(login).map_or_else(|| login.to_owned(), |name| format!("{} ({login})", name.expose()))
    }

    /// Whether there is a name to show.
    #[must_use]
    pub fn are_shown(&self) -> bool {
        !self.people.is_empty()
    }

    /// The names of people and contact persons, to search for.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.people.values().chain(&self.contacts).map(PersonalText::expose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked_and_never_repeated() {
        let read = PersonalText::of_partner;
        assert_eq!(read(PartnerField::Email, " a@b.example ").unwrap().expose(), "a@b.example");
        assert_eq!(read(PartnerField::Address, "1 High St\nTown").unwrap().expose(), "1 High St\nTown");
        for (field, text) in [
            (PartnerField::Email, "canary"),
            (PartnerField::Email, "canary@"),
            (PartnerField::Email, "can ary@b"),
            (PartnerField::Email, "canary@b@c"),
            (PartnerField::Telephone, "canary\n1"),
            (PartnerField::Note, "canary\u{1b}"),
            (PartnerField::ContactName, "  "),
        ] {
            let error = read(field, text).unwrap_err().to_string();
            assert!(!error.contains("canary"), "{error}");
        }
        let long = "canary".repeat(200);
        assert!(!read(PartnerField::Note, &long).unwrap_err().to_string().contains("canary"));
        assert!(!format!("{:?}", read(PartnerField::Note, "canary").unwrap()).contains("canary"));
    }

    #[test]
    fn fields_are_known_by_their_columns() {
        for field in PartnerField::ALL {
            assert_eq!(field.as_str().parse::<PartnerField>().unwrap(), field);
            // Four bytes for each character fit into the column.
            assert!(field.length_max() * 4 <= 4_000);
        }
        assert!("name".parse::<PartnerField>().is_err());
    }
}
