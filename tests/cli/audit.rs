//! `stockroom audit` as auditors and services run it: exit codes, JSON, files.
#![allow(clippy::too_many_lines, reason = "one story, told in its order")]

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collecting_verifying_proving_and_accepting() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    // Makes the password of the login; the program sets another one below.
    drop(Collecting::of(&database).await);
    let clerk = database.service("clerk");
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(clerk.receive(receipt("A", "1", "X")).await.unwrap().posting_id.to_string());
    }
    let superuser = Program::new(database.superuser_url());
    let ran = superuser.run(&["audit", "password", "--generate", "--json"]);
    let password = ran.document()["password"].as_str().unwrap().to_owned();
    let mut url = url::Url::parse(&database.url("stock_collector")).unwrap();
    url.set_password(Some(&password)).unwrap();
    let collector = Program::new(url.as_str());
    let place = tempfile::tempdir().unwrap();
    let (key, points) = (place.path().join("seal.key"), place.path().join("points"));
    let (key, points) = (key.to_str().unwrap().to_owned(), points.to_str().unwrap().to_owned());
    let public = format!("{key}.pub");
    let seal = ["--key", &key, "--checkpoints", &points];

    let auditor = Program::new(&database.url("auditor"));
    let early = auditor.run(&["audit", "verify", "--patience", "1", "--json"]);
    assert_eq!((early.code, early.document()["status"].as_str()), (4, Some("unavailable")), "{early:?}");

    let ran = collector.run(&[&["audit", "collect", "--json"][..], &seal].concat());
    assert_eq!((ran.code, ran.document()["sealed"].as_u64()), (0, Some(7)), "{ran:?}");
    let mut follower = collector
        .command(&[&["audit", "collect", "--follow"][..], &seal].concat())
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let verify = ["audit", "verify", "--checkpoints", &points, "--public-key", &public, "--json"];
    let first = auditor.run(&verify);
    let document = first.document();
    assert_eq!(
        (first.code, document["status"].as_str(), document["mode"].as_str()),
        (0, Some("clean"), Some("full")),
        "{first:?}"
    );
    assert_eq!(document["matched"].as_u64(), Some(7));
    assert_eq!(auditor.run(&verify).document()["mode"].as_str(), Some("incremental"));
    let standing = auditor.run(&["audit", "status", "--json"]).document();
    let last = &standing["last_verification"];
    assert_eq!(
        (last["status"].as_str(), last["mode"].as_str()),
        (Some("clean"), Some("incremental")),
        "{standing}"
    );
    assert!(standing["verified_at"].is_string(), "{standing}");

    // Checkpoints that were named are never left out in silence.
    let missing = place.path().join("missing.pub");
    let without_key = auditor.run(&[
        "audit",
        "verify",
        "--checkpoints",
        &points,
        "--public-key",
        missing.to_str().unwrap(),
    ]);
    assert!(without_key.code == 1 && without_key.stderr.contains("missing.pub"), "{without_key:?}");

    // A proof, and one that was altered.
    let proof = place.path().join("proof.json");
    let proof = proof.to_str().unwrap();
    let ran = auditor.run(&[
        "audit",
        "prove",
        &ids[3],
        "--checkpoints",
        &points,
        "--public-key",
        &public,
        "--output",
        proof,
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let offline = Program::new("postgres://nobody@127.0.0.1:1/nothing");
    let check = ["audit", "check-proof", proof, "--public-key", &public, "--json"];
    let ran = offline.run(&check);
    assert_eq!((ran.code, ran.document()["movement"]["id"].as_str()), (0, Some(ids[3].as_str())), "{ran:?}");
    let text = fs::read_to_string(proof).unwrap();
    for (from, to) in [
        ("\\\"quantity\\\":\\\"1\\\"", "\\\"quantity\\\":\\\"2\\\""),
        ("\"leaf_no\": 3", "\"leaf_no\": 2"),
        ("\\n7\\n", "\\n8\\n"),
    ] {
        assert!(text.contains(from), "{text}");
        fs::write(proof, text.replace(from, to)).unwrap();
        assert_eq!(offline.run(&check).code, 6, "{from}");
    }
    let unknown = stockroom::service::new_id().to_string();
    let ran = auditor.run(&["audit", "prove", &unknown, "--checkpoints", &points, "--public-key", &public]);
    assert_eq!(ran.code, 1, "{ran:?}");

    // What is wrong ends with 6, and is told in a file as well.
    connect(database.superuser_url())
        .await
        .batch_execute(
            "ALTER TABLE stock.stock_levels DISABLE TRIGGER ALL; UPDATE stock.stock_levels SET on_hand = 99",
        )
        .await
        .unwrap();
    let findings = place.path().join("findings.csv");
    let ran = auditor.run(&[&verify[..], &["--full", "--findings", findings.to_str().unwrap()]].concat());
    let document = ran.document();
    assert_eq!((ran.code, document["status"].as_str()), (6, Some("discrepancies")));
    let told = document["findings"].as_array().unwrap();
    let level = told.iter().find(|finding| finding["verdict"] == "level_differs").unwrap();
    assert_eq!((level["before"].as_str(), level["after"].as_str()), (Some("7"), Some("99")));
    assert_eq!(
        fs::read_to_string(&findings)
            .unwrap()
            .lines()
            .filter(|line| line.starts_with("level_differs,alarm,"))
            .count(),
        1
    );
    let words =
        auditor.run(&["audit", "verify", "--full", "--checkpoints", &points, "--public-key", &public]);
    assert!(
        words.code == 6 && words.stdout.contains("ALARM   level differs: the level of A at X is 99"),
        "{words:?}"
    );

    decide(&auditor, &verify, place.path());
    look(&auditor, &database, place.path()).await;
    follower.kill().unwrap();
    follower.wait().unwrap();
}

/// Accepting what was found, and taking it back.
fn decide(auditor: &Program, verify: &[&str], place: &Path) {
    let nothing = ["audit", "accept", "--all", "--reason", "no", "--json"];
    let elsewhere = Program::new(auditor.url());
    let early = elsewhere.run(&nothing);
    assert!(early.code == 2 && early.stderr.contains("no verification has been run here"), "{early:?}");
    let full = [verify, &["--full"]].concat();
    let found = auditor.run(&full).document();
    let alarms = found["alarms"].as_u64().unwrap();
    let level =
        found["findings"].as_array().unwrap().iter().find(|finding| finding["verdict"] == "level_differs");
    let id = level.unwrap()["id"].as_str().unwrap().to_owned();
    assert!(id.len() == 20 && alarms > 1, "{found}");

    for bad in [
        &["audit", "accept", &id][..],
        &["audit", "accept", "--reason", "because"],
        &["audit", "accept", &id, "--all", "--reason", "because"],
        &["audit", "accept", &id, "--reason", "  "],
        &["audit", "unaccept", &id, "--reason", "because"],
    ] {
        assert_eq!(auditor.run(bad).code, 2, "{bad:?}");
    }
    let unknown = auditor.run(&["audit", "accept", &id, "ffffffffffffffffffff", "--reason", "because"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("ffffffffffffffffffff"), "{unknown:?}");
    assert!(!unknown.stderr.contains(&id), "{unknown:?}");

    let ran = auditor.run(&["audit", "accept", &id[..8], "--reason", "a test of the shelf", "--json"]);
    let made = &ran.document()["decisions"][0];
    assert_eq!((ran.code, made["id"].as_str(), made["login"].as_str()), (0, Some(&*id), Some("auditor")));
    let seen = auditor.run(&["audit", "status", "--json"]).document();
    assert_eq!(seen["last_verification"]["accepted"].as_u64(), Some(1), "{seen}");
    let findings = place.join("accepted.csv");
    let ran = auditor.run(&[&full[..], &["--findings", findings.to_str().unwrap()]].concat());
    let document = ran.document();
    assert_eq!(
        (ran.code, document["alarms"].as_u64(), document["accepted"].as_u64()),
        (6, Some(alarms - 1), Some(1))
    );
    let mut table = csv::Reader::from_path(&findings).unwrap();
    let column = table.headers().unwrap().iter().position(|name| name == "id").unwrap();
    let row = table.records().map(Result::unwrap).find(|row| row[column] == *id).unwrap();
    assert_eq!((&row[0], &row[1]), ("level_differs", "accepted"));

    // What one session did is accepted at once, and the rest with `--all`.
    let words = auditor.run(&[&verify[..verify.len() - 1], &["--full"]].concat()).stdout;
    let one = document["findings"].as_array().unwrap().iter().find(|finding| {
        finding["weight"] == "alarm" && finding["session"].is_string() && finding["by_poster"].is_null()
    });
    let one = one.unwrap();
    let session = one["session"].as_str().unwrap();
    let ran = auditor.run(&[
        "audit",
        "accept",
        one["id"].as_str().unwrap(),
        "--same-cause",
        "--reason",
        "exercise",
    ]);
    let at_once = ran.stdout.lines().count() as u64;
    assert!(ran.code == 0 && at_once > 1, "{ran:?}");
    assert!(words.contains(&format!("from one session: {session} of ")), "{words}");
    let ran = auditor.run(&["audit", "accept", "--all", "--reason", "the exercise of November"]);
    assert!(ran.code == 0 && ran.stdout.lines().count() as u64 == alarms - 1 - at_once, "{ran:?}");
    let words = auditor.run(&verify[..verify.len() - 1]);
    assert!(
        words.code == 0
            && words.stdout.contains("accepted  level differs: the level of A at X is 99")
            && words.stdout.contains(&format!("id         {id}"))
            && words.stdout.contains("as auditor at ")
            && words.stdout.contains(": a test of the shelf")
            && words.stdout.contains("No alarms"),
        "{words:?}"
    );
    assert_eq!(auditor.run(verify).document()["mode"].as_str(), Some("incremental"));
    let listed = auditor.run(&["audit", "accepted", "--json"]).documents();
    assert_eq!((listed.len() as u64, listed[0]["reason"].as_str()), (alarms, Some("a test of the shelf")));

    let ran = auditor.run(&["audit", "unaccept", &id, "--reason", "counted again"]);
    assert!(ran.code == 0 && ran.stdout.starts_with(&format!("revoked {id}")), "{ran:?}");
    let ran = auditor.run(verify);
    assert_eq!((ran.code, ran.document()["alarms"].as_u64()), (6, Some(1)), "{ran:?}");
    let listed = auditor.run(&["audit", "accepted"]);
    assert!(listed.stdout.contains("revoked") && listed.stdout.contains("counted again"), "{listed:?}");
}

/// Events, sums and the export.
async fn look(auditor: &Program, database: &TestDatabase, place: &Path) {
    let wrong = database.url("clerk").replace("tests@", "guesses@");
    assert!(tokio_postgres::connect(&wrong, tokio_postgres::NoTls).await.is_err());
    until("the failed login is collected", async || {
        let ran = auditor.run(&["audit", "events", "--logins", "--login", "clerk", "--json"]);
        ran.documents().iter().any(|event| event["severity"] == "FATAL")
    })
    .await;
    let postings = auditor
        .run(&["audit", "events", "--object", "stock.transactions", "--login", "clerk", "--json"])
        .documents();
    assert_eq!(postings.len(), 7);
    assert_eq!(postings[0]["parameters"].as_array().unwrap().len(), 14);
    assert!(postings.iter().all(|event| event["verdict"] == "agrees"), "{postings:#?}");
    let (line, id) = (postings[0]["line_no"].to_string(), postings[0]["parameters"][0].as_str().unwrap());
    assert_eq!(
        auditor.run(&["audit", "events", "--text", id, "--host", "127.0.0.1", "--json"]).documents().len(),
        1
    );
    let shown = auditor.run(&["audit", "record", &line, "--json"]).document();
    let row = &shown["rows"][0];
    assert_eq!((row["id"].as_str(), row["recorded"]["product"].as_str()), (Some(id), Some("A")), "{shown}");
    assert_eq!(row["recorded"], row["booked"]);
    let words = auditor.run(&["audit", "record", &line]).stdout;
    assert!(words.contains("ledger") && !words.contains('≠'), "{words}");
    assert_eq!(auditor.run(&["audit", "record", "99999999"]).code, 1);
    let changes = auditor.run(&["audit", "events", "--class", "ddl", "--limit", "1", "--json"]).documents();
    assert_eq!(changes[0]["command"].as_str(), Some("ALTER TABLE"));
    let sums = auditor.run(&["audit", "summary", "--json"]).documents();
    assert!(
        sums.iter().any(|sum| sum["login"] == "clerk"
            && sum["object"] == "stock.transactions"
            && sum["records"] == 7)
    );
    let csv = place.join("log.csv");
    assert_eq!(auditor.run(&["audit", "export", csv.to_str().unwrap()]).code, 0);
    let lines = auditor.run(&["audit", "export", "--format", "jsonl"]).documents();
    let rows = csv::Reader::from_path(&csv).unwrap().into_records().count();
    assert!(rows > 300 && lines.len() >= rows, "{rows} {}", lines.len());
    assert!(lines.windows(2).all(|pair| pair[0]["line_no"].as_u64() < pair[1]["line_no"].as_u64()));
    let status = auditor.run(&["audit", "status", "--json"]).document();
    assert_eq!(
        (status["collector"]["collector_present"].as_bool(), status["collector"]["sealed"].as_u64()),
        (Some(true), Some(7))
    );
    assert!(status["verified_at"].is_string() && status["unsafe_findings"].as_u64() > Some(0), "{status}");
    // A clerk sees none of it.
    let clerk = Program::new(&database.url("clerk"));
    assert_eq!(clerk.run(&["audit", "events"]).code, 3);
}
