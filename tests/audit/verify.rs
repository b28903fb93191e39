//! Verification: ordinary work raises no alarm.

use stockroom::audit::reconcile::Verdict;
use stockroom::domain::{MovementKind, Tracking};

use crate::support::audit::Collecting;
use crate::support::commands::{count, issue, lot_receipt, receipt, reversal, sheet, transfer};
use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

#[tokio::test]
async fn ordinary_work_raises_no_alarm() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    let (admin, clerk) = (database.service("admin"), database.service("clerk"));
    admin.add_product(product("MILK", Tracking::Lot)).await.unwrap();
    let first = clerk.receive(receipt("A", "10", "X")).await.unwrap();
    clerk.receive(lot_receipt("MILK", "5", "X", "L1", "2099-01-01")).await.unwrap();
    clerk.transfer(transfer("A", "2", "X", "Y")).await.unwrap();
    clerk.issue(issue("A", "100", "X")).await.unwrap_err();
    clerk.count(count("A", "7", "X")).await.unwrap();
    clerk.count(count("A", "7", "X")).await.unwrap();
    // One line above the recorded quantity, one below, and one that agrees.
    clerk
        .count_sheet(&sheet(&[
            ("A", "7", "X", None),
            ("MILK", "4.000", "X", Some("L1")),
            ("B", "2", "X", None),
        ]))
        .await
        .unwrap();
    let lines = vec![line("A", "1", "X", ""), line("A", "2", "Y", "")];
    let several = posting(MovementKind::Issue, lines);
    admin.post(&several).await.unwrap();
    admin.reverse(reversal(several.id)).await.unwrap();
    clerk.post(&several).await.unwrap();
    let superuser = stockroom::service::Service::new(
        stockroom::store::Store::new(database.superuser_url().parse().unwrap(), 2).unwrap(),
        None,
    );
    superuser.receive(receipt("B", "1", "Y")).await.unwrap();

    // Those who are turned away, before and after the server knows who they are.
    for url in [
        database.url("clerk").replace(&database.name, "no_such_database"),
        database.url("clerk").replace("tests@", "guesses@"),
        database.url("nobody"),
    ] {
        assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err(), "{url}");
    }
    until("a checkpoint is signed", async || !collecting.signed().is_empty()).await;
    let report = collecting.verify(&database).await;
    assert_eq!(
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == stockroom::audit::reconcile::Severity::Alarm)
            .collect::<Vec<_>>(),
        Vec::<&_>::new()
    );
    assert_eq!((report.movements, report.matched, report.counts), (11, 11, 5));
    assert!(first.transactions.len() == 1 && report.checkpoints > 0);
}

#[tokio::test]
async fn a_removed_row_is_reported_with_its_poster_and_values() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let _follower = collecting.follow(&database);
    let id = database.service("clerk").receive(receipt("A", "10", "X")).await.unwrap().posting_id.uuid();
    until("the movement is sealed", async || {
        let ledger = stockroom::audit::seal::Tree::Ledger;
        collecting.signed().iter().any(|point| point.tree == ledger && point.size == 1)
    })
    .await;
    let superuser = connect(database.superuser_url()).await;
    superuser
        .batch_execute(&format!(
            "SET pgaudit.log = 'none';
             DO $$ DECLARE t regclass; BEGIN
                 FOR t IN SELECT relid FROM pg_partition_tree('stock.transactions') LOOP
                     EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', t);
                 END LOOP; END $$;
             DELETE FROM stock.transactions WHERE id = '{id}'"
        ))
        .await
        .unwrap();
    let report = collecting.verify(&database).await;
    let gone: Vec<_> = report.findings.iter().filter(|finding| finding.movement == Some(id)).collect();
    assert_eq!(gone.len(), 1, "{:#?}", report.findings);
    let finding = gone[0];
    assert_eq!((finding.verdict, finding.who.as_deref()), (Verdict::CommittedWithoutRow, Some("clerk")));
    assert!(finding.from.as_ref().unwrap().starts_with("127.0.0.1 (stockroom/"), "{finding:?}");
    assert!(finding.before.as_ref().unwrap().contains("quantity 10"), "{finding:?}");
    assert!(finding.statement.as_ref().unwrap().contains("INSERT INTO stock.transactions"), "{finding:?}");
    assert!(finding.line_no.is_some() && finding.when.is_some() && finding.session.is_some(), "{finding:?}");
    // What is known besides does not change what it is known by.
    let again = collecting.verify(&database).await;
    assert!(again.findings.iter().any(|other| other.id == finding.id), "{:#?}", again.findings);
}
