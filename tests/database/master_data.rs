//! Maintaining the master data on a real server: changing, archiving, restoring; who may, and what is refused.

use serde_json::{Value, json};
use stockroom::domain::{
    LocationChange, MovementKind, PackBarcode, ProductChange, RecordChange, RecordKey, RecordKind, Refusal,
    Sku, Tracking,
};

use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::program::{Program, Ran};
use crate::support::raw::{assert_books_balance, number};

async fn scene() -> (TestDatabase, Program) {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let program = Program::new(&database.url("admin"));
    (database, program)
}

fn done(run: &Ran) -> Value {
    assert_eq!(run.code, 0, "{run:?}");
    run.document()
}

fn refused(run: &Ran, rule: &str, message: &str) {
    assert_eq!(run.code, 3, "{run:?}");
    let document = run.document();
    assert_eq!(document["rule"], rule, "{run:?}");
    let said = document["message"].as_str().unwrap();
    assert!(said.contains(message), "\"{message}\" is missing in \"{said}\"");
}

#[tokio::test]
async fn a_product_is_changed_field_by_field_and_its_old_values_are_kept() {
    let (database, program) = scene().await;
    let change =
        |arguments: &[&str]| program.run(&[&["product", "change", "a"], arguments, &["--json"]].concat());
    let arguments = ["--name", "Lamp", "--category", "Light", "--reorder-point", "12", "--unit-cost", "1.5"];
    assert_eq!(done(&change(&arguments)), json!({"status": "changed", "sku": "A"}));
    done(&change(&["--unit-price", "4", "--unit", "piece"]));
    let shown = || program.run(&["product", "show", "A", "--json"]).document();
    let row = shown();
    let fields = |row: &Value| {
        ["name", "category", "reorder_point", "unit_cost", "unit_price", "unit"]
            .map(|field| row[field].clone())
    };
    assert_eq!(
        fields(&row),
        [json!("Lamp"), json!("Light"), json!("12.000"), json!("1.5000"), json!("4.0000"), json!("piece")]
    );
    done(&change(&[
        "--category",
        "none",
        "--reorder-point",
        "none",
        "--unit-cost",
        "none",
        "--unit-price",
        "none",
    ]));
    assert_eq!(
        fields(&shown()),
        [json!("Lamp"), Value::Null, Value::Null, Value::Null, Value::Null, json!("piece")]
    );
    let history = "SELECT count(*) FROM stock.product_history WHERE changed_by = 'admin'";
    assert_eq!(number(&database, history).await, 3);

    refused(&program.run(&["product", "change", "NONE", "--name", "N", "--json"]), "unknown_product", "NONE");
    refused(&change(&["--reorder-point", "0.5"]), "products_reorder_point_range", "refuses");
    for arguments in [&[][..], &["--unit-cost", "-1"], &["--name", ""], &["--reorder-point", "x"]] {
        assert_eq!(change(arguments).code, 2, "{arguments:?}");
    }
    assert_eq!(number(&database, history).await, 3, "what is refused changes nothing");
}

#[tokio::test]
async fn many_products_are_changed_all_or_none() {
    let (database, _) = scene().await;
    let admin = database.service("admin");
    let reorder = |sku: &str, point: &str| {
        let mut change = ProductChange::none(sku.parse().unwrap());
        change.reorder_point = stockroom::domain::Change::To(point.parse().unwrap());
        change
    };
    let found = admin.change_products(&[reorder("A", "5"), reorder("NONE", "5"), reorder("B", "6")]).await;
    assert_eq!(found.unwrap(), 2);
    let refused = admin.change_products(&[reorder("A", "7"), reorder("B", "0.5")]).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "products_reorder_point_range");
    let sum = "SELECT sum(reorder_point)::bigint FROM stock.products";
    assert_eq!(number(&database, sum).await, 11);
}

