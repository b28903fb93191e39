//! Master data as admins edit them: the kinds of records, their fields, and the changes that a completed form makes.
//!
//! Boundary: pure. A field that refers to another record is only read as a code here; whether that record exists is
//! checked by the database.

mod product;
mod read;
mod version;

use rust_decimal::Decimal;
use secrecy::SecretString;

pub use product::{Product, ProductChange, ProductField};
pub use read::{FieldFault, read_record};
pub use version::{FieldVersion, RecordVersion};

use super::{
    Barcode, Change, FieldChanges, Group, LocationChange, LocationCode, LocationKind, LocationRow, LotCode,
    Name, NewLocation, NewPartner, PackBarcode, PartnerChange, PartnerCode, PartnerField, PartnerKind,
    Person, ProductRow, Sku,
};

/// A kind of master data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    Product,
    Location,
    Lot,
    Partner,
    Person,
}

impl RecordKind {
    /// Every kind, in the order of the pages.
    pub const ALL: [Self; 5] = [Self::Product, Self::Location, Self::Lot, Self::Partner, Self::Person];

    /// The fields of the kind, in the order of the form.
    #[must_use]
    pub fn fields(self) -> &'static [FieldRule] {
        match self {
            Self::Product => &product::RULES,
            Self::Location => &LOCATION,
            Self::Lot => &LOT,
            Self::Partner => &PARTNER,
            Self::Person => &PERSON,
        }
    }

    /// Whether records of the kind are added by hand; lots are created by receipts.
    #[must_use]
    pub fn is_added(self) -> bool {
        self != Self::Lot
    }
}

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordField {
    Sku,
    LocationCode,
    Lot,
    PartnerCode,
    Login,
    Name,
    /// A field that only products have.
    Product(ProductField),
    Parent,
    LocationKind,
    ExpiresOn,
    PartnerKind,
    /// The least remaining life of goods, in days, on the day a customer receives them.
    MinLifeDays,
    /// A personal field of a partner.
    Contact(PartnerField),
    Group,
    Password,
}

impl RecordField {
    /// The column of the field in an export; `None` if the field is secret or personal.
    #[must_use]
    pub fn column(self) -> Option<&'static str> {
        Some(match self {
            Self::Sku => "sku",
            Self::LocationCode | Self::PartnerCode => "code",
            Self::Lot => "lot",
            Self::Login => "login",
            Self::Name => "name",
            Self::Product(field) => field.column(),
            Self::Parent => "parent",
            Self::LocationKind | Self::PartnerKind => "kind",
            Self::ExpiresOn => "expires_on",
            Self::Group => "role",
            Self::MinLifeDays => "min_life_days",
            Self::Password | Self::Contact(_) => return None,
        })
    }
}

/// How the value of a field is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldEntry {
    Text,
    /// A text that is not displayed.
    Secret,
    /// A text for which locations are offered.
    Location,
    /// One of these words; the first is the default.
    Choice(&'static [&'static str]),
}

/// The rules for a field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRule {
    pub field: RecordField,
    pub entry: FieldEntry,
    /// Whether it is set when the record is added and never changes.
    pub is_fixed: bool,
}

const fn fixed(field: RecordField, entry: FieldEntry) -> FieldRule {
    FieldRule { field, entry, is_fixed: true }
}

const fn free(field: RecordField, entry: FieldEntry) -> FieldRule {
    FieldRule { field, entry, is_fixed: false }
}

/// The words for kinds of locations, the most common first.
const LOCATION_WORDS: [&str; 7] = [
    LocationKind::Bin.as_str(),
    LocationKind::Shelf.as_str(),
    LocationKind::Aisle.as_str(),
    LocationKind::Zone.as_str(),
    LocationKind::Site.as_str(),
    LocationKind::Dock.as_str(),
    LocationKind::Quarantine.as_str(),
];
const PARTNER_WORDS: [&str; 2] = [PartnerKind::Supplier.as_str(), PartnerKind::Customer.as_str()];
const GROUP_WORDS: [&str; 4] =
    [Group::Clerk.as_str(), Group::Admin.as_str(), Group::Auditor.as_str(), Group::Analyst.as_str()];

