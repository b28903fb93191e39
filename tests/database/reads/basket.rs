//! Several goods in one posting: lots are chosen, an id is recognised, and all go or none.

use stockroom::domain::{
    Basket, BasketLine, Details, MovementKind, Posted, PostingId, PostingOutcome, Status,
};
use stockroom::service::new_id;

use super::{day, shop};
use crate::support::commands::{lot_receipt, rule, with_id};
use crate::support::database::TestDatabase;
use crate::support::raw::{assert_books_balance, number};

fn goods(sku: &str, quantity: &str, lot: &str) -> BasketLine {
    BasketLine {
        sku: sku.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        lot: (!lot.is_empty()).then(|| lot.parse().unwrap()),
        expires: None,
        unit_price: None,
        order_line: None,
    }
}

fn basket(id: PostingId, kind: MovementKind, from: &str, to: &str, lines: Vec<BasketLine>) -> Basket {
    let place = |code: &str| (!code.is_empty()).then(|| code.parse().unwrap());
    Basket { kind, from: place(from), to: place(to), lines, details: with_id(id) }
}

/// What moved, line by line: sku, lot, quantity.
fn moved(posted: &Posted) -> Vec<(String, String, String)> {
    let lot =
        |line: &stockroom::domain::PostedLine| line.lot.as_ref().map_or(String::new(), ToString::to_string);
    posted
        .transactions
        .iter()
        .map(|line| (line.sku.to_string(), lot(line), line.quantity.to_string()))
        .collect()
}

fn texts(lines: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let text = str::to_owned;
    lines.iter().map(|(sku, lot, quantity)| (text(sku), text(lot), text(quantity))).collect()
}

/// B3 holds MILK-1 (SOON 2, LATE 5, OTHER 4 without a day), beans and cups.
async fn shelf() -> TestDatabase {
    let database = shop().await;
    let clerk = database.service("clerk");
    clerk.receive(lot_receipt("MILK-1", "4", "B3", "OTHER", "")).await.unwrap();
    clerk.receive(lot_receipt("MILK-1", "9", "B3", "PAST", &day(-1))).await.unwrap();
    for sku in ["BEAN-1", "CUP-1"] {
        clerk.receive(super::receipt(sku, "10", "B3")).await.unwrap();
    }
    database
}

