//! Products and their barcodes: adding, listing, changing and archiving.
//!
//! Products and changes to them are sent as JSON documents whose keys are the names of the columns, so that a field of
//! a product is named only in the lists of columns and where rows are read. A verification uses the same lists.

use rust_decimal::Decimal;
use tokio_postgres::types::Json;
use tokio_postgres::{GenericClient, Row};

use super::ROWS_MAX;
use super::statements::{ADD_BARCODE, ADD_BARCODES, ARCHIVE_PRODUCT, REMOVE_BARCODE, REMOVE_BARCODE_OF_SKU};
use crate::domain::{
    Added, Archiving, Barcode, PackBarcode, Product, ProductChange, ProductFilter, ProductRow, Quantity,
    Refusal, Sku, Tracking,
};
use crate::store::row::{self, FromRow, decimals};
use crate::store::{Error, Store};

/// Declares columns of products: as a list in SQL, and by their names.
macro_rules! columns {
    ($(#[$doc:meta])* $list:ident $names:ident [$first:literal $(, $other:literal)*]) => {
        macro_rules! $list {
            () => {
                concat!($first $(, ", ", $other)*)
            };
        }

        $(#[$doc])*
        pub const $names: &[&str] = &[$first $(, $other)*];
    };
}

columns! {
    /// The columns that are set when a product is added and never change, because ledger rows depend on them.
    fixed FIXED_COLUMNS ["sku", "decimals", "tracking"]
}
columns! {
    /// The columns that admins can change.
    changeable CHANGEABLE_COLUMNS ["name", "unit", "category", "reorder_point", "unit_cost", "unit_price"]
}

/// Adds products: `$1` is a JSON array of them.
pub const ADD_PRODUCTS: &str = concat!(
    "INSERT INTO stock.products (",
    fixed!(),
    ", ",
    changeable!(),
    ")
             SELECT ",
    fixed!(),
    ", ",
    changeable!(),
    " FROM jsonb_populate_recordset(NULL::stock.products, $1)
             ON CONFLICT (sku) DO NOTHING"
);
/// Changes products: `$1` is a JSON array of the SKUs and the fields that change. jsonb_populate_record keeps the
/// values of the product for the fields that a change leaves out.
pub const CHANGE_PRODUCTS: &str = concat!(
    "UPDATE stock.products AS p
             SET (",
    changeable!(),
    ") = (SELECT ",
    changeable!(),
    " FROM jsonb_populate_record(p, c.fields) AS changed)
             FROM jsonb_array_elements($1) AS c (fields)
             WHERE p.sku = c.fields ->> 'sku'"
);
fn pack_barcodes(barcodes: Vec<Barcode>, quantities: Vec<Quantity>) -> Vec<PackBarcode> {
    let pack = |(barcode, pack_quantity)| PackBarcode { barcode, pack_quantity };
    barcodes.into_iter().zip(quantities).map(pack).collect()
}

/// The columns of a [`ProductRow`] of the product `p`, which is the only table of the query. A cached statement must
/// not use `*`: it would fail as soon as a migration adds a column.
pub(in crate::store) fn product_row() -> String {
    format!(
        "{}, {}, archived_at, \
         coalesce((SELECT array_agg(b.barcode ORDER BY b.barcode) FROM stock.barcodes b WHERE b.product_id = p.product_id), '{{}}') AS barcodes, \
         coalesce((SELECT array_agg(b.pack_quantity ORDER BY b.barcode) FROM stock.barcodes b WHERE b.product_id = p.product_id), '{{}}') AS pack_quantities, \
         coalesce((SELECT sum(s.on_hand) FROM stock.stock_levels s WHERE s.product_id = p.product_id), 0) AS on_hand, \
         coalesce((SELECT sum(s.available) FROM stock.level_availability s WHERE s.product_id = p.product_id), 0) AS available",
        fixed!(),
        changeable!()
    )
}

impl FromRow for Product {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let (barcodes, packs) = (row.try_get("barcodes")?, row.try_get("pack_quantities")?);
        Ok(Self {
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            unit: row.try_get("unit")?,
            decimals: decimals(row.try_get("decimals")?),
            category: row.try_get("category")?,
            reorder_point: row.try_get("reorder_point")?,
            unit_cost: row.try_get("unit_cost")?,
            unit_price: row.try_get("unit_price")?,
            tracking: row.try_get("tracking")?,
            barcodes: pack_barcodes(barcodes, packs),
        })
    }
}

impl FromRow for ProductRow {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            product: Product::from_row(row)?,
            on_hand: row.try_get("on_hand")?,
            available: row.try_get("available")?,
            archived_at: row.try_get("archived_at")?,
        })
    }
}

