//! Suppliers and customers: adding, changing and listing. Their personal fields are passed as ciphertext.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::ROWS_MAX;
use super::privacy::store_key;
use crate::domain::{
    Added, EarlierFields, FieldBytes, Name, NewPartner, PartnerChange, PartnerCode, PartnerField, Refusal,
    StoredField, StoredPartner, Subject, WrappedKey,
};
use crate::store::{Error, Store};

impl Store {
    /// Reads suppliers and customers by code: all of them, or those that are named.
    ///
    /// # Errors
    /// As any read.
    pub async fn partners(&self, codes: Option<&[PartnerCode]>) -> Result<Vec<StoredPartner>, Error> {
        let connection = self.connection().await?;
        let columns = PartnerField::ALL.map(PartnerField::as_str);
        let readable = connection
            .query(
                "SELECT field FROM pg_catalog.unnest($1::text[]) AS f (field) WHERE pg_catalog.has_column_privilege('stock.partners', field, 'SELECT')",
                &[&columns.as_slice()],
            )
            .await?;
        let readable: BTreeSet<String> =
            readable.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let columns = PartnerField::ALL.map(|field| column(field, readable.contains(field.as_str())));
        let select = format!(
            "SELECT p.code, p.name, p.kind, p.min_life_days, {} FROM stock.partners p JOIN stock.partner_details d ON d.code = p.code
             WHERE $2::text[] IS NULL OR p.code = ANY ($2) ORDER BY p.code LIMIT $1",
            columns.join(", ")
        );
        let codes: Option<Vec<&str>> = codes.map(|codes| codes.iter().map(PartnerCode::as_str).collect());
        let rows = connection.query(&select, &[&i64::from(ROWS_MAX), &codes]).await?;
        rows.iter().map(stored_partner).collect()
    }

    /// Adds suppliers and customers; those whose code exists are not changed.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_partners(&self, partners: &[NewPartner]) -> Result<Added, Error> {
        let codes: Vec<&str> = partners.iter().map(|p| p.code.as_str()).collect();
        let names: Vec<Option<&str>> = partners.iter().map(|p| p.name.as_ref().map(Name::as_str)).collect();
        let kinds: Vec<&str> = partners.iter().map(|p| p.kind.as_str()).collect();
        let connection = self.connection().await?;
        let added = connection.execute(super::statements::ADD_PARTNERS, &[&codes, &names, &kinds]).await?;
        Ok(Added { added, existing: partners.len() as u64 - added })
    }

    /// Changes a partner: name, remaining life and the fields as stored, in one transaction with the data key of the
    /// fields, if that is new. With `new`, the partner is added first.
    ///
    /// # Errors
    /// [`Refusal::UnknownPartner`], or [`Refusal::PartnerExists`] for a new one; the rule `personal_data_is_encrypted`
    /// if a field has become personal meanwhile; and as any write.
    pub async fn write_partner(
        &self,
        change: &PartnerChange,
        new: Option<&NewPartner>,
        fields: &FieldBytes,
        key: Option<&WrappedKey>,
    ) -> Result<(), Error> {
        let PartnerChange { code, name, min_life_days, .. } = change;
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        if let Some(new) = new {
            let name = new.name.as_ref().map(Name::as_str);
            let added = transaction
                .execute(
                    super::statements::ADD_PARTNERS,
                    &[&[code.as_str()].as_slice(), &[name].as_slice(), &[new.kind.as_str()].as_slice()],
                )
                .await?;
            if added == 0 {
                return Err(Refusal::PartnerExists(code.clone()).into());
            }
        }
        if let Some(key) = key {
            store_key(&transaction, &Subject::Partner(code.clone()), key).await?;
        }
        let changes_text = name.is_wanted() || !fields.0.is_empty();
        if changes_text || (new.is_none() && !min_life_days.is_wanted()) {
            let (code_text, name_wanted, name_text) =
                (code.as_str(), name.is_wanted(), name.value().map(Name::as_str));
            let values = PartnerField::ALL.map(|field| match fields.0.get(&field) {
                Some(value) => (true, value.as_deref()),
                None => (false, None),
            });
            let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&code_text, &name_wanted, &name_text];
            for (wanted, value) in &values {
                parameters.push(wanted);
                parameters.push(value);
            }
            if transaction.execute(super::statements::CHANGE_PARTNER, &parameters).await? == 0 {
                return Err(Refusal::UnknownPartner(code.clone()).into());
            }
        }
        if min_life_days.is_wanted() {
            let days = min_life_days.value().copied();
            let changed =
                transaction.execute(super::statements::CHANGE_MIN_LIFE, &[&code.as_str(), &days]).await?;
            if changed == 0 {
                return Err(Refusal::UnknownPartner(code.clone()).into());
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The fields of a partner as they were after each change, oldest first.
    ///
    /// # Errors
    /// A refusal for a login that may not read the history.
    pub async fn earlier_fields(&self, code: &PartnerCode) -> Result<Vec<EarlierFields>, Error> {
        let connection = self.connection().await?;
        // The history spells bytea as \x and hexadecimal digits.
        let columns = PartnerField::ALL.map(|field| {
            let name = field.as_str();
            format!("pg_catalog.decode(pg_catalog.substr(h.row_values ->> '{name}', 3), 'hex') AS {name}")
        });
        let select = format!(
            "SELECT h.changed_at, h.changed_by::text, {} FROM stock.master_history h
             JOIN stock.partners p ON p.partner_id::text = h.row_key
             WHERE h.table_name = 'partners' AND p.code = $1 ORDER BY h.change_no LIMIT $2",
            columns.join(", ")
        );
        let rows = connection.query(&select, &[&code.as_str(), &i64::from(ROWS_MAX)]).await?;
        rows.iter()
            .map(|row| {
                let mut fields = BTreeMap::new();
                for field in PartnerField::ALL {
                    if let Some(bytes) = row.try_get::<_, Option<Vec<u8>>>(field.as_str())? {
                        fields.insert(field, bytes);
                    }
                }
                Ok(EarlierFields { changed_at: row.try_get(0)?, changed_by: row.try_get(1)?, fields })
            })
            .collect()
    }
}

/// The expression for a field of a partner. A login that may not read it reads the view, which shows it only if it is
/// not personal.
fn column(field: PartnerField, readable: bool) -> String {
    let name = field.as_str();
    if readable {
        return format!("p.{name}, false AS {name}_withheld");
    }
    format!(
        "CASE WHEN d.{name} <> '(encrypted)' THEN '\\x00'::bytea || pg_catalog.convert_to(d.{name}, 'UTF8') END AS {name},
         coalesce(d.{name} = '(encrypted)', false) AS {name}_withheld"
    )
}

fn stored_partner(row: &Row) -> Result<StoredPartner, Error> {
    let mut fields = BTreeMap::new();
    for field in PartnerField::ALL {
        let name = field.as_str();
        let bytes: Option<Vec<u8>> = row.try_get(name)?;
        let withheld: bool = row.try_get(format!("{name}_withheld").as_str())?;
        if let Some(value) = bytes.map(StoredField::Bytes).or(withheld.then_some(StoredField::Withheld)) {
            fields.insert(field, value);
        }
    }
    Ok(StoredPartner {
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        min_life_days: row.try_get("min_life_days")?,
        fields,
    })
}
