//! An import run: one file with its outcome, as it is recorded. Both the service and the command line use it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::orders::orders_whole;
use super::products::products_whole;
use super::whole::movements_whole;
use super::{
    ImportError, MovementOptions, OrderOptions, ProductOptions, Report, Source, movements, movements_dry_run,
    orders, orders_dry_run, products, products_dry_run,
};
use crate::domain::{COMMAND_FEED, ImportFile, ImportOutcome, ImportResult};
use crate::service::Service;

/// How many bytes of a file are read at a time to compute its hash.
const HASH_BYTES: usize = 256 * 1024;
/// The longest error message that is stored, in characters.
const MESSAGE_CHARS_MAX: usize = 1_000;
/// The longest name that the database can store, in characters.
const NAME_CHARS_MAX: usize = 255;

/// The format of files of orders, which is Stockroom's own.
const OWN_PROFILE: &str = "stockroom";

/// A file to be imported, with its options.
#[derive(Debug)]
pub enum Task {
    Movements(MovementOptions),
    Products(ProductOptions),
    Orders(OrderOptions),
}

/// What a rejected row means for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// They are posted.
    SoundRows,
    /// They are not: the file is posted as a whole or not at all.
    AllOrNothing,
}

impl Extent {
    /// The extent that an option or setting `all_or_nothing` stands for.
    #[must_use]
    pub fn of(all_or_nothing: bool) -> Self {
        if all_or_nothing { Self::AllOrNothing } else { Self::SoundRows }
    }
}

impl Task {
    /// Imports the file, without recording the run.
    ///
    /// # Errors
    /// [`ImportError`] if the import cannot be completed.
    pub async fn run(&self, service: &Service, extent: Extent) -> Result<Report, ImportError> {
        match (self, extent) {
            (Self::Movements(options), Extent::SoundRows) => movements(service, options).await,
            (Self::Movements(options), Extent::AllOrNothing) => movements_whole(service, options).await,
            (Self::Products(options), Extent::SoundRows) => products(service, options).await,
            (Self::Products(options), Extent::AllOrNothing) => products_whole(service, options).await,
            (Self::Orders(options), Extent::SoundRows) => orders(service, options).await,
            (Self::Orders(options), Extent::AllOrNothing) => orders_whole(service, options).await,
        }
    }

    /// Reads the file without a database and reports what an import would do, as far as the file shows it.
    ///
    /// # Errors
    /// [`ImportError`] if the file cannot be read to its end.
    pub fn preview(&self, extent: Extent) -> Result<Report, ImportError> {
        let report = match self {
            Self::Movements(options) => movements_dry_run(options)?,
            Self::Products(options) => products_dry_run(options)?,
            Self::Orders(options) => orders_dry_run(options)?,
        };
        Ok(if extent == Extent::AllOrNothing && report.rows_rejected > 0 {
            report.of_nothing()
        } else {
            report
        })
    }

    /// Imports the file as a person's command, and records the run.
    ///
    /// # Errors
    /// [`ImportError`] if the import cannot be completed, or the run cannot be recorded.
    pub async fn run_by_hand(
        &self,
        service: &Service,
        extent: Extent,
    ) -> Result<(Report, ImportResult), ImportError> {
        let began = Instant::now();
        let failed = |source| ImportError::Stopped { rows: 0, source: Box::new(source) };
        let file = self.file()?;
        service.begin_import(&file).await.map_err(failed)?;
        let outcome = self.run(service, extent).await;
        let attempt = outcome.as_ref().map(Clone::clone).map_err(ToString::to_string);
        let result = ImportResult {
            seconds: seconds_since(began),
            rejects_file: match (&attempt, self.rejects()) {
                (Ok(report), Some(path)) if report.rows_rejected > 0 => Some(absolute(path)),
                _ => None,
            },
            ..result_of(&attempt, None)
        };
        let noted = service.finish_import(file.run_id, &result).await;
        let report = outcome?;
        noted.map_err(|source| ImportError::Stopped { rows: report.rows_read, source: Box::new(source) })?;
        Ok((report, result))
    }

    fn source(&self) -> &Source {
        match self {
            Self::Movements(options) => &options.source,
            Self::Products(options) => &options.source,
            Self::Orders(options) => &options.source,
        }
    }

    /// The file for rejected rows, if there is one.
    #[must_use]
    pub fn rejects(&self) -> Option<&Path> {
        match self {
            Self::Movements(options) => options.rejects.as_deref(),
            Self::Products(options) => options.rejects.as_deref(),
            Self::Orders(options) => options.rejects.as_deref(),
        }
    }

    /// The data about the file for the record. Input that can be read only once has no hash.
    fn file(&self) -> Result<ImportFile, ImportError> {
        let (content, profile) = match self {
            Self::Movements(options) => ("movements", options.profile.name.as_str()),
            Self::Products(options) => ("products", options.profile.name.as_str()),
            Self::Orders(_) => ("orders", OWN_PROFILE),
        };
        let source = self.source();
        let (mut file_bytes, mut file_hash) = (0, [0; 32]);
        let mut file_name = "-".to_owned();
        if let Source::Path(path) = source {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            file_name = name.chars().take(NAME_CHARS_MAX).collect();
            if source.can_be_read_twice() {
                let failed = |error| ImportError::Read { label: source.label(), source: error };
                file_bytes = path.metadata().map_err(failed)?.len();
                file_hash = hash_of(path).map_err(failed)?;
            }
        }
        Ok(ImportFile {
            run_id: Uuid::now_v7(),
            feed: COMMAND_FEED.to_owned(),
            content,
            profile: profile.to_owned(),
            file_name,
            file_bytes,
            file_hash,
        })
    }
}

fn absolute(path: &Path) -> String {
    // Standard output.
    if path == Path::new("-") {
        return "-".to_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)).to_string_lossy().into_owned()
}

/// The SHA-256 of a file.
///
/// # Errors
/// If it cannot be read.
pub fn hash_of(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; HASH_BYTES]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// The seconds since a moment, to the millisecond.
#[must_use]
pub fn seconds_since(moment: Instant) -> Decimal {
    Decimal::try_from(moment.elapsed().as_secs_f64()).unwrap_or_default().round_dp(3)
}

/// The result of an attempt, for the record: from a report, or from the message of an error. `same_as` is an earlier
/// run that posted the same file.
#[must_use]
pub fn result_of(attempt: &Result<Report, String>, same_as: Option<Uuid>) -> ImportResult {
    let nothing = Report::default();
    let report = attempt.as_ref().unwrap_or(&nothing);
    let all_rejected = report.rows_rejected > 0 && report.rows_posted == 0;
    let (outcome, message) = match attempt {
        Err(message) => (ImportOutcome::Failed, Some(message.chars().take(MESSAGE_CHARS_MAX).collect())),
        Ok(_) if same_as.is_some() => (ImportOutcome::Duplicate, None),
        Ok(report) if report.rows_not_posted > 0 => {
            let message = format!(
                "{} of {} rows were rejected, so nothing was posted",
                report.rows_rejected, report.rows_read
            );
            (ImportOutcome::Failed, Some(message))
        }
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
        rejects_file: None,
        report_file: None,
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
        let same_as = Some(Uuid::now_v7());
        assert_eq!(result_of(&Ok(Report::default()), same_as).outcome, ImportOutcome::Duplicate);
        let long = result_of(&Err("x".repeat(5_000)), None);
        assert_eq!(long.message.unwrap().len(), MESSAGE_CHARS_MAX);
    }
}
