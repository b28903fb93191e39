-- The logins of `stockroom serve`, one for each kind of work, made where they are missing and put right where they differ. Run by
-- `stockroom db init`, and by `stockroom db migrate` of a superuser, inside the database and before the migrations, which grant
-- what each of them may do.
DO $$
DECLARE
    made record;
BEGIN
    FOR made IN
        SELECT * FROM (VALUES
            ('stock_service', 'The login of the service that leads, and that measures the stock.'),
            ('stock_verifier', 'The login of the service that verifies: an auditor that is nobody.'),
            ('stock_importer', 'The login of the service that imports files from watched directories.')
        ) AS login (name, purpose)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = made.name) THEN
            -- Without a password nobody can log in as it over SCRAM until one is set.
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', made.name);
        END IF;
        EXECUTE format('COMMENT ON ROLE %I IS %L', made.name, made.purpose);
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO stock_service, stock_verifier, stock_importer', current_database());
END;
$$;
GRANT stock_auditor TO stock_verifier;
-- What an import adds beyond movements (products, locations, partners, months of the past) is granted one by one.
GRANT stock_clerk TO stock_importer;
