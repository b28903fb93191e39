//! Counts and master data that are changed without the program, with or without their history.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::commands::{count, receipt};
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::wait::until;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A superuser changes the recorded quantity that a count was compared with",
            [ContentDiffers, EvidenceAltered],
            |scene| unseen(scene, "UPDATE stock.stock_counts SET expected = expected + 1").await
        ),
        case!("A superuser changes when a count was posted", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.stock_counts SET posted_at = posted_at - interval '1 day'").await;
        }),
        case!("A count is deleted, and the session that made it is killed", [CommittedWithoutRow], |scene| {
            scene.clerk.count(count("A", "49", "X")).await.unwrap();
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
            let id = scene.clerk.count(count("A", "49", "X")).await.unwrap().posting_id;
            until("the count is sealed", async || {
                let sealed = "SELECT FROM audit.sealed_rows WHERE row_id = $1";
                scene.superuser.query_opt(sealed, &[&id.to_string()]).await.unwrap().is_some()
            })
            .await;
            let other = connect(scene.database.superuser_url()).await;
            let own: i32 = scene.superuser.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
            assert!(
                std::process::Command::new("kill").args(["-9", &own.to_string()]).status().unwrap().success()
            );
            until("the server has ended all sessions", async || other.is_closed()).await;
            until("the server answers again", async || scene.database.store("clerk").ping().await.is_ok())
                .await;
            scene.clerk = scene.database.service("clerk");
            scene.superuser = connect(scene.database.superuser_url()).await;
            unseen(scene, &format!("DELETE FROM stock.stock_counts WHERE id = '{id}'")).await;
        }),
        case!("A product is given another SKU", [ContentDiffers], |scene| {
            unseen(scene, "UPDATE stock.products SET sku = 'Q' WHERE sku = 'A'").await;
        }),
        case!("The codes of two locations are swapped", [ContentDiffers], |scene| {
            unseen(scene, "UPDATE stock.locations SET code = code || '-'; UPDATE stock.locations SET code = CASE code WHEN 'X-' THEN 'Y' ELSE 'X' END").await;
        }),
        case!("A barcode is inserted with recording switched off", [RowWithoutRecord], |scene| {
            unseen(scene, "INSERT INTO stock.barcodes SELECT '4006381333931', product_id, 12 FROM stock.products WHERE sku = 'A'").await;
        }),
        case!(
            "The cost of a product is changed with recording switched off and all triggers enabled",
            [RowWithoutRecord],
            |scene| scene.run("SET pgaudit.log = 'none'; UPDATE stock.products SET unit_cost = 1").await
        ),
        case!("A product is changed together with its history", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(
                    scene,
                    "UPDATE stock.products SET decimals = 2 WHERE sku = 'A';
                     UPDATE stock.master_history SET row_values = row_values || '{\"decimals\": 2}' WHERE row_values ->> 'sku' = 'A'",
                )
                .await;
        }),
        case!(
            "A product is added, and its history says that it was always there",
            [RowWithoutRecord],
            |scene| {
                unseen(
                scene,
                "INSERT INTO stock.products (sku, name) VALUES ('Q', 'Q');
                 INSERT INTO stock.master_history (table_name, row_key, operation, row_values)
                 SELECT 'products', product_id::text, 'existing', to_jsonb(p) - 'search_words' FROM stock.products p WHERE sku = 'Q'",
            )
            .await;
            }
        ),
        case!(
            "A change to a product is recorded, and reverted together with its history",
            [CommittedWithoutRow],
            |scene| {
                scene.pause().await;
                scene.run("UPDATE stock.products SET name = 'Another' WHERE sku = 'B'").await;
                unseen(
                    scene,
                    "UPDATE stock.products SET name = h.row_values ->> 'name'
                     FROM (SELECT * FROM stock.master_history WHERE operation = 'insert' AND row_values ->> 'sku' = 'B') h WHERE sku = 'B';
                     DELETE FROM stock.product_history WHERE product_id = (SELECT product_id FROM stock.products WHERE sku = 'B');
                     DELETE FROM stock.master_history WHERE operation = 'update'",
                )
                .await;
                scene.resume();
            }
        ),
        case!(
            "The cost of a product is changed with recording switched off, and an admin changes its name afterwards",
            [ContentDiffers],
            |scene| {
                unseen(scene, "UPDATE stock.products SET unit_cost = 9 WHERE sku = 'A'").await;
                program(scene, &["product", "change", "A", "--name", "Another"]);
            }
        ),
        case!(
            "The pack quantity of a barcode is changed with recording switched off, and the barcode is removed afterwards",
            [ContentDiffers],
            |scene| {
                program(scene, &["product", "barcode", "A", "4006381333931", "--pack", "12"]);
                unseen(scene, "UPDATE stock.barcodes SET pack_quantity = 1").await;
                program(scene, &["product", "barcode", "A", "4006381333931", "--remove"]);
            }
        ),
        case!(
            "An admin changes a lot, and lot and history are altered before they are sealed",
            [ContentDiffers, LedgerAltered],
            |scene| {
                program(scene, &["product", "add", "CHOC", "Chocolate", "--tracking", "lot"]);
                program(
                    scene,
                    &["receive", "CHOC", "1", "--to", "X", "--lot", "L1", "--expires", "2027-01-31"],
                );
                scene.sealed().await;
                scene.pause().await;
                program(scene, &["lot", "change", "CHOC", "L1", "--expires", "2027-02-28"]);
                unseen(
                    scene,
                    "UPDATE stock.lots SET expires_on = '2028-02-28';
                     UPDATE stock.master_history SET row_values = row_values || '{\"expires_on\": \"2028-02-28\"}' WHERE table_name = 'lots' AND operation = 'update'",
                )
                .await;
                scene.resume();
            }
        ),
        case!("An admin changes master data of every kind with the program", [], |scene| {
            change_every_kind(scene);
        }),
        case!("A superuser changes master data while it is recorded", [], |scene| {
            scene
                .run(
                    "UPDATE stock.products SET unit_cost = 2; INSERT INTO stock.barcodes SELECT '4006381333931', product_id, 12 FROM stock.products WHERE sku = 'A'",
                )
                .await;
            scene
                .run("UPDATE stock.products SET unit_cost = 3 WHERE sku = 'none'; DELETE FROM stock.barcodes")
                .await;
        }),
    ]
}

