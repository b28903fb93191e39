//! Posting: one INSERT in one SERIALIZABLE transaction, sent in one round trip; groups of postings in one
//! transaction; and counts, which post their differences.

mod batch;
mod count;
mod pipeline;
mod resolve;
mod stored;

use rust_decimal::Decimal;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::connection::{Connection, Purpose};
use super::serializable::{Earlier, Failed, LevelKey, Locks, Work};
use super::{Error, Store};
use crate::domain::{MovementId, Posted, PostedLine, Posting, PostingId, Refusal, Status};
use resolve::{Resolved, at};

pub use count::INSERT_COUNT;

/// The statement that writes the ledger. Every value is a parameter, so that the audit record of the
/// statement holds them all; what is the same for each line is sent once. The record holds the statement
/// too and is recognised by it, so the text must stay as it is to the space.
pub const INSERT_POSTING: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     SELECT l.id, $1::timestamptz, $2::uuid, $3::text::stock.movement_kind, l.product_id, l.lot_id, l.from_location_id, l.to_location_id, $4::bigint, l.quantity, l.unit_price, $5::text, $6::text, l.reverses \
     FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[], $13::numeric[], $14::uuid[]) \
     AS l (id, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reverses)";
/// The same for a posting of one line, the commonest: without lists there is nothing to take apart.
pub const INSERT_MOVEMENT: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     VALUES ($1, $2, $3, $4::text::stock.movement_kind, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

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
        if self.resolved.ids.len() == 1 { &[INSERT_MOVEMENT] } else { &[INSERT_POSTING] }
    }

    /// The INSERT is a transaction of its own, and the session's transactions are SERIALIZABLE. Its
    /// answer is complete when the server is ready again, which is after the commit.
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
        match self.store.shortage(&error, self.resolved, &self.levels) {
            Some(refusal) => refusal.into(),
            None => refine(error, self.resolved),
        }
    }
}

impl Store {
    /// Posts all lines or none.
    ///
    /// # Errors
    /// [`Error::Refused`] when a rule forbids it, [`Error::Conflict`] when every attempt collided,
    /// [`Error::OutcomeUnknown`] when the connection broke and the database cannot be asked.
    pub async fn post(&self, posting: &Posting) -> Result<Posted, Error> {
        let resolved = self.resolve(posting).await?;
        let (status, attempts) = self.post_resolved(&resolved).await?;
        let levels = self.levels_after(&resolved.levels()).await;
        Ok(Posted { status, posting_id: posting.id, transactions: posted_lines(posting), levels, attempts })
    }

    /// Posts as [`Store::post`] does, without reading the new levels afterwards, and returns how many
    /// transactions it took.
    ///
    /// # Errors
    /// As [`Store::post`].
    pub async fn post_without_levels(&self, posting: &Posting) -> Result<u32, Error> {
        let resolved = self.resolve(posting).await?;
        let (_, attempts) = self.post_resolved(&resolved).await?;
        Ok(attempts)
    }

    /// Posts, and says whether it was new and how many attempts it took.
    async fn post_resolved(&self, resolved: &Resolved) -> Result<(Status, u32), Error> {
        let work = OnePosting { store: self, resolved, levels: resolved.levels() };
        if let Some(refusal) = &resolved.refused_if_new {
            return match work.look_up(&*self.connection().await?).await? {
                Earlier::Same(()) => Ok((Status::AlreadyPosted, 1)),
                Earlier::Nothing | Earlier::Other => Err(refusal.clone().into()),
            };
        }
        let done = self.run(&work).await?;
        Ok((done.status, done.attempts))
    }

    /// The figures of a refusal for want of stock. The server tells which level would have become
    /// how much; less what the posting changes, that is what is on hand.
    fn shortage(
        &self,
        error: &tokio_postgres::Error,
        resolved: &Resolved,
        keys: &[LevelKey],
    ) -> Option<Refusal> {
        let db = error.as_db_error()?;
        if db.constraint() != Some("stock_levels_on_hand_not_negative") {
            return None;
        }
        let (product, location, lot, after) = failing_level(db.detail()?)?;
        let key =
            *keys.iter().find(|key| key.product == product && key.location == location && key.lot == lot)?;
        let change = resolved.delta(key);
        let same_level =
            |line: &usize| resolved.products[*line] == product && at(&resolved.lots, *line) == lot;
        let line = (0..resolved.ids.len()).find(same_level)?;
        let (sku, location) = self.keys.names(product, location)?;
        let lot = lot.and_then(|_| resolved.lot_codes.get(line).cloned().flatten());
        Some(Refusal::InsufficientStock {
            sku,
            location,
            lot,
            have: (after - change).normalize(),
            need: (-change).normalize(),
            expired: Decimal::ZERO,
        })
    }
}

/// Sends the one INSERT, prepared before.
async fn insert_posting(
    connection: &Connection,
    insert: &Statement,
    resolved: &Resolved,
) -> Result<u64, tokio_postgres::Error> {
    let kind = resolved.kind.as_str();
    let id = resolved.id.uuid();
    if resolved.ids.len() == 1 {
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
    let parameters: [&(dyn ToSql + Sync); 14] = [
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
    connection.execute(insert, &parameters).await
}

/// Refusals whose constraint says less than we know.
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

/// Reads `(product, location, lot, on_hand)` out of "Failing row contains (1, 2, null, -3.000)." The
/// words around the parentheses depend on the server's language; the values do not.
fn failing_level(detail: &str) -> Option<(i64, i64, Option<i64>, Decimal)> {
    let inside = detail.split_once('(')?.1.split_once(')')?.0;
    let mut parts = inside.split(", ");
    let product = parts.next()?.parse().ok()?;
    let location = parts.next()?.parse().ok()?;
    let lot = match parts.next()? {
        "null" => None,
        number => Some(number.parse().ok()?),
    };
    Some((product, location, lot, parts.next()?.parse().ok()?))
}

/// Reads the id out of "Key (reversed_id)=(0192…) already exists."
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
        let expected = Some((5, 7, None, Decimal::new(-3000, 3)));
        assert_eq!(failing_level("Failing row contains (5, 7, null, -3.000)."), expected);
        assert_eq!(failing_level("La ligne en échec contient (5, 7, null, -3.000)."), expected);
        assert_eq!(failing_level("Failing row contains (5, 7, 9, -0.5).").unwrap().2, Some(9));
        assert_eq!(failing_level("something else"), None);
    }

    #[test]
    fn reads_the_id_of_a_key() {
        let text = "Key (reversed_id)=(01930000-0000-7000-8000-000000000001) already exists.";
        assert!(uuid_in(text).is_some());
        assert!(uuid_in("nothing").is_none());
    }
}
