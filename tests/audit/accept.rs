//! Accepting findings: an accepted finding is no longer an alarm, but everything else still is: other tampering of the
//! same kind, the same tampering repeated, and whatever follows it.

use std::fs;

use stockroom::audit::decisions::{Act, By, DecisionError};
use stockroom::audit::evidence::Evidence;
use stockroom::audit::reconcile::{Finding, Mode, Outcome, Report, Severity, Verdict, verify};
use stockroom::audit::seal::{Tree, leaf_of_line};
use stockroom::service::Service;
use stockroom::store::Store;
use tokio_postgres::Client;

use crate::support::audit::{Collecting, Following};
use crate::support::commands::{issue, receipt, reversal};
use crate::support::database::TestDatabase;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// A site with some business behind it, found to be right, and an auditor who decides.
struct Site {
    evidence: Evidence,
    collecting: Collecting,
    clerk: Service,
    auditor: Store,
    superuser: Client,
    database: TestDatabase,
    _follower: Following,
    _server: TestServer,
}

impl Site {
    async fn new() -> Self {
        let server = TestServer::own(&[]);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
        let collecting = Collecting::of(&database).await;
        let clerk = database.service("clerk");
        for _ in 0..5 {
            clerk.receive(receipt("A", "10", "X")).await.unwrap();
        }
        let wrong = clerk.issue(issue("A", "3", "X")).await.unwrap();
        clerk.reverse(reversal(wrong.posting_id)).await.unwrap();
        let site = Self {
            evidence: collecting.evidence(),
            clerk,
            auditor: database.store("auditor"),
            superuser: connect(database.superuser_url()).await,
            _follower: collecting.follow(&database),
            collecting,
            database,
            _server: server,
        };
        site.sealed().await;
        let report = site.verify(true).await;
        assert_eq!((told(&report, Severity::Alarm), report.status), (vec![], Outcome::Clean));
        site
    }

    /// Waits until all that was posted is under a checkpoint.
    async fn sealed(&self) {
        let session = connect(self.database.superuser_url()).await;
        let unsealed = "SELECT count(*) FROM stock.transactions t WHERE NOT EXISTS (SELECT FROM audit.sealed s WHERE s.id = t.id)";
        until("the ledger is read", async || {
            session.query_one(unsealed, &[]).await.unwrap().get::<_, i64>(0) == 0
        })
        .await;
        let leaves = session.query_one("SELECT max(leaf_no) + 1 FROM audit.sealed", &[]).await.unwrap();
        let size = leaves.get::<_, i64>(0).unsigned_abs();
        until("the ledger is sealed", async || {
            self.collecting.signed().iter().any(|point| point.tree == Tree::Ledger && point.size >= size)
        })
        .await;
    }

    /// Waits until the lines that there are now are under a checkpoint.
    async fn lines_sealed(&self) {
        let size = self.auditor.tree("lines").await.unwrap().size;
        until("the lines are sealed", async || {
            self.collecting.signed().iter().any(|point| point.tree == Tree::Lines && point.size >= size)
        })
        .await;
    }

    async fn receive(&self) {
        self.clerk.receive(receipt("A", "1", "X")).await.unwrap();
        self.sealed().await;
    }

    /// Does something as a superuser with all guards disabled and nothing recorded.
    async fn unseen(&self, deed: &str) {
        let each = |what: &str| {
            format!(
                "DO $do$ DECLARE t record; BEGIN FOR t IN SELECT tgrelid::regclass AS r, tgname AS n FROM pg_trigger g
                 JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
                 WHERE NOT tgisinternal AND tgparentid = 0 AND s.nspname IN ('stock', 'audit')
                 LOOP EXECUTE format('ALTER TABLE %s {what} TRIGGER %I', t.r, t.n); END LOOP; END $do$"
            )
        };
        for sql in ["SET pgaudit.log = 'none'", &each("DISABLE"), deed, &each("ENABLE ALWAYS")] {
            self.superuser.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        }
    }

    async fn verify(&self, full: bool) -> Report {
        let plan = self.evidence.plan(&self.auditor, full).unwrap();
        let report = verify(&self.auditor, &plan, &|_, _, _| {}).await.unwrap();
        self.evidence.keep(&self.auditor, &report).unwrap();
        assert_eq!(report.status == Outcome::Clean, report.alarms == 0);
        report
    }

