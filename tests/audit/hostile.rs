//! Text that controls a terminal, reverses the direction of writing or begins a formula, wherever a clerk, a file or a
//! visitor can supply it: no command prints it unchanged.

use std::fs;

use stockroom::domain::display::is_unsafe;

use crate::support::audit::Collecting;
use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::wait::until;

/// Clears the screen, sets its title, turns the direction of writing, and ends the line.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;y\u{7}\u{9b}1m\u{202e}\u{200b}\nNo alarms: 1 movements";

/// Fails if what a command printed holds anything that it must not.
fn assert_safe(ran: &Ran, command: &[&str]) {
    for text in [&ran.stdout, &ran.stderr] {
        let found: Vec<char> = text.chars().filter(|c| is_unsafe(*c) && *c != '\n').collect();
        assert!(found.is_empty(), "{command:?} prints {found:?}:\n{text:?}");
        assert!(!text.lines().any(|line| line.starts_with("No alarms: 1 movements")), "{command:?}:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::too_many_lines, reason = "one series of commands on one server")]
async fn no_command_prints_control_sequences_of_others() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let superuser = connect(database.superuser_url()).await;
    // A visitor who cannot log in, with a name of their own choice; and a clerk's failing statement.
    let mut visitor: tokio_postgres::Config = database.url("clerk").parse().unwrap();
    visitor.user(HOSTILE).password("x").application_name(HOSTILE);
    assert!(visitor.connect(tokio_postgres::NoTls).await.is_err());
    let clerk = connect(&database.url("clerk")).await;
    let failing = format!("SELECT 1 /* {HOSTILE} */ + '{HOSTILE}'::int");
    assert!(clerk.batch_execute(&failing).await.is_err());
    // Codes and names that the database accepts, since they hold no control characters.
    let hidden = "=CMD\u{202e}\u{200b}";
    superuser
        .execute("INSERT INTO stock.partners (code, name, kind) VALUES ('P', $1, 'supplier')", &[&hidden])
        .await
        .unwrap();
    superuser.execute("UPDATE stock.products SET name = $1, category = $1", &[&hidden]).await.unwrap();
    // What a superuser does by hand is reported with its statement.
    superuser
        .batch_execute(&format!("ALTER TABLE stock.lots /* {HOSTILE} */ DISABLE TRIGGER USER; ALTER TABLE stock.lots ENABLE TRIGGER USER"))
        .await
        .unwrap();
    let _follower = collecting.follow(&database);
    until("the lines are collected", async || {
        let seen =
            "SELECT count(*) FROM audit.lines WHERE strpos(encode(raw, 'escape'), 'DISABLE TRIGGER') > 0";
        superuser.query_one(seen, &[]).await.unwrap().get::<_, i64>(0) > 0
    })
    .await;

    let checkpoints = collecting.checkpoints().to_str().unwrap().to_owned();
    let key = format!("{}.pub", collecting.key().display());
    let auditor = Program::new(&database.url("auditor"));
    let file = auditor.state_dir().join("hostile.csv");
    fs::write(&file, format!("sku,{HOSTILE}\n{HOSTILE},\"{HOSTILE}\"\n")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let program = |login: &str| Program::new(&database.url(login));
    let (admin, auditor) = (program("admin"), auditor);
    let lines: Vec<i64> = superuser
        .query("SELECT line_no FROM audit.lines WHERE strpos(encode(raw, 'escape'), '2J') > 0", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(lines.len() >= 3, "the visitor, the clerk and the superuser: {lines:?}");
    let run = |program: &Program, arguments: &[&str]| {
        for json in [&[][..], &["--json"]] {
            let arguments = [arguments, json].concat();
            assert_safe(&program.run(&arguments), &arguments);
        }
    };
    for line in &lines {
        run(&auditor, &["audit", "record", &line.to_string()]);
    }
    run(&auditor, &["audit", "events", "--limit", "500"]);
    run(&auditor, &["audit", "events", "--errors"]);
    run(&auditor, &["audit", "events", "--logins"]);
    run(&auditor, &["audit", "summary"]);
    run(&auditor, &["audit", "export", "--format", "csv"]);
    run(&auditor, &["audit", "export"]);
    let verify = ["audit", "verify", "--full", "--checkpoints", &checkpoints, "--public-key", &key];
    let verified = auditor.run(&verify);
    assert_safe(&verified, &verify);
    assert!(verified.code == 6 && verified.stdout.contains("DISABLE TRIGGER"), "{verified:?}");
    run(&auditor, &verify);
    run(&auditor, &["audit", "status"]);
    run(&admin, &["product", "list"]);
    run(&admin, &["partner", "list"]);
    run(&admin, &["session", "list"]);
    run(&admin, &["stock"]);
    run(&admin, &["import", "products", &file]);
    run(&admin, &["import", "movements", &file]);
    run(&admin, &["receive", HOSTILE, "1", "--to", "X"]);
    run(&admin, &["user", "disable", HOSTILE]);
    run(&Program::new(&format!("{}?x={}", database.url("clerk"), "%1b%5b2J")), &["stock"]);

    let exported = admin.run(&["export", "products"]);
    assert!(exported.stdout.contains("'=CMD"), "{exported:?}");
    assert!(admin.run(&["export", "products", "--raw"]).stdout.contains(",=CMD"), "{exported:?}");
}
