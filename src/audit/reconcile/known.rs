//! Recognises changes that belong to Stockroom itself: preparing a server, migrations, creating partitions, and the
//! logins that admins manage. A known change is recognised by its complete text, or by one of the patterns below;
//! everything else is reported.

use crate::audit::record::{AuditRecord, LogLine};
use crate::store::prepare::known_statements;

use super::statement::settings_set;
use super::upkeep::{is_tuning, is_upkeep};
use crate::audit::findings::{Finding, Kind, Severity, Verdict};

/// Statements that Stockroom composes with names in them. `*` stands for one name, quoted or not.
const PATTERNS: [&str; 37] = [
    "CREATE ROLE * NOLOGIN",
    "CREATE ROLE stock_collector LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "ALTER ROLE * NOLOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS NOCREATEROLE",
    "ALTER ROLE stock_user_manager NOLOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS CREATEROLE",
    "CREATE DATABASE * TEMPLATE template0 ENCODING 'UTF8' OWNER stock_owner",
    "REVOKE ALL ON DATABASE * FROM PUBLIC",
    "GRANT CONNECT ON DATABASE * TO stock_clerk, stock_admin, stock_auditor, stock_analyst, stock_collector",
    "CREATE ROLE stock_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "CREATE ROLE stock_verifier LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "CREATE ROLE stock_importer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "GRANT CONNECT ON DATABASE * TO stock_service, stock_verifier, stock_importer",
    "CREATE ROLE stock_reserver LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "GRANT CONNECT ON DATABASE * TO stock_reserver",
    "ALTER DATABASE * SET timezone TO 'UTC'",
    "ALTER DATABASE * SET datestyle TO 'ISO, YMD'",
    "ALTER DATABASE * SET intervalstyle TO 'iso_8601'",
    "ALTER DATABASE * SET bytea_output TO 'hex'",
    "ALTER DATABASE * SET default_transaction_isolation TO 'serializable'",
    "ALTER DATABASE * SET search_path TO stock",
    "ALTER DATABASE * SET temp_file_limit TO '4GB'",
    "ALTER DATABASE * SET idle_in_transaction_session_timeout TO '60s'",
    "ALTER DATABASE * SET lock_timeout TO '10s'",
    "CREATE TABLE stock.* PARTITION OF stock.transactions FOR VALUES FROM (*) TO (*)",
    "CREATE TRIGGER refuse_direct_insert BEFORE INSERT ON stock.* FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_direct_insert()",
    "CREATE TRIGGER refuse_direct_insert BEFORE INSERT ON * FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_direct_insert()",
    "CREATE TRIGGER refuse_change_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.* FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change()",
    "CREATE TRIGGER refuse_change_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON * FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change()",
    "ALTER TABLE stock.* ENABLE ALWAYS TRIGGER refuse_direct_insert",
    "ALTER TABLE stock.* ENABLE ALWAYS TRIGGER refuse_change_statement",
    "ALTER TABLE * ENABLE ALWAYS TRIGGER refuse_direct_insert",
    "ALTER TABLE * ENABLE ALWAYS TRIGGER refuse_change_statement",
    "CREATE TABLE audit.* PARTITION OF audit.lines FOR VALUES FROM (*) TO (*)",
    "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.* FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change()",
    "ALTER TABLE audit.* ENABLE ALWAYS TRIGGER refuse_change",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public",
    "CREATE INDEX products_search_words_trgm_idx ON stock.products USING gin (search_words *) WITH (gin_pending_list_limit = 256)",
    "SET stockroom.barrier = *",
];

/// The statements with which admins manage logins through Stockroom; pgaudit redacts the password.
const LOGIN_PATTERNS: [&str; 5] = [
    "CREATE ROLE * LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD <REDACTED>",
    "ALTER ROLE * PASSWORD <REDACTED>",
    "ALTER ROLE * LOGIN",
    "ALTER ROLE * NOLOGIN",
    "DROP TABLE audit.*",
];

/// The statements with which admins move a login to another group; only a superuser makes auditors.
const GROUP_PATTERNS: [&str; 6] = [
    "GRANT stock_clerk TO *",
    "GRANT stock_admin TO *",
    "GRANT stock_analyst TO *",
    "REVOKE stock_clerk FROM *",
    "REVOKE stock_admin FROM *",
    "REVOKE stock_analyst FROM *",
];

/// Parameters that determine what is recorded, or whether the ledger is protected.
const GUARDED: [&str; 9] = [
    "pgaudit.",
    "log_",
    "session_replication_role",
    "session_preload_libraries",
    "shared_preload_libraries",
    "local_preload_libraries",
    "lc_messages",
    "compute_query_id",
    "max_prepared_transactions",
];

