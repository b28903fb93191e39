//! Postings: one INSERT in one SERIALIZABLE transaction, sent in one round trip; groups of postings in one transaction;
//! and counts, which post their differences.

mod batch;
mod count;
mod pipeline;
mod resolve;
mod stored;

use rust_decimal::Decimal;
use tokio_postgres::Statement;
use tokio_postgres::error::DbError;
use tokio_postgres::types::ToSql;

use super::connection::{Connection, Purpose};
use super::serializable::{Earlier, Failed, LevelKey, Locks, Work};
use super::{Error, Store};
use crate::domain::{
    LineOfOrder, MovementId, OrderLineId, Posted, PostedLine, Posting, PostingId, Refusal, ReservedFigures,
    Status,
};
use resolve::{Resolved, at};

pub use count::INSERT_COUNT;

/// The CHECK constraints of a stock level.
const ON_HAND_CHECK: &str = "stock_levels_on_hand_not_negative";
pub(in crate::store) const RESERVED_CHECK: &str = "stock_levels_reserved_range";

/// The statement that inserts into the ledger. Every value is a parameter, so that the audit record of the statement
/// contains them all; values that are the same for each line are sent once. The record also contains the statement and
/// is recognised by it, so the text must not change, not even in its spaces.
pub const INSERT_POSTING: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     SELECT l.id, $1::timestamptz, $2::uuid, $3::text::stock.movement_kind, l.product_id, l.lot_id, l.from_location_id, l.to_location_id, $4::bigint, l.quantity, l.unit_price, $5::text, $6::text, l.reverses \
     FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[], $13::numeric[], $14::uuid[]) \
     AS l (id, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reverses)";
/// The same for a posting of one line, the most common kind, without arrays.
pub const INSERT_MOVEMENT: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     VALUES ($1, $2, $3, $4::text::stock.movement_kind, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

/// The same with the order lines that the movements carry out. Postings without an order use the statements above, as
/// before there were orders, so that the records of both are read alike.
pub const INSERT_ORDER_POSTING: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses, order_line_id) \
     SELECT l.id, $1::timestamptz, $2::uuid, $3::text::stock.movement_kind, l.product_id, l.lot_id, l.from_location_id, l.to_location_id, $4::bigint, l.quantity, l.unit_price, $5::text, $6::text, l.reverses, l.order_line_id \
     FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[], $13::numeric[], $14::uuid[], $15::uuid[]) \
     AS l (id, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reverses, order_line_id)";

/// A posting as work for the runner: one statement that is a transaction of its own.
struct OnePosting<'a> {
    store: &'a Store,
    resolved: &'a Resolved,
    levels: Vec<LevelKey>,
}

impl OnePosting<'_> {
    fn insert(&self) -> &'static str {
        self.statements()[0]
    }
}

impl Work for OnePosting<'_> {
    type Output = ();

    const NAME: &'static str = "posting";

    fn purpose(&self) -> Purpose {
        Purpose::Posting
    }

    fn id(&self) -> Option<PostingId> {
        Some(self.resolved.id)
    }

    fn levels(&self) -> &[LevelKey] {
        &self.levels
    }

    fn statements(&self) -> &'static [&'static str] {
        match self.resolved.ids.len() {
            _ if self.resolved.carries_out_order() => &[INSERT_ORDER_POSTING],
            1 => &[INSERT_MOVEMENT],
            _ => &[INSERT_POSTING],
        }
    }

    /// The INSERT is a transaction of its own, and transactions of the session are SERIALIZABLE. The answer is complete
    /// when the server is ready for the next query, which is after the commit.
    async fn run(&self, connection: &mut Connection, locks: &Locks) -> Result<(), Failed> {
        let insert = connection.prepare_cached(self.insert()).await?;
        locks.around_statement(connection, insert_posting(connection, &insert, self.resolved)).await?;
        Ok(())
    }

    async fn look_up(&self, connection: &Connection) -> Result<Earlier<()>, Error> {
        let found = stored::find(connection, &[self.resolved]).await?;
        Ok(found.into_iter().next().unwrap_or(Earlier::Nothing))
    }

    fn explain(&self, error: tokio_postgres::Error) -> Error {
        self.store.explain_posting(error, self.resolved, &self.levels)
    }
}

impl Store {
    /// Posts all lines or none.
    ///
    /// # Errors
    /// [`Error::Refused`] if a rule forbids it, [`Error::Conflict`] if every attempt conflicted,
    /// [`Error::OutcomeUnknown`] if the connection was lost and the database cannot be queried.
    pub async fn post(&self, posting: &Posting) -> Result<Posted, Error> {
        let resolved = self.resolve(posting).await?;
        let (status, attempts) = self.post_resolved(&resolved).await?;
        let levels = self.levels_after(&resolved.levels()).await;
        Ok(Posted { status, posting_id: posting.id, transactions: posted_lines(posting), levels, attempts })
    }

