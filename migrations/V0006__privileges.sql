-- Least privilege: what each group may do, column by column. Anything not granted here is refused.

REVOKE ALL ON ALL TABLES IN SCHEMA stock FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA stock FROM PUBLIC;
REVOKE ALL ON TYPE stock.movement_kind FROM PUBLIC;
-- For whatever stock_owner makes later. Not IN SCHEMA: what PUBLIC gets by default cannot be taken
-- away for one schema (PostgreSQL manual, ALTER DEFAULT PRIVILEGES).
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC;

GRANT USAGE ON SCHEMA stock TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
GRANT USAGE ON TYPE stock.movement_kind TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
GRANT EXECUTE ON FUNCTION stock.uuid_time(uuid) TO stock_clerk, stock_admin, stock_auditor, stock_analyst;

-- Clerks read the stock and append movements, counts and the lots that arrive. posted_at,
-- posted_by, xid and expected are missing from the lists on purpose: the server fills them.
GRANT SELECT ON stock.products, stock.barcodes, stock.locations, stock.lots, stock.partners,
    stock.transactions, stock.stock_levels, stock.reversals, stock.stock_counts,
    stock.levels, stock.low_stock, stock.movements
    TO stock_clerk, stock_admin, stock_auditor;
GRANT SELECT ON stock.product_history TO stock_admin, stock_auditor;
GRANT SELECT ON stock.schema_history TO stock_auditor;
GRANT INSERT (id, occurred_at, posting_id, kind, product_id, lot_id, from_location_id, to_location_id, partner_id,
              quantity, unit_price, reference, reason, reverses)
    ON stock.transactions TO stock_clerk, stock_admin;
GRANT INSERT (id, counted_at, posting_id, product_id, location_id, lot_id, counted)
    ON stock.stock_counts TO stock_clerk, stock_admin;
GRANT INSERT (product_id, code, expires_on) ON stock.lots TO stock_clerk, stock_admin;
GRANT EXECUTE ON FUNCTION stock.ensure_partitions(date, date) TO stock_clerk, stock_admin;

-- Admins keep the master data. A sku, the decimals and the tracking of a product never change,
-- because the ledger has been kept by them.
GRANT INSERT (sku, name, unit, decimals, category, reorder_point, unit_cost, unit_price, tracking) ON stock.products TO stock_admin;
GRANT UPDATE (name, unit, category, reorder_point, unit_cost, unit_price, archived_at) ON stock.products TO stock_admin;
GRANT INSERT (barcode, product_id, pack_quantity), DELETE ON stock.barcodes TO stock_admin;
GRANT INSERT (code, name, parent_id, kind) ON stock.locations TO stock_admin;
GRANT UPDATE (name, parent_id, kind, archived_at) ON stock.locations TO stock_admin;
GRANT UPDATE (expires_on) ON stock.lots TO stock_admin;
GRANT INSERT (code, name, kind) ON stock.partners TO stock_admin;
GRANT UPDATE (name, archived_at) ON stock.partners TO stock_admin;
GRANT EXECUTE ON FUNCTION stock.add_person(text, text, text), stock.set_person_login(text, boolean) TO stock_admin;
GRANT EXECUTE ON FUNCTION stock.change_own_password(text) TO stock_clerk, stock_admin, stock_auditor, stock_analyst;
GRANT EXECUTE ON FUNCTION stock.people() TO stock_admin, stock_auditor;

-- Analysts see the stock and its movements, but no person, partner or free text.
GRANT SELECT ON stock.levels, stock.low_stock, stock.movements TO stock_analyst;

COMMENT ON TABLE stock.schema_history IS 'The migrations that have been run, kept by the migration runner.';
COMMENT ON COLUMN stock.schema_history.version IS 'The number of the migration.';
COMMENT ON COLUMN stock.schema_history.name IS 'The name of the migration.';
COMMENT ON COLUMN stock.schema_history.applied_on IS 'When it was run.';
COMMENT ON COLUMN stock.schema_history.checksum IS 'A checksum of its text; a migration is never edited once it has been run.';
