//! Counts: what the books hold is read and the differences posted in the same SERIALIZABLE transaction,
//! which is run again as a whole when others got in the way. A single count is a sheet of one line.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

use deadpool::managed::Object;
use deadpool_postgres::Transaction;
use rust_decimal::Decimal;
use tokio_postgres::IsolationLevel;
use tracing::{info, warn};
use uuid::Uuid;

use super::error::{Class, classify};
use super::hot::LevelKey;
use super::levels::Level;
use super::posting::{INSERT_POSTING, LOCK, PostedLine, Status, UNLOCK};
use super::retry::RetryPolicy;
use super::{Error, Store};
use crate::domain::{
    LINES_MAX, LocationCode, LotCode, MovementKind, Note, PostingError, PostingId, Quantity, Reference,
    Refusal, Sku,
};

/// The statement that writes the counts of a sheet. Every value is a parameter, as in a posting.
pub const INSERT_COUNT: &str =
    "INSERT INTO stock.stock_counts (id, counted_at, posting_id, product_id, location_id, lot_id, counted)
             SELECT c.id, $1::timestamptz, $2::uuid, c.product_id, c.location_id, c.lot_id, c.counted
             FROM unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::numeric[]) AS c (id, product_id, location_id, lot_id, counted)
             RETURNING id, expected";

/// What was counted of one product in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFigure {
    /// The product.
    pub sku: Sku,
    /// The place.
    pub location: LocationCode,
    /// The lot or serial number, if the product is tracked.
    pub lot: Option<LotCode>,
    /// What was found; zero or more.
    pub counted: Decimal,
    /// What the books held when it was counted. When they hold something else by the time of posting, goods
    /// have moved in between, and the count is refused. Left out, the books are taken as they are.
    pub seen: Option<Decimal>,
}

/// One line of a sheet that was posted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CountedLine {
    /// The product.
    pub sku: Sku,
    /// The place.
    pub location: LocationCode,
    /// The lot or serial number.
    pub lot: Option<LotCode>,
    /// What the books held.
    pub expected: Decimal,
    /// What was found.
    pub counted: Decimal,
}

/// What a count sheet found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SheetCounted {
    /// Whether it was new.
    pub status: Status,
    /// The counts; the adjustments have the same id.
    pub posting_id: PostingId,
    /// The lines, in the order of the sheet.
    pub lines: Vec<CountedLine>,
    /// What is on hand now.
    pub levels: Vec<Level>,
    /// How many transactions it took.
    pub attempts: u32,
}

impl SheetCounted {
    /// The adjustments that were posted: one for each line whose figure differs.
    #[must_use]
    pub fn transactions(&self) -> Vec<PostedLine> {
        let adjustment = |(position, line): (usize, &CountedLine)| {
            let difference = line.counted - line.expected;
            // A figure that agrees has no quantity to post.
            let quantity = Quantity::new(difference.abs()).ok()?;
            Some(PostedLine {
                id: self.posting_id.line(position),
                kind: MovementKind::Adjustment,
                sku: line.sku.clone(),
                quantity,
                from: (difference < Decimal::ZERO).then(|| line.location.clone()),
                to: (difference > Decimal::ZERO).then(|| line.location.clone()),
                lot: line.lot.clone(),
            })
        };
        self.lines.iter().enumerate().filter_map(adjustment).collect()
    }
}

/// A sheet with its keys, and one list per column.
struct SheetKeys {
    id: PostingId,
    ids: Vec<Uuid>,
    levels: Vec<LevelKey>,
    counted: Vec<Decimal>,
    reason: String,
    reference: Option<String>,
}

/// How one attempt of a transaction ended.
enum Ended {
    /// What the books held, line by line.
    Done(Vec<Decimal>),
    Again,
    Exists,
    Lost(super::Backend, String),
}

/// How the work of one attempt ended, short of an error of the database.
enum Worked {
    Committed(Vec<Decimal>),
    Moved(Refusal),
}

