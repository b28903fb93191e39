//! The verdicts that single collected entries show, on a real server.

use stockroom::audit::reconcile::Verdict;
use stockroom::audit::reconcile::line_status::{
    Inspection, LineStatus, RowState, Seen, inspect, line_status,
};
use stockroom::domain::{Anchor, EventFilter, MovementKind, Tracking};

use crate::support::audit::Collecting;
use crate::support::commands::{count, receipt};
use crate::support::database::{TestDatabase, line, posting, product};
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// A server whose log is being collected.
struct Scene {
    database: TestDatabase,
    _follower: crate::support::audit::Following,
    _collecting: Collecting,
    _server: TestServer,
}

impl Scene {
    async fn new() -> Self {
        let server = TestServer::own(&[]);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
        let collecting = Collecting::of(&database).await;
        let follower = collecting.follow(&database);
        Self { database, _follower: follower, _collecting: collecting, _server: server }
    }

    /// What the lines that hold a text show, the newest first.
    async fn seen(&self, text: &str, classes: &[&str]) -> Vec<Seen> {
        let store = self.database.store("auditor");
        let filter = EventFilter {
            text: Some(text.to_owned()),
            classes: classes.iter().map(|class| (*class).to_owned()).collect(),
            ..EventFilter::default()
        };
        let rows = store.audit_events(&filter).await.unwrap();
        line_status(&store, &rows).await.unwrap()
    }

    /// Waits until the newest line that holds a text shows what it should.
    async fn shows(&self, text: &str, classes: &[&str], expected: impl Fn(&LineStatus) -> bool) -> Seen {
        let found = std::cell::RefCell::new(None);
        until(&format!("the line with {text} is judged"), async || {
            let newest = self.seen(text, classes).await.into_iter().next();
            let fits = newest.as_ref().is_some_and(|seen| expected(&seen.line_status));
            *found.borrow_mut() = newest;
            fits
        })
        .await;
        found.into_inner().unwrap()
    }

    async fn inspect(&self, seen: &Seen) -> Inspection {
        inspect(&self.database.store("auditor"), seen.event.line_no).await.unwrap().unwrap()
    }
}

fn is(verdict: Verdict) -> impl Fn(&LineStatus) -> bool {
    move |line_status| matches!(line_status, LineStatus::Finding(finding) if finding.verdict == verdict)
}

const WRITE: &[&str] = &["WRITE"];

#[tokio::test]
async fn postings_show_whether_their_rows_agree() {
    let scene = Scene::new().await;
    let clerk = scene.database.service("clerk");
    let agrees = |line_status: &LineStatus| *line_status == LineStatus::Posted(RowState::Agrees);
    let lines = vec![line("A", "10", "", "X"), line("B", "4", "", "Y")];
    let several = posting(MovementKind::Receipt, lines);
    clerk.post(&several).await.unwrap();
    let id = several.id.uuid().to_string();
    let seen = scene.shows(&id, WRITE, agrees).await;
    assert_eq!((seen.event.login.as_deref(), seen.event.host.as_deref()), (Some("clerk"), Some("127.0.0.1")));

    // The record beside its rows, with names instead of keys.
    let shown = scene.inspect(&seen).await;
    assert_eq!(shown.rows.len(), 2);
    let (recorded, booked) = (shown.rows[1].recorded.clone().unwrap(), shown.rows[1].booked.clone().unwrap());
    assert_eq!(recorded, booked);
    assert_eq!(
        (booked.product.as_str(), booked.to.as_deref(), booked.posted_by.as_str()),
        ("B", Some("Y"), "clerk")
    );

    // A count, with the adjustment that it makes.
    let counted = clerk.count(count("A", "9", "X")).await.unwrap();
    let id = counted.posting_id.uuid().to_string();
    for place in 0..2 {
        until("count and adjustment agree", async || {
            let seen = scene.seen(&id, WRITE).await;
            seen.get(place).is_some_and(|seen| agrees(&seen.line_status))
        })
        .await;
    }
}

/// A receipt by a statement that is not Stockroom's; the value of `mark` tells its record from others.
fn insert(mark: u32) -> String {
    let id = stockroom::service::new_id().uuid();
    format!(
        "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
         SELECT '{id}', stock.uuid_time('{id}'), '{id}', 'receipt', p.product_id, l.location_id, {mark}
         FROM stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X'"
    )
}

