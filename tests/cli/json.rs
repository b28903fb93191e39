//! What every command prints with `--json`. Other programs read it, so that a change of a snapshot here is a change
//! that breaks them, unless it only adds a field.
#![allow(clippy::too_many_lines, reason = "each test is one series of commands")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use stockroom::service::new_id;

use crate::support::audit::Collecting;
use crate::support::commands::receipt;
use crate::support::database::TestDatabase;
use crate::support::program::Program;
use crate::support::raw::connect;
use crate::support::server::TestServer;
use crate::support::transcript::Transcript;
use crate::support::wait::until_blocking;

/// The words of every command that can be given: those that do something themselves, also beside subcommands.
fn commands() -> BTreeSet<String> {
    fn walk(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        if !command.is_subcommand_required_set() {
            found.insert(path.trim().to_owned());
        }
        for next in command.get_subcommands().filter(|next| next.get_name() != "help") {
            walk(next, &format!("{path} {}", next.get_name()), found);
        }
    }
    let mut found = BTreeSet::new();
    walk(&stockroom::cli::command(), "", &mut found);
    found
}

/// The commands that the snapshots of this file hold.
fn pinned() -> BTreeSet<String> {
    let known = stockroom::cli::command();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/snapshots");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("$ stockroom ")) {
            let (mut command, mut path) = (&known, Vec::new());
            for word in line.split(' ') {
                let Some(next) = command.find_subcommand(word) else { break };
                path.push(word);
                command = next;
            }
            found.insert(path.join(" "));
        }
    }
    found
}

#[test]
fn every_command_has_a_snapshot() {
    let pinned = pinned();
    // What they print is for a shell and for `man`.
    let for_others = ["completions", "man"];
    // They change the home of whoever runs them; login.rs gives them one of their own.
    let elsewhere = ["login", "logout"];
    let shown = |command: &String| {
        let name = command.as_str();
        pinned.contains(command) || for_others.contains(&name) || elsewhere.contains(&name)
    };
    let missing: Vec<String> = commands().into_iter().filter(|command| !shown(command)).collect();
    assert!(missing.is_empty(), "no snapshot of this file shows them: {missing:?}");
}

/// A database with two products, two places and what is on hand of one, and the program as clerk and as admin.
async fn scene() -> (TestDatabase, Program, Program) {
    let database = TestDatabase::new().await.with_catalogue(&["A", "B"], &["X", "Y"]).await;
    let (clerk, admin) = (Program::new(&database.url("clerk")), Program::new(&database.url("admin")));
    (database, clerk, admin)
}

#[tokio::test]
async fn reports() {
    let (database, clerk, admin) = scene().await;
    let analyst = Program::new(&database.url("analyst"));
    let done =
        |program: &Program, arguments: &[&str]| assert_eq!(program.run(arguments).code, 0, "{arguments:?}");
    done(&admin, &["product", "change", "A", "--unit-cost", "2.5", "--category", "Tools"]);
    done(&clerk, &["receive", "A", "8", "--to", "X", "--unit-price", "2"]);
    done(&clerk, &["receive", "B", "5", "--to", "X"]);
    done(&clerk, &["issue", "A", "3", "--from", "X", "--unit-price", "4.99"]);
    done(&clerk, &["count", "A", "4", "--at", "X"]);
    let mut seen = Transcript::default();
    for report in ["turnover", "value", "movers", "abc", "dead-stock", "shrinkage"] {
        seen.run(&analyst, &["report", report, "--limit", "1"]);
    }
    let period = ["--from", "2020-01-01T00:00:00Z", "--to", "2020-12-31T00:00:00Z", "--category", "Tools"];
    seen.run(&analyst, &[&["report", "value"][..], &period].concat());
    seen.run(&analyst, &["report", "value", "--from", "2020-01-02", "--to", "2020-01-01"]);
    insta::assert_snapshot!("reports", seen.text());

    let csv = analyst.run(&["report", "value", "--csv"]);
    assert_eq!(
        csv.stdout,
        "sku,name,category,on_hand,value,at_standard_cost,without_cost\nA,Product A,Tools,4,8,0,0\nB,Product B,,5,0,0,5\n"
    );
    let table = analyst.run(&["report", "dead-stock"]).stdout;
    assert!(table.contains("never") && table.lines().last().unwrap().starts_with("TOTAL"), "{table}");
}

