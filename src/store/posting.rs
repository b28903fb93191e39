//! Posting: one INSERT in one SERIALIZABLE transaction, sent in one round trip, run again as a whole
//! when others got in the way, and looked up when the line broke.

use std::sync::atomic::Ordering;

use deadpool::managed::Object;
use futures_util::join;
use rust_decimal::Decimal;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use tracing::{info, warn};

use super::connection::{Backend, Connection, Lent};
use super::error::{Class, classify};
use super::hot::LevelKey;
use super::levels::Level;
use super::resolve::{Resolved, at};
use super::retry::RetryPolicy;
use super::{Error, Store};
use crate::domain::{
    LocationCode, LotCode, MovementId, MovementKind, Posting, PostingId, Quantity, Refusal, Sku,
};

/// The statement that writes the ledger. Every value is a parameter, so that the audit record of the
/// statement holds them all; what is the same for each line is sent once.
pub const INSERT_POSTING: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     SELECT l.id, $1::timestamptz, $2::uuid, $3::text::stock.movement_kind, l.product_id, l.lot_id, l.from_location_id, l.to_location_id, $4::bigint, l.quantity, l.unit_price, $5::text, $6::text, l.reverses \
     FROM unnest($7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::numeric[], $13::numeric[], $14::uuid[]) \
     AS l (id, product_id, lot_id, from_location_id, to_location_id, quantity, unit_price, reverses)";
/// The same for a posting of one line, the commonest: without lists there is nothing to take apart.
pub const INSERT_MOVEMENT: &str = "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id, quantity, unit_price, reference, reason, reverses) \
     VALUES ($1, $2, $3, $4::text::stock.movement_kind, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
pub(super) const LOCK: &str = "SELECT pg_advisory_lock(k) FROM unnest($1::bigint[]) AS k";
pub(super) const UNLOCK: &str = "SELECT pg_advisory_unlock_all()";

/// Whether a posting was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was posted by this call.
    Posted,
    /// The same posting had been posted before; nothing was posted now.
    AlreadyPosted,
}

/// One movement that was posted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PostedLine {
    /// The movement.
    pub id: MovementId,
    /// Why.
    pub kind: MovementKind,
    /// The product.
    pub sku: Sku,
    /// How many units.
    pub quantity: Quantity,
    /// Where they left.
    pub from: Option<LocationCode>,
    /// Where they arrived.
    pub to: Option<LocationCode>,
    /// The lot.
    pub lot: Option<LotCode>,
}

/// What became of a posting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Posted {
    /// Whether it was new.
    pub status: Status,
    /// The posting.
    pub posting_id: PostingId,
    /// Its movements.
    pub transactions: Vec<PostedLine>,
    /// What is on hand now where it touched the stock.
    pub levels: Vec<Level>,
    /// How many transactions it took.
    pub attempts: u32,
}

/// The statements of a posting, prepared once for each connection. The unlocking is among them because
/// others wait for it.
struct Statements {
    insert: Statement,
    locking: Option<(Statement, Statement)>,
}

async fn prepare(
    connection: &Connection,
    lines: usize,
    locking: bool,
) -> Result<Statements, tokio_postgres::Error> {
    let insert = connection.prepare_cached(insert_sql(lines)).await?;
    let locking = match locking {
        false => None,
        true => Some((connection.prepare_cached(LOCK).await?, connection.prepare_cached(UNLOCK).await?)),
    };
    Ok(Statements { insert, locking })
}

/// How one attempt ended.
enum Attempt {
    Committed,
    Exists,
    Again(Class),
    /// The connection had gone before anything of the posting was sent over it.
    NotSent,
    Lost {
        backend: Backend,
        message: String,
    },
    Failed(Error),
}

impl Store {
    /// Posts all lines or none.
    ///
    /// # Errors
    /// [`Error::Refused`] when a rule forbids it, [`Error::Conflict`] when every attempt collided,
    /// [`Error::OutcomeUnknown`] when the line broke and the database cannot be asked.
    pub async fn post(&self, posting: &Posting) -> Result<Posted, Error> {
        let resolved = self.resolve(posting).await?;
        let (status, attempts) = self.post_resolved(&resolved).await?;
        let levels = self.levels_after(&resolved.levels()).await;
        Ok(Posted { status, posting_id: posting.id, transactions: posted_lines(posting), levels, attempts })
    }

