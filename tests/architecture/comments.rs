//! Every public item has a comment that says what it is for. The compiler's lint `missing_docs` would require one for
//! every field and variant as well, most of whose names explain themselves.

use std::collections::BTreeSet;

use super::source::{is_test, sources, without_tests};

/// The words of an item that needs a comment, after `pub`.
const ITEMS: [&str; 8] = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod"];

/// Those of them that have methods.
const TYPES: [&str; 3] = ["struct", "enum", "trait"];

/// The word and the name of the public item that a line declares.
fn declared(line: &str) -> Option<(&str, &str)> {
    let mut words = line
        .strip_prefix("pub ")?
        .split(|character: char| character.is_whitespace() || "(<;:=".contains(character));
    let word = words.find(|word| !matches!(*word, "async" | "unsafe"))?;
    let next = words.next()?;
    match (word, next) {
        ("const", "fn") => Some(("fn", words.next()?)),
        _ => ITEMS.contains(&word).then_some((word, next)),
    }
}

/// The types and traits that are public, whatever module they are in.
fn public_types<'a>(texts: impl Iterator<Item = &'a String>) -> BTreeSet<&'a str> {
    texts
        .flat_map(|text| text.lines())
        .filter_map(declared)
        .filter(|(word, _)| TYPES.contains(word))
        .map(|(_, name)| name)
        .collect()
}

/// The name at the beginning of a text.
fn leading_name(text: &str) -> &str {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .next()
        .unwrap_or_default()
}

/// The types and traits that a file declares and does not make public.
fn hidden_types(text: &str) -> BTreeSet<&str> {
    let name = |line| -> Option<&str> {
        let mut words = str::split_whitespace(line).skip_while(|word| word.starts_with("pub("));
        TYPES.contains(&words.next()?).then(|| words.next().map(leading_name))?
    };
    text.lines().filter_map(name).collect()
}

/// The type that an `impl` is for.
fn implemented(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("impl")?;
    let subject = match rest.split_once(" for ") {
        Some((_, subject)) => subject,
        // Past the parameters.
        None if rest.starts_with('<') => rest.split_once("> ")?.1,
        None => rest,
    };
    Some(leading_name(subject.trim_start()))
}

/// The public items of a file that have no comment.
fn uncommented(text: &str, public: &BTreeSet<&str>) -> Vec<String> {
    let (mut found, hidden) = (Vec::new(), hidden_types(text));
    let (mut commented, mut within_attribute, mut reachable) = (false, 0_usize, true);
    for line in without_tests(text).lines() {
        let item = line.trim_start();
        if item.starts_with("///") {
            commented = true;
            continue;
        }
        if within_attribute > 0 || item.starts_with("#[") {
            let (opened, closed) = (item.matches('[').count(), item.matches(']').count());
            within_attribute = (within_attribute + opened).saturating_sub(closed);
            continue;
        }
        if let Some(subject) = implemented(line) {
            reachable = public.contains(subject) && !hidden.contains(subject);
        } else if line == "}" {
            reachable = true;
        } else if line.starts_with("mod ") && line.ends_with('{') {
            reachable = false;
        }
        // A module in a file of its own says what it is for at the top of that file.
        let in_file = |word: &str| word == "mod" && item.ends_with(';');
        if let Some((word, name)) = declared(item)
            // Whoever uses a macro gives what it makes its comment.
            && !name.starts_with('$')
            && reachable
            && !commented
            && !in_file(word)
        {
            found.push(format!("{word} {name}"));
        }
        commented &= item.is_empty();
    }
    found
}

#[test]
fn every_public_item_has_a_comment() {
    let mut sources = sources();
    sources.retain(|path, _| !is_test(path));
    let public = public_types(sources.values());
    let found: Vec<String> = sources
        .iter()
        .flat_map(|(path, text)| {
            uncommented(text, &public).into_iter().map(move |item| format!("src/{path}: {item}"))
        })
        .collect();
    assert!(found.is_empty(), "without a comment:\n{}", found.join("\n"));
    let silent: Vec<&String> = sources
        .iter()
        .filter(|(path, text)| *path != "main.rs" && !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "files that do not begin with what they are for: {silent:?}");
}

#[test]
fn each_kind_of_missing_comment_is_detected() {
    let public = BTreeSet::from(["Shown"]);
    for (text, item) in [
        ("pub fn f() {}", "fn f"),
        ("pub async fn f() {}", "fn f"),
        ("pub const fn f() {}", "fn f"),
        ("pub const X: u8 = 1;", "const X"),
        ("pub enum Shown<T> {", "enum Shown"),
        ("#[derive(\n    Debug,\n)]\npub struct Shown;", "struct Shown"),
        ("/// Of the line before.\nfn g() {}\npub fn f() {}", "fn f"),
        ("impl<T> Shown<T> {\n    pub fn f() {}\n}", "fn f"),
        ("pub mod inner {", "mod inner"),
    ] {
        assert_eq!(uncommented(text, &public), [item], "{text}");
    }
    for text in [
        "/// Says something.\n#[derive(\n    Debug,\n)]\npub struct Shown;",
        "pub(crate) fn f() {}",
        "impl Hidden {\n    pub fn f() {}\n}",
        "struct Shown;\nimpl Shown {\n    pub fn f() {}\n}",
        "pub(super) struct Shown;\nimpl Shown {\n    pub fn f() {}\n}",
        "mod rank {\n    pub const X: u8 = 1;\n}",
        "pub mod file;",
        "    pub field: u8,",
        "#[cfg(test)]\nmod tests {\n    pub fn f() {}\n}",
    ] {
        assert_eq!(uncommented(text, &public), Vec::<String>::new(), "{text}");
    }
}
