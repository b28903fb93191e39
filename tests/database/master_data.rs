//! Keeping the master data on a real server: changing, archiving, restoring; who may, and what is refused.

use serde_json::{Value, json};
use stockroom::domain::{LocationChange, MovementKind, ProductChange, Tracking};

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
async fn only_admins_keep_the_master_data() {
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