    /// Posts, and says whether it was new and how many attempts it took.
    pub(super) async fn post_resolved(&self, resolved: &Resolved) -> Result<(Status, u32), Error> {
        let keys = resolved.levels();
        if let Some(refusal) = &resolved.refused_if_new {
            return match self.find_posting(resolved).await? {
                Some(true) => Ok((Status::AlreadyPosted, 1)),
                _ => Err(refusal.clone().into()),
            };
        }
        let policy = RetryPolicy::POSTING;
        let mut sent_before = false;
        for attempt in 1..=policy.attempts_max {
            match self.attempt(resolved, &keys).await {
                Attempt::Committed => return Ok((Status::Posted, attempt)),
                Attempt::Exists => {
                    let posting = resolved.id;
                    return match self.find_posting(resolved).await? {
                        Some(true) => {
                            let status = if sent_before { Status::Posted } else { Status::AlreadyPosted };
                            Ok((status, attempt))
                        }
                        Some(false) | None => Err(Refusal::IdUsedForAnother(posting).into()),
                    };
                }
                Attempt::Lost { backend, message } => {
                    self.counters.lost.fetch_add(1, Ordering::Relaxed);
                    sent_before = true;
                    if self.settle(resolved, backend, &message).await? {
                        return Ok((Status::Posted, attempt));
                    }
                }
                Attempt::NotSent => {
                    info!(posting = %resolved.id, attempt, "A connection had been closed while it was idle; another one is used");
                }
                Attempt::Again(Class::PartitionMissing) => self.ensure_month(resolved.occurred_at).await?,
                Attempt::Again(_) => {
                    self.counters.retries.fetch_add(1, Ordering::Relaxed);
                    self.hot.note(&keys);
                    info!(posting = %resolved.id, attempt, "A posting collided with another and is run again");
                    tokio::time::sleep(policy.pause(attempt)).await;
                }
                Attempt::Failed(error) => return Err(error),
            }
        }
        warn!(posting = %resolved.id, attempts = policy.attempts_max, "A posting was given up after too many collisions");
        Err(Error::Conflict { attempts: policy.attempts_max })
    }

    /// One transaction in one round trip, with the locks of hot levels around it.
    async fn attempt(&self, resolved: &Resolved, keys: &[LevelKey]) -> Attempt {
        let connection = match self.posting_connection().await {
            Ok(connection) => connection,
            Err(error) => return Attempt::Failed(error),
        };
        let locks = self.hot.locks(keys);
        // Preparing sends nothing of the posting, so an error here leaves no doubt.
        let statements = match prepare(&connection, resolved.ids.len(), !locks.is_empty()).await {
            Ok(statements) => statements,
            Err(error) if classify(&error) == Class::Lost => {
                drop(Object::take(connection));
                return Attempt::NotSent;
            }
            Err(error) => return Attempt::Failed(error.into()),
        };
        self.counters.attempts.fetch_add(1, Ordering::Relaxed);
        let backend = connection.backend;
        let work = self.transact(&connection, resolved, &statements, &locks);
        match tokio::time::timeout(self.reply_timeout, work).await {
            Ok(Ok(())) => Attempt::Committed,
            Ok(Err(error)) => self.judge(error, connection, resolved, keys),
            Err(_) => {
                drop(Object::take(connection));
                Attempt::Lost { backend, message: self.silence() }
            }
        }
    }

    /// The INSERT is a transaction of its own, and the session's transactions are SERIALIZABLE. Its
    /// answer is complete when the server is ready again, which is after the commit.
    async fn transact(
        &self,
        connection: &Connection,
        resolved: &Resolved,
        statements: &Statements,
        locks: &[i64],
    ) -> Result<(), tokio_postgres::Error> {
        let Some((lock, unlock)) = &statements.locking else {
            insert_posting(connection, &statements.insert, resolved).await?;
            return Ok(());
        };
        let (locked, inserted, unlocked) = join!(
            async { connection.execute(lock, &[&locks]).await },
            insert_posting(connection, &statements.insert, resolved),
            connection.execute(unlock, &[]),
        );
        self.counters.locked.fetch_add(1, Ordering::Relaxed);
        inserted?;
        if let Err(error) = locked.and(unlocked) {
            // The posting stands; a lock that timed out or was lost with its session costs only waiting.
            warn!(posting = %resolved.id, %error, "The advisory locks of a posting were not held");
        }
        Ok(())
    }

    /// What an error of the transaction means.
    fn judge(
        &self,
        error: tokio_postgres::Error,
        connection: Lent,
        resolved: &Resolved,
        keys: &[LevelKey],
    ) -> Attempt {
        match classify(&error) {
            Class::IdExists => Attempt::Exists,
            Class::Lost => {
                let backend = connection.backend;
                drop(Object::take(connection));
                Attempt::Lost { backend, message: Error::from(error).to_string() }
            }
            Class::Other => Attempt::Failed(
                self.shortage(&error, resolved, keys).map_or_else(|| refine(error, resolved), Error::from),
            ),
            class => Attempt::Again(class),
        }
    }

    /// The figures of a refusal for want of stock. The server tells which level would have become
    /// how much; less what the posting changes, that is what is on hand.
    pub(super) fn shortage(
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
        let (sku, location) = self.catalogue.names(product, location)?;
        let lot = lot.and_then(|_| resolved.lot_codes.get(line).cloned().flatten());
        Some(Refusal::InsufficientStock {
            sku,
            location,
            lot,
            have: (after - change).normalize(),
            need: (-change).normalize(),
        })
    }
}

/// The statement that posts so many lines.
pub(super) fn insert_sql(lines: usize) -> &'static str {
    if lines == 1 { INSERT_MOVEMENT } else { INSERT_POSTING }
}

/// Sends the one INSERT; the statement is that of [`insert_sql`] for the number of lines.
pub(super) async fn insert_posting(
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
pub(super) async fn insert_lines(
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

pub(super) fn posted_lines(posting: &Posting) -> Vec<PostedLine> {
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
