//! Scheduled imports: files in a watched directory, through kills, repetitions and hostile names.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;
use stockroom::store::Store;
use tempfile::TempDir;

use super::serve::{Service, Site};
use crate::support::database::TestDatabase;
use crate::support::server::{TestServer, psql_at};
use crate::support::wait::{until, until_blocking};

/// A site with a watched directory.
pub struct Feed {
    pub server: TestServer,
    pub database: TestDatabase,
    pub site: Site,
    pub directory: TempDir,
}

impl Feed {
    pub async fn new() -> Self {
        let server = TestServer::own(&[]);
        let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
        let directory = tempfile::tempdir().unwrap();
        let site = Site::of(&database, &config(&[("erp", directory.path(), "")])).await;
        Self { server, database, site, directory }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file as programs should: under another name first.
    pub fn drop_file(&self, name: &str, text: &str) {
        let draft = self.path(&format!("{name}.part"));
        fs::write(&draft, text).unwrap();
        fs::rename(draft, self.path(name)).unwrap();
    }

    pub fn runs(&self) -> Vec<Value> {
        let program = &self.site.program;
        let output = program
            .command(&["import", "runs", "--json", "--database-url", &self.database.url("auditor")])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until so many runs are over, and returns the outcome of each file.
    pub async fn until_over(&self, number: i64, service: &Service) -> Vec<(String, String)> {
        let auditor = self.database.store("auditor");
        until("the runs are over", async || {
            let runs = auditor.import_runs(None, 10_000).await.unwrap();
            let over = runs.iter().filter(|run| run.outcome.is_some()).count();
            assert!(over <= usize::try_from(number).unwrap(), "{runs:?}\n{}", service.log());
            over == usize::try_from(number).unwrap()
        })
        .await;
        let runs = self.runs();
        runs.iter()
            .map(|run| {
                (run["file_name"].as_str().unwrap().to_owned(), run["outcome"].as_str().unwrap().to_owned())
            })
            .collect()
    }

    pub fn ledger_rows(&self) -> u64 {
        let answer =
            psql_at(&self.server, self.database.superuser_url(), "SELECT count(*) FROM stock.transactions");
        answer.unwrap().parse().unwrap()
    }
}

/// A configuration with imports of movements: name, directory and further settings of each.
pub fn config(imports: &[(&str, &Path, &str)]) -> String {
    let mut text = "[serve.verify]\nincremental_minutes = 0\n".to_owned();
    for (name, directory, more) in imports {
        text.push_str(&format!(
            "[[serve.import]]\nname = {name:?}\ndirectory = {directory:?}\nkind = \"movements\"\nfile_megabytes_max = 1\n{more}\n"
        ));
    }
    text
}

pub fn rows(reference: &str, first: u32, number: u32) -> String {
    let mut text = "kind,occurred_at,reference,sku,quantity,from,to,unit_price\n".to_owned();
    for row in first..first + number {
        text.push_str(&format!("receipt,2026-01-02T10:00:00Z,{reference}-{row},A,1,,X,1.50\n"));
    }
    text
}

pub fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The record names the files beside the one that was imported.
fn check_paths(run: &Value) {
    for (field, ending) in [("rejects_file", ".rejects.csv"), ("report_file", ".report.json")] {
        let path = Path::new(run[field].as_str().unwrap());
        assert!(path.is_file() && path.to_str().unwrap().ends_with(&format!("partly.csv{ending}")), "{run}");
    }
}

/// Drops two files again that were imported, one of them with rejects.
async fn check_same_files_again(feed: &Feed, service: &Service, partly: &str) {
    // The same file again is recognised and not read; one that left rejects is read again.
    feed.drop_file("good again.csv", &rows("G", 0, 20));
    feed.drop_file("partly again.csv", partly);
    let outcomes = feed.until_over(7, service).await;
    let of = |name: &str| outcomes.iter().find(|(file, _)| file == name).unwrap().1.clone();
    assert_eq!(
        (of("good again.csv"), of("partly again.csv")),
        ("duplicate".to_owned(), "rejects".to_owned())
    );
    assert_eq!(feed.ledger_rows(), 22, "nothing is posted twice");
    assert!(!service.log().contains("UNKNOWN"), "the log holds nothing of the files");
}

#[tokio::test]
async fn files_are_imported_once_and_filed_with_their_reports() {
    let feed = Feed::new().await;
    feed.drop_file("good.csv", &rows("G", 0, 20));
    let mut partly = rows("P", 0, 2);
    partly.push_str("receipt,2026-01-02T10:00:00Z,P-9,UNKNOWN,1,,X,2.50\n");
    feed.drop_file("partly.csv", &partly);
    feed.drop_file("no\u{1b}[31m table\n.csv", "this is\nno table\n");
    feed.drop_file("empty.csv", "");
    feed.drop_file("large.csv", &"x".repeat(1_000_001));
    symlink("/etc/hostname", feed.path("link.csv")).unwrap();
    mknodat(CWD, feed.path("pipe.csv"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    fs::write(feed.path("still written.csv.part"), rows("W", 0, 1)).unwrap();
    let service = feed.site.start();
    let mut outcomes = feed.until_over(5, &service).await;
    outcomes.sort();
    let outcome =
        |name: &str| outcomes.iter().find(|(file, _)| file == name).map(|(_, outcome)| outcome.as_str());
    assert_eq!(outcome("good.csv"), Some("posted"), "{outcomes:?} {}", service.log());
    assert_eq!(outcome("partly.csv"), Some("rejects"));
    assert_eq!(outcome("no\u{1b}[31m table\n.csv"), Some("failed"));
    assert_eq!((outcome("empty.csv"), outcome("large.csv")), (Some("failed"), Some("failed")));
    assert_eq!(feed.ledger_rows(), 22);
    until_blocking("the files have been moved", || names_in(&feed.path("processing")).is_empty());
    let done = names_in(&feed.path("done"));
    let ends = |ending: &str| done.iter().filter(|name| name.ends_with(ending)).count();
    assert_eq!(
        (ends("-good.csv"), ends("-good.csv.report.json"), ends("-good.csv.rejects.csv")),
        (1, 1, 0),
        "{done:?}"
    );
    assert_eq!(
        (ends("-partly.csv"), ends("-partly.csv.report.json"), ends("-partly.csv.rejects.csv")),
        (1, 1, 1)
    );
    let rejects = done.iter().find(|name| name.ends_with("rejects.csv")).unwrap();
    let rejects = fs::read_to_string(feed.path("done").join(rejects)).unwrap();
    assert!(rejects.lines().count() == 2 && rejects.contains("UNKNOWN"), "{rejects}");
    assert_eq!(names_in(&feed.path("failed")).len(), 6, "three files with their reports");
    assert_eq!(
        names_in(feed.directory.path()),
        ["done", "failed", "link.csv", "pipe.csv", "processing", "still written.csv.part"]
    );
    let run = feed.runs().into_iter().find(|run| run["file_name"] == "partly.csv").unwrap();
    assert_eq!(
        (&run["rows_read"], &run["rows_posted"], &run["rows_rejected"]),
        (&3.into(), &2.into(), &1.into())
    );
    assert_eq!((&run["value_posted"], &run["value_rejected"]), (&"3.00".into(), &"2.50".into()));
    assert_eq!(run["started_by"], "stock_importer");
    check_paths(&run);
    until_blocking("the runs have been counted", || {
        service.metric("stockroom_import_runs_total{feed=\"erp\",outcome=\"posted\"}") == Some(1.0)
            && service.metric("stockroom_import_errors_total{feed=\"erp\"}") == Some(3.0)
    });

    check_same_files_again(&feed, &service, &partly).await;

    // What it did is no news to an auditor.
    let verified = feed
        .site
        .program
        .command(&["audit", "verify", "--json", "--database-url", &feed.database.url("auditor")])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["alarms"], 0, "{report:#}");
    service.stop();
}

#[tokio::test]
async fn killed_at_any_moment_a_file_is_posted_exactly_once() {
    const ROWS: u32 = 6_000;
    const KILLS: u32 = 12;
    let feed = Feed::new().await;
    feed.drop_file("big.csv", &rows("B", 0, ROWS));
    let auditor: Store = feed.database.store("auditor");
    for kill in 0..KILLS {
        let before = feed.ledger_rows();
        let service = feed.site.begin();
        // Some are killed as soon as they have the file, others once they have posted a part of it.
        until("the service has done something", async || {
            let runs = auditor.import_runs(None, 10).await.unwrap();
            let over = runs.iter().any(|run| run.outcome.is_some());
            over || !runs.is_empty() && (kill % 3 == 0 || feed.ledger_rows() > before)
        })
        .await;
        drop(service);
    }
    let service = feed.site.start();
    let outcomes = feed.until_over(1, &service).await;
    assert_eq!(outcomes, [("big.csv".to_owned(), "posted".to_owned())], "{}", service.log());
    assert_eq!(feed.ledger_rows(), u64::from(ROWS));
    let run = feed.runs().remove(0);
    assert_eq!(run["rows_posted"], ROWS);
    until_blocking("the file has been moved", || names_in(&feed.path("processing")).is_empty());
    assert_eq!(names_in(&feed.path("done")).len(), 2);
    service.stop();
}

#[tokio::test]
async fn a_directory_that_is_gone_stops_its_import_and_nothing_else() {
    let feed = Feed::new().await;
    let service = feed.site.start();
    service.until_leading();
    let away = feed.directory.path().with_extension("away");
    until_blocking("the import has looked once", || {
        service.part("import erp").is_some_and(|part| !part["last_success_at"].is_null())
    });
    fs::rename(feed.directory.path(), &away).unwrap();
    until_blocking("the import fails", || {
        service.part("import erp").is_some_and(|part| part["state"] == "failing")
    });
    until_blocking("the metric says so", || {
        service.metric("stockroom_part_up{part=\"import\"}") == Some(0.0)
    });
    until_blocking("the collector works", || {
        service.metric("stockroom_part_up{part=\"collector\"}") == Some(1.0)
    });
    assert_eq!(service.get("/healthz").unwrap().0, 200, "starting again would not help");
    assert!(!feed.directory.path().exists(), "it is not made anew");
    fs::rename(&away, feed.directory.path()).unwrap();
    until_blocking("the import works again", || {
        service.part("import erp").is_some_and(|part| part["state"] != "failing")
    });
    // A file that cannot be read is filed as failed. The superuser of the machine reads everything.
    feed.drop_file("secret.csv", &rows("S", 0, 1));
    fs::set_permissions(feed.path("secret.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    let outcomes = feed.until_over(1, &service).await;
    let readable = rustix::process::geteuid().is_root();
    assert_eq!(outcomes[0].1, if readable { "posted" } else { "failed" });
    service.stop();
}

#[tokio::test]
async fn of_two_services_one_leads_and_the_other_takes_over() {
    let feed = Feed::new().await;
    let first = feed.site.start();
    first.until_leading();
    let second = feed.site.start();
    until_blocking("the second one waits", || {
        second.get("/readyz").is_some_and(|(code, text)| code == 200 && text.starts_with("waiting"))
    });
    assert_eq!((first.metric("stockroom_leader"), second.metric("stockroom_leader")), (Some(1.0), Some(0.0)));
    assert!(second.metric("stockroom_part_up{part=\"collector\"}").is_none());
    feed.drop_file("a.csv", &rows("A", 0, 5));
    feed.until_over(1, &first).await;
    drop(first);
    second.until_leading();
    feed.drop_file("b.csv", &rows("B", 0, 5));
    feed.until_over(2, &second).await;
    assert_eq!(feed.ledger_rows(), 10);
    second.stop();
}

#[tokio::test]
async fn an_import_by_command_is_recorded_under_the_login() {
    let feed = Feed::new().await;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("by hand.csv");
    let mut text = rows("H", 0, 2);
    text.push_str("receipt,2026-01-02T10:00:00Z,H-9,UNKNOWN,1,,X,2.50\n");
    fs::write(&path, &text).unwrap();
    let rejects = place.path().join("rejected rows.csv");
    let import = |login: &str, file: &Path, more: &[&str]| {
        let url = feed.database.url(login);
        let mut arguments = vec!["import", "movements", file.to_str().unwrap(), "--database-url", &url];
        arguments.extend(more);
        feed.site.program.run(&arguments)
    };
    let admin = feed.database.url("admin");
    let months = feed.site.program.run(&["db", "partitions", "2026-01", "--database-url", &admin]);
    assert_eq!(months.code, 0, "{months:?}");
    let dry = import("clerk", &path, &["--dry-run"]);
    assert_eq!((dry.code, feed.runs().len()), (0, 0), "a dry run imports nothing: {dry:?}");
    let ran = import("clerk", &path, &["--rejects", rejects.to_str().unwrap()]);
    assert_eq!(ran.code, 7, "{ran:?}");
    let no_table = place.path().join("no table.csv");
    fs::write(&no_table, "this is\nno table\n").unwrap();
    assert_eq!(import("admin", &no_table, &[]).code, 2);
    let runs = feed.runs();
    let of = |run: &Value| {
        let text = |field: &str| run[field].as_str().unwrap_or_default().to_owned();
        [text("feed"), text("started_by"), text("file_name"), text("outcome"), text("rejects_file")]
    };
    assert_eq!(of(&runs[0]), ["command", "admin", "no table.csv", "failed", ""]);
    assert_eq!(of(&runs[1]), ["command", "clerk", "by hand.csv", "rejects", rejects.to_str().unwrap()]);
    assert!(runs[0]["message"].as_str().unwrap().contains("no column"), "{runs:?}");
    assert_eq!(runs[1]["file_hash"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn import_records_of_a_clerk_do_not_make_the_service_skip_a_file() {
    let feed = Feed::new().await;
    let text = rows("H", 0, 2);
    feed.drop_file("by service.csv", &text);
    let hash = stockroom::import::run::hash_of(&feed.path("by service.csv")).unwrap();
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let clerk = feed.database.url("clerk");
    let forged = |run: &str, feed_name: &str| {
        psql_at(
            &feed.server,
            &clerk,
            &format!(
                "INSERT INTO stock.import_runs (run_id, feed, content, profile, file_name, file_bytes, file_hash)
                 VALUES ('{run}', '{feed_name}', 'movements', 'stockroom', 'x.csv', 1, '\\x{hash}')"
            ),
        )
    };
    let ended = |run: &str| {
        psql_at(
            &feed.server,
            &clerk,
            &format!(
                "INSERT INTO stock.import_results (run_id, outcome, rows_read, rows_posted, rows_already_posted, rows_rejected, postings, value_read, value_posted, value_rejected, seconds)
                 VALUES ('{run}', 'posted', 0, 0, 0, 0, 0, 0, 0, 0, 0)"
            ),
        )
    };
    let run = "01900000-0000-7000-8000-000000000001";
    assert!(forged(run, "erp").unwrap_err().contains("import_runs_feed_of_service"));
    forged(run, "command").unwrap();
    ended(run).unwrap();
    let service = feed.site.start();
    let auditor = feed.database.store("auditor");
    until("the service has read the file", async || {
        let runs = auditor.import_runs(Some("erp"), 10).await.unwrap();
        runs.iter().any(|run| run.file_name == "by service.csv" && run.outcome.is_some())
    })
    .await;
    let of_service = feed.runs().into_iter().find(|run| run["file_name"] == "by service.csv").unwrap();
    assert_eq!((&of_service["outcome"], &of_service["rows_posted"]), (&"posted".into(), &2.into()));
    assert_eq!(feed.ledger_rows(), 2);
    service.stop();
    // Nobody ends the run of another.
    psql_at(
        &feed.server,
        feed.database.superuser_url(),
        "SET SESSION AUTHORIZATION stock_importer;
         INSERT INTO stock.import_runs (run_id, feed, content, profile, file_name, file_bytes, file_hash)
         VALUES ('01900000-0000-7000-8000-000000000002', 'erp', 'movements', 'stockroom', 'y.csv', 1, sha256('y'))",
    )
    .unwrap();
    let refused = ended("01900000-0000-7000-8000-000000000002").unwrap_err();
    assert!(refused.contains("import_results_ended_by_starter_fkey"), "{refused}");
}

#[tokio::test]
async fn a_file_with_a_rejected_row_posts_nothing_if_its_import_says_so() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let directory = tempfile::tempdir().unwrap();
    let import = [("erp", directory.path(), "all_or_nothing = true")];
    let site = Site::of(&database, &config(&import)).await;
    let feed = Feed { server, database, site, directory };
    feed.drop_file("good.csv", &rows("G", 0, 20));
    let mut partly = rows("P", 0, 2);
    partly.push_str("receipt,2026-01-02T10:00:00Z,P-9,UNKNOWN,1,,X,2.50\n");
    feed.drop_file("partly.csv", &partly);
    let service = feed.site.start();
    let mut outcomes = feed.until_over(2, &service).await;
    outcomes.sort();
    let named = |name: &str, outcome: &str| (name.to_owned(), outcome.to_owned());
    assert_eq!(outcomes, [named("good.csv", "posted"), named("partly.csv", "failed")], "{}", service.log());
    assert_eq!(feed.ledger_rows(), 20);
    let failed = names_in(&feed.path("failed"));
    assert!(failed.iter().any(|name| name.ends_with("partly.csv.rejects.csv")), "{failed:?}");
    let run = feed.runs().into_iter().find(|run| run["file_name"] == "partly.csv").unwrap();
    assert_eq!(run["message"], "1 of 3 rows were rejected, so nothing was posted");
    assert_eq!((&run["rows_read"], &run["rows_rejected"]), (&3.into(), &1.into()));
}
