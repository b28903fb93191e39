//! Posting with keyboard and scanner: receiving, refusals, reversals, two terminals at once, interruptions and
//! recovery.

use rust_decimal::Decimal;
use stockroom::domain::{MovementKind, PackBarcode, Product, Quantity, StockFilter};
use stockroom::server::PrivateServer;

use super::leave;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::program::Program;
use crate::support::raw::{assert_books_balance, connect, number, until_waiting};
use crate::support::screen::Screen;
use crate::support::server::TestServer;
use crate::support::wait::until;

fn start(database: &TestDatabase, environment: &[(&str, &str)]) -> Screen {
    let screen = Screen::start(&["--database-url", &database.url("clerk")], environment, 100, 30);
    screen.wait_for("Product W1");
    screen
}

async fn on_hand(database: &TestDatabase, sku: &str) -> Decimal {
    let filter = StockFilter { sku: Some(sku.parse().unwrap()), ..StockFilter::default() };
    let levels = database.store("admin").stock(&filter).await.unwrap();
    levels.iter().map(|level| level.on_hand).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_received_by_scanning_as_fast_as_a_scanner_can() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["A", "B"]).await;
    let mut tea = Product::plain("TEA".parse().unwrap(), "Tea".parse().unwrap()).unwrap();
    tea.barcodes = vec![PackBarcode {
        barcode: "5000000000012".parse().unwrap(),
        pack_quantity: Quantity::new(12.into()).unwrap(),
    }];
    database.service("admin").add_product(tea).await.unwrap();
    let screen = start(&database, &[]);
    // The place first, then any number of items; nothing waits for an answer in between.
    let scans = "A<enter>".to_owned() + &"W1<enter>W2<enter>5000000000012<enter>".repeat(40);
    screen.keys("<f3>").keys(&scans);
    screen.wait_until("all scans counted", |contents| {
        contents.contains("3 lines") && contents.contains("560 units")
    });
    screen.keys("<f12>").wait_for("into A?");
    // A second Enter comes while the first one is being posted.
    screen.keys("<enter><enter><enter>").wait_for("Received 3 lines");
    assert_eq!(number(&database, "SELECT count(DISTINCT posting_id) FROM stock.transactions").await, 1);
    assert_eq!(on_hand(&database, "TEA").await, Decimal::from(480));
    assert_eq!(on_hand(&database, "W1").await, Decimal::from(40));
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_of_too_much_is_refused_and_a_posting_is_reversed() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let service = database.service("admin");
    service.post(&posting(MovementKind::Receipt, vec![line("W1", "5", "", "A")])).await.unwrap();
    let screen = start(&database, &[]);
    screen.keys("<f4>A<enter>12*W1<enter>").wait_for("have 5, need 12");
    screen.keys("<f12>").wait_for("12 units from A?");
    screen.keys("<enter>");
    screen.wait_until("the refusal with its figures", |contents| {
        contents.contains("have 5, need 12") && contents.contains("Not posted")
    });
    assert_eq!(on_hand(&database, "W1").await, Decimal::from(5));
    // Corrected, it is posted.
    screen.keys("<esc>*3<enter><f12>").wait_for("3 units from A?");
    screen.keys("<enter>").wait_for("A now has 2");
    // The last posting of this terminal is reversed.
    screen.keys("<a-u>").wait_for("Return 3 each of W1 to A");
    screen.keys("wrong box<enter>");
    until("the issue is reversed", async || on_hand(&database, "W1").await == 5.into()).await;
    // What was said of the issue is gone from the form.
    screen.wait_for("W1 at A: 5 on hand");
    screen.wait_gone("A now has 2");
    screen.keys("<f7>");
    screen.wait_until("the reversal in the ledger", |contents| {
        contents.contains("reversal") && contents.contains("issue")
    });
    leave(screen);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_terminals_race_for_the_last_piece() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let service = database.service("admin");
    service.post(&posting(MovementKind::Receipt, vec![line("W1", "1", "", "A")])).await.unwrap();
    let screens = [start(&database, &[]), start(&database, &[])];
    for screen in &screens {
        screen.keys("<f4>A<enter>W1<enter>").wait_for("1 → 0");
        screen.keys("<f12>").wait_for("from A?");
    }
    for screen in &screens {
        screen.keys("<enter>");
    }
    let outcome = |contents: &str| contents.contains("A now has 0") || contents.contains("have 0, need 1");
    let ended: Vec<String> = screens.iter().map(|screen| screen.wait_until("an outcome", outcome)).collect();
    let won = ended.iter().filter(|contents| contents.contains("A now has 0")).count();
    assert_eq!(won, 1, "{}\n{}", ended[0], ended[1]);
    for screen in screens {
        // Leaving asks about the line that was refused.
        screen.keys("<c-q><enter>");
        screen.wait_exit().assert_restored();
    }
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_filled_form_survives_a_lost_connection() {
    let mut server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["W1", "W2"], &["A"]).await;
    let screen = start(&database, &[]);
    screen.keys("<f3>A<enter>W1<enter>").wait_for("1 line");
    server.kill_postmaster().unwrap();
    screen.wait_for("Connection lost");
    // Scanning goes on; the code is looked up when the server is back.
    screen.keys("W2<enter>W1<enter>").wait_for("looking up");
    let server = tokio::task::spawn_blocking(move || {
        PrivateServer::restart(&mut server).unwrap();
        server
    })
    .await
    .unwrap();
    screen.wait_gone("Connection lost");
    screen.wait_until("all three scans", |contents| contents.contains("2 lines, 3 units"));
    screen.keys("<f12>").wait_for("into A?");
    screen.keys("<enter>").wait_for("Received 2 lines");
    assert_eq!(on_hand(&database, "W1").await, Decimal::from(2));
    leave(screen);
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_killed_while_posting_finds_out_at_its_next_start() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let state = tempfile::TempDir::new().unwrap();
    let environment = [("STOCKROOM_STATE_DIR", state.path().to_str().unwrap())];
    let screen = start(&database, &environment);
    screen.keys("<f3>A<enter>7*W1<enter>").wait_for("1 line");
    let blocker = connect(database.superuser_url()).await;
    blocker.batch_execute("BEGIN; LOCK TABLE stock.stock_levels IN EXCLUSIVE MODE").await.unwrap();
    screen.keys("<f12>").wait_for("into A?");
    screen.keys("<enter>");
    until_waiting(&connect(database.superuser_url()).await, "clerk", 1).await;
    screen.kill();
    blocker.batch_execute("COMMIT").await.unwrap();
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &environment, 100, 30);
    let contents = screen.wait_for("Interrupted earlier");
    // The session may have been quicker than the question; what is said must be what is true.
    let posted = on_hand(&database, "W1").await == Decimal::from(7);
    assert_eq!(contents.contains("It was posted"), posted, "{contents}");
    assert_eq!(contents.contains("It was not posted"), !posted, "{contents}");
    leave(screen);
    // Once told, it is not told again.
    let screen = start(&database, &environment);
    assert!(!screen.contents().contains("Interrupted"));
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_waits_for_a_posting_that_is_under_way() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let screen = start(&database, &[]);
    screen.keys("<f3>A<enter>7*W1<enter>").wait_for("1 line");
    let blocker = connect(database.superuser_url()).await;
    blocker.batch_execute("BEGIN; LOCK TABLE stock.stock_levels IN EXCLUSIVE MODE").await.unwrap();
    screen.keys("<f12>").wait_for("into A?");
    screen.keys("<enter>");
    until_waiting(&connect(database.superuser_url()).await, "clerk", 1).await;
    screen.signal(rustix::process::Signal::TERM);
    screen.wait_for("Stockroom quits when it is done");
    blocker.batch_execute("COMMIT").await.unwrap();
    let ended = screen.wait_exit();
    assert_eq!(ended.code, Some(0));
    ended.assert_restored();
    assert_eq!(on_hand(&database, "W1").await, Decimal::from(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_in_quarantine_are_issued_only_after_a_question() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let admin = Program::new(&database.url("admin"));
    for arguments in [
        &["location", "add", "QUAR", "Returned goods", "--kind", "quarantine"][..],
        &["receive", "W1", "5", "--to", "QUAR"],
    ] {
        assert_eq!(admin.run(arguments).code, 0, "{arguments:?}");
    }
    let screen = start(&database, &[]);
    screen.keys("<f4>QUAR<enter>2*W1<enter>").wait_for("1 line, 2 units");
    // Enter after Enter does not get past the question unseen.
    screen.keys("<f12>").wait_for("QUAR is a quarantine location: goods there are blocked.");
    screen.keys("<esc>").wait_gone("is a quarantine location");
    assert_eq!(on_hand(&database, "W1").await, Decimal::from(5));
    screen.keys("<f12>").wait_for("Issue them only if you are");
    screen.keys("<enter>").wait_for("QUAR now has 3");
    assert_eq!(on_hand(&database, "W1").await, Decimal::from(3));
    // Undone, the form shows what is there now, and nothing of the issue.
    screen.keys("<a-u>").wait_for("Return 2 each of W1 to QUAR");
    screen.keys("taken by mistake<enter>").wait_for("W1 at QUAR: 5 on hand");
    screen.wait_gone("QUAR now has 3");
    leave(screen);
    assert_books_balance(&database).await;
}
