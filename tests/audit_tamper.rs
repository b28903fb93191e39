//! The catalogue of tampering: each case is done for real on a server of its own, and the verification must
//! give the right verdict and flag nothing else. The table of the cases and their results is printed into
//! docs/audit.md when UPDATE_DOCS is set, and held against it otherwise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a test is a failed test")]
#![allow(clippy::too_many_lines, reason = "the lists of cases are long")]

mod support;

use std::collections::BTreeSet;
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use stockroom::audit::decisions::By;
use stockroom::audit::reconcile::{Mode, Report, Verdict, Weight, verify};
use stockroom::audit::seal::tree::leaf_hash;
use stockroom::audit::seal::{Frontier, leaf_of_line};
use stockroom::service::Service;
use stockroom::store::Store;
use support::audit::{Collecting, Following};
use support::commands::{count, issue, receipt, reversal, sheet};
use support::database::TestDatabase;
use support::raw::{connect, until};
use support::savepoints::{Shelf, post};
use support::server::TestServer;
use tokio_postgres::Client;
use uuid::Uuid;

/// The case in which the database forgets what had been collected and sealed.
const OLDER_STATE: &str = "An old backup is put back";
/// How many cases run at the same time, each with a server of its own.
const AT_A_TIME: usize = 3;

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

    /// Stops collecting, once all has been collected.
    async fn pause(&mut self) {
        all_collected().await;
        self.follower = None;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    /// Collects on.
    fn resume(&mut self) {
        self.follower = Some(self.collecting.follow(&self.database));
    }

    /// Collects on, without signing anything.
    fn resume_without_seal(&mut self) {
        self.follower = Some(self.collecting.follow_without_seal(&self.database));
    }
}

/// Lets the collector read what has been written so far. Else the ends of sessions that the scene has just closed
/// would be lost with the rest, and be found missing as soon as their second is over.
async fn all_collected() {
    tokio::time::sleep(Duration::from_millis(700)).await;
}

fn alarms(report: &Report) -> Vec<Verdict> {
    report
        .findings
        .iter()
        .filter(|finding| finding.weight == Weight::Alarm)
        .map(|finding| finding.verdict)
        .collect()
}

/// Counts two products on one sheet; the second is not what the books hold.
async fn count_two(scene: &Scene) {
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
    let lines = [("A", "49", "X", None), ("B", "4", "X", None)];
    scene.clerk.count_sheet(&sheet(&lines)).await.unwrap();
}

/// Does something with the guards of all tables disabled for its time. With the recording switched off in the
/// session first, which a superuser can, none of it leaves a line.
async fn unguarded(scene: &Scene, deed: &str) {
    let each = |what: &str| {
        format!(
            "DO $do$ DECLARE t record; BEGIN FOR t IN SELECT tgrelid::regclass AS r, tgname AS n FROM pg_trigger g
             JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
             WHERE NOT tgisinternal AND tgparentid = 0 AND s.nspname IN ('stock', 'audit')
             LOOP EXECUTE format('ALTER TABLE %s {what} TRIGGER %I', t.r, t.n); END LOOP; END $do$"
        )
    };
    scene.run(&each("DISABLE")).await;
    scene.run(deed).await;
    scene.run(&each("ENABLE ALWAYS")).await;
}

async fn unseen(scene: &Scene, deed: &str) {
    scene.run("SET pgaudit.log = 'none'").await;
    unguarded(scene, deed).await;
}

/// A movement written by hand.
fn insert(table: &str) -> String {
    format!(
        "INSERT INTO {table} (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity)
         SELECT id, stock.uuid_time(id), id, 'receipt', p.product_id, l.location_id, 7
         FROM (SELECT overlay(overlay(lpad(to_hex((extract(epoch FROM date_trunc('milliseconds', now())) * 1000)::bigint), 12, '0') || replace(gen_random_uuid()::text, '-', '') PLACING '7' FROM 13) PLACING '8' FROM 17)::text AS t) r,
              LATERAL (SELECT substr(r.t, 1, 32)::uuid AS id) u, stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X'"
    )
}

/// The lines that have not been collected yet, of the file that the server writes to.
struct Tail {
    path: PathBuf,
    collected: usize,
}

impl Tail {
    async fn of(scene: &Scene) -> Self {
        let row = scene
            .superuser
            .query_one("SELECT name, read_to FROM audit.files ORDER BY name DESC LIMIT 1", &[])
            .await
            .unwrap();
        let name: String = row.get(0);
        let collected = usize::try_from(row.get::<_, i64>(1)).unwrap();
        Self { path: scene.server.log_dir().join(name), collected }
    }

    /// Rewrites the lines that have not been collected.
    fn rewrite(&self, change: impl FnOnce(Vec<String>) -> Vec<String>) {
        let bytes = std::fs::read(&self.path).unwrap();
        let text = String::from_utf8(bytes[self.collected..].to_vec()).unwrap();
        let lines = change(text.lines().map(str::to_owned).collect());
        let mut file = std::fs::OpenOptions::new().write(true).open(&self.path).unwrap();
        file.set_len(self.collected as u64).unwrap();
        file.seek(std::io::SeekFrom::End(0)).unwrap();
        file.write_all(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes()).unwrap();
    }
}

