//! A cache of the keys of codes.
//!
//! Keys never change, and codes are never reassigned (admins cannot change a SKU), so cached entries stay valid.
//! Unknown codes are queried each time.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use tokio_postgres::Row;

use super::{Error, Store};
use crate::domain::{LocationCode, PartnerCode, Refusal, Sku};

/// The most codes of one kind in the cache, some tens of megabytes; beyond that it is emptied.
const CODES_MAX: usize = 200_000;

#[derive(Debug, Default)]
struct Codes {
    products: HashMap<Sku, i64>,
    skus: HashMap<i64, Sku>,
    locations: HashMap<LocationCode, i64>,
    location_codes: HashMap<i64, LocationCode>,
    partners: HashMap<PartnerCode, i64>,
}

/// The cached keys, by code.
#[derive(Debug, Default)]
pub(super) struct KnownKeys(RwLock<Codes>);

impl KnownKeys {
    fn read<T>(&self, look: impl FnOnce(&Codes) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Codes)) {
        let mut codes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if codes.products.len() > CODES_MAX
            || codes.locations.len() > CODES_MAX
            || codes.partners.len() > CODES_MAX
        {
            *codes = Codes::default();
        }
        change(&mut codes);
    }

    pub fn product(&self, sku: &Sku) -> Result<i64, Refusal> {
        self.read(|codes| codes.products.get(sku).copied())
            .ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))
    }

    pub fn location(&self, code: &LocationCode) -> Result<i64, Refusal> {
        self.read(|codes| codes.locations.get(code).copied())
            .ok_or_else(|| Refusal::UnknownLocation(code.clone()))
    }

    pub fn partner(&self, code: &PartnerCode) -> Result<i64, Refusal> {
        self.read(|codes| codes.partners.get(code).copied())
            .ok_or_else(|| Refusal::UnknownPartner(code.clone()))
    }

    /// The codes of a product and a location, if they have been looked up before.
    pub fn names(&self, product: i64, location: i64) -> Option<(Sku, LocationCode)> {
        self.read(|codes| {
            Some((codes.skus.get(&product)?.clone(), codes.location_codes.get(&location)?.clone()))
        })
    }

    /// Stores the result of a look-up: the kind of each code, its key and the code.
    fn remember(&self, rows: &[Row]) -> Result<(), tokio_postgres::Error> {
        let mut products: Vec<(i64, Sku)> = Vec::new();
        let mut locations: Vec<(i64, LocationCode)> = Vec::new();
        let mut partners: Vec<(i64, PartnerCode)> = Vec::new();
        for row in rows {
            let key = row.try_get("key")?;
            match row.try_get("kind")? {
                "product" => products.push((key, row.try_get("code")?)),
                "location" => locations.push((key, row.try_get("code")?)),
                _ => partners.push((key, row.try_get("code")?)),
            }
        }
        self.write(|codes| {
            for (key, sku) in products {
                codes.skus.insert(key, sku.clone());
                codes.products.insert(sku, key);
            }
            for (key, code) in locations {
                codes.location_codes.insert(key, code.clone());
                codes.locations.insert(code, key);
            }
            codes.partners.extend(partners.into_iter().map(|(key, code)| (code, key)));
        });
        Ok(())
    }
}

impl Store {
    /// Looks up the keys of these codes, as far as they exist and are not cached, in one round trip.
    pub(super) async fn learn(
        &self,
        skus: &[&Sku],
        locations: &[&LocationCode],
        partner: Option<&PartnerCode>,
    ) -> Result<(), Error> {
        let (skus, locations, partners) = self.keys.read(|codes| {
            let skus: HashSet<&str> = skus
                .iter()
                .filter(|sku| !codes.products.contains_key(**sku))
                .map(|sku| sku.as_str())
                .collect();
            let locations: HashSet<&str> = locations
                .iter()
                .filter(|code| !codes.locations.contains_key(**code))
                .map(|code| code.as_str())
                .collect();
            let partners: Vec<&str> = partner
                .filter(|code| !codes.partners.contains_key(code))
                .map(PartnerCode::as_str)
                .into_iter()
                .collect();
            (skus.into_iter().collect::<Vec<_>>(), locations.into_iter().collect::<Vec<_>>(), partners)
        });
        if skus.is_empty() && locations.is_empty() && partners.is_empty() {
            return Ok(());
        }
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("keys.sql")).await?;
        let rows = connection.query(&statement, &[&skus, &locations, &partners]).await?;
        self.keys.remember(&rows)?;
        Ok(())
    }
}
