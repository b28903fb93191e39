//! The master data, maintained by an admin at the terminal.

use super::leave;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::{assert_books_balance, number};
use crate::support::screen::Screen;
use crate::support::wait::until;

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_keeps_the_master_data_without_the_command_line() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A", "B"]).await;
    let screen = Screen::start(&["--database-url", &database.url("admin")], &[], 110, 30);
    screen.wait_for("Product W1");
    // A product with a barcode; then what was forgotten.
    screen.keys("<a-0>").wait_for("Locations  Lots");
    screen.wait_for("W1");
    screen
        .keys("<a-n>mug<tab>Mug<tab><tab><tab><tab>Kitchen<tab>12<tab>1.30<tab><tab>5012345678900*6<enter>");
    screen.wait_for("mug saved");
    screen.keys("MUG");
    screen
        .wait_until("only the mug", |contents| contents.contains("1.3 ") && !contents.contains("Product W1"));
    screen.keys("<enter>").wait_for("Change MUG");
    screen.keys("White mug<enter>").wait_for("MUG saved");
    screen.keys("<a-h>").wait_for("History of MUG");
    screen
        .wait_until("both versions", |contents| contents.contains("White mug") && contents.contains("+ SKU"));
    screen.keys("<esc>");
    // The code is taken: the form says so and keeps what was typed.
    screen.keys("<a-n>MUG<tab>Another<enter>");
    screen.wait_until("the refusal", |contents| contents.contains("✗") && contents.contains("Another"));
    screen.keys("<esc>");
    screen.keys("<a-x>").wait_for("Archive MUG?");
    screen.keys("1").wait_for("MUG archived");
    // A location within another, and a login.
    screen.keys("<tab>").wait_for("Part of");
    screen.keys("<a-n>a-01<tab>Shelf one<tab><right><tab>B<enter>").wait_for("a-01 saved");
    screen.keys("<tab><tab><tab>").wait_for("Role");
    screen.keys("<a-n>u18<tab><tab>long enough<enter>").wait_for("u18 saved");

    let program = Program::new(&database.url("admin"));
    let mug = program.run(&["product", "show", "MUG", "--json"]).document();
    assert_eq!((&mug["name"], &mug["barcodes"][0]["pack_quantity"]), (&"White mug".into(), &"6".into()));
    assert!(!mug["archived_at"].is_null(), "{mug}");
    let locations = program.run(&["location", "list", "--json"]).stdout;
    let shelf = locations.lines().find(|line| line.contains("A-01")).unwrap();
    assert!(shelf.contains("\"shelf\"") && shelf.contains("\"B\""), "{shelf}");
    let people = program.run(&["user", "list", "--json"]).stdout;
    assert!(people.contains("u18"), "{people}");

    // The new clerk can log in, until the login is disabled.
    let url = database.url("clerk").replacen("clerk:", "u18:", 1);
    let (before, after) = url.split_once("u18:").unwrap();
    let url = format!("{before}u18:long%20enough@{}", after.split_once('@').unwrap().1);
    let clerk = Program::new(&url);
    assert_eq!(clerk.run(&["stock", "--json"]).code, 0);
    screen.keys("u18");
    screen.wait_until("only the new login", |contents| {
        contents.contains("u18") && !contents.contains("auditor")
    });
    // The message of the addition says the same, so the database is asked.
    screen.keys("<enter>newer password<enter>");
    until("the former password is refused", async || clerk.run(&["stock", "--json"]).code == 4).await;
    let clerk = Program::new(&url.replace("long%20enough", "newer%20password"));
    assert_eq!(clerk.run(&["stock", "--json"]).code, 0);
    screen.keys("<a-x>").wait_for("Disable u18");
    screen.keys("1").wait_for("u18 disabled");
    assert_eq!(clerk.run(&["stock", "--json"]).code, 4);
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_adds_a_new_clerk_uses_at_once() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let screen = Screen::start(&["--database-url", &database.url("admin")], &[], 110, 30);
    screen.wait_for("Product W1");
    screen.keys("<a-0>").wait_for("Locations  Lots");
    screen
        .keys("<a-n>mug<tab>Mug<tab><tab><tab><tab>Kitchen<tab>12<tab>1.30<tab><tab>5012345678900*6<enter>");
    screen.wait_for("mug saved");
    screen.keys("<tab>").wait_for("Part of");
    screen.keys("<a-n>shelf-1<tab>Shelf one<enter>").wait_for("shelf-1 saved");
    screen.keys("<tab><tab><tab>").wait_for("Role");
    screen.keys("<a-n>u19<tab><tab>long enough<enter>").wait_for("u19 saved");
    leave(screen);

    // The clerk types the login and the password, scans what was added, and posts.
    let url = database.url("clerk");
    let (_, server) = url.split_once('@').unwrap();
    let screen = Screen::start(&["--database-url", &format!("postgres://u19@{server}")], &[], 100, 30);
    screen.wait_for("Log in");
    screen.keys("long enough<enter>").wait_for("Mug");
    screen.keys("<f3>SHELF-1<enter>5012345678900<enter>").wait_for("1 line, 6 units");
    screen.keys("<f12>").wait_for("into SHELF-1?");
    screen.keys("<enter>").wait_for("Received 1 line");
    screen.keys("<f4>SHELF-1<enter>MUG<enter>").wait_for("1 line, 1 unit");
    screen.keys("<f12>").wait_for("from SHELF-1?");
    screen.keys("<enter>").wait_for("SHELF-1 now has 5");
    leave(screen);
    let posted = "SELECT count(*) FROM stock.transactions WHERE posted_by = 'u19'";
    assert_eq!(number(&database, posted).await, 2);
    assert_books_balance(&database).await;
}
