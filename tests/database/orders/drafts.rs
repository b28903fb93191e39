//! Drafts that are changed: by their authors alone, as long as they are drafts, and only as they were shown.

use rust_decimal::Decimal;
use stockroom::domain::{NewOrder, NewOrderLine, OrderKind, OrderNumber, Refusal, Status};
use stockroom::service::{Decision, Service, new_id};
use tokio_postgres::Client;

use super::{broken_invariants, scene};
use crate::support::database::TestDatabase;
use crate::support::raw::connect;

fn line(sku: &str, quantity: &str) -> NewOrderLine {
    NewOrderLine {
        sku: sku.parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        unit_price: None,
        over_percent: Decimal::ZERO,
    }
}

/// A sales order for C with these lines.
fn order(lines: &[(&str, &str)]) -> NewOrder {
    NewOrder {
        id: new_id().into(),
        kind: OrderKind::Sales,
        partner: "C".parse().ok(),
        partner_reference: None,
        due_on: None,
        ship_to: None,
        to: None,
        note: None,
        lines: lines.iter().map(|(sku, quantity)| line(sku, quantity)).collect(),
    }
}

/// A draft of the clerk, and the clerk.
async fn drafted(database: &TestDatabase, lines: &[(&str, &str)]) -> (Service, OrderNumber) {
    let clerk = database.service("clerk");
    let number = clerk.create_order(&order(lines)).await.unwrap().order.row.number;
    (clerk, number)
}

/// The lines of an order: number, product and quantity.
async fn lines(service: &Service, number: &OrderNumber) -> Vec<(i32, String, Decimal)> {
    let order = service.order(number).await.unwrap();
    order.lines.iter().map(|line| (line.line_no, line.sku.to_string(), line.quantity)).collect()
}

async fn assert_whole(database: &TestDatabase) {
    let session = connect(database.superuser_url()).await;
    assert_eq!(broken_invariants(&session).await, Vec::<String>::new());
}

fn line_is(number: i32, sku: &str, quantity: u32) -> (i32, String, Decimal) {
    (number, sku.to_owned(), quantity.into())
}

#[tokio::test]
async fn a_draft_is_changed_by_its_author_as_long_as_it_is_one() {
    let database = scene().await;
    let (clerk, number) = drafted(&database, &[("A", "4")]).await;
    let admin = database.service("admin");
    let mut wanted = order(&[("A", "6"), ("B", "6")]);
    wanted.note = "call before".parse().ok();
    wanted.lines[0].unit_price = "2.5".parse().ok();
    let edited = clerk.edit_order(&number, None, &wanted).await.unwrap();
    assert_eq!(edited.status, Status::Posted);
    assert_eq!(lines(&clerk, &number).await, [line_is(1, "A", 6), line_is(2, "B", 6)]);
    assert!(edited.order.row.note.is_some() && edited.order.row.order_id != wanted.id);
    // The same again changes nothing, and nobody else changes it.
    let again = clerk.edit_order(&number, None, &wanted).await.unwrap();
    assert_eq!(again.status, Status::AlreadyPosted);
    let mut more = wanted.clone();
    more.lines[1].quantity = "9".parse().unwrap();
    let fewer = order(&[("A", "6")]);
    for other in [&more, &fewer] {
        let refused = admin.edit_order(&number, None, other).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().rule(), "draft_changed_by_author", "{refused:?}");
    }
    admin.decide(&number, &Decision::Confirm, None, None).await.unwrap();
    for other in [&more, &fewer] {
        let refused = clerk.edit_order(&number, None, other).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().rule(), "draft_changed_by_author", "{refused:?}");
    }
    assert_eq!(lines(&clerk, &number).await.len(), 2);
    assert_whole(&database).await;
}

#[tokio::test]
async fn lines_are_removed_and_the_others_keep_their_numbers() {
    let database = scene().await;
    let (clerk, number) = drafted(&database, &[("A", "4"), ("B", "2"), ("A", "7")]).await;
    let edit = async |wanted: &[(&str, &str)]| {
        clerk.edit_order(&number, None, &order(wanted)).await.unwrap();
        lines(&clerk, &number).await
    };
    assert_eq!(edit(&[("A", "7"), ("B", "3")]).await, [line_is(2, "B", 3), line_is(3, "A", 7)]);
    // A line for another product is a new one, whose number nothing had in this draft before.
    let replaced = edit(&[("L", "1"), ("A", "7")]).await;
    assert_eq!(replaced, [line_is(3, "A", 7), line_is(4, "L", 1)]);
    let refused = clerk.edit_order(&number, None, &order(&[])).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "order_form", "{refused:?}");
    // The number of the last line is given again, once it is free.
    assert_eq!(edit(&[("A", "7")]).await, [line_is(3, "A", 7)]);
    assert_eq!(edit(&[("A", "7"), ("B", "5")]).await, [line_is(3, "A", 7), line_is(4, "B", 5)]);
    database.service("admin").decide(&number, &Decision::Confirm, None, None).await.unwrap();
    assert_whole(&database).await;
}