    /// Verifies twice, from the last state and in full: neither may have an alarm, and what was accepted must be
    /// told in full with these verdicts. The first must leave its state for the next.
    async fn accepted(&self, expected: &[Verdict]) {
        let next = self.verify(false).await;
        assert_eq!((told(&next, Severity::Alarm), next.status), (vec![], Outcome::Clean), "{next:#?}");
        let next = self.verify(false).await;
        assert_eq!((told(&next, Severity::Alarm), next.mode), (vec![], Mode::Incremental), "{next:#?}");
        let full = self.verify(true).await;
        assert_eq!((told(&full, Severity::Alarm), full.status), (vec![], Outcome::Clean), "{full:#?}");
        assert_eq!(told(&full, Severity::Accepted), expected, "{full:#?}");
        assert_eq!(full.accepted, expected.len() as u64);
        for finding in full.findings.iter().filter(|finding| finding.severity == Severity::Accepted) {
            let accepted = finding.accepted.as_ref().unwrap();
            assert_eq!((accepted.by.login.as_str(), accepted.reason.as_str()), ("auditor", "looked into"));
        }
    }

    async fn accept_all(&self, report: &Report) {
        let ids: Vec<String> = alarms(report).map(|finding| finding.id.clone()).collect();
        let by = By::of(&self.auditor).await.unwrap();
        let made = self.evidence.accept(&self.auditor, &ids, " looked into\n", &by).unwrap();
        assert_eq!(made.len(), ids.len());
    }

    /// What the tampering leads to: these alarms in a full verification, all of which are then accepted.
    async fn found_and_accepted(&self, expected: &[Verdict]) -> Report {
        let report = self.verify(true).await;
        assert_eq!(told(&report, Severity::Alarm), expected, "{report:#?}");
        self.accept_all(&report).await;
        report
    }
}

fn alarms(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.severity == Severity::Alarm)
}

/// The verdicts of a weight, in their order.
fn told(report: &Report, weight: Severity) -> Vec<Verdict> {
    let mut found: Vec<Verdict> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == weight)
        .map(|finding| finding.verdict)
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_differing_level_is_accepted() {
    let site = Site::new().await;
    let add = |number: i32| format!("UPDATE stock.stock_levels SET on_hand = on_hand + {number}");
    site.unseen(&add(92)).await;
    let found = site.verify(false).await;
    assert_eq!(told(&found, Severity::Alarm), [Verdict::LevelDiffers]);
    site.accept_all(&found).await;
    site.accepted(&[Verdict::LevelDiffers]).await;
    // The stock goes on moving, and the difference stays what it is.
    site.receive().await;
    let next = site.verify(false).await;
    assert_eq!((told(&next, Severity::Accepted), next.alarms), (vec![Verdict::LevelDiffers], 0));
    assert_eq!(next.findings[0].before.as_deref(), Some("51"));
    site.accepted(&[Verdict::LevelDiffers]).await;
    // Other tampering is another finding.
    site.unseen(&add(5)).await;
    for full in [false, true] {
        let report = site.verify(full).await;
        assert_eq!((told(&report, Severity::Alarm), report.accepted), (vec![Verdict::LevelDiffers], 0));
        assert_ne!(report.findings[0].id, found.findings[0].id);
    }
    // Put right.
    site.unseen(&add(-97)).await;
    site.accepted(&[]).await;
    // Taken back: the next verification reads everything, and it is an alarm whenever it is so again.
    let by = By::of(&site.auditor).await.unwrap();
    let id = vec![found.findings[0].id[..6].to_owned()];
    let made = site.evidence.take_back(&site.auditor, &id, "was put right", &by).unwrap();
    assert_eq!((made[0].act, made[0].id.as_str()), (Act::TakenBack, found.findings[0].id.as_str()));
    site.unseen(&add(92)).await;
    for _ in 0..2 {
        let report = site.verify(false).await;
        assert_eq!((told(&report, Severity::Alarm), report.accepted), (vec![Verdict::LevelDiffers], 0));
    }
}

#[tokio::test]
async fn a_deleted_row_is_accepted() {
    let site = Site::new().await;
    let delete = "DELETE FROM stock.transactions WHERE id = (SELECT id FROM stock.transactions WHERE kind = 'receipt' ORDER BY id LIMIT 1)";
    site.unseen(delete).await;
    let both = [Verdict::CommittedWithoutRow, Verdict::LevelDiffers];
    site.found_and_accepted(&both).await;
    site.accepted(&both).await;
    site.receive().await;
    site.accepted(&both).await;
    // The seal still holds what lies behind the gap: the hash that was signed stands in for the row.
    site.unseen("UPDATE stock.transactions SET posted_by = 'admin' WHERE id = (SELECT max(id::text)::uuid FROM stock.transactions)").await;
    let report = site.verify(true).await;
    assert_eq!(told(&report, Severity::Alarm), [Verdict::ContentDiffers, Verdict::EvidenceAltered]);
    assert_eq!(told(&report, Severity::Accepted), both);
    site.unseen("UPDATE stock.transactions SET posted_by = 'clerk' WHERE posted_by = 'admin'").await;
    // A second row: its own alarm, and another difference. What was changed back is not what was written.
    site.unseen(delete).await;
    let report = site
        .found_and_accepted(&[Verdict::CommittedWithoutRow, Verdict::LedgerAltered, Verdict::LevelDiffers])
        .await;
    assert_eq!(told(&report, Severity::Accepted), [Verdict::CommittedWithoutRow]);
    let gone = Verdict::CommittedWithoutRow;
    site.accepted(&[gone, gone, Verdict::LedgerAltered, Verdict::LevelDiffers]).await;
}

