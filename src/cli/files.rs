//! The commands that read and write files: import and export.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use tokio::sync::mpsc;

use super::args::{ExportArgs, ExportWhat, ImportAction, ImportArgs};
use super::context::Context;
use super::exit::{CliError, Exit};
use super::measured::Measured;
use super::output::or_empty;
use crate::domain::{FreeTextCheck, ImportOutcome, ProductFilter, StockFilter};
use crate::export::{self, ExportError, Texts};
use crate::import::run::Task;
use crate::import::{
    self, ImportError, MovementOptions, OrderOptions, ProductOptions, Profile, Report, Source,
};
use crate::metrics::Metrics;
use crate::serve::show_import;
use crate::service::Service;
use crate::store::{self, PAGE_ROWS, Store};

/// The name that means standard output.
const STANDARD_OUTPUT: &str = "-";
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
    let (task, dry_run) = match action {
        ImportAction::Runs { feed, limit } => return runs(context, feed.as_deref(), limit).await,
        ImportAction::Products(args) => {
            let options = ProductOptions {
                source: Source::from_argument(&args.file),
                profile: profile(&args)?,
                rejects: args.rejects,
                progress,
            };
            (Task::Products(options), args.dry_run)
        }
        ImportAction::Movements { common, location } => {
            let options = MovementOptions {
                source: Source::from_argument(&common.file),
                profile: profile(&common)?,
                rejects: common.rejects,
                location,
                progress,
                names: FreeTextCheck::default(),
            };
            (Task::Movements(options), common.dry_run)
        }
    };
    run(context, task, dry_run, metrics).await
}

/// Imports orders.
pub(super) async fn import_orders(
    context: &Context,
    file: &str,
    rejects: Option<PathBuf>,
    dry_run: bool,
) -> Result<Exit, CliError> {
    let progress = !context.output.is_json();
    let names = FreeTextCheck::default();
    let options = OrderOptions { source: Source::from_argument(file), rejects, progress, names };
    run(context, Task::Orders(options), dry_run, &Metrics::new()).await
}

async fn run(context: &Context, mut task: Task, dry_run: bool, metrics: &Metrics) -> Result<Exit, CliError> {
    let report = if dry_run {
        match &task {
            Task::Products(options) => import::products_dry_run(options)?,
            Task::Movements(options) => import::movements_dry_run(options)?,
            Task::Orders(options) => import::orders_dry_run(options)?,
        }
    } else {
        let service = context.service().await?;
        match &mut task {
            Task::Movements(MovementOptions { names, .. }) | Task::Orders(OrderOptions { names, .. }) => {
                *names = FreeTextCheck::new(&context.known_names(&service).await);
            }
            Task::Products(_) => {}
        }
        let (report, result) = task.run_by_hand(&service).await?;
        show_import(metrics, &result);
        report
    };
    context.output.result(&report, || report_words(&report))?;
    if report.rows_rejected > 0 {
        let posted = if dry_run { "would be rejected" } else { "were rejected; the others are posted" };
        context.output.notice(&format!("{} rows {posted}", report.rows_rejected));
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
            export::products(open(args.file.as_deref())?, texts, rows.into_iter().map(|row| row.product))?
        }
        ExportWhat::Stock => {
            let levels = store.stock(&StockFilter::default()).await?;
            export::stock(open(args.file.as_deref())?, texts, levels)?
        }
        ExportWhat::Movements => export_movements(store, open(args.file.as_deref())?, texts).await?,
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
    let output = open(file.as_deref())?;
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
    if let Some(file) = file.filter(|file| *file != Path::new(STANDARD_OUTPUT)) {
        context.output.notice(&format!("{rows} rows written to {}", file.display()));
    }
    Exit::Done
}

fn open(file: Option<&Path>) -> Result<Box<dyn Write + Send>, CliError> {
    Ok(match file {
        Some(path) if path != STANDARD_OUTPUT => Box::new(BufWriter::new(File::create(path)?)),
        _ => Box::new(BufWriter::new(io::stdout())),
    })
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
