-- The login of `stockroom serve` that reserves stock for orders, made where it is missing and put right where it differs. Run where
-- service_logins.sql is, which stays as it was: a verification knows the texts that prepared a server by their words.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stock_reserver') THEN
        -- Without a password nobody can log in as it over SCRAM until one is set.
        CREATE ROLE stock_reserver LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    END IF;
    COMMENT ON ROLE stock_reserver IS 'The login of the service that reserves stock for orders, and releases what has expired.';
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO stock_reserver', current_database());
END;
$$;