#[tokio::test]
async fn a_changed_row_is_accepted() {
    let site = Site::new().await;
    let change = |number: i32, which: &str| {
        format!(
            "UPDATE stock.transactions SET quantity = {number} WHERE id = (SELECT id FROM stock.transactions WHERE kind = 'receipt' ORDER BY id {which} LIMIT 1);
             UPDATE stock.stock_levels SET on_hand = (SELECT sum(CASE WHEN to_location_id IS NULL THEN -quantity ELSE quantity END) FROM stock.transactions)"
        )
    };
    let both = [Verdict::ContentDiffers, Verdict::EvidenceAltered];
    site.unseen(&change(11, "")).await;
    site.found_and_accepted(&both).await;
    site.accepted(&both).await;
    site.receive().await;
    site.accepted(&both).await;
    // The same row once more.
    site.unseen(&change(12, "")).await;
    let report = site.found_and_accepted(&both).await;
    assert_eq!(report.accepted, 0);
    site.accepted(&both).await;
    // Another row, sealed later: the accepted one is still known.
    site.unseen(&change(13, "DESC")).await;
    let report = site.found_and_accepted(&both).await;
    assert_eq!(told(&report, Severity::Accepted), both);
    site.accepted(&[both[0], both[0], both[1], both[1]]).await;
    // The values from before the second change, which had been accepted too. Only a comparison with the report of
    // the last verification shows that somebody changed the row again.
    site.unseen(&change(11, "")).await;
    let report = site.verify(false).await;
    assert_eq!(told(&report, Severity::Alarm), [Verdict::LevelDiffers]);
    let report = site.verify(true).await;
    assert_eq!(
        (report.alarms, told(&report, Severity::Accepted)),
        (0, vec![both[0], both[0], both[1], both[1]])
    );
}

#[tokio::test]
async fn a_posting_without_a_record_is_accepted() {
    let site = Site::new().await;
    let post = "SET pgaudit.log = 'none'; INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
        SELECT id, stock.uuid_time(id), id, 'receipt', p.product_id, l.location_id, 7
        FROM (SELECT overlay(overlay(lpad(to_hex((extract(epoch FROM date_trunc('milliseconds', now())) * 1000)::bigint), 12, '0') || replace(gen_random_uuid()::text, '-', '') PLACING '7' FROM 13) PLACING '8' FROM 17)::text AS t) r,
             LATERAL (SELECT substr(r.t, 1, 32)::uuid AS id) u, stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X'";
    site.superuser.batch_execute(post).await.unwrap();
    site.sealed().await;
    let found = site.verify(false).await;
    assert_eq!(told(&found, Severity::Alarm), [Verdict::RowWithoutRecord]);
    assert_eq!(found.mode, Mode::Incremental);
    site.accept_all(&found).await;
    site.accepted(&[Verdict::RowWithoutRecord]).await;
    // The same change made again.
    site.superuser.batch_execute(post).await.unwrap();
    site.sealed().await;
    let report = site.verify(false).await;
    assert_eq!((told(&report, Severity::Alarm), report.accepted), (vec![Verdict::RowWithoutRecord], 0));
    // The accepted row is changed.
    site.accept_all(&report).await;
    site.accepted(&[Verdict::RowWithoutRecord; 2]).await;
    site.unseen("UPDATE stock.transactions SET quantity = 8 WHERE quantity = 7 AND id = (SELECT max(id::text)::uuid FROM stock.transactions)").await;
    let report = site.verify(true).await;
    assert_eq!(
        told(&report, Severity::Alarm),
        [Verdict::RowWithoutRecord, Verdict::LevelDiffers, Verdict::EvidenceAltered]
    );
    assert_eq!(told(&report, Severity::Accepted), [Verdict::RowWithoutRecord]);
}

