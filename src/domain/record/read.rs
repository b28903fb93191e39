//! Turns a completed form into the change that it makes. Only fields that differ from the record become part of it, so
//! that two admins who change different fields do not undo each other.

use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use secrecy::SecretString;

use super::{Record, RecordChange, RecordField, RecordKind, barcode_text};
use crate::domain::entry::{DecimalMark, day, quantity};
use crate::domain::{
    Change, Group, LocationChange, LocationKind, NewLocation, NewPartner, PackBarcode, PartnerKind, Product,
    ProductChange, Quantity, Tracking, UnitPrice,
};

/// The most barcodes of one product; a form has no space for more.
const BARCODES_MAX: usize = 50;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFault {
    /// The field is empty and must not be.
    Missing,
    /// The text does not have the form that the field requires.
    Malformed,
}

/// A field and what is wrong with it.
type Fault = (RecordField, FieldFault);

/// The fields as completed, and the record that they were filled from.
struct Fields<'a> {
    texts: &'a dyn Fn(RecordField) -> String,
    before: Option<&'a Record>,
    mark: DecimalMark,
    today: Date,
}

/// Reads a completed form: a new record of a kind, or the changes to an existing one. Returns none if nothing changed.
///
/// # Errors
/// The first field that is missing or malformed.
pub fn read_record(
    kind: RecordKind,
    before: Option<&Record>,
    texts: &dyn Fn(RecordField) -> String,
    mark: DecimalMark,
    today: Date,
) -> Result<Option<RecordChange>, Fault> {
    let fields = Fields { texts, before, mark, today };
    match kind {
        RecordKind::Product => fields.product(),
        RecordKind::Location => fields.location(),
        RecordKind::Lot => fields.lot(),
        RecordKind::Partner => fields.partner(),
        RecordKind::Person => fields.person(),
    }
}

fn malformed<E>(field: RecordField) -> impl FnOnce(E) -> Fault {
    move |_| (field, FieldFault::Malformed)
}

