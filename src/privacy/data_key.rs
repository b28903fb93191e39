//! The data key of one partner or person, and what is encrypted with it.
//!
//! A ciphertext consists of the byte 1, the id of the data key, and the output of [`super::cipher`]. Its associated
//! data name the table, the column, the subject and the key, so that a value that somebody copies elsewhere cannot be
//! decrypted.

use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::cipher::{self, Key};
use super::{Error, Keyring};
use crate::domain::{PartnerField, PersonalText, Subject, WrappedKey};

/// The first byte of a text that is not personal and so not encrypted.
const PLAIN: u8 = 0;
/// The first byte of a ciphertext and of a wrapped key: the version of the format.
const SEALED: u8 = 1;
/// The bytes of the id of a key.
const ID_BYTES: usize = 16;

/// The key of one subject; its memory is overwritten when it is dropped.
pub struct DataKey {
    id: Uuid,
    subject: Subject,
    key: Key,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("DataKey").field(&self.id).finish_non_exhaustive()
    }
}

impl DataKey {
    /// Generates a new key for a subject.
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        Self { id: Uuid::from_bytes(rand::random()), subject, key: cipher::new_key() }
    }

    /// The id of the key, by which stored values name it.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The partner or person whose data it encrypts.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The key as it is stored, wrapped by a version of the keyring.
    ///
    /// # Errors
    /// [`Error::VersionMissing`] if the keyring has no such version.
    pub fn wrapped(&self, keyring: &Keyring, version: u32) -> Result<WrappedKey, Error> {
        let associated = wrapping_of(&self.subject, self.id, version);
        let mut wrapped = vec![SEALED];
        wrapped.extend(cipher::seal(keyring.key(version)?, &associated, &self.key[..]));
        Ok(WrappedKey {
            key_id: self.id,
            subject: self.subject.id().to_owned(),
            key_version: version,
            wrapped,
        })
    }

    /// Unwraps a stored key.
    ///
    /// # Errors
    /// [`Error::VersionMissing`]; [`Error::Altered`] if the key of that version does not unwrap it.
    pub fn unwrap(keyring: &Keyring, subject: Subject, stored: &WrappedKey) -> Result<Self, Error> {
        let altered = || Error::Altered { what: format!("data key of {}", subject.id()) };
        let associated = wrapping_of(&subject, stored.key_id, stored.key_version);
        let Some((&SEALED, sealed)) = stored.wrapped.split_first() else { return Err(altered()) };
        let opened =
            cipher::open(keyring.key(stored.key_version)?, &associated, sealed).ok_or_else(altered)?;
        let mut key = Key::new([0; cipher::KEY_BYTES]);
        if opened.len() != key.len() {
            return Err(altered());
        }
        key.copy_from_slice(&opened);
        Ok(Self { id: stored.key_id, subject, key })
    }

    /// Encrypts the text of a column of a table.
    #[must_use]
    pub fn seal(&self, table: &str, column: &str, text: &PersonalText) -> Vec<u8> {
        let associated = self.place(table, column);
        let mut sealed = vec![SEALED];
        sealed.extend(self.id.as_bytes());
        sealed.extend(cipher::seal(&self.key, &associated, text.expose().as_bytes()));
        sealed
    }

    /// Decrypts the ciphertext of a column of a table.
    ///
    /// # Errors
    /// [`Error::Altered`] if it is not what this key encrypted for this column.
    pub fn open(&self, table: &str, column: &str, value: &[u8]) -> Result<PersonalText, Error> {
        let altered = || Error::Altered { what: format!("{column} of {}", self.subject.id()) };
        let sealed =
            value.get(1 + ID_BYTES..).filter(|_| sealed_by(value) == Some(self.id)).ok_or_else(altered)?;
        let opened = cipher::open(&self.key, &self.place(table, column), sealed).ok_or_else(altered)?;
        text(opened).ok_or_else(altered)
    }

    fn place(&self, table: &str, column: &str) -> Vec<u8> {
        parts(&[table, column, self.subject.kind(), self.subject.id(), &self.id.to_string()])
    }
}

