//! Importing files from a watched directory: each is posted exactly once, whatever kills the service meanwhile.
//!
//! A posting has the same id however often its file is read, so a run that was killed is simply begun again. The run
//! is noted in the database before the first posting and after the last one; the file is moved away after that.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Instant;

use rust_decimal::Decimal;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::config::serve::{FileKind, ImportSettings};
use crate::domain::{ImportFile, ImportOutcome, ImportResult, KnownImport, LocationCode};
use crate::import::{
    ImportError, MovementOptions, ProductOptions, Profile, Report, Source, movements, products,
};
use crate::metrics::Metrics;
use crate::metrics::table::{
    IMPORT_DURATION, IMPORT_ERRORS, IMPORT_FILES_WAITING, IMPORT_LAST_INSERT_COUNT, IMPORT_LAST_REJECTED,
    IMPORT_LAST_SUCCESS, IMPORT_ROWS, IMPORT_RUNS,
};
use crate::serve::PartError;
use crate::serve::board::seconds_now;
use crate::serve::inbox::{Claimed, Inbox, Place, QUIET, Stamp};
use crate::serve::runner::Work;
use crate::service::{self, Service};
use crate::store;

/// How much of a file is read at a time to compute its hash.
const HASH_BYTES: usize = 256 * 1024;
/// What takes the place of a feed for an import by command.
const COMMAND_FEED: &str = "command";
/// The longest message of a failure that is stored.
const MESSAGE_CHARS_MAX: usize = 1_000;

/// Looks at the directory once: goes on with what was claimed, and imports the files that are complete.
pub(super) async fn run(work: Work) -> Result<(), PartError> {
    let Some(feed) = work.feed.clone() else { return Ok(()) };
    let name = feed.feed().as_str().to_owned();
    show_nothing_yet(&work, &name);
    let inbox = Inbox::open(&feed.directory)?;
    let mut number = 0_u64;
    for file in inbox.claimed()? {
        number += u64::from(import(&work, &feed, &inbox, &file).await?);
    }
    let (files, waiting) = inbox.arrivals()?;
    work.site.metrics.set(&IMPORT_FILES_WAITING, &[&name], waiting as f64);
    if !files.is_empty() {
        let looked_at = Instant::now();
        tokio::time::sleep(QUIET).await;
        for path in inbox.unchanged(files, looked_at) {
            let Some(file) = inbox.claim(&path)? else { continue };
            number += u64::from(import(&work, &feed, &inbox, &file).await?);
            let waiting = inbox.arrivals()?.1;
            work.site.metrics.set(&IMPORT_FILES_WAITING, &[&name], waiting as f64);
        }
    }
    if number > 0 {
        work.did(format!("{number} files"));
    }
    Ok(())
}

/// Counters of a feed begin at zero and not with its first file.
fn show_nothing_yet(work: &Work, feed: &str) {
    for outcome in ImportOutcome::ALL {
        work.site.metrics.add(&IMPORT_RUNS, &[feed, outcome.as_str()], 0);
    }
    work.site.metrics.add(&IMPORT_ERRORS, &[feed], 0);
    for result in ["posted", "already_posted", "rejected"] {
        work.site.metrics.add(&IMPORT_ROWS, &[feed, result], 0);
    }
}

