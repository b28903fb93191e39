//! What a server must be set to, and how to say what is not: each finding names the line to change.

use super::super::Error;
use super::super::connection::Connection;
use super::SERVER_VERSION_MIN;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// The audit or the ledger cannot be trusted until this is put right.
    Unsafe,
    /// It works, but less well than it could.
    Advice,
}

/// Something about a server that should be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// How grave it is.
    pub weight: Weight,
    /// What it is about: a setting, a role, a trigger.
    pub subject: String,
    /// What was found.
    pub found: String,
    /// What should be there, as a line to put into the configuration or a statement to run.
    pub remedy: String,
}

/// A setting and what it must hold.
struct Wanted {
    name: &'static str,
    value: &'static str,
    weight: Weight,
    restart: bool,
}

const fn wanted(name: &'static str, value: &'static str, weight: Weight, restart: bool) -> Wanted {
    Wanted { name, value, weight, restart }
}

/// The same values stand in `pgaudit/audit.conf` and `pgaudit/ledger.conf`; a test compares them.
const SETTINGS: [Wanted; 17] = [
    wanted("pgaudit.log_relation", "on", Weight::Unsafe, false),
    wanted("pgaudit.log_parameter", "on", Weight::Unsafe, false),
    wanted("pgaudit.log_rows", "on", Weight::Unsafe, false),
    wanted("pgaudit.log_catalog", "on", Weight::Unsafe, false),
    wanted("pgaudit.log_statement", "on", Weight::Unsafe, false),
    wanted("pgaudit.log_statement_once", "off", Weight::Unsafe, false),
    wanted("pgaudit.log_client", "off", Weight::Unsafe, false),
    wanted("logging_collector", "on", Weight::Unsafe, true),
    wanted("log_error_verbosity", "verbose", Weight::Unsafe, false),
    wanted("log_timezone", "UTC", Weight::Unsafe, false),
    wanted("log_connections", "on", Weight::Unsafe, false),
    wanted("log_disconnections", "on", Weight::Unsafe, false),
    wanted("log_truncate_on_rotation", "off", Weight::Unsafe, false),
    wanted("max_prepared_transactions", "0", Weight::Unsafe, true),
    wanted("password_encryption", "scram-sha-256", Weight::Unsafe, false),
    wanted("fsync", "on", Weight::Unsafe, false),
    wanted("full_page_writes", "on", Weight::Unsafe, false),
];

/// The classes of statements that pgaudit must log.
const AUDIT_CLASSES: [&str; 4] = ["write", "ddl", "role", "misc_set"];

/// What no preparation can do without: the version, and pgaudit loaded when the server started.
pub(super) async fn require_basics(connection: &Connection) -> Result<(), Error> {
    let row = connection
        .query_one(
            "SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_version'),
                    current_setting('shared_preload_libraries'), current_setting('is_superuser') = 'on',
                    EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgaudit')",
            &[],
        )
        .await?;
    let (major, version, preloaded, superuser): (i32, String, String, bool) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let available: bool = row.try_get(4)?;
    let not_prepared = |message: String| Err(Error::NotPrepared { message });
    if major < SERVER_VERSION_MIN {
        return not_prepared(format!(
            "the server is PostgreSQL {version}; Stockroom needs {SERVER_VERSION_MIN} or newer"
        ));
    }
    if !superuser {
        return not_prepared("preparing a server takes a superuser; give the URL of one".to_owned());
    }
    if !available {
        return not_prepared(format!(
            "pgaudit is not installed on the server; install it (Debian and Ubuntu: apt install postgresql-{major}-pgaudit), \
             add shared_preload_libraries = 'pgaudit' to postgresql.conf and restart the server"
        ));
    }
    if !lists(&preloaded, "pgaudit") {
        return not_prepared(format!(
            "pgaudit is installed but not loaded (shared_preload_libraries = '{preloaded}'); add pgaudit to \
             shared_preload_libraries in postgresql.conf, or include pgaudit/audit.conf, and restart the server"
        ));
    }
    Ok(())
}

fn lists(setting: &str, entry: &str) -> bool {
    setting.split(',').any(|part| part.trim().trim_matches('"').eq_ignore_ascii_case(entry))
}

/// Everything that is wrong, the gravest first.
pub(super) async fn findings(connection: &Connection) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    settings(connection, &mut findings).await?;
    overrides(connection, &mut findings).await?;
    triggers(connection, &mut findings).await?;
    default_partition(connection, &mut findings).await?;
    findings.sort_by_key(|finding| finding.weight);
    Ok(findings)
}

