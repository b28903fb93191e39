//! The data keys of personal data, the events that record what was done with them, and the names of people. A key is an
//! argument of a function called by SELECT, so that no audit record contains it; the event beside it is recorded.

use std::collections::BTreeSet;

use deadpool_postgres::Transaction;
use uuid::Uuid;

use super::ROWS_MAX;
use super::statements::{
    ERASE_PARTNER, ERASE_PERSON, KEYRING_EVENT, SET_FIELD_PERSONAL, SET_PERSON_NAME, SUBJECT_EVENT,
};
use crate::domain::{
    KeyCount, KeyringState, PartnerField, PrivacyEvent, Refusal, Restriction, StoredName, Subject, WrappedKey,
};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

from_row!(PrivacyEvent { kind, ground, posted_at, posted_by });
from_row!(StoredName { login, full_name });
from_row!(KeyCount { subject_kind, key_version: unsigned, keys, restricted });
from_row!(KeyringState { key_version: unsigned, fingerprint });

/// A version of the keyring, which the database limits to a million.
fn unsigned(version: i32) -> u32 {
    version.unsigned_abs()
}

fn signed(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

/// Stores a new data key: first the event, which pgaudit records, then the key, which it does not.
pub(super) async fn store_key(
    transaction: &Transaction<'_>,
    subject: &Subject,
    key: &WrappedKey,
) -> Result<(), Error> {
    record(transaction, "key_created", subject, Some(key.key_id), None).await?;
    transaction
        .query_one(
            "SELECT stock.store_data_key($1, $2, $3)",
            &[&key.key_id, &signed(key.key_version), &key.wrapped],
        )
        .await?;
    Ok(())
}

async fn record(
    transaction: &Transaction<'_>,
    kind: &str,
    subject: &Subject,
    key_id: Option<Uuid>,
    ground: Option<&str>,
) -> Result<(), Error> {
    transaction.execute(SUBJECT_EVENT, &[&kind, &subject.kind(), &subject.id(), &key_id, &ground]).await?;
    Ok(())
}

impl Store {
    /// The fields of partners that are not personal data.
    ///
    /// # Errors
    /// As any read.
    pub async fn plain_partner_fields(&self) -> Result<BTreeSet<PartnerField>, Error> {
        let connection = self.connection().await?;
        let rows = connection.query("SELECT field FROM stock.partner_fields WHERE NOT personal", &[]).await?;
        let names: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Sets whether a field of partners is personal data.
    ///
    /// # Errors
    /// A refusal if the caller is not an admin.
    pub async fn set_field_personal(&self, field: PartnerField, personal: bool) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection.execute(SET_FIELD_PERSONAL, &[&field.as_str(), &personal]).await?;
        Ok(())
    }

    /// The data keys of partners or people (`partner` or `person`): all of them, or those of some. Empty for a login
    /// that may read no keys.
    ///
    /// # Errors
    /// As any read.
    pub async fn data_keys(&self, kind: &str, ids: Option<&[&str]>) -> Result<Vec<WrappedKey>, Error> {
        let connection = self.connection().await?;
        let allowed = connection
            .query_one(
                "SELECT pg_catalog.has_function_privilege('stock.data_keys_of(text, text[])', 'EXECUTE')",
                &[],
            )
            .await?;
        if !allowed.try_get::<_, bool>(0)? {
            return Ok(Vec::new());
        }
        let rows = connection
            .query(
                "SELECT key_id, subject, key_version, wrapped FROM stock.data_keys_of($1, $2)",
                &[&kind, &ids],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(WrappedKey {
                    key_id: row.try_get(0)?,
                    subject: row.try_get(1)?,
                    key_version: unsigned(row.try_get(2)?),
                    wrapped: row.try_get(3)?,
                })
            })
            .collect()
    }

    /// How many data keys each version of the keyring wraps.
    ///
    /// # Errors
    /// A refusal if the caller is neither admin nor auditor.
    pub async fn data_key_counts(&self) -> Result<Vec<KeyCount>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query("SELECT subject_kind, key_version, keys, restricted FROM stock.data_key_versions()", &[])
            .await?;
        row::all(&rows)
    }

    /// The keyring that the database expects; `None` if there has never been one.
    ///
    /// # Errors
    /// As any read.
    pub async fn keyring_state(&self) -> Result<Option<KeyringState>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT key_version, fingerprint FROM stock.privacy_events WHERE kind IN ('keyring_created', 'keyring_rotated') ORDER BY event_no DESC LIMIT 1",
                &[],
            )
            .await?;
        Ok(row::all(&rows)?.pop())
    }

    /// Records that a keyring was created.
    ///
    /// # Errors
    /// A refusal if the caller is not an admin.
    pub async fn record_keyring(&self, state: &KeyringState) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection
            .execute(KEYRING_EVENT, &[&"keyring_created", &signed(state.key_version), &state.fingerprint])
            .await?;
        Ok(())
    }

    /// Replaces every data key with the same key wrapped by a new version of the keyring, and returns how many there
    /// are.
    ///
    /// # Errors
    /// The rule `rotation_is_complete` if a key was created meanwhile; a refusal if the caller is not an admin.
    pub async fn rewrap_data_keys(&self, state: &KeyringState, keys: &[WrappedKey]) -> Result<u64, Error> {
        let version = signed(state.key_version);
        let (ids, wrapped): (Vec<Uuid>, Vec<&[u8]>) =
            keys.iter().map(|key| (key.key_id, key.wrapped.as_slice())).unzip();
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        transaction.execute(KEYRING_EVENT, &[&"keyring_rotated", &version, &state.fingerprint]).await?;
        let row = transaction
            .query_one("SELECT stock.rewrap_data_keys($1, $2, $3)", &[&version, &ids, &wrapped])
            .await?;
        let rewrapped: i64 = row.try_get(0)?;
        transaction.commit().await?;
        Ok(rewrapped.unsigned_abs())
    }

    /// Empties the fields of a subject and destroys its data key, in one transaction.
    ///
    /// # Errors
    /// The rule `subject_has_data` if there is no key; a refusal if the caller is not an admin.
    pub async fn erase(&self, subject: &Subject, ground: &str) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        let statement = match subject {
            Subject::Partner(_) => ERASE_PARTNER,
            Subject::Person(_) => ERASE_PERSON,
        };
        let changed = transaction.execute(statement, &[&subject.id()]).await?;
        if let (Subject::Partner(code), 0) = (subject, changed) {
            return Err(Refusal::UnknownPartner(code.clone()).into());
        }
        record(&transaction, "erased", subject, None, Some(ground)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Restricts the data of a subject to admins, or lifts the restriction.
    ///
    /// # Errors
    /// The rule `subject_has_data` if there is no key; a refusal if the caller is not an admin.
    pub async fn restrict(
        &self,
        subject: &Subject,
        restriction: Restriction,
        ground: &str,
    ) -> Result<(), Error> {
        let kind = match restriction {
            Restriction::Restrict => "restricted",
            Restriction::Lift => "restriction_lifted",
        };
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        record(&transaction, kind, subject, None, Some(ground)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Records that the data of a subject were exported.
    ///
    /// # Errors
    /// A refusal if the caller is not an admin.
    pub async fn record_export(&self, subject: &Subject) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        record(&transaction, "exported", subject, None, None).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The events about a subject, oldest first.
    ///
    /// # Errors
    /// A refusal if the caller is neither admin nor auditor.
    pub async fn privacy_events(&self, subject: &Subject) -> Result<Vec<PrivacyEvent>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT kind, ground, posted_at, posted_by::text FROM stock.privacy_events WHERE subject_kind = $1 AND subject = $2 ORDER BY event_no LIMIT $3",
                &[&subject.kind(), &subject.id(), &i64::from(ROWS_MAX)],
            )
            .await?;
        row::all(&rows)
    }

    /// The names of people, by login; empty for a login that may not read them.
    ///
    /// # Errors
    /// As any read.
    pub async fn person_names(&self) -> Result<Vec<StoredName>, Error> {
        let connection = self.connection().await?;
        let allowed = connection
            .query_one("SELECT pg_catalog.has_table_privilege('stock.person_names', 'SELECT')", &[])
            .await?;
        if !allowed.try_get::<_, bool>(0)? {
            return Ok(Vec::new());
        }
        let rows = connection
            .query(
                "SELECT login, full_name FROM stock.person_names ORDER BY login LIMIT $1",
                &[&i64::from(ROWS_MAX)],
            )
            .await?;
        row::all(&rows)
    }

    /// Stores the name of the person behind a login, in one transaction with its data key, if that is new.
    ///
    /// # Errors
    /// A refusal if the caller is not an admin.
    pub async fn set_person_name(&self, name: &StoredName, key: Option<&WrappedKey>) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        if let Some(key) = key {
            store_key(&transaction, &Subject::Person(name.login.clone()), key).await?;
        }
        transaction.execute(SET_PERSON_NAME, &[&name.login, &name.full_name]).await?;
        transaction.commit().await?;
        Ok(())
    }
}
