//! The order of the parts within a module, and that their files import each other in no cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::source::{code, is_test, module, sources, without_tests};

/// The parts of `tui`: each may import those that come after it, never one that comes before.
const TUI_PARTS: [&str; 14] = [
    "terminal",
    "app",
    "screens",
    "widgets",
    "view",
    "keys_page",
    "typed_ahead",
    "keymap",
    "command",
    "key",
    "theme",
    "text",
    "locale",
    "mod",
];

/// What `tui` may name of `audit`: the plain data that it shows. What collects, seals and verifies is reached
/// through `worker` alone.
const AUDIT_DATA: [&str; 12] = [
    "events::Event",
    "evidence::Standing",
    "findings",
    "reconcile::Step",
    "reconcile::line_status::InspectedRow",
    "reconcile::line_status::Inspection",
    "reconcile::line_status::LineStatus",
    "reconcile::line_status::RowState",
    "reconcile::line_status::Seen",
    "reconcile::line_status::Stated",
    "seal::Checkpoint",
    "seal::Tree",
];

/// The modules whose files import each other in no cycle, except within one folder.
const ACYCLIC: [&str; 2] = ["cli", "tui"];

/// The module path of a file, from the root of the crate.
fn module_path(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if matches!(parts.last(), Some(&("mod" | "lib" | "main"))) {
        parts.pop();
    }
    parts
}

/// The single paths of a path that may end in groups: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn single_paths(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.trim().to_owned()] };
    let (mut nested, mut begin, mut found) = (0, 0, Vec::new());
    for (position, character) in rest.char_indices() {
        match character {
            '{' => nested += 1,
            '}' if nested > 0 => nested -= 1,
            ',' | '}' if nested == 0 => {
                found.extend(single_paths(&rest[begin..position]));
                begin = position + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.iter().filter(|name| !name.is_empty()).map(|name| format!("{}{name}", before.trim())).collect()
}

/// Every path that a text imports or names.
fn named_paths(code: &str) -> Vec<String> {
    let starts = |position: usize| {
        let before = code[..position].chars().next_back();
        before.is_none_or(|character| !(character.is_alphanumeric() || "_:".contains(character)))
    };
    let mut paths = Vec::new();
    for (start, _) in code.match_indices("use ").filter(|(start, _)| starts(*start)) {
        let end = code[start..].find(';').map_or(code.len(), |length| start + length);
        paths.extend(single_paths(&code[start + "use ".len()..end]));
    }
    for root in ["crate::", "super::", "self::"] {
        for (start, _) in code.match_indices(root).filter(|(start, _)| starts(*start)) {
            let of_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
            let path: String = code[start..].chars().take_while(|character| of_path(*character)).collect();
            // The group of a `use` was taken apart above.
            paths.extend((!path.ends_with("::")).then_some(path));
        }
    }
    paths
}

/// The files that a file imports from or names in a path, among those given.
fn imports<'a>(path: &str, text: &str, files: &'a BTreeMap<Vec<&str>, &'a str>) -> BTreeSet<&'a str> {
    let code = code(text);
    let own = module_path(path);
    let mut found = BTreeSet::new();
    for named in &named_paths(without_tests(&code)) {
        let mut parts: Vec<&str> = named.split("::").map(str::trim).collect();
        let mut target = own.clone();
        while let Some(first) = parts.first().copied() {
            match first {
                "crate" => target.clear(),
                "super" => {
                    target.pop();
                }
                "self" => {}
                _ => break,
            }
            parts.remove(0);
        }
        target.extend(parts);
        // What stands at the end of a path is an item, or a variant of one, of the file before it.
        while !target.is_empty() && !files.contains_key(&target) {
            target.pop();
        }
        if let Some(file) = files.get(&target).filter(|file| **file != path) {
            found.insert(*file);
        }
    }
    found
}

/// Which file imports which, without the tests, in one module.
fn import_graph<'a>(
    files: &'a BTreeMap<Vec<&str>, &'a str>,
    sources: &BTreeMap<String, String>,
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    files.values().map(|path| (*path, imports(path, &sources[*path], files))).collect()
}

/// The shortest way along imports from one file to another.
fn way<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut reached = BTreeSet::from([from]);
    let mut ways = std::collections::VecDeque::from([vec![from]]);
    while let Some(way) = ways.pop_front() {
        let last = way[way.len() - 1];
        if last == to {
            return Some(way);
        }
        for next in graph.get(last).into_iter().flatten().filter(|next| reached.insert(**next)) {
            ways.push_back([way.as_slice(), &[*next]].concat());
        }
    }
    None
}

