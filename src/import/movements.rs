//! The import of movements: plans the postings of the file, prepares catalogue, partitions and opening stock, and
//! posts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;
use jiff::civil::Date;
use tokio::sync::mpsc;

use crate::domain::{FreeTextCheck, LocationCode, Posting, Refusal, Status};
use crate::service::{Error as ServiceError, Service};

use super::planner::{Document, PlannedRow, Planner, RejectedRow};
use super::profile::{Creatable, MovementProfile, OpeningStock, Profile};
use super::rejects::{Reject, Rejects};
use super::report::Report;
use super::source::Source;
use super::summary::{Summary, month_of, stretches};
use super::{ImportError, progress_bar};

/// How many lines are sent to the database at once: enough to hide the latency of a round trip, few enough that an
/// interrupted run has little to repeat.
const BATCH_LINES: usize = 1_000;
/// How many batches may wait while one is being posted.
pub(super) const BATCHES_WAITING_MAX: usize = 4;
/// How many products or partners are added at once.
const CATALOGUE_ROWS: usize = 500;

/// What to import and how.
#[derive(Debug, Clone)]
pub struct MovementOptions {
    pub source: Source,
    /// The layout of the file.
    pub profile: Profile,
    /// The file for rejected rows.
    pub rejects: Option<PathBuf>,
    /// The location for rows without one, instead of the profile's location.
    pub location: Option<LocationCode>,
    /// Whether to show a progress bar, if standard error is a terminal.
    pub progress: bool,
    /// The names that references and reasons are compared with.
    pub names: FreeTextCheck,
}

impl MovementOptions {
    /// The same options with a source that can be read several times, if it has to be.
    pub(super) fn kept(&self, several_times: bool) -> Result<Self, ImportError> {
        let source = if several_times { self.source.kept()? } else { self.source.clone() };
        Ok(Self { source, ..self.clone() })
    }

    /// The import of a source: rejected rows are counted and not written, no location besides that of the profile, no
    /// progress bar, no names to compare with.
    #[must_use]
    pub fn new(source: Source, profile: Profile) -> Self {
        Self {
            source,
            profile,
            rejects: None,
            location: None,
            progress: false,
            names: FreeTextCheck::default(),
        }
    }
}

/// Imports movements.
///
/// # Errors
/// [`ImportError`] if the run cannot continue. What has been posted remains, and a new run recognises it.
pub async fn movements(service: &Service, options: &MovementOptions) -> Result<Report, ImportError> {
    let profile = effective_profile(options)?;
    let options = &options.kept(profile.needs_two_passes())?;
    let mut run = Run::default();
    let summary = summarise(options, &profile)?;
    if let Some(summary) = &summary {
        run.prepare(service, &profile, summary).await?;
        let opening = opening(options, &profile, summary)?;
        run.post_opening(service, &opening).await?;
        run.count_opening(summary, &opening);
    }
    let bar = progress_bar(options.progress, "posting", &options.source);
    let planner = Planner::open(&options.source, &options.profile, &profile, &bar)?;
    let mut rejects = begin_rejects(options, &planner)?;
    let (sender, mut receiver) = mpsc::channel(BATCHES_WAITING_MAX);
    let reading = tokio::task::spawn_blocking(move || send_batches(planner, &sender));
    while let Some(batch) = receiver.recv().await {
        run.check_free_text(&options.names, &batch);
        run.post(service, batch, &mut rejects).await?;
        rejects.flush()?;
    }
    reading.await.map_err(|_| ImportError::ReaderLost)??;
    bar.finish_and_clear();
    finish(run.report, &rejects, summary.as_ref())
}

/// Does everything except writing to the database, and needs no connection.
///
/// # Errors
/// [`ImportError`] if the file cannot be read to its end.
pub fn movements_dry_run(options: &MovementOptions) -> Result<Report, ImportError> {
    let profile = effective_profile(options)?;
    let options = &options.kept(profile.needs_two_passes())?;
    let mut run = Run { report: Report { dry_run: true, ..Report::default() }, ..Run::default() };
    let summary = summarise(options, &profile)?;
    if let Some(summary) = &summary {
        summary.new_products(&profile)?;
        run.count_opening(summary, &opening(options, &profile, summary)?);
        (run.report.products, run.report.partners) = summary.counts();
    }
    let rejects = run.read_through(options, &profile, |_| Outcome::Posted)?;
    finish(run.report, &rejects, summary.as_ref())
}

