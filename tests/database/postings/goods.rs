//! Receipts, issues and transfers: packs, lots, serial numbers, decimals, what is out of use.

use rust_decimal::Decimal;
use stockroom::domain::{LINES_MAX, MovementKind, PackBarcode, PostingId, Status, Tracking};
use stockroom::service::{Issue, Transfer, new_id};

use super::figures;
use crate::support::commands::{issue, lot_receipt, receipt, rule, transfer, with_id};
use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::raw::{assert_books_balance, connect, number};

#[tokio::test]
async fn scans_find_codes_and_packs_and_report_what_is_unknown() {
    let database = TestDatabase::new().await.with_catalogue(&["PASTA"], &["X", "Y"]).await;
    let admin = database.service("admin");
    let pack = |barcode: &str, quantity: &str| PackBarcode {
        barcode: barcode.parse().unwrap(),
        pack_quantity: quantity.parse().unwrap(),
    };
    let sku = "PASTA".parse().unwrap();
    admin.store().add_barcode(&sku, &pack("8076809570787", "1")).await.unwrap();
    admin.store().add_barcode(&sku, &pack("18076809570784", "12")).await.unwrap();
    let taken = admin.store().add_barcode(&sku, &pack("8076809570787", "6")).await.unwrap_err();
    assert_eq!(taken.to_string(), "barcode 8076809570787 already belongs to a product");

    let clerk = database.service("clerk");
    assert_eq!(figures(&clerk.receive(receipt("pasta", "5", "x")).await.unwrap().levels), ["5"]);
    assert_eq!(figures(&clerk.receive(receipt("8076809570787", "2", "X")).await.unwrap().levels), ["7"]);
    let cases = clerk.receive(receipt("18076809570784", "3", "X")).await.unwrap();
    assert_eq!(cases.transactions[0].quantity.value(), Decimal::from(36));
    assert_eq!(figures(&cases.levels), ["43"]);
    let moved = clerk.transfer(transfer("18076809570784", "1", "X", "Y")).await.unwrap();
    assert_eq!(figures(&moved.levels), ["31", "12"]);

    assert_eq!(rule(clerk.receive(receipt("PASTO", "1", "X")).await), "unknown_product");
    assert_eq!(rule(clerk.receive(receipt("PASTA", "1", "Z")).await), "unknown_location");
    let mut of_nobody = receipt("PASTA", "1", "X");
    of_nobody.details.partner = Some("NOBODY".parse().unwrap());
    assert_eq!(rule(clerk.receive(of_nobody).await), "unknown_partner");
    assert_eq!(rule(clerk.transfer(transfer("PASTA", "1", "X", "X")).await), "posting_form");
    assert_eq!(rule(clerk.receive(lot_receipt("PASTA", "1", "X", "L1", "")).await), "unknown_lot");
    assert_eq!(rule(database.service("auditor").receive(receipt("PASTA", "1", "X")).await), "not_allowed");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 4);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn more_than_on_hand_is_refused_with_the_figures() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let words = async |command: Issue| clerk.issue(command).await.unwrap_err().to_string();
    assert_eq!(words(issue("A", "1", "X")).await, "A at X: have 0, need 1");
    clerk.receive(receipt("A", "7", "X")).await.unwrap();
    assert_eq!(words(issue("A", "8", "X")).await, "A at X: have 7, need 8");
    assert_eq!(words(issue("A", "1", "Y")).await, "A at Y: have 0, need 1");
    let error = clerk.transfer(transfer("A", "9", "X", "Y")).await.unwrap_err();
    assert_eq!(error.to_string(), "A at X: have 7, need 9");
    // Two lines of one posting count together.
    let two = posting(MovementKind::Issue, vec![line("A", "4", "X", ""), line("A", "4", "X", "")]);
    assert_eq!(clerk.post(&two).await.unwrap_err().to_string(), "A at X: have 7, need 8");
    assert_eq!(figures(&clerk.issue(issue("A", "7", "X")).await.unwrap().levels), ["0"]);
    // More than the ledger's columns hold.
    let largest = "99999999999.999";
    let admin = database.service("admin");
    let mut fine = product("FINE", Tracking::None);
    fine.decimals = 3;
    admin.add_product(fine).await.unwrap();
    clerk.receive(receipt("FINE", largest, "X")).await.unwrap();
    assert_eq!(rule(clerk.receive(receipt("FINE", "0.001", "X")).await), "figure_too_large");
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn lots_have_an_expiry_date_and_are_issued_in_its_order() {
    let database = TestDatabase::new().await.with_catalogue(&[], &["X", "Y"]).await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    let clerk = database.service("clerk");
    assert_eq!(rule(clerk.receive(receipt("MILK", "1", "X")).await), "lot_required");
    for (lot, quantity, expires) in [
        ("LATE", "5", "2099-12-31"),
        ("SOON", "3", "2099-01-31"),
        ("OPEN", "4", ""),
        ("OLD", "9", "2020-01-01"),
    ] {
        clerk.receive(lot_receipt("MILK", quantity, "X", lot, expires)).await.unwrap();
    }
    clerk.receive(lot_receipt("MILK", "1", "X", "SOON", "")).await.unwrap();
    clerk.receive(lot_receipt("MILK", "1", "X", "SOON", "2099-01-31")).await.unwrap();
    let contradiction = clerk.receive(lot_receipt("MILK", "1", "X", "SOON", "2099-02-01")).await.unwrap_err();
    assert_eq!(
        contradiction.to_string(),
        "the recorded expiry date of lot SOON of MILK is 2099-01-31, not 2099-02-01"
    );
    assert_eq!(
        rule(clerk.receive(lot_receipt("MILK", "1", "X", "OPEN", "2099-02-01")).await),
        "lot_expiry_differs"
    );

    let of_lot =
        |lot: &str, quantity: &str| Issue { lot: Some(lot.parse().unwrap()), ..issue("MILK", quantity, "X") };
    let expired = clerk.issue(of_lot("OLD", "1")).await.unwrap_err();
    assert_eq!(
        expired.to_string(),
        "lot OLD of MILK expired on 2020-01-01; write it off with a count of 0, or name a later lot"
    );
    assert_eq!(rule(clerk.issue(of_lot("NONE", "1")).await), "unknown_lot");
    assert_eq!(
        clerk.issue(of_lot("LATE", "6")).await.unwrap_err().to_string(),
        "MILK lot LATE at X: have 5, need 6"
    );
    clerk.issue(of_lot("LATE", "1")).await.unwrap();

    // SOON 5, LATE 4, OPEN 4; OLD does not count.
    let too_much = clerk.issue(issue("MILK", "14", "X")).await.unwrap_err();
    assert_eq!(too_much.to_string(), "MILK at X: have 13, need 14; 9 more have expired");
    let id = new_id();
    let command = Issue { details: with_id(id), ..issue("MILK", "7", "X") };
    let posted = clerk.issue(command.clone()).await.unwrap();
    let chosen: Vec<(String, String)> = posted
        .transactions
        .iter()
        .map(|line| (line.lot.as_ref().unwrap().to_string(), line.quantity.to_string()))
        .collect();
    assert_eq!(chosen, [("SOON".to_owned(), "5".to_owned()), ("LATE".to_owned(), "2".to_owned())]);
    // Chosen now, the lots would be others; sent again, it is the same posting.
    let again = clerk.issue(command.clone()).await.unwrap();
    assert_eq!((again.status, &again.transactions), (Status::AlreadyPosted, &posted.transactions));
    let other = Issue { number: "6".parse().unwrap(), ..command };
    assert_eq!(rule(clerk.issue(other).await), "id_used_for_another");
    let moved = Transfer { lot: Some("OLD".parse().unwrap()), ..transfer("MILK", "9", "X", "Y") };
    clerk.transfer(moved).await.unwrap();
    assert_eq!(figures(&clerk.issue(issue("MILK", "6", "X")).await.unwrap().levels), ["0", "0"]);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn an_issue_sent_again_after_its_lot_expired_is_still_the_same() {
    let database = TestDatabase::new().await.with_catalogue(&[], &["X"]).await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    let clerk = database.service("clerk");
    let received = lot_receipt("MILK", "5", "X", "L", "2099-01-31");
    let received = stockroom::service::Receipt { details: with_id(new_id()), ..received };
    clerk.receive(received.clone()).await.unwrap();
    let command =
        Issue { details: with_id(new_id()), lot: Some("L".parse().unwrap()), ..issue("MILK", "2", "X") };
    clerk.issue(command.clone()).await.unwrap();
    let admin = connect(&database.url("admin")).await;
    admin.execute("UPDATE stock.lots SET expires_on = date '2020-01-01'", &[]).await.unwrap();
    assert_eq!(clerk.issue(command.clone()).await.unwrap().status, Status::AlreadyPosted);
    assert_eq!(clerk.receive(received).await.unwrap().status, Status::AlreadyPosted);
    let anew = Issue { details: with_id(new_id()), ..command.clone() };
    assert_eq!(rule(clerk.issue(anew).await), "lot_expired");
    let resent: Vec<_> = {
        let mut of_lot = line("MILK", "2", "X", "");
        of_lot.lot = Some("L".parse().unwrap());
        let id: PostingId = command.details.id.unwrap();
        let same = crate::support::database::posting_with_id(id, MovementKind::Issue, vec![of_lot.clone()]);
        let new = posting(MovementKind::Issue, vec![of_lot]);
        clerk.post_batch(&[same, new]).await
    };
    assert!(matches!(resent[0], Ok(Status::AlreadyPosted)), "{resent:?}");
    assert_eq!(resent[1].as_ref().unwrap_err().refusal().unwrap().rule(), "lot_expired");
}

#[tokio::test]
async fn a_serial_number_is_in_stock_once() {
    let database = TestDatabase::new().await.with_catalogue(&["PLAIN"], &["X", "Y"]).await;
    database.service("admin").add_product(product("PUMP", Tracking::Serial)).await.unwrap();
    let clerk = database.service("clerk");
    clerk.receive(lot_receipt("PUMP", "1", "X", "SN-1", "")).await.unwrap();
    assert_eq!(rule(clerk.receive(lot_receipt("PUMP", "1", "Y", "SN-1", "")).await), "serial_is_unique");
    assert_eq!(rule(clerk.receive(lot_receipt("PUMP", "2", "X", "SN-2", "")).await), "serial_quantity_one");
    assert_eq!(rule(clerk.receive(receipt("PUMP", "1", "X")).await), "lot_required");
    assert_eq!(rule(clerk.issue(issue("PUMP", "1", "X")).await), "lot_required");
    let named = |from: &str| Issue { lot: Some("SN-1".parse().unwrap()), ..issue("PUMP", "1", from) };
    assert_eq!(rule(clerk.issue(named("Y")).await), "insufficient_stock");
    let moved = Transfer { lot: Some("SN-1".parse().unwrap()), ..transfer("PUMP", "1", "X", "Y") };
    clerk.transfer(moved).await.unwrap();
    clerk.issue(named("Y")).await.unwrap();
    // Sold, and come back.
    clerk.receive(lot_receipt("PUMP", "1", "X", "SN-1", "")).await.unwrap();
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn decimals_are_those_of_the_product() {
    let database = TestDatabase::new().await.with_catalogue(&["EACH"], &["X"]).await;
    let mut cheese = product("CHEESE", Tracking::None);
    (cheese.unit, cheese.decimals) = ("kg".parse().unwrap(), 2);
    database.service("admin").add_product(cheese).await.unwrap();
    let clerk = database.service("clerk");
    assert_eq!(figures(&clerk.receive(receipt("CHEESE", "1.10", "X")).await.unwrap().levels), ["1.1"]);
    assert_eq!(figures(&clerk.issue(issue("CHEESE", "0.35", "X")).await.unwrap().levels), ["0.75"]);
    let finer = clerk.receive(receipt("CHEESE", "0.005", "X")).await.unwrap_err();
    assert_eq!(finer.to_string(), "CHEESE is counted in kg with 2 decimal places; 0.005 has more.");
    assert_eq!(rule(clerk.receive(receipt("EACH", "0.5", "X")).await), "quantity_decimals");
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn archived_locations_take_no_more_goods() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X", "OLD"]).await;
    let clerk = database.service("clerk");
    clerk.receive(receipt("A", "5", "X")).await.unwrap();
    let admin = connect(&database.url("admin")).await;
    admin.execute("UPDATE stock.locations SET archived_at = now() WHERE code = 'OLD'", &[]).await.unwrap();
    assert_eq!(rule(clerk.receive(receipt("A", "1", "OLD")).await), "location_archived");
    assert_eq!(rule(clerk.transfer(transfer("A", "1", "X", "OLD")).await), "location_archived");
    admin.execute("UPDATE stock.products SET archived_at = now() WHERE sku = 'A'", &[]).await.unwrap();
    assert_eq!(rule(clerk.receive(receipt("A", "1", "X")).await), "product_archived");
    // Archived goods can be issued down to nothing.
    assert_eq!(figures(&clerk.issue(issue("A", "5", "X")).await.unwrap().levels), ["0"]);
    assert_books_balance(&database).await;
}

#[tokio::test]
async fn the_longest_posting_is_accepted_and_one_more_line_is_refused() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B", "C"], &["X", "Y"]).await;
    let clerk = database.service("clerk");
    let skus = ["A", "B", "C"];
    let mut lines: Vec<_> = (0..LINES_MAX).map(|number| line(skus[number % 3], "2", "", "X")).collect();
    let longest = posting(MovementKind::Receipt, lines.clone());
    let posted = clerk.post(&longest).await.unwrap();
    assert_eq!(
        (posted.transactions.len(), figures(&posted.levels)),
        (LINES_MAX, vec!["3334".to_owned(), "3334".to_owned(), "3332".to_owned()])
    );
    assert_eq!(clerk.post(&longest).await.unwrap().status, Status::AlreadyPosted);
    lines.push(line("A", "1", "", "X"));
    assert_eq!(rule(clerk.post(&posting(MovementKind::Receipt, lines)).await), "posting_form");
    assert_eq!(rule(clerk.post(&posting(MovementKind::Receipt, Vec::new())).await), "posting_form");
    let back = clerk.reverse(crate::support::commands::reversal(longest.id)).await.unwrap();
    assert_eq!((back.transactions.len(), figures(&back.levels)), (LINES_MAX, vec!["0".to_owned(); 3]));
    assert_books_balance(&database).await;
}
