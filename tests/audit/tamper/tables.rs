//! Rows and tables that are changed without the program.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use super::scene::{Scene, unguarded, unseen};
use super::{Case, case};
use crate::support::commands::{receipt, sheet};

/// Counts two products on one sheet; the second differs from the recorded quantity.
async fn count_two(scene: &mut Scene) {
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
    let lines = [("A", "49", "X", None), ("B", "4", "X", None)];
    scene.clerk.count_sheet(&sheet(&lines)).await.unwrap();
    scene.sealed().await;
}

/// A movement written by hand.
pub fn insert(table: &str) -> String {
    format!(
        "INSERT INTO {table} (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
         SELECT id, stock.uuid_time(id), id, 'receipt', p.product_id, l.location_id, 7
         FROM (SELECT overlay(overlay(lpad(to_hex((extract(epoch FROM date_trunc('milliseconds', now())) * 1000)::bigint), 12, '0') || replace(gen_random_uuid()::text, '-', '') PLACING '7' FROM 13) PLACING '8' FROM 17)::text AS t) r,
              LATERAL (SELECT substr(r.t, 1, 32)::uuid AS id) u, stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X'"
    )
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A superuser changes a quantity; recording and triggers are switched off meanwhile",
            [ContentDiffers, LevelDiffers, EvidenceAltered],
            |scene| {
                unseen(scene, "UPDATE stock.transactions SET quantity = 11 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
            }
        ),
        case!("The same, and the level is adjusted to match", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.transactions SET quantity = 11 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions);
                           UPDATE stock.stock_levels SET on_hand = on_hand + 1").await;
        }),
        case!(
            "A superuser changes a quantity while it is recorded",
            [ContentDiffers, LevelDiffers, EvidenceAltered, LedgerAltered, ConfigurationChanged],
            |scene| {
                unguarded(scene, "UPDATE stock.transactions SET quantity = 11 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
            }
        ),
        case!("A superuser changes who posted a movement", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.transactions SET posted_by = 'admin' WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
        }),
        case!("A superuser changes when a movement was posted", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.transactions SET posted_at = posted_at - interval '1 day' WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
        }),
        case!("A superuser deletes a movement", [CommittedWithoutRow, LevelDiffers], |scene| {
            unseen(scene, "DELETE FROM stock.transactions WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
        }),
        case!(
            "A superuser inserts a movement with recording and triggers off",
            [RowWithoutRecord, LevelDiffers],
            |scene| {
                unseen(scene, &insert("stock.transactions")).await;
            }
        ),
        case!(
            "A superuser writes a partition directly",
            [RowWithoutRecord, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                let partition = format!("stock.transactions_{}", jiff::Timestamp::now().strftime("%Y_%m"));
                unguarded(scene, &insert(&partition)).await;
            }
        ),
        case!("A superuser edits a level", [LevelDiffers], |scene| {
            unseen(scene, "UPDATE stock.stock_levels SET on_hand = on_hand + 1").await;
        }),
        case!("The time of the last movement of a level is set back by years", [LevelDiffers], |scene| {
            unseen(scene, "UPDATE stock.stock_levels SET last_moved_at = '2000-01-01 00:00:00+00'").await;
        }),
        case!(
            "A superuser edits a level while it is recorded",
            [LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                unguarded(scene, "UPDATE stock.stock_levels SET on_hand = on_hand + 1").await;
            }
        ),
        case!("A superuser changes what was counted", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.stock_counts SET counted = 50").await;
        }),
        case!("A superuser changes one line of a count sheet", [ContentDiffers, EvidenceAltered], |scene| {
            count_two(scene).await;
            unseen(scene, "UPDATE stock.stock_counts SET counted = 1 WHERE id <> posting_id").await;
        }),
        case!("A superuser removes one line of a count sheet", [CommittedWithoutRow], |scene| {
            count_two(scene).await;
            unseen(scene, "DELETE FROM stock.stock_counts WHERE id <> posting_id").await;
        }),
        case!("A superuser adds a line to a count sheet", [RowWithoutRecord], |scene| {
            count_two(scene).await;
            unseen(
                scene,
                "INSERT INTO stock.stock_counts (id, counted_at, posting_id, product_id, location_id, counted, expected)
                 SELECT overlay(id::text PLACING 'ffff' FROM 33)::uuid, counted_at, posting_id, product_id, (SELECT location_id FROM stock.locations WHERE code = 'Y'), 0, 0
                 FROM stock.stock_counts WHERE id <> posting_id",
            )
            .await;
        }),
        case!("A superuser removes the registration of a reversal", [LedgerAltered], |scene| {
            unseen(scene, "DELETE FROM stock.reversals").await;
        }),
        case!(
            "The ledger is truncated",
            [CommittedWithoutRow, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                unguarded(scene, "TRUNCATE stock.transactions CASCADE").await;
            }
        ),
        case!(
            "A partition is detached",
            [CommittedWithoutRow, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                let partition = format!("stock.transactions_{}", jiff::Timestamp::now().strftime("%Y_%m"));
                scene.run(&format!("ALTER TABLE stock.reversals DROP CONSTRAINT reversals_reversed_fkey, DROP CONSTRAINT reversals_reversal_fkey; ALTER TABLE stock.transactions DETACH PARTITION {partition}")).await;
            }
        ),
        case!(
            "A partition is dropped, with recording switched off",
            [CommittedWithoutRow, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                let partition = format!("stock.transactions_{}", jiff::Timestamp::now().strftime("%Y_%m"));
                scene.run(&format!("SET pgaudit.log = 'none'; ALTER TABLE stock.reversals DROP CONSTRAINT reversals_reversed_fkey, DROP CONSTRAINT reversals_reversal_fkey; DROP TABLE {partition}")).await;
            }
        ),
    ]
}