/// Changes a collected line, and its stored hash with it where that is asked for.
async fn edit_line(site: &Site, line_no: i64, with_hash: bool) {
    let row = site
        .superuser
        .query_one(
            "SELECT f.name, l.file_offset, l.raw FROM audit.lines l JOIN audit.files f USING (file_id) WHERE line_no = $1",
            &[&line_no],
        )
        .await
        .unwrap();
    let mut raw: Vec<u8> = row.get(2);
    raw.extend_from_slice(b" ");
    let hash = leaf_of_line(row.get(0), row.get::<_, i64>(1).unsigned_abs(), &raw);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hash = if with_hash { format!(", leaf_hash = '\\x{}'", hex(&hash)) } else { String::new() };
    let deed = format!("UPDATE audit.lines SET raw = '\\x{}'{hash} WHERE line_no = {line_no}", hex(&raw));
    site.unseen(&deed).await;
}

#[tokio::test]
async fn an_altered_collected_line_is_accepted() {
    let site = Site::new().await;
    let altered = Verdict::EvidenceAltered;
    site.lines_sealed().await;
    edit_line(&site, 20, false).await;
    let report = site.verify(true).await;
    // The line, and the checkpoint that it is under.
    assert_eq!(told(&report, Severity::Alarm), [altered, altered], "{report:#?}");
    site.accept_all(&report).await;
    site.accepted(&[altered; 2]).await;
    // The same line again.
    edit_line(&site, 20, false).await;
    let report = site.found_and_accepted(&[altered; 2]).await;
    assert_eq!(report.accepted, 0);
    site.accepted(&[altered; 2]).await;
    // With its hash: the checkpoint alone tells, and later ones cannot be borne out at all.
    edit_line(&site, 30, true).await;
    let report = site.verify(true).await;
    assert_eq!(told(&report, Severity::Accepted), [altered], "{report:#?}");
    assert!(alarms(&report).any(|finding| finding.pin.is_some()), "{report:#?}");
    site.accept_all(&report).await;
    let accepted = site.verify(true).await.accepted as usize;
    site.accepted(&vec![altered; accepted]).await;
    // Behind the break new checkpoints are held against the data again, by either way of reading.
    site.receive().await;
    site.lines_sealed().await;
    let newest = i64::try_from(site.auditor.tree("lines").await.unwrap().size).unwrap() - 1;
    site.accepted(&vec![altered; accepted]).await;
    edit_line(&site, newest, true).await;
    let report = site.verify(true).await;
    assert!(report.alarms > 0 && report.accepted as usize == accepted, "{report:#?}");
}

#[tokio::test]
async fn a_deleted_collected_line_is_accepted() {
    let site = Site::new().await;
    site.lines_sealed().await;
    site.unseen("DELETE FROM audit.lines WHERE line_no = 25").await;
    let report = site.verify(true).await;
    let expected = told(&report, Severity::Alarm);
    // The line, what lies behind it, and the gap in the numbers of its session.
    assert!(expected.contains(&Verdict::EvidenceAltered) && expected.contains(&Verdict::Gap), "{report:#?}");
    site.accept_all(&report).await;
    site.accepted(&expected).await;
    site.receive().await;
    site.lines_sealed().await;
    site.accepted(&expected).await;
    // A line between the gap and the place at which the seal was taken up again.
    edit_line(&site, 40, true).await;
    let report = site.verify(true).await;
    assert!(alarms(&report).any(|finding| finding.pin.is_some()), "{report:#?}");
}

#[tokio::test]
async fn decisions_are_recorded_and_can_be_revoked() {
    let site = Site::new().await;
    let by = By::of(&site.auditor).await.unwrap();
    site.superuser.batch_execute("CREATE TABLE stock.mine (id int)").await.unwrap();
    let first = site.verify(false).await;
    assert_eq!(told(&first, Severity::Alarm), [Verdict::ConfigurationChanged]);
    let id = first.findings[0].id.clone();
    let refused = |ids: &[&str], reason: &str| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        site.evidence.accept(&site.auditor, &ids, reason, &by).unwrap_err()
    };
    assert!(matches!(refused(&[&id], " "), DecisionError::Reason));
    assert!(matches!(refused(&[&id], &"x".repeat(1_001)), DecisionError::Reason));
    let unknown = refused(&[&id, "0123456789abcdef0123", &id[..5]], "no");
    assert!(
        matches!(&unknown, DecisionError::Unknown(ids) if *ids == ["0123456789abcdef0123", &id[..5]]),
        "{unknown}"
    );
    assert_eq!(site.evidence.last_report(&site.auditor).unwrap().alarms, 1);
    site.accept_all(&first).await;
    let seen = site.evidence.last_report(&site.auditor).unwrap();
    assert_eq!((seen.alarms, seen.accepted, seen.status), (0, 1, Outcome::Clean));
    assert!(matches!(refused(&[&id], "again"), DecisionError::AlreadyAccepted(ids) if ids == [id.clone()]));
    site.accepted(&[Verdict::ConfigurationChanged]).await;
    assert_eq!(site.verify(false).await.accepted, 0, "what happened is told once, and in full");
    // The same statement again is another line.
    site.superuser.batch_execute("DROP TABLE stock.mine; CREATE TABLE stock.mine (id int)").await.unwrap();
    let second = site.verify(false).await;
    assert_eq!(told(&second, Severity::Alarm), [Verdict::ConfigurationChanged; 2]);
    site.accept_all(&second).await;
    site.accepted(&[Verdict::ConfigurationChanged; 3]).await;
    // Taken back, it is an alarm though the next verification is not asked to read everything.
    site.evidence.take_back(&site.auditor, std::slice::from_ref(&id), "not what we thought", &by).unwrap();
    let report = site.verify(false).await;
    assert_eq!((report.alarms, report.accepted, report.mode), (1, 2, Mode::Full));
    assert_eq!(report.findings[0].id, id);
    altered_decisions(&site).await;
}

