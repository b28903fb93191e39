//! Counts and master data that are changed behind the program's back, whatever bears witness to them.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use super::scene::unseen;
use super::{Case, case};
use crate::support::commands::{count, receipt};
use crate::support::raw::connect;
use crate::support::wait::until;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A superuser changes what the books held when goods were counted",
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
        case!("Two locations are swapped by their codes", [ContentDiffers], |scene| {
            unseen(scene, "UPDATE stock.locations SET code = code || '-'; UPDATE stock.locations SET code = CASE code WHEN 'X-' THEN 'Y' ELSE 'X' END").await;
        }),
        case!("A barcode is put there", [RowWithoutRecord], |scene| {
            unseen(scene, "INSERT INTO stock.barcodes SELECT '4006381333931', product_id, 12 FROM stock.products WHERE sku = 'A'").await;
        }),
        case!(
            "Recording is off while the cost of a product is changed, and the guards are on",
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
            "A change to a product is recorded, and taken back together with its history",
            [CommittedWithoutRow],
            |scene| {
                scene.pause().await;
                scene.run("UPDATE stock.products SET name = 'Another' WHERE sku = 'B'").await;
                unseen(
                    scene,
                    "UPDATE stock.products SET name = h.row_values ->> 'name'
                     FROM (SELECT * FROM stock.master_history WHERE operation = 'insert' AND row_values ->> 'sku' = 'B') h WHERE sku = 'B';
                     DELETE FROM stock.master_history WHERE operation = 'update'",
                )
                .await;
                scene.resume();
            }
        ),
        case!("A superuser changes master data in the open", [], |scene| {
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
