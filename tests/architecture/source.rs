//! The source files as the other tests of this crate read them: as text.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The directory of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a directory that end in one of `endings`, as their paths from there and their texts.
pub fn files_below(directory: &Path, endings: &[&str]) -> BTreeMap<String, String> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(directory, &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| endings.contains(&ending.to_str().unwrap())));
    let relative = |path: &Path| path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

/// Every source file of the program as its path below `src` and its text.
pub fn sources() -> BTreeMap<String, String> {
    files_below(&root().join("src"), &["rs"])
}

/// The text without comments. A `//` within a string cuts the string short, which hides no path.
pub fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The module that a file belongs to.
pub fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Whether a file holds nothing but tests.
pub fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "testing.rs"))
}

/// The text without the tests at its end.
pub fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}