/// The place of the record of a posting among lines.
fn record(lines: &[String], id: &str) -> usize {
    lines
        .iter()
        .position(|line| line.contains("WRITE,INSERT,TABLE,stock.transactions") && line.contains(id))
        .unwrap()
}

/// Lets three postings happen behind the back of the collector, and then changes their lines. The session
/// goes on afterwards, as sessions do.
async fn behind_the_collector(scene: &mut Scene, change: impl FnOnce(Vec<String>, &str) -> Vec<String>) {
    scene.pause().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(scene.clerk.receive(receipt("B", "5", "X")).await.unwrap().posting_id.to_string());
    }
    let tail = Tail::of(scene).await;
    until("the lines are on the disk", async || {
        std::fs::read_to_string(&tail.path).unwrap().contains(&ids[2])
    })
    .await;
    tail.rewrite(|lines| change(lines, &ids[1]));
    scene.resume();
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
}

type Act = for<'a> fn(&'a mut Scene) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One case of the catalogue.
struct Case {
    what: &'static str,
    verdicts: &'static [Verdict],
    settings: &'static [(&'static str, &'static str)],
    act: Act,
}

macro_rules! case {
    ($what:expr, [$($verdict:ident),*], |$scene:ident| $act:expr) => {
        case!($what, [$($verdict),*], &[], |$scene| $act)
    };
    ($what:expr, [$($verdict:ident),*], $settings:expr, |$scene:ident| $act:expr) => {
        Case {
            what: $what,
            verdicts: &[$(Verdict::$verdict),*],
            settings: $settings,
            act: |$scene| Box::pin(async move { $act; }),
        }
    };
}

fn catalogue() -> Vec<Case> {
    [tables(), switches(), writers(), logs(), seals(), accidents()].into_iter().flatten().collect()
}

/// Rows and tables.
fn tables() -> Vec<Case> {
    vec![
        case!(
            "A superuser changes a quantity; recording and triggers are off for the time",
            [ContentDiffers, LevelDiffers, EvidenceAltered],
            |scene| {
                unseen(scene, "UPDATE stock.transactions SET quantity = 11 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
            }
        ),
        case!("The same, and the level is made to fit", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.transactions SET quantity = 11 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions);
                           UPDATE stock.stock_levels SET on_hand = on_hand + 1").await;
        }),
        case!(
            "A superuser changes a quantity while it is recorded",
            [ContentDiffers, LevelDiffers, EvidenceAltered, LedgerAltered, ConfigurationChanged],
            |scene| {
                unguarded(scene, "UPDATE stock.transactions SET quantity = 11 WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
            }
        ),
        case!("A superuser changes who posted a movement", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.transactions SET posted_by = 'admin' WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
        }),
        case!("A superuser changes when a movement was posted", [ContentDiffers, EvidenceAltered], |scene| {
            unseen(scene, "UPDATE stock.transactions SET posted_at = posted_at - interval '1 day' WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
        }),
        case!("A superuser deletes a movement", [CommittedWithoutRow, LevelDiffers], |scene| {
            unseen(scene, "DELETE FROM stock.transactions WHERE id = (SELECT min(id::text)::uuid FROM stock.transactions)").await;
        }),
        case!(
            "A superuser inserts a movement with recording and triggers off",
            [RowWithoutRecord, LevelDiffers],
            |scene| {
                unseen(scene, &insert("stock.transactions")).await;
            }
        ),
        case!(
            "A superuser writes a partition directly",
            [RowWithoutRecord, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                let partition = format!("stock.transactions_{}", jiff::Timestamp::now().strftime("%Y_%m"));
                unguarded(scene, &insert(&partition)).await;
            }
        ),
        case!("A superuser edits a level", [LevelDiffers], |scene| {
            unseen(scene, "UPDATE stock.stock_levels SET on_hand = on_hand + 1").await;
        }),
        case!(
            "A superuser edits a level while it is recorded",
            [LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                unguarded(scene, "UPDATE stock.stock_levels SET on_hand = on_hand + 1").await;
            }
        ),
        case!("A superuser changes what was counted", [ContentDiffers], |scene| {
            unseen(scene, "UPDATE stock.stock_counts SET counted = 50").await;
        }),
        case!("A superuser changes one line of a count sheet", [ContentDiffers], |scene| {
            count_two(scene).await;
            unseen(scene, "UPDATE stock.stock_counts SET counted = 1 WHERE id <> posting_id").await;
        }),
        case!("A superuser removes one line of a count sheet", [CommittedWithoutRow], |scene| {
            count_two(scene).await;
            unseen(scene, "DELETE FROM stock.stock_counts WHERE id <> posting_id").await;
        }),
        case!("A superuser adds a line to a count sheet", [RowWithoutRecord], |scene| {
            count_two(scene).await;
            unseen(
                scene,
                "INSERT INTO stock.stock_counts (id, counted_at, posting_id, product_id, location_id, counted, expected)
                 SELECT overlay(id::text PLACING 'ffff' FROM 33)::uuid, counted_at, posting_id, product_id, (SELECT location_id FROM stock.locations WHERE code = 'Y'), 0, 0
                 FROM stock.stock_counts WHERE id <> posting_id",
            )
            .await;
        }),
        case!("A superuser removes the registration of a reversal", [LedgerAltered], |scene| {
            unseen(scene, "DELETE FROM stock.reversals").await;
        }),
        case!(
            "The ledger is truncated",
            [CommittedWithoutRow, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                unguarded(scene, "TRUNCATE stock.transactions CASCADE").await;
            }
        ),
        case!(
            "A partition is detached",
            [CommittedWithoutRow, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                let partition = format!("stock.transactions_{}", jiff::Timestamp::now().strftime("%Y_%m"));
                scene.run(&format!("ALTER TABLE stock.reversals DROP CONSTRAINT reversals_reversed_fkey, DROP CONSTRAINT reversals_reversal_fkey; ALTER TABLE stock.transactions DETACH PARTITION {partition}")).await;
            }
        ),
        case!(
            "A partition is dropped, and no recording is on",
            [CommittedWithoutRow, LevelDiffers, LedgerAltered],
            |scene| {
                let partition = format!("stock.transactions_{}", jiff::Timestamp::now().strftime("%Y_%m"));
                scene.run(&format!("SET pgaudit.log = 'none'; ALTER TABLE stock.reversals DROP CONSTRAINT reversals_reversed_fkey, DROP CONSTRAINT reversals_reversal_fkey; DROP TABLE {partition}")).await;
            }
        ),
    ]
}