    /// Posts as [`Store::post`] does, without reading the new levels, and returns how many transactions were attempted.
    ///
    /// # Errors
    /// As [`Store::post`].
    pub async fn post_without_levels(&self, posting: &Posting) -> Result<u32, Error> {
        let resolved = self.resolve(posting).await?;
        let (_, attempts) = self.post_resolved(&resolved).await?;
        Ok(attempts)
    }

    /// Posts, and returns whether it was new and how many transactions were attempted.
    async fn post_resolved(&self, resolved: &Resolved) -> Result<(Status, u32), Error> {
        let work = OnePosting { store: self, resolved, levels: resolved.levels() };
        if let Some(refusal) = &resolved.refused_if_new {
            return match work.look_up(&*self.connection().await?).await? {
                Earlier::Same(()) => Ok((Status::AlreadyPosted, 1)),
                Earlier::Nothing | Earlier::Other => Err(refusal.clone().into()),
            };
        }
        match self.run(&work).await {
            Ok(done) => Ok((done.status, done.attempts)),
            Err(error) => Err(self.name_orders(error).await),
        }
    }

    /// The refusal behind an error of the INSERT of a posting, with its figures.
    fn explain_posting(
        &self,
        error: tokio_postgres::Error,
        resolved: &Resolved,
        levels: &[LevelKey],
    ) -> Error {
        let shortage = |db| self.shortage(db, resolved, levels);
        let not_reserved = |db| {
            let taken = |_, key| resolved.delta(key);
            let lot_code = |key: LevelKey| {
                let line = (0..resolved.ids.len()).find(|line| at(&resolved.lots, *line) == key.lot)?;
                resolved.lot_codes.get(line).cloned().flatten()
            };
            self.not_reserved(db, taken, lot_code)
        };
        let refusal = error
            .as_db_error()
            .and_then(|db| shortage(db).or_else(|| not_reserved(db)).or_else(|| self.beyond_order(db)));
        match refusal {
            Some(refusal) => refusal.into(),
            None => refine(error, resolved),
        }
    }

    /// The figures of a refusal for lack of stock. The server reports which level would have had which quantity; minus
    /// the change by the posting, that is the quantity on hand.
    fn shortage(&self, db: &DbError, resolved: &Resolved, keys: &[LevelKey]) -> Option<Refusal> {
        if !matches!(db.constraint(), Some(ON_HAND_CHECK | RESERVED_CHECK)) {
            return None;
        }
        let failing = FailingLevel::read(db.detail()?)?;
        let key = *keys.iter().find(|key| **key == failing.key)?;
        let change = resolved.delta(key);
        let same_level =
            |line: &usize| resolved.products[*line] == key.product && at(&resolved.lots, *line) == key.lot;
        let line = (0..resolved.ids.len()).find(same_level)?;
        let (sku, location) = self.keys.names(key.product, key.location)?;
        let lot = key.lot.and_then(|_| resolved.lot_codes.get(line).cloned().flatten());
        let (have, need) = ((failing.on_hand - change).normalize(), (-change).normalize());
        if db.constraint() == Some(ON_HAND_CHECK) {
            return Some(Refusal::InsufficientStock {
                sku,
                location,
                lot,
                have,
                need,
                expired: Decimal::ZERO,
            });
        }
        let order_line = at(&resolved.order_lines, line).and_then(|id| OrderLineId::try_from(id).ok());
        Some(match (failing.reserved < Decimal::ZERO, order_line) {
            (true, Some(order_line)) => {
                let reserved = (failing.reserved - change).normalize();
                Refusal::NotReserved { sku, location, lot, line: LineOfOrder::of(order_line), reserved, need }
            }
            _ => {
                let reserved = failing.reserved.normalize();
                {
                    let figures = Box::new(ReservedFigures { have, reserved, need });
                    Refusal::ReservedStock { sku, location, lot, figures, holders: Vec::new() }
                }
            }
        })
    }
}

