//! Upgrading a site at work: terminals of the previous version post during `db migrate` and afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use stockroom::domain::PostingId;
use stockroom::store::prepare;
use stockroom::store::{ConnectionSettings, Store};

use crate::support::database::PASSWORD;
use crate::support::raw::connect;
use crate::support::server::{TestServer, psql_at};
use crate::support::wait::until;

/// How many terminals post.
const TERMINALS: usize = 3;
/// What the previous version posts with.
const INSERT: &str = "INSERT INTO stock.transactions (id, posting_id, occurred_at, kind, product_id, to_location_id, quantity)
     SELECT $1::text::uuid, $1::text::uuid, stock.uuid_time($1::text::uuid), 'receipt', p.product_id, l.location_id, 1
     FROM stock.products p, stock.locations l WHERE p.sku = 'A' AND l.code = 'X'";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn url(server: &TestServer, database: &str) -> String {
    format!("{}/{database}", server.superuser_url().rsplit_once('/').unwrap().0)
}

fn settings(server: &TestServer, database: &str) -> ConnectionSettings {
    url(server, database).parse().unwrap()
}

/// The migrations by their numbers.
fn migrations() -> BTreeMap<u32, PathBuf> {
    let number = |path: &Path| {
        let name = path.file_name()?.to_str()?.strip_prefix('V')?;
        name.split_once("__")?.0.parse().ok()
    };
    fs::read_dir(root().join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| Some((number(&path)?, path)))
        .collect()
}

/// Makes a database as the previous version left it.
async fn previous(server: &TestServer, database: &str) {
    // The roles belong to the server; preparing another database makes them, and has the history to copy from.
    prepare::init(&settings(server, "postgres"), "another").await.unwrap();
    let create = format!("CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' OWNER stock_owner");
    psql_at(server, &server.superuser_url(), &create).unwrap();
    let at = url(server, database);
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let prepared = |name: &str| read(root().join("src/store/prepare").join(name));
    psql_at(
        server,
        &at,
        &format!("SET search_path TO public; {}; {}", prepared("database.sql"), prepared("limits.sql")),
    )
    .unwrap();
    psql_at(
        server,
        &at,
        "SET ROLE stock_owner; CREATE TABLE stock.schema_history (version int8 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))",
    )
    .unwrap();
    let mut all = migrations();
    let (newest, _) = all.pop_last().unwrap();
    for path in all.into_values() {
        let text = format!("SET ROLE stock_owner; SET search_path TO stock; {}", read(path));
        psql_at(server, &at, &text).unwrap();
    }
    psql_at(
        server,
        &at,
        "SET ROLE stock_owner; SELECT stock.ensure_partitions(current_date, (now() + interval '12 months')::date)",
    )
    .unwrap();
    let history = psql_at(
        server,
        &url(server, "another"),
        &format!("SELECT format('(%s, %L, %L, %L)', version, name, applied_on, checksum) FROM stock.schema_history WHERE version < {newest}"),
    )
    .unwrap();
    let rows = history.lines().collect::<Vec<_>>().join(", ");
    psql_at(server, &at, &format!("INSERT INTO stock.schema_history VALUES {rows}")).unwrap();
    psql_at(
        server,
        &at,
        &format!(
            "CREATE ROLE ann LOGIN PASSWORD '{PASSWORD}' IN ROLE stock_clerk;
             INSERT INTO stock.products (sku, name) VALUES ('A', 'A');
             INSERT INTO stock.locations (code) VALUES ('X')"
        ),
    )
    .unwrap();
}

/// Posts until it is told to stop; gives the number of postings.
async fn post_on(url: String, stop: Arc<AtomicBool>) -> u64 {
    let client = connect(&url).await;
    let session = "SET default_transaction_isolation TO serializable; SET search_path TO stock";
    client.batch_execute(session).await.unwrap();
    let mut posted = 0;
    while !stop.load(Ordering::Relaxed) {
        let id = PostingId::at(jiff::Timestamp::now(), rand::random()).to_string();
        // As the program does, a conflict is tried again.
        while let Err(error) = client.execute(INSERT, &[&id]).await {
            let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
            assert!(matches!(code.as_str(), "40001" | "40P01"), "{error:?}");
        }
        posted += 1;
    }
    posted
}

