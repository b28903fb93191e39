//! `-` for standard input or output: every argument of the command line that takes a file, and what becomes of it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::database::TestDatabase;
use crate::support::program::{Program, Ran};

/// Whether an argument takes `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Stream,
    /// It is secret, read again, or replaced as a whole.
    FileOnly,
}
use Takes::{FileOnly, Stream};

/// Every argument that takes a file: the command, the argument, and a command line with it. `ID` is the id of a
/// movement.
const ARGUMENTS: [(&str, &str, Takes, &str); 31] = [
    ("", "config", FileOnly, "stock --config -"),
    ("audit check-proof", "file", Stream, "audit check-proof -"),
    ("audit check-proof", "public_key", FileOnly, "audit check-proof x --public-key -"),
    ("audit checkpoint", "key", FileOnly, "audit checkpoint --key -"),
    ("audit collect", "key", FileOnly, "audit collect --key -"),
    ("audit export", "file", Stream, "audit export -"),
    ("audit prove", "checkpoint", Stream, "audit prove ID --checkpoint -"),
    ("audit prove", "output", Stream, "audit prove ID --output -"),
    ("audit prove", "public_key", FileOnly, "audit prove ID --public-key -"),
    ("audit prune", "key", FileOnly, "audit prune --keep-months 1 --key -"),
    ("audit status", "key", FileOnly, "audit status --key -"),
    ("audit verify", "checkpoint", Stream, "audit verify --checkpoint -"),
    ("audit verify", "findings", Stream, "audit verify --findings -"),
    ("audit verify", "public_key", FileOnly, "audit verify --public-key -"),
    ("audit verify", "textfile", FileOnly, "audit verify --textfile -"),
    ("export", "file", Stream, "export products -"),
    ("import movements", "file", Stream, "import movements -"),
    ("import movements", "rejects", Stream, "import movements FILE --rejects -"),
    ("import movements", "textfile", FileOnly, "import movements FILE --textfile -"),
    ("import products", "file", Stream, "import products -"),
    ("import products", "rejects", Stream, "import products FILE --rejects -"),
    ("import products", "textfile", FileOnly, "import products FILE --textfile -"),
    ("order add", "file", Stream, "order add -"),
    ("order edit", "file", Stream, "order edit SO-000001 -"),
    ("order export", "file", Stream, "order export -"),
    ("order import", "file", Stream, "order import -"),
    ("order import", "rejects", Stream, "order import FILE --rejects -"),
    ("partner add", "details", Stream, "partner add C --kind customer --details -"),
    ("partner change", "details", Stream, "partner change C --details -"),
    ("post", "file", Stream, "post -"),
    ("privacy init", "key_file", FileOnly, "privacy init --key-file -"),
];

/// The commands with the arguments that take a file.
fn known(path: &str, command: &clap::Command, found: &mut BTreeSet<(String, String)>) {
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        let is_file = argument.get_value_names().is_some_and(|names| names.iter().any(|name| name == "FILE"));
        if (is_file || id == "file") && (path.is_empty() || !argument.is_global_set()) {
            found.insert((path.to_owned(), id.to_owned()));
        }
    }
    for command in command.get_subcommands() {
        known(format!("{path} {}", command.get_name()).trim(), command, found);
    }
}

#[test]
fn the_table_has_every_argument_that_takes_a_file() {
    let mut found = BTreeSet::new();
    known("", &stockroom::cli::command(), &mut found);
    let listed: BTreeSet<(String, String)> =
        ARGUMENTS.iter().map(|(path, id, ..)| ((*path).to_owned(), (*id).to_owned())).collect();
    assert_eq!(found, listed);
}

fn run(program: &Program, directory: &Path, line: &str, input: &str) -> Ran {
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = program.command(&words);
    command.current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments reads nothing.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    Ran::of(&child.wait_with_output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dash_is_a_stream_or_refused_and_never_a_file() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("admin"));
    let id = program.run(&["receive", "A", "1", "--to", "X", "--json"]).document()["posting_id"].clone();
    let directory = tempfile::tempdir().unwrap();
    for (_, _, takes, line) in ARGUMENTS {
        let line = line.replace("ID", id.as_str().unwrap()).replace("FILE", "/dev/null");
        let ran = run(&program, directory.path(), &line, "");
        let refused = ran.stderr.contains("this must be a file");
        assert_eq!(refused, takes == FileOnly, "{line}: {ran:?}");
        assert!(!refused || ran.code == 2, "{line}: {ran:?}");
        assert!(!ran.stderr.contains("-: No such file"), "{line}: {ran:?}");
        let names: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
        assert!(names.is_empty(), "{line}: {names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_to_standard_output_is_all_that_is_there() {
    let database = TestDatabase::new().await.with_catalogue(&["A"], &["X"]).await;
    let program = Program::new(&database.url("admin"));
    let directory = tempfile::tempdir().unwrap();
    let rows = "kind,occurred_at,sku,quantity,to\nreceipt,2026-01-02T10:00:00Z,A,1,X\nreceipt,2026-01-02T10:00:00Z,A,many,X\n";
    let known = "reject_line,reject_field,reject_reason,kind,occurred_at,sku,quantity,to\n3,";
    for line in ["import movements - --rejects - --all-or-nothing", "import movements - --rejects -"] {
        let ran = run(&program, directory.path(), line, rows);
        assert!(ran.code == 7 && ran.stdout.starts_with(known), "{line}: {ran:?}");
        assert_eq!(ran.stdout.lines().count(), 2, "{line}: {ran:?}");
        assert!(ran.stderr.contains("rejected"), "the report is on standard error: {ran:?}");
    }
    let ran = run(&program, directory.path(), "export products -", "");
    assert!(ran.code == 0 && ran.stdout.lines().count() == 2, "{ran:?}");
}
