-- The history of all master data, and the seal over it and over the counts.

LOCK TABLE stock.products, stock.barcodes, stock.locations, stock.lots, stock.partners IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE stock.master_history (
    change_no  bigint GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    row_key    text NOT NULL,
    operation  text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by name NOT NULL DEFAULT session_user,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    row_values jsonb NOT NULL,
    CONSTRAINT master_history_pkey PRIMARY KEY (change_no),
    CONSTRAINT master_history_table_known CHECK (table_name IN ('products', 'barcodes', 'locations', 'lots', 'partners')),
    CONSTRAINT master_history_operation_known CHECK (operation IN ('existing', 'insert', 'update', 'delete'))
);
CREATE INDEX master_history_row_idx ON stock.master_history (table_name, row_key, change_no DESC);
CREATE INDEX master_history_changed_at_idx ON stock.master_history USING brin (changed_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX stock_counts_posted_at_idx ON stock.stock_counts USING brin (posted_at) WITH (pages_per_range = 32, autosummarize = on);

COMMENT ON TABLE stock.master_history IS 'Every change to products, barcodes, locations, lots and partners, with the row as it was after the change. Only a trigger writes it. It is sealed, and a verification compares it with the audit records and with the rows as they are now.';
COMMENT ON COLUMN stock.master_history.change_no IS 'Number of the change, assigned by the server.';
COMMENT ON COLUMN stock.master_history.table_name IS 'Table of the row, without its schema.';
COMMENT ON COLUMN stock.master_history.row_key IS 'Primary key of the row.';
COMMENT ON COLUMN stock.master_history.operation IS 'insert, update or delete; existing for rows that were there when this table was created.';
COMMENT ON COLUMN stock.master_history.changed_at IS 'When the row was changed.';
COMMENT ON COLUMN stock.master_history.changed_by IS 'Login that changed the row.';
COMMENT ON COLUMN stock.master_history.xid IS 'Transaction that changed the row.';
COMMENT ON COLUMN stock.master_history.row_values IS 'All columns after the change, or before it for a delete, except search_words.';

INSERT INTO stock.master_history (table_name, row_key, operation, row_values)
SELECT r.table_name, r.row_key, 'existing', r.row_values
FROM (SELECT 'products' AS table_name, p.product_id::text AS row_key, to_jsonb(p) - 'search_words' AS row_values, 1 AS place, p.product_id AS number FROM stock.products p
      UNION ALL SELECT 'barcodes', b.barcode, to_jsonb(b), 2, 0 FROM stock.barcodes b
      UNION ALL SELECT 'locations', l.location_id::text, to_jsonb(l), 3, l.location_id FROM stock.locations l
      UNION ALL SELECT 'lots', o.lot_id::text, to_jsonb(o), 4, o.lot_id FROM stock.lots o
      UNION ALL SELECT 'partners', p.partner_id::text, to_jsonb(p), 5, p.partner_id FROM stock.partners p) AS r
ORDER BY r.place, r.number, r.row_key;

CREATE FUNCTION stock.keep_master_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    row_values jsonb := (CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END) - 'search_words';
BEGIN
    INSERT INTO stock.master_history (table_name, row_key, operation, row_values)
    VALUES (TG_TABLE_NAME, row_values ->> TG_ARGV[0], lower(TG_OP), row_values);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION stock.keep_master_history() IS 'Writes each change to the master data into stock.master_history.';
REVOKE ALL ON FUNCTION stock.keep_master_history() FROM PUBLIC;

CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.products
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('product_id');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.barcodes
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('barcode');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.locations
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('location_id');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.lots
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('lot_id');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.partners
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('partner_id');
ALTER TABLE stock.products ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.barcodes ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.locations ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.lots ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.partners ENABLE ALWAYS TRIGGER keep_master_history;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stock.master_history
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
CREATE TRIGGER written_by_master_data AFTER INSERT ON stock.master_history
    FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_direct_level();
-- A change that is taken back to a savepoint would leave its audit record and no row here.
CREATE TRIGGER refuse_savepoint AFTER INSERT ON stock.master_history
    FOR EACH ROW WHEN (NEW.xmin <> pg_current_xact_id()::xid) EXECUTE FUNCTION stock.refuse_savepoint();
ALTER TABLE stock.master_history ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE stock.master_history ENABLE ALWAYS TRIGGER written_by_master_data;
ALTER TABLE stock.master_history ENABLE ALWAYS TRIGGER refuse_savepoint;

REVOKE ALL ON stock.master_history FROM PUBLIC;
GRANT SELECT ON stock.master_history TO stock_admin, stock_auditor, stock_collector;
GRANT SELECT ON stock.stock_counts TO stock_collector;

ALTER TABLE audit.trees DROP CONSTRAINT trees_name_known;
ALTER TABLE audit.trees ADD CONSTRAINT trees_name_known CHECK (name IN ('lines', 'ledger', 'rows'));
INSERT INTO audit.trees (name) VALUES ('rows');
COMMENT ON TABLE audit.trees IS 'The Merkle trees (RFC 9162, 2.1) as far as they have grown: over the collected log entries, over the rows of the ledger, and over counts and changes to master data.';
COMMENT ON COLUMN audit.trees.name IS 'lines, ledger or rows.';
COMMENT ON COLUMN audit.trees.snapshot IS 'Ledger and rows: every transaction visible in this snapshot has been sealed.';
COMMENT ON COLUMN audit.trees.since IS 'Ledger and rows: no transaction that the snapshot does not show began before this time.';

CREATE TABLE audit.sealed_rows (
    leaf_no   bigint NOT NULL,
    source    text NOT NULL,
    row_id    text COLLATE "C" NOT NULL,
    leaf_hash bytea NOT NULL,
    CONSTRAINT sealed_rows_pkey PRIMARY KEY (leaf_no),
    CONSTRAINT sealed_rows_row_key UNIQUE (source, row_id),
    CONSTRAINT sealed_rows_source_known CHECK (source IN ('count', 'change')),
    CONSTRAINT sealed_rows_numbers CHECK (leaf_no >= 0 AND length(leaf_hash) = 32)
);
COMMENT ON TABLE audit.sealed_rows IS 'Leaf number of each sealed count and change to master data in the tree over these rows.';
COMMENT ON COLUMN audit.sealed_rows.leaf_no IS 'Consecutive number in the order of sealing, from 0.';
COMMENT ON COLUMN audit.sealed_rows.source IS 'count for stock.stock_counts, change for stock.master_history.';
COMMENT ON COLUMN audit.sealed_rows.row_id IS 'Primary key of the row.';
COMMENT ON COLUMN audit.sealed_rows.leaf_hash IS 'Hash of its leaf, over the whole row as JSON.';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.sealed_rows FOR EACH STATEMENT EXECUTE FUNCTION stock.refuse_change();
ALTER TABLE audit.sealed_rows ENABLE ALWAYS TRIGGER refuse_change;
REVOKE ALL ON audit.sealed_rows FROM PUBLIC;
GRANT SELECT ON audit.sealed_rows TO stock_collector, stock_auditor, stock_admin;
GRANT INSERT ON audit.sealed_rows TO stock_collector;
