//! Accidents, which must not be reported as tampering.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use futures_util::SinkExt as _;
use uuid::Uuid;

use super::scene::{Scene, kill};
use super::{Case, case};
use crate::support::commands::receipt;
use crate::support::raw::connect;
use crate::support::savepoints::{Shelf, post};
use crate::support::wait::until;

/// Posts two movements in one transaction, and between them tries to post one after a savepoint. None of them is
/// sealed when this returns. Returns the one that was refused or rolled back, and the last.
pub async fn with_savepoints(scene: &mut Scene) -> [Uuid; 2] {
    scene.pause().await;
    let client = connect(&scene.database.url("clerk")).await;
    let shelf = Shelf::all(&client).await.unwrap()[0];
    let [first, second, third] = std::array::from_fn(|_| stockroom::service::new_id().uuid());
    client.batch_execute("BEGIN").await.unwrap();
    post(&client, first, shelf).await.unwrap();
    client.batch_execute("SAVEPOINT s").await.unwrap();
    post(&client, second, shelf).await.ok();
    client.batch_execute("ROLLBACK TO s").await.unwrap();
    client.batch_execute("RELEASE s").await.unwrap();
    post(&client, third, shelf).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    [second, third]
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A clerk rolls back to a savepoint after a posting was refused, and commits the rest",
            [],
            |scene| {
                with_savepoints(scene).await;
                scene.resume();
            }
        ),
        case!("The process that writes the log is killed", [], |scene| {
            kill(&scene.server, "logger");
            for _ in 0..20 {
                scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
            }
        }),
        case!("A server process is killed, and the server starts its processes anew", [], |scene| {
            let other = connect(scene.database.superuser_url()).await;
            let own: i32 = scene.superuser.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
            assert!(
                std::process::Command::new("kill").args(["-9", &own.to_string()]).status().unwrap().success()
            );
            until("the server has ended all sessions", async || other.is_closed()).await;
            until("the server answers again", async || scene.database.store("clerk").ping().await.is_ok())
                .await;
            scene.clerk = scene.database.service("clerk");
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
        case!("The server is killed and started again", [], |scene| {
            scene.server.kill_postmaster().unwrap();
            scene.server.restart().unwrap();
            scene.clerk = scene.database.service("clerk");
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
        case!("The server is stopped and started again, and its log rotated", [], |scene| {
            scene.server.restart().unwrap();
            scene.clerk = scene.database.service("clerk");
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
            scene.leave().await;
            scene.run("SELECT pg_rotate_logfile()").await;
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
        case!("A superuser loads a temporary table by COPY, and empties it", [], |scene| {
            scene.run("CREATE TEMP TABLE mine (code text)").await;
            copy(&scene.superuser, "COPY mine (code) FROM STDIN", "one\ntwo\n").await;
            scene.run("TRUNCATE mine").await;
        }),
        case!("A clerk and an admin load lots and products by COPY", [], |scene| {
            let admin = connect(&scene.database.url("admin")).await;
            copy(&admin, "COPY stock.products (sku, name, tracking) FROM STDIN", "C\tC\tlot\n").await;
            let clerk = connect(&scene.database.url("clerk")).await;
            let row = clerk
                .query_one("SELECT product_id::text FROM stock.products WHERE sku = 'C'", &[])
                .await
                .unwrap();
            let lot = format!("{}\tL1\n", row.get::<_, String>(0));
            copy(&clerk, "COPY lots (product_id, code) FROM STDIN", &lot).await;
        }),
        case!("An admin locks rows of master data, and a superuser moves locations", [], |scene| {
            let admin = connect(&scene.database.url("admin")).await;
            admin.batch_execute("SELECT * FROM stock.products FOR UPDATE").await.unwrap();
            for level in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
                scene.run(&format!("BEGIN ISOLATION LEVEL {level}")).await;
                scene
                    .run("UPDATE stock.locations SET parent_id = (SELECT location_id FROM stock.locations WHERE code = 'Y') WHERE code = 'X'")
                    .await;
                scene.run("COMMIT").await;
            }
        }),
        case!("A session uses the application name log_viewer", [], |scene| {
            scene.run("SET application_name = 'log_viewer'").await;
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
        case!("A superuser tunes the server and sets up monitoring", [], |scene| {
            let database = &scene.database.name;
            for statement in [
                "CREATE STATISTICS stock.by_lot ON product_id, lot_id FROM stock.stock_levels",
                "DROP STATISTICS stock.by_lot",
                "CLUSTER stock.lots USING lots_pkey",
                "ALTER TABLE stock.lots SET (autovacuum_vacuum_scale_factor = 0.01)",
                "ALTER TABLE stock.lots RESET (autovacuum_vacuum_scale_factor)",
                "ALTER SYSTEM SET work_mem = '8MB'",
                "ALTER SYSTEM SET log_min_duration_statement = 60000",
                "ALTER SYSTEM SET wal_compression = on",
                "ALTER SYSTEM SET log_rotation_age = '12h'",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE EXTENSION pg_buffercache SCHEMA public",
                "CREATE INDEX partners_by_name ON stock.partners (name)",
                "VACUUM FULL stock.lots",
                "REINDEX TABLE stock.lots",
                "BEGIN; DECLARE c CURSOR FOR SELECT * FROM stock.products FOR UPDATE; FETCH 1 FROM c; COMMIT",
                "CREATE ROLE watcher LOGIN PASSWORD 'not a secret'",
                "GRANT pg_monitor TO watcher",
                "ALTER ROLE watcher SET work_mem = '4MB'",
                &format!("GRANT CONNECT ON DATABASE {database} TO watcher"),
                "SELECT pg_reload_conf()",
            ] {
                scene.run(statement).await;
            }
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
    ]
}

/// Sends rows to a COPY.
async fn copy(client: &tokio_postgres::Client, statement: &str, rows: &str) {
    let sink = client.copy_in(statement).await.unwrap();
    futures_util::pin_mut!(sink);
    sink.send(std::io::Cursor::new(rows.as_bytes().to_vec())).await.unwrap();
    sink.finish().await.unwrap();
}
