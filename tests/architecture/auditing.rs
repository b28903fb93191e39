//! No shipped code switches auditing off.

use super::source::{files_below, is_test, root, without_tests};

/// The only statement of the program that changes what pgaudit records: the collector's own writes would
/// make it collect for ever.
const AUDIT_CHANGES: [(&str, &str); 1] =
    [("src/store/prepare/roles.sql", "set pgaudit.log = 'ddl,role,misc_set'")];

/// The statements of a file that change what pgaudit records or disable a trigger, in lower case. Comments and
/// the tests within the file are left out: the tests check that such statements are found in the audit log.
fn audit_changes(path: &str, text: &str) -> Vec<String> {
    let comment = if path.ends_with(".sql") { "--" } else { "//" };
    let product = without_tests(text);
    let code: Vec<&str> =
        product.lines().flat_map(|line| line.split(comment).next()).flat_map(str::split_whitespace).collect();
    let code = code.join(" ").to_lowercase();
    let statement = |start: usize| {
        let end = code[start..].find([';', '"']).map_or(code.len(), |length| start + length);
        code[start..end].trim_end().to_owned()
    };
    let is_quote = |character: char| matches!(character, '\'' | '"' | '\\' | ' ');
    let mut found: Vec<String> =
        code.match_indices("disable trigger").map(|(start, _)| statement(start)).collect();
    for (start, _) in code.match_indices("pgaudit.").chain(code.match_indices("session_replication_role")) {
        let before = code[..start].trim_end_matches(is_quote);
        let word = before.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
        let sets = matches!(word, Some("set" | "local" | "session" | "reset"))
            || before.ends_with("set_config(")
            || before.ends_with("-c");
        if sets {
            found.push(format!("set {}", statement(start)));
        }
    }
    found
}

#[test]
fn no_sql_of_the_program_turns_auditing_off() {
    let mut found = Vec::new();
    for directory in ["src", "migrations"] {
        for (path, text) in files_below(&root().join(directory), &["rs", "sql"]) {
            if is_test(&path) {
                continue;
            }
            let path = format!("{directory}/{path}");
            found.extend(audit_changes(&path, &text).into_iter().map(|statement| (path.clone(), statement)));
        }
    }
    let known = AUDIT_CHANGES.map(|(path, statement)| (path.to_owned(), statement.to_owned()));
    assert_eq!(found, known);
}

#[test]
fn each_form_of_sql_that_turns_auditing_off_is_detected() {
    for text in [
        "\"ALTER ROLE clerk SET pgaudit.log = 'none'\"",
        "format!(\"ALTER ROLE {login} SET pgaudit.log = 'none'\")",
        "\"ALTER SYSTEM SET\n     pgaudit.log TO none\"",
        "\"SET LOCAL pgaudit.log_parameter = off\"",
        "\"SELECT set_config('pgaudit.log', 'none', false)\"",
        "\"ALTER ROLE clerk RESET pgaudit.log\"",
        "config.options(\"-c pgaudit.log=none\")",
        "\"SET session_replication_role = replica\"",
        "\"ALTER TABLE stock.transactions DISABLE TRIGGER ALL\"",
    ] {
        assert_eq!(audit_changes("store/x.rs", text).len(), 1, "{text}");
        assert_eq!(audit_changes("store/x.sql", &text.replace('"', "")).len(), 1, "{text}");
    }
    for text in [
        "unsafe_unless(\"pgaudit.log\", \"write,ddl,role,misc_set\")",
        "// An admin may have SET pgaudit.log = 'none'.",
        "#[cfg(test)]\nmod tests { const X: &str = \"SET pgaudit.log = 'none'\"; }",
    ] {
        assert_eq!(audit_changes("store/x.rs", text), Vec::<String>::new(), "{text}");
    }
}

/// The tables whose rows a verification compares with the records of their INSERTs, value by value, and the only file with such
/// statements. Rows that another statement inserts are an alarm.
const INSERTED_IN: (&str, [&str; 4]) =
    ("store/orders/statements.rs", ["orders", "order_lines", "order_events", "reservations"]);

#[test]
fn rows_that_are_compared_value_by_value_are_inserted_by_known_statements() {
    let (known, tables) = INSERTED_IN;
    let mut found = Vec::new();
    for (path, text) in files_below(&root().join("src"), &["rs", "sql"]) {
        let code = without_tests(&text).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let inserts = tables.iter().filter(|table| code.contains(&format!("insert into stock.{table} ")));
        found.extend(inserts.filter(|_| !is_test(&path)).map(|table| (path.clone(), *table)));
    }
    assert_eq!(found, tables.map(|table| (known.to_owned(), table)), "they belong into src/{known}");
}