#[tokio::test]
async fn an_archived_product_can_be_issued_but_not_received() {
    let (_database, program) = scene().await;
    assert_eq!(program.run(&["receive", "A", "5", "--to", "X"]).code, 0);
    let run = |arguments: &[&str]| program.run(&[arguments, &["--json"]].concat());
    let archived = done(&run(&["product", "archive", "a"]));
    assert_eq!(archived, json!({"status": "archived", "sku": "A", "on_hand": "5"}));
    assert_eq!(done(&run(&["product", "archive", "A"]))["status"], "already_archived");
    let words = program.run(&["product", "archive", "A"]);
    assert!(words.stdout.contains("5 on hand can still be issued"), "{words:?}");
    refused(&run(&["receive", "A", "1", "--to", "X"]), "product_archived", "A is archived");
    assert_eq!(run(&["issue", "A", "5", "--from", "X"]).code, 0);
    assert!(!program.run(&["product", "list"]).stdout.contains("Product A"));
    assert_eq!(done(&run(&["product", "restore", "A"]))["status"], "restored");
    assert_eq!(done(&run(&["product", "restore", "A"]))["status"], "already_in_use");
    assert_eq!(run(&["receive", "A", "1", "--to", "X"]).code, 0);
    refused(&run(&["product", "archive", "NONE"]), "unknown_product", "NONE");
}

#[tokio::test]
async fn a_location_is_archived_only_when_it_is_empty() {
    let (database, program) = scene().await;
    let run = |arguments: &[&str]| program.run(&[arguments, &["--json"]].concat());
    for sku in ["A", "B"] {
        assert_eq!(run(&["receive", sku, "5", "--to", "X"]).code, 0);
    }
    refused(
        &run(&["location", "archive", "x"]),
        "location_not_empty",
        "Location X still holds 2 kinds of goods",
    );
    let archived = "SELECT count(*) FROM stock.locations WHERE archived_at IS NOT NULL";
    assert_eq!(number(&database, archived).await, 0);
    for sku in ["A", "B"] {
        assert_eq!(run(&["transfer", sku, "5", "--from", "X", "--to", "Y"]).code, 0);
    }
    assert_eq!(done(&run(&["location", "archive", "X"])), json!({"status": "archived", "code": "X"}));
    assert_eq!(done(&run(&["location", "archive", "X"]))["status"], "already_archived");
    refused(&run(&["receive", "A", "1", "--to", "X"]), "location_archived", "is archived");
    assert_eq!(done(&run(&["location", "restore", "X"]))["status"], "restored");
    assert_eq!(done(&run(&["location", "restore", "X"]))["status"], "already_in_use");
    assert_eq!(run(&["receive", "A", "1", "--to", "X"]).code, 0);
    refused(&run(&["location", "archive", "NOWHERE"]), "unknown_location", "NOWHERE");
}

#[tokio::test]
async fn locations_form_a_tree() {
    let (_database, program) = scene().await;
    let change = |code: &str, arguments: &[&str]| {
        program.run(&[&["location", "change", code], arguments, &["--json"]].concat())
    };
    assert_eq!(
        done(&change("x", &["--name", "Front", "--parent", "Y", "--kind", "shelf"])),
        json!({"status": "changed", "code": "X"})
    );
    let listed = || {
        let rows = program.run(&["location", "list", "--json"]).documents();
        let row = rows.iter().find(|row| row["code"] == "X").unwrap();
        ["name", "parent", "kind"].map(|field| row[field].clone())
    };
    assert_eq!(listed(), [json!("Front"), json!("Y"), json!("shelf")]);
    refused(&change("Y", &["--parent", "X"]), "locations_form_a_tree", "Location Y cannot be part of");
    refused(&change("Y", &["--parent", "Y"]), "locations_form_a_tree", "Location Y cannot be part of");
    refused(&change("X", &["--parent", "NOWHERE"]), "unknown_location", "NOWHERE");
    refused(&change("NOWHERE", &["--name", "N"]), "unknown_location", "NOWHERE");
    assert_eq!(change("X", &[]).code, 2, "a change without a change");
    assert_eq!(listed(), [json!("Front"), json!("Y"), json!("shelf")]);
    done(&change("X", &["--name", "none", "--parent", "none"]));
    assert_eq!(listed(), [Value::Null, Value::Null, json!("shelf")]);
}

