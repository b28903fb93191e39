//! Imports files from a watched directory: each is posted exactly once, even if the service is killed meanwhile.
//!
//! A posting has the same id however often its file is read, so an interrupted run is simply started again. The run is
//! recorded in the database before the first posting and after the last one; the file is moved away after that.

use std::future::Future;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use crate::config::serve::{FileKind, ImportSettings};
use crate::domain::{COMMAND_FEED, ImportFile, ImportOutcome, ImportResult, KnownImport, LocationCode};
use crate::import::run::{Extent, Task, hash_of, result_of, seconds_since};
use crate::import::{ImportError, MovementOptions, ProductOptions, Profile, Report, Source};
use crate::metrics::Metrics;
use crate::metrics::table::{
    IMPORT_DURATION, IMPORT_ERRORS, IMPORT_FILES_WAITING, IMPORT_LAST_INSERT_COUNT, IMPORT_LAST_REJECTED,
    IMPORT_LAST_SUCCESS, IMPORT_ROWS, IMPORT_RUNS,
};
use crate::serve::PartError;
use crate::serve::board::seconds_now;
use crate::serve::inbox::{Claimed, Inbox, Place, QUIET, Stamp};
use crate::serve::runner::{Tied, Work};
use crate::service::{self, Service};
use crate::store;

/// Runs once through the directory: continues with claimed files, and imports files that are complete.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    let Some(feed) = work.feed.clone() else { return Ok(()) };
    let name = feed.feed().as_str().to_owned();
    let inbox = Inbox::open(&feed.directory)?;
    let mut number = 0_u64;
    for file in inbox.claimed()? {
        number += u64::from(import(&work, &feed, &inbox, &file).await?);
    }
    loop {
        let (files, mut waiting) = inbox.arrivals()?;
        work.site.metrics.set(&IMPORT_FILES_WAITING, &[&name], waiting as f64);
        if files.is_empty() {
            break;
        }
        let more = files.len() < waiting;
        let looked_at = Instant::now();
        tokio::time::sleep(QUIET).await;
        let mut taken = false;
        for path in inbox.unchanged(files, looked_at) {
            let Some(file) = inbox.claim(&path)? else { continue };
            taken = true;
            number += u64::from(import(&work, &feed, &inbox, &file).await?);
            waiting = waiting.saturating_sub(1);
            work.site.metrics.set(&IMPORT_FILES_WAITING, &[&name], waiting as f64);
        }
        // With a schedule the next run may be a day away: files that did not fit into this round follow at once.
        if !more || !taken {
            break;
        }
    }
    if number > 0 {
        work.did(format!("{number} files"));
    }
    Ok(())
}

/// Exports the counters of a feed with the value zero.
pub(super) fn show_zero(metrics: &Metrics, feed: &str) {
    for outcome in ImportOutcome::ALL {
        metrics.add(&IMPORT_RUNS, &[feed, outcome.as_str()], 0);
    }
    metrics.add(&IMPORT_ERRORS, &[feed], 0);
    for result in ["posted", "already_posted", "rejected"] {
        metrics.add(&IMPORT_ROWS, &[feed, result], 0);
    }
}

