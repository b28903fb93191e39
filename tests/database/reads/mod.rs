//! What the screens ask of the database, on a real server.

mod available;
mod basket;
mod browse;
mod dashboard;
mod item;
mod ledger;
mod scan;
mod search;
mod sheet;
mod suggest;
mod watch;

use rust_decimal::Decimal;
use stockroom::domain::{LocationKind, NewLocation, PackBarcode, Product, StockRow, Tracking};

use crate::support::commands::{lot_receipt, receipt};
use crate::support::database::{TestDatabase, product};
use crate::support::raw::connect;

/// A product with a name and a reorder point; an empty one stands for none.
fn named(sku: &str, name: &str, reorder_point: &str, tracking: Tracking) -> Product {
    let mut made = product(sku, tracking);
    made.name = name.parse().unwrap();
    made.reorder_point = (!reorder_point.is_empty()).then(|| reorder_point.parse().unwrap());
    made
}

fn pack(barcode: &str, quantity: &str) -> PackBarcode {
    PackBarcode { barcode: barcode.parse().unwrap(), pack_quantity: quantity.parse().unwrap() }
}

async fn place(database: &TestDatabase, code: &str, parent: &str, kind: LocationKind) {
    let parent = (!parent.is_empty()).then(|| parent.parse().unwrap());
    let location = NewLocation { code: code.parse().unwrap(), name: None, parent, kind };
    database.service("admin").add_location(location).await.unwrap();
}

/// A day from today, as text.
fn day(offset: i64) -> String {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(jiff::Span::new().days(offset)).to_string()
}

/// A shop: two aisles with two bins, six products.
///
/// | sku | name | where | low |
/// | --- | --- | --- | --- |
/// | `BEAN-1` | Café beans, dark | B1 12 | |
/// | `CUP-1` | Cup, blue | B1 3, B2 4 | at 7 |
/// | `MILK-1` | Milk | B3: lot LATE 5 in 90 days, lot SOON 2 in 3 days | at 1 |
/// | `YOG-1` | Yoghurt | B4: lot OLD 1, five days ago | |
/// | `ZERO-1` | Empty box | once in B2 | at 0 |
/// | `NEVER-1` | Cup never bought | | |
async fn shop() -> TestDatabase {
    let database = TestDatabase::new().await;
    place(&database, "S", "", LocationKind::Site).await;
    for aisle in ["A1", "A2"] {
        place(&database, aisle, "S", LocationKind::Aisle).await;
    }
    for (bin, aisle) in [("B1", "A1"), ("B2", "A1"), ("B3", "A2"), ("B4", "A2")] {
        place(&database, bin, aisle, LocationKind::Bin).await;
    }
    let admin = database.service("admin");
    let mut beans = named("BEAN-1", "Café beans, dark", "", Tracking::None);
    beans.barcodes = vec![pack("8076809570787", "1"), pack("18076809570784", "12")];
    let products = [
        beans,
        named("CUP-1", "Cup, blue", "7", Tracking::None),
        named("MILK-1", "Milk", "1", Tracking::Lot),
        named("YOG-1", "Yoghurt", "", Tracking::Lot),
        named("ZERO-1", "Empty box", "0", Tracking::None),
        named("NEVER-1", "Cup never bought", "", Tracking::None),
        named("GONE-1", "Cup archived", "", Tracking::None),
    ];
    admin.add_products(&products).await.unwrap();
    let clerk = database.service("clerk");
    for (sku, quantity, at) in
        [("BEAN-1", "12", "B1"), ("CUP-1", "3", "B1"), ("CUP-1", "4", "B2"), ("ZERO-1", "2", "B2")]
    {
        clerk.receive(receipt(sku, quantity, at)).await.unwrap();
    }
    clerk.issue(crate::support::commands::issue("ZERO-1", "2", "B2")).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "5", "B3", "LATE", &day(90))).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "2", "B3", "SOON", &day(3))).await.unwrap();
    clerk.receive(lot_receipt("YOG-1", "1", "B4", "OLD", &day(-5))).await.unwrap();
    let session = connect(&database.url("admin")).await;
    session.execute("UPDATE stock.products SET archived_at = now() WHERE sku = 'GONE-1'", &[]).await.unwrap();
    database
}

/// Puts one each of so many new products (`X1`, `X2`, and so on, called `Xylo 1` and so on) into a place of the
/// shop, past the ledger, for want of a quicker way.
async fn crowd(database: &TestDatabase, place: &str, count: u32) {
    let session = connect(database.superuser_url()).await;
    session
        .batch_execute(&format!(
            "BEGIN; ALTER TABLE stock.stock_levels DISABLE TRIGGER written_by_ledger;
             INSERT INTO stock.products (sku, name) SELECT 'X' || n, 'Xylo ' || n FROM generate_series(1, {count}) AS n;
             INSERT INTO stock.stock_levels (product_id, location_id, on_hand)
             SELECT p.product_id, l.location_id, 1 FROM stock.products p, stock.locations l WHERE p.name LIKE 'Xylo %' AND l.code = '{place}';
             ALTER TABLE stock.stock_levels ENABLE ALWAYS TRIGGER written_by_ledger;
             COMMIT"
        ))
        .await
        .unwrap();
}

/// The skus of rows, in their order.
fn skus(rows: &[StockRow]) -> Vec<&str> {
    rows.iter().map(|row| row.sku.as_str()).collect()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}
