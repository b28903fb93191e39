//! Completions and manual pages, as the packages install them.

use std::path::Path;
use std::process::{Command, Stdio};

use stockroom::domain::{NewPartner, PartnerKind};

use crate::support::database::TestDatabase;
use crate::support::program::Program;

/// What the program prints in a directory without configuration.
fn printed(arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_stockroom"))
        .args(arguments)
        .env("STOCKROOM_CONFIG", "/nonexistent/config.toml")
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    String::from_utf8(run.stdout).unwrap()
}

/// The names of all commands that `--help` lists.
fn listed() -> Vec<String> {
    let command = stockroom::cli::command();
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set());
    visible.map(|command| command.get_name().to_owned()).collect()
}

/// The words that bash offers for the last word of a line, by the function that the script defines.
fn offered(words: &[&str], environment: &[(&str, &str)]) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_stockroom"));
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        source <(stockroom completions bash)
        function_name=$(complete -p stockroom | sed 's/.*-F \([^ ]*\).*/\1/')
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMP_TYPE=9
        "$function_name" stockroom "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash", "stockroom"]).args(words);
    command.env("PATH", path).env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
    command.env_remove("STOCKROOM_CONFIG").env_remove("STOCKROOM_DATABASE_URL").env_remove("PGPASSWORD");
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn commands_options_and_files_are_completed_without_a_database() {
    let commands = offered(&[""], &[]);
    for command in listed() {
        assert!(commands.contains(&command), "{command} is not offered: {commands:?}");
    }
    assert_eq!(offered(&["receive", "A", "1", "--refe"], &[]), ["--reference"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("movements.csv"), "").unwrap();
    let begun = folder.path().join("mov");
    let file = folder.path().join("movements.csv");
    let files = offered(&["import", "movements", begun.to_str().unwrap()], &[]);
    assert_eq!(files, [file.to_str().unwrap()]);
    // No database is named, the one that is named is not there, and its password is not known.
    assert!(offered(&["issue", "A"], &[]).is_empty());
    for url in ["postgres://ann@127.0.0.1:1/stock_management", "no url"] {
        assert!(offered(&["issue", "A"], &[("STOCKROOM_DATABASE_URL", url)]).is_empty(), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_completed_from_the_database() {
    let skus = ["71053", "71059", "85123A"];
    let database = TestDatabase::new().await.with_catalogue(&skus, &["A-01", "A-02", "B-01"]).await;
    let partner = NewPartner { code: "C-17".parse().unwrap(), name: None, kind: PartnerKind::Customer };
    database.service("admin").store().add_partners(&[partner]).await.unwrap();
    let program = Program::new(&database.url("clerk"));
    let order = r#"{"kind":"sales","partner":"C-17","lines":[{"sku":"71053","quantity":"1"}]}"#;
    let file = program.state_dir().join("order.json");
    std::fs::write(&file, order).unwrap();
    assert_eq!(program.run(&["order", "add", file.to_str().unwrap()]).code, 0);
    let url = database.url("clerk");
    let known = [("STOCKROOM_DATABASE_URL", url.as_str())];
    for (words, expected) in [
        (&["receive", "7"][..], &["71053", "71059"][..]),
        (&["receive", "85123a"], &["85123A"]),
        (&["receive", "71053", "5", "--to", "a-"], &["A-01", "A-02"]),
        (&["receive", "71053", "5", "--partner", ""], &["C-17"]),
        (&["order", "show", "s"], &["SO-000001"]),
        (&["order", "show", "PO"], &[]),
    ] {
        assert_eq!(offered(words, &known), expected, "{words:?}");
    }
    // A password that is not known is not asked for: the shell is at a prompt of its own.
    let without = without_password(&url);
    assert!(offered(&["receive", "7"], &[("STOCKROOM_DATABASE_URL", &without)]).is_empty());
}

/// The URL of a login without its password.
fn without_password(url: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_password(None).unwrap();
    url.into()
}

#[test]
fn every_shell_has_a_script() {
    for (shell, check) in [("bash", "complete "), ("zsh", "compdef"), ("fish", "complete ")] {
        let script = printed(&["completions", shell]);
        assert!(script.contains(check) && script.contains("STOCKROOM_COMPLETE"), "{shell}: {script}");
    }
    let bash = printed(&["completions", "bash"]);
    let mut check = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut check.stdin.take().unwrap(), bash.as_bytes()).unwrap();
    assert!(check.wait().unwrap().success());
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH stockroom 1") && page.contains("Exit codes"), "{page}");
    let directory = tempfile::tempdir().unwrap();
    printed(&["man", directory.path().to_str().unwrap()]);
    for command in listed() {
        let path = directory.path().join(format!("stockroom-{command}.1"));
        assert!(path.is_file(), "{}", path.display());
    }
}