/// Imports a file that was claimed. Returns whether this was done now; what was over before is only moved away.
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
        Ok(stamp) => hash_of(&file.path, stamp, feed).await?,
        Err(message) => Err(message.clone()),
    };
    let about = ImportFile {
        run_id: file.run_id,
        feed: feed.feed().as_str().to_owned(),
        content: feed.kind.as_str(),
        profile: feed.profile.clone(),
        file_name: file.name.clone(),
        file_bytes: before.as_ref().map_or(0, |stamp| stamp.bytes),
        // Of what cannot be read there is no hash; nothing has this one.
        file_hash: hash.clone().unwrap_or_default(),
    };
    let known = work.store.begin_import(&about).await?;
    let (attempt, same_as) = match (known, hash) {
        (KnownImport::Over(outcome), _) => {
            inbox.file_away(file, place(outcome))?;
            return Ok(false);
        }
        (_, Err(message)) => (Err(message), None),
        (KnownImport::SameAs(run_id), Ok(_)) => (Ok(Report::default()), Some(run_id)),
        (KnownImport::New, Ok(_)) => {
            let attempt = read(work, feed, file).await?;
            // What was written meanwhile was not in the hash.
            let changed = file.stamp() != before;
            (attempt.and_then(|report| if changed { Err(CHANGED.to_owned()) } else { Ok(report) }), None)
        }
    };
    let result = ImportResult { seconds: seconds(began), ..result_of(&attempt, same_as) };
    if result.rows_rejected == 0 {
        file.drop_rejects()?;
    }
    file.write_report(&report_of(&about, &result, attempt.as_ref().ok()))?;
    work.store.finish_import(file.run_id, &result).await?;
    let to = inbox.file_away(file, place(result.outcome))?;
    show(work, &about.feed, &result);
    tell(&about, &result, &to);
    Ok(true)
}

const CHANGED: &str = "the file was written to while it was being imported; put it into the directory again, nothing is posted twice";

fn seconds(since: Instant) -> Decimal {
    Decimal::try_from(since.elapsed().as_secs_f64()).unwrap_or_default().round_dp(3)
}

/// The hash of a file; a message for one that is too large or cannot be read.
async fn hash_of(
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
    let hashing = tokio::task::spawn_blocking(move || hash_file(&owned));
    let hashed = hashing.await.map_err(|error| PartError::Panicked(error.to_string()))?;
    Ok(hashed.map_err(|error| format!("the file cannot be read: {error}")))
}

fn hash_file(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; HASH_BYTES]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// Reads and posts a file. The outer error is one that passes, so that the file stays where it is and is tried again; the inner
/// one is the file's own.
async fn read(
    work: &Work,
    feed: &ImportSettings,
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
    let service = Service::of(&work.store);
    let (source, rejects) = (Source::Path(file.path.clone()), Some(file.rejects()));
    let outcome = match feed.kind {
        FileKind::Movements => {
            let options = MovementOptions { source, profile, rejects, location, progress: false };
            movements(&service, &options).await
        }
        FileKind::Products => {
            products(&service, &ProductOptions { source, profile, rejects, progress: false }).await
        }
    };
    match outcome {
        Ok(report) => Ok(Ok(report)),
        Err(error) if passes(&error) => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// Whether an error has nothing to do with the file, so that the same file may be imported later.
fn passes(error: &ImportError) -> bool {
    match error {
        ImportError::Stopped { source, .. } => match &**source {
            service::Error::Journal(_) | service::Error::Privacy(_) => true,
            // What the database cannot make sense of, it will not later.
            service::Error::Store(error) => {
                !matches!(error, store::Error::Refused(_) | store::Error::Database { .. })
            }
        },
        // The disk is full, or the rejects cannot be written for another reason.
        ImportError::Rejects { .. } | ImportError::Profile(_) | ImportError::ReaderLost => true,
        _ => false,
    }
}

fn result_of(attempt: &Result<Report, String>, same_as: Option<uuid::Uuid>) -> ImportResult {
    let nothing = Report::default();
    let report = attempt.as_ref().unwrap_or(&nothing);
    let all_rejected = report.rows_rejected > 0 && report.rows_posted == 0;
    let (outcome, message) = match attempt {
        Err(message) => (ImportOutcome::Failed, Some(message.chars().take(MESSAGE_CHARS_MAX).collect())),
        Ok(_) if same_as.is_some() => (ImportOutcome::Duplicate, None),
        Ok(_) if all_rejected => {
            let message = "all rows were rejected; is this the right profile?".to_owned();
            (ImportOutcome::Failed, Some(message))
        }
        Ok(report) if report.rows_rejected > 0 => (ImportOutcome::Rejects, None),
        Ok(_) => (ImportOutcome::Posted, None),
    };
    ImportResult {
        outcome,
        same_as,
        rows_read: report.rows_read,
        rows_posted: report.rows_posted,
        rows_already_posted: report.rows_already_posted,
        rows_rejected: report.rows_rejected,
        postings: report.postings,
        value_read: report.value_read,
        value_posted: report.value_posted,
        value_rejected: report.value_rejected,
        seconds: Decimal::ZERO,
        message,
    }
}

fn place(outcome: ImportOutcome) -> Place {
    if outcome == ImportOutcome::Failed { Place::Failed } else { Place::Done }
}

/// The report beside the file.
fn report_of(file: &ImportFile, result: &ImportResult, report: Option<&Report>) -> serde_json::Value {
    let hash: String = file.file_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "run_id": file.run_id, "feed": file.feed, "content": file.content, "profile": file.profile,
        "file_name": file.file_name, "file_bytes": file.file_bytes, "file_hash": hash,
        "outcome": result.outcome.as_str(), "same_as": result.same_as, "message": result.message,
        "seconds": result.seconds, "report": report,
    })
}

