//! What is read of orders: the list and its filters, and what the dashboard shows.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use stockroom::domain::{MovementKind, NewOrder, OrderFilter, OrderKind, OrderNumber, PostingId, Reversal};
use stockroom::service::{PickOrder, Reserve, Service, ShipOrder, ToShip};
use stockroom::store::Store;

use super::scene;
use crate::support::commands::{confirmed, sales_order};
use crate::support::database::{TestDatabase, line, posting};
use crate::support::raw::connect;

fn today() -> jiff::civil::Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// A sales order that is due in so many days, of product A.
fn order(quantity: &str, due_in_days: i64) -> NewOrder {
    NewOrder { due_on: Some(today() + due_in_days.days()), ..sales_order("A", quantity) }
}

async fn stocked(quantity: &str) -> (TestDatabase, Service) {
    let database = scene().await;
    let admin = database.service("admin");
    admin.post(&posting(MovementKind::Receipt, vec![line("A", quantity, "", "X")])).await.unwrap();
    (database, admin)
}

#[tokio::test]
async fn late_orders_are_listed_longest_overdue_first_with_the_share_on_time() {
    let (database, admin) = stocked("100").await;
    let reserve = |number: OrderNumber| Reserve { number, lines: Vec::new(), id: None };
    let ship = |number: OrderNumber| ShipOrder { number, goods: ToShip::Ready, reference: None, id: None };
    let latest = confirmed(&admin, &order("5", -1)).await;
    let store = database.store("auditor");
    let late = confirmed(&admin, &order("3", -4)).await;
    let later = confirmed(&admin, &order("3", -9)).await;
    admin.create_order(&order("3", -9)).await.unwrap();
    let found = store.late_orders(30, 10).await.unwrap();
    let numbers: Vec<OrderNumber> = found.orders.iter().map(|order| order.number.clone()).collect();
    assert_eq!(numbers, [later, late.clone(), latest]);
    assert_eq!((found.late, found.due, found.on_time), (3, 3, 0), "a draft is not late");
    let measured = Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
    let counted = async || {
        let counts = measured.order_counts().await.unwrap();
        counts.into_iter().map(|counts| (counts.kind, counts.open, counts.late)).collect::<Vec<_>>()
    };
    confirmed(&admin, &order("1", 1)).await;
    let (purchase, transfer) = ((OrderKind::Purchase, 0, 0), (OrderKind::Transfer, 0, 0));
    assert_eq!(counted().await, [purchase, (OrderKind::Sales, 4, 3), transfer]);
    assert_eq!(store.late_orders(30, 1).await.unwrap().late, 3);
    assert_eq!(store.late_orders(5, 10).await.unwrap().due, 2);
    // It leaves today, days after it was due.
    admin.reserve_order(&reserve(late.clone())).await.unwrap();
    admin.ship_order(&ship(late)).await.unwrap();
    let found = store.late_orders(30, 10).await.unwrap();
    assert_eq!((found.late, found.due, found.on_time), (2, 3, 0));
    assert_eq!(counted().await, [purchase, (OrderKind::Sales, 3, 2), transfer]);
    // It counts orders, and reads none.
    let session = connect(database.superuser_url()).await;
    session.batch_execute("SET ROLE stock_service; SELECT FROM stock.order_counts").await.unwrap();
    for relation in ["orders", "order_lines", "order_events", "order_progress", "order_states"] {
        let refused = session.batch_execute(&format!("SELECT FROM stock.{relation}")).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{relation}");
    }
}

