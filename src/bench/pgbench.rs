//! pgbench's built-in TPC-B-like run (PostgreSQL manual, pgbench) on the same server and not audited.

use std::process::Command;
use std::time::Duration;

use super::site::{BenchError, Site};

/// The scale that TPC-B is run at: ten branches, a million accounts.
const SCALE: &str = "10";

/// What one run of pgbench said.
#[derive(Debug, Clone, Copy)]
pub(super) struct PgbenchRound {
    /// Transactions per second, without the time to connect.
    pub per_second: f64,
}

fn pgbench(site: &Site, arguments: &[&str]) -> Result<String, BenchError> {
    let output = Command::new(site.server.installation().program("pgbench"))
        .args(arguments)
        .args(["-d", &site.pgbench_url])
        .output()
        .map_err(|error| BenchError::pgbench(error.to_string()))?;
    if !output.status.success() {
        return Err(BenchError::pgbench(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Makes pgbench's tables.
pub(super) fn initialise(site: &Site) -> Result<(), BenchError> {
    pgbench(site, &["-i", "-q", "-s", SCALE]).map(|_| ())
}

/// One run.
pub(super) fn run(site: &Site, sessions: usize, length: Duration) -> Result<PgbenchRound, BenchError> {
    let (sessions, seconds) = (sessions.to_string(), length.as_secs().max(1).to_string());
    let text = pgbench(site, &["-n", "-M", "prepared", "-c", &sessions, "-j", "2", "-T", &seconds])?;
    let per_second = text
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| BenchError::pgbench(format!("its answer holds no rate: {text}")))?;
    Ok(PgbenchRound { per_second })
}
