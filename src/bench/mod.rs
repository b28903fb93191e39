//! Benchmarks: each measures a load on Stockroom and on a baseline, on one private server made for it,
//! in turns, and reports both and their ratio. Machines are noisy; a ratio of rounds that ran one after
//! the other says more than a figure.
//!
//! Boundary: uses the service layer and the store's baselines. It never touches a database that
//! somebody uses: what is posted can never be taken out again.

mod catalogue;
mod load;
mod pgbench;
mod report;
pub mod search;
mod site;
pub mod ui;

use std::time::Duration;

pub use catalogue::LargeCatalogue;
pub use report::{Figures, Report};
pub use site::BenchError;

use load::{Round, Way, drive};
use site::Site;

/// How many items `post` spreads its postings over.
const POST_ITEMS: usize = 10_000;
/// How many items `batch` spreads its lines over.
const BATCH_ITEMS: usize = 10_000;
/// How many lines one posting of `batch` has.
const BATCH_LINES: usize = 1_000;

/// Which benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Subcommand)]
pub enum Kind {
    /// Single postings on many items, against hand-written SQL and pgbench
    Post,
    /// Single postings on one item, against a plain retry loop
    Hot,
    /// Postings of 1,000 lines, against hand-written SQL
    Batch,
    /// What auditing costs: single postings, against the same ones with pgaudit off
    Audit,
}

/// How to measure.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many sessions post at the same time; each benchmark has its own default.
    pub sessions: Option<usize>,
    /// How many rounds each side gets.
    pub rounds: usize,
    /// How long a round lasts.
    pub round: Duration,
}

/// Runs a benchmark and says what was measured.
///
/// # Errors
/// [`BenchError`] when the private server cannot be run, or a posting fails that should not.
pub async fn run(kind: Kind, plan: &Plan, tell: impl Fn(&str)) -> Result<Report, BenchError> {
    let sessions = plan.sessions.unwrap_or(match kind {
        Kind::Post | Kind::Hot | Kind::Audit => 16,
        // One per core of the smallest machine that this is measured on.
        Kind::Batch => 2,
    });
    let items = match kind {
        Kind::Post | Kind::Audit => POST_ITEMS,
        Kind::Hot => 1,
        Kind::Batch => BATCH_ITEMS,
    };
    tell("making a private server and filling it");
    let site = Site::make(items, sessions, kind == Kind::Post).await?;
    let mut ours = Vec::new();
    let mut baseline = Vec::new();
    let mut pgbench = Vec::new();
    for number in 1..=plan.rounds {
        tell(&format!("round {number} of {}", plan.rounds));
        site.settle().await?;
        ours.push(measure(kind, &site, sessions, plan.round, true).await?);
        site.settle().await?;
        baseline.push(measure(kind, &site, sessions, plan.round, false).await?);
        if kind == Kind::Post {
            site.settle().await?;
            pgbench.push(pgbench::run(&site, sessions, plan.round)?);
        }
    }
    Ok(report::Report::new(kind, sessions, plan, &ours, &baseline, &pgbench))
}

async fn measure(
    kind: Kind,
    site: &Site,
    sessions: usize,
    length: Duration,
    ours: bool,
) -> Result<Round, BenchError> {
    let lines = if kind == Kind::Batch { BATCH_LINES } else { 1 };
    let (store, way) = match (kind, ours) {
        (_, true) => (&site.ours, Way::Ours),
        (Kind::Hot, false) => (&site.ours, Way::PlainRetry),
        (Kind::Audit, false) => (&site.unaudited, Way::Ours),
        (Kind::Post | Kind::Batch, false) => (&site.baseline, Way::ByHand),
    };
    drive(store, way, sessions, length, site.items(), lines).await
}