#[tokio::test]
async fn what_is_no_longer_as_it_was_shown_is_not_changed() {
    let database = scene().await;
    let (clerk, number) = drafted(&database, &[("A", "4")]).await;
    let shown = clerk.order(&number).await.unwrap().entered();
    let other = database.service("clerk");
    let elsewhere = order(&[("A", "4"), ("B", "2")]);
    other.edit_order(&number, Some(&shown), &elsewhere).await.unwrap();
    let refused = clerk.edit_order(&number, Some(&shown), &order(&[("A", "5")])).await.unwrap_err();
    assert!(matches!(refused.refusal(), Some(Refusal::DraftChanged(of)) if *of == number), "{refused:?}");
    assert_eq!(lines(&clerk, &number).await, [line_is(1, "A", 4), line_is(2, "B", 2)]);
    // Sent again after an answer that was lost, the same is done already.
    let again = other.edit_order(&number, Some(&shown), &elsewhere).await.unwrap();
    assert_eq!(again.status, Status::AlreadyPosted);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_confirming_and_removing_lines_at_the_same_time_neither_sees_half() {
    let database = scene().await;
    let admin = database.service("admin");
    for _ in 0..12 {
        let (clerk, number) = drafted(&database, &[("A", "4"), ("B", "2")]).await;
        let removing = {
            let number = number.clone();
            tokio::spawn(async move { clerk.edit_order(&number, None, &order(&[("A", "4")])).await })
        };
        admin.decide(&number, &Decision::Confirm, None, None).await.unwrap();
        let found = lines(&admin, &number).await;
        match removing.await.unwrap() {
            Ok(_) => assert_eq!(found, [line_is(1, "A", 4)]),
            Err(error) => {
                assert_eq!(error.refusal().unwrap().rule(), "draft_changed_by_author", "{error:?}");
                assert_eq!(found.len(), 2);
            }
        }
    }
    assert_whole(&database).await;
}

/// Deletes what a condition says in a transaction at a level of isolation; returns the constraint or the state of the error.
async fn delete(session: &Client, level: &str, condition: &str) -> Option<String> {
    let sql =
        format!("BEGIN ISOLATION LEVEL {level}; DELETE FROM stock.order_lines WHERE {condition}; COMMIT");
    let error = session.batch_execute(&sql).await.err()?;
    session.batch_execute("ROLLBACK").await.unwrap();
    let error = error.as_db_error().unwrap();
    Some(error.constraint().unwrap_or(error.code().code()).to_owned())
}

#[tokio::test]
async fn sql_of_a_clerk_removes_no_more_than_the_program_does() {
    let database = scene().await;
    let (clerk, own) = drafted(&database, &[("A", "4"), ("B", "2")]).await;
    let admin = database.service("admin");
    let other = admin.create_order(&order(&[("A", "1")])).await.unwrap().order.row.number;
    let of = |number: &OrderNumber, line: i32| {
        format!(
            "line_no = {line} AND order_id = (SELECT order_id FROM stock.orders WHERE number = '{number}')"
        )
    };
    let session = connect(&database.url("clerk")).await;
    let refused = delete(&session, "READ COMMITTED", &of(&own, 2)).await;
    assert_eq!(refused.as_deref(), Some("posting_is_serializable"));
    let refused = delete(&session, "SERIALIZABLE", &of(&other, 1)).await;
    assert_eq!(refused.as_deref(), Some("draft_changed_by_author"));
    let behind_a_savepoint = format!(
        "BEGIN ISOLATION LEVEL SERIALIZABLE; SAVEPOINT s; DELETE FROM stock.order_lines WHERE {}",
        of(&own, 2)
    );
    let refused = session.batch_execute(&behind_a_savepoint).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("posting_outside_savepoints"));
    session.batch_execute("ROLLBACK").await.unwrap();
    // The sums of a line cannot be removed by themselves, and the table not be emptied.
    for sql in ["DELETE FROM stock.order_progress", "TRUNCATE stock.order_lines CASCADE"] {
        let refused = session.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{sql}");
    }
    assert_eq!(delete(&session, "SERIALIZABLE", &of(&own, 2)).await, None);
    assert_eq!(lines(&clerk, &own).await, [line_is(1, "A", 4)]);
    // A draft that has lost all of its lines cannot be confirmed.
    assert_eq!(delete(&session, "SERIALIZABLE", &of(&own, 1)).await, None);
    let refused = admin.decide(&own, &Decision::Confirm, None, None).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().rule(), "order_event_fits_state", "{refused:?}");
    admin.decide(&other, &Decision::Confirm, None, None).await.unwrap();
    let admins = connect(&database.url("admin")).await;
    let superusers = connect(database.superuser_url()).await;
    for session in [&admins, &superusers] {
        let refused = delete(session, "SERIALIZABLE", &of(&other, 1)).await;
        assert_eq!(refused.as_deref(), Some("draft_changed_by_author"));
    }
    assert_whole(&database).await;
}