impl Store {
    /// Records the counts of a sheet, also where the figure agrees, and posts the differences with them:
    /// all or nothing.
    ///
    /// # Errors
    /// [`Refusal::MovedSinceCounted`] when the books no longer hold what the counter saw; and as
    /// [`Store::post`].
    pub async fn count_sheet(
        &self,
        id: PostingId,
        figures: &[SheetFigure],
        reason: &Note,
        reference: Option<&Reference>,
    ) -> Result<SheetCounted, Error> {
        validate(id, figures)?;
        let keys = self.sheet_keys(id, figures, reason, reference).await?;
        let policy = RetryPolicy::POSTING;
        let mut sent_before = false;
        for attempt in 1..=policy.attempts_max {
            match self.attempt_sheet(figures, &keys).await? {
                Ended::Done(expected) => {
                    return Ok(self.counted(figures, &keys, &expected, Status::Posted, attempt).await);
                }
                Ended::Exists => {
                    let status = if sent_before { Status::Posted } else { Status::AlreadyPosted };
                    let expected = self.sheet_found(&keys).await?;
                    return Ok(self.counted(figures, &keys, &expected, status, attempt).await);
                }
                Ended::Again => {
                    self.counters.retries.fetch_add(1, Ordering::Relaxed);
                    self.hot.note(&keys.levels);
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

    async fn sheet_keys(
        &self,
        id: PostingId,
        figures: &[SheetFigure],
        reason: &Note,
        reference: Option<&Reference>,
    ) -> Result<SheetKeys, Error> {
        let skus: Vec<&Sku> = figures.iter().map(|figure| &figure.sku).collect();
        let locations: Vec<&LocationCode> = figures.iter().map(|figure| &figure.location).collect();
        self.learn(&skus, &locations, None).await?;
        let mut lot_products = Vec::new();
        let mut lot_codes = Vec::new();
        for figure in figures {
            if let Some(lot) = &figure.lot {
                lot_products.push(self.catalogue.product(&figure.sku)?.id);
                lot_codes.push(lot.as_str());
            }
        }
        let lots = match lot_codes.is_empty() {
            true => HashMap::new(),
            false => self.find_lots(&lot_products, &lot_codes).await?,
        };
        let mut levels = Vec::with_capacity(figures.len());
        let mut counted = Vec::with_capacity(figures.len());
        for figure in figures {
            let product = self.catalogue.product(&figure.sku)?.id;
            let lot = match &figure.lot {
                None => None,
                Some(code) => {
                    let known = lots
                        .get(&(product, code.clone()))
                        .ok_or_else(|| Refusal::UnknownLot { sku: figure.sku.clone(), lot: code.clone() })?;
                    Some(known.id)
                }
            };
            levels.push(LevelKey { product, location: self.catalogue.location(&figure.location)?, lot });
            counted.push(Quantity::counted(figure.counted).map_err(Refusal::from)?);
        }
        Ok(SheetKeys {
            id,
            ids: (0..figures.len()).map(|position| id.line(position).uuid()).collect(),
            levels,
            counted,
            reason: reason.to_string(),
            reference: reference.map(ToString::to_string),
        })
    }

    async fn attempt_sheet(&self, figures: &[SheetFigure], keys: &SheetKeys) -> Result<Ended, Error> {
        let mut connection = self.connection().await?;
        let backend = connection.backend;
        self.counters.attempts.fetch_add(1, Ordering::Relaxed);
        let locks = self.hot.locks(&keys.levels);
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
            let expected = write_counts(&transaction, keys).await?;
            if let Some(refusal) = moved_since_counted(figures, &expected) {
                transaction.rollback().await?;
                return Ok(Worked::Moved(refusal));
            }
            write_adjustments(&transaction, keys, &expected).await?;
            transaction.commit().await?;
            Ok::<_, tokio_postgres::Error>(Worked::Committed(expected))
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
                        Ok(Ok(Worked::Committed(expected))) => Ok(Ended::Done(expected)),
                        Ok(Ok(Worked::Moved(refusal))) => Err(refusal.into()),
                        _ => Ok(Ended::Lost(backend, self.silence())),
                    };
                }
            }
        }
        match outcome {
            Ok(Ok(Worked::Committed(expected))) => Ok(Ended::Done(expected)),
            Ok(Ok(Worked::Moved(refusal))) => Err(refusal.into()),
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

    /// The ids exist: it is the same sheet, and this is what the books held then, or it is another.
    async fn sheet_found(&self, keys: &SheetKeys) -> Result<Vec<Decimal>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT id, product_id, location_id, lot_id, counted, expected FROM stock.stock_counts
                 WHERE id BETWEEN $1 AND $2 AND posting_id = $1",
                &[&keys.id.uuid(), &keys.id.last_line().uuid()],
            )
            .await?;
        let mut stored = HashMap::with_capacity(rows.len());
        for row in &rows {
            let level =
                LevelKey { product: row.try_get(1)?, location: row.try_get(2)?, lot: row.try_get(3)? };
            let (counted, expected): (Decimal, Decimal) = (row.try_get(4)?, row.try_get(5)?);
            stored.insert(row.try_get::<_, Uuid>(0)?, (level, counted, expected));
        }
        let same = stored.len() == keys.ids.len();
        let lines = keys.ids.iter().zip(&keys.levels).zip(&keys.counted);
        lines
            .map(|((id, level), counted)| match stored.get(id) {
                Some((known, figure, expected)) if same && known == level && figure == counted => {
                    Ok(*expected)
                }
                _ => Err(Refusal::IdUsedForAnother(keys.id).into()),
            })
            .collect()
    }

