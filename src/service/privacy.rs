//! The keyring and the data keys: creating, checking, rotating, restricting and erasing.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::master_data::admins_only;
use super::{Error, Service};
use crate::domain::{
    Change, FieldBytes, KeyCount, KeyringState, PartnerChange, PartnerField, PersonalText, Restriction,
    StoredField, Subject, WrappedKey,
};
use crate::privacy::{self, DataKey, Keyring, open_field, sealed_by};

/// The result of checking the personal data.
#[derive(Debug)]
pub struct PrivacyCheck {
    /// The keyring that the database expects.
    pub keyring: Option<KeyringState>,
    /// The number of data keys, by version of the keyring.
    pub keys: Vec<KeyCount>,
    /// How many ciphertexts were decrypted.
    pub opened: u64,
    /// The problems, one sentence each.
    pub problems: Vec<String>,
}

/// The result of rotating the keyring.
#[derive(Debug)]
pub struct Rotated {
    /// The version of the keyring that is current now.
    pub key_version: u32,
    pub rewrapped: u64,
    /// The versions that were removed from the keyring.
    pub removed: Vec<u32>,
}

impl Service {
    /// The version of the keyring that the database expects, after comparing the keyring with it.
    pub(super) async fn fitting(&self, keyring: Option<&Keyring>) -> Result<u32, Error> {
        let keyring = keyring.ok_or(privacy::Error::NoKeyring)?;
        let state = self.store.keyring_state().await?.ok_or(privacy::Error::NotInitialised)?;
        if keyring.fingerprint(state.key_version)? != state.fingerprint {
            return Err(privacy::Error::OtherKeyring { version: state.key_version }.into());
        }
        Ok(state.key_version)
    }

    /// The data key of a subject, and its wrapped form if it is new.
    pub(super) async fn key_for(
        &self,
        subject: Subject,
        keyring: Option<&Keyring>,
    ) -> Result<(DataKey, Option<WrappedKey>), Error> {
        let version = self.fitting(keyring).await?;
        let keyring = keyring.ok_or(privacy::Error::NoKeyring)?;
        if let Some(stored) = self.store.data_keys(subject.kind(), Some(&[subject.id()])).await?.pop() {
            return Ok((DataKey::unwrap(keyring, subject, &stored)?, None));
        }
        let key = DataKey::new(subject);
        let wrapped = key.wrapped(keyring, version)?;
        Ok((key, Some(wrapped)))
    }

    /// The data keys that this login may read, unwrapped, by code or login. Empty without a keyring.
    pub(super) async fn opened_keys(
        &self,
        kind: &str,
        ids: Option<&[&str]>,
        subject: impl Fn(&str) -> Option<Subject>,
        keyring: Option<&Keyring>,
    ) -> Result<HashMap<String, DataKey>, Error> {
        let Some(keyring) = keyring else { return Ok(HashMap::new()) };
        let stored = self.store.data_keys(kind, ids).await?;
        if !stored.is_empty() {
            self.fitting(Some(keyring)).await?;
        }
        let mut opened = HashMap::new();
        for key in stored {
            if let Some(subject) = subject(&key.subject) {
                let unwrapped = DataKey::unwrap(keyring, subject, &key)?;
                opened.insert(key.subject, unwrapped);
            }
        }
        Ok(opened)
    }

    /// Sets the database up for a keyring: a new one, which is written to a file, or an existing one, if the database
    /// has none yet.
    ///
    /// # Errors
    /// [`privacy::Error::Exists`] if the file exists; [`privacy::Error::OtherKeyring`] if the database has another
    /// keyring; a refusal if the caller is not an admin.
    pub async fn init_privacy(&self, existing: Option<&Keyring>, new: &Path) -> Result<KeyringState, Error> {
        if let Some(state) = self.store.keyring_state().await? {
            let fingerprint = existing.map(|keyring| keyring.fingerprint(state.key_version)).transpose()?;
            return match fingerprint {
                Some(fingerprint) if fingerprint == state.fingerprint => Ok(state),
                _ => Err(privacy::Error::OtherKeyring { version: state.key_version }.into()),
            };
        }
        let made = match existing {
            Some(_) => None,
            None => Some(Keyring::generate()),
        };
        if let Some(made) = &made {
            made.create(new)?;
        }
        let keyring = existing.or(made.as_ref()).ok_or(privacy::Error::NoKeyring)?;
        let key_version = keyring.newest();
        let state = KeyringState { key_version, fingerprint: keyring.fingerprint(key_version)? };
        self.store.record_keyring(&state).await.map_err(admins_only)?;
        Ok(state)
    }

