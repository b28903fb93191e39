//! Suppliers and customers: added and listed.

use super::ROWS_MAX;
use crate::domain::{Added, Name, NewPartner, PartnerRow};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

from_row!(PartnerRow { code, name, kind });

impl Store {
    /// Lists the suppliers and customers by code.
    ///
    /// # Errors
    /// As any read.
    pub async fn partners(&self) -> Result<Vec<PartnerRow>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT code, name, kind FROM stock.partners ORDER BY code LIMIT $1",
                &[&i64::from(ROWS_MAX)],
            )
            .await?;
        row::all(&rows)
    }

    /// Adds suppliers and customers; those whose code exists stay as they are.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_partners(&self, partners: &[NewPartner]) -> Result<Added, Error> {
        let codes: Vec<&str> = partners.iter().map(|p| p.code.as_str()).collect();
        let names: Vec<Option<&str>> = partners.iter().map(|p| p.name.as_ref().map(Name::as_str)).collect();
        let kinds: Vec<&str> = partners.iter().map(|p| p.kind.as_str()).collect();
        let connection = self.connection().await?;
        let added = connection.execute(include_str!("add_partners.sql"), &[&codes, &names, &kinds]).await?;
        Ok(Added { added, existing: partners.len() as u64 - added })
    }
}
