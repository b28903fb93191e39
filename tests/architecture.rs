//! Holds the source to the module table of `docs/architecture.md`: what may import what, where the
//! database and the terminal may be named, how long a file may be, and one version of each dependency.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure in a helper is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may import of ours. `*` stands for anything.
const MODULES: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("service", &["domain", "store"]),
    ("audit", &["domain", "store"]),
    ("server", &["config"]),
    ("import", &["domain", "service"]),
    ("export", &["domain", "service"]),
    ("bench", &["domain", "service", "store", "server"]),
    ("worker", &["domain", "service", "store", "audit"]),
    ("tui", &["domain", "worker"]),
    ("cli", &["*"]),
    ("config", &["*"]),
    ("telemetry", &["*"]),
    ("main", &["*"]),
    ("lib", &["*"]),
];

/// Names of foreign crates, and the only places that may name them.
const CONFINED: [(&str, &str); 3] =
    [("tokio_postgres", "store/"), ("deadpool_postgres", "store/"), ("crossterm", "tui/terminal")];

/// The longest file that a reader still finds their way in.
const LINES_MAX: usize = 500;

/// Files that may be longer, each with the reason.
const LONG_FILES: [(&str, &str); 1] = [(
    "cli/args.rs",
    "declarations only; the words of the command line are kept in one place because scripts rely on them",
)];

/// Dependencies of ours that other crates hold back at older versions, each with the reason.
const SEVERAL_VERSIONS: [(&str, &str); 4] = [
    ("rand_core", "the transparency log and rand ask for different ones"),
    ("sha2", "the transparency log still asks for an older one"),
    ("rand", "rust_decimal, proptest and the PostgreSQL client each still ask for an older one"),
    ("thiserror", "the waiting for keys, and the pseudo-terminal of the tests, still ask for an older one"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file as its path below `src` and its text.
fn sources() -> BTreeMap<String, String> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut found = Vec::new();
    walk(&src, &mut found);
    let relative = |path: &Path| path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

/// The text without comments. A `//` within a string cuts the string short, which hides no path.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The module that a file belongs to.
fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// How many `super::` lead from a file to the root of the crate.
fn depth(path: &str) -> usize {
    let parts = path.split('/').count();
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// The modules of ours that a file names, by `crate::…`, by `super::…` from the root, or by the name of
/// the library.
fn named_modules(path: &str, text: &str) -> BTreeSet<String> {
    let known = |name: &str| MODULES.iter().any(|(module, _)| *module == name);
    let upwards = "super::".repeat(depth(path));
    let mut named = BTreeSet::new();
    for prefix in ["crate::", "stockroom::", upwards.as_str()] {
        let always = prefix == "crate::";
        for (start, _) in text.match_indices(prefix) {
            let before = text[..start].chars().next_back();
            if before
                .is_some_and(|character| character.is_alphanumeric() || character == '_' || character == ':')
            {
                continue;
            }
            let rest = &text[start + prefix.len()..];
            let names = heads(rest);
            named.extend(names.into_iter().filter(|name| always || known(name)));
        }
    }
    named
}

/// The first names of a path or of the group of paths that follows.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect()
    };
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let mut names = Vec::new();
    let (mut nested, mut begin) = (0, 0);
    for (position, character) in group.char_indices() {
        match character {
            '{' => nested += 1,
            '}' if nested == 0 => {
                names.push(word(&group[begin..position]));
                break;
            }
            '}' => nested -= 1,
            ',' if nested == 0 => {
                names.push(word(&group[begin..position]));
                begin = position + 1;
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Every breach of the table in one file, in words.
fn breaches(path: &str, text: &str) -> Vec<String> {
    let own = module(path);
    let Some((_, allowed)) = MODULES.iter().find(|(module, _)| *module == own) else {
        return vec![format!("src/{path}: module {own} is missing from the table of modules")];
    };
    named_modules(path, &code(text))
        .into_iter()
        .filter(|name| name != own && !allowed.contains(&"*") && !allowed.contains(&name.as_str()))
        .map(|name| format!("src/{path}: {own} may not import {name}"))
        .collect()
}

#[test]
fn modules_import_what_the_table_allows() {
    let sources = sources();
    assert!(sources.len() > 50, "the source was not found");
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| breaches(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_breach_is_seen_in_each_of_its_forms() {
    for (path, text) in [
        ("domain/code.rs", "use crate::store::Store;"),
        ("domain/mod.rs", "fn f(s: &super::store::Store) {}"),
        ("store/prepare/check.rs", "use super::super::super::server::AUDIT_CONF;"),
        ("store/levels.rs", "let x = crate::service::new_id();"),
        ("server/site.rs", "use crate::{config::Settings, store};"),
        ("import/mod.rs", "use crate::{\n    domain::{Sku, Quantity},\n    store::Store,\n};"),
        ("tui/screens/stock.rs", "use crate::service::Service;"),
        ("novelty/mod.rs", ""),
    ] {
        assert_eq!(breaches(path, text).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("domain/code.rs", "//! Used by crate::store.\nuse super::Sku;"),
        ("store/prepare/check.rs", "use super::super::Error;\nuse crate::domain::Refusal;"),
        ("server/site.rs", "use super::settings;\nuse crate::config::Settings;"),
        ("service/mod.rs", "pub use crate::store::{Level, Posted};\nmod x { use mycrate::tui; }"),
        ("cli/mod.rs", "use crate::server::Options;"),
    ] {
        assert_eq!(breaches(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn the_database_and_the_terminal_are_named_in_one_place() {
    for (path, text) in sources() {
        let text = code(&text);
        for (name, place) in CONFINED {
            // In a path or an import; a directive of the log that says the name is neither.
            let named = [format!("{name}::"), format!("use {name}")].iter().any(|form| text.contains(form));
            assert!(
                !named || path.starts_with(place),
                "src/{path} names {name}, which belongs to src/{place}"
            );
        }
    }
}

#[test]
fn files_can_be_taken_in() {
    let sources = sources();
    let long: Vec<String> = sources
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(path, lines)| *lines > LINES_MAX && !LONG_FILES.iter().any(|(known, _)| known == path))
        .map(|(path, lines)| format!("src/{path} has {lines} lines"))
        .collect();
    assert!(long.is_empty(), "split them, or give a reason in LONG_FILES:\n{}", long.join("\n"));
    for (path, _) in LONG_FILES {
        assert!(sources.contains_key(path), "src/{path} is gone; strike it from LONG_FILES");
    }
}

#[test]
fn each_direct_dependency_has_one_version() {
    let read =
        |name: &str| -> toml::Table { fs::read_to_string(root().join(name)).unwrap().parse().unwrap() };
    let (manifest, lock) = (read("Cargo.toml"), read("Cargo.lock"));
    let direct: BTreeSet<&String> = ["dependencies", "dev-dependencies"]
        .into_iter()
        .flat_map(|section| manifest[section].as_table().unwrap().keys())
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
        assert!(found.len() > 1 || !excused, "{name} has one version now; strike it from SEVERAL_VERSIONS");
    }
}