/// The file with the decisions is not what it was: altered, with an entry less, cut off.
async fn altered_decisions(site: &Site) {
    let path = site.evidence.decisions_file(&site.auditor);
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 4);
    let by = By::of(&site.auditor).await.unwrap();
    for (number, bad) in [
        whole.replacen("looked into", "looked at", 1),
        lines[1..].join("\n") + "\n",
        [lines[0], lines[2], lines[3]].join("\n") + "\n",
        lines[..3].join("\n") + "\n",
        whole.trim_end().to_owned(),
        whole.clone() + "{}\n",
        String::new(),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(&path, bad).unwrap();
        // It stays an alarm until the file is put right.
        for _ in 0..2 {
            let report = site.verify(false).await;
            let told = told(&report, Severity::Alarm);
            assert!(told.contains(&Verdict::EvidenceAltered), "{number}: {report:#?}");
            let finding =
                alarms(&report).find(|finding| finding.verdict == Verdict::EvidenceAltered).unwrap();
            let refused = site
                .evidence
                .accept(&site.auditor, std::slice::from_ref(&finding.id), "no", &by)
                .unwrap_err();
            assert!(matches!(refused, DecisionError::Damaged { .. }), "{number}: {refused}");
        }
    }
    fs::write(&path, &whole).unwrap();
    let report = site.verify(false).await;
    assert_eq!((report.alarms, report.accepted), (1, 2), "{report:#?}");
    site.accept_all(&report).await;
    site.accepted(&[Verdict::ConfigurationChanged; 3]).await;
}

#[tokio::test]
async fn a_setting_that_lasts_is_accepted_as_long_as_it_lasts() {
    let site = Site::new().await;
    site.superuser.batch_execute("ALTER ROLE clerk SET pgaudit.log = 'none'").await.unwrap();
    let report = site.verify(true).await;
    // The statement, and what is so now.
    assert_eq!(told(&report, Severity::Alarm), [Verdict::ConfigurationChanged; 2], "{report:#?}");
    site.accept_all(&report).await;
    site.accepted(&[Verdict::ConfigurationChanged; 2]).await;
    // What is so now is told each time, as long as it is so.
    assert_eq!(site.verify(false).await.accepted, 1);
    // Another value is another finding, and so is the statement.
    site.superuser.batch_execute("ALTER ROLE clerk SET pgaudit.log = 'ddl'").await.unwrap();
    assert_eq!(told(&site.verify(false).await, Severity::Alarm), [Verdict::ConfigurationChanged; 2]);
}

#[tokio::test]
async fn an_unregistered_reversal_is_accepted() {
    let site = Site::new().await;
    site.unseen("CREATE TABLE public.kept AS TABLE stock.reversals; DELETE FROM stock.reversals").await;
    site.found_and_accepted(&[Verdict::LedgerAltered]).await;
    site.accepted(&[Verdict::LedgerAltered]).await;
    // Registered again, and wrongly: another finding about the same reversal.
    site.unseen(
        "INSERT INTO stock.reversals SELECT * FROM public.kept;
         UPDATE stock.reversals SET (reversed_id, reversed_at) = (SELECT id, occurred_at FROM stock.transactions WHERE kind = 'receipt' LIMIT 1)",
    )
    .await;
    let report = site.verify(true).await;
    assert_eq!(told(&report, Severity::Alarm), [Verdict::LedgerAltered], "{report:#?}");
}
