//! Counts: reads the recorded quantities and posts the differences in the same SERIALIZABLE transaction, which is
//! retried as a whole after a conflict. A single count is a sheet of one line.

use std::collections::{HashMap, HashSet};

use deadpool_postgres::Transaction;
use rust_decimal::Decimal;
use tokio_postgres::IsolationLevel;
use uuid::Uuid;

use super::INSERT_POSTING;
use crate::domain::{
    CountedLine, LINES_MAX, LocationCode, MovementKind, Note, PostingError, PostingId, Quantity, Reference,
    Refusal, SheetCounted, SheetFigure, Sku,
};
use crate::store::connection::Connection;
use crate::store::orders::ResolvedReservations;
use crate::store::orders::statements::INSERT_RESERVATIONS;
use crate::store::serializable::{Done, Earlier, Failed, LevelKey, Locks, Work};
use crate::store::{Error, Store};

/// The statement that inserts the counts of a sheet. Every value is a parameter, as in a posting.
pub const INSERT_COUNT: &str =
    "INSERT INTO stock.stock_counts (id, counted_at, posting_id, product_id, location_id, lot_id, counted)
             SELECT c.id, $1::timestamptz, $2::uuid, c.product_id, c.location_id, c.lot_id, c.counted
             FROM unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::numeric[]) AS c (id, product_id, location_id, lot_id, counted)
             RETURNING id, expected";

/// A sheet with its keys, and one list per column.
struct SheetKeys {
    id: PostingId,
    ids: Vec<Uuid>,
    levels: Vec<LevelKey>,
    counted: Vec<Decimal>,
    reason: String,
    reference: Option<String>,
}

/// A sheet as work for the runner, which returns the recorded quantities, line by line.
struct Sheet<'a> {
    figures: &'a [SheetFigure],
    keys: SheetKeys,
}

impl Work for Sheet<'_> {
    type Output = Vec<Decimal>;

    const NAME: &'static str = "count";

    fn id(&self) -> Option<PostingId> {
        Some(self.keys.id)
    }

    fn levels(&self) -> &[LevelKey] {
        &self.keys.levels
    }

    fn statements(&self) -> &'static [&'static str] {
        &[INSERT_COUNT, INSERT_POSTING]
    }

    async fn run(&self, connection: &mut Connection, locks: &Locks) -> Result<Vec<Decimal>, Failed> {
        locks.take(connection).await?;
        let outcome = self.transact(connection).await;
        locks.release(connection).await;
        outcome
    }

    async fn look_up(&self, connection: &Connection) -> Result<Earlier<Vec<Decimal>>, Error> {
        self.keys.find(connection).await
    }
}

impl Sheet<'_> {
    async fn transact(&self, connection: &mut Connection) -> Result<Vec<Decimal>, Failed> {
        let transaction =
            connection.build_transaction().isolation_level(IsolationLevel::Serializable).start().await?;
        let expected = write_counts(&transaction, &self.keys).await?;
        if let Some(refusal) = moved_since_counted(self.figures, &expected) {
            transaction.rollback().await?;
            return Err(Failed::Refused(refusal));
        }
        release_what_is_gone(&transaction, &self.keys, &expected).await?;
        write_adjustments(&transaction, &self.keys, &expected).await?;
        transaction.commit().await?;
        Ok(expected)
    }
}

impl SheetKeys {
    /// Compares the sheet with the counts that have these ids: it is the same sheet, with the quantities recorded at
    /// that time, or another one.
    async fn find(&self, connection: &Connection) -> Result<Earlier<Vec<Decimal>>, Error> {
        let rows = connection
            .query(include_str!("counts_of_sheet.sql"), &[&self.id.uuid(), &self.id.last_line().uuid()])
            .await?;
        if rows.is_empty() {
            return Ok(Earlier::Nothing);
        }
        let mut stored = HashMap::with_capacity(rows.len());
        for row in &rows {
            let level = LevelKey {
                product: row.try_get("product_id")?,
                location: row.try_get("location_id")?,
                lot: row.try_get("lot_id")?,
            };
            let (counted, expected): (Decimal, Decimal) = (row.try_get("counted")?, row.try_get("expected")?);
            stored.insert(row.try_get::<_, Uuid>("id")?, (level, counted, expected));
        }
        let line = |position: usize| {
            let (level, counted, expected) = stored.get(&self.ids[position])?;
            (*level == self.levels[position] && *counted == self.counted[position]).then_some(*expected)
        };
        let expected: Option<Vec<Decimal>> = (0..self.ids.len()).map(line).collect();
        Ok(match expected {
            Some(expected) if stored.len() == self.ids.len() => Earlier::Same(expected),
            _ => Earlier::Other,
        })
    }
}

