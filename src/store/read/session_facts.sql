SELECT session_user::text AS login,
    current_setting('server_version') AS server_version,
    current_database()::text AS database,
    coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false) AS encrypted,
    ARRAY(SELECT g.rolname::text FROM pg_roles g
          JOIN pg_roles me ON me.rolname = session_user AND NOT me.rolsuper
          WHERE g.rolname IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst')
            AND pg_has_role(session_user, g.oid, 'USAGE')
            AND NOT EXISTS (SELECT FROM pg_roles o WHERE o.rolname IN ('stock_owner', 'stock_user_manager')
                            AND pg_has_role(session_user, o.oid, 'MEMBER'))
          ORDER BY g.rolname) AS groups
