//! The order policies of a site: who confirms, when stock is reserved, how long a reservation lasts, and how long goods
//! must last for a customer.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use secrecy::SecretString;
use stockroom::domain::{
    Change, Line, LocationKind, MovementKind, NewLocation, NewOrder, OrderKind, OrderNumber, OrderPolicy,
    PartnerChange, Refusal, ReservationChange, Reservations, ReserveRule, ShortLived, Tracking,
};
use stockroom::service::{Decision, PickOrder, Release, Reserve, Service, ShortPick, new_id};
use stockroom::store::Store;

use super::{broken_invariants, confirmed_order, scene};
use crate::support::commands::{lot_receipt, receipt, rule, sales_order};
use crate::support::database::{PASSWORD, TestDatabase, line, posting, product};
use crate::support::raw::connect;

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn in_days(days: i32) -> Date {
    today().checked_add(days.days()).unwrap()
}

async fn decide(admin: &Service, change: impl FnOnce(&mut OrderPolicy)) {
    let mut policy = OrderPolicy::default_of(OrderKind::Sales);
    change(&mut policy);
    admin.set_order_policy(&policy).await.unwrap();
}

async fn draft(service: &Service, sku: &str, quantity: &str, due_on: Option<Date>) -> OrderNumber {
    let order = NewOrder { due_on, ..sales_order(sku, quantity) };
    service.create_order(&order).await.unwrap().order.row.number
}

async fn confirm(service: &Service, number: &OrderNumber) -> i64 {
    let done = service.decide(number, &Decision::Confirm, None, None).await.unwrap();
    done.order.row.reserved.try_into().unwrap()
}

async fn reserved(service: &Service, number: &OrderNumber) -> i64 {
    service.order(number).await.unwrap().row.reserved.try_into().unwrap()
}

async fn reserve(service: &Service, number: &OrderNumber) {
    let reserve = Reserve { number: number.clone(), lines: Vec::new(), id: None };
    service.reserve_order(&reserve).await.unwrap();
}

/// Lets the reservations of the database be so many days older than they are.
async fn age(database: &TestDatabase, days: i32) {
    connect(database.superuser_url())
        .await
        .batch_execute(&format!(
            "ALTER TABLE stock.reservations DISABLE TRIGGER USER;
             UPDATE stock.reservations SET posted_at = posted_at - interval '{days} days';
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER post_reservations;
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER refuse_savepoint;
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER refuse_change;
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER keep_master_history"
        ))
        .await
        .unwrap();
}

#[tokio::test]
async fn clerks_decide_only_where_an_admin_lets_them() {
    let database = scene().await;
    let (admin, clerk) = (database.service("admin"), database.service("clerk"));
    let number = draft(&clerk, "A", "5", None).await;
    let confirmation = || clerk.decide(&number, &Decision::Confirm, None, None);
    assert_eq!(rule(confirmation().await), "order_decided_by_admin");

    // With psql too, a clerk writes neither the policy nor an event of another kind of login.
    let psql = connect(&database.url("clerk")).await;
    for statement in [
        "INSERT INTO stock.order_policies (kind, clerks_decide) VALUES ('sales', true)",
        "UPDATE stock.order_policies SET clerks_decide = true",
        "DELETE FROM stock.order_policies",
        "UPDATE stock.partners SET min_life_days = NULL",
    ] {
        let refused = psql.batch_execute(statement).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{statement}");
    }
    let event = format!(
        "INSERT INTO stock.order_events (id, order_id, kind) SELECT '{}', order_id, 'confirmed' FROM stock.orders",
        new_id()
    );
    let refused = psql.batch_execute(&event).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("order_decided_by_admin"));

    decide(&admin, |policy| policy.clerks_decide = true).await;
    confirmation().await.unwrap();
    let reason = "no longer wanted".parse().unwrap();
    clerk.decide(&number, &Decision::Cancel, Some(&reason), None).await.unwrap();
    decide(&admin, |policy| policy.clerks_decide = false).await;
    let reopened = clerk.decide(&number, &Decision::Reopen, Some(&reason), None).await;
    assert_eq!(rule(reopened), "order_decided_by_admin");
    // Who changed the policy, and to what, is in the sealed history.
    let history = connect(database.superuser_url())
        .await
        .query(
            "SELECT changed_by::text, row_values ->> 'clerks_decide' FROM stock.master_history WHERE table_name = 'order_policies' ORDER BY change_no",
            &[],
        )
        .await
        .unwrap();
    let history: Vec<(String, String)> = history.iter().map(|row| (row.get(0), row.get(1))).collect();
    let by_admin = |value: &str| ("admin".to_owned(), value.to_owned());
    assert_eq!(history, [by_admin("true"), by_admin("false")]);
}

