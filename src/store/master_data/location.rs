//! Locations: adding, listing, changing and archiving.

use super::ROWS_MAX;
use crate::domain::{
    Added, Archiving, LocationChange, LocationCode, LocationRow, Name, NewLocation, Refusal,
};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

/// The columns of a [`LocationRow`] of the location `l`, whose parent is `parent`.
pub(in crate::store) const LOCATION_ROW: &str = "l.code, l.name, parent.code AS parent, l.kind, \
     (SELECT count(DISTINCT s.product_id) FROM stock.stock_levels s WHERE s.location_id = l.location_id AND s.on_hand > 0) AS products, \
     l.archived_at";

from_row!(LocationRow { code, name, parent, kind, products, archived_at });

impl Store {
    /// Lists the locations by code.
    ///
    /// # Errors
    /// As any read.
    pub async fn locations(&self) -> Result<Vec<LocationRow>, Error> {
        self.locations_with("", ROWS_MAX).await
    }

    /// Lists the locations whose code or name contains a text, archived ones too, by code.
    ///
    /// # Errors
    /// As any read.
    pub async fn locations_with(&self, text: &str, limit: u32) -> Result<Vec<LocationRow>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                &format!(
                    "SELECT {LOCATION_ROW}
                     FROM stock.locations l LEFT JOIN stock.locations parent ON parent.location_id = l.parent_id
                     WHERE $1 = '' OR strpos(l.code, upper($1)) > 0 OR strpos(lower(l.name), lower($1)) > 0
                     ORDER BY l.code LIMIT $2"
                ),
                &[&text, &i64::from(limit)],
            )
            .await?;
        row::all(&rows)
    }

    /// Adds locations in the order given, so that parents may precede their children; those whose code exists are not
    /// changed.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`] for a parent that does not exist.
    pub async fn add_locations(&self, locations: &[NewLocation]) -> Result<Added, Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        let statement = transaction.prepare_cached(super::statements::ADD_LOCATION).await?;
        let mut added = 0;
        for location in locations {
            let name = location.name.as_ref().map(Name::as_str);
            let parent = location.parent.as_ref().map(LocationCode::as_str);
            if let Some(parent) = &location.parent {
                let known = transaction
                    .query_opt("SELECT FROM stock.locations WHERE code = $1", &[&parent.as_str()])
                    .await?;
                known.ok_or_else(|| Refusal::UnknownLocation(parent.clone()))?;
            }
            added += transaction
                .execute(&statement, &[&location.code.as_str(), &name, &parent, &location.kind.as_str()])
                .await?;
        }
        transaction.commit().await?;
        Ok(Added { added, existing: locations.len() as u64 - added })
    }

    /// Changes the name, the kind or the parent of a location.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`] for it or its parent; the rule `locations_form_a_tree` if it would become part of
    /// itself; and as any write.
    pub async fn change_location(&self, change: &LocationChange) -> Result<(), Error> {
        if change.parent.value() == Some(&change.code) {
            // The sentence of the rule that finds longer cycles; the CHECK that finds this one has none.
            return Err(Refusal::Rule {
                rule: "locations_form_a_tree".to_owned(),
                message: format!("Location {} cannot be part of a place that is part of it.", change.code),
            }
            .into());
        }
        let codes: Vec<&LocationCode> =
            [Some(&change.code), change.parent.value()].into_iter().flatten().collect();
        self.learn(&[], &codes, None).await?;
        let location = self.keys.location(&change.code)?;
        let parent = change.parent.value().map(|code| self.keys.location(code)).transpose()?;
        let connection = self.connection().await?;
        connection
            .execute(
                super::statements::CHANGE_LOCATION,
                &[
                    &location,
                    &change.name.is_wanted(),
                    &change.name.value().map(Name::as_str),
                    &change.parent.is_wanted(),
                    &parent,
                    &change.kind.map(|kind| kind.as_str()),
                ],
            )
            .await?;
        Ok(())
    }

    /// Archives a location, so that nothing can be put there, or restores it.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`]; the rule `location_not_empty` if it holds stock; and as any write.
    pub async fn set_location_archived(
        &self,
        code: &LocationCode,
        archived: bool,
    ) -> Result<Archiving, Error> {
        let done = self.archive(&[super::statements::ARCHIVE_LOCATION], code, archived).await?;
        done.ok_or_else(|| Refusal::UnknownLocation(code.clone()).into())
    }
}
