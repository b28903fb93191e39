//! Master data as admins list them: the records of a kind, and the history of one.

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio_postgres::types::Json;

use crate::domain::{
    FieldVersion, LotRow, PartnerCode, PartnerRow, ProductFilter, Record, RecordKey, RecordKind,
    RecordVersion,
};
use crate::store::row::{self, from_row, plain};
use crate::store::{Error, Store};

/// The most versions of one record that are read, the newest first.
const VERSIONS_MAX: i64 = 500;

from_row!(LotRow { sku, name, lot, expires_on, on_hand: plain });
from_row!(PartnerRow { code, name, kind, min_life_days });

impl Store {
    /// The records of a kind whose code or name contains a text, by code, including archived ones.
    ///
    /// # Errors
    /// A refusal if the login may not read them; and as any read.
    pub async fn records(&self, kind: RecordKind, text: &str, limit: u16) -> Result<Vec<Record>, Error> {
        let text = text.trim();
        let limit = u32::from(limit);
        Ok(match kind {
            RecordKind::Product => {
                let search = Some(text.to_owned());
                let filter = ProductFilter { search, low: false, archived: true, limit: Some(limit) };
                self.products(&filter).await?.into_iter().map(|row| Record::Product(Box::new(row))).collect()
            }
            RecordKind::Location => {
                self.locations_with(text, limit).await?.into_iter().map(Record::Location).collect()
            }
            RecordKind::Lot => {
                let connection = self.connection().await?;
                let rows = connection.query(include_str!("lots.sql"), &[&text, &i64::from(limit)]).await?;
                row::all(&rows)?.into_iter().map(Record::Lot).collect()
            }
            RecordKind::Partner => {
                self.partner_rows(text, limit).await?.into_iter().map(Record::Partner).collect()
            }
            RecordKind::Person => {
                let text = text.to_lowercase();
                let people = self.people().await?.into_iter();
                let meant = people.filter(|person| person.login.to_lowercase().contains(&text));
                meant
                    .take(usize::from(u16::try_from(limit).unwrap_or(u16::MAX)))
                    .map(Record::Person)
                    .collect()
            }
        })
    }

    /// A partner without its personal fields.
    ///
    /// # Errors
    /// As any read.
    pub async fn partner_row(&self, code: &PartnerCode) -> Result<Option<PartnerRow>, Error> {
        let rows = self.partner_rows(code.as_str(), 1).await?;
        Ok(rows.into_iter().find(|row| row.code == *code))
    }

    /// Partners whose code or name contains a text; the one whose code it is comes first.
    async fn partner_rows(&self, text: &str, limit: u32) -> Result<Vec<PartnerRow>, Error> {
        let connection = self.connection().await?;
        row::all(&connection.query(include_str!("partner_rows.sql"), &[&text, &i64::from(limit)]).await?)
    }

    /// The versions of a record, the newest first, and what each changed. Logins of people have none, because they are
    /// not rows of a table; their changes are in the audit log.
    ///
    /// # Errors
    /// A refusal if the login may not read the history; and as any read.
    pub async fn record_versions(&self, key: &RecordKey) -> Result<Vec<RecordVersion>, Error> {
        let (kind, code, lot) = match key {
            RecordKey::Product(sku) => ("product", sku.as_str(), ""),
            RecordKey::Location(code) => ("location", code.as_str(), ""),
            RecordKey::Lot(sku, lot) => ("lot", sku.as_str(), lot.as_str()),
            RecordKey::Partner(code) => ("partner", code.as_str(), ""),
            RecordKey::Person(_) => return Ok(Vec::new()),
        };
        let connection = self.connection().await?;
        let rows = connection
            .query(include_str!("record_versions.sql"), &[&kind, &code, &lot, &VERSIONS_MAX])
            .await?;
        let version = |row: &tokio_postgres::Row| {
            let after: Json<Map<String, Value>> = row.try_get("row_values")?;
            let before: Option<Json<Map<String, Value>>> = row.try_get("before")?;
            Ok(RecordVersion {
                changed_at: row.try_get::<_, Timestamp>("changed_at")?,
                changed_by: row.try_get("changed_by")?,
                operation: row.try_get("operation")?,
                fields: FieldVersion::between(before.as_ref().map(|before| &before.0), &after.0),
            })
        };
        rows.iter().map(version).collect()
    }
}