#[tokio::test]
async fn stock_is_reserved_at_confirmation_and_what_was_missing_later() {
    let database = scene().await;
    let admin = database.service("admin");
    decide(&admin, |policy| policy.reserve = ReserveRule::AtConfirmation).await;
    admin.receive(receipt("A", "5", "X")).await.unwrap();
    let number = draft(&admin, "A", "8", None).await;
    assert_eq!(confirm(&admin, &number).await, 5);
    let without_stock = draft(&admin, "B", "1", None).await;
    assert_eq!(confirm(&admin, &without_stock).await, 0);
    assert_eq!(admin.reserve_by_policy().await.unwrap(), 0, "nothing has arrived");

    admin.receive(receipt("A", "10", "X")).await.unwrap();
    // With the login of the service, which may do this and move nothing.
    let superuser = Store::new(database.superuser_url().parse().unwrap(), 1).unwrap();
    superuser.set_service_password("stock_reserver", &SecretString::from(PASSWORD)).await.unwrap();
    let service = database.service("stock_reserver");
    assert_eq!(service.reserve_by_policy().await.unwrap(), 1);
    assert_eq!(reserved(&admin, &number).await, 8);
    assert_eq!(service.reserve_by_policy().await.unwrap(), 0);
    decide(&admin, |policy| policy.expire_days = Some(3)).await;
    age(&database, 4).await;
    assert_eq!(service.release_expired().await.unwrap(), 1);
    assert_eq!(reserved(&admin, &number).await, 0);
    let moved = service.post(&posting(MovementKind::Receipt, vec![line("A", "1", "", "X")])).await;
    assert_eq!(rule(moved), "not_allowed");
    let confirmed = service.decide(&without_stock, &Decision::Close, None, None).await;
    assert_eq!(rule(confirmed), "not_allowed");
    assert_eq!(broken_invariants(&connect(database.superuser_url()).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn stock_is_reserved_some_days_before_the_order_is_due() {
    let database = scene().await;
    let admin = database.service("admin");
    admin.receive(receipt("A", "20", "X")).await.unwrap();
    let mut numbers = Vec::new();
    for due_on in [Some(in_days(5)), Some(in_days(6)), None, Some(in_days(-3)), Some(in_days(1))] {
        let number = draft(&admin, "A", "2", due_on).await;
        confirm(&admin, &number).await;
        numbers.push(number);
    }
    decide(&admin, |policy| {
        policy.reserve = ReserveRule::BeforeDue;
        policy.reserve_days = Some(5);
    })
    .await;
    // Somebody has released what was reserved for the last one: that is left to people.
    reserve(&admin, &numbers[4]).await;
    let reason = "for another customer".parse().unwrap();
    let release = Release { number: numbers[4].clone(), lines: Vec::new(), reason, id: None };
    admin.release_order(&release).await.unwrap();

    assert_eq!(admin.reserve_by_policy().await.unwrap(), 2);
    let mut found = Vec::new();
    for number in &numbers {
        found.push(reserved(&admin, number).await);
    }
    assert_eq!(found, [2, 0, 0, 2, 0]);
}

#[tokio::test]
async fn expired_reservations_are_released_except_picked_ones() {
    let database = scene().await;
    let admin = database.service("admin");
    admin.receive(receipt("A", "20", "X")).await.unwrap();
    let (old, picked, new) = (
        confirmed_order(&admin, 4).await,
        confirmed_order(&admin, 5).await,
        confirmed_order(&admin, 3).await,
    );
    for number in [&old, &picked] {
        reserve(&admin, number).await;
    }
    let pick = PickOrder { number: picked.clone(), to: None, lines: Vec::new(), id: None };
    admin.pick_order(&pick).await.unwrap();
    age(&database, 8).await;
    reserve(&admin, &new).await;
    assert_eq!(admin.release_expired().await.unwrap(), 0, "no policy, no expiry");

    decide(&admin, |policy| policy.expire_days = Some(7)).await;
    // Two services at once, as when one takes over from the other: each allocation is released once.
    let (one, other) = (database.service("admin"), database.service("admin"));
    let (one, other) = tokio::join!(one.release_expired(), other.release_expired());
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    let left = [&old, &picked, &new];
    let mut found = Vec::new();
    for number in left {
        found.push(reserved(&admin, number).await);
    }
    assert_eq!(found, [0, 5, 3]);
    let history = admin.order(&old).await.unwrap();
    assert_eq!(history.row.state.as_str(), "confirmed", "the order itself stays open");
    assert_eq!(broken_invariants(&connect(database.superuser_url()).await).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_expires_during_picking_is_picked_or_released() {
    let database = scene().await;
    let admin = database.service("admin");
    admin.receive(receipt("A", "100", "X")).await.unwrap();
    decide(&admin, |policy| policy.expire_days = Some(1)).await;
    for _ in 0..8 {
        let number = confirmed_order(&admin, 3).await;
        reserve(&admin, &number).await;
        age(&database, 2).await;
        let expiring = database.service("admin");
        let expiry = tokio::spawn(async move { expiring.release_expired().await });
        let pick = PickOrder { number: number.clone(), to: None, lines: Vec::new(), id: None };
        let picked = admin.pick_order(&pick).await;
        expiry.await.unwrap().unwrap();
        let still = reserved(&admin, &number).await;
        match picked {
            Ok(_) => assert_eq!(still, 3, "it was picked"),
            Err(error) => {
                assert!(error.refusal().is_some(), "{error:?}");
                assert_eq!(still, 0, "it was released");
            }
        }
        assert_eq!(broken_invariants(&connect(database.superuser_url()).await).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_customer_gets_no_lot_that_expires_too_early() {
    let database = scene().await;
    let admin = database.service("admin");
    admin.add_product(product("MILK", Tracking::Lot)).await.unwrap();
    for (lot, quantity, days) in [("SOON", "8", 20), ("LATER", "5", 40)] {
        let expires = in_days(days).to_string();
        admin.receive(lot_receipt("MILK", quantity, "X", lot, &expires)).await.unwrap();
    }
    let change = PartnerChange { min_life_days: Change::To(15), ..PartnerChange::of("C".parse().unwrap()) };
    admin.change_partner(&change, None).await.unwrap();
    // The day counts on which the goods are due.
    let number = draft(&admin, "MILK", "10", Some(in_days(10))).await;
    confirm(&admin, &number).await;
    let reserve = Reserve { number: number.clone(), lines: Vec::new(), id: None };
    let done = admin.reserve_order(&reserve).await.unwrap();
    assert_eq!(done.reservations.len(), 1);
    assert_eq!(done.reservations[0].lot.as_ref().unwrap().as_str(), "LATER");
    let short_lived =
        ShortLived { quantity: 8.into(), partner: "C".parse().unwrap(), first_expiry: in_days(25) };
    assert_eq!(done.short[0].short_lived.as_ref(), Some(&short_lived));
    let refused = admin.reserve_order(&reserve).await.unwrap_err();
    let Some(Refusal::ShortLived { available, short_lived: found, .. }) = refused.refusal() else {
        panic!("{refused:?}")
    };
    assert_eq!((*available, found.as_ref()), (0.into(), &short_lived));

    // A picker who does not find it is not offered the lot that the database would refuse.
    let found = admin.store().levels_to_reserve(&number, &["MILK".parse().unwrap()]).await.unwrap();
    assert_eq!(found, [], "what is left expires too early");
    let allocation = admin.store().allocations(std::slice::from_ref(&number)).await.unwrap().remove(0);
    let short =
        ShortPick { allocation, missing: 5.into(), reason: "less is there".parse().unwrap(), id: None };
    let done = admin.short_pick(&short).await.unwrap();
    assert_eq!((done.reservations.len(), done.short[0].missing), (1, 5.into()), "{done:?}");

    // Whoever sends the reservation by hand is told which lot it is.
    let order = admin.order(&number).await.unwrap();
    let change = ReservationChange {
        order_line: order.lines[0].order_line_id,
        sku: "MILK".parse().unwrap(),
        location: "X".parse().unwrap(),
        lot: Some("SOON".parse().unwrap()),
        change: 1.into(),
    };
    let act = Reservations { id: new_id(), reason: None, changes: vec![change] };
    let refused = admin.store().reserve(&act).await.unwrap_err().to_string();
    let (soon, first) = (in_days(20), in_days(25));
    assert_eq!(
        refused,
        format!("Lot SOON of MILK expires on {soon}; C takes no goods that expire before {first}.")
    );
    let clear = PartnerChange { min_life_days: Change::Clear, ..PartnerChange::of("C".parse().unwrap()) };
    admin.change_partner(&clear, None).await.unwrap();
    admin.store().reserve(&act).await.unwrap();
    assert_eq!(broken_invariants(&connect(database.superuser_url()).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn reserved_goods_are_not_moved_into_quarantine() {
    let database = scene().await;
    let admin = database.service("admin");
    let place = NewLocation {
        code: "Q-1".parse().unwrap(),
        name: None,
        parent: Some("Q".parse().unwrap()),
        kind: LocationKind::Bin,
    };
    admin.add_location(place).await.unwrap();
    admin.receive(receipt("A", "10", "X")).await.unwrap();
    let number = confirmed_order(&admin, 4).await;
    reserve(&admin, &number).await;
    let order_line = Some(admin.order(&number).await.unwrap().lines[0].order_line_id);
    let moved =
        |to: &str| posting(MovementKind::Transfer, vec![Line { order_line, ..line("A", "4", "X", to) }]);
    for to in ["Q", "Q-1"] {
        let refused = admin.post(&moved(to)).await;
        assert_eq!(rule(refused), "reserved_goods_available", "{to}");
    }
    admin.post(&moved("Y")).await.unwrap();
    assert_eq!(broken_invariants(&connect(database.superuser_url()).await).await, Vec::<String>::new());
}
