use serde_json::json;

use super::statements::Statement;
use super::*;
use crate::audit::record::message::RecordKind;
use crate::store::master_data_statements as sent;
use crate::store::order_statements;

fn record<'a>(statement: &'a str, values: &[&str]) -> AuditRecord<'a> {
    AuditRecord {
        kind: RecordKind::Session,
        statement_id: 1,
        substatement_id: 1,
        class: "WRITE".into(),
        command: "UPDATE".into(),
        object_type: "TABLE".into(),
        object_name: "stock.products".into(),
        statement: statement.into(),
        parameters: Parameters::Values(values.iter().map(|value| (*value).to_owned()).collect()),
        rows: Some(1),
    }
}

fn row(value: Value) -> StoredRow {
    let Value::Object(columns) = value else { panic!("{value}") };
    columns
}

fn has(values: &RecordedValues, row: &StoredRow) -> Option<bool> {
    values.has(&StoredChange { operation: INSERT, row, before: None, login: "admin", xid: 7 })
}

/// The differences as `column expected found`.
fn told(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(|one| format!("{} {} {}", one.column, one.expected, one.found)).collect()
}

#[test]
fn each_statement_has_the_parameters_that_its_form_names() {
    for Statement { text, key, form, computed } in STATEMENTS {
        let (parameters, columns): (Vec<usize>, Vec<&str>) = match form {
            Form::Scalars(columns) => (
                columns.iter().flat_map(|(_, value, flag)| [*value, flag.unwrap_or(*value)]).collect(),
                columns.iter().map(|(column, ..)| *column).collect(),
            ),
            Form::Arrays(columns) => columns.iter().map(|(column, value)| (*value, *column)).unzip(),
            Form::Objects(columns) => (vec![1], columns.concat()),
        };
        for parameter in parameters {
            assert!(text.contains(&format!("${parameter}")), "${parameter} of {text}");
        }
        for column in columns.iter().chain(computed) {
            assert!(text.contains(column), "{column} in {text}");
        }
        assert!(key.iter().all(|column| columns.contains(column)), "{key:?} of {text}");
    }
}

#[test]
fn a_value_that_was_not_recorded_is_found() {
    let values = values_in(&record(sent::CHANGE_LOCATION, &["7", "t", "Hall", "f", "", "storage"]));
    let before = row(json!({"location_id": 7, "code": "A", "name": null, "parent_id": 3, "kind": "dock"}));
    let after =
        row(json!({"location_id": 7, "code": "A", "name": "Hall", "parent_id": 3, "kind": "storage"}));
    assert_eq!(told(&values.differences(&after, Some(&before), false)), [""; 0]);
    // What the statement sets, and what it leaves alone.
    let altered =
        row(json!({"location_id": 7, "code": "A", "name": "House", "parent_id": 4, "kind": "storage"}));
    assert_eq!(
        told(&values.differences(&altered, Some(&before), false)),
        ["parent_id 3 4", "name Hall House"]
    );
    // A column that a migration added in between is no difference.
    let wider = row(json!({"location_id": 7, "name": "Hall", "kind": "storage", "floor": 2}));
    assert_eq!(told(&values.differences(&wider, Some(&before), false)), [""; 0]);
}

#[test]
fn several_rows_of_one_statement_are_told_apart() {
    let values = values_in(&record(
        sent::ADD_PRODUCTS,
        &[
            r#"[{"sku": "A", "name": "One", "unit_cost": "1.50", "barcodes": []}, {"sku": "B", "name": "Two"}]"#,
        ],
    ));
    let first = row(json!({"product_id": 1, "sku": "A", "name": "One", "unit_cost": 1.5}));
    assert_eq!(has(&values, &first), Some(true));
    assert_eq!(told(&values.differences(&first, None, false)), [""; 0]);
    let second = row(json!({"product_id": 2, "sku": "B", "name": "Other"}));
    assert_eq!(told(&values.differences(&second, None, false)), ["name Two Other"]);
    let none = row(json!({"product_id": 2, "sku": "C", "name": "Two"}));
    assert_eq!(has(&values, &none), Some(false));
    assert_eq!(told(&values.differences(&none, None, false)), ["sku  C"]);
}