/// Runs the program as the admin.
fn program(scene: &Scene, arguments: &[&str]) {
    let ran = Program::new(&scene.database.url("admin")).run(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
}

/// Sends every statement of the program that changes master data.
fn change_every_kind(scene: &Scene) {
    let directory = tempfile::tempdir().unwrap();
    let keyring = directory.path().join("keyring");
    let url = scene.database.url("admin");
    let run = |arguments: &[&str]| {
        let ran = Program::new(&url).with_keyring(&keyring).run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    };
    let file = directory.path().join("products.csv");
    std::fs::write(
        &file,
        "sku,name,unit,decimals,category,reorder_point,unit_cost,unit_price,tracking,barcodes\n\
         IMPORTED,\"With, \"\"quotes\"\" and \\\\\",kg,3,,1.500,0.10,2.5,none,2000000000008*6\n\
         TRACKED,T,pcs,0,Food,,,,lot,\n",
    )
    .unwrap();
    for arguments in [
        ["import", "products", file.to_str().unwrap()].as_slice(),
        &["product", "change", "IMPORTED", "--unit-cost", "1.0", "--category", "Food"],
        &["product", "archive", "IMPORTED"],
        &["product", "restore", "IMPORTED"],
        &["product", "barcode", "A", "4006381333931", "--pack", "12"],
        &["product", "barcode", "A", "4006381333931", "--remove"],
        &["location", "add", "HALL", "--kind", "zone", "--name", "Great hall"],
        &["location", "add", "BIN", "--parent", "HALL"],
        &["location", "change", "BIN", "--parent", "X", "--name", "Bin"],
        &["location", "change", "BIN", "--kind", "quarantine"],
        &["location", "archive", "BIN"],
        &["location", "restore", "BIN"],
        &["receive", "TRACKED", "3", "--to", "X", "--lot", "L1", "--expires", "2030-01-31"],
        &["receive", "TRACKED", "3", "--to", "X", "--lot", "L2"],
        &["lot", "change", "TRACKED", "L1", "--expires", "2030-02-28"],
        &["partner", "add", "C1", "--kind", "customer"],
        &["privacy", "init"],
        &[
            "partner",
            "add",
            "C2",
            "--name",
            "Example Ltd",
            "--kind",
            "supplier",
            "--email",
            "ann@example.com",
        ],
        &["partner", "change", "C2", "--telephone", "+49 30 1234567"],
        &["privacy", "classify", "tax_number", "not-personal"],
        &["partner", "change", "C2", "--tax-number", "DE 1"],
        &["user", "name", "clerk", "Ann Example"],
        &["user", "name", "clerk", "Ann Other"],
        &["privacy", "restrict", "C2", "--ground", "a dispute"],
        &["privacy", "export", "C2"],
        &["privacy", "rotate"],
        &["privacy", "erase", "C2", "--ground", "asked"],
        &["privacy", "erase", "--user", "clerk", "--ground", "asked"],
    ] {
        run(arguments);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn altered_fields_are_named_with_both_values() {
    let mut scene = Scene::with(&[]).await;
    program(&scene, &["product", "change", "A", "--unit-cost", "1.50"]);
    program(&scene, &["location", "change", "X", "--name", "Dock"]);
    until("both changes are sealed", async || {
        let sealed = "SELECT FROM stock.master_history h LEFT JOIN audit.sealed_rows s ON s.source = 'change' AND s.row_id = h.change_no::text WHERE s.row_id IS NULL LIMIT 1";
        scene.superuser.query_opt(sealed, &[]).await.unwrap().is_none()
    })
    .await;
    // A row, a row that an ordinary change covers up, a change past the recording, and an older change in the history.
    unseen(
        &scene,
        "UPDATE stock.products SET name = 'Brass' WHERE sku = 'B';
         UPDATE stock.locations SET kind = 'quarantine' WHERE code = 'Y';
         UPDATE stock.master_history SET row_values = row_values || '{\"name\": \"Bin\"}' WHERE row_values ->> 'name' = 'Dock'",
    )
    .await;
    program(&scene, &["location", "change", "Y", "--name", "Yard"]);
    scene.leave().await;
    scene.run("SET pgaudit.log = 'none'; UPDATE stock.products SET unit_cost = 0.15 WHERE sku = 'A'").await;
    scene.leave().await;
    let report = scene.verify().await;
    let told: Vec<String> = report
        .findings
        .iter()
        .map(|one| format!("{} | {:?} | {:?}", one.what, one.before, one.after))
        .collect();
    for words in [
        [
            "differs from its last recorded change",
            "Some(\"name \\\"Product B\\\"\")",
            "Some(\"name \\\"Brass\\\"\")",
        ],
        ["differs from its audit record", "Some(\"kind bin\")", "Some(\"kind quarantine\")"],
        ["has no record", "before: unit_cost 1.5", "after: unit_cost 0.15"],
        ["differs from what was sealed", "audit record: name Dock", "row: name Bin"],
    ] {
        let found = told.iter().filter(|one| words.iter().all(|word| one.contains(word))).count();
        assert_eq!(found, 1, "{words:?}\n{}", told.join("\n"));
    }
}
