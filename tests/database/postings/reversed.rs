//! Counts and reversals.

use stockroom::domain::{MovementKind, Reversal, Status, Tracking};
use stockroom::service::{Count, Issue, new_id};

use super::figures;
use crate::support::commands::{count, issue, lot_receipt, receipt, reversal, rule, transfer, with_id};
use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::raw::{assert_books_balance, number};

#[tokio::test]
async fn a_count_is_recorded_and_the_stock_adjusted() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X"]).await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "10", "X")).await.unwrap();

    let id = new_id();
    let short = Count { details: with_id(id), ..count("A", "8", "X") };
    let counted = clerk.count(short.clone()).await.unwrap();
    assert_eq!(
        (counted.expected.to_string(), figures(&counted.levels)),
        ("10".to_owned(), vec!["8".to_owned()])
    );
    let adjustment = &counted.transactions[0];
    assert_eq!((adjustment.id, adjustment.quantity.to_string()), (id.line(0), "2".to_owned()));
    assert!(adjustment.from.is_some() && adjustment.to.is_none());
    // The books have moved on; the count of that id has not.
    clerk.issue(issue("A", "1", "X")).await.unwrap();
    let again = clerk.count(short.clone()).await.unwrap();
    assert_eq!((again.status, &again.transactions), (Status::AlreadyPosted, &counted.transactions));
    assert_eq!(again.expected, counted.expected);
    let other = Count { number: 9.into(), ..short };
    assert_eq!(rule(clerk.count(other).await), "id_used_for_another");

    let agrees = clerk.count(count("A", "7", "X")).await.unwrap();
    assert!(agrees.transactions.is_empty());
    assert_eq!(figures(&clerk.count(count("A", "12", "X")).await.unwrap().levels), ["12"]);
    assert_eq!(figures(&clerk.count(count("A", "0", "X")).await.unwrap().levels), ["0"]);
    // Never seen there before, and found to be nothing, or something.
    assert!(clerk.count(count("B", "0", "X")).await.unwrap().transactions.is_empty());
    assert_eq!(figures(&clerk.count(count("B", "3", "X")).await.unwrap().levels), ["3"]);

    clerk.receive(lot_receipt("MILK", "5", "X", "L1", "")).await.unwrap();
    let of_lot = |lot: &str| Count { lot: Some(lot.parse().unwrap()), ..count("MILK", "4", "X") };
    assert_eq!(figures(&clerk.count(of_lot("L1")).await.unwrap().levels), ["4"]);
    assert_eq!(rule(clerk.count(of_lot("L2")).await), "unknown_lot");
    assert_eq!(rule(clerk.count(count("MILK", "4", "X")).await), "lot_required");
    assert_eq!(rule(clerk.count(count("A", "0.5", "X")).await), "quantity_decimals");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.stock_counts").await, 7);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_posting_or_one_of_its_movements_is_reversed_once() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let three = posting(
        MovementKind::Receipt,
        vec![line("A", "10", "", "X"), line("B", "5", "", "X"), line("A", "1", "", "Y")],
    );
    clerk.post(&three).await.unwrap();

    let first_only = Reversal { movement_only: true, ..reversal(three.id) };
    let reversed = clerk.reverse(first_only.clone()).await.unwrap();
    assert_eq!((reversed.transactions.len(), figures(&reversed.levels)), (1, vec!["0".to_owned()]));
    // Its goods are gone too, but that is not what is wrong with trying again.
    let twice = clerk.reverse(first_only.clone()).await.unwrap_err();
    assert_eq!(twice.refusal().unwrap().rule(), "already_reversed");
    assert!(twice.to_string().contains(&three.id.to_string()), "{twice}");
    clerk.receive(receipt("A", "50", "X")).await.unwrap();
    assert_eq!(rule(clerk.reverse(first_only).await), "already_reversed");
    assert_eq!(rule(clerk.reverse(reversal(three.id)).await), "already_reversed");
    // A later line is reversed by its own id.
    let last = Reversal { target: three.id.line(2), ..reversal(three.id) };
    assert_eq!(figures(&clerk.reverse(last).await.unwrap().levels), ["0"]);

    let of_reversal = Reversal { target: reversed.transactions[0].id, ..reversal(three.id) };
    assert_eq!(rule(clerk.reverse(of_reversal).await), "reversal_mirrors_its_row");
    assert_eq!(rule(clerk.reverse(reversal(new_id())).await), "unknown_movement");

    let moved = clerk.transfer(transfer("A", "20", "X", "Y")).await.unwrap();
    clerk.issue(issue("A", "1", "Y")).await.unwrap();
    let gone = clerk.reverse(reversal(moved.posting_id)).await.unwrap_err();
    assert_eq!(gone.to_string(), "A at Y: have 19, need 20");
    clerk.receive(receipt("A", "1", "Y")).await.unwrap();
    let id = new_id();
    let back = Reversal { id: Some(id), ..reversal(moved.posting_id) };
    assert_eq!(figures(&clerk.reverse(back.clone()).await.unwrap().levels), ["50", "0"]);
    let again = clerk.reverse(back.clone()).await.unwrap();
    assert_eq!((again.status, again.posting_id), (Status::AlreadyPosted, id));
    assert_eq!(rule(clerk.reverse(Reversal { id: Some(new_id()), ..back }).await), "already_reversed");
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn counts_and_issues_by_lot_are_reversed_like_any_other() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    let clerk = database.service("clerk");
    let found = clerk.count(count("A", "6", "X")).await.unwrap();
    assert_eq!(figures(&clerk.reverse(reversal(found.posting_id)).await.unwrap().levels), ["0"]);
    clerk.receive(lot_receipt("MILK", "2", "X", "L1", "2098-01-01")).await.unwrap();
    clerk.receive(lot_receipt("MILK", "2", "X", "L2", "2099-01-01")).await.unwrap();
    let issued: Issue = issue("MILK", "3", "X");
    let issued = clerk.issue(issued).await.unwrap();
    let reversed = clerk.reverse(reversal(issued.posting_id)).await.unwrap();
    assert_eq!(
        (reversed.transactions.len(), figures(&reversed.levels)),
        (2, vec!["2".to_owned(), "2".to_owned()])
    );
    assert_books_balance(&database).await;
}