/// Inserts products with their barcodes in the transaction that is open on a connection, and returns how many are new.
pub(in crate::store) async fn insert_products(
    connection: &impl GenericClient,
    products: &[Product],
) -> Result<u64, tokio_postgres::Error> {
    let barcodes = || products.iter().flat_map(|p| p.barcodes.iter().map(move |b| (p.sku.as_str(), b)));
    let skus: Vec<&str> = barcodes().map(|(sku, _)| sku).collect();
    let codes: Vec<&str> = barcodes().map(|(_, pack)| pack.barcode.as_str()).collect();
    let packs: Vec<Decimal> = barcodes().map(|(_, pack)| pack.pack_quantity.value()).collect();
    let added = connection.execute(ADD_PRODUCTS, &[&Json(products)]).await?;
    if !codes.is_empty() {
        connection.execute(ADD_BARCODES, &[&skus, &codes, &packs]).await?;
    }
    Ok(added)
}

impl Store {
    /// Finds the product of a code: its SKU, or one of its barcodes. Returns the SKU and how many units one scan
    /// counts.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] if there is none.
    pub async fn identify(&self, text: &str) -> Result<(Sku, Decimal), Error> {
        let text = text.trim();
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(include_str!("identify.sql")).await?;
        let row = connection.query_opt(&statement, &[&text, &text.to_ascii_uppercase()]).await?;
        let row = row.ok_or_else(|| Refusal::UnknownProduct(text.to_owned()))?;
        Ok((row.try_get("sku")?, row.try_get("pack_quantity")?))
    }