    async fn counted(
        &self,
        figures: &[SheetFigure],
        keys: &SheetKeys,
        expected: &[Decimal],
        status: Status,
        attempts: u32,
    ) -> SheetCounted {
        let line = |(figure, expected): (&SheetFigure, &Decimal)| CountedLine {
            sku: figure.sku.clone(),
            location: figure.location.clone(),
            lot: figure.lot.clone(),
            expected: expected.normalize(),
            counted: figure.counted.normalize(),
        };
        SheetCounted {
            status,
            posting_id: keys.id,
            lines: figures.iter().zip(expected).map(line).collect(),
            levels: self.levels_after(&keys.levels).await,
            attempts,
        }
    }
}

/// What can be checked without the database.
fn validate(id: PostingId, figures: &[SheetFigure]) -> Result<(), Refusal> {
    if figures.is_empty() {
        return Err(PostingError::NoLines.into());
    }
    if figures.len() > LINES_MAX {
        return Err(PostingError::TooManyLines { lines: figures.len() }.into());
    }
    if id.line(figures.len() - 1) < id.line(0) {
        return Err(PostingError::NoRoomForLines(id).into());
    }
    let mut known = HashSet::with_capacity(figures.len());
    for figure in figures {
        if !known.insert((&figure.sku, &figure.location, &figure.lot)) {
            return Err(Refusal::Rule {
                rule: "counted_twice".to_owned(),
                message: format!("{} at {} is counted twice on one sheet", figure.sku, figure.location),
            });
        }
    }
    Ok(())
}

/// The first line whose books are not what its counter saw.
fn moved_since_counted(figures: &[SheetFigure], expected: &[Decimal]) -> Option<Refusal> {
    figures.iter().zip(expected).find_map(|(figure, have)| {
        let seen = figure.seen.filter(|seen| seen != have)?;
        Some(Refusal::MovedSinceCounted {
            sku: figure.sku.clone(),
            location: figure.location.clone(),
            lot: figure.lot.clone(),
            seen: seen.normalize(),
            have: have.normalize(),
        })
    })
}

/// Writes the counts with one INSERT and learns what the books held, line by line.
async fn write_counts(
    transaction: &Transaction<'_>,
    keys: &SheetKeys,
) -> Result<Vec<Decimal>, tokio_postgres::Error> {
    let products: Vec<i64> = keys.levels.iter().map(|level| level.product).collect();
    let locations: Vec<i64> = keys.levels.iter().map(|level| level.location).collect();
    let lots: Vec<Option<i64>> = keys.levels.iter().map(|level| level.lot).collect();
    let statement = transaction.prepare_cached(INSERT_COUNT).await?;
    let rows = transaction
        .query(
            &statement,
            &[
                &keys.id.occurred_at(),
                &keys.id.uuid(),
                &keys.ids,
                &products,
                &locations,
                &lots,
                &keys.counted,
            ],
        )
        .await?;
    let mut expected: HashMap<Uuid, Decimal> = HashMap::with_capacity(rows.len());
    for row in &rows {
        expected.insert(row.try_get(0)?, row.try_get(1)?);
    }
    // An INSERT that succeeded has returned each of its rows.
    Ok(keys.ids.iter().map(|id| expected.get(id).copied().unwrap_or_default()).collect())
}

/// Posts the differences with one INSERT, each under the id of its count.
async fn write_adjustments(
    transaction: &Transaction<'_>,
    keys: &SheetKeys,
    expected: &[Decimal],
) -> Result<(), tokio_postgres::Error> {
    let differing: Vec<usize> =
        (0..keys.ids.len()).filter(|line| keys.counted[*line] != expected[*line]).collect();
    if differing.is_empty() {
        return Ok(());
    }
    let difference = |line: usize| keys.counted[line] - expected[line];
    let column = |value: fn(&LevelKey) -> i64| -> Vec<i64> {
        differing.iter().map(|line| value(&keys.levels[*line])).collect()
    };
    let place = |line: usize, wanted: bool| wanted.then_some(keys.levels[line].location);
    let ids: Vec<Uuid> = differing.iter().map(|line| keys.ids[*line]).collect();
    let products = column(|level| level.product);
    let lots: Vec<Option<i64>> = differing.iter().map(|line| keys.levels[*line].lot).collect();
    let from: Vec<Option<i64>> =
        differing.iter().map(|line| place(*line, difference(*line) < Decimal::ZERO)).collect();
    let to: Vec<Option<i64>> =
        differing.iter().map(|line| place(*line, difference(*line) > Decimal::ZERO)).collect();
    let quantities: Vec<Decimal> = differing.iter().map(|line| difference(*line).abs()).collect();
    let none: Option<i64> = None;
    let statement = transaction.prepare_cached(INSERT_POSTING).await?;
    transaction
        .execute(
            &statement,
            &[
                &keys.id.occurred_at(),
                &keys.id.uuid(),
                &MovementKind::Adjustment.as_str(),
                &none,
                &keys.reference,
                &keys.reason,
                &ids,
                &products,
                &lots,
                &from,
                &to,
                &quantities,
                &Vec::<Option<Decimal>>::new(),
                &Vec::<Option<Uuid>>::new(),
            ],
        )
        .await?;
    Ok(())
}
