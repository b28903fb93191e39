//! The names of people on the screens, and the warning about free text that seems to name somebody.

use tempfile::TempDir;

use super::leave;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::screen::Screen;

/// A database with a named clerk who has posted, and the keyring.
async fn site() -> (TestDatabase, TempDir, String) {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let directory = tempfile::tempdir().unwrap();
    let keyring = directory.path().join("keyring");
    for arguments in [["privacy", "init"].as_slice(), &["user", "name", "clerk", "Ann Example"]] {
        let ran = Program::new(&database.url("admin")).with_keyring(&keyring).run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    database.service("clerk").receive(receipt("A", "5", "X")).await.unwrap();
    let keyring = keyring.to_str().unwrap().to_owned();
    (database, directory, keyring)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_with_the_keyring_sees_who_posted_and_others_see_the_login() {
    let (database, _directory, keyring) = site().await;
    let environment = [("STOCKROOM_ENCRYPTION_KEY_FILE", &*keyring)];
    let screen = Screen::start(&["--database-url", &database.url("admin")], &environment, 140, 30);
    screen.wait_for("Product A");
    screen.keys("<f7>").wait_for("Ann Example");
    screen.keys("<enter>").wait_for("Ann Example (clerk)");
    screen.keys("<esc>").wait_gone("Ann Example (clerk)");
    leave(screen);
    for (login, environment) in [("clerk", environment.as_slice()), ("admin", &[])] {
        let screen = Screen::start(&["--database-url", &database.url(login)], environment, 140, 30);
        screen.wait_for("Product A");
        let contents = screen.keys("<f7>").wait_for("receipt");
        assert!(contents.contains("clerk") && !contents.contains("Ann Example"), "{contents}");
        leave(screen);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusable_keyring_is_reported_and_stops_nothing() {
    let (database, directory, _) = site().await;
    let missing = directory.path().join("missing");
    let environment = [("STOCKROOM_ENCRYPTION_KEY_FILE", missing.to_str().unwrap())];
    let screen = Screen::start(&["--database-url", &database.url("admin")], &environment, 140, 30);
    screen.wait_for("The names of people cannot be shown");
    screen.wait_for("Product A");
    leave(screen);
}
