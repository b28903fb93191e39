//! The commands that read and write files: import and export.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use tokio::sync::mpsc;

use super::args::{ExportArgs, ExportWhat, ImportAction, ImportArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::measured::Measured;
use super::output::or_empty;
use super::streams::{is_stream, open_output};
use crate::domain::{FreeTextCheck, ImportOutcome, ProductFilter, StockFilter};
use crate::export::{self, ExportError, Texts};
use crate::import::run::{Extent, Task};
use crate::import::{ImportError, MovementOptions, OrderOptions, ProductOptions, Profile, Report, Source};
use crate::metrics::Metrics;
use crate::serve::show_import;
use crate::service::Service;
use crate::store::{self, PAGE_ROWS, Store};

/// How many pages are held between the database and the file.
const PAGES_AHEAD: usize = 4;

/// The folder of profiles that the user has added.
pub(super) fn profiles_dir() -> Option<PathBuf> {
    ProjectDirs::from("", "", "stockroom").map(|dirs| dirs.config_dir().join("profiles"))
}

fn profile(args: &ImportArgs) -> Result<Profile, ImportError> {
    Ok(Profile::load(&args.profile, profiles_dir().as_deref())?)
}

pub(crate) async fn import(context: &Context, action: ImportAction) -> Result<Exit, CliError> {
    let target = match &action {
        ImportAction::Products(args) | ImportAction::Movements { common: args, .. } => args.textfile.clone(),
        ImportAction::Runs { .. } => None,
    };
    let measured = Measured::begin("import", target.as_deref());
    let outcome = import_now(context, action, &measured.metrics).await;
    measured.end(outcome)
}

async fn import_now(context: &Context, action: ImportAction, metrics: &Metrics) -> Result<Exit, CliError> {
    let progress = !context.output.is_json();
    let (task, dry_run, all_or_nothing) = match action {
        ImportAction::Runs { feed, limit } => return runs(context, feed.as_deref(), limit).await,
        ImportAction::Products(args) => {
            let options = ProductOptions {
                source: Source::from_argument(&args.file),
                profile: profile(&args)?,
                rejects: args.rejects,
                progress,
            };
            (Task::Products(options), args.dry_run, args.all_or_nothing)
        }
        ImportAction::Movements { common, location } => {
            let options = MovementOptions::new(Source::from_argument(&common.file), profile(&common)?);
            let options = MovementOptions { rejects: common.rejects, location, progress, ..options };
            (Task::Movements(options), common.dry_run, common.all_or_nothing)
        }
    };
    run(context, task, dry_run, Extent::of(all_or_nothing), metrics).await
}

/// Imports orders.
pub(super) async fn import_orders(
    context: &Context,
    file: &str,
    rejects: Option<PathBuf>,
    dry_run: bool,
    extent: Extent,
) -> Result<Exit, CliError> {
    let progress = !context.output.is_json();
    let names = FreeTextCheck::default();
    let options = OrderOptions { source: Source::from_argument(file), rejects, progress, names };
    run(context, Task::Orders(options), dry_run, extent, &Metrics::new()).await
}

async fn run(
    context: &Context,
    mut task: Task,
    dry_run: bool,
    extent: Extent,
    metrics: &Metrics,
) -> Result<Exit, CliError> {
    let report = if dry_run {
        task.preview(extent)?
    } else {
        let service = context.service().await?;
        match &mut task {
            Task::Movements(MovementOptions { names, .. }) | Task::Orders(OrderOptions { names, .. }) => {
                *names = FreeTextCheck::new(&context.known_names(&service).await);
            }
            Task::Products(_) => {}
        }
        let (report, result) = task.run_by_hand(&service, extent).await?;
        show_import(metrics, &result);
        report
    };
    let rejects_printed = task.rejects().is_some_and(is_stream);
    context.output.beside(rejects_printed).result(&report, || report_words(&report))?;
    if report.rows_rejected > 0 {
        let became = match (dry_run, extent) {
            (true, _) => "would be rejected",
            (false, Extent::SoundRows) => "were rejected; the others are posted",
            (false, Extent::AllOrNothing) => "were rejected, so nothing was posted",
        };
        let place = match task.rejects() {
            Some(_) if rejects_printed => String::new(),
            Some(path) => format!("; they are in {}", path.display()),
            None => "; --rejects FILE writes them to a file".to_owned(),
        };
        context.output.notice(&format!("{} rows {became}{place}", report.rows_rejected));
        return Ok(Exit::Rejected);
    }
    Ok(Exit::Done)
}

async fn runs(context: &Context, feed: Option<&str>, limit: u32) -> Result<Exit, CliError> {
    let runs = Service::new(context.store()?, None).import_runs(feed, limit).await?;
    let headers =
        ["started at", "feed", "file", "outcome", "read", "posted", "rejected", "seconds", "message"];
    context.output.list(&runs, &headers, |run| {
        vec![
            run.started_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            run.feed.clone(),
            run.file_name.clone(),
            run.outcome.map_or("running", ImportOutcome::as_str).to_owned(),
            or_empty(run.rows_read.as_ref()),
            or_empty(run.rows_posted.as_ref()),
            or_empty(run.rows_rejected.as_ref()),
            or_empty(run.seconds.as_ref()),
            run.message.clone().unwrap_or_default(),
        ]
    })?;
    Ok(Exit::Done)
}

fn report_words(report: &Report) -> String {
    report.to_string().trim_end().to_owned()
}

pub(crate) async fn export(context: &Context, args: ExportArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let texts = if args.raw { Texts::Raw } else { Texts::NoFormulas };
    let rows = match args.what {
        ExportWhat::Products => {
            let filter = ProductFilter { archived: true, ..ProductFilter::default() };
            let rows = store.products(&filter).await?;
            export::products(
                open_output(args.file.as_deref())?,
                texts,
                rows.into_iter().map(|row| row.product),
            )?
        }
        ExportWhat::Stock => {
            let levels = store.stock(&StockFilter::default()).await?;
            export::stock(open_output(args.file.as_deref())?, texts, levels)?
        }
        ExportWhat::Movements => export_movements(store, open_output(args.file.as_deref())?, texts).await?,
    };
    Ok(written(context, rows, args.file.as_deref()))
}

/// Exports all orders.
pub(super) async fn export_orders(
    context: &Context,
    file: Option<PathBuf>,
    raw: bool,
) -> Result<Exit, CliError> {
    let store = context.store()?;
    let texts = if raw { Texts::Raw } else { Texts::NoFormulas };
    let output = open_output(file.as_deref())?;
    let mut after = None;
    let next = async || {
        let page = store.order_lines_after(after).await?;
        after = page.last().map(|row| (row.order_id, row.line_no));
        Ok(page)
    };
    let rows = export_pages(next, move |rows| export::orders(output, texts, rows)).await?;
    Ok(written(context, rows, file.as_deref()))
}

fn written(context: &Context, rows: u64, file: Option<&Path>) -> Exit {
    if let Some(file) = file.filter(|file| !is_stream(file)) {
        context.output.notice(&format!("{rows} rows written to {}", file.display()));
    }
    Exit::Done
}

async fn export_movements(
    store: Store,
    output: Box<dyn Write + Send>,
    texts: Texts,
) -> Result<u64, CliError> {
    let mut after = None;
    let next = async || {
        let page = store.movements_after(after).await?;
        after = page.last().map(|row| row.id);
        Ok(page)
    };
    export_pages(next, move |rows| export::movements(output, texts, rows)).await
}

/// Reads page by page while the file is written, so that its length does not matter.
async fn export_pages<R: Send + 'static>(
    mut next: impl AsyncFnMut() -> Result<Vec<R>, store::Error>,
    write: impl FnOnce(Box<dyn Iterator<Item = R>>) -> Result<u64, ExportError> + Send + 'static,
) -> Result<u64, CliError> {
    let (sender, mut receiver) = mpsc::channel::<Vec<R>>(PAGES_AHEAD);
    let writer = tokio::task::spawn_blocking(move || {
        write(Box::new(std::iter::from_fn(move || receiver.blocking_recv()).flatten()))
    });
    loop {
        let page = next().await?;
        let last = page.len() < PAGE_ROWS;
        // The receiver is closed if the file cannot be written; its error is reported below.
        if sender.send(page).await.is_err() || last {
            break;
        }
    }
    drop(sender);
    Ok(writer.await.map_err(io::Error::other)??)
}

impl From<ExportError> for CliError {
    fn from(error: ExportError) -> Self {
        Self::Io(io::Error::other(error))
    }
}
