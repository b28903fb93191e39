//! Exports of lists to CSV files: all pages of a list, or the rows that a screen holds.
//!
//! Boundary: a file is never overwritten, is readable only by its owner, because lists name people, and is removed if
//! it cannot be written completely.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::message::{Export, ExportWhat, Exported, Failure};
use super::query::{self, Question};
use crate::domain::display::csv_field;
use crate::domain::{Anchor, Listed, ListedTable, OrderFilter, PAGE_ROWS_MAX, Page, StockKey};
use crate::service::Service;
use crate::store::Store;

/// The most rows of one file. More are exported by `stockroom export`.
const ROWS_MAX: u64 = 5_000_000;

/// Writes an export. Returns its path and number of rows.
pub(super) async fn export(service: Service, export: Export) -> Result<Exported, Failure> {
    let path = absolute(&export.path).map_err(|error| told(&export.path, &error))?;
    let mut output = Output::create(&path).map_err(|error| told(&path, &error))?;
    let written = match export.what {
        ExportWhat::Table(table) => output.table(&table).map_err(|error| told(&path, &error)),
        ExportWhat::Pages(question) => pages(service.store(), *question, &mut output).await,
    };
    match written.and_then(|()| output.finish().map_err(|error| told(&path, &error))) {
        Ok(rows) => Ok(Exported { path, rows }),
        Err(failure) => {
            // Half a list must not be taken for all of it.
            let _ = fs::remove_file(&path);
            Err(failure)
        }
    }
}

fn told(path: &Path, error: &io::Error) -> Failure {
    Failure::Other(format!("{}: {error}", path.display()))
}

/// The absolute path for a typed one, which may begin with `~` for the home directory.
fn absolute(path: &Path) -> io::Result<PathBuf> {
    match (path.strip_prefix("~"), env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Ok(Path::new(&home).join(rest)),
        _ => std::path::absolute(path),
    }
}

/// The file that is being written.
struct Output {
    writer: csv::Writer<BufWriter<File>>,
    rows: u64,
}

impl Output {
    fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { writer: csv::Writer::from_writer(BufWriter::new(file)), rows: 0 })
    }

    fn row(&mut self, fields: &[String]) -> io::Result<()> {
        let fields: Vec<_> = fields.iter().map(|text| csv_field(text)).collect();
        self.writer.write_record(fields.iter().map(|text| text.as_bytes()))?;
        self.rows += 1;
        Ok(())
    }

    fn table(&mut self, table: &ListedTable) -> io::Result<()> {
        self.writer.write_record(&table.columns)?;
        table.rows.iter().try_for_each(|row| self.row(row))
    }

    /// Writes a page. Returns whether another page follows.
    fn page<T: Listed>(&mut self, page: &Page<T>) -> Result<bool, Failure> {
        let failed = |error: io::Error| Failure::Other(error.to_string());
        if self.rows == 0 {
            self.writer.write_record(T::COLUMNS).map_err(|error| failed(error.into()))?;
        }
        for row in &page.rows {
            self.row(&row.fields()).map_err(failed)?;
        }
        if self.rows > ROWS_MAX {
            return Err(Failure::Other(format!("the list has more than {ROWS_MAX} rows")));
        }
        Ok(page.more_after && !page.rows.is_empty())
    }

    fn finish(self) -> io::Result<u64> {
        let file = self.writer.into_inner().map_err(|error| error.into_error())?;
        file.into_inner().map_err(|error| error.into_error())?.flush()?;
        Ok(self.rows)
    }
}

/// Writes all pages of a list, from the first.
async fn pages(store: &Store, question: Question, output: &mut Output) -> Result<(), Failure> {
    match question {
        Question::StockPage(query::StockPage { selection, .. }) => {
            let mut anchor = Anchor::Start;
            loop {
                let page = store.stock_page(&selection, &anchor, PAGE_ROWS_MAX).await?;
                match (output.page(&page)?, page.rows.last()) {
                    (true, Some(last)) => anchor = Anchor::After(StockKey::of(last, selection.order)),
                    _ => return Ok(()),
                }
            }
        }
        Question::Ledger(query::Ledger { mut filter }) => {
            (filter.anchor, filter.limit) = (Anchor::Start, Some(PAGE_ROWS_MAX.into()));
            loop {
                let page = store.ledger_page(&filter).await?;
                match (output.page(&page)?, page.rows.last()) {
                    (true, Some(last)) => filter.anchor = Anchor::After(last.id),
                    _ => return Ok(()),
                }
            }
        }
        Question::Events(query::Events { mut filter }) | Question::Logins(query::Logins { mut filter }) => {
            (filter.anchor, filter.limit) = (Anchor::Start, Some(PAGE_ROWS_MAX.into()));
            loop {
                let page = query::events(store, &filter).await?;
                match (output.page(&page)?, page.rows.last()) {
                    (true, Some(last)) => filter.anchor = Anchor::After(last.event.line_no),
                    _ => return Ok(()),
                }
            }
        }
        Question::Orders(query::Orders { filter }) => {
            let rows = store.orders(&filter).await?;
            if rows.len() >= OrderFilter::LIMIT_MAX as usize {
                let limit = OrderFilter::LIMIT_MAX;
                let text = format!(
                    "the list has {limit} orders or more: filter it, or use `stockroom order export`"
                );
                return Err(Failure::Other(text));
            }
            output.page(&Page { rows, more_before: false, more_after: false }).map(drop)
        }
        other => Err(Failure::Other(format!("{:?} is not a list", other.key()))),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_private_has_no_formulas_and_is_never_overwritten() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("list.csv");
        let row = |fields: [&str; 2]| fields.map(str::to_owned).to_vec();
        let table = ListedTable {
            columns: vec!["sku", "name"],
            rows: vec![row(["W1", "=HYPERLINK(\"x\")"]), row(["W2", "a, b"])],
        };
        let mut output = Output::create(&path).unwrap();
        output.table(&table).unwrap();
        assert_eq!(output.finish().unwrap(), 2);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "sku,name\nW1,\"'=HYPERLINK(\"\"x\"\")\"\nW2,\"a, b\"\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Output::create(&path).is_err());
    }

    #[test]
    fn a_tilde_is_the_home_of_the_person() {
        let home = env::var("HOME").unwrap();
        assert_eq!(absolute(Path::new("~/a.csv")).unwrap(), Path::new(&home).join("a.csv"));
        assert!(absolute(Path::new("a.csv")).unwrap().is_absolute());
    }
}
