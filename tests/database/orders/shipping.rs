//! Shipping: what leaves is what was shown or named, or nothing leaves.

use stockroom::domain::{MovementKind, OrderNumber, PickedGoods, Status};
use stockroom::service::{
    Error, LineQuantity, PickOrder, Release, Reserve, Service, ShipOrder, ToShip, new_id,
};

use super::{broken_invariants, scene};
use crate::support::commands::{confirmed, sales_order};
use crate::support::database::{TestDatabase, line, posting};
use crate::support::raw::connect;

/// A sales order of so many A, all reserved at X, of which some are at the dock.
async fn picked(database: &TestDatabase, quantity: u32, picked: u32) -> (Service, OrderNumber) {
    let admin = database.service("admin");
    admin.post(&posting(MovementKind::Receipt, vec![line("A", "100", "", "X")])).await.unwrap();
    let number = confirmed(&admin, &sales_order("A", &quantity.to_string())).await;
    admin.reserve_order(&Reserve { number: number.clone(), lines: Vec::new(), id: None }).await.unwrap();
    pick(&admin, &number, picked).await;
    (admin, number)
}

async fn pick(admin: &Service, number: &OrderNumber, quantity: u32) {
    let lines = vec![LineQuantity { line_no: 1, quantity: quantity.to_string().parse().unwrap() }];
    admin.pick_order(&PickOrder { number: number.clone(), to: None, lines, id: None }).await.unwrap();
}

fn ship(number: &OrderNumber, goods: ToShip) -> ShipOrder {
    ShipOrder { number: number.clone(), goods, reference: None, id: None }
}

/// What would be shipped now, as a screen shows it.
async fn shown(service: &Service, number: &OrderNumber) -> ToShip {
    let allocations = service.store().allocations(std::slice::from_ref(number)).await.unwrap();
    ToShip::Goods(PickedGoods::to_ship(&allocations).unwrap())
}

async fn moved(service: &Service, number: &OrderNumber) -> u32 {
    service.order(number).await.unwrap().row.moved.try_into().unwrap()
}

fn refusal(error: &Error) -> String {
    error.refusal().unwrap_or_else(|| panic!("{error:?}")).to_string()
}

#[tokio::test]
async fn what_was_shown_is_shipped_or_nothing_is() {
    let database = scene().await;
    let (admin, number) = picked(&database, 10, 4).await;
    let seen = shown(&admin, &number).await;
    // More has been picked since: it stays.
    pick(&admin, &number, 3).await;
    admin.ship_order(&ship(&number, seen.clone())).await.unwrap();
    assert_eq!(moved(&admin, &number).await, 4);
    let refused = admin.ship_order(&ship(&number, seen)).await.unwrap_err();
    assert_eq!(refusal(&refused), "A at DOCK: have 3, need 4");
    // Some of it is released: the rest alone is not shipped.
    let seen = shown(&admin, &number).await;
    let two = vec![LineQuantity { line_no: 1, quantity: "5".parse().unwrap() }];
    let release =
        Release { number: number.clone(), lines: two, reason: "damaged".parse().unwrap(), id: None };
    admin.release_order(&release).await.unwrap();
    let refused = admin.ship_order(&ship(&number, seen)).await.unwrap_err();
    assert_eq!(refusal(&refused), "A at DOCK: 1 reserved for line 1 of SO-000001, need 3");
    assert_eq!(moved(&admin, &number).await, 4);
    assert_eq!(broken_invariants(&connect(database.superuser_url()).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn named_quantities_are_shipped_whole_and_once() {
    let database = scene().await;
    let (admin, number) = picked(&database, 10, 4).await;
    let of = |quantity: &str| {
        ToShip::Lines(vec![LineQuantity { line_no: 1, quantity: quantity.parse().unwrap() }])
    };
    let refused = admin.ship_order(&ship(&number, of("5"))).await.unwrap_err();
    assert_eq!(refusal(&refused), "line 1 of SO-000001: 4 of A available, need 5");
    let id = Some(new_id());
    let some = ShipOrder { id, ..ship(&number, of("3")) };
    assert_eq!(admin.ship_order(&some).await.unwrap().status, Status::Posted);
    assert_eq!(admin.ship_order(&some).await.unwrap().status, Status::AlreadyPosted);
    assert_eq!(moved(&admin, &number).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_ship_the_same_goods_one_does() {
    let database = scene().await;
    let (admin, number) = picked(&database, 10, 10).await;
    let seen = shown(&admin, &number).await;
    let other = {
        let (clerk, number, seen) = (database.service("clerk"), number.clone(), seen.clone());
        tokio::spawn(async move { clerk.ship_order(&ship(&number, seen)).await })
    };
    let outcomes = [admin.ship_order(&ship(&number, seen)).await, other.await.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let refused = outcomes.iter().find_map(|outcome| outcome.as_ref().err()).unwrap();
    assert_eq!(refusal(refused), "A at DOCK: have 0, need 10");
    assert_eq!(moved(&admin, &number).await, 10);
}
