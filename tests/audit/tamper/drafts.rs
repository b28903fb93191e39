//! Lines of drafts that are removed: by their authors with the program, and otherwise.

use stockroom::domain::{NewOrder, NewOrderLine, OrderKind, OrderNumber};
use stockroom::service::new_id;

use super::intercepted::quietly;
use super::orders::{customers, history_sealed};
use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::raw::connect;

/// The statement with which the program removes lines.
const REMOVAL: &str = "DELETE FROM stock.order_lines AS l USING unnest($1::uuid[]) AS c (order_line_id) WHERE l.order_line_id = c.order_line_id";
/// The function that lets only the author change a draft, and what it compares.
const GUARD: &str = "stock.check_order_line";
const COMPARED: &str = "of_order.created_by <> session_user";

fn draft(lines: &[(&str, &str)]) -> NewOrder {
    let line = |(sku, quantity): &(&str, &str)| NewOrderLine {
        sku: sku.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        unit_price: None,
        over_percent: rust_decimal::Decimal::ZERO,
    };
    NewOrder {
        id: new_id().into(),
        kind: OrderKind::Sales,
        partner: Some("C".parse().unwrap()),
        partner_reference: None,
        due_on: None,
        ship_to: None,
        to: None,
        note: None,
        lines: lines.iter().map(line).collect(),
    }
}

/// A draft of the clerk with two lines.
async fn drafted(scene: &Scene) -> OrderNumber {
    customers(scene).await;
    let order = draft(&[("A", "6"), ("B", "4")]);
    scene.clerk.create_order(&order).await.unwrap().order.row.number
}

async fn remove_line(scene: &Scene, number: &OrderNumber) {
    scene.clerk.edit_order(number, None, &draft(&[("A", "6")])).await.unwrap();
}

/// The cases.
pub fn cases() -> Vec<Case> {
    removed().into_iter().chain(removed_past_the_guard()).collect()
}

fn removed() -> Vec<Case> {
    vec![
        case!(
            "The author of a draft removes a line and adds another, and nobody tampers with it",
            [],
            |scene| {
                let number = drafted(scene).await;
                remove_line(scene, &number).await;
                let replaced = draft(&[("B", "1"), ("B", "2")]);
                scene.clerk.edit_order(&number, None, &replaced).await.unwrap();
                history_sealed(scene).await;
            }
        ),
        case!("A clerk removes a line of a draft by a statement of their own", [ForeignWriter], |scene| {
            drafted(scene).await;
            let clerk = connect(&scene.database.url("clerk")).await;
            let delete = "BEGIN ISOLATION LEVEL SERIALIZABLE; DELETE FROM stock.order_lines WHERE quantity = 4; COMMIT";
            clerk.batch_execute(delete).await.unwrap();
            history_sealed(scene).await;
        }),
        case!("A superuser removes a line of a draft", [CommittedWithoutRow], |scene| {
            drafted(scene).await;
            history_sealed(scene).await;
            unseen(
                scene,
                "DELETE FROM stock.order_progress WHERE ordered = 4; DELETE FROM stock.order_lines WHERE quantity = 4",
            )
            .await;
        }),
        case!("A superuser puts a removed line of a draft back", [RowWithoutRecord], |scene| {
            let number = drafted(scene).await;
            remove_line(scene, &number).await;
            history_sealed(scene).await;
            unseen(
                scene,
                "INSERT INTO stock.order_lines (order_line_id, order_id, line_no, product_id, quantity)
                 SELECT r.order_line_id, r.order_id, r.line_no, r.product_id, r.quantity
                 FROM stock.master_history h, jsonb_populate_record(NULL::stock.order_lines, h.row_values) AS r
                 WHERE h.operation = 'delete';
                 INSERT INTO stock.order_progress (order_line_id, ordered, over_percent)
                 SELECT l.order_line_id, l.quantity, l.over_percent FROM stock.order_lines l WHERE l.quantity = 4",
            )
            .await;
        }),
    ]
}

fn removed_past_the_guard() -> Vec<Case> {
    vec![
        case!(
            "A superuser removes a line of a draft with the statement of the program, and the guard is off for the time",
            [LedgerAltered],
            |scene| {
                drafted(scene).await;
                history_sealed(scene).await;
                let select = format!("SELECT pg_get_functiondef('{GUARD}'::regproc)");
                let guard: String = scene.superuser.query_one(&select, &[]).await.unwrap().get(0);
                assert!(guard.contains(COMPARED), "{guard}");
                quietly(scene, &guard.replace(COMPARED, "false")).await;
                let line = "SELECT order_line_id FROM stock.order_lines WHERE quantity = 4";
                let id: uuid::Uuid = scene.superuser.query_one(line, &[]).await.unwrap().get(0);
                scene.superuser.execute(REMOVAL, &[&vec![id]]).await.unwrap();
                quietly(scene, &guard).await;
                history_sealed(scene).await;
            }
        ),
        case!("A trigger alters the history of a removed line as it is written", [ContentDiffers], |scene| {
            let number = drafted(scene).await;
            quietly(
                    scene,
                    "CREATE FUNCTION stock.zz_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                         IF NEW.operation = 'delete' THEN NEW.row_values := NEW.row_values || '{\"quantity\": 1}'; END IF;
                         RETURN NEW; END $$;
                     CREATE TRIGGER zz_history BEFORE INSERT ON stock.master_history FOR EACH ROW EXECUTE FUNCTION stock.zz_history();
                     ALTER TABLE stock.master_history ENABLE ALWAYS TRIGGER zz_history",
                )
                .await;
            remove_line(scene, &number).await;
            quietly(scene, "DROP FUNCTION stock.zz_history() CASCADE").await;
            history_sealed(scene).await;
        }),
    ]
}
