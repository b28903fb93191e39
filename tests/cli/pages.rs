//! Pages of the documentation that hold what the code says. `UPDATE_DOCS=1` writes them.

use std::fs;
use std::path::Path;

use stockroom::config::page::configuration_page;

/// Compares a page with what it should say, or writes it.
fn check(page: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{page} is not up to date; run: UPDATE_DOCS=1 cargo test --test cli -- pages"
    );
}

#[test]
fn the_page_of_reports_has_their_queries() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/reports.md")).unwrap();
    let mut expected = String::new();
    let mut rest = page.as_str();
    let mut queries = 0;
    while let Some((before, after)) = rest.split_once("<!-- ") {
        let (name, after) = after.split_once(" -->\n```sql\n").unwrap();
        let (_, after) = after.split_once("```\n").unwrap();
        let query = fs::read_to_string(root.join("src/store/report").join(name)).unwrap();
        expected.push_str(&format!("{before}<!-- {name} -->\n```sql\n{query}```\n"));
        (rest, queries) = (after, queries + 1);
    }
    expected.push_str(rest);
    let files = fs::read_dir(root.join("src/store/report")).unwrap();
    let sql = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|ending| ending == "sql");
    assert_eq!(queries, files.flatten().filter(sql).count(), "every query is on the page");
    check("reports.md", &expected);
}

#[test]
fn the_page_of_settings_matches_the_table() {
    check("configuration.md", &configuration_page());
}
