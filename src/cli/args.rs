//! The words of the command line. Other programs rely on them: keep them stable.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::input::{Moment, change, day, moment};
use crate::domain::{
    Barcode, Change, LocationCode, LocationKind, LotCode, MovementId, Name, Note, PartnerCode, PartnerKind,
    PostingId, Quantity, Reference, Sku, Tracking, UnitPrice,
};
use crate::store::{Group, prepare};

/// A stock manager on PostgreSQL whose ledger can be audited.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 unexpected, 2 usage, 3 refused by a rule, 4 database unavailable, 5 outcome unknown, 6 a check found something wrong.\n\nNew here? Start with: stockroom demo"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Where the database is, such as postgres://ann@db.example:5432/stock_management?sslmode=verify-full
    /// [else: STOCKROOM_DATABASE_URL, else database_url in the config file]
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Print results as JSON: one document, or one per line for lists
    #[arg(long, global = true)]
    pub json: bool,
    /// The config file [else: STOCKROOM_CONFIG, else stockroom/config.toml in your configuration directory]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try it out on a private server with sample data
    Demo(DemoArgs),
    /// Prepare, migrate and check a server
    Db {
        #[command(subcommand)]
        action: DbAction,
    },
    #[command(flatten)]
    Catalogue(CatalogueCommand),
    /// People and their logins: add, list, disable, enable, password
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Collect the server's audit log, seal it, and verify the ledger against it
    Audit {
        #[command(subcommand)]
        action: super::audit::AuditAction,
    },
    /// Measure speed against a baseline, on a private server made for it
    Bench(BenchArgs),
    /// Goods come in
    Receive(ReceiveArgs),
    /// Goods go out
    Issue(IssueArgs),
    /// Goods go from one place to another
    Transfer(TransferArgs),
    /// Record what stands on the shelf; the books follow
    Count(CountArgs),
    /// Undo a posting, or one movement of it
    Reverse(ReverseArgs),
    /// Post many movements from JSON lines, each line all or nothing
    Post(PostArgs),
    /// Read a file of products or movements
    Import {
        #[command(subcommand)]
        action: ImportAction,
    },
    /// Write products, stock or movements as CSV, as `import` reads it
    Export(ExportArgs),
    /// What is on hand, now or at a past time
    Stock(StockArgs),
    /// The movements, newest first
    Ledger(LedgerArgs),
}

