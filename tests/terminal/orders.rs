//! An order taken from draft to shipment at the terminal.

use rust_decimal::Decimal;
use stockroom::domain::{MovementKind, StockFilter};

use super::leave;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::program::Program;
use crate::support::raw::assert_books_balance;
use crate::support::screen::Screen;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_confirmed_reserved_picked_and_shipped() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A", "B"]).await;
    let admin = Program::new(&database.url("admin"));
    for arguments in [
        &["location", "add", "DOCK-1", "Dock", "--kind", "dock"][..],
        &["partner", "add", "ACME", "--kind", "customer"],
    ] {
        assert_eq!(admin.run(arguments).code, 0, "{arguments:?}");
    }
    let goods = posting(MovementKind::Receipt, vec![line("W1", "10", "", "A")]);
    database.service("clerk").post(&goods).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("orders.jsonl");
    std::fs::write(&file, r#"{"kind":"sales","partner":"ACME","lines":[{"sku":"W1","quantity":"8"}]}"#)
        .unwrap();
    assert_eq!(admin.run(&["order", "add", file.to_str().unwrap()]).code, 0);

    let screen = Screen::start(&["--database-url", &database.url("admin")], &[], 110, 30);
    screen.wait_for("Product W1");
    screen.keys("<a-c>").wait_for("SO-000001");
    screen.keys("<enter>").wait_for("sales · draft");
    screen.keys("<f12>").wait_for("Confirm the order");
    screen.keys("<enter>").wait_for("Enter to go ahead");
    screen.keys("<enter>").wait_for("sales · confirmed");
    screen.keys("<f12>").wait_for("Reserve available stock");
    screen.keys("<enter>").wait_for("Enter to go ahead");
    screen.keys("<enter>").wait_for("sales · reserved");
    // Nobody else can take what is promised.
    let taken = Program::new(&database.url("clerk")).run(&["issue", "W1", "5", "--from", "A"]);
    assert_eq!(taken.code, 3, "{taken:?}");
    screen.keys("<f12>").wait_for("Pick the reserved goods");
    screen.keys("<enter>").wait_for("Enter to go ahead");
    screen.keys("<enter>").wait_for("sales · picking");
    screen.keys("<f12>").wait_for("Ship the picked");
    screen.keys("<enter>").wait_for("Enter to go ahead");
    screen.keys("<enter>").wait_for("sales · done");
    screen.keys("<esc>").wait_for("No open orders.");
    leave(screen);

    let levels = database.store("admin").stock(&StockFilter::default()).await.unwrap();
    assert_eq!(levels.iter().map(|level| level.on_hand).sum::<Decimal>(), Decimal::from(2));
    assert_books_balance(&database).await;
}
