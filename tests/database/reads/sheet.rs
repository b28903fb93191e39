//! Count sheets: every line is kept, the differences are one posting, and goods that moved are noticed.

use stockroom::domain::{CountSheet, Details, LINES_MAX, MovementKind, PostingId, SheetFigure, Status};
use stockroom::service::{Journal, Service, new_id};

use super::{number, shop};
use crate::support::commands::{issue, receipt, rule, with_id};
use crate::support::raw::{assert_books_balance, connect, number as figure, until_waiting};

fn counted(sku: &str, place: &str, lot: &str, counted: &str, seen: &str) -> SheetFigure {
    SheetFigure {
        sku: sku.parse().unwrap(),
        location: place.parse().unwrap(),
        lot: (!lot.is_empty()).then(|| lot.parse().unwrap()),
        counted: number(counted),
        seen: (!seen.is_empty()).then(|| number(seen)),
    }
}

fn sheet(id: PostingId, lines: Vec<SheetFigure>) -> CountSheet {
    CountSheet { location: "S".parse().unwrap(), lines, details: with_id(id) }
}

/// All of the shop, with three differences.
fn lines() -> Vec<SheetFigure> {
    vec![
        counted("BEAN-1", "B1", "", "12", "12"),
        counted("CUP-1", "B1", "", "1", "3"),
        counted("CUP-1", "B2", "", "6", "4"),
        counted("MILK-1", "B3", "SOON", "0", "2"),
        counted("MILK-1", "B3", "LATE", "5", "5"),
        counted("NEVER-1", "B4", "", "0", "0"),
    ]
}

