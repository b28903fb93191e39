//! What is missing or unsafe on a server, and how to say so: each finding names the line to change.

use super::super::Error;
use super::super::connection::Connection;
use super::{SERVER_VERSION_MIN, powers, settings};

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

/// Whether a setting that is a list names an entry.
pub(super) fn lists(setting: &str, entry: &str) -> bool {
    setting.split(',').any(|part| part.trim().trim_matches('"').eq_ignore_ascii_case(entry))
}

/// Everything that is wrong, the gravest first.
pub(super) async fn findings(connection: &Connection) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    settings::values(connection, &mut findings).await?;
    settings::overrides(connection, &mut findings).await?;
    ledger_triggers(connection, &mut findings).await?;
    other_triggers(connection, &mut findings).await?;
    powers::findings(connection, &mut findings).await?;
    languages(connection, &mut findings).await?;
    months_ahead(connection, &mut findings).await?;
    findings.sort_by_key(|finding| finding.weight);
    Ok(findings)
}

/// Guards of the ledger that are missing or do not fire always, on the parent and on each partition.
async fn ledger_triggers(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
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
        findings.push(trigger_finding(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
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

/// Guards of the other tables, as (table, trigger). A database that was not prepared has none of the tables.
const GUARDS: [(&str, &str); 13] = [
    ("stock_levels", "refuse_savepoint"),
    ("stock_counts", "refuse_savepoint"),
    ("stock_levels", "written_by_ledger"),
    ("reversals", "written_by_ledger"),
    ("reversals", "refuse_change"),
    ("stock_counts", "fill_count"),
    ("stock_counts", "check_count"),
    ("stock_counts", "refuse_change"),
    ("products", "keep_product_history"),
    ("product_history", "written_by_products"),
    ("product_history", "refuse_change"),
    ("locations", "refuse_archiving_full_location"),
    ("locations", "refuse_location_ring"),
];

async fn other_triggers(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let (tables, triggers): (Vec<&str>, Vec<&str>) = GUARDS.into_iter().unzip();
    let rows = connection
        .query(
            "SELECT 'stock.' || needed.relation, needed.trigger, coalesce(t.tgenabled::text, 'missing')
             FROM unnest($1::text[], $2::text[]) AS needed (relation, trigger)
             JOIN pg_class c ON c.oid = to_regclass('stock.' || needed.relation)
             LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = needed.trigger
             WHERE coalesce(t.tgenabled::text, 'missing') <> 'A'
             ORDER BY 1, 2",
            &[&tables, &triggers],
        )
        .await?;
    for row in &rows {
        findings.push(trigger_finding(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    }
    Ok(())
}

fn trigger_finding(table: String, trigger: String, state: String) -> Finding {
    Finding {
        weight: Weight::Unsafe,
        subject: format!("trigger {trigger} of {table}"),
        found: match state.as_str() {
            "D" => "disabled".to_owned(),
            "missing" => state,
            _ => "does not fire when session_replication_role is replica".to_owned(),
        },
        remedy: format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"),
    }
}

/// Whoever may write procedures can write lines into the server log that look like audit records.
async fn languages(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let rows = connection
        .query(
            "SELECT l.lanname::text FROM pg_language l, aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) AS a
             WHERE l.lanpltrusted AND l.lanname <> 'sql' AND a.grantee = 0 ORDER BY 1",
            &[],
        )
        .await?;
    for row in &rows {
        let language: String = row.try_get(0)?;
        findings.push(Finding {
            weight: Weight::Unsafe,
            subject: format!("language {language}"),
            found: "everybody may use it".to_owned(),
            remedy: format!("REVOKE USAGE ON LANGUAGE {language} FROM PUBLIC"),
        });
    }
    Ok(())
}

/// The months ahead must have partitions.
async fn months_ahead(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
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