#[tokio::test]
async fn the_expiry_of_a_lot_can_be_changed() {
    let (database, program) = scene().await;
    database.service("admin").add_product(product("L", Tracking::Lot)).await.unwrap();
    let run = |arguments: &[&str]| program.run(&[arguments, &["--json"]].concat());
    let received = ["receive", "L", "5", "--to", "X", "--lot", "L1", "--expires", "2011-01-01"];
    assert_eq!(run(&received).code, 0);
    refused(&run(&["issue", "L", "1", "--from", "X", "--lot", "L1"]), "lot_expired", "2011-01-01");
    assert_eq!(
        done(&run(&["lot", "change", "l", "L1", "--expires", "2097-01-01"])),
        json!({"status": "changed", "sku": "L", "lot": "L1", "expires_on": "2097-01-01", "expires_on_before": "2011-01-01"})
    );
    assert_eq!(run(&["issue", "L", "1", "--from", "X", "--lot", "L1"]).code, 0);
    let never = done(&run(&["lot", "change", "L", "L1", "--expires", "none"]));
    assert_eq!((&never["expires_on"], &never["expires_on_before"]), (&Value::Null, &json!("2097-01-01")));
    refused(&run(&["lot", "change", "L", "L2", "--expires", "none"]), "unknown_lot", "L has no lot L2");
    refused(&run(&["lot", "change", "NONE", "L2", "--expires", "none"]), "unknown_product", "NONE");
    assert_eq!(run(&["lot", "change", "L", "L1", "--expires", "soon"]).code, 2);
}

#[tokio::test]
async fn barcodes_are_added_and_removed() {
    let (_database, program) = scene().await;
    let run = |arguments: &[&str]| program.run(&[arguments, &["--json"]].concat());
    let added = done(&run(&["product", "barcode", "A", "4006381333931", "--pack", "12"]));
    assert_eq!(
        added,
        json!({"status": "added", "sku": "A", "barcode": "4006381333931", "pack_quantity": "12"})
    );
    refused(&run(&["product", "barcode", "B", "4006381333931"]), "barcode_exists", "4006381333931");
    refused(
        &run(&["product", "barcode", "B", "4006381333931", "--remove"]),
        "unknown_barcode",
        "B has no barcode",
    );
    assert_eq!(run(&["product", "barcode", "A", "4006381333931", "--remove", "--pack", "2"]).code, 2);
    let removed = done(&run(&["product", "barcode", "A", "4006381333931", "--remove"]));
    assert_eq!(removed, json!({"status": "removed", "sku": "A", "barcode": "4006381333931"}));
    refused(&run(&["receive", "4006381333931", "1", "--to", "X"]), "unknown_product", "4006381333931");
}

#[tokio::test]
async fn only_admins_change_the_master_data() {
    let (database, _) = scene().await;
    for login in ["clerk", "auditor"] {
        let program = Program::new(&database.url(login));
        for arguments in [
            &["product", "change", "A", "--name", "N"][..],
            &["product", "archive", "A"],
            &["product", "restore", "A"],
            &["product", "barcode", "A", "123", "--remove"],
            &["product", "barcode", "A", "123"],
            &["product", "add", "C", "Cup"],
            &["location", "change", "X", "--name", "N"],
            &["location", "archive", "X"],
            &["location", "restore", "X"],
            &["location", "add", "Z"],
            &["lot", "change", "A", "L", "--expires", "none"],
        ] {
            let run = program.run(&[arguments, &["--json"]].concat());
            refused(&run, "not_allowed", "only admins can change");
        }
    }
}

