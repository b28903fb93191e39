//! What is missing or unsafe on a server, with its correction: each finding names the line to change or the statement
//! to run.
//!
//! A finding is a row of one of the queries in `checks/`, a setting (`settings`), or a difference from the definitions of a new
//! database (`definitions`).

use super::super::Error;
use super::super::connection::Connection;
use super::{SERVER_VERSION_MIN, definitions, settings};
use crate::domain::{CheckFinding, CheckSeverity};

/// A query of the catalog. Each of its rows is a finding: severity, subject, what was found, remedy.
struct Check {
    /// What it checks, for a login that may not run it.
    subject: &'static str,
    sql: &'static str,
    /// Whether the login may run it, as an SQL expression.
    may_run: &'static str,
    /// Whether `$1` takes the roles of Stockroom.
    takes_roles: bool,
}

const CHECKS: [Check; 6] = [
    Check { subject: "roles", sql: include_str!("checks/roles.sql"), may_run: "true", takes_roles: true },
    Check { subject: "privileges", sql: include_str!("checks/privileges.sql"), may_run: "true", takes_roles: false },
    Check { subject: "objects", sql: include_str!("checks/objects.sql"), may_run: "true", takes_roles: false },
    Check { subject: "load", sql: include_str!("checks/load.sql"), may_run: "true", takes_roles: false },
    Check {
        subject: "pg_hba.conf",
        sql: include_str!("checks/access.sql"),
        may_run: "has_table_privilege('pg_hba_file_rules', 'SELECT') AND has_function_privilege('pg_hba_file_rules()', 'EXECUTE')",
        takes_roles: false,
    },
    Check {
        subject: "stored passwords",
        sql: include_str!("checks/passwords.sql"),
        // The function needs what its owner was granted, which a restored database may lack.
        may_run: "EXISTS (SELECT FROM pg_proc p WHERE p.oid = to_regprocedure('audit.weak_passwords()')
                          AND has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(p.pronamespace, 'USAGE')
                          AND has_column_privilege(p.proowner, 'pg_authid', 'rolpassword', 'SELECT'))",
        takes_roles: false,
    },
];

/// Checks what preparing cannot do without: the version, and pgaudit loaded at server start.
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
        return not_prepared(
            "preparing a server requires a superuser; use the URL of a superuser".to_owned(),
        );
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

/// Whether a setting that is a list contains an entry.
pub(super) fn lists(setting: &str, entry: &str) -> bool {
    setting.split(',').any(|part| part.trim().trim_matches('"').eq_ignore_ascii_case(entry))
}

/// All findings, the most serious first.
pub(super) async fn findings(connection: &Connection) -> Result<Vec<CheckFinding>, Error> {
    let mut findings = conditions(connection).await?;
    if is_prepared(connection).await? {
        findings.extend(definitions::differences(connection).await?.into_iter().map(CheckFinding::from));
    }
    findings.sort_by_key(|finding| finding.severity);
    Ok(findings)
}

/// All findings, except differences of definitions.
pub(super) async fn conditions(connection: &Connection) -> Result<Vec<CheckFinding>, Error> {
    let mut findings = Vec::new();
    settings::values(connection, &mut findings).await?;
    settings::overrides(connection, &mut findings).await?;
    if is_prepared(connection).await? {
        for check in &CHECKS {
            run(connection, check, &mut findings).await?;
        }
        findings.extend(definitions::builtins(connection).await?);
        months_ahead(connection, &mut findings).await?;
    } else {
        findings.push(CheckFinding {
            severity: CheckSeverity::Unsafe,
            subject: "schema stock".to_owned(),
            found: "missing".to_owned(),
            remedy: "stockroom db init, with the URL of a superuser".to_owned(),
        });
    }
    findings.sort_by_key(|finding| finding.severity);
    Ok(findings)
}

async fn is_prepared(connection: &Connection) -> Result<bool, Error> {
    let row = connection.query_one("SELECT to_regclass('stock.transactions') IS NOT NULL", &[]).await?;
    Ok(row.try_get(0)?)
}

async fn run(connection: &Connection, check: &Check, findings: &mut Vec<CheckFinding>) -> Result<(), Error> {
    let row = connection.query_one(&format!("SELECT {}", check.may_run), &[]).await?;
    if !row.try_get::<_, bool>(0)? {
        findings.push(CheckFinding {
            severity: CheckSeverity::Unchecked,
            subject: check.subject.to_owned(),
            found: "this login may not read what the check needs".to_owned(),
            remedy: "check as an auditor, after a superuser has run stockroom db init".to_owned(),
        });
        return Ok(());
    }
    let roles = definitions::ROLES.as_slice();
    let select = format!(
        "SELECT q.w::text, q.s::text, q.f::text, q.r::text FROM ({}) AS q (w, s, f, r) ORDER BY 2, 3",
        check.sql
    );
    let rows = if check.takes_roles {
        connection.query(&select, &[&roles]).await?
    } else {
        connection.query(&select, &[]).await?
    };
    for row in &rows {
        let severity = match row.try_get(0)? {
            "unsafe" => CheckSeverity::Unsafe,
            _ => CheckSeverity::Advice,
        };
        findings.push(CheckFinding {
            severity,
            subject: row.try_get(1)?,
            found: row.try_get(2)?,
            remedy: row.try_get(3)?,
        });
    }
    Ok(())
}

/// Checks that the coming months have partitions.
async fn months_ahead(connection: &Connection, findings: &mut Vec<CheckFinding>) -> Result<(), Error> {
    let row = connection
        .query_one(
            "SELECT count(*) FROM generate_series(0, 2) AS ahead
             WHERE to_regclass('stock.transactions_' || to_char((now() AT TIME ZONE 'UTC') + ahead * interval '1 month', 'YYYY_MM')) IS NULL",
            &[],
        )
        .await?;
    let missing: i64 = row.try_get(0)?;
    if missing > 0 {
        findings.push(CheckFinding {
            severity: CheckSeverity::Advice,
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