#[tokio::test]
async fn statements_of_other_programs_are_told_apart() {
    let scene = Scene::new().await;
    let session = connect(&scene.database.url("clerk")).await;
    for (mark, end) in [(101, "ROLLBACK"), (102, "COMMIT")] {
        session
            .batch_execute(&format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {}", insert(mark)))
            .await
            .unwrap();
        let text = format!("location_id, {mark}");
        scene.shows(&text, WRITE, |line_status| *line_status == LineStatus::Posted(RowState::Open)).await;
        session.batch_execute(end).await.unwrap();
        if end == "ROLLBACK" {
            scene
                .shows(&text, WRITE, |line_status| *line_status == LineStatus::Posted(RowState::RolledBack))
                .await;
        } else {
            let seen = scene.shows(&text, WRITE, is(Verdict::ForeignWriter)).await;
            // The values stand in the statement, so what its transaction posted is shown instead.
            let shown = scene.inspect(&seen).await;
            assert_eq!((shown.rows.len(), &shown.rows[0].recorded, shown.rows[0].state), (1, &None, None));
            assert_eq!(shown.rows[0].booked.as_ref().unwrap().quantity, 102.into());
        }
    }
}

#[tokio::test]
async fn changed_and_removed_rows_are_shown() {
    let scene = Scene::new().await;
    let clerk = scene.database.service("clerk");
    let changed = clerk.receive(receipt("A", "10", "X")).await.unwrap().posting_id.uuid();
    let removed = clerk.receive(receipt("A", "11", "X")).await.unwrap().posting_id.uuid();
    let superuser = connect(scene.database.superuser_url()).await;
    for table in tables_of_the_ledger(&superuser).await {
        superuser
            .batch_execute(&format!("SET pgaudit.log = 'none'; ALTER TABLE {table} DISABLE TRIGGER ALL"))
            .await
            .unwrap();
    }
    superuser
        .batch_execute(&format!(
            "UPDATE stock.transactions SET quantity = 6 WHERE id = '{changed}';
             DELETE FROM stock.transactions WHERE id = '{removed}'"
        ))
        .await
        .unwrap();
    let posted = |state| move |line_status: &LineStatus| *line_status == LineStatus::Posted(state);
    let seen = scene.shows(&changed.to_string(), WRITE, posted(RowState::Differs)).await;
    let shown = scene.inspect(&seen).await;
    let quantity = |stated: &Option<stockroom::audit::reconcile::line_status::Stated>| {
        stated.as_ref().map(|stated| stated.quantity.to_string())
    };
    assert_eq!(
        (quantity(&shown.rows[0].recorded), quantity(&shown.rows[0].booked)),
        (Some("10".to_owned()), Some("6".to_owned()))
    );
    let seen = scene.shows(&removed.to_string(), WRITE, posted(RowState::Missing)).await;
    let shown = scene.inspect(&seen).await;
    assert_eq!((shown.rows[0].id, &shown.rows[0].booked), (removed, &None));
}

async fn tables_of_the_ledger(superuser: &tokio_postgres::Client) -> Vec<String> {
    let rows = superuser
        .query("SELECT relid::regclass::text FROM pg_partition_tree('stock.transactions')", &[])
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn entries_that_are_not_postings_get_their_verdicts() {
    let scene = Scene::new().await;
    let superuser = connect(scene.database.superuser_url()).await;
    scene.database.service("admin").add_product(product("C-77", Tracking::None)).await.unwrap();
    scene.shows("C-77", WRITE, |line_status| *line_status == LineStatus::Recorded).await;
    superuser.batch_execute("GRANT UPDATE ON stock.stock_levels TO clerk").await.unwrap();
    scene.shows("GRANT UPDATE ON stock.stock_levels", &["ROLE"], is(Verdict::ConfigurationChanged)).await;
    scene.shows("CREATE TABLE audit.lines_", &["DDL"], |line_status| *line_status == LineStatus::Own).await;
    superuser.batch_execute("SELECT no_such_column").await.unwrap_err();
    scene.shows("no_such_column", &[], |line_status| *line_status == LineStatus::Refused).await;
    superuser
        .batch_execute("DO $$ BEGIN RAISE LOG USING MESSAGE = 'AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.transactions,x77,<none>,1'; END $$")
        .await
        .unwrap();
    scene.shows("x77", &["FORGED"], is(Verdict::Forged)).await;
    let logins = EventFilter { logins_only: true, ..EventFilter::default() };
    let store = scene.database.store("auditor");
    let rows = store.audit_events(&logins).await.unwrap();
    let lines = line_status(&store, &rows).await.unwrap();
    assert!(
        !lines.is_empty() && lines.iter().all(|seen| seen.line_status == LineStatus::Message),
        "{lines:#?}"
    );

    // Pages: older ones, newer ones, the oldest, and a line that is not there.
    let page = async |filter: EventFilter| {
        let rows = store.audit_events(&EventFilter { limit: Some(3), ..filter }).await.unwrap();
        rows.iter().map(|row| row.line_no).collect::<Vec<_>>()
    };
    assert_eq!(page(EventFilter { anchor: Anchor::After(9), ..EventFilter::default() }).await, [8, 7, 6]);
    assert_eq!(page(EventFilter { anchor: Anchor::Before(5), ..EventFilter::default() }).await, [8, 7, 6]);
    assert_eq!(page(EventFilter { anchor: Anchor::End, ..EventFilter::default() }).await, [2, 1, 0]);
    assert_eq!(inspect(&store, 1 << 40).await.unwrap(), None);
    // A text is looked for as it was written, whatever JSON makes of it.
    superuser.batch_execute("SELECT 'he said \"no\"\t' || no_such").await.unwrap_err();
    scene.shows("said \"no\"\t'", &[], |line_status| *line_status == LineStatus::Refused).await;
}
