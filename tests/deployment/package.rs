//! The files of the Debian package and of the tarball, and the rules for dependencies: what they name exists.

use std::collections::BTreeSet;
use std::fs;

use toml::{Table, Value};

use super::files;

fn table(name: &str) -> Table {
    files::text(name).parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn at<'a>(table: &'a Table, path: &[&str]) -> &'a Value {
    let (last, sections) = path.split_last().unwrap();
    let section = sections.iter().fold(table, |table, name| table[*name].as_table().unwrap());
    &section[*last]
}

/// The names and the sources in the lock file.
fn locked() -> (BTreeSet<String>, BTreeSet<String>) {
    let lock = table("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    let all = |field: &str| {
        let values = packages.iter().filter_map(|package| package.get(field)?.as_str());
        values.map(str::to_owned).collect()
    };
    (all("name"), all("source"))
}

#[test]
fn rules_for_dependencies_are_about_dependencies_that_exist() {
    let rules = table("docker/package/deny.toml");
    let sections: Vec<&str> = rules.keys().map(String::as_str).collect();
    assert_eq!(sections, ["advisories", "bans", "graph", "licenses", "sources"]);
    let (names, sources) = locked();
    let crates = |path: &[&str]| -> Vec<String> {
        let entries = at(&rules, path).as_array().unwrap();
        entries.iter().map(|entry| entry["crate"].as_str().unwrap().to_owned()).collect()
    };
    for name in crates(&["licenses", "exceptions"]) {
        assert!(names.contains(&name), "an exception is made for {name}, which is not a dependency");
    }
    for name in crates(&["bans", "deny"]) {
        assert!(!names.contains(&name), "{name} is denied");
    }
    let allowed: BTreeSet<String> = at(&rules, &["sources", "allow-registry"])
        .as_array()
        .unwrap()
        .iter()
        .map(|registry| format!("registry+{}", registry.as_str().unwrap()))
        .collect();
    assert!(sources.is_subset(&allowed), "{sources:?}");
}

#[test]
fn the_debian_package_contains_files_that_exist() {
    let manifest = table("Cargo.toml");
    let deb = at(&manifest, &["package", "metadata", "deb"]).as_table().unwrap();
    let mut paths: Vec<&str> = deb["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| asset[0].as_str().unwrap())
        // These are made by docker/package/build.sh.
        .filter(|path| !path.starts_with("target/package/"))
        .collect();
    paths.extend([deb["changelog"].as_str().unwrap(), deb["maintainer-scripts"].as_str().unwrap()]);
    paths.extend(
        deb["systemd-units"].as_array().unwrap().iter().map(|unit| unit["unit-scripts"].as_str().unwrap()),
    );
    for path in paths {
        match path.split_once('*') {
            None => assert!(files::path(path).exists(), "{path} is missing"),
            Some((directory, ending)) => {
                let mut names =
                    fs::read_dir(files::path(directory)).unwrap().map(|entry| entry.unwrap().file_name());
                assert!(names.any(|name| name.to_string_lossy().ends_with(ending)), "{path} matches nothing");
            }
        }
    }
}

#[test]
fn the_tarball_contains_files_that_exist() {
    let script = files::text("docker/package/build.sh");
    let copied = script.lines().filter_map(|line| line.trim().strip_prefix("cp "));
    let words = copied.flat_map(|line| line.split_whitespace());
    let paths: Vec<&str> = words.filter(|word| !word.contains('$') && !word.starts_with('-')).collect();
    assert!(paths.len() > 5, "{paths:?}");
    for path in paths {
        let path = path.trim_end_matches("*.md").trim_end_matches('*');
        assert!(files::path(path).exists(), "{path} is missing");
    }
}
