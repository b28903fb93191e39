//! Turns a completed form into the change that it makes. Only fields that differ from the record become part of it, so
//! that two admins who change different fields do not undo each other.

use std::str::FromStr;

use jiff::civil::Date;
use secrecy::SecretString;

use super::{Record, RecordChange, RecordField, RecordKind};
use crate::domain::entry::{DecimalMark, day};
use crate::domain::{
    Change, Group, LocationChange, LocationKind, NewLocation, NewPartner, PartnerKind, UnitPrice,
};

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFault {
    /// The field is empty and must not be.
    Missing,
    /// The text does not have the form that the field requires.
    Malformed,
}

/// A field and what is wrong with it.
pub(super) type Fault = (RecordField, FieldFault);

/// The fields as completed, and the record that they were filled from.
pub(super) struct Fields<'a> {
    texts: &'a dyn Fn(RecordField) -> String,
    pub(super) before: Option<&'a Record>,
    pub(super) mark: DecimalMark,
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

pub(super) fn malformed<E>(field: RecordField) -> impl FnOnce(E) -> Fault {
    move |_| (field, FieldFault::Malformed)
}

impl Fields<'_> {
    pub(super) fn text(&self, field: RecordField) -> String {
        (self.texts)(field).trim().to_owned()
    }

    /// Whether a field differs from the record.
    fn is_changed(&self, field: RecordField) -> bool {
        self.before.is_none_or(|before| before.text(field) != self.text(field))
    }

    pub(super) fn optional<T: FromStr>(&self, field: RecordField) -> Result<Option<T>, Fault> {
        let text = self.text(field);
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(malformed(field)) }
    }

    pub(super) fn required<T: FromStr>(&self, field: RecordField) -> Result<T, Fault> {
        self.optional(field)?.ok_or((field, FieldFault::Missing))
    }

    /// The price in a field. Prices have more decimal places than quantities.
    pub(super) fn price(&self, field: RecordField) -> Result<Option<UnitPrice>, Fault> {
        let text = self.mark.with_point(&self.text(field));
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(malformed(field)) }
    }

    /// The change of a field that may be empty.
    pub(super) fn change<T>(
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
    pub(super) fn changed<T: FromStr>(&self, field: RecordField) -> Result<Option<T>, Fault> {
        if self.is_changed(field) { self.required(field).map(Some) } else { Ok(None) }
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
    use rust_decimal::Decimal;

    use super::super::product::barcode_text;
    use super::*;
    use crate::domain::{PackBarcode, Product, ProductChange, ProductField, ProductRow, Sku};

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
        let filled = [
            (RecordField::Product(ProductField::UnitCost), "1,3055"),
            (RecordField::Product(ProductField::Category), "Kitchen"),
        ];
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
        let filled = [(RecordField::Product(ProductField::Barcodes), "5012345678900*12, 5012345678917")];
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
                (RecordField::Product(ProductField::Unit), "each"),
                (RecordField::Product(ProductField::Decimals), "0"),
                (RecordField::Product(ProductField::Tracking), "none"),
            ];
            let filled: Vec<_> = filled.iter().chain(&usual).copied().collect();
            read(RecordKind::Product, None, &filled).map(|change| change.is_some())
        };
        assert_eq!(product(&[]), Ok(true));
        assert_eq!(product(&[(RecordField::Name, " ")]), Err((RecordField::Name, FieldFault::Missing)));
        for (field, text) in [
            (RecordField::Sku, "has space"),
            (RecordField::Product(ProductField::ReorderPoint), "ten"),
            (RecordField::Product(ProductField::ReorderPoint), "-1"),
            (RecordField::Product(ProductField::UnitCost), "1.23456"),
            (RecordField::Product(ProductField::Barcodes), "123*0"),
        ] {
            assert_eq!(product(&[(field, text)]), Err((field, FieldFault::Malformed)), "{text}");
        }
        let person =
            read(RecordKind::Person, None, &[(RecordField::Login, "u1"), (RecordField::Group, "clerk")]);
        assert_eq!(person.unwrap_err(), (RecordField::Password, FieldFault::Missing));
    }
}
