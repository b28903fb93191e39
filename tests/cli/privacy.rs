//! Personal data from the command line: who reads what, erasure and rotation.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::database::TestDatabase;
use super::support::program::{Program, Ran};

/// A database with a keyring in a file.
struct Site {
    database: TestDatabase,
    directory: TempDir,
}

impl Site {
    async fn new() -> Self {
        let site = Self { database: TestDatabase::new().await, directory: tempfile::tempdir().unwrap() };
        let made = site.with("admin", &site.keyring(), &["privacy", "init"]);
        assert_eq!(made.code, 0, "{made:?}");
        site
    }

    fn keyring(&self) -> PathBuf {
        self.directory.path().join("keyring")
    }

    fn with(&self, login: &str, keyring: &Path, arguments: &[&str]) -> Ran {
        let program = Program::new(&self.database.url(login));
        let mut command = program.command(arguments);
        command.env("STOCKROOM_ENCRYPTION_KEY_FILE", keyring);
        Ran::of(&command.output().unwrap())
    }

    fn run(&self, login: &str, arguments: &[&str]) -> Ran {
        self.with(login, &self.keyring(), arguments)
    }

    fn json(&self, login: &str, arguments: &[&str]) -> Value {
        let ran = self.run(login, &[arguments, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.document()
    }

    fn done(&self, login: &str, arguments: &[&str]) {
        let ran = self.run(login, arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    fn without_keyring(&self, login: &str, arguments: &[&str]) -> Ran {
        Program::new(&self.database.url(login)).run(arguments)
    }
}

/// A customer with every field.
const ADD: [&str; 17] = [
    "partner",
    "add",
    "C1",
    "--kind",
    "customer",
    "--contact-name",
    "Jane Doe",
    "--email",
    "jane@example.com",
    "--telephone",
    "+44 20 7946 0000",
    "--address",
    "1 High St\nTown",
    "--tax-number",
    "GB123",
    "--note",
    "calls on Mondays",
];

#[tokio::test]
async fn each_role_sees_what_it_may() {
    let site = Site::new().await;
    site.done("admin", &ADD);
    let shown = site.json("admin", &["partner", "show", "C1"]);
    assert_eq!(shown["contact_name"], "Jane Doe");
    assert_eq!(shown["address"], "1 High St\nTown");
    assert_eq!(shown["hidden"], json!([]));

    let shown = site.json("clerk", &["partner", "show", "C1"]);
    assert_eq!(shown["telephone"], "+44 20 7946 0000");
    assert_eq!(shown["email"], Value::Null);
    assert_eq!(shown["hidden"], json!(["email", "tax_number", "note"]));

    let all = json!(["contact_name", "email", "telephone", "address", "tax_number", "note"]);
    assert_eq!(site.json("auditor", &["partner", "show", "C1"])["hidden"], all);
    let bare = site.without_keyring("admin", &["partner", "show", "C1"]);
    assert!(bare.stdout.contains("(encrypted)") && !bare.stdout.contains("Jane"), "{bare:?}");
    assert_eq!(site.run("analyst", &["partner", "show", "C1"]).code, 3);

    let restricted = site.run("admin", &["privacy", "restrict", "C1", "--ground", "a dispute"]);
    assert_eq!(restricted.code, 0, "{restricted:?}");
    assert_eq!(site.json("clerk", &["partner", "show", "C1"])["hidden"], all);
    assert_eq!(site.json("admin", &["partner", "show", "C1"])["hidden"], json!([]));
    site.run("admin", &["privacy", "restrict", "C1", "--ground", "it is over", "--lift"]);
    assert_eq!(site.json("clerk", &["partner", "show", "C1"])["contact_name"], "Jane Doe");
}

#[tokio::test]
async fn partners_are_changed_and_found() {
    let site = Site::new().await;
    site.done("admin", &ADD);
    let file = site.directory.path().join("details.json");
    std::fs::write(&file, r#"{"contact_name": "Jean Dupont", "note": null}"#).unwrap();
    let change =
        ["partner", "change", "C1", "--name", "Acme", "--email", "none", "--details", file.to_str().unwrap()];
    let changed = site.run("admin", &change);
    assert_eq!(changed.code, 0, "{changed:?}");
    let shown = site.json("admin", &["partner", "show", "C1"]);
    assert_eq!(shown["name"], "Acme");
    assert_eq!(shown["contact_name"], "Jean Dupont");
    assert_eq!((&shown["email"], &shown["note"], &shown["hidden"]), (&Value::Null, &Value::Null, &json!([])));
    assert_eq!(shown["tax_number"], "GB123");

    let found = |search: &str| {
        let ran = site.run("clerk", &["partner", "list", "--search", search, "--json"]);
        ran.documents().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("dupont acme"), ["C1"]);
    assert_eq!(found("doe"), Vec::<String>::new());

    for (arguments, code) in [
        (["partner", "change", "C2", "--note", "x"].as_slice(), 3),
        (&["partner", "change", "C1"], 2),
        (&["partner", "change", "C1", "--email", "canary"], 2),
        (&ADD, 3),
    ] {
        let ran = site.run("admin", arguments);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(!ran.stderr.contains("canary"), "{ran:?}");
    }
    assert_eq!(site.run("clerk", &["partner", "change", "C1", "--note", "x"]).code, 3);
    // A partner without personal data needs no keyring.
    assert_eq!(site.without_keyring("admin", &["partner", "add", "S1", "--kind", "supplier"]).code, 0);
    let refused = site.without_keyring("admin", &["partner", "change", "S1", "--email", "a@b.example"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("STOCKROOM_ENCRYPTION_KEY_FILE"), "{refused:?}");
}

#[tokio::test]
async fn exported_erased_and_rotated() {
    let site = Site::new().await;
    site.done("admin", &ADD);
    site.done("admin", &["partner", "change", "C1", "--contact-name", "Jean Dupont"]);
    assert_eq!(site.run("clerk", &["privacy", "export", "C1"]).code, 3);
    let exported = site.run("admin", &["privacy", "export", "C1"]).document();
    assert_eq!(exported["contact_name"], "Jean Dupont");
    let earlier: Vec<&Value> =
        exported["history"].as_array().unwrap().iter().map(|state| &state["contact_name"]).collect();
    assert_eq!(earlier, [&Value::Null, &json!("Jane Doe"), &json!("Jean Dupont")]);

    assert_eq!(site.run("admin", &["privacy", "erase", "C1"]).code, 2, "a ground is required");
    assert_eq!(site.run("clerk", &["privacy", "erase", "C1", "--ground", "asked"]).code, 3);
    let erased = site.run("admin", &["privacy", "erase", "C1", "--ground", "asked on 2026-11-20"]);
    assert_eq!(erased.code, 0, "{erased:?}");
    assert_eq!(site.run("admin", &["privacy", "erase", "C1", "--ground", "again"]).code, 3);
    let shown = site.run("admin", &["privacy", "export", "C1"]).document();
    assert_eq!((&shown["contact_name"], &shown["hidden"]), (&Value::Null, &json!([])));
    assert!(!shown.to_string().contains("Dupont"), "{shown}");
    let events: Vec<&str> =
        shown["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(events, ["key_created", "exported", "erased", "exported"]);

    assert_eq!(site.run("admin", &ADD).code, 3, "the partner is there, without its data");
    site.done("admin", &["partner", "change", "C1", "--note", "new"]);
    let old = site.directory.path().join("old");
    std::fs::copy(site.keyring(), &old).unwrap();
    assert_eq!(site.json("admin", &["privacy", "rotate", "--prepare"])["status"], "prepared");
    assert_eq!(site.json("clerk", &["partner", "show", "C1"])["code"], "C1");
    let rotated = site.json("admin", &["privacy", "rotate"]);
    assert_eq!(rotated, json!({"status": "rotated", "key_version": 2, "rewrapped": 1, "removed": [1]}));
    assert_eq!(site.json("admin", &["partner", "show", "C1"])["note"], "new");
    let late = site.with("admin", &old, &["partner", "show", "C1"]);
    assert_eq!(late.code, 2, "{late:?}");
    assert!(late.stderr.contains("under version 2 of the keyring, and yours has 1"), "{late:?}");
    site.done("admin", &["privacy", "check"]);
    std::fs::set_permissions(site.keyring(), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(site.run("admin", &["privacy", "check"]).code, 6);
}

#[tokio::test]
async fn another_keyring_is_refused() {
    let site = Site::new().await;
    site.done("admin", &ADD);
    let other = Site::new().await;
    let refused = site.with("admin", &other.keyring(), &["partner", "show", "C1"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("not the key that this database was set up with"), "{refused:?}");
    assert_eq!(site.with("admin", &other.keyring(), &["privacy", "init"]).code, 2);
    site.done("admin", &["privacy", "init"]);
    assert_eq!(site.with("admin", &other.keyring(), &["privacy", "check"]).code, 6);
}

#[tokio::test]
async fn a_field_can_be_declared_not_personal_and_personal_again() {
    let site = Site::new().await;
    assert_eq!(site.run("clerk", &["privacy", "classify", "tax_number", "not-personal"]).code, 3);
    site.done("admin", &["privacy", "classify", "tax_number", "not-personal"]);
    assert_eq!(
        site.without_keyring(
            "admin",
            &["partner", "add", "S1", "--kind", "supplier", "--tax-number", "GB123"]
        )
        .code,
        0
    );
    let bare = site.without_keyring("clerk", &["partner", "show", "S1", "--json"]).document();
    assert_eq!(bare["tax_number"], "GB123");
    let personal = site.json("admin", &["privacy", "classify", "tax_number", "personal"]);
    assert_eq!(personal["encrypted"], 1);
    let bare = site.without_keyring("admin", &["partner", "show", "S1", "--json"]).document();
    assert_eq!(bare["hidden"], json!(["tax_number"]));
    assert_eq!(site.json("admin", &["partner", "show", "S1"])["tax_number"], "GB123");
    site.done("admin", &["privacy", "check"]);
}

#[tokio::test]
async fn names_of_people_are_shown_to_admins_with_the_keyring() {
    let site = Site::new().await;
    site.done("admin", &["user", "name", "clerk", "Ann Example"]);
    let bare = site.without_keyring(
        "admin",
        &["user", "add", "u17", "--role", "clerk", "--name", "Jean Exemple", "--generate"],
    );
    assert_eq!(bare.code, 2, "{bare:?}");
    let people = site.run("admin", &["user", "list"]).stdout;
    assert!(!people.contains("u17"), "a login is not made without its name: {people}");
    site.done("admin", &["user", "add", "u17", "--role", "clerk", "--name", "Jean Exemple", "--generate"]);
    assert!(site.run("admin", &["user", "list"]).stdout.contains("Jean Exemple"));
    let name = |ran: Ran| {
        let row = ran.documents().into_iter().find(|row| row["login"] == "clerk").unwrap();
        row["name"].clone()
    };
    assert_eq!(name(site.run("admin", &["user", "list", "--json"])), "Ann Example");
    assert_eq!(name(site.run("auditor", &["user", "list", "--json"])), Value::Null);
    assert_eq!(name(site.without_keyring("admin", &["user", "list", "--json"])), Value::Null);
    assert_eq!(site.run("admin", &["user", "name", "nobody-of-this-name", "x"]).code, 2);
    site.done("admin", &["privacy", "erase", "--user", "clerk", "--ground", "has left"]);
    assert_eq!(name(site.run("admin", &["user", "list", "--json"])), Value::Null);
}

#[tokio::test]
async fn names_of_people_are_shown_to_admins_with_the_keyring_and_to_nobody_else() {
    let site = Site::new().await;
    site.done("admin", &["product", "add", "A", "Product A"]);
    site.done("admin", &["location", "add", "X"]);
    site.done("admin", &["user", "name", "clerk", "Ann Example"]);
    site.done("clerk", &["receive", "A", "5", "--to", "X"]);
    let shown = site.run("admin", &["ledger"]);
    assert!(shown.stdout.contains("Ann Example (clerk)"), "{shown:?}");
    for ran in [
        site.run("admin", &["ledger", "--json"]),
        site.run("clerk", &["ledger"]),
        site.run("auditor", &["ledger"]),
        site.without_keyring("admin", &["ledger"]),
        site.run("admin", &["export", "movements"]),
        site.run("admin", &["session", "list", "--json"]),
    ] {
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.stdout.contains("Ann Example") && !ran.stderr.contains("Ann Example"), "{ran:?}");
    }
}

#[tokio::test]
async fn an_import_says_which_rows_seem_to_name_somebody() {
    let site = Site::new().await;
    site.done("admin", &["product", "add", "A", "Product A"]);
    site.done("admin", &["location", "add", "X"]);
    site.done("admin", &["user", "name", "clerk", "Ann Example"]);
    let file = site.directory.path().join("movements.csv");
    let now = jiff::Timestamp::now();
    let row = |reference: &str| format!("{reference},receipt,{now},A,1,X\n");
    let rows = [row("PO-1042"), row("ann@example.com"), row("for Ann Example"), row("PO-1043")].concat();
    std::fs::write(&file, format!("reference,kind,occurred_at,sku,quantity,to\n{rows}")).unwrap();
    let import = ["import", "movements", file.to_str().unwrap()];
    let email = json!({"line": 3, "field": "reference", "looks_like": "an e-mail address"});
    let name = json!({"line": 4, "field": "reference", "looks_like": "the name of a person"});
    // Neither a dry run nor a clerk reads the names of colleagues.
    for (login, dry_run, found) in [
        ("admin", true, vec![email.clone()]),
        ("clerk", false, vec![email.clone()]),
        ("admin", false, vec![email.clone(), name]),
    ] {
        let extra = if dry_run { ["--dry-run"].as_slice() } else { &[] };
        let document = site.json(login, &[&import, extra].concat());
        assert_eq!(document["rows_posted"], 4, "{document}");
        assert_eq!(document["rows_naming_people"], found.len(), "{login}: {document}");
        assert_eq!(document["first_naming_people"], json!(found), "{login}");
    }
}

#[tokio::test]
async fn free_text_that_seems_to_name_somebody_is_posted_with_a_warning() {
    let site = Site::new().await;
    site.done("admin", &["product", "add", "A", "Product A"]);
    site.done("admin", &["location", "add", "X"]);
    site.done("admin", &["user", "name", "clerk", "Ann Example"]);
    site.done("admin", &["partner", "add", "C1", "--kind", "customer", "--contact-name", "Marie Dupont"]);
    let file = site.directory.path().join("postings.jsonl");
    std::fs::write(&file, r#"{"kind": "receipt", "reason": "see j.doe@mail.example", "lines": [{"sku": "A", "quantity": "1", "to": "X"}]}"#)
        .unwrap();
    let receive = ["receive", "A", "1", "--to", "X", "--json"];
    for (login, arguments, warning) in [
        ("clerk", ["--reference", "PO-1042 of 2026-11-20"].as_slice(), None),
        (
            "clerk",
            &["--reference", "ann@example.com"],
            Some("the reference seems to contain an e-mail address"),
        ),
        (
            "clerk",
            &["--reason", "call 06 12 34 56 78"],
            Some("the reason seems to contain a telephone number"),
        ),
        // Clerks read the contact persons of partners, and no names of colleagues.
        ("clerk", &["--reason", "for Marie Dupont"], Some("the name of a person")),
        ("clerk", &["--reason", "for Ann Example"], None),
        ("admin", &["--reason", "for Ann Example"], Some("the name of a person")),
    ] {
        let ran = site.run(login, &[&receive, arguments].concat());
        assert_eq!((ran.code, &ran.document()["status"]), (0, &json!("posted")), "{ran:?}");
        match warning {
            Some(warning) => assert!(ran.stderr.contains(warning), "{ran:?}"),
            None => assert_eq!(ran.stderr, "", "{arguments:?}"),
        }
    }
    let posted = site.run("clerk", &["post", file.to_str().unwrap()]);
    assert!(posted.code == 0 && posted.stderr.contains("an e-mail address"), "{posted:?}");
    // What is written down beside a decision is kept as long.
    for arguments in [
        ["privacy", "restrict", "C1", "--ground", "asked by Marie Dupont"].as_slice(),
        &["privacy", "restrict", "C1", "--ground", "asked by ann@example.com", "--lift"],
        &["privacy", "erase", "C1", "--ground", "call 06 12 34 56 78"],
    ] {
        let ran = site.run("admin", arguments);
        assert!(ran.code == 0 && ran.stderr.contains("the ground seems to contain"), "{ran:?}");
    }
    let order = r#"{"kind": "sales", "partner": "C1", "note": "ring 06 12 34 56 78", "lines": [{"sku": "A", "quantity": "1"}]}"#;
    std::fs::write(&file, order).unwrap();
    let ran = site.run("clerk", &["order", "add", file.to_str().unwrap()]);
    assert!(ran.code == 0 && ran.stderr.contains("the note seems to contain a telephone number"), "{ran:?}");
    let ran = site.run("admin", &["order", "cancel", "SO-000001", "--reason", "for Ann Example"]);
    assert!(ran.code == 0 && ran.stderr.contains("the reason seems to contain the name"), "{ran:?}");
    // A keyring that does not fit stops nothing.
    let other = site.directory.path().join("other");
    std::fs::write(&other, "nonsense").unwrap();
    std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o600)).unwrap();
    let ran = site.with("clerk", &other, &[&receive[..], &["--reason", "damaged"]].concat());
    assert!(ran.code == 0 && ran.stderr.contains("was not checked for names of people"), "{ran:?}");
}
