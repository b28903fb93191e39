//! Orders, events and reservations that are not stored as they were sent, or are altered so that row, history and seal
//! agree and only the audit record shows the difference.
#![allow(clippy::too_many_lines, reason = "the list of cases is long")]

use stockroom::service::{Decision, new_id};

use super::orders::{customers, history_sealed, order, reserve, work};
use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::commands::receipt;
use crate::support::raw::connect;

/// A function of the database that would refuse an event in the name of another.
const GUARD: &str = "stock.refuse_unfit_posting";

/// Does something with the recording switched off, in a session of its own.
pub(super) async fn quietly(scene: &Scene, sql: &str) {
    let session = connect(scene.database.superuser_url()).await;
    session.batch_execute("SET pgaudit.log = 'none'").await.unwrap();
    session.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// Puts a trigger in the way of the rows of a table, which does something with each new row.
async fn intercept(scene: &Scene, table: &str, what: &str) {
    quietly(
        scene,
        &format!(
            "CREATE FUNCTION stock.zz_intercept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what} RETURN NEW; END $$;
             CREATE TRIGGER zz_intercept BEFORE INSERT ON stock.{table} FOR EACH ROW EXECUTE FUNCTION stock.zz_intercept();
             ALTER TABLE stock.{table} ENABLE ALWAYS TRIGGER zz_intercept"
        ),
    )
    .await;
}

/// Removes it again.
async fn let_pass(scene: &Scene) {
    quietly(scene, "DROP FUNCTION stock.zz_intercept() CASCADE").await;
}

/// Takes orders, reserves and ships while a trigger is in the way.
async fn work_intercepted(scene: &mut Scene, table: &str, what: &str) {
    customers(scene).await;
    intercept(scene, table, what).await;
    work(scene).await;
    let_pass(scene).await;
    history_sealed(scene).await;
}

/// An admin cancels an order while a trigger alters the event, and, if need be, its history. The guard against events in the
/// name of another is put out of action for the time.
async fn cancel_intercepted(scene: &mut Scene, event: &str, history: Option<&str>) {
    customers(scene).await;
    let number = order(scene, "5").await;
    let select = format!("SELECT pg_get_functiondef('{GUARD}'::regproc)");
    let guard: String = scene.superuser.query_one(&select, &[]).await.unwrap().get(0);
    let begin = guard.find("BEGIN").unwrap();
    quietly(scene, &format!("{}BEGIN RETURN; {}", &guard[..begin], &guard[begin + 5..])).await;
    intercept(scene, "order_events", event).await;
    if let Some(history) = history {
        quietly(
            scene,
            &format!(
                "CREATE FUNCTION stock.zz_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {history} RETURN NEW; END $$;
                 CREATE TRIGGER zz_history BEFORE INSERT ON stock.master_history FOR EACH ROW EXECUTE FUNCTION stock.zz_history();
                 ALTER TABLE stock.master_history ENABLE ALWAYS TRIGGER zz_history"
            ),
        )
        .await;
    }
    let reason = "the customer withdrew".parse().unwrap();
    scene.database.service("admin").decide(&number, &Decision::Cancel, Some(&reason), None).await.unwrap();
    let_pass(scene).await;
    quietly(scene, "DROP FUNCTION IF EXISTS stock.zz_history() CASCADE").await;
    quietly(scene, &guard).await;
    history_sealed(scene).await;
}

/// Does something in the open while a trigger of a table is disabled, of which nothing is recorded.
async fn open_deed(scene: &mut Scene, table: &str, trigger: &str, sql: &str) {
    customers(scene).await;
    work(scene).await;
    history_sealed(scene).await;
    quietly(scene, &format!("ALTER TABLE stock.{table} DISABLE TRIGGER {trigger}")).await;
    scene.run(sql).await;
    quietly(scene, &format!("ALTER TABLE stock.{table} ENABLE ALWAYS TRIGGER {trigger}")).await;
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case!("A trigger lowers a reservation as it is posted", [ContentDiffers], |scene| {
            work_intercepted(scene, "reservations", "IF NEW.change = 4 THEN NEW.change := 3; END IF;").await;
        }),
        case!("A trigger gives a reservation to another order as it is posted", [ContentDiffers], |scene| {
            customers(scene).await;
            order(scene, "5").await;
            intercept(
                    scene,
                    "reservations",
                    "IF NEW.change = 4 THEN NEW.order_line_id := (SELECT order_line_id FROM stock.order_lines WHERE quantity = 5); END IF;",
                )
                .await;
            work(scene).await;
            let_pass(scene).await;
            history_sealed(scene).await;
        }),
        case!("A trigger discards a reservation", [CommittedWithoutRow], |scene| {
            work_intercepted(scene, "reservations", "IF NEW.change = 4 THEN RETURN NULL; END IF;").await;
        }),
        case!("A trigger discards a movement", [CommittedWithoutRow], |scene| {
            intercept(scene, "transactions", "IF NEW.quantity = 7 THEN RETURN NULL; END IF;").await;
            scene.clerk.receive(receipt("B", "7", "X")).await.unwrap();
            let_pass(scene).await;
        }),
        case!("A trigger gives an order to another customer as it is entered", [ContentDiffers], |scene| {
            let other = "NEW.partner_id := (SELECT partner_id FROM stock.partners WHERE code = 'D');";
            work_intercepted(scene, "orders", other).await;
        }),
        case!("A trigger changes the due date of an order as it is entered", [ContentDiffers], |scene| {
            work_intercepted(scene, "orders", "NEW.due_on := '2030-01-31';").await;
        }),
        case!("A trigger lowers the quantity of an order line as it is entered", [ContentDiffers], |scene| {
            work_intercepted(scene, "order_lines", "IF NEW.quantity = 4 THEN NEW.quantity := 3; END IF;")
                .await;
        }),
        case!("A trigger sets the price of an order line as it is entered", [ContentDiffers], |scene| {
            work_intercepted(scene, "order_lines", "NEW.unit_price := 0.01;").await;
        }),
        case!("The reason of a cancellation is altered by a trigger", [ContentDiffers], |scene| {
            cancel_intercepted(scene, "NEW.reason := 'goods were damaged';", None).await;
        }),
        case!("A cancellation is attributed to another login", [ContentDiffers], |scene| {
            cancel_intercepted(scene, "NEW.posted_by := 'clerk';", None).await;
        }),
        case!(
            "A cancellation and its history are attributed to another login",
            [RowWithoutRecord, CommittedWithoutRow],
            |scene| {
                let history = "NEW.changed_by := 'clerk';";
                cancel_intercepted(scene, "NEW.posted_by := 'clerk';", Some(history)).await;
            }
        ),
        case!(
            "An event of an order is changed together with its history",
            [ContentDiffers, EvidenceAltered],
            |scene| {
                cancel_intercepted(scene, "NULL;", None).await;
                unseen(
                    scene,
                    "UPDATE stock.order_events SET reason = 'forged' WHERE kind = 'cancelled';
                     UPDATE stock.master_history SET row_values = row_values || '{\"reason\": \"forged\"}' WHERE row_values ->> 'kind' = 'cancelled'",
                )
                .await;
            }
        ),
        case!(
            "A reservation and its history are changed before they are sealed, and all totals are adjusted to match",
            [ContentDiffers, LedgerAltered],
            |scene| {
                customers(scene).await;
                let number = order(scene, "4").await;
                scene.sealed().await;
                history_sealed(scene).await;
                scene.pause().await;
                reserve(scene, &number).await;
                unseen(
                    scene,
                    "UPDATE stock.reservations SET change = 3;
                     UPDATE stock.master_history SET row_values = row_values || '{\"change\": 3}' WHERE table_name = 'reservations';
                     UPDATE stock.stock_levels SET reserved = 3 WHERE reserved > 0;
                     UPDATE stock.allocations SET open = 3;
                     UPDATE stock.order_progress SET reserved = 3 WHERE reserved > 0",
                )
                .await;
                scene.resume();
            }
        ),
        case!(
            "A reservation and its history are deleted before they are sealed, and all totals are adjusted to match",
            [CommittedWithoutRow],
            |scene| {
                customers(scene).await;
                let number = order(scene, "4").await;
                scene.sealed().await;
                history_sealed(scene).await;
                scene.pause().await;
                reserve(scene, &number).await;
                unseen(
                    scene,
                    "DELETE FROM stock.reservations; DELETE FROM stock.master_history WHERE table_name = 'reservations';
                     UPDATE stock.stock_levels SET reserved = 0; DELETE FROM stock.allocations; UPDATE stock.order_progress SET reserved = 0",
                )
                .await;
                scene.resume();
            }
        ),
        case!(
            "The reason of an event is changed while it is recorded, with the trigger disabled",
            [LedgerAltered],
            |scene| {
                let deed = "UPDATE stock.order_events SET reason = 'edited'";
                open_deed(scene, "order_events", "refuse_change", deed).await;
            }
        ),
        case!(
            "The returned quantity of an order is changed while it is recorded, with the trigger disabled",
            [LevelDiffers, LedgerAltered],
            |scene| {
                let deed = "UPDATE stock.order_progress SET returned = 1 WHERE moved > 0";
                open_deed(scene, "order_progress", "written_by_ledger", deed).await;
            }
        ),
        case!(
            "A confirmed order is given to another customer while it is recorded, with the trigger disabled",
            [LedgerAltered],
            |scene| {
                let deed = "UPDATE stock.orders SET partner_id = (SELECT partner_id FROM stock.partners WHERE code = 'D')";
                open_deed(scene, "orders", "fill_order", deed).await;
            }
        ),
        case!(
            "The quantity of a confirmed line is raised while it is recorded, with the trigger disabled",
            [LedgerAltered],
            |scene| {
                let deed = "UPDATE stock.order_lines SET quantity = 7 WHERE quantity = 6";
                open_deed(scene, "order_lines", "check_order_line", deed).await;
            }
        ),
        case!("A clerk reserves by a statement of their own", [ForeignWriter], |scene| {
            customers(scene).await;
            order(scene, "4").await;
            let clerk = connect(&scene.database.url("clerk")).await;
            let id = new_id().uuid();
            let statement = format!(
                "INSERT INTO stock.reservations (id, posting_id, order_line_id, product_id, location_id, change)
                 SELECT '{id}', '{id}', l.order_line_id, l.product_id, s.location_id, 4
                 FROM stock.order_lines l JOIN stock.stock_levels s ON s.product_id = l.product_id WHERE s.on_hand >= 4 LIMIT 1"
            );
            clerk
                .batch_execute(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {statement}; COMMIT"))
                .await
                .unwrap();
        }),
    ]
}
