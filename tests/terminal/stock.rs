//! The stock screen in a real terminal.

use stockroom::domain::MovementKind;

use super::leave;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::screen::Screen;

#[tokio::test(flavor = "multi_thread")]
async fn a_search_by_location_shows_what_the_bin_holds() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["BIN-1", "BIN-2"]).await;
    let lines = vec![line("W1", "22", "", "BIN-1"), line("W1", "36", "", "BIN-2")];
    database.service("admin").post(&posting(MovementKind::Receipt, lines)).await.unwrap();
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    screen.keys("bin-1").wait_for("at BIN-1, total 58");
    let contents = screen.contents();
    let row = contents.lines().find(|line| line.contains("Product W1 · at BIN-1")).unwrap();
    assert!(row.contains(" 22 of 58 "), "{contents}");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_is_copied_and_pasted_rows_become_lines() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["BIN-1"]).await;
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    screen.keys("<c-y>").wait_for("Copied: W1");
    screen.keys("<f3>BIN-1<enter>").wait_for("✓");
    screen.paste("W1\t24\nNIX\t2\n").wait_for("2 lines, 24 units");
    screen.wait_for("✗ 1 line");
    // The one that nobody knows is taken out, the other one is posted.
    screen.keys("<end><del>").wait_for("1 line, 24 units");
    screen.keys("<f12>").wait_for("into BIN-1?");
    screen.keys("<enter>").wait_for("Received 1 line");
    leave(screen);
}