impl Store {
    /// Records the counts of a sheet, including those that agree, and posts the differences with them: all or nothing.
    ///
    /// # Errors
    /// [`Refusal::MovedSinceCounted`] if a recorded quantity is no longer what the counter saw; and as [`Store::post`].
    pub async fn count_sheet(
        &self,
        id: PostingId,
        figures: &[SheetFigure],
        reason: &Note,
        reference: Option<&Reference>,
    ) -> Result<SheetCounted, Error> {
        validate(id, figures)?;
        let sheet = Sheet { figures, keys: self.sheet_keys(id, figures, reason, reference).await? };
        let done = self.run(&sheet).await?;
        Ok(self.counted(&sheet, done).await)
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
                lot_products.push(self.keys.product(&figure.sku)?);
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
            let product = self.keys.product(&figure.sku)?;
            let lot = match &figure.lot {
                None => None,
                Some(code) => {
                    let known = lots
                        .get(&(product, code.clone()))
                        .ok_or_else(|| Refusal::UnknownLot { sku: figure.sku.clone(), lot: code.clone() })?;
                    Some(known.id)
                }
            };
            levels.push(LevelKey { product, location: self.keys.location(&figure.location)?, lot });
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

    async fn counted(&self, sheet: &Sheet<'_>, done: Done<Vec<Decimal>>) -> SheetCounted {
        let line = |(figure, expected): (&SheetFigure, &Decimal)| CountedLine {
            sku: figure.sku.clone(),
            location: figure.location.clone(),
            lot: figure.lot.clone(),
            expected: expected.normalize(),
            counted: figure.counted.normalize(),
        };
        SheetCounted {
            status: done.status,
            posting_id: sheet.keys.id,
            lines: sheet.figures.iter().zip(&done.output).map(line).collect(),
            levels: self.levels_after(&sheet.keys.levels).await,
            attempts: done.attempts,
        }
    }
}

/// Checks what can be checked without the database.
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
                message: format!("{} at {} is listed twice on one count sheet", figure.sku, figure.location),
            });
        }
    }
    Ok(())
}

/// The first line whose recorded quantity is not what its counter saw.
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

/// Inserts the counts with one statement and returns the recorded quantities, line by line.
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

/// Releases reservations of goods that are no longer there, those of the newest orders first, so that a count is never
/// refused because of them.
async fn release_what_is_gone(
    transaction: &Transaction<'_>,
    keys: &SheetKeys,
    expected: &[Decimal],
) -> Result<(), tokio_postgres::Error> {
    let short: Vec<usize> =
        (0..keys.ids.len()).filter(|line| keys.counted[*line] < expected[*line]).collect();
    if short.is_empty() {
        return Ok(());
    }
    let column = |value: fn(&LevelKey) -> i64| -> Vec<i64> {
        short.iter().map(|line| value(&keys.levels[*line])).collect()
    };
    let products = column(|level| level.product);
    let locations = column(|level| level.location);
    let lots: Vec<Option<i64>> = short.iter().map(|line| keys.levels[*line].lot).collect();
    let counted: Vec<Decimal> = short.iter().map(|line| keys.counted[*line]).collect();
    let statement = transaction.prepare_cached(include_str!("promises_beyond_count.sql")).await?;
    let rows = transaction.query(&statement, &[&products, &locations, &lots, &counted]).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut releases = ResolvedReservations {
        id: keys.id,
        ids: (0..rows.len()).map(|position| keys.id.line(position).uuid()).collect(),
        order_lines: Vec::with_capacity(rows.len()),
        levels: Vec::with_capacity(rows.len()),
        lot_codes: Vec::new(),
        changes: Vec::with_capacity(rows.len()),
        reason: Some(keys.reason.clone()),
    };
    for row in &rows {
        releases.order_lines.push(row.try_get("order_line_id")?);
        releases.levels.push(LevelKey {
            product: row.try_get("product_id")?,
            location: row.try_get("location_id")?,
            lot: row.try_get("lot_id")?,
        });
        releases.changes.push(-row.try_get::<_, Decimal>("released")?.normalize());
    }
    let statement = transaction.prepare_cached(INSERT_RESERVATIONS).await?;
    let client: &tokio_postgres::Transaction<'_> = transaction;
    releases.insert(client, &statement).await?;
    Ok(())
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
