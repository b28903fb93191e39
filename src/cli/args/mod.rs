//! The arguments of the command line. Scripts rely on them: keep them stable.

pub(crate) mod audit;
pub(crate) mod catalogue;
pub(crate) mod config;
pub(crate) mod order;
pub(crate) mod partner;
pub(crate) mod report;
pub(crate) mod serve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::input::{Moment, counted, day, moment, month, quantity};
use super::streams::file_only;
use crate::domain::{
    Group, LocationCode, LotCode, MovementId, Note, PartnerCode, PostingId, Quantity, Reference, Sku,
    UnitPrice,
};
use crate::store::prepare;

/// Stock management on PostgreSQL with an audited, append-only ledger.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    after_help = "Exit codes: 0 success, 1 unexpected error, 2 usage error, 3 refused by a rule, 4 database unavailable, 5 outcome unknown, 6 a check found a problem, 7 some rows of an import were rejected.\n\nTo try Stockroom without a server of your own: stockroom demo"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// URL of the database, such as postgres://ann@db.example:5432/stock_management?sslmode=verify-full
    /// [default: STOCKROOM_DATABASE_URL, then database_url in the configuration file]
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Print results as JSON: one document, or one per line for lists
    #[arg(long, global = true)]
    pub json: bool,
    /// Configuration file [default: STOCKROOM_CONFIG, then stockroom/config.toml in your configuration directory]
    #[arg(long, global = true, value_name = "FILE", value_parser = file_only)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try Stockroom on a private server with sample data
    Demo(DemoArgs),
    /// Prepare, migrate and check a database server
    Db {
        #[command(subcommand)]
        action: DbAction,
    },
    #[command(flatten)]
    Catalogue(catalogue::CatalogueCommand),
    /// Manage people and their logins
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Manage the encryption of personal data; export and erase it
    #[command(
        after_help = "The keyring is read from the file that STOCKROOM_ENCRYPTION_KEY_FILE names, else from the credential stockroom-encryption-key of systemd ($CREDENTIALS_DIRECTORY), else from STOCKROOM_ENCRYPTION_KEY itself. docs/privacy.md describes what is encrypted and when an erasure is final."
    )]
    Privacy {
        #[command(subcommand)]
        action: partner::PrivacyAction,
    },
    /// List the sessions on the database, and end one that blocks others
    Session {
        #[command(subcommand)]
        action: SessionAction,
    },
    /// Keep the password of your login on this machine: in the keyring of the desktop, else in ~/.pgpass
    Login(LoginArgs),
    /// Remove the password of your login from this machine
    Logout,
    /// Collect and seal the audit log, and verify the ledger against it
    Audit {
        #[command(subcommand)]
        action: audit::AuditAction,
    },
    /// Run the service: collect, seal, verify, import and measure until stopped
    Serve(serve::ServeArgs),
    /// Receive goods
    Receive(ReceiveArgs),
    /// Issue goods
    Issue(IssueArgs),
    /// Move goods from one location to another
    Transfer(TransferArgs),
    /// Record a counted quantity and post the difference
    Count(CountArgs),
    /// Reverse a posting, or one of its movements
    Reverse(ReverseArgs),
    /// Post movements from JSON lines; each line is one posting
    Post(PostArgs),
    /// Manage orders: reserve stock for them, receive, pick and ship
    Order {
        #[command(subcommand)]
        action: order::OrderAction,
    },
    /// Import products or movements from a CSV file
    Import {
        #[command(subcommand)]
        action: ImportAction,
    },
    /// Export products, stock or movements as CSV
    Export(ExportArgs),
    /// Show stock on hand, now or at a past time
    Stock(StockArgs),
    /// List movements, newest first
    Ledger(LedgerArgs),
    /// Report turnover, value, movers, ABC classes, dead stock or shrinkage
    Report(report::ReportArgs),
    /// Check and show the configuration
    Config {
        #[command(subcommand)]
        action: config::ConfigAction,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: CompletionShell,
    },
    /// Print the manual page, or write the pages of all commands to a directory
    #[command(hide = true)]
    Man {
        /// Directory for the pages of all commands
        directory: Option<PathBuf>,
    },
}

