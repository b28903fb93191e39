//! `stockroom report`: as a table with totals, as CSV, or as one JSON document.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::args::report::ReportArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::output::print_bytes;
use crate::domain::display::csv_field;
use crate::domain::{Report, ReportCell, ReportColumn, ReportFilter, ReportRows};

/// The period of a report if no start is given: a year, so that it includes every season.
const PERIOD: SignedDuration = SignedDuration::from_hours(365 * 24);
/// The default period for dead stock: what was not issued for a quarter of a year.
const PERIOD_OF_DEAD_STOCK: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(crate) async fn run(context: &Context, args: ReportArgs) -> Result<Exit, CliError> {
    let report = Report::from(args.report);
    let filter = filter(report, &args, Timestamp::now())?;
    let columns = report.columns();
    let mut found = context.store()?.report(report, &filter).await?;
    let rows_total = found.rows.len();
    if let Some(limit) = args.limit {
        found.rows.truncate(limit);
    }
    if args.csv {
        print_bytes(&csv(&columns, &found)?)?;
    } else if context.output.is_json() {
        context.output.result(&document(report, &filter, &columns, &found, rows_total), String::new)?;
    } else {
        let headers: Vec<String> = columns.iter().map(|(name, _)| name.replace('_', " ")).collect();
        context.output.table(&headers, &table(&columns, &found))?;
    }
    Ok(Exit::Done)
}

fn filter(report: Report, args: &ReportArgs, now: Timestamp) -> Result<ReportFilter, CliError> {
    let usage = |message: &str| CliError::Usage(message.to_owned());
    let out_of_range = || usage("the time is out of range");
    let to = args.to.map_or(Some(now), |moment| moment.after()).ok_or_else(out_of_range)?;
    let period = if report == Report::DeadStock { PERIOD_OF_DEAD_STOCK } else { PERIOD };
    let from = match args.from {
        Some(moment) => moment.start().ok_or_else(out_of_range)?,
        None => to.checked_sub(period).map_err(|_| out_of_range())?,
    };
    if from >= to {
        return Err(usage("--from must be before --to"));
    }
    Ok(ReportFilter { from, to, category: args.category.clone() })
}

fn words(name: &str, cell: &ReportCell) -> String {
    match cell {
        ReportCell::Missing => Report::missing(name).to_owned(),
        ReportCell::Text(text) => text.clone(),
        ReportCell::Number(number) => number.to_string(),
        ReportCell::Time(time) => time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

fn table(columns: &[ReportColumn], found: &ReportRows) -> Vec<Vec<String>> {
    let line = |row: &Vec<ReportCell>| {
        row.iter().zip(columns).map(|(cell, (name, _))| words(name, cell)).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = found.rows.iter().map(line).collect();
    if !rows.is_empty() {
        let total =
            |total: &Option<rust_decimal::Decimal>| total.map(|sum| sum.to_string()).unwrap_or_default();
        let mut totals: Vec<String> = found.totals.iter().map(total).collect();
        if let Some(first) = totals.first_mut() {
            "TOTAL".clone_into(first);
        }
        rows.push(totals);
    }
    rows
}

/// The fields as in JSON; a missing value is empty.
fn csv(columns: &[ReportColumn], found: &ReportRows) -> Result<Vec<u8>, CliError> {
    let field = |cell: &ReportCell| match cell {
        ReportCell::Missing => String::new(),
        ReportCell::Text(text) => csv_field(text).into_owned(),
        ReportCell::Number(number) => number.to_string(),
        ReportCell::Time(time) => time.to_string(),
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let write = |writer: &mut csv::Writer<Vec<u8>>| -> csv::Result<()> {
        writer.write_record(columns.iter().map(|(name, _)| name))?;
        found.rows.iter().try_for_each(|row| writer.write_record(row.iter().map(field)))
    };
    write(&mut writer).map_err(std::io::Error::other)?;
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()).into())
}

fn document(
    report: Report,
    filter: &ReportFilter,
    columns: &[ReportColumn],
    found: &ReportRows,
    rows_total: usize,
) -> Value {
    let object = |row: &Vec<ReportCell>| -> Map<String, Value> {
        row.iter().zip(columns).map(|(cell, (name, _))| ((*name).to_owned(), json!(cell))).collect()
    };
    let totals: Map<String, Value> = found
        .totals
        .iter()
        .zip(columns)
        .filter_map(|(total, (name, _))| total.map(|sum| ((*name).to_owned(), json!(sum))))
        .collect();
    json!({
        "report": report.name(),
        "from": filter.from,
        "to": filter.to,
        "category": filter.category,
        "rows_total": rows_total,
        "rows": found.rows.iter().map(object).collect::<Vec<_>>(),
        "totals": totals,
    })
}
