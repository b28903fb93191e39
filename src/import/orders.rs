//! Import of orders: adjacent rows with the same text in `order` are one order, which becomes a draft. An order is
//! imported whole or not at all.

use std::path::PathBuf;

use indicatif::ProgressBar;
use rust_decimal::Decimal;
use tokio::sync::mpsc;

use crate::domain::{FreeTextCheck, LINES_MAX, NewOrder, NewOrderLine, Refusal, Status};
use crate::service::{Portion, Service};

use super::order_row::{Head, OrderRows};
use super::profile::FileFormat;
use super::records::RecordReader;
use super::rejects::{Reject, Rejects};
use super::report::Report;
use super::source::Source;
use super::whole::{self, Checked, End};
use super::{ImportError, check_rejects_path, progress_bar};

/// The reason for rejecting a row that is valid itself.
const OF_THE_SAME_ORDER: &str = "another row of the order was rejected";

/// The file of orders to import, and how.
#[derive(Debug, Clone)]
pub struct OrderOptions {
    pub source: Source,
    /// The file for rejected rows.
    pub rejects: Option<PathBuf>,
    /// Whether to show a progress bar; it is shown on a terminal only.
    pub progress: bool,
    /// The check of references and notes for personal data.
    pub names: FreeTextCheck,
}

/// Imports orders as drafts. Orders that were imported before are recognised by their ids.
///
/// # Errors
/// [`ImportError`] if the run cannot continue. Orders added until then stay, and a new run recognises them.
pub async fn orders(service: &Service, options: &OrderOptions) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "adding", &options.source);
    let mut file = OrderFile::open(options, &bar)?;
    let mut report = Report::default();
    while let Some(document) = file.next(&mut report)? {
        let order = match document.order {
            Ok(order) => order,
            Err(refused) => {
                file.refuse(&mut report, document.rows, refused)?;
                continue;
            }
        };
        check_text(&mut report, options, &order, &document.rows);
        match service.create_order(&order).await {
            Ok(done) => settle(&mut report, &document.rows, done.status == Status::AlreadyPosted),
            Err(error) => {
                let Some(refusal) = error.refusal() else {
                    return Err(ImportError::Stopped { rows: report.rows_read, source: Box::new(error) });
                };
                let refused = Refused::by_rule(&document.rows, refusal);
                file.refuse(&mut report, document.rows, refused)?;
            }
        }
    }
    bar.finish_and_clear();
    file.finish(report)
}

/// Imports all orders of a file as drafts, or none.
///
/// # Errors
/// [`ImportError`] if the import cannot be completed; then no order was added.
pub(super) async fn orders_whole(service: &Service, options: &OrderOptions) -> Result<Report, ImportError> {
    let options = OrderOptions { source: options.source.kept()?, ..options.clone() };
    let preview = Report { dry_run: false, ..orders_dry_run(&options)? };
    if preview.rows_rejected > 0 {
        return Ok(preview.of_nothing());
    }
    let (report, checked) = check(service, &options).await?;
    if report.rows_rejected > 0 {
        return Ok(report.of_nothing());
    }
    if checked.first.is_none() {
        return Ok(report);
    }
    // The file of rejected rows is complete.
    let sending = OrderOptions { rejects: None, ..options.clone() };
    let rows = report.rows_read;
    let send = move |sender: &mpsc::Sender<Portion>| send_orders(&sending, rows, sender);
    match whole::post(service, &checked, send).await? {
        End::Posted { .. } => Ok(report),
        End::Refused { at, refusal } => refused(&options, at, &refusal),
    }
}

/// Finds out which orders exist already, and which would be refused.
async fn check(service: &Service, options: &OrderOptions) -> Result<(Report, Checked), ImportError> {
    let bar = progress_bar(options.progress, "checking", &options.source);
    let (mut file, mut report) = (OrderFile::open(options, &bar)?, Report::default());
    let mut checked = Checked::default();
    while let Some(document) = file.next(&mut report)? {
        let order = document.order.map_err(|_| ImportError::Changed)?;
        check_text(&mut report, options, &order, &document.rows);
        match service.check_order(&order).await {
            Ok(status) => {
                let already = status == Status::AlreadyPosted;
                checked.note(order.id.act(), already);
                settle(&mut report, &document.rows, already);
            }
            Err(error) => match error.refusal() {
                Some(refusal) => {
                    let refused = Refused::by_rule(&document.rows, refusal);
                    file.refuse(&mut report, document.rows, refused)?;
                }
                None => return Err(ImportError::Stopped { rows: 0, source: Box::new(error) }),
            },
        }
    }
    bar.finish_and_clear();
    Ok((file.finish(report)?, checked))
}

