//! Master data before it is stored: products, locations, partners.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};

use super::{Barcode, CodeError, LocationCode, Name, PartnerCode, Quantity, Sku, Tracking, UnitPrice};

/// A barcode of a product and how many units one scan of it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackBarcode {
    pub barcode: Barcode,
    /// How many units one scan counts.
    pub pack_quantity: Quantity,
}

/// A product, as it is added to the catalogue and read from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub sku: Sku,
    pub name: Name,
    /// The unit of its quantities.
    pub unit: Name,
    /// How many decimal places its quantities may have, 0 to 3.
    pub decimals: u8,
    /// The category that lists and reports group it by.
    pub category: Option<Name>,
    /// The quantity on hand at or below which it counts as low.
    pub reorder_point: Option<Decimal>,
    /// What one unit costs to buy.
    #[serde(serialize_with = "in_full")]
    pub unit_cost: Option<UnitPrice>,
    /// What one unit sells for.
    #[serde(serialize_with = "in_full")]
    pub unit_price: Option<UnitPrice>,
    /// How its units are identified.
    pub tracking: Tracking,
    #[serde(default)]
    pub barcodes: Vec<PackBarcode>,
}

/// Serialises a price with all four decimal places: programs that read the JSON rely on this form.
fn in_full<S: Serializer>(price: &Option<UnitPrice>, serializer: S) -> Result<S::Ok, S::Error> {
    price
        .map(|price| format!("{:.1$}", price.value(), UnitPrice::DECIMALS_MAX as usize))
        .serialize(serializer)
}

impl Product {
    /// A product with the usual values: counted in pieces, not tracked, without prices.
    ///
    /// # Errors
    /// Never in practice; the built-in unit is a valid name.
    pub fn plain(sku: Sku, name: Name) -> Result<Self, CodeError> {
        Ok(Self {
            sku,
            name,
            unit: "each".parse()?,
            decimals: 0,
            category: None,
            reorder_point: None,
            unit_cost: None,
            unit_price: None,
            tracking: Tracking::None,
            barcodes: Vec::new(),
        })
    }
}

/// What a change of master data does to one field. When a struct of changes is serialised, fields that are kept are
/// left out, and fields that are cleared are `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// The field is not changed.
    #[default]
    Keep,
    /// The field is emptied.
    Clear,
    /// The field gets this value.
    To(T),
}

impl<T> Change<T> {
    /// Whether the field is to be changed.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    fn is_kept(&self) -> bool {
        !self.is_wanted()
    }

    /// The new value, where there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::To(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// Changes to a product. Its SKU, decimals and tracking never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductChange {
    pub sku: Sku,
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The new unit of measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Name>,
    /// The category that lists and reports group it by.
    #[serde(skip_serializing_if = "Change::is_kept")]
    pub category: Change<Name>,
    /// The quantity on hand at or below which it counts as low.
    #[serde(skip_serializing_if = "Change::is_kept")]
    pub reorder_point: Change<Decimal>,
    /// What one unit costs to buy.
    #[serde(skip_serializing_if = "Change::is_kept")]
    pub unit_cost: Change<UnitPrice>,
    /// What one unit sells for.
    #[serde(skip_serializing_if = "Change::is_kept")]
    pub unit_price: Change<UnitPrice>,
}

impl ProductChange {
    /// A change of nothing, to start from.
    #[must_use]
    pub fn none(sku: Sku) -> Self {
        Self {
            sku,
            name: None,
            unit: None,
            category: Change::Keep,
            reorder_point: Change::Keep,
            unit_cost: Change::Keep,
            unit_price: Change::Keep,
        }
    }
}

/// Changes to a location. Its code never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationChange {
    pub code: LocationCode,
    pub name: Change<Name>,
    /// The location that contains it; without one it is at the top of the tree.
    pub parent: Change<LocationCode>,
    /// The new kind.
    pub kind: Option<LocationKind>,
}

/// The kinds of locations, from the site down to the bin, and the two special ones. Picked goods wait at docks; goods
/// in a quarantine location count as on hand but not as available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LocationKind {
    /// A warehouse or shop as a whole.
    Site,
    /// A part of a site.
    Zone,
    Aisle,
    Shelf,
    #[default]
    Bin,
    /// Where goods come in or go out.
    Dock,
    /// Holds goods that may not be used.
    Quarantine,
}

impl LocationKind {
    /// Every kind, in the order from large to small.
    pub const ALL: [Self; 7] =
        [Self::Site, Self::Zone, Self::Aisle, Self::Shelf, Self::Bin, Self::Dock, Self::Quarantine];

    /// The kind as the database and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Zone => "zone",
            Self::Aisle => "aisle",
            Self::Shelf => "shelf",
            Self::Bin => "bin",
            Self::Dock => "dock",
            Self::Quarantine => "quarantine",
        }
    }
}

/// The error for a text that is not one of the words of a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not one of {known}")]
pub struct UnknownWord {
    pub text: String,
    /// The words of the list, for the message.
    pub known: &'static str,
}

impl FromStr for LocationKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownWord {
            text: text.to_owned(),
            known: "site, zone, aisle, shelf, bin, dock and quarantine",
        })
    }
}

/// A location to be added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NewLocation {
    pub code: LocationCode,
    pub name: Option<Name>,
    /// The location that contains it.
    pub parent: Option<LocationCode>,
    pub kind: LocationKind,
}

/// Whether a partner supplies goods or receives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartnerKind {
    Supplier,
    Customer,
}

impl PartnerKind {
    /// The kind as the database and JSON spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Customer => "customer",
        }
    }
}

impl FromStr for PartnerKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "supplier" => Ok(Self::Supplier),
            "customer" => Ok(Self::Customer),
            other => Err(UnknownWord { text: other.to_owned(), known: "supplier and customer" }),
        }
    }
}

/// A supplier or customer to be added.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NewPartner {
    /// The number of the partner in the accounts.
    pub code: PartnerCode,
    /// The name of the firm.
    pub name: Option<Name>,
    pub kind: PartnerKind,
}
