//! Orders and reservations: a model in memory against the database over random commands, many sessions at once, and
//! mutants of the triggers that this suite must catch.

mod commands;
mod drafts;
mod model;
mod policies;
mod processes;
mod races;
mod random;
mod reads;
mod shipping;

use stockroom::domain::{LocationKind, NewLocation, NewPartner, OrderNumber, PartnerKind, Tracking};
use stockroom::service::Service;
use tokio_postgres::Client;

use crate::support::commands::{confirmed, sales_order};
use crate::support::database::{TestDatabase, product};
use crate::support::raw::connect;

/// The invariants that do not hold; empty when all is well.
async fn broken_invariants(session: &Client) -> Vec<String> {
    let rows = session.query(include_str!("invariants.sql"), &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A database with products A and B in pieces, product L in lots, places X and Y, a dock, a place in quarantine, a customer and a
/// supplier.
async fn scene() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let admin = database.service("admin");
    admin.add_products(&[product("L", Tracking::Lot)]).await.unwrap();
    for (code, kind) in [("DOCK", LocationKind::Dock), ("Q", LocationKind::Quarantine)] {
        let place = NewLocation { code: code.parse().unwrap(), name: None, parent: None, kind };
        admin.add_location(place).await.unwrap();
    }
    let partner = |code: &str, kind| NewPartner { code: code.parse().unwrap(), name: None, kind };
    let partners = [partner("C", PartnerKind::Customer), partner("S", PartnerKind::Supplier)];
    admin.store().add_partners(&partners).await.unwrap();
    // A lot comes into being with its first receipt, and can be counted only then.
    let session = connect(database.superuser_url()).await;
    for (code, expires) in model::GOODS.iter().filter_map(|goods| goods.lot) {
        let insert = format!(
            "INSERT INTO stock.lots (product_id, code, expires_on) SELECT product_id, '{code}', '{expires}' FROM stock.products WHERE sku = 'L'"
        );
        session.batch_execute(&insert).await.unwrap();
    }
    database
}

/// A confirmed sales order of product A, one line.
async fn confirmed_order(admin: &Service, quantity: u32) -> OrderNumber {
    confirmed(admin, &sales_order("A", &quantity.to_string())).await
}
