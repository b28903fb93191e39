//! pgbench's built-in TPC-B-like script (PostgreSQL manual, pgbench), on the same server and not audited.

use std::process::Command;
use std::time::Duration;

use tokio_postgres::Client;

use super::baseline;
use super::instance::BenchServer;
use crate::Error;

/// The database that pgbench fills.
pub(super) const DATABASE: &str = "pgbench";
/// The scale of the script: ten branches, a million accounts.
const SCALE: &str = "10";

/// The result of one run of pgbench.
#[derive(Debug, Clone, Copy)]
pub(super) struct PgbenchRound {
    /// Transactions per second, without connecting.
    pub per_second: f64,
}

fn pgbench(server: &BenchServer, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new(server.server.program("pgbench"))
        .args(arguments)
        .args(["-d", &server.pgbench_url])
        .output()
        .map_err(|error| Error::Pgbench(error.to_string()))?;
    if !output.status.success() {
        return Err(Error::Pgbench(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Creates the database, owned by the login that is not audited, and pgbench's tables.
pub(super) async fn initialise(server: &BenchServer, superuser: &Client) -> Result<(), Error> {
    let create = format!("CREATE DATABASE {DATABASE} OWNER {}", baseline::LOGIN);
    superuser.batch_execute(&create).await?;
    pgbench(server, &["-i", "-q", "-s", SCALE]).map(|_| ())
}

/// Runs the script for a time and reads its rate.
pub(super) fn run(server: &BenchServer, sessions: usize, length: Duration) -> Result<PgbenchRound, Error> {
    let (sessions, seconds) = (sessions.to_string(), length.as_secs().max(1).to_string());
    let text = pgbench(server, &["-n", "-M", "prepared", "-c", &sessions, "-j", "2", "-T", &seconds])?;
    let per_second = text
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| Error::Pgbench(format!("its answer holds no rate: {text}")))?;
    Ok(PgbenchRound { per_second })
}
