//! The catalogue of tampering: each case is done for real on a server of its own, and the verification must
//! give the right verdict and flag nothing else. The table of the cases and their results is printed into
//! docs/audit.md when UPDATE_DOCS is set, and held against it otherwise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]

mod support;

use std::collections::BTreeSet;

use stockroom::audit::reconcile::{Report, Verdict, Weight};
use stockroom::service::Service;
use support::audit::{Collecting, Following};
use support::commands::{count, issue, receipt, reversal};
use support::database::TestDatabase;
use support::raw::{connect, until};
use support::server::TestServer;
use tokio_postgres::Client;

/// A site with a little business behind it, all of it collected, sealed and found to be right.
struct Scene {
    collecting: Collecting,
    follower: Option<Following>,
    clerk: Service,
    superuser: Client,
    database: TestDatabase,
    server: TestServer,
}

impl Scene {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let server = TestServer::own(settings);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
        let collecting = Collecting::of(&database).await;
        let clerk = database.service("clerk");
        for _ in 0..5 {
            clerk.receive(receipt("A", "10", "X")).await.unwrap();
        }
        let wrong = clerk.issue(issue("A", "3", "X")).await.unwrap();
        clerk.reverse(reversal(wrong.posting_id)).await.unwrap();
        clerk.count(count("A", "49", "X")).await.unwrap();
        let follower = collecting.follow(&database);
        let superuser = connect(database.superuser_url()).await;
        let mut scene = Self { collecting, follower: Some(follower), clerk, superuser, database, server };
        scene.sealed().await;
        let report = scene.verify().await;
        assert_eq!(alarms(&report), [], "before anything was done: {:#?}", report.findings);
        scene
    }

    /// Waits until all that was posted is sealed and signed.
    async fn sealed(&mut self) {
        let session = connect(self.database.superuser_url()).await;
        let posted: i64 =
            session.query_one("SELECT count(*) FROM stock.transactions", &[]).await.unwrap().get(0);
        let posted = posted.unsigned_abs();
        until("the ledger is sealed", async || {
            self.collecting
                .signed()
                .iter()
                .any(|point| point.tree == stockroom::audit::seal::Tree::Ledger && point.size >= posted)
        })
        .await;
    }

    async fn run(&self, sql: &str) {
        self.superuser.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Makes the session of the superuser end, as it would after its deed.
    async fn leave(&mut self) {
        self.superuser = connect(self.database.superuser_url()).await;
    }

    async fn verify(&mut self) -> Report {
        self.collecting.verify(&self.database).await
    }

    /// Verifies, and demands these verdicts and no others.
    async fn demand(mut self, case: &str, wanted: &[Verdict]) -> Report {
        self.leave().await;
        let report = self.verify().await;
        let wanted: BTreeSet<Verdict> = wanted.iter().copied().collect();
        let found: BTreeSet<Verdict> = alarms(&report).into_iter().collect();
        assert_eq!(found, wanted, "{case}: {:#?}", report.findings);
        report
    }
}

fn alarms(report: &Report) -> Vec<Verdict> {
    report
        .findings
        .iter()
        .filter(|finding| finding.weight == Weight::Alarm)
        .map(|finding| finding.verdict)
        .collect()
}

/// Switches the guards off and the recording too, as a superuser can without leaving a line.
const UNSEEN: &str = "SET pgaudit.log = 'none'; SET session_replication_role = 'replica'; SET default_transaction_isolation = 'read committed'";
const GUARDS_OFF: &str = "ALTER TABLE stock.transactions DISABLE TRIGGER ALL; ALTER TABLE stock.transactions_default DISABLE TRIGGER ALL";

/// Disables the triggers of the ledger and all of its partitions without leaving a line, and later enables
/// them again as they were.
async fn unguarded(scene: &Scene, deed: &str) {
    scene.run("SET pgaudit.log = 'none'").await;
    let each = |what: &str| {
        format!(
            "DO $do$ DECLARE t record; BEGIN FOR t IN SELECT tgrelid::regclass AS r, tgname AS n FROM pg_trigger
             WHERE NOT tgisinternal AND tgparentid = 0 AND (tgrelid IN (SELECT relid FROM pg_partition_tree('stock.transactions')) OR tgrelid::regclass::text LIKE 'stock.stock_%' OR tgrelid::regclass::text LIKE 'stock_%' OR tgrelid::regclass::text LIKE 'audit.%')
             LOOP EXECUTE format('ALTER TABLE %s {what} TRIGGER %I', t.r, t.n); END LOOP; END $do$"
        )
    };
    scene.run(&each("DISABLE")).await;
    scene.run(deed).await;
    scene.run(&each("ENABLE ALWAYS")).await;
}

#[tokio::test]
async fn a_quantity_updated_without_a_trace() {
    let scene = Scene::new().await;
    unguarded(&scene, "UPDATE stock.transactions SET quantity = quantity + 1 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
    let report = scene
        .demand("update", &[Verdict::ContentDiffers, Verdict::LevelDiffers, Verdict::EvidenceAltered])
        .await;
    let finding = report.findings.iter().find(|finding| finding.verdict == Verdict::ContentDiffers).unwrap();
    assert_eq!(finding.before.as_deref(), Some("quantity 10"));
    assert_eq!(finding.after.as_deref(), Some("quantity 11"));
    assert_eq!(finding.who.as_deref(), Some("clerk"));
}
