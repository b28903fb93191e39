//! How long a source file may be.

use super::source::{files_below, root};

/// The longest file that a reader still finds their way in.
const LINES_MAX: usize = 500;

/// Files that may be longer, each with the reason.
const LONG_FILES: [(&str, &str); 4] = [
    (
        "src/cli/args/mod.rs",
        "declarations only; the words of the command line are kept in one place because scripts rely on them",
    ),
    ("src/tui/command.rs", "the table of commands, with a line or two for each"),
    ("tests/cli/json.rs", "every command that prints JSON, checked against the list of commands"),
    ("tests/database/roles.rs", "the matrix of rights and the sample row of each table are read together"),
];

#[test]
fn no_file_is_longer_than_a_reader_can_take_in() {
    let mut long = Vec::new();
    for directory in ["src", "dev", "tests"] {
        for (path, text) in files_below(&root().join(directory), &["rs"]) {
            let (path, lines) = (format!("{directory}/{path}"), text.lines().count());
            if lines > LINES_MAX && !LONG_FILES.iter().any(|(known, _)| *known == path) {
                long.push(format!("{path} has {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "split them, or give a reason in LONG_FILES:\n{}", long.join("\n"));
    for (path, _) in LONG_FILES {
        assert!(root().join(path).is_file(), "{path} is gone; clear it from LONG_FILES");
    }
}