/// The shells for which the packages install completions.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum CompletionShell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Read the password from standard input instead of prompting
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(subcommand)]
    pub action: Option<DemoAction>,
    /// Directory of the demo server [default: stockroom/demo in your data directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Start without sample data
    #[arg(long, global = true)]
    pub empty: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum DemoAction {
    /// Start the server and leave it running
    Start,
    /// Stop the server and keep its data
    Stop,
    /// Stop the server and delete its data
    Reset,
    /// Show whether the server is running and how to connect
    Status,
    /// Collect the log of the running server until it stops (started by `demo start`)
    #[command(hide = true)]
    Collect,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Prepare a server: roles, database, pgaudit extension and schema (requires the URL of a superuser)
    Init {
        /// Name of the database to create
        #[arg(long, value_name = "NAME", default_value = prepare::DATABASE_DEFAULT)]
        database: String,
    },
    /// Update the schema, and create the partitions of the coming year
    Migrate,
    /// Create the monthly partitions of the ledger for movements of the past or the coming two years
    Partitions {
        /// First month (YYYY-MM)
        #[arg(value_name = "MONTH", value_parser = month)]
        first: Date,
        /// Last month [default: the first]
        #[arg(value_name = "MONTH", value_parser = month)]
        last: Option<Date>,
    },
    /// Report missing or unsafe settings
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionAction {
    /// List the sessions: who, from where, since when, and who waits for whom
    List,
    /// End a session; its open transaction is rolled back
    End {
        /// Number of the session, from `session list`
        #[arg(value_name = "SESSION")]
        pid: i32,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Create a login for a person
    Add {
        /// Login: a-z, 0-9, _ . and -
        login: String,
        /// Role: clerk, admin, auditor or analyst
        #[arg(long)]
        role: Group,
        /// Real name, stored encrypted; choose a login that does not reveal it, such as u17
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Store the real name of the person behind a login, encrypted
    Name {
        /// Login
        login: String,
        /// Real name
        name: String,
    },
    /// List people
    List,
    /// Give a person another role and end their sessions
    Role {
        /// Login
        login: String,
        /// Role: clerk, admin, auditor or analyst
        role: Group,
    },
    /// Disable a login and end its sessions
    Disable {
        /// Login
        login: String,
    },
    /// Enable a disabled login
    Enable {
        /// Login
        login: String,
    },
    /// Change your own password, or give a person a new one and end their sessions
    Password {
        /// Login of the person; without it, your own
        login: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct PasswordArgs {
    /// Read the password from standard input instead of prompting
    #[arg(long)]
    pub password_stdin: bool,
    /// Generate a password and print it once
    #[arg(long)]
    pub generate: bool,
}

/// The options that all commands that post have in common.
#[derive(Debug, Args)]
pub(crate) struct DetailArgs {
    /// Document: an order, invoice or delivery note; kept for ever, so it must not name a person
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<Reference>,
    /// Reason; kept for ever, so it must not name a person
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Note>,
    /// Code of the supplier or customer
    #[arg(long, value_name = "CODE")]
    pub partner: Option<PartnerCode>,
    /// Version 7 UUID of this posting; if the same id is sent again, nothing is posted twice
    #[arg(long, value_name = "UUID")]
    pub id: Option<PostingId>,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArgs {
    /// SKU or barcode
    pub code: String,
    /// Quantity, in packs if the barcode is that of a pack
    #[arg(value_parser = quantity, allow_negative_numbers = true)]
    pub quantity: Quantity,
    /// Location to put the goods into
    #[arg(long, value_name = "LOC")]
    pub to: LocationCode,
    /// Lot or serial number
    #[arg(long)]
    pub lot: Option<LotCode>,
    /// Expiry date (last day of use) of the lot
    #[arg(long, value_name = "DATE", value_parser = day, requires = "lot")]
    pub expires: Option<Date>,
    /// Price of one unit
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub unit_price: Option<UnitPrice>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    /// SKU or barcode
    pub code: String,
    /// Quantity, in packs if the barcode is that of a pack
    #[arg(value_parser = quantity, allow_negative_numbers = true)]
    pub quantity: Quantity,
    /// Location to take the goods from
    #[arg(long, value_name = "LOC")]
    pub from: LocationCode,
    /// Lot or serial number [default: the lots that expire first]
    #[arg(long)]
    pub lot: Option<LotCode>,
    /// Price of one unit
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub unit_price: Option<UnitPrice>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// SKU or barcode
    pub code: String,
    /// Quantity, in packs if the barcode is that of a pack
    #[arg(value_parser = quantity, allow_negative_numbers = true)]
    pub quantity: Quantity,
    /// Location to take the goods from
    #[arg(long, value_name = "LOC")]
    pub from: LocationCode,
    /// Location to put the goods into
    #[arg(long, value_name = "LOC")]
    pub to: LocationCode,
    /// Lot or serial number [default: the lots that expire first]
    #[arg(long)]
    pub lot: Option<LotCode>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// SKU or barcode
    pub code: String,
    /// Counted quantity; may be 0
    #[arg(value_parser = counted, allow_negative_numbers = true)]
    pub quantity: Decimal,
    /// Location that was counted
    #[arg(long, value_name = "LOC")]
    pub at: LocationCode,
    /// Lot or serial number
    #[arg(long)]
    pub lot: Option<LotCode>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReverseArgs {
    /// Id of a posting or movement
    pub id: MovementId,
    /// Why it is reversed
    #[arg(long, value_name = "TEXT")]
    pub reason: Note,
    /// Reverse only the movement with this id, not the whole posting
    #[arg(long)]
    pub movement_only: bool,
    /// Version 7 UUID of the reversal; if the same id is sent again, nothing is posted twice
    #[arg(long = "id", value_name = "UUID", id = "reversal_id")]
    pub reversal_id: Option<PostingId>,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"Each line: {"id": UUID, "kind": "receipt"|"issue"|"transfer"|"adjustment", "reference": TEXT, "reason": TEXT, "partner": CODE, "lines": [{"sku", "quantity", "from", "to", "lot", "expires", "unit_price"}]}
A file is read completely before anything is posted; standard input is posted line by line."#
)]
pub(crate) struct PostArgs {
    /// File, or - for standard input
    pub file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportAction {
    /// Import products with their barcodes
    Products(ImportArgs),
    /// Import movements; rows with the same reference are posted together
    Movements {
        #[command(flatten)]
        common: ImportArgs,
        /// Location to use when the file has none
        #[arg(long, value_name = "LOC")]
        location: Option<LocationCode>,
    },
    /// List the files that were imported, by the service or by command, newest first
    Runs {
        /// List only the imports of this feed; `command` lists those run by command
        #[arg(long, value_name = "NAME")]
        feed: Option<String>,
        /// Maximum number of rows
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// File, plain or gzip; - for standard input
    pub file: String,
    /// Profile that describes the file: stockroom, online-retail, open-food-facts, one of yours, or a .toml file
    #[arg(long, value_name = "NAME", default_value = "stockroom")]
    pub profile: String,
    /// Write rejected rows to this file, with line, field and reason; with - they are the output, and the report goes to
    /// standard error
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Write metrics for Prometheus to this file, or to stockroom_import.prom in this directory, even if the command fails
    #[arg(long, value_name = "FILE", value_parser = file_only)]
    pub textfile: Option<PathBuf>,
    /// Check the whole file without posting anything
    #[arg(long)]
    pub dry_run: bool,
    /// Post nothing if any row is rejected: the whole file in one transaction, or none of it
    #[arg(long)]
    pub all_or_nothing: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What to export
    pub what: ExportWhat,
    /// File [default: standard output]
    pub file: Option<PathBuf>,
    /// Write texts unchanged, including those that a spreadsheet would read as a formula
    #[arg(long)]
    pub raw: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum ExportWhat {
    /// Products with their barcodes
    Products,
    /// Stock on hand
    Stock,
    /// The whole ledger, oldest first
    Movements,
}

#[derive(Debug, Args)]
pub(crate) struct StockArgs {
    /// Show only this product (SKU or barcode), or what a search for this text finds: part of a name, a location, a lot
    #[arg(value_name = "CODE|TEXT")]
    pub code: Option<String>,
    /// Show only this location and the locations it contains
    #[arg(long, value_name = "LOC")]
    pub location: Option<LocationCode>,
    /// Show stock as of this time: 2011-03-01, 2011-03-01T10:00, 2011-03-01T10:00:00Z, or 7d for seven days ago
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub as_of: Option<Moment>,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    /// Show only this product
    #[arg(long)]
    pub sku: Option<Sku>,
    /// Show only movements that occurred at or after this time, such as 2011-03-01T10:00, today or 7d
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Moment>,
    /// Show only this reference
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// Show only movements posted by this login
    #[arg(long, value_name = "LOGIN")]
    pub by: Option<String>,
    /// Maximum number of rows
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}
