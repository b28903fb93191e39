//! A large catalogue for benchmarks, made by set-based SQL past the ledger, and the query that search is
//! measured against. Only ever run on a private server that is made for it.

use super::{Error, Store};

const FILL: &str = include_str!("fill.sql");

/// The SQL that a web system would send for a search box: the text anywhere in the codes and the name.
const NAIVE: &str = "SELECT p.sku, p.name, p.unit, (SELECT coalesce(sum(l.on_hand), 0) FROM stock.stock_levels l WHERE l.product_id = p.product_id) AS on_hand
     FROM stock.products p
     WHERE p.archived_at IS NULL
       AND (p.sku ILIKE '%' || $1 || '%' OR p.name ILIKE '%' || $1 || '%'
            OR EXISTS (SELECT FROM stock.barcodes b WHERE b.product_id = p.product_id AND b.barcode ILIKE '%' || $1 || '%'))
     ORDER BY p.sku LIMIT 50";

/// A text that somebody may type into the search box, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleText {
    /// `sku`, `barcode`, `lot`, `location`, `name` or `word`.
    pub kind: String,
    /// The text.
    pub text: String,
}

impl Store {
    /// Fills an empty database with a catalogue of so many products, their levels, and as many movements.
    /// Takes a superuser.
    ///
    /// # Errors
    /// As any write.
    pub async fn fill_large_catalogue(&self, products: u32, movements: u32) -> Result<(), Error> {
        let text = FILL
            .replace("{products}", &products.to_string())
            .replace("{movements}", &movements.max(1).to_string());
        let connection = self.connection().await?;
        connection.batch_execute(&text).await?;
        Ok(connection.batch_execute("VACUUM ANALYZE").await?)
    }

    /// Codes, names and second words of names from all over the catalogue, `count` of each kind.
    ///
    /// # Errors
    /// As any read.
    pub async fn sample_texts(&self, count: u32) -> Result<Vec<SampleText>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "WITH spread AS (
                     SELECT number, (SELECT max(product_id) FROM stock.products) * number / ($1::bigint + 1) AS product_id
                     FROM generate_series(1, $1::bigint) AS number)
                 SELECT 'sku', p.sku FROM spread JOIN stock.products p USING (product_id)
                 UNION ALL SELECT 'name', p.name FROM spread JOIN stock.products p USING (product_id)
                 UNION ALL SELECT 'word', split_part(p.name, ' ', 2 + (p.product_id % 3)::integer) FROM spread JOIN stock.products p USING (product_id)
                 UNION ALL SELECT 'barcode', b.barcode FROM spread JOIN LATERAL (SELECT barcode FROM stock.barcodes b WHERE b.product_id = spread.product_id LIMIT 1) AS b ON true
                 UNION ALL SELECT 'lot', l.code FROM spread JOIN LATERAL (SELECT code FROM stock.lots l WHERE l.product_id >= spread.product_id ORDER BY l.product_id LIMIT 1) AS l ON true
                 UNION ALL SELECT 'location', l.code FROM spread JOIN LATERAL (SELECT code FROM stock.locations l WHERE l.location_id >= spread.product_id % 10000 ORDER BY l.location_id LIMIT 1) AS l ON true",
                &[&i64::from(count)],
            )
            .await?;
        rows.iter().map(|row| Ok(SampleText { kind: row.try_get(0)?, text: row.try_get(1)? })).collect()
    }

    /// The hand-written search, and how many rows it found.
    ///
    /// # Errors
    /// As any read.
    pub async fn search_by_hand(&self, text: &str) -> Result<usize, Error> {
        let connection = self.connection().await?;
        let statement = connection.prepare_cached(NAIVE).await?;
        Ok(connection.query(&statement, &[&text]).await?.len())
    }
}
