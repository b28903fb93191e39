-- A transaction of a person that stays open, even one that only reads, ends after an hour. A clerk could keep one open for days with a
-- statement that does nothing: rows that were changed since would never be removed, and every posting since would be remembered
-- for the checks of SERIALIZABLE.

GRANT CREATE ON SCHEMA stock TO stock_user_manager;

CREATE OR REPLACE FUNCTION stock.end_stale_sessions() RETURNS TABLE (pid integer, login name, client text, since timestamptz, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    -- The settings that bound a session can be changed by the session itself, so they are no more than defaults; these
    -- bounds hold for everybody but superusers. No program of ours comes near them: a posting takes milliseconds, an
    -- import commits every few hundred rows, and a report reads for minutes at most. Backups have logins of their own.
    RETURN QUERY
    WITH numbered AS MATERIALIZED (
        SELECT a.pid, row_number() OVER (PARTITION BY a.usesysid ORDER BY a.backend_start, a.pid) AS number
        FROM pg_stat_activity a
        WHERE a.backend_type = 'client backend'
    ), blocking AS MATERIALIZED (
        SELECT DISTINCT b.pid FROM pg_locks w, unnest(pg_blocking_pids(w.pid)) AS b (pid) WHERE NOT w.granted
    ), stale AS MATERIALIZED (
        SELECT a.pid, a.usename AS login, coalesce(host(a.client_addr), 'local') AS client,
            coalesce(a.xact_start, a.state_change) AS since,
            CASE
                WHEN b.pid IS NOT NULL AND a.state <> 'active' AND a.state_change < clock_timestamp() - interval '30 seconds'
                    THEN 'blocked others for 30 s while idle'
                WHEN b.pid IS NOT NULL AND a.state = 'active' AND a.xact_start < clock_timestamp() - interval '2 minutes'
                    THEN 'blocked others for 2 min'
                WHEN a.state LIKE 'idle in transaction%' AND a.state_change < clock_timestamp() - interval '5 minutes'
                    THEN 'left a transaction open for 5 min'
                WHEN a.backend_xid IS NOT NULL AND a.xact_start < clock_timestamp() - interval '15 minutes'
                    THEN 'had been writing for 15 min'
                -- Neither VACUUM nor SERIALIZABLE can forget what happened since a transaction began that is still open.
                WHEN a.xact_start < clock_timestamp() - interval '1 hour' AND EXISTS (SELECT FROM stock.people() p WHERE p.login = a.usename)
                    THEN 'had a transaction open for 1 h'
                WHEN n.number > current_setting('max_connections')::integer * 6 / 10 AND a.state = 'idle'
                    THEN 'was one of more than six tenths of all connections'
            END AS reason
        FROM pg_stat_activity a
        JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
        LEFT JOIN blocking b ON b.pid = a.pid
        JOIN numbered n ON n.pid = a.pid
        WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
            AND a.usename <> 'stock_collector' AND a.wait_event_type IS DISTINCT FROM 'Lock'
    )
    SELECT s.pid, s.login, s.client, s.since, s.reason FROM stale s
    WHERE s.reason IS NOT NULL AND pg_terminate_backend(s.pid);
END;
$$;

REVOKE CREATE ON SCHEMA stock FROM stock_user_manager;