/// Tables of the catalog that all databases of a server share.
const SHARED_CATALOGS: [&str; 5] = [
    "pg_catalog.pg_authid",
    "pg_catalog.pg_auth_members",
    "pg_catalog.pg_db_role_setting",
    "pg_catalog.pg_parameter_acl",
    "pg_catalog.pg_database",
];

/// Whether a text matches a pattern, with one name or literal for each star.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    for part in parts {
        let end = name_length(rest);
        if end == 0 {
            return false;
        }
        match rest[end..].strip_prefix(part) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The length of the name or literal at the beginning of a text.
fn name_length(text: &str) -> usize {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        return text[1..].find(quote).map_or(0, |end| end + 2);
    }
    text.find(|character: char| !(character.is_alphanumeric() || "_.-".contains(character)))
        .unwrap_or(text.len())
}

/// Whether a statement is one of Stockroom's own.
pub fn is_ours(statement: &str) -> bool {
    known_statements().contains(&statement) || PATTERNS.iter().any(|pattern| fits(pattern, statement))
}

/// Whether a statement sets a protected parameter. A statement that cannot be parsed is taken to set all that it
/// mentions.
fn names_guarded(statement: &str) -> bool {
    let lower = statement.to_lowercase();
    match settings_set(statement) {
        Some(settings) if !lower.contains("set_config") => {
            settings.iter().any(|setting| guarded_parameter(setting))
        }
        _ => mentions_guarded(&lower),
    }
}

/// Whether a word of a statement is the name of a protected parameter.
fn mentions_guarded(statement: &str) -> bool {
    statement
        .split(|character: char| !(character.is_alphanumeric() || character == '_' || character == '.'))
        .any(guarded_parameter)
}

/// Whether a parameter determines what is recorded.
pub fn guarded_parameter(name: &str) -> bool {
    let name = name.to_lowercase();
    let guarded = GUARDED.iter().any(|guarded| match guarded.strip_suffix(['.', '_']) {
        Some(_) => name.starts_with(guarded),
        None => name == *guarded,
    });
    guarded && !is_tuning(&name)
}

/// The finding about the record of a change, if there is one to report.
pub fn analyse_change(line: &LogLine<'_>, record: &AuditRecord<'_>, database: &str) -> Option<Finding> {
    let ours = line.dbname == database;
    let concerns = match record.class.as_ref() {
        "ROLE" => ours || names_role(&record.statement, &record.command, database),
        "DDL" => ours || names_server(&record.statement, &record.command, database),
        // Of the statements in a text, only this one changes a setting.
        "MISC" => {
            ours && matches!(record.command.as_ref(), "SET" | "RESET") && names_guarded(&record.statement)
        }
        "WRITE" => {
            record.object_name.starts_with("pg_catalog.")
                && (ours || SHARED_CATALOGS.contains(&record.object_name.as_ref()))
        }
        _ => false,
    };
    // A comment changes nothing; a temporary table belongs to its session.
    let harmless = record.class == "DDL"
        && (record.command == "COMMENT"
            || (matches!(record.object_type.as_ref(), "TABLE" | "INDEX" | "SEQUENCE")
                && record.object_name.starts_with("pg_temp.")));
    if !concerns || harmless || is_ours(&record.statement) {
        return None;
    }
    let severity = if LOGIN_PATTERNS.iter().any(|pattern| fits(pattern, &record.statement)) {
        // Only the collector drops months of lines, and the database lets it do so only from the oldest on.
        let by_whom = !record.statement.starts_with("DROP") || line.user == "stock_collector";
        if by_whom { Severity::Notice } else { Severity::Alarm }
    } else if matches!(record.class.as_ref(), "DDL" | "ROLE") && is_upkeep(&record.statement)
        || ours && GROUP_PATTERNS.iter().any(|pattern| fits(pattern, &record.statement))
    {
        Severity::Notice
    } else {
        Severity::Alarm
    };
    let [what, former] = change_words(record);
    let finding = Finding::new(Kind::ChangeRecorded, Verdict::ConfigurationChanged, severity, what);
    Some(finding.of(&record.class).of(&record.command).of(&record.object_name).formerly(former))
}

/// Whether a change made in another database affects this one, or the whole server.
fn names_server(statement: &str, command: &str, database: &str) -> bool {
    match command {
        "ALTER SYSTEM" | "DROP OWNED" | "REASSIGN OWNED" => true,
        // A setting of another database determines whether what is done from there is recorded.
        "ALTER DATABASE" => names(statement, database) || mentions_guarded(statement),
        "DROP DATABASE" | "CREATE DATABASE" => names(statement, database),
        _ => false,
    }
}

