//! There is one version of each direct dependency.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::source::root;

/// Dependencies of ours that other crates hold back at older versions, each with the reason.
const SEVERAL_VERSIONS: [(&str, &str); 4] = [
    ("rand_core", "the transparency log and rand ask for different ones"),
    ("sha2", "the transparency log still asks for an older one"),
    ("rand", "rust_decimal, proptest and the PostgreSQL client each still ask for an older one"),
    ("thiserror", "the waiting for keys, and the pseudo-terminal of the tests, still ask for an older one"),
];

#[test]
fn each_direct_dependency_has_one_version() {
    let read =
        |name: &str| -> toml::Table { fs::read_to_string(root().join(name)).unwrap().parse().unwrap() };
    let (manifest, dev, lock) = (read("Cargo.toml"), read("dev/Cargo.toml"), read("Cargo.lock"));
    let direct: BTreeSet<&String> =
        [&manifest["dependencies"], &manifest["dev-dependencies"], &dev["dependencies"]]
            .into_iter()
            .flat_map(|section| section.as_table().unwrap().keys())
            .collect();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let text = |key: &str| package[key].as_str().unwrap();
        versions.entry(text("name")).or_default().push(text("version"));
    }
    for name in direct {
        let found = versions.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not in Cargo.lock"));
        let excused = SEVERAL_VERSIONS.iter().any(|(known, _)| known == name);
        assert!(found.len() == 1 || excused, "{name} is there as {}", found.join(" and "));
        assert!(found.len() > 1 || !excused, "{name} has one version now; clear it from SEVERAL_VERSIONS");
    }
}
