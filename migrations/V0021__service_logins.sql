-- What the logins of the service may do, and which of several services on one database leads.

-- People cannot take advisory locks, and this is the only one that the login can take: a service leads as long as its
-- session lives.
CREATE FUNCTION stock.try_to_lead() RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$SELECT pg_try_advisory_lock(hashtextextended('stock.service', 0))$$;
COMMENT ON FUNCTION stock.try_to_lead() IS 'Whether this session leads from now on: one service at a time does, until its session ends.';
REVOKE ALL ON FUNCTION stock.try_to_lead() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock.try_to_lead() TO stock_service;

-- It adds up the stock; it sees no person, partner or text.
GRANT USAGE ON SCHEMA stock TO stock_service;
GRANT SELECT (product_id, reorder_point, unit_cost, unit_price, archived_at) ON stock.products TO stock_service;
GRANT SELECT (product_id, location_id, lot_id, on_hand) ON stock.stock_levels TO stock_service;
GRANT SELECT (lot_id, product_id, expires_on) ON stock.lots TO stock_service;
-- How much is not under a checkpoint yet.
GRANT USAGE ON SCHEMA audit TO stock_service;
GRANT SELECT (name, size) ON audit.trees TO stock_service;

-- An import adds what its profile lets it add, and changes and archives nothing.
GRANT INSERT (sku, name, unit, decimals, category, reorder_point, unit_cost, unit_price, tracking) ON stock.products TO stock_importer;
GRANT INSERT (barcode, product_id, pack_quantity) ON stock.barcodes TO stock_importer;
GRANT INSERT (code, name, parent_id, kind) ON stock.locations TO stock_importer;
GRANT INSERT (code, name, kind) ON stock.partners TO stock_importer;
GRANT EXECUTE ON FUNCTION stock.ensure_partitions(date, date) TO stock_importer;

-- The logins of the service are members of groups and no people: admins neither list, disable nor end them.
GRANT CREATE ON SCHEMA stock TO stock_user_manager;

CREATE OR REPLACE FUNCTION stock.people() RETURNS TABLE (login name, group_name name, can_login boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.rolname, g.rolname, p.rolcanlogin
    FROM pg_auth_members m
    JOIN pg_roles g ON g.oid = m.roleid AND g.rolname IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst')
    -- No person's login begins like this (stock.add_person).
    JOIN pg_roles p ON p.oid = m.member AND p.rolname !~ '^stock_'
    ORDER BY p.rolname;
END;

CREATE OR REPLACE FUNCTION stock.end_session(session_pid integer) RETURNS name
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended record;
BEGIN
    SELECT a.usename AS login, r.rolsuper AS is_superuser,
        a.usename IN ('stock_collector', 'stock_verifier', 'stock_service')
            OR EXISTS (SELECT FROM stock.people() p WHERE p.login = a.usename AND p.group_name = 'stock_auditor') AS audits
    INTO ended
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
    IF ended.audits AND ended.login <> session_user AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = session_user AND r.rolsuper) THEN
        RAISE EXCEPTION 'Session % is that of %, who audits; only a superuser can end it.', session_pid, ended.login
            USING ERRCODE = 'SR004', CONSTRAINT = 'session_of_the_audit';
    END IF;
    PERFORM pg_terminate_backend(session_pid);
    RETURN ended.login;
END;
$$;

REVOKE CREATE ON SCHEMA stock FROM stock_user_manager;
