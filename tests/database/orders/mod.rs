//! Orders and reservations: a model in memory against the database over random commands, many sessions at once, and
//! mutants of the triggers that this suite must catch.

mod model;
mod races;

use stockroom::domain::{
    LocationKind, NewLocation, NewOrder, NewOrderLine, NewPartner, OrderKind, OrderNumber, PartnerKind,
};
use stockroom::service::{Decision, Service, new_id};

use crate::support::database::TestDatabase;
use crate::support::raw::connect;

/// The invariants that do not hold; empty when all is well.
async fn broken_invariants(database: &TestDatabase) -> Vec<String> {
    let session = connect(database.superuser_url()).await;
    let rows = session.query(include_str!("invariants.sql"), &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A database with product A, places X and Y, a dock, and a customer.
async fn scene() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let admin = database.service("admin");
    let dock =
        NewLocation { code: "DOCK".parse().unwrap(), name: None, parent: None, kind: LocationKind::Dock };
    admin.add_location(dock).await.unwrap();
    let customer = NewPartner { code: "C".parse().unwrap(), name: None, kind: PartnerKind::Customer };
    admin.store().add_partners(&[customer]).await.unwrap();
    database
}

/// A confirmed sales order of product A, one line.
async fn sales_order(admin: &Service, quantity: u32) -> OrderNumber {
    let line = NewOrderLine {
        sku: "A".parse().unwrap(),
        quantity: quantity.to_string().parse().unwrap(),
        unit_price: None,
        over_percent: rust_decimal::Decimal::ZERO,
    };
    let order = NewOrder {
        id: new_id().into(),
        kind: OrderKind::Sales,
        partner: Some("C".parse().unwrap()),
        partner_reference: None,
        due_on: None,
        ship_to: None,
        to: None,
        note: None,
        lines: vec![line],
    };
    let number = admin.create_order(&order).await.unwrap().order.row.number;
    admin.decide(&number, &Decision::Confirm, None, None).await.unwrap();
    number
}
