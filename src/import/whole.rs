//! Imports of all rows or none: the file is checked as far as that is possible without posting, and then posted in one
//! transaction. It is read several times, and never held in memory.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rust_decimal::Decimal;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::domain::{Posting, PostingId, Refusal};
use crate::service::{Portion, Service, Whole, WholeEnded};

use super::movements::{
    BATCHES_WAITING_MAX, MovementOptions, Outcome, Run, begin_rejects, effective_profile, finish, opening,
    outcome, send_batches, summarise,
};
use super::planner::{Document, Planner};
use super::profile::MovementProfile;
use super::rejects::Rejects;
use super::report::Report;
use super::{ImportError, movements_dry_run, progress_bar};

/// How many lines are sent to the database at once.
const PORTION_LINES: usize = 1_000;

/// What a file holds, found before its transaction begins.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// What exists already, from an earlier import.
    pub(super) known: HashSet<Uuid>,
    /// The first that is new.
    pub(super) first: Option<PostingId>,
}

impl Checked {
    pub(super) fn note(&mut self, id: PostingId, already: bool) {
        if already {
            self.known.insert(id.uuid());
        } else {
            self.first = self.first.or(Some(id));
        }
    }
}

/// How the transaction of a file ended.
pub(super) enum End {
    Posted {
        products_added: u64,
    },
    /// A rule refused the item with this number, counted from zero.
    Refused {
        at: u64,
        refusal: Refusal,
    },
}

/// Posts a file in one transaction. `send` reads it from the beginning and sends it; if it fails, nothing is committed.
pub(super) async fn post<F>(service: &Service, checked: &Checked, send: F) -> Result<End, ImportError>
where
    F: Fn(&mpsc::Sender<Portion>) -> Result<(), ImportError> + Clone + Send + Sync + 'static,
{
    let failure: Arc<Mutex<Option<ImportError>>> = Arc::default();
    let read = || {
        let (sender, receiver) = mpsc::channel(BATCHES_WAITING_MAX);
        let (send, failure) = (send.clone(), Arc::clone(&failure));
        tokio::task::spawn_blocking(move || {
            let failed = send(&sender).err();
            *failure.lock().unwrap_or_else(PoisonError::into_inner) = failed;
        });
        receiver
    };
    let whole = Whole { first: checked.first, known: &checked.known, read: &read };
    let ended = service.post_whole(&whole).await;
    match ended.map_err(|source| ImportError::Stopped { rows: 0, source: Box::new(source) })? {
        WholeEnded::Committed { products_added } => Ok(End::Posted { products_added }),
        WholeEnded::Incomplete => {
            let failed = failure.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err(failed.unwrap_or(ImportError::ReaderLost))
        }
        WholeEnded::TooLong { limit } => Err(ImportError::TooLong { seconds: limit.as_secs() }),
        WholeEnded::Refused { at, refusal } => Ok(End::Refused { at, refusal }),
    }
}

/// Sends a portion; of a closed channel the receiver knows why.
pub(super) fn pass_on(sender: &mpsc::Sender<Portion>, portion: Portion) {
    let _ = sender.blocking_send(portion);
}

/// Imports all movements of a file, or none.
///
/// # Errors
/// [`ImportError`] if the import cannot be completed; then nothing was posted.
pub(super) async fn movements_whole(
    service: &Service,
    options: &MovementOptions,
) -> Result<Report, ImportError> {
    let profile = effective_profile(options)?;
    let options = options.kept(true)?;
    // What the file itself shows to be wrong is found before anything is added to the database.
    let preview = movements_dry_run(&options)?;
    if preview.rows_rejected > 0 {
        return Ok(Report { dry_run: false, ..preview.of_nothing() });
    }
    let mut run = Run::default();
    let summary = summarise(&options, &profile)?;
    let mut opening_postings = Vec::new();
    if let Some(summary) = &summary {
        run.prepare(service, &profile, summary).await?;
        opening_postings = opening(&options, &profile, summary)?;
        run.count_opening(summary, &opening_postings);
    }
    let mut checked = Checked::default();
    check_opening(service, &run, &opening_postings, &mut checked).await?;
    let bar = progress_bar(options.progress, "checking", &options.source);
    let planner = Planner::open(&options.source, &options.profile, &profile, &bar)?;
    let mut rejects = begin_rejects(&options, &planner)?;
    let (sender, mut receiver) = mpsc::channel(BATCHES_WAITING_MAX);
    let reading = tokio::task::spawn_blocking(move || send_batches(planner, &sender));
    while let Some(batch) = receiver.recv().await {
        run.check_free_text(&options.names, &batch);
        check(service, &mut run, batch, &mut checked, &mut rejects).await?;
    }
    reading.await.map_err(|_| ImportError::ReaderLost)??;
    bar.finish_and_clear();
    let expected = (run.report.rows_read, run.report.value_read);
    let report = finish(run.report, &rejects, summary.as_ref())?;
    if report.rows_rejected > 0 {
        return Ok(report.of_nothing());
    }
    if checked.first.is_none() {
        return Ok(report);
    }
    let before = opening_postings.len() as u64;
    let sending = (options.clone(), Arc::clone(&profile), Arc::new(opening_postings));
    let send = move |sender: &mpsc::Sender<Portion>| {
        let (options, profile, opening) = &sending;
        send_file(options, profile, opening, expected, sender)
    };
    match post(service, &checked, send).await? {
        End::Posted { .. } => Ok(report),
        End::Refused { at, refusal } => {
            let Some(number) = at.checked_sub(before) else {
                return Err(ImportError::OpeningRefused { message: refusal.to_string() });
            };
            refused(&options, &profile, number, &refusal, &report)
        }
    }
}

