//! The names of the people behind the logins, which are encrypted before they are sent and decrypted after they are
//! read.

use std::collections::BTreeMap;

use super::master_data::admins_only;
use super::privacy::person_subject;
use super::{Error, Service};
use crate::domain::{FieldValue, PartnerDetails, PartnerField, PersonalText, StoredName, Subject};
use crate::privacy::Keyring;

impl Service {
    /// Stores the name of the person behind a login.
    ///
    /// # Errors
    /// [`Error::Privacy`] if the keyring is missing or is another one; a refusal if the caller is not an admin.
    pub async fn set_person_name(
        &self,
        login: &str,
        name: &PersonalText,
        keyring: Option<&Keyring>,
    ) -> Result<(), Error> {
        let (key, wrapped) = self.key_for(Subject::Person(login.to_owned()), keyring).await?;
        let full_name = key.seal("person_names", "full_name", name);
        let stored = StoredName { login: login.to_owned(), full_name };
        self.store.set_person_name(&stored, wrapped.as_ref()).await.map_err(admins_only)
    }

    /// The names of the contact persons of partners that this login and keyring may see.
    ///
    /// # Errors
    /// [`Error::Privacy`] if the keyring is another one, or a name was altered.
    pub async fn contact_names(&self, keyring: &Keyring) -> Result<Vec<PersonalText>, Error> {
        let partners = self.partners(None, Some(keyring)).await?;
        let contact = |partner: PartnerDetails| match partner.fields.get(&PartnerField::ContactName) {
            Some(FieldValue::Text(name)) => Some(name.clone()),
            _ => None,
        };
        Ok(partners.into_iter().filter_map(contact).collect())
    }

    /// The names that this login and keyring may see, by login.
    ///
    /// # Errors
    /// [`Error::Privacy`] if the keyring is another one, or a name was altered.
    pub async fn person_names(
        &self,
        keyring: Option<&Keyring>,
    ) -> Result<BTreeMap<String, PersonalText>, Error> {
        let keys = self.opened_keys("person", None, person_subject, keyring).await?;
        let mut names = BTreeMap::new();
        if keys.is_empty() {
            return Ok(names);
        }
        for stored in self.store.person_names().await? {
            if let Some(key) = keys.get(&stored.login) {
                names.insert(stored.login, key.open("person_names", "full_name", &stored.full_name)?);
            }
        }
        Ok(names)
    }
}