#[tokio::test]
async fn a_basket_is_one_posting_and_takes_the_lots_that_expire_first() {
    let database = shelf().await;
    let clerk = database.service("clerk");
    let id = new_id();
    let lines = vec![
        goods("CUP-1", "2", ""),
        goods("MILK-1", "3", ""),
        goods("BEAN-1", "1", ""),
        goods("MILK-1", "5", ""),
    ];
    let issue = basket(id, MovementKind::Issue, "B3", "", lines);
    let posted = clerk.post_basket(&issue).await.unwrap();
    let expected = texts(&[
        ("CUP-1", "", "2"),
        ("MILK-1", "SOON", "2"),
        ("MILK-1", "LATE", "1"),
        ("BEAN-1", "", "1"),
        ("MILK-1", "LATE", "4"),
        ("MILK-1", "OTHER", "1"),
    ]);
    assert_eq!((posted.status, moved(&posted)), (Status::Posted, expected.clone()));
    // Sent again, it is the same posting, though the lots would be others now.
    let again = clerk.post_basket(&issue).await.unwrap();
    assert_eq!((again.status, moved(&again)), (Status::AlreadyPosted, expected));
    assert_eq!(
        number(
            &database,
            "SELECT count(*) FROM stock.transactions WHERE kind = 'issue' AND posted_by = 'clerk'"
        )
        .await,
        7
    );
    // The same id for anything else is refused.
    for (kind, from, to, lines) in [
        (
            MovementKind::Issue,
            "B3",
            "",
            vec![
                goods("CUP-1", "2", ""),
                goods("MILK-1", "3", ""),
                goods("BEAN-1", "1", ""),
                goods("MILK-1", "4", ""),
            ],
        ),
        (
            MovementKind::Issue,
            "B3",
            "",
            vec![goods("CUP-1", "2", ""), goods("MILK-1", "8", ""), goods("BEAN-1", "1", "")],
        ),
        (MovementKind::Transfer, "B3", "B4", issue.lines.clone()),
        (MovementKind::Issue, "B4", "", issue.lines.clone()),
    ] {
        assert_eq!(rule(clerk.post_basket(&basket(id, kind, from, to, lines)).await), "id_used_for_another");
    }
    let other_reference =
        Basket { details: Details { reference: "R".parse().ok(), ..with_id(id) }, ..issue.clone() };
    assert_eq!(rule(clerk.post_basket(&other_reference).await), "id_used_for_another");
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_lot_that_is_named_is_not_also_chosen_by_expiry() {
    let database = shelf().await;
    let clerk = database.service("clerk");
    let lines = vec![goods("MILK-1", "6", ""), goods("MILK-1", "2", "SOON"), goods("MILK-1", "2", "OTHER")];
    let posted =
        clerk.post_basket(&basket(new_id(), MovementKind::Transfer, "B3", "B4", lines)).await.unwrap();
    let expected = [
        ("MILK-1", "LATE", "5"),
        ("MILK-1", "OTHER", "1"),
        ("MILK-1", "SOON", "2"),
        ("MILK-1", "OTHER", "2"),
    ];
    assert_eq!(moved(&posted), texts(&expected));
    // Only OTHER 1 is left besides what has expired.
    let too_much = basket(
        new_id(),
        MovementKind::Issue,
        "B3",
        "",
        vec![goods("CUP-1", "1", ""), goods("MILK-1", "2", "")],
    );
    let error = clerk.post_basket(&too_much).await.unwrap_err();
    assert_eq!(error.to_string(), "MILK-1 at B3: have 1, need 2; 9 more have expired");
    assert_eq!(
        number(&database, "SELECT count(*) FROM stock.transactions WHERE kind = 'issue'").await,
        1,
        "nothing of it went"
    );
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_receipt_brings_new_lots_and_ends_must_fit() {
    let database = shelf().await;
    let clerk = database.service("clerk");
    let mut fresh = goods("MILK-1", "6", "NEW");
    fresh.expires = Some(day(20).parse().unwrap());
    fresh.unit_price = Some("1.25".parse().unwrap());
    let receipt = basket(new_id(), MovementKind::Receipt, "", "B4", vec![fresh, goods("CUP-1", "1", "")]);
    let posted = clerk.post_basket(&receipt).await.unwrap();
    assert_eq!(moved(&posted), texts(&[("MILK-1", "NEW", "6"), ("CUP-1", "", "1")]));
    assert_eq!(clerk.post_basket(&receipt).await.unwrap().status, Status::AlreadyPosted);
    for (kind, from, to) in [
        (MovementKind::Issue, "", ""),
        (MovementKind::Issue, "", "B4"),
        (MovementKind::Receipt, "B3", "B4"),
        (MovementKind::Transfer, "B3", "B3"),
        (MovementKind::Transfer, "B3", ""),
    ] {
        let wrong = basket(new_id(), kind, from, to, vec![goods("CUP-1", "1", ""), goods("MILK-1", "1", "")]);
        assert_eq!(rule(clerk.post_basket(&wrong).await), "posting_form", "{kind} {from} {to}");
    }
    let empty = basket(new_id(), MovementKind::Issue, "B3", "", Vec::new());
    assert_eq!(rule(clerk.post_basket(&empty).await), "posting_form");
    assert_eq!(
        rule(
            clerk
                .post_basket(&basket(new_id(), MovementKind::Issue, "B3", "", vec![goods("NO", "1", "")]))
                .await
        ),
        "unknown_product"
    );
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn the_same_basket_sent_twice_at_once_is_posted_once() {
    let database = shelf().await;
    let basket = basket(
        new_id(),
        MovementKind::Issue,
        "B3",
        "",
        vec![goods("MILK-1", "10", ""), goods("CUP-1", "1", "")],
    );
    let (first, second) = (database.service("clerk"), database.service("clerk"));
    let (first, second) = tokio::join!(first.post_basket(&basket), second.post_basket(&basket));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(moved(&first), moved(&second));
    assert_ne!(first.status, second.status);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn an_unknown_outcome_is_resolved_while_the_program_goes_on() {
    let database = shelf().await;
    let directory = tempfile::tempdir().unwrap();
    let journal = stockroom::service::Journal::open(directory.path()).unwrap();
    let clerk = stockroom::service::Service::new(database.store("clerk"), Some(journal));
    let entries = || std::fs::read_dir(directory.path()).unwrap().count();
    let posted = new_id();
    clerk
        .post_basket(&basket(posted, MovementKind::Issue, "B3", "", vec![goods("CUP-1", "1", "")]))
        .await
        .unwrap();
    let settings = clerk.store().settings();
    let write = |id| {
        let writer = stockroom::service::Journal::open(directory.path()).unwrap();
        drop(writer.write(settings, id, "issue", stockroom::service::journal::Command::Post).unwrap());
    };
    let lost = new_id();
    write(posted);
    write(lost);
    assert_eq!(entries(), 2);
    assert_eq!(clerk.resolve(posted).await.unwrap(), PostingOutcome::Posted);
    assert_eq!(entries(), 1);
    assert_eq!(clerk.resolve(lost).await.unwrap(), PostingOutcome::NotPosted);
    assert_eq!(entries(), 0);
    // An id that the journal does not know is answered all the same, and the program can go on.
    assert_eq!(clerk.resolve(posted).await.unwrap(), PostingOutcome::Posted);
    clerk
        .post_basket(&basket(lost, MovementKind::Issue, "B3", "", vec![goods("CUP-1", "1", "")]))
        .await
        .unwrap();
    // A database that is away leaves it open.
    let away: stockroom::store::ConnectionSettings = "postgres://clerk@127.0.0.1:1/none".parse().unwrap();
    let nowhere = stockroom::service::Service::new(stockroom::store::Store::new(away, 1).unwrap(), None);
    assert_eq!(nowhere.resolve(posted).await.unwrap(), PostingOutcome::Unknown);
}
