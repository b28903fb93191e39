//! The master data, driven by keys and answers.

use jiff::Timestamp;
use jiff::civil::date;
use rust_decimal::Decimal;

use crate::domain::samples::{location_row, parsed, product, some};
use crate::domain::{
    Change, ContactsLocked, FieldValue, FieldVersion, Group, LotRow, PartnerContacts, PartnerField,
    PartnerKind, PartnerRow, Person, PersonalText, ProductRow, Record, RecordChange, RecordKey, RecordKind,
    RecordVersion, Refusal, Sku,
};
use crate::tui::app::testing::{Desk, NOW};
use crate::tui::locale::Language;
use crate::worker::message::Failure;
use crate::worker::query::{self, Answer, QueryKey, Question};

fn cup(archived: bool) -> Record {
    let mut cup = product("CUP-WHITE", "White cup");
    cup.category = some("Kitchen");
    cup.unit_cost = some("1.25");
    Record::Product(Box::new(ProductRow {
        product: cup,
        on_hand: Decimal::from(1_240),
        available: Decimal::from(1_200),
        archived_at: archived.then(|| NOW.parse().unwrap()),
    }))
}

/// An admin at the master data, with two products.
fn records(language: Language) -> Desk {
    let mut desk = Desk::new(Group::Admin, language);
    desk.keys("<alt-0>");
    desk.answer_on(QueryKey::Records, Answer::Records(vec![cup(false), plate()]));
    desk
}

fn plate() -> Record {
    Record::Product(Box::new(ProductRow {
        product: product("PLATE", "Plate, blue rim"),
        on_hand: Decimal::ZERO,
        available: Decimal::ZERO,
        archived_at: Some(NOW.parse().unwrap()),
    }))
}

#[test]
fn a_product_is_added_in_a_form() {
    let mut desk = records(Language::English);
    desk.keys(
        "<alt-n>mug<tab>Mug<tab><tab><right><tab><tab>Kitchen<tab>12<tab>1.30<tab>2.99<tab>5012345678900*6",
    );
    insta::assert_snapshot!("new_product", desk.draw(80, 24));
    desk.keys("<enter>");
    let (_, RecordChange::AddProduct(added)) = desk.changes.last().unwrap() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!((added.sku.as_str(), added.name.as_str(), added.unit.as_str()), ("MUG", "Mug", "each"));
    assert_eq!((added.decimals, added.reorder_point), (1, Some(Decimal::from(12))));
    assert_eq!(added.barcodes[0].pack_quantity.value(), Decimal::from(6));
    // Nothing is sent twice, and nothing that was typed is lost after a refusal.
    desk.keys("<enter><enter>x");
    assert_eq!(desk.changes.len(), 1);
    desk.end_change(Err(Failure::Refused(Refusal::ProductExists(parsed("MUG")))));
    let drawn = desk.draw(80, 24);
    assert!(drawn.contains("✗") && drawn.contains("5012345678900*6"), "{drawn}");
    desk.keys("<enter>");
    desk.end_change(Ok(()));
    assert_eq!(desk.layers(), 0);
    assert!(desk.notices()[0].text.contains("mug saved"), "{:?}", desk.notices());
    assert!(matches!(desk.question(), Question::Records(_)), "the list is read again");
}

#[test]
fn a_malformed_field_is_explained_where_it_is() {
    let mut desk = records(Language::English);
    desk.keys("<enter><tab><tab><tab>twelve<enter>");
    let drawn = desk.draw(80, 24);
    assert!(drawn.contains("✗ The available quantity at or below which stock is low"), "{drawn}");
    assert!(desk.changes.is_empty());
    // The cursor is in the field, and typing replaces its text.
    desk.keys("7<enter>");
    let (_, RecordChange::ChangeProduct { change, add, remove }) = desk.changes.last().unwrap() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!(change.reorder_point.value(), Some(&Decimal::from(7)));
    assert!(change.name.is_none() && !change.category.is_wanted() && add.is_empty() && remove.is_empty());
}

#[test]
fn a_form_without_changes_sends_nothing() {
    let mut desk = records(Language::English);
    desk.keys("<enter><enter>");
    assert!(desk.changes.is_empty());
    assert_eq!((desk.layers(), desk.notices()[0].text.as_str()), (0, "Nothing was changed."));
}

