//! The arguments of `stockroom audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::input::{Moment, moment};
use super::super::streams::file_only;
use super::PasswordArgs;
use crate::audit::reconcile::PATIENCE;
use crate::domain::MovementId;
use crate::store::audit::EVENTS_DEFAULT;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Collect the server's log into the database and seal it (as stock_collector)
    Collect(CollectArgs),
    /// Verify the ledger against stock levels, audit records and checkpoints
    Verify(VerifyArgs),
    /// Accept alarms of the last verification that have been investigated, with a reason
    Accept(AcceptArgs),
    /// List accepted and revoked findings, by whom and why
    Accepted,
    /// Revoke an acceptance; the findings become alarms again
    Unaccept {
        /// Id of an accepted finding, or its first characters
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why the acceptance is revoked
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Show audit status
    Status {
        #[command(flatten)]
        seal: SealArgs,
    },
    /// List log entries, newest first
    Events(EventsArgs),
    /// Show a log entry in full, beside the ledger rows that it refers to
    Record {
        /// Number of the log entry, as shown by `audit events` and in findings
        line: u64,
    },
    /// Summarize changes by person and day
    Summary {
        /// Include only entries logged at or after this time
        #[arg(long, value_name = "TIME", value_parser = moment)]
        since: Option<Moment>,
    },
    /// Export the collected log as CSV or JSON lines
    Export(ExportEventsArgs),
    /// Sign a checkpoint of the collected log and the ledger, in a file outside the database
    Checkpoint {
        #[command(flatten)]
        seal: SealArgs,
    },
    /// Write a proof that a movement is in the sealed ledger
    Prove(ProveArgs),
    /// Check a proof; this does not need the database
    CheckProof {
        /// File with the proof, or - for standard input
        file: PathBuf,
        #[command(flatten)]
        public: PublicKeyArgs,
    },
    /// Drop the oldest months of the collected log; checkpoints stay valid (as stock_collector)
    Prune {
        /// Number of months to keep besides the current one
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1200))]
        keep_months: u16,
        #[command(flatten)]
        seal: SealArgs,
    },
    /// Set the password of the login stock_collector (requires the URL of a superuser)
    Password {
        #[command(flatten)]
        password: PasswordArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    /// Continue until interrupted, and sign a checkpoint every few seconds
    #[arg(long)]
    pub follow: bool,
    /// Read the log from this local directory instead of over SQL
    #[arg(long, value_name = "DIR")]
    pub log_dir: Option<PathBuf>,
    /// Do not sign checkpoints
    #[arg(long)]
    pub no_seal: bool,
    #[command(flatten)]
    pub seal: SealArgs,
}

/// The files that sealing needs: the private key and the directory of checkpoints.
#[derive(Debug, Args)]
pub(crate) struct SealArgs {
    /// Private key of the seal; created if missing [default: audit/seal.key in the state directory]
    #[arg(long, value_name = "FILE", value_parser = file_only)]
    pub key: Option<PathBuf>,
    /// Directory of the checkpoints [default: audit/checkpoints in the state directory]
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
}

/// The public key with which signatures are checked.
#[derive(Debug, Args)]
pub(crate) struct PublicKeyArgs {
    /// Public key of the seal [default: audit/seal.key.pub in the state directory]
    #[arg(long, value_name = "FILE", value_parser = file_only)]
    pub public_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// Id of the movement
    pub id: MovementId,
    /// File with checkpoints, of which the last one of the ledger is used, or - for standard input [default: the newest in --checkpoints]
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Directory of the checkpoints [default: audit/checkpoints in the state directory]
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
    #[command(flatten)]
    pub public: PublicKeyArgs,
    /// File to write the proof to [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Verify everything, including what an earlier verification found correct
    #[arg(long)]
    pub full: bool,
    /// File with checkpoints to verify against, or - for standard input; can be given several times
    /// [default: all files in --checkpoints, if the public key is available]
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// Directory of the checkpoints [default: audit/checkpoints in the state directory]
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
    #[command(flatten)]
    pub public: PublicKeyArgs,
    /// Also write the findings to this file: CSV if it ends in .csv, otherwise JSON lines; with - they are
    /// the output, and the report goes to standard error
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// Write metrics for Prometheus to this file, or to stockroom_verify.prom in this directory, even if the command fails
    #[arg(long, value_name = "FILE", value_parser = file_only)]
    pub textfile: Option<PathBuf>,
    /// Seconds to wait for the collector
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs())]
    pub patience: u64,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// Id of a finding of the last verification, or its first characters
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
    pub ids: Vec<String>,
    /// Accept all alarms of the last verification
    #[arg(long)]
    pub all: bool,
    /// Also accept the other alarms that have the same cause, as `audit verify` groups them
    #[arg(long, conflicts_with = "all")]
    pub same_cause: bool,
    /// What the investigation found, and why the finding is accepted
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    /// Show only entries of this login
    #[arg(long, value_name = "LOGIN")]
    pub login: Option<String>,
    /// Show only entries of this class: write, ddl, role, misc, forged, unreadable, collector
    #[arg(long, value_name = "CLASS")]
    pub class: Vec<String>,
    /// Show only entries about this object, such as stock.transactions
    #[arg(long, value_name = "NAME")]
    pub object: Option<String>,
    /// Show only entries of clients on this host
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Show only entries of this session, such as 6560e59c.3a9
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Show only entries that contain this text, exactly as written
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Include only entries logged at or after this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Moment>,
    /// Include only entries logged at or before this time; a date means the end of that day
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Moment>,
    /// Show only logins, failed logins and logouts
    #[arg(long)]
    pub logins: bool,
    /// Show only what was refused or failed
    #[arg(long)]
    pub errors: bool,
    /// Maximum number of entries
    #[arg(long, value_name = "N", default_value_t = EVENTS_DEFAULT)]
    pub limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExportFormat {
    /// CSV with a header
    Csv,
    /// One JSON document per line
    Jsonl,
}

#[derive(Debug, Args)]
pub(crate) struct ExportEventsArgs {
    /// File [default: standard output]
    pub file: Option<PathBuf>,
    /// Format [default: CSV if the file ends in .csv, otherwise JSON lines]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Include only entries logged at or after this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Moment>,
    /// Write texts unchanged, including control characters and, in CSV, what a spreadsheet would read as a formula
    #[arg(long)]
    pub raw: bool,
}
