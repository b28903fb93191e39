//! The keys of a profile, as they are spelled in TOML, and what holds without them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fields::MovementField;
use crate::domain::{LocationCode, MovementKind, Name, Note, PartnerKind, Reference};
use crate::import::product_row::ProductField;

/// How one kind of file is laid out and what its conventions are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: part of every id that is made from a file of this kind.
    #[serde(skip)]
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub description: String,
    /// How the bytes are divided into fields.
    #[serde(default)]
    pub file: FileFormat,
    /// How to read movements from it.
    pub movements: Option<MovementProfile>,
    /// How to read products from it.
    pub products: Option<ProductProfile>,
}

/// How the bytes of a file are divided into fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileFormat {
    pub delimiter: char,
    /// Whether a field may stand in double quotes.
    pub quoting: bool,
    /// Whether numbers have a comma where ours have a point.
    pub decimal_comma: bool,
}

impl Default for FileFormat {
    fn default() -> Self {
        Self { delimiter: ',', quoting: true, decimal_comma: false }
    }
}

/// How to read movements.
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
    /// The time zone of times that name none.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Where goods stand in a file that does not say.
    pub location: Option<LocationCode>,
    /// The kind of every row, in a file with neither column nor rules.
    pub kind: Option<MovementKind>,
    /// The words of the column of kinds that are not ours.
    #[serde(default)]
    pub kinds: BTreeMap<String, MovementKind>,
    /// How the kind follows from the row; the first that fits counts.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Whether quantities below zero are meant.
    #[serde(default)]
    pub signed_quantity: bool,
    /// Codes that are no goods.
    #[serde(default)]
    pub not_goods: Vec<NotGoods>,
    /// An ending to take off the codes of partners.
    #[serde(default)]
    pub partner_suffix: String,
    /// What partners are that the file is the first to name.
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
    /// Where the stock comes from that the file takes and never put.
    #[serde(default)]
    pub opening_stock: OpeningStock,
    /// The document of the opening stock.
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

/// Where the stock comes from that a file takes and never put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OpeningStock {
    /// It must be there already.
    #[default]
    None,
    /// As much as keeps every product at zero or above is received before the first row.
    Computed,
}

/// Codes that are no goods, and why their rows are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotGoods {
    /// The codes, in any case; one that ends in `*` stands for all that begin so.
    pub codes: Vec<String>,
    pub reason: String,
}

/// Which side of zero a figure is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    Negative,
    Zero,
    Positive,
}

/// Whether a field says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    Present,
    Absent,
}

/// Which way an adjustment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    In,
    Out,
}

/// What a row must be like, and what it then is. A condition that is left out always holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the reference must be; one that ends in `*` stands for all that begin so.
    pub reference: Option<String>,
    /// What the quantity must be.
    pub quantity: Option<Sign>,
    /// What the price must be.
    pub price: Option<Sign>,
    /// What the price of every row of the document must be.
    pub every_price: Option<Sign>,
    /// Whether there must be a partner.
    pub partner: Option<Presence>,
    pub kind: MovementKind,
    /// Which way, for an adjustment.
    pub direction: Option<Direction>,
    /// Whether the column of reasons holds one in such a row.
    #[serde(default)]
    pub takes_reason: bool,
    /// Whether the columns of name and price tell what the product is called and sells for.
    #[serde(default)]
    pub describes_product: bool,
    /// Whether the price is left out of the ledger.
    #[serde(default)]
    pub without_price: bool,
}

/// What the codes of a list of products are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkuIs {
    #[default]
    OwnCode,
    /// The barcode on the goods, which becomes both code and barcode.
    Barcode,
}

/// How to read products.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductProfile {
    /// The header of the column of each field; without it, the columns of our own export.
    #[serde(default)]
    pub columns: BTreeMap<ProductField, String>,
    /// The fields whose column may be missing from a file.
    #[serde(default)]
    pub optional: Vec<ProductField>,
    #[serde(default)]
    pub sku_is: SkuIs,
    /// Whether barcodes of 8, 12, 13 and 14 digits must have a right check digit.
    #[serde(default)]
    pub barcode_check: bool,
    /// The unit of a file that does not say.
    #[serde(default = "each")]
    pub unit: Name,
    /// Whether only the text before the first comma is the category.
    #[serde(default)]
    pub first_category: bool,
    /// Whether names hold `&quot;` and the like.
    #[serde(default)]
    pub html_entities: bool,
}