#[test]
fn a_connection_lost_while_saving_leaves_the_form_open() {
    let mut desk = records(Language::English);
    desk.keys("<enter>New name<enter>");
    desk.end_change(Err(Failure::Unavailable("server closed the connection".to_owned())));
    let drawn = desk.draw(100, 30);
    assert!(drawn.contains("Check whether the change was made") && drawn.contains("New name"), "{drawn}");
    desk.keys("<enter>");
    assert_eq!(desk.changes.len(), 2);
}

#[test]
fn a_form_that_was_closed_while_saving_still_reports_its_end() {
    let mut desk = records(Language::English);
    desk.keys("<enter>New name<enter><esc>");
    desk.end_change(Err(Failure::Refused(Refusal::UnknownProduct("CUP-WHITE".to_owned()))));
    assert!(desk.notices()[0].text.contains("CUP-WHITE"), "{:?}", desk.notices());
}

#[test]
fn archiving_asks_first_and_restores_what_is_archived() {
    let mut desk = records(Language::English);
    desk.keys("<alt-x>");
    assert!(desk.draw(80, 24).contains("Archive CUP-WHITE?"));
    // No is selected at first.
    desk.keys("<enter>");
    assert!(desk.changes.is_empty());
    desk.keys("<alt-x>1");
    let (_, RecordChange::ArchiveProduct { sku, archived: true }) = desk.changes.last().unwrap() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!(*sku, parsed::<Sku>("CUP-WHITE"));
    desk.end_change(Ok(()));
    assert_eq!(desk.notices()[0].text, "CUP-WHITE archived");
    desk.answer_on(QueryKey::Records, Answer::Records(vec![cup(true), plate()]));
    desk.keys("<alt-x>1");
    assert!(
        matches!(desk.changes.last().unwrap().1, RecordChange::ArchiveProduct { archived: false, .. }),
        "{:?}",
        desk.changes
    );
}