#[tokio::test]
async fn a_sheet_is_kept_whole_and_its_differences_are_one_posting() {
    let database = shop().await;
    let clerk = database.service("clerk");
    let id = new_id();
    let whole = sheet(id, lines());
    let done = clerk.count_sheet(&whole).await.unwrap();
    assert_eq!((done.status, done.posting_id, done.attempts), (Status::Posted, id, 1));
    let expected: Vec<_> = done.lines.iter().map(|line| line.expected).collect();
    assert_eq!(expected, ["12", "3", "4", "2", "5", "0"].map(number));
    let adjustments = done.transactions();
    let ids: Vec<_> = adjustments.iter().map(|line| line.id).collect();
    assert_eq!(ids, [id.line(1), id.line(2), id.line(3)]);
    assert_eq!((adjustments[0].from.is_some(), adjustments[1].to.is_some()), (true, true));
    assert_eq!(adjustments[0].kind, MovementKind::Adjustment);
    let rows = clerk.store().movements(id.line(0)).await.unwrap();
    let posted: Vec<_> = rows.iter().map(|row| (row.id, row.quantity, row.reason.as_deref())).collect();
    let expected: Vec<_> = adjustments.iter().map(|line| (line.id, line.quantity, Some("count"))).collect();
    assert_eq!(posted, expected);
    assert!(rows.iter().all(|row| row.posting_id == id));
    let on_hand: Vec<_> = done.levels.iter().map(|level| level.on_hand.to_string()).collect();
    assert_eq!(on_hand, ["12", "1", "6", "5", "0"], "by sku, place and lot");
    assert_eq!(figure(&database, "SELECT count(*) FROM stock.stock_counts").await, 6);
    assert_eq!(figure(&database, "SELECT count(DISTINCT xid) FROM stock.stock_counts").await, 1);

    // Sent again it is the same sheet, with the figures of the first time, although the recorded quantity has changed.
    let again = clerk.count_sheet(&whole).await.unwrap();
    assert_eq!((again.status, &again.lines), (Status::AlreadyPosted, &done.lines));
    let mut other = lines();
    other[0].counted = number("11");
    assert_eq!(rule(clerk.count_sheet(&sheet(id, other)).await), "id_used_for_another");
    assert_eq!(rule(clerk.count_sheet(&sheet(id, lines()[..5].to_vec())).await), "id_used_for_another");
    assert_eq!(
        figure(&database, "SELECT count(*) FROM stock.transactions WHERE kind = 'adjustment'").await,
        3
    );
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn goods_that_moved_since_they_were_counted_are_counted_again() {
    let database = shop().await;
    let clerk = database.service("clerk");
    clerk.issue(issue("CUP-1", "1", "B2")).await.unwrap();
    let error = clerk.count_sheet(&sheet(new_id(), lines())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "CUP-1 at B2: 4 on hand when it was counted, 3 now; goods have moved, so count again"
    );
    assert_eq!(error.refusal().unwrap().rule(), "moved_since_counted");
    assert_eq!(
        figure(&database, "SELECT count(*) FROM stock.stock_counts").await,
        0,
        "nothing of it is kept"
    );
    // Without the quantity that was seen, the current one is used.
    let blind = lines().into_iter().map(|line| SheetFigure { seen: None, ..line }).collect();
    assert_eq!(clerk.count_sheet(&sheet(new_id(), blind)).await.unwrap().lines[2].expected, number("3"));
    let lot = sheet(new_id(), vec![counted("MILK-1", "B3", "SOON", "2", "1")]);
    assert!(clerk.count_sheet(&lot).await.unwrap_err().to_string().starts_with("MILK-1 lot SOON at B3: "));
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn an_invalid_sheet_is_refused() {
    let database = shop().await;
    let clerk = database.service("clerk");
    let refused = async |lines: Vec<SheetFigure>| rule(clerk.count_sheet(&sheet(new_id(), lines)).await);
    assert_eq!(refused(Vec::new()).await, "posting_form");
    assert_eq!(refused(vec![counted("CUP-1", "B1", "", "1", ""); 2]).await, "counted_twice");
    assert_eq!(refused(vec![counted("CUP-1", "B1", "", "1", ""); LINES_MAX + 1]).await, "posting_form");
    assert_eq!(refused(vec![counted("NO", "B1", "", "1", "")]).await, "unknown_product");
    assert_eq!(refused(vec![counted("CUP-1", "NO", "", "1", "")]).await, "unknown_location");
    assert_eq!(refused(vec![counted("MILK-1", "B1", "NO", "1", "")]).await, "unknown_lot");
    assert_eq!(refused(vec![counted("MILK-1", "B1", "", "1", "")]).await, "lot_required");
    assert_eq!(refused(vec![counted("CUP-1", "B1", "", "1.5", "")]).await, "quantity_decimals");
    assert_eq!(refused(vec![counted("CUP-1", "B1", "", "-1", "")]).await, "quantity_form");
    let mut at_the_end = sheet("01930000-0000-7000-bfff-ffffffffffff".parse().unwrap(), lines());
    assert_eq!(rule(clerk.count_sheet(&at_the_end).await), "posting_form");
    at_the_end.details = Details::default();
    assert_eq!(rule(database.service("auditor").count_sheet(&at_the_end).await), "not_allowed");
    // An id of a posting is none for a sheet.
    let id = new_id();
    clerk
        .receive(stockroom::service::Receipt { details: with_id(id), ..receipt("CUP-1", "1", "B1") })
        .await
        .unwrap();
    assert_eq!(
        rule(clerk.count_sheet(&sheet(id, vec![counted("CUP-1", "B1", "", "1", "")])).await),
        "id_used_for_another"
    );
    assert_eq!(figure(&database, "SELECT count(*) FROM stock.stock_counts").await, 0);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_sheet_is_retried_as_a_whole_after_a_conflict() {
    let database = shop().await;
    let clerk = database.service("clerk");
    // A posting that holds the level of the cups until the sheet waits for it.
    let mut rival = connect(&database.url("admin")).await;
    let transaction = rival
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::Serializable)
        .start()
        .await
        .unwrap();
    let id = new_id();
    transaction
        .execute(
            "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, from_location_id, quantity)
             SELECT $1, $2, $1, 'issue', p.product_id, l.location_id, 1 FROM stock.products p, stock.locations l
             WHERE p.sku = 'CUP-1' AND l.code = 'B1'",
            &[&id.uuid(), &id.occurred_at()],
        )
        .await
        .unwrap();
    let blind: Vec<_> = lines().into_iter().map(|line| SheetFigure { seen: None, ..line }).collect();
    let counting = tokio::spawn({
        let (clerk, sheet) = (clerk.clone(), sheet(new_id(), blind));
        async move { clerk.count_sheet(&sheet).await }
    });
    let watcher = connect(database.superuser_url()).await;
    until_waiting(&watcher, "clerk", 1).await;
    transaction.commit().await.unwrap();
    let done = counting.await.unwrap().unwrap();
    assert!(done.attempts > 1, "{done:?}");
    assert_eq!(done.lines[1].expected, number("2"), "what the rival left");
    assert_eq!(figure(&database, "SELECT count(*) FROM stock.stock_counts").await, 6);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn a_sheet_is_in_the_journal_before_it_is_sent() {
    let database = shop().await;
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let clerk = Service::new(database.store("clerk"), Some(journal));
    clerk.count_sheet(&sheet(new_id(), lines())).await.unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "struck out when it is known");
    // Where it cannot be written down, nothing is sent.
    std::fs::remove_dir(directory.path()).unwrap();
    clerk.count_sheet(&sheet(new_id(), lines())).await.unwrap_err();
    assert_eq!(figure(&database, "SELECT count(*) FROM stock.stock_counts").await, 6);
}
