//! Orders entered at the terminal, and purchase orders made of the proposal.

use rust_decimal::Decimal;
use stockroom::domain::{MovementKind, OrderFilter, OrderState};

use super::leave;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::program::Program;
use crate::support::screen::Screen;

/// A database with product W1 and these commands of an admin done.
async fn scene(commands: &[&[&str]]) -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A", "B"]).await;
    let admin = Program::new(&database.url("admin"));
    for arguments in commands {
        assert_eq!(admin.run(arguments).code, 0, "{arguments:?}");
    }
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_entered_confirmed_and_reserved() {
    let database = scene(&[&["partner", "add", "ACME", "--kind", "customer"]]).await;
    let goods = posting(MovementKind::Receipt, vec![line("W1", "10", "", "A")]);
    database.service("clerk").post(&goods).await.unwrap();
    let screen = Screen::start(&["--database-url", &database.url("admin")], &[], 110, 30);
    screen.wait_for("Product W1");
    screen.keys("<a-b>").wait_for("No lines yet");
    screen.keys("<tab>ACME<tab>W-2207<tab>+3d<tab><tab><tab><tab>");
    screen.keys("8*W1<enter>").wait_for("Product W1");
    screen.keys("<f12>").wait_for("F12 to save and confirm");
    screen.keys("<f12>").wait_for("sales · confirmed");
    screen.wait_for("their reference W-2207");
    screen.keys("<f12>").wait_for("Reserve available stock");
    screen.keys("<enter>").wait_for("Enter to go ahead");
    screen.keys("<enter>").wait_for("sales · reserved");
    // The partner of the order, with its open orders.
    screen.keys("<a-p>").wait_for("Open orders of ACME");
    screen.keys("<esc>").wait_for("sales · reserved");
    screen.keys("<esc>").wait_for("No lines yet");
    screen.keys("<a-c>").wait_for("the most urgent first");
    screen.wait_for("SO-000001");
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("orders.csv");
    screen.keys("<a-w>").wait_for("Export this list");
    screen.paste(path.to_str().unwrap()).keys("<enter>").wait_for("1 row written to");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("order,kind,state,partner,"), "{text}");
    assert!(text.contains("SO-000001,sales,reserved,ACME,W-2207,"), "{text}");
    screen.keys("<esc>").wait_for("No lines yet");
    leave(screen);
    let orders = database.store("admin").orders(&OrderFilter::default()).await.unwrap();
    let [order] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((order.state, order.reserved), (OrderState::Reserved, Decimal::from(8)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proposal_becomes_drafts_of_purchase_orders() {
    let database = scene(&[
        &["partner", "add", "S1", "--kind", "supplier"],
        &["product", "change", "W1", "--reorder-point", "20"],
        &["product", "supplier", "W1", "S1", "--price", "2", "--pack", "12", "--lead-days", "7"],
    ])
    .await;
    let screen = Screen::start(&["--database-url", &database.url("admin")], &[], 110, 30);
    screen.wait_for("Product W1");
    screen.keys("<a-g>").wait_for("Products to order");
    screen.wait_for("S1");
    screen.keys("<f12>").wait_for("S1 · 1 line · 96.00");
    screen.keys("<enter>").wait_for("Saved as drafts: PO-000001");
    screen.keys("<esc>");
    leave(screen);
    let store = database.store("admin");
    let orders = store.orders(&OrderFilter::default()).await.unwrap();
    let [order] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((order.number.as_str(), order.state), ("PO-000001", OrderState::Draft));
    assert_eq!(order.ordered, Decimal::from(48), "twice the reorder point, in whole packs");
    assert!(order.due_on.is_some());
}