/// Passes every posting of the file, in order, to `each`; for tests and for previews.
///
/// # Errors
/// [`ImportError`] if the file cannot be read to its end.
pub fn plan_movements(options: &MovementOptions, mut each: impl FnMut(&Posting)) -> Result<(), ImportError> {
    let profile = effective_profile(options)?;
    if let Some(summary) = summarise(options, &profile)? {
        opening(options, &profile, &summary)?.iter().for_each(&mut each);
    }
    let mut planner = Planner::open(&options.source, &options.profile, &profile, &ProgressBar::hidden())?;
    while let Some(document) = planner.next_document()? {
        document.postings.iter().for_each(&mut each);
    }
    Ok(())
}

pub(super) fn effective_profile(options: &MovementOptions) -> Result<Arc<MovementProfile>, ImportError> {
    super::check_rejects_path(options.rejects.as_deref(), &options.source)?;
    let mut profile = options.profile.movements()?.clone();
    profile.location = options.location.clone().or(profile.location);
    Ok(Arc::new(profile))
}

pub(super) fn begin_rejects(options: &MovementOptions, planner: &Planner) -> Result<Rejects, ImportError> {
    let file = &options.profile.file;
    let delimiter = u8::try_from(file.delimiter).unwrap_or(b',');
    Rejects::begin(options.rejects.as_deref(), delimiter, file.quoting, &planner.header)
}

/// The first pass, for profiles that need one.
pub(super) fn summarise(
    options: &MovementOptions,
    profile: &Arc<MovementProfile>,
) -> Result<Option<Summary>, ImportError> {
    if !profile.needs_two_passes() {
        return Ok(None);
    }
    let bar = progress_bar(options.progress, "reading", &options.source);
    let mut planner = Planner::open(&options.source, &options.profile, profile, &bar)?;
    let mut summary = Summary::default();
    while let Some(document) = planner.next_document()? {
        summary.add(&document);
    }
    bar.finish_and_clear();
    Ok(Some(summary))
}

pub(super) fn opening(
    options: &MovementOptions,
    profile: &MovementProfile,
    summary: &Summary,
) -> Result<Vec<Posting>, ImportError> {
    match profile.opening_stock {
        OpeningStock::None => Ok(Vec::new()),
        OpeningStock::Computed => summary.opening(&options.profile.name, profile),
    }
}

/// Reads documents and sends them in batches until the file ends or the receiver is closed.
pub(super) fn send_batches(
    mut planner: Planner,
    sender: &mpsc::Sender<Vec<Document>>,
) -> Result<(), ImportError> {
    let mut batch = Vec::new();
    let mut lines = 0;
    while let Some(document) = planner.next_document()? {
        lines += document.rows.iter().map(Vec::len).sum::<usize>() + document.rejected.len();
        batch.push(document);
        if lines >= BATCH_LINES {
            lines = 0;
            if sender.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    }
    // The receiver was closed because the run has ended for another reason.
    let _ = sender.blocking_send(batch);
    Ok(())
}

/// A report is complete if the second pass read the same as the first and its figures add up.
pub(super) fn finish(
    mut report: Report,
    rejects: &Rejects,
    summary: Option<&Summary>,
) -> Result<Report, ImportError> {
    (report.first_rejects, report.reject_counts) = rejects.summary();
    if summary.is_some_and(|s| s.rows != report.rows_read || s.value != report.value_read) {
        return Err(ImportError::Changed);
    }
    report.check()?;
    Ok(report)
}

/// The outcome of one posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Posted,
    AlreadyPosted,
    Refused { rule: String, message: String },
}

impl Outcome {
    pub(super) fn of(refusal: &Refusal) -> Self {
        Self::Refused { rule: refusal.rule().to_owned(), message: refusal.to_string() }
    }
}

pub(super) fn outcome(result: Result<Status, ServiceError>) -> Result<Outcome, ServiceError> {
    match result {
        Ok(Status::Posted) => Ok(Outcome::Posted),
        Ok(Status::AlreadyPosted) => Ok(Outcome::AlreadyPosted),
        Err(error) => match error.refusal() {
            Some(refusal) => Ok(Outcome::of(refusal)),
            None => Err(error),
        },
    }
}

