//! The import of products, in batches. `product_row` reads the rows.

use std::path::PathBuf;

use indicatif::ProgressBar;
use rust_decimal::Decimal;
use tokio::sync::mpsc;

use crate::domain::{Added, Product, Refusal};
use crate::service::{Portion, Service};

use super::product_row::ProductRows;
use super::profile::Profile;
use super::records::RecordReader;
use super::rejects::{Reject, Rejects};
use super::report::Report;
use super::source::Source;
use super::whole::{self, Checked, End};
use super::{ImportError, check_rejects_path, progress_bar};

/// How many products are added at once.
const BATCH_ROWS: usize = 500;
/// What to import and how.
#[derive(Debug, Clone)]
pub struct ProductOptions {
    pub source: Source,
    /// The layout of the file.
    pub profile: Profile,
    /// The file for rejected rows.
    pub rejects: Option<PathBuf>,
    /// Whether to show a progress bar, if standard error is a terminal.
    pub progress: bool,
}

/// Imports products. Existing ones are not changed and count as posted before.
///
/// # Errors
/// [`ImportError`] if the run cannot continue. What has been added remains.
pub async fn products(service: &Service, options: &ProductOptions) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "adding", &options.source);
    let mut list = ProductList::open(options, &bar)?;
    let mut report = Report::default();
    loop {
        let batch = list.batch(&mut report)?;
        if batch.is_empty() {
            break;
        }
        add(service, batch, Doing::Adding, &mut report, &mut list.rejects).await?;
        list.rejects.flush()?;
    }
    bar.finish_and_clear();
    list.finish(report)
}

/// Imports all products of a list, or none.
///
/// # Errors
/// [`ImportError`] if the import cannot be completed; then nothing was added.
pub(super) async fn products_whole(
    service: &Service,
    options: &ProductOptions,
) -> Result<Report, ImportError> {
    let options = ProductOptions { source: options.source.kept()?, ..options.clone() };
    let preview = Report { dry_run: false, ..products_dry_run(&options)? };
    if preview.rows_rejected > 0 {
        return Ok(preview.of_nothing());
    }
    // The file of rejected rows is complete.
    let sending = ProductOptions { rejects: None, ..options.clone() };
    let rows = preview.rows_read;
    let send = move |sender: &mpsc::Sender<Portion>| send_list(&sending, rows, sender);
    match whole::post(service, &Checked::default(), send).await? {
        End::Posted { products_added } => {
            let rows_already_posted = preview.rows_posted.saturating_sub(products_added);
            Ok(Report { products_added, rows_already_posted, ..preview })
        }
        End::Refused { refusal, .. } => refused(service, &options, refusal).await,
    }
}

/// Sends the products of a list, and the end if all of its rows are still sound.
fn send_list(options: &ProductOptions, rows: u64, sender: &mpsc::Sender<Portion>) -> Result<(), ImportError> {
    let bar = progress_bar(options.progress, "adding", &options.source);
    let (mut list, mut report) = (ProductList::open(options, &bar)?, Report::default());
    loop {
        let batch = list.batch(&mut report)?;
        if batch.is_empty() {
            break;
        }
        let products = batch.into_iter().map(|planned| planned.product).collect();
        whole::pass_on(sender, Portion::Products(products));
    }
    bar.finish_and_clear();
    if report.rows_rejected > 0 || report.rows_read != rows {
        return Err(ImportError::Changed);
    }
    whole::pass_on(sender, Portion::End);
    Ok(())
}

/// The report after a rule refused one of the products: which ones it refuses is found out without adding any.
async fn refused(
    service: &Service,
    options: &ProductOptions,
    refusal: Refusal,
) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "checking", &options.source);
    let (mut list, mut report) = (ProductList::open(options, &bar)?, Report::default());
    loop {
        let batch = list.batch(&mut report)?;
        if batch.is_empty() {
            break;
        }
        add(service, batch, Doing::Checking, &mut report, &mut list.rejects).await?;
    }
    bar.finish_and_clear();
    let report = list.finish(report)?;
    if report.rows_rejected == 0 {
        return Err(ImportError::Stopped { rows: 0, source: Box::new(refusal.into()) });
    }
    Ok(report.of_nothing())
}

