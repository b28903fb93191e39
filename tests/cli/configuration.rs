//! `stockroom config`, and the table of settings behind it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;
use stockroom::config::Settings;
use stockroom::config::serve::{ImportSettings, RetentionSettings, ServeSettings, VerifySettings};
use stockroom::config::table::KEYS;

use crate::support::program::{Program, Ran};
use crate::support::transcript::Transcript;

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a command on a configuration of its own.
fn config(program: &Program, text: &str, arguments: &[&str]) -> Ran {
    let path = program.state_dir().join("config.toml");
    write(&path, text, 0o600);
    let mut command = program.command(arguments);
    command
        .env("STOCKROOM_CONFIG", &path)
        .env_remove("STOCKROOM_DATABASE_URL")
        .env("HOME", program.state_dir());
    Ran::of(&command.output().unwrap())
}

fn row<'a>(rows: &'a [Value], key: &str) -> &'a Value {
    rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key} is not shown: {rows:?}"))
}

#[test]
fn show_tells_where_each_setting_comes_from_and_no_password() {
    let program = Program::new("");
    let text = "database_url = 'postgres://ann:s3cret@db/x'\nmouse = false\n\
                [serve.retention]\nkeep_months = 24\n\
                [[serve.import]]\ndirectory = '/srv/in'\nkind = 'products'\n";
    let ran = config(&program, text, &["config", "show", "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("s3cret"), "{ran:?}");
    let rows = ran.documents();
    for (key, value, source) in [
        ("database_url", "postgres://ann:***@db/x", "file"),
        ("mouse", "false", "file"),
        ("state_dir", program.state_dir().to_str().unwrap(), "environment"),
        ("serve.listen", "127.0.0.1:9757", "default"),
        ("serve.retention.keep_months", "24", "file"),
        ("serve.retention.schedule", "30 4 * * *", "default"),
        ("serve.import[0].profile", "stockroom", "default"),
        ("serve.import[0].kind", "products", "file"),
    ] {
        let row = row(&rows, key);
        assert_eq!((row["value"].as_str(), row["source"].as_str()), (Some(value), Some(source)), "{key}");
    }
    assert_eq!(row(&rows, "state_dir")["from"], "STOCKROOM_STATE_DIR");
    let flag = ["config", "show", "--json", "--database-url", "postgres://bob:hidden@other/y"];
    let rows = config(&program, text, &flag).documents();
    let url = row(&rows, "database_url");
    assert_eq!(
        (url["value"].as_str(), url["source"].as_str()),
        (Some("postgres://bob:***@other/y"), Some("flag"))
    );
    // A section that is not there has no settings.
    let rows = config(&program, "", &["config", "show", "--json"]).documents();
    assert!(!rows.iter().any(|row| row["key"].as_str().unwrap().starts_with("serve.retention")), "{rows:?}");
}

#[test]
fn check_reports_every_problem_at_once() {
    let program = Program::new("");
    let folder = program.state_dir();
    let (key, token) = (folder.join("tls.key"), folder.join("token"));
    write(&key, "x", 0o644);
    write(&token, "x", 0o600);
    let text = format!(
        "database_url = 'nonsense'\ntheme = 'darkish'\nlog = 'stockroom=loudly'\n\
         [serve]\ntls_key = '{}'\ntoken_file = '{}'\ntls_certificate = '{}'\n\
         [serve.password_files]\nstock_servant = '{}'\n\
         [[serve.import]]\ndirectory = '/not/there'\nkind = 'movements'\nprofile = 'unknown'\nlocation = 'a b'\n",
        key.display(),
        token.display(),
        folder.join("missing.crt").display(),
        token.display(),
    );
    let ran = config(&program, &text, &["config", "check", "--json"]);
    assert_eq!(ran.code, 6, "{ran:?}");
    let document = ran.document();
    let problems = document["problems"].as_array().unwrap();
    let keys: BTreeSet<&str> = problems.iter().map(|problem| problem["key"].as_str().unwrap()).collect();
    let expected = [
        "database_url",
        "log",
        "serve.import[0].directory",
        "serve.import[0].location",
        "serve.import[0].profile",
        "serve.password_files.stock_servant",
        "serve.tls_certificate",
        "serve.tls_key",
        "theme",
    ];
    assert_eq!(keys, BTreeSet::from(expected), "{problems:?}");
    let ran = config(&program, "database_url = 'postgres://ann@db/x'\n", &["config", "check"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn check_reports_a_password_that_others_can_read() {
    let program = Program::new("");
    let path = program.state_dir().join("config.toml");
    for (mode, code) in [(0o600, 0), (0o604, 6)] {
        write(&path, "database_url = 'postgres://ann:s3cret@db/x'\n", mode);
        let mut command = program.command(&["config", "check", "--config", path.to_str().unwrap()]);
        command.env_remove("STOCKROOM_DATABASE_URL").env("HOME", program.state_dir());
        let ran = Ran::of(&command.output().unwrap());
        assert_eq!(ran.code, code, "{ran:?}");
        assert_eq!(ran.stdout.contains("chmod 600"), code == 6, "{ran:?}");
        assert!(!ran.stdout.contains("s3cret"));
    }
}

#[test]
fn an_unknown_key_ends_a_command_and_names_the_nearest_one() {
    let program = Program::new("");
    for (text, words) in [
        ("databse_url = 'x'\n", "database_url"),
        ("mouse = 'sometimes'\n", "expected a boolean"),
        ("mouse = \n", "line 1"),
    ] {
        let ran = config(&program, text, &["stock"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(words), "{ran:?}");
        // What cannot be read can still be checked.
        let ran = config(&program, text, &["config", "check"]);
        assert_eq!(ran.code, 6, "{ran:?}");
        assert!(ran.stdout.contains(words), "{ran:?}");
    }
    let missing = program.state_dir().join("missing.toml");
    let ran = program.run(&["config", "check", "--config", missing.to_str().unwrap()]);
    assert_eq!(ran.code, 6, "{ran:?}");
    assert!(ran.stdout.contains("missing.toml cannot be read"), "{ran:?}");
}

/// The fields that a section accepts, as serde lists them when it meets one that it does not know.
fn fields<T: DeserializeOwned>(required: &str) -> BTreeSet<String> {
    let text = format!("{required}\nno_such_field = 1\n");
    let Err(error) = toml::from_str::<T>(&text) else { panic!("an unknown field is accepted") };
    let message = error.message().to_owned();
    let (_, expected) = message.split_once("expected").unwrap();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_table_has_every_field_and_no_other() {
    let import = "directory = '/x'\nkind = 'products'";
    for (section, expected) in [
        ("", fields::<Settings>("")),
        ("serve", fields::<ServeSettings>("")),
        ("serve.verify", fields::<VerifySettings>("")),
        ("serve.retention", fields::<RetentionSettings>("keep_months = 1")),
        ("serve.import[]", fields::<ImportSettings>(import)),
    ] {
        let beginning = if section.is_empty() { String::new() } else { format!("{section}.") };
        let names: BTreeSet<String> = KEYS
            .iter()
            .filter_map(|key| key.path.strip_prefix(&beginning))
            .map(|rest| rest.split(['.', '[']).next().unwrap().to_owned())
            .collect();
        assert_eq!(names, expected, "[{section}]");
    }
}

#[test]
fn what_the_commands_print() {
    let program = Program::new("postgres://ann:hidden@db.example/stock_management");
    let mut seen = Transcript::default();
    seen.place(program.state_dir(), "<state>");
    seen.run_and_pick(&program, &["config", "show"], |documents| {
        let shown = ["database_url", "mouse", "serve.listen"];
        documents.into_iter().filter(|row| shown.contains(&row["key"].as_str().unwrap())).collect()
    });
    let file = program.state_dir().join("wrong.toml");
    fs::write(&file, "mouse = 'yes'\ntheem = 'dark'\n").unwrap();
    seen.run(&program, &["config", "check", "--config", file.to_str().unwrap()]);
    insta::assert_snapshot!("commands", seen.text());
}
