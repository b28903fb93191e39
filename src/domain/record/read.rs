//! Turns a completed form into the change that it makes. Only fields that differ from the record become part of it, so
//! that two admins who change different fields do not undo each other.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::civil::Date;
use secrecy::SecretString;

use super::{Record, RecordChange, RecordField, RecordKind};
use crate::domain::entry::{DecimalMark, day};
use crate::domain::{
    Change, FieldChanges, FieldValue, Group, LocationChange, LocationKind, NewLocation, NewPartner,
    PartnerChange, PartnerField, PartnerKind, PersonalText, UnitPrice,
};

/// The most days that a customer can demand, as the table has it: ten years.
const MIN_LIFE_DAYS_MAX: i32 = 3_650;

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
    /// The personal fields of a partner, as far as the form shows them.
    contacts: &'a BTreeMap<PartnerField, FieldValue>,
    pub(super) mark: DecimalMark,
    today: Date,
}

/// Reads a completed form: a new record of a kind, or the changes to an existing one, of which `contacts` are the personal
/// fields that the form shows. Returns none if nothing changed.
///
/// # Errors
/// The first field that is missing or malformed.
pub fn read_record(
    kind: RecordKind,
    before: Option<&Record>,
    contacts: &BTreeMap<PartnerField, FieldValue>,
    texts: &dyn Fn(RecordField) -> String,
    mark: DecimalMark,
    today: Date,
) -> Result<Option<RecordChange>, Fault> {
    let fields = Fields { texts, before, contacts, mark, today };
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
        let kind = self.required::<PartnerKind>(RecordField::PartnerKind)?;
        let life = || self.min_life_days(kind);
        let Some(Record::Partner(row)) = self.before else {
            let code = self.required(RecordField::PartnerCode)?;
            let partner = NewPartner { code, name: name()?, kind };
            let min_life_days = life()?.map_or(Change::Keep, Change::To);
            let fields = self.contacts()?;
            return Ok(Some(RecordChange::AddPartner { partner, min_life_days, fields }));
        };
        let change = PartnerChange {
            code: row.code.clone(),
            name: self.change(RecordField::Name, name)?,
            min_life_days: self.change(RecordField::MinLifeDays, life)?,
            fields: self.contacts()?,
        };
        let any = change.name.is_wanted() || change.min_life_days.is_wanted() || !change.fields.is_empty();
        Ok(any.then_some(RecordChange::ChangePartner(change)))
    }

    /// Whole days, which only a customer can demand.
    fn min_life_days(&self, kind: PartnerKind) -> Result<Option<i32>, Fault> {
        let field = RecordField::MinLifeDays;
        let days = self.optional::<i32>(field)?;
        match days {
            Some(days) if kind != PartnerKind::Customer || !(1..=MIN_LIFE_DAYS_MAX).contains(&days) => {
                Err((field, FieldFault::Malformed))
            }
            days => Ok(days),
        }
    }

    /// The personal fields that differ from those before. What is hidden is not on the form.
    fn contacts(&self) -> Result<FieldChanges, Fault> {
        let mut changes = FieldChanges::new();
        for field in PartnerField::ALL {
            let before = match self.contacts.get(&field) {
                Some(FieldValue::Hidden) => continue,
                Some(FieldValue::Text(text)) => text.in_one_line(),
                None => String::new(),
            };
            let text = self.text(RecordField::Contact(field));
            if text == before.trim() {
                continue;
            }
            let change = if text.is_empty() {
                Change::Clear
            } else {
                let line = PersonalText::of_line(field, &text);
                Change::To(line.map_err(malformed(RecordField::Contact(field)))?)
            };
            changes.insert(field, change);
        }
        Ok(changes)
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
    use crate::domain::{PackBarcode, PartnerRow, Product, ProductChange, ProductField, ProductRow, Sku};

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
        read_record(kind, before, &BTreeMap::new(), &texts, DecimalMark::Comma, TODAY)
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
    fn the_personal_fields_of_a_partner_are_changed_one_by_one() {
        let row = PartnerRow {
            code: "ACME".parse().unwrap(),
            name: None,
            kind: PartnerKind::Customer,
            min_life_days: Some(30),
        };
        let acme = Record::Partner(row);
        let text = |field, text| FieldValue::Text(PersonalText::of_partner(field, text).unwrap());
        let contacts = [
            (PartnerField::Email, text(PartnerField::Email, "a@example.com")),
            (PartnerField::Address, text(PartnerField::Address, "1 Rue du Port\nBrest")),
            (PartnerField::Telephone, text(PartnerField::Telephone, "0102030405")),
            (PartnerField::Note, FieldValue::Hidden),
        ];
        let contacts = BTreeMap::from(contacts);
        let read = |filled: &[(RecordField, &str)]| {
            let texts = |field: RecordField| {
                let typed = filled.iter().find(|(filled, _)| *filled == field);
                let before = match field {
                    RecordField::Contact(field) => match contacts.get(&field) {
                        Some(FieldValue::Text(text)) => text.in_one_line(),
                        _ => String::new(),
                    },
                    field => acme.text(field),
                };
                typed.map_or(before, |(_, text)| (*text).to_owned())
            };
            let mark = DecimalMark::Point;
            read_record(RecordKind::Partner, Some(&acme), &contacts, &texts, mark, TODAY)
        };
        assert!(read(&[]).unwrap().is_none(), "what is hidden does not count as changed");
        let filled = [
            (RecordField::Contact(PartnerField::Address), "2 Rue du Port | Brest"),
            (RecordField::Contact(PartnerField::Telephone), ""),
            (RecordField::MinLifeDays, "60"),
        ];
        let Ok(Some(RecordChange::ChangePartner(change))) = read(&filled) else { panic!("no change") };
        let fields: Vec<_> = change.fields.iter().map(|(field, change)| (*field, change.value())).collect();
        let expected = PersonalText::of_partner(PartnerField::Address, "2 Rue du Port\nBrest").unwrap();
        let expected = [(PartnerField::Telephone, None), (PartnerField::Address, Some(&expected))];
        assert_eq!((fields.as_slice(), change.min_life_days), (expected.as_slice(), Change::To(60)));
        assert!(!format!("{change:?}").contains("Port"));
        for (field, text) in [
            (RecordField::Contact(PartnerField::Email), "nobody"),
            (RecordField::MinLifeDays, "0"),
            (RecordField::MinLifeDays, "many"),
        ] {
            let fault = read(&[(field, text)]).map(|change| change.is_some());
            assert_eq!(fault, Err((field, FieldFault::Malformed)));
        }
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
