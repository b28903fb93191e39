//! Many sessions at once.

use std::sync::Arc;

use stockroom::domain::{MovementKind, Refusal, ReservationChange, Reservations};
use stockroom::service::{Decision, Reserve, new_id};

use super::{broken_invariants, confirmed_order, scene};
use crate::support::database::{line, posting};
use crate::support::raw::connect;

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_sessions_reserve_the_last_hundred_pieces() {
    let database = scene().await;
    let session = connect(database.superuser_url()).await;
    let admin = database.service("admin");
    admin.post(&posting(MovementKind::Receipt, vec![line("A", "100", "", "X")])).await.unwrap();
    let mut sessions = Vec::new();
    for _ in 0..16 {
        let number = confirmed_order(&admin, 20).await;
        let order = admin.order(&number).await.unwrap();
        // Each has a pool, memory and connections of its own, as a process has.
        let service = database.service("clerk");
        let change = ReservationChange {
            order_line: order.lines[0].order_line_id,
            sku: "A".parse().unwrap(),
            location: "X".parse().unwrap(),
            lot: None,
            change: 1.into(),
        };
        sessions.push(tokio::spawn(async move {
            let (mut reserved, mut refused) = (0, 0);
            while reserved + refused < 20 {
                let act = Reservations { id: new_id(), reason: None, changes: vec![change.clone()] };
                match service.store().reserve(&act).await {
                    Ok(_) => reserved += 1,
                    Err(stockroom::store::Error::Refused(Refusal::ReservedStock { figures, .. })) => {
                        assert_eq!(
                            (figures.have, figures.reserved, figures.need),
                            (100.into(), 100.into(), 1.into())
                        );
                        refused += 1;
                    }
                    Err(stockroom::store::Error::Conflict { .. }) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            (reserved, refused)
        }));
    }
    let (mut reserved, mut refused) = (0, 0);
    for session in sessions {
        let (these, those) = session.await.unwrap();
        reserved += these;
        refused += those;
    }
    assert_eq!((reserved, refused), (100, 220));
    assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
}

#[tokio::test]
async fn two_lines_for_one_product_are_checked_together() {
    let database = scene().await;
    let session = connect(database.superuser_url()).await;
    let admin = database.service("admin");
    admin.post(&posting(MovementKind::Receipt, vec![line("A", "10", "", "X")])).await.unwrap();
    let mut changes = Vec::new();
    for _ in 0..2 {
        let order = admin.order(&confirmed_order(&admin, 6).await).await.unwrap();
        changes.push(ReservationChange {
            order_line: order.lines[0].order_line_id,
            sku: "A".parse().unwrap(),
            location: "X".parse().unwrap(),
            lot: None,
            change: 6.into(),
        });
    }
    let act = Reservations { id: new_id(), reason: None, changes };
    let refused = admin.store().reserve(&act).await.unwrap_err();
    assert!(
        matches!(&refused, stockroom::store::Error::Refused(Refusal::InsufficientStock { have, need, .. }) if *have == 10.into() && *need == 12.into()),
        "{refused:?}"
    );
    assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_movement_without_an_order_is_refused_with_figures_and_holders() {
    let database = scene().await;
    let admin = database.service("admin");
    admin.post(&posting(MovementKind::Receipt, vec![line("A", "10", "", "X")])).await.unwrap();
    for quantity in [5, 3] {
        let number = confirmed_order(&admin, quantity).await;
        admin.reserve_order(&Reserve { number, lines: Vec::new(), id: None }).await.unwrap();
    }
    let issue = posting(MovementKind::Issue, vec![line("A", "5", "X", "")]);
    let refused = admin.post(&issue).await.unwrap_err().to_string();
    assert_eq!(refused, "A at X: have 10, 8 reserved for SO-000001 and SO-000002, available 2, need 5");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_concurrent_cancellation_and_reservation_one_succeeds() {
    let database = scene().await;
    let session = connect(database.superuser_url()).await;
    let admin = Arc::new(database.service("admin"));
    admin.post(&posting(MovementKind::Receipt, vec![line("A", "100", "", "X")])).await.unwrap();
    for _ in 0..12 {
        let number = confirmed_order(&admin, 4).await;
        let reserving = {
            let (clerk, number) = (database.service("clerk"), number.clone());
            tokio::spawn(async move {
                clerk.reserve_order(&Reserve { number, lines: Vec::new(), id: None }).await.is_ok()
            })
        };
        let reason = "raced".parse().unwrap();
        let cancelled = admin.decide(&number, &Decision::Cancel, Some(&reason), None).await;
        reserving.await.unwrap();
        let order = admin.order(&number).await.unwrap();
        if cancelled.is_ok() {
            assert_eq!(order.row.state.as_str(), "cancelled");
            assert!(order.row.reserved.is_zero(), "{order:?}");
        }
        assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
    }
}
