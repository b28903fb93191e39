//! Altered triggers and definitions, names that refer to other objects, and changes made from other databases of the
//! server.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use std::io::Write as _;

use tokio_postgres::Client;

use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::commands::receipt;
use crate::support::raw::connect;

/// A movement that is removed without a trace.
const REMOVE: &str =
    "DELETE FROM stock.transactions WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)";

/// Longer than the server may take from the log entry about a reload until it has read its configuration.
const APART: &str = "SELECT pg_sleep(3)";

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!(
            "A CHECK is dropped and a level set below zero, with recording switched off",
            [LevelDiffers, ConfigurationChanged],
            |scene| {
                unseen(scene, "ALTER TABLE stock.stock_levels DROP CONSTRAINT stock_levels_on_hand_not_negative, DROP CONSTRAINT stock_levels_reserved_range; UPDATE stock.stock_levels SET on_hand = -970").await
            }
        ),
        case!(
            "A trigger function is replaced by one that does nothing, with recording switched off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "CREATE OR REPLACE FUNCTION stock.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$BEGIN RETURN coalesce(NEW, OLD); END$$").await;
            }
        ),
        case!(
            "A trigger is made never to fire (WHEN false), with recording switched off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "DROP TRIGGER refuse_change ON stock.stock_counts; CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON stock.stock_counts FOR EACH ROW WHEN (false) EXECUTE FUNCTION stock.refuse_change()").await;
            }
        ),
        case!("A rule discards changes, with recording switched off", [ConfigurationChanged], |scene| {
            unseen(scene, "CREATE RULE nothing AS ON INSERT TO stock.product_history DO INSTEAD NOTHING")
                .await;
        }),
        case!("A view shows other figures, with recording switched off", [ConfigurationChanged], |scene| {
            unseen(scene, "CREATE OR REPLACE VIEW stock.low_stock AS SELECT p.sku, p.name, p.unit, p.reorder_point, 1000::numeric AS on_hand, 1000::numeric AS available FROM stock.products p").await;
        }),
        case!("Clerks may write the levels, with recording switched off", [ConfigurationChanged], |scene| {
            unseen(scene, "GRANT UPDATE (on_hand) ON stock.stock_levels TO stock_clerk").await;
        }),
        case!(
            "A clerk becomes the owner of a table, with recording switched off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "ALTER TABLE stock.stock_counts OWNER TO clerk").await;
            }
        ),
        case!("A key is dropped, with recording switched off", [ConfigurationChanged], |scene| {
            unseen(scene, "ALTER TABLE stock.stock_levels DROP CONSTRAINT stock_levels_key").await;
        }),
        case!(
            "A built-in function is replaced, with recording switched off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "CREATE OR REPLACE FUNCTION pg_catalog.pg_xact_status(xid8) RETURNS text LANGUAGE sql VOLATILE STRICT AS $$SELECT 'aborted'$$").await;
            }
        ),
        case!(
            "A function is added to the built-in ones, with recording switched off",
            [ConfigurationChanged],
            |scene| {
                unseen(scene, "CREATE FUNCTION pg_catalog.pg_xact_status(text) RETURNS text LANGUAGE sql AS $$SELECT 'aborted'$$").await;
            }
        ),
        case!(
            "The auditor's search path leads to a function that reports every transaction as aborted, and a movement is removed",
            [CommittedWithoutRow, LevelDiffers, ConfigurationChanged],
            |scene| {
                unseen(scene, &format!(
                    "CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC;
                     CREATE FUNCTION other.pg_xact_status(xid8) RETURNS text LANGUAGE sql AS $$SELECT 'aborted'$$;
                     ALTER ROLE auditor SET search_path = other, pg_catalog; {REMOVE}"
                )).await;
            }
        ),
        case!(
            "A line of pg_hba.conf lets everybody in without a password",
            [ConfigurationChanged],
            |scene| {
                let path = scene.server.data_dir().join("pg_hba.conf");
                let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
                writeln!(file, "host all all 127.0.0.1/32 trust").unwrap();
            }
        ),
        case!("A clerk is made an admin from another database", [ConfigurationChanged], |scene| {
            elsewhere(scene)
                .await
                .batch_execute("GRANT stock_admin TO clerk; REVOKE stock_admin FROM clerk")
                .await
                .unwrap();
        }),
        case!(
            "A clerk is made an admin from another database, with recording switched off",
            [ConfigurationChanged],
            |scene| {
                let session = elsewhere(scene).await;
                session.batch_execute("SET pgaudit.log = 'none'").await.unwrap();
                session.batch_execute("GRANT stock_admin TO clerk").await.unwrap();
            }
        ),
        case!("pgaudit is off for another database for a while", [ConfigurationChanged], |scene| {
            let session = elsewhere(scene).await;
            session.batch_execute("ALTER DATABASE postgres SET pgaudit.log = 'none'").await.unwrap();
            session.batch_execute("ALTER DATABASE postgres RESET pgaudit.log").await.unwrap();
        }),
        case!(
            "pgaudit is off for another database, and that was not recorded",
            [ConfigurationChanged],
            |scene| {
                let session = elsewhere(scene).await;
                session.batch_execute("SET pgaudit.log = 'none'").await.unwrap();
                session.batch_execute("ALTER DATABASE postgres SET pgaudit.log = 'none'").await.unwrap();
            }
        ),
        case!("A table of another database is granted to a clerk", [], |scene| {
            let session = elsewhere(scene).await;
            session.batch_execute("CREATE TABLE notes (note text)").await.unwrap();
            session.batch_execute("GRANT SELECT ON notes TO clerk").await.unwrap();
        }),
        case!(
            "The log goes elsewhere for a while, and a clerk posts",
            [RowWithoutRecord, Gap, ConfigurationChanged],
            |scene| {
                let path = scene.server.data_dir().join("extra.conf");
                let before = std::fs::read_to_string(&path).unwrap();
                log_to(scene, &format!("{before}log_destination = 'stderr'\n"), "stderr").await;
                scene.clerk.receive(receipt("A", "1", "X")).await.unwrap();
                scene.run(APART).await;
                log_to(scene, &before, "jsonlog").await;
                scene.clerk.receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "The log goes elsewhere for a while, and nobody else is working",
            [ConfigurationChanged],
            |scene| {
                let path = scene.server.data_dir().join("extra.conf");
                let before = std::fs::read_to_string(&path).unwrap();
                log_to(scene, &format!("{before}log_destination = 'stderr'\n"), "stderr").await;
                scene.run(APART).await;
                log_to(scene, &before, "jsonlog").await;
            }
        ),
        case!("An admin tries to disable the auditor", [ConfigurationChanged], |scene| {
            let admin = connect(&scene.database.url("admin")).await;
            admin.batch_execute("SELECT stock.set_person_login('auditor', false)").await.unwrap_err();
        }),
        case!(
            "An admin tries to disable the auditor with SQL of their own",
            [ConfigurationChanged],
            |scene| {
                let admin = connect(&scene.database.url("admin")).await;
                admin.batch_execute("ALTER ROLE auditor NOLOGIN").await.unwrap_err();
            }
        ),
    ]
}

/// A session of the superuser in the database `postgres`.
async fn elsewhere(scene: &Scene) -> Client {
    connect(&scene.server.superuser_url()).await
}

/// Changes the configuration file, so that the log goes to this destination.
async fn log_to(scene: &Scene, text: &str, destination: &str) {
    std::fs::write(scene.server.data_dir().join("extra.conf"), text).unwrap();
    scene.reload("log_destination", destination).await;
}