impl Fields<'_> {
    fn text(&self, field: RecordField) -> String {
        (self.texts)(field).trim().to_owned()
    }

    /// Whether a field differs from the record.
    fn is_changed(&self, field: RecordField) -> bool {
        self.before.is_none_or(|before| before.text(field) != self.text(field))
    }

    fn optional<T: FromStr>(&self, field: RecordField) -> Result<Option<T>, Fault> {
        let text = self.text(field);
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(malformed(field)) }
    }

    fn required<T: FromStr>(&self, field: RecordField) -> Result<T, Fault> {
        self.optional(field)?.ok_or((field, FieldFault::Missing))
    }

    /// The price in a field. Prices have more decimal places than quantities.
    fn price(&self, field: RecordField) -> Result<Option<UnitPrice>, Fault> {
        let text = self.mark.with_point(&self.text(field));
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(malformed(field)) }
    }

    fn reorder_point(&self) -> Result<Option<Decimal>, Fault> {
        let field = RecordField::ReorderPoint;
        let text = self.text(field);
        if text.is_empty() {
            return Ok(None);
        }
        let figure = quantity(&text, self.mark).map_err(malformed(field))?;
        Quantity::counted(figure).map(Some).map_err(malformed(field))
    }

    /// The change of a field that may be empty.
    fn change<T>(
        &self,
        field: RecordField,
        read: impl FnOnce() -> Result<Option<T>, Fault>,
    ) -> Result<Change<T>, Fault> {
        if !self.is_changed(field) {
            return Ok(Change::Keep);
        }
        Ok(read()?.map_or(Change::Clear, Change::To))
    }

    /// The new value of a field that must not be empty, if it changed.
    fn changed<T: FromStr>(&self, field: RecordField) -> Result<Option<T>, Fault> {
        if self.is_changed(field) { self.required(field).map(Some) } else { Ok(None) }
    }

    fn barcodes(&self) -> Result<Vec<PackBarcode>, Fault> {
        let field = RecordField::Barcodes;
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

    fn product(&self) -> Result<Option<RecordChange>, Fault> {
        let Some(Record::Product(row)) = self.before else {
            return Ok(Some(RecordChange::AddProduct(Box::new(Product {
                sku: self.required(RecordField::Sku)?,
                name: self.required(RecordField::Name)?,
                unit: self.required(RecordField::Unit)?,
                decimals: self.required(RecordField::Decimals)?,
                category: self.optional(RecordField::Category)?,
                reorder_point: self.reorder_point()?,
                unit_cost: self.price(RecordField::UnitCost)?,
                unit_price: self.price(RecordField::UnitPrice)?,
                tracking: self.required::<Tracking>(RecordField::Tracking)?,
                barcodes: self.barcodes()?,
            }))));
        };
        let change = ProductChange {
            sku: row.product.sku.clone(),
            name: self.changed(RecordField::Name)?,
            unit: self.changed(RecordField::Unit)?,
            category: self.change(RecordField::Category, || self.optional(RecordField::Category))?,
            reorder_point: self.change(RecordField::ReorderPoint, || self.reorder_point())?,
            unit_cost: self.change(RecordField::UnitCost, || self.price(RecordField::UnitCost))?,
            unit_price: self.change(RecordField::UnitPrice, || self.price(RecordField::UnitPrice))?,
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

    fn location(&self) -> Result<Option<RecordChange>, Fault> {
        let parent = || self.optional(RecordField::Parent);
        let name = || self.optional(RecordField::Name);
        let Some(Record::Location(row)) = self.before else {
            return Ok(Some(RecordChange::AddLocation(NewLocation {
                code: self.required(RecordField::LocationCode)?,
                name: name()?,
                parent: parent()?,
                kind: self.required::<LocationKind>(RecordField::LocationKind)?,
            })));
        };
        let change = LocationChange {
            code: row.code.clone(),
            name: self.change(RecordField::Name, name)?,
            parent: self.change(RecordField::Parent, parent)?,
            kind: self.changed(RecordField::LocationKind)?,
        };
        let any = change.name.is_wanted() || change.parent.is_wanted() || change.kind.is_some();
        Ok(any.then_some(RecordChange::ChangeLocation(change)))
    }

    fn lot(&self) -> Result<Option<RecordChange>, Fault> {
        let Some(Record::Lot(row)) = self.before else { return Ok(None) };
        let field = RecordField::ExpiresOn;
        let expires = self.change(field, || {
            let text = self.text(field);
            if text.is_empty() {
                return Ok(None);
            }
            day(&text, self.today).map(Some).map_err(malformed(field))
        })?;
        let (sku, lot) = (row.sku.clone(), row.lot.clone());
        Ok(expires.is_wanted().then_some(RecordChange::ChangeLot { sku, lot, expires }))
    }

    fn partner(&self) -> Result<Option<RecordChange>, Fault> {
        let name = || self.optional(RecordField::Name);
        let Some(Record::Partner(row)) = self.before else {
            return Ok(Some(RecordChange::AddPartner(NewPartner {
                code: self.required(RecordField::PartnerCode)?,
                name: name()?,
                kind: self.required::<PartnerKind>(RecordField::PartnerKind)?,
            })));
        };
        let name = self.change(RecordField::Name, name)?;
        Ok(name.is_wanted().then(|| RecordChange::RenamePartner { code: row.code.clone(), name }))
    }

    fn person(&self) -> Result<Option<RecordChange>, Fault> {
        // Spaces at its ends are part of a password.
        let password = (self.texts)(RecordField::Password);
        if let Some(Record::Person(row)) = self.before {
            let group = self.changed(RecordField::Group)?;
            let password = (!password.is_empty()).then(|| SecretString::from(password));
            let any = group.is_some() || password.is_some();
            let login = row.login.clone();
            return Ok(any.then_some(RecordChange::ChangePerson { login, group, password }));
        }
        let login: String = self.required(RecordField::Login)?;
        let group = self.required::<Group>(RecordField::Group)?;
        if password.is_empty() {
            return Err((RecordField::Password, FieldFault::Missing));
        }
        let password = SecretString::from(password);
        Ok(Some(RecordChange::AddPerson { login, group, password }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ProductRow, Sku};

    const TODAY: Date = Date::constant(2026, 11, 20);

    fn read(
        kind: RecordKind,
        before: Option<&Record>,
        filled: &[(RecordField, &str)],
    ) -> Result<Option<RecordChange>, Fault> {
        let texts = |field: RecordField| {
            let typed =
                filled.iter().find(|(filled, _)| *filled == field).map(|(_, text)| (*text).to_owned());
            typed.unwrap_or_else(|| before.map(|before| before.text(field)).unwrap_or_default())
        };
        read_record(kind, before, &texts, DecimalMark::Comma, TODAY)
    }

    fn cup() -> Record {
        let mut product = Product::plain("CUP".parse().unwrap(), "Cup".parse().unwrap()).unwrap();
        product.unit_cost = Some("1.25".parse().unwrap());
        product.barcodes = vec![PackBarcode {
            barcode: "5012345678900".parse().unwrap(),
            pack_quantity: "1".parse().unwrap(),
        }];
        Record::Product(Box::new(ProductRow {
            product,
            on_hand: Decimal::ZERO,
            available: Decimal::ZERO,
            archived_at: None,
        }))
    }

    #[test]
    fn only_what_differs_is_changed() {
        assert!(read(RecordKind::Product, Some(&cup()), &[]).unwrap().is_none());
        let filled = [(RecordField::UnitCost, "1,3055"), (RecordField::Category, "Kitchen")];
        let Ok(Some(RecordChange::ChangeProduct { change, add, remove })) =
            read(RecordKind::Product, Some(&cup()), &filled)
        else {
            panic!("no change");
        };
        let expected = ProductChange {
            unit_cost: Change::To("1.3055".parse().unwrap()),
            category: Change::To("Kitchen".parse().unwrap()),
            ..ProductChange::none("CUP".parse::<Sku>().unwrap())
        };
        assert_eq!((*change, add, remove), (expected, vec![], vec![]));
    }

    #[test]
    fn a_barcode_whose_pack_changes_is_removed_and_added() {
        let filled = [(RecordField::Barcodes, "5012345678900*12, 5012345678917")];
        let Ok(Some(RecordChange::ChangeProduct { add, remove, .. })) =
            read(RecordKind::Product, Some(&cup()), &filled)
        else {
            panic!("no change");
        };
        assert_eq!(add.iter().map(barcode_text).collect::<Vec<_>>(), ["5012345678900*12", "5012345678917"]);
        assert_eq!(remove, ["5012345678900".parse::<crate::domain::Barcode>().unwrap()]);
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let product = |filled: &[(RecordField, &str)]| {
            let usual = [
                (RecordField::Sku, "CUP"),
                (RecordField::Name, "Cup"),
                (RecordField::Unit, "each"),
                (RecordField::Decimals, "0"),
                (RecordField::Tracking, "none"),
            ];
            let filled: Vec<_> = filled.iter().chain(&usual).copied().collect();
            read(RecordKind::Product, None, &filled).map(|change| change.is_some())
        };
        assert_eq!(product(&[]), Ok(true));
        assert_eq!(product(&[(RecordField::Name, " ")]), Err((RecordField::Name, FieldFault::Missing)));
        for (field, text) in [
            (RecordField::Sku, "has space"),
            (RecordField::ReorderPoint, "ten"),
            (RecordField::ReorderPoint, "-1"),
            (RecordField::UnitCost, "1.23456"),
            (RecordField::Barcodes, "123*0"),
        ] {
            assert_eq!(product(&[(field, text)]), Err((field, FieldFault::Malformed)), "{text}");
        }
        let person =
            read(RecordKind::Person, None, &[(RecordField::Login, "u1"), (RecordField::Group, "clerk")]);
        assert_eq!(person.unwrap_err(), (RecordField::Password, FieldFault::Missing));
    }
}
