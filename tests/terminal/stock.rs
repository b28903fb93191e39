//! The stock screen in a real terminal.

use stockroom::domain::{MovementKind, Product, Tracking};

use super::leave;
use crate::support::commands::lot_receipt;
use crate::support::database::{TestDatabase, line, posting};
use crate::support::screen::Screen;

#[tokio::test(flavor = "multi_thread")]
async fn a_search_by_location_shows_what_the_bin_holds() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["BIN-1", "BIN-2"]).await;
    let lines = vec![line("W1", "22", "", "BIN-1"), line("W1", "36", "", "BIN-2")];
    database.service("admin").post(&posting(MovementKind::Receipt, lines)).await.unwrap();
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    screen.keys("bin-1").wait_for("at BIN-1, total 58");
    let contents = screen.contents();
    let row = contents.lines().find(|line| line.contains("Product W1 · at BIN-1")).unwrap();
    assert!(row.contains(" 22 of 58 "), "{contents}");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sku_is_copied_and_pasted_rows_become_lines() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["BIN-1"]).await;
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    screen.keys("<c-y>").wait_for("Copied: W1");
    screen.keys("<f3>BIN-1<enter>").wait_for("✓");
    screen.paste("W1\t24\nNIX\t2\n").wait_for("2 lines, 24 units");
    screen.wait_for("✗ 1 line");
    // The one that nobody knows is taken out, the other one is posted.
    screen.keys("<end><del>").wait_for("1 line, 24 units");
    screen.keys("<f12>").wait_for("into BIN-1?");
    screen.keys("<enter>").wait_for("Received 1 line");
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_on_the_screen_is_exported_with_its_filter() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["BIN-1"]).await;
    let lines = vec![line("W1", "22", "", "BIN-1"), line("W2", "3", "", "BIN-1")];
    database.service("admin").post(&posting(MovementKind::Receipt, lines)).await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str| place.path().join(name);
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    let export = |name: &str, said: &str| {
        screen.keys("<a-w>").wait_for("Export this list");
        screen.paste(file(name).to_str().unwrap()).keys("<enter>").wait_for(said);
        std::fs::read_to_string(file(name)).unwrap()
    };
    let stock = export("stock.csv", "2 rows written to");
    assert!(stock.starts_with("sku,name,") && stock.contains("\nW1,Product W1,"), "{stock}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file("stock.csv").metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    screen.keys("<f7>").wait_for("receipt");
    screen.keys("W2<enter>").wait_for("[item W2");
    screen.wait_until("one movement", |contents| contents.matches("receipt").count() == 1);
    let ledger = export("ledger.csv", "1 row written to");
    assert!(ledger.lines().count() == 2 && ledger.contains(",receipt,W2,"), "{ledger}");
    // A file that is there stays as it is.
    screen.keys("<a-w>").wait_for("Export this list");
    screen.paste(file("stock.csv").to_str().unwrap()).keys("<enter>").wait_for("The list was not exported");
    assert_eq!(std::fs::read_to_string(file("stock.csv")).unwrap(), stock);
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn lots_and_serial_numbers_are_chosen_and_scanned() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A", "B"]).await;
    let admin = database.service("admin");
    for (sku, tracking) in [("TEA", Tracking::Lot), ("DRILL", Tracking::Serial)] {
        let product = Product::plain(sku.parse().unwrap(), sku.parse().unwrap()).unwrap();
        admin.add_product(Product { tracking, ..product }).await.unwrap();
    }
    for (sku, quantity, place, lot) in [
        ("TEA", "5", "A", "L-7"),
        ("TEA", "4", "A", "L-8"),
        ("DRILL", "1", "A", "SN1"),
        ("DRILL", "1", "B", "SN3"),
    ] {
        admin.receive(lot_receipt(sku, quantity, place, lot, "")).await.unwrap();
    }
    let screen = Screen::start(&["--database-url", &database.url("clerk")], &[], 100, 30);
    screen.wait_for("Product W1");
    // A scanned serial number brings its product; one that is elsewhere says where.
    screen.keys("<f4>A<enter>SN1<enter>").wait_for("1 line, 1 unit");
    screen.keys("SN3<enter>").wait_for("SN3 of DRILL is at B, not at A");
    screen.keys("<del>");
    // The lots that are there, chosen with the arrows.
    screen.keys("TEA<enter>").wait_for("TEA");
    screen.keys("<a-q><tab>").wait_for("L-8  4 on hand");
    screen.keys("<down><down><enter>").wait_for("2 lines, 2 units");
    screen.keys("<f12>").wait_for("serial numbers SN1");
    screen.wait_for("lot L-8");
    screen.keys("<enter>").wait_for("Issued 2 lines");
    leave(screen);
}