/// Sends the orders of a file, and the end if all of its rows are still sound.
fn send_orders(options: &OrderOptions, rows: u64, sender: &mpsc::Sender<Portion>) -> Result<(), ImportError> {
    let bar = progress_bar(options.progress, "adding", &options.source);
    let (mut file, mut report) = (OrderFile::open(options, &bar)?, Report::default());
    while let Some(document) = file.next(&mut report)? {
        let order = document.order.map_err(|_| ImportError::Changed)?;
        whole::pass_on(sender, Portion::Orders(vec![order]));
    }
    bar.finish_and_clear();
    if report.rows_read != rows {
        return Err(ImportError::Changed);
    }
    whole::pass_on(sender, Portion::End);
    Ok(())
}

/// The report after a rule refused the order with this number: its rows are rejected, and nothing was added.
fn refused(options: &OrderOptions, at: u64, refusal: &Refusal) -> Result<Report, ImportError> {
    let bar = progress_bar(false, "checking", &options.source);
    let (mut file, mut report) = (OrderFile::open(options, &bar)?, Report::default());
    let mut number = 0;
    while let Some(document) = file.next(&mut report)? {
        if number == at {
            let refused = Refused::by_rule(&document.rows, refusal);
            file.refuse(&mut report, document.rows, refused)?;
        } else {
            settle(&mut report, &document.rows, false);
        }
        number += 1;
    }
    Ok(file.finish(report)?.of_nothing())
}

/// Checks a file without a connection to the database.
///
/// # Errors
/// [`ImportError`] when the file cannot be read to its end.
pub fn orders_dry_run(options: &OrderOptions) -> Result<Report, ImportError> {
    let bar = progress_bar(options.progress, "checking", &options.source);
    let mut file = OrderFile::open(options, &bar)?;
    let mut report = Report { dry_run: true, ..Report::default() };
    while let Some(document) = file.next(&mut report)? {
        match document.order {
            Ok(order) => {
                check_text(&mut report, options, &order, &document.rows);
                settle(&mut report, &document.rows, false);
            }
            Err(refused) => file.refuse(&mut report, document.rows, refused)?,
        }
    }
    bar.finish_and_clear();
    file.finish(report)
}

fn check_text(report: &mut Report, options: &OrderOptions, order: &NewOrder, rows: &[Row]) {
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    report.check_order_text(&options.names, order, &lines);
}

fn settle(report: &mut Report, rows: &[Row], already: bool) {
    report.postings += 1;
    rows.iter().for_each(|row| report.posted(row.value.unwrap_or_default(), already));
}

/// A row as read from the file, with its line number.
struct Row {
    line: u64,
    raw: Vec<u8>,
    value: Option<Decimal>,
}

/// The rows of one order, with the order or the reason why it is rejected.
struct Document {
    rows: Vec<Row>,
    order: Result<NewOrder, Refused>,
}

/// Why an order is rejected.
enum Refused {
    /// One of its rows is invalid.
    Row(Reject),
    /// The order as a whole is invalid.
    Order(Reject),
}

impl Refused {
    fn by_rule(rows: &[Row], refusal: &Refusal) -> Self {
        let line = rows.first().map_or(0, |row| row.line);
        let group = format!("refused by rule {}", refusal.rule()).into();
        Self::Order(Reject { line, field: String::new(), group, reason: refusal.to_string() })
    }
}

/// A row that has been read ahead.
struct Ahead {
    head: Option<Head>,
    row: Row,
    line: Result<NewOrderLine, Reject>,
}

/// A file of orders that is being read.
struct OrderFile {
    reader: RecordReader,
    rows: OrderRows,
    rejects: Rejects,
    label: String,
    ahead: Option<Ahead>,
    /// Why the next order may be incomplete.
    doubt: Option<String>,
}

