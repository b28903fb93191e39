//! Master data: products, barcodes, locations, partners; and the memory of which code has which key.
//!
//! Keys never change and codes never change hands (admins cannot update a sku), so what has been
//! learned stays true. What is not known is asked for each time.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::Row;

use super::{Error, Store};
use crate::domain::{LocationCode, NewLocation, NewPartner, NewProduct, PartnerCode, Refusal, Sku};

/// The most codes of one kind that are remembered, some tens of megabytes; beyond it the memory starts afresh.
const CODES_MAX: usize = 200_000;
/// The most rows of one list.
pub const ROWS_MAX: u32 = 100_000;

/// What a posting needs to know of a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownProduct {
    pub id: i64,
}

#[derive(Debug, Default)]
struct Codes {
    products: HashMap<Sku, KnownProduct>,
    skus: HashMap<i64, Sku>,
    locations: HashMap<LocationCode, i64>,
    location_codes: HashMap<i64, LocationCode>,
    partners: HashMap<PartnerCode, i64>,
}

/// Which code has which key.
#[derive(Debug, Default)]
pub(super) struct Cache(RwLock<Codes>);

impl Cache {
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

    pub fn product(&self, sku: &Sku) -> Result<KnownProduct, Refusal> {
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

    /// The codes of a product and a location that have been looked up before.
    pub fn names(&self, product: i64, location: i64) -> Option<(Sku, LocationCode)> {
        self.read(|codes| {
            Some((codes.skus.get(&product)?.clone(), codes.location_codes.get(&location)?.clone()))
        })
    }
}

/// How many rows a bulk addition made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Added {
    /// New rows.
    pub added: u64,
    /// Rows whose code existed already; they were left as they are.
    pub existing: u64,
}

/// Which products to list.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Part of the sku or name, or a whole barcode; any case.
    pub search: Option<String>,
    /// Only those at or below their reorder point.
    pub low: bool,
    /// Archived ones too.
    pub archived: bool,
    /// The most rows; the default is all.
    pub limit: Option<u32>,
}

/// A product with what is on hand of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ProductRow {
    /// Its code.
    pub sku: String,
    /// What it is called.
    pub name: String,
    /// The unit that it is counted in.
    pub unit: String,
    /// How many decimal places its quantities may have.
    pub decimals: i16,
    /// The heading that it is grouped under.
    pub category: Option<String>,
    /// The quantity at or below which it counts as low.
    pub reorder_point: Option<Decimal>,
    /// What one unit costs.
    pub unit_cost: Option<Decimal>,
    /// What one unit sells for.
    pub unit_price: Option<Decimal>,
    /// How its units are told apart.
    pub tracking: String,
    /// Its barcodes.
    pub barcodes: Vec<PackRow>,
    /// What is on hand in all places.
    pub on_hand: Decimal,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
}

/// A barcode of a product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PackRow {
    /// The characters as scanned.
    pub barcode: String,
    /// How many units one scan counts.
    pub pack_quantity: Decimal,
}

/// A location with what it is part of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LocationRow {
    /// Its code.
    pub code: String,
    /// What people call it.
    pub name: Option<String>,
    /// The code of the location that it is part of.
    pub parent: Option<String>,
    /// What it is.
    pub kind: String,
    /// How many products have stock there.
    pub products: i64,
    /// Since when it is out of use.
    pub archived_at: Option<Timestamp>,
}

/// A supplier or customer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PartnerRow {
    /// The number in the books.
    pub code: String,
    /// The name of the firm.
    pub name: Option<String>,
    /// `supplier` or `customer`.
    pub kind: String,
}

fn packs(barcodes: Vec<String>, quantities: Vec<Decimal>) -> Vec<PackRow> {
    let pack =
        |(barcode, quantity): (String, Decimal)| PackRow { barcode, pack_quantity: quantity.normalize() };
    barcodes.into_iter().zip(quantities).map(pack).collect()
}

/// The columns of a [`ProductRow`] of the product `p`.
pub(super) const PRODUCT_ROW: &str = "p.sku, p.name, p.unit, p.decimals, p.category, p.reorder_point, p.unit_cost, p.unit_price, p.tracking, \
     coalesce((SELECT array_agg(b.barcode ORDER BY b.barcode) FROM stock.barcodes b WHERE b.product_id = p.product_id), '{}'), \
     coalesce((SELECT sum(s.on_hand) FROM stock.stock_levels s WHERE s.product_id = p.product_id), 0) AS on_hand, \
     p.archived_at, \
     coalesce((SELECT array_agg(b.pack_quantity ORDER BY b.barcode) FROM stock.barcodes b WHERE b.product_id = p.product_id), '{}')";

