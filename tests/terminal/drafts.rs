//! Unfinished work: kept when the terminal is killed, offered after the next login, posted only after a review.

use super::leave;
use crate::support::database::TestDatabase;
use crate::support::raw::number;
use crate::support::screen::Screen;

fn start(database: &TestDatabase, state: &str) -> Screen {
    let environment = [("STOCKROOM_STATE_DIR", state)];
    Screen::start(&["--database-url", &database.url("clerk")], &environment, 100, 30)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_survives_a_kill() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["A"]).await;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().to_str().unwrap();
    let screen = start(&database, state);
    screen.wait_for("Product W1");
    screen.keys("<f3>A<enter>12*W1<enter>W2<enter>").wait_for("2 lines, 13 units");
    screen.kill();
    let screen = start(&database, state);
    screen.wait_for("Receive: 2 lines, saved");
    assert_eq!(
        number(&database, "SELECT count(*) FROM stock.transactions").await,
        0,
        "nothing is posted by itself"
    );
    screen.keys("<enter>").wait_for("2 lines, 13 units");
    screen.keys("<f12>").wait_for("into A?");
    screen.keys("<enter>").wait_for("Received 2 lines");
    leave(screen);
    // It was posted, so there is nothing left to offer.
    let screen = start(&database, state);
    screen.wait_for("Product W1");
    screen.keys("<a-o>").wait_for("There is no unfinished work.");
    leave(screen);
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 2);
}
