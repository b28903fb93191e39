//! The files of the deployment, read from the source tree.

use std::fs;
use std::path::{Path, PathBuf};

use stockroom::metrics::{METRICS, Metric};

/// The path of a file of the project.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The text of a file of the project.
pub fn text(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a directory with this ending, in the order of their names.
pub fn with_ending(directory: &str, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(path(directory))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no .{ending} files in {directory}");
    files
}

/// The names in an expression that begin with `stockroom_`.
pub fn metrics_in(expression: &str) -> Vec<&str> {
    expression
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '_' || character == ':'))
        .filter(|word| word.starts_with("stockroom_"))
        .collect()
}

/// The entry of the program's table of metrics.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}
