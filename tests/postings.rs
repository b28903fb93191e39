//! What the commands do to the stock, on a real server.

mod support;

use stockroom::domain::MovementKind;
use stockroom::store::Status;
use support::database::{TestDatabase, line, posting};

#[tokio::test]
async fn a_posting_is_all_or_nothing_and_says_what_is_on_hand() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let receipt = posting(MovementKind::Receipt, vec![line("A", "10", "", "X"), line("B", "5", "", "X")]);
    let posted = clerk.post(&receipt).await.unwrap();
    assert_eq!(posted.status, Status::Posted);
    assert_eq!(posted.levels.iter().map(|level| level.on_hand.to_string()).collect::<Vec<_>>(), ["10", "5"]);

    let too_much = posting(MovementKind::Issue, vec![line("A", "1", "X", ""), line("B", "6", "X", "")]);
    let refusal = clerk.post(&too_much).await.unwrap_err();
    assert_eq!(refusal.to_string(), "B at X: have 5, need 6");
    assert_eq!(refusal.refusal().unwrap().rule(), "insufficient_stock");
    let levels = clerk.store().stock(&Default::default()).await.unwrap();
    assert_eq!(levels.iter().map(|level| level.on_hand.to_string()).collect::<Vec<_>>(), ["10", "5"]);
}