static LOCATION: [FieldRule; 4] = [
    fixed(RecordField::LocationCode, FieldEntry::Text),
    free(RecordField::Name, FieldEntry::Text),
    free(RecordField::LocationKind, FieldEntry::Choice(&LOCATION_WORDS)),
    free(RecordField::Parent, FieldEntry::Location),
];
static LOT: [FieldRule; 3] = [
    fixed(RecordField::Sku, FieldEntry::Text),
    fixed(RecordField::Lot, FieldEntry::Text),
    free(RecordField::ExpiresOn, FieldEntry::Text),
];
static PARTNER: [FieldRule; 4] = [
    fixed(RecordField::PartnerCode, FieldEntry::Text),
    fixed(RecordField::PartnerKind, FieldEntry::Choice(&PARTNER_WORDS)),
    free(RecordField::Name, FieldEntry::Text),
    free(RecordField::MinLifeDays, FieldEntry::Text),
];
/// The personal fields of a partner, which a form shows besides the others to those who can decrypt them.
pub static CONTACTS: [FieldRule; 6] = [
    free(RecordField::Contact(PartnerField::ContactName), FieldEntry::Text),
    free(RecordField::Contact(PartnerField::Email), FieldEntry::Text),
    free(RecordField::Contact(PartnerField::Telephone), FieldEntry::Text),
    free(RecordField::Contact(PartnerField::Address), FieldEntry::Text),
    free(RecordField::Contact(PartnerField::TaxNumber), FieldEntry::Text),
    free(RecordField::Contact(PartnerField::Note), FieldEntry::Text),
];
static PERSON: [FieldRule; 3] = [
    fixed(RecordField::Login, FieldEntry::Text),
    free(RecordField::Group, FieldEntry::Choice(&GROUP_WORDS)),
    free(RecordField::Password, FieldEntry::Secret),
];

/// A lot as listed on its page of the master data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotRow {
    pub sku: Sku,
    pub name: Name,
    pub lot: LotCode,
    /// The last day of use.
    pub expires_on: Option<jiff::civil::Date>,
    /// The quantity on hand in all locations.
    pub on_hand: Decimal,
}

/// A supplier or customer as listed, without its personal fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerRow {
    pub code: PartnerCode,
    /// The name of the company.
    pub name: Option<Name>,
    pub kind: PartnerKind,
    /// The least remaining life of goods, in days, on the day a customer receives them.
    pub min_life_days: Option<i32>,
}

/// One record of the master data, of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    Product(Box<ProductRow>),
    Location(LocationRow),
    Lot(LotRow),
    Partner(PartnerRow),
    Person(Person),
}

/// The key of a record: its code, or for a lot the SKU and the lot code, or the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordKey {
    Product(Sku),
    Location(LocationCode),
    Lot(Sku, LotCode),
    Partner(PartnerCode),
    Person(String),
}

impl RecordKey {
    /// The kind of record that it identifies.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Product(_) => RecordKind::Product,
            Self::Location(_) => RecordKind::Location,
            Self::Lot(..) => RecordKind::Lot,
            Self::Partner(_) => RecordKind::Partner,
            Self::Person(_) => RecordKind::Person,
        }
    }
}

impl std::fmt::Display for RecordKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Product(sku) => sku.fmt(formatter),
            Self::Location(code) => code.fmt(formatter),
            Self::Lot(sku, lot) => write!(formatter, "{sku} {lot}"),
            Self::Partner(code) => code.fmt(formatter),
            Self::Person(login) => login.fmt(formatter),
        }
    }
}

