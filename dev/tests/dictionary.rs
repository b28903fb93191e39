//! The data dictionary, the diagram and the matrix of privileges match the database, and everything in it has a COMMENT.
//!
//! `make docs` runs this with UPDATE_DOCS=1, which writes the pages instead of comparing them. Starting a server
//! takes longer than everything else here, so each test asks several questions of one.
#![allow(clippy::unwrap_used, reason = "a failure in a helper is a failed test")]

use std::path::Path;

use stockroom::domain::Group;
use stockroom::store::{ConnectionSettings, Store, prepare};
use stockroom_dev::dictionary::Catalog;
use stockroom_dev::{DevServer, connect};

type Page = fn(&Catalog) -> String;

/// The pages and what they are made by.
const PAGES: [(&str, Page); 2] =
    [("docs/data-dictionary.md", Catalog::dictionary), ("docs/er-diagram.md", Catalog::diagram)];

/// The page that has the matrix of privileges, and between which lines.
const MATRIX: (&str, &str, &str) =
    ("docs/security.md", "<!-- matrix: written by `make docs` -->\n", "<!-- end of matrix -->\n");

/// The settings of a server whose data may be lost in a power cut.
const THROWAWAY: [(&str, &str); 1] = [("fsync", "off")];

async fn catalog_at(url: &str) -> Catalog {
    Catalog::read(&mut connect(url).await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn the_pages_match_the_catalog() {
    let server = DevServer::start(&THROWAWAY).await.unwrap();
    let catalog = catalog_at(&server.add_login("clerk", Group::Clerk).await.unwrap()).await;
    assert!(catalog.relations.len() > 10 && catalog.functions.len() > 10 && catalog.roles.len() >= 7);
    assert_eq!(catalog.without_comment(), Vec::<String>::new());
    assert_cardinalities(&catalog.diagram());
    for (name, page) in PAGES {
        compare_or_write(name, &page(&catalog));
    }
    let (name, begin, end) = MATRIX;
    let page = written(name);
    let (before, rest) = page.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let matrix = catalog.matrix();
    assert!(matrix.contains("| `transactions` | Si | Si | S |"), "{matrix}");
    assert!(
        matrix.contains("| `add_person(text, text, text)`, as `stock_user_manager` | · | X |"),
        "{matrix}"
    );
    compare_or_write(name, &format!("{before}{begin}{matrix}{end}{after}"));
}

fn written(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(path).unwrap_or_default()
}

fn compare_or_write(name: &str, fresh: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, fresh).unwrap();
        return;
    }
    let written = written(name);
    let differing = written.lines().zip(fresh.lines()).find(|(old, new)| old != new);
    assert!(written == fresh, "{name} is stale, run `make docs`; the first difference: {differing:?}");
}

fn assert_cardinalities(diagram: &str) {
    for relation in [
        "products ||--o{ barcodes : \"product_id\"",
        "locations |o--o{ locations : \"parent_id\"",
        "transactions ||--o| reversals : \"reversed_id, reversed_at\"",
        "lots |o--o{ stock_levels : \"lot_id, product_id\"",
        "locations |o--o{ transactions : \"from_location_id\"",
        "transactions[transactions] -- post_levels --> stock_levels(stock_levels)",
        "transactions[transactions] -- post_levels --> reversals(reversals)",
        "products[products] -- keep_product_history --> product_history(product_history)",
        "stock_levels -.-> view_level_availability[/level_availability/]",
        "view_level_availability[/level_availability/] -.-> view_levels[/levels/]",
    ] {
        assert!(diagram.contains(relation), "{relation} is missing from:\n{diagram}");
    }
}

#[tokio::test]
async fn the_catalog_depends_on_neither_the_login_nor_the_day_nor_on_preparing_again() {
    let server = DevServer::start(&THROWAWAY).await.unwrap();
    let clerk = server.add_login("clerk", Group::Clerk).await.unwrap();
    let auditor = server.add_login("auditor", Group::Auditor).await.unwrap();
    let before = catalog_at(&auditor).await;
    assert_eq!(catalog_at(&clerk).await, before);

    let superuser: ConnectionSettings = server.superuser_url().parse().unwrap();
    let store = Store::new(superuser.clone().with_database(prepare::DATABASE_DEFAULT), 1).unwrap();
    let (first, last) = (jiff::civil::date(2009, 12, 1), jiff::civil::date(2011, 12, 31));
    assert!(store.ensure_months(first, last).await.unwrap() > 20);
    let prepared = prepare::init(&superuser, prepare::DATABASE_DEFAULT).await.unwrap();
    assert_eq!(prepared.migrations, Vec::<String>::new());

    let after = catalog_at(&clerk).await;
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