#[tokio::test]
async fn postings_and_what_is_on_hand() {
    let (_database, clerk, admin) = scene().await;
    let mut seen = Transcript::default();
    seen.place(clerk.state_dir(), "<state>");
    let id = new_id().to_string();
    let receive =
        ["receive", "a", "10.0", "--to", "x", "--reference", "PO-7", "--unit-price", "1.25", "--id", &id];
    seen.run(&clerk, &receive);
    seen.run(&clerk, &receive);
    let issued = seen.run(&clerk, &["issue", "A", "2", "--from", "X", "--reason", "sample"]).document();
    seen.run(&clerk, &["issue", "A", "11", "--from", "X"]);
    let moved = seen.run(&clerk, &["transfer", "A", "4", "--from", "X", "--to", "Y"]).document();
    seen.run(&clerk, &["count", "A", "5", "--at", "Y"]);
    seen.run(&clerk, &["count", "A", "5", "--at", "Y"]);
    let lot = ["product", "add", "L", "Product L", "--tracking", "lot"];
    assert_eq!(admin.run(&lot).code, 0);
    seen.run(&clerk, &["receive", "L", "3", "--to", "X", "--lot", "L1", "--expires", "2999-01-31"]);
    seen.run(&clerk, &["receive", "L", "4", "--to", "X", "--lot", "L2", "--expires", "2999-02-28"]);
    seen.run(&clerk, &["issue", "L", "5", "--from", "X"]);
    seen.run(&clerk, &["reverse", moved["posting_id"].as_str().unwrap(), "--reason", "a slip"]);
    let movement = issued["transactions"][0]["id"].as_str().unwrap();
    seen.run(&clerk, &["reverse", movement, "--reason", "a slip", "--movement-only"]);
    seen.run(&clerk, &["reverse", movement, "--reason", "a slip"]);
    seen.run(&clerk, &["stock"]);
    seen.run(&clerk, &["stock", "A", "--location", "Y"]);
    seen.run(&clerk, &["stock", "--as-of", "2011-03-01"]);
    seen.run(&clerk, &["ledger"]);
    seen.run(&clerk, &["ledger", "--sku", "A", "--reference", "PO-7", "--by", "clerk", "--limit", "1"]);
    insta::assert_snapshot!("postings", seen.text());
}

#[tokio::test]
async fn files_of_postings() {
    let (_database, clerk, _) = scene().await;
    let mut seen = Transcript::default();
    seen.place(clerk.state_dir(), "<state>");
    let line = |kind: &str, sku: &str, from: Option<&str>, to: Option<&str>| json!({"kind": kind, "reference": "R-1", "lines": [{"sku": sku, "quantity": "2", "from": from, "to": to}]});
    let file = clerk.state_dir().join("postings.jsonl");
    let lines = [line("receipt", "A", None, Some("X")), line("issue", "B", Some("X"), None)];
    fs::write(&file, format!("{}\n{}\n", lines[0], lines[1])).unwrap();
    seen.run(&clerk, &["post", file.to_str().unwrap()]);
    seen.run_with_input(&clerk, &["post", "-"], &file);
    fs::write(&file, "{}").unwrap();
    seen.run(&clerk, &["post", file.to_str().unwrap()]);
    insta::assert_snapshot!("files_of_postings", seen.text());
}

