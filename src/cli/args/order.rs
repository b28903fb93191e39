//! The arguments of `stockroom order`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cli::input::{change, day, quantity};
use crate::domain::{
    Change, LocationCode, LotCode, Note, OrderKind, OrderNumber, OrderState, PartnerCode, PostingId,
    Quantity, Reference, ReserveRule, Sku, UnitPrice,
};

#[derive(Debug, Subcommand)]
pub(crate) enum OrderAction {
    /// Add orders from JSON lines; each line is one order and becomes a draft
    #[command(
        after_help = r#"Each line: {"id": UUID, "kind": "purchase"|"sales"|"transfer", "partner": CODE, "partner_reference": TEXT, "due_on": DATE, "ship_to": CODE, "to": LOC, "note": TEXT, "lines": [{"sku", "quantity", "unit_price", "over_percent"}]}
Only kind and lines are required, and a partner (purchase, sales) or to (transfer)."#
    )]
    Add {
        /// File, or - for standard input
        file: PathBuf,
    },
    /// Change a draft of your own to match the order in a file
    #[command(
        after_help = "The file contains one order in the format of \"order add\". The draft becomes that order: lines that are missing in the file are removed. Lines are matched by product; the id and the kind stay the same."
    )]
    Edit {
        /// Number of the order
        number: OrderNumber,
        /// File, or - for standard input
        file: PathBuf,
    },
    /// List orders, the most urgent first
    List {
        /// State: draft, confirmed, partly_reserved, reserved, picking, partly_done, done or cancelled
        #[arg(long)]
        state: Option<OrderState>,
        /// Kind: purchase, sales or transfer
        #[arg(long)]
        kind: Option<OrderKind>,
        /// Code of the supplier or customer
        #[arg(long, value_name = "CODE")]
        partner: Option<PartnerCode>,
        /// Show only open orders whose due date has passed
        #[arg(long)]
        late: bool,
        /// Maximum number of rows
        #[arg(long, value_name = "N", default_value_t = 200)]
        limit: u32,
    },
    /// Show an order with its lines and events
    Show {
        /// Number of the order
        number: OrderNumber,
    },
    /// Confirm a draft
    Confirm {
        #[command(flatten)]
        order: OrderArgs,
        /// Also reserve what is available
        #[arg(long)]
        reserve: bool,
    },
    /// Reserve stock for an order, or for all confirmed orders that are due soon
    Reserve {
        /// Number of the order
        #[arg(required_unless_present = "due_within")]
        number: Option<OrderNumber>,
        /// Reserve for every confirmed order that is due within this many days
        #[arg(long, value_name = "DAYS", conflicts_with_all = ["number", "line", "id"])]
        due_within: Option<u16>,
        #[command(flatten)]
        lines: LineArgs,
        #[command(flatten)]
        id: IdArgs,
    },
    /// Release the reservations of an order
    Release {
        /// Number of the order
        number: OrderNumber,
        #[command(flatten)]
        lines: LineArgs,
        /// Why the reservations are released
        #[arg(long, value_name = "TEXT", default_value = "released")]
        reason: Note,
        #[command(flatten)]
        id: IdArgs,
    },
    /// Receive goods for a purchase order
    Receive {
        /// Number of the order
        number: OrderNumber,
        /// Location to put the goods into
        #[arg(long, value_name = "LOC")]
        to: LocationCode,
        #[command(flatten)]
        lines: LineArgs,
        #[command(flatten)]
        goods: GoodsArgs,
        #[command(flatten)]
        id: IdArgs,
    },
    /// Move what is reserved for an order to a dock
    Pick {
        /// Number of the order
        number: OrderNumber,
        /// Dock to put the goods into [default: the only dock]
        #[arg(long, value_name = "DOCK")]
        to: Option<LocationCode>,
        #[command(flatten)]
        lines: LineArgs,
        #[command(flatten)]
        id: IdArgs,
    },
    /// Ship what has been picked for an order, or what is reserved if nothing has been picked
    Ship {
        /// Number of the order
        number: OrderNumber,
        #[command(flatten)]
        lines: LineArgs,
        /// Delivery note [default: the number of the order]
        #[arg(long, value_name = "TEXT")]
        reference: Option<Reference>,
        #[command(flatten)]
        id: IdArgs,
    },
    /// Take back goods of a sales order
    Return {
        /// Number of the order
        number: OrderNumber,
        /// Location to put the goods into [default: the first quarantine location]
        #[arg(long, value_name = "LOC")]
        to: Option<LocationCode>,
        #[command(flatten)]
        lines: LineArgs,
        #[command(flatten)]
        goods: GoodsArgs,
        #[command(flatten)]
        id: IdArgs,
    },
    /// Close an order; its reservations are released
    Close {
        #[command(flatten)]
        order: OrderArgs,
        /// Close only this line; the rest of it will not be delivered
        #[arg(long, value_name = "N")]
        line: Option<u32>,
    },
    /// Cancel an order of which nothing has been delivered; its reservations are released
    Cancel(OrderArgs),
    /// Reopen an order that was closed or cancelled
    Reopen(OrderArgs),
    /// Add a line to a confirmed order
    AddLine {
        #[command(flatten)]
        order: OrderArgs,
        /// SKU
        sku: Sku,
        /// Quantity
        #[arg(value_parser = quantity)]
        quantity: Quantity,
        /// Price of one unit
        #[arg(long, value_name = "PRICE")]
        unit_price: Option<UnitPrice>,
        /// Percentage by which more may be delivered
        #[arg(long, value_name = "PERCENT", default_value_t = Decimal::ZERO)]
        over_percent: Decimal,
    },
    /// Change the quantity of a line of a confirmed order
    ChangeLine {
        #[command(flatten)]
        order: OrderArgs,
        /// Number of the line
        line: u32,
        /// The new quantity
        #[arg(value_parser = quantity)]
        quantity: Quantity,
    },
    /// Print what is reserved for some orders and not yet picked, in walking order
    PickList {
        /// Numbers of the orders
        #[arg(required = true)]
        numbers: Vec<OrderNumber>,
    },
    /// List products to be ordered, by supplier
    Reorder,
    /// Import orders from a CSV file with the columns of `order export`; rows with the same text in the column `order` are one order
    Import {
        /// File, plain or gzip; - for standard input
        file: String,
        /// Write rejected rows to this file, with line, field and reason; with - they are the output, and the report goes
        /// to standard error
        #[arg(long, value_name = "FILE")]
        rejects: Option<PathBuf>,
        /// Check the whole file without adding anything
        #[arg(long)]
        dry_run: bool,
        /// Add nothing if any row is rejected: the whole file in one transaction, or none of it
        #[arg(long)]
        all_or_nothing: bool,
    },
    /// Export all orders as CSV, one row for each line
    Export {
        /// File [default: standard output]
        file: Option<PathBuf>,
        /// Write texts unchanged, including those that a spreadsheet would read as a formula
        #[arg(long)]
        raw: bool,
    },
    /// Show or change the policy for a kind of order: when stock is reserved, how long a reservation lasts, and whether
    /// clerks may decide
    Policy(PolicyArgs),
}

