//! Old months of the log, dropped with the key of the seal or without it, and changes to the ledger after its records
//! have been dropped.

use stockroom::audit::retention::prune;
use stockroom::audit::seal::{Checkpoint, Frontier, Tree};

use super::scene::{Scene, unseen};
use super::values::{OLDEST, insert};
use super::{Case, case};
use crate::support::commands::receipt;
use crate::support::raw::connect;

/// Makes the collected lines below a number, or all that are signed, look as if they had been collected long ago; nobody
/// collects when this returns.
async fn age(scene: &mut Scene, below: Option<u64>) {
    scene.pause().await;
    scene.run("SET pgaudit.log = 'none'; SELECT audit.ensure_month('2020-01-05')").await;
    let lines = |point: &Checkpoint| (point.tree == Tree::Lines).then_some(point.size);
    let signed = scene.collecting.signed().iter().filter_map(lines).max().unwrap();
    let below = below.unwrap_or(signed);
    unseen(scene, &format!("UPDATE audit.lines SET collected_at = '2020-01-05' WHERE line_no < {below}"))
        .await;
}

/// Drops what is old as it should be done, and goes on with the business.
async fn drop_lawfully(scene: &mut Scene) {
    let dropped = prune(&scene.collecting.store, 1, &scene.collecting.evidence()).await.unwrap();
    assert_eq!(dropped, ["lines_2020_01"]);
    scene.resume();
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
    scene.sealed().await;
}

/// The number of collected lines in the old month, and the state of their tree.
async fn state(scene: &Scene) -> (i64, Vec<u8>) {
    let sql = "SELECT leaf_hash FROM audit.lines WHERE collected_at < '2021-01-01' ORDER BY line_no";
    let mut tree = Frontier::default();
    for row in scene.superuser.query(sql, &[]).await.unwrap() {
        tree.append(row.get::<_, Vec<u8>>(0).try_into().unwrap());
    }
    (i64::try_from(tree.size()).unwrap(), tree.bytes())
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!("An old month of the log is dropped with the key of the seal", [], |scene| {
            age(scene, None).await;
            drop_lawfully(scene).await;
        }),
        case!(
            "An old month of the log is dropped with the password of the collector alone",
            [EvidenceAltered],
            |scene| {
                age(scene, Some(20)).await;
                let (below, frontier) = state(scene).await;
                let collector = connect(&scene.database.url("stock_collector")).await;
                collector
                    .query("SELECT audit.retire_month('lines_2020_01', $1, $2)", &[&below, &frontier])
                    .await
                    .unwrap();
                drop(collector);
                scene.resume();
            }
        ),
        case!("Lines of the log are marked as dropped, and are still there", [EvidenceAltered], |scene| {
            unseen(
                scene,
                "INSERT INTO audit.retired (partition_name, lines_below, frontier) SELECT 'lines_2020_01', 1, leaf_hash FROM audit.lines WHERE line_no = 0",
            )
            .await;
        }),
        case!(
            "After an old month was dropped, a movement is inserted with an old time of posting, and the level is adjusted to match",
            [RowWithoutRecord],
            |scene| {
                age(scene, None).await;
                drop_lawfully(scene).await;
                unseen(scene, &insert("'2020-01-05'", "pg_current_xact_id()")).await;
            }
        ),
        case!(
            "After an old month was dropped, a movement of that time is changed, and the level is adjusted to match",
            [ContentDiffers, EvidenceAltered],
            |scene| {
                age(scene, None).await;
                drop_lawfully(scene).await;
                unseen(scene, &format!("UPDATE stock.transactions SET quantity = 11 WHERE id = {OLDEST}; UPDATE stock.stock_levels SET on_hand = on_hand + 1 WHERE product_id = 1")).await;
            }
        ),
        case!(
            "After an old month was dropped, a movement of that time is deleted and inserted again unchanged",
            [LedgerAltered],
            |scene| {
                age(scene, None).await;
                drop_lawfully(scene).await;
                unseen(scene, &format!("CREATE TEMP TABLE kept AS SELECT * FROM stock.transactions WHERE id = {OLDEST}; DELETE FROM stock.transactions WHERE id IN (SELECT id FROM kept); INSERT INTO stock.transactions SELECT * FROM kept")).await;
            }
        ),
    ]
}