async fn settings(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let names: Vec<&str> = SETTINGS
        .iter()
        .map(|setting| setting.name)
        .chain(["pgaudit.log", "log_destination", "shared_preload_libraries"])
        .collect();
    let rows = connection
        .query("SELECT name, current_setting(name, true) FROM unnest($1::text[]) AS name", &[&names])
        .await?;
    let mut values = std::collections::HashMap::new();
    for row in &rows {
        values.insert(row.try_get::<_, String>(0)?, row.try_get::<_, Option<String>>(1)?.unwrap_or_default());
    }
    let value = |name: &str| values.get(name).map_or("", String::as_str);
    for setting in &SETTINGS {
        if !value(setting.name).eq_ignore_ascii_case(setting.value) {
            let after = if setting.restart { "restart the server" } else { "reload" };
            findings.push(Finding {
                weight: setting.weight,
                subject: setting.name.to_owned(),
                found: value(setting.name).to_owned(),
                remedy: format!("{} = '{}' in postgresql.conf, then {after}", setting.name, setting.value),
            });
        }
    }
    let classes = value("pgaudit.log");
    if !lists(classes, "all") && !AUDIT_CLASSES.iter().all(|class| lists(classes, class)) {
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: "pgaudit.log".to_owned(),
            found: classes.to_owned(),
            remedy: format!("pgaudit.log = '{}' in postgresql.conf, then reload", AUDIT_CLASSES.join(",")),
        });
    }
    if value("log_destination") != "jsonlog" {
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: "log_destination".to_owned(),
            found: value("log_destination").to_owned(),
            remedy: "log_destination = 'jsonlog' in postgresql.conf, then reload".to_owned(),
        });
    }
    if !lists(value("shared_preload_libraries"), "pgaudit") {
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: "shared_preload_libraries".to_owned(),
            found: value("shared_preload_libraries").to_owned(),
            remedy: "shared_preload_libraries = 'pgaudit' in postgresql.conf, then restart the server"
                .to_owned(),
        });
    }
    Ok(())
}

/// Settings of single roles or databases that change what is audited.
async fn overrides(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let rows = connection
        .query(
            "SELECT coalesce(r.rolname, 'every role')::text, coalesce(d.datname, 'every database')::text, entry
             FROM pg_db_role_setting s
             LEFT JOIN pg_roles r ON r.oid = s.setrole
             LEFT JOIN pg_database d ON d.oid = s.setdatabase
             CROSS JOIN unnest(s.setconfig) AS entry
             WHERE (entry LIKE 'pgaudit.%' OR entry LIKE 'log\\_%' OR entry LIKE 'session\\_replication\\_role=%')
               AND coalesce(r.rolname, '') <> 'stock_collector'",
            &[],
        )
        .await?;
    for row in &rows {
        let (role, database, entry): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: format!("setting of {role} in {database}"),
            found: entry,
            remedy: "ALTER ROLE or ALTER DATABASE … RESET that setting".to_owned(),
        });
    }
    Ok(())
}

/// Guards of the ledger that are missing or do not fire always, on the parent and on each partition.
async fn triggers(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let rows = connection
        .query(
            "SELECT tree.relid::regclass::text, needed.name, coalesce(t.tgenabled::text, 'missing')
             FROM pg_partition_tree(to_regclass('stock.transactions')) AS tree
             CROSS JOIN (VALUES ('post_levels', true, false), ('refuse_change', true, true), ('refuse_change_statement', true, true),
                                ('refuse_direct_insert', false, true)) AS needed (name, on_parent, on_partition)
             LEFT JOIN pg_trigger t ON t.tgrelid = tree.relid AND t.tgname = needed.name
             WHERE CASE WHEN tree.level = 0 THEN needed.on_parent ELSE needed.on_partition END
               AND coalesce(t.tgenabled::text, 'missing') <> 'A'
             ORDER BY 1, 2",
            &[],
        )
        .await?;
    for row in &rows {
        let (table, trigger, state): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: format!("trigger {trigger} of {table}"),
            found: match state.as_str() {
                "D" => "disabled".to_owned(),
                "missing" => state,
                _ => "does not fire when session_replication_role is replica".to_owned(),
            },
            remedy: format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"),
        });
    }
    let prepared = connection.query_one("SELECT to_regclass('stock.transactions') IS NOT NULL", &[]).await?;
    if !prepared.try_get::<_, bool>(0)? {
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: "schema stock".to_owned(),
            found: "missing".to_owned(),
            remedy: "stockroom db init, with the URL of a superuser".to_owned(),
        });
    }
    Ok(())
}

/// The default partition must be empty, and the months ahead must have partitions.
async fn default_partition(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let row = connection
        .query_one(
            "SELECT count(*) FROM generate_series(0, 2) AS ahead
             WHERE to_regclass('stock.transactions') IS NOT NULL
               AND to_regclass('stock.transactions_' || to_char((now() AT TIME ZONE 'UTC') + ahead * interval '1 month', 'YYYY_MM')) IS NULL",
            &[],
        )
        .await?;
    let missing: i64 = row.try_get(0)?;
    if missing > 0 {
        findings.push(Finding {
            weight: Weight::Advice,
            subject: "partitions of stock.transactions".to_owned(),
            found: format!("{missing} of the next three months have none"),
            remedy: "stockroom db migrate".to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_the_server_writes_them() {
        assert!(lists("pg_stat_statements, pgaudit", "pgaudit"));
        assert!(lists("\"pgaudit\"", "pgaudit"));
        assert!(!lists("pgauditlogtofile", "pgaudit"));
        assert!(!lists("", "pgaudit"));
    }
}