/// The policy of a kind of orders.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// Kind: purchase, sales or transfer [default: show all]
    pub kind: Option<OrderKind>,
    /// When stock is reserved: manual, at_confirmation or before_due
    #[arg(long, value_name = "WHEN")]
    pub reserve: Option<ReserveRule>,
    /// Days before the order is due, for before_due
    #[arg(long, value_name = "DAYS")]
    pub reserve_days: Option<i32>,
    /// Days after which a reservation that has not been picked is released; `none` for never
    #[arg(long, value_name = "DAYS", value_parser = change(str::parse::<i32>))]
    pub expire_days: Option<Change<i32>>,
    /// Whether clerks may confirm, change, close, cancel and reopen
    #[arg(long, value_name = "true|false")]
    pub clerks_decide: Option<bool>,
}

/// The order to decide about, the reason, and the id of the command.
#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    /// Number of the order
    pub number: OrderNumber,
    /// Reason; kept for ever, so it must not name a person
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<Note>,
    #[command(flatten)]
    pub id: IdArgs,
}

#[derive(Debug, Args)]
pub(crate) struct IdArgs {
    /// Version 7 UUID of this command; if the same id is sent again, nothing is done twice
    #[arg(long, value_name = "UUID")]
    pub id: Option<PostingId>,
}

/// Lines of an order with the quantity for each.
#[derive(Debug, Args)]
pub(crate) struct LineArgs {
    /// Number of a line and a quantity; may be repeated [default: all lines]
    #[arg(long, num_args = 2, value_names = ["N", "QTY"], action = clap::ArgAction::Append)]
    pub line: Vec<String>,
}

/// Details of goods that arrive.
#[derive(Debug, Args)]
pub(crate) struct GoodsArgs {
    /// Lot or serial number; requires exactly one --line
    #[arg(long, requires = "line")]
    pub lot: Option<LotCode>,
    /// Expiry date (last day of use) of the lot
    #[arg(long, value_name = "DATE", value_parser = day, requires = "lot")]
    pub expires: Option<Date>,
    /// Delivery note [default: the number of the order]
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<Reference>,
}