#[tokio::test]
async fn master_data() {
    let (_database, clerk, admin) = scene().await;
    let mut seen = Transcript::default();
    let add = [
        &["product", "add", "TEA", "Green tea", "--unit", "kg", "--decimals", "3", "--category", "Drinks"][..],
        &["--reorder-point", "2.5", "--unit-cost", "4.20", "--unit-price", "9", "--tracking", "lot"],
        &["--barcode", "4006381333931"],
    ];
    seen.run(&admin, &add.concat());
    seen.run(&admin, &add.concat());
    seen.run(&clerk, &["product", "add", "Z", "A thing"]);
    seen.run(&admin, &["product", "barcode", "TEA", "5000000000012", "--pack", "12"]);
    let received =
        clerk.run(&["receive", "TEA", "1.5", "--to", "X", "--lot", "T1", "--expires", "2999-01-31"]);
    assert_eq!(received.code, 0, "{received:?}");
    seen.run(&clerk, &["product", "show", "TEA"]);
    seen.run(&admin, &["product", "barcode", "TEA", "5000000000012", "--remove"]);
    seen.run(&admin, &["product", "change", "TEA", "--name", "Tea", "--category", "none"]);
    seen.run(&clerk, &["product", "list", "tea"]);
    seen.run(&clerk, &["product", "list", "--low", "--limit", "1"]);
    seen.run(&admin, &["product", "archive", "TEA"]);
    seen.run(&admin, &["product", "archive", "TEA"]);
    seen.run(&clerk, &["product", "list", "tea", "--archived"]);
    seen.run(&admin, &["product", "restore", "TEA"]);
    seen.run(&admin, &["product", "restore", "TEA"]);
    seen.run(&clerk, &["product", "show", "NONE"]);
    seen.run(&admin, &["lot", "change", "TEA", "T1", "--expires", "2999-06-30"]);
    seen.run(&admin, &["lot", "change", "TEA", "T1", "--expires", "none"]);
    seen.run(&admin, &["lot", "change", "TEA", "T9", "--expires", "none"]);
    seen.run(&admin, &["location", "add", "W", "--name", "Warehouse", "--kind", "site"]);
    seen.run(&admin, &["location", "add", "W-1", "--parent", "W"]);
    seen.run(&admin, &["location", "change", "W-1", "--name", "First", "--kind", "shelf"]);
    seen.run(&admin, &["location", "archive", "W-1"]);
    seen.run(&admin, &["location", "archive", "W-1"]);
    seen.run(&clerk, &["location", "list"]);
    seen.run(&admin, &["location", "restore", "W-1"]);
    seen.run(&admin, &["location", "restore", "W-1"]);
    seen.run(&admin, &["location", "archive", "X"]);
    seen.run(&admin, &["partner", "add", "S-1", "--kind", "supplier", "--name", "Leaf and Sons"]);
    seen.run(&admin, &["partner", "add", "S-1", "--kind", "supplier"]);
    seen.run(&clerk, &["partner", "list"]);
    insta::assert_snapshot!("master_data", seen.text());
}

