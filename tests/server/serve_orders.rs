//! The service and orders: it releases expired reservations and reserves for orders that are due, and continues after a
//! kill.

use stockroom::domain::{NewPartner, OrderKind, OrderPolicy, PartnerKind, ReserveRule};
use stockroom::service::Reserve;

use super::serve::Site;
use crate::support::commands::{confirmed, receipt, sales_order};
use crate::support::database::TestDatabase;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// How many orders have expired: enough that a service can be killed between two of them.
const EXPIRED: usize = 60;

async fn ask(session: &tokio_postgres::Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap().get(0)
}

const RESERVED: &str = "SELECT sum(reserved)::bigint FROM stock.stock_levels";
const RELEASED: &str = "SELECT count(*) FROM stock.reservations WHERE change < 0";

#[tokio::test(flavor = "multi_thread")]
async fn expired_reservations_are_released_once_despite_kills() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X"]).await;
    let admin = database.service("admin");
    let customer = NewPartner { code: "C".parse().unwrap(), name: None, kind: PartnerKind::Customer };
    admin.store().add_partners(&[customer]).await.unwrap();
    admin.receive(receipt("A", "1000", "X")).await.unwrap();
    for _ in 0..EXPIRED {
        let number = confirmed(&admin, &sales_order("A", "2")).await;
        admin.reserve_order(&Reserve { number, lines: Vec::new(), id: None }).await.unwrap();
    }
    let waiting = confirmed(&admin, &sales_order("B", "2")).await;
    let session = connect(database.superuser_url()).await;
    session
        .batch_execute(
            "ALTER TABLE stock.reservations DISABLE TRIGGER USER;
             UPDATE stock.reservations SET posted_at = posted_at - interval '9 days';
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER post_reservations;
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER refuse_savepoint;
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER refuse_change;
             ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER keep_master_history",
        )
        .await
        .unwrap();
    let policy = OrderPolicy {
        reserve: ReserveRule::AtConfirmation,
        expire_days: Some(7),
        ..OrderPolicy::default_of(OrderKind::Sales)
    };
    admin.set_order_policy(&policy).await.unwrap();
    admin.receive(receipt("B", "2", "X")).await.unwrap();

    let site = Site::of(&database, "").await;
    let first = site.begin();
    until("a reservation is released", async || ask(&session, RELEASED).await > 0).await;
    first.signal(rustix::process::Signal::KILL);
    drop(first);
    // Each release is whole: what is reserved is twice the orders that are left, and the two for B.
    let second = site.start();
    second.until_leading();
    until("everything is released", async || {
        ask(&session, RELEASED).await >= i64::try_from(EXPIRED).unwrap()
    })
    .await;
    until("B is reserved", async || ask(&session, RESERVED).await == 2).await;
    assert_eq!(ask(&session, RELEASED).await, i64::try_from(EXPIRED).unwrap());
    assert_eq!(admin.order(&waiting).await.unwrap().row.state.as_str(), "reserved");
    let broken = session.query(include_str!("../database/orders/invariants.sql"), &[]).await.unwrap();
    assert!(broken.is_empty(), "{:?}", broken.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>());
    let by_service = "SELECT count(*) FROM stock.reservations WHERE posted_by = 'stock_reserver' AND reason = 'the reservation has expired' AND change = -2";
    assert_eq!(ask(&session, by_service).await, i64::try_from(EXPIRED).unwrap());
    for part in ["expiry", "reservation"] {
        until(part, async || second.metric(&format!("stockroom_part_up{{part=\"{part}\"}}")) == Some(1.0))
            .await;
    }
    let open = f64::from(u32::try_from(EXPIRED).unwrap() + 1);
    until("the open orders are counted", async || {
        second.metric("stockroom_orders_open{kind=\"sales\"}") == Some(open)
    })
    .await;
    for quiet in ["stockroom_orders_late{kind=\"sales\"}", "stockroom_orders_open{kind=\"purchase\"}"] {
        assert_eq!(second.metric(quiet), Some(0.0), "{quiet}");
    }
    assert_eq!(second.metric("stockroom_orders_reserved_total").map(|count| count <= 1.0), Some(true));
    second.stop();
}
