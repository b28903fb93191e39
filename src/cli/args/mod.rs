//! The arguments of the command line. Scripts rely on them: keep them stable.

pub(crate) mod audit;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::input::{Moment, change, day, moment, month};
use crate::domain::{
    Barcode, Change, Group, LocationCode, LocationKind, LotCode, MovementId, Name, Note, PartnerCode,
    PartnerKind, PostingId, Quantity, Reference, Sku, Tracking, UnitPrice,
};
use crate::store::prepare;

/// Stock management on PostgreSQL with an audited, append-only ledger.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    after_help = "Exit codes: 0 success, 1 unexpected error, 2 usage error, 3 refused by a rule, 4 database unavailable, 5 outcome unknown, 6 a check found a problem.\n\nNew here? Start with: stockroom demo"
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
    #[arg(long, global = true, value_name = "FILE")]
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
    Catalogue(CatalogueCommand),
    /// Manage people and their logins
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// List the sessions on the database, and end one that stops others
    Session {
        #[command(subcommand)]
        action: SessionAction,
    },
    /// Collect and seal the audit log, and verify the ledger against it
    Audit {
        #[command(subcommand)]
        action: audit::AuditAction,
    },
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
}

/// Master data.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogueCommand {
    /// Manage products and their barcodes
    Product {
        #[command(subcommand)]
        action: ProductAction,
    },
    /// Manage locations
    Location {
        #[command(subcommand)]
        action: LocationAction,
    },
    /// Manage lots and serial numbers
    Lot {
        #[command(subcommand)]
        action: LotAction,
    },
    /// Manage suppliers and customers
    Partner {
        #[command(subcommand)]
        action: PartnerAction,
    },
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
pub(crate) enum ProductAction {
    /// Add a product
    Add(Box<ProductAdd>),
    /// List products
    List {
        /// Part of the SKU or name, or a barcode
        search: Option<String>,
        /// List only products at or below their reorder point
        #[arg(long)]
        low: bool,
        /// Include archived products
        #[arg(long)]
        archived: bool,
        /// Maximum number of rows
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Show a product and its stock by location
    Show {
        /// SKU or barcode
        code: String,
    },
    /// Change a product; the old values are kept in the product history
    Change {
        /// SKU of the product
        sku: Sku,
        #[command(flatten)]
        changes: ProductChangeArgs,
    },
    /// Archive a product: stock on hand can still be issued, but no more is received
    Archive {
        /// SKU of the product
        sku: Sku,
    },
    /// Restore an archived product
    Restore {
        /// SKU of the product
        sku: Sku,
    },
    /// Add a barcode to a product, or remove one
    Barcode {
        /// SKU of the product
        sku: Sku,
        /// Barcode as scanned
        barcode: Barcode,
        /// Number of units that one scan counts
        #[arg(long, value_name = "N", default_value = "1")]
        pack: Quantity,
        /// Remove the barcode from the product
        #[arg(long, conflicts_with = "pack")]
        remove: bool,
    },
}

/// At least one of these is needed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct ProductChangeArgs {
    /// Name of the product
    #[arg(long)]
    pub name: Option<Name>,
    /// Unit of measure
    #[arg(long)]
    pub unit: Option<Name>,
    /// Category; `none` removes it
    #[arg(long, value_parser = change(str::parse::<Name>))]
    pub category: Option<Change<Name>>,
    /// Quantity on hand at or below which stock is low; `none` removes it
    #[arg(long, value_name = "QTY", value_parser = change(Quantity::parse_counted))]
    pub reorder_point: Option<Change<Decimal>>,
    /// Purchase cost of one unit; `none` removes it
    #[arg(long, value_name = "PRICE", value_parser = change(str::parse::<UnitPrice>))]
    pub unit_cost: Option<Change<UnitPrice>>,
    /// Sales price of one unit; `none` removes it
    #[arg(long, value_name = "PRICE", value_parser = change(str::parse::<UnitPrice>))]
    pub unit_price: Option<Change<UnitPrice>>,
}

