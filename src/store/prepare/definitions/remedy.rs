//! The SQL statement that restores a definition.

use super::super::{DATABASE, embedded};

const INIT: &str = "stockroom db init, with the URL of a superuser";

/// The statement that restores an object, or removes one that should not exist.
pub(super) fn remedy(kind: &str, object: &str, expected: Option<&str>, found: Option<&str>) -> String {
    let (name, table) = object.split_once(" of ").unwrap_or((object, ""));
    if let (Some(expected), Some(found)) = (expected, found)
        && let (Some((owner, rest)), Some((other, other_rest))) = (owner(expected), owner(found))
        && owner != other
        && rest == other_rest
    {
        let what = if kind == "function" { "ROUTINE".to_owned() } else { kind.to_uppercase() };
        return format!("ALTER {what} {object} OWNER TO {owner}");
    }
    match (kind, expected) {
        ("trigger", Some(text)) => trigger(name, table, text, found),
        ("trigger" | "rule" | "policy", None) => format!("DROP {} {name} ON {table}", kind.to_uppercase()),
        ("constraint", Some(text)) => format!(
            "ALTER TABLE {table} {}ADD CONSTRAINT {name} {}",
            dropped(found, &format!("DROP CONSTRAINT {name}, ")),
            one_line(text)
        ),
        ("constraint", None) => format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
        ("index", Some(text)) => {
            format!("{}{}", dropped(found, &format!("DROP INDEX {name}; ")), one_line(text))
        }
        ("index", None) => format!("DROP INDEX {name}"),
        ("column", Some(text)) => {
            format!("ALTER TABLE {table} …, so that the column is again: {name} {}", one_line(text))
        }
        ("column", None) => format!("ALTER TABLE {table} DROP COLUMN {name}"),
        ("table", Some(_)) if found.is_some_and(|text| text.contains("row-level security")) => {
            format!("ALTER TABLE {object} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
        }
        ("table", Some(text))
            if found.is_some_and(|text| text.contains("unlogged")) && !text.contains("unlogged") =>
        {
            format!("ALTER TABLE {object} SET LOGGED")
        }
        ("table", Some(_)) if found.is_some_and(|text| text.contains("has the child ")) => {
            format!(
                "ALTER TABLE {object} DETACH PARTITION …, or ALTER TABLE … NO INHERIT {object}, then drop the child"
            )
        }
        ("table", Some(_)) if found.is_some_and(|text| text.contains("(rel")) => {
            format!("UPDATE pg_class SET … WHERE oid = '{object}'::regclass, for the column that is named")
        }
        ("sequence", Some(_)) if found.is_some() => {
            format!("ALTER SEQUENCE {object} START 1 INCREMENT 1 MINVALUE 1 NO MAXVALUE CACHE 1 NO CYCLE")
        }
        ("table", Some(text)) if text.contains("partition of") => {
            format!("ALTER TABLE … ATTACH PARTITION {object} FOR VALUES of its month")
        }
        ("function" | "view" | "type" | "table" | "sequence", Some(_)) => source(object),
        ("schema" | "setting" | "default privileges", Some(_)) | ("role" | "membership", Some(_))
            if found.is_none() =>
        {
            INIT.to_owned()
        }
        ("role", Some(text)) => format!("ALTER ROLE {object} {text}"),
        ("membership", _) => membership(object, expected.is_some()),
        ("extension", Some(_)) => format!("CREATE EXTENSION {object}"),
        ("event trigger", Some(_)) => {
            format!("ALTER EVENT TRIGGER {object} ENABLE, or drop and create the extension pgaudit")
        }
        ("grant", _) => grant(object, expected, found),
        ("default privileges", _) => "ALTER DEFAULT PRIVILEGES … REVOKE what was granted".to_owned(),
        ("setting" | "schema", _) => INIT.to_owned(),
        ("function", None) => format!("DROP ROUTINE {object}"),
        (_, None) => format!("DROP {} {object}, unless the site needs it", kind.to_uppercase()),
        (_, Some(text)) => format!("restore: {}", one_line(text)),
    }
}

/// The owner in the first line of a definition, and the remaining lines.
fn owner(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("owner ")?;
    Some(rest.split_once('\n').unwrap_or((rest, "")))
}

fn dropped(found: Option<&str>, statement: &str) -> String {
    if found.is_some() { statement.to_owned() } else { String::new() }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn trigger(name: &str, table: &str, expected: &str, found: Option<&str>) -> String {
    let (create, _) = expected.split_once('\n').unwrap_or((expected, ""));
    let always = format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}");
    match found.map(|text| text.split_once('\n').unwrap_or((text, "")).0) {
        Some(same) if same == create => always,
        Some(_) => format!("DROP TRIGGER {name} ON {table}; {}; {always}", in_month(create, table)),
        None => format!("{}; {always}", in_month(create, table)),
    }
}

/// The definition of a partition with its name in place of the placeholder.
fn in_month(text: &str, table: &str) -> String {
    let template: String = match table.len().checked_sub(super::MONTH.len()).and_then(|end| table.get(..end))
    {
        Some(start) if text.contains(super::MONTH) => format!("{start}{}", super::MONTH),
        _ => return text.to_owned(),
    };
    text.replace(&template, table)
}

fn membership(object: &str, wanted: bool) -> String {
    let (member, group) = object.trim_start_matches("of ").split_once(" in ").unwrap_or((object, ""));
    if wanted {
        format!("REVOKE {group} FROM {member}; {INIT}")
    } else {
        format!("REVOKE {group} FROM {member}")
    }
}

fn grant(object: &str, expected: Option<&str>, found: Option<&str>) -> String {
    let (target, grantee) = object.trim_start_matches("on ").rsplit_once(" to ").unwrap_or((object, ""));
    let target = match target.strip_prefix("database ") {
        Some(_) => "DATABASE …".to_owned(),
        None => match target.split_once(' ') {
            Some((kind, name)) => format!("{} {name}", kind.to_uppercase()),
            None => target.to_owned(),
        },
    };
    let revoke = dropped(found, &format!("REVOKE ALL ON {target} FROM {grantee}"));
    match expected {
        None => revoke,
        Some(privileges) if revoke.is_empty() => format!("GRANT {privileges} ON {target} TO {grantee}"),
        Some(privileges) => format!("{revoke}; GRANT {privileges} ON {target} TO {grantee}"),
    }
}

/// The source file that creates a function, view or table.
fn source(object: &str) -> String {
    let name = object.split_once('(').map_or(object, |(name, _)| name);
    let creates = |text: &str| {
        ["FUNCTION", "VIEW", "TABLE", "TYPE"].iter().any(|what| {
            [format!("CREATE {what} {name}"), format!("CREATE OR REPLACE {what} {name}")].iter().any(
                |start| {
                    text.match_indices(start)
                        .any(|(at, _)| text[at + start.len()..].starts_with(['(', ' ', '\n']))
                },
            )
        })
    };
    if creates(DATABASE) {
        return INIT.to_owned();
    }
    let runner = embedded::migrations::runner();
    let migration = runner
        .get_migrations()
        .iter()
        .filter(|one| one.sql().is_some_and(&creates))
        .max_by_key(|one| one.version());
    match migration {
        Some(one) => format!(
            "as stock_owner, run the CREATE statement of {name} from migrations/V{:04}__{}.sql again (CREATE OR REPLACE)",
            one.version(),
            one.name()
        ),
        None => INIT.to_owned(),
    }
}
