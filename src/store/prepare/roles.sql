-- The group roles of Stockroom, made where they are missing and put right where they differ.
-- Run by `stockroom db init` as a superuser, as often as one likes.
DO $$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT * FROM (VALUES
            ('stock_owner', 'Owns the schemas and everything in them. Nobody logs in as it.'),
            ('stock_clerk', 'Receives, issues, transfers, counts and reverses; reads the stock and the ledger.'),
            ('stock_admin', 'What a clerk may do, and keeps products, locations, partners and people.'),
            ('stock_auditor', 'Reads everything, the audit included; changes nothing.'),
            ('stock_analyst', 'Reads the views that hold no personal data.'),
            ('stock_user_manager', 'Owns the functions that make the logins of people. Nobody logs in as it.'),
            ('stock_log_reader', 'Owns the functions that read the server log. Nobody logs in as it.')
        ) AS role (name, purpose)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = made.name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', made.name);
        END IF;
        EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS %s', made.name,
                       CASE made.name WHEN 'stock_user_manager' THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END);
        EXECUTE format('COMMENT ON ROLE %I IS %L', made.name, made.purpose);
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stock_collector') THEN
        -- Without a password nobody can log in as it over SCRAM until one is set.
        CREATE ROLE stock_collector LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
    COMMENT ON ROLE stock_collector IS 'The login of the collector that reads the audit log of the server.';
END;
$$;
GRANT stock_clerk, stock_admin, stock_auditor, stock_analyst TO stock_user_manager WITH ADMIN OPTION;
GRANT pg_signal_backend TO stock_user_manager;
-- Whoever judges the audit must see how the server is set; some settings are hidden from others.
GRANT pg_read_all_settings TO stock_auditor;
GRANT stock_user_manager TO stock_owner;
-- Lists the log directory, and knows where it is.
GRANT pg_monitor TO stock_log_reader;
-- When transactions and sessions began: the collector seals without leaving one out, and the auditor tells
-- a session that still runs from one whose end is missing in the log.
GRANT pg_read_all_stats TO stock_collector, stock_auditor;
-- The collector must not be fed by its own writes. All else that it does is recorded as for everybody.
ALTER ROLE stock_collector SET pgaudit.log = 'ddl,role,misc_set';