/// Imports a claimed file. Returns whether this run imported it; a file whose run had ended is only moved away.
async fn import(
    work: &Work,
    feed: &ImportSettings,
    inbox: &Inbox,
    file: &Claimed,
) -> Result<bool, PartError> {
    work.site.board.turns(&work.name);
    let began = Instant::now();
    let before = file.stamp();
    let hash = match &before {
        Ok(stamp) => self::hash(&file.path, stamp, feed).await?,
        Err(message) => Err(message.clone()),
    };
    let about = ImportFile {
        run_id: file.run_id,
        feed: feed.feed().as_str().to_owned(),
        content: feed.kind.as_str(),
        profile: feed.profile.clone(),
        file_name: file.name.clone(),
        file_bytes: before.as_ref().map_or(0, |stamp| stamp.bytes),
        // A file that cannot be read has no hash; no file has this one.
        file_hash: hash.clone().unwrap_or_default(),
    };
    let service = Service::of(&work.store);
    service.begin_import(&about).await?;
    let known = service.known_import(&about).await?;
    let (attempt, same_as) = match (known, hash) {
        (KnownImport::Over(outcome), _) => {
            inbox.file_away(file, place(outcome))?;
            return Ok(false);
        }
        (_, Err(message)) => (Err(message), None),
        (KnownImport::SameAs(run_id), Ok(_)) => (Ok(Report::default()), Some(run_id)),
        (KnownImport::New, Ok(_)) => {
            let attempt = read(work, feed, &service, file).await?;
            // What was written meanwhile was not part of the hash.
            let changed = file.stamp() != before;
            (attempt.and_then(|report| if changed { Err(CHANGED.to_owned()) } else { Ok(report) }), None)
        }
    };
    let result = ImportResult { seconds: seconds_since(began), ..result_of(&attempt, same_as) };
    let to = inbox.destination(file, place(result.outcome));
    let rejects = (result.rows_rejected > 0).then(|| to.rejects().to_string_lossy().into_owned());
    let report = Some(to.report().to_string_lossy().into_owned());
    let result = ImportResult { rejects_file: rejects, report_file: report, ..result };
    if result.rows_rejected == 0 {
        file.drop_rejects()?;
    }
    file.write_report(&report_of(&about, &result, attempt.as_ref().ok()))?;
    service.finish_import(file.run_id, &result).await?;
    inbox.file_away(file, place(result.outcome))?;
    count(work, &about.feed, &result);
    show(&work.site.metrics, &about.feed, &result);
    tell(&about, &result, &to.path);
    Ok(true)
}

const CHANGED: &str = "the file was written to while it was being imported; put it into the directory again, nothing is posted twice";

/// The hash of a file, or a message for one that is too large or cannot be read.
async fn hash(
    path: &Path,
    stamp: &Stamp,
    feed: &ImportSettings,
) -> Result<Result<[u8; 32], String>, PartError> {
    let megabytes = feed.file_megabytes_max;
    if stamp.bytes > megabytes.saturating_mul(1_000_000) {
        return Ok(Err(format!(
            "the file has {} bytes, and file_megabytes_max of this import is {megabytes}",
            stamp.bytes
        )));
    }
    let owned = path.to_owned();
    let hashing = tokio::task::spawn_blocking(move || hash_of(&owned));
    let hashed = hashing.await.map_err(|error| PartError::Panicked(error.to_string()))?;
    Ok(hashed.map_err(|error| format!("the file cannot be read: {error}")))
}

/// Reads and posts a file. The outer error is temporary, so that the file stays where it is and is retried; the inner
/// one is caused by the file.
async fn read(
    work: &Work,
    feed: &ImportSettings,
    service: &Service,
    file: &Claimed,
) -> Result<Result<Report, String>, PartError> {
    let profile = match Profile::load(&feed.profile, work.site.profiles()) {
        Ok(profile) => profile,
        // The settings are wrong, not the file.
        Err(error) => return Err(error.into()),
    };
    let location: Option<LocationCode> = match feed.location.as_deref().map(str::parse).transpose() {
        Ok(location) => location,
        Err(error) => return Err(PartError::Found(format!("the location of this import: {error}"))),
    };
    let (source, rejects) = (Source::Path(file.path.clone()), Some(file.rejects()));
    let task = match feed.kind {
        FileKind::Movements => {
            Task::Movements(MovementOptions { rejects, location, ..MovementOptions::new(source, profile) })
        }
        FileKind::Products => Task::Products(ProductOptions { source, profile, rejects, progress: false }),
    };
    let (service, extent) = (service.clone(), Extent::of(feed.all_or_nothing));
    match unpanicked(async move { task.run(&service, extent).await }).await {
        Err(message) => Ok(Err(message)),
        Ok(Ok(report)) => Ok(Ok(report)),
        Ok(Err(error)) if passes(&error) => Err(error.into()),
        Ok(Err(error)) => Ok(Err(error.to_string())),
    }
}

