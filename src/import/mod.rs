//! CSV import of movements, products and orders, from files in Stockroom's own format or in others, with a file of rejected
//! rows.
//!
//! Boundary: reads files and calls the service layer to post and to add; contains no SQL. `docs/import.md` describes
//! the behaviour for users.

mod ids;
mod layout;
mod movements;
mod order_row;
mod orders;
mod planner;
mod product_row;
mod products;
mod profile;
mod records;
mod rejects;
mod report;
mod row;
pub mod run;
mod source;
mod summary;
mod whole;

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::{CodeError, QuantityError, Sku};
use crate::service;

pub use movements::{MovementOptions, movements, movements_dry_run, plan_movements};
pub use order_row::OrderField;
pub use orders::{OrderOptions, orders, orders_dry_run};
pub use product_row::ProductField;
pub use products::{ProductOptions, products, products_dry_run};
pub use profile::{
    Creatable, Direction, FileFormat, MovementField, MovementProfile, NotGoods, OpeningStock, Presence,
    ProductProfile, Profile, ProfileError, Rule, Sign, SkuIs,
};
pub use records::{Fault, ROW_BYTES_MAX, Record, RecordReader};
pub use rejects::{Reject, RejectCount};
pub use report::{NamingPeople, Report};
pub use source::Source;

/// The first trading days of the Online Retail data set, compressed with gzip; `src/import/sample/README.md` has the
/// attribution.
#[must_use]
pub fn sample() -> &'static [u8] {
    include_bytes!("sample/online-retail-sample.csv.gz")
}

/// Why an import could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input cannot be read.
    #[error("cannot read {label}: {source}")]
    Read { label: String, source: std::io::Error },
    /// The input is compressed in a format that is not supported.
    #[error("{label} cannot be read: its format is {format}; unpack it first (gzip is read directly)")]
    Packed { label: String, format: &'static str },
    /// The input has no header.
    #[error("{label} is empty; a header row with the column names is required")]
    Empty { label: String },
    /// The input lacks columns that the profile needs.
    #[error(
        "the header has no column {missing}; its columns are {found}; does the file need another --profile or delimiter?"
    )]
    ColumnsMissing {
        /// The missing columns.
        missing: String,
        /// The columns of the input.
        found: String,
    },
    /// A column that the profile needs appears more than once.
    #[error("the header names the column {column} more than once")]
    ColumnTwice { column: String },
    /// The profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The rejects cannot be written.
    #[error("cannot write the rejects file {path}: {source}")]
    Rejects { path: String, source: std::io::Error },
    /// The rejects would overwrite the input.
    #[error("the rejects file is the file to import; choose another name")]
    RejectsAreInput,
    /// The service failed for a reason that no row has caused.
    #[error(
        "the import stopped after {rows} rows: {source}; fix this and run the import again, nothing is posted twice"
    )]
    Stopped {
        /// How many rows had been posted or rejected.
        rows: u64,
        source: Box<service::Error>,
    },
    /// The opening stock cannot be posted, and all other postings depend on it.
    #[error(
        "the opening stock was refused: {message}; no row of the file was posted (was an earlier version of it imported?)"
    )]
    OpeningRefused { message: String },
    /// More opening stock is needed than a quantity can hold.
    #[error("cannot post the opening stock of {sku}: {source}")]
    Opening { sku: Sku, source: QuantityError },
    /// A name generated for a product is not valid, which is impossible.
    #[error("cannot make a name for a product: {0}")]
    Name(CodeError),
    /// The file is too large to be posted in one transaction.
    #[error(
        "the file takes longer than {seconds} s to post in one transaction, so nothing was posted; split it, or import it without --all-or-nothing"
    )]
    TooLong { seconds: u64 },
    /// The input was changed between the two passes.
    #[error("the file changed while it was being read; start the import again")]
    Changed,
    /// The service returned fewer results than it was given postings.
    #[error("a posting was left without an answer; this is a bug in Stockroom")]
    AnswersMissing,
    /// The reading thread ended unexpectedly.
    #[error("the task that reads the file ended early; this is a bug in Stockroom")]
    ReaderLost,
    /// Rows or amounts were lost between reading and posting.
    #[error("the totals of the import do not add up; this is a bug in Stockroom:\n{report}")]
    DoesNotAddUp { report: Box<Report> },
}

/// A progress bar for reading the input; hidden if standard error is not a terminal.
fn progress_bar(wanted: bool, message: &'static str, source: &Source) -> ProgressBar {
    let Some(bytes) = source.bytes_total().filter(|_| wanted) else { return ProgressBar::hidden() };
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let layout = "{msg:<9} [{bar:40}] {percent:>3} %, {elapsed} gone, {eta} to go";
    bar.set_style(ProgressStyle::with_template(layout).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.with_message(message)
}

/// Checks that the rejects file would not replace the input.
fn check_rejects_path(rejects: Option<&Path>, source: &Source) -> Result<(), ImportError> {
    let (Some(rejects), Source::Path(input)) = (rejects, source) else { return Ok(()) };
    match (rejects.canonicalize(), input.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => Err(ImportError::RejectsAreInput),
        _ => Ok(()),
    }
}