/// Recording switched off, and guards taken away.
fn switches() -> Vec<Case> {
    vec![
        case!("pgaudit is switched off in a session, and that session posts", [RowWithoutRecord], |scene| {
            scene.run("SET pgaudit.log = 'none'").await;
            scene.run(&insert("stock.transactions")).await;
        }),
        case!(
            "pgaudit is switched off for a login, which then posts",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                scene.run("ALTER ROLE clerk SET pgaudit.log = 'none'").await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "pgaudit is switched off for the database",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                scene.run(&format!("ALTER DATABASE {} SET pgaudit.log = 'none'", scene.database.name)).await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "pgaudit is switched off in the configuration file, and the server reloads",
            [RowWithoutRecord, ConfigurationChanged],
            |scene| {
                let path = scene.server.data_dir().join("extra.conf");
                let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
                writeln!(file, "pgaudit.log = 'none'").unwrap();
                scene.run("SELECT pg_reload_conf()").await;
                let watcher = connect(scene.database.superuser_url()).await;
                until("the setting has changed", async || {
                    watcher
                        .query_one("SELECT current_setting('pgaudit.log')", &[])
                        .await
                        .unwrap()
                        .get::<_, String>(0)
                        == "none"
                })
                .await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!(
            "ALTER SYSTEM blanks the parameters of the records",
            [ConfigurationChanged, Unknown, ForeignWriter],
            |scene| {
                scene.run("ALTER SYSTEM SET pgaudit.log_parameter = off").await;
                scene.run("SELECT pg_reload_conf()").await;
                let watcher = connect(scene.database.superuser_url()).await;
                until("the setting has changed", async || {
                    watcher
                        .query_one("SELECT current_setting('pgaudit.log_parameter')", &[])
                        .await
                        .unwrap()
                        .get::<_, String>(0)
                        == "off"
                })
                .await;
                scene.database.service("clerk").receive(receipt("A", "1", "X")).await.unwrap();
            }
        ),
        case!("The extension is dropped", [ConfigurationChanged], |scene| scene
            .run("DROP EXTENSION pgaudit")
            .await),
        case!("The event triggers of pgaudit are disabled", [ConfigurationChanged], |scene| {
            scene.run("ALTER EVENT TRIGGER pgaudit_ddl_command_end DISABLE; ALTER EVENT TRIGGER pgaudit_sql_drop DISABLE").await;
        }),
        case!("A trigger is disabled by hand in the catalog", [ConfigurationChanged], |scene| {
            scene.run("UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'refuse_change_statement'").await;
        }),
        case!(
            "A trigger is disabled by hand in the catalog, and no recording is on",
            [ConfigurationChanged],
            |scene| {
                scene.run("SET pgaudit.log = 'none'; UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'refuse_change_statement'").await;
            }
        ),
        case!("A clerk is given the power to switch pgaudit off", [ConfigurationChanged], |scene| {
            scene.run("GRANT SET ON PARAMETER pgaudit.log TO clerk").await;
        }),
        case!("A clerk is made a superuser", [ConfigurationChanged], |scene| scene
            .run("ALTER ROLE clerk SUPERUSER")
            .await),
        case!("A clerk may write the levels", [ConfigurationChanged], |scene| {
            scene.run("GRANT ALL ON stock.stock_levels TO clerk").await;
        }),
    ]
}

/// Other ways to write the ledger, and to write the log.
fn writers() -> Vec<Case> {
    vec![
        case!("A definer function posts for a clerk", [RowWithoutRecord, ConfigurationChanged], |scene| {
            let function = format!(
                "CREATE FUNCTION public.post() RETURNS void LANGUAGE sql SECURITY DEFINER AS $f$ {} $f$; GRANT USAGE ON SCHEMA public TO clerk",
                insert("stock.transactions")
            );
            scene.run(&function).await;
            connect(&scene.database.url("clerk")).await.batch_execute("SELECT public.post()").await.unwrap();
        }),
        case!(
            "Logical replication applies rows",
            [RowWithoutRecord, LevelDiffers, ConfigurationChanged],
            &[("wal_level", "logical")],
            |scene| replicate(scene).await
        ),
        case!(
            "COPY into the ledger",
            [RowWithoutRecord, LevelDiffers, LedgerAltered, ConfigurationChanged],
            |scene| {
                scene.run(&format!("CREATE TEMP TABLE t AS SELECT id, occurred_at, posting_id, kind, product_id, to_location_id, quantity FROM stock.transactions WHERE false; {}; COPY t TO '/tmp/stockroom-copy-{}'", insert("t"), std::process::id())).await;
                unguarded(scene, &format!("COPY stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity) FROM '/tmp/stockroom-copy-{}'", std::process::id())).await;
                std::fs::remove_file(format!("/tmp/stockroom-copy-{}", std::process::id())).unwrap();
            }
        ),
        case!("A movement is taken out of the ledger and put back as it was", [LedgerAltered], |scene| {
            let row = "(SELECT min(id::text)::uuid FROM stock.transactions)";
            unseen(scene, &format!("CREATE TEMP TABLE kept AS SELECT * FROM stock.transactions WHERE id = {row}; DELETE FROM stock.transactions WHERE id IN (SELECT id FROM kept); INSERT INTO stock.transactions SELECT * FROM kept")).await;
        }),
        case!(
            "A posting that was rolled back is put into the ledger, with its transaction's number, and the level is made to fit",
            [LedgerAltered],
            |scene| {
                let (id, xid) = rolled_back(scene).await;
                let time = format!("stock.uuid_time('{id}')");
                unseen(scene, &format!(
                    "INSERT INTO stock.transactions (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity, posted_at, posted_by, xid)
                     SELECT '{id}', {time}, '{id}', 'receipt', p.product_id, l.location_id, 7, {time}, 'clerk', '{xid}' FROM stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X';
                     UPDATE stock.stock_levels SET on_hand = on_hand + 7
                     WHERE product_id = (SELECT product_id FROM stock.products WHERE sku = 'A') AND location_id = (SELECT location_id FROM stock.locations WHERE code = 'X')"
                )).await;
            }
        ),
        case!("A clerk posts by MERGE", [ForeignWriter], |scene| {
            let source = insert("x").split_once("SELECT").unwrap().1.to_owned();
            let merge = format!(
                "MERGE INTO stock.transactions t USING (SELECT id, stock.uuid_time(id) AS occurred_at, p.product_id, l.location_id {}) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, occurred_at, posting_id, kind, product_id, to_location_id, quantity) VALUES (s.id, s.occurred_at, s.id, 'receipt', s.product_id, s.location_id, 7)",
                &source[source.find("FROM").unwrap()..]
            );
            connect(&scene.database.url("clerk")).await.batch_execute(&merge).await.unwrap();
        }),
        case!("A clerk posts by a statement of their own", [ForeignWriter], |scene| {
            connect(&scene.database.url("clerk"))
                .await
                .batch_execute(&insert("stock.transactions"))
                .await
                .unwrap();
        }),
        case!(
            "A movement is deleted, before it is sealed, of a transaction that went back to a savepoint",
            [CommittedWithoutRow, LevelDiffers],
            |scene| {
                let [_, third] = with_savepoints(scene).await;
                unseen(scene, &format!("DELETE FROM stock.transactions WHERE id = '{third}'")).await;
                scene.resume();
            }
        ),
        case!(
            "A posting that was refused behind a savepoint is put into the ledger all the same",
            [RowWithoutRecord, LevelDiffers],
            |scene| {
                let [second, third] = with_savepoints(scene).await;
                unseen(scene, &format!(
                    "CREATE TEMP TABLE t AS SELECT * FROM stock.transactions WHERE id = '{third}';
                     UPDATE t SET id = '{second}', posting_id = '{second}', occurred_at = stock.uuid_time('{second}');
                     INSERT INTO stock.transactions SELECT * FROM t"
                )).await;
                scene.resume();
            }
        ),
        case!(
            "The guard against savepoints is off, and a clerk takes a posting back to one",
            [CommittedWithoutRow, ConfigurationChanged],
            |scene| {
                scene.run("ALTER TABLE stock.stock_levels DISABLE TRIGGER refuse_savepoint").await;
                with_savepoints(scene).await;
                scene.run("ALTER TABLE stock.stock_levels ENABLE ALWAYS TRIGGER refuse_savepoint").await;
                scene.resume();
            }
        ),
        case!("A clerk forges an audit record from another database", [Forged], |scene| {
            let url = scene.database.url("clerk").replace(&format!("/{}", scene.database.name), "/postgres");
            connect(&url).await.batch_execute("DO $$ BEGIN RAISE LOG 'AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.transactions,x,<none>,1'; END $$").await.unwrap();
        }),
        case!("A superuser forges an audit record", [Forged], |scene| {
            scene.run("DO $$ BEGIN RAISE LOG USING MESSAGE = 'AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.transactions,x,<none>,1'; END $$").await;
        }),
    ]
}

/// A receipt of seven A by Stockroom's own statement, which the clerk takes back; its id and its transaction.
async fn rolled_back(scene: &Scene) -> (Uuid, String) {
    let clerk = connect(&scene.database.url("clerk")).await;
    clerk.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    let keys = "SELECT product_id, (SELECT location_id FROM stock.locations WHERE code = 'X') FROM stock.products WHERE sku = 'A'";
    let row = clerk.query_one(keys, &[]).await.unwrap();
    let (product, place): (i64, i64) = (row.get(0), row.get(1));
    let posting = stockroom::service::new_id();
    let id = posting.uuid();
    let (none, nothing) = (None::<i64>, None::<String>);
    let quantity = rust_decimal::Decimal::from(7);
    clerk
        .execute(
            stockroom::store::INSERT_MOVEMENT,
            &[
                &id,
                &posting.line(0).occurred_at(),
                &id,
                &"receipt",
                &product,
                &none,
                &none,
                &place,
                &none,
                &quantity,
                &None::<rust_decimal::Decimal>,
                &nothing,
                &nothing,
                &None::<Uuid>,
            ],
        )
        .await
        .unwrap();
    let xid = clerk.query_one("SELECT pg_current_xact_id()::text", &[]).await.unwrap().get(0);
    clerk.batch_execute("ROLLBACK").await.unwrap();
    (id, xid)
}

/// Rows that arrive from a publisher in another database of the server.
async fn replicate(scene: &mut Scene) {
    let postgres = connect(&scene.server.superuser_url()).await;
    postgres.batch_execute("CREATE DATABASE publisher TEMPLATE template0").await.unwrap();
    let publisher =
        connect(&format!("{}/publisher", scene.server.superuser_url().rsplit_once('/').unwrap().0)).await;
    let columns = "id uuid, occurred_at timestamptz(3), posting_id uuid, kind text, product_id bigint, to_location_id bigint, quantity numeric, PRIMARY KEY (id, occurred_at)";
    publisher.batch_execute(&format!("CREATE SCHEMA stock; CREATE TABLE stock.transactions ({columns}); CREATE PUBLICATION p FOR TABLE stock.transactions")).await.unwrap();
    publisher.batch_execute("SELECT pg_create_logical_replication_slot('s', 'pgoutput')").await.unwrap();
    let port = scene.server.port();
    let password = url::Url::parse(&scene.server.superuser_url()).unwrap().password().unwrap().to_owned();
    unguarded(scene, &format!("CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port={port} user=postgres password={password} dbname=publisher' PUBLICATION p WITH (create_slot = false, slot_name = 's', copy_data = false)")).await;
    scene.run("SET pgaudit.log = 'none'; ALTER TABLE stock.transactions DISABLE TRIGGER post_levels").await;
    let row = scene
        .superuser
        .query_one(
            "SELECT product_id, to_location_id FROM stock.transactions WHERE kind = 'receipt' LIMIT 1",
            &[],
        )
        .await
        .unwrap();
    let id = stockroom::service::new_id();
    publisher
        .execute(
            "INSERT INTO stock.transactions VALUES ($1, $2, $1, 'receipt', $3, $4, 9)",
            &[&id.uuid(), &id.occurred_at(), &row.get::<_, i64>(0), &row.get::<_, i64>(1)],
        )
        .await
        .unwrap();
    let watcher = connect(scene.database.superuser_url()).await;
    until("the row has been applied", async || {
        watcher
            .query_opt("SELECT FROM stock.transactions WHERE id = $1", &[&id.uuid()])
            .await
            .unwrap()
            .is_some()
    })
    .await;
    scene.run("ALTER TABLE stock.transactions ENABLE ALWAYS TRIGGER post_levels").await;
}

/// Posts two movements in one transaction, and between them tries to post one behind a savepoint. Nothing of it is
/// sealed when this returns. Gives the one that was refused, or taken back, and the last.
async fn with_savepoints(scene: &mut Scene) -> [uuid::Uuid; 2] {
    scene.pause().await;
    let client = connect(&scene.database.url("clerk")).await;
    let shelf = Shelf::all(&client).await.unwrap()[0];
    let [first, second, third] = std::array::from_fn(|_| stockroom::service::new_id().uuid());
    client.batch_execute("BEGIN").await.unwrap();
    post(&client, first, shelf).await.unwrap();
    client.batch_execute("SAVEPOINT s").await.unwrap();
    post(&client, second, shelf).await.ok();
    client.batch_execute("ROLLBACK TO s").await.unwrap();
    client.batch_execute("RELEASE s").await.unwrap();
    post(&client, third, shelf).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    [second, third]
}

/// The log on the disk, before it was collected.
fn logs() -> Vec<Case> {
    vec![
        case!("A line is removed from the log before it was collected", [RowWithoutRecord, Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                lines.remove(record(&lines, id));
                lines
            })
            .await;
        }),
        case!("A line of the log is altered before it was collected", [ContentDiffers], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                lines[place] = lines[place].replace(",5,,,,", ",6,,,,");
                lines
            })
            .await;
        }),
        case!("A line of the log is duplicated", [Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                lines.insert(place, lines[place].clone());
                lines
            })
            .await;
        }),
        case!("Two lines of the log are swapped", [Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                lines.swap(place, place + 1);
                lines
            })
            .await;
        }),
        case!("The log loses its last lines before they were collected", [RowWithoutRecord, Gap], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                lines.truncate(record(&lines, id));
                lines
            })
            .await;
        }),
        case!("A record with numbers that fit is put into the log", [Gap, CommittedWithoutRow], |scene| {
            behind_the_collector(scene, |mut lines, id| {
                let place = record(&lines, id);
                let forged = lines[place].replace(id, &stockroom::service::new_id().to_string());
                lines.insert(place + 1, forged);
                lines
            })
            .await;
        }),
        case!(
            "The clock of the server is put back by an hour (as its log shows it)",
            [ClockMoved],
            |scene| {
                behind_the_collector(scene, |mut lines, id| {
                    let place = record(&lines, id);
                    let earlier = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1))
                        .strftime("%Y-%m-%d %H:%M:%S.000 UTC")
                        .to_string();
                    lines[place].replace_range(14..41, &earlier);
                    lines
                })
                .await;
            }
        ),
        case!("The log file is emptied", [Gap], |scene| {
            all_collected().await;
            let path = Tail::of(scene).await.path;
            std::fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
            // What is written before the collector notices is lost, and would be the mark of the verification.
            until("the cut is noticed", async || {
                let noted = "SELECT FROM audit.lines WHERE substring(raw FROM 1 FOR 24) = convert_to('{\"collector\":\"truncated\"', 'UTF8')";
                scene.superuser.query_opt(noted, &[]).await.unwrap().is_some()
            })
            .await;
        }),
        case!("The log file is deleted while the server writes to it", [RowWithoutRecord, Gap], |scene| {
            all_collected().await;
            std::fs::remove_file(Tail::of(scene).await.path).unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            scene.run("SELECT pg_rotate_logfile()").await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }),
        case!("The log file is deleted, and the verification's own mark is lost with it", [Gap], |scene| {
            all_collected().await;
            std::fs::remove_file(Tail::of(scene).await.path).unwrap();
            let url = scene.database.superuser_url().to_owned();
            tokio::spawn(async move {
                // The verification that follows has made its mark, and has not made it once more.
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                connect(&url).await.batch_execute("SELECT pg_rotate_logfile()").await.unwrap();
            });
        }),
    ]
}

