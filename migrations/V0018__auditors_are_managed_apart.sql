-- Whoever is audited must not decide who audits. Auditors are created, enabled and disabled by a superuser, and neither their
-- sessions nor that of the collector are ended by an admin. Whoever tries is refused with an SQLSTATE of its own, SR004, which a
-- verification reports.

CREATE FUNCTION stock.refuse_auditor_change(login text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = session_user AND r.rolsuper) THEN
        RAISE EXCEPTION 'Auditors are managed by a superuser; an admin cannot create, enable or disable the auditor %.', login
            USING ERRCODE = 'SR004', CONSTRAINT = 'auditors_managed_by_superuser',
                  HINT = 'Use the URL of a superuser.';
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.refuse_auditor_change(text) IS 'Refuses to create, enable or disable an auditor, except for a superuser.';

GRANT CREATE ON SCHEMA stock TO stock_user_manager;

CREATE OR REPLACE FUNCTION stock.add_person(login text, group_name text, verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF login IS NULL OR login !~ '^[a-z][a-z0-9_.-]{0,62}$' OR login ~ '^(pg_|stock_)' THEN
        RAISE EXCEPTION 'A login is 1 to 63 characters of a-z, 0-9, _ . and -, begins with a letter and not with pg_ or stock_.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'login_form';
    END IF;
    IF group_name IS NULL OR group_name NOT IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst') THEN
        RAISE EXCEPTION 'People are clerk, admin, auditor or analyst.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'group_known';
    END IF;
    IF group_name = 'stock_auditor' THEN
        PERFORM stock.refuse_auditor_change(login);
    END IF;
    -- A verifier made by the client; a password in clear would reach the server and its log.
    IF verifier IS NULL OR verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/=]{20,60}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'The password must come as a SCRAM-SHA-256 verifier, never in clear.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'verifier_form';
    END IF;
    -- A statement that fails inside a function is written to the server's log with its whole text, and
    -- this one holds the verifier. So its failures are caught here and raised anew without it.
    BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD %L IN ROLE %I', login, verifier, group_name);
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            RAISE EXCEPTION 'There is a login % already.', login
                USING ERRCODE = 'SR003', CONSTRAINT = 'login_is_new';
        WHEN query_canceled OR OTHERS THEN
            RAISE EXCEPTION 'The login % could not be made: %', login, SQLERRM USING ERRCODE = SQLSTATE;
    END;
END;
$$;

CREATE OR REPLACE FUNCTION stock.set_person_login(login text, allowed boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock.people() p WHERE p.login = set_person_login.login) THEN
        RAISE EXCEPTION 'There is no person with the login %.', login
            USING ERRCODE = 'SR003', CONSTRAINT = 'person_known';
    END IF;
    IF login = session_user THEN
        RAISE EXCEPTION 'Nobody can disable or enable their own login.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'not_oneself';
    END IF;
    IF EXISTS (SELECT FROM stock.people() p WHERE p.login = set_person_login.login AND p.group_name = 'stock_auditor') THEN
        PERFORM stock.refuse_auditor_change(login);
    END IF;
    EXECUTE format(CASE WHEN allowed IS TRUE THEN 'ALTER ROLE %I LOGIN' ELSE 'ALTER ROLE %I NOLOGIN' END, login);
    IF allowed IS NOT TRUE THEN
        PERFORM stock.end_sessions(login);
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION stock.end_session(session_pid integer) RETURNS name
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended record;
BEGIN
    SELECT a.usename AS login, r.rolsuper AS is_superuser,
        a.usename = 'stock_collector' OR EXISTS (SELECT FROM stock.people() p WHERE p.login = a.usename AND p.group_name = 'stock_auditor') AS audits
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

ALTER FUNCTION stock.refuse_auditor_change(text) OWNER TO stock_user_manager;
REVOKE CREATE ON SCHEMA stock FROM stock_user_manager;
