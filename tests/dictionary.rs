//! The data dictionary and the diagram say what the database says, and everything in it has a COMMENT.
//!
//! `make docs` runs this with UPDATE_DOCS=1, which writes the pages instead of comparing them.
#![allow(clippy::unwrap_used, reason = "a failure in a helper is a failed test")]

mod support;

use std::path::Path;

use stockroom::store::describe::Catalog;
use support::database::TestDatabase;

type Page = fn(&Catalog) -> String;

/// The pages and what they are made by.
const PAGES: [(&str, Page); 2] =
    [("docs/data-dictionary.md", Catalog::dictionary), ("docs/er-diagram.md", Catalog::diagram)];

async fn catalog_as(login: &str) -> Catalog {
    TestDatabase::new().await.store(login).describe().await.unwrap()
}

#[tokio::test]
async fn the_pages_say_what_the_catalog_says() {
    // Any login may print them, so they must not depend on who does.
    let catalog = catalog_as("clerk").await;
    for (name, page) in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let fresh = page(&catalog);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, fresh).unwrap();
            continue;
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let differing = written.lines().zip(fresh.lines()).find(|(old, new)| old != new);
        assert!(written == fresh, "{name} is stale, run `make docs`; the first difference: {differing:?}");
    }
}

#[tokio::test]
async fn everything_has_a_comment() {
    let catalog = catalog_as("auditor").await;
    assert!(catalog.relations.len() > 10 && catalog.functions.len() > 10 && catalog.roles.len() >= 7);
    assert_eq!(catalog.without_comment(), Vec::<String>::new());
}

#[tokio::test]
async fn no_page_depends_on_the_day() {
    let database = TestDatabase::new().await;
    let before = database.store("clerk").describe().await.unwrap();
    let first = jiff::civil::date(2009, 12, 1);
    assert!(
        database.store("clerk").ensure_months(first, jiff::civil::date(2011, 12, 31)).await.unwrap() > 20
    );
    let after = database.store("clerk").describe().await.unwrap();
    assert_eq!(before, after);
    for (name, page) in PAGES {
        assert_eq!(month_named(&page(&after)), None, "{name} names a month");
    }
}

/// The first mention of a month of this century, such as 2026_11.
fn month_named(page: &str) -> Option<&str> {
    page.split(|character: char| !character.is_ascii_digit() && character != '_').find(|word| {
        word.len() == 7 && word.starts_with("20") && word.as_bytes()[4] == b'_' && !word[5..].contains('_')
    })
}

#[tokio::test]
async fn the_diagram_has_the_right_cardinalities() {
    let diagram = catalog_as("auditor").await.diagram();
    for relation in [
        "products ||--o{ barcodes : \"product_id\"",
        "locations |o--o{ locations : \"parent_id\"",
        "transactions ||--o| reversals : \"reversed_id, reversed_at\"",
        "lots |o--o{ stock_levels : \"lot_id, product_id\"",
        "locations |o--o{ transactions : \"from_location_id\"",
        "transactions[transactions] -- post_levels --> stock_levels(stock_levels)",
        "transactions[transactions] -- post_levels --> reversals(reversals)",
        "products[products] -- keep_product_history --> product_history(product_history)",
        "stock_levels -.-> view_levels[/levels/]",
    ] {
        assert!(diagram.contains(relation), "{relation} is missing from:\n{diagram}");
    }
}
