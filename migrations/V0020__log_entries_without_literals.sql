-- The server's log holds passwords: a statement that fails is logged with its text, and pgaudit records CREATE SUBSCRIPTION, user
-- mappings and ALTER SYSTEM as they were sent. What was collected stays as it is, because the seal covers it; only auditors
-- read it. Admins read it through a view that cuts every text before its first literal.

CREATE FUNCTION audit.without_literals(entry bytea, class text, object_name text) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A password is a literal, and a literal begins with a quotation mark or in dollars. What stands in a comment, behind the word
    -- password, or, in a statement that sets a parameter, behind = or TO may be one without quotation marks.
    literal CONSTANT text := $re$'|\$[^0-9]|--|/\*|passw$re$;
    setting CONSTANT text := $re$=|\mto\M$re$;
    -- In a message, names too are in quotation marks. It may quote what was sent, or hold a whole statement.
    quoted CONSTANT text := $re$["'$]|passw|statement:|execute |parse |bind $re$;
    kept CONSTANT text[] := ARRAY['timestamp', 'user', 'dbname', 'pid', 'remote_host', 'remote_port', 'session_id', 'line_num', 'ps',
        'session_start', 'vxid', 'txid', 'error_severity', 'state_code', 'message', 'func_name', 'file_name', 'file_line_num',
        'application_name', 'backend_type', 'leader_pid', 'query_id'];
    whole text;
    fields json;
    message text;
    shown text;
    part text[];
    statement text;
    place integer;
BEGIN
    IF class = 'COLLECTOR' THEN
        RETURN entry;
    END IF;
    BEGIN
        whole := convert_from(entry, 'UTF8');
        -- Most entries: a write to a table of Stockroom without any literal, whose values are parameters.
        IF class = 'WRITE' AND starts_with(object_name, 'stock.') AND whole !~* literal THEN
            RETURN entry;
        END IF;
        fields := whole::json;
        message := fields ->> 'message';
    EXCEPTION WHEN data_exception THEN
        -- Neither UTF-8 nor JSON: nothing of it can be told apart.
        RETURN convert_to('This log entry cannot be read in part; only auditors read it.', 'UTF8');
    END;
    IF message IS NULL THEN
        RETURN convert_to('This log entry cannot be read in part; only auditors read it.', 'UTF8');
    END IF;
    IF class IS NOT NULL AND class <> 'FORGED' AND message ^@ 'AUDIT: ' THEN
        -- AUDIT: kind,statement,substatement,class,command,type,object,text,parameters[,rows]; see pgaudit's README.
        part := regexp_match(message, $re$^(AUDIT: [A-Z]+,\d+,\d+,[A-Z]+,([^,"]*),[^,"]*,(?:[^,"]*|"(?:[^"]|"")*"),)("(?:[^"]|"")*"|[^,"]*),("(?:[^"]|"")*"|[^,"]*)(,\d+)?\Z$re$);
        IF part IS NULL THEN
            shown := 'AUDIT: …';
        ELSE
            statement := CASE WHEN part[3] ^@ '"' THEN replace(substr(part[3], 2, length(part[3]) - 2), '""', '"') ELSE part[3] END;
            place := regexp_instr(statement, CASE WHEN part[2] IN ('SET', 'ALTER SYSTEM', 'ALTER ROLE', 'ALTER DATABASE') THEN literal || '|' || setting ELSE literal END, 1, 1, 0, 'i');
            IF place = 0 AND (class = 'WRITE' AND starts_with(object_name, 'stock.') OR part[4] = '<none>') THEN
                RETURN entry;
            END IF;
            statement := CASE WHEN place > 0 THEN left(statement, place - 1) || '…' ELSE statement END;
            shown := part[1] || CASE WHEN statement ~ '[,"\n\r]' THEN '"' || replace(statement, '"', '""') || '"' ELSE statement END || ','
                || CASE part[4] WHEN '<none>' THEN '<none>' ELSE '<not logged>' END || coalesce(part[5], '');
        END IF;
    ELSIF message ~ '^(connection (received|authenticated|authorized)|replication connection authorized|disconnection): '
        OR (fields ->> 'error_severity' = 'FATAL' AND fields ->> 'statement' IS NULL AND fields ->> 'state_code' ^@ '28') THEN
        -- Logins that succeeded, failed and ended. No statement had been sent.
        RETURN entry;
    ELSE
        place := regexp_instr(message, quoted, 1, 1, 0, 'i');
        -- A parameter of the configuration is named; its value is not.
        shown := coalesce(substring(message FROM '^parameter "[^"]*"') || ' …', CASE WHEN place > 0 THEN left(message, place - 1) || '…' ELSE message END);
        IF shown = message AND NOT EXISTS (SELECT FROM json_object_keys(fields) AS k (name) WHERE k.name <> ALL (kept)) THEN
            RETURN entry;
        END IF;
    END IF;
    -- In the order and form of the server, because searches look for the beginning of a message.
    RETURN (SELECT convert_to('{' || string_agg(to_json(f.name)::text || ':' || CASE f.name WHEN 'message' THEN to_json(shown) ELSE f.value END, ',' ORDER BY f.place) || ',"redacted":true}', 'UTF8')
            FROM json_each(fields) WITH ORDINALITY AS f (name, value, place) WHERE f.name = ANY (kept));
