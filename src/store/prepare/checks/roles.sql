-- Roles: attributes and memberships that get round the ledger or its audit. $1 are the roles of Stockroom, which are compared
-- with their definitions; here are people and all others.
WITH person AS (
    SELECT m.oid, m.rolname, count(DISTINCT g.oid) AS groups, string_agg(DISTINCT g.rolname, ' and ') AS group_names, bool_or(x.admin_option) AS may_grant
    FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid JOIN pg_roles m ON m.oid = x.member
    WHERE g.rolname IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst') AND m.rolname <> ALL ($1::text[])
    GROUP BY m.oid, m.rolname
), other AS (
    SELECT r.*, p.oid IS NOT NULL AS is_person FROM pg_roles r LEFT JOIN person p ON p.oid = r.oid
    WHERE r.rolname <> ALL ($1::text[]) AND r.rolname !~ '^pg_' AND r.oid <> 10
), member AS (
    SELECT g.rolname AS granted, m.rolname AS role, m.is_person
    FROM pg_auth_members x JOIN pg_roles g ON g.oid = x.roleid JOIN other m ON m.oid = x.member
    WHERE NOT m.rolsuper
)
SELECT CASE WHEN is_person THEN 'unsafe' ELSE 'advice' END, 'superuser ' || rolname,
    'can log in, and can switch off the recording of its own session', format('ALTER ROLE %I NOSUPERUSER, or NOLOGIN', rolname)
FROM other WHERE rolsuper AND (rolcanlogin OR is_person)
UNION ALL
-- Before PostgreSQL 16, such a role can make itself a member of any role but a superuser.
SELECT 'unsafe', 'role ' || rolname, 'CREATEROLE: can create logins and change those of others', format('ALTER ROLE %I NOCREATEROLE', rolname)
FROM other WHERE rolcreaterole AND NOT rolsuper
UNION ALL
SELECT CASE WHEN is_person THEN 'unsafe' ELSE 'advice' END, 'role ' || rolname, 'CREATEDB: can copy databases', format('ALTER ROLE %I NOCREATEDB', rolname)
FROM other WHERE rolcreatedb AND NOT rolsuper
UNION ALL
SELECT CASE WHEN is_person THEN 'unsafe' ELSE 'advice' END, 'role ' || rolname, 'REPLICATION: can copy the whole server', format('ALTER ROLE %I NOREPLICATION', rolname)
FROM other WHERE rolreplication AND NOT rolsuper
UNION ALL
SELECT CASE WHEN is_person THEN 'unsafe' ELSE 'advice' END, 'role ' || rolname, 'BYPASSRLS: row-level security does not apply to it', format('ALTER ROLE %I NOBYPASSRLS', rolname)
FROM other WHERE rolbypassrls AND NOT rolsuper
UNION ALL
SELECT 'unsafe', 'membership of ' || rolname, format('in %s groups: %s', groups, group_names), format('REVOKE all but one of these groups FROM %I', rolname)
FROM person WHERE groups > 1
UNION ALL
SELECT 'unsafe', 'membership of ' || rolname, format('may make others members of %s (ADMIN OPTION)', group_names), format('REVOKE ADMIN OPTION FOR %s FROM %I', replace(group_names, ' and ', ', '), rolname)
FROM person WHERE may_grant
UNION ALL
SELECT 'unsafe', 'membership of ' || role, 'is a member of ' || granted || CASE granted
        WHEN 'stock_owner' THEN ', which owns the ledger and its guards'
        WHEN 'stock_user_manager' THEN ', which creates logins'
        WHEN 'stock_log_reader' THEN ', which reads the files of the server'
        ELSE ', whose writes are not recorded' END,
    format('REVOKE %I FROM %I', granted, role)
FROM member WHERE granted IN ('stock_owner', 'stock_user_manager', 'stock_log_reader', 'stock_collector')
UNION ALL
SELECT 'unsafe', 'membership of ' || role, format('is a member of %s, which can %s', granted, power), format('REVOKE %I FROM %I', granted, role)
FROM member JOIN (VALUES
    ('pg_read_server_files', 'read every file of the server'),
    ('pg_write_server_files', 'write every file of the server, the log included'),
    ('pg_execute_server_program', 'run programs on the server'),
    ('pg_write_all_data', 'write every table'),
    ('pg_create_subscription', 'have rows written that are not recorded'),
    ('pg_maintain', 'lock every table')) AS p (name, power) ON p.name = granted
UNION ALL
-- A monitoring role has these for a reason; a person of the warehouse has not.
SELECT CASE WHEN is_person AND power <> 'see' THEN 'unsafe' ELSE 'advice' END, 'membership of ' || role,
    format('is a member of %s, which can %s', granted, coalesce(words, 'see the activity and the settings of the server')), format('REVOKE %I FROM %I', granted, role)
FROM member JOIN (VALUES
    ('pg_read_all_data', 'read', 'read every table'),
    ('pg_signal_backend', 'end', 'end the sessions of others, the collector''s too'),
    ('pg_checkpoint', 'end', 'slow down the server'),
    ('pg_use_reserved_connections', 'end', 'take the connections reserved for others'),
    ('pg_monitor', 'see', NULL), ('pg_read_all_settings', 'see', NULL), ('pg_read_all_stats', 'see', NULL),
    ('pg_stat_scan_tables', 'see', NULL)) AS p (name, power, words) ON p.name = granted
WHERE is_person OR power = 'end' AND granted <> 'pg_signal_backend'
