//! What is reported about a posting whose connection was lost is true: it was posted once or not at all, and the answer
//! says which.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use stockroom::domain::{MovementKind, Posting, PostingId, PostingOutcome, Recovered, Status};
use stockroom::service::{Count, Journal, Service, new_id};
use stockroom::store::{self, Store};

use crate::support::commands::{count, receipt, with_id};
use crate::support::database::{TestDatabase, line, posting};
use crate::support::program::Program;
use crate::support::proxy::{At, Proxy, Then};
use crate::support::raw::{assert_books_balance, connect, number};
use crate::support::server::TestServer;
use crate::support::wait::until;

const FAULTS: [(At, Then); 8] = [
    (At::Insert, Then::Close),
    (At::Insert, Then::Silence),
    (At::Commit, Then::Close),
    (At::Commit, Then::Silence),
    (At::CommitSent, Then::Close),
    (At::CommitSent, Then::Silence),
    (At::CommitReply, Then::Close),
    (At::CommitReply, Then::Silence),
];

async fn behind_proxy(database: &TestDatabase) -> (Proxy, Service) {
    let proxy = Proxy::new(TestServer::shared().port()).await;
    let store = Store::new(proxy.url(&database.url("clerk")).parse().unwrap(), 4)
        .unwrap()
        .with_reply_timeout(Duration::from_millis(500));
    (proxy, Service::new(store, None))
}

fn two_lines() -> Posting {
    posting(MovementKind::Receipt, vec![line("A", "1", "", "X"), line("A", "2", "", "X")])
}

