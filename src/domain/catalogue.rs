//! Master data before it is stored: locations, partners, and what products have in common with them.

use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::{Barcode, LocationCode, Name, PartnerCode, Quantity};

/// A barcode of a product and how many units one scan of it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackBarcode {
    pub barcode: Barcode,
    /// How many units one scan counts.
    pub pack_quantity: Quantity,
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

    pub(in crate::domain) fn is_kept(&self) -> bool {
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
