//! The keys of a profile as they are spelled in TOML, and their defaults.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fields::MovementField;
use crate::domain::{LocationCode, MovementKind, Name, Note, PartnerKind, Reference};
use crate::import::product_row::ProductField;

/// The layout and conventions of one kind of file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name, which is part of every id generated for a file of this kind.
    #[serde(skip)]
    pub name: String,
    /// The purpose of the profile, in one sentence.
    #[serde(default)]
    pub description: String,
    /// How the bytes are split into fields.
    #[serde(default)]
    pub file: FileFormat,
    /// How to read movements from it.
    pub movements: Option<MovementProfile>,
    /// How to read products from it.
    pub products: Option<ProductProfile>,
}

/// How the bytes of a file are split into fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileFormat {
    pub delimiter: char,
    /// Whether a field may be enclosed in double quotes.
    pub quoting: bool,
    /// Whether numbers have a decimal comma instead of a point.
    pub decimal_comma: bool,
}

impl Default for FileFormat {
    fn default() -> Self {
        Self { delimiter: ',', quoting: true, decimal_comma: false }
    }
}

/// The keys for reading movements from a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovementProfile {
    /// The header of the column of each field.
    pub columns: BTreeMap<MovementField, String>,
    /// The fields whose column may be missing from a file.
    #[serde(default)]
    pub optional: Vec<MovementField>,
    /// `rfc3339`, or a pattern of strptime.
    #[serde(default = "rfc3339")]
    pub date_format: String,
    /// The time zone of times without one.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// The location of goods in a file without a column for it.
    pub location: Option<LocationCode>,
    /// The kind of every row in a file without a column or rules for it.
    pub kind: Option<MovementKind>,
    /// The words in the column of kinds that differ from Stockroom's.
    #[serde(default)]
    pub kinds: BTreeMap<String, MovementKind>,
    /// Rules that derive the kind from the row; the first match applies.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Whether negative quantities are allowed.
    #[serde(default)]
    pub signed_quantity: bool,
    /// Codes that are not goods.
    #[serde(default)]
    pub not_goods: Vec<NotGoods>,
    /// A suffix to remove from the codes of partners.
    #[serde(default)]
    pub partner_suffix: String,
    /// The kind of partners that the file is the first to name.
    #[serde(default = "customer")]
    pub partner_kind: PartnerKind,
    /// What is added to the catalogue when the file is the first to name it.
    #[serde(default)]
    pub create: Vec<Creatable>,
    /// The unit of products that are added.
    #[serde(default = "each")]
    pub unit: Name,
    /// The reason of an adjustment whose row gives none.
    pub empty_reason: Option<Note>,
    /// The source of stock that the file takes but never put.
    #[serde(default)]
    pub opening_stock: OpeningStock,
    /// The reference of the opening stock.
    #[serde(default = "opening")]
    pub opening_reference: Reference,
}

fn rfc3339() -> String {
    "rfc3339".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

fn customer() -> PartnerKind {
    PartnerKind::Customer
}

#[expect(clippy::expect_used, reason = "a constant that is a valid name")]
fn each() -> Name {
    "each".parse().expect("a valid name")
}

#[expect(clippy::expect_used, reason = "a constant that is a valid reference")]
fn opening() -> Reference {
    "OPENING".parse().expect("a valid reference")
}

/// What an import of movements may add to the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Creatable {
    Products,
    Partners,
    Locations,
}

/// The source of stock that a file takes but never put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OpeningStock {
    /// The stock must exist already.
    #[default]
    None,
    /// As much as keeps every product at zero or above is received before the first row.
    Computed,
}

/// Codes that are not goods, and the reason for rejecting their rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotGoods {
    /// The codes, in any case; one that ends in `*` stands for all codes with this beginning.
    pub codes: Vec<String>,
    pub reason: String,
}

/// Whether a number is positive, negative or zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    Negative,
    Zero,
    Positive,
}

/// Whether a field is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Present,
    Absent,
}

/// The direction of an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    In,
    Out,
}

/// The conditions on a row, and what it is if they hold. A condition that is left out always holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The reference; a pattern that ends in `*` stands for all references with this beginning.
    pub reference: Option<String>,
    /// The sign of the quantity.
    pub quantity: Option<Sign>,
    /// The sign of the price.
    pub price: Option<Sign>,
    /// The sign of the price of every row of the document.
    pub every_price: Option<Sign>,
    /// Whether there must be a partner.
    pub partner: Option<Presence>,
    pub kind: MovementKind,
    /// The direction of an adjustment.
    pub direction: Option<Direction>,
    /// Whether the column of reasons is used for such a row.
    #[serde(default)]
    pub takes_reason: bool,
    /// Whether the columns of name and price give the product's name and selling price.
    #[serde(default)]
    pub describes_product: bool,
    /// Whether the price is left out of the ledger.
    #[serde(default)]
    pub without_price: bool,
}

/// The meaning of the codes in a list of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkuIs {
    #[default]
    OwnCode,
    /// The barcode on the goods, which becomes both SKU and barcode.
    Barcode,
}

/// The keys for reading products from a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductProfile {
    /// The header of the column of each field; without it, the columns of Stockroom's own export.
    #[serde(default)]
    pub columns: BTreeMap<ProductField, String>,
    /// The fields whose column may be missing from a file.
    #[serde(default)]
    pub optional: Vec<ProductField>,
    #[serde(default)]
    pub sku_is: SkuIs,
    /// Whether barcodes of 8, 12, 13 and 14 digits must have a correct check digit.
    #[serde(default)]
    pub barcode_check: bool,
    /// The unit in a file without a column for it.
    #[serde(default = "each")]
    pub unit: Name,
    /// Whether only the text before the first comma is the category.
    #[serde(default)]
    pub first_category: bool,
    /// Whether names contain `&quot;` and other entities.
    #[serde(default)]
    pub html_entities: bool,
}
