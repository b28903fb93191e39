//! Reads: the stock table and its search, the ledger, single products, the meaning of codes, the dashboard, and what a
//! terminal polls.

mod begin;
mod browse;
mod dashboard;
mod item;
mod ledger;
mod levels;
pub(super) mod query;
mod records;
mod scan;
mod search;
mod sessions;
mod suggest;
mod watch;

pub use begin::CodeOf;
pub use ledger::PAGE_ROWS;
pub use scan::SHEET_LINES_MAX;
pub use search::{FOUND_MAX, SEARCH_LENGTH_MAX};
pub use watch::Watermark;
