//! CSV in, rejects out: movements and products from files laid out by us or by others.
//!
//! Boundary: reads files and asks the service layer to post and to add; it knows no SQL. `docs/import.md`
//! tells people how it behaves.

mod ids;
mod layout;
mod movements;
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

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::{CodeError, QuantityError, Sku};
use crate::service;

pub use movements::{MovementOptions, movements, movements_dry_run, plan_movements};
pub use product_row::ProductField;
pub use products::{ProductOptions, products, products_dry_run};
pub use profile::{
    Creatable, Direction, FileFormat, MovementField, MovementProfile, NotGoods, OpeningStock, Presence,
    ProductProfile, Profile, ProfileError, Rule, Sign, SkuIs,
};
pub use records::{Fault, ROW_BYTES_MAX, Record, RecordReader};
pub use rejects::{Reject, RejectCount};
pub use report::Report;
pub use source::Source;

/// The first trading days of the Online Retail data set, packed; `src/import/sample/README.md` gives
/// the credit.
#[must_use]
pub fn sample() -> &'static [u8] {
    include_bytes!("sample/online-retail-sample.csv.gz")
}

/// Why an import could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input cannot be read.
    #[error("cannot read {label}: {source}")]
    Read { label: String, source: std::io::Error },
    /// The input is packed in a way that is not read.
    #[error("{label} cannot be read: its format is {format}; unpack it first (gzip is read directly)")]
    Packed { label: String, format: &'static str },
    /// There is not even a header.
    #[error("{label} is empty; a header row with the column names is required")]
    Empty { label: String },
    /// Columns that the profile needs are not there.
    #[error(
        "the header has no column {missing}; its columns are {found}; does the file need another --profile or delimiter?"
    )]
    ColumnsMissing {
        /// The columns that are needed.
        missing: String,
        /// The columns that are there.
        found: String,
    },
    /// A column that the profile needs is there more than once.
    #[error("the header names the column {column} more than once")]
    ColumnTwice { column: String },
    /// The profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The input can be read once only, and the profile needs two passes.
    #[error("{label} can be read only once, and this profile reads its file twice; save it to a file first")]
    ReadTwice { label: String },
    /// The rejects cannot be written.
    #[error("cannot write the rejects file {path}: {source}")]
    Rejects { path: String, source: std::io::Error },
    /// The rejects would overwrite the input.
    #[error("the rejects file is the file to import; choose another name")]
    RejectsAreInput,
    /// The service failed in a way that no row is to blame for.
    #[error(
        "the import stopped after {rows} rows: {source}; fix this and run the import again, nothing is posted twice"
    )]
    Stopped {
        /// How many rows were settled.
        rows: u64,
        source: Box<service::Error>,
    },
    /// The opening stock cannot be posted, and everything else stands on it.
    #[error(
        "the opening stock was refused: {message}; no row of the file was posted (was an earlier version of it imported?)"
    )]
    OpeningRefused { message: String },
    /// More opening stock is needed than can be posted.
    #[error("cannot post the opening stock of {sku}: {source}")]
    Opening { sku: Sku, source: QuantityError },
    /// A name that was made up for a product is not valid, which cannot be.
    #[error("cannot make a name for a product: {0}")]
    Name(CodeError),
    /// The input was written to between the two passes.
    #[error("the file changed while it was being read; start the import again")]
    Changed,
    /// The service gave fewer answers than it got postings.
    #[error("a posting was left without an answer; this is a bug in Stockroom")]
    AnswersMissing,
    /// The thread that reads was lost.
    #[error("the task that reads the file ended early; this is a bug in Stockroom")]
    ReaderLost,
    /// Rows or money went missing between reading and posting.
    #[error("the totals of the import do not add up; this is a bug in Stockroom:\n{report}")]
    DoesNotAddUp { report: Box<Report> },
}

/// A bar on a terminal that fills as the input is read; hidden where nobody looks.
fn progress_bar(wanted: bool, message: &'static str, source: &Source) -> ProgressBar {
    let Some(bytes) = source.bytes_total().filter(|_| wanted) else { return ProgressBar::hidden() };
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let layout = "{msg:<9} [{bar:40}] {percent:>3} %, {elapsed} gone, {eta} to go";
    bar.set_style(ProgressStyle::with_template(layout).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.with_message(message)
}

/// A rejects file must not replace the file that is being read.
fn check_rejects_path(rejects: Option<&Path>, source: &Source) -> Result<(), ImportError> {
    let (Some(rejects), Source::Path(input)) = (rejects, source) else { return Ok(()) };
    match (rejects.canonicalize(), input.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => Err(ImportError::RejectsAreInput),
        _ => Ok(()),
    }
}