#[tokio::test(flavor = "multi_thread")]
async fn terminals_of_the_previous_version_post_while_the_database_is_migrated_and_afterwards() {
    let server = TestServer::own(&[]);
    previous(&server, "site").await;
    let clerk = server.url_for("ann", PASSWORD, "site");
    let stop = Arc::new(AtomicBool::new(false));
    let terminals: Vec<_> =
        (0..TERMINALS).map(|_| tokio::spawn(post_on(clerk.clone(), Arc::clone(&stop)))).collect();
    let rows = || psql_at(&server, &url(&server, "site"), "SELECT count(*) FROM stock.transactions").unwrap();
    until("the terminals post", async || rows().parse::<u64>().unwrap() > 20).await;

    // Somebody has a transaction open that reads everything: no migration gets its locks, and nobody is kept from posting.
    let reader = connect(&url(&server, "site")).await;
    reader
        .batch_execute("BEGIN; SELECT FROM stock.transactions; SELECT FROM stock.import_runs; SELECT FROM stock.import_results; SELECT FROM stock.products; SELECT FROM stock.stock_levels")
        .await
        .unwrap();
    let store = Store::new(settings(&server, "site"), 1).unwrap();
    let migration = tokio::spawn(async move { prepare::migrate(&store).await });
    let waits =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%ALTER TABLE%' AND wait_event_type = 'Lock'";
    until("the migration waits for a lock, or is over", async || {
        migration.is_finished() || psql_at(&server, &server.superuser_url(), waits).unwrap() != "0"
    })
    .await;
    let before: u64 = rows().parse().unwrap();
    until("postings go on", async || rows().parse::<u64>().unwrap() > before + 20).await;
    reader.batch_execute("COMMIT").await.unwrap();
    let migrated = migration.await.unwrap().unwrap();
    let (_, newest) = migrations().pop_last().unwrap();
    let newest = newest.file_stem().unwrap().to_str().unwrap().to_owned();
    let number = |name: &str| name.trim_start_matches(['V', '0']).split("__").next().unwrap().to_owned();
    assert_eq!(
        migrated.iter().map(|name| number(name)).collect::<Vec<_>>(),
        [number(&newest)],
        "each migration is named once"
    );

    // The way back: the program of the previous version works with the new schema.
    let after: u64 = rows().parse().unwrap();
    until("the previous version posts to the new schema", async || {
        rows().parse::<u64>().unwrap() > after + 20
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    let mut posted = 0;
    for terminal in terminals {
        posted += terminal.await.unwrap();
    }
    assert_eq!(rows().parse::<u64>().unwrap(), posted, "no posting is lost");
    let sums = "SELECT (SELECT sum(on_hand) FROM stock.stock_levels) = (SELECT sum(quantity) FROM stock.transactions)";
    assert_eq!(psql_at(&server, &url(&server, "site"), sums).unwrap(), "t");
    let check = prepare::init(&settings(&server, "postgres"), "site").await.unwrap();
    let findings: Vec<_> = check.findings.iter().filter(|finding| finding.subject != "fsync").collect();
    assert_eq!(findings, Vec::<&_>::new(), "an upgraded database is like a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_of_several_databases_of_one_server_do_not_disturb_each_other() {
    const DATABASES: usize = 4;
    const ROUNDS: usize = 5;
    let server = TestServer::own(&[]);
    for number in 0..DATABASES {
        prepare::init(&settings(&server, "postgres"), &format!("site_{number}")).await.unwrap();
    }
    for _ in 0..ROUNDS {
        let migrations = (0..DATABASES).map(|number| {
            let settings = settings(&server, &format!("site_{number}"));
            // An `init` from another maintenance database does not see the advisory lock of the first one.
            let maintenance = self::settings(&server, if number % 2 == 0 { "postgres" } else { "site_0" });
            tokio::spawn(async move {
                let name = format!("site_{number}");
                let store = Store::new(settings, 1).unwrap();
                let (migrated, prepared) =
                    tokio::join!(prepare::migrate(&store), prepare::init(&maintenance, &name));
                migrated.and(prepared.map(drop))
            })
        });
        for migration in migrations.collect::<Vec<_>>() {
            migration.await.unwrap().unwrap();
        }
    }
}

#[test]
fn a_migration_that_gets_no_lock_says_so_and_changes_nothing() {
    // Without waiting three minutes: the program says what it waits for, and is interrupted.
    let server = TestServer::own(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(previous(&server, "site"));
    let reader = runtime.block_on(async {
        let reader = connect(&url(&server, "site")).await;
        reader.batch_execute("BEGIN; LOCK TABLE stock.schema_history IN SHARE MODE").await.unwrap();
        reader
    });
    let state = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_stockroom"))
        .args(["db", "migrate", "--database-url", &url(&server, "site")])
        .env("STOCKROOM_STATE_DIR", state.path())
        .spawn()
        .unwrap();
    let log = state.path().join("stockroom.log");
    runtime.block_on(until("the program tells in its log that it waits", async || {
        fs::read_to_string(&log).is_ok_and(|text| text.contains("could not get a lock"))
    }));
    program.kill().unwrap();
    program.wait().unwrap();
    runtime.block_on(async { reader.batch_execute("COMMIT").await.unwrap() });
    let (newest, _) = migrations().pop_last().unwrap();
    let history = format!("SELECT count(*) FROM stock.schema_history WHERE version = {newest}");
    assert_eq!(psql_at(&server, &url(&server, "site"), &history).unwrap(), "0");
    // Run again, it continues.
    let ran = Command::new(env!("CARGO_BIN_EXE_stockroom"))
        .args(["db", "migrate", "--database-url", &url(&server, "site")])
        .env("STOCKROOM_STATE_DIR", state.path())
        .status()
        .unwrap();
    assert!(ran.success());
    assert_eq!(psql_at(&server, &url(&server, "site"), &history).unwrap(), "1");
}