async fn rows_of(database: &TestDatabase, id: PostingId) -> i64 {
    number(database, &format!("SELECT count(*) FROM stock.transactions WHERE posting_id = '{id}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_survives_every_lost_connection() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let (proxy, clerk) = behind_proxy(&database).await;
    let mut sum = 0;
    for (at, then) in FAULTS {
        // Prepared statements and codes are known to the connection by now, or not.
        for warm in [false, true] {
            if warm {
                clerk.post(&two_lines()).await.unwrap();
                sum += 3;
            }
            let posting = two_lines();
            let before = (clerk.store().counts().lost, proxy.broken());
            proxy.break_at(at, then);
            let posted = clerk.post(&posting).await.unwrap();
            sum += 3;
            assert_eq!(posted.status, Status::Posted, "{at:?} {then:?}");
            assert_eq!(posted.levels[0].on_hand, sum.into(), "{at:?} {then:?}");
            assert_eq!(rows_of(&database, posting.id).await, 2, "{at:?} {then:?}");
            assert_eq!(
                (clerk.store().counts().lost, proxy.broken()),
                (before.0 + 1, before.1 + 1),
                "{at:?} {then:?}"
            );
            assert_eq!(clerk.post(&posting).await.unwrap().status, Status::AlreadyPosted);
        }
    }
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_still_a_refusal_after_a_lost_connection() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let (proxy, clerk) = behind_proxy(&database).await;
    for then in [Then::Close, Then::Silence] {
        proxy.break_at(At::CommitSent, then);
        let refused = clerk.issue(crate::support::commands::issue("A", "1", "X")).await.unwrap_err();
        assert_eq!(refused.to_string(), "A at X: have 0, need 1");
    }
    assert_eq!(proxy.broken(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_id_is_reported_as_already_posted_after_a_lost_connection() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let (proxy, clerk) = behind_proxy(&database).await;
    for (at, then) in FAULTS {
        let posting = two_lines();
        assert_eq!(clerk.post(&posting).await.unwrap().status, Status::Posted);
        // Which of two commands posted it is told from the time of the row, as exactly as the server answers fast.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let broken = proxy.broken();
        proxy.break_at(at, then);
        let again = clerk.post(&posting).await.unwrap();
        assert_eq!(again.status, Status::AlreadyPosted, "{at:?} {then:?}");
        proxy.break_at(at, then);
        let new = two_lines();
        let results = clerk.post_batch(&[posting, new]).await;
        let told: Vec<Status> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(told, [Status::AlreadyPosted, Status::Posted], "{at:?} {then:?}");
        assert!(proxy.broken() > broken, "{at:?} {then:?}");
    }
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_survives_every_lost_connection() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let (proxy, clerk) = behind_proxy(&database).await;
    for (round, (at, then)) in FAULTS.into_iter().enumerate() {
        let id = new_id();
        let found = Count { details: with_id(id), ..count("A", &(round + 1).to_string(), "X") };
        proxy.break_at(at, then);
        let counted = clerk.count(found).await.unwrap();
        assert_eq!((counted.status, counted.expected), (Status::Posted, round.into()), "{at:?} {then:?}");
        assert_eq!(counted.levels[0].on_hand, (round + 1).into());
        assert_eq!(rows_of(&database, id).await, 1, "{at:?} {then:?}");
    }
    assert_eq!(proxy.broken(), FAULTS.len());
    assert_eq!(number(&database, "SELECT count(*) FROM stock.stock_counts").await, FAULTS.len() as i64);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_every_lost_connection() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let (proxy, clerk) = behind_proxy(&database).await;
    clerk.post(&two_lines()).await.unwrap();
    for (at, then) in FAULTS {
        let group: Vec<Posting> = (0..5).map(|_| two_lines()).collect();
        proxy.break_at(at, then);
        let results = clerk.post_batch(&group).await;
        assert!(
            results.iter().all(|result| matches!(result, Ok(Status::Posted))),
            "{at:?} {then:?} {results:?}"
        );
        for posting in &group {
            assert_eq!(rows_of(&database, posting.id).await, 2, "{at:?} {then:?}");
        }
    }
    assert_eq!(proxy.broken(), FAULTS.len());
    assert_books_balance(&database).await;
}

/// What the journal holds. A test beside this one may just be starting a program, whose process holds the locks of
/// our entries until it has become that program; an entry that is locked is taken for one that is still at work.
async fn recovered(service: &Service) -> Vec<Recovered> {
    let mut found = Vec::new();
    until("the entry of the journal is found", async || {
        found = service.recover().await.unwrap();
        !found.is_empty()
    })
    .await;
    found
}

/// Where there is no way to ask, the outcome is unknown, the journal keeps it, and it is found out later.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stays_unavailable_leaves_the_outcome_unknown() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let proxy = Proxy::new(TestServer::shared().port()).await;
    let state = tempfile::tempdir().unwrap();
    let store = Store::new(proxy.url(&database.url("clerk")).parse().unwrap(), 4)
        .unwrap()
        .with_settle_max(Duration::from_millis(300));
    let clerk = Service::new(store, Some(Journal::open(state.path()).unwrap()));
    let entries = || std::fs::read_dir(state.path()).unwrap().count();
    let unknown = |error: &store::Error| matches!(error, store::Error::OutcomeUnknown { .. });
    for (at, outcome) in [(At::Commit, PostingOutcome::NotPosted), (At::CommitReply, PostingOutcome::Posted)]
    {
        let posting = two_lines();
        proxy.break_and_stay_away(at);
        let error = clerk.post(&posting).await.unwrap_err();
        assert!(error.outcome_unknown(), "{error:?}");
        assert!(error.to_string().contains(&posting.id.to_string()), "{error}");
        assert_eq!(entries(), 1);
        // Not posted is what it says while nothing can be sent, and that leaves no entry.
        assert!(matches!(
            clerk.post(&two_lines()).await,
            Err(stockroom::service::Error::Store(store::Error::Unavailable { .. }))
        ));
        assert_eq!(recovered(&clerk).await[0].outcome, PostingOutcome::Unknown);
        assert_eq!(entries(), 1);
        proxy.come_back();
        let found = recovered(&clerk).await;
        assert_eq!((found.len(), found[0].id, found[0].outcome), (1, posting.id, outcome));
        assert_eq!(entries(), 0);
        assert_eq!(
            rows_of(&database, posting.id).await,
            if outcome == PostingOutcome::Posted { 2 } else { 0 }
        );

        // A count alike, and every posting of a group.
        proxy.break_and_stay_away(at);
        let counted = clerk.count(count("A", "9", "X")).await.unwrap_err();
        assert!(counted.outcome_unknown(), "{counted:?}");
        proxy.come_back();
        assert_eq!(recovered(&clerk).await[0].outcome, outcome);
        proxy.break_and_stay_away(at);
        let group = [two_lines(), two_lines()];
        for result in clerk.store().post_batch(&group).await {
            assert!(unknown(result.as_ref().unwrap_err()), "{result:?}");
        }
        proxy.come_back();
        clerk.receive(receipt("A", "1", "X")).await.unwrap();
    }
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_exits_with_5_and_the_next_run_finds_out() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let proxy = Proxy::new(TestServer::shared().port()).await;
    let program = Arc::new(Program::new(&proxy.url(&database.url("clerk"))));
    proxy.break_and_stay_away(At::CommitReply);
    let run = async |arguments: &'static [&str]| {
        let program = Arc::clone(&program);
        tokio::task::spawn_blocking(move || program.run(arguments)).await.unwrap()
    };
    let first = run(&["receive", "A", "4", "--to", "X", "--json"]).await;
    assert_eq!(first.code, 5, "{first:?}");
    assert_eq!(first.document()["status"], "outcome_unknown");
    assert!(first.stderr.contains("it is not known whether posting"), "{first:?}");
    assert_eq!(program.journal_entries().len(), 1);
    proxy.come_back();
    let second = run(&["receive", "A", "1", "--to", "X", "--json"]).await;
    assert_eq!(second.code, 0, "{second:?}");
    assert!(second.stderr.contains("a receipt of 4 A from outside to X"), "{second:?}");
    assert!(second.stderr.contains("was interrupted: it was posted"), "{second:?}");
    assert_eq!(second.document()["levels"][0]["on_hand"], "5");
    assert!(program.journal_entries().is_empty());
}

/// What came of one posting while the server was being killed.
#[derive(Debug)]
enum Answer {
    Posted,
    Unknown,
    NotPosted,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_what_it_acknowledged() {
    let mut server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X"]).await;
    let proxy = Proxy::new(server.port()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let posters: Vec<_> = (0..4)
        .map(|number| {
            let url = proxy.url(&database.url("clerk"));
            let stop = Arc::clone(&stop);
            tokio::spawn(async move {
                let clerk = Service::new(Store::new(url.parse().unwrap(), 2).unwrap(), None);
                let mut answers = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    let sku = if number % 2 == 0 { "A" } else { "B" };
                    let one = posting(MovementKind::Receipt, vec![line(sku, "1", "", "X")]);
                    let answer = match clerk.post(&one).await {
                        Ok(_) => Answer::Posted,
                        Err(error) if error.outcome_unknown() => Answer::Unknown,
                        Err(_) => Answer::NotPosted,
                    };
                    answers.push((one.id, answer));
                }
                answers
            })
        })
        .collect();
    for _ in 0..2 {
        let watcher = connect(&proxy.url(database.superuser_url())).await;
        let posted = async || -> i64 {
            watcher.query_one("SELECT count(*) FROM stock.transactions", &[]).await.unwrap().get(0)
        };
        let before = posted().await;
        until("postings are under way", async || posted().await > before + 20).await;
        server.kill_postmaster().unwrap();
        server = tokio::task::spawn_blocking(move || {
            server.restart().unwrap();
            server
        })
        .await
        .unwrap();
        proxy.lead_to(server.port());
    }
    let watcher = connect(&proxy.url(database.superuser_url())).await;
    let ledger = async || -> i64 {
        watcher.query_one("SELECT count(*) FROM stock.transactions", &[]).await.unwrap().get(0)
    };
    let before = ledger().await;
    until("postings go on after the last restart", async || ledger().await > before + 20).await;
    stop.store(true, Ordering::SeqCst);
    let mut answers = Vec::new();
    for poster in posters {
        answers.extend(poster.await.unwrap());
    }
    let rows = watcher.query("SELECT posting_id FROM stock.transactions", &[]).await.unwrap();
    let mut in_ledger = HashMap::new();
    for row in &rows {
        *in_ledger.entry(row.get::<_, uuid::Uuid>(0)).or_insert(0) += 1;
    }
    for (id, answer) in answers {
        let rows = in_ledger.remove(&id.uuid()).unwrap_or(0);
        match answer {
            Answer::Posted => assert_eq!(rows, 1, "{id} was acknowledged"),
            Answer::NotPosted => assert_eq!(rows, 0, "{id} was said not to be posted"),
            Answer::Unknown => assert!(rows <= 1, "{id}"),
        }
    }
    assert!(in_ledger.is_empty(), "nothing else is in the ledger");
    let known = i64::try_from(rows.len()).unwrap();
    let sum: i64 =
        watcher.query_one("SELECT sum(on_hand)::bigint FROM stock.stock_levels", &[]).await.unwrap().get(0);
    assert_eq!(sum, known);
}
