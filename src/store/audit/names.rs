//! The codes behind the keys of movements, for displaying a record beside a row.

use std::collections::HashMap;

use super::super::{Error, Store};
use super::facts::{COLUMNS, SealedMovement};

/// Codes by key. A key without a code refers to something that does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub products: HashMap<i64, String>,
    pub locations: HashMap<i64, String>,
    pub lots: HashMap<i64, String>,
    /// Codes of suppliers and customers.
    pub partners: HashMap<i64, String>,
}

/// The keys to look up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    pub products: Vec<i64>,
    pub locations: Vec<i64>,
    pub lots: Vec<i64>,
    pub partners: Vec<i64>,
}

impl Store {
    /// Looks up the codes of keys.
    ///
    /// # Errors
    /// As any read.
    pub async fn names_of(&self, keys: &Keys) -> Result<Names, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT 'p', product_id, sku::text FROM stock.products WHERE product_id = ANY ($1)
                 UNION ALL SELECT 'l', location_id, code::text FROM stock.locations WHERE location_id = ANY ($2)
                 UNION ALL SELECT 'b', lot_id, code::text FROM stock.lots WHERE lot_id = ANY ($3)
                 UNION ALL SELECT 'c', partner_id, code::text FROM stock.partners WHERE partner_id = ANY ($4)",
                &[&keys.products, &keys.locations, &keys.lots, &keys.partners],
            )
            .await?;
        let mut names = Names::default();
        for row in &rows {
            let of = match row.try_get::<_, &str>(0)? {
                "p" => &mut names.products,
                "l" => &mut names.locations,
                "b" => &mut names.lots,
                _ => &mut names.partners,
            };
            of.insert(row.try_get(1)?, row.try_get(2)?);
        }
        Ok(names)
    }

    /// The rows that one transaction posted, as far as they still exist and can be read. A row and its record are
    /// written within moments of each other, so only rows posted near the time of the record are searched.
    ///
    /// # Errors
    /// As any read.
    pub async fn posted_by_transaction(
        &self,
        txid: u32,
        near: jiff::Timestamp,
    ) -> Result<Vec<SealedMovement>, Error> {
        let connection = self.connection().await?;
        let select = format!(
            "SELECT {COLUMNS} FROM stock.transactions t
             WHERE t.posted_at BETWEEN $1::timestamptz - interval '1 minute' AND $1::timestamptz + interval '1 minute'
               AND t.xid::xid = $2::text::xid
             ORDER BY t.id LIMIT 1000"
        );
        let rows = connection.query(&select, &[&near, &txid.to_string()]).await?;
        Ok(rows.iter().filter_map(|row| SealedMovement::from_row(row).ok()).collect())
    }
}
