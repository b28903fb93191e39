-- Logins of people. Each person has a role of their own, a member of exactly one group, so that
-- session_user, the audit log and the ledger name the same person. The functions belong to
-- stock_user_manager, which may create roles; nobody is a member of it but the owner.

GRANT USAGE, CREATE ON SCHEMA stock TO stock_user_manager;

CREATE FUNCTION stock.add_person(login text, group_name text, verifier text) RETURNS void
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
COMMENT ON FUNCTION stock.add_person(text, text, text) IS 'Makes the login of one person, in one group, with a SCRAM verifier computed by the client.';

CREATE FUNCTION stock.people() RETURNS TABLE (login name, group_name name, can_login boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.rolname, g.rolname, p.rolcanlogin
    FROM pg_auth_members m
    JOIN pg_roles g ON g.oid = m.roleid AND g.rolname IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst')
    JOIN pg_roles p ON p.oid = m.member AND p.rolname NOT IN ('stock_owner', 'stock_user_manager', 'stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst')
    ORDER BY p.rolname;
END;
COMMENT ON FUNCTION stock.people() IS 'The logins of people, their groups, and whether they can log in.';

CREATE FUNCTION stock.change_own_password(verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock.people() p WHERE p.login = session_user) THEN
        RAISE EXCEPTION '% is not the login of a person; a superuser changes its password.', session_user
            USING ERRCODE = 'SR003', CONSTRAINT = 'person_known';
    END IF;
    IF verifier IS NULL OR verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/=]{20,60}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'The password must come as a SCRAM-SHA-256 verifier, never in clear.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'verifier_form';
    END IF;
    -- As in add_person: a failure must not take the verifier into the log.
    BEGIN
        EXECUTE format('ALTER ROLE %I PASSWORD %L', session_user, verifier);
    EXCEPTION
        WHEN query_canceled OR OTHERS THEN
            RAISE EXCEPTION 'The password could not be changed: %', SQLERRM USING ERRCODE = SQLSTATE;
    END;
END;
$$;
COMMENT ON FUNCTION stock.change_own_password(text) IS 'Gives the person who is logged in another password, as a SCRAM verifier computed by the client.';

CREATE FUNCTION stock.set_person_login(login text, allowed boolean) RETURNS void
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
    EXECUTE format(CASE WHEN allowed IS TRUE THEN 'ALTER ROLE %I LOGIN' ELSE 'ALTER ROLE %I NOLOGIN' END, login);
    IF allowed IS NOT TRUE THEN
        PERFORM stock.end_sessions(login);
    END IF;
END;
$$;
COMMENT ON FUNCTION stock.set_person_login(text, boolean) IS 'Lets a person log in, or stops them; their sessions end at once.';

CREATE FUNCTION stock.end_sessions(login text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) FROM pg_stat_activity a WHERE a.usename = login;
END;
COMMENT ON FUNCTION stock.end_sessions(text) IS 'Ends the sessions of a login that has just been stopped.';

ALTER FUNCTION stock.add_person(text, text, text) OWNER TO stock_user_manager;
ALTER FUNCTION stock.change_own_password(text) OWNER TO stock_user_manager;
ALTER FUNCTION stock.people() OWNER TO stock_user_manager;
ALTER FUNCTION stock.set_person_login(text, boolean) OWNER TO stock_user_manager;
ALTER FUNCTION stock.end_sessions(text) OWNER TO stock_user_manager;
REVOKE CREATE ON SCHEMA stock FROM stock_user_manager;
