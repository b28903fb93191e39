//! Changes to what was collected and sealed.

use stockroom::audit::seal::tree::leaf_hash;
use stockroom::audit::seal::{Frontier, leaf_of_line};
use stockroom::store::Store;

use super::scene::{Scene, unguarded, unseen};
use super::{Case, case};
use crate::support::commands::receipt;

/// The case in which the database forgets what had been collected and sealed.
pub const OLDER_STATE: &str = "An old backup is restored";

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!("A collected line is edited", [EvidenceAltered], |scene| {
            unseen(
                scene,
                "UPDATE audit.lines SET raw = overlay(raw PLACING 'X'::bytea FROM 20) WHERE line_no = 3",
            )
            .await;
        }),
        case!(
            "A collected line is edited while it is recorded",
            [EvidenceAltered, ConfigurationChanged],
            |scene| {
                unguarded(
                    scene,
                    "UPDATE audit.lines SET raw = overlay(raw PLACING 'X'::bytea FROM 20) WHERE line_no = 3",
                )
                .await;
            }
        ),
        case!("A collected line is removed", [EvidenceAltered, Gap], |scene| {
            unseen(scene, "DELETE FROM audit.lines WHERE line_no = 3").await;
        }),
        case!("The logins by which collected lines are found are changed", [EvidenceAltered], |scene| {
            unseen(scene, "UPDATE audit.lines SET login = 'admin' WHERE login = 'clerk'").await;
        }),
        case!("A collected line is hidden from searches by its class and time", [EvidenceAltered], |scene| {
            unseen(scene, "UPDATE audit.lines SET class = NULL, logged_at = 'infinity' WHERE line_no = 3")
                .await;
        }),
        case!(
            "The time at which a line was collected is changed to an earlier one",
            [EvidenceAltered],
            |scene| {
                let earlier = "(SELECT min(collected_at) FROM audit.lines) - interval '1 second'";
                unseen(
                    scene,
                    &format!("UPDATE audit.lines SET collected_at = {earlier} WHERE line_no = 300"),
                )
                .await;
            }
        ),
        case!("A movement is removed from the list of sealed rows", [EvidenceAltered], |scene| {
            unseen(scene, "DELETE FROM audit.sealed WHERE leaf_no = 1").await;
        }),
        case!(
            "A movement, its level, its record and its leaf are changed, and both trees are recomputed",
            [EvidenceAltered, LedgerAltered],
            |scene| rewrite_history(scene).await
        ),
        case!(OLDER_STATE, [EvidenceAltered], |scene| put_back(scene).await),
    ]
}

/// Changes a movement and everything in the database that depends on it.
async fn rewrite_history(scene: &mut Scene) {
    scene.pause().await;
    let id: uuid::Uuid =
        scene.superuser.query_one("SELECT id FROM audit.sealed WHERE leaf_no = 1", &[]).await.unwrap().get(0);
    unseen(scene, &format!(
        "UPDATE stock.transactions SET quantity = 11 WHERE id = '{id}'; UPDATE stock.stock_levels SET on_hand = on_hand + 1;
         UPDATE audit.lines SET raw = convert_to(replace(convert_from(raw, 'UTF8'), ',10,,,,', ',11,,,,'), 'UTF8') WHERE class = 'WRITE' AND position(convert_to('{id}', 'UTF8') IN raw) > 0"
    )).await;
    let store = Store::new(scene.database.superuser_url().parse().unwrap(), 2).unwrap();
    let mut statements = String::new();
    let mut rows = Frontier::default();
    for row in scene.superuser.query("SELECT id FROM audit.sealed ORDER BY leaf_no", &[]).await.unwrap() {
        let movement = store.ledger_row(row.get(0)).await.unwrap().unwrap();
        let hash = leaf_hash(&movement.leaf().unwrap());
        rows.append(hash);
        statements.push_str(&format!(
            "UPDATE audit.sealed SET leaf_hash = '\\x{}' WHERE id = '{}';",
            hex(&hash),
            movement.facts.id
        ));
    }
    let mut lines = Frontier::default();
    let names = store.log_file_names().await.unwrap();
    for line in store.kept_lines(0, u64::MAX >> 1).await.unwrap() {
        let hash = leaf_of_line(&names[&line.file_id], line.file_offset, &line.raw);
        lines.append(hash);
        statements.push_str(&format!(
            "UPDATE audit.lines SET leaf_hash = '\\x{}' WHERE line_no = {};",
            hex(&hash),
            line.line_no
        ));
    }
    for (name, tree) in [("ledger", rows), ("lines", lines)] {
        statements.push_str(&format!(
            "UPDATE audit.trees SET frontier = '\\x{}' WHERE name = '{name}';",
            hex(&tree.bytes())
        ));
    }
    unseen(scene, &statements).await;
    // An honest sealer would refuse to go on; this one signs nothing.
    scene.resume_without_seal();
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Stops the server, keeps a copy of its files, goes on for a while, and puts the copy back.
async fn put_back(scene: &mut Scene) {
    let data = scene.server.data_dir();
    let copy = data.with_extension("copy");
    let run = |program: &str, arguments: &[&std::path::Path]| {
        assert!(std::process::Command::new(program).arg("-a").args(arguments).status().unwrap().success());
    };
    scene.pause().await;
    scene.server.stop().unwrap();
    run("cp", &[&data, &copy]);
    scene.server.restart().unwrap();
    scene.resume();
    scene.clerk = scene.database.service("clerk");
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
    scene.sealed().await;
    scene.pause().await;
    scene.server.stop().unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&copy, &data).unwrap();
    scene.server.restart().unwrap();
    scene.resume_without_seal();
}
