-- What is posted stands or falls with its transaction. A posting that is taken back to a savepoint of a
-- transaction that is then committed leaves its audit record, and no row: nothing in the log tells it from a row
-- that somebody removed. So nothing is posted behind a savepoint.

CREATE FUNCTION stock.refuse_savepoint() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'Nothing is posted behind a savepoint: it could be taken back there, and its audit record would remain.'
        USING ERRCODE = 'SR001', CONSTRAINT = 'posting_outside_savepoints',
              HINT = 'Release the savepoint, or roll back to where there is none. In psql: \set ON_ERROR_ROLLBACK off';
END;
$$;
COMMENT ON FUNCTION stock.refuse_savepoint() IS 'Refuses what is posted behind a savepoint, where it could be taken back without a trace in the audit log.';

-- Behind a savepoint a row bears the number of a transaction within the transaction. The ledger itself is
-- partitioned, and a trigger on it does not see that number; but no row goes into it without a level.
CREATE TRIGGER refuse_savepoint AFTER INSERT OR UPDATE ON stock.stock_levels
    FOR EACH ROW WHEN (NEW.xmin <> pg_current_xact_id()::xid) EXECUTE FUNCTION stock.refuse_savepoint();
CREATE TRIGGER refuse_savepoint AFTER INSERT ON stock.stock_counts
    FOR EACH ROW WHEN (NEW.xmin <> pg_current_xact_id()::xid) EXECUTE FUNCTION stock.refuse_savepoint();
ALTER TABLE stock.stock_levels ENABLE ALWAYS TRIGGER refuse_savepoint;
ALTER TABLE stock.stock_counts ENABLE ALWAYS TRIGGER refuse_savepoint;