    /// Wraps every data key with a new version of the keyring. With `prepare`, the version is only added to the file,
    /// so that it can be copied to the other machines first. Otherwise the older versions are removed from the file at
    /// the end; what was erased before can then be decrypted only with a copy of them.
    ///
    /// # Errors
    /// [`privacy::Error`] if the keyring is another one or its file cannot be written; a refusal if the caller is not
    /// an admin.
    pub async fn rotate_keys(
        &self,
        keyring: &mut Keyring,
        file: &Path,
        prepare: bool,
    ) -> Result<Rotated, Error> {
        let present = self.fitting(Some(keyring)).await?;
        // A version above that of the database was prepared, or left by an interrupted run.
        if keyring.newest() <= present {
            keyring.add();
            keyring.replace(file)?;
        }
        let key_version = keyring.newest();
        if prepare {
            return Ok(Rotated { key_version, rewrapped: 0, removed: Vec::new() });
        }
        let mut rewrapped = Vec::new();
        for (kind, subject) in SUBJECTS {
            for stored in self.store.data_keys(kind, None).await? {
                if let Some(subject) = subject(&stored.subject) {
                    rewrapped
                        .push(DataKey::unwrap(keyring, subject, &stored)?.wrapped(keyring, key_version)?);
                }
            }
        }
        let state = KeyringState { key_version, fingerprint: keyring.fingerprint(key_version)? };
        let count = self.store.rewrap_data_keys(&state, &rewrapped).await.map_err(admins_only)?;
        let removed = keyring.keep_only(key_version);
        keyring.replace(file)?;
        Ok(Rotated { key_version, rewrapped: count, removed })
    }

    /// Destroys the data key of a subject and empties its fields.
    ///
    /// # Errors
    /// The rule `subject_has_data` if there is nothing to erase; a refusal if the caller is not an admin.
    pub async fn erase(&self, subject: &Subject, ground: &str) -> Result<(), Error> {
        self.store.erase(subject, ground).await.map_err(admins_only)
    }

    /// Restricts the data of a subject to admins, or lifts the restriction.
    ///
    /// # Errors
    /// The rule `subject_has_data` if there are no data; a refusal if the caller is not an admin.
    pub async fn restrict(
        &self,
        subject: &Subject,
        restriction: Restriction,
        ground: &str,
    ) -> Result<(), Error> {
        self.store.restrict(subject, restriction, ground).await.map_err(admins_only)
    }

    /// Sets whether a field of partners is personal. The values of a field that becomes personal are encrypted; returns
    /// how many.
    ///
    /// # Errors
    /// [`privacy::Error`] if the keyring is needed and is missing or another one; a refusal if the caller is not an
    /// admin.
    pub async fn set_field_personal(
        &self,
        field: PartnerField,
        personal: bool,
        keyring: Option<&Keyring>,
    ) -> Result<u64, Error> {
        if personal {
            self.fitting(keyring).await?;
        }
        self.store.set_field_personal(field, personal).await.map_err(admins_only)?;
        let mut encrypted = 0;
        if personal {
            for partner in self.store.partners(None).await? {
                let Some(StoredField::Bytes(bytes)) = partner.fields.get(&field) else { continue };
                if sealed_by(bytes).is_some() {
                    continue;
                }
                let Some(text) = open_field(field, bytes, None)? else { continue };
                let change = [(field, Change::To(text))].into();
                let (bytes, key) = self.sealed(&partner.code, &change, keyring).await?;
                self.store
                    .write_partner(&PartnerChange::of(partner.code), None, &bytes, key.as_ref())
                    .await
                    .map_err(admins_only)?;
                encrypted += 1;
            }
        }
        Ok(encrypted)
    }

