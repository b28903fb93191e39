//! The evidence named in the reports exists: every file, test and tested case in `docs/security.md` and
//! `docs/report.md`, and every link between the pages of the documentation.
//!
//! Evidence is written in three forms: `` `tests/…/file.rs::name_of_a_test` ``, a path in backticks, and the name of a
//! case of `docs/audit.md` or a weakness of `docs/db-check.md` between typographic quotation marks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::source::{files_below, root};

/// The pages whose claims need evidence.
const REPORTS: [&str; 2] = ["docs/security.md", "docs/report.md"];
/// The pages whose first columns name tested cases.
const CASES: [&str; 2] = ["docs/audit.md", "docs/db-check.md"];
/// What a path of this repository begins with.
const PLACES: [&str; 8] = ["src/", "tests/", "docs/", "migrations/", "pgaudit/", "dev/", "docker/", ".ci/"];
/// The heading of a column in which each row needs evidence.
const COLUMN: &str = "evidence";
/// How a cell says that there is no evidence, and why.
const WITHOUT: &str = "not tested: ";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The page without its code blocks.
fn prose(page: &str) -> String {
    format!("\n{page}").split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// What stands between two marks, within one line.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for mut rest in text.lines() {
        while let Some((_, after)) = rest.split_once(open) {
            let Some((inner, beyond)) = after.split_once(close) else { break };
            found.push(inner);
            rest = beyond;
        }
    }
    found
}

/// Whether a file has a test of this name.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(number, line)| {
        let mut above = lines[..number].iter().rev().take_while(|line| line.starts_with(['#', '/']));
        line.contains(&format!("fn {name}("))
            && above.any(|line| *line == "#[test]" || line.starts_with("#[tokio::test"))
    })
}

/// What is wrong with the evidence of a page. `source` reads a file; `cases` are the pages with tested cases.
fn missing(page: &str, source: &dyn Fn(&str) -> Option<String>, cases: &str) -> Vec<String> {
    let page = prose(page);
    let mut wrong = Vec::new();
    for span in between(&page, "`", "`") {
        let (path, test) = span.split_once("::").map_or((span, None), |(path, test)| (path, Some(test)));
        if !PLACES.iter().any(|place| path.starts_with(place)) || path.contains(' ') {
            continue;
        }
        match (source(path), test) {
            (None, _) => wrong.push(format!("there is no {path}")),
            (Some(text), Some(test)) if !has_test(&text, test) => {
                wrong.push(format!("{path} has no test {test}"));
            }
            _ => {}
        }
    }
    for name in between(&page, "“", "”") {
        if !cases.contains(&format!("\n| {name} |")) {
            wrong.push(format!("no case is called “{name}”"));
        }
    }
    wrong.extend(bare_rows(&page));
    wrong
}

/// The rows of tables that have a column for evidence and nothing in it.
fn bare_rows(page: &str) -> Vec<String> {
    let mut bare = Vec::new();
    let mut in_table = false;
    for line in page.lines() {
        let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            in_table = false;
            continue;
        };
        let last = cells.rsplit(" | ").next().unwrap_or_default();
        if last == COLUMN {
            in_table = true;
        } else if in_table && !last.starts_with("---") {
            let has_reference = ["::", "“", "]("].iter().any(|mark| last.contains(mark));
            if !has_reference && !last.starts_with(WITHOUT) {
                bare.push(format!("no evidence in: {line}"));
            }
        }
    }
    bare
}

/// The anchor that a heading gets, as GitHub makes it.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[test]
fn reports_name_only_evidence_that_exists() {
    let cases: String = CASES.iter().map(|path| read(path)).collect();
    let source = |path: &str| {
        let path = root().join(path);
        if path.is_dir() { Some(String::new()) } else { fs::read_to_string(path).ok() }
    };
    for report in REPORTS {
        let page = read(report);
        assert!(prose(&page).matches(".rs::").count() > 10, "{report} names hardly any test");
        let wrong = missing(&page, &source, &cases);
        assert!(wrong.is_empty(), "{report}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn each_form_of_missing_evidence_is_detected() {
    let files = BTreeMap::from([
        ("tests/a.rs", "#[test]\nfn holds() {\n}\n\nfn helper() {\n}\n\n#[tokio::test]\nasync fn waits() {"),
        ("docs/b.md", ""),
    ]);
    let source = |path: &str| files.get(path).map(|text| (*text).to_owned());
    let wrong = |page: &str| missing(page, &source, "\n| A row is deleted | found |\n").len();
    let table = |cell: &str| format!("| claim | evidence |\n| --- | --- |\n| it holds | {cell} |\n");
    for sound in [
        "`tests/a.rs::holds`, `tests/a.rs::waits`, `docs/b.md`, “A row is deleted”, `SELECT 1`".to_owned(),
        "```\n`tests/c.rs`\n```\n".to_owned(),
        table("`tests/a.rs::holds`"),
        table("“A row is deleted”"),
        table("not tested: it cannot be"),
    ] {
        assert_eq!(wrong(&sound), 0, "{sound}");
    }
    for unsound in [
        "`tests/a.rs::helper`".to_owned(),
        "`tests/a.rs::hold`".to_owned(),
        "`tests/c.rs`".to_owned(),
        "“A row is”".to_owned(),
        table("by design"),
        table("`docs/b.md`"),
    ] {
        assert_eq!(wrong(&unsound), 1, "{unsound}");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages: Vec<String> =
        files_below(&root().join("docs"), &["md"]).keys().map(|name| format!("docs/{name}")).collect();
    pages.extend(["README.md", "pgaudit/README.md"].map(str::to_owned));
    let mut dead = Vec::new();
    for page in &pages {
        let text = prose(&read(page));
        for link in between(&text, "](", ")").into_iter().filter(|link| !link.contains("://")) {
            let (path, part) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => root().join(page),
                path => root().join(Path::new(page).parent().unwrap()).join(path),
            };
            if !target.exists() {
                dead.push(format!("{page}: {link}"));
            } else if !part.is_empty() {
                let target = prose(&fs::read_to_string(target).unwrap());
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                if !headings.any(|line| anchor(line.trim_start_matches('#')) == part) {
                    dead.push(format!("{page}: {link}"));
                }
            }
        }
    }
    assert!(pages.len() > 10 && dead.is_empty(), "{dead:#?}");
}
