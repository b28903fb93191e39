//! The count: what the books hold is read and the difference posted in the same SERIALIZABLE transaction,
//! which is run again as a whole when others got in the way.

use std::sync::atomic::Ordering;

use deadpool::managed::Object;
use rust_decimal::Decimal;
use tokio_postgres::{IsolationLevel, Transaction};
use tracing::{info, warn};

use super::error::{Class, classify};
use super::hot::LevelKey;
use super::levels::Level;
use super::posting::{INSERT_POSTING, LOCK, Posted, PostedLine, Status, UNLOCK};
use super::retry::RetryPolicy;
use super::{Error, Store};
use crate::domain::{
    LocationCode, LotCode, MovementKind, Note, PostingId, Quantity, Reference, Refusal, Sku,
};

/// The statement that writes a count. Every value is a parameter, as in a posting.
pub const INSERT_COUNT: &str =
    "INSERT INTO stock.stock_counts (id, counted_at, posting_id, product_id, location_id, lot_id, counted)
             VALUES ($1, $2, $1, $3, $4, $5, $6) RETURNING expected";

/// What was counted of one product in one place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CountFigure {
    /// The product.
    pub sku: Sku,
    /// The place.
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    /// What was found; zero or more.
    pub counted: Decimal,
}

/// What a count found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Counted {
    /// Whether it was new.
    pub status: Status,
    /// The count; the adjustment, if there is one, has the same id.
    pub posting_id: PostingId,
    /// What the books held.
    pub expected: Decimal,
    /// What was found.
    pub counted: Decimal,
    /// The adjustment; empty when the figure agreed.
    pub transactions: Vec<PostedLine>,
    /// What is on hand now.
    pub levels: Vec<Level>,
    /// How many transactions it took.
    pub attempts: u32,
}

impl Counted {
    /// The count as a posting, which is what other commands print.
    #[must_use]
    pub fn posted(&self) -> Posted {
        Posted {
            status: self.status,
            posting_id: self.posting_id,
            transactions: self.transactions.clone(),
            levels: self.levels.clone(),
            attempts: self.attempts,
        }
    }
}

/// A count with its keys.
struct CountKeys {
    id: PostingId,
    product: i64,
    location: i64,
    lot: Option<i64>,
    counted: Decimal,
    reason: String,
    reference: Option<String>,
}

impl CountKeys {
    fn level(&self) -> LevelKey {
        LevelKey { product: self.product, location: self.location, lot: self.lot }
    }
}

/// How one attempt of a transaction ended.
enum Ended<T> {
    Done(T),
    Again,
    Exists,
    Lost(super::Backend, String),
}

impl Store {
    /// Records a count, also when the figure agrees, and posts the difference with it.
    ///
    /// # Errors
    /// As [`Store::post`].
    pub async fn count(
        &self,
        id: PostingId,
        figure: &CountFigure,
        reason: &Note,
        reference: Option<&Reference>,
    ) -> Result<Counted, Error> {
        let keys = self.count_keys(id, figure, reason, reference).await?;
        let policy = RetryPolicy::POSTING;
        let mut sent_before = false;
        for attempt in 1..=policy.attempts_max {
            match self.attempt_count(&keys).await? {
                Ended::Done(expected) => {
                    return Ok(self.counted(figure, &keys, expected, Status::Posted, attempt).await);
                }
                Ended::Exists => {
                    let status = if sent_before { Status::Posted } else { Status::AlreadyPosted };
                    return self.count_found(figure, &keys, status, attempt).await;
                }
                Ended::Again => {
                    self.counters.retries.fetch_add(1, Ordering::Relaxed);
                    self.hot.note(&[keys.level()]);
                    info!(count = %id, attempt, "A count collided with a posting and is run again");
                    tokio::time::sleep(policy.pause(attempt)).await;
                }
                Ended::Lost(backend, message) => {
                    self.counters.lost.fetch_add(1, Ordering::Relaxed);
                    sent_before = true;
                    self.wait_for_end(id, backend, &message).await?;
                }
            }
        }
        warn!(count = %id, attempts = policy.attempts_max, "A count was given up after too many collisions");
        Err(Error::Conflict { attempts: policy.attempts_max })
    }

    async fn count_keys(
        &self,
        id: PostingId,
        figure: &CountFigure,
        reason: &Note,
        reference: Option<&Reference>,
    ) -> Result<CountKeys, Error> {
        self.learn(&[&figure.sku], &[&figure.location], None).await?;
        let product = self.catalogue.product(&figure.sku)?.id;
        let lot = match &figure.lot {
            None => None,
            Some(code) => {
                let connection = self.connection().await?;
                let row = connection
                    .query_opt(
                        "SELECT lot_id FROM stock.lots WHERE product_id = $1 AND code = $2",
                        &[&product, &code.as_str()],
                    )
                    .await?;
                let row =
                    row.ok_or_else(|| Refusal::UnknownLot { sku: figure.sku.clone(), lot: code.clone() })?;
                Some(row.try_get(0)?)
            }
        };
        Ok(CountKeys {
            id,
            product,
            location: self.catalogue.location(&figure.location)?,
            lot,
            counted: Quantity::counted(figure.counted).map_err(Refusal::from)?,
            reason: reason.to_string(),
            reference: reference.map(ToString::to_string),
        })
    }