/// Finds out which postings of the opening stock exist already.
async fn check_opening(
    service: &Service,
    run: &Run,
    opening: &[Posting],
    checked: &mut Checked,
) -> Result<(), ImportError> {
    for (posting, result) in opening.iter().zip(service.check_postings(opening).await) {
        match outcome(result).map_err(|error| run.stopped(error))? {
            Outcome::Refused { message, .. } => return Err(ImportError::OpeningRefused { message }),
            found => checked.note(posting.id, found == Outcome::AlreadyPosted),
        }
    }
    Ok(())
}

/// Finds out which postings of a batch exist already, and which would be refused whatever the stock is.
async fn check(
    service: &Service,
    run: &mut Run,
    mut batch: Vec<Document>,
    checked: &mut Checked,
    rejects: &mut Rejects,
) -> Result<(), ImportError> {
    let postings: Vec<Posting> = batch.iter_mut().flat_map(|document| document.postings.drain(..)).collect();
    run.ensure_months(service, &postings).await?;
    let mut outcomes = Vec::with_capacity(postings.len());
    for (posting, result) in postings.iter().zip(service.check_postings(&postings).await) {
        let found = outcome(result).map_err(|error| run.stopped(error))?;
        if !matches!(found, Outcome::Refused { .. }) {
            checked.note(posting.id, found == Outcome::AlreadyPosted);
        }
        outcomes.push(found);
    }
    run.settle(&batch, outcomes, rejects)?;
    rejects.flush()
}

/// Sends the opening stock and the postings of a file, and the end if it is the file that was checked.
fn send_file(
    options: &MovementOptions,
    profile: &Arc<MovementProfile>,
    opening: &[Posting],
    expected: (u64, Decimal),
    sender: &mpsc::Sender<Portion>,
) -> Result<(), ImportError> {
    let bar = progress_bar(options.progress, "posting", &options.source);
    let mut planner = Planner::open(&options.source, &options.profile, profile, &bar)?;
    pass_on(sender, Portion::Postings(opening.to_vec()));
    let (mut rows, mut value) = (0, Decimal::ZERO);
    let (mut postings, mut lines) = (Vec::new(), 0);
    while let Some(document) = planner.next_document()? {
        if !document.rejected.is_empty() {
            return Err(ImportError::Changed);
        }
        for row in document.rows.iter().flatten() {
            rows += 1;
            value += row.value.unwrap_or_default();
            lines += 1;
        }
        postings.extend(document.postings);
        if lines >= PORTION_LINES {
            lines = 0;
            pass_on(sender, Portion::Postings(std::mem::take(&mut postings)));
        }
    }
    pass_on(sender, Portion::Postings(postings));
    bar.finish_and_clear();
    if (rows, value) != expected {
        return Err(ImportError::Changed);
    }
    pass_on(sender, Portion::End);
    Ok(())
}

/// The report after a rule refused one posting: its rows are rejected, and nothing was posted.
fn refused(
    options: &MovementOptions,
    profile: &Arc<MovementProfile>,
    number: u64,
    refusal: &Refusal,
    checked: &Report,
) -> Result<Report, ImportError> {
    let mut run = Run::default();
    let mut position = 0;
    let rejects = run.read_through(options, profile, |_| {
        position += 1;
        if position == number + 1 { Outcome::of(refusal) } else { Outcome::Posted }
    })?;
    let (products, products_added) = (checked.products, checked.products_added);
    let (partners, partners_added) = (checked.partners, checked.partners_added);
    let report = Report { products, products_added, partners, partners_added, ..run.report };
    Ok(finish(report, &rejects, None)?.of_nothing())
}