/// The result of a task, or a message if it panicked: a file that triggers a defect of the program would trigger it
/// again, and must not hold up the files after it.
async fn unpanicked<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let mut task = Tied(tokio::spawn(task));
    (&mut task.0).await.map_err(|error| {
        format!("the import of this file ended unexpectedly; this is a bug in Stockroom: {error}")
    })
}

/// Whether an error is not caused by the file, so that the same file may be imported later.
fn passes(error: &ImportError) -> bool {
    match error {
        ImportError::Stopped { source, .. } => match &**source {
            service::Error::Journal(_) | service::Error::Privacy(_) => true,
            // What the database rejects as invalid, it will reject again.
            service::Error::Store(error) => {
                !matches!(error, store::Error::Refused(_) | store::Error::Database { .. })
            }
        },
        // The disk is full, or the rejects cannot be written for another reason.
        ImportError::Rejects { .. } | ImportError::Profile(_) | ImportError::ReaderLost => true,
        _ => false,
    }
}

fn place(outcome: ImportOutcome) -> Place {
    if outcome == ImportOutcome::Failed { Place::Failed } else { Place::Done }
}

/// The contents of the report beside the file.
fn report_of(file: &ImportFile, result: &ImportResult, report: Option<&Report>) -> serde_json::Value {
    let hash: String = file.file_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "run_id": file.run_id, "feed": file.feed, "content": file.content, "profile": file.profile,
        "file_name": file.file_name, "file_bytes": file.file_bytes, "file_hash": hash,
        "outcome": result.outcome.as_str(), "same_as": result.same_as, "message": result.message,
        "seconds": result.seconds, "rejects_file": result.rejects_file, "report": report,
    })
}

/// How many of the rows were not in the database before.
fn inserted(result: &ImportResult) -> u64 {
    result.rows_posted.saturating_sub(result.rows_already_posted)
}

/// Adds the result of a run to the counters of its feed.
fn count(work: &Work, feed: &str, result: &ImportResult) {
    let metrics = &work.site.metrics;
    metrics.add(&IMPORT_RUNS, &[feed, result.outcome.as_str()], 1);
    metrics.add(&IMPORT_ROWS, &[feed, "posted"], inserted(result));
    metrics.add(&IMPORT_ROWS, &[feed, "already_posted"], result.rows_already_posted);
    metrics.add(&IMPORT_ROWS, &[feed, "rejected"], result.rows_rejected);
    metrics.add(&IMPORT_ERRORS, &[feed], u64::from(result.outcome == ImportOutcome::Failed));
}

/// Exports the gauges of the last run of a feed.
fn show(metrics: &Metrics, feed: &str, result: &ImportResult) {
    metrics.set(&IMPORT_LAST_INSERT_COUNT, &[feed], inserted(result) as f64);
    metrics.set(&IMPORT_LAST_REJECTED, &[feed], result.rows_rejected as f64);
    metrics.set(&IMPORT_DURATION, &[feed], f64::try_from(result.seconds).unwrap_or_default());
    if result.outcome != ImportOutcome::Failed {
        metrics.set(&IMPORT_LAST_SUCCESS, &[feed], seconds_now());
    }
}

/// Exports the gauges of an import by command.
pub fn show_command(metrics: &Metrics, result: &ImportResult) {
    show(metrics, COMMAND_FEED, result);
}

/// Logs the result of a run, without any contents of the file.
fn tell(file: &ImportFile, result: &ImportResult, to: &Path) {
    let (run_id, feed, outcome) = (file.run_id, &file.feed, result.outcome.as_str());
    let (posted, rejected) = (result.rows_posted, result.rows_rejected);
    let to = to.display();
    if result.outcome == ImportOutcome::Failed {
        tracing::warn!(%run_id, feed, outcome, posted, rejected, %to, "A file could not be imported");
    } else {
        tracing::info!(%run_id, feed, outcome, posted, rejected, %to, "A file was imported");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_outcome_of_its_file() {
        let words: Option<&str> = None;
        let outcome = unpanicked(async move { words.map(str::len).expect("no words") }).await;
        assert!(outcome.unwrap_err().contains("a bug in Stockroom"));
        assert_eq!(unpanicked(async { 7 }).await, Ok(7));
    }
}
