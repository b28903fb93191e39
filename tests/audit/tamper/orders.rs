//! Orders, events and reservations that are changed without the program.

use stockroom::domain::{NewPartner, OrderNumber, PartnerKind};
use stockroom::service::{Decision, Reserve, ShipOrder, ToShip};

use super::scene::{Scene, unseen};
use super::{Case, case};
use crate::support::commands::{confirmed, count, sales_order};
use crate::support::wait::until;

/// A confirmed sales order of product A for the customer C.
pub(super) async fn order(scene: &Scene, quantity: &str) -> OrderNumber {
    confirmed(&scene.database.service("admin"), &sales_order("A", quantity)).await
}

/// A clerk reserves what there is for an order.
pub(super) async fn reserve(scene: &Scene, number: &OrderNumber) {
    let reserve = Reserve { number: number.clone(), lines: Vec::new(), id: None };
    scene.clerk.reserve_order(&reserve).await.unwrap();
}

/// Waits until the history of everything that was done is sealed.
pub(super) async fn history_sealed(scene: &Scene) {
    until("the history is sealed", async || {
        let open = "SELECT FROM stock.master_history h LEFT JOIN audit.sealed_rows s ON s.source = 'change' AND s.row_id = h.change_no::text WHERE s.row_id IS NULL LIMIT 1";
        scene.superuser.query_opt(open, &[]).await.unwrap().is_none()
    })
    .await;
}

/// Two customers, C and D.
pub(super) async fn customers(scene: &Scene) {
    let admin = scene.database.service("admin");
    for code in ["C", "D"] {
        let customer = NewPartner { code: code.parse().unwrap(), name: None, kind: PartnerKind::Customer };
        admin.add_partner(customer).await.unwrap();
    }
}

/// Two sales orders: one of 6 pieces is shipped, one of 4 is reserved.
pub(super) async fn work(scene: &mut Scene) {
    for quantity in ["6", "4"] {
        let number = order(scene, quantity).await;
        reserve(scene, &number).await;
        if quantity == "6" {
            let ship = ShipOrder { number, goods: ToShip::Ready, reference: None, id: None };
            scene.clerk.ship_order(&ship).await.unwrap();
        }
    }
    scene.sealed().await;
}

async fn deed(scene: &mut Scene, sql: &str) {
    customers(scene).await;
    work(scene).await;
    unseen(scene, sql).await;
}

/// The cases.
pub fn cases() -> Vec<Case> {
    reservations_and_sums().into_iter().chain(orders_and_events()).collect()
}

fn reservations_and_sums() -> Vec<Case> {
    vec![
        case!("Orders are confirmed, reserved and shipped, and nobody tampers with them", [], |scene| {
            customers(scene).await;
            work(scene).await;
            let number = order(scene, "3").await;
            reserve(scene, &number).await;
            // The shelf holds less than was promised, so the count releases some of it; and the rest is cancelled.
            scene.clerk.count(count("A", "5", "X")).await.unwrap();
            let reason = "withdrawn".parse().unwrap();
            let admin = scene.database.service("admin");
            admin.decide(&number, &Decision::Cancel, Some(&reason), None).await.unwrap();
        }),
        case!("A superuser changes a reservation of an order", [ContentDiffers, LevelDiffers], |scene| {
            deed(scene, "UPDATE stock.reservations SET change = 3 WHERE change = 4").await;
        }),
        case!(
            "A superuser deletes a reservation of an order",
            [CommittedWithoutRow, LevelDiffers],
            |scene| {
                deed(scene, "DELETE FROM stock.reservations WHERE change = 4").await;
            }
        ),
        case!("A superuser inserts a reservation of an order", [RowWithoutRecord, LevelDiffers], |scene| {
            deed(
                scene,
                "INSERT INTO stock.reservations (id, posting_id, order_line_id, product_id, location_id, change)
                 SELECT overlay(id::text PLACING 'ffff' FROM 33)::uuid, posting_id, order_line_id, product_id, location_id, 1
                 FROM stock.reservations WHERE change = 4",
            )
            .await;
        }),
        case!("A superuser changes the reserved quantity of a level", [LevelDiffers], |scene| {
            deed(scene, "UPDATE stock.stock_levels SET reserved = reserved - 1 WHERE reserved > 0").await;
        }),
        case!("A superuser changes the allocation of an order line", [LevelDiffers], |scene| {
            deed(scene, "UPDATE stock.allocations SET open = open + 1 WHERE open > 0").await;
        }),
        case!("A superuser changes the moved quantity of an order line", [LevelDiffers], |scene| {
            deed(scene, "UPDATE stock.order_progress SET moved = moved - 1 WHERE moved > 0").await;
        }),
    ]
}

fn orders_and_events() -> Vec<Case> {
    vec![
        case!("A superuser lowers the quantity of an order line", [ContentDiffers, LevelDiffers], |scene| {
            deed(scene, "UPDATE stock.order_lines SET quantity = 3 WHERE quantity = 4").await;
        }),
        case!(
            "A superuser changes the minimum remaining life that a customer demands",
            [ContentDiffers],
            |scene| {
                deed(scene, "UPDATE stock.partners SET min_life_days = 1 WHERE code = 'C'").await;
            }
        ),
        case!("A superuser allows clerks to confirm orders", [RowWithoutRecord], |scene| {
            deed(
                scene,
                "INSERT INTO stock.order_policies (kind, reserve, clerks_decide) VALUES ('sales', 'manual', true)",
            )
            .await;
        }),
        case!("A superuser changes the reference of an order", [ContentDiffers], |scene| {
            deed(scene, "UPDATE stock.orders SET partner_reference = 'forged' WHERE number = 'SO-000001'")
                .await;
        }),
        case!("A superuser changes who confirmed an order", [ContentDiffers], |scene| {
            deed(
                scene,
                "UPDATE stock.order_events SET posted_by = 'clerk' WHERE id = (SELECT min(id::text)::uuid FROM stock.order_events)",
            )
            .await;
        }),
        case!("A superuser deletes an event of an order", [CommittedWithoutRow], |scene| {
            deed(
                scene,
                "DELETE FROM stock.order_events WHERE id = (SELECT min(id::text)::uuid FROM stock.order_events)",
            )
            .await;
        }),
        case!("A superuser inserts an event of an order under another login", [RowWithoutRecord], |scene| {
            deed(
                scene,
                "INSERT INTO stock.order_events (id, order_id, kind, reason, posted_by)
                 SELECT overlay(id::text PLACING 'ffff' FROM 33)::uuid, order_id, 'closed', 'over', 'admin' FROM stock.order_events LIMIT 1",
            )
            .await;
        }),
        case!(
            "A superuser removes the order line from a movement",
            [ContentDiffers, LevelDiffers, EvidenceAltered],
            |scene| {
                deed(
                    scene,
                    "UPDATE stock.transactions SET order_line_id = NULL WHERE order_line_id IS NOT NULL",
                )
                .await;
            }
        ),
    ]
}