impl OrderFile {
    fn open(options: &OrderOptions, bar: &ProgressBar) -> Result<Self, ImportError> {
        check_rejects_path(options.rejects.as_deref(), &options.source)?;
        let FileFormat { delimiter, quoting, .. } = FileFormat::default();
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        let mut reader = RecordReader::new(options.source.open(bar)?, delimiter, quoting);
        let label = options.source.label();
        let header = reader.read().map_err(|source| ImportError::Read { label: label.clone(), source })?;
        let header = header.ok_or_else(|| ImportError::Empty { label: label.clone() })?;
        let rows = OrderRows::new(&header)?;
        let rejects = Rejects::begin(options.rejects.as_deref(), delimiter, quoting, header.raw)?;
        Ok(Self { reader, rows, rejects, label, ahead: None, doubt: None })
    }

    /// Reads one row. `head` is that of the order to which the rows before it belong.
    fn read(&mut self, head: Option<&Head>, report: &mut Report) -> Result<Option<Ahead>, ImportError> {
        let failed = |source| ImportError::Read { label: self.label.clone(), source };
        let Some(record) = self.reader.read().map_err(failed)? else { return Ok(None) };
        let own = self.rows.head(&record);
        let value = own.as_ref().and_then(|_| self.rows.value(&record));
        report.read(value);
        let row = Row { line: record.line, raw: record.raw.to_vec(), value };
        // A row of the same order is held against the first; any other one begins an order of its own.
        let first = head.filter(|head| own.as_ref().is_none_or(|own| own.key() == head.key()));
        let line = match first.or(own.as_ref()) {
            Some(head) => self.rows.line(&record, head),
            None => self.rows.line(&record, &Head::default()),
        };
        Ok(Some(Ahead { head: own, row, line }))
    }

    /// The next order; `None` at the end of the file.
    fn next(&mut self, report: &mut Report) -> Result<Option<Document>, ImportError> {
        let first = match self.ahead.take() {
            Some(ahead) => ahead,
            None => match self.read(None, report)? {
                Some(first) => first,
                None => return Ok(None),
            },
        };
        let doubt = self.doubt.take();
        let first_line = first.row.line;
        let head = first.head.unwrap_or_default();
        let (mut rows, mut lines) = (vec![first.row], vec![first.line]);
        while let Some(next) = self.read(Some(&head), report)? {
            match &next.head {
                Some(own) if own.key() != head.key() => {
                    self.ahead = Some(next);
                    break;
                }
                Some(_) if rows.len() > LINES_MAX => {
                    self.doubt = Some(format!("the order has more than {LINES_MAX} lines"));
                    self.ahead = Some(next);
                    break;
                }
                Some(_) => self.doubt = None,
                // It may belong to this order or to the next one.
                None => {
                    let line = next.row.line;
                    self.doubt = Some(format!("line {line}, which cannot be read, may belong to this order"));
                }
            }
            rows.push(next.row);
            lines.push(next.line);
        }
        let lines: Result<Vec<_>, Reject> = lines.into_iter().collect();
        let order = match (lines, doubt) {
            (Err(reject), _) => Err(Refused::Row(reject)),
            (Ok(_), Some(reason)) => Err(Refused::Order(Reject {
                line: first_line,
                field: String::new(),
                group: OF_THE_SAME_ORDER.into(),
                reason,
            })),
            (Ok(lines), None) => self.rows.order(first_line, &head, lines).map_err(Refused::Order),
        };
        Ok(Some(Document { rows, order }))
    }

    /// Rejects all rows of an order: the invalid one with its reason, the others because of it.
    fn refuse(&mut self, report: &mut Report, rows: Vec<Row>, refused: Refused) -> Result<(), ImportError> {
        for row in rows {
            report.rejected(row.value);
            let reject = match &refused {
                Refused::Row(reject) if reject.line != row.line => Reject {
                    line: row.line,
                    field: String::new(),
                    group: OF_THE_SAME_ORDER.into(),
                    reason: format!("line {} of the same order: {}", reject.line, reject.reason),
                },
                Refused::Row(reject) | Refused::Order(reject) => Reject { line: row.line, ..reject.clone() },
            };
            self.rejects.add(reject, &row.raw)?;
        }
        self.rejects.flush()
    }

    fn finish(mut self, mut report: Report) -> Result<Report, ImportError> {
        self.rejects.flush()?;
        (report.first_rejects, report.reject_counts) = self.rejects.summary();
        report.check()?;
        Ok(report)
    }
}
