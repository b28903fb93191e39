//! Who could get round the audit, and how: rights, roles, functions and mechanisms that write without a record.

use super::super::Error;
use super::super::connection::Connection;
use super::check::{Finding, Weight};

/// A question to the catalog whose every row is a finding: subject, what was found, remedy.
struct Question {
    weight: Weight,
    sql: &'static str,
}

/// Rights, roles and mechanisms, one question each.
const QUESTIONS: [Question; 11] = [
    // The extension itself: without its event triggers the records of changed tables have no names.
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'extension pgaudit', 'missing in this database', 'CREATE EXTENSION pgaudit'
              WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit')",
    },
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'event trigger ' || needed.name, CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'does not fire' END,
                     format('ALTER EVENT TRIGGER %I ENABLE, or make the extension anew', needed.name)
              FROM (VALUES ('pgaudit_ddl_command_end'), ('pgaudit_sql_drop')) AS needed (name)
              LEFT JOIN pg_event_trigger t ON t.evtname = needed.name
              WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'pgaudit') AND coalesce(t.evtenabled, 'D') NOT IN ('O', 'A')",
    },
    Question {
        weight: Weight::Advice,
        sql: "SELECT 'extension pgaudit', 'version ' || e.extversion || ', and ' || a.default_version || ' is installed', 'ALTER EXTENSION pgaudit UPDATE'
              FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
              WHERE e.extname = 'pgaudit' AND e.extversion <> a.default_version",
    },
    // From PostgreSQL 15 on the right to set one parameter can be given to anybody.
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'parameter ' || p.parname, format('%s may use %s on it', coalesce(r.rolname, 'everybody'), a.privilege_type),
                     format('REVOKE %s ON PARAMETER %s FROM %s', a.privilege_type, p.parname, coalesce(quote_ident(r.rolname), 'PUBLIC'))
              FROM pg_parameter_acl p, aclexplode(p.paracl) AS a LEFT JOIN pg_roles r ON r.oid = a.grantee
              WHERE NOT coalesce(r.rolsuper, false) AND (p.parname LIKE 'pgaudit.%' OR p.parname LIKE 'log\\_%'
                    OR p.parname IN ('session_replication_role', 'session_preload_libraries', 'compute_query_id', 'lc_messages'))",
    },
    // Each superuser can switch the recording of its own session off without leaving a line.
    Question {
        weight: Weight::Advice,
        sql: "SELECT 'superuser ' || rolname, 'can log in, and what it does need not be recorded', format('ALTER ROLE %I NOLOGIN, or NOSUPERUSER', rolname)
              FROM pg_roles WHERE rolsuper AND rolcanlogin AND oid <> 10",
    },
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'membership of ' || m.rolname, 'is a member of ' || g.rolname, format('REVOKE %I FROM %I', g.rolname, m.rolname)
              FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid JOIN pg_roles m ON m.oid = x.member
              WHERE NOT m.rolsuper
                AND ((g.rolname IN ('stock_owner', 'stock_user_manager', 'stock_log_reader') AND m.rolname <> 'stock_owner')
                     OR g.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data', 'pg_checkpoint')
                     OR (m.rolname = 'stock_collector' AND g.rolname <> 'pg_read_all_stats'))",
    },
    // The collected evidence is guarded like the ledger.
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'trigger refuse_change of ' || c.oid::regclass, CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'does not fire always' END,
                     format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_change', c.oid::regclass)
              FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'refuse_change'
              WHERE c.relnamespace = to_regnamespace('audit') AND c.relkind IN ('r', 'p')
                AND (c.relname LIKE 'lines%' OR c.relname IN ('sealed', 'retired')) AND coalesce(t.tgenabled, 'D') <> 'A'",
    },
    // Rows that a subscription applies pass the executor by, and so pgaudit.
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'subscription ' || subname, 'rows that it applies are not recorded', format('DROP SUBSCRIPTION %I', subname)
              FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    },
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'prepared transaction ' || gid, 'of ' || owner || ' since ' || prepared, format('ROLLBACK PREPARED %L, or commit it', gid)
              FROM pg_prepared_xacts WHERE database = current_database()",
    },
    // pgaudit records nothing of what a definer function does for somebody else.
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'definer function ' || p.oid::regprocedure, 'runs as ' || o.rolname || ', who may write the ledger; what it does is not recorded',
                     format('ALTER FUNCTION %s SECURITY INVOKER', p.oid::regprocedure)
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles o ON o.oid = p.proowner
              WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND NOT (n.nspname IN ('stock', 'audit') AND o.rolname IN ('stock_owner', 'stock_user_manager', 'stock_log_reader'))
                AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                                WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
                AND (o.rolsuper OR pg_has_role(o.oid, 'stock_owner', 'member'))",
    },
    Question {
        weight: Weight::Unsafe,
        sql: "SELECT 'grant on ' || c.oid::regclass, format('%s may %s', coalesce(r.rolname, 'everybody'), a.privilege_type),
                     format('REVOKE %s ON %s FROM %s', a.privilege_type, c.oid::regclass, coalesce(quote_ident(r.rolname), 'PUBLIC'))
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS a LEFT JOIN pg_roles r ON r.oid = a.grantee
              WHERE a.grantee <> c.relowner AND c.relkind IN ('r', 'p')
                AND ((n.nspname = 'stock' AND (c.relname LIKE 'transactions%' OR c.relname IN ('stock_levels', 'reversals', 'stock_counts', 'product_history'))
                      AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER'))
                     OR (n.nspname = 'audit' AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
                         AND NOT (coalesce(r.rolname, '') = 'stock_collector' AND a.privilege_type = 'INSERT' AND c.relname IN ('lines', 'sealed'))))",
    },
];

/// Everything of this kind that is wrong.
pub(super) async fn findings(connection: &Connection, findings: &mut Vec<Finding>) -> Result<(), Error> {
    let prepared = connection
        .query_one("SELECT to_regrole('stock_owner') IS NOT NULL", &[])
        .await?
        .try_get::<_, bool>(0)?;
    if !prepared {
        return Ok(());
    }
    for question in QUESTIONS {
        let Question { weight, sql } = question;
        let rows = connection
            .query(
                &format!("SELECT q.s::text, q.f::text, q.r::text FROM ({sql}) AS q (s, f, r) ORDER BY 1, 2"),
                &[],
            )
            .await?;
        for row in &rows {
            findings.push(Finding {
                weight,
                subject: row.try_get(0)?,
                found: row.try_get(1)?,
                remedy: row.try_get(2)?,
            });
        }
    }
    Ok(())
}