#[tokio::test]
async fn a_location_archived_while_goods_arrive_holds_none() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X", "Y"]).await;
    let (admin, clerk) = (database.service("admin"), database.service("clerk"));
    let place = "Y".parse().unwrap();
    let (mut archived, mut arrived) = (0, 0);
    for _ in 0..30 {
        let receipt = posting(MovementKind::Receipt, vec![line("A", "1", "", "Y")]);
        let (closed, posted) = tokio::join!(admin.set_location_archived(&place, true), clerk.post(&receipt));
        match (&closed, &posted) {
            (Ok(_), Err(error)) => {
                assert_eq!(error.refusal().unwrap().rule(), "location_archived");
                archived += 1;
            }
            (Err(error), Ok(_)) => {
                assert_eq!(error.refusal().unwrap().rule(), "location_not_empty");
                arrived += 1;
            }
            other => panic!("a place out of use that goods arrived in: {other:?}"),
        }
        admin.set_location_archived(&place, false).await.unwrap();
        if posted.is_ok() {
            clerk.post(&posting(MovementKind::Issue, vec![line("A", "1", "Y", "")])).await.unwrap();
        }
    }
    assert_eq!(archived + arrived, 30);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_rename_at_the_same_time_as_postings_loses_nothing() {
    let (database, _) = scene().await;
    let (admin, clerk) = (database.service("admin"), database.service("clerk"));
    for number in 0..20 {
        let mut change = ProductChange::none("A".parse().unwrap());
        change.name = Some(format!("Name {number}").parse().unwrap());
        let moved = LocationChange {
            code: "X".parse().unwrap(),
            name: stockroom::domain::Change::To(format!("Place {number}").parse().unwrap()),
            parent: stockroom::domain::Change::Keep,
            kind: None,
        };
        let receipt = posting(MovementKind::Receipt, vec![line("A", "1", "", "X")]);
        let (changed, renamed, posted) =
            tokio::join!(admin.change_product(&change), admin.change_location(&moved), clerk.post(&receipt));
        changed.unwrap();
        renamed.unwrap();
        posted.unwrap();
    }
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 20);
    assert_eq!(number(&database, "SELECT count(*) FROM stock.product_history").await, 20);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_product_and_its_barcodes_change_together_or_not_at_all() {
    let (database, program) = scene().await;
    let service = database.service("admin");
    let pack = |code: &str, quantity: &str| PackBarcode {
        barcode: code.parse().unwrap(),
        pack_quantity: quantity.parse().unwrap(),
    };
    let renamed = |name: &str| {
        Box::new(ProductChange {
            name: Some(name.parse().unwrap()),
            ..ProductChange::none("A".parse().unwrap())
        })
    };
    let change = |name: &str, add: Vec<PackBarcode>, remove: &[&str]| RecordChange::ChangeProduct {
        change: renamed(name),
        add,
        remove: remove.iter().map(|code| code.parse().unwrap()).collect(),
    };
    service
        .change_record(&change("Lamp", vec![pack("111", "1"), pack("222", "12")], &[]), None)
        .await
        .unwrap();
    service.add_barcode(&"B".parse().unwrap(), &pack("333", "1")).await.unwrap();
    // The pack quantity of a barcode changes; one barcode belongs to another product.
    service.change_record(&change("Lamp 2", vec![pack("222", "6")], &["222"]), None).await.unwrap();
    let taken = service
        .change_record(&change("Lamp 3", vec![pack("444", "1"), pack("333", "1")], &["111"]), None)
        .await;
    assert!(
        matches!(taken.unwrap_err().refusal(), Some(Refusal::BarcodeExists(code)) if code.as_str() == "333")
    );
    let gone = service.change_record(&change("Lamp 4", vec![], &["999"]), None).await;
    assert!(matches!(gone.unwrap_err().refusal(), Some(Refusal::UnknownBarcode { .. })));
    let shown = program.run(&["product", "show", "A", "--json"]).document();
    assert_eq!(shown["name"], "Lamp 2");
    let packs: Vec<(&str, &str)> = shown["barcodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| (pack["barcode"].as_str().unwrap(), pack["pack_quantity"].as_str().unwrap()))
        .collect();
    assert_eq!(packs, [("111", "1"), ("222", "6")]);

    // Clerks change nothing, and say whose task it is.
    let refused =
        database.service("clerk").change_record(&change("Lamp 5", vec![], &[]), None).await.unwrap_err();
    assert!(refused.to_string().contains("only admins"), "{refused}");
}

#[tokio::test]
async fn the_history_of_a_record_has_every_version_and_what_it_changed() {
    let (database, _) = scene().await;
    let service = database.service("admin");
    let sku: Sku = "A".parse().unwrap();
    let renamed = ProductChange { name: Some("Lamp".parse().unwrap()), ..ProductChange::none(sku.clone()) };
    service.change_product(&renamed).await.unwrap();
    let pack = PackBarcode { barcode: "111".parse().unwrap(), pack_quantity: "12".parse().unwrap() };
    service.add_barcode(&sku, &pack).await.unwrap();
    service.remove_barcode(&sku, &pack.barcode).await.unwrap();
    let store = database.store("admin");
    let versions = store.record_versions(&RecordKey::Product(sku)).await.unwrap();
    let told: Vec<(String, String, Vec<String>)> = versions
        .into_iter()
        .map(|version| {
            let fields = version.fields.into_iter();
            let fields =
                fields.map(|f| format!("{} {:?} {:?}", f.column, f.before.as_deref(), f.after.as_deref()));
            (version.changed_by, version.operation, fields.collect())
        })
        .collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told.iter().all(|(by, ..)| by == "admin"), "{told:#?}");
    assert_eq!((told[0].1.as_str(), told[1].1.as_str()), ("delete", "insert"), "{told:#?}");
    assert!(told[1].2.contains(&"barcode None Some(\"111\")".to_owned()), "{told:#?}");
    assert_eq!(told[2].2, ["name Some(\"Product A\") Some(\"Lamp\")"]);
    assert_eq!(told[3].1, "insert");
    // Another record has a history of its own, and clerks read none.
    assert_eq!(store.record_versions(&RecordKey::Product("B".parse().unwrap())).await.unwrap().len(), 1);
    assert!(
        database.store("clerk").record_versions(&RecordKey::Product("B".parse().unwrap())).await.is_err()
    );
}

