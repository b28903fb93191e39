//! Imports on a real server: what is posted, what a second run does, what the database refuses.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use stockroom::domain::{Report, ReportFilter};
use stockroom::import::{MovementOptions, ProductOptions, Profile, Source, movements, products, sample};

use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::{assert_books_balance, connect};
use crate::support::server::{TestServer, psql_at};
use crate::support::wait::until;

fn options(source: Source, profile: &str) -> MovementOptions {
    MovementOptions::new(source, Profile::load(profile, None).unwrap())
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

fn ask(database: &TestDatabase, sql: &str) -> String {
    psql_at(TestServer::shared(), database.superuser_url(), sql).unwrap()
}

/// What customers owe by the ledger: issues less returns, at their prices.
const VALUE: &str = "SELECT trim_scale(sum(CASE kind WHEN 'issue' THEN 1 ELSE -1 END * quantity * unit_price)) \
    FROM stock.transactions WHERE kind IN ('issue', 'receipt')";

/// Goods that came back and name no customer: nothing tells them from a purchase, so no report calls them returns.
const UNNAMED: &str = "SELECT coalesce(trim_scale(sum(quantity * unit_price)), 0) FROM stock.transactions \
    WHERE kind = 'receipt' AND partner_id IS NULL AND unit_price IS NOT NULL";

/// The revenue by the report of an analyst, less what came back without a customer.
async fn revenue(database: &TestDatabase) -> Decimal {
    let (from, to) = ("2010-12-01T00:00:00Z".parse().unwrap(), "2012-01-01T00:00:00Z".parse().unwrap());
    let filter = ReportFilter { from, to, category: None };
    let started = std::time::Instant::now();
    let found = database.store("analyst").report(Report::Movers, &filter).await.unwrap();
    eprintln!("{} rows in {:?}", found.rows.len(), started.elapsed());
    let unnamed: Decimal = ask(database, UNNAMED).parse().unwrap();
    found.total(&Report::Movers.columns(), "revenue").unwrap() - unnamed
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_posted_once_however_often_it_is_imported() {
    let database = TestDatabase::new().await;
    let admin = database.service("admin");
    let options = options(Source::Bytes(sample()), "online-retail");
    let first = movements(&admin, &options).await.unwrap();
    assert_eq!((first.rows_posted, first.rows_rejected, first.rows_already_posted), (25_175, 106, 0));
    assert_eq!((first.products_added, first.partners_added), (2_489, 659));
    let rows = ask(&database, "SELECT count(*), count(DISTINCT posting_id) FROM stock.transactions");
    let (movements_known, postings_known) =
        (first.rows_posted + first.opening_lines, first.postings + first.opening_postings);
    assert_eq!(rows, format!("{movements_known}|{postings_known}"));
    assert_eq!(ask(&database, VALUE).parse::<Decimal>().unwrap(), first.value_posted);
    assert_eq!(revenue(&database).await, first.value_posted);
    let second = movements(&admin, &options).await.unwrap();
    assert_eq!(second.rows_already_posted, first.rows_posted);
    assert_eq!(second.value_posted, first.value_posted);
    assert_eq!(ask(&database, "SELECT count(*), count(DISTINCT posting_id) FROM stock.transactions"), rows);
}

/// The import is killed in the middle of its work and started again.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_is_started_again_and_posts_nothing_twice() {
    let database = TestDatabase::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.csv.gz");
    std::fs::write(&file, sample()).unwrap();
    let program = Program::new(&database.url("admin"));
    let arguments = ["import", "movements", file.to_str().unwrap(), "--profile", "online-retail", "--json"];
    let watcher = connect(database.superuser_url()).await;
    let posted = async || {
        let row = watcher.query_one("SELECT count(*) FROM stock.transactions", &[]).await.unwrap();
        row.get::<_, i64>(0)
    };

    let mut child = program.command(&arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    until("a part of the file is posted", async || posted().await > 5_000).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let before = posted().await;

    let ran = program.run(&arguments);
    assert_eq!(ran.code, 7, "postage and fees are rejected: {ran:?}");
    let report = ran.document();
    let figure = |name: &str| report[name].as_i64().unwrap();
    assert_eq!(figure("rows_posted"), 25_175);
    assert!(
        figure("rows_already_posted") > 0 && figure("rows_already_posted") < 25_175,
        "killed in between: {report}"
    );
    let (after, expected) = (posted().await, 25_175 + figure("opening_lines"));
    assert!(before < expected, "killed in between");
    assert_eq!(after, expected);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_database_refuses_are_rejected_and_the_rest_is_posted() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X"]).await;
    let text = b"kind,occurred_at,reference,sku,quantity,from,to,unit_price\n\
        receipt,2024-01-02T10:00:00Z,R1,A,5,,X,1.00\n\
        issue,2024-01-02T11:00:00Z,I1,A,9,X,,2.00\n\
        issue,2024-01-02T11:00:00Z,I1,A,1,X,,2.00\n\
        issue,2024-01-02T12:00:00Z,I2,C,1,X,,2.00\n\
        issue,2024-01-02T13:00:00Z,I3,A,5,X,,3.00\n";
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(Source::Bytes(text), "stockroom");
    options.rejects = Some(folder.path().join("rejects.csv"));
    let report = movements(&database.service("admin"), &options).await.unwrap();
    assert_eq!((report.rows_posted, report.rows_rejected, report.postings), (2, 3, 2), "{report}");
    let rejects = std::fs::read_to_string(folder.path().join("rejects.csv")).unwrap();
    assert!(rejects.contains("have 5"), "{rejects}");
    assert!(rejects.contains("no product \"\"C\"\""), "{rejects}");
    assert_eq!(ask(&database, "SELECT sum(on_hand) FROM stock.stock_levels"), "0.000");
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_added_once_and_left_as_they_are() {
    let Some(path) = shared("off-italy-2021.tsv.gz") else { return };
    let database = TestDatabase::new().await;
    let admin = database.service("admin");
    let profile = Profile::load("open-food-facts", None).unwrap();
    let options = ProductOptions { source: Source::Path(path), profile, rejects: None, progress: false };
    let first = products(&admin, &options).await.unwrap();
    assert_eq!((first.rows_posted, first.products_added), (1_242, 1_242), "{first}");
    let second = products(&admin, &options).await.unwrap();
    assert_eq!((second.rows_already_posted, second.products_added), (1_242, 0), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute; run it in a release build to measure"]
async fn the_whole_year_is_posted() {
    let Some(path) = shared("online-retail.csv.gz") else { return };
    let database = TestDatabase::new().await;
    let started = std::time::Instant::now();
    let report =
        movements(&database.service("admin"), &options(Source::Path(path), "online-retail")).await.unwrap();
    eprintln!("{report}\ntook {:?}", started.elapsed());
    assert_eq!(report.rows_posted, 538_963);
    assert_eq!(ask(&database, VALUE).parse::<Decimal>().unwrap(), report.value_posted);
    // The published sum of quantity times unit price is 9,747,747.934; what is not goods is rejected, and the rest is revenue.
    let revenue = revenue(&database).await;
    assert_eq!(revenue, Decimal::new(9_792_708_883, 3));
    assert_eq!(revenue + report.value_rejected, Decimal::new(9_747_747_934, 3));
}
