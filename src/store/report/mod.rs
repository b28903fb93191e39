//! Reports: a query each, which begins with the valuation of the stock that all share. `docs/reports.md` explains them.

use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::Row;

use super::{Error, Store};
use crate::domain::{ColumnKind, Report, ReportCell, ReportColumn, ReportFilter, ReportRows};

/// The start of every query.
const VALUATION: &str = include_str!("valuation.sql");

/// The query of a report, complete but for its start, and whether it needs the value at the start of the period.
fn query(report: Report) -> (&'static str, bool) {
    match report {
        Report::Turnover => (include_str!("turnover.sql"), true),
        Report::Value => (include_str!("value.sql"), false),
        Report::Movers => (include_str!("movers.sql"), false),
        Report::Abc => (include_str!("abc.sql"), false),
        Report::DeadStock => (include_str!("dead_stock.sql"), false),
        Report::Shrinkage => (include_str!("shrinkage.sql"), false),
    }
}

fn cell(row: &Row, (name, kind): ReportColumn) -> Result<ReportCell, tokio_postgres::Error> {
    let found = match kind {
        ColumnKind::Text => row.try_get::<_, Option<String>>(name)?.map(ReportCell::Text),
        ColumnKind::Number | ColumnKind::Total => {
            row.try_get::<_, Option<Decimal>>(name)?.map(|number| ReportCell::Number(number.normalize()))
        }
        ColumnKind::Time => row.try_get::<_, Option<Timestamp>>(name)?.map(ReportCell::Time),
    };
    Ok(found.unwrap_or(ReportCell::Missing))
}

impl Store {
    /// Runs a report. Every row is read, because the totals are those of all of them.
    ///
    /// # Errors
    /// As any read.
    pub async fn report(&self, report: Report, filter: &ReportFilter) -> Result<ReportRows, Error> {
        let columns = report.columns();
        let (own, with_opening) = query(report);
        let connection = self.connection().await?;
        let rows = connection
            .query(&format!("{VALUATION}{own}"), &[&filter.from, &filter.to, &filter.category, &with_opening])
            .await?;
        let cells = |row: &Row| columns.iter().map(|column| cell(row, *column)).collect();
        let rows = rows.iter().map(cells).collect::<Result<_, _>>()?;
        Ok(ReportRows::new(&columns, rows))
    }
}