    async fn attempt_count(&self, keys: &CountKeys) -> Result<Ended<Decimal>, Error> {
        let mut connection = self.connection().await?;
        let backend = connection.backend;
        self.counters.attempts.fetch_add(1, Ordering::Relaxed);
        let locks = self.hot.locks(&[keys.level()]);
        let work = async {
            // As for a posting: wait before the snapshot is taken. A lock that times out costs only waiting.
            if !locks.is_empty() {
                self.counters.locked.fetch_add(1, Ordering::Relaxed);
                if let Err(error) = connection.execute(LOCK, &[&locks]).await
                    && classify(&error) == Class::Lost
                {
                    return Err(error);
                }
            }
            let transaction =
                connection.build_transaction().isolation_level(IsolationLevel::Serializable).start().await?;
            let expected = write_count(&transaction, keys).await?;
            transaction.commit().await?;
            Ok::<_, tokio_postgres::Error>(expected)
        };
        let outcome = tokio::time::timeout(self.reply_timeout, work).await;
        if !locks.is_empty() && outcome.is_ok() {
            match tokio::time::timeout(self.reply_timeout, connection.batch_execute(UNLOCK)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    warn!(count = %keys.id, %error, "The advisory lock of a count was lost with its session");
                }
                Err(_) => {
                    // The lock goes with the session, which must not be lent again while it holds one.
                    drop(Object::take(connection));
                    warn!(count = %keys.id, "The server did not answer when the advisory lock of a count was given back");
                    return match outcome {
                        Ok(Ok(expected)) => Ok(Ended::Done(expected)),
                        _ => Ok(Ended::Lost(backend, self.silence())),
                    };
                }
            }
        }
        match outcome {
            Ok(Ok(expected)) => Ok(Ended::Done(expected)),
            Ok(Err(error)) => match classify(&error) {
                Class::Retry => Ok(Ended::Again),
                Class::IdExists => Ok(Ended::Exists),
                Class::PartitionMissing => {
                    self.ensure_month(keys.id.occurred_at()).await?;
                    Ok(Ended::Again)
                }
                Class::Lost => {
                    drop(Object::take(connection));
                    Ok(Ended::Lost(backend, Error::from(error).to_string()))
                }
                Class::Other => Err(error.into()),
            },
            Err(_) => {
                drop(Object::take(connection));
                Ok(Ended::Lost(backend, self.silence()))
            }
        }
    }

    /// The count exists: the same one, or another under the same id.
    async fn count_found(
        &self,
        figure: &CountFigure,
        keys: &CountKeys,
        status: Status,
        attempt: u32,
    ) -> Result<Counted, Error> {
        let connection = self.connection().await?;
        let row = connection
            .query_opt(
                "SELECT expected FROM stock.stock_counts
                 WHERE id = $1 AND product_id = $2 AND location_id = $3 AND lot_id IS NOT DISTINCT FROM $4 AND counted = $5",
                &[&keys.id.uuid(), &keys.product, &keys.location, &keys.lot, &keys.counted],
            )
            .await?;
        drop(connection);
        match row {
            Some(row) => Ok(self.counted(figure, keys, row.try_get(0)?, status, attempt).await),
            None => Err(Refusal::IdUsedForAnother(keys.id).into()),
        }
    }

    async fn counted(
        &self,
        figure: &CountFigure,
        keys: &CountKeys,
        expected: Decimal,
        status: Status,
        attempts: u32,
    ) -> Counted {
        let difference = keys.counted - expected;
        let transactions = match Quantity::new(difference.abs()) {
            Err(_) => Vec::new(),
            Ok(quantity) => vec![PostedLine {
                id: keys.id.line(0),
                kind: MovementKind::Adjustment,
                sku: figure.sku.clone(),
                quantity,
                from: (difference < Decimal::ZERO).then(|| figure.location.clone()),
                to: (difference > Decimal::ZERO).then(|| figure.location.clone()),
                lot: figure.lot.clone(),
            }],
        };
        let levels = self.levels_after(&[keys.level()]).await;
        Counted {
            status,
            posting_id: keys.id,
            expected: expected.normalize(),
            counted: keys.counted,
            transactions,
            levels,
            attempts,
        }
    }
}

/// Writes the count, learns what the books held, and posts the difference.
async fn write_count(
    transaction: &Transaction<'_>,
    keys: &CountKeys,
) -> Result<Decimal, tokio_postgres::Error> {
    let row = transaction
        .query_one(
            INSERT_COUNT,
            &[
                &keys.id.uuid(),
                &keys.id.occurred_at(),
                &keys.product,
                &keys.location,
                &keys.lot,
                &keys.counted,
            ],
        )
        .await?;
    let expected: Decimal = row.try_get(0)?;
    let difference = keys.counted - expected;
    if difference.is_zero() {
        return Ok(expected);
    }
    let id = keys.id.uuid();
    let (from, to) =
        if difference < Decimal::ZERO { (Some(keys.location), None) } else { (None, Some(keys.location)) };
    let none: Option<i64> = None;
    transaction
        .execute(
            INSERT_POSTING,
            &[
                &keys.id.occurred_at(),
                &id,
                &MovementKind::Adjustment.as_str(),
                &none,
                &keys.reference,
                &keys.reason,
                &vec![id],
                &vec![keys.product],
                &vec![keys.lot],
                &vec![from],
                &vec![to],
                &vec![difference.abs()],
                &Vec::<Option<Decimal>>::new(),
                &Vec::<Option<uuid::Uuid>>::new(),
            ],
        )
        .await?;
    Ok(expected)
}