/// The state of one import run.
#[derive(Default)]
pub(super) struct Run {
    pub(super) report: Report,
    /// The months that are known to have a partition.
    months: BTreeSet<Date>,
}

impl Run {
    pub(super) fn stopped(&self, source: ServiceError) -> ImportError {
        ImportError::Stopped { rows: self.report.rows_read, source: Box::new(source) }
    }

    /// Reads the whole file without a database, and decides about each posting.
    pub(super) fn read_through(
        &mut self,
        options: &MovementOptions,
        profile: &Arc<MovementProfile>,
        mut decide: impl FnMut(&Posting) -> Outcome,
    ) -> Result<Rejects, ImportError> {
        let bar = progress_bar(options.progress, "checking", &options.source);
        let mut planner = Planner::open(&options.source, &options.profile, profile, &bar)?;
        let mut rejects = begin_rejects(options, &planner)?;
        while let Some(document) = planner.next_document()? {
            self.check_free_text(&options.names, std::slice::from_ref(&document));
            let outcomes = document.postings.iter().map(&mut decide).collect();
            self.settle(&[document], outcomes, &mut rejects)?;
        }
        rejects.flush()?;
        bar.finish_and_clear();
        Ok(rejects)
    }

    /// Creates missing partitions and master data.
    pub(super) async fn prepare(
        &mut self,
        service: &Service,
        profile: &MovementProfile,
        summary: &Summary,
    ) -> Result<(), ImportError> {
        for (first, last) in summary.month_stretches() {
            service.ensure_months(first, last.last_of_month()).await.map_err(|e| self.stopped(e))?;
        }
        self.months = summary.months();
        (self.report.products, self.report.partners) = summary.counts();
        if profile.creates(Creatable::Locations) {
            let locations = summary.new_locations();
            service.add_locations(&locations).await.map_err(|e| self.stopped(e))?;
        }
        if profile.creates(Creatable::Partners) {
            for partners in summary.new_partners(profile).chunks(CATALOGUE_ROWS) {
                let added = service.add_partners(partners).await.map_err(|e| self.stopped(e))?;
                self.report.partners_added += added.added;
            }
        }
        if profile.creates(Creatable::Products) {
            for products in summary.new_products(profile)?.chunks(CATALOGUE_ROWS) {
                let added = service.add_products(products).await.map_err(|e| self.stopped(e))?;
                self.report.products_added += added.added;
            }
        }
        Ok(())
    }

    async fn post_opening(&mut self, service: &Service, opening: &[Posting]) -> Result<(), ImportError> {
        for posting in opening {
            for result in service.post_batch(std::slice::from_ref(posting)).await {
                if let Outcome::Refused { message, .. } = outcome(result).map_err(|e| self.stopped(e))? {
                    return Err(ImportError::OpeningRefused { message });
                }
            }
        }
        Ok(())
    }

    pub(super) fn count_opening(&mut self, summary: &Summary, opening: &[Posting]) {
        for posting in opening {
            self.report.opening_postings += 1;
            self.report.opening_lines += posting.lines.len() as u64;
            self.report.opening_quantity +=
                posting.lines.iter().map(|line| line.quantity.value()).sum::<rust_decimal::Decimal>();
            self.report.opening_value += summary.worth(&posting.lines);
        }
    }

    async fn post(
        &mut self,
        service: &Service,
        mut batch: Vec<Document>,
        rejects: &mut Rejects,
    ) -> Result<(), ImportError> {
        let postings: Vec<Posting> =
            batch.iter_mut().flat_map(|document| document.postings.drain(..)).collect();
        self.ensure_months(service, &postings).await?;
        let results = if postings.is_empty() { Vec::new() } else { service.post_batch(&postings).await };
        let mut outcomes = Vec::with_capacity(results.len());
        for result in results {
            outcomes.push(outcome(result).map_err(|e| self.stopped(e))?);
        }
        self.settle(&batch, outcomes, rejects)
    }

