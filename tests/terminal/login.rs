//! Logging in, and what each role is shown.

use super::leave;
use crate::support::database::{PASSWORD, TestDatabase};
use crate::support::screen::Screen;

/// The URL of a login without its password.
fn without_password(url: &str) -> String {
    let (before, after) = url.split_once("://").unwrap();
    let (user, rest) = after.split_once('@').unwrap();
    format!("{before}://{}@{rest}", user.split(':').next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_reported_and_the_next_attempt_succeeds() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let url = without_password(&database.url("clerk"));
    let screen = Screen::start(&["--database-url", &url], &[], 80, 24);
    screen.wait_for("Log in");
    screen.keys("secret-guess<enter>");
    let contents = screen.wait_for("authentication failed for user");
    assert!(!contents.contains("secret-guess"), "the password shows:\n{contents}");
    screen.keys(PASSWORD);
    let contents = screen.wait_for("••••");
    assert!(!contents.contains(PASSWORD), "the password shows:\n{contents}");
    screen.keys("<enter>");
    screen.wait_for("Product W1");
    screen.keys("<c-q>");
    let ended = screen.wait_exit();
    assert_eq!(ended.code, Some(0));
    ended.assert_restored();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_is_shown_what_it_may_do() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    for (login, shown, hidden) in [
        ("clerk", &["Stock", "Receive", "Issue", "Ledger"][..], &["Dashboard", "Audit"][..]),
        ("admin", &["Stock", "Receive", "Count", "Dashboard", "Audit"], &[]),
        ("auditor", &["Stock", "Ledger", "Dashboard", "Audit"], &["Receive", "Count", "Issue"]),
    ] {
        let screen = Screen::start(&["--database-url", &database.url(login)], &[], 120, 24);
        let contents = screen.wait_for("Product W1");
        let tabs = contents.lines().next().unwrap();
        for word in shown {
            assert!(tabs.contains(word), "{login} is not shown {word}:\n{contents}");
        }
        for word in hidden {
            assert!(!contents.contains(word), "{login} is shown {word}:\n{contents}");
        }
        // The keys of what is hidden do nothing either.
        if login == "auditor" {
            screen.keys("<f3>").wait_for("Your login does not have permission");
        }
        leave(screen);
    }
    let screen = Screen::start(&["--database-url", &database.url("analyst")], &[], 80, 24);
    screen.wait_for("is not a member of");
    leave(screen);
}

#[test]
fn without_a_terminal_it_says_so() {
    let ended =
        Screen::run("sh", &["-c", &format!("{} </dev/null", env!("CARGO_BIN_EXE_stockroom"))], &[], 80, 24)
            .wait_exit();
    assert_eq!(ended.code, Some(2));
    assert!(ended.contents.contains("need a terminal"), "{}", ended.contents);
}
