-- What the database needs before its migrations: the extensions, the schemas, and defaults that
-- nobody depends on by accident. Run by `stockroom db init` as a superuser inside the database.
CREATE EXTENSION IF NOT EXISTS pgaudit;
-- The owner of the database could make this one itself, but a database made beforehand has another owner.
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
GRANT USAGE ON SCHEMA public TO stock_owner;
CREATE SCHEMA IF NOT EXISTS stock AUTHORIZATION stock_owner;
CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION stock_owner;
COMMENT ON SCHEMA stock IS 'The catalogue, the ledger and what is on hand.';
COMMENT ON SCHEMA audit IS 'The audit log of the server, collected and sealed.';
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- Whoever may run PL/pgSQL can write lines into the server log that look like audit records.
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO stock_owner, stock_user_manager;
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO stock_clerk, stock_admin, stock_auditor, stock_analyst, stock_collector', current_database());
    EXECUTE format('ALTER DATABASE %I SET timezone TO ''UTC''', current_database());
    EXECUTE format('ALTER DATABASE %I SET datestyle TO ''ISO, YMD''', current_database());
    EXECUTE format('ALTER DATABASE %I SET intervalstyle TO ''iso_8601''', current_database());
    EXECUTE format('ALTER DATABASE %I SET bytea_output TO ''hex''', current_database());
    EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation TO ''serializable''', current_database());
    EXECUTE format('ALTER DATABASE %I SET search_path TO stock', current_database());
    EXECUTE format('COMMENT ON DATABASE %I IS ''Stockroom: stock levels, their ledger and its audit.''', current_database());
END;
$$;

-- The one way to the server log. The functions belong to a role that can read files of the data directory,
-- and open nothing but files that stand in the log directory and hold the log. The collector looks at
-- their text and their owner before it uses them.
CREATE OR REPLACE FUNCTION audit.log_files(OUT name text, OUT size bigint, OUT modified_at timestamptz) RETURNS SETOF record
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$SELECT f.name, f.size, f.modification FROM pg_ls_logdir() AS f WHERE f.name LIKE '%.json' ORDER BY f.name COLLATE "C"$$;
CREATE OR REPLACE FUNCTION audit.read_log(file_name text, first_byte bigint, byte_count bigint) RETURNS bytea
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$SELECT pg_read_binary_file(current_setting('log_directory') || '/' || f.name, first_byte, byte_count, true) FROM pg_ls_logdir() AS f WHERE f.name = file_name AND f.name LIKE '%.json'$$;
COMMENT ON FUNCTION audit.log_files() IS 'The files of the server log, oldest first.';
COMMENT ON FUNCTION audit.read_log(text, bigint, bigint) IS 'A part of a file of the server log, and of no other file.';
ALTER FUNCTION audit.log_files() OWNER TO stock_log_reader;
ALTER FUNCTION audit.read_log(text, bigint, bigint) OWNER TO stock_log_reader;
REVOKE ALL ON FUNCTION audit.log_files(), audit.read_log(text, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.log_files(), audit.read_log(text, bigint, bigint) TO stock_collector;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO stock_log_reader;