pub(super) fn product_row(row: &Row) -> Result<ProductRow, Error> {
    Ok(ProductRow {
        sku: row.try_get(0)?,
        name: row.try_get(1)?,
        unit: row.try_get(2)?,
        decimals: row.try_get(3)?,
        category: row.try_get(4)?,
        reorder_point: row.try_get(5)?,
        unit_cost: row.try_get(6)?,
        unit_price: row.try_get(7)?,
        tracking: row.try_get(8)?,
        barcodes: packs(row.try_get(9)?, row.try_get(12)?),
        on_hand: row.try_get(10)?,
        archived_at: row.try_get(11)?,
    })
}

pub(super) fn location_row(row: &Row) -> Result<LocationRow, Error> {
    Ok(LocationRow {
        code: row.try_get(0)?,
        name: row.try_get(1)?,
        parent: row.try_get(2)?,
        kind: row.try_get(3)?,
        products: row.try_get(4)?,
        archived_at: row.try_get(5)?,
    })
}

impl Store {
    /// Learns the keys of these codes, as far as they exist and are not known yet, in one round trip.
    pub(super) async fn learn(
        &self,
        skus: &[&Sku],
        locations: &[&LocationCode],
        partner: Option<&PartnerCode>,
    ) -> Result<(), Error> {
        let (skus, locations, partners) = self.catalogue.read(|codes| {
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
        let statement = connection
            .prepare_cached(
                "SELECT 'product', product_id, sku FROM stock.products WHERE sku = ANY($1)
                 UNION ALL SELECT 'location', location_id, code FROM stock.locations WHERE code = ANY($2)
                 UNION ALL SELECT 'partner', partner_id, code FROM stock.partners WHERE code = ANY($3)",
            )
            .await?;
        let rows = connection.query(&statement, &[&skus, &locations, &partners]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.push((
                row.try_get::<_, String>(0)?,
                row.try_get::<_, i64>(1)?,
                row.try_get::<_, String>(2)?,
            ));
        }
        self.remember(found).map_err(Error::from)
    }

    fn remember(&self, found: Vec<(String, i64, String)>) -> Result<(), Refusal> {
        let mut parsed = Vec::with_capacity(found.len());
        for (what, id, code) in found {
            parsed.push(match what.as_str() {
                "product" => (id, Some(code.parse::<Sku>()?), None, None),
                "location" => (id, None, Some(code.parse::<LocationCode>()?), None),
                _ => (id, None, None, Some(code.parse::<PartnerCode>()?)),
            });
        }
        self.catalogue.write(|codes| {
            for (id, sku, location, partner) in parsed {
                if let Some(sku) = sku {
                    codes.skus.insert(id, sku.clone());
                    codes.products.insert(sku, KnownProduct { id });
                }
                if let Some(code) = location {
                    codes.location_codes.insert(id, code.clone());
                    codes.locations.insert(code, id);
                }
                if let Some(code) = partner {
                    codes.partners.insert(code, id);
                }
            }
        });
        Ok(())
    }

    /// Finds the product that a text means: its sku, or one of its barcodes. Returns the sku and how
    /// many units one scan counts.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] when there is none.
    pub async fn identify(&self, text: &str) -> Result<(Sku, Decimal), Error> {
        let text = text.trim();
        let connection = self.connection().await?;
        let statement = connection
            .prepare_cached(
                "SELECT sku, 1::numeric FROM stock.products WHERE sku = $2
                 UNION ALL
                 SELECT p.sku, b.pack_quantity FROM stock.barcodes b JOIN stock.products p USING (product_id) WHERE b.barcode = $1
                 LIMIT 1",
            )
            .await?;
        let row = connection.query_opt(&statement, &[&text, &text.to_ascii_uppercase()]).await?;
        let row = row.ok_or_else(|| Refusal::UnknownProduct(text.to_owned()))?;
        let sku: String = row.try_get(0)?;
        Ok((sku.parse().map_err(Refusal::from)?, row.try_get(1)?))
    }

    /// Adds products with their barcodes in one transaction; those whose sku exists stay as they are,
    /// and so do barcodes that exist.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_products(&self, products: &[NewProduct]) -> Result<Added, Error> {
        let column = |value: fn(&NewProduct) -> Option<&str>| products.iter().map(value).collect::<Vec<_>>();
        let skus = column(|p| Some(p.sku.as_str()));
        let names = column(|p| Some(p.name.as_str()));
        let units = column(|p| Some(p.unit.as_str()));
        let categories = column(|p| p.category.as_ref().map(crate::domain::Name::as_str));
        let trackings = column(|p| Some(p.tracking.as_str()));
        let decimals: Vec<i16> = products.iter().map(|p| i16::from(p.decimals)).collect();
        let reorder_points: Vec<Option<Decimal>> = products.iter().map(|p| p.reorder_point).collect();
        let costs: Vec<Option<Decimal>> = products.iter().map(|p| p.unit_cost.map(|c| c.value())).collect();
        let prices: Vec<Option<Decimal>> = products.iter().map(|p| p.unit_price.map(|c| c.value())).collect();
        let barcodes = || products.iter().flat_map(|p| p.barcodes.iter().map(move |b| (p.sku.as_str(), b)));
        let barcode_skus: Vec<&str> = barcodes().map(|(sku, _)| sku).collect();
        let barcode_codes: Vec<&str> = barcodes().map(|(_, pack)| pack.barcode.as_str()).collect();
        let barcode_packs: Vec<Decimal> = barcodes().map(|(_, pack)| pack.pack_quantity.value()).collect();
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        let added = transaction
            .execute(
                "INSERT INTO stock.products (sku, name, unit, decimals, category, reorder_point, unit_cost, unit_price, tracking)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::text[])
                 ON CONFLICT (sku) DO NOTHING",
                &[&skus, &names, &units, &decimals, &categories, &reorder_points, &costs, &prices, &trackings],
            )
            .await?;
        if !barcode_codes.is_empty() {
            transaction
                .execute(
                    "INSERT INTO stock.barcodes (barcode, product_id, pack_quantity)
                     SELECT b.barcode, p.product_id, b.pack_quantity
                     FROM unnest($1::text[], $2::text[], $3::numeric[]) AS b (sku, barcode, pack_quantity)
                     JOIN stock.products p ON p.sku = b.sku
                     ON CONFLICT (barcode) DO NOTHING",
                    &[&barcode_skus, &barcode_codes, &barcode_packs],
                )
                .await?;
        }
        transaction.commit().await?;
        Ok(Added { added, existing: products.len() as u64 - added })
    }

    /// Adds locations in the order given, so that a parent may stand before its children; those whose
    /// code exists stay as they are.
    ///
    /// # Errors
    /// [`Refusal::UnknownLocation`] for a parent that does not exist.
    pub async fn add_locations(&self, locations: &[NewLocation]) -> Result<Added, Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        let statement = transaction
            .prepare_cached(
                "INSERT INTO stock.locations (code, name, parent_id, kind)
                 VALUES ($1, $2, (SELECT location_id FROM stock.locations WHERE code = $3), $4)
                 ON CONFLICT (code) DO NOTHING",
            )
            .await?;
        let mut added = 0;
        for location in locations {
            let name = location.name.as_ref().map(crate::domain::Name::as_str);
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

    /// Adds suppliers and customers; those whose code exists stay as they are.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_partners(&self, partners: &[NewPartner]) -> Result<Added, Error> {
        let codes: Vec<&str> = partners.iter().map(|p| p.code.as_str()).collect();
        let names: Vec<Option<&str>> =
            partners.iter().map(|p| p.name.as_ref().map(crate::domain::Name::as_str)).collect();
        let kinds: Vec<&str> = partners.iter().map(|p| p.kind.as_str()).collect();
        let connection = self.connection().await?;
        let added = connection
            .execute(
                "INSERT INTO stock.partners (code, name, kind)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
                 ON CONFLICT (code) DO NOTHING",
                &[&codes, &names, &kinds],
            )
            .await?;
        Ok(Added { added, existing: partners.len() as u64 - added })
    }

    /// Lists products by sku.
    ///
    /// # Errors
    /// As any read.
    pub async fn products(&self, filter: &ProductFilter) -> Result<Vec<ProductRow>, Error> {
        let connection = self.connection().await?;
        let search = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let rows = connection
            .query(
                &format!("SELECT {PRODUCT_ROW}
                 FROM stock.products p
                 WHERE ($1::text IS NULL OR strpos(p.sku, upper($1)) > 0 OR strpos(lower(p.name), lower($1)) > 0
                        OR p.product_id = (SELECT b.product_id FROM stock.barcodes b WHERE b.barcode = $1))
                   AND ($2 OR p.archived_at IS NULL)
                   AND (NOT $3 OR p.sku IN (SELECT low.sku FROM stock.low_stock low))
                 ORDER BY p.sku LIMIT $4"),
                &[&search, &filter.archived, &filter.low, &i64::from(filter.limit.unwrap_or(ROWS_MAX))],
            )
            .await?;
        rows.iter().map(product_row).collect()
    }

    /// Lists the locations by code.
    ///
    /// # Errors
    /// As any read.
    pub async fn locations(&self) -> Result<Vec<LocationRow>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT l.code, l.name, parent.code, l.kind,
                        (SELECT count(DISTINCT s.product_id) FROM stock.stock_levels s WHERE s.location_id = l.location_id AND s.on_hand > 0),
                        l.archived_at
                 FROM stock.locations l LEFT JOIN stock.locations parent ON parent.location_id = l.parent_id
                 ORDER BY l.code LIMIT $1",
                &[&i64::from(ROWS_MAX)],
            )
            .await?;
        rows.iter().map(location_row).collect()
    }

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
        rows.iter()
            .map(|row| Ok(PartnerRow { code: row.try_get(0)?, name: row.try_get(1)?, kind: row.try_get(2)? }))
            .collect()
    }
}
