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
