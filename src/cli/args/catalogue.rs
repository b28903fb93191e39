//! The arguments of the commands for master data. Those for products are in `cli/products.rs`.

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::partner::PartnerAction;
use crate::cli::input::{change, day};
use crate::cli::products::ProductAction;
use crate::domain::{Change, LocationCode, LocationKind, LotCode, Name, Sku};

/// The commands for products, locations, lots and partners.
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

#[derive(Debug, Subcommand)]
pub(crate) enum LocationAction {
    /// Add a location
    Add {
        /// Code of the location; case is ignored
        code: LocationCode,
        /// Name of the location
        #[arg(value_name = "NAME")]
        given_name: Option<Name>,
        /// Name of the location
        #[arg(long, conflicts_with = "given_name")]
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

/// The fields of a location to change, of which at least one is needed.
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
