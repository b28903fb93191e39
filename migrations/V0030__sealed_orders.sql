-- Events of orders and reservations are kept in the sealed history too, row by row as they were inserted, so that one that
-- was changed or removed is found.

LOCK TABLE stock.order_events, stock.reservations IN SHARE ROW EXCLUSIVE MODE;

ALTER TABLE stock.master_history DROP CONSTRAINT master_history_table_known;
ALTER TABLE stock.master_history ADD CONSTRAINT master_history_table_known CHECK (table_name IN (
    'products', 'barcodes', 'locations', 'lots', 'partners', 'partner_fields', 'privacy_events', 'person_names',
    'orders', 'order_lines', 'product_suppliers', 'order_events', 'reservations'));
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.order_events
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('id');
CREATE TRIGGER keep_master_history AFTER INSERT OR UPDATE OR DELETE ON stock.reservations
    FOR EACH ROW EXECUTE FUNCTION stock.keep_master_history('id');
ALTER TABLE stock.order_events ENABLE ALWAYS TRIGGER keep_master_history;
ALTER TABLE stock.reservations ENABLE ALWAYS TRIGGER keep_master_history;
COMMENT ON TABLE stock.master_history IS 'Every change to products, barcodes, locations, lots, partners and orders, and every order event and reservation, with the row as it was after the change. Only a trigger writes it. It is sealed, and a verification compares it with the audit records and with the rows as they are now.';