#[tokio::test]
async fn records_are_found_by_a_part_of_their_code_or_name() {
    let (database, program) = scene().await;
    let store = database.store("admin");
    done(&program.run(&["partner", "add", "acme", "--kind", "supplier", "--name", "Acme Ltd", "--json"]));
    let keys = async |kind: RecordKind, text: &str| {
        let found = store.records(kind, text, 10).await.unwrap();
        found.iter().map(|record| record.key().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(keys(RecordKind::Product, "").await, ["A", "B"]);
    assert_eq!(keys(RecordKind::Product, "product b").await, ["B"]);
    assert_eq!(keys(RecordKind::Location, "x").await, ["X"]);
    assert_eq!(keys(RecordKind::Partner, "ltd").await.len(), 1);
    assert_eq!(keys(RecordKind::Person, "audi").await, ["auditor"]);
    assert!(keys(RecordKind::Lot, "").await.is_empty());
    assert_eq!(store.records(RecordKind::Product, "", 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_terms_of_a_supplier_are_set_replaced_and_removed() {
    let (database, program) = scene().await;
    done(&program.run(&["partner", "add", "S1", "--kind", "supplier", "--json"]));
    let set = |arguments: &[&str]| {
        program.run(&[&["product", "supplier", "a", "s1"], arguments, &["--json"]].concat())
    };
    let terms =
        ["--their-code", "X-1", "--price", "1.85", "--pack", "12", "--minimum", "24", "--lead-days", "7"];
    assert_eq!(done(&set(&terms))["status"], "set");
    let suppliers = || program.run(&["product", "show", "A", "--json"]).document()["suppliers"].take();
    assert_eq!(
        suppliers(),
        json!([{"sku": "A", "supplier": "S1", "their_code": "X-1", "price": "1.85", "pack": "12", "minimum": "24", "lead_days": 7}])
    );
    // The terms are set as a whole: what is left out is not set any more.
    done(&set(&["--price", "2"]));
    assert_eq!(
        suppliers(),
        json!([{"sku": "A", "supplier": "S1", "their_code": null, "price": "2", "pack": "1", "minimum": "0", "lead_days": null}])
    );
    done(&program.run(&["product", "change", "A", "--reorder-point", "10", "--json"]));
    let proposed = program.run(&["order", "reorder", "--json"]).document();
    assert_eq!((&proposed["supplier"], &proposed["price"]), (&json!("S1"), &json!("2")), "{proposed}");
    let unknown = program.run(&["product", "supplier", "A", "NOBODY", "--json"]);
    assert_eq!(unknown.code, 3, "{unknown:?}");
    let clerk = Program::new(&database.url("clerk"));
    let refused = clerk.run(&["product", "supplier", "A", "S1", "--price", "3", "--json"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert_eq!(done(&set(&["--remove"]))["status"], "removed");
    assert_eq!(done(&set(&["--remove"]))["status"], "not_there");
    assert_eq!(suppliers(), json!([]));
}
