//! Values that no posting can have, and numbers of transactions that did not write the row.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use uuid::Uuid;

use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::raw::connect;
use crate::support::wait::until;

/// The oldest movement.
pub const OLDEST: &str = "(SELECT min(id::text)::uuid FROM stock.transactions)";
/// The level of product A at X.
const LEVEL: &str = "product_id = (SELECT product_id FROM stock.products WHERE sku = 'A') AND location_id = (SELECT location_id FROM stock.locations WHERE code = 'X')";
/// A transaction that will not begin for years.
const FUTURE: &str = "(pg_current_xact_id()::text::bigint + 1000000000)::text::xid8";

/// A receipt of seven A that is put into the ledger, with the level made to fit, and with these values for when it was
/// posted and by which transaction.
pub fn insert(posted_at: &str, xid: &str) -> String {
    let id = stockroom::service::new_id();
    format!(
        "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity, posted_at, posted_by, xid)
         SELECT '{id}', stock.uuid_time('{id}'), '{id}', 'receipt', p.product_id, l.location_id, 7, {posted_at}, 'clerk', {xid}
         FROM stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X';
         UPDATE stock.stock_levels SET on_hand = on_hand + 7 WHERE {LEVEL}"
    )
}

/// Gives a change a lower number than the one before it, so that the earlier one seems to be the last, and changes the row back
/// to that.
async fn hide_change(scene: &mut Scene) {
    let sequence = "stock.master_history_change_no_seq";
    let next = format!("SELECT last_value + 1 FROM {sequence}");
    let next: i64 = scene.superuser.query_one(&next, &[]).await.unwrap().get(0);
    let count_from = async |scene: &Scene, number: i64| {
        scene.superuser.query_one(&format!("SELECT setval('{sequence}', {number})"), &[]).await.unwrap();
    };
    count_from(scene, next + 100).await;
    scene.run("UPDATE stock.products SET unit_cost = 5 WHERE sku = 'A'").await;
    until("more than a second has passed", async || {
        let passed =
            "SELECT max(changed_at) < clock_timestamp() - interval '1.5 seconds' FROM stock.master_history";
        scene.superuser.query_one(passed, &[]).await.unwrap().get(0)
    })
    .await;
    count_from(scene, next).await;
    scene.run("UPDATE stock.products SET unit_cost = 9 WHERE sku = 'A'").await;
    unseen(scene, "UPDATE stock.products SET unit_cost = 5 WHERE sku = 'A'").await;
}

/// A count of A at X that is put into the table, with this number of a transaction.
fn insert_count(id: Uuid, xid: &str) -> String {
    // A superuser alone can keep the trigger from filling in who counted.
    format!(
        "ALTER TABLE stock.stock_counts DISABLE TRIGGER ALL;
         INSERT INTO stock.stock_counts (id, counted_at, posting_id, product_id, location_id, expected, counted, posted_by, xid)
         SELECT '{id}', stock.uuid_time('{id}'), '{id}', p.product_id, l.location_id, 49, 49, 'clerk', {xid}
         FROM stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X'"
    )
}