#[test]
fn files_of_different_folders_import_each_other_in_no_cycle() {
    let sources = sources();
    for own in ACYCLIC {
        let of_module = sources.keys().filter(|path| module(path) == own && !is_test(path));
        let files: BTreeMap<Vec<&str>, &str> =
            of_module.map(|path| (module_path(path), path.as_str())).collect();
        let graph = import_graph(&files, &sources);
        assert!(graph.values().map(BTreeSet::len).sum::<usize>() > files.len(), "the imports were not found");
        let folder = |path: &str| Path::new(path).parent().unwrap().to_owned();
        for (from, targets) in &graph {
            for to in targets.iter().filter(|to| folder(to) != folder(from)) {
                if let Some(back) = way(&graph, to, from) {
                    panic!("src/{from} imports itself by way of {}", back.join(", "));
                }
            }
        }
    }
}

#[test]
fn the_parts_of_the_terminal_import_in_their_order() {
    let sources = sources();
    let of_tui = sources.keys().filter(|path| module(path) == "tui" && !is_test(path));
    let files: BTreeMap<Vec<&str>, &str> = of_tui.map(|path| (module_path(path), path.as_str())).collect();
    let part = |path: &str| path.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
    let rank = |path: &str| {
        let known = TUI_PARTS.iter().position(|known| *known == part(path));
        known.unwrap_or_else(|| panic!("src/{path}: {} is missing from TUI_PARTS", part(path)))
    };
    for (from, targets) in import_graph(&files, &sources) {
        for to in targets {
            assert!(rank(from) <= rank(to), "src/{from} may not import src/{to}");
        }
    }
}

#[test]
fn the_terminal_names_only_plain_data_of_the_audit() {
    let is_data =
        |named: &str| AUDIT_DATA.iter().any(|data| named.split(" as ").next().unwrap().starts_with(data));
    for (path, text) in sources().iter().filter(|(path, _)| module(path) == "tui") {
        let paths = named_paths(&code(text));
        for named in paths.iter().filter_map(|path| path.strip_prefix("crate::audit::")) {
            assert!(is_data(named), "src/{path} names audit::{named}, which AUDIT_DATA does not list");
        }
    }
    assert!(!is_data("evidence::Evidence") && !is_data("reconcile::verify"));
}

#[test]
fn each_form_of_import_is_detected() {
    let paths = ["tui/app/mod.rs", "tui/view/mod.rs", "tui/view/canvas.rs", "tui/text/mod.rs", "tui/mod.rs"];
    let files: BTreeMap<Vec<&str>, &str> = paths.into_iter().map(|path| (module_path(path), path)).collect();
    for (path, text, found) in [
        ("tui/app/mod.rs", "use crate::tui::view::{Canvas, Hit};", "tui/view/mod.rs"),
        ("tui/app/mod.rs", "use super::{\n    text::{self, Words},\n};", "tui/text/mod.rs"),
        ("tui/app/mod.rs", "fn f() { super::text::words() }", "tui/text/mod.rs"),
        ("tui/view/mod.rs", "pub use canvas::Canvas;", "tui/view/canvas.rs"),
        ("tui/view/canvas.rs", "use super::Hit;", "tui/view/mod.rs"),
        ("tui/view/canvas.rs", "use crate::tui::app::App; // use super::Hit;", "tui/app/mod.rs"),
    ] {
        assert_eq!(imports(path, text, &files), BTreeSet::from([found]), "{path}: {text}");
    }
    let none = imports("tui/app/mod.rs", "#[cfg(test)]\nmod tests {\n    use super::super::view;\n}", &files);
    assert!(none.is_empty());
}
