//! Completions and manual pages, as the packages install them.

use std::process::{Command, Stdio};

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

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(&["completions", shell]);
        for command in listed() {
            assert!(script.contains(&command), "{shell} lacks {command}");
        }
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