/// What was collected and sealed.
fn seals() -> Vec<Case> {
    vec![
        case!("A collected line is edited", [EvidenceAltered], |scene| {
            unseen(
                scene,
                "UPDATE audit.lines SET raw = overlay(raw PLACING 'X'::bytea FROM 20) WHERE line_no = 3",
            )
            .await;
        }),
        case!(
            "A collected line is edited while it is recorded",
            [EvidenceAltered, ConfigurationChanged],
            |scene| {
                unguarded(
                    scene,
                    "UPDATE audit.lines SET raw = overlay(raw PLACING 'X'::bytea FROM 20) WHERE line_no = 3",
                )
                .await;
            }
        ),
        case!("A collected line is removed", [EvidenceAltered, Gap], |scene| {
            unseen(scene, "DELETE FROM audit.lines WHERE line_no = 3").await;
        }),
        case!("A movement is taken off the list of what was sealed", [EvidenceAltered], |scene| {
            unseen(scene, "DELETE FROM audit.sealed WHERE leaf_no = 1").await;
        }),
        case!(
            "A movement, its level, its record and its leaf are changed, and both trees are computed anew",
            [EvidenceAltered, LedgerAltered],
            |scene| rewrite_history(scene).await
        ),
        case!(OLDER_STATE, [EvidenceAltered], |scene| put_back(scene).await),
    ]
}

