//! Ids: the same posting sent again posts nothing twice, and an id is used for one posting only.

use stockroom::domain::{MovementKind, PostingId, Status};
use stockroom::service::new_id;

use crate::support::commands::{count, reversal, rule, with_id};
use crate::support::database::{TestDatabase, line, posting, posting_with_id};
use crate::support::raw::{assert_books_balance, number};

#[tokio::test]
async fn the_same_posting_is_posted_once_with_the_same_answer() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let mut receipt = posting(MovementKind::Receipt, vec![line("A", "10", "", "X"), line("B", "5", "", "X")]);
    receipt.reference = Some("PO-1".parse().unwrap());
    receipt.lines[0].unit_price = Some("1.2500".parse().unwrap());
    let first = clerk.post(&receipt).await.unwrap();
    for another_terminal in [&clerk, &database.service("clerk"), &database.service("admin")] {
        let again = another_terminal.post(&receipt).await.unwrap();
        assert_eq!(again.status, Status::AlreadyPosted);
        let json = |value| serde_json::to_string(value).unwrap();
        assert_eq!(json(&again.transactions), json(&first.transactions));
        assert_eq!(again.levels, first.levels);
    }
    // Any other payload under the id is another posting.
    let mut others: Vec<stockroom::domain::Posting> = (0..8).map(|_| receipt.clone()).collect();
    others[0].lines.truncate(1);
    others[1].lines.push(line("A", "1", "", "X"));
    others[2].lines[1].quantity = "6".parse().unwrap();
    others[3].lines[1].to = Some("Y".parse().unwrap());
    others[4].reference = None;
    others[5].reason = Some("why".parse().unwrap());
    others[6].lines.swap(0, 1);
    others[7].lines[0].unit_price = None;
    for (number, other) in others.iter().enumerate() {
        assert_eq!(rule(clerk.post(other).await), "id_used_for_another", "variant {number}");
    }
    let batch = clerk.post_batch(&[receipt.clone(), others[0].clone()]).await;
    assert!(matches!(batch[0], Ok(Status::AlreadyPosted)));
    assert_eq!(batch[1].as_ref().unwrap_err().refusal().unwrap().rule(), "id_used_for_another");

    // Undone, it is still the posting of that id; it does not come back to life.
    clerk.reverse(reversal(receipt.id)).await.unwrap();
    assert_eq!(clerk.post(&receipt).await.unwrap().status, Status::AlreadyPosted);
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 4);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn ids_that_overlap_with_another_posting_are_refused() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    let three = posting(MovementKind::Receipt, vec![line("A", "1", "", "X"); 3]);
    clerk.post(&three).await.unwrap();
    let second_line = PostingId::from(three.id.line(1));
    let alike = posting_with_id(second_line, MovementKind::Receipt, vec![line("A", "1", "", "X"); 2]);
    assert_eq!(rule(clerk.post(&alike).await), "id_used_for_another");
    let alone = posting_with_id(second_line, MovementKind::Receipt, vec![line("A", "1", "", "X")]);
    assert_eq!(rule(clerk.post(&alone).await), "id_used_for_another");
    // An id is also taken when a count has it.
    let counted = stockroom::service::Count { details: with_id(three.id), ..count("A", "9", "X") };
    assert_eq!(rule(clerk.count(counted).await), "id_used_for_another");

    // The last id of a millisecond has room for one line and no more.
    let text = new_id().to_string();
    let last: PostingId = format!("{}bfff-ffffffffffff", &text[..19]).parse().unwrap();
    let one = posting_with_id(last, MovementKind::Receipt, vec![line("A", "1", "", "X")]);
    assert_eq!(clerk.post(&one).await.unwrap().status, Status::Posted);
    assert_eq!(clerk.post(&one).await.unwrap().status, Status::AlreadyPosted);
    let two = posting_with_id(last, MovementKind::Receipt, vec![line("A", "1", "", "X"); 2]);
    assert_eq!(rule(clerk.post(&two).await), "posting_form");
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_batch_reports_the_outcome_of_each_posting() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let clerk = database.service("clerk");
    let receipts: Vec<_> =
        (0..100).map(|_| posting(MovementKind::Receipt, vec![line("A", "1", "", "X"); 2])).collect();
    let all_posted = clerk.post_batch(&receipts).await;
    assert!(all_posted.iter().all(|result| matches!(result, Ok(Status::Posted))));
    let mut mixed = receipts[..3].to_vec();
    mixed.push(posting(MovementKind::Receipt, vec![line("A", "1", "", "X")]));
    mixed.push(posting(MovementKind::Issue, vec![line("A", "1000", "X", "")]));
    mixed.push(posting(MovementKind::Receipt, vec![line("NONE", "1", "", "X")]));
    mixed.push(mixed[3].clone());
    let words: Vec<String> = clerk
        .post_batch(&mixed)
        .await
        .iter()
        .map(|result| match result {
            Ok(status) => format!("{status:?}"),
            Err(error) => error.refusal().unwrap().rule().to_owned(),
        })
        .collect();
    let already = "AlreadyPosted";
    assert_eq!(
        words,
        [already, already, already, "Posted", "insufficient_stock", "unknown_product", already]
    );
    assert_eq!(number(&database, "SELECT sum(on_hand)::bigint FROM stock.stock_levels").await, 201);
    assert_books_balance(&database).await;
}