#[test]
fn arrays_are_read_row_by_row() {
    let values =
        values_in(&record(sent::ADD_LOTS, &["{5,5,6}", "{L1,L1,L2}", "{2027-01-01,2027-02-01,NULL}"]));
    let lot = |code: &str, expires: Value| row(json!({"product_id": 6, "code": code, "expires_on": expires}));
    assert_eq!(told(&values.differences(&lot("L2", Value::Null), None, false)), [""; 0]);
    assert_eq!(
        told(&values.differences(&lot("L2", json!("2027-03-01")), None, false)),
        ["expires_on  2027-03-01"]
    );
    // Given twice, differently: the server took one of them.
    let twice = row(json!({"product_id": 5, "code": "L1", "expires_on": "2027-02-01"}));
    assert_eq!(told(&values.differences(&twice, None, false)), [""; 0]);
}

#[test]
fn a_statement_by_hand_sets_only_the_columns_that_it_names() {
    let values = values_in(&record("UPDATE stock.products SET \"unit_cost\" = unit_cost * 2", &[]));
    let before = row(json!({"sku": "A", "name": "One", "unit_cost": 1.5}));
    let after = row(json!({"sku": "A", "name": "One", "unit_cost": 3.0}));
    assert_eq!(told(&values.differences(&after, Some(&before), false)), [""; 0]);
    let altered = row(json!({"sku": "A", "name": "Two", "unit_cost": 3.0}));
    assert_eq!(told(&values.differences(&altered, Some(&before), false)), ["name One Two"]);
    for unknown in ["UPDATE stock.products SET U&\"n\\0061me\" = 'x'", &"x ".repeat(STATEMENT_BYTES_MAX)] {
        assert_eq!(values_in(&record(unknown, &[])), RecordedValues::Unknown);
    }
}

#[test]
fn a_deleted_row_has_its_former_values() {
    let values = values_in(&record(sent::REMOVE_BARCODE, &["4006381333931", "5"]));
    let before = row(json!({"barcode": "4006381333931", "product_id": 5, "pack_quantity": 12}));
    assert_eq!(told(&values.differences(&before, Some(&before), true)), [""; 0]);
    let altered = row(json!({"barcode": "4006381333931", "product_id": 5, "pack_quantity": 1}));
    assert_eq!(told(&values.differences(&altered, Some(&before), true)), ["pack_quantity 12 1"]);
    let other = row(json!({"barcode": "4012345678901", "product_id": 5, "pack_quantity": 12}));
    assert_eq!(
        told(&values.differences(&other, Some(&other), true)),
        ["barcode  4012345678901"],
        "it is not what was to be deleted"
    );
}

#[test]
fn numbers_agree_by_value_and_texts_by_their_characters() {
    for (recorded, stored, expected) in [
        ("1.50", json!(1.5), true),
        ("12", json!(12), true),
        ("10.0", json!("10"), false),
        ("t", json!(true), true),
        ("", Value::Null, true),
        ("x", Value::Null, false),
        ("\\x0161", json!("\\x0161"), true),
    ] {
        assert_eq!(agrees(recorded, &stored), expected, "{recorded} {stored}");
    }
}

#[test]
fn what_was_inserted_is_found_once_and_only_as_it_was_inserted() {
    let id = "01930000-0000-7000-8000-000000000001";
    let values = values_in(&record(
        order_statements::INSERT_ORDER,
        &[id, "sales", "4", "R-1", "2026-11-25", "", "", ""],
    ));
    let order = |reference: &str| {
        row(
            json!({"order_id": id, "number": "SO-000001", "kind": "sales", "partner_id": 4, "partner_reference": reference,
                   "due_on": "2026-11-25", "ship_to_id": null, "to_location_id": null, "note": null, "created_by": "admin"}),
        )
    };
    let (sent, other) = (order("R-1"), order("R-2"));
    let change = |row, operation| StoredChange { operation, row, before: None, login: "admin", xid: 7 };
    for (row, expected) in [(&sent, [].as_slice()), (&other, &["partner_reference R-1 R-2"])] {
        let mut values = values.clone();
        assert_eq!(values.has(&change(row, "update")), Some(false));
        assert_eq!(values.has(&change(row, INSERT)), Some(true));
        assert_eq!(told(&values.take(&change(row, INSERT))), expected);
        assert_eq!(values.has(&change(row, INSERT)), Some(false), "it was found before");
    }
    let by_hand = record("INSERT INTO stock.orders VALUES (1)", &[]);
    assert!(matches!(values_in(&by_hand), RecordedValues::Names(_)));
}
