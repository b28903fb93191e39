//! The audit pane: the live stream, a record beside its rows, a verification, and what it finds.

use stockroom::audit::collect::{Plan, Source};
use stockroom::audit::evidence::Evidence;

use super::leave;
use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::raw::connect;
use crate::support::screen::Screen;
use crate::support::server::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_watches_verifies_and_finds() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["W1"], &["A"]).await;
    let collecting = Collecting::of(&database).await;
    let state = collecting.place.path();
    let plan = Plan { source: Source::Sql, seal: Some(Evidence::at(state)) };
    let _follower = collecting.follow_plan(plan, &database);
    let clerk = database.service("clerk");
    let first = clerk.receive(receipt("W1", "10", "A")).await.unwrap().posting_id;

    let environment = [("STOCKROOM_STATE_DIR", state.to_str().unwrap())];
    let screen = Screen::start(&["--database-url", &database.url("auditor")], &environment, 130, 30);
    screen.wait_for("Product W1");
    screen.keys("<f9>").wait_for("✓ agrees");
    screen.wait_for("✓ Collector running");
    screen.wait_for("! Never verified here");

    // What others post comes in by itself, above what was there.
    clerk.receive(receipt("W1", "5", "A")).await.unwrap();
    screen.wait_until("both postings", |contents| contents.matches("✓ agrees").count() == 2);

    // The record of the first posting, found by its id, beside its row.
    screen.keys(&first.to_string()).keys("<enter>");
    screen.wait_until("one line", |contents| contents.matches("✓ agrees").count() == 1);
    screen.keys("<enter>").wait_for("Audit record");
    screen.wait_for("1 of 1: ✓ agrees");
    screen.keys("<esc>").wait_gone("Audit record");
    screen.keys("<esc>");

    screen.keys("<a-v>").wait_for("Only what is new");
    screen.keys("1").wait_for("Verification finished: no alarms. 2 movements");
    // "now" for a second only, which a busy machine can miss.
    screen.wait_until("the result in the line of indicators", |contents| {
        contents.contains("✓ Verified ") && contents.contains(": no alarms   ")
    });

    let superuser = connect(database.superuser_url()).await;
    superuser
        .batch_execute(&format!(
            "SET pgaudit.log = 'none';
             DO $$ DECLARE t regclass; BEGIN
                 FOR t IN SELECT relid FROM pg_partition_tree('stock.transactions') LOOP
                     EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', t);
                 END LOOP; END $$;
             UPDATE stock.transactions SET quantity = 4 WHERE id = '{first}'"
        ))
        .await
        .unwrap();
    screen.keys("<a-v>").wait_for("Everything from");
    screen.keys("2").wait_for("content differs");
    screen.wait_for("alarms, verified");
    screen.keys("<enter>").wait_for("Before      quantity 10");
    screen.wait_for("After       quantity 4");
    screen.keys("<enter>").wait_for("1 of 1: ✗ content differs");
    screen.keys("<esc>").wait_gone("Audit record");
    screen.keys("<esc>").wait_gone("Before      quantity");
    // It is accepted, and stays among the findings with its reason.
    screen.keys("<a-d>").wait_for("Accept this finding?");
    screen.keys("a pallet was counted twice<enter>").wait_for("The decision has been recorded.");
    screen.wait_for("1 accepted");
    screen.wait_for("▸ · accepted");
    screen.keys("<enter>").wait_for("Reason      a pallet was counted twice");
    screen.keys("<esc>").wait_gone("Reason");

    // Somebody tries to log in with a wrong password.
    let wrong = database.url("clerk").replace("tests@", "guesses@");
    assert!(tokio_postgres::connect(&wrong, tokio_postgres::NoTls).await.is_err());
    screen.keys("<s-tab><s-tab>").wait_for("password authentication failed");
    screen.wait_for("logged in");
    screen.keys("<tab>").wait_for("INSERT stock.transactions");
    screen.resize(60, 20);
    screen.wait_for("F9 Audit");
    leave(screen);
}