END;
$$;
COMMENT ON FUNCTION audit.without_literals(bytea, text, text) IS 'Returns a log entry with every statement and message cut before its first literal, without details and context; unchanged if there is none.';

CREATE VIEW audit.log_entries AS
SELECT l.line_no, l.collected_at, l.file_id, l.file_offset, l.logged_at, l.session_id, l.session_line, l.login, l.database_name,
    l.remote_host, l.severity, l.class, l.command, l.object_name,
    CASE WHEN (SELECT has_column_privilege('audit.lines', 'raw', 'SELECT')) THEN l.raw
         ELSE audit.without_literals(l.raw, l.class, l.object_name) END AS raw
FROM audit.lines l;
COMMENT ON VIEW audit.log_entries IS 'The collected log entries as each reader may see them: auditors in full, admins without literals, which may be passwords.';
COMMENT ON COLUMN audit.log_entries.line_no IS 'Number in the order of collection, as in audit.lines.';
COMMENT ON COLUMN audit.log_entries.collected_at IS 'When it was collected.';
COMMENT ON COLUMN audit.log_entries.file_id IS 'Log file that it was in.';
COMMENT ON COLUMN audit.log_entries.file_offset IS 'Position of its first byte in the file.';
COMMENT ON COLUMN audit.log_entries.logged_at IS 'When the server wrote it, as it says itself; null when that cannot be read.';
COMMENT ON COLUMN audit.log_entries.session_id IS 'Start time and number of the server process, hexadecimal.';
COMMENT ON COLUMN audit.log_entries.session_line IS 'Number of the entry within its server process, from 1.';
COMMENT ON COLUMN audit.log_entries.login IS 'Login of the session.';
COMMENT ON COLUMN audit.log_entries.database_name IS 'Database of the session.';
COMMENT ON COLUMN audit.log_entries.remote_host IS 'Address of the client.';
COMMENT ON COLUMN audit.log_entries.severity IS 'LOG, ERROR, FATAL and so on.';
COMMENT ON COLUMN audit.log_entries.class IS 'Class of a pgaudit record; see audit.lines.';
COMMENT ON COLUMN audit.log_entries.command IS 'Command of a pgaudit record.';
COMMENT ON COLUMN audit.log_entries.object_name IS 'Object of a pgaudit record, where pgaudit names it.';
COMMENT ON COLUMN audit.log_entries.raw IS 'The log entry; for readers other than auditors, cut before its first literal and marked "redacted".';

-- The hash of an entry would let its reader try passwords until one fits, and so would the frontier, which holds the hash of the last one.
REVOKE SELECT ON audit.lines, audit.trees FROM stock_admin;
GRANT SELECT (line_no, collected_at, file_id, file_offset, logged_at, session_id, session_line, login, database_name, remote_host, severity, class, command, object_name)
    ON audit.lines TO stock_admin;
GRANT SELECT (name, size, collected_at, snapshot, since) ON audit.trees TO stock_admin;
REVOKE ALL ON audit.log_entries FROM PUBLIC;
REVOKE ALL ON FUNCTION audit.without_literals(bytea, text, text) FROM PUBLIC;
GRANT SELECT ON audit.log_entries TO stock_admin, stock_auditor;
GRANT EXECUTE ON FUNCTION audit.without_literals(bytea, text, text) TO stock_admin, stock_auditor;
