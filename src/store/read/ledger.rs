//! Reading the ledger: movements newest first, and the movements of one posting.

use super::query::Query;
use crate::domain::{
    Anchor, LedgerFilter, LedgerRow, MovementId, OrderLineId, PAGE_ROWS_MAX, Page, PostingId, Refusal,
};
use crate::store::row::{self, from_row};
use crate::store::{Error, Store};

/// How many movements a listing shows if no limit is given.
const LIMIT_DEFAULT: u32 = 50;

/// The columns of a [`LedgerRow`], and the tables that they come from.
const COLUMNS: &str = "t.id, t.posting_id, t.kind::text, p.sku, p.name, p.unit, lot.code AS lot, f.code AS \"from\", d.code AS \"to\", partner.code AS partner, \
     t.quantity, t.unit_price, t.reference, t.reason, t.reverses, t.order_line_id AS order_line, \
     (SELECT o.number FROM stock.order_lines l JOIN stock.orders o ON o.order_id = l.order_id WHERE l.order_line_id = t.order_line_id) AS \"order\", \
     (SELECT r.reversal_id FROM stock.reversals r WHERE r.reversed_id = t.id) AS reversed_by, \
     t.occurred_at, t.posted_at, t.posted_by::text, lot.expires_on AS lot_expires_on \
     FROM stock.transactions t \
     JOIN stock.products p ON p.product_id = t.product_id \
     LEFT JOIN stock.lots lot ON lot.lot_id = t.lot_id \
     LEFT JOIN stock.locations f ON f.location_id = t.from_location_id \
     LEFT JOIN stock.locations d ON d.location_id = t.to_location_id \
     LEFT JOIN stock.partners partner ON partner.partner_id = t.partner_id";

from_row!(LedgerRow {
    id,
    posting_id,
    kind,
    sku,
    name,
    unit,
    lot,
    from,
    to,
    partner,
    quantity,
    unit_price,
    reference,
    reason,
    reverses,
    order,
    order_line,
    reversed_by,
    occurred_at,
    posted_at,
    posted_by,
    lot_expires_on,
});

/// How many movements one page of the whole ledger has. Pages keep transactions short, so that readers do not delay
/// vacuum.
pub const PAGE_ROWS: usize = 5_000;

/// The statement for the newest movements of the product whose SKU is `$1`; see [`page`] for its bounds.
pub(super) fn newest_of_product(limit: u32) -> String {
    format!(
        "SELECT {COLUMNS} JOIN (
             SELECT t.id, t.occurred_at FROM stock.transactions t
             WHERE t.product_id >= (SELECT product_id FROM stock.products WHERE sku = $1)
               AND t.product_id <= (SELECT product_id FROM stock.products WHERE sku = $1)
             ORDER BY t.product_id, t.id DESC LIMIT {limit}
         ) AS picked ON picked.id = t.id AND picked.occurred_at = t.occurred_at
         ORDER BY t.id DESC"
    )
}

/// Whether the page is anchored at its end, so that it is read backwards from there.
fn ends_there(anchor: Anchor<MovementId>) -> bool {
    matches!(anchor, Anchor::End | Anchor::Before(_))
}

/// The condition that a column equals a text, or contains it regardless of case.
fn text_condition(column: &str, text: &str, in_part: bool) -> String {
    if in_part {
        format!("strpos(lower({column}), lower({text}::text)) > 0")
    } else {
        format!("{column} = {text}::text")
    }
}

