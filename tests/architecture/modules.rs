//! The table of modules in `docs/architecture.md` and the imports of the source agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::source::{code, module, root, sources};

/// Names of foreign crates, and the only places that may name them.
const CONFINED: [(&str, &str); 3] =
    [("tokio_postgres", "store/"), ("deadpool_postgres", "store/"), ("crossterm", "tui/terminal")];

/// What a module may import of ours.
#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    Anything,
    Only(BTreeSet<String>),
}

type Table = BTreeMap<String, Allowed>;

/// The table of modules: the names in the first column, and what the last one says they may import.
fn table() -> Table {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    read_table(&page)
}

fn read_table(page: &str) -> Table {
    let begin = page.find("| module |").expect("docs/architecture.md has no table of modules");
    let rows = page[begin..].lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut table = Table::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [names, _, allowed] = cells[..] else { panic!("a row has not three columns: {row}") };
        for name in quoted(names) {
            let allowed = match allowed {
                "anything" => Allowed::Anything,
                _ => Allowed::Only(quoted(allowed)),
            };
            assert!(table.insert(name.clone(), allowed).is_none(), "{name} is listed twice");
        }
    }
    for allowed in table.values() {
        let Allowed::Only(names) = allowed else { continue };
        let unknown: Vec<&String> = names.iter().filter(|name| !table.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "docs/architecture.md allows imports of what is no module: {unknown:?}");
    }
    table
}

/// The names between backticks.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// How many `super::` lead from a file to the root of the crate.
fn depth(path: &str) -> usize {
    let parts = path.split('/').count();
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// The modules of ours that a file names, by `crate::…`, by `super::…` from the root, or by the name of
/// the library.
fn named_modules(table: &Table, path: &str, text: &str) -> BTreeSet<String> {
    let known = |name: &str| table.contains_key(name);
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
fn breaches(table: &Table, path: &str, text: &str) -> Vec<String> {
    let own = module(path);
    let Some(allowed) = table.get(own) else {
        return vec![format!("src/{path}: module {own} is missing from the table of modules")];
    };
    let Allowed::Only(allowed) = allowed else { return Vec::new() };
    named_modules(table, path, &code(text))
        .into_iter()
        .filter(|name| name != own && !allowed.contains(name))
        .map(|name| format!("src/{path}: {own} may not import {name}"))
        .collect()
}

#[test]
fn modules_import_what_the_table_allows() {
    let sources = sources();
    assert!(sources.len() > 50, "the source was not found");
    let table = table();
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| breaches(&table, path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let gone: Vec<&String> =
        table.keys().filter(|name| !sources.keys().any(|path| module(path) == *name)).collect();
    assert!(gone.is_empty(), "docs/architecture.md lists modules that are not there: {gone:?}");
}

#[test]
fn each_kind_of_violation_is_detected() {
    let table = table();
    for (path, text) in [
        ("domain/code.rs", "use crate::store::Store;"),
        ("domain/mod.rs", "fn f(s: &super::store::Store) {}"),
        ("store/prepare/check.rs", "use super::super::super::server::AUDIT_CONF;"),
        ("store/levels.rs", "let x = crate::service::new_id();"),
        ("import/mod.rs", "use crate::{service::Service, store};"),
        ("server/instance.rs", "use crate::config::Settings;"),
        ("import/mod.rs", "use crate::{\n    domain::{Sku, Quantity},\n    store::Store,\n};"),
        ("tui/screens/stock.rs", "use crate::service::Service;"),
        ("novelty/mod.rs", ""),
    ] {
        assert_eq!(breaches(&table, path, text).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("domain/code.rs", "//! Used by crate::store.\nuse super::Sku;"),
        ("store/prepare/check.rs", "use super::super::Error;\nuse crate::domain::Refusal;"),
        ("audit/collect.rs", "use super::settings;\nuse crate::{domain::Sku, store::Store};"),
        ("config/mod.rs", "use crate::tui::theme::StyleSpec;"),
        ("service/mod.rs", "pub use crate::store::{Level, Posted};\nmod x { use mycrate::tui; }"),
        ("cli/mod.rs", "use crate::server::Options;"),
    ] {
        assert_eq!(breaches(&table, path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn one_module_uses_the_database_library_and_one_the_terminal_library() {
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
fn the_table_is_read_as_it_is_written() {
    let page = "# Page\n\n| module | what | may import |\n| --- | --- | --- |\n\
        | `a` | rules | value crates only |\n| `b`, `c` | rows of `a` | `a`, `d` |\n\
        | `d` | the rest | anything |\n\nmore | text |\n";
    let only = |names: &[&str]| Allowed::Only(names.iter().map(|name| (*name).to_owned()).collect());
    let expected =
        [("a", only(&[])), ("b", only(&["a", "d"])), ("c", only(&["a", "d"])), ("d", Allowed::Anything)];
    assert_eq!(read_table(page), expected.map(|(name, allowed)| (name.to_owned(), allowed)).into());
}