    /// Decrypts every ciphertext, and returns what is wrong.
    ///
    /// # Errors
    /// As any read; a refusal if the caller is not an admin.
    pub async fn check_privacy(&self, keyring: Option<&Keyring>) -> Result<PrivacyCheck, Error> {
        let state = self.store.keyring_state().await?;
        let mut check = PrivacyCheck {
            keys: self.store.data_key_counts().await.map_err(admins_only)?,
            keyring: state,
            opened: 0,
            problems: Vec::new(),
        };
        if check.keyring.is_none() && check.keys.is_empty() {
            check.problems.push("this database has no keyring yet; run stockroom privacy init".to_owned());
            return Ok(check);
        }
        if let Err(error) = self.fitting(keyring).await {
            match error {
                Error::Privacy(error) => check.problems.push(error.to_string()),
                other => return Err(other),
            }
            return Ok(check);
        }
        let Some(keyring) = keyring else { return Ok(check) };
        let mut keys = HashMap::new();
        for (kind, subject) in SUBJECTS {
            for stored in self.store.data_keys(kind, None).await? {
                let Some(subject) = subject(&stored.subject) else { continue };
                match DataKey::unwrap(keyring, subject, &stored) {
                    Ok(key) => drop(keys.insert((kind, stored.subject), key)),
                    Err(error) => check.problems.push(error.to_string()),
                }
            }
        }
        self.check_values(&mut check, &keys).await?;
        Ok(check)
    }

    async fn check_values(
        &self,
        check: &mut PrivacyCheck,
        keys: &HashMap<(&str, String), DataKey>,
    ) -> Result<(), Error> {
        let plain = self.store.plain_partner_fields().await?;
        for partner in self.store.partners(None).await? {
            let code = partner.code.to_string();
            let key = keys.get(&("partner", code.clone()));
            for (field, value) in &partner.fields {
                let StoredField::Bytes(bytes) = value else { continue };
                let name = field.as_str();
                if sealed_by(bytes).is_none() {
                    if !plain.contains(field) {
                        check.problems.push(format!(
                            "{name} of {code} is not encrypted; run stockroom privacy classify {name} personal"
                        ));
                    }
                    continue;
                }
                match open_field(*field, bytes, key) {
                    Ok(Some(_)) => check.opened += 1,
                    Ok(None) => check.problems.push(format!("{name} of {code} has no data key")),
                    Err(error) => check.problems.push(error.to_string()),
                }
            }
        }
        for name in self.store.person_names().await? {
            match keys.get(&("person", name.login.clone())) {
                Some(key) => match key.open("person_names", "full_name", &name.full_name) {
                    Ok(_) => check.opened += 1,
                    Err(error) => check.problems.push(error.to_string()),
                },
                None => check.problems.push(format!("the name of {} has no data key", name.login)),
            }
        }
        Ok(())
    }

    /// The bytes of changed fields, and the data key if it is new. Only a personal field needs a key.
    pub(super) async fn sealed(
        &self,
        code: &crate::domain::PartnerCode,
        changes: &BTreeMap<PartnerField, Change<PersonalText>>,
        keyring: Option<&Keyring>,
    ) -> Result<(FieldBytes, Option<WrappedKey>), Error> {
        let plain = self.store.plain_partner_fields().await?;
        let needs_key =
            changes.iter().any(|(field, change)| change.value().is_some() && !plain.contains(field));
        let (key, wrapped) = if needs_key {
            let (key, wrapped) = self.key_for(Subject::Partner(code.clone()), keyring).await?;
            (Some(key), wrapped)
        } else {
            (None, None)
        };
        let mut bytes = BTreeMap::new();
        for (field, change) in changes {
            let value = match (change, &key) {
                (Change::Keep, _) => continue,
                (Change::Clear, _) => None,
                (Change::To(text), Some(key)) if !plain.contains(field) => {
                    Some(key.seal("partners", field.as_str(), text))
                }
                (Change::To(text), _) => Some(privacy::plain_field(text)),
            };
            bytes.insert(*field, value);
        }
        Ok((FieldBytes(bytes), wrapped))
    }
}

/// Makes a subject of a stored code or login.
type SubjectOf = fn(&str) -> Option<Subject>;

/// The kinds of subjects, with how each is named.
const SUBJECTS: [(&str, SubjectOf); 2] = [("partner", partner_subject), ("person", person_subject)];

/// A partner as a subject.
pub(super) fn partner_subject(code: &str) -> Option<Subject> {
    code.parse().ok().map(Subject::Partner)
}

/// A person as a subject.
pub(super) fn person_subject(login: &str) -> Option<Subject> {
    Some(Subject::Person(login.to_owned()))
}