fn show(work: &Work, feed: &str, result: &ImportResult) {
    let metrics = &work.site.metrics;
    let inserted = result.rows_posted.saturating_sub(result.rows_already_posted);
    metrics.add(&IMPORT_RUNS, &[feed, result.outcome.as_str()], 1);
    metrics.add(&IMPORT_ROWS, &[feed, "posted"], inserted);
    metrics.add(&IMPORT_ROWS, &[feed, "already_posted"], result.rows_already_posted);
    metrics.add(&IMPORT_ROWS, &[feed, "rejected"], result.rows_rejected);
    metrics.set(&IMPORT_LAST_INSERT_COUNT, &[feed], inserted as f64);
    metrics.set(&IMPORT_LAST_REJECTED, &[feed], result.rows_rejected as f64);
    metrics.set(&IMPORT_DURATION, &[feed], f64::try_from(result.seconds).unwrap_or_default());
    if result.outcome == ImportOutcome::Failed {
        metrics.add(&IMPORT_ERRORS, &[feed], 1);
    } else {
        metrics.set(&IMPORT_LAST_SUCCESS, &[feed], seconds_now());
    }
}

/// Shows what an import by command came to.
pub fn show_report(metrics: &Metrics, report: &Report, seconds: f64) {
    let inserted = report.rows_posted.saturating_sub(report.rows_already_posted);
    metrics.set(&IMPORT_LAST_INSERT_COUNT, &[COMMAND_FEED], inserted as f64);
    metrics.set(&IMPORT_LAST_REJECTED, &[COMMAND_FEED], report.rows_rejected as f64);
    metrics.set(&IMPORT_DURATION, &[COMMAND_FEED], seconds);
    metrics.set(&IMPORT_LAST_SUCCESS, &[COMMAND_FEED], seconds_now());
}

/// A line of the log, without what is in the file.
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

    #[test]
    fn outcomes_follow_from_the_rows() {
        let report = |posted, rejected| {
            let report = Report {
                rows_read: posted + rejected,
                rows_posted: posted,
                rows_rejected: rejected,
                ..Report::default()
            };
            result_of(&Ok(report), None).outcome
        };
        assert_eq!(report(2, 0), ImportOutcome::Posted);
        assert_eq!(report(2, 1), ImportOutcome::Rejects);
        assert_eq!(report(0, 1), ImportOutcome::Failed);
        // A file with a header and no rows is a day on which nothing happened.
        assert_eq!(report(0, 0), ImportOutcome::Posted);
        let same_as = Some(uuid::Uuid::now_v7());
        assert_eq!(result_of(&Ok(Report::default()), same_as).outcome, ImportOutcome::Duplicate);
        let long = result_of(&Err("x".repeat(5_000)), None);
        assert_eq!(long.message.unwrap().len(), MESSAGE_CHARS_MAX);
    }
}
