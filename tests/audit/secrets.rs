//! Passwords in the server's log: failed statements and records of pgaudit contain them as they were sent. Auditors can
//! read them, because evidence is kept unchanged; an admin finds them nowhere.

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::server::{TestServer, psql_at};
use crate::support::wait::until;
use stockroom::audit::reconcile::{Severity, Verdict};

/// What each secret begins with, so that a part of one is found too.
const SECRET: &str = "Xq7secret";

/// Statements of a superuser with a secret in place of `@`. Some of them succeed.
const STATEMENTS: [&str; 22] = [
    "ALTER ROLE nobody PASSWORD '@'",
    "ALTER ROLE clerk PASSWORD @",
    "ALTER ROLE clerk PASSWORD \"@\"",
    "CREATE USER nobody PASSWORD '@' IN ROLE no_such_group",
    "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR clerk SERVER s OPTIONS (user 'x', password '@')",
    "CREATE USER MAPPING FOR clerk SERVER missing OPTIONS (user 'x', password '@')",
    "ALTER SYSTEM SET primary_conninfo = 'host=10.0.0.9 password=@'",
    "ALTER SYSTEM SET no_such_parameter = @",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 password=@' PUBLICATION p WITH (connect = false)",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 password=@' PUBLICATION p",
    "CREATE SUBSCRIPTION t CONNECTION 'postgres://x:@' PUBLICATION p",
    "SELECT dblink_connect('postgres://x:@@127.0.0.1/y')",
    "DO $do$ BEGIN EXECUTE 'ALTER ROLE nobody PASSWORD ''@'''; END $do$",
    "SET stockroom.token = @",
    "SET stockroom.token TO '@'",
    "ALTER DATABASE no_such_database SET stockroom.token TO @",
    "INSERT INTO stock.partners (code, name, kind) VALUES ('P1', 'One', 'supplier'); ALTER ROLE nobody PASSWORD '@'",
    "UPDATE stock.products SET name = name /* @ */",
    "UPDATE stock.products SET name = name -- @",
    "SELECT '@'::integer",
    "ALTER ROLE nobody PASSWORD $t$@$t$",
    "CREATE TABLE public.copied AS SELECT U&'@' AS x",
];