#[derive(Debug, Args)]
pub(crate) struct ProductAdd {
    /// SKU; case is ignored
    pub sku: Sku,
    /// Name of the product
    pub name: Name,
    /// Unit of measure
    #[arg(long, default_value = "each")]
    pub unit: Name,
    /// Decimal places of quantities, 0 to 3
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub decimals: u8,
    /// Category
    #[arg(long)]
    pub category: Option<Name>,
    /// Quantity on hand at or below which stock is low
    #[arg(long, value_name = "QTY", value_parser = Quantity::parse_counted)]
    pub reorder_point: Option<Decimal>,
    /// Purchase cost of one unit
    #[arg(long, value_name = "PRICE")]
    pub unit_cost: Option<UnitPrice>,
    /// Sales price of one unit
    #[arg(long, value_name = "PRICE")]
    pub unit_price: Option<UnitPrice>,
    /// Tracking: none, lot or serial
    #[arg(long, default_value = "none", value_parser = |text: &str| text.parse::<Tracking>().map_err(|error| error.to_string()))]
    pub tracking: Tracking,
    /// Barcode of one unit; add barcodes of packs with `product barcode`
    #[arg(long)]
    pub barcode: Vec<Barcode>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LocationAction {
    /// Add a location
    Add {
        /// Code of the location; case is ignored
        code: LocationCode,
        /// Name of the location
        #[arg(long)]
        name: Option<Name>,
        /// Location that contains it
        #[arg(long, value_name = "LOC")]
        parent: Option<LocationCode>,
        /// Kind: site, zone, aisle, shelf, bin, dock or quarantine
        #[arg(long, default_value = "bin")]
        kind: LocationKind,
    },
    /// List locations
    List,
    /// Change the name, parent or kind of a location
    Change {
        /// Code of the location
        code: LocationCode,
        #[command(flatten)]
        changes: LocationChangeArgs,
    },
    /// Archive an empty location
    Archive {
        /// Code of the location
        code: LocationCode,
    },
    /// Restore an archived location
    Restore {
        /// Code of the location
        code: LocationCode,
    },
}

/// At least one of these is needed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct LocationChangeArgs {
    /// Name of the location; `none` removes it
    #[arg(long, value_parser = change(str::parse::<Name>))]
    pub name: Option<Change<Name>>,
    /// Location that contains it; `none` moves it to the top level
    #[arg(long, value_name = "LOC", value_parser = change(str::parse::<LocationCode>))]
    pub parent: Option<Change<LocationCode>>,
    /// Kind: site, zone, aisle, shelf, bin, dock or quarantine
    #[arg(long)]
    pub kind: Option<LocationKind>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LotAction {
    /// Change the expiry date of a lot
    Change {
        /// SKU of the product
        sku: Sku,
        /// Lot or serial number
        lot: LotCode,
        /// Expiry date (last day of use); `none` removes it
        #[arg(long, value_name = "DATE", value_parser = change(day))]
        expires: Change<Date>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerAction {
    /// Add a supplier or customer
    Add {
        /// Code of the supplier or customer
        code: PartnerCode,
        /// Kind: supplier or customer
        #[arg(long)]
        kind: PartnerKind,
        /// Name of the company
        #[arg(long)]
        name: Option<Name>,
    },
    /// List suppliers and customers
    List,
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
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List people
    List,
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
    /// Change your own password
    Password {
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

/// What every movement can say.
#[derive(Debug, Args)]
pub(crate) struct DetailArgs {
    /// Document: an order, invoice or delivery note
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<Reference>,
    /// Reason
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Note>,
    /// Code of the supplier or customer
    #[arg(long, value_name = "CODE")]
    pub partner: Option<PartnerCode>,
    /// Version 7 UUID of this posting; sending the same id again posts nothing twice
    #[arg(long, value_name = "UUID")]
    pub id: Option<PostingId>,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArgs {
    /// SKU or barcode
    pub code: String,
    /// Quantity, in packs if the barcode is that of a pack
    #[arg(allow_negative_numbers = true)]
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
    #[arg(allow_negative_numbers = true)]
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
    #[arg(allow_negative_numbers = true)]
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
    #[arg(value_parser = Quantity::parse_counted, allow_negative_numbers = true)]
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
    /// Version 7 UUID of the reversal; sending the same id again posts nothing twice
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
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// File, plain or gzip; - for standard input if the profile reads the file only once
    pub file: String,
    /// Profile that describes the file: stockroom, online-retail, open-food-facts, one of yours, or a .toml file
    #[arg(long, value_name = "NAME", default_value = "stockroom")]
    pub profile: String,
    /// Write rejected rows to this file, with line, field and reason
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Check the whole file without posting anything
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What to export
    pub what: ExportWhat,
    /// File [default: standard output]
    pub file: Option<PathBuf>,
    /// Write texts as they are, also those that a spreadsheet takes for a formula
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
    /// Show only this product (SKU or barcode)
    pub code: Option<String>,
    /// Show only this location and the locations it contains
    #[arg(long, value_name = "LOC")]
    pub location: Option<LocationCode>,
    /// Show stock as of this time: 2011-03-01, 2011-03-01T10:00 or 2011-03-01T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub as_of: Option<Moment>,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    /// Show only this product
    #[arg(long)]
    pub sku: Option<Sku>,
    /// Show only movements that occurred at or after this time
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