    pub(super) fn check_free_text(&mut self, names: &FreeTextCheck, batch: &[Document]) {
        for (posting, rows) in batch.iter().flat_map(|document| document.postings.iter().zip(&document.rows))
        {
            let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
            self.report.check_free_text(names, posting, &lines);
        }
    }

    pub(super) async fn ensure_months(
        &mut self,
        service: &Service,
        postings: &[Posting],
    ) -> Result<(), ImportError> {
        let months: BTreeSet<Date> =
            postings.iter().map(|posting| month_of(posting.id.occurred_at())).collect();
        let missing: BTreeSet<Date> = months.difference(&self.months).copied().collect();
        for (first, last) in stretches(&missing) {
            service.ensure_months(first, last.last_of_month()).await.map_err(|e| self.stopped(e))?;
        }
        self.months.extend(missing);
        Ok(())
    }

    /// Counts the outcomes of a batch and stores the rejected rows.
    pub(super) fn settle(
        &mut self,
        batch: &[Document],
        outcomes: Vec<Outcome>,
        rejects: &mut Rejects,
    ) -> Result<(), ImportError> {
        let mut outcomes = outcomes.into_iter();
        for document in batch {
            for RejectedRow { reject, raw, value } in &document.rejected {
                self.report.read(*value);
                self.report.rejected(*value);
                rejects.add(reject.clone(), document.raw.get(raw.clone()).unwrap_or_default())?;
            }
            for rows in &document.rows {
                let outcome = outcomes.next().ok_or(ImportError::AnswersMissing)?;
                self.settle_posting(document, rows, &outcome, rejects)?;
            }
        }
        Ok(())
    }

    fn settle_posting(
        &mut self,
        document: &Document,
        rows: &[PlannedRow],
        outcome: &Outcome,
        rejects: &mut Rejects,
    ) -> Result<(), ImportError> {
        if !matches!(outcome, Outcome::Refused { .. }) {
            self.report.postings += 1;
        }
        for row in rows {
            self.report.read(row.value);
            let Outcome::Refused { rule, message } = outcome else {
                self.report.posted(row.value.unwrap_or_default(), *outcome == Outcome::AlreadyPosted);
                continue;
            };
            self.report.rejected(row.value);
            let reject = Reject {
                line: row.line,
                field: String::new(),
                group: format!("refused by rule {rule}").into(),
                reason: message.clone(),
            };
            rejects.add(reject, document.raw.get(row.raw.clone()).unwrap_or_default())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_posting_rejects_its_rows_and_the_sums_stay_right() {
        let text: &'static [u8] = b"kind,occurred_at,reference,sku,quantity,from,to,unit_price\n\
            issue,2024-01-02T10:00:00Z,A,X1,2,MAIN,,1.50\n\
            issue,2024-01-02T10:00:00Z,A,X2,1,MAIN,,1.00\n\
            issue,2024-01-02T10:00:00Z,B,X1,1,MAIN,,0.25\n\
            issue,2024-01-02T10:00:00Z,C,X1,1,MAIN,,0.50\n";
        let profile = Profile::load("stockroom", None).unwrap();
        let options = MovementOptions::new(Source::Bytes(text), profile);
        let movements = effective_profile(&options).unwrap();
        let mut planner =
            Planner::open(&options.source, &options.profile, &movements, &ProgressBar::hidden()).unwrap();
        let mut documents = Vec::new();
        while let Some(document) = planner.next_document().unwrap() {
            documents.push(document);
        }
        let refused =
            Outcome::Refused { rule: "insufficient_stock".into(), message: "have 1, need 2".into() };
        let outcomes = vec![refused, Outcome::AlreadyPosted, Outcome::Posted];
        let mut rejects = begin_rejects(&options, &planner).unwrap();
        let mut run = Run::default();
        run.settle(&documents, outcomes, &mut rejects).unwrap();
        let report = finish(run.report, &rejects, None).unwrap();
        assert_eq!((report.rows_read, report.rows_posted, report.rows_already_posted), (4, 2, 1));
        assert_eq!((report.rows_rejected, report.postings), (2, 2));
        assert_eq!(report.value_rejected, rust_decimal::Decimal::from(4));
        assert_eq!(report.first_rejects[1].reason, "have 1, need 2");
        assert_eq!(report.reject_counts[0].reason, "refused by rule insufficient_stock");
    }
}
