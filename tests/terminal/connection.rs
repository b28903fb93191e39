//! Other terminals' work appears; a server that goes away and comes back.

use rust_decimal::Decimal;
use stockroom::domain::MovementKind;
use stockroom::server::PrivateServer;

use super::leave;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::screen::Screen;
use crate::support::server::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn what_others_post_appears_and_the_cursor_stays() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2", "X9"], &["A"]).await;
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    screen.keys("<down>W");
    screen.wait_for("2 matches");
    screen.keys("<backspace><down>");
    let on_x9 = |contents: &str| contents.lines().any(|line| line.contains('▸') && line.contains("X9"));
    screen.keys("<down>").wait_until("the cursor on X9", on_x9);
    let service = database.service("admin");
    service.post(&posting(MovementKind::Receipt, vec![line("W1", "1234", "", "A")])).await.unwrap();
    let contents = screen.wait_for("1,234");
    assert!(on_x9(&contents), "the cursor has moved:\n{contents}");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_is_waited_for() {
    let mut server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["W1", "W2"], &["A"]).await;
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    server.kill_postmaster().unwrap();
    screen.wait_for("Connection lost");
    // What is typed meanwhile is kept, and answered when the server is back.
    screen.keys("w2");
    let server = tokio::task::spawn_blocking(move || {
        PrivateServer::restart(&mut server).unwrap();
        server
    })
    .await
    .unwrap();
    screen.wait_gone("Connection lost");
    let contents = screen.wait_for("1 match");
    assert!(contents.contains("Product W2"), "{contents}");
    screen.keys("<esc>");
    let service = database.service("admin");
    service.post(&posting(MovementKind::Receipt, vec![line("W1", "77", "", "A")])).await.unwrap();
    screen.wait_for(&Decimal::from(77).to_string());
    leave(screen);
    drop(server);
}
