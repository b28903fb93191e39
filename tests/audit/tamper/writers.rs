//! Other ways to write the ledger, and to write the log.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use uuid::Uuid;

use super::accidents::with_savepoints;
use super::scene::{Scene, unguarded, unseen};
use super::tables::insert;
use super::{Case, case};
use crate::support::raw::connect;
use crate::support::wait::until;

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A SECURITY DEFINER function posts for a clerk",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                let function = format!(
                    "CREATE FUNCTION public.post() RETURNS void LANGUAGE sql SECURITY DEFINER AS $f$ {} $f$; GRANT USAGE ON SCHEMA public TO clerk",
                    insert("stock.transactions")
                );
                scene.run(&function).await;
                connect(&scene.database.url("clerk"))
                    .await
                    .batch_execute("SELECT public.post()")
                    .await
                    .unwrap();
            }
        ),
        case!(
            "Logical replication applies rows",
            [RowWithoutRecord, LevelDiffers, ConfigurationChanged],
            &[("wal_level", "logical")],
            |scene| replicate(scene).await
        ),
        case!(
            "COPY into the ledger",
            [RowWithoutRecord, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                scene.run(&format!("CREATE TEMP TABLE t AS SELECT id, occurred_at, posting_id, kind, product_id, to_location_id, quantity FROM stock.transactions WHERE false; {}; COPY t TO '/tmp/stockroom-copy-{}'", insert("t"), std::process::id())).await;
                unguarded(scene, &format!("COPY stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity) FROM '/tmp/stockroom-copy-{}'", std::process::id())).await;
                std::fs::remove_file(format!("/tmp/stockroom-copy-{}", std::process::id())).unwrap();
            }
        ),
        case!(
            "A movement is deleted from the ledger and inserted again unchanged",
            [LedgerAltered],
            |scene| {
                let row = "(SELECT min(id::text)::uuid FROM stock.transactions)";
                unseen(scene, &format!("CREATE TEMP TABLE kept AS SELECT * FROM stock.transactions WHERE id = {row}; DELETE FROM stock.transactions WHERE id IN (SELECT id FROM kept); INSERT INTO stock.transactions SELECT * FROM kept")).await;
            }
        ),
        case!(
            "A posting that was rolled back is inserted into the ledger, with the number of its transaction, and the level is adjusted to match",
            [LedgerAltered],
            |scene| {
                let (id, xid) = rolled_back(scene).await;
                let time = format!("stock.uuid_time('{id}')");
                unseen(scene, &format!(
                    "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity, posted_at, posted_by, xid)
                     SELECT '{id}', {time}, '{id}', 'receipt', p.product_id, l.location_id, 7, {time}, 'clerk', '{xid}' FROM stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X';
                     UPDATE stock.stock_levels SET on_hand = on_hand + 7
                     WHERE product_id = (SELECT product_id FROM stock.products WHERE sku = 'A') AND location_id = (SELECT location_id FROM stock.locations WHERE code = 'X')"
                )).await;
            }
        ),
        case!("A clerk posts by MERGE", [ForeignWriter], |scene| {
            let source = insert("x").split_once("SELECT").unwrap().1.to_owned();
            let merge = format!(
                "MERGE INTO stock.transactions t USING (SELECT id, stock.uuid_time(id) AS occurred_at, p.product_id, l.location_id {}) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity) VALUES (s.id, s.occurred_at, s.id, 'receipt', s.product_id, s.location_id, 7)",
                &source[source.find("FROM").unwrap()..]
            );
            connect(&scene.database.url("clerk")).await.batch_execute(&merge).await.unwrap();
        }),
        case!("A clerk posts by a statement of their own", [ForeignWriter], |scene| {
            connect(&scene.database.url("clerk"))
                .await
                .batch_execute(&insert("stock.transactions"))
                .await
                .unwrap();
        }),
        case!(
            "A movement of a transaction that rolled back to a savepoint is deleted before it is sealed",
            [CommittedWithoutRow, LevelDiffers],
            |scene| {
                let [_, third] = with_savepoints(scene).await;
                unseen(scene, &format!("DELETE FROM stock.transactions WHERE id = '{third}'")).await;
                scene.resume();
            }
        ),
        case!(
            "A posting that was refused after a savepoint is inserted into the ledger nevertheless",
            [RowWithoutRecord, LevelDiffers],
            |scene| {
                let [second, third] = with_savepoints(scene).await;
                unseen(scene, &format!(
                    "CREATE TEMP TABLE t AS SELECT * FROM stock.transactions WHERE id = '{third}';
                     UPDATE t SET id = '{second}', posting_id = '{second}', occurred_at = stock.uuid_time('{second}');
                     INSERT INTO stock.transactions SELECT * FROM t"
                )).await;
                scene.resume();
            }
        ),
        case!(
            "The trigger against savepoints is disabled, and a clerk rolls a posting back to one",
            [CommittedWithoutRow, ConfigurationChanged],
            |scene| {
                scene.run("ALTER TABLE stock.stock_levels DISABLE TRIGGER refuse_savepoint").await;
                with_savepoints(scene).await;
                scene.run("ALTER TABLE stock.stock_levels ENABLE ALWAYS TRIGGER refuse_savepoint").await;
                scene.resume();
            }
        ),
        case!("A clerk forges an audit record from another database", [Forged], |scene| {
            let url = scene.database.url("clerk").replace(&format!("/{}", scene.database.name), "/postgres");
            connect(&url).await.batch_execute("DO $$ BEGIN RAISE LOG 'AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.transactions,x,<none>,1'; END $$").await.unwrap();
        }),
        case!("A superuser forges an audit record", [Forged], |scene| {
            scene.run("DO $$ BEGIN RAISE LOG USING MESSAGE = 'AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.transactions,x,<none>,1'; END $$").await;
        }),
    ]
}

