-- What an admin does for people without a superuser: a new password for somebody who has forgotten theirs, and another role. Both
-- are statements about roles, which pgaudit records, and both end the sessions of the login.

GRANT CREATE ON SCHEMA stock TO stock_user_manager;

CREATE FUNCTION stock.set_person_password(login text, verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM stock.people() p WHERE p.login = set_person_password.login) THEN
        RAISE EXCEPTION 'There is no person with the login %.', login
            USING ERRCODE = 'SR003', CONSTRAINT = 'person_known';
    END IF;
    IF login = session_user THEN
        RAISE EXCEPTION 'Change your own password with "stockroom user password"; it does not end your sessions.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'not_oneself';
    END IF;
    IF EXISTS (SELECT FROM stock.people() p WHERE p.login = set_person_password.login AND p.group_name = 'stock_auditor') THEN
        PERFORM stock.refuse_auditor_change(login);
    END IF;
    IF verifier IS NULL OR verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/=]{20,60}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'The password must come as a SCRAM-SHA-256 verifier, never in clear.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'verifier_form';
    END IF;
    -- As in add_person: a failure must not take the verifier into the log.
    BEGIN
        EXECUTE format('ALTER ROLE %I PASSWORD %L', login, verifier);
    EXCEPTION
        WHEN query_canceled OR OTHERS THEN
            RAISE EXCEPTION 'The password of % could not be changed: %', login, SQLERRM USING ERRCODE = SQLSTATE;
    END;
    PERFORM stock.end_sessions(login);
END;
$$;
COMMENT ON FUNCTION stock.set_person_password(text, text) IS 'Sets the password of another person, as a SCRAM verifier computed by the client, and ends their sessions.';

CREATE FUNCTION stock.set_person_group(login text, group_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    former name;
BEGIN
    SELECT p.group_name INTO former FROM stock.people() p WHERE p.login = set_person_group.login;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no person with the login %.', login
            USING ERRCODE = 'SR003', CONSTRAINT = 'person_known';
    END IF;
    IF group_name IS NULL OR group_name NOT IN ('stock_clerk', 'stock_admin', 'stock_auditor', 'stock_analyst') THEN
        RAISE EXCEPTION 'People are clerk, admin, auditor or analyst.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'group_known';
    END IF;
    IF login = session_user THEN
        RAISE EXCEPTION 'Nobody can change their own role.'
            USING ERRCODE = 'SR003', CONSTRAINT = 'not_oneself';
    END IF;
    IF 'stock_auditor' IN (former, group_name) THEN
        PERFORM stock.refuse_auditor_change(login);
    END IF;
    IF former = group_name THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT %I TO %I', group_name, login);
    EXECUTE format('REVOKE %I FROM %I', former, login);
    PERFORM stock.end_sessions(login);
END;
$$;
COMMENT ON FUNCTION stock.set_person_group(text, text) IS 'Moves a person to another group and ends their sessions, so that the new rights hold everywhere.';

ALTER FUNCTION stock.set_person_password(text, text) OWNER TO stock_user_manager;
ALTER FUNCTION stock.set_person_group(text, text) OWNER TO stock_user_manager;
REVOKE ALL ON FUNCTION stock.set_person_password(text, text), stock.set_person_group(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock.set_person_password(text, text), stock.set_person_group(text, text) TO stock_admin;
REVOKE CREATE ON SCHEMA stock FROM stock_user_manager;
