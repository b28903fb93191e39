//! The worker against a real server: questions that supersede each other, scans that are all answered, writes in order,
//! and a lost connection.

use std::sync::Arc;
use std::time::Duration;

use stockroom::domain::{Basket, BasketLine, Details, MovementKind, Scanned, StockSelection};
use stockroom::service::new_id;
use stockroom::worker::Worker;
use stockroom::worker::message::{AuditReport, Failure, Login, Order, Report, Write, Written};
use stockroom::worker::query::{self, Answer, Question, Ticket};
use tempfile::TempDir;

use crate::support::database::TestDatabase;
use crate::support::raw::{assert_books_balance, connect, until_waiting};
use crate::support::server::TestServer;
use crate::support::wait::until;

/// The most that a report may take; only a broken test waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A worker that has logged in.
struct Bench {
    worker: Worker,
    _state: TempDir,
}

impl Bench {
    async fn new(database: &TestDatabase, login: &str) -> Self {
        let state = TempDir::new().unwrap();
        let settings = Arc::new(|login: &Login| login.url.parse());
        let keep = Arc::new(|_: &Login| Err("nothing is kept in tests".to_owned()));
        let mut bench = Self { worker: Worker::start(settings, keep, state.path(), None), _state: state };
        bench
            .send(Order::Connect(Login { url: database.url(login), user: None, password: None, keep: false }))
            .await;
        match bench.next().await {
            Report::Connected(Ok(facts)) => assert_eq!(facts.login, login),
            other => panic!("{other:?}"),
        }
        bench
    }

    async fn send(&self, order: Order) {
        self.worker.orders.send(order).await.unwrap();
    }

    async fn ask(&self, number: u64, question: impl Into<Question>) {
        let question = question.into();
        self.send(Order::Ask(Ticket { query_key: question.key(), number }, question)).await;
    }

    /// The next report that is not about other people's changes.
    async fn next(&mut self) -> Report {
        loop {
            let report = tokio::time::timeout(PATIENCE, self.worker.reports.recv()).await.unwrap().unwrap();
            if !matches!(report, Report::Changed) {
                return report;
            }
        }
    }

    async fn answer(&mut self) -> (u64, Result<Answer, Failure>) {
        match self.next().await {
            Report::Answered(ticket, answer) => (ticket.number, answer),
            other => panic!("{other:?}"),
        }
    }
}