fn secret(number: usize) -> String {
    format!("{SECRET}{number:02}")
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::too_many_lines, reason = "one log, and every way to read it")]
async fn an_admin_finds_no_password_and_an_auditor_finds_the_log_as_it_was() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    let collecting = Collecting::of(&database).await;
    let superuser = connect(database.superuser_url()).await;
    database.service("clerk").receive(receipt("A", "3", "X")).await.unwrap();
    for (number, statement) in STATEMENTS.iter().enumerate() {
        // Whether it succeeds does not matter: either is logged.
        let _ = superuser.batch_execute(&statement.replace('@', &secret(number))).await;
    }
    // The server logs the new value of a parameter that it takes over.
    superuser.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let _follower = collecting.follow(&database);
    let holds = |text: String| {
        format!("SELECT count(*) FROM audit.lines WHERE strpos(encode(raw, 'escape'), '{text}') > 0")
    };
    let mut awaited: Vec<String> = (0..STATEMENTS.len()).map(secret).collect();
    awaited.push("parameter \\\\\"primary_conninfo\\\\\" changed".to_owned());
    for text in awaited {
        until(&format!("{text} is collected"), async || {
            superuser.query_one(&holds(text.clone()), &[]).await.unwrap().get::<_, i64>(0) > 0
        })
        .await;
    }

    // Nothing that an admin may read in the database holds one.
    let admin = connect(&database.url("admin")).await;
    let readable = "SELECT c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'v', 'p', 'm') AND c.relnamespace NOT IN ('information_schema'::regnamespace, 'pg_toast'::regnamespace)
            AND has_column_privilege(c.oid, a.attnum, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE') AND c.relname <> 'pg_file_settings'
        GROUP BY c.oid";
    let relations: Vec<(String, String)> =
        admin.query(readable, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
    assert!(relations.iter().any(|(name, _)| name == "audit.log_entries"), "{relations:?}");
    for (relation, columns) in &relations {
        let found = format!(
            "SELECT r::text FROM (SELECT {columns} FROM {relation}) r WHERE strpos(r::text, $1) > 0
                OR strpos(r::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0"
        );
        // Some views of the system refuse whoever may not do more.
        match admin.query(&found, &[&SECRET]).await {
            Ok(rows) => assert!(rows.is_empty(), "{relation}: {}", rows[0].get::<_, String>(0)),
            Err(error) => assert!(
                !relation.starts_with("audit.") && !relation.starts_with("stock."),
                "{relation}: {error:?}"
            ),
        }
    }
    let month = "SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit.lines'::regclass";
    let month: String = superuser.query_one(month, &[]).await.unwrap().get(0);
    for kept in [
        "SELECT raw FROM audit.lines".to_owned(),
        "SELECT leaf_hash FROM audit.lines".to_owned(),
        "SELECT frontier FROM audit.trees".to_owned(),
        format!("SELECT raw FROM {month}"),
        "SELECT * FROM audit.read_log('x', 0, 1)".to_owned(),
    ] {
        let refused = psql_at(&server, &database.url("admin"), &kept).unwrap_err();
        assert!(refused.contains("permission denied"), "{kept}: {refused}");
    }

    // Nor does any command show one.
    let lines =
        format!("SELECT line_no FROM audit.lines WHERE strpos(encode(raw, 'escape'), '{SECRET}') > 0");
    let lines: Vec<i64> = superuser.query(&lines, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(lines.len() >= STATEMENTS.len(), "{lines:?}");
    let (admin, auditor) = (Program::new(&database.url("admin")), Program::new(&database.url("auditor")));
    let mut commands: Vec<Vec<String>> =
        lines.iter().map(|line| vec!["audit".into(), "record".into(), line.to_string()]).collect();
    for command in [
        "audit events --limit 100000",
        "audit events --errors --limit 100000",
        "audit events --limit 100000 --text Xq7",
        "audit summary",
        "audit export",
        "audit export --raw",
        "audit export --format csv",
        "audit status",
        "session list",
        "db check",
    ] {
        commands.push(command.split(' ').map(str::to_owned).collect());
    }
    for command in &commands {
        for json in [false, true] {
            let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            arguments.extend(json.then_some("--json"));
            let ran = admin.run(&arguments);
            assert!(matches!(ran.code, 0 | 6), "{arguments:?}: {ran:?}");
            assert!(!format!("{ran:?}").contains(SECRET), "{arguments:?}: {ran:?}");
        }
    }
    let refused = admin.run(&["audit", "verify"]);
    assert!(refused.code == 3 && refused.stderr.contains("only an auditor can verify"), "{refused:?}");
    // An admin still sees what was done, by whom, and every login.
    let seen = admin.run(&["audit", "events", "--limit", "100000"]).stdout;
    for text in [
        "CREATE SUBSCRIPTION",
        "UPDATE stock.products",
        "syntax error at or near …",
        "for auditors",
        "agrees",
    ] {
        assert!(seen.contains(text), "{text}: {seen}");
    }
    assert!(!seen.contains("UNREADABLE"), "{seen}");
    assert!(admin.run(&["audit", "events", "--logins"]).stdout.contains("user=admin"));

    // What was collected is what the server wrote, for the auditor and for the seal.
    for (number, line) in lines.iter().enumerate() {
        let shown = auditor.run(&["audit", "record", &line.to_string(), "--json"]);
        assert!(shown.stdout.contains(SECRET), "{number}: {shown:?}");
    }
    let report = collecting.verify(&database).await;
    let others: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| {
            finding.severity == Severity::Alarm && finding.verdict != Verdict::ConfigurationChanged
        })
        .collect();
    assert!(others.is_empty(), "{others:#?}");
}
