//! What the commands do to the stock, on a real server.

mod goods;
mod ids;
mod reversed;
mod time;

use stockroom::domain::{Level, MovementKind, Status};

use crate::support::database::{TestDatabase, line, posting};
use crate::support::raw::assert_books_balance;

/// Quantities of levels, in the order given.
fn figures(levels: &[Level]) -> Vec<String> {
    levels.iter().map(|level| level.on_hand.to_string()).collect()
}

#[tokio::test]
async fn a_posting_is_all_or_nothing_and_says_what_is_on_hand() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let receipt = posting(MovementKind::Receipt, vec![line("A", "10", "", "X"), line("B", "5", "", "X")]);
    let posted = clerk.post(&receipt).await.unwrap();
    assert_eq!(posted.status, Status::Posted);
    assert_eq!(figures(&posted.levels), ["10", "5"]);

    let too_much = posting(MovementKind::Issue, vec![line("A", "1", "X", ""), line("B", "6", "X", "")]);
    let refusal = clerk.post(&too_much).await.unwrap_err();
    assert_eq!(refusal.to_string(), "B at X: have 5, need 6");
    assert_eq!(refusal.refusal().unwrap().rule(), "insufficient_stock");
    let levels = clerk.store().stock(&Default::default()).await.unwrap();
    assert_eq!(figures(&levels), ["10", "5"]);
    assert_books_balance(&database).await;
}