/// Master data.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogueCommand {
    /// Products: add, list, show, change, archive, restore, barcode
    Product {
        #[command(subcommand)]
        action: ProductAction,
    },
    /// Locations: add, list, change, archive, restore
    Location {
        #[command(subcommand)]
        action: LocationAction,
    },
    /// Lots and serial numbers: change
    Lot {
        #[command(subcommand)]
        action: LotAction,
    },
    /// Suppliers and customers: add, list
    Partner {
        #[command(subcommand)]
        action: PartnerAction,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub kind: BenchKind,
    /// How many sessions post at the same time
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub sessions: Option<u16>,
    /// How many rounds each side gets
    #[arg(long, global = true, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub rounds: u16,
    /// How long a round lasts, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub round_seconds: u16,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum BenchKind {
    #[command(flatten)]
    Load(crate::bench::Kind),
    /// Search as one types, and pages of the stock table, in a large catalogue
    Search {
        /// How many products the catalogue holds
        #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
        products: u32,
    },
    /// The screens: how soon a key is drawn, and what the idle program takes, on a large catalogue
    Ui {
        /// How many products the catalogue holds
        #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
        products: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(subcommand)]
    pub action: Option<DemoAction>,
    /// Where the demo keeps its server [else: stockroom/demo in your data directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Leave out the sample data
    #[arg(long, global = true)]
    pub empty: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum DemoAction {
    /// Start the server and leave it running
    Start,
    /// Stop it; the data stay
    Stop,
    /// Stop it and delete its data
    Reset,
    /// Say whether it runs and how to connect
    Status,
    /// Collect the log of the server that runs, as long as it does; a start does this by itself
    #[command(hide = true)]
    Collect,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbAction {
    /// Prepare a server: roles, database, audit extension, schema (give the URL of a superuser)
    Init {
        /// The database to make
        #[arg(long, value_name = "NAME", default_value = prepare::DATABASE_DEFAULT)]
        database: String,
    },
    /// Bring the schema up to date, and make the partitions of the coming year
    Migrate,
    /// Report what is missing or unsafe
    Check,
    /// Print the data dictionary as Markdown, from the catalog of the database
    Describe {
        /// Print the diagram of the tables and their relations (Mermaid) instead
        #[arg(long)]
        diagram: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProductAction {
    /// Add a product
    Add(Box<ProductAdd>),
    /// List products
    List {
        /// Part of the sku or name, or a barcode
        search: Option<String>,
        /// Only those at or below their reorder point
        #[arg(long)]
        low: bool,
        /// Archived ones too
        #[arg(long)]
        archived: bool,
        /// The most rows
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
    },
    /// Show one product and where it stands
    Show {
        /// Its sku or a barcode
        code: String,
    },
    /// Change what is kept of a product; its old values stay in the product history
    Change {
        /// The product
        sku: Sku,
        #[command(flatten)]
        changes: ProductChangeArgs,
    },
    /// Archive a product: what is on hand can be issued, but nothing more of it received
    Archive {
        /// The product
        sku: Sku,
    },
    /// Bring an archived product back
    Restore {
        /// The product
        sku: Sku,
    },
    /// Add a barcode to a product, or take one off it
    Barcode {
        /// The product
        sku: Sku,
        /// The characters as scanned
        barcode: Barcode,
        /// How many units one scan counts
        #[arg(long, value_name = "N", default_value = "1")]
        pack: Quantity,
        /// Take the barcode off the product
        #[arg(long, conflicts_with = "pack")]
        remove: bool,
    },
}

/// At least one of these is needed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct ProductChangeArgs {
    /// What it is called
    #[arg(long)]
    pub name: Option<Name>,
    /// The unit that it is counted in
    #[arg(long)]
    pub unit: Option<Name>,
    /// A heading to group it by; `none` takes it away
    #[arg(long, value_parser = change(str::parse::<Name>))]
    pub category: Option<Change<Name>>,
    /// The quantity on hand at or below which it counts as low; `none` takes it away
    #[arg(long, value_name = "QTY", value_parser = change(Quantity::parse_counted))]
    pub reorder_point: Option<Change<Decimal>>,
    /// What one unit costs to buy; `none` takes it away
    #[arg(long, value_name = "PRICE", value_parser = change(str::parse::<UnitPrice>))]
    pub unit_cost: Option<Change<UnitPrice>>,
    /// What one unit sells for; `none` takes it away
    #[arg(long, value_name = "PRICE", value_parser = change(str::parse::<UnitPrice>))]
    pub unit_price: Option<Change<UnitPrice>>,
}

#[derive(Debug, Args)]
pub(crate) struct ProductAdd {
    /// Its code; upper and lower case are the same
    pub sku: Sku,
    /// What it is called
    pub name: Name,
    /// The unit that it is counted in
    #[arg(long, default_value = "each")]
    pub unit: Name,
    /// Decimal places of its quantities, 0 to 3
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub decimals: u8,
    /// A heading to group it by
    #[arg(long)]
    pub category: Option<Name>,
    /// The quantity on hand at or below which it counts as low
    #[arg(long, value_name = "QTY", value_parser = Quantity::parse_counted)]
    pub reorder_point: Option<Decimal>,
    /// What one unit costs to buy
    #[arg(long, value_name = "PRICE")]
    pub unit_cost: Option<UnitPrice>,
    /// What one unit sells for
    #[arg(long, value_name = "PRICE")]
    pub unit_price: Option<UnitPrice>,
    /// How its units are told apart: none, lot or serial
    #[arg(long, default_value = "none", value_parser = |text: &str| text.parse::<Tracking>().map_err(|error| error.to_string()))]
    pub tracking: Tracking,
    /// A barcode of one unit; more with `product barcode`
    #[arg(long)]
    pub barcode: Vec<Barcode>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LocationAction {
    /// Add a location
    Add {
        /// Its code; upper and lower case are the same
        code: LocationCode,
        /// What people call it
        #[arg(long)]
        name: Option<Name>,
        /// The location that it is part of
        #[arg(long, value_name = "LOC")]
        parent: Option<LocationCode>,
        /// site, zone, aisle, shelf, bin, dock or quarantine
        #[arg(long, default_value = "bin")]
        kind: LocationKind,
    },
    /// List the locations
    List,
    /// Change the name, the parent or the kind of a location
    Change {
        /// The location
        code: LocationCode,
        #[command(flatten)]
        changes: LocationChangeArgs,
    },
    /// Put an empty location out of use
    Archive {
        /// The location
        code: LocationCode,
    },
    /// Bring a location back into use
    Restore {
        /// The location
        code: LocationCode,
    },
}

/// At least one of these is needed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct LocationChangeArgs {
    /// What people call it; `none` takes the name away
    #[arg(long, value_parser = change(str::parse::<Name>))]
    pub name: Option<Change<Name>>,
    /// The location that it is part of; `none` puts it at the top
    #[arg(long, value_name = "LOC", value_parser = change(str::parse::<LocationCode>))]
    pub parent: Option<Change<LocationCode>>,
    /// site, zone, aisle, shelf, bin, dock or quarantine
    #[arg(long)]
    pub kind: Option<LocationKind>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LotAction {
    /// Change the last day of use of a lot
    Change {
        /// The product
        sku: Sku,
        /// The lot or serial number
        lot: LotCode,
        /// The last day of use; `none` takes it away
        #[arg(long, value_name = "DATE", value_parser = change(day))]
        expires: Change<Date>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerAction {
    /// Add a supplier or customer
    Add {
        /// The number in the books
        code: PartnerCode,
        /// supplier or customer
        #[arg(long)]
        kind: PartnerKind,
        /// The name of the firm
        #[arg(long)]
        name: Option<Name>,
    },
    /// List suppliers and customers
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Make the login of a person
    Add {
        /// The login: a-z, 0-9, _ . and -
        login: String,
        /// clerk, admin, auditor or analyst
        #[arg(long)]
        role: Group,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List the people
    List,
    /// Stop a person from logging in, and end their sessions
    Disable {
        /// The login
        login: String,
    },
    /// Let a person log in again
    Enable {
        /// The login
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
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    pub password_stdin: bool,
    /// Make a password and print it, once
    #[arg(long)]
    pub generate: bool,
}

/// What every movement can say.
#[derive(Debug, Args)]
pub(crate) struct DetailArgs {
    /// The document behind it: an order, invoice or delivery note
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<Reference>,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Note>,
    /// The supplier or customer
    #[arg(long, value_name = "CODE")]
    pub partner: Option<PartnerCode>,
    /// A version 7 UUID made for this act; sending it again posts nothing twice
    #[arg(long, value_name = "UUID")]
    pub id: Option<PostingId>,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiveArgs {
    /// The sku, or a barcode
    pub code: String,
    /// How many; packs, when the code is that of a pack
    #[arg(allow_negative_numbers = true)]
    pub quantity: Quantity,
    /// Where to put them
    #[arg(long, value_name = "LOC")]
    pub to: LocationCode,
    /// The lot or serial number
    #[arg(long)]
    pub lot: Option<LotCode>,
    /// The last day of use of the lot
    #[arg(long, value_name = "DATE", value_parser = day, requires = "lot")]
    pub expires: Option<Date>,
    /// The price of one unit
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub unit_price: Option<UnitPrice>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    /// The sku, or a barcode
    pub code: String,
    /// How many; packs, when the code is that of a pack
    #[arg(allow_negative_numbers = true)]
    pub quantity: Quantity,
    /// Where to take them
    #[arg(long, value_name = "LOC")]
    pub from: LocationCode,
    /// The lot or serial number [left out: the lots that expire first]
    #[arg(long)]
    pub lot: Option<LotCode>,
    /// The price of one unit
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub unit_price: Option<UnitPrice>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// The sku, or a barcode
    pub code: String,
    /// How many; packs, when the code is that of a pack
    #[arg(allow_negative_numbers = true)]
    pub quantity: Quantity,
    /// Where to take them
    #[arg(long, value_name = "LOC")]
    pub from: LocationCode,
    /// Where to put them
    #[arg(long, value_name = "LOC")]
    pub to: LocationCode,
    /// The lot or serial number
    #[arg(long)]
    pub lot: Option<LotCode>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CountArgs {
    /// The sku, or a barcode
    pub code: String,
    /// How many were found; may be 0
    #[arg(value_parser = Quantity::parse_counted, allow_negative_numbers = true)]
    pub quantity: Decimal,
    /// Where
    #[arg(long, value_name = "LOC")]
    pub at: LocationCode,
    /// The lot or serial number
    #[arg(long)]
    pub lot: Option<LotCode>,
    #[command(flatten)]
    pub details: DetailArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReverseArgs {
    /// A posting, or a movement
    pub id: MovementId,
    /// Why it is undone
    #[arg(long, value_name = "TEXT")]
    pub reason: Note,
    /// Only the movement of this id, not all that was posted with it
    #[arg(long)]
    pub movement_only: bool,
    /// A version 7 UUID for the reversal; sending it again posts nothing twice
    #[arg(long = "id", value_name = "UUID", id = "reversal_id")]
    pub reversal_id: Option<PostingId>,
}

#[derive(Debug, Args)]
#[command(
    after_help = r#"Each line: {"id": UUID, "kind": "receipt"|"issue"|"transfer"|"adjustment", "reference": TEXT, "reason": TEXT, "partner": CODE, "lines": [{"sku", "quantity", "from", "to", "lot", "expires", "unit_price"}]}
A file is read whole before anything is posted; standard input is posted line by line."#
)]
pub(crate) struct PostArgs {
    /// The file, or - for standard input
    pub file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportAction {
    /// Products with their barcodes
    Products(ImportArgs),
    /// Movements; rows of one reference are posted together
    Movements {
        #[command(flatten)]
        common: ImportArgs,
        /// Where goods stand in a file that does not say
        #[arg(long, value_name = "LOC")]
        location: Option<LocationCode>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file, plain or gzip; - for standard input where one reading is enough
    pub file: String,
    /// How the file is laid out: stockroom, online-retail, open-food-facts, one of yours, or a .toml file
    #[arg(long, value_name = "NAME", default_value = "stockroom")]
    pub profile: String,
    /// Where to write the rows that are refused, with line, field and reason
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Read and judge everything, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// What to write
    pub what: ExportWhat,
    /// The file [left out: standard output]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum ExportWhat {
    /// Products with their barcodes
    Products,
    /// What is on hand
    Stock,
    /// The whole ledger, oldest first
    Movements,
}

#[derive(Debug, Args)]
pub(crate) struct StockArgs {
    /// Only this product: its sku or a barcode
    pub code: Option<String>,
    /// Only this location and those within it
    #[arg(long, value_name = "LOC")]
    pub location: Option<LocationCode>,
    /// What was on hand at this time: 2011-03-01, 2011-03-01T10:00 or 2011-03-01T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub as_of: Option<Moment>,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    /// Only this product
    #[arg(long)]
    pub sku: Option<Sku>,
    /// Only what occurred at or after this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Moment>,
    /// Only this document
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// Only what this login posted
    #[arg(long, value_name = "LOGIN")]
    pub by: Option<String>,
    /// The most rows
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}