impl Record {
    /// The key of the record.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        match self {
            Self::Product(row) => RecordKey::Product(row.product.sku.clone()),
            Self::Location(row) => RecordKey::Location(row.code.clone()),
            Self::Lot(row) => RecordKey::Lot(row.sku.clone(), row.lot.clone()),
            Self::Partner(row) => RecordKey::Partner(row.code.clone()),
            Self::Person(row) => RecordKey::Person(row.login.clone()),
        }
    }

    /// Whether it is out of use: archived, or a disabled login.
    #[must_use]
    pub fn is_out_of_use(&self) -> bool {
        match self {
            Self::Product(row) => row.archived_at.is_some(),
            Self::Location(row) => row.archived_at.is_some(),
            Self::Lot(_) | Self::Partner(_) => false,
            Self::Person(row) => !row.can_login,
        }
    }

    /// The change that takes it out of use, or back into use; none for a lot or partner, which always stay in use.
    #[must_use]
    pub fn toggled(&self) -> Option<RecordChange> {
        let out = !self.is_out_of_use();
        match self {
            Self::Product(row) => {
                Some(RecordChange::ArchiveProduct { sku: row.product.sku.clone(), archived: out })
            }
            Self::Location(row) => {
                Some(RecordChange::ArchiveLocation { code: row.code.clone(), archived: out })
            }
            Self::Person(row) => {
                Some(RecordChange::DisablePerson { login: row.login.clone(), disabled: out })
            }
            Self::Lot(_) | Self::Partner(_) => None,
        }
    }

    /// The value of a field as it is entered; empty if it has none.
    #[must_use]
    pub fn text(&self, field: RecordField) -> String {
        match self {
            Self::Product(row) => product::text(&row.product, field),
            Self::Location(row) => match field {
                RecordField::LocationCode => row.code.to_string(),
                RecordField::Name => some_text(row.name.as_ref()),
                RecordField::LocationKind => row.kind.as_str().to_owned(),
                RecordField::Parent => some_text(row.parent.as_ref()),
                _ => String::new(),
            },
            Self::Lot(row) => match field {
                RecordField::Sku => row.sku.to_string(),
                RecordField::Lot => row.lot.to_string(),
                RecordField::ExpiresOn => some_text(row.expires_on.as_ref()),
                _ => String::new(),
            },
            Self::Partner(row) => match field {
                RecordField::PartnerCode => row.code.to_string(),
                RecordField::PartnerKind => row.kind.as_str().to_owned(),
                RecordField::Name => some_text(row.name.as_ref()),
                RecordField::MinLifeDays => some_text(row.min_life_days.as_ref()),
                _ => String::new(),
            },
            Self::Person(row) => match field {
                RecordField::Login => row.login.clone(),
                RecordField::Group => row.group.as_str().to_owned(),
                _ => String::new(),
            },
        }
    }
}

fn some_text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// A change to the master data.
#[derive(Debug, Clone)]
pub enum RecordChange {
    AddProduct(Box<Product>),
    /// Changes a product together with its barcodes.
    ChangeProduct {
        change: Box<ProductChange>,
        add: Vec<PackBarcode>,
        remove: Vec<Barcode>,
    },
    AddLocation(NewLocation),
    ChangeLocation(LocationChange),
    ChangeLot {
        sku: Sku,
        lot: LotCode,
        expires: Change<jiff::civil::Date>,
    },
    AddPartner {
        partner: NewPartner,
        min_life_days: Change<i32>,
        fields: FieldChanges,
    },
    ChangePartner(PartnerChange),
    AddPerson {
        login: String,
        group: Group,
        password: SecretString,
    },
    /// Moves a person to another group, or sets another password, or both.
    ChangePerson {
        login: String,
        group: Option<Group>,
        password: Option<SecretString>,
    },
    /// Archives a product, or restores it.
    ArchiveProduct {
        sku: Sku,
        archived: bool,
    },
    /// Archives a location, or restores it.
    ArchiveLocation {
        code: LocationCode,
        archived: bool,
    },
    /// Disables a login and ends its sessions, or enables it.
    DisablePerson {
        login: String,
        disabled: bool,
    },
}

impl RecordChange {
    /// Whether it changes a field that may be encrypted.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        match self {
            Self::AddPartner { fields, .. } => !fields.is_empty(),
            Self::ChangePartner(change) => !change.fields.is_empty(),
            _ => false,
        }
    }
}
