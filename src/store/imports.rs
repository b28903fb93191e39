//! The runs of imports, scheduled or by command.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::row::{self, from_row};
use super::{Error, Store};
use crate::domain::{ImportFile, ImportOutcome, ImportResult, ImportRun, KnownImport};

/// The decimal places of amounts of money.
const MONEY_DECIMALS: u32 = 2;
/// The most runs that are listed at a time.
const RUNS_MAX: u32 = 10_000;

from_row!(ImportRun {
    run_id,
    started_at,
    started_by,
    feed,
    content,
    profile,
    file_name,
    file_bytes,
    file_hash,
    finished_at,
    outcome,
    same_as,
    rows_read,
    rows_posted,
    rows_already_posted,
    rows_rejected,
    postings,
    value_read: money,
    value_posted: money,
    value_rejected: money,
    seconds,
    message,
    rejects_file,
    report_file
});

/// Amounts always have two decimal places, as in the report of an import.
fn money(value: Option<Decimal>) -> Option<Decimal> {
    value.map(|value| {
        let mut value = value.normalize();
        value.rescale(value.scale().max(MONEY_DECIMALS));
        value
    })
}

/// A number of rows or bytes as the database stores it, far below the limit of the type.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Store {
    /// Records that a run begins, unless that was recorded before.
    ///
    /// # Errors
    /// As any write.
    pub async fn begin_import(&self, file: &ImportFile) -> Result<(), Error> {
        let connection = self.connection().await?;
        let hash = file.file_hash.as_slice();
        connection
            .execute(
                "INSERT INTO stock.import_runs (run_id, feed, content, profile, file_name, file_bytes, file_hash)
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (run_id) DO NOTHING",
                &[
                    &file.run_id,
                    &file.feed,
                    &file.content,
                    &file.profile,
                    &file.file_name,
                    &stored(file.file_bytes),
                    &hash,
                ],
            )
            .await?;
        Ok(())
    }

    /// What is known of a file before it is read, from runs of the same login: runs of other logins prove nothing.
    ///
    /// # Errors
    /// As any read.
    pub async fn known_import(&self, file: &ImportFile) -> Result<KnownImport, Error> {
        let connection = self.connection().await?;
        let hash = file.file_hash.as_slice();
        let row = connection
            .query_one(
                "SELECT (SELECT outcome FROM stock.import_results WHERE run_id = $1) AS outcome,
                        (SELECT r.run_id FROM stock.import_runs r JOIN stock.import_results e USING (run_id)
                         WHERE r.file_hash = $2 AND r.content = $3 AND r.profile = $4 AND e.outcome = 'posted' AND r.run_id <> $1
                           AND r.started_by = session_user
                         ORDER BY r.started_at LIMIT 1) AS same_as",
                &[&file.run_id, &hash, &file.content, &file.profile],
            )
            .await?;
        let over: Option<ImportOutcome> = row.try_get("outcome")?;
        let same_as: Option<Uuid> = row.try_get("same_as")?;
        Ok(match (over, same_as) {
            (Some(outcome), _) => KnownImport::Over(outcome),
            (None, Some(run_id)) => KnownImport::SameAs(run_id),
            (None, None) => KnownImport::New,
        })
    }

    /// Records how a run ended, unless that was recorded before.
    ///
    /// # Errors
    /// As any write.
    pub async fn finish_import(&self, run_id: Uuid, result: &ImportResult) -> Result<(), Error> {
        let connection = self.connection().await?;
        connection
            .execute(
                "INSERT INTO stock.import_results (run_id, outcome, same_as, rows_read, rows_posted, rows_already_posted, rows_rejected, postings,
                                                   value_read, value_posted, value_rejected, seconds, message, rejects_file, report_file)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (run_id) DO NOTHING",
                &[
                    &run_id,
                    &result.outcome.as_str(),
                    &result.same_as,
                    &stored(result.rows_read),
                    &stored(result.rows_posted),
                    &stored(result.rows_already_posted),
                    &stored(result.rows_rejected),
                    &stored(result.postings),
                    &result.value_read,
                    &result.value_posted,
                    &result.value_rejected,
                    &result.seconds,
                    &result.message,
                    &result.rejects_file,
                    &result.report_file,
                ],
            )
            .await?;
        Ok(())
    }

    /// The runs of a feed, or of all feeds, the newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn import_runs(&self, feed: Option<&str>, limit: u32) -> Result<Vec<ImportRun>, Error> {
        let connection = self.connection().await?;
        let rows = connection
            .query(
                "SELECT r.run_id, r.started_at, r.started_by::text AS started_by, r.feed, r.content, r.profile, r.file_name, r.file_bytes,
                        encode(r.file_hash, 'hex') AS file_hash, e.finished_at, e.outcome, e.same_as, e.rows_read, e.rows_posted,
                        e.rows_already_posted, e.rows_rejected, e.postings, e.value_read, e.value_posted, e.value_rejected, e.seconds, e.message,
                        e.rejects_file, e.report_file
                 FROM stock.import_runs r LEFT JOIN stock.import_results e USING (run_id)
                 WHERE $1::text IS NULL OR r.feed = $1 ORDER BY r.started_at DESC, r.run_id DESC LIMIT $2",
                &[&feed, &i64::from(limit.min(RUNS_MAX))],
            )
            .await?;
        row::all(&rows)
    }
}
