//! Goods received against a purchase order and picked for a customer, by a clerk with a scanner.

use rust_decimal::Decimal;
use stockroom::domain::{Order, OrderState};

use super::leave;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::{assert_books_balance, number};
use crate::support::screen::Screen;

/// A database with goods, one of them by lot, a shelf, another one and a dock, and an order of this kind.
async fn site(order: &str) -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["A", "B"]).await;
    let admin = Program::new(&database.url("admin"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("orders.jsonl");
    std::fs::write(&file, order).unwrap();
    for arguments in [
        &["location", "add", "DOCK-1", "Dock", "--kind", "dock"][..],
        &["partner", "add", "ACME", "--kind", "customer"],
        &["partner", "add", "SUP", "--kind", "supplier"],
        &["product", "add", "L", "Product L", "--tracking", "lot"],
        &["receive", "W1", "10", "--to", "A"],
        &["receive", "W1", "5", "--to", "B"],
        &["receive", "L", "3", "--to", "A", "--lot", "LOT-1", "--expires", "2099-01-31"],
        &["order", "add", file.to_str().unwrap()],
    ] {
        let ran = admin.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?} {ran:?}");
    }
    database
}

async fn order(database: &TestDatabase, number: &str) -> Order {
    database.store("admin").order(&number.parse().unwrap()).await.unwrap()
}

fn moved(order: &Order) -> Vec<Decimal> {
    order.lines.iter().map(|line| line.moved).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_received_against_an_order() {
    let database = site(
        r#"{"kind":"purchase","partner":"SUP","lines":[{"sku":"W1","quantity":"10","over_percent":"10"},{"sku":"L","quantity":"5"}]}"#,
    )
    .await;
    let admin = Program::new(&database.url("admin"));
    assert_eq!(admin.run(&["order", "confirm", "PO-000001"]).code, 0);
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 60, 20);
    screen.wait_for("Product W1");
    // From the list of orders, with one key.
    screen.keys("<a-c>").wait_for("PO-000001");
    screen.keys("<a-e>").wait_for("Expected for PO-000001");
    screen.keys("A<enter>W2<enter>").wait_for("is not on PO-000001");
    screen.keys("<backspace>").wait_gone("is not on PO-000001");
    screen.keys("12*W1<enter>").wait_for("takes at most 11");
    screen.keys("<backspace>").wait_gone("takes at most 11");
    screen.keys("4*W1<enter>2*L<enter>LOT-9<enter>+90d<enter>").wait_for("2 lines, 6 units");
    screen.keys("<f12>").wait_for("Still open on PO-000001");
    screen.keys("<enter>").wait_for("Received 2 lines");
    // The rest stays open, and is shown.
    screen.wait_for("W1            Product W1               10                6");
    assert_eq!(moved(&order(&database, "PO-000001").await), [Decimal::from(4), Decimal::from(2)]);
    // One posting, for the supplier, under the number of the order.
    let postings = "SELECT count(DISTINCT posting_id) FROM stock.transactions WHERE order_line_id IS NOT NULL AND reference = 'PO-000001'";
    assert_eq!(number(&database, postings).await, 1);
    screen.keys("7*W1<enter>").wait_for("1 more than PO-000001 expects");
    screen.keys("3*L<enter>LOT-9<enter><enter>").wait_for("2 lines, 10 units");
    screen.keys("<f12>").wait_for("received in full");
    screen.keys("<enter>").wait_for("Received 2 lines");
    leave(screen);
    let order = order(&database, "PO-000001").await;
    assert_eq!(
        (order.row.state, moved(&order)),
        (OrderState::Done, vec![Decimal::from(11), Decimal::from(5)])
    );
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn picking_survives_a_kill_and_missing_goods() {
    let database = site(
        r#"{"kind":"sales","partner":"ACME","lines":[{"sku":"W1","quantity":"8"},{"sku":"L","quantity":"3"}]}"#,
    )
    .await;
    let admin = Program::new(&database.url("admin"));
    assert_eq!(admin.run(&["order", "confirm", "SO-000001", "--reserve"]).code, 0);
    let directory = tempfile::tempdir().unwrap();
    let environment = [("STOCKROOM_STATE_DIR", directory.path().to_str().unwrap())];
    let start = || Screen::start(&["--database-url", &database.url("clerk")], &environment, 60, 20);

    let screen = start();
    screen.wait_for("Product W1");
    screen.keys("<a-k>").wait_for("SO-000001");
    screen.keys("<enter>").wait_for("Go to A and scan it");
    screen.keys("B<enter>").wait_for("B is the wrong location. Go to A.");
    screen.keys("A<enter>W2<enter>").wait_for("W2 Product W2 is the wrong item. Here take L");
    screen.keys("3*W1<enter>").wait_for("3/8");
    screen.kill();

    let screen = start();
    screen.wait_for("Pick: 1 line, saved");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions WHERE kind = 'transfer'").await, 0);
    screen.keys("<enter>").wait_for("3/8");
    screen.keys("A<enter>L<enter>LOT-2<enter>").wait_for("LOT-2 is the wrong lot");
    screen.keys("LOT-1<enter>2*L<enter>").wait_for("✓ 3");
    // There are no more on the shelf: another place is proposed, and reviewed.
    screen.keys("-").wait_for("5 W1 missing at A: why?");
    screen.keys("<enter>").wait_for("5 from B");
    screen.keys("<enter>").wait_for("Go to B and scan it");
    // What has been picked so far is posted, and another clerk goes on with the rest.
    screen.keys("DOCK-1<enter>").wait_for("Move 2 lines to DOCK-1?");
    screen.keys("<enter>").wait_for("2 lines moved to DOCK-1");
    leave(screen);
    assert_eq!(order(&database, "SO-000001").await.row.state, OrderState::Picking);

    let screen = Screen::start(&["--database-url", &database.url("admin")], &[], 80, 24);
    screen.wait_for("Product W1");
    screen.keys("<a-k>").wait_for("SO-000001");
    screen.keys("<enter>").wait_for("Go to B and scan it");
    screen.keys("B<enter>5*W1<enter>").wait_for("Everything is picked.");
    screen.keys("<f12>").wait_for("Move 1 line to DOCK-1?");
    screen.keys("<enter>").wait_for("At the dock: SO-000001");
    screen.keys("<f12>").wait_for("Ship SO-000001?");
    screen.keys("<enter>").wait_for("Everything is picked and shipped");
    leave(screen);
    let order = order(&database, "SO-000001").await;
    assert_eq!(
        (order.row.state, moved(&order)),
        (OrderState::Done, vec![Decimal::from(8), Decimal::from(3)])
    );
    assert_books_balance(&database).await;
}
