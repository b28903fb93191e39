//! Counting a place with a sheet, the ledger with its filters, and the dashboard, against a real server.

use stockroom::domain::MovementKind;

use super::leave;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::raw::{assert_books_balance, number};
use crate::support::screen::Screen;
use crate::support::wait::until;

async fn stocked() -> TestDatabase {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2", "W3"], &["A", "B"]).await;
    let lines = vec![line("W1", "10", "", "A"), line("W2", "20", "", "A"), line("W3", "30", "", "B")];
    database.service("admin").post(&posting(MovementKind::Receipt, lines)).await.unwrap();
    database
}

fn start(database: &TestDatabase, login: &str, columns: u16, rows: u16) -> Screen {
    let screen = Screen::start(&["--database-url", &database.url(login)], &[], columns, rows);
    screen.wait_for("Product W1");
    screen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_counted_and_what_moved_meanwhile_is_counted_again() {
    let database = stocked().await;
    let screen = start(&database, "clerk", 100, 30);
    screen.keys("<f6>A<enter>").wait_for("0 of 2");
    // One agrees, one does not; the goods of the other place are not on the sheet.
    assert!(!screen.contents().contains("W3"));
    screen.keys("=").wait_for("1 of 2");
    screen.keys("18<enter>").wait_for("2 of 2");
    // Somebody takes two of what was counted already.
    let issue = posting(MovementKind::Issue, vec![line("W1", "2", "A", "")]);
    database.service("admin").post(&issue).await.unwrap();
    screen.wait_for("was 10, count again");
    screen.keys("<up>8<enter>").wait_gone("count again");
    screen.keys("<f12>");
    screen.wait_until("the review", |contents| {
        contents.contains("2 less") && contents.contains("Press Enter to post")
    });
    screen.keys("<enter>");
    until("both counts stand", async || {
        number(&database, "SELECT count(*) FROM stock.stock_counts").await == 2
    })
    .await;
    screen.wait_for("18");
    assert_eq!(
        number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels l JOIN stock.locations p USING (location_id) WHERE p.code = 'A'").await,
        26
    );
    assert_eq!(number(&database, "SELECT count(DISTINCT xid) FROM stock.stock_counts").await, 1);
    leave(screen);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_filtered_and_a_posting_opened() {
    let database = stocked().await;
    let screen = start(&database, "auditor", 120, 30);
    screen.keys("<f7>");
    screen
        .wait_until("all movements", |contents| ["W1", "W2", "W3"].iter().all(|sku| contents.contains(sku)));
    screen.keys("W2<enter>");
    screen.wait_until("the movements of one product", |contents| {
        contents.contains("W2") && !contents.contains("W3")
    });
    screen.keys("<enter>").wait_for("admin");
    // An auditor sees everything and undoes nothing.
    screen.keys("<c-r>").wait_for("Your login does not have permission");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_the_figures_of_the_database() {
    let database = stocked().await;
    let screen = start(&database, "admin", 140, 40);
    screen.keys("<f8>");
    screen.wait_until("every panel has its figures", |contents| {
        contents.matches("as of").count() == 12 && !contents.contains("loading")
    });
    let contents = screen.contents();
    assert!(contents.contains("admin"), "{contents}");
    screen.resize(60, 20);
    screen.wait_for("as of");
    leave(screen);
}
