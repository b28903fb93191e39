//! What was collected and not signed yet, and the position of the collector.

use std::fs;

use stockroom::audit::seal::tree::leaf_hash;
use stockroom::audit::seal::{Frontier, leaf_of_line};
use stockroom::store::Store;

use super::scene::{Scene, unseen};
use super::seals::hex;
use super::{Case, case};
use crate::support::commands::receipt;
use crate::support::raw::connect;
use crate::support::wait::until;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A posting is deleted while the collector is locked out, and its position is moved past the session that posted",
            [EvidenceAltered],
            |scene| skip_session(scene).await
        ),
        case!(
            "A movement, its record, its leaf and both trees are changed before they are signed",
            [EvidenceAltered, LedgerAltered],
            |scene| rewrite_unsigned(scene).await
        ),
        case!(
            "The function that reads the log alters a record for a while, and the movement is adjusted to match",
            [ContentDiffers],
            |scene| alter_reader(scene).await
        ),
    ]
}

/// Removes a posting whose whole session the collector is made to leave out.
async fn skip_session(scene: &mut Scene) {
    let watcher = connect(scene.database.superuser_url()).await;
    scene.run("SET pgaudit.log = 'none'").await;
    scene.all_collected().await;
    scene.run("BEGIN; LOCK TABLE audit.trees IN ACCESS EXCLUSIVE MODE").await;
    let sessions = async || -> i64 {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clerk'";
        watcher.query_one(count, &[]).await.unwrap().get(0)
    };
    let before = sessions().await;
    let clerk = scene.database.service("clerk");
    clerk.receive(receipt("B", "5", "X")).await.unwrap();
    drop(clerk);
    until("the session that posted has ended", async || sessions().await == before).await;
    scene.all_ended(&watcher).await;
    unseen(
        scene,
        "DELETE FROM stock.transactions WHERE product_id = (SELECT product_id FROM stock.products WHERE sku = 'B');
         DELETE FROM stock.stock_levels WHERE product_id = (SELECT product_id FROM stock.products WHERE sku = 'B')",
    )
    .await;
    let newest = scene.log_files().pop().unwrap();
    let (name, size) = (newest.file_name().unwrap().to_str().unwrap(), fs::metadata(&newest).unwrap().len());
    scene.run(&format!("UPDATE audit.files SET read_to = {size} WHERE name = '{name}'; COMMIT")).await;
}

/// Lets the function that reads the log say that eleven pieces were received instead of ten, while nothing is recorded.
async fn alter_reader(scene: &mut Scene) {
    scene.run("SET pgaudit.log = 'none'").await;
    let reader = "SELECT pg_get_functiondef('audit.read_log(text,bigint,bigint)'::regprocedure)";
    let reader: String = scene.superuser.query_one(reader, &[]).await.unwrap().get(0);
    let altered = reader
        .replace("pg_read_binary_file(", "convert_to(replace(convert_from(pg_read_binary_file(")
        .replace("byte_count, true)", "byte_count, true), 'UTF8'), ',10,,,,', ',11,,,,'), 'UTF8')");
    assert_ne!(altered, reader);
    scene.run(&altered).await;
    scene.clerk.receive(receipt("B", "10", "X")).await.unwrap();
    let product = "product_id = (SELECT product_id FROM stock.products WHERE sku = 'B')";
    unseen(
        scene,
        &format!(
            "UPDATE stock.transactions SET quantity = 11 WHERE {product};
             UPDATE stock.stock_levels SET on_hand = 11 WHERE {product}"
        ),
    )
    .await;
    let wrote = "SELECT size FROM audit.trees WHERE name = 'lines'";
    let before: i64 = scene.superuser.query_one(wrote, &[]).await.unwrap().get(0);
    // A collector that trusts the function goes on; one that does not gives up its lock and begins again.
    let working = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    until("the collector has read the log", async || {
        let now: i64 = scene.superuser.query_one(wrote, &[]).await.unwrap().get(0);
        let collectors: i64 = scene.superuser.query_one(working, &[]).await.unwrap().get(0);
        now > before || collectors == 0
    })
    .await;
    scene.run(&reader).await;
}

/// Changes the last movement and everything that bears witness to it, as long as nothing of it is signed.
async fn rewrite_unsigned(scene: &mut Scene) {
    scene.pause().await;
    scene.resume_without_seal();
    scene.clerk.receive(receipt("B", "10", "X")).await.unwrap();
    until("the movement is sealed, and not signed", async || {
        let open = "SELECT FROM stock.transactions t LEFT JOIN audit.sealed s USING (id) WHERE s.id IS NULL";
        scene.superuser.query_opt(open, &[]).await.unwrap().is_none()
    })
    .await;
    scene.all_collected().await;
    scene.stop().await;
    let row = scene
        .superuser
        .query_one("SELECT id, leaf_no FROM audit.sealed ORDER BY leaf_no DESC LIMIT 1", &[])
        .await
        .unwrap();
    let (id, leaf_no): (uuid::Uuid, i64) = (row.get(0), row.get(1));
    unseen(scene, &format!(
        "UPDATE stock.transactions SET quantity = 11 WHERE id = '{id}';
         UPDATE stock.stock_levels SET on_hand = 11 WHERE product_id = (SELECT product_id FROM stock.products WHERE sku = 'B');
         UPDATE audit.lines SET raw = convert_to(replace(convert_from(raw, 'UTF8'), ',10,,,,', ',11,,,,'), 'UTF8') WHERE class = 'WRITE' AND position(convert_to('{id}', 'UTF8') IN raw) > 0"
    )).await;
    let store = Store::new(scene.database.superuser_url().parse().unwrap(), 2).unwrap();
    let movement = leaf_hash(&store.ledger_row(id).await.unwrap().unwrap().leaf().unwrap());
    let mut statements =
        format!("UPDATE audit.sealed SET leaf_hash = '\\x{}' WHERE id = '{id}';", hex(&movement));
    let (mut rows, mut lines) = (Frontier::default(), Frontier::default());
    for row in scene
        .superuser
        .query("SELECT leaf_no, leaf_hash FROM audit.sealed ORDER BY leaf_no", &[])
        .await
        .unwrap()
    {
        let stored = row.get::<_, Vec<u8>>(1).try_into().unwrap();
        rows.append(if row.get::<_, i64>(0) == leaf_no { movement } else { stored });
    }
    let names = store.log_file_names().await.unwrap();
    for line in store.kept_lines(0, u64::MAX >> 1).await.unwrap() {
        let hash = leaf_of_line(&names[&line.file_id], line.file_offset, &line.raw);
        lines.append(hash);
        if hash.as_slice() != line.leaf_hash {
            let number = line.line_no;
            statements.push_str(&format!(
                "UPDATE audit.lines SET leaf_hash = '\\x{}' WHERE line_no = {number};",
                hex(&hash)
            ));
        }
    }
    for (name, tree) in [("ledger", rows), ("lines", lines)] {
        let frontier = hex(&tree.bytes());
        statements
            .push_str(&format!("UPDATE audit.trees SET frontier = '\\x{frontier}' WHERE name = '{name}';"));
    }
    unseen(scene, &statements).await;
    scene.resume();
}