/// Sends the one INSERT, which has been prepared before.
async fn insert_posting(
    connection: &Connection,
    insert: &Statement,
    resolved: &Resolved,
) -> Result<u64, tokio_postgres::Error> {
    let kind = resolved.kind.as_str();
    let id = resolved.id.uuid();
    if resolved.ids.len() == 1 && !resolved.carries_out_order() {
        let parameters: [&(dyn ToSql + Sync); 14] = [
            &id,
            &resolved.occurred_at,
            &id,
            &kind,
            &resolved.products[0],
            &at(&resolved.lots, 0),
            &at(&resolved.from, 0),
            &at(&resolved.to, 0),
            &resolved.partner,
            &resolved.quantities[0],
            &at(&resolved.prices, 0),
            &resolved.reference,
            &resolved.reason,
            &at(&resolved.reverses, 0),
        ];
        return connection.execute(insert, &parameters).await;
    }
    insert_lines(connection, insert, resolved).await
}

/// Sends the INSERT of any number of lines.
async fn insert_lines(
    connection: &Connection,
    insert: &Statement,
    resolved: &Resolved,
) -> Result<u64, tokio_postgres::Error> {
    let kind = resolved.kind.as_str();
    let id = resolved.id.uuid();
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![
        &resolved.occurred_at,
        &id,
        &kind,
        &resolved.partner,
        &resolved.reference,
        &resolved.reason,
        &resolved.ids,
        &resolved.products,
        &resolved.lots,
        &resolved.from,
        &resolved.to,
        &resolved.quantities,
        &resolved.prices,
        &resolved.reverses,
    ];
    if resolved.carries_out_order() {
        parameters.push(&resolved.order_lines);
    }
    connection.execute(insert, &parameters).await
}

/// Adds figures to refusals whose constraint alone says too little.
fn refine(error: tokio_postgres::Error, resolved: &Resolved) -> Error {
    let constraint = error.as_db_error().and_then(|db| db.constraint()).unwrap_or_default();
    match (constraint, at(&resolved.reverses, 0)) {
        ("reversals_pkey", Some(first)) => {
            let named = error.as_db_error().and_then(|db| db.detail()).and_then(uuid_in).unwrap_or(first);
            MovementId::try_from(named)
                .map_or_else(|_| error.into(), |id| Refusal::AlreadyReversed(id).into())
        }
        _ => error.into(),
    }
}

/// A stock level that a CHECK refused, with the values it would have had.
#[derive(Debug, PartialEq)]
pub(in crate::store) struct FailingLevel {
    pub key: LevelKey,
    pub on_hand: Decimal,
    pub reserved: Decimal,
}

impl FailingLevel {
    /// Reads it from "Failing row contains (1, 2, null, -3.000, 2026-11-20 23:00:00+00, 0.000)." The words around the
    /// parentheses depend on the server's language; the values do not.
    pub fn read(detail: &str) -> Option<Self> {
        let inside = detail.split_once('(')?.1.split_once(')')?.0;
        let parts: Vec<&str> = inside.split(", ").collect();
        let [product, location, lot, on_hand, _moved_at, reserved] = parts.as_slice() else { return None };
        let lot = if *lot == "null" { None } else { Some(lot.parse().ok()?) };
        let key = LevelKey { product: product.parse().ok()?, location: location.parse().ok()?, lot };
        Some(Self { key, on_hand: on_hand.parse().ok()?, reserved: reserved.parse().ok()? })
    }
}

/// Reads the id from "Key (reversed_id)=(0192…) already exists."
fn uuid_in(detail: &str) -> Option<uuid::Uuid> {
    uuid::Uuid::parse_str(detail.split_once("=(")?.1.split_once(')')?.0).ok()
}

fn posted_lines(posting: &Posting) -> Vec<PostedLine> {
    let describe = |(position, line): (usize, &crate::domain::Line)| PostedLine {
        id: posting.id.line(position),
        kind: posting.kind,
        sku: line.sku.clone(),
        quantity: line.quantity,
        from: line.from.clone(),
        to: line.to.clone(),
        lot: line.lot.clone(),
    };
    posting.lines.iter().enumerate().map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_failing_level_in_any_language() {
        let key = LevelKey { product: 5, location: 7, lot: None };
        let expected = FailingLevel { key, on_hand: Decimal::new(-3000, 3), reserved: Decimal::new(25, 1) };
        let time = "2026-11-20 23:00:00.5+00";
        let english = format!("Failing row contains (5, 7, null, -3.000, {time}, 2.5).");
        assert_eq!(FailingLevel::read(&english), Some(expected));
        let french = format!("La ligne en échec contient (5, 7, 9, -0.5, {time}, 0).");
        assert_eq!(FailingLevel::read(&french).unwrap().key.lot, Some(9));
        assert_eq!(FailingLevel::read("something else"), None);
    }

    #[test]
    fn reads_the_id_of_a_key() {
        let text = "Key (reversed_id)=(01930000-0000-7000-8000-000000000001) already exists.";
        assert!(uuid_in(text).is_some());
        assert!(uuid_in("nothing").is_none());
    }
}
