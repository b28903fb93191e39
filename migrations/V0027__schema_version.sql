-- A program asks which migration the database has before it does anything else, with the login of whoever uses it.
GRANT SELECT (version) ON stock.schema_history
    TO stock_clerk, stock_admin, stock_analyst, stock_collector, stock_service, stock_verifier, stock_importer;
