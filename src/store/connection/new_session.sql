SELECT a.pid, a.backend_start,
       (SELECT CASE
            WHEN has_column_privilege(c.oid, 'version', 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') THEN 'readable'
            -- Since everybody may read the version, a login that may not is none of Stockroom's.
            WHEN EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'stock_clerk' AND has_column_privilege(r.oid, c.oid, 'version', 'SELECT')) THEN 'hidden'
            ELSE 'older' END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'stock' AND c.relname = 'schema_history')
FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()
