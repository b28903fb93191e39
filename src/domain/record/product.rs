//! Products: their fields, the changes to them, and how each field is shown and read in a form. One file, because a
//! new field needs all of them.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};

use ProductField as F;

use super::read::{Fault, Fields, malformed};
use super::{FieldEntry, FieldFault, FieldRule, Record, RecordChange, RecordField, fixed, free, some_text};
use crate::domain::entry::quantity;
use crate::domain::{Change, CodeError, Name, PackBarcode, Quantity, Sku, Tracking, UnitPrice};

/// The most barcodes of one product; a form has no space for more.
const BARCODES_MAX: usize = 50;

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

/// A field that only products have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProductField {
    Unit,
    Decimals,
    Tracking,
    Category,
    ReorderPoint,
    UnitCost,
    UnitPrice,
    Barcodes,
}

impl ProductField {
    /// The column of the field in an export.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Decimals => "decimals",
            Self::Tracking => "tracking",
            Self::Category => "category",
            Self::ReorderPoint => "reorder_point",
            Self::UnitCost => "unit_cost",
            Self::UnitPrice => "unit_price",
            Self::Barcodes => "barcodes",
        }
    }
}

const TRACKING_WORDS: [&str; 3] =
    [Tracking::None.as_str(), Tracking::Lot.as_str(), Tracking::Serial.as_str()];
/// The fields of a product, in the order of the form.
pub(super) static RULES: [FieldRule; 10] = [
    fixed(RecordField::Sku, FieldEntry::Text),
    free(RecordField::Name, FieldEntry::Text),
    free(RecordField::Product(F::Unit), FieldEntry::Text),
    fixed(RecordField::Product(F::Decimals), FieldEntry::Choice(&["0", "1", "2", "3"])),
    fixed(RecordField::Product(F::Tracking), FieldEntry::Choice(&TRACKING_WORDS)),
    free(RecordField::Product(F::Category), FieldEntry::Text),
    free(RecordField::Product(F::ReorderPoint), FieldEntry::Text),
    free(RecordField::Product(F::UnitCost), FieldEntry::Text),
    free(RecordField::Product(F::UnitPrice), FieldEntry::Text),
    free(RecordField::Product(F::Barcodes), FieldEntry::Text),
];
/// The value of a field of a product as it is entered; empty if it has none.
pub(super) fn text(product: &Product, field: RecordField) -> String {
    match field {
        RecordField::Sku => product.sku.to_string(),
        RecordField::Name => product.name.to_string(),
        RecordField::Product(F::Unit) => product.unit.to_string(),
        RecordField::Product(F::Decimals) => product.decimals.to_string(),
        RecordField::Product(F::Tracking) => product.tracking.as_str().to_owned(),
        RecordField::Product(F::Category) => some_text(product.category.as_ref()),
        RecordField::Product(F::ReorderPoint) => {
            some_text(product.reorder_point.map(|point| point.normalize()).as_ref())
        }
        RecordField::Product(F::UnitCost) => {
            some_text(product.unit_cost.map(|price| price.value().normalize()).as_ref())
        }
        RecordField::Product(F::UnitPrice) => {
            some_text(product.unit_price.map(|price| price.value().normalize()).as_ref())
        }
        RecordField::Product(F::Barcodes) => {
            let packs: Vec<String> = product.barcodes.iter().map(barcode_text).collect();
            packs.join(" ")
        }
        _ => String::new(),
    }
}

/// A barcode as it is entered: the code, and `*12` if one scan counts twelve.
pub(super) fn barcode_text(pack: &PackBarcode) -> String {
    let quantity = pack.pack_quantity.value().normalize();
    if quantity == Decimal::ONE { pack.barcode.to_string() } else { format!("{}*{quantity}", pack.barcode) }
}

impl Fields<'_> {
    fn reorder_point(&self) -> Result<Option<Decimal>, Fault> {
        let field = RecordField::Product(F::ReorderPoint);
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        let figure = quantity(&text, self.mark).map_err(malformed(field))?;
        Quantity::counted(figure).map(Some).map_err(malformed(field))
    }

    fn barcodes(&self) -> Result<Vec<PackBarcode>, Fault> {
        let field = RecordField::Product(F::Barcodes);
        let text = self.text(field);
        let words: Vec<&str> = text.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
        if words.len() > BARCODES_MAX {
            return Err((field, FieldFault::Malformed));
        }
        let pack = |word: &&str| {
            let (barcode, quantity) = word.split_once('*').unwrap_or((word, "1"));
            Ok(PackBarcode {
                barcode: barcode.parse().map_err(malformed(field))?,
                pack_quantity: quantity.parse().map_err(malformed(field))?,
            })
        };
        words.iter().map(pack).collect()
    }

    /// The product of a completed form, or the changes to one.
    pub(super) fn product(&self) -> Result<Option<RecordChange>, Fault> {
        let Some(Record::Product(row)) = self.before else {
            return Ok(Some(RecordChange::AddProduct(Box::new(Product {
                sku: self.required(RecordField::Sku)?,
                name: self.required(RecordField::Name)?,
                unit: self.required(RecordField::Product(F::Unit))?,
                decimals: self.required(RecordField::Product(F::Decimals))?,
                category: self.optional(RecordField::Product(F::Category))?,
                reorder_point: self.reorder_point()?,
                unit_cost: self.price(RecordField::Product(F::UnitCost))?,
                unit_price: self.price(RecordField::Product(F::UnitPrice))?,
                tracking: self.required::<Tracking>(RecordField::Product(F::Tracking))?,
                barcodes: self.barcodes()?,
            }))));
        };
        let change = ProductChange {
            sku: row.product.sku.clone(),
            name: self.changed(RecordField::Name)?,
            unit: self.changed(RecordField::Product(F::Unit))?,
            category: self.change(RecordField::Product(F::Category), || {
                self.optional(RecordField::Product(F::Category))
            })?,
            reorder_point: self.change(RecordField::Product(F::ReorderPoint), || self.reorder_point())?,
            unit_cost: self.change(RecordField::Product(F::UnitCost), || {
                self.price(RecordField::Product(F::UnitCost))
            })?,
            unit_price: self.change(RecordField::Product(F::UnitPrice), || {
                self.price(RecordField::Product(F::UnitPrice))
            })?,
        };
        let (old, new) = (&row.product.barcodes, self.barcodes()?);
        // A barcode whose pack quantity changes is removed and added again.
        let differs = |pack: &PackBarcode, others: &[PackBarcode]| {
            !others.iter().any(|other| barcode_text(other) == barcode_text(pack))
        };
        let add: Vec<PackBarcode> = new.iter().filter(|pack| differs(pack, old)).cloned().collect();
        let remove: Vec<_> =
            old.iter().filter(|pack| differs(pack, &new)).map(|pack| pack.barcode.clone()).collect();
        let is_none =
            change == ProductChange::none(change.sku.clone()) && add.is_empty() && remove.is_empty();
        Ok((!is_none).then(|| RecordChange::ChangeProduct { change: Box::new(change), add, remove }))
    }
}