#[tokio::test]
async fn orders_shipped_by_their_due_date_count_as_on_time() {
    let database = scene().await;
    let admin = database.service("admin");
    let ago = |hours: i64, mark: u8| Some(PostingId::at(Timestamp::now() - hours.hours(), [mark; 10]));
    let mut goods = posting(MovementKind::Receipt, vec![line("A", "100", "", "X")]);
    goods.id = ago(96, 1).unwrap();
    admin.post(&goods).await.unwrap();
    for (hours, mark) in [(72, 2), (1, 3)] {
        let number = confirmed(&admin, &order("5", -2)).await;
        let reserve = Reserve { number: number.clone(), lines: Vec::new(), id: ago(80, mark + 10) };
        admin.reserve_order(&reserve).await.unwrap();
        admin
            .ship_order(&ShipOrder { number, goods: ToShip::Ready, reference: None, id: ago(hours, mark) })
            .await
            .unwrap();
    }
    let found = database.store("admin").late_orders(30, 10).await.unwrap();
    assert_eq!((found.late, found.due, found.on_time), (0, 2, 1));
}

#[tokio::test]
async fn orders_wait_for_what_is_not_available() {
    let (database, admin) = stocked("10").await;
    let reserve = |number: OrderNumber| Reserve { number, lines: Vec::new(), id: None };
    let first = confirmed(&admin, &order("8", 1)).await;
    let second = confirmed(&admin, &order("7", 2)).await;
    let store = database.store("clerk");
    assert_eq!(store.waiting_orders(10).await.unwrap(), (Vec::new(), 0), "each could be filled");
    admin.reserve_order(&reserve(first)).await.unwrap();
    let (waiting, total) = store.waiting_orders(10).await.unwrap();
    let [order] = waiting.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((&order.number, order.missing, order.lines, total), (&second, 5.into(), 1, 1));
    assert_eq!((order.late, order.expected_on), (false, None));
}

#[tokio::test]
async fn picks_are_counted_by_person_without_reversed_ones() {
    let (database, admin) = stocked("50").await;
    let clerk = database.service("clerk");
    let mut picked = Vec::new();
    for _ in 0..2 {
        let number = confirmed(&admin, &order("5", 1)).await;
        let reserve = Reserve { number: number.clone(), lines: Vec::new(), id: None };
        clerk.reserve_order(&reserve).await.unwrap();
        let pick = PickOrder { number, to: None, lines: Vec::new(), id: None };
        picked.push(clerk.pick_order(&pick).await.unwrap());
    }
    let since = Timestamp::now() - 1.hours();
    let store = database.store("admin");
    let of = async || {
        let people = store.picks_by_person(since).await.unwrap();
        people.iter().map(|one| (one.login.clone(), one.picks, one.orders)).collect::<Vec<_>>()
    };
    assert_eq!(of().await, [("clerk".to_owned(), 2, 2)]);
    let reversal = Reversal {
        target: picked[0].posting_id.line(0),
        movement_only: false,
        reason: "wrong order".parse().unwrap(),
        id: None,
    };
    admin.reverse(reversal).await.unwrap();
    assert_eq!(of().await, [("clerk".to_owned(), 1, 1)]);
    assert_eq!(store.picks_by_person(Timestamp::now() + 1.hours()).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn orders_are_found_by_number_reference_note_partner_and_product() {
    let (database, admin) = stocked("10").await;
    let mut noted = order("1", 1);
    noted.partner_reference = "W-2207".parse().ok();
    noted.note = "by the side gate".parse().ok();
    let noted = confirmed(&admin, &noted).await;
    let mut other = order("1", 2);
    other.lines[0].sku = "B".parse().unwrap();
    let other = confirmed(&admin, &other).await;
    let store = database.store("clerk");
    let found = async |text: &str| {
        let filter = OrderFilter { text: Some(text.to_owned()), ..OrderFilter::default() };
        let orders = store.orders(&filter).await.unwrap();
        orders.into_iter().map(|order| order.number).collect::<Vec<_>>()
    };
    for text in ["w-2207", "Side Gate", noted.as_str()] {
        assert_eq!(found(text).await, std::slice::from_ref(&noted), "{text}");
    }
    assert_eq!(found("b").await, [noted.clone(), other], "B is a product and part of a note");
    assert_eq!(found("  ").await.len(), 2);
    assert_eq!(found("nothing like it").await, []);
}
