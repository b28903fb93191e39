//! Imports of all rows or none: what is rejected, what is refused, and a kill in the middle.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use stockroom::domain::{NewPartner, PartnerKind};
use tokio_postgres::Client;

use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};
use crate::support::raw::{assert_books_balance, connect, number};
use crate::support::wait::until;

const HEADER: &str = "kind,occurred_at,reference,sku,quantity,from,to,unit_price";
const RECEIPT: &str = "receipt,2024-01-02T10:00:00Z,R1,A,5,,X,1.00";
const MOVEMENTS: &str = "SELECT count(*) FROM stock.transactions";

fn write(folder: &Path, header: &str, rows: &[&str]) -> String {
    let path = folder.join("file.csv");
    fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Imports movements, all or nothing.
fn import(program: &Program, file: &str, more: &[&str]) -> Ran {
    let mut arguments = vec!["import", "movements", file, "--all-or-nothing", "--json"];
    arguments.extend(more);
    program.run(&arguments)
}

fn figures(report: &Value) -> [u64; 4] {
    ["rows_read", "rows_posted", "rows_rejected", "rows_not_posted"]
        .map(|name| report[name].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_rejected_row_posts_nothing() {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X"]).await;
    let program = Program::new(&database.url("admin"));
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    let rejects = rejects.to_str().unwrap();
    for (row, reason) in [
        // What the file shows, what the catalogue shows, and what only the order of the movements shows.
        ("issue,2024-01-02T11:00:00Z,I1,A,many,X,,2.00", "many"),
        ("issue,2024-01-02T11:00:00Z,I1,C,1,X,,2.00", "no product \"\"C\"\""),
        ("issue,2024-01-02T11:00:00Z,I1,A,9,X,,2.00", "have 5"),
    ] {
        let after = "receipt,2024-01-02T12:00:00Z,R2,B,7,,X,1.00";
        let file = write(folder.path(), HEADER, &[RECEIPT, row, after]);
        let ran = import(&program, &file, &["--rejects", rejects]);
        assert_eq!(ran.code, 7, "{ran:?}");
        assert_eq!(figures(&ran.document()), [3, 0, 1, 2], "{ran:?}");
        let notice = format!("1 rows were rejected, so nothing was posted; they are in {rejects}");
        assert!(ran.stderr.contains(&notice), "{ran:?}");
        let rejected = fs::read_to_string(rejects).unwrap();
        assert!(rejected.lines().count() == 2 && rejected.contains(reason), "{rejected}");
        assert_eq!(number(&database, MOVEMENTS).await, 0, "{row}");
    }
    let runs = Program::new(&database.url("auditor")).run(&["import", "runs", "--json"]).documents();
    for run in &runs {
        assert_eq!((&run["outcome"], &run["rows_posted"]), (&"failed".into(), &0.into()), "{run}");
        assert_eq!(run["message"], "1 of 3 rows were rejected, so nothing was posted");
        assert!(run["rejects_file"].as_str().unwrap().ends_with("rejects.csv"), "{run}");
    }
    assert_eq!(runs.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_import_posted_is_left_out() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("admin"));
    let folder = tempfile::tempdir().unwrap();
    let wrong = "issue,2024-01-02T11:00:00Z,I1,A,9,X,,2.00";
    let file = write(folder.path(), HEADER, &[RECEIPT, wrong]);
    assert_eq!(program.run(&["import", "movements", &file]).code, 7);
    let corrected = "issue,2024-01-02T11:00:00Z,I1,A,4,X,,2.00";
    let file = write(folder.path(), HEADER, &[RECEIPT, corrected]);
    let preview = import(&program, &file, &["--dry-run"]);
    assert_eq!((preview.code, number(&database, MOVEMENTS).await), (0, 1), "{preview:?}");
    for already in [1, 2] {
        let ran = import(&program, &file, &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let report = ran.document();
        assert_eq!((figures(&report), &report["rows_already_posted"]), ([2, 2, 0, 0], &already.into()));
    }
    assert_eq!(number(&database, MOVEMENTS).await, 2);
    assert_books_balance(&database).await;
}

/// A file that takes a while even on a fast machine, and the number of its rows.
fn long_file(folder: &Path) -> (String, i64) {
    let rows: Vec<String> = (0..12_000)
        .map(|row| {
            let (minute, second) = (row / 60 % 60, row % 60);
            format!("receipt,2024-01-02T{:02}:{minute:02}:{second:02}Z,R{row},A,1,,X,1.00", row / 3_600)
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    (write(folder, HEADER, &rows), rows.len() as i64)
}

/// Waits until a session of the clerk has written something that it has not committed.
async fn until_writing(watcher: &Client) {
    until("the file is being posted", async || {
        let row = watcher
            .query_one(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clerk' AND datname = current_database()
                     AND backend_xid IS NOT NULL AND clock_timestamp() - xact_start > interval '100 ms'",
                &[],
            )
            .await
            .unwrap();
        row.get::<_, i64>(0) > 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_has_posted_nothing_and_the_next_one_all() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("clerk"));
    let folder = tempfile::tempdir().unwrap();
    let (file, rows) = long_file(folder.path());
    let watcher = connect(database.superuser_url()).await;
    watcher.batch_execute("SELECT stock.ensure_partitions('2024-01-01', '2024-01-31')").await.unwrap();
    let mut command = program.command(&["import", "movements", &file, "--all-or-nothing"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    until_writing(&watcher).await;
    child.kill().unwrap();
    child.wait().unwrap();
    until("its session is gone", async || {
        let sessions =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clerk' AND datname = current_database()";
        watcher.query_one(sessions, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    assert_eq!(number(&database, MOVEMENTS).await, 0);
    let ran = import(&program, &file, &[]);
    assert_eq!((ran.code, &ran.document()["rows_already_posted"]), (0, &0.into()), "{ran:?}");
    assert_eq!(number(&database, MOVEMENTS).await, rows);
    let transactions = number(&database, "SELECT count(DISTINCT xid) FROM stock.transactions").await;
    assert_eq!(transactions, 1, "one transaction");
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_session_posts_the_file_once() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("clerk"));
    let folder = tempfile::tempdir().unwrap();
    let (file, rows) = long_file(folder.path());
    let watcher = connect(database.superuser_url()).await;
    watcher.batch_execute("SELECT stock.ensure_partitions('2024-01-01', '2024-01-31')").await.unwrap();
    let mut command = program.command(&["import", "movements", &file, "--all-or-nothing", "--json"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    until_writing(&watcher).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk' AND datname = current_database()
                   AND backend_xid IS NOT NULL";
    watcher.execute(end, &[]).await.unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(number(&database, MOVEMENTS).await, rows);
    assert_books_balance(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_on_standard_input_is_read_as_often_as_needed() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("admin"));
    let mut command = program.command(&["import", "movements", "-", "--all-or-nothing", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{HEADER}\n{RECEIPT}\n").as_bytes()).unwrap();
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.code, figures(&ran.document())), (0, [1, 1, 0, 0]), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn products_and_orders_are_added_as_a_whole_too() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let partner = NewPartner { code: "C".parse().unwrap(), name: None, kind: PartnerKind::Customer };
    database.service("admin").store().add_partners(&[partner]).await.unwrap();
    let program = Program::new(&database.url("admin"));
    let folder = tempfile::tempdir().unwrap();
    let products = |rows: &[&str]| {
        let file = write(folder.path(), "sku,name,decimals", rows);
        program.run(&["import", "products", &file, "--all-or-nothing", "--json"])
    };
    let ran = products(&["N1,New,0", "N2,,0", "N3,New,0"]);
    assert_eq!((ran.code, figures(&ran.document())), (7, [3, 0, 1, 2]), "{ran:?}");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.products").await, 1);
    let ran = products(&["N1,New,0", "A,Old,0", "N3,New,0"]);
    assert_eq!((ran.code, figures(&ran.document())), (0, [3, 3, 0, 0]), "{ran:?}");
    assert_eq!(ran.document()["rows_already_posted"], 1);
    let clerk = Program::new(&database.url("clerk"));
    let file = write(folder.path(), "sku,name", &["N4,New"]);
    let ran = clerk.run(&["import", "products", &file, "--all-or-nothing", "--json"]);
    assert_eq!((ran.code, figures(&ran.document())), (7, [1, 0, 1, 0]), "{ran:?}");

    let orders = |rows: &[&str]| {
        let file = write(folder.path(), "order,kind,partner,sku,quantity", rows);
        program.run(&["order", "import", &file, "--all-or-nothing", "--json"])
    };
    // A half of a product without decimals is refused by the database.
    for wrong in ["2,sales,C,A,none", "2,sales,C,NOWHERE,1", "2,sales,C,A,0.5"] {
        let ran = orders(&["1,sales,C,A,1", wrong, "3,sales,C,A,1"]);
        assert_eq!((ran.code, figures(&ran.document())), (7, [3, 0, 1, 2]), "{wrong}: {ran:?}");
        assert_eq!(number(&database, "SELECT count(*) FROM stock.orders").await, 0, "{wrong}");
    }
    for already in [0, 3] {
        let ran = orders(&["1,sales,C,A,1", "1,sales,C,N1,2", "3,sales,C,A,1"]);
        let report = ran.document();
        assert_eq!((ran.code, figures(&report)), (0, [3, 3, 0, 0]), "{ran:?}");
        assert_eq!(report["rows_already_posted"], already);
    }
    assert_eq!(number(&database, "SELECT count(*) FROM stock.orders").await, 2);
}
