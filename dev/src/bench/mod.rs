//! Benchmarks: each measures a load on Stockroom and on a baseline, alternately, on a private server created for it,
//! and reports both and their ratio. Machines are noisy; a ratio of rounds that follow one another says more than a
//! single figure.

mod baseline;
mod baseline_orders;
mod instance;
mod load;
mod orders;
mod pgbench;
mod pseudo_terminal;
mod report;
pub mod search;
pub mod ui;

use std::time::Duration;

pub use report::{Figures, PgbenchFigures, Report};

use crate::Error;
use instance::BenchServer;
use load::{Round, Target, drive};

/// The number of items over which all benchmarks except `hot` and `batch` spread their work.
const POST_ITEMS: usize = 10_000;
/// How many items `batch` spreads its lines over.
const BATCH_ITEMS: usize = 10_000;
/// How many lines one posting of `batch` has.
const BATCH_LINES: usize = 1_000;

/// The loads that `stockroom-dev bench` measures on a private server with stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Subcommand)]
pub enum Kind {
    /// Single postings on many items, against hand-written SQL and pgbench
    Post,
    /// Single postings on one item, against a plain retry loop
    Hot,
    /// Postings of 1,000 lines, against hand-written SQL
    Batch,
    /// Reservations for order lines of many items, against hand-written SQL
    Reserve,
    /// Picks of reserved goods to a dock, against hand-written SQL
    Pick,
    /// What auditing costs: single postings, against the same ones with pgaudit off
    Audit,
}

/// How many sessions, rounds and seconds a benchmark takes.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many sessions post at the same time; each benchmark has its own default.
    pub sessions: Option<usize>,
    /// How many rounds each side gets.
    pub rounds: usize,
    /// How long a round lasts.
    pub round: Duration,
}

/// Runs a benchmark and reports what was measured.
///
/// # Errors
/// [`Error`] when the private server cannot be run, or a posting fails that should not.
pub async fn run(kind: Kind, plan: &Plan, progress: impl Fn(&str)) -> Result<Report, Error> {
    let sessions = plan.sessions.unwrap_or(match kind {
        Kind::Post | Kind::Hot | Kind::Audit | Kind::Reserve | Kind::Pick => 16,
        // One per core of the smallest machine that this is measured on.
        Kind::Batch => 2,
    });
    let items = match kind {
        Kind::Post | Kind::Audit | Kind::Reserve | Kind::Pick => POST_ITEMS,
        Kind::Hot => 1,
        Kind::Batch => BATCH_ITEMS,
    };
    progress("making a private server and filling it");
    let server = BenchServer::make(kind, items, sessions).await?;
    let mut ours = Vec::new();
    let mut baseline = Vec::new();
    let mut pgbench = Vec::new();
    for number in 1..=plan.rounds {
        progress(&format!("round {number} of {}", plan.rounds));
        server.settle().await?;
        ours.push(measure(kind, &server, sessions, plan.round, true).await?);
        server.settle().await?;
        baseline.push(measure(kind, &server, sessions, plan.round, false).await?);
        if kind == Kind::Post {
            server.settle().await?;
            pgbench.push(pgbench::run(&server, sessions, plan.round)?);
        }
    }
    Ok(report::Report::new(kind, sessions, plan, &ours, &baseline, &pgbench))
}

async fn measure(
    kind: Kind,
    server: &BenchServer,
    sessions: usize,
    length: Duration,
    ours: bool,
) -> Result<Round, Error> {
    let target = match (kind, ours) {
        (_, true) => Target::Stockroom(server.audited.clone()),
        (Kind::Hot, false) => Target::PlainRetry(server.plain_retry.clone()),
        (Kind::Audit, false) => Target::Stockroom(server.unaudited.clone()),
        (Kind::Post | Kind::Batch | Kind::Reserve | Kind::Pick, false) => {
            Target::ByHand(server.by_hand.clone())
        }
    };
    drive(&target, sessions, length, &server.items, &server.load).await
}
