//! The import of products, in batches. `product_row` reads the rows.

use std::path::PathBuf;

use indicatif::ProgressBar;
use rust_decimal::Decimal;

use crate::domain::{Added, Product};
use crate::service::Service;

use super::product_row::ProductRows;
use super::profile::Profile;
use super::records::RecordReader;
use super::rejects::{Reject, Rejects};
use super::report::Report;
use super::source::Source;
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
        add(service, batch, &mut report, &mut list.rejects).await?;
        list.rejects.flush()?;
    }
    bar.finish_and_clear();
    list.finish(report)
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

/// Adds a batch; if a rule refuses it, halves it until the rows at fault are isolated.
async fn add(
    service: &Service,
    batch: Vec<Planned>,
    report: &mut Report,
    rejects: &mut Rejects,
) -> Result<(), ImportError> {
    let mut waiting = vec![batch];
    while let Some(mut part) = waiting.pop() {
        let products: Vec<Product> = part.iter().map(|planned| planned.product.clone()).collect();
        let error = match service.add_products(&products).await {
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