/// A receipt of seven A by Stockroom's own statement, which the clerk takes back; its id and its transaction.
async fn rolled_back(scene: &Scene) -> (Uuid, String) {
    let clerk = connect(&scene.database.url("clerk")).await;
    clerk.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    let keys = "SELECT product_id, (SELECT location_id FROM stock.locations WHERE code = 'X') FROM stock.products WHERE sku = 'A'";
    let row = clerk.query_one(keys, &[]).await.unwrap();
    let (product, place): (i64, i64) = (row.get(0), row.get(1));
    let posting = stockroom::service::new_id();
    let id = posting.uuid();
    let (none, nothing) = (None::<i64>, None::<String>);
    let quantity = rust_decimal::Decimal::from(7);
    clerk
        .execute(
            stockroom::store::INSERT_MOVEMENT,
            &[
                &id,
                &posting.line(0).occurred_at(),
                &id,
                &"receipt",
                &product,
                &none,
                &none,
                &place,
                &none,
                &quantity,
                &None::<rust_decimal::Decimal>,
                &nothing,
                &nothing,
                &None::<Uuid>,
            ],
        )
        .await
        .unwrap();
    let xid = clerk.query_one("SELECT pg_current_xact_id()::text", &[]).await.unwrap().get(0);
    clerk.batch_execute("ROLLBACK").await.unwrap();
    (id, xid)
}

/// Rows that arrive from a publisher in another database of the server.
async fn replicate(scene: &mut Scene) {
    let postgres = connect(&scene.server.superuser_url()).await;
    postgres.batch_execute("CREATE DATABASE publisher TEMPLATE template0").await.unwrap();
    let publisher =
        connect(&format!("{}/publisher", scene.server.superuser_url().rsplit_once('/').unwrap().0)).await;
    let columns = "id uuid, occurred_at timestamptz(3), posting_id uuid, kind text, product_id bigint, to_location_id bigint, quantity numeric, PRIMARY KEY (id, occurred_at)";
    publisher.batch_execute(&format!("CREATE SCHEMA stock; CREATE TABLE stock.transactions ({columns}); CREATE PUBLICATION p FOR TABLE stock.transactions")).await.unwrap();
    publisher.batch_execute("SELECT pg_create_logical_replication_slot('s', 'pgoutput')").await.unwrap();
    let port = scene.server.port();
    let password = url::Url::parse(&scene.server.superuser_url()).unwrap().password().unwrap().to_owned();
    unguarded(scene, &format!("CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port={port} user=postgres password={password} dbname=publisher' PUBLICATION p WITH (create_slot = false, slot_name = 's', copy_data = false)")).await;
    scene.run("SET pgaudit.log = 'none'; ALTER TABLE stock.transactions DISABLE TRIGGER post_levels").await;
    let row = scene
        .superuser
        .query_one(
            "SELECT product_id, to_location_id FROM stock.transactions WHERE kind = 'receipt' LIMIT 1",
            &[],
        )
        .await
        .unwrap();
    let id = stockroom::service::new_id();
    publisher
        .execute(
            "INSERT INTO stock.transactions VALUES ($1, $2, $1, 'receipt', $3, $4, 9)",
            &[&id.uuid(), &id.occurred_at(), &row.get::<_, i64>(0), &row.get::<_, i64>(1)],
        )
        .await
        .unwrap();
    let watcher = connect(scene.database.superuser_url()).await;
    until("the row has been applied", async || {
        watcher
            .query_opt("SELECT FROM stock.transactions WHERE id = $1", &[&id.uuid()])
            .await
            .unwrap()
            .is_some()
    })
    .await;
    scene.run("ALTER TABLE stock.transactions ENABLE ALWAYS TRIGGER post_levels").await;
}