/// Does everything except writing to the database, and needs no connection.
///
/// # Errors
/// [`ImportError`] if the list cannot be read to its end.
pub fn products_dry_run(options: &ProductOptions) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "checking", &options.source);
    let mut list = ProductList::open(options, &bar)?;
    let mut report = Report { dry_run: true, ..Report::default() };
    loop {
        let batch = list.batch(&mut report)?;
        if batch.is_empty() {
            break;
        }
        batch.iter().for_each(|_| report.posted(Decimal::ZERO, false));
    }
    bar.finish_and_clear();
    list.finish(report)
}

/// A product with the row that it comes from.
struct Planned {
    product: Product,
    line: u64,
    raw: Vec<u8>,
}

/// Whether products are added, or only checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Adding,
    Checking,
}

/// Adds a batch; if a rule refuses it, halves it until the rows at fault are isolated.
async fn add(
    service: &Service,
    batch: Vec<Planned>,
    doing: Doing,
    report: &mut Report,
    rejects: &mut Rejects,
) -> Result<(), ImportError> {
    let mut waiting = vec![batch];
    while let Some(mut part) = waiting.pop() {
        let products: Vec<Product> = part.iter().map(|planned| planned.product.clone()).collect();
        let added = match doing {
            Doing::Adding => service.add_products(&products).await,
            Doing::Checking => {
                service.check_products(&products).await.map(|()| Added { added: 0, existing: 0 })
            }
        };
        let error = match added {
            Ok(Added { added, existing }) => {
                report.products_added += added;
                for position in 0..part.len() as u64 {
                    report.posted(Decimal::ZERO, position < existing);
                }
                continue;
            }
            Err(error) => error,
        };
        let Some(refusal) = error.refusal() else {
            return Err(ImportError::Stopped { rows: report.rows_read, source: Box::new(error) });
        };
        if part.len() > 1 {
            let rest = part.split_off(part.len() / 2);
            waiting.push(rest);
            waiting.push(part);
            continue;
        }
        for Planned { line, raw, .. } in part {
            report.rejected(None);
            let group = format!("refused by rule {}", refusal.rule()).into();
            rejects.add(Reject { line, field: String::new(), group, reason: refusal.to_string() }, &raw)?;
        }
    }
    Ok(())
}

/// A list of products that is being read.
struct ProductList {
    reader: RecordReader,
    rows: ProductRows,
    rejects: Rejects,
    label: String,
}

impl ProductList {
    fn open(options: &ProductOptions, bar: &ProgressBar) -> Result<Self, ImportError> {
        let profile = options.profile.products()?;
        check_rejects_path(options.rejects.as_deref(), &options.source)?;
        let file = &options.profile.file;
        let delimiter = u8::try_from(file.delimiter).unwrap_or(b',');
        let mut reader = RecordReader::new(options.source.open(bar)?, delimiter, file.quoting);
        let label = options.source.label();
        let header = reader.read().map_err(|source| ImportError::Read { label: label.clone(), source })?;
        let header = header.ok_or_else(|| ImportError::Empty { label: label.clone() })?;
        let rows = ProductRows::new(&header, profile, file.decimal_comma)?;
        let rejects = Rejects::begin(options.rejects.as_deref(), delimiter, file.quoting, header.raw)?;
        Ok(Self { reader, rows, rejects, label })
    }

    /// Reads rows until a batch is full; an empty batch means the end of the list.
    fn batch(&mut self, report: &mut Report) -> Result<Vec<Planned>, ImportError> {
        let mut batch = Vec::new();
        while batch.len() < BATCH_ROWS {
            let failed = |source| ImportError::Read { label: self.label.clone(), source };
            let Some(record) = self.reader.read().map_err(failed)? else { break };
            report.read(Some(Decimal::ZERO));
            match self.rows.read(&record) {
                Ok(product) => {
                    report.products += 1;
                    batch.push(Planned { product, line: record.line, raw: record.raw.to_vec() });
                }
                Err(reject) => {
                    report.rejected(None);
                    self.rejects.add(reject, record.raw)?;
                }
            }
        }
        Ok(batch)
    }

    fn finish(mut self, mut report: Report) -> Result<Report, ImportError> {
        self.rejects.flush()?;
        (report.first_rejects, report.reject_counts) = self.rejects.summary();
        report.check()?;
        Ok(report)
    }
}