/// The text that bytes encode; the bytes are overwritten.
fn text(bytes: Zeroizing<Vec<u8>>) -> Option<PersonalText> {
    std::str::from_utf8(&bytes).ok().map(|text| PersonalText::stored(text.to_owned()))
}

/// The associated data of a wrapped key.
fn wrapping_of(subject: &Subject, id: Uuid, version: u32) -> Vec<u8> {
    parts(&["data_keys", "wrapped", subject.kind(), subject.id(), &id.to_string(), &version.to_string()])
}

/// Texts concatenated, each followed by a byte that none of them contains.
fn parts(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| text.bytes().chain([0])).collect()
}

/// The id of the key with which a stored value is encrypted; `None` for a text that is not personal.
#[must_use]
pub fn sealed_by(value: &[u8]) -> Option<Uuid> {
    let (&SEALED, rest) = value.split_first()? else { return None };
    rest.first_chunk::<ID_BYTES>().map(|id| Uuid::from_bytes(*id))
}

/// The stored form of a field that is not personal.
#[must_use]
pub fn plain_field(text: &PersonalText) -> Vec<u8> {
    [PLAIN].into_iter().chain(text.expose().bytes()).collect()
}

/// The text of a partner's field, if it is not personal or the key decrypts it; `None` if it is encrypted and there is
/// no key.
///
/// # Errors
/// [`Error::Altered`] if the bytes do not have the form of a field, or the key does not decrypt them.
pub fn open_field(
    field: PartnerField,
    value: &[u8],
    key: Option<&DataKey>,
) -> Result<Option<PersonalText>, Error> {
    match (value.split_first(), key) {
        (Some((&PLAIN, bytes)), _) => text(Zeroizing::new(bytes.to_vec()))
            .map(Some)
            .ok_or_else(|| Error::Altered { what: field.as_str().to_owned() }),
        (_, Some(key)) => key.open("partners", field.as_str(), value).map(Some),
        (_, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(code: &str) -> Subject {
        Subject::Partner(code.parse().unwrap())
    }

    #[test]
    fn values_open_only_where_they_were_put() {
        let key = DataKey::new(subject("C1"));
        let text = PersonalText::stored("canary".to_owned());
        let sealed = key.seal("partners", "email", &text);
        assert_eq!(sealed_by(&sealed), Some(key.id()));
        // The form that the CHECK constraint of the column requires.
        assert!((81..=4_081).contains(&sealed.len()) && (sealed.len() - 65).is_multiple_of(16));
        assert_eq!(key.open("partners", "email", &sealed).unwrap().expose(), "canary");
        assert!(key.open("partners", "note", &sealed).is_err());
        assert!(DataKey::new(subject("C1")).open("partners", "email", &sealed).is_err());
        let plain = plain_field(&text);
        assert_eq!(open_field(PartnerField::Note, &plain, None).unwrap().unwrap().expose(), "canary");
        assert!(open_field(PartnerField::Email, &sealed, None).unwrap().is_none());
    }

    #[test]
    fn keys_are_wrapped_for_one_subject_and_version() {
        let (keyring, other) = (Keyring::generate(), Keyring::generate());
        let key = DataKey::new(subject("C1"));
        let wrapped = key.wrapped(&keyring, 1).unwrap();
        assert_eq!(wrapped.wrapped.len(), 129, "the form that the server demands");
        let sealed = key.seal("partners", "email", &PersonalText::stored("canary".to_owned()));
        let again = DataKey::unwrap(&keyring, subject("C1"), &wrapped).unwrap();
        assert_eq!(again.open("partners", "email", &sealed).unwrap().expose(), "canary");
        assert!(matches!(DataKey::unwrap(&other, subject("C1"), &wrapped), Err(Error::Altered { .. })));
        assert!(matches!(DataKey::unwrap(&keyring, subject("C2"), &wrapped), Err(Error::Altered { .. })));
        let later = WrappedKey { key_version: 2, ..wrapped };
        assert!(matches!(
            DataKey::unwrap(&keyring, subject("C1"), &later),
            Err(Error::VersionMissing { version: 2, .. })
        ));
    }
}
