-- Sessions that stop others: who they are, and how they are ended. And advisory locks that people cannot take at will.

-- The locks of hot levels. A session holds the locks of one posting at most, in a namespace of their own, so that
-- nobody can hold the locks of the collector or of a migration, or fill the server's lock table.
CREATE FUNCTION stock.lock_levels(keys integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key integer;
BEGIN
    IF cardinality(keys) > 64 THEN
        RAISE EXCEPTION 'A posting can lock 64 levels in advance, not %.', cardinality(keys)
            USING ERRCODE = 'SR003', CONSTRAINT = 'levels_locked_max';
    END IF;
    PERFORM pg_advisory_unlock_all();
    FOREACH key IN ARRAY keys LOOP
        -- 1937006964 is "stot" in ASCII: the class of these locks.
        PERFORM pg_advisory_lock(1937006964, key);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION stock.lock_levels(integer[]) IS 'Takes the advisory locks of stock levels that several sessions want, in the order given. Locks that the session held before are released.';
GRANT EXECUTE ON FUNCTION stock.lock_levels(integer[]) TO stock_clerk, stock_admin;

-- The functions below see the sessions of others, so they belong to stock_user_manager, which may end them.
GRANT USAGE, CREATE ON SCHEMA stock TO stock_user_manager;

CREATE FUNCTION stock.sessions()
RETURNS TABLE (pid integer, login name, client text, program text, state text, connected_at timestamptz,
               transaction_since timestamptz, idle_since timestamptz, is_waiting boolean, is_blocking boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'local'), a.application_name, a.state, a.backend_start,
        a.xact_start, CASE WHEN a.state <> 'active' THEN a.state_change END,
        coalesce(a.wait_event_type = 'Lock', false),
        a.pid IN (SELECT b.pid FROM pg_locks w, unnest(pg_blocking_pids(w.pid)) AS b (pid) WHERE NOT w.granted)
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.backend_type = 'client backend'
    ORDER BY a.backend_start;
END;
COMMENT ON FUNCTION stock.sessions() IS 'The sessions on this database: who, from where, since when, and whether they wait for others or others for them.';

CREATE FUNCTION stock.lock_holders() RETURNS TABLE (pid integer, login name, client text, since timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'local'), coalesce(a.xact_start, a.state_change)
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.wait_event_type IS DISTINCT FROM 'Lock'
        AND coalesce(a.xact_start, a.state_change) < clock_timestamp() - interval '3 seconds'
        AND EXISTS (SELECT FROM pg_locks l
                    WHERE l.pid = a.pid AND l.granted
                        AND (l.locktype = 'advisory' AND l.classid = 1937006964::oid
                             OR l.locktype = 'relation' AND l.database = a.datid
                                AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'SIReadLock')
                                AND l.relation IN (SELECT c.oid FROM pg_class c
                                                   WHERE c.relnamespace IN ('stock'::regnamespace, 'audit'::regnamespace))))
    ORDER BY coalesce(a.xact_start, a.state_change)
    LIMIT 3;
END;
COMMENT ON FUNCTION stock.lock_holders() IS 'The sessions that have held locks on the stock for more than three seconds, the oldest first: what to name to somebody who waited in vain.';

CREATE FUNCTION stock.end_session(session_pid integer) RETURNS name
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended record;
BEGIN
    SELECT a.usename AS login, r.rolsuper AS is_superuser INTO ended
    FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
    WHERE a.pid = session_pid AND a.datname = current_database() AND a.backend_type = 'client backend';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no session % on this database.', session_pid
            USING ERRCODE = 'SR003', CONSTRAINT = 'session_known';
    END IF;
    IF ended.is_superuser THEN
        RAISE EXCEPTION 'Session % is that of the superuser %; only a superuser can end it.', session_pid, ended.login
            USING ERRCODE = 'SR003', CONSTRAINT = 'session_of_a_superuser';
    END IF;
    PERFORM pg_terminate_backend(session_pid);
    RETURN ended.login;
END;
$$;
COMMENT ON FUNCTION stock.end_session(integer) IS 'Ends one session on this database, which rolls its transaction back, and returns its login.';

CREATE FUNCTION stock.end_stale_sessions() RETURNS TABLE (pid integer, login name, client text, since timestamptz, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    -- The settings that bound a session can be changed by the session itself, so they are no more than defaults; these
    -- bounds hold for everybody but superusers. No program of ours comes near them: a posting takes milliseconds, an
    -- import commits every few hundred rows, and a transaction that only reads blocks nobody.
    RETURN QUERY
    WITH blocking AS MATERIALIZED (
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
            END AS reason
        FROM pg_stat_activity a
        JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
        LEFT JOIN blocking b ON b.pid = a.pid
        WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
            AND a.usename <> 'stock_collector' AND a.wait_event_type IS DISTINCT FROM 'Lock'
    )
    SELECT s.pid, s.login, s.client, s.since, s.reason FROM stale s
    WHERE s.reason IS NOT NULL AND pg_terminate_backend(s.pid);
END;
$$;
COMMENT ON FUNCTION stock.end_stale_sessions() IS 'Ends the sessions that block others or leave a transaction open beyond the bounds, and returns them with the reason. Called by the collector.';

ALTER FUNCTION stock.sessions() OWNER TO stock_user_manager;
ALTER FUNCTION stock.lock_holders() OWNER TO stock_user_manager;
ALTER FUNCTION stock.end_session(integer) OWNER TO stock_user_manager;
ALTER FUNCTION stock.end_stale_sessions() OWNER TO stock_user_manager;
REVOKE ALL ON FUNCTION stock.sessions(), stock.lock_holders(), stock.end_session(integer), stock.end_stale_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock.sessions() TO stock_admin, stock_auditor;
GRANT EXECUTE ON FUNCTION stock.lock_holders() TO stock_clerk, stock_admin, stock_auditor, stock_collector;
GRANT EXECUTE ON FUNCTION stock.end_session(integer) TO stock_admin;
GRANT EXECUTE ON FUNCTION stock.end_stale_sessions() TO stock_collector;
REVOKE CREATE ON SCHEMA stock FROM stock_user_manager;
