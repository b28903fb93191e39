//! Reports: one query each, preceded by the valuation of stock that all share. `docs/reports.md` explains them.

use std::str::FromStr;

use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use tokio_postgres::Row;

use super::{Error, Store};
use crate::domain::{
    ColumnKind, ProductTurnover, Report, ReportCell, ReportColumn, ReportFilter, ReportRows, TurnoverInBrief,
};

/// The beginning of every query.
const VALUATION: &str = include_str!("valuation.sql");

/// The query of a report, without that beginning, and whether it needs the value at the start of the period.
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

/// The decimal places of a turnover.
const TURNOVER_DECIMALS: u32 = 4;

fn text<T: FromStr>(cell: &ReportCell) -> Option<T> {
    match cell {
        ReportCell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn number(cell: &ReportCell) -> Option<Decimal> {
    match cell {
        ReportCell::Number(number) => Some(*number),
        _ => None,
    }
}

impl Store {
    /// The turnover of the last days in brief: the totals of all products, and the products with the highest cost of
    /// issued goods.
    ///
    /// # Errors
    /// As any read.
    pub async fn turnover_in_brief(&self, days: u16, limit: u16) -> Result<TurnoverInBrief, Error> {
        let to = Timestamp::now();
        let from = to.saturating_sub((i64::from(days) * 24).hours()).unwrap_or(Timestamp::MIN);
        let report = self.report(Report::Turnover, &ReportFilter { from, to, category: None }).await?;
        let columns = Report::Turnover.columns();
        let at = |name: &str| columns.iter().position(|(column, _)| *column == name);
        let cell = |row: &[ReportCell], name: &str| at(name).and_then(|at| row.get(at)).cloned();
        let figure = |row: &[ReportCell], name: &str| cell(row, name).as_ref().and_then(number);
        let product = |row: &Vec<ReportCell>| {
            Some(ProductTurnover {
                sku: cell(row, "sku").as_ref().and_then(text)?,
                name: cell(row, "name").as_ref().and_then(text)?,
                issued: figure(row, "issued").unwrap_or_default(),
                cost_issued: figure(row, "cost_issued").unwrap_or_default(),
                turnover: figure(row, "turnover"),
                days_of_cover: figure(row, "days_of_cover"),
            })
        };
        let mut products: Vec<ProductTurnover> =
            report.rows.iter().filter_map(product).filter(|row| !row.issued.is_zero()).collect();
        products.sort_by(|one, other| other.cost_issued.cmp(&one.cost_issued).then(one.sku.cmp(&other.sku)));
        products.truncate(limit.into());
        let total = |name: &str| report.total(&columns, name).unwrap_or_default();
        let (cost_issued, mean_value) = (total("cost_issued"), total("mean_value"));
        let turnover =
            cost_issued.checked_div(mean_value).map(|turnover| turnover.round_dp(TURNOVER_DECIMALS));
        Ok(TurnoverInBrief { cost_issued, mean_value, turnover, products })
    }

    /// Runs a report. Every row is read, because the totals cover all of them.
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