#[test]
fn each_kind_has_a_page() {
    let mut desk = records(Language::English);
    insta::assert_snapshot!("products_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("products_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("products_130x38", desk.draw(130, 38));
    insta::assert_snapshot!("products_french", records(Language::French).draw(80, 24));
    desk.keys("<tab>");
    let mut aisle = location_row("A-01");
    (aisle.name, aisle.parent) = (some("Aisle 1"), some("MAIN"));
    desk.answer_on(QueryKey::Records, Answer::Records(vec![Record::Location(aisle)]));
    insta::assert_snapshot!("locations", desk.draw(80, 24));
    desk.keys("<tab>");
    let lot = LotRow {
        sku: parsed("MILK"),
        name: parsed("Milk, 1 l"),
        lot: parsed("L7"),
        expires_on: Some(date(2026, 12, 31)),
        on_hand: Decimal::from(12),
    };
    desk.answer_on(QueryKey::Records, Answer::Records(vec![Record::Lot(lot)]));
    insta::assert_snapshot!("lots", desk.draw(80, 24));
    desk.keys("<enter>2027-01<enter>");
    assert!(matches!(desk.changes.last().unwrap().1, RecordChange::ChangeLot { .. }), "{:?}", desk.changes);
    desk.end_change(Ok(()));
    desk.keys("<alt-n>");
    assert!(desk.notices()[0].text.contains("received"), "lots are not added by hand");
    desk.keys("<tab>");
    let acme = PartnerRow {
        code: parsed("ACME"),
        name: some("Acme Ltd"),
        kind: PartnerKind::Supplier,
        min_life_days: None,
    };
    desk.answer_on(QueryKey::Records, Answer::Records(vec![Record::Partner(acme)]));
    desk.keys("<enter>Acme Limited<enter>");
    assert!(matches!(desk.changes.last().unwrap().1, RecordChange::ChangePartner(_)), "{:?}", desk.changes);
    desk.end_change(Ok(()));
    desk.keys("<tab>");
    let marie = Person { login: "u17".to_owned(), group: Group::Clerk, can_login: false };
    desk.answer_on(QueryKey::Records, Answer::Records(vec![Record::Person(marie)]));
    insta::assert_snapshot!("people", desk.draw(80, 24));
    let question = desk.asked.iter().rev().find(|(ticket, _)| ticket.query_key == QueryKey::Records);
    assert!(question.is_none(), "{question:?}");
}

#[test]
fn a_password_is_not_drawn_and_must_be_long_enough() {
    let mut desk = records(Language::English);
    desk.keys("<shift-tab>");
    desk.answer_on(QueryKey::Records, Answer::Records(Vec::new()));
    desk.keys("<alt-n>u18<tab><tab>short<enter>");
    let drawn = desk.draw(80, 24);
    assert!(drawn.contains("✗ At least 8 characters") && !drawn.contains("short"), "{drawn}");
    desk.keys("long enough<enter>");
    assert!(matches!(desk.changes.last().unwrap().1, RecordChange::AddPerson { group: Group::Clerk, .. }));
    assert!(!format!("{:?}", desk.changes).contains("long enough"));
}

#[test]
fn a_person_gets_another_role_and_password() {
    let mut desk = records(Language::English);
    desk.keys("<shift-tab>");
    let person = Person { login: "u17".to_owned(), group: Group::Clerk, can_login: true };
    desk.answer_on(QueryKey::Records, Answer::Records(vec![Record::Person(person)]));
    desk.keys("<enter>");
    assert!(desk.draw(80, 24).contains("Leave it empty to keep the password."));
    desk.keys("<enter>");
    assert!(desk.changes.is_empty(), "neither was changed");
    desk.keys("<enter>short<enter>");
    assert!(desk.draw(80, 24).contains("✗ At least 8 characters"));
    desk.keys("long enough<tab><right><enter>");
    let (_, RecordChange::ChangePerson { login, group, password }) = desk.changes.last().unwrap() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!((login.as_str(), *group), ("u17", Some(Group::Admin)));
    assert!(password.is_some());
}

#[test]
fn locations_are_offered_for_the_parent() {
    let mut desk = records(Language::French);
    desk.keys("<tab>");
    desk.answer_on(QueryKey::Records, Answer::Records(Vec::new()));
    desk.keys("<alt-n>A-02<tab><tab><tab>MA");
    let Question::Places(query::Places { text, .. }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(text, "MA");
    desk.answer(Answer::Places(vec![location_row("MAIN")]));
    desk.keys("<down><enter>");
    insta::assert_snapshot!("new_location_french", desk.draw(80, 24));
    desk.keys("<enter>");
    let (_, RecordChange::AddLocation(added)) = desk.changes.last().unwrap() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!((added.code.as_str(), added.parent.as_ref().unwrap().as_str()), ("A-02", "MAIN"));
}

#[test]
fn the_history_shows_each_change() {
    let mut desk = records(Language::English);
    desk.keys("<alt-h>");
    let Question::Versions(query::Versions { key }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!((key, key.kind()), (&RecordKey::Product(parsed("CUP-WHITE")), RecordKind::Product));
    let field = |column: &str, before: Option<&str>, after: Option<&str>| FieldVersion {
        column: column.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let version = |at: &str, by: &str, operation: &str, fields: Vec<FieldVersion>| RecordVersion {
        changed_at: at.parse::<Timestamp>().unwrap(),
        changed_by: by.to_owned(),
        operation: operation.to_owned(),
        fields,
    };
    desk.answer(Answer::Versions(vec![
        version(
            "2026-11-20T08:00:00Z",
            "admin",
            "update",
            vec![
                field("unit_cost", Some("1.2"), Some("1.25")),
                field("name", Some("Cup"), Some("White\u{1b}[31m cup")),
            ],
        ),
        version("2026-01-02T08:00:00Z", "admin", "insert", vec![field("sku", None, Some("CUP-WHITE"))]),
    ]));
    let drawn = desk.draw(100, 24);
    assert!(!drawn.contains('\u{1b}'));
    insta::assert_snapshot!("history", drawn);
}

#[test]
fn only_admins_see_the_master_data() {
    for group in [Group::Clerk, Group::Auditor] {
        let mut desk = Desk::new(group, Language::English);
        desk.keys("<alt-0>");
        assert!(!desk.asked.iter().any(|(ticket, _)| ticket.query_key == QueryKey::Records), "{group:?}");
    }
}

/// An admin at the form of a partner, with what the database and the keyring gave of its personal fields.
fn partner_form(language: Language, contacts: PartnerContacts) -> Desk {
    let mut desk = records(language);
    desk.keys("<tab><tab><tab>");
    let acme = PartnerRow {
        code: parsed("ACME"),
        name: some("Acme Ltd"),
        kind: PartnerKind::Customer,
        min_life_days: Some(30),
    };
    desk.answer_on(QueryKey::Records, Answer::Records(vec![Record::Partner(acme)]));
    desk.keys("<enter>Acme");
    let Question::Contacts(query::Contacts { code }) = desk.question() else {
        panic!("{:?}", desk.question())
    };
    assert_eq!(*code, some("ACME"));
    desk.answer(Answer::Contacts(Box::new(contacts)));
    desk
}

fn contacts() -> PartnerContacts {
    let text = |field, text| (field, FieldValue::Text(PersonalText::of_partner(field, text).unwrap()));
    let fields = [
        text(PartnerField::ContactName, "J. Example"),
        text(PartnerField::Address, "1 Rue du Port\n29200 Brest"),
        (PartnerField::Note, FieldValue::Hidden),
    ];
    PartnerContacts { fields: fields.into(), locked: None }
}

#[test]
fn the_personal_fields_of_a_partner_are_changed_where_the_keyring_is() {
    let mut desk = partner_form(Language::English, contacts());
    insta::assert_snapshot!("partner_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("partner_80x24", desk.draw(80, 24));
    insta::assert_snapshot!("partner_130x38", desk.draw(130, 38));
    // The name that was being typed is kept; then days, contact, e-mail.
    desk.keys("<tab>60<tab><tab>nobody<enter>");
    assert!(desk.changes.is_empty());
    assert!(
        desk.draw(80, 24).contains("✗ Encrypted before it is sent. One address"),
        "{}",
        desk.draw(80, 24)
    );
    desk.keys("<ctrl-u>j@example.com<enter>");
    let (_, RecordChange::ChangePartner(change)) = desk.changes.last().unwrap() else {
        panic!("{:?}", desk.changes)
    };
    let fields: Vec<_> = change.fields.iter().map(|(field, change)| (*field, change.value())).collect();
    let email = PersonalText::of_partner(PartnerField::Email, "j@example.com").unwrap();
    assert_eq!(fields, [(PartnerField::Email, Some(&email))]);
    assert_eq!((&change.name, change.min_life_days), (&Change::To(parsed("Acme")), Change::To(60)));
    assert!(!format!("{:?}", desk.changes).contains("example.com"), "what is logged shows no personal text");
    desk.end_change(Ok(()));
    assert!(desk.notices().iter().all(|notice| !notice.text.contains("example.com")));
    assert!(desk.drafts.is_empty());
}

#[test]
fn without_the_keyring_the_form_of_a_partner_says_why() {
    for (locked, said) in [
        (ContactsLocked::NoKeyring, "STOCKROOM_ENCRYPTION_KEY_FILE"),
        (ContactsLocked::NotInitialised, "stockroom privacy init"),
        (ContactsLocked::Unusable("the keyring x holds no key".to_owned()), "the keyring x holds"),
    ] {
        let contacts = PartnerContacts { locked: Some(locked), ..PartnerContacts::default() };
        let mut desk = partner_form(Language::French, contacts);
        let drawn = desk.draw(80, 24);
        assert!(drawn.contains(said) && !drawn.contains("Téléphone  "), "{drawn}");
    }
    let locked = PartnerContacts { locked: Some(ContactsLocked::NoKeyring), ..PartnerContacts::default() };
    let mut desk = partner_form(Language::English, locked.clone());
    insta::assert_snapshot!("partner_locked_60x20", desk.draw(60, 20));
    insta::assert_snapshot!("partner_locked_french", partner_form(Language::French, locked).draw(80, 24));
    desk.keys("<enter>");
    let (_, change) = desk.changes.last().unwrap();
    assert!(matches!(change, RecordChange::ChangePartner(change) if change.fields.is_empty()), "{change:?}");
    assert!(!change.is_personal());
    insta::assert_snapshot!("partner_french", partner_form(Language::French, contacts()).draw(80, 24));
}