#[tokio::test]
async fn orders() {
    let (_database, clerk, admin) = scene().await;
    let mut seen = Transcript::default();
    let run = |program: &Program, arguments: &[&str]| assert_eq!(program.run(arguments).code, 0);
    run(&admin, &["partner", "add", "C-1", "--kind", "customer"]);
    run(&admin, &["partner", "add", "S-1", "--kind", "supplier"]);
    run(&admin, &["location", "add", "DOCK", "--kind", "dock"]);
    run(&admin, &["location", "add", "Q", "--kind", "quarantine"]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("orders.jsonl");
    // In this order, as an export lists them: ids made in one millisecond are in no order.
    let ids = [1, 2, 3].map(|number| format!("0199f000-000{number}-7000-8000-000000000000"));
    let lines = [
        json!({"id": ids[0], "kind": "purchase", "partner": "S-1", "due_on": "2999-01-31", "lines": [{"sku": "A", "quantity": "8", "unit_price": "1.25"}]}),
        json!({"id": ids[1], "kind": "sales", "partner": "C-1", "partner_reference": "THEIR-7", "lines": [{"sku": "A", "quantity": "5"}, {"sku": "B", "quantity": "1"}]}),
        json!({"id": ids[2], "kind": "transfer", "to": "Y", "lines": [{"sku": "A", "quantity": "1", "over_percent": "10"}]}),
        json!({"kind": "sales", "partner": "NOBODY", "lines": [{"sku": "A", "quantity": "5"}]}),
    ];
    fs::write(&file, lines.map(|line| line.to_string()).join("\n")).unwrap();
    seen.place(&file, "<file>");
    seen.run(&clerk, &["order", "add", file.to_str().unwrap()]);
    let draft = directory.path().join("draft.jsonl");
    let wanted = json!({"kind": "transfer", "to": "Y", "lines": [{"sku": "A", "quantity": "2"}]});
    fs::write(&draft, wanted.to_string()).unwrap();
    seen.place(&draft, "<draft>");
    seen.run(&clerk, &["order", "edit", "TO-1", draft.to_str().unwrap()]);
    seen.run(&admin, &["product", "supplier", "A", "S-1", "--price", "1.25", "--pack", "4"]);
    let refused = seen.run(&clerk, &["order", "confirm", "PO-1"]).document();
    assert!(refused["message"].as_str().unwrap().contains("Only admins confirm"), "{refused}");
    seen.run(&admin, &["order", "confirm", "PO-1"]);
    seen.run(&clerk, &["order", "receive", "PO-1", "--to", "X", "--line", "1", "6"]);
    seen.run(&clerk, &["order", "receive", "PO-1", "--to", "X", "--line", "1", "3"]);
    seen.run(&admin, &["order", "confirm", "SO-1", "--reserve"]);
    seen.run(&clerk, &["order", "reserve", "SO-1", "--line", "2", "1"]);
    seen.run(&clerk, &["issue", "A", "2", "--from", "X"]);
    seen.run(&clerk, &["stock", "A"]);
    seen.run(&clerk, &["order", "pick-list", "SO-1"]);
    seen.run(&clerk, &["order", "pick", "SO-1", "--line", "1", "4"]);
    seen.run(&clerk, &["order", "ship", "SO-1"]);
    seen.run(&clerk, &["order", "return", "SO-1", "--line", "1", "1"]);
    seen.run(&clerk, &["order", "release", "SO-1", "--reason", "not wanted"]);
    seen.run(&admin, &["order", "close", "SO-1", "--line", "2", "--reason", "discontinued"]);
    seen.run(&admin, &["order", "add-line", "SO-1", "B", "2"]);
    seen.run(&admin, &["order", "change-line", "SO-1", "1", "4", "--reason", "fewer"]);
    seen.run(&admin, &["order", "close", "SO-1", "--reason", "short"]);
    seen.run(&admin, &["order", "reopen", "SO-1", "--reason", "more came"]);
    seen.run(&admin, &["order", "cancel", "TO-1", "--reason", "not needed"]);
    seen.run(&clerk, &["order", "show", "SO-9"]);
    seen.run(&clerk, &["order", "list", "--kind", "sales"]);
    seen.run(&clerk, &["order", "reserve", "--due-within", "7"]);
    seen.run(&clerk, &["order", "reorder"]);
    seen.run(&admin, &["order", "policy", "sales", "--reserve", "before_due", "--reserve-days", "5"]);
    seen.run(&admin, &["order", "policy", "sales", "--expire-days", "none", "--clerks-decide", "true"]);
    seen.run(&admin, &["order", "policy", "purchase", "--expire-days", "3"]);
    seen.run(&clerk, &["order", "policy", "sales", "--clerks-decide", "false"]);
    seen.run(&clerk, &["order", "policy"]);
    let orders = directory.path().join("orders.csv");
    let rows = ["order,kind,partner,sku,quantity", "1,sales,C-1,A,2", "1,sales,C-1,B,1", "2,sales,S-1,A,1"];
    fs::write(&orders, rows.join("\n")).unwrap();
    seen.place(&orders, "<orders>");
    seen.run(&clerk, &["order", "import", orders.to_str().unwrap()]);
    seen.run(&clerk, &["order", "export"]);
    insta::assert_snapshot!("orders", seen.text());
}

#[tokio::test]
async fn imports_and_exports() {
    let (database, clerk, admin) = scene().await;
    let mut seen = Transcript::default();
    let folder = tempfile::tempdir().unwrap();
    seen.place(folder.path(), "<folder>");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (products, movements, rejects) = (path("products.csv"), path("movements.csv"), path("rejects.csv"));
    fs::write(&products, "sku,name,unit,decimals,reorder_point\nC,Product C,kg,2,1.5\nD,,kg,9,\n").unwrap();
    seen.run(&admin, &["import", "products", &products, "--dry-run"]);
    seen.run(&admin, &["import", "products", &products, "--rejects", &rejects]);
    let rows = "kind,occurred_at,reference,sku,quantity,from,to,unit_price\n\
        receipt,2024-01-02T10:00:00Z,R1,A,5,,X,1.00\n\
        issue,2024-01-02T11:00:00Z,I1,A,9,X,,2.00\n\
        issue,2024-01-02T12:00:00Z,I2,A,2,X,,2.00\n";
    fs::write(&movements, rows).unwrap();
    seen.run(&admin, &["import", "movements", &movements, "--dry-run"]);
    seen.run(&admin, &["import", "movements", &movements, "--rejects", &rejects]);
    seen.run(&admin, &["import", "movements", &movements]);
    seen.run(&admin, &["import", "movements", &path("missing.csv")]);
    let run = stockroom::service::new_id().uuid();
    let imported = format!(
        "INSERT INTO stock.import_runs (run_id, feed, content, profile, file_name, file_bytes, file_hash)
         VALUES ('{run}', 'command', 'movements', 'stockroom', 'a.csv', 120, sha256('a'));
         INSERT INTO stock.import_results (run_id, outcome, rows_read, rows_posted, rows_already_posted, rows_rejected, postings, value_read, value_posted, value_rejected, seconds)
         VALUES ('{run}', 'rejects', 3, 2, 0, 1, 2, 9, 6.5, 2.5, 0.25)"
    );
    connect(database.superuser_url()).await.batch_execute(&imported).await.unwrap();
    seen.run(&admin, &["import", "runs", "--limit", "1"]);
    seen.run(&clerk, &["export", "products"]);
    seen.run(&clerk, &["export", "stock"]);
    seen.run(&clerk, &["export", "movements"]);
    seen.run(&clerk, &["export", "stock", &path("stock.csv")]);
    insta::assert_snapshot!("imports_and_exports", seen.text());
}

/// On a server of its own, because logins belong to the server.
#[tokio::test]
async fn the_server_and_its_people() {
    let server = TestServer::own(&[]);
    let superuser = Program::new(&server.superuser_url());
    let mut seen = Transcript::default();
    seen.place(server.instance_dir(), "<server>");
    seen.run_and_pick(&superuser, &["db", "init"], |mut documents| {
        documents[0]["migrations"].as_array_mut().unwrap().truncate(1);
        documents
    });
    seen.run(&superuser, &["db", "init"]);
    let mut url = url::Url::parse(&server.superuser_url()).unwrap();
    url.set_path("stock_management");
    let superuser = Program::new(url.as_str());
    seen.run(&superuser, &["db", "migrate"]);
    seen.run(&superuser, &["db", "partitions", "2010-01", "2010-03"]);
    seen.run(&superuser, &["db", "partitions", "2010-03", "2010-01"]);
    seen.run(&superuser, &["db", "check"]);
    let added = seen.run(&superuser, &["user", "add", "ann", "--role", "clerk", "--generate"]).document();
    let password = superuser.state_dir().join("password");
    fs::write(&password, "a password for tests\n").unwrap();
    let stdin = ["user", "add", "bob", "--role", "auditor", "--password-stdin"];
    seen.run_with_input(&superuser, &stdin, &password);
    seen.run(&superuser, &["user", "add", "ann", "--role", "clerk", "--generate"]);
    seen.run(&superuser, &["user", "disable", "bob"]);
    seen.run(&superuser, &["user", "role", "bob", "auditor"]);
    seen.run(&superuser, &["user", "password", "bob", "--generate"]);
    seen.run(&superuser, &["user", "list"]);
    // The sessions of what ran just before may still be ending.
    seen.run_and_pick(&superuser, &["session", "list"], |sessions| {
        sessions.into_iter().filter(|session| session["state"] == "active").take(1).collect()
    });
    seen.run(&superuser, &["session", "end", "999999999"]);
    seen.run(&superuser, &["user", "enable", "bob"]);
    let ann = Program::new(&server.url_for("ann", added["password"].as_str().unwrap(), "stock_management"));
    seen.run(&ann, &["user", "list"]);
    seen.run(&ann, &["user", "password", "--generate"]);
    seen.run(&ann, &["stock"]);
    seen.place(superuser.state_dir(), "<state>");
    let credentials = superuser.state_dir().join("credentials");
    seen.run(&superuser, &["serve", "credentials", credentials.to_str().unwrap()]);
    seen.run(&superuser, &["serve", "--listen", "0.0.0.0:0"]);
    seen.run(&superuser, &["serve", "status", "--listen", "127.0.0.1:1"]);
    insta::assert_snapshot!("server_and_people", seen.text());
}

#[tokio::test]
async fn personal_data() {
    let (database, clerk, _) = scene().await;
    let place = tempfile::tempdir().unwrap();
    let keyring = place.path().join("keyring");
    let admin = Program::new(&database.url("admin")).with_keyring(&keyring);
    let mut seen = Transcript::default();
    seen.place(place.path(), "<place>");
    seen.run(&admin, &["privacy", "check"]);
    seen.run(&admin, &["privacy", "init"]);
    let fields = ["--contact-name", "Jane Doe", "--email", "jane@example.com"];
    seen.run(&admin, &[&["partner", "add", "C-1", "--kind", "customer"], &fields[..]].concat());
    seen.run(&admin, &["partner", "change", "C-1", "--telephone", "+44 20 7946 0000", "--email", "none"]);
    seen.run(&admin, &["partner", "show", "C-1"]);
    seen.run(&clerk, &["partner", "show", "C-1"]);
    seen.run(&clerk, &["partner", "change", "C-1", "--telephone", "1"]);
    seen.run(&admin, &["user", "name", "clerk", "Ann Example"]);
    seen.run(&admin, &["privacy", "fields"]);
    seen.run(&admin, &["privacy", "classify", "tax_number", "not-personal"]);
    seen.run(&admin, &["privacy", "check"]);
    seen.run(&admin, &["privacy", "restrict", "C-1", "--ground", "a dispute"]);
    seen.run(&admin, &["privacy", "export", "C-1"]);
    seen.run(&admin, &["privacy", "erase", "C-1", "--ground", "asked"]);
    seen.run(&admin, &["privacy", "erase", "C-1", "--ground", "asked again"]);
    seen.run(&admin, &["privacy", "rotate", "--prepare"]);
    seen.run(&admin, &["privacy", "rotate"]);
    insta::assert_snapshot!("personal_data", seen.text());
}

#[tokio::test]
async fn what_is_refused_before_anything_is_done() {
    let (_database, clerk, _) = scene().await;
    let nobody = Program::new("postgres://nobody@127.0.0.1:1/nothing");
    let mut seen = Transcript::default();
    seen.run(&clerk, &[]);
    seen.run(&nobody, &["stock"]);
    seen.run(&nobody, &["--config", "/no/such/file.toml", "stock"]);
    seen.run(&clerk, &["receive", "A", "1", "--to", "NOWHERE"]);
    seen.run(&clerk, &["receive", "NONE", "1", "--to", "X"]);
    seen.run(&clerk, &["receive", "A", "0.5", "--to", "X"]);
    seen.run(&clerk, &["stock", "--location", "NOWHERE"]);
    seen.run(&clerk, &["location", "add", "Z"]);
    insta::assert_snapshot!("refusals", seen.text());
}

#[test]
fn the_demo() {
    let nobody = Program::new("postgres://nobody@127.0.0.1:1/nothing");
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("demo");
    let mut seen = Transcript::default();
    seen.place(folder.path(), "<folder>");
    let in_directory = ["--data-dir", directory.to_str().unwrap()];
    let status = || nobody.run(&[&["demo", "status", "--json"], &in_directory[..]].concat()).document();
    let mut run = |arguments: &[&str]| seen.run(&nobody, &[&["demo"], arguments, &in_directory].concat());
    run(&["status"]);
    // Without a terminal it does not open the screens.
    run(&["--empty"]);
    run(&["status"]);
    run(&["start", "--empty"]);
    // As long as the collector of that start is at work, a second one ends at once.
    until_blocking("the demo has a collector", || status()["collecting"] == true);
    run(&["collect"]);
    run(&["status"]);
    run(&["stop"]);
    run(&["stop"]);
    run(&["reset"]);
    insta::assert_snapshot!("demo", seen.text());
}

/// On a server of its own, because the collector reads the log of the whole server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit() {
    let server = TestServer::own(&[]);
    let database = TestDatabase::on(&server).await.with_catalogue(&["A"], &["X"]).await;
    drop(Collecting::of(&database).await);
    let service = database.service("clerk");
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(service.receive(receipt("A", "1", "X")).await.unwrap().posting_id.to_string());
    }
    let superuser = Program::new(database.superuser_url());
    let clerk = Program::new(&database.url("clerk"));
    let auditor = Program::new(&database.url("auditor"));
    let mut seen = Transcript::default();
    let place = tempfile::tempdir().unwrap();
    seen.place(place.path(), "<place>");
    seen.place(Path::new(&database.name), "<database>");
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (key, points, public, proof) =
        (path("seal.key"), path("points"), path("seal.key.pub"), path("proof"));

    let changed = seen.run(&superuser, &["audit", "password", "--generate"]).document();
    let mut url = url::Url::parse(&database.url("stock_collector")).unwrap();
    url.set_password(changed["password"].as_str()).unwrap();
    let collector = Program::new(url.as_str());
    seen.run(&auditor, &["audit", "status"]);
    seen.run(&auditor, &["audit", "verify", "--patience", "1"]);
    seen.run(&collector, &["audit", "collect", "--key", &key, "--checkpoints", &points]);
    let seal = ["--key", &key, "--checkpoints", &points];
    seen.run_and_pick(&collector, &[&["audit", "checkpoint"][..], &seal].concat(), |mut documents| {
        // The other tree is the ledger, whose size is known.
        documents[0]["size"] = "<number>".into();
        documents
    });
    seen.run(&collector, &[&["audit", "prune", "--keep-months", "1"][..], &seal].concat());
    let verify = ["audit", "verify", "--checkpoints", &points, "--public-key", &public];
    let follow = ["audit", "collect", "--follow", "--no-seal"];
    let mut follower =
        collector.command(&follow).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    seen.run(&auditor, &verify);
    seen.run(&auditor, &verify);
    seen.run(&auditor, &["audit", "status", "--key", &key, "--checkpoints", &points]);
    let prove = ["audit", "prove", &ids[1], "--checkpoints", &points, "--public-key", &public];
    seen.run(&auditor, &prove);
    seen.run(&auditor, &[&prove[..], &["--output", &proof]].concat());
    seen.run(&auditor, &["audit", "check-proof", &proof, "--public-key", &public]);
    let altered = fs::read_to_string(&proof).unwrap().replace("\"leaf_no\": 1", "\"leaf_no\": 2");
    fs::write(&proof, altered).unwrap();
    seen.run(&auditor, &["audit", "check-proof", &proof, "--public-key", &public]);

    let postings = ["audit", "events", "--object", "stock.transactions", "--login", "clerk"];
    let events = seen.run(&auditor, &[&postings[..], &["--limit", "1"]].concat()).document();
    seen.run_and_pick(&auditor, &["audit", "events", "--logins", "--login", "clerk"], |mut events| {
        events.truncate(1);
        events
    });
    seen.run(&auditor, &["audit", "record", &events["line_no"].to_string()]);
    seen.run(&auditor, &["audit", "record", "99999999"]);
    let of_the_ledger = |documents: Vec<Value>| -> Vec<Value> {
        let wanted =
            |document: &&Value| document["login"] == "clerk" && document["object"] == "stock.transactions";
        documents.iter().filter(wanted).take(1).cloned().collect()
    };
    seen.run_and_pick(&auditor, &["audit", "summary"], of_the_ledger);
    seen.run_and_pick(&auditor, &["audit", "export", "--format", "jsonl"], of_the_ledger);
    seen.run(&auditor, &["audit", "export", &path("log.csv")]);
    seen.run(&clerk, &["audit", "events"]);

    let tamper =
        "ALTER TABLE stock.stock_levels DISABLE TRIGGER ALL; UPDATE stock.stock_levels SET on_hand = 99;
        ALTER TABLE stock.stock_levels ENABLE TRIGGER ALL";
    connect(database.superuser_url()).await.batch_execute(tamper).await.unwrap();
    let mut alarm = String::new();
    seen.run_and_pick(&auditor, &[&verify[..], &["--full"]].concat(), |mut documents| {
        let findings = documents[0]["findings"].as_array_mut().unwrap();
        findings.retain(|finding| finding["verdict"] == "level_differs");
        alarm = findings[0]["id"].as_str().unwrap().to_owned();
        documents
    });
    seen.run(&auditor, &["audit", "accept", &alarm, "--reason", "counted"]);
    seen.run_and_pick(&auditor, &["audit", "accept", "--all", "--reason", "an exercise"], |mut documents| {
        // They are in no order, and all alike.
        documents[0]["decisions"].as_array_mut().unwrap().retain(|made| made["verdict"] == "ledger_altered");
        documents
    });
    seen.run(&auditor, &["audit", "accept", "ffffffffffffffffffff", "--reason", "an exercise"]);
    seen.run_and_pick(&auditor, &[&verify[..], &["--full"]].concat(), |mut documents| {
        let findings = documents[0]["findings"].as_array_mut().unwrap();
        findings.retain(|finding| finding["verdict"] == "level_differs");
        documents
    });
    seen.run_and_pick(&auditor, &["audit", "accepted"], |mut documents| {
        documents.truncate(1);
        documents
    });
    seen.run(&auditor, &["audit", "unaccept", &alarm, "--reason", "counted again"]);
    follower.kill().unwrap();
    follower.wait().unwrap();
    insta::assert_snapshot!("audit", seen.text());
}
