//! `stockroom demo` as a person starts it: what it shows, what an interrupted start leaves, and what later starts add.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use stockroom::domain::{OrderFilter, OrderKind, OrderState};
use stockroom::server::PrivateServer;
use stockroom::store::Store;
use tokio_postgres::Client;

use crate::support::program::{Program, Ran};
use crate::support::raw::connect;
use crate::support::screen::Screen;
use crate::support::wait::{until, until_within};

/// The most that a start may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// A demo in a directory of its own, gone with the test.
struct Demo {
    directory: PathBuf,
    program: Program,
}

impl Demo {
    fn new(name: &str) -> Self {
        let name = format!("stockroom-test-{}-{name}", std::process::id());
        Self {
            directory: std::env::temp_dir().join(name),
            program: Program::new("postgres://nobody@127.0.0.1:1/none"),
        }
    }

    fn arguments<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        [&["demo"], arguments, &["--data-dir", self.directory.to_str().unwrap(), "--json"]].concat()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let run = self.program.run(&self.arguments(arguments));
        assert_eq!(run.code, 0, "{run:?}");
        run
    }

    fn url(&self, login: &str) -> String {
        self.run(&["status"]).document()["urls"][login].as_str().unwrap().to_owned()
    }

    /// Where the evidence of the audit lies.
    fn evidence(&self) -> PathBuf {
        self.directory.join("state/audit")
    }

    /// The collectors of this demo that run: their process numbers.
    fn collectors(&self) -> Vec<String> {
        let words = ["demo", "collect", self.directory.to_str().unwrap()];
        let is_ours = |process: &Path| {
            let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
            let line: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
            words.iter().all(|word| line.contains(&word.as_bytes()))
        };
        let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        processes
            .filter(|process| is_ours(process))
            .map(|process| process.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    /// What the audit of the demo says, to whoever follows what its start tells.
    fn audit(&self, arguments: &[&str]) -> Ran {
        let status = self.run(&["status"]).document();
        let mut command = Program::new(status["urls"]["auditor"].as_str().unwrap())
            .command(&[&["audit"], arguments, &["--json"]].concat());
        Ran::of(&command.env("STOCKROOM_STATE_DIR", status["state_dir"].as_str().unwrap()).output().unwrap())
    }

    /// Waits until the first verification has been made.
    fn wait_for_verification(&self) -> Value {
        let mut last = Value::Null;
        wait_until("a verification is made", || {
            last = self.audit(&["status"]).document()["last_verification"].take();
            !last.is_null()
        });
        last
    }

    fn plan_file(&self) -> PathBuf {
        self.directory.join("work.json")
    }

    /// Starts the demo and kills it as soon as its plan stands, before all of it is posted.
    fn start_and_kill(&self) -> Value {
        let mut command = self.program.command(&self.arguments(&["start"]));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut plan = None;
        until_within(PATIENCE, "the plan stands", || {
            plan = read_plan(&self.plan_file());
            assert!(child.try_wait().unwrap().is_none(), "the start ended without a plan");
            plan.is_some()
        });
        child.kill().unwrap();
        child.wait().unwrap();
        plan.unwrap()
    }

    /// Makes of a plan that was cut short the one of a demo whose first day is long past: the opening stock is still to
    /// be posted, and the work of that day is not. Returns the ids of the opening stock.
    fn age(&self, mut plan: Value, days: i64) -> Vec<String> {
        let until: Timestamp = plan["until"].as_str().unwrap().parse().unwrap();
        let ids = planned_ids(&plan);
        let acts = plan["acts"].as_array_mut().unwrap();
        let mut opening = ids.iter().map(|id| moment_of(id) <= until - 24.hours());
        acts.retain(|_| opening.next().unwrap());
        plan["until"] = json!(until - (24 * days).hours());
        plan["next"] = json!(0);
        std::fs::write(self.plan_file(), plan.to_string()).unwrap();
        planned_ids(&plan)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let reset = self.program.run(&self.arguments(&["reset"]));
        if !std::thread::panicking() {
            assert_eq!(reset.code, 0, "{reset:?}");
            assert!(!self.directory.exists());
        }
    }
}

fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    until_within(PATIENCE, what, condition);
}

