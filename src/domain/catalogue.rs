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
    /// The unit that it is counted in.
    pub unit: Name,
    /// How many decimal places its quantities may have, 0 to 3.
    pub decimals: u8,
    /// A heading to group it by.
    pub category: Option<Name>,
    /// The quantity on hand at or below which it counts as low.
    pub reorder_point: Option<Decimal>,
    /// What one unit costs to buy.
    #[serde(serialize_with = "in_full")]
    pub unit_cost: Option<UnitPrice>,
    /// What one unit sells for.
    #[serde(serialize_with = "in_full")]
    pub unit_price: Option<UnitPrice>,
    /// How its units are told apart.
    pub tracking: Tracking,
    #[serde(default)]
    pub barcodes: Vec<PackBarcode>,
}

/// A price with every decimal place that it can have, which is how programs have always read it here.
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

/// What becomes of one field when master data are changed. A struct of changes leaves out the fields that it keeps
/// when it is serialised, and writes `null` for those that it clears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is empty from now on.
    Clear,
    /// It has this value from now on.
    To(T),
}

impl<T> Change<T> {
    /// Whether the field is to become another.
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

/// What is to become of a product. Its sku, decimals and tracking never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductChange {
    pub sku: Sku,
    /// What it is called from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The unit that it is counted in from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Name>,
    /// The heading to group it by.
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
    /// A change that leaves everything as it is, to begin with.
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

/// What is to become of a location. Its code never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationChange {
    pub code: LocationCode,
    pub name: Change<Name>,
    /// The location that it is part of; cleared, it stands at the top of the tree.
    pub parent: Change<LocationCode>,
    /// What it is from now on.
    pub kind: Option<LocationKind>,
}

/// What a location is.
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
    /// Where goods wait that may not be used.
    Quarantine,
}

impl LocationKind {
    /// Every kind, in the order from large to small.
    pub const ALL: [Self; 7] =
        [Self::Site, Self::Zone, Self::Aisle, Self::Shelf, Self::Bin, Self::Dock, Self::Quarantine];

    /// The word for it, as the database and JSON spell it.
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

/// A text that is none of the words for a kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not one of {known}")]
pub struct UnknownWord {
    pub text: String,
    /// The words that are known.
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
    /// The location that it is part of.
    pub parent: Option<LocationCode>,
    pub kind: LocationKind,
}

/// Whether goods come from a partner or go to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartnerKind {
    Supplier,
    Customer,
}

impl PartnerKind {
    /// The word for it, as the database and JSON spell it.
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
    /// The number in the books.
    pub code: PartnerCode,
    /// The name of the firm.
    pub name: Option<Name>,
    pub kind: PartnerKind,
}
