-- A statement that fails inside a function is written to the server's log with its whole text. The
-- CREATE ROLE of a new login holds the verifier of the password, so its failures are caught here and
-- raised anew without it.

CREATE OR REPLACE FUNCTION stock.add_person(login text, group_name text, verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF login !~ '^[a-z][a-z0-9_.-]{0,62}$' OR login ~ '^(pg_|stock_)' THEN
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