fn read_plan(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// The ids of all that a plan holds.
fn planned_ids(plan: &Value) -> Vec<String> {
    let acts = plan["acts"].as_array().unwrap();
    let id = |act: &Value| {
        let (_, act) = act.as_object().unwrap().iter().next().unwrap();
        let id = [&act["posting"]["id"], &act["order"]["id"], &act["id"]];
        id.into_iter().find_map(Value::as_str).unwrap().to_owned()
    };
    acts.iter().map(id).collect()
}

/// When a posting occurred, which its id tells.
fn moment_of(id: &str) -> Timestamp {
    let digits: String = id.chars().filter(|digit| *digit != '-').take(12).collect();
    Timestamp::from_millisecond(i64::from_str_radix(&digits, 16).unwrap()).unwrap()
}

async fn number(session: &Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap().get(0)
}

/// What the dashboard, the stock table and the ledger have to show.
async fn assert_alive(demo: &Demo) {
    let store = Store::new(demo.url("admin").parse().unwrap(), 2).unwrap();
    let hours = store.movements_by_hour(24).await.unwrap();
    let mut distinct: Vec<Timestamp> = hours.iter().map(|count| count.hour).collect();
    distinct.dedup();
    assert!(distinct.len() >= 20, "movements in {} hours", distinct.len());
    let movements: i64 = hours.iter().map(|count| count.movements).sum();
    assert!((150..=400).contains(&movements), "{movements} movements");
    let (_, low) = store.low_stock(10).await.unwrap();
    assert!((10..=100).contains(&low), "{low} products are low");
    let expiring = store.expiring(30, 50).await.unwrap();
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    assert!(expiring.iter().any(|lot| lot.expires_on < today), "{expiring:?}");
    assert!(expiring.iter().filter(|lot| lot.expires_on > today).count() >= 2, "{expiring:?}");
    assert_eq!(store.slowest_movers(10).await.unwrap().len(), 10);
    assert!(store.top_items(7, 10).await.unwrap()[0].movements >= 3);
    let people = store.postings_by_person(1).await.unwrap();
    let postings = |login: &str| people.iter().find(|person| person.login == login).unwrap().postings;
    assert!(postings("clerk") > postings("admin") && postings("admin") >= 20, "{people:?}");
    let value = store.stock_value().await.unwrap();
    assert!(
        value.at_cost > 0.into() && value.products_without_cost < value.products_on_hand / 2,
        "{value:?}"
    );
}

/// The orders: of every kind and in every state, some late, some that wait for stock.
async fn assert_orders(demo: &Demo) {
    let store = Store::new(demo.url("clerk").parse().unwrap(), 2).unwrap();
    let orders = store.orders(&OrderFilter::default()).await.unwrap();
    for state in OrderState::ALL {
        assert!(orders.iter().any(|order| order.state == state), "no order is {state}");
    }
    for kind in OrderKind::ALL {
        let of_kind = || orders.iter().filter(|order| order.kind == kind);
        assert!(of_kind().count() >= 5 && of_kind().any(|order| order.late), "{kind}");
    }
    let proposals = store.reorder_proposals().await.unwrap();
    let suppliers: BTreeSet<_> = proposals.iter().filter_map(|proposal| proposal.supplier.clone()).collect();
    assert!(suppliers.len() >= 3, "{suppliers:?}");
}

/// The figures of README.md and the commands of the tour.
fn assert_tour(demo: &Demo) {
    let program = Program::new(&demo.url("clerk"));
    let done = |arguments: &[&str]| {
        let run = program.run(arguments);
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout
    };
    let received = program.run(&["receive", "71053", "24", "--to", "MAIN", "--reference", "PO-1042"]);
    assert!(received.stdout.contains("71053 at MAIN: 36 on hand"), "{received:?}");
    let refused = program.run(&["issue", "71053", "999", "--from", "MAIN"]);
    assert!(refused.code == 3 && refused.stderr.contains("have 36, need 999"), "{refused:?}");
    assert!(
        done(&["count", "71053", "20", "--at", "MAIN"]).contains("expected 36, counted 20: difference -16")
    );
    done(&["receive", "2000007100015", "2", "--to", "WH-DOCK"]);
    done(&["issue", "CHOC-D100", "50", "--from", "F-01-03"]);
    done(&["issue", "SWEET-MIX", "0.275", "--from", "F-01-04"]);
    assert!(done(&["stock", "--location", "F"]).contains("TEA-EG250"));
    let admin = Program::new(&demo.url("admin"));
    let full = admin.run(&["location", "archive", "WH-DOCK"]);
    assert!(full.code == 3 && full.stderr.contains("WH-DOCK still holds"), "{full:?}");
}

#[tokio::test]
async fn a_demo_survives_interruptions_and_catches_up() {
    let demo = Demo::new("alive");
    let plan = demo.start_and_kill();
    assert_eq!(plan["done"], false, "the start was killed in time");
    let ids = planned_ids(&plan);
    let session = connect(&demo.url("superuser")).await;
    let posted = "SELECT count(*) FROM stock.transactions WHERE posting_id = ANY($1::text[]::uuid[])";
    let known = "SELECT count(DISTINCT posting_id) FROM
        (SELECT posting_id FROM stock.transactions UNION SELECT posting_id FROM stock.stock_counts
         UNION SELECT order_id FROM stock.orders UNION SELECT id FROM stock.order_events UNION SELECT posting_id FROM stock.reservations) AS a
        WHERE posting_id = ANY($1::text[]::uuid[])";
    let count = async |sql: &str| session.query_one(sql, &[&ids]).await.unwrap().get::<_, i64>(0);
    assert!(count(known).await < ids.len() as i64, "there was something left to do");

    let second = demo.run(&["start"]);
    assert!(!second.stderr.contains("refused"), "{second:?}");
    assert_eq!(count(known).await, ids.len() as i64, "all that was planned stands");
    let movements = count(posted).await;
    assert_alive(&demo).await;
    assert_orders(&demo).await;
    let future = "SELECT count(*) FROM stock.transactions WHERE occurred_at > now()";
    assert_eq!(number(&session, future).await, 0);
    let own = "SELECT count(*) FROM stock.transactions WHERE posted_by NOT IN ('admin', 'clerk')";
    assert_eq!(number(&session, own).await, 0);
    let agreeing = "SELECT count(*) FROM stock.stock_counts WHERE counted = expected";
    // One agrees by plan; which stock the others find depends on the hour.
    assert!((1..4).contains(&number(&session, agreeing).await));
    assert_eq!(number(&session, "SELECT count(*) FROM stock.stock_counts").await, 4);
    // One posting is undone; how many lines it has depends on the hour too.
    let undone = "SELECT count(DISTINCT t.posting_id) FROM stock.reversals r JOIN stock.transactions t ON t.id = r.reversal_id";
    assert_eq!(number(&session, undone).await, 1);

    let all = number(&session, "SELECT count(*) FROM stock.transactions").await;
    demo.run(&["start"]);
    assert_eq!(
        number(&session, "SELECT count(*) FROM stock.transactions").await,
        all,
        "a restart adds nothing"
    );
    assert_eq!(count(posted).await, movements);

    assert_tour(&demo);
}

#[tokio::test]
async fn a_demo_that_was_left_alone_adds_the_work_of_the_last_day_only() {
    let demo = Demo::new("left");
    let plan = demo.start_and_kill();
    let opening = demo.age(plan, 10);
    assert!(!opening.is_empty());
    let later = demo.run(&["start"]);
    assert!(!later.stderr.contains("refused"), "{later:?}");
    let session = connect(&demo.url("superuser")).await;
    let added =
        "SELECT count(*) FROM stock.transactions WHERE occurred_at > now() - interval '24 hours 10 minutes'";
    let added = number(&session, added).await;
    assert!((150..=400).contains(&added), "{added} movements for ten days");
    // The ten days before are as empty as they were but for the arrivals that belong to the opening stock.
    let old = "SELECT count(*) FROM stock.transactions
        WHERE occurred_at BETWEEN now() - interval '11 days' AND now() - interval '24 hours 10 minutes' AND NOT posting_id = ANY($1::text[]::uuid[])";
    assert_eq!(session.query_one(old, &[&opening]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn an_empty_demo_is_empty() {
    let demo = Demo::new("empty");
    demo.run(&["start", "--empty"]);
    let session = connect(&demo.url("superuser")).await;
    for table in ["products", "locations", "partners", "transactions", "barcodes"] {
        assert_eq!(number(&session, &format!("SELECT count(*) FROM stock.{table}")).await, 0, "{table}");
    }
    assert!(!demo.plan_file().exists());
}

#[tokio::test]
async fn the_audit_of_a_demo_lives_as_long_as_its_server() {
    let demo = Demo::new("audited");
    let started = demo.run(&["start"]).document();
    assert_eq!(started["state_dir"], json!(demo.directory.join("state")), "{started}");
    let verified = demo.wait_for_verification();
    assert_eq!((&verified["status"], &verified["alarms"]), (&json!("clean"), &json!(0)), "{verified}");
    let seen = demo.audit(&["status"]).document();
    assert_eq!(seen["collector"]["collector_present"], json!(true), "{seen}");
    assert!(
        seen["checkpoint_at"].is_string() && seen["collector"]["sealed"].as_u64() > Some(20_000),
        "{seen}"
    );
    let next = demo.audit(&["verify"]);
    let document = next.document();
    assert_eq!((next.code, &document["mode"]), (0, &json!("incremental")), "{next:?}");
    let posted = demo.audit(&["events", "--object", "stock.transactions", "--limit", "3"]);
    assert_eq!(posted.documents().len(), 3, "{posted:?}");
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(demo.evidence().join("seal.key")), mode(demo.directory.join("state"))), (0o600, 0o700));

    // One collector, however often it is started; a killed one is replaced.
    let first = demo.collectors();
    assert_eq!(first.len(), 1);
    demo.run(&["start"]);
    assert_eq!(demo.collectors(), first);
    let killed = std::process::Command::new("kill").args(["-9", &first[0]]).status().unwrap();
    assert!(killed.success());
    wait_until("nobody collects", || demo.run(&["status"]).document()["collecting"] == json!(false));
    demo.run(&["start"]);
    wait_until("somebody collects", || demo.run(&["status"]).document()["collecting"] == json!(true));
    assert_eq!(demo.audit(&["verify"]).code, 0);

    // It ends with its server, by whatever way that ends, and begins with the next.
    demo.run(&["stop"]);
    assert_eq!(demo.collectors(), Vec::<String>::new());
    demo.run(&["start"]);
    assert_eq!(demo.audit(&["verify"]).code, 0);
    PrivateServer::open(&demo.directory).unwrap().kill_postmaster().unwrap();
    wait_until("the collector ends with its server", || demo.collectors().is_empty());
    demo.run(&["start"]);
    let after = demo.audit(&["verify", "--full"]);
    assert_eq!((after.code, &after.document()["alarms"]), (0, &json!(0)), "{after:?}");
}

#[tokio::test]
async fn the_collector_of_a_demo_never_gives_up_and_says_why_it_ended() {
    let demo = Demo::new("stubborn");
    demo.run(&["start", "--empty"]);
    let log = || std::fs::read_to_string(demo.directory.join("state/stockroom.log")).unwrap_or_default();
    let collecting = || demo.run(&["status"]).document()["collecting"] == json!(true);
    let first = demo.collectors();
    let kept =
        async |session: &Client| number(session, "SELECT size FROM audit.trees WHERE name = 'lines'").await;

    // What would end a collector that has just been started, while it is starting anew: its login does not fit.
    let superuser = connect(&demo.url("superuser")).await;
    let password = "SELECT rolpassword FROM pg_authid WHERE rolname = 'stock_collector'";
    let verifier: String = superuser.query_one(password, &[]).await.unwrap().get(0);
    for statement in [
        "ALTER ROLE stock_collector PASSWORD 'another'",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stock_collector'",
    ] {
        superuser.batch_execute(statement).await.unwrap();
    }
    wait_until("it says what is wrong", || log().contains("trying again every few seconds"));
    superuser.batch_execute(&format!("ALTER ROLE stock_collector PASSWORD '{verifier}'")).await.unwrap();
    let before = kept(&superuser).await;
    until("it collects again", async || kept(&superuser).await > before).await;

    // Another process serves the same demo.
    PrivateServer::open(&demo.directory).unwrap().restart().unwrap();
    assert!(collecting());
    let superuser = connect(&demo.url("superuser")).await;
    let before = kept(&superuser).await;
    until("it collects from the server that was started anew", async || kept(&superuser).await > before)
        .await;
    assert_eq!(demo.collectors(), first);

    assert!(!log().contains("The demo collector has ended"));
    demo.run(&["stop"]);
    assert!(log().contains("The demo collector has ended"), "{}", log());
    assert!(log().contains("the server has stopped"), "{}", log());
}

#[test]
fn the_terminal_of_a_demo_shows_its_audit() {
    let demo = Demo::new("shown");
    let arguments = ["demo", "--empty", "--data-dir", demo.directory.to_str().unwrap()];
    let screen = Screen::start(&arguments, &[], 100, 30);
    screen.wait_within(PATIENCE, "the screens are there", |text| text.contains("There are no products yet"));
    let reports = || {
        let Ok(files) = std::fs::read_dir(demo.evidence()) else { return 0 };
        files
            .filter(|file| file.as_ref().unwrap().file_name().to_str().unwrap().starts_with("report-"))
            .count()
    };
    wait_until("a verification is made", || reports() == 1);
    assert_eq!(demo.run(&["status"]).document()["collecting"], json!(true));
    assert!(demo.collectors().is_empty(), "it is the program itself");
    assert!(demo.directory.join("state/journal").is_dir(), "the screens keep theirs beside it");
    screen.keys("<c-q>");
    let ended = screen.wait_exit();
    assert_eq!(ended.code, Some(0), "{}", ended.contents);
    assert_eq!(demo.run(&["status"]).document()["status"], json!("stopped"));
    assert!(std::fs::File::open(demo.directory.join("state/collector.lock")).unwrap().try_lock().is_ok());
}
