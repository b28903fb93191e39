//! Reading the ledger: movements newest first, and the movements of one posting.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Error, Store};
use crate::domain::{MovementId, PostingId, Refusal, Sku};

/// How many movements a listing shows when nobody says.
pub const LIMIT_DEFAULT: u32 = 50;

const COLUMNS: &str = "t.id, t.posting_id, t.kind::text, p.sku, p.unit, lot.code, f.code, d.code, partner.code, t.quantity, t.unit_price, \
     t.reference, t.reason, t.reverses, (SELECT r.reversal_id FROM stock.reversals r WHERE r.reversed_id = t.id), \
     t.occurred_at, t.posted_at, t.posted_by::text, lot.expires_on \
     FROM stock.transactions t \
     JOIN stock.products p ON p.product_id = t.product_id \
     LEFT JOIN stock.lots lot ON lot.lot_id = t.lot_id \
     LEFT JOIN stock.locations f ON f.location_id = t.from_location_id \
     LEFT JOIN stock.locations d ON d.location_id = t.to_location_id \
     LEFT JOIN stock.partners partner ON partner.partner_id = t.partner_id";

/// How many movements one page of the whole ledger holds: short transactions, so that nobody's
/// clean-up waits for a reader.
pub const PAGE_ROWS: usize = 5_000;

/// Which movements to list.
#[derive(Debug, Clone, Default)]
pub struct LedgerFilter {
    /// Only this product.
    pub sku: Option<Sku>,
    /// Only movements that occurred at or after this time.
    pub since: Option<Timestamp>,
    /// Only this document.
    pub reference: Option<String>,
    /// Only what this login posted.
    pub posted_by: Option<String>,
    /// The most rows; see [`LIMIT_DEFAULT`].
    pub limit: Option<u32>,
}

/// One movement of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LedgerRow {
    /// The movement.
    pub id: Uuid,
    /// What was posted together.
    pub posting_id: Uuid,
    /// Receipt, issue, transfer, adjustment or reversal.
    pub kind: String,
    /// The product.
    pub sku: String,
    /// The unit of the quantity.
    pub unit: String,
    /// The lot or serial number.
    pub lot: Option<String>,
    /// Where the goods left.
    pub from: Option<String>,
    /// Where they arrived.
    pub to: Option<String>,
    /// The supplier or customer.
    pub partner: Option<String>,
    /// How many units.
    pub quantity: Decimal,
    /// The price of one unit.
    pub unit_price: Option<Decimal>,
    /// The document behind it.
    pub reference: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// The movement that this one undoes.
    pub reverses: Option<Uuid>,
    /// The movement that undoes this one.
    pub reversed_by: Option<Uuid>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the server took it.
    pub posted_at: Timestamp,
    /// The login that posted it.
    pub posted_by: String,
    /// The last day of use of the lot.
    #[serde(skip)]
    pub lot_expires_on: Option<Date>,
}

fn movement(row: &Row) -> Result<LedgerRow, tokio_postgres::Error> {
    Ok(LedgerRow {
        id: row.try_get(0)?,
        posting_id: row.try_get(1)?,
        kind: row.try_get(2)?,
        sku: row.try_get(3)?,
        unit: row.try_get(4)?,
        lot: row.try_get(5)?,
        from: row.try_get(6)?,
        to: row.try_get(7)?,
        partner: row.try_get(8)?,
        quantity: row.try_get::<_, Decimal>(9)?.normalize(),
        unit_price: row.try_get::<_, Option<Decimal>>(10)?.map(|price| price.normalize()),
        reference: row.try_get(11)?,
        reason: row.try_get(12)?,
        reverses: row.try_get(13)?,
        reversed_by: row.try_get(14)?,
        occurred_at: row.try_get(15)?,
        posted_at: row.try_get(16)?,
        posted_by: row.try_get(17)?,
        lot_expires_on: row.try_get(18)?,
    })
}

impl Store {
    /// Lists movements, the newest first, by when they occurred.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] for a product that does not exist.
    pub async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerRow>, Error> {
        self.learn(filter.sku.as_ref().as_slice(), &[], None).await?;
        let product =
            filter.sku.as_ref().map(|sku| self.catalogue.product(sku)).transpose()?.map(|known| known.id);
        let connection = self.connection().await?;
        let limit = i64::from(filter.limit.unwrap_or(LIMIT_DEFAULT));
        // The inner query picks the rows by index, newest first; the joins then see only those.
        let sql = format!(
            "SELECT {COLUMNS} JOIN (
                 SELECT t.id, t.occurred_at FROM stock.transactions t
                 WHERE ($1::bigint IS NULL OR t.product_id = $1)
                   AND ($2::timestamptz IS NULL OR t.occurred_at >= $2)
                   AND ($3::text IS NULL OR t.reference = $3)
                   AND ($4::text IS NULL OR t.posted_by = $4)
                 ORDER BY t.id DESC LIMIT $5
             ) AS picked ON picked.id = t.id AND picked.occurred_at = t.occurred_at
             ORDER BY t.id DESC"
        );
        let rows = connection
            .query(&sql, &[&product, &filter.since, &filter.reference, &filter.posted_by, &limit])
            .await?;
        Ok(rows.iter().map(movement).collect::<Result<_, _>>()?)
    }

    /// The movements of a posting, in the order of its lines, or the one movement of that id.
    ///
    /// # Errors
    /// [`Refusal::UnknownMovement`] when there is neither.
    pub async fn movements(&self, id: MovementId) -> Result<Vec<LedgerRow>, Error> {
        let posting = PostingId::from(id);
        let connection = self.connection().await?;
        let sql = format!(
            "SELECT {COLUMNS} WHERE t.occurred_at = $1 AND t.id BETWEEN $2 AND $3 AND (t.posting_id = $2 OR t.id = $2) ORDER BY t.id"
        );
        let rows =
            connection.query(&sql, &[&id.occurred_at(), &id.uuid(), &posting.last_line().uuid()]).await?;
        if rows.is_empty() {
            return Err(Refusal::UnknownMovement(id).into());
        }
        Ok(rows.iter().map(movement).collect::<Result<_, _>>()?)
    }

    /// The next page of the whole ledger, in the order of the ids, which is that of the acts.
    ///
    /// # Errors
    /// As any read.
    pub async fn movements_after(&self, after: Option<Uuid>) -> Result<Vec<LedgerRow>, Error> {
        let connection = self.connection().await?;
        let sql = format!(
            "SELECT {COLUMNS} JOIN (
                 SELECT t.id, t.occurred_at FROM stock.transactions t
                 WHERE t.id > $1 AND t.occurred_at >= stock.uuid_time($1)
                 ORDER BY t.id LIMIT $2
             ) AS picked ON picked.id = t.id AND picked.occurred_at = t.occurred_at
             ORDER BY t.id"
        );
        let rows = connection.query(&sql, &[&after.unwrap_or_default(), &(PAGE_ROWS as i64)]).await?;
        Ok(rows.iter().map(movement).collect::<Result<_, _>>()?)
    }
}
