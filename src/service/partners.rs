//! Suppliers and customers with their personal fields, which are encrypted before they are sent and decrypted after
//! they are read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::master_data::admins_only;
use super::privacy::partner_subject;
use super::{Error, Service};
use crate::domain::{
    Change, FieldChanges, FieldValue, NewPartner, PartnerChange, PartnerCode, PartnerContacts,
    PartnerDetails, PartnerField, PrivacyEvent, Refusal, StoredField, StoredPartner, Subject,
};
use crate::privacy::{DataKey, Keyring, open_field, sealed_by};

/// The fields of a partner as they were after a change, as far as their key still exists.
#[derive(Debug)]
pub struct EarlierDetails {
    pub changed_at: Timestamp,
    pub changed_by: String,
    pub fields: BTreeMap<PartnerField, FieldValue>,
}

/// Everything that is stored about a partner.
#[derive(Debug)]
pub struct FoundPartner {
    pub details: PartnerDetails,
    /// Its fields as they were after each change, oldest first.
    pub earlier: Vec<EarlierDetails>,
    /// The recorded events of its data key.
    pub events: Vec<PrivacyEvent>,
}

impl Service {
    /// Adds one supplier or customer with its fields.
    ///
    /// # Errors
    /// [`Refusal::PartnerExists`] if the code exists; [`Error::Privacy`] if a field is personal and the keyring is
    /// missing or is another one.
    pub async fn add_partner_with(
        &self,
        partner: &NewPartner,
        min_life_days: Change<i32>,
        fields: &FieldChanges,
        keyring: Option<&Keyring>,
    ) -> Result<(), Error> {
        let (bytes, key) = self.sealed(&partner.code, fields, keyring).await?;
        let change = PartnerChange { min_life_days, ..PartnerChange::of(partner.code.clone()) };
        let written = self.store.write_partner(&change, Some(partner), &bytes, key.as_ref()).await;
        written.map_err(admins_only)
    }

    /// Changes the name and the fields of a partner.
    ///
    /// # Errors
    /// [`Refusal::UnknownPartner`]; [`Error::Privacy`] if a field is personal and the keyring is missing or is another
    /// one; a refusal if the caller is not an admin.
    pub async fn change_partner(
        &self,
        change: &PartnerChange,
        keyring: Option<&Keyring>,
    ) -> Result<(), Error> {
        let (bytes, key) = self.sealed(&change.code, &change.fields, keyring).await?;
        let written = self.store.write_partner(change, None, &bytes, key.as_ref()).await;
        written.map_err(admins_only)
    }

    /// Reads suppliers and customers, by code; with a search, those whose code, name, contact, e-mail or telephone
    /// contains each of its words. Encrypted fields are decrypted here, in memory; without the keyring they are hidden.
    ///
    /// # Errors
    /// [`Error::Privacy`] if the keyring is another one, or a value was altered.
    pub async fn partners(
        &self,
        search: Option<&str>,
        keyring: Option<&Keyring>,
    ) -> Result<Vec<PartnerDetails>, Error> {
        let words: Vec<String> =
            search.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
        let stored = self.store.partners(None).await?;
        let keys = self.opened_keys("partner", None, partner_subject, keyring).await?;
        let mut found = Vec::new();
        for partner in stored {
            let key = keys.get(partner.code.as_str());
            let details = details(partner, key)?;
            if words.iter().all(|word| contains(&details, word)) {
                found.push(details);
            }
        }
        Ok(found)
    }

    /// Reads one partner with its fields.
    ///
    /// # Errors
    /// [`Refusal::UnknownPartner`]; [`Error::Privacy`] as for [`Service::partners`].
    pub async fn partner(
        &self,
        code: &PartnerCode,
        keyring: Option<&Keyring>,
    ) -> Result<PartnerDetails, Error> {
        let stored = self.store.partners(Some(std::slice::from_ref(code))).await?.pop();
        let stored = stored.ok_or_else(|| Refusal::UnknownPartner(code.clone()))?;
        let keys = self.opened_keys("partner", Some(&[code.as_str()]), partner_subject, keyring).await?;
        details(stored, keys.get(code.as_str()))
    }

    /// The fields of a partner for a form, of none yet for a new one, or why they cannot be entered with this keyring.
    ///
    /// # Errors
    /// [`Refusal::UnknownPartner`]; [`Error::Privacy`] if a value was altered.
    pub async fn partner_contacts(
        &self,
        code: Option<&PartnerCode>,
        keyring: Option<&Keyring>,
    ) -> Result<PartnerContacts, Error> {
        match self.fitting(keyring).await {
            Ok(_) => {}
            Err(Error::Privacy(error)) => {
                return Ok(PartnerContacts { locked: Some(error.into()), ..PartnerContacts::default() });
            }
            Err(error) => return Err(error),
        }
        let fields = match code {
            Some(code) => self.partner(code, keyring).await?.fields,
            None => BTreeMap::new(),
        };
        Ok(PartnerContacts { fields, locked: None })
    }

    /// Everything that is stored about a partner, for the person concerned. The export is recorded.
    ///
    /// # Errors
    /// As for one partner; a refusal if the caller is not an admin.
    pub async fn export_partner(&self, code: &PartnerCode, keyring: &Keyring) -> Result<FoundPartner, Error> {
        self.fitting(Some(keyring)).await?;
        let details = self.partner(code, Some(keyring)).await?;
        let subject = Subject::Partner(code.clone());
        self.store.record_export(&subject).await.map_err(admins_only)?;
        let keys =
            self.opened_keys("partner", Some(&[code.as_str()]), partner_subject, Some(keyring)).await?;
        let key = keys.get(code.as_str());
        let mut earlier = Vec::new();
        for state in self.store.earlier_fields(code).await? {
            let mut fields = BTreeMap::new();
            for (field, bytes) in state.fields {
                // Values encrypted with a destroyed key remain in the history, unreadable.
                let own = sealed_by(&bytes).is_none_or(|id| key.is_some_and(|key| key.id() == id));
                let text = if own { open_field(field, &bytes, key)? } else { None };
                fields.insert(field, text.map_or(FieldValue::Hidden, FieldValue::Text));
            }
            earlier.push(EarlierDetails {
                changed_at: state.changed_at,
                changed_by: state.changed_by,
                fields,
            });
        }
        let events = self.store.privacy_events(&subject).await?;
        Ok(FoundPartner { details, earlier, events })
    }
}

fn details(stored: StoredPartner, key: Option<&DataKey>) -> Result<PartnerDetails, Error> {
    let StoredPartner { code, name, kind, min_life_days, fields: stored } = stored;
    let mut fields = BTreeMap::new();
    for (field, value) in stored {
        let text = match value {
            StoredField::Bytes(bytes) => open_field(field, &bytes, key)?,
            StoredField::Withheld => None,
        };
        fields.insert(field, text.map_or(FieldValue::Hidden, FieldValue::Text));
    }
    Ok(PartnerDetails { code, name, kind, min_life_days, fields })
}

/// Whether one of the texts by which a partner is searched contains a word in lower case.
fn contains(partner: &PartnerDetails, word: &str) -> bool {
    let known_by = [PartnerField::ContactName, PartnerField::Email, PartnerField::Telephone];
    let fields = known_by.iter().filter_map(|field| partner.fields.get(field).and_then(FieldValue::text));
    [partner.code.as_str()]
        .into_iter()
        .chain(partner.name.as_ref().map(crate::domain::Name::as_str))
        .chain(fields)
        .any(|text| text.to_lowercase().contains(word))
}