/// Changes a movement and everything in the database that bears witness to it.
async fn rewrite_history(scene: &mut Scene) {
    scene.pause().await;
    let id: uuid::Uuid =
        scene.superuser.query_one("SELECT id FROM audit.sealed WHERE leaf_no = 1", &[]).await.unwrap().get(0);
    unseen(scene, &format!(
        "UPDATE stock.transactions SET quantity = 11 WHERE id = '{id}'; UPDATE stock.stock_levels SET on_hand = on_hand + 1;
         UPDATE audit.lines SET raw = convert_to(replace(convert_from(raw, 'UTF8'), ',10,,,,', ',11,,,,'), 'UTF8') WHERE class = 'WRITE' AND position(convert_to('{id}', 'UTF8') IN raw) > 0"
    )).await;
    let store = Store::new(scene.database.superuser_url().parse().unwrap(), 2).unwrap();
    let mut statements = String::new();
    let mut rows = Frontier::default();
    for row in scene.superuser.query("SELECT id FROM audit.sealed ORDER BY leaf_no", &[]).await.unwrap() {
        let movement = store.ledger_row(row.get(0)).await.unwrap().unwrap();
        let hash = leaf_hash(&movement.leaf().unwrap());
        rows.append(hash);
        statements.push_str(&format!(
            "UPDATE audit.sealed SET leaf_hash = '\\x{}' WHERE id = '{}';",
            hex(&hash),
            movement.facts.id
        ));
    }
    let mut lines = Frontier::default();
    let names = store.log_file_names().await.unwrap();
    for line in store.kept_lines(0, u64::MAX >> 1).await.unwrap() {
        let hash = leaf_of_line(&names[&line.file_id], line.file_offset, &line.raw);
        lines.append(hash);
        statements.push_str(&format!(
            "UPDATE audit.lines SET leaf_hash = '\\x{}' WHERE line_no = {};",
            hex(&hash),
            line.line_no
        ));
    }
    for (name, tree) in [("ledger", rows), ("lines", lines)] {
        statements.push_str(&format!(
            "UPDATE audit.trees SET frontier = '\\x{}' WHERE name = '{name}';",
            hex(&tree.bytes())
        ));
    }
    unseen(scene, &statements).await;
    // An honest sealer would refuse to go on; this one signs nothing.
    scene.resume_without_seal();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Stops the server, keeps a copy of its files, goes on for a while, and puts the copy back.
async fn put_back(scene: &mut Scene) {
    let data = scene.server.data_dir();
    let copy = data.with_extension("copy");
    let run = |program: &str, arguments: &[&std::path::Path]| {
        assert!(std::process::Command::new(program).arg("-a").args(arguments).status().unwrap().success());
    };
    scene.pause().await;
    scene.server.stop().unwrap();
    run("cp", &[&data, &copy]);
    scene.server.restart().unwrap();
    scene.resume();
    scene.clerk = scene.database.service("clerk");
    scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
    scene.sealed().await;
    scene.pause().await;
    scene.server.stop().unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&copy, &data).unwrap();
    scene.server.restart().unwrap();
    scene.resume_without_seal();
}