/// The statement for one page: newest first, or oldest first if the page is anchored at its end. It contains only the
/// conditions that are set, so that the planner sees none that may or may not hold; and the limit is one of a few, as
/// part of the text, so that the planner knows that few rows are wanted.
fn page(filter: &LedgerFilter, product: Option<i64>, places: Option<Vec<i64>>, limit: usize) -> Query {
    let mut query = Query::default();
    let mut conditions = vec!["true".to_owned()];
    let newer_first = !ends_there(filter.anchor);
    let mut order = if newer_first { "t.id DESC" } else { "t.id" };
    if let Some(product) = product {
        // Two bounds instead of an equation: a planner that expects the few rows of an average product would read all
        // rows of a busy one and sort them, instead of walking along the index.
        let product = query.bind(product);
        conditions.push(format!("t.product_id >= {product} AND t.product_id <= {product}"));
        order = if newer_first { "t.product_id, t.id DESC" } else { "t.product_id DESC, t.id" };
    }
    // The time selects the partitions, and the id that belongs to it where the index scan begins.
    if let Some(since) = filter.since {
        let (time, id) = (query.bind(since), query.bind(PostingId::at(since, [0; 10]).uuid()));
        conditions.push(format!("t.occurred_at >= {time} AND t.id >= {id}"));
    }
    if let Some(until) = filter.until {
        let (time, id) = (query.bind(until), query.bind(PostingId::at(until, [u8::MAX; 10]).uuid()));
        conditions.push(format!("t.occurred_at <= {time} AND t.id <= {id}"));
    }
    let bound = match filter.anchor {
        Anchor::Start | Anchor::End => None,
        Anchor::After(row) => Some((row, "<=", "<")),
        Anchor::From(row) => Some((row, "<=", "<=")),
        Anchor::Before(row) => Some((row, ">=", ">")),
    };
    if let Some((row, of_time, of_id)) = bound {
        let (time, id) = (query.bind(row.occurred_at()), query.bind(row.uuid()));
        conditions.push(format!("t.occurred_at {of_time} {time} AND t.id {of_id} {id}"));
    }
    if let Some(kind) = filter.kind {
        conditions.push(format!("t.kind = {}::text::stock.movement_kind", query.bind(kind.as_str())));
    }
    if let Some(reference) = &filter.reference {
        conditions.push(text_condition("t.reference", &query.bind(reference.clone()), filter.in_part));
    }
    if let Some(login) = &filter.posted_by {
        conditions.push(text_condition("t.posted_by::text", &query.bind(login.clone()), filter.in_part));
    }
    if let Some(partner) = &filter.partner {
        let text = query.bind(partner.clone());
        let of = |column: &str| text_condition(column, &text, filter.in_part);
        conditions.push(format!(
            "t.partner_id IN (SELECT partner_id FROM stock.partners WHERE {} OR {})",
            of("code"),
            of("name")
        ));
    }
    if let Some(places) = places {
        let places = query.bind(places);
        conditions.push(format!(
            "(t.from_location_id IN (SELECT unnest({places}::bigint[])) OR t.to_location_id IN (SELECT unnest({places}::bigint[])))"
        ));
    }
    let conditions = conditions.join(" AND ");
    let direction = if newer_first { "DESC" } else { "ASC" };
    let limit = limit.next_power_of_two().max(64);
    query.text = format!(
        "SELECT {COLUMNS} JOIN (
             SELECT t.id, t.occurred_at FROM stock.transactions t WHERE {conditions} ORDER BY {order} LIMIT {limit}
         ) AS picked ON picked.id = t.id AND picked.occurred_at = t.occurred_at
         ORDER BY t.id {direction}"
    );
    query
}

impl Store {
    /// Lists movements, the newest first, by when they occurred. Each page walks along the index from its start and
    /// stops when it is complete; times exclude whole months.
    ///
    /// # Errors
    /// [`Refusal::UnknownProduct`] or [`Refusal::UnknownLocation`] for a code that does not exist.
    pub async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerRow>, Error> {
        self.learn(filter.sku.as_ref().as_slice(), &[], None).await?;
        let product = filter.sku.as_ref().map(|sku| self.keys.product(sku)).transpose()?;
        let places = match &filter.location {
            Some(code) => Some(self.places_within(code).await?),
            None => None,
        };
        let limit = filter.limit.unwrap_or(LIMIT_DEFAULT) as usize;
        let rows = page(filter, product, places, limit).run(&*self.connection().await?).await?;
        let mut rows: Vec<LedgerRow> = row::all(&rows[..rows.len().min(limit)])?;
        if ends_there(filter.anchor) {
            rows.reverse();
        }
        Ok(rows)
    }

    /// A page of the same list, and whether there is more before and after it.
    ///
    /// # Errors
    /// As [`Store::ledger`].
    pub async fn ledger_page(&self, filter: &LedgerFilter) -> Result<Page<LedgerRow>, Error> {
        let limit = filter.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, PAGE_ROWS_MAX.into());
        let rows = self.ledger(&LedgerFilter { limit: Some(limit + 1), ..filter.clone() }).await?;
        Ok(Page::cut(rows, &filter.anchor, limit as usize))
    }

    /// The movements of a posting, in the order of its lines, or the one movement of that id.
    ///
    /// # Errors
    /// [`Refusal::UnknownMovement`] if there is neither.
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
        row::all(&rows)
    }

    /// The movements that carry out these order lines, oldest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn order_movements(&self, lines: &[OrderLineId]) -> Result<Vec<LedgerRow>, Error> {
        let connection = self.connection().await?;
        let lines: Vec<uuid::Uuid> = lines.iter().map(|line| line.uuid()).collect();
        let sql = format!("SELECT {COLUMNS} WHERE t.order_line_id = ANY ($1) ORDER BY t.id");
        row::all(&connection.query(&sql, &[&lines]).await?)
    }

    /// The next page of the whole ledger, by id, which is the order in which people acted.
    ///
    /// # Errors
    /// As any read.
    pub async fn movements_after(&self, after: Option<MovementId>) -> Result<Vec<LedgerRow>, Error> {
        let connection = self.connection().await?;
        let sql = format!(
            "SELECT {COLUMNS} JOIN (
                 SELECT t.id, t.occurred_at FROM stock.transactions t
                 WHERE t.id > $1 AND t.occurred_at >= stock.uuid_time($1)
                 ORDER BY t.id LIMIT $2
             ) AS picked ON picked.id = t.id AND picked.occurred_at = t.occurred_at
             ORDER BY t.id"
        );
        let rows = connection
            .query(&sql, &[&after.map(MovementId::uuid).unwrap_or_default(), &(PAGE_ROWS as i64)])
            .await?;
        row::all(&rows)
    }
}
