-- Privileges outside the schemas of Stockroom: on parameters, on what belongs to the system, in other schemas, and of owners.
WITH system_acl AS (
    SELECT 'TABLE ' || c.oid::regclass AS object, 'pg_class'::regclass AS class, c.oid, 0 AS part, c.relacl AS acl
    FROM pg_class c WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relacl IS NOT NULL
    UNION ALL
    SELECT format('%s (column %I)', c.oid::regclass, a.attname), 'pg_class'::regclass, c.oid, a.attnum, a.attacl
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'pg_catalog'::regnamespace AND a.attacl IS NOT NULL
    UNION ALL
    SELECT 'FUNCTION ' || p.oid::regprocedure, 'pg_proc'::regclass, p.oid, 0, p.proacl
    FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proacl IS NOT NULL
    UNION ALL
    SELECT 'SCHEMA pg_catalog', 'pg_namespace'::regclass, n.oid, 0, n.nspacl FROM pg_namespace n WHERE n.oid = 'pg_catalog'::regnamespace
), added AS (
    SELECT s.object, a.grantee, a.privilege_type
    FROM system_acl s CROSS JOIN aclexplode(s.acl) AS a
    WHERE a.grantee <> 10
        AND NOT EXISTS (SELECT FROM pg_init_privs i CROSS JOIN aclexplode(i.initprivs) AS b
                        WHERE i.classoid = s.class AND i.objoid = s.oid AND i.objsubid = s.part AND b.grantee = a.grantee AND b.privilege_type = a.privilege_type)
        -- Where nothing was recorded when the server was created, the default holds.
        AND NOT EXISTS (SELECT FROM aclexplode(acldefault(CASE s.class WHEN 'pg_proc'::regclass THEN 'f' WHEN 'pg_class'::regclass THEN 'r' ELSE 'n' END::"char", 10)) AS d
                        WHERE d.grantee = a.grantee AND d.privilege_type = a.privilege_type AND s.part = 0
                            AND NOT EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = s.class AND i.objoid = s.oid AND i.objsubid = 0))
)
SELECT 'unsafe', 'grant on ' || a.object, format('%s may %s', coalesce(r.rolname, 'everybody'), a.privilege_type),
    format('REVOKE %s ON %s FROM %s', a.privilege_type, a.object, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM added a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE NOT coalesce(r.rolsuper, false)
    -- What `db init` grants.
    AND NOT (r.rolname = 'stock_log_reader' AND (a.object LIKE 'FUNCTION pg_read_binary_file(%' OR a.object LIKE 'pg_authid (column %') AND a.privilege_type IN ('EXECUTE', 'SELECT'))
    AND NOT (r.rolname IN ('stock_owner', 'stock_collector') AND a.object ~ '^FUNCTION pg_(try_)?advisory_(xact_)?lock[(]')
    AND NOT (r.rolname = 'stock_auditor' AND a.object IN ('TABLE pg_hba_file_rules', 'FUNCTION pg_hba_file_rules()') AND a.privilege_type IN ('EXECUTE', 'SELECT'))
UNION ALL
-- From PostgreSQL 15 on, the right to set a parameter can be granted.
SELECT 'unsafe', 'parameter ' || p.parname, format('%s may %s it', coalesce(r.rolname, 'everybody'), a.privilege_type),
    format('REVOKE %s ON PARAMETER %s FROM %s', a.privilege_type, p.parname, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_parameter_acl p CROSS JOIN aclexplode(p.paracl) AS a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE NOT coalesce(r.rolsuper, false)
    AND (a.privilege_type = 'ALTER SYSTEM' OR p.parname ~ '^(pgaudit\.|log_)' OR p.parname ~ '_preload_libraries$'
         OR p.parname IN ('session_replication_role', 'compute_query_id', 'lc_messages', 'allow_system_table_mods', 'dynamic_library_path',
                          'zero_damaged_pages', 'ignore_checksum_failure', 'ignore_system_indexes', 'lo_compat_privileges', 'event_triggers', 'track_activities'))
UNION ALL
SELECT 'unsafe', 'schema ' || quote_ident(n.nspname), 'everybody may create objects in it', format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', n.nspname)
FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) AS a
WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' AND n.nspname NOT IN ('stock', 'audit', 'public') AND n.nspname !~ '^pg_(toast|temp)'
UNION ALL
SELECT 'unsafe', 'language ' || l.lanname,
    CASE WHEN l.lanpltrusted THEN format('%s may use it, and so write messages into the log that look like audit records', coalesce(r.rolname, 'everybody')) ELSE format('%s may use it', coalesce(r.rolname, 'everybody')) END,
    format('REVOKE USAGE ON LANGUAGE %I FROM %s', l.lanname, coalesce(quote_ident(r.rolname), 'PUBLIC'))
FROM pg_language l CROSS JOIN aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) AS a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE l.lanname NOT IN ('sql', 'plpgsql') AND l.lanpltrusted AND a.grantee <> l.lanowner
UNION ALL
SELECT 'unsafe', 'language ' || l.lanname, 'untrusted: its functions can do whatever the server can', format('DROP LANGUAGE %I', l.lanname)
FROM pg_language l WHERE NOT l.lanpltrusted AND l.lanispl
UNION ALL
SELECT 'unsafe', 'owner of database ' || current_database(), 'is ' || r.rolname, format('ALTER DATABASE %I OWNER TO stock_owner', current_database())
FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
WHERE d.datname = current_database() AND r.rolname <> 'stock_owner' AND NOT r.rolsuper
UNION ALL
SELECT 'unsafe', 'database ' || d.datname, 'is a template: every role with CREATEDB can copy it', format('ALTER DATABASE %I IS_TEMPLATE false', d.datname)
FROM pg_database d WHERE d.datname = current_database() AND d.datistemplate
UNION ALL
SELECT 'unsafe', 'large objects', format('everybody may %s %s of them', a.privilege_type, count(*)), 'REVOKE ALL ON LARGE OBJECT … FROM PUBLIC, or delete them with lo_unlink'
FROM pg_largeobject_metadata m CROSS JOIN aclexplode(m.lomacl) AS a WHERE a.grantee = 0 GROUP BY a.privilege_type
UNION ALL
SELECT 'advice', 'large objects', format('%s, the largest owner is %s; what is written into them is not recorded', count(*), (array_agg(r.rolname ORDER BY r.rolname))[1]), 'delete them with lo_unlink, unless the site needs them'
FROM pg_largeobject_metadata m JOIN pg_roles r ON r.oid = m.lomowner HAVING count(*) > 0
UNION ALL
-- What `db init` takes from everybody.
SELECT 'advice', 'function ' || f.name, 'everybody may run it: ' || f.harm, 'stockroom db init, with the URL of a superuser'
FROM (VALUES
    ('pg_advisory_lock(bigint)', 'locks of the collector and of migrations could be held'),
    ('pg_try_advisory_lock(bigint)', 'locks of the collector and of migrations could be held'),
    ('pg_advisory_xact_lock(bigint)', 'locks of the collector and of migrations could be held'),
    ('lo_create(oid)', 'large objects are written past pgaudit'),
    ('pg_logical_emit_message(boolean, text, text)', 'fills the write-ahead log'),
    ('pg_notify(text, text)', 'a listener that never reads fills the queue of notifications')) AS f (name, harm)
WHERE has_function_privilege('public', to_regprocedure(f.name), 'EXECUTE')