    /// How the units of a product are identified.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] if there is no such product.
    pub async fn tracking(&self, sku: &Sku) -> Result<Tracking, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_opt("SELECT tracking FROM stock.products WHERE sku = $1", &[&sku.as_str()])
            .await?;
        let row = row.ok_or_else(|| Refusal::UnknownProduct(sku.to_string()))?;
        Ok(row.try_get("tracking")?)
    }

    /// Lists products by SKU.
    ///
    /// # Errors
    /// As any read.
    pub async fn products(&self, filter: &ProductFilter) -> Result<Vec<ProductRow>, Error> {
        let connection = self.connection().await?;
        let search = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let rows = connection
            .query(
                &format!("SELECT {}
                 FROM stock.products p
                 WHERE ($1::text IS NULL OR strpos(p.sku, upper($1)) > 0 OR strpos(lower(p.name), lower($1)) > 0
                        OR p.product_id = (SELECT b.product_id FROM stock.barcodes b WHERE b.barcode = $1))
                   AND ($2 OR p.archived_at IS NULL)
                   AND (NOT $3 OR p.sku IN (SELECT low.sku FROM stock.low_stock low))
                 ORDER BY p.sku LIMIT $4", product_row()),
                &[&search, &filter.archived, &filter.low, &i64::from(filter.limit.unwrap_or(ROWS_MAX))],
            )
            .await?;
        row::all(&rows)
    }

    /// Adds products with their barcodes in one transaction; products and barcodes that exist are not changed.
    ///
    /// # Errors
    /// As any write.
    pub async fn add_products(&self, products: &[Product]) -> Result<Added, Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        let added = insert_products(&*transaction, products).await?;
        transaction.commit().await?;
        Ok(Added { added, existing: products.len() as u64 - added })
    }

    /// Refuses products that [`Store::add_products`] would refuse, and adds none of them.
    ///
    /// # Errors
    /// As any write.
    pub async fn check_products(&self, products: &[Product]) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        insert_products(&*transaction, products).await?;
        transaction.rollback().await?;
        Ok(())
    }

    /// Changes products in one statement, all or none, and returns how many were found.
    ///
    /// # Errors
    /// As any write.
    pub async fn change_products(&self, changes: &[ProductChange]) -> Result<u64, Error> {
        let connection = self.connection().await?;
        Ok(connection.execute(CHANGE_PRODUCTS, &[&Json(changes)]).await?)
    }

    /// Changes a product and its barcodes in one transaction. Barcodes are removed before others are added, so that the
    /// pack quantity of a barcode can change.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`]; [`Refusal::UnknownBarcode`] for one that the product does not have,
    /// [`Refusal::BarcodeExists`] for one that belongs to a product already.
    pub async fn change_product_and_barcodes(
        &self,
        change: &ProductChange,
        add: &[PackBarcode],
        remove: &[Barcode],
    ) -> Result<(), Error> {
        let sku = &change.sku;
        let mut connection = self.connection().await?;
        let transaction = connection.transaction().await?;
        if transaction.execute(CHANGE_PRODUCTS, &[&Json(std::slice::from_ref(change))]).await? == 0 {
            return Err(Refusal::UnknownProduct(sku.to_string()).into());
        }
        for barcode in remove {
            let removed =
                transaction.execute(REMOVE_BARCODE_OF_SKU, &[&barcode.as_str(), &sku.as_str()]).await?;
            if removed == 0 {
                return Err(Refusal::UnknownBarcode { sku: sku.clone(), barcode: barcode.clone() }.into());
            }
        }
        for pack in add {
            let (sku, barcode, quantity) =
                ([sku.as_str()], [pack.barcode.as_str()], [pack.pack_quantity.value()]);
            let added =
                transaction.execute(ADD_BARCODES, &[&&sku[..], &&barcode[..], &&quantity[..]]).await?;
            if added == 0 {
                return Err(Refusal::BarcodeExists(pack.barcode.clone()).into());
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Archives a product, so that it can no longer be received, or restores it.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`]; and as any write.
    pub async fn set_product_archived(&self, sku: &Sku, archived: bool) -> Result<Archiving, Error> {
        let done = self.archive(&[ARCHIVE_PRODUCT], sku, archived).await?;
        done.ok_or_else(|| Refusal::UnknownProduct(sku.to_string()).into())
    }

    /// Adds a barcode to an existing product.
    ///
    /// # Errors
    /// [`Refusal::BarcodeExists`] if it belongs to a product already.
    pub async fn add_barcode(&self, sku: &Sku, pack: &PackBarcode) -> Result<(), Error> {
        self.learn(&[sku], &[], None).await?;
        let product = self.keys.product(sku)?;
        let connection = self.connection().await?;
        let added = connection
            .execute(ADD_BARCODE, &[&pack.barcode.as_str(), &product, &pack.pack_quantity.value()])
            .await?;
        if added == 0 { Err(Refusal::BarcodeExists(pack.barcode.clone()).into()) } else { Ok(()) }
    }

    /// Removes a barcode from a product.
    ///
    /// # Errors
    /// [`Refusal::UnknownBarcode`] if the product has no such barcode.
    pub async fn remove_barcode(&self, sku: &Sku, barcode: &Barcode) -> Result<(), Error> {
        self.learn(&[sku], &[], None).await?;
        let product = self.keys.product(sku)?;
        let connection = self.connection().await?;
        let removed = connection.execute(REMOVE_BARCODE, &[&barcode.as_str(), &product]).await?;
        if removed == 0 {
            return Err(Refusal::UnknownBarcode { sku: sku.clone(), barcode: barcode.clone() }.into());
        }
        Ok(())
    }
}
