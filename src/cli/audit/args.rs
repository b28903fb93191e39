//! The words of `stockroom audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::Context;
use super::super::args::PasswordArgs;
use super::super::input::{Moment, moment};
use crate::audit::evidence::Evidence;
use crate::audit::reconcile::PATIENCE;
use crate::domain::MovementId;
use crate::store::audit::EVENTS_DEFAULT;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Collect the server's log into the database, and seal it (as stock_collector)
    Collect(CollectArgs),
    /// Compute everything anew and reconcile ledger, levels, audit records and checkpoints
    Verify(VerifyArgs),
    /// Accept alarms of the last verification that have been looked into, and say why
    Accept(AcceptArgs),
    /// List what was accepted, by whom and why, and what was taken back
    Accepted,
    /// Take back that alarms were accepted: they are alarms again
    Unaccept {
        /// What was accepted: the id of the finding, or the beginning of it
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// How collecting, sealing and verifying stand
    Status {
        #[command(flatten)]
        seal: SealArgs,
    },
    /// List what was recorded, newest first
    Events(EventsArgs),
    /// Show one line of the log in full, beside the rows of the ledger that it speaks of
    Record {
        /// The number of the line, as `audit events` and the findings give it
        line: u64,
    },
    /// Who changed what, per person and day
    Summary {
        /// Only what was logged at or after this time
        #[arg(long, value_name = "TIME", value_parser = moment)]
        since: Option<Moment>,
    },
    /// Write the collected log as CSV or JSON lines, for a log store
    Export(ExportEventsArgs),
    /// Sign the state of the collected log and of the ledger, into a file outside the database
    Checkpoint {
        #[command(flatten)]
        seal: SealArgs,
    },
    /// Write the proof that a movement is in the ledger as it was sealed
    Prove(ProveArgs),
    /// Check such a proof; needs no database
    CheckProof {
        /// The file with the proof
        file: PathBuf,
        #[command(flatten)]
        public: PublicKeyArgs,
    },
    /// Drop the oldest months of the collected log; checkpoints stay valid (as stock_collector)
    Prune {
        /// How many months to keep, besides the present one
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1200))]
        keep_months: u16,
        #[command(flatten)]
        seal: SealArgs,
    },
    /// Give the login stock_collector a password (give the URL of a superuser)
    Password {
        #[command(flatten)]
        password: PasswordArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    /// Go on until interrupted, and sign a checkpoint every few seconds
    #[arg(long)]
    pub follow: bool,
    /// Read the log in this directory of this machine instead of over SQL
    #[arg(long, value_name = "DIR")]
    pub log_dir: Option<PathBuf>,
    /// Sign no checkpoints
    #[arg(long)]
    pub no_seal: bool,
    #[command(flatten)]
    pub seal: SealArgs,
}

/// Where the seal is.
#[derive(Debug, Args)]
pub(crate) struct SealArgs {
    /// The private key of the seal; made when it is missing [else: audit/seal.key in the state directory]
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where checkpoints are kept [else: audit/checkpoints in the state directory]
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
}

impl SealArgs {
    pub fn evidence(&self, context: &Context) -> Evidence {
        Evidence::at(&context.settings.state_dir())
            .with_key(self.key.clone())
            .with_checkpoints(self.checkpoints.clone())
    }
}

/// What checks signatures.
#[derive(Debug, Args)]
pub(crate) struct PublicKeyArgs {
    /// The public key of the seal [else: audit/seal.key.pub in the state directory]
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
}

impl PublicKeyArgs {
    pub fn evidence(&self, context: &Context) -> Evidence {
        Evidence::at(&context.settings.state_dir()).with_public_key(self.public_key.clone())
    }
}

#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// The movement
    pub id: MovementId,
    /// A file of checkpoints; the last one of the ledger is used [else: the newest in --checkpoints]
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Where checkpoints are kept [else: audit/checkpoints in the state directory]
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
    #[command(flatten)]
    pub public: PublicKeyArgs,
    /// Where to write the proof [left out: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl ProveArgs {
    pub fn evidence(&self, context: &Context) -> Evidence {
        self.public.evidence(context).with_checkpoints(self.checkpoints.clone())
    }
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Read everything again, also what an earlier verification has found to be right
    #[arg(long)]
    pub full: bool,
    /// A file of checkpoints to hold the data against; may be given several times
    /// [else: all files of --checkpoints, where the public key is at hand]
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// Where checkpoints are kept [else: audit/checkpoints in the state directory]
    #[arg(long, value_name = "DIR")]
    pub checkpoints: Option<PathBuf>,
    #[command(flatten)]
    pub public: PublicKeyArgs,
    /// Also write the findings into this file: .csv, or else JSON lines
    #[arg(long, value_name = "FILE")]
    pub findings: Option<PathBuf>,
    /// How long to wait for the collector, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs())]
    pub patience: u64,
}

impl VerifyArgs {
    pub fn evidence(&self, context: &Context) -> Evidence {
        self.public.evidence(context).with_checkpoints(self.checkpoints.clone())
    }
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// The id of a finding, as the last verification told it, or the beginning of it
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "ID")]
    pub ids: Vec<String>,
    /// Accept all alarms of the last verification
    #[arg(long)]
    pub all: bool,
    /// What was found out, and why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    /// Only this login
    #[arg(long, value_name = "LOGIN")]
    pub login: Option<String>,
    /// Only records of this class: write, ddl, role, misc, forged, unreadable, collector
    #[arg(long, value_name = "CLASS")]
    pub class: Vec<String>,
    /// Only this object, such as stock.transactions
    #[arg(long, value_name = "NAME")]
    pub object: Option<String>,
    /// Only clients on this host
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Only this server process, such as 6560e59c.3a9
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Only lines that hold this text, letter by letter
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Only what was logged at or after this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Moment>,
    /// Only what was logged at or before this time; a day means its end
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Moment>,
    /// Only logins, failed logins and ends of sessions
    #[arg(long)]
    pub logins: bool,
    /// Only what was refused or failed
    #[arg(long)]
    pub errors: bool,
    /// The most events
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
    /// The file [left out: standard output]
    pub file: Option<PathBuf>,
    /// How to write it [left out: by the ending of the file, else JSON lines]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    /// Only what was logged at or after this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Moment>,
}
