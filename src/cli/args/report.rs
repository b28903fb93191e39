//! The arguments of `stockroom report`.

use clap::{Args, ValueEnum};

use crate::cli::input::{Moment, moment};
use crate::domain::Report;

#[derive(Debug, Args)]
#[command(after_help = "docs/reports.md defines every figure and shows its query.")]
pub(crate) struct ReportArgs {
    /// The report
    pub report: ReportName,
    /// Start of the period [default: 365 days before its end; for dead-stock 90 days]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Moment>,
    /// End of the period; a date includes the whole day [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub to: Option<Moment>,
    /// Show only products of this category
    #[arg(long, value_name = "NAME")]
    pub category: Option<String>,
    /// Maximum number of rows; the totals are those of all rows
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Print CSV, without totals
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ReportName {
    /// Cost of the issues divided by the mean value of the stock, and days of cover
    Turnover,
    /// Value of the stock at the end of the period, first in, first out
    Value,
    /// Issues, returns and revenue; most issued first
    Movers,
    /// Classes by cost of the issues: A up to 80 %, B up to 95 %, C the rest
    Abc,
    /// Stock on hand of products that were not issued in the period
    DeadStock,
    /// Losses and gains found by counts and corrections
    Shrinkage,
}

impl From<ReportName> for Report {
    fn from(name: ReportName) -> Self {
        match name {
            ReportName::Turnover => Self::Turnover,
            ReportName::Value => Self::Value,
            ReportName::Movers => Self::Movers,
            ReportName::Abc => Self::Abc,
            ReportName::DeadStock => Self::DeadStock,
            ReportName::Shrinkage => Self::Shrinkage,
        }
    }
}
