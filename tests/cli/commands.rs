//! The command line as other programs see it: exit codes, messages, the shape of the JSON; and that bad
//! input changes nothing.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use stockroom::domain::Tracking;
use stockroom::service::new_id;

use crate::support::database::{PASSWORD, TestDatabase, product};
use crate::support::program::{Program, Ran};
use crate::support::raw::{connect, number};
use crate::support::server::TestServer;

async fn scene() -> (TestDatabase, Program) {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let program = Program::new(&database.url("clerk"));
    (database, program)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Every number of a business nature is a string.
fn assert_exact(value: &Value) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, field)| {
            assert!(!field.is_number() || key == "attempts", "{key}: {field}");
            assert_exact(field);
        }),
        Value::Array(items) => items.iter().for_each(assert_exact),
        _ => {}
    }
}

fn assert_failed(run: &Ran, code: i32, message: &str) {
    assert_eq!(run.code, code, "{run:?}");
    assert!(run.stderr.contains(message), "\"{message}\" is missing in {run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
}

#[tokio::test]
async fn postings_print_exact_json() {
    let (_database, program) = scene().await;
    let id = new_id().to_string();
    let arguments = [
        "receive",
        "a",
        "10.0",
        "--to",
        "x",
        "--reference",
        "PO-7",
        "--unit-price",
        "1.25",
        "--id",
        &id,
        "--json",
    ];
    let first = program.run(&arguments).document();
    assert_eq!(keys(&first), ["attempts", "levels", "posting_id", "status", "transactions"]);
    assert_eq!((&first["status"], &first["posting_id"]), (&json!("posted"), &json!(id)));
    let line = json!({"id": id, "kind": "receipt", "sku": "A", "quantity": "10", "from": null, "to": "X", "lot": null});
    assert_eq!(first["transactions"], json!([line]));
    assert_eq!(
        first["levels"],
        json!([{"sku": "A", "location": "X", "lot": null, "on_hand": "10", "reserved": "0", "available": "10"}])
    );
    let again = program.run(&arguments).document();
    assert_eq!(again["status"], "already_posted");
    assert_eq!((&again["transactions"], &again["levels"]), (&first["transactions"], &first["levels"]));

    let refused = program.run(&["issue", "A", "11", "--from", "X", "--json"]);
    assert_failed(&refused, 3, "A at X: have 10, need 11");
    assert_eq!(
        refused.document(),
        json!({"status": "refused", "rule": "insufficient_stock", "message": "A at X: have 10, need 11"})
    );
    let moved = program.run(&["transfer", "A", "4", "--from", "X", "--to", "Y", "--json"]).document();
    assert_exact(&moved);
    let counted = program.run(&["count", "A", "5", "--at", "Y", "--json"]).document();
    assert_eq!((&counted["expected"], &counted["counted"]), (&json!("4"), &json!("5")));
    assert_eq!(counted["transactions"][0]["kind"], "adjustment");
    assert_exact(&counted);
    let undone =
        program.run(&["reverse", moved["posting_id"].as_str().unwrap(), "--reason", "a slip", "--json"]);
    assert_eq!(undone.document()["transactions"][0]["kind"], "reversal");
}

#[tokio::test]
async fn issue_and_transfer_take_the_lots_that_expire_first() {
    let (database, program) = scene().await;
    database.service("admin").add_product(product("MILK", Tracking::Lot)).await.unwrap();
    for (lot, day) in [("LATE", "2099-12-31"), ("SOON", "2098-12-31")] {
        let arguments = ["receive", "MILK", "4", "--to", "X", "--lot", lot, "--expires", day];
        assert_eq!(program.run(&arguments).code, 0);
    }
    let lots = |document: &Value| -> Vec<(String, String)> {
        let lines = document["transactions"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        lines.map(|line| (text(&line["lot"]), text(&line["quantity"]))).collect()
    };
    let id = new_id().to_string();
    let transfer = ["transfer", "MILK", "5", "--from", "X", "--to", "Y", "--id", &id, "--json"];
    let moved = program.run(&transfer).document();
    assert_eq!(lots(&moved), [("SOON".into(), "4".into()), ("LATE".into(), "1".into())]);
    let again = program.run(&transfer).document();
    assert_eq!((&again["status"], lots(&again)), (&json!("already_posted"), lots(&moved)));

    let words = program.run(&["transfer", "MILK", "5", "--from", "Y", "--to", "X"]).stdout;
    assert!(words.contains("transfer of 4 MILK lot SOON from Y to X"), "{words}");
    let issued = program.run(&["issue", "MILK", "5", "--from", "X", "--json"]).document();
    assert_eq!(lots(&issued), lots(&moved));
    let refused = program.run(&["transfer", "MILK", "9", "--from", "X", "--to", "Y"]);
    assert_failed(&refused, 3, "MILK at X: have 3, need 9");
}

#[tokio::test]
async fn lists_print_exact_json() {
    let (_database, program) = scene().await;
    let ran = |arguments: &[&str]| assert_eq!(program.run(arguments).code, 0, "{arguments:?}");
    ran(&["receive", "a", "10.0", "--to", "x", "--reference", "PO-7", "--unit-price", "1.25"]);
    let moved = program.run(&["transfer", "A", "4", "--from", "X", "--to", "Y", "--json"]).document();
    ran(&["count", "A", "5", "--at", "Y"]);
    ran(&["reverse", moved["posting_id"].as_str().unwrap(), "--reason", "a slip"]);
    let stock = program.run(&["stock", "--json"]).documents();
    assert_eq!(
        stock,
        [
            json!({"sku": "A", "location": "X", "lot": null, "on_hand": "10", "reserved": "0", "available": "10"}),
            json!({"sku": "A", "location": "Y", "lot": null, "on_hand": "1", "reserved": "0", "available": "1"}),
        ]
    );
    let ledger = program.run(&["ledger", "--json"]).documents();
    let kinds: Vec<_> = ledger.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reversal", "adjustment", "transfer", "receipt"], "newest first");
    for row in &ledger {
        assert_exact(row);
        for key in [
            "id",
            "posting_id",
            "kind",
            "sku",
            "quantity",
            "from",
            "to",
            "lot",
            "posted_at",
            "occurred_at",
            "posted_by",
            "reference",
            "reason",
            "reverses",
            "unit_price",
        ] {
            assert!(row.get(key).is_some(), "{key} is missing in {row}");
        }
    }
    assert_eq!((&ledger[3]["unit_price"], &ledger[3]["reference"]), (&json!("1.25"), &json!("PO-7")));
    assert_eq!(ledger[0]["reverses"], ledger[2]["id"]);
    assert_eq!(program.run(&["ledger", "--limit", "1", "--json"]).documents().len(), 1);
    // For people: words, and the same figures.
    let words = program.run(&["stock", "A"]);
    assert!(words.stdout.starts_with("sku  name") && words.stdout.contains("Product A"), "{words:?}");
}

#[tokio::test]
async fn bad_input_gets_a_message_and_changes_nothing() {
    let (database, program) = scene().await;
    let long = "x".repeat(100_000);
    for (arguments, message) in [
        (vec![], "the screens need a terminal"),
        (vec!["frobnicate"], "unrecognized subcommand"),
        (vec!["receive"], "required"),
        (vec!["receive", "A", "1"], "--to"),
        (vec!["receive", "A", "1", "--to", "X", "--frob"], "--frob"),
        (vec!["receive", "A", "one", "--to", "X"], "not a quantity"),
        (vec!["receive", "A", "0", "--to", "X"], "greater than zero"),
        (vec!["receive", "A", "-1", "--to", "X"], "greater than zero"),
        (vec!["receive", "A", "1e3", "--to", "X"], "not a quantity"),
        (vec!["receive", "A", "0.0001", "--to", "X"], "decimal places"),
        (vec!["receive", "A", "100000000000", "--to", "X"], "too large"),
        (vec!["receive", "A", "1", "--to", "no such place"], "allowed are"),
        (vec!["receive", "A", "1", "--to", &long], "at most 30"),
        (vec!["receive", "A", "1", "--to", "X", "--reference", &long], "at most 100"),
        (vec!["receive", "A", "1", "--to", "X", "--reference", "a\tb"], "contains the character"),
        (vec!["receive", "A", "1", "--to", "X", "--unit-price", "-1"], "zero or more"),
        (vec!["receive", "A", "1", "--to", "X", "--expires", "2027-01-01"], "--lot"),
        (vec!["receive", "A", "1", "--to", "X", "--lot", "L", "--expires", "soon"], "is not a date"),
        (vec!["receive", "A", "1", "--to", "X", "--id", "7"], "not a UUID"),
        (vec!["receive", "A", "1", "--to", "X", "--id", "9b2d1f0e-6a0c-4c7d-8f0e-1a2b3c4d5e6f"], "version 7"),
        (vec!["count", "A", "-1", "--at", "X"], "zero or more"),
        (vec!["reverse", "nonsense", "--reason", "r"], "not a UUID"),
        (vec!["stock", "--as-of", "yesterday"], "is not a time"),
        (vec!["ledger", "--limit", "many"], "--limit"),
        (vec!["stock", "--as-of", "9999-12-31"], "out of range"),
        (vec!["post", "/no/such/file"], "/no/such/file"),
        (vec!["--database-url", "mysql://x@y/z", "stock"], "instead of postgres:"),
        (vec!["--config", "/no/such/file.toml", "stock"], "file.toml"),
    ] {
        let run = program.run(&arguments);
        assert_eq!(run.stdout, "", "{arguments:.100?}");
        assert_failed(&run, 2, message);
    }
    for (arguments, rule) in [
        (vec!["receive", "NONE", "1", "--to", "X"], "unknown_product"),
        (vec!["receive", &long, "1", "--to", "X"], "unknown_product"),
        (vec!["receive", "'; DROP TABLE stock.products; --", "1", "--to", "X"], "unknown_product"),
        (vec!["receive", "A", "1", "--to", "NOWHERE"], "unknown_location"),
        (vec!["receive", "A", "1", "--to", "X", "--partner", "NOBODY"], "unknown_partner"),
        (vec!["receive", "A", "0.5", "--to", "X"], "quantity_decimals"),
        (
            vec!["receive", "A", "1", "--to", "X", "--id", "7f930000-0000-7000-8000-000000000001"],
            "date_out_of_range",
        ),
        (vec!["transfer", "A", "1", "--from", "X", "--to", "X"], "posting_form"),
        (vec!["reverse", "01930000-0000-7000-8000-000000000001", "--reason", "r"], "unknown_movement"),
        (vec!["stock", "NONE"], "unknown_product"),
        (vec!["stock", "--location", "NOWHERE"], "unknown_location"),
        (vec!["ledger", "--sku", "NONE"], "unknown_product"),
        (vec!["location", "add", "Z"], "not_allowed"),
        (vec!["product", "add", "Z", "A thing"], "not_allowed"),
        (vec!["user", "list"], "not_allowed"),
    ] {
        let run = program.run(&[&arguments[..], &["--json"]].concat());
        assert_failed(&run, 3, "stockroom: ");
        let document = run.document();
        assert_eq!((keys(&document), &document["rule"]), (vec!["message", "rule", "status"], &json!(rule)));
    }
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 0);
    assert!(program.journal_entries().is_empty());
}

#[tokio::test]
async fn an_unavailable_database_exits_with_4() {
    let (database, program) = scene().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wrong_password = database.url("clerk").replacen("tests", "guess", 1);
    let no_schema = TestServer::shared().superuser_url();
    let no_database = TestServer::shared().url_for("clerk", PASSWORD, "nowhere");
    for (url, message) in [
        (format!("postgres://clerk@127.0.0.1:{closed}/stock_management"), "not available"),
        (wrong_password, "password authentication failed"),
        (no_schema, "run `stockroom db init`"),
        (no_database, "does not exist"),
        ("postgres://clerk@no-such-host.invalid/stock_management".to_owned(), "not available"),
    ] {
        for arguments in [vec!["stock"], vec!["receive", "A", "1", "--to", "X"]] {
            let run = program.run(&[&["--database-url", &url], &arguments[..], &["--json"]].concat());
            assert_failed(&run, 4, message);
            assert_eq!(run.document()["status"], "unavailable", "{run:?}");
            assert!(!run.stderr.contains("guess"), "the password is shown: {run:?}");
        }
    }
    assert!(program.journal_entries().is_empty(), "nothing was sent");
    let unnamed =
        Ran::of(&program.command(&["stock"]).env_remove("STOCKROOM_DATABASE_URL").output().unwrap());
    assert_failed(&unnamed, 2, "no database given");
}

#[tokio::test]
async fn a_database_of_an_older_version_exits_with_4_and_a_newer_one_is_used() {
    let (database, program) = scene().await;
    let superuser = connect(database.superuser_url()).await;
    let row = superuser.query_one("SELECT max(version) FROM stock.schema_history", &[]).await.unwrap();
    let current: i64 = row.get(0);
    let before = "SELECT max(version) FROM stock.schema_history WHERE version < $1";
    let previous: i64 = superuser.query_one(before, &[&current]).await.unwrap().get(0);
    let newer = format!("is newer (9999) than this program knows ({current}); install the current version");
    let older =
        format!("is older ({previous}) than this program needs ({current}); run `stockroom db migrate`");
    let oldest = format!("is older than this program needs ({current}); run `stockroom db migrate`");
    for (change, message) in [
        ("INSERT INTO stock.schema_history (version, name) VALUES (9999, 'later')", &newer),
        (
            "DELETE FROM stock.schema_history WHERE version IN (9999, (SELECT max(version) FROM stock.schema_history WHERE version < 9999))",
            &older,
        ),
        // Before everybody could read the version.
        ("REVOKE SELECT (version) ON stock.schema_history FROM stock_clerk", &oldest),
    ] {
        superuser.batch_execute(change).await.unwrap();
        for arguments in
            [["product", "list", "--json"].as_slice(), &["receive", "A", "1", "--to", "X", "--json"]]
        {
            let run = program.run(arguments);
            if *message == newer {
                assert_eq!(run.code, 0, "{run:?}");
                continue;
            }
            assert_failed(&run, 4, message);
            assert_eq!(run.document()["status"], "unavailable", "{run:?}");
        }
        // The check tells it as a finding, and the migration of a newer database is refused in the same words.
        let check = program.run(&["--database-url", database.superuser_url(), "db", "check"]);
        assert!(check.code == 6 && check.stdout.contains("schema version"), "{check:?}");
        if *message == newer {
            let migrate = program.run(&["--database-url", database.superuser_url(), "db", "migrate"]);
            assert_failed(&migrate, 4, &newer);
        }
    }
    assert!(program.journal_entries().is_empty(), "nothing was sent");
    let posted = "SELECT count(*) FROM stock.transactions";
    assert_eq!(superuser.query_one(posted, &[]).await.unwrap().get::<_, i64>(0), 1, "on the newer one");
    // A login without any group is told that it may not, and nothing about versions.
    superuser
        .batch_execute("GRANT SELECT (version) ON stock.schema_history TO stock_clerk; INSERT INTO stock.schema_history (version, name) VALUES (9999, 'later')")
        .await
        .unwrap();
    let stranger = format!("stranger_{}", database.name);
    superuser
        .batch_execute(&format!(
            "CREATE ROLE {stranger} LOGIN PASSWORD '{PASSWORD}'; GRANT CONNECT ON DATABASE {} TO {stranger}",
            database.name
        ))
        .await
        .unwrap();
    let run = program.run(&["--database-url", &database.url(&stranger), "stock"]);
    assert_failed(&run, 3, "permission denied");
}

#[tokio::test]
async fn a_file_is_posted_only_if_every_line_can_be_read() {
    let (database, program) = scene().await;
    let good = |id: &str, quantity: Value| {
        json!({"id": id, "kind": "receipt", "lines": [{"sku": "A", "quantity": quantity, "to": "X"}]})
            .to_string()
    };
    let id = new_id().to_string();
    let file = program.state_dir().join("postings.jsonl");
    let path = file.to_str().unwrap();
    let huge = format!("{}\n{}", good(&id, json!("1")), "x".repeat(5_000_000));
    let bad_lines: [&[u8]; 12] = [
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        br#"{"kind":"receipt","lines":[]}"#,
        br#"{"kind":"gift","lines":[{"sku":"A","quantity":"1","to":"X"}]}"#,
        br#"{"kind":"receipt","lines":[{"sku":"A","quantity":"1","from":"X"}]}"#,
        br#"{"kind":"receipt","lines":[{"sku":"A","quantity":-1,"to":"X"}]}"#,
        br#"{"kind":"receipt","lines":[{"sku":"A","quantity":"1","to":"X","colour":"red"}]}"#,
        br#"{"kind":"receipt","lines":[{"sku":"A\u0000","quantity":"1","to":"X"}]}"#,
        br#"{"kind":"adjustment","lines":[{"sku":"A","quantity":"1","to":"X"}]}"#,
        br#"{"id":"7","kind":"receipt","lines":[{"sku":"A","quantity":"1","to":"X"}]}"#,
    ];
    for bad in bad_lines {
        std::fs::write(&file, [good(&id, json!("1")).as_bytes(), b"\n\n", bad].concat()).unwrap();
        assert_failed(&program.run(&["post", path]), 2, "line 3");
    }
    std::fs::write(&file, huge).unwrap();
    assert_failed(&program.run(&["post", path]), 2, "longer than");
    assert_failed(&program.run(&["post", program.state_dir().to_str().unwrap()]), 1, "directory");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 0);

    let refused = json!({"kind": "issue", "lines": [{"sku": "B", "quantity": 1, "from": "X"}]}).to_string();
    std::fs::write(
        &file,
        [good(&id, json!("1")), refused, good(&new_id().to_string(), json!(2))].join("\r\n"),
    )
    .unwrap();
    let run = program.run(&["post", path, "--json"]);
    assert_eq!(run.code, 3, "{run:?}");
    let documents = run.documents();
    let statuses: Vec<_> = documents.iter().map(|line| line["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["posted", "refused", "posted"]);
    assert_eq!(documents[1]["rule"], "insufficient_stock");
    assert_eq!(program.run(&["post", path, "--json"]).documents()[0]["status"], "already_posted");
}

#[tokio::test]
async fn standard_input_is_posted_as_it_comes() {
    let (database, program) = scene().await;
    let line = r#"{"kind":"receipt","lines":[{"sku":"A","quantity":"1","to":"X"}]}"#;
    let mut command = program.command(&["post", "-", "--json"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for on_hand in ["1", "2", "3"] {
        writeln!(stdin, "{line}").unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["levels"][0]["on_hand"], on_hand, "each is answered before the next is sent");
    }
    writeln!(stdin, "nonsense").unwrap();
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, 3);
}

#[tokio::test]
async fn times_are_read_in_every_form() {
    let (database, _) = scene().await;
    // An admin's, because the month has no partition yet.
    let program = Program::new(&database.url("admin"));
    let old = stockroom::domain::PostingId::at("2011-03-01T10:00:00Z".parse().unwrap(), rand::random());
    let arguments = ["receive", "A", "5", "--to", "X", "--id", &old.to_string()];
    assert_eq!(program.run(&arguments).code, 0);
    for (time, rows) in [
        ("2011-02-28", 0),
        ("2011-03-01", 1),
        ("2011-03-01T09:59", 0),
        ("2011-03-01 10:00", 1),
        ("2011-03-01T10:00:00Z", 1),
        ("2011-03-01T11:30:00+02:00", 0),
        ("2011-03-01T09:59:59.999Z", 0),
        ("9999-12-29", 1),
        ("0001-01-01", 0),
    ] {
        let run = program.run(&["stock", "--as-of", time, "--json"]);
        assert_eq!((run.code, run.documents().len()), (0, rows), "{time} {run:?}");
    }
    assert_eq!(program.run(&["ledger", "--since", "2011-03-02", "--json"]).stdout, "");
    assert_eq!(program.run(&["ledger", "--since", "2011-03-01", "--json"]).documents().len(), 1);
}

#[tokio::test]
async fn closed_pipes_and_unwritable_directories_are_handled() {
    let (database, program) = scene().await;
    for index in 0..3 {
        let lines = vec![json!({"sku": "A", "quantity": "1", "to": "X"}); 1_000];
        let file = program.state_dir().join(format!("{index}.jsonl"));
        std::fs::write(&file, json!({"kind": "receipt", "lines": lines}).to_string()).unwrap();
        assert_eq!(program.run(&["post", file.to_str().unwrap()]).code, 0);
    }
    for arguments in
        [vec!["ledger", "--limit", "3000"], vec!["ledger", "--limit", "3000", "--json"], vec!["--help"]]
    {
        let mut command = program.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!errors.contains("panicked") && output.status.code() != Some(101), "{arguments:?} {errors}");
    }
    let mut child = program.command(&["stock", "NONE"]).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(3), "nobody reads the message");

    // Without a journal nothing is sent; a file stands where the directory should be, which stops root too.
    let before = number(&database, "SELECT count(*) FROM stock.transactions").await;
    let blocked = program.state_dir().join("blocked");
    std::fs::write(&blocked, "").unwrap();
    std::fs::set_permissions(&blocked, std::fs::Permissions::from_mode(0o400)).unwrap();
    let mut command = program.command(&["receive", "A", "1", "--to", "X"]);
    let run = Ran::of(&command.env("STOCKROOM_STATE_DIR", &blocked).output().unwrap());
    assert_failed(&run, 1, "STOCKROOM_STATE_DIR");
    assert_eq!(number(&database, "SELECT count(*) FROM stock.transactions").await, before);
    let reading =
        Ran::of(&program.command(&["stock"]).env("STOCKROOM_STATE_DIR", &blocked).output().unwrap());
    assert_eq!(reading.code, 0, "reading needs no journal: {reading:?}");
}

#[tokio::test]
async fn files_are_kept_from_others_and_a_password_in_a_readable_file_is_reported() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("admin"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let exported = program.state_dir().join("stock.csv");
    let command = program.command(&["export", "products", exported.to_str().unwrap()]);
    let line =
        format!("umask 0; exec {} export products {}", command.get_program().display(), exported.display());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &line]);
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(shell.status().unwrap().success());
    assert_eq!(mode(&exported), 0o640);

    let file = program.state_dir().join("config.toml");
    std::fs::write(&file, format!("database_url = \"{}\"\n", database.url("admin"))).unwrap();
    for (permissions, warned) in [(0o600, false), (0o640, true), (0o666, true)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(permissions)).unwrap();
        let ran = program.run(&["--config", file.to_str().unwrap(), "product", "list"]);
        assert_eq!(
            ran.stderr.contains("contains a password, and others can read it"),
            warned,
            "{permissions:o} {ran:?}"
        );
    }
}