/// Accidents: nothing must be called tampering that is none.
fn accidents() -> Vec<Case> {
    vec![
        case!(
            "A clerk goes back to a savepoint, where a posting was refused, and commits the rest",
            [],
            |scene| {
                with_savepoints(scene).await;
                scene.resume();
            }
        ),
        case!("The process that writes the log is killed", [], |scene| {
            let row = scene.superuser.query_one("SELECT pg_backend_pid()", &[]).await.unwrap();
            let _own: i32 = row.get(0);
            kill(scene, "logger");
            for _ in 0..20 {
                scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
            }
        }),
        case!("A server process is killed, and the server starts its processes anew", [], |scene| {
            let own: i32 = scene.superuser.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
            assert!(
                std::process::Command::new("kill").args(["-9", &own.to_string()]).status().unwrap().success()
            );
            tokio::time::sleep(Duration::from_secs(2)).await;
            until("the server answers again", async || scene.database.store("clerk").ping().await.is_ok())
                .await;
            scene.clerk = scene.database.service("clerk");
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
        case!("The server is killed and started again", [], |scene| {
            scene.server.kill_postmaster().unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            scene.server.restart().unwrap();
            scene.clerk = scene.database.service("clerk");
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
        case!("The server is stopped and started again, and its log rotated", [], |scene| {
            scene.server.restart().unwrap();
            scene.clerk = scene.database.service("clerk");
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
            scene.leave().await;
            scene.run("SELECT pg_rotate_logfile()").await;
            scene.clerk.receive(receipt("B", "5", "X")).await.unwrap();
        }),
    ]
}

/// Kills the process of the server that has this title.
fn kill(scene: &Scene, title: &str) {
    let postmaster = scene.server.postmaster_pid().unwrap().unwrap().to_string();
    let found =
        std::process::Command::new("ps").args(["-o", "pid=,args=", "--ppid", &postmaster]).output().unwrap();
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let line = text.lines().find(|line| line.contains(title)).unwrap_or_else(|| panic!("{text}"));
    let pid = line.split_whitespace().next().unwrap();
    assert!(std::process::Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

/// Runs one case; gives what went wrong.
async fn run_case(case: Case) -> Result<(), String> {
    let mut scene = Scene::with(case.settings).await;
    (case.act)(&mut scene).await;
    scene.leave().await;
    let report = scene.verify().await;
    let wanted: BTreeSet<Verdict> = case.verdicts.iter().copied().collect();
    let found: BTreeSet<Verdict> = alarms(&report).into_iter().collect();
    if wanted == found {
        let mut ended = accept(&scene, report).await;
        // The log grows again until it has as many lines as were signed. That they are others is seen only then.
        if case.what == OLDER_STATE
            && let Err((_, Some(next))) = ended
        {
            ended = accept(&scene, next).await;
        }
        return ended.map_err(|(failure, _)| format!("{}, accepted: {failure}", case.what));
    }
    Err(format!("{}: wanted {wanted:?}, found {found:?}\n{}", case.what, told(&report)))
}

/// Accepts what was found. Then nothing may be an alarm any more, neither when all is read again nor when only what
/// is new is, and all of it must still be told.
async fn accept(scene: &Scene, report: Report) -> Result<(), (String, Option<Report>)> {
    let evidence = scene.collecting.evidence();
    let store = scene.database.store("auditor");
    let found = report.findings.iter().filter(|finding| finding.weight == Weight::Alarm);
    let ids: BTreeSet<String> = found.map(|finding| finding.id.clone()).collect();
    if ids.len() as u64 != report.alarms {
        return Err((
            format!("{} identities of {} alarms\n{}", ids.len(), report.alarms, told(&report)),
            None,
        ));
    }
    evidence.keep(&store, &report).unwrap();
    let by = By { os_user: "tests".to_owned(), login: "auditor".to_owned() };
    evidence.accept(&store, &ids.into_iter().collect::<Vec<_>>(), "a test", &by).unwrap();
    for (full, mode) in [(false, Mode::Full), (false, Mode::Incremental), (true, Mode::Full)] {
        let plan = evidence.plan(&store, full).unwrap();
        let next = verify(&store, &plan, &|_, _, _| {}).await.unwrap();
        let expected = report.alarms + report.accepted;
        let all_told = mode == Mode::Incremental || next.accepted == expected || report.accepted > 0;
        if next.alarms > 0 || next.mode != mode || !all_told {
            let counted = format!("{} of {expected} accepted, {:?} for {mode:?}", next.accepted, next.mode);
            return Err((format!("{counted}\n{}\nat first\n{}", told(&next), told(&report)), Some(next)));
        }
    }
    Ok(())
}

/// The findings of a report.
fn told(report: &Report) -> String {
    let told: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            format!(
                "  {:?} {}: {} | {:?} | {:?}",
                finding.weight,
                finding.verdict,
                finding.what,
                finding.who,
                finding.statement.as_deref().map(|text| text.chars().take(150).collect::<String>())
            )
        })
        .collect();
    told.join("\n")
}

#[test]
fn every_case_of_the_catalogue_gets_its_verdict_and_no_other() {
    let only = std::env::var("STOCKROOM_CASE").unwrap_or_default();
    let cases: Vec<Case> = catalogue().into_iter().filter(|case| case.what.contains(&only)).collect();
    let queue = Mutex::new(cases.into_iter());
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(case) = queue.lock().unwrap().next() else { return };
            let what = case.what;
            // A thread and a runtime each: what one leaves behind cannot disturb the next.
            let ended = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(run_case(case))
            });
            match ended.join() {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => failures.lock().unwrap().push(failure),
                Err(_) => failures.lock().unwrap().push(format!("{what}: panicked")),
            }
        }
    };
    std::thread::scope(|scope| {
        (0..AT_A_TIME).for_each(|_| drop(scope.spawn(work)));
    });
    let failures = failures.into_inner().unwrap();
    if only.is_empty() && failures.is_empty() {
        hold_page_to_catalogue();
    }
    assert!(failures.is_empty(), "{} cases failed:\n\n{}", failures.len(), failures.join("\n\n"));
}

const BEGIN: &str = "<!-- catalogue: written by tests/audit_tamper.rs with UPDATE_DOCS=1 -->\n";
const END: &str = "<!-- end of catalogue -->";

/// The table of the page must be that of the cases that have just passed.
fn hold_page_to_catalogue() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/audit.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let mut table = "| what was done | verdicts | result |\n| --- | --- | --- |\n".to_owned();
    for case in catalogue() {
        let verdicts: Vec<&str> = case.verdicts.iter().map(|verdict| verdict.words()).collect();
        let verdicts =
            if verdicts.is_empty() { "none: no false alarm".to_owned() } else { verdicts.join(", ") };
        table.push_str(&format!("| {} | {verdicts} | as demanded, nothing else |\n", case.what));
    }
    let wanted = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert!(
            page == wanted,
            "docs/audit.md does not list the cases of the catalogue; run the test with UPDATE_DOCS=1"
        );
    }
}
