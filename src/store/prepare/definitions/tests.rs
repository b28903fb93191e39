use super::*;

fn definition(kind: &str, object: &str, text: &str) -> Definition {
    Definition { kind: kind.to_owned(), object: object.to_owned(), text: text.to_owned() }
}

#[test]
fn what_is_recorded_is_read_again() {
    let found = [
        definition("table", "stock.transactions_2026_11", "owner stock_owner"),
        definition("column", "id of stock.transactions_2026_11", "uuid NOT NULL"),
        definition("function", "stock.f()", "owner stock_owner\nCREATE …\n\nEND"),
        definition("setting", "of this database: timezone", "UTC"),
    ];
    let recorded = parse(&recorded(&found));
    assert_eq!(recorded.len(), found.len());
    assert_eq!(compare(&found, &recorded), []);
    let expected: Vec<&str> = recorded.iter().map(|one| one.object.as_str()).collect();
    assert!(expected.contains(&"id of stock.transactions_YYYY_MM"), "{expected:?}");
}

#[test]
fn every_month_must_have_what_one_has() {
    let month = |month: &str| {
        [
            definition("table", &format!("stock.transactions_{month}"), "owner stock_owner"),
            definition("trigger", &format!("guard of stock.transactions_{month}"), "CREATE …\nfires always"),
        ]
    };
    let expected = parse(&recorded(&month("2026_11")));
    let mut found = [month("2026_11"), month("2026_12")].concat();
    assert_eq!(compare(&found, &expected), []);
    found.pop();
    let differences = compare(&found, &expected);
    assert_eq!(differences.len(), 1, "{differences:#?}");
    assert_eq!(differences[0].subject, "trigger guard of stock.transactions_2026_12");
    assert_eq!(differences[0].words(), "missing");
}

#[test]
fn a_difference_quotes_the_lines_that_differ() {
    let expected = [definition("function", "stock.f()", "owner a\nBEGIN\nRAISE;\nEND")];
    let found = [definition("function", "stock.f()", "owner a\nBEGIN\nRETURN NULL;\nEND")];
    let differences = compare(&found, &expected);
    assert_eq!(differences[0].expected.as_deref(), Some("RAISE;"));
    assert_eq!(differences[0].words(), "altered: \"RETURN NULL;\" instead of \"RAISE;\"");
}

#[test]
fn a_table_of_the_site_is_reported_once_and_as_advice() {
    let found = [
        definition("table", "stock.notes", "owner stock_owner"),
        definition("column", "note of stock.notes", "text"),
        definition("grant", "on table stock.notes to clerk", "SELECT"),
    ];
    let differences = compare(&found, &[]);
    assert_eq!(differences.len(), 1, "{differences:#?}");
    assert_eq!(differences[0].severity, CheckSeverity::Advice);
}

#[test]
fn remedies_are_statements() {
    let enabled = "CREATE TRIGGER t BEFORE INSERT ON stock.x EXECUTE FUNCTION stock.f()\nfires always";
    for (kind, object, expected, found, remedy) in [
        (
            "trigger",
            "t of stock.x",
            Some(enabled),
            Some(enabled.replace("always", "never")),
            "ALTER TABLE stock.x ENABLE ALWAYS TRIGGER t",
        ),
        ("rule", "r of stock.x", None, Some("CREATE RULE".to_owned()), "DROP RULE r ON stock.x"),
        (
            "grant",
            "on table stock.x to clerk",
            None,
            Some("UPDATE".to_owned()),
            "REVOKE ALL ON TABLE stock.x FROM clerk",
        ),
        (
            "grant",
            "on schema stock to stock_clerk",
            Some("USAGE"),
            None,
            "GRANT USAGE ON SCHEMA stock TO stock_clerk",
        ),
        (
            "table",
            "stock.x",
            Some("owner stock_owner"),
            Some("owner ann".to_owned()),
            "ALTER TABLE stock.x OWNER TO stock_owner",
        ),
        (
            "constraint",
            "c of stock.x",
            Some("CHECK (a > 0)"),
            None,
            "ALTER TABLE stock.x ADD CONSTRAINT c CHECK (a > 0)",
        ),
        (
            "function",
            "stock.refuse_change()",
            Some("owner stock_owner\nCREATE a"),
            Some("owner stock_owner\nCREATE b".to_owned()),
            "as stock_owner, run the CREATE statement of stock.refuse_change from migrations/V0003__posting_rules.sql again (CREATE OR REPLACE)",
        ),
    ] {
        assert_eq!(remedy::remedy(kind, object, expected, found.as_deref()), remedy);
    }
}

#[test]
fn an_unknown_version_of_postgresql_raises_no_false_alarm() {
    let expected = [
        definition("view", "stock.levels", "SELECT p.sku\nFROM stock.products p"),
        definition("function", "stock.guard()", "BEGIN\nRAISE\nEND"),
        definition("trigger", "guard of stock.t", "CREATE TRIGGER guard\nfires always"),
        definition("trigger", "other of stock.t", "CREATE TRIGGER other\nfires always"),
    ];
    let found = [
        definition("view", "stock.levels", "SELECT sku\nFROM stock.products p"),
        definition("function", "stock.guard()", "BEGIN\nNULL\nEND"),
        definition("trigger", "guard of stock.t", "CREATE TRIGGER guard\nnever fires"),
        definition("constraint", "sku_not_null of stock.products", "NOT NULL sku"),
        definition("trigger", "extra of stock.t", "CREATE TRIGGER extra\nfires always"),
    ];
    let unsafe_on = |major: i32| -> Vec<String> {
        let judged = judged_by_version(compare(&found, &expected), major);
        assert_eq!(judged.len(), 6, "{judged:#?}");
        let of = |one: &&Difference| one.severity == CheckSeverity::Unsafe;
        judged.iter().filter(of).map(|one| one.subject.clone()).collect()
    };
    assert_eq!(unsafe_on(15).len(), 6);
    let guards = [
        "function stock.guard()",
        "trigger extra of stock.t",
        "trigger guard of stock.t",
        "trigger other of stock.t",
    ];
    assert_eq!(unsafe_on(17), guards, "what the version cannot have done stays an alarm");
    let said = unknown_version(17);
    assert_eq!(said.severity, CheckSeverity::Unchecked);
    assert!(
        said.found.contains("PostgreSQL 17 is not known") && said.found.contains("tested on 15"),
        "{said:?}"
    );
}