/// A count by Stockroom's own statement, which agrees with the recorded quantity and is rolled back. Returns its id and its
/// transaction.
async fn rolled_back_count(scene: &Scene) -> (Uuid, String) {
    let clerk = connect(&scene.database.url("clerk")).await;
    clerk.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    let keys = "SELECT product_id, (SELECT location_id FROM stock.locations WHERE code = 'X') FROM stock.products WHERE sku = 'A'";
    let row = clerk.query_one(keys, &[]).await.unwrap();
    let (product, place): (i64, i64) = (row.get(0), row.get(1));
    let posting = stockroom::service::new_id();
    let id = posting.uuid();
    clerk
        .execute(
            stockroom::store::INSERT_COUNT,
            &[
                &posting.line(0).occurred_at(),
                &id,
                &vec![id],
                &vec![product],
                &vec![place],
                &vec![None::<i64>],
                &vec![rust_decimal::Decimal::from(49)],
            ],
        )
        .await
        .unwrap();
    let xid = clerk.query_one("SELECT pg_current_xact_id()::text", &[]).await.unwrap().get(0);
    clerk.batch_execute("ROLLBACK").await.unwrap();
    (id, xid)
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A movement is inserted that names a transaction of the future, and the level is adjusted to match",
            [RowWithoutRecord, LedgerAltered],
            |scene| unseen(scene, &insert("clock_timestamp()", FUTURE)).await
        ),
        case!(
            "A movement is changed, and names a transaction of the future",
            [ContentDiffers, EvidenceAltered, LevelDiffers, LedgerAltered],
            |scene| {
                unseen(
                    scene,
                    &format!(
                        "UPDATE stock.transactions SET quantity = 11, xid = {FUTURE} WHERE id = {OLDEST}"
                    ),
                )
                .await;
            }
        ),
        case!(
            "A count is inserted that names a transaction of the future",
            [RowWithoutRecord, LedgerAltered, ConfigurationChanged],
            |scene| {
                let id = stockroom::service::new_id().uuid();
                unseen(scene, &insert_count(id, FUTURE)).await;
            }
        ),
        case!(
            "A count that was rolled back is inserted into the table, with the number of its transaction",
            [LedgerAltered, ConfigurationChanged],
            |scene| {
                let (id, xid) = rolled_back_count(scene).await;
                unseen(scene, &insert_count(id, &format!("'{xid}'"))).await;
            }
        ),
        case!(
            "A movement is inserted whose time of posting is infinite, and the level is adjusted to match",
            [ContentDiffers],
            |scene| unseen(scene, &insert("'infinity'", "pg_current_xact_id()")).await
        ),
        case!(
            "A movement is inserted with a time of posting thirty years ahead, and the level is adjusted to match",
            [RowWithoutRecord],
            |scene| {
                unseen(scene, &insert("clock_timestamp() + interval '30 years'", "pg_current_xact_id()"))
                    .await;
            }
        ),
        case!(
            "A movement is changed to have been posted in the year 12000",
            [ContentDiffers, EvidenceAltered],
            |scene| {
                unseen(
                    scene,
                    &format!("UPDATE stock.transactions SET posted_at = '12000-01-01' WHERE id = {OLDEST}"),
                )
                .await;
            }
        ),
        case!(
            "A level is set to a value that is not a number",
            [LevelDiffers, ConfigurationChanged],
            |scene| {
                unseen(scene, "ALTER TABLE stock.stock_levels DROP CONSTRAINT stock_levels_on_hand_not_negative; UPDATE stock.stock_levels SET on_hand = 'NaN'").await;
            }
        ),
        case!("A level is split into two rows", [LevelDiffers, ConfigurationChanged], |scene| {
            unseen(scene, &format!(
                "ALTER TABLE stock.stock_levels DROP CONSTRAINT stock_levels_key;
                 UPDATE stock.stock_levels SET on_hand = on_hand - 9 WHERE {LEVEL};
                 INSERT INTO stock.stock_levels SELECT product_id, location_id, lot_id, 9 FROM stock.stock_levels WHERE {LEVEL}"
            )).await;
        }),
        case!("The former cost of a product is changed", [ContentDiffers], |scene| {
            scene.run("UPDATE stock.products SET unit_cost = 5 WHERE sku = 'A'").await;
            unseen(scene, "UPDATE stock.product_history SET unit_cost = 4").await;
        }),
        case!("A data key is inserted without an event", [ContentDiffers], |scene| {
            unseen(scene, "INSERT INTO stock.data_keys (key_id, subject_kind, subject, key_version, wrapped) VALUES (gen_random_uuid(), 'partner', 'C', 1, decode(repeat('01', 129), 'hex'))").await;
        }),
        case!(
            "The sequence of the history is set back, and a change is hidden behind an earlier one",
            [ContentDiffers],
            |scene| hide_change(scene).await
        ),
        case!("The times in the register of reversals are changed", [LedgerAltered], |scene| {
            unseen(scene, "SET session_replication_role = replica; UPDATE stock.reversals SET reversed_at = reversed_at - interval '1 hour'").await;
        }),
        case!(
            "A registration of a reversal is deleted and inserted again unchanged",
            [LedgerAltered],
            |scene| {
                unseen(scene, "CREATE TEMP TABLE kept AS SELECT * FROM stock.reversals; DELETE FROM stock.reversals; INSERT INTO stock.reversals SELECT * FROM kept").await;
            }
        ),
    ]
}