/// Whether a statement about roles in another database affects this one, or the whole server: roles belong to the
/// server, privileges on tables to their database.
fn names_role(statement: &str, command: &str, database: &str) -> bool {
    match command {
        "GRANT" | "REVOKE" => names(statement, "parameter") || names(statement, database),
        "ALTER DEFAULT PRIVILEGES" => false,
        _ => true,
    }
}

/// Whether a statement may name something; a name written with Unicode escapes may be any.
fn names(statement: &str, name: &str) -> bool {
    let statement = statement.to_lowercase();
    statement.contains(&name.to_lowercase()) || statement.contains("u&\"")
}

/// The sentence of the finding, and that of earlier releases.
fn change_words(record: &AuditRecord<'_>) -> [String; 2] {
    let object = match (record.object_type.as_ref(), record.object_name.as_ref()) {
        ("", "") => String::new(),
        (kind, "") => format!(" on a {}", kind.to_lowercase()),
        (_, name) => format!(" of {name}"),
    };
    let command = record.command.as_ref();
    match record.class.as_ref() {
        "WRITE" => ["the system catalog was changed directly", "the catalog was edited by hand"]
            .map(|words| format!("{words}: {command}{object}")),
        "MISC" => [
            "a session changed a setting that decides what is recorded or refused",
            "a session changed how it is recorded or guarded",
        ]
        .map(str::to_owned),
        "ROLE" => ["logins or privileges were changed", "rights or logins were changed"]
            .map(|words| format!("{words}: {command}{object}")),
        _ => ["the schema was changed", "the structure was changed"]
            .map(|words| format!("{words}: {command}{object}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_one_name_for_each_star() {
        for (pattern, text, expected) in [
            ("ALTER ROLE * LOGIN", "ALTER ROLE ann LOGIN", true),
            ("ALTER ROLE * LOGIN", "ALTER ROLE \"ann-x y\" LOGIN", true),
            ("ALTER ROLE * LOGIN", "ALTER ROLE ann SUPERUSER LOGIN", false),
            ("ALTER ROLE * LOGIN", "ALTER ROLE ann LOGIN; DROP TABLE x", false),
            ("ALTER ROLE * LOGIN", "ALTER ROLE  LOGIN", false),
            ("A (*) TO (*)", "A ('2026-01-01 00:00:00+00') TO ('2026-02-01')", true),
            ("A (*) TO (*)", "A ('2026') TO ('2026", false),
            ("stock.*", "stock.transactions_2026_11", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_done_from_another_database() {
        for (command, statement, concerns) in [
            ("GRANT ROLE", "GRANT stock_admin TO clerk", true),
            ("GRANT", "GRANT SELECT ON t TO clerk", false),
            ("GRANT", "GRANT CREATE ON DATABASE stock_management TO clerk", true),
            ("GRANT", "grant set on parameter log_statement to clerk", true),
            ("GRANT", "GRANT CREATE ON DATABASE U&\"stock\\005fmanagement\" TO clerk", true),
            ("ALTER DEFAULT PRIVILEGES", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO clerk", false),
        ] {
            assert_eq!(names_role(statement, command, "stock_management"), concerns, "{statement}");
        }
        assert!(names_server(
            "ALTER DATABASE postgres SET pgaudit.log = 'none'",
            "ALTER DATABASE",
            "stock_management"
        ));
        assert!(!names_server(
            "ALTER DATABASE postgres SET work_mem = '1MB'",
            "ALTER DATABASE",
            "stock_management"
        ));
    }

    #[test]
    fn guarded_parameters() {
        for name in ["pgaudit.log", "PGAUDIT.LOG", "log_min_messages", "session_replication_role"] {
            assert!(guarded_parameter(name), "{name}");
        }
        for name in ["work_mem", "pgaudit", "timezone", "session_replication_role_x"] {
            assert!(!guarded_parameter(name), "{name}");
        }
        assert!(names_guarded("SET LOCAL pgaudit.log TO 'none'"));
        assert!(names_guarded("SET application_name='x'; SET log_min_messages=fatal"));
        assert!(!names_guarded("SET search_path TO stock"));
        assert!(!names_guarded("SET application_name='log_viewer'"));
        assert!(!names_guarded("SET log_min_duration_statement = 200"));
        assert!(names_guarded("SET a = 'b'; SELECT set_config('pgaudit.log', 'none', false)"));
        assert!(names_guarded("SET x = 'unfinished log_statement"));
    }
}