fn search(text: &str) -> query::Search {
    query::Search { text: text.to_owned(), selection: StockSelection::default(), limit: 10 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_query_is_cancelled_and_not_answered() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["A"]).await;
    let mut bench = Bench::new(&database, "clerk").await;
    let blocker = connect(database.superuser_url()).await;
    blocker.batch_execute("BEGIN; LOCK TABLE stock.products IN ACCESS EXCLUSIVE MODE").await.unwrap();
    bench.ask(1, search("W1")).await;
    let watcher = connect(database.superuser_url()).await;
    until_waiting(&watcher, "clerk", 1).await;
    let waiting = async || -> Vec<i32> {
        let rows = watcher
            .query(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'clerk' AND datname = current_database() AND wait_event_type = 'Lock'",
                &[],
            )
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let first = waiting().await;
    // Only the last of these will ever be asked, and it waits for the lock in its turn, in another
    // session: one whose question was called off is not used again.
    for number in 2..=50 {
        bench.ask(number, search("W2")).await;
    }
    until("the first question is cancelled and the last one runs", async || {
        let now = waiting().await;
        now.len() == 1 && now != first
    })
    .await;
    blocker.batch_execute("COMMIT").await.unwrap();
    let (number, answer) = bench.answer().await;
    assert_eq!(number, 50, "{answer:?}");
    match answer.unwrap() {
        Answer::Search(found) => assert_eq!(found[0].row.sku, "W2"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scan_is_answered_in_order() {
    let database = TestDatabase::new().await.with_catalogue(&["W1", "W2"], &["A"]).await;
    let mut bench = Bench::new(&database, "clerk").await;
    let codes = ["W1", "A", "W2", "nonsense"];
    for number in 0..200_u64 {
        let code = codes[usize::try_from(number).unwrap() % codes.len()];
        bench.ask(number, query::Scan { text: code.to_owned() }).await;
    }
    for expected in 0..200_u64 {
        let (number, answer) = bench.answer().await;
        assert_eq!(number, expected);
        let Ok(Answer::Scan(scanned)) = answer else { panic!("{answer:?}") };
        let fits = match (expected % 4, *scanned) {
            (0, Scanned::Product { row, .. }) => row.sku == "W1",
            (1, Scanned::Location { code, .. }) => code.as_str() == "A",
            (2, Scanned::Product { row, .. }) => row.sku == "W2",
            (3, Scanned::Nothing) => true,
            _ => false,
        };
        assert!(fits, "scan {expected}");
    }
}

fn receipt(sku: &str, quantity: &str) -> Basket {
    Basket {
        kind: MovementKind::Receipt,
        from: None,
        to: Some("A".parse().unwrap()),
        lines: vec![BasketLine {
            sku: sku.parse().unwrap(),
            quantity: quantity.parse().unwrap(),
            lot: None,
            expires: None,
            unit_price: None,
            order_line: None,
        }],
        details: Details::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_carried_out_in_order_and_once() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let mut bench = Bench::new(&database, "clerk").await;
    let id = new_id();
    let mut first = receipt("W1", "5");
    first.details.id = Some(id);
    let mut issue = receipt("W1", "7");
    issue.kind = MovementKind::Issue;
    (issue.from, issue.to) = (issue.to, None);
    for basket in [first.clone(), issue, first] {
        bench
            .send(Order::Write(basket.details.id.unwrap_or_else(new_id), Box::new(Write::Basket(basket))))
            .await;
    }
    let mut outcomes = Vec::new();
    while outcomes.len() < 3 {
        match bench.next().await {
            Report::Written(_, outcome) => outcomes.push(outcome),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(&outcomes[0], Ok(Written::Posted(posted)) if posted.posting_id == id));
    assert!(matches!(&outcomes[1], Err(Failure::Refused(_))), "{:?}", outcomes[1]);
    assert!(
        matches!(&outcomes[2], Ok(Written::Posted(posted)) if posted.status == stockroom::domain::Status::AlreadyPosted)
    );
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_survives_a_lost_connection() {
    let mut server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["W1"], &["A"]).await;
    let mut bench = Bench::new(&database, "clerk").await;
    server.kill_postmaster().unwrap();
    // The process that serves the session may still answer before it notices that the postmaster is gone.
    let mut asked = 1;
    loop {
        bench.ask(asked, search("W1")).await;
        match bench.next().await {
            Report::Lost { attempts: 1, .. } => break,
            Report::Answered(..) => asked += 1,
            other => panic!("{other:?}"),
        }
    }
    let server = tokio::task::spawn_blocking(move || {
        server.restart().unwrap();
        server
    })
    .await
    .unwrap();
    loop {
        match bench.next().await {
            Report::Lost { .. } => {}
            Report::Restored => break,
            other => panic!("{other:?}"),
        }
    }
    let (number, answer) = bench.answer().await;
    assert!(number == asked && matches!(answer, Ok(Answer::Search(found)) if found.len() == 1));
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_can_be_stopped_and_another_one_started() {
    let database = TestDatabase::new().await.with_catalogue(&["W1"], &["A"]).await;
    let mut bench = Bench::new(&database, "auditor").await;
    // Nobody collects, so it would wait for half a minute.
    for full in [false, true] {
        bench.send(Order::Verify { full }).await;
        bench.ask(1, query::Standing {}).await;
        match bench.answer().await {
            (1, Ok(Answer::Standing(standing))) => assert!(!standing.health.collector_present),
            other => panic!("{other:?}"),
        }
        bench.send(Order::StopVerifying).await;
        match bench.next().await {
            Report::Audit(AuditReport::Verified(None)) => {}
            other => panic!("{other:?}"),
        }
    }
    // Its connections are given back or closed; questions go on.
    bench.ask(2, query::Estimate {}).await;
    assert!(matches!(bench.answer().await, (2, Ok(Answer::Estimate(_)))));
}
